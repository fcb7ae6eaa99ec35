//! Ids of the result: each cell's own where the version asks for them.

use std::collections::{HashMap, HashSet};

use xxhash_rust::xxh3::xxh3_64;

use crate::json::{Style, text};

use super::cell::{MergedCell, set_id};
use super::choice::{Choice, ChoiceKind, Subject, Taken};

/// Whether cells without an id get one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// The version was raised to one that has ids.
    Made,
    /// They had none on either side.
    Left,
}

/// Makes missing ids from the content, and tells apart cells that came with the same id. A cell that the base has keeps
/// its own. Returns what was done.
pub(super) fn mend_ids(cells: &mut [MergedCell<'_>], missing: Missing, style: &Style, depth: usize) -> Vec<Choice> {
    let mut free_ids = FreeIds::new(cells.iter().filter_map(|cell| cell.id.clone()));
    let mut seen: HashSet<String> = HashSet::new();
    let mut choices = Vec::new();
    let (old, new): (Vec<usize>, Vec<usize>) = (0..cells.len()).partition(|index| cells[*index].in_base);
    for index in old.into_iter().chain(new) {
        let cell = &mut cells[index];
        let (id, kind) = match &cell.id {
            Some(id) if seen.insert(id.clone()) => continue,
            Some(id) => (plain_id(id), ChoiceKind::RepeatedId),
            None if missing == Missing::Made => (content_id(&cell.bytes), ChoiceKind::NewId),
            None => continue,
        };
        let free = free_ids.take(&id);
        seen.insert(free.clone());
        set_id(cell, free, style, depth);
        choices.push(Choice::new(kind, Taken::Neither).of(Subject::Cell(index + 1)));
    }
    choices
}

/// The id of a new cell, made from its bytes.
pub(crate) fn content_id(cell: &[u8]) -> String {
    format!("{:08x}", xxh3_64(cell) >> 32)
}

/// Gives ids that no cell has yet.
pub(crate) struct FreeIds {
    /// The JSON texts of all ids that are in use.
    taken: HashSet<String>,
    /// How often an id was asked for.
    numbers: HashMap<String, usize>,
}

impl FreeIds {
    /// `taken`: the JSON texts of the ids that cells have.
    pub(crate) fn new(taken: impl IntoIterator<Item = String>) -> Self {
        Self { taken: taken.into_iter().collect(), numbers: HashMap::new() }
    }

    /// The JSON text of `id`, or of the first `id-2`, `id-3`, … that is free; from now on it is taken.
    pub(crate) fn take(&mut self, id: &str) -> String {
        let number = self.numbers.entry(id.to_owned()).or_insert(0);
        loop {
            *number += 1;
            let id = numbered(id, *number);
            if self.taken.insert(id.clone()) {
                return id;
            }
        }
    }
}

/// The characters of an id's JSON text that nbformat allows.
fn plain_id(raw: &str) -> String {
    let text = if raw.starts_with('"') { text::decode(raw).into_owned() } else { raw.as_bytes().to_vec() };
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    text.into_iter().filter(allowed).map(char::from).collect()
}

/// An id's JSON text; from the second of its kind on with a number, and never longer than nbformat allows.
fn numbered(id: &str, number: usize) -> String {
    const LONGEST: usize = 64;
    let number = if number == 1 && !id.is_empty() { String::new() } else { format!("-{number}") };
    let kept: String = id.chars().take(LONGEST - number.len()).collect();
    format!("\"{kept}{number}\"")
}

/// The text of an id; none if it is no string.
pub(crate) fn id_text(raw: &str) -> Option<String> {
    raw.starts_with('"').then(|| String::from_utf8_lossy(&text::decode(raw)).into_owned())
}
