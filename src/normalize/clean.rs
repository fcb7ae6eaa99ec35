//! `clean`: outputs, counts and noise taken out of the text, the rest left as it stands.

use crate::json::{self, Edit, splice};
use crate::notebook::{Cell, CellKind, Notebook};

use super::asks::Asks;
use super::cells::{clean_id, drop_cells, dropped_cells, lower_minor};
use super::keys::{KeyRules, Record};
use super::nbstripout;
use super::options::{CleanOptions, Ids, Keep, Like};
use super::outputs::{clean_outputs, is_count, null_out};
use super::policy::Place;

/// What cleaning a notebook comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// The replacements, in ascending order; empty if the notebook is clean.
    pub edits: Vec<Edit>,
    /// What the edits do.
    pub change: Change,
    /// The outputs that were counted, because each was judged by itself.
    counted: usize,
}

/// What becomes of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Change {
    /// Nothing: it is clean.
    #[default]
    None,
    /// Nothing is dropped, but another tool would lay it out otherwise ([`Like`]).
    Layout,
    /// Something is dropped or renumbered.
    Content,
}

impl Cleaned {
    /// How many outputs the edits drop: counted only when somebody asks, for outputs can be large.
    #[must_use]
    pub fn outputs_dropped(&self, notebook: &Notebook<'_>) -> usize {
        self.counted + whole_lists(notebook, &self.edits)
    }

    /// The cleaned file.
    #[must_use]
    pub fn bytes(&self, notebook: &Notebook<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        splice(notebook.bytes, 0..notebook.bytes.len(), &self.edits, &mut out);
        out
    }

    /// The cleaned file as its pieces in order, most of them slices of the notebook's bytes: to write them takes no copy.
    pub fn pieces<'p>(&'p self, notebook: &Notebook<'p>) -> impl Iterator<Item = &'p [u8]> {
        json::pieces(notebook.bytes, 0..notebook.bytes.len(), &self.edits)
    }
}

/// How many outputs are in the lists that the edits empty.
fn whole_lists(notebook: &Notebook<'_>, edits: &[Edit]) -> usize {
    let lists = edits.iter().filter(|edit| edit.text == b"[]");
    let lists = lists.filter_map(|edit| str::from_utf8(&notebook.bytes[edit.span.clone()]).ok());
    lists.map(|list| json::elements(list).len()).sum()
}

/// What to change so that `notebook` holds no outputs, no counts and no noise, but for what `options` keep.
///
/// A cell keeps its outputs if it, or the notebook, has `keep_output: true` in its metadata, the cell the tag
/// `keep_output` or `init_cell: true` (as in nbstripout); `keep_output: false` in a cell overrides the notebook. A key
/// that is dropped itself asks for nothing, so that what is clean stays as it is.
#[must_use]
pub fn clean(notebook: &Notebook<'_>, options: &CleanOptions) -> Cleaned {
    let cleaned = Cleaner::new(notebook, options).run();
    match options.like {
        Like::Cellwise => with_other_sheets(notebook, options, cleaned),
        Like::Nbstripout => laid_out(notebook, &cleaned),
    }
}

/// The same, and the worksheets cleaned that nobody reads (beside `cells`, or of a repeated key): they hold outputs too.
fn with_other_sheets(notebook: &Notebook<'_>, options: &CleanOptions, mut cleaned: Cleaned) -> Cleaned {
    let sheets = notebook.members.iter().filter(|member| member.is("worksheets"));
    for sheet in sheets.flat_map(|member| json::elements(member.value)) {
        let place = notebook.span_of(sheet);
        if notebook.lists.iter().any(|list| place.contains(&list.start)) {
            continue;
        }
        // A sheet is an object with `cells`, as a notebook is.
        let Ok(inner) = Notebook::read(sheet.as_bytes()) else { continue };
        let Cleaned { edits, counted, .. } = Cleaner::new(&inner, options).run();
        let moved = |edit: Edit| Edit::new(edit.span.start + place.start..edit.span.end + place.start, edit.text);
        cleaned.edits.extend(edits.into_iter().map(moved));
        cleaned.counted += counted;
    }
    cleaned.edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    cleaned.change = if cleaned.edits.is_empty() { Change::None } else { Change::Content };
    cleaned
}

/// The same in nbstripout's layout.
fn laid_out(notebook: &Notebook<'_>, cleaned: &Cleaned) -> Cleaned {
    let counted = cleaned.outputs_dropped(notebook);
    let bytes = nbstripout::lay_out(&cleaned.bytes(notebook));
    if bytes == notebook.bytes {
        return Cleaned::default();
    }
    let change = if cleaned.edits.is_empty() { Change::Layout } else { Change::Content };
    Cleaned { edits: vec![Edit::new(0..notebook.bytes.len(), bytes)], change, counted }
}

/// A notebook on its way.
struct Cleaner<'n, 'o> {
    notebook: &'n Notebook<'n>,
    options: &'o CleanOptions,
    keys: KeyRules<'o>,
    edits: Vec<Edit>,
    counted: usize,
}

impl<'n, 'o> Cleaner<'n, 'o> {
    fn new(notebook: &'n Notebook<'n>, options: &'o CleanOptions) -> Self {
        Self { notebook, options, keys: KeyRules::new(&options.keys, options.like), edits: Vec::new(), counted: 0 }
    }

    fn run(mut self) -> Cleaned {
        let (notebook, ids) = (self.notebook, self.options.ids());
        let dropped = dropped_cells(notebook, self.options);
        let asks = Asks::new(notebook, self.options, &self.keys);
        let goes = |index: &usize| dropped.get(*index) == Some(&true);
        let staying = notebook.cells.iter().enumerate().filter(|(index, _)| !goes(index));
        for (number, (_, cell)) in staying.enumerate() {
            self.cell(cell, &asks);
            clean_id(notebook, cell, number, ids, &mut self.edits);
        }
        if dropped.contains(&true) {
            drop_cells(notebook, &dropped, &mut self.edits);
            self.counted += dropped_outputs(notebook, &dropped);
        }
        for member in notebook.members.iter().filter(|member| member.is("metadata")) {
            self.keys.clean(notebook, Place::Notebook, member.value, Record::None, &mut self.edits);
        }
        if ids == Ids::Drop {
            lower_minor(notebook, &mut self.edits);
        }
        // The notebook's metadata may stand before or behind the cells.
        self.edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
        let change = if self.edits.is_empty() { Change::None } else { Change::Content };
        Cleaned { edits: self.edits, change, counted: self.counted }
    }

    fn cell(&mut self, cell: &Cell<'_>, asks: &Asks) {
        let Self { notebook, options, .. } = *self;
        // Only code cells have counts; nbstripout does not look. Outputs go wherever they are.
        let runs = cell.kind() == CellKind::Code || options.like == Like::Nbstripout;
        for member in &cell.members {
            if member.is("metadata") {
                self.keys.clean(notebook, Place::Cell, member.value, record(cell), &mut self.edits);
            } else if member.is("outputs") {
                let wanted = asks.outputs_of(cell);
                self.counted += clean_outputs(notebook, member.value, wanted, options, &mut self.edits);
            } else if runs && options.keep_counts == Keep::WhereAsked && is_count(member) {
                null_out(notebook, member.value, &mut self.edits);
            }
        }
    }
}

fn record(cell: &Cell<'_>) -> Record {
    match cell.record() {
        None => Record::None,
        Some(_) if cell.unresolved().is_some() => Record::Open,
        Some(_) => Record::Stale,
    }
}

/// The outputs of cells that go.
fn dropped_outputs(notebook: &Notebook<'_>, dropped: &[bool]) -> usize {
    let cells = notebook.cells.iter().zip(dropped).filter(|(_, goes)| **goes);
    cells.filter_map(|(cell, _)| cell.outputs()).map(|list| json::elements(list).len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(file: &str) -> String {
        let notebook = Notebook::read(file.as_bytes()).unwrap();
        String::from_utf8(clean(&notebook, &CleanOptions::default()).bytes(&notebook)).unwrap()
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
    fn outputs_go_however_they_are_written() {
        let cell = |members: &str| format!("{{\"cells\": [{{{members}}}]}}");
        for (dirty, clean) in [
            (
                r#""cell_type": "cod\u0065", "execution_count": 1, "outputs": ["S"]"#,
                r#""cell_type": "cod\u0065", "execution_count": null, "outputs": []"#,
            ),
            (r#""cell_type": "widget", "outputs": ["S"]"#, r#""cell_type": "widget", "outputs": []"#),
            (r#""outputs": ["S"]"#, r#""outputs": []"#),
            (
                r#""cell_type": "code", "outputs": ["S"], "cell_type": "raw""#,
                r#""cell_type": "code", "outputs": [], "cell_type": "raw""#,
            ),
            (r#""cell_type": "code", "outputs": {"a": "S"}"#, r#""cell_type": "code", "outputs": []"#),
            (r#""cell_type": "code", "outp\u0075ts": "S""#, r#""cell_type": "code", "outp\u0075ts": []"#),
        ] {
            assert_eq!(cleaned(&cell(dirty)), cell(clean));
            assert_eq!(cleaned(&cell(clean)), cell(clean));
        }
        let asked = cell(r#""metadata": {"keep_output": true}, "outputs": {"a": "S"}"#);
        assert_eq!(cleaned(&asked), asked);
    }

    #[test]
    fn worksheets_that_nobody_reads_are_cleaned_too() {
        let file = |outputs: &str| {
            let sheet = format!(r#"{{"cells": [{{"cell_type": "code", "outputs": {outputs}}}]}}"#);
            [
                format!(r#"{{"worksheets": [3, {sheet}, {sheet}], "cells": [{{"outputs": {outputs}}}]}}"#),
                format!(r#"{{"worksheets": [{sheet}], "worksheets": [{sheet}]}}"#),
            ]
        };
        assert_eq!(file("[\"S\", 1]").map(|file| cleaned(&file)), file("[]"));
        assert_eq!(file("[]").map(|file| cleaned(&file)), file("[]"));
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
