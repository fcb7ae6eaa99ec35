//! What must hold of real notebooks. A law that does not hold panics, and says of what.
//!
//! The laws of the tests are for notebooks that the tests make; these take what tools and people have left.

use std::collections::{BTreeMap, HashSet};

use cellwise::apply::{Misfit, Patch};
use cellwise::diff::{DiffOptions, NotebookDiff, diff};
use cellwise::json::{Edit, splice};
use cellwise::merge::{MergeError, MergeOptions, MergeOutcome, Sides, brought_together, merge};
use cellwise::normalize::{CleanOptions, clean};
use cellwise::notebook::Notebook;
use cellwise::render::{DiffReport, FileHeader, FileSide, PatchOptions, patch, terminal};
use cellwise::resolve::open_conflicts;
use cellwise::text::{Show, TextOptions, text_form, text_form_with};
use serde_json::Value;

use crate::diff_lines::{a_version_reads_as_any_file, lines_are_those_of_the_text_form};
use crate::patch::{apply, fits};
use crate::targets::resolve::everything_can_be_settled;

/// The versions of a step, as they are named there; an empty file is none.
pub(crate) type Files<'f> = &'f [&'f [u8]];
/// What it says, and what panics if it does not hold.
pub(crate) type Law = (&'static str, fn(Files<'_>));

/// Of every revision.
pub(crate) const OF_REVISIONS: &[Law] = &[
    ("is written as it was read", is_written_as_it_was_read),
    ("reads as serde_json reads it", reads_as_elsewhere),
    ("clean: only what was run, and once", is_cleaned_once),
    ("text form: no control character", has_no_control_character),
    ("nothing changed: no diff", does_not_differ_from_itself),
];

/// Of every revision and the next one.
pub(crate) const OF_DIFFS: &[Law] = &[
    ("a strict patch leads from text to text", a_patch_leads_there),
    ("the diff for people has its lines", the_diff_for_people_fits),
    ("the JSON diff gives the new file", the_json_diff_gives_the_file),
    ("an applied patch gives the new text", an_applied_patch_gives_the_text),
    ("what is known beforehand is so", what_is_known_beforehand_is_so),
];

/// Of every merge.
pub(crate) const OF_MERGES: &[Law] = &[
    ("gives a valid notebook", merges_to_a_notebook),
    ("loses no line, makes up none", loses_no_line),
    ("swapped sides: the mirrored answer", is_mirrored),
    ("one side alone is the answer", one_side_alone_is_the_answer),
    ("conflicts are found again", conflicts_are_found_again),
    ("conflicts can be settled", conflicts_can_be_settled),
];

#[track_caller]
fn read(file: &[u8]) -> Notebook<'_> {
    Notebook::read(file).expect("still a notebook")
}

fn json(file: &[u8]) -> Option<Value> {
    serde_json::from_slice(file.strip_prefix("\u{feff}".as_bytes()).unwrap_or(file)).ok()
}

fn sources(notebook: &Notebook<'_>) -> Vec<(String, String)> {
    let shown = |text: Vec<u8>| String::from_utf8_lossy(&text).into_owned();
    notebook.cells.iter().map(|cell| (cell.kind().name().into_owned(), shown(cell.source_text()))).collect()
}

fn text(notebook: &Notebook<'_>) -> String {
    String::from_utf8(text_form(notebook).bytes).expect("UTF-8")
}

/// Reads, shows and cleans a file.
pub(crate) fn shown_once(file: &[u8]) {
    let notebook = read(file);
    drop((text_form(&notebook), clean(&notebook, &CleanOptions::default()).bytes(&notebook)));
}

fn is_written_as_it_was_read(files: Files<'_>) {
    let notebook = read(files[0]);
    for cell in &notebook.cells {
        let own = cell.members.iter().map(|member| Edit::new(notebook.span_of(member.value), member.value));
        let edits: Vec<Edit> = own.collect();
        let mut out = Vec::new();
        splice(files[0], cell.span.clone(), &edits, &mut out);
        assert!(out == files[0][cell.span.clone()], "a cell is written otherwise");
    }
    let own = notebook.cells.iter().map(|cell| {
        let bytes = notebook.cell_bytes(cell);
        Edit::new(cell.span.clone(), str::from_utf8(bytes).expect("UTF-8").to_owned())
    });
    let mut out = Vec::new();
    splice(files[0], 0..files[0].len(), &own.collect::<Vec<_>>(), &mut out);
    assert!(out == files[0], "the file is written otherwise");
}

fn reads_as_elsewhere(files: Files<'_>) {
    let Some(value) = json(files[0]) else { return };
    let Some(cells) = value["cells"].as_array() else { return };
    let theirs = cells.iter().map(|cell| {
        let source = match &cell["source"] {
            Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
            source => source.as_str().unwrap_or_default().to_owned(),
        };
        (cell["cell_type"].as_str().unwrap_or("cell").to_owned(), source)
    });
    assert_eq!(sources(&read(files[0])), theirs.collect::<Vec<_>>());
}

fn is_cleaned_once(files: Files<'_>) {
    let notebook = read(files[0]);
    let bytes = clean(&notebook, &CleanOptions::default()).bytes(&notebook);
    let cleaned = read(&bytes);
    assert_eq!(clean(&cleaned, &CleanOptions::default()).edits, [], "there is more to clean");
    assert_eq!(sources(&cleaned), sources(&notebook));
    let (Some(mut before), Some(mut after)) = (json(files[0]), json(&bytes)) else { return };
    [&mut before, &mut after].into_iter().for_each(without_runs);
    assert!(before == after, "clean changes what no run wrote");
}

/// Of metadata, what `docs/text-form.md` names as dropped.
const DROPPED: [&str; 10] = [
    "widgets",
    "signature",
    "trusted",
    "collapsed",
    "scrolled",
    "hidden",
    "heading_collapsed",
    "ExecuteTime",
    "execution",
    "cellwise",
];

/// Takes away what cleaning may take away.
fn without_runs(file: &mut Value) {
    let stays = |key: &String| !DROPPED.contains(&key.as_str()) && !key.starts_with("orig_nbformat");
    let strip = |metadata: &mut Value| {
        if let Some(metadata) = metadata.as_object_mut() {
            metadata.retain(|key, _| stays(key));
        }
    };
    strip(&mut file["metadata"]);
    let sheets = file["worksheets"].as_array_mut().into_iter().flatten();
    let nested: Vec<Value> = sheets.filter_map(|sheet| Some(sheet.get_mut("cells")?.take())).collect();
    let mut lists: Vec<Value> = nested.into_iter().chain([file["cells"].take()]).collect();
    for cell in lists.iter_mut().filter_map(Value::as_array_mut).flatten().filter_map(Value::as_object_mut) {
        cell.retain(|key, _| !["outputs", "execution_count", "prompt_number", "collapsed"].contains(&key.as_str()));
        cell.get_mut("metadata").map(strip);
    }
    file["cells"] = Value::Array(lists);
}

fn has_no_control_character(files: Files<'_>) {
    let (notebook, yes) = (read(files[0]), Show::Yes);
    let all = TextOptions { outputs: yes, ids: yes, counts: yes, tool_metadata: yes, hidden_line: yes };
    for form in [text_form(&notebook), text_form_with(&notebook, &all)] {
        is_harmless(&form.bytes);
        assert!(form.bytes.ends_with(b"\n"), "the last line has no end");
    }
}

/// What a terminal would act on, or that would show text in another order than it has.
#[track_caller]
fn is_harmless(text: &[u8]) {
    let text = str::from_utf8(text).expect("UTF-8");
    let steers = |c: &char| {
        (c.is_control() && *c != '\n' && *c != '\t') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert_eq!(text.chars().find(steers), None);
}

fn does_not_differ_from_itself(files: Files<'_>) {
    let (one, other) = (read(files[0]), read(files[0]));
    assert!(shown(&one, &other).is_empty());
    let same = merge(Some(&one), &one, &other, &MergeOptions::default());
    assert!(same.is_ok_and(|outcome| outcome.bytes == files[0]));
}

fn header() -> FileHeader {
    let side = || FileSide { path: b"n.ipynb".to_vec(), mode: Some("100644".to_owned()), oid: String::new() };
    FileHeader::new(side(), side())
}

fn found<'n>(before: &'n Notebook<'n>, after: &'n Notebook<'n>, hidden_line: Show) -> NotebookDiff<'n> {
    diff(Some(before), Some(after), &DiffOptions { hidden_line, ..DiffOptions::default() })
}

/// The diff for people.
pub(crate) fn shown(before: &Notebook<'_>, after: &Notebook<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    terminal(&found(before, after, Show::No), &header(), &PatchOptions::default(), &mut out);
    out
}

fn strict(before: &Notebook<'_>, after: &Notebook<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    patch(&found(before, after, Show::Yes), &header(), &PatchOptions::default(), &mut out);
    out
}

fn a_patch_leads_there(files: Files<'_>) {
    let (before, after) = (read(files[0]), read(files[1]));
    let patch = strict(&before, &after);
    is_harmless(&patch);
    let patch = String::from_utf8(patch).expect("UTF-8");
    assert!(apply(&patch, &text(&before)) == text(&after), "a patch leads elsewhere");
}

fn the_diff_for_people_fits(files: Files<'_>) {
    let (before, after) = (read(files[0]), read(files[1]));
    let diff = shown(&before, &after);
    is_harmless(&diff);
    assert!(!diff.is_empty() || files[0] == files[1], "a change is passed over");
    fits(&String::from_utf8(diff).expect("UTF-8"), &text(&before), &text(&after));
}

fn the_json_diff_gives_the_file(files: Files<'_>) {
    let mut report = DiffReport::default();
    report.push(&header(), files[0], files[1]);
    let document = report.finish();
    is_harmless(&document);
    let patch = Patch::read(&document).expect("a document");
    assert!(patch.files[0].apply(files[0]) == Ok(Some(files[1].to_vec())), "another file");
}

fn an_applied_patch_gives_the_text(files: Files<'_>) {
    let (before, after) = (read(files[0]), read(files[1]));
    let patch = strict(&before, &after);
    if patch.is_empty() {
        return;
    }
    // To refuse is allowed, to be wrong is not.
    let Ok(Some(new)) = applied(&patch, files[0]) else { return };
    let lines = |text: String| -> Vec<String> {
        text.lines().filter(|line| !line.starts_with("# hidden:")).map(str::to_owned).collect()
    };
    assert_eq!(lines(text(&read(&new))), lines(text(&after)));
}

fn applied(patch: &[u8], old: &[u8]) -> Result<Option<Vec<u8>>, Misfit> {
    Patch::read(patch).expect("a patch").files[0].apply(old)
}

fn what_is_known_beforehand_is_so(files: Files<'_>) {
    let (before, after) = (read(files[0]), read(files[1]));
    lines_are_those_of_the_text_form(&before, &after);
    a_version_reads_as_any_file(files[1], &before);
}

/// The merge of three files; an empty base is none.
pub(crate) fn merged(files: Files<'_>) -> Result<MergeOutcome, MergeError> {
    let base = (!files[0].is_empty()).then(|| read(files[0]));
    merge(base.as_ref(), &read(files[1]), &read(files[2]), &MergeOptions::default())
}

/// The three files as they are merged: of one nbformat, whose headings have lines of their own.
fn as_merged(files: Files<'_>) -> [Vec<u8>; 3] {
    let base = (!files[0].is_empty()).then(|| read(files[0]));
    let (ours, theirs) = (read(files[1]), read(files[2]));
    let upgraded = brought_together(&Sides { base: base.as_ref(), ours: Some(&ours), theirs: Some(&theirs) });
    upgraded.map_or([files[0], files[1], files[2]].map(<[u8]>::to_vec), |files| {
        [files.base, files.ours, files.theirs].map(Option::unwrap_or_default)
    })
}

/// The same merge, seen by the other side.
fn mirrored(files: Files<'_>) -> Result<MergeOutcome, MergeError> {
    merged(&[files[0], files[2], files[1]])
}

fn merges_to_a_notebook(files: Files<'_>) {
    let outcome = merged(files);
    assert_ne!(outcome.as_ref().err(), Some(&MergeError::Unreadable));
    let Ok(outcome) = outcome else { return };
    read(&outcome.bytes);
    if files[1..].iter().all(|side| faults(side).is_empty()) {
        assert_eq!(faults(&outcome.bytes), Vec::<String>::new());
    }
}

/// What nbformat's schema would say, in its main points; nothing for what is no nbformat 4.
fn faults(file: &[u8]) -> Vec<String> {
    let Some(value) = json(file).filter(|value| value["nbformat"] == 4) else { return Vec::new() };
    let mut faults = Vec::new();
    let mut must = |holds: bool, what: &str| {
        if !holds {
            faults.push(what.to_owned());
        }
    };
    must(value["metadata"].is_object(), "metadata");
    must(value["cells"].is_array(), "cells");
    let with_ids = value["nbformat_minor"].as_u64() >= Some(5);
    let mut ids = HashSet::new();
    for cell in value["cells"].as_array().into_iter().flatten() {
        let is_text = |text: &Value| text.is_string();
        must(matches!(cell["cell_type"].as_str(), Some("code" | "markdown" | "raw")), "cell_type");
        must(cell["metadata"].is_object(), "a cell's metadata");
        must(
            is_text(&cell["source"]) || cell["source"].as_array().is_some_and(|list| list.iter().all(is_text)),
            "source",
        );
        let is_code = cell["cell_type"] == "code";
        must(!is_code || cell["outputs"].is_array(), "outputs");
        must(!is_code || cell.get("execution_count").is_some(), "execution_count");
        must(is_code || cell.get("outputs").is_none(), "outputs of text");
        must(cell.get("id").is_some() == with_ids, "id");
        must(cell["id"].as_str().is_none_or(|id| ids.insert(id)), "the same id twice");
    }
    faults
}

/// How often each line that is not blank stands in a file.
fn source_lines(file: &[u8]) -> BTreeMap<String, usize> {
    let mut lines = BTreeMap::new();
    if !file.is_empty() {
        for (_, source) in sources(&read(file)) {
            // Old notebooks have line ends of their own.
            let texts = source.split('\n').map(str::trim_end).filter(|line| !line.is_empty());
            texts.for_each(|line| *lines.entry(line.to_owned()).or_default() += 1);
        }
    }
    lines
}

fn loses_no_line(files: Files<'_>) {
    let Ok(outcome) = merged(files) else { return };
    let [base, ours, theirs] = as_merged(files).map(|file| source_lines(&file));
    let result = source_lines(&outcome.bytes);
    for line in ours.keys().chain(theirs.keys()) {
        let times = base.get(line).copied().unwrap_or(0);
        let kept_by_both = ours.contains_key(line) && theirs.contains_key(line);
        if times == 0 || (times == 1 && kept_by_both) {
            assert!(result.contains_key(line), "lost: {line:?}");
        }
    }
    for line in result.keys().filter(|_| outcome.conflicts.is_empty()) {
        assert!(ours.contains_key(line) || theirs.contains_key(line), "made up: {line:?}");
    }
}

fn is_mirrored(files: Files<'_>) {
    let (one, other) = match (merged(files), mirrored(files)) {
        (Ok(one), Ok(other)) => (one, other),
        (one, other) => return assert_eq!(one.err(), other.err()),
    };
    let kinds = |outcome: &MergeOutcome| {
        let mut kinds: Vec<_> = outcome.conflicts.iter().map(|conflict| conflict.kind.name()).collect();
        kinds.sort_unstable();
        kinds
    };
    assert_eq!(kinds(&one), kinds(&other));
    if one.conflicts.is_empty() {
        let cells = |outcome: &MergeOutcome| {
            let mut cells = sources(&read(&outcome.bytes));
            cells.retain(|(_, source)| !source.trim().is_empty());
            cells.sort();
            cells
        };
        assert_eq!(cells(&one), cells(&other));
    }
}

fn one_side_alone_is_the_answer(files: Files<'_>) {
    let [base, ours, theirs] = [files[0], files[1], files[2]];
    if base.is_empty() {
        return;
    }
    for (versions, answer) in [([base, ours, base], ours), ([base, base, theirs], theirs), ([base, ours, ours], ours)] {
        assert!(merged(&versions).is_ok_and(|outcome| outcome.bytes == answer));
    }
    // The other side in its own words: laid out otherwise, it has still changed nothing.
    let spaced = [base, b"\n"].concat();
    if let Ok(outcome) = merged(&[base, ours, &spaced]) {
        assert_eq!((outcome.conflicts.len(), sources(&read(&outcome.bytes))), (0, sources(&read(ours))));
    }
}

fn conflicts_are_found_again(files: Files<'_>) {
    let Ok(outcome) = merged(files) else { return };
    let open = |file: &[u8]| open_conflicts(&read(file)).len();
    if files[1..].iter().all(|side| open(side) == 0) {
        assert_eq!(open(&outcome.bytes), outcome.conflicts.len());
    }
}

fn conflicts_can_be_settled(files: Files<'_>) {
    everything_can_be_settled([files[0], files[1], files[2]], &MergeOptions::default());
}
