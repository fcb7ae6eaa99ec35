//! Stage 6: what changed from one version of a notebook to another.
//!
//! The two text forms are compared cell by cell: an [`Alignment`] says which cell to hold against which, and only
//! the lines of a cell that differ are compared by lines. What comes out is a list of changed stretches of the
//! text forms, in order on both sides, so that it can be written as a strict unified diff.
//!
//! [`Alignment`]: crate::align::Alignment

mod compare;
mod outputs;

use std::ops::Range;

pub use compare::diff;
pub use outputs::{Extent, Measure, OutputChange, output_changes, output_changes_line};

use crate::text::TextForm;

/// What changed, with the texts that it speaks of.
#[derive(Debug, Clone)]
pub struct NotebookDiff {
    /// The older version.
    pub before: Lines,
    /// The newer version.
    pub after: Lines,
    /// The changed stretches, ascending on both sides, each of at least one line.
    pub changes: Vec<Change>,
    /// What became of each cell that changed, in the order of the changes.
    pub cells: Vec<CellChange>,
}

/// A stretch of lines that differs; line numbers from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What goes.
    pub before: Range<usize>,
    /// What comes.
    pub after: Range<usize>,
}

/// What became of a cell; indices from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellChange {
    /// Its place in the older version, if it was there.
    pub before: Option<usize>,
    /// Its place in the newer version, if it is there.
    pub after: Option<usize>,
    /// Whether it stands elsewhere among the others.
    pub moved: Place,
}

/// Whether a cell kept its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Among the same neighbours.
    Kept,
    /// Elsewhere.
    Moved,
}

/// A text form, by lines.
#[derive(Debug, Clone)]
pub struct Lines {
    text: TextForm,
    /// Where each line begins, and where the last one ends.
    starts: Vec<usize>,
    /// The first line of each cell, and then of what stands behind the cells.
    cell_lines: Vec<usize>,
}

impl Lines {
    /// Finds the lines of `text`.
    #[must_use]
    pub fn new(text: TextForm) -> Self {
        let mut starts = Vec::with_capacity(text.bytes.len() / 32);
        starts.push(0);
        starts.extend(memchr::memchr_iter(b'\n', &text.bytes).map(|newline| newline + 1));
        let line_of = |at: usize| starts.partition_point(|start| *start < at);
        let ends = text.cells.last().map_or(0, |last| last.end);
        let cell_lines = text.cells.iter().map(|cell| cell.start).chain([ends]).map(line_of).collect();
        Self { text, starts, cell_lines }
    }

    /// No lines: the side that an added or deleted file does not have.
    #[must_use]
    pub fn none() -> Self {
        Self::new(TextForm { bytes: Vec::new(), cells: Vec::new() })
    }

    /// How many lines there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Line `index`, with its newline.
    #[must_use]
    pub fn line(&self, index: usize) -> &[u8] {
        &self.text.bytes[self.starts[index]..self.starts[index + 1]]
    }

    /// The lines of cell `index`; one past the last cell stands for what follows the cells.
    #[must_use]
    pub fn cell(&self, index: usize) -> Range<usize> {
        self.cell_lines[index]..self.cell_lines.get(index + 1).copied().unwrap_or(self.len())
    }

    /// How many cells there are.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.cell_lines.len() - 1
    }

    /// The cell that `line` belongs to; the number of cells for what follows them.
    #[must_use]
    pub fn cell_of(&self, line: usize) -> usize {
        self.cell_lines.partition_point(|start| *start <= line).saturating_sub(1)
    }

    fn bytes(&self, lines: Range<usize>) -> &[u8] {
        &self.text.bytes[self.starts[lines.start]..self.starts[lines.end]]
    }
}
