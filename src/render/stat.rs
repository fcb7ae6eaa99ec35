//! `--stat`: a line for each file with its cells and lines.

use crate::diff::{Change, Fate, NotebookDiff, Place, Run};
use crate::text::push_visible;

use super::header::{FileHeader, FileSide};
use super::palette::Palette;

/// What changed in one file, counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileStat {
    /// The name to show: one path, or `old => new`.
    name: String,
    /// What became of cells, in words; or why the file is compared as text.
    cells: String,
    /// How many cells that is.
    changed_cells: usize,
    /// Added lines.
    added: usize,
    /// Removed lines.
    removed: usize,
}

impl FileStat {
    /// Counts the changed cells of a notebook and the lines of their text; `None` if nothing changed.
    #[must_use]
    pub fn of(diff: &NotebookDiff, header: &FileHeader) -> Option<Self> {
        let lines = diff.cells.iter().flat_map(|cell| &cell.lines).chain(&diff.tail);
        let (removed, added) = count(lines);
        let mut cells = Cells::default();
        diff.cells.iter().for_each(|change| cells.add(change.fate(), change.moved, &change.lines, &change.run));
        let mut words = cells.words();
        if words.is_empty() && (diff.notebook.says_something() || !diff.tail.is_empty()) {
            words.push("notebook".to_owned());
        }
        if words.is_empty() && header.is_silent() {
            return None;
        }
        Some(Self { name: name(header), cells: words.join(", "), changed_cells: diff.cells.len(), added, removed })
    }

    /// Counts lines of a file that is no notebook; `None` if nothing changed.
    #[must_use]
    pub fn of_text(changes: &[Change], header: &FileHeader) -> Option<Self> {
        let (removed, added) = count(changes.iter());
        let stat = || Self { name: name(header), cells: "not a notebook".to_owned(), changed_cells: 0, added, removed };
        (!changes.is_empty() || !header.is_silent()).then(stat)
    }
}

fn count<'c>(changes: impl Iterator<Item = &'c Change>) -> (usize, usize) {
    changes.fold((0, 0), |(removed, added), change| (removed + change.before.len(), added + change.after.len()))
}

/// How many cells met which fate.
#[derive(Default)]
struct Cells {
    edited: usize,
    new: usize,
    deleted: usize,
    split: usize,
    joined: usize,
    moved: usize,
    run: usize,
}

impl Cells {
    /// A cell counts once, by the first of these that holds.
    fn add(&mut self, fate: Fate, moved: Place, lines: &[Change], run: &Run) {
        let counter = match fate {
            Fate::Added => &mut self.new,
            Fate::Deleted => &mut self.deleted,
            Fate::Split => &mut self.split,
            Fate::Joined => &mut self.joined,
            Fate::Kept if !lines.is_empty() => &mut self.edited,
            Fate::Kept if moved != Place::Kept => &mut self.moved,
            Fate::Kept if *run != Run::Same => &mut self.run,
            Fate::Kept => return,
        };
        *counter += 1;
    }

    fn words(&self) -> Vec<String> {
        let counts = [
            (self.edited, "edited"),
            (self.new, "new"),
            (self.deleted, "deleted"),
            (self.split, "split"),
            (self.joined, "joined"),
            (self.moved, "moved"),
            (self.run, "run again"),
        ];
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect()
    }
}

fn name(header: &FileHeader) -> String {
    let shown = |side: &FileSide| {
        let mut out = Vec::new();
        push_visible(&side.path, &mut out);
        String::from_utf8_lossy(&out).replace('\n', "\\n")
    };
    let (before, after) = (&header.before, &header.after);
    match (&before.mode, &after.mode) {
        (Some(_), Some(_)) if before.path != after.path => format!("{} => {}", shown(before), shown(after)),
        (_, Some(_)) => shown(after),
        _ => shown(before),
    }
}

/// Appends the table and its last line, no wider than `columns` where names allow it; nothing for no files.
pub fn stat(files: &[FileStat], columns: usize, palette: &Palette, out: &mut Vec<u8>) {
    let width = |text: fn(&FileStat) -> usize| files.iter().map(text).max().unwrap_or(0);
    let names = width(|file| file.name.chars().count());
    let cells = width(|file| file.cells.chars().count());
    let most = width(|file| file.added + file.removed);
    let digits = most.to_string().len();
    let room = columns.saturating_sub(names + cells + digits + " ".len() + " | ".len() * 2 + " ".len()).max(LEAST);
    for file in files {
        let lines = file.added + file.removed;
        out.extend_from_slice(
            format!(" {:names$} | {:cells$} | {lines:>digits$}", file.name, file.cells).trim_end().as_bytes(),
        );
        let bar = |lines: usize| if most <= room { lines } else { (lines * room).div_ceil(most) };
        if lines > 0 {
            out.push(b' ');
            for (colour, sign, count) in [(&palette.new, b"+", file.added), (&palette.old, b"-", file.removed)] {
                if count > 0 {
                    palette.push_text(&[colour], &sign.repeat(bar(count)), out);
                }
            }
        }
        out.push(b'\n');
    }
    if !files.is_empty() {
        out.extend_from_slice(total(files).as_bytes());
    }
}

/// The narrowest graph.
const LEAST: usize = 10;

/// ` 2 files changed, 10 cells, 7 insertions(+), 5 deletions(-)`, as git has it.
fn total(files: &[FileStat]) -> String {
    let plural = |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let sum = |of: fn(&FileStat) -> usize| files.iter().map(of).sum::<usize>();
    format!(
        " {} changed, {}, {}, {}\n",
        plural(files.len(), "file", "files"),
        plural(sum(|file| file.changed_cells), "cell", "cells"),
        plural(sum(|file| file.added), "insertion(+)", "insertions(+)"),
        plural(sum(|file| file.removed), "deletion(-)", "deletions(-)")
    )
}
