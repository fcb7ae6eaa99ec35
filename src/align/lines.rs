//! The lines of a source, as far as they tell one cell from another.

use std::collections::HashMap;

/// Lines must have this many letters or digits together to mean something.
const TELLING: usize = 4;

/// All lines.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n')
}

/// The lines with something on them, without the white space around.
pub(super) fn filled_lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    lines(text).map(<[u8]>::trim_ascii).filter(|line| !line.is_empty())
}

pub(super) fn is_blank(line: &[u8]) -> bool {
    line.trim_ascii().is_empty()
}

/// The filled lines of a text, in no order.
#[derive(Clone)]
pub(super) struct LineBag<'t> {
    counts: HashMap<&'t [u8], usize>,
    pub(super) len: usize,
}

/// What a text and a bag have in common.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// How many lines the text has.
    pub(super) all: usize,
    /// How many of them were in the bag.
    pub(super) found: usize,
    letters: usize,
}

impl Shared {
    pub(super) fn is_telling(&self) -> bool {
        self.letters >= TELLING
    }
}

impl<'t> LineBag<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        let mut bag = Self { counts: HashMap::new(), len: 0 };
        for line in filled_lines(text) {
            *bag.counts.entry(line).or_default() += 1;
            bag.len += 1;
        }
        bag
    }

    /// Takes the lines of `text` out of the bag.
    pub(super) fn take(&mut self, text: &[u8]) -> Shared {
        let mut shared = Shared::default();
        for line in filled_lines(text) {
            shared.all += 1;
            if let Some(count) = self.counts.get_mut(line).filter(|count| **count > 0) {
                *count -= 1;
                self.len -= 1;
                shared.found += 1;
                shared.letters += letters(line);
            }
        }
        shared
    }
}

/// Whether a line says enough to know a cell by.
pub(super) fn is_telling(line: &[u8]) -> bool {
    letters(line) >= TELLING
}

fn letters(line: &[u8]) -> usize {
    line.iter().filter(|byte| byte.is_ascii_alphanumeric() || **byte >= 0x80).count()
}
