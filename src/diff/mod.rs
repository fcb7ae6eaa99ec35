//! Stage 6: what changed from one version of a notebook to another.
//!
//! An [`Alignment`] says which cell to hold against which; only the lines of a cell that differ are compared by lines.
//! What comes out are two views of the same change. [`NotebookDiff::changes`] are stretches of the two text forms, in
//! order on both sides, so that they can be written as a strict unified diff; a moved cell goes in one place and comes
//! in another. [`NotebookDiff::cells`] tells what became of each cell, with the lines of a moved one held against its
//! own, and what the text form hides.
//!
//! [`Alignment`]: crate::align::Alignment

mod blocks;
mod compare;
mod hidden;
mod line_changes;
mod lines;
mod outputs;
mod parts;
mod run;
mod tokens;
mod words;

use std::ops::Range;

pub(crate) use blocks::blocks;
pub use compare::diff;
pub(crate) use compare::swapped_with;
pub use hidden::{NotebookChange, ValueChange};
pub use line_changes::line_changes;
pub use lines::Lines;
pub use outputs::{Extent, Measure, OutputChange, output_changes, output_changes_line};
pub use parts::{Detail, Parts};
pub use run::Run;
pub use tokens::words_of;
pub use words::{WordChange, WordMarks, changed_words, word_changes};

use crate::notebook::Notebook;
use crate::text::Show;

/// What is compared, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DiffOptions {
    /// What is compared.
    pub parts: Parts,
    /// Whether the text forms have their last line, of digests.
    pub hidden_line: Show,
    /// When two lines are the same.
    pub whitespace: Whitespace,
}

/// Which white space counts; the names are git's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Whitespace {
    /// All of it.
    #[default]
    Kept,
    /// None at the end of a line (`--ignore-space-at-eol`).
    IgnoredAtEnd,
    /// None at the end of a line, and elsewhere only that there is some (`-b`, `--ignore-space-change`).
    IgnoredAmount,
    /// None (`-w`, `--ignore-all-space`).
    Ignored,
}

/// What changed, with the texts that it speaks of.
#[derive(Debug, Clone)]
pub struct NotebookDiff<'n> {
    /// The older version.
    pub before: Lines<'n>,
    /// The newer version.
    pub after: Lines<'n>,
    /// The changed stretches of the whole text, ascending on both sides, each of at least one line.
    pub changes: Vec<Change>,
    /// What became of each cell that changed, in the newer version's order; deleted ones stand where they stood.
    pub cells: Vec<CellChange>,
    /// The changed stretches behind the cells.
    pub tail: Vec<Change>,
    /// What changed that the text forms do not show cell by cell.
    pub notebook: NotebookChange,
    /// The newer version, if there is one.
    newer: Option<&'n Notebook<'n>>,
}

impl NotebookDiff<'_> {
    /// The language of the newer version's code, as its kernel names it; empty if nothing tells.
    #[must_use]
    pub fn language(&self) -> String {
        self.newer.and_then(Notebook::language).unwrap_or_default()
    }
}

/// A stretch of lines that differs; line numbers from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What goes.
    pub before: Range<usize>,
    /// What comes.
    pub after: Range<usize>,
}

/// What became of a cell, or of several where one was split or joined; indices from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellChange {
    /// Its place in the older version; empty if it is new, several cells if they were joined.
    pub before: Range<usize>,
    /// Its place in the newer version; empty if it was deleted, several cells if it was split.
    pub after: Range<usize>,
    /// Whether it stands elsewhere among the others.
    pub moved: Place,
    /// The type that it had, if it has another now, as the text form writes it.
    pub was: Option<String>,
    /// The changed stretches of its lines, held against its own older lines wherever these stand.
    pub lines: Vec<Change>,
    /// What a run made of it.
    pub run: Run,
}

/// Whether a cell kept its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Among the same neighbours.
    Kept,
    /// Elsewhere.
    Moved,
    /// Where another cell was, which is where this one was.
    Swapped {
        /// The other cell's place in the newer version.
        with: usize,
    },
}

/// How a cell came to be where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// In both versions.
    Kept,
    /// Only in the newer version.
    Added,
    /// Only in the older version.
    Deleted,
    /// One cell became several.
    Split,
    /// Several cells became one.
    Joined,
}

impl CellChange {
    /// What happened to the cell as a whole.
    #[must_use]
    pub fn fate(&self) -> Fate {
        match (self.before.len(), self.after.len()) {
            (0, _) => Fate::Added,
            (_, 0) => Fate::Deleted,
            (1, 1) => Fate::Kept,
            (1, _) => Fate::Split,
            _ => Fate::Joined,
        }
    }
}
