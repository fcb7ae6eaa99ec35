//! What a merge leaves in a cell that a person must settle, and how it is found again.
//!
//! The record lies in the metadata of the conflicted cell, or of a marker cell, under the key `cellwise`:
//!
//! ```json
//! "cellwise": {"conflict": 1, "kind": "source", "role": "cell", "marker_size": 7}
//! ```
//!
//! A record alone says nothing: a cell is unresolved if it has one *and* is a marker cell, or still holds one of
//! the markers `<<<<<<<`, `|||||||` and `>>>>>>>` of the recorded length, which no line of either side had. So whoever
//! edits the markers away in Jupyter has settled the conflict, and whoever forgot one is told.

use crate::json::{self, Edit, ObjectText, position};

use super::cell::{Cell, CellKind};

/// The key of cell metadata that holds the record.
pub const RECORD_KEY: &str = "cellwise";

/// What two sides did that does not go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConflictKind {
    /// Both edited the same lines of a cell.
    Source,
    /// One deleted a cell that the other edited.
    DeleteEdit,
    /// One split a cell that the other edited across the cut, or both cut the same cells in different places.
    SplitEdit,
    /// Both put different cells in the same place.
    InsertInsert,
    /// Both changed a cell's type, differently.
    CellType,
    /// Both changed the same key of the metadata, or the same attachment, differently.
    Metadata,
}

/// What a cell with a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A cell with markers in its source.
    Cell,
    /// The marker cell before ours' cells.
    Begin,
    /// The marker cell between ours' and theirs' cells.
    Middle,
    /// The marker cell behind theirs' cells.
    End,
    /// A marker cell that stands alone and says which values collide.
    Note,
}

/// The record of a conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// The conflict's number in its notebook, from 1.
    pub number: usize,
    /// What collides.
    pub kind: ConflictKind,
    /// What this cell is.
    pub role: Role,
    /// How many characters a marker has (git's `%L`, 7 by default).
    pub marker_size: usize,
}

const KINDS: [(ConflictKind, &str); 6] = [
    (ConflictKind::Source, "source"),
    (ConflictKind::DeleteEdit, "delete/edit"),
    (ConflictKind::SplitEdit, "split/edit"),
    (ConflictKind::InsertInsert, "insert/insert"),
    (ConflictKind::CellType, "cell type"),
    (ConflictKind::Metadata, "metadata"),
];

const ROLES: [(Role, &str); 5] =
    [(Role::Cell, "cell"), (Role::Begin, "begin"), (Role::Middle, "middle"), (Role::End, "end"), (Role::Note, "note")];

fn name_of<T: PartialEq>(table: &[(T, &'static str)], value: &T) -> &'static str {
    table.iter().find(|(row, _)| row == value).map_or("", |(_, name)| name)
}

fn named<T: Copy>(table: &[(T, &'static str)], raw: &str) -> Option<T> {
    table.iter().find(|(_, name)| raw.len() == name.len() + 2 && &raw[1..raw.len() - 1] == *name).map(|(row, _)| *row)
}

impl ConflictKind {
    /// The word that records and reports use.
    #[must_use]
    pub fn name(self) -> &'static str {
        name_of(&KINDS, &self)
    }
}

impl Role {
    /// The word that records and the ids of marker cells use.
    #[must_use]
    pub fn name(self) -> &'static str {
        name_of(&ROLES, &self)
    }
}

impl Record {
    /// The record as JSON: the value of [`RECORD_KEY`].
    #[must_use]
    pub fn to_json(&self) -> String {
        let Self { number, kind, role, marker_size } = self;
        let (kind, role) = (kind.name(), role.name());
        format!(r#"{{"conflict": {number}, "kind": "{kind}", "marker_size": {marker_size}, "role": "{role}"}}"#)
    }

    fn from_json(raw: &str) -> Option<Self> {
        let members = json::members(raw);
        let number = |name| json::find(&members, name).and_then(|raw| raw.parse().ok());
        Some(Self {
            number: number("conflict")?,
            kind: named(&KINDS, json::find(&members, "kind")?)?,
            role: named(&ROLES, json::find(&members, "role")?)?,
            marker_size: number("marker_size")?,
        })
    }
}

impl Cell<'_> {
    /// The record in this cell's metadata, open or stale.
    #[must_use]
    pub fn record(&self) -> Option<Record> {
        let metadata = self.metadata().filter(|raw| raw.contains(RECORD_KEY))?;
        Record::from_json(json::find(&json::members(metadata), RECORD_KEY)?)
    }

    /// The record, if this cell still waits for a person.
    #[must_use]
    pub fn unresolved(&self) -> Option<Record> {
        let record = self.record()?;
        let open = record.role != Role::Cell || holds_markers(&self.kind(), &self.source_text(), record.marker_size);
        open.then_some(record)
    }

    /// Edits of `file`, in which this cell stands, that take the record out of its metadata.
    #[must_use]
    pub fn record_removal(&self, file: &[u8]) -> Vec<Edit> {
        let Some(metadata) = self.metadata() else { return Vec::new() };
        let members = json::members(metadata);
        let start = position(file, metadata);
        let object = ObjectText { bytes: file, start, end: start + metadata.len(), members: &members };
        object.removals(|member| member.is(RECORD_KEY))
    }
}

/// Whether a file may hold records at all: quick, and sure where it says no.
#[must_use]
pub fn holds_records(file: &[u8]) -> bool {
    memchr::memmem::find(file, RECORD_KEY.as_bytes()).is_some()
}

/// Whether a line of `source` is one of git's markers of `size` characters. `=======` alone is none outside of code: it
/// may be a heading's underline.
#[must_use]
pub fn holds_markers(kind: &CellKind<'_>, source: &[u8], size: usize) -> bool {
    let characters: &[u8] = if *kind == CellKind::Code { b"<|>=" } else { b"<|>" };
    let mut lines = source.split(|byte| *byte == b'\n');
    lines.any(|line| characters.iter().any(|character| is_marker(line, *character, size)))
}

/// Whether `line` is `size` times `character`, and then nothing or a label, which `=======` never has.
fn is_marker(line: &[u8], character: u8, size: usize) -> bool {
    let run = line.iter().take_while(|byte| **byte == character).count();
    run == size
        && match line.get(size) {
            None | Some(b'\r') => true,
            Some(behind) => *behind == b' ' && character != b'=',
        }
}

/// How long markers must be so that no line of `sources` looks like one: at least `size` (git's `%L`).
#[must_use]
pub fn marker_size_for<'t>(sources: impl IntoIterator<Item = &'t [u8]>, size: usize) -> usize {
    let lines = sources.into_iter().flat_map(|source| source.split(|byte| *byte == b'\n'));
    let run = |line: &[u8]| {
        let first = *line.first().filter(|byte| b"<=>|".contains(byte))?;
        Some(line.iter().take_while(|byte| **byte == first).count())
    };
    lines.filter_map(run).filter(|run| *run >= size).max().map_or(size, |longest| longest + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::text;
    use crate::notebook::Notebook;

    fn unresolved(cell_type: &str, record: &Record, source: &str) -> Option<Record> {
        let mut raw = Vec::new();
        text::escape(source.as_bytes(), text::Escapes::Minimal, &mut raw);
        let file = format!(
            "{{\"cells\": [{{\"cell_type\": \"{cell_type}\", \"metadata\": {{\"cellwise\": {}}}, \"source\": {}}}]}}",
            record.to_json(),
            String::from_utf8(raw).unwrap()
        );
        Notebook::read(file.as_bytes()).unwrap().cells[0].unresolved()
    }

    const MARKERS: &str = "a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> side\n";

    #[test]
    fn a_cell_is_unresolved_with_a_record_and_a_marker() {
        let record = Record { number: 2, kind: ConflictKind::Source, role: Role::Cell, marker_size: 7 };
        assert_eq!(unresolved("code", &record, MARKERS), Some(record));
        for half_settled in ["<<<<<<< HEAD\nb", "b\nc\n>>>>>>> side", "b\n||||||| base"] {
            assert_eq!(unresolved("markdown", &record, half_settled), Some(record), "{half_settled}");
        }
        for settled in ["b", "Title\n=======", "<<<<<<<< b", "x <<<<<<< HEAD"] {
            assert_eq!(unresolved("markdown", &record, settled), None, "{settled}");
        }
    }

    #[test]
    fn the_middle_marker_alone_is_one_in_code() {
        let record = Record { number: 1, kind: ConflictKind::Source, role: Role::Cell, marker_size: 7 };
        assert_eq!(unresolved("code", &record, "b\n=======\nc"), Some(record));
        for settled in ["b\n======", "b\n========", "b\n # =======", "b\n======= c"] {
            assert_eq!(unresolved("code", &record, settled), None, "{settled}");
        }
    }

    #[test]
    fn a_marker_cell_is_unresolved_whatever_it_says() {
        let record = Record { number: 1, kind: ConflictKind::DeleteEdit, role: Role::End, marker_size: 9 };
        assert_eq!(unresolved("code", &record, ""), Some(record));
    }

    #[test]
    fn markers_are_longer_than_any_line_that_looks_like_one() {
        let size = |text: &str| marker_size_for([text.as_bytes()], 7);
        assert_eq!(size("Title\n====="), 7);
        assert_eq!(size("Title\n======="), 8);
        assert_eq!(size("Title\n==========\n<<<<<<< x"), 11);
    }
}
