//! `clean`: outputs, counts and noise taken out of the text, the rest left as it stands.

use crate::json::{self, Edit, Member, ObjectText, splice};
use crate::notebook::{Cell, CellKind, Notebook, Output, RECORD_KEY};

use super::policy::{OnClean, Place, Policy};

/// What `clean` leaves in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CleanOptions {
    /// Outputs.
    pub keep_outputs: Keep,
    /// Execution counts, of cells and of outputs.
    pub keep_counts: Keep,
}

/// Whether something stays in all cells, or only where a cell or the notebook asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// Only where asked for (`keep_output`, `init_cell`).
    #[default]
    WhereAsked,
    /// Everywhere.
    Everywhere,
}

/// What cleaning a notebook comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// The replacements, in ascending order; empty if the notebook is clean.
    pub edits: Vec<Edit>,
}

impl Cleaned {
    /// How many outputs the edits drop: counted only when somebody asks, for outputs can be large.
    #[must_use]
    pub fn outputs_dropped(&self, notebook: &Notebook<'_>) -> usize {
        let lists = self.edits.iter().filter(|edit| edit.text == b"[]");
        let lists = lists.filter_map(|edit| str::from_utf8(&notebook.bytes[edit.span.clone()]).ok());
        lists.map(|list| json::elements(list).len()).sum()
    }

    /// The cleaned file.
    #[must_use]
    pub fn bytes(&self, notebook: &Notebook<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        splice(notebook.bytes, 0..notebook.bytes.len(), &self.edits, &mut out);
        out
    }
}

/// What is cleaned is the same everywhere: no rows of a user's.
const TABLE: Policy = Policy::built_in();

/// What to change so that `notebook` holds no outputs, no counts and no noise.
///
/// A cell keeps its outputs if it, or the notebook, has `keep_output: true` in its metadata, the cell the tag
/// `keep_output` or `init_cell: true` (as in nbstripout); `keep_output: false` in a cell overrides the notebook.
#[must_use]
pub fn clean(notebook: &Notebook<'_>, options: CleanOptions) -> Cleaned {
    let mut cleaned = Cleaned::default();
    let notebook_keeps = notebook.metadata().is_some_and(|raw| flag(raw, "keep_output") == Some(true));
    for cell in &notebook.cells {
        let keeps = options.keep_outputs == Keep::Everywhere || keeps_outputs(cell, notebook_keeps);
        for member in &cell.members {
            clean_member(notebook, cell, *member, keeps, options, &mut cleaned);
        }
    }
    for member in notebook.members.iter().filter(|member| member.is("metadata")) {
        let noise = |name: &[u8]| is_noise(Place::Notebook, name);
        drop_members(notebook, member.value, noise, &mut cleaned.edits);
    }
    // The notebook's metadata may stand before or behind the cells.
    cleaned.edits.sort_by_key(|edit| edit.span.start);
    cleaned
}

fn clean_member(
    notebook: &Notebook<'_>,
    cell: &Cell<'_>,
    member: Member<'_>,
    keeps_outputs: bool,
    options: CleanOptions,
    cleaned: &mut Cleaned,
) {
    let is_count = member.is("execution_count") || member.is("prompt_number");
    if member.is("metadata") {
        let stale = cell.record().is_some() && cell.unresolved().is_none();
        let noise = |name: &[u8]| is_noise(Place::Cell, name) || (stale && name == RECORD_KEY.as_bytes());
        drop_members(notebook, member.value, noise, &mut cleaned.edits);
    } else if cell.kind() != CellKind::Code {
        // Only code cells have outputs and counts.
    } else if member.is("outputs") && !keeps_outputs {
        let inside = member.value.strip_prefix('[').unwrap_or_default();
        if !inside.trim_start().starts_with(']') {
            cleaned.edits.push(Edit::new(notebook.span_of(member.value), "[]"));
        }
    } else if options.keep_counts == Keep::Everywhere {
        // Counts stay.
    } else if member.is("outputs") {
        let outputs = Output::list(member.value);
        let counts = outputs.iter().filter_map(Output::execution_count);
        counts.for_each(|count| null_out(notebook, count, &mut cleaned.edits));
    } else if is_count {
        null_out(notebook, member.value, &mut cleaned.edits);
    }
}

fn null_out(notebook: &Notebook<'_>, count: &str, edits: &mut Vec<Edit>) {
    if count != "null" {
        edits.push(Edit::new(notebook.span_of(count), "null"));
    }
}

fn keeps_outputs(cell: &Cell<'_>, notebook_keeps: bool) -> bool {
    let Some(metadata) = cell.metadata().filter(|raw| raw.len() > 2) else {
        return notebook_keeps;
    };
    let asked = flag(metadata, "keep_output").unwrap_or(notebook_keeps);
    asked || flag(metadata, "init_cell") == Some(true) || cell.tags().iter().any(|tag| **tag == *b"keep_output")
}

/// The value of a key that is `true` or `false`.
fn flag(object: &str, name: &str) -> Option<bool> {
    let raw = object.contains(name).then(|| json::find(&json::members(object), name)).flatten()?;
    raw.parse().ok()
}

fn is_noise(place: Place, name: &[u8]) -> bool {
    TABLE.rule_for(place, &[name]).clean == OnClean::Drop
}

/// Edits that take members out of a raw metadata object.
fn drop_members(notebook: &Notebook<'_>, metadata: &str, goes: impl Fn(&[u8]) -> bool, edits: &mut Vec<Edit>) {
    if metadata.len() <= "{}".len() {
        return;
    }
    let members = json::members(metadata);
    let span = notebook.span_of(metadata);
    let object = ObjectText { bytes: notebook.bytes, start: span.start, end: span.end, members: &members };
    edits.extend(object.removals(|member| goes(&member.name())));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(file: &str) -> String {
        let notebook = Notebook::read(file.as_bytes()).unwrap();
        String::from_utf8(clean(&notebook, CleanOptions::default()).bytes(&notebook)).unwrap()
    }

    fn code(members: &str) -> String {
        format!("{{\"cells\": [{{\"cell_type\": \"code\", {members}}}]}}")
    }

    #[test]
    fn outputs_and_counts_go_and_nothing_else_moves() {
        let dirty = code("\"execution_count\":  7 , \"outputs\": [ {\"a\": 1e-05} ],\t\"source\": []");
        assert_eq!(cleaned(&dirty), code("\"execution_count\":  null , \"outputs\": [],\t\"source\": []"));
    }

    #[test]
    fn a_clean_file_is_unchanged() {
        let clean = code("\"execution_count\": null, \"outputs\": [ ], \"metadata\": {\"x\": 1}");
        assert_eq!(cleaned(&clean), clean);
    }

    #[test]
    fn noise_goes_with_its_comma() {
        let metadata = |inside: &str| code(&format!("\"metadata\": {{{inside}}}"));
        for (dirty, clean) in [
            ("\"collapsed\": true", ""),
            ("\n \"collapsed\": true,\n \"a\": 1\n", "\n \"a\": 1\n"),
            ("\n \"a\": 1,\n \"collapsed\": true\n", "\n \"a\": 1\n"),
            ("\"a\": 1, \"scrolled\": 1, \"collapsed\": true, \"b\": 2", "\"a\": 1, \"b\": 2"),
            ("\"scrolled\": 1, \"collapsed\": true, \"b\": 2, \"trusted\": 3", "\"b\": 2"),
        ] {
            assert_eq!(cleaned(&metadata(dirty)), metadata(clean));
        }
    }

    #[test]
    fn cells_that_ask_for_it_keep_their_outputs_without_counts() {
        let with = |metadata: &str, outputs: &str, count: &str| {
            code(&format!("\"metadata\": {metadata}, \"outputs\": {outputs}, \"execution_count\": {count}"))
        };
        let outputs = "[{\"execution_count\": 3, \"data\": {}}]";
        let kept = "[{\"execution_count\": null, \"data\": {}}]";
        for asks in ["{\"tags\": [\"keep_output\"]}", "{\"keep_output\": true}", "{\"init_cell\": true}"] {
            assert_eq!(cleaned(&with(asks, outputs, "3")), with(asks, kept, "null"));
        }
        let no = "{\"keep_output\": false}";
        assert_eq!(cleaned(&with(no, outputs, "3")), with(no, "[]", "null"));
    }

    #[test]
    fn a_settled_conflict_leaves_no_record() {
        let with = |metadata: &str, source: &str| code(&format!("\"metadata\": {{{metadata}}}, \"source\": {source}"));
        let record = r#""cellwise": {"conflict": 1, "kind": "source", "marker_size": 7, "role": "cell"}"#;
        assert_eq!(cleaned(&with(record, "[]")), with("", "[]"));
        let open = with(record, r#""<<<<<<< a\n=======\n>>>>>>> b""#);
        assert_eq!(cleaned(&open), open);
    }

    #[test]
    fn nbformat_3_is_cleaned_too() {
        let file = |count: &str, outputs: &str| {
            format!(
                "{{\"worksheets\": [{{\"cells\": [{{\"cell_type\": \"code\", \"prompt_number\": {count}, \
                 \"outputs\": {outputs}}}]}}], \"metadata\": {{\"signature\": \"x\"}}}}"
            )
        };
        assert_eq!(cleaned(&file("3", "[1]")), file("null", "[]").replace("\"signature\": \"x\"", ""));
    }
}
