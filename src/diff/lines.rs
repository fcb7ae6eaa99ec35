//! A text form, by lines.

use std::ops::Range;

use crate::text::{TextForm, parts, tail_parts};

use super::parts::Parts;

/// A text form, by lines; line numbers and cells from 0.
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

    /// The same without the lines of parts that are not compared.
    pub(super) fn only(text: &TextForm, wanted: &Parts) -> Self {
        let mut bytes = Vec::with_capacity(text.bytes.len());
        let mut cells = Vec::with_capacity(text.cells.len());
        for cell in 0..text.cells.len() {
            let start = bytes.len();
            let kept = split(text.cell(cell)).zip(parts(split(text.cell(cell)))).filter(|(_, part)| wanted.has(*part));
            kept.for_each(|(line, _)| bytes.extend_from_slice(line));
            cells.push(start..bytes.len());
        }
        let tail = split(text.tail()).zip(tail_parts(split(text.tail()))).filter(|(_, part)| wanted.has_tail(*part));
        tail.for_each(|(line, _)| bytes.extend_from_slice(line));
        Self::new(TextForm { bytes, cells })
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

    /// The lines of neighbouring `cells`; of none, the place before the first.
    #[must_use]
    pub fn cells_lines(&self, cells: &Range<usize>) -> Range<usize> {
        let start = self.cell(cells.start).start;
        if cells.is_empty() { start..start } else { start..self.cell(cells.end - 1).end }
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

    /// The text of some lines.
    #[must_use]
    pub fn bytes(&self, lines: Range<usize>) -> &[u8] {
        &self.text.bytes[self.starts[lines.start]..self.starts[lines.end]]
    }
}

fn split(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|byte| *byte == b'\n')
}
