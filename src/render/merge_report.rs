//! What a merge did, for programs: one JSON document (`docs/json.md`).

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use crate::merge::{Choice, Conflict, Side, StaleCell, Subject};

use super::ascii::ascii;

/// The version of the document's schema. It is raised if a member goes or means something else.
pub const MERGE_REPORT_VERSION: u32 = 1;

/// What there is to say about the merge of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MergeReport {
    /// How it was merged.
    pub method: Method,
    /// What a person must decide.
    pub conflicts: Vec<Conflict>,
    /// How many conflicts of earlier merges are still open in it.
    pub still_open: usize,
    /// What a rule decided.
    pub choices: Vec<Choice>,
    /// Whose outputs may be out of date because of the merge.
    pub stale: Vec<StaleCell>,
}

/// How a file was merged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Method {
    /// Not at all: at most one side changed it, or both did so alike.
    #[default]
    Trivial,
    /// Cell by cell.
    Cells,
    /// By the lines of its text, as git merges.
    Lines {
        /// Why not cell by cell.
        reason: String,
        /// Whether lines conflict.
        conflicts: bool,
    },
}

impl MergeReport {
    /// Whether the merge left something for a person.
    #[must_use]
    pub fn has_conflicts(&self) -> bool {
        !self.conflicts.is_empty() || matches!(self.method, Method::Lines { conflicts: true, .. })
    }
}

/// Appends the document about the merge that made `path`: ASCII, so that no terminal acts on it, and a newline.
pub fn merge_report(path: &str, report: &MergeReport, out: &mut Vec<u8>) {
    let text = serde_json::to_string_pretty(&Document { path, report }).unwrap_or_default();
    out.extend_from_slice(ascii(&text).as_bytes());
    out.push(b'\n');
}

struct Document<'m> {
    path: &'m str,
    report: &'m MergeReport,
}

/// An element of one of the document's lists.
struct Entry<'m, T>(&'m T);

fn entries<T>(list: &[T]) -> Vec<Entry<'_, T>> {
    list.iter().map(Entry).collect()
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let report = self.report;
        let (method, reason) = match &report.method {
            Method::Trivial => ("trivial", None),
            Method::Cells => ("cells", None),
            Method::Lines { reason, .. } => ("lines", Some(reason)),
        };
        let mut members = serializer.serialize_struct("MergeReport", 9)?;
        members.serialize_field("version", &MERGE_REPORT_VERSION)?;
        members.serialize_field("path", self.path)?;
        members.serialize_field("result", if report.has_conflicts() { "conflicts" } else { "clean" })?;
        members.serialize_field("method", method)?;
        members.serialize_field("reason", &reason)?;
        members.serialize_field("conflicts", &entries(&report.conflicts))?;
        members.serialize_field("still_open", &report.still_open)?;
        members.serialize_field("choices", &entries(&report.choices))?;
        members.serialize_field("stale", &entries(&report.stale))?;
        members.end()
    }
}

impl Serialize for Entry<'_, Conflict> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(Conflict { kind, number, cell, last_cell, id, .. }) = self;
        let mut members = serializer.serialize_struct("Conflict", 5)?;
        members.serialize_field("number", number)?;
        members.serialize_field("kind", kind.name())?;
        members.serialize_field("cell", cell)?;
        members.serialize_field("last_cell", last_cell)?;
        members.serialize_field("id", id)?;
        members.end()
    }
}

impl Serialize for Entry<'_, Choice> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(Choice { kind, subject, id, taken, path }) = self;
        let (cell, deleted_cell) = match subject {
            Subject::Notebook => (None, None),
            Subject::Cell(cell) => (Some(cell), None),
            Subject::Deleted(cell) => (None, Some(cell)),
        };
        let mut members = serializer.serialize_struct("Choice", 6)?;
        members.serialize_field("what", kind.name())?;
        members.serialize_field("cell", &cell)?;
        members.serialize_field("deleted_cell", &deleted_cell)?;
        members.serialize_field("id", id)?;
        members.serialize_field("taken", &taken.name())?;
        members.serialize_field("path", &(!path.is_empty()).then_some(path))?;
        members.end()
    }
}

impl Serialize for Entry<'_, StaleCell> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(StaleCell { cell, id, outputs_of }) = self;
        let outputs_of = match outputs_of {
            Some(Side::Ours) => "ours",
            Some(Side::Theirs) => "theirs",
            None => "both",
        };
        let mut members = serializer.serialize_struct("StaleCell", 3)?;
        members.serialize_field("cell", cell)?;
        members.serialize_field("id", id)?;
        members.serialize_field("outputs_of", outputs_of)?;
        members.end()
    }
}
