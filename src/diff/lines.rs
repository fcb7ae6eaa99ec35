//! A text form, by lines.

use std::cell::OnceCell;
use std::ops::Range;

use crate::notebook::{Cell, Notebook};
use crate::text::{CellTexts, Show, parts, tail_parts, text_form_with};

use super::DiffOptions;
use super::parts::Parts;

/// A text form, by lines; line numbers and cells from 0.
///
/// How many lines each cell has is known from the start, its text is written when a line of it is first asked for: of
/// a large notebook most cells stand in a diff only as numbers of lines.
#[derive(Debug, Clone)]
pub struct Lines<'n> {
    cells: &'n [Cell<'n>],
    parts: Parts,
    /// The text of each cell, and of what stands behind the cells.
    texts: Vec<OnceCell<Text>>,
    /// The first line of each text, and where the last one ends.
    starts: Vec<usize>,
}

/// Lines that are written.
#[derive(Debug, Clone, Default)]
struct Text {
    bytes: Vec<u8>,
    /// Where each line ends.
    ends: Vec<usize>,
}

impl Text {
    fn new(bytes: Vec<u8>) -> Self {
        let mut ends = Vec::with_capacity(bytes.len() / 16);
        ends.extend(memchr::memchr_iter(b'\n', &bytes).map(|newline| newline + 1));
        Self { bytes, ends }
    }

    fn line(&self, index: usize) -> &[u8] {
        let start = index.checked_sub(1).map_or(0, |previous| self.ends[previous]);
        &self.bytes[start..self.ends[index]]
    }
}

impl<'n> Lines<'n> {
    /// The lines of `notebook`. `known` tells how many lines a cell has, where somebody knows it.
    pub(super) fn of(
        notebook: &'n Notebook<'n>,
        options: &DiffOptions,
        known: impl Fn(usize) -> Option<usize>,
    ) -> Self {
        let mut lines = Self { cells: &notebook.cells, parts: options.parts, texts: Vec::new(), starts: vec![0] };
        let text_options = options.parts.text(options.hidden_line);
        if options.hidden_line == Show::Yes {
            let form = text_form_with(notebook, &text_options);
            (0..notebook.cells.len()).for_each(|cell| lines.push_cell(form.cell(cell).to_vec()));
            lines.push_tail(form.tail().to_vec());
            return lines;
        }
        let mut texts = CellTexts::new(&text_options);
        for (index, cell) in notebook.cells.iter().enumerate() {
            match known(index) {
                Some(count) => lines.push(count, OnceCell::new()),
                None if options.parts.leave_out_lines() => lines.push_cell(texts.text(cell)),
                None => lines.push(texts.line_count(cell), OnceCell::new()),
            }
        }
        lines.push_tail(texts.tail(notebook));
        lines
    }

    /// No lines: the side that an added or deleted file does not have.
    #[must_use]
    pub fn none() -> Self {
        let mut lines = Self { cells: &[], parts: Parts::default(), texts: Vec::new(), starts: vec![0] };
        lines.push_tail(Vec::new());
        lines
    }

    fn push(&mut self, count: usize, text: OnceCell<Text>) {
        self.starts.push(self.len() + count);
        self.texts.push(text);
    }

    fn push_cell(&mut self, text: Vec<u8>) {
        let text = Text::new(of_parts(text, &self.parts));
        self.push(text.ends.len(), text.into());
    }

    fn push_tail(&mut self, text: Vec<u8>) {
        let text = Text::new(of_tail_parts(text, &self.parts));
        self.push(text.ends.len(), text.into());
    }

    /// The text of cell `index`, or of what follows the cells.
    fn text(&self, index: usize) -> &Text {
        self.texts[index].get_or_init(|| {
            let written = self.cells.get(index).map(|cell| CellTexts::new(&self.parts.text(Show::No)).text(cell));
            Text::new(of_parts(written.unwrap_or_default(), &self.parts))
        })
    }

    /// How many lines there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts[self.starts.len() - 1]
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Line `index`, with its newline.
    #[must_use]
    pub fn line(&self, index: usize) -> &[u8] {
        let cell = self.cell_of(index);
        self.text(cell).line(index - self.starts[cell])
    }

    /// The lines of cell `index`; one past the last cell stands for what follows the cells.
    #[must_use]
    pub fn cell(&self, index: usize) -> Range<usize> {
        self.starts[index]..self.starts[index + 1]
    }

    /// The lines of neighbouring `cells`; of none, the place before the first.
    #[must_use]
    pub fn cells_lines(&self, cells: &Range<usize>) -> Range<usize> {
        self.starts[cells.start]..self.starts[cells.end.max(cells.start)]
    }

    /// How many cells there are.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.texts.len() - 1
    }

    /// The cell that `line` belongs to; the number of cells for what follows them.
    #[must_use]
    pub fn cell_of(&self, line: usize) -> usize {
        self.starts[..self.texts.len()].partition_point(|start| *start <= line).saturating_sub(1)
    }

    /// The text of cell `index`; one past the last cell stands for what follows the cells.
    #[must_use]
    pub fn cell_text(&self, index: usize) -> &[u8] {
        &self.text(index).bytes
    }
}

/// The lines of a cell's text without those that are not compared.
fn of_parts(text: Vec<u8>, wanted: &Parts) -> Vec<u8> {
    if !wanted.leave_out_lines() {
        return text;
    }
    let lines = || text.split_inclusive(|byte| *byte == b'\n');
    let kept = lines().zip(parts(lines())).filter(|(_, part)| wanted.has(*part));
    kept.flat_map(|(line, _)| line).copied().collect()
}

/// The same behind the cells.
fn of_tail_parts(text: Vec<u8>, wanted: &Parts) -> Vec<u8> {
    if !wanted.leave_out_lines() {
        return text;
    }
    let lines = || text.split_inclusive(|byte| *byte == b'\n');
    let kept = lines().zip(tail_parts(lines())).filter(|(_, part)| wanted.has_tail(*part));
    kept.flat_map(|(line, _)| line).copied().collect()
}
