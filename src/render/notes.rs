//! What a diff says without hunks: cells that only moved or were only run again, and what stands in no cell.

use std::collections::HashMap;
use std::ops::Range;

use crate::diff::{CellChange, NotebookChange, NotebookDiff, Place, Run, ValueChange, output_changes_line};
use crate::text::push_visible;

use super::header::FileHeader;
use super::heading::numbers;
use super::palette::Palette;

/// What is said of some cells of the newer version, or of the notebook.
struct Note {
    /// Ascending, from 0; none for the notebook.
    cells: Vec<usize>,
    text: String,
}

/// Appends a line for each thing that changed and has no lines: `report.ipynb: cell 7: stdout +3 -1 lines`.
pub(super) fn push_notes(diff: &NotebookDiff, header: &FileHeader, palette: &Palette, out: &mut Vec<u8>) {
    let path = if header.after.mode.is_some() { &header.after.path } else { &header.before.path };
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
    for line in note_lines(diff) {
        // In the colour of the header that follows: above it stand the lines of another file.
        palette.push_text(&[&palette.meta], &one_line(&[name, b":"].concat()), out);
        palette.push_line(&palette.context, &[b" ", line.as_slice()].concat(), out);
    }
}

/// The same without the name of the file, as it can be shown.
pub(super) fn note_lines(diff: &NotebookDiff) -> Vec<Vec<u8>> {
    let line = |note: &Note| one_line(format!("{}: {}", subject(&note.cells), note.text).as_bytes());
    notes(diff).iter().map(line).collect()
}

/// A text as it can be shown on one line.
fn one_line(text: &[u8]) -> Vec<u8> {
    let text: Vec<u8> = text.iter().map(|byte| if *byte == b'\n' { b' ' } else { *byte }).collect();
    let mut line = Vec::new();
    push_visible(&text, &mut line);
    line
}

fn notes(diff: &NotebookDiff) -> Vec<Note> {
    let without_lines = || diff.cells.iter().filter(|change| change.lines.is_empty());
    let mut notes = moves(&without_lines().filter(|change| change.moved != Place::Kept).collect::<Vec<_>>());
    notes.extend(runs(without_lines()));
    notes.extend(of_tools(&diff.notebook));
    notes.extend(of_notebook(&diff.notebook));
    if notes.is_empty() && diff.changes.is_empty() && diff.notebook.bytes_differ {
        notes.push(Note { cells: Vec::new(), text: "written differently, reads the same".to_owned() });
    }
    notes
}

/// Cells that stand elsewhere, neighbours together.
fn moves(moved: &[&CellChange]) -> Vec<Note> {
    let mut groups: Vec<[Range<usize>; 2]> = Vec::new();
    let mut notes = Vec::new();
    for change in moved {
        if let Place::Swapped { with } = change.moved {
            let mut cells = vec![change.after.start, with];
            cells.sort_unstable();
            notes.push(Note { cells, text: "swapped".to_owned() });
            continue;
        }
        match groups.last_mut() {
            Some([before, after]) if [before.end, after.end] == [change.before.start, change.after.start] => {
                (before.end, after.end) = (change.before.end, change.after.end);
            }
            _ => groups.push([change.before.clone(), change.after.clone()]),
        }
    }
    // Of two cells that were swapped each may tell it.
    notes.dedup_by(|next, note| next.cells == note.cells);
    let group = |[before, after]: [Range<usize>; 2]| Note {
        cells: after.collect(),
        text: format!("moved from {}", numbers(&before)),
    };
    notes.extend(groups.into_iter().map(group));
    notes
}

/// What runs made of cells; cells of which the same is to be said together.
fn runs<'d>(cells: impl Iterator<Item = &'d CellChange>) -> Vec<Note> {
    let mut notes: Vec<Note> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for change in cells {
        let Some(text) = of_run(&change.run) else { continue };
        let index = *known.entry(text.clone()).or_insert(notes.len());
        if index == notes.len() {
            notes.push(Note { cells: Vec::new(), text });
        }
        notes[index].cells.extend(change.after.clone());
    }
    notes
}

fn of_run(run: &Run) -> Option<String> {
    match run {
        Run::Same => None,
        Run::Again => Some("run again, same outputs".to_owned()),
        // Not again: as far as the file tells, this is the first time.
        Run::Counted => Some("run, same outputs".to_owned()),
        Run::Rewritten => Some("outputs written differently, read the same".to_owned()),
        Run::CountCleared => Some("count cleared".to_owned()),
        Run::Outputs(changes) => Some(output_changes_line(changes)),
    }
}

/// Metadata of tools in cells, all of it together.
fn of_tools(notebook: &NotebookChange) -> Option<Note> {
    let keys: Vec<String> = notebook.cell_keys.iter().cloned().collect();
    (!keys.is_empty()).then(|| Note { cells: notebook.cells.clone(), text: format!("metadata {}", some_of(keys)) })
}

fn of_notebook(notebook: &NotebookChange) -> Option<Note> {
    let mut parts = values(&notebook.values);
    match notebook.ids {
        0 => {}
        1 => parts.push("id of 1 cell changed".to_owned()),
        ids if ids == notebook.pairs => parts.push(format!("ids of all {ids} cells changed")),
        ids => parts.push(format!("ids of {ids} cells changed")),
    }
    if let Some([before, after]) = &notebook.layout {
        let usual = |words: &str| if words.is_empty() { "the usual".to_owned() } else { words.to_owned() };
        parts.push(format!("layout {} -> {}", usual(before), usual(after)));
    }
    (!parts.is_empty()).then(|| Note { cells: Vec::new(), text: some_of(parts) })
}

/// As many things as one line can name.
fn some_of(mut things: Vec<String>) -> String {
    // The last one takes no more room than its number.
    if things.len() > MANY + 1 {
        let more = things.len() - MANY;
        things.truncate(MANY);
        things.push(format!("{more} more"));
    }
    things.join(", ")
}

/// How many things a line names.
const MANY: usize = 6;
/// Of how many changes below one key all are told.
const FEW: usize = 3;
/// How long a value may be to be shown, in bytes.
const SHORT: usize = 32;

/// What changed in the notebook's metadata. Of a key with many changes (a notebook that another tool wrote) only those
/// are told that a person would know.
fn values(changes: &[ValueChange]) -> Vec<String> {
    let top = |change: &ValueChange| change.path.split('.').next().unwrap_or_default().to_owned();
    let mut told = Vec::new();
    for group in changes.chunk_by(|one, other| top(one) == top(other)) {
        let is_known = |change: &&ValueChange| {
            let name = change.path.rsplit('.').next().unwrap_or_default();
            group.len() <= FEW || matches!(name, "name" | "display_name" | "version")
        };
        let known: Vec<String> = group.iter().filter(is_known).map(value).collect();
        let more = group.len() - known.len();
        told.extend(known);
        if more > 0 {
            told.push(format!("{} {more} more", top(&group[0])));
        }
    }
    told
}

/// `language_info.version 3.7.3 -> 3.8.1`; where a value is long `toc changed`, `toc added` or `toc gone`.
fn value(change: &ValueChange) -> String {
    let shown = |raw: &Option<String>| match raw.as_deref() {
        None => Some("none".to_owned()),
        Some(raw) if raw.len() > SHORT || raw.starts_with(['{', '[']) => None,
        // Bare quotes say that there is a value, an empty one.
        Some(r#""""#) => Some(r#""""#.to_owned()),
        Some(raw) => Some(raw.trim_matches('"').to_owned()),
    };
    match (shown(&change.before), shown(&change.after)) {
        (Some(before), Some(after)) => format!("{} {before} -> {after}", change.path),
        _ if change.before.is_none() => format!("{} added", change.path),
        _ if change.after.is_none() => format!("{} gone", change.path),
        _ => format!("{} changed", change.path),
    }
}

/// `cell 7`, `cells 2-6 and 9`, `cells 1, 3, 5-6 and 8 more`, `notebook`.
fn subject(cells: &[usize]) -> String {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for cell in cells {
        match ranges.last_mut() {
            Some(range) if range.end == *cell => range.end = cell + 1,
            _ => ranges.push(*cell..cell + 1),
        }
    }
    match ranges.as_slice() {
        [] => "notebook".to_owned(),
        [one] if one.len() == 1 => format!("cell {}", numbers(one)),
        [one] => format!("cells {}", numbers(one)),
        [one, other] => format!("cells {} and {}", dashed(one), dashed(other)),
        many => {
            // The last stretch takes no more room than its number of cells.
            let (named, rest) = many.split_at(if many.len() > SEVERAL + 1 { SEVERAL } else { many.len() });
            let named = named.iter().map(dashed).collect::<Vec<_>>().join(", ");
            match rest.iter().map(Range::len).sum::<usize>() {
                0 => format!("cells {named}"),
                more => format!("cells {named} and {more} more"),
            }
        }
    }
}

/// How many stretches of cells are named.
const SEVERAL: usize = 8;

fn dashed(cells: &Range<usize>) -> String {
    if cells.len() == 1 { (cells.start + 1).to_string() } else { format!("{}-{}", cells.start + 1, cells.end) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_value_is_seen() {
        let change = |before: Option<&str>, after: Option<&str>| ValueChange {
            path: "title".to_owned(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        };
        assert_eq!(value(&change(Some("\"One\""), Some("\"\""))), "title One -> \"\"");
        assert_eq!(value(&change(None, Some("3"))), "title none -> 3");
    }

    #[test]
    fn of_a_long_value_is_told_what_became_of_it() {
        let said = |before: Option<&str>, after: Option<&str>| {
            let raw = |value: Option<&str>| value.map(str::to_owned);
            value(&ValueChange { path: "toc".to_owned(), before: raw(before), after: raw(after) })
        };
        assert_eq!(said(Some("[]"), Some("3")), "toc changed");
        assert_eq!(said(None, Some("{}")), "toc added");
        assert_eq!(said(Some("{}"), None), "toc gone");
    }

    #[test]
    fn a_key_with_many_changes_tells_those_that_matter() {
        let change = |name: &str| ValueChange {
            path: format!("language_info.{name}"),
            before: Some("\"1\"".to_owned()),
            after: None,
        };
        let all = ["file_extension", "mimetype", "pygments_lexer", "version"].map(change);
        assert_eq!(values(&all), ["language_info.version 1 -> none", "language_info 3 more"]);
        assert_eq!(values(&all[1..]).len(), 3);
    }

    #[test]
    fn a_last_stretch_is_named_and_more_are_counted() {
        let every_other = |stretches: usize| subject(&(0..stretches).map(|index| 2 * index).collect::<Vec<_>>());
        assert_eq!(subject(&[2, 3, 14]), "cells 3-4 and 15");
        assert_eq!(subject(&[2, 3]), "cells 3 and 4");
        assert_eq!(every_other(9), "cells 1, 3, 5, 7, 9, 11, 13, 15, 17");
        assert_eq!(every_other(10), "cells 1, 3, 5, 7, 9, 11, 13, 15 and 2 more");
    }
}
