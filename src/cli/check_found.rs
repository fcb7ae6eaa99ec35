//! What `cellwise check` finds in a notebook.

use std::collections::HashMap;
use std::path::PathBuf;

use cellwise::json::text;
use cellwise::notebook::{Cell, ConflictKind, Notebook, ReadError, Record, holds_records};

/// Something in a notebook that somebody must see to.
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) what: What,
}

/// What was found.
pub(super) enum What {
    Conflict(Conflict),
    /// git's markers between the lines of the JSON, from this line on.
    Markers {
        line: usize,
    },
    /// A conflict whose record is lost, in this cell, from 1.
    LeftOver {
        cell: usize,
    },
    /// It is no notebook, and holds what a merge has left, or comes of a merge in conflict.
    Broken {
        error: String,
    },
    /// git itself waits for the notebook: nothing is staged yet.
    Unmerged,
    /// The filter would have staged it otherwise, without so many outputs.
    Uncleaned {
        outputs: usize,
    },
}

/// An open conflict.
pub(super) struct Conflict {
    pub(super) number: usize,
    pub(super) kind: ConflictKind,
    /// The first of its cells, from 1.
    pub(super) cell: usize,
    pub(super) last_cell: usize,
    /// The id of the first cell.
    pub(super) id: Option<String>,
    /// The line of the file in which the first cell begins, from 1.
    pub(super) line: usize,
}

impl What {
    /// The word for programs.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Conflict(_) => "conflict",
            Self::Markers { .. } => "markers",
            Self::LeftOver { .. } => "left over",
            Self::Broken { .. } => "broken",
            Self::Unmerged => "unmerged",
            Self::Uncleaned { .. } => "uncleaned",
        }
    }

    /// It for people.
    pub(super) fn message(&self) -> String {
        match self {
            Self::Conflict(Conflict { number, kind, cell, .. }) => {
                format!("cell {cell}: unresolved conflict {number} ({})", kind.name())
            }
            Self::Markers { .. } => "git conflict markers between the lines of the JSON".to_owned(),
            Self::LeftOver { cell } => format!("cell {cell}: conflict markers are left in its text"),
            Self::Broken { error } => format!("a merge in conflict left it, and it cannot be read: {error}"),
            Self::Unmerged => "unmerged".to_owned(),
            Self::Uncleaned { outputs: 0 } => "staged uncleaned".to_owned(),
            Self::Uncleaned { outputs: 1 } => "staged uncleaned (1 output)".to_owned(),
            Self::Uncleaned { outputs } => format!("staged uncleaned ({outputs} outputs)"),
        }
    }

    /// The first and the last of its cells, from 1.
    pub(super) fn cells(&self) -> Option<(usize, usize)> {
        match self {
            Self::Conflict(conflict) => Some((conflict.cell, conflict.last_cell)),
            Self::LeftOver { cell } => Some((*cell, *cell)),
            _ => None,
        }
    }

    /// Where in the file it is, if it has a place, from 1.
    pub(super) fn line(&self) -> Option<usize> {
        match self {
            Self::Conflict(conflict) => Some(conflict.line),
            Self::Markers { line } => Some(*line),
            Self::LeftOver { .. } | Self::Broken { .. } | Self::Unmerged | Self::Uncleaned { .. } => None,
        }
    }
}

/// The open conflicts of a file. What is no notebook and holds nothing that a merge leaves is none of our business.
pub(super) fn conflicts(bytes: &[u8]) -> Vec<What> {
    if !may_conflict(bytes) {
        return Vec::new();
    }
    match Notebook::read(bytes) {
        Ok(notebook) => of_notebook(&notebook).into_iter().map(What::Conflict).collect(),
        Err(ReadError::ConflictMarkers { line }) => vec![What::Markers { line }],
        Err(error) if marks_in_strings(bytes) => vec![What::Broken { error: error.to_string() }],
        Err(_) => Vec::new(),
    }
}

/// Whether a file needs to be read at all: quick, and sure where it says no. No line of JSON begins with a marker.
fn may_conflict(bytes: &[u8]) -> bool {
    let has = |line: &[u8]| bytes.starts_with(&line[1..]) || memchr::memmem::find(bytes, line).is_some();
    marks_in_strings(bytes)
        || holds_records(bytes)
        || [b"\n<<<<<<<", b"\n=======", b"\n>>>>>>>", b"\n|||||||"].iter().any(|line| has(*line))
}

/// Whether the strings of a file's JSON hold a marker at the beginning of a line, or a record of a conflict.
pub(super) fn marks_in_strings(bytes: &[u8]) -> bool {
    let has = |mark: &[u8]| memchr::memmem::find(bytes, mark).is_some();
    let is_record = |at: usize| {
        let rest = bytes[at..].iter().filter(|byte| !byte.is_ascii_whitespace()).take(RECORD.len());
        rest.eq(RECORD)
    };
    [b"\"<<<<<<<" as &[u8], b"\\n<<<<<<<", b"\">>>>>>>", b"\\n>>>>>>>"].into_iter().any(has)
        || memchr::memmem::find_iter(bytes, b"\"cellwise\"").any(is_record)
}

/// How a record begins, without spaces.
const RECORD: &[u8] = b"\"cellwise\":{\"conflict\":";

/// Whether a source may hold a whole conflict: quick, and sure where it says no.
pub(super) fn may_be_left_over(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, b"<<<<<<<").is_some()
}

/// A conflict of several cells is one, and begins at the first; another may stand within it.
fn of_notebook(notebook: &Notebook<'_>) -> Vec<Conflict> {
    let mut open: Vec<Conflict> = Vec::new();
    let mut known = HashMap::new();
    let mut lines = Lines { bytes: notebook.bytes, at: 0, line: 1 };
    for (index, cell) in notebook.cells.iter().enumerate() {
        let Some(Record { number, kind, .. }) = cell.unresolved() else { continue };
        let last_cell = index + 1;
        let at = *known.entry(number).or_insert_with(|| {
            open.push(Conflict { number, kind, cell: last_cell, last_cell, id: id(cell), line: lines.of(cell) });
            open.len() - 1
        });
        open[at].last_cell = last_cell;
    }
    open
}

fn id(cell: &Cell<'_>) -> Option<String> {
    let raw = cell.id().filter(|raw| raw.starts_with('"'))?;
    Some(String::from_utf8_lossy(&text::decode(raw)).into_owned())
}

/// The lines in which cells begin, counted once for all of them.
struct Lines<'n> {
    bytes: &'n [u8],
    at: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of `cell`, which stands behind those that were asked for before.
    fn of(&mut self, cell: &Cell<'_>) -> usize {
        let passed = self.bytes.get(self.at..cell.span.start).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', passed).count();
        self.at = self.at.max(cell.span.start);
        self.line
    }
}
