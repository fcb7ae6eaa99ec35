//! git's markers within a source.

use std::ops::Range;

use crate::merge::{Sides, lines};

/// Lines of a source that collide, with the markers around them; ranges of the source's [`lines`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// All of it, markers included.
    pub whole: Range<usize>,
    /// Our lines.
    pub ours: Range<usize>,
    /// The base's, where the style shows them.
    pub base: Option<Range<usize>>,
    /// Their lines.
    pub theirs: Range<usize>,
    /// What stands behind the markers of the versions.
    pub labels: Sides<Option<String>>,
}

/// The hunks of a source whose markers have `size` characters; `None` if they are not complete.
#[must_use]
pub fn hunks(source: &[u8], size: usize) -> Option<Vec<Hunk>> {
    let mut found = Vec::new();
    let mut reader = Reader::default();
    for (index, line) in lines(source).into_iter().enumerate() {
        let Some((character, label)) = marker(line, size) else { continue };
        match reader.step(character, index, label) {
            Step::On => {}
            Step::Hunk(hunk) => found.push(hunk),
            Step::Wrong => return None,
        }
    }
    reader.is_between().then_some(found)
}

/// The character of a marker, and the label behind it.
fn marker(line: &[u8], size: usize) -> Option<(u8, Option<String>)> {
    let first = *line.first().filter(|byte| b"<|=>".contains(byte))?;
    let run = line.iter().take_while(|byte| **byte == first).count();
    let rest = line.get(size..).filter(|_| run == size)?;
    let rest = rest.strip_suffix(b"\r").unwrap_or(rest);
    match rest.split_first() {
        None => Some((first, None)),
        Some((b' ', label)) => Some((first, Some(String::from_utf8_lossy(label).into_owned()))),
        Some(_) => None,
    }
}

/// Where the reading stands: the markers seen of a hunk.
#[derive(Default)]
struct Reader {
    begin: Option<usize>,
    base: Option<usize>,
    middle: Option<usize>,
    labels: Sides<Option<String>>,
}

enum Step {
    On,
    Hunk(Hunk),
    Wrong,
}

impl Reader {
    fn is_between(&self) -> bool {
        self.begin.is_none()
    }

    fn step(&mut self, character: u8, index: usize, label: Option<String>) -> Step {
        match (character, self.begin, self.base, self.middle) {
            (b'<', None, _, _) => (self.begin, self.labels.ours) = (Some(index), label),
            (b'|', Some(_), None, None) => (self.base, self.labels.base) = (Some(index), label),
            (b'=', Some(_), _, None) if label.is_none() => self.middle = Some(index),
            (b'>', Some(begin), base, Some(middle)) => {
                let labels = Sides { theirs: label, ..std::mem::take(&mut self.labels) };
                *self = Self::default();
                return Step::Hunk(Hunk {
                    whole: begin..index + 1,
                    ours: begin + 1..base.unwrap_or(middle),
                    base: base.map(|base| base + 1..middle),
                    theirs: middle + 1..index,
                    labels,
                });
            }
            // A heading's underline in Markdown.
            (b'=', None, _, _) => {}
            _ => return Step::Wrong,
        }
        Step::On
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_both_sides_and_of_the_base_are_found() {
        let source = b"a\n<<<<<<< HEAD\nb\n||||||| 1a2b3c\n=======\nc\nd\n>>>>>>> side\ne";
        let found = hunks(source, 7).unwrap();
        let labels = Sides { base: "1a2b3c", ours: "HEAD", theirs: "side" }.map(|label| Some(label.to_owned()));
        assert_eq!(found, [Hunk { whole: 1..8, ours: 2..3, base: Some(4..4), theirs: 5..7, labels }]);
    }

    #[test]
    fn lines_that_look_alike_are_no_markers() {
        assert_eq!(hunks(b"Title\n=======\n<<<<<<<< x\n<<<<<<<x", 7), Some(Vec::new()));
    }

    #[test]
    fn markers_must_be_complete() {
        for half in ["<<<<<<< a\nb", "a\n>>>>>>> b", "<<<<<<< a\n>>>>>>> b", "<<<<<<< a\n<<<<<<< a\n=======\n>>>>>>> b"]
        {
            assert_eq!(hunks(half.as_bytes(), 7), None, "{half}");
        }
    }
}
