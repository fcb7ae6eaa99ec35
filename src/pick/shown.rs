//! The diff of each change by itself.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use crate::diff::{CellChange, Change, DiffOptions, NotebookChange, NotebookDiff, ValueChange, diff};

use super::{CellName, Changes, Item};

/// The diff of two versions, taken apart into that of each change.
#[derive(Debug)]
pub struct ChangeDiffs<'c, 'n> {
    changes: &'c Changes<'n>,
    options: DiffOptions,
    /// The part that was asked for last.
    diff: NotebookDiff<'n>,
    cells: HashMap<CellName, CellChange>,
    notebook: NotebookChange,
    tail: Vec<Change>,
}

impl<'c, 'n> ChangeDiffs<'c, 'n> {
    /// Compares the two versions.
    #[must_use]
    pub fn new(changes: &'c Changes<'n>, options: &DiffOptions) -> Self {
        let mut diff = diff(Some(changes.old), Some(changes.new), options);
        let cells = std::mem::take(&mut diff.cells);
        let cells = cells.into_iter().map(|change| (name(&change.before, &change.after), change)).collect();
        let (notebook, tail) = (std::mem::take(&mut diff.notebook), std::mem::take(&mut diff.tail));
        let mut diffs = Self { changes, options: *options, diff, cells, notebook, tail };
        diffs.drop_what_cells_tell();
        diffs
    }

    /// The diff that holds the change with this index and no other.
    pub fn of(&mut self, item: usize) -> &NotebookDiff<'n> {
        let (cells, notebook, tail) = match self.changes.items.get(item) {
            Some(Item::Cells { before, after }) => {
                let cells = self.cells.get(&name(before, after)).cloned().into_iter().collect();
                (cells, self.hidden(before, after), Vec::new())
            }
            Some(Item::Metadata) => (Vec::new(), self.metadata(), self.tail.clone()),
            Some(Item::Layout) => (Vec::new(), self.layout(), Vec::new()),
            Some(Item::Whole) => (self.all_cells(), self.notebook.clone(), self.tail.clone()),
            None => (Vec::new(), NotebookChange::default(), Vec::new()),
        };
        let lines = cells.iter().flat_map(|cell: &CellChange| &cell.lines).chain(&tail);
        self.diff.changes = lines.cloned().collect();
        (self.diff.cells, self.diff.notebook, self.diff.tail) = (cells, notebook, tail);
        &self.diff
    }

    fn metadata(&self) -> NotebookChange {
        let mut change = self.notebook.clone();
        change.values.retain(|value| !self.is_of_layout(value));
        NotebookChange { ids: 0, layout: None, ..change }
    }

    fn layout(&self) -> NotebookChange {
        let mut change = self.notebook.clone();
        change.values.retain(|value| self.is_of_layout(value));
        NotebookChange { cells: Vec::new(), cell_keys: BTreeSet::new(), ..change }
    }

    fn is_of_layout(&self, value: &ValueChange) -> bool {
        self.changes.fit.keeps_version() && value.path == "nbformat"
    }

    fn all_cells(&self) -> Vec<CellChange> {
        let mut cells: Vec<CellChange> = self.cells.values().cloned().collect();
        cells.sort_by_key(|cell| (cell.after.start, cell.before.start));
        cells
    }

    /// What no line tells of a cell.
    fn hidden(&self, before: &Range<usize>, after: &Range<usize>) -> NotebookChange {
        match (before.len(), after.len()) {
            (1, 1) => {
                let (old, new) = (&self.changes.old.cells[before.start], &self.changes.new.cells[after.start]);
                NotebookChange::of_cell(old, new, after.start, &self.options)
            }
            _ => NotebookChange::default(),
        }
    }

    /// Takes out of what is told of the notebook what is told of its cells.
    fn drop_what_cells_tell(&mut self) {
        let mut told: Vec<usize> = Vec::new();
        for item in self.changes.items() {
            if let Item::Cells { before, after } = item {
                self.notebook.ids = self.notebook.ids.saturating_sub(self.hidden(before, after).ids);
                told.extend(after.clone());
            }
        }
        told.sort_unstable();
        self.notebook.cells.retain(|cell| told.binary_search(cell).is_err());
        if self.notebook.cells.is_empty() {
            self.notebook.cell_keys.clear();
        }
    }
}

/// What a change of cells is found by.
fn name(before: &Range<usize>, after: &Range<usize>) -> CellName {
    if after.is_empty() { CellName::Old(before.start + 1) } else { CellName::New(after.start + 1) }
}
