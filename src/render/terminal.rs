//! `--format terminal`: for people. A unified diff whose hunks hold each cell against itself, wherever it stood.

use std::borrow::Cow;
use std::ops::Range;

use crate::diff::{CellChange, Change, Fate, Lines, NotebookDiff};

use super::code::{LineColours, colours};
use super::header::FileHeader;
use super::heading::Headings;
use super::hunks::{Hunk, Texts, hunks, push_hunk_line, push_lines};
use super::notes::push_notes;
use super::patch::{PatchOptions, Syntax, push_headers};

/// Appends the diff of two notebooks for people to read; nothing if nothing changed.
///
/// What has no lines (a cell that only moved or was only run again, another kernel) comes first, a line for each, where
/// readers of patches look for nothing. Then the hunks, in the newer version's order and with the line numbers of both
/// text forms. Context never leaves the cell.
pub fn terminal(diff: &NotebookDiff, header: &FileHeader, options: &PatchOptions, out: &mut Vec<u8>) {
    let start = out.len();
    push_notes(diff, header, &options.palette, out);
    let no_hunks = diff.tail.is_empty() && diff.cells.iter().all(|cell| cell.lines.is_empty());
    if no_hunks && header.is_silent() && out.len() > start {
        // Nothing would say which file the notes are about, and no reader of patches would see a file.
        return header.push_without_hunks(&options.palette, out);
    }
    push_headers(header, no_hunks, options, out);
    push_hunks(diff, options, out);
}

/// As [`terminal`], without the header: for a part of what changed in a file whose header stands above already.
pub fn terminal_part(diff: &NotebookDiff, header: &FileHeader, options: &PatchOptions, out: &mut Vec<u8>) {
    push_notes(diff, header, &options.palette, out);
    push_hunks(diff, options, out);
}

fn push_hunks(diff: &NotebookDiff, options: &PatchOptions, out: &mut Vec<u8>) {
    let headings = Headings::of_cells(diff);
    let is_coloured = options.syntax == Syntax::Coloured && !options.palette.is_plain();
    let language = if is_coloured { diff.language() } else { String::new() };
    let mut push = |hunks: &[Hunk<'_>], heading: &str, code: &Code| {
        let (before, after) = (&|line| diff.before.line(line).into(), &|line| diff.after.line(line).into());
        let texts = Texts { before, after, colours: &|line| code.of_line(line) };
        for hunk in hunks {
            push_hunk_line(hunk, heading, &options.palette, out);
            push_lines(hunk, &texts, options, out);
        }
    };
    for change in with_runs(diff) {
        let code = if is_coloured { Code::of(diff, &language, &change) } else { Code::default() };
        push(&hunks(&change.lines, options, &bounds(diff, &change)), &headings.of_cell(&change), &code);
    }
    let tail = Change { before: diff.before.cell(diff.before.cells()), after: diff.after.cell(diff.after.cells()) };
    push(&hunks(&diff.tail, options, &tail), "notebook", &Code::default());
}

/// The colours of the code of some neighbouring cells.
#[derive(Default)]
struct Code {
    /// Their first line.
    start: usize,
    lines: Vec<LineColours>,
}

impl Code {
    /// Those of a cell of the newer version.
    fn of(diff: &NotebookDiff, language: &str, change: &CellChange) -> Self {
        let start = diff.after.cells_lines(&change.after).start;
        let cells = change.after.clone().flat_map(|cell| {
            let lines = diff.after.cell(cell);
            let mut colours = colours(diff.after.cell_text(cell), language);
            colours.resize(lines.len(), Vec::new());
            colours
        });
        Self { start, lines: cells.collect() }
    }

    fn of_line(&self, line: usize) -> LineColours {
        line.checked_sub(self.start).and_then(|line| self.lines.get(line)).cloned().unwrap_or_default()
    }
}

/// The changed cells, with neighbours that are new or deleted as one.
pub(super) fn with_runs<'d>(diff: &'d NotebookDiff) -> Vec<Cow<'d, CellChange>> {
    let mut joined: Vec<Cow<'d, CellChange>> = Vec::new();
    for change in diff.cells.iter().filter(|change| !change.lines.is_empty()) {
        match joined.last_mut() {
            Some(last) if is_run(last, change) => {
                let last = last.to_mut();
                (last.before.end, last.after.end) = (change.before.end, change.after.end);
                let (lines, more) = (&mut last.lines[0], &change.lines[0]);
                (lines.before.end, lines.after.end) = (more.before.end, more.after.end);
            }
            _ => joined.push(Cow::Borrowed(change)),
        }
    }
    joined
}

/// Whether two cells that follow each other are both new, or both deleted.
fn is_run(one: &CellChange, next: &CellChange) -> bool {
    let alone = matches!(one.fate(), Fate::Added | Fate::Deleted) && one.fate() == next.fate();
    alone && one.before.end == next.before.start && one.after.end == next.after.start
}

/// The lines that may be the context of a cell's hunks: its own, but for its header, which the heading repeats, and the
/// blank one at its end.
pub(super) fn bounds(diff: &NotebookDiff, change: &CellChange) -> Change {
    let own = |lines: &Lines, cells: &Range<usize>| {
        let lines = lines.cells_lines(cells);
        lines.start + 1..lines.end - 1
    };
    match (change.fate(), change.lines.first()) {
        (Fate::Added | Fate::Deleted, Some(lines)) => lines.clone(),
        _ => Change { before: own(&diff.before, &change.before), after: own(&diff.after, &change.after) },
    }
}
