//! `--stat`: a line for each file with its cells and lines.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

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
        let notebook = &diff.notebook;
        if words.is_empty() && (notebook.says_something() || notebook.bytes_differ || !diff.tail.is_empty()) {
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

    /// How many lines came or went.
    fn lines(&self) -> usize {
        self.added + self.removed
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
    outputs: usize,
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
            Fate::Kept => match run {
                Run::Same => return,
                Run::Outputs(_) | Run::Rewritten => &mut self.outputs,
                Run::Again | Run::Counted | Run::CountCleared => &mut self.run,
            },
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
            (self.outputs, "with other outputs"),
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

/// Appends the table and its last line, no wider than `columns` where that is possible; nothing for no files.
///
/// Names that are too long lose their beginning, as in git; words about cells lose their end.
pub fn stat(files: &[FileStat], columns: usize, palette: &Palette, out: &mut Vec<u8>) {
    let most_of = |count: fn(&FileStat) -> usize| files.iter().map(count).max().unwrap_or(0);
    let (names, most) = (most_of(|file| file.name.width()), most_of(FileStat::lines));
    let digits = most.to_string().len();
    let free = columns.saturating_sub(" ".len() + " | ".len() * 2 + digits + " ".len());
    let cells = free.saturating_sub(names.min(LEAST_NAME) + LEAST_GRAPH).max(LEAST_CELLS);
    let cells = most_of(|file| file.cells.len()).min(cells);
    let names = names.min(free.saturating_sub(cells + LEAST_GRAPH).max(LEAST_NAME));
    let room = free.saturating_sub(names + cells).max(LEAST_GRAPH);
    for file in files {
        let (name, lines) = (shortened(&file.name, names), file.lines());
        let pad = " ".repeat(names.saturating_sub(name.width()));
        let words = first_words(&file.cells, cells);
        out.extend_from_slice(format!(" {name}{pad} | {words:cells$} | {lines:>digits$}").as_bytes());
        let width = if most <= room { lines } else { (lines * room).div_ceil(most) };
        push_graph(file, width, palette, out);
        out.push(b'\n');
    }
    if !files.is_empty() {
        out.extend_from_slice(total(files).as_bytes());
    }
}

/// The narrowest graph.
const LEAST_GRAPH: usize = 10;
/// How much of a name is always shown.
const LEAST_NAME: usize = 30;
/// How much of the words about cells is always shown.
const LEAST_CELLS: usize = 16;

/// As many parts of `1 edited, 2 new, 3 deleted` as fit into `width`; dots stand for the others.
fn first_words(cells: &str, width: usize) -> Cow<'_, str> {
    if cells.len() <= width {
        return cells.into();
    }
    let room = width.saturating_sub(DOTS.len());
    let end = cells.match_indices(", ").map(|(at, comma)| at + comma.len()).take_while(|end| *end <= room).last();
    format!("{}{DOTS}", &cells[..end.unwrap_or(0)]).into()
}

/// Appends `width` signs `+` and `-` in the proportion of a file's lines, at least one for each kind that there is.
fn push_graph(file: &FileStat, width: usize, palette: &Palette, out: &mut Vec<u8>) {
    if file.lines() == 0 {
        return;
    }
    let [least_added, least_removed] = [file.added, file.removed].map(|count| count.min(1));
    let added = (file.added * width).div_ceil(file.lines()).min(width - least_removed).max(least_added);
    let removed = (width - added).max(least_removed);
    out.push(b' ');
    for (colour, sign, count) in [(&palette.new, b"+", added), (&palette.old, b"-", removed)] {
        if count > 0 {
            palette.push_text(&[colour], &sign.repeat(count), out);
        }
    }
}

/// The end of a name that takes more than `width` columns, from a slash on if it has one: `.../b/n.ipynb`.
fn shortened(name: &str, width: usize) -> Cow<'_, str> {
    if name.width() <= width {
        return name.into();
    }
    let mut free = width.saturating_sub(DOTS.len());
    let fits = |(_, character): &(usize, char)| {
        let left = free.checked_sub(character.width().unwrap_or(0));
        free = left.unwrap_or(0);
        left.is_some()
    };
    let start = name.char_indices().rev().take_while(fits).last().map_or(name.len(), |(start, _)| start);
    let end = &name[start..];
    format!("{DOTS}{}", end.find('/').map_or(end, |slash| &end[slash..])).into()
}

/// What stands for the rest.
const DOTS: &str = "...";

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

#[cfg(test)]
mod tests {
    use super::*;

    fn table(names: &[&str], columns: usize) -> Vec<String> {
        let file = |name: &&str| FileStat {
            name: (*name).to_owned(),
            cells: "1 edited".to_owned(),
            changed_cells: 1,
            added: 40,
            removed: 20,
        };
        let mut out = Vec::new();
        stat(&names.iter().map(file).collect::<Vec<_>>(), columns, &Palette::default(), &mut out);
        String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn long_names_lose_their_beginning() {
        let names = ["chapter-10-regression/solutions/10-02-linear-regression.ipynb", "n.ipynb"];
        let lines = table(&names, 62);
        assert_eq!(lines[0], " .../10-02-linear-regression.ipynb  | 1 edited | 60 +++++++---");
        assert_eq!(lines[1], " n.ipynb                            | 1 edited | 60 +++++++---");
        assert_eq!(shortened("a-name-without-any-slash.ipynb", 20), "...t-any-slash.ipynb");
    }

    #[test]
    fn words_about_cells_lose_their_end() {
        let words = "34 edited, 34 new, 14 deleted, 12 run again";
        assert_eq!(first_words(words, 43), words);
        assert_eq!(first_words(words, 42), "34 edited, 34 new, 14 deleted, ...");
        assert_eq!(first_words(words, 21), "34 edited, ...");
        assert_eq!(first_words(words, 16), "34 edited, ...");
    }

    #[test]
    fn names_are_measured_by_columns() {
        let lines = table(&["日本語.ipynb", "plain-name.ipynb"], 80);
        assert!(lines[0].starts_with(" 日本語.ipynb     | 1 edited"), "{lines:?}");
        assert_eq!(shortened("ノート/日本語のノートブック.ipynb", 15), "...ブック.ipynb");
        assert_eq!(shortened("ノート/n.ipynb", 13), ".../n.ipynb");
        let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}\u{2764}\u{fe0f}".repeat(20);
        assert_eq!(table(&[&family, "n.ipynb"], 40).len(), 3);
    }
}
