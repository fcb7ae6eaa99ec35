//! Alignment and text forms to changed stretches.

use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput};

use crate::align::{Alignment, Pair};

use super::{CellChange, Change, Lines, NotebookDiff, Place};

/// Compares two versions, given which cell is which.
///
/// A moved cell goes in one place and comes in another, for a unified diff knows no moves; [`NotebookDiff::cells`]
/// tells that it is the same.
#[must_use]
pub fn diff(before: Lines, after: Lines, alignment: &Alignment) -> NotebookDiff {
    let mut comparison = Comparison { before: &before, after: &after, changes: Vec::new(), cells: Vec::new() };
    let (mut next_before, mut next_after) = (0, 0);
    for pair in alignment.pairs().filter(|pair| !alignment.is_moved(pair.after)) {
        comparison.between(next_before..pair.before, next_after..pair.after, alignment);
        comparison.pair(pair);
        (next_before, next_after) = (pair.before + 1, pair.after + 1);
    }
    comparison.between(next_before..before.cells(), next_after..after.cells(), alignment);
    comparison.stretch(before.cell(before.cells()), after.cell(after.cells()));
    let (changes, cells) = (comparison.changes, comparison.cells);
    NotebookDiff { before, after, changes, cells }
}

struct Comparison<'l> {
    before: &'l Lines,
    after: &'l Lines,
    changes: Vec<Change>,
    cells: Vec<CellChange>,
}

impl Comparison<'_> {
    /// Cells that have no partner in the same place.
    fn between(&mut self, before: Range<usize>, after: Range<usize>, alignment: &Alignment) {
        for cell in before.clone() {
            let partner = alignment.to_after(cell);
            if partner.is_none() {
                self.cells.push(CellChange { before: Some(cell), after: None, moved: Place::Kept });
            }
        }
        for cell in after.clone() {
            let partner = alignment.to_before(cell);
            let moved = if partner.is_some() { Place::Moved } else { Place::Kept };
            self.cells.push(CellChange { before: partner, after: Some(cell), moved });
        }
        let lines = |lines: &Lines, cells: Range<usize>| {
            let start = lines.cell(cells.start).start;
            start..if cells.is_empty() { start } else { lines.cell(cells.end - 1).end }
        };
        let (gone, come) = (lines(self.before, before), lines(self.after, after));
        if !gone.is_empty() || !come.is_empty() {
            self.push(gone, come);
        }
    }

    fn pair(&mut self, pair: Pair) {
        let known = self.changes.len();
        self.stretch(self.before.cell(pair.before), self.after.cell(pair.after));
        if self.changes.len() > known {
            let (before, after) = (Some(pair.before), Some(pair.after));
            self.cells.push(CellChange { before, after, moved: Place::Kept });
        }
    }

    /// Compares two stretches by lines.
    fn stretch(&mut self, before: Range<usize>, after: Range<usize>) {
        if self.before.bytes(before.clone()) == self.after.bytes(after.clone()) {
            return;
        }
        let mut input: InternedInput<&[u8]> = InternedInput::default();
        input.update_before(before.clone().map(|line| self.before.line(line)));
        input.update_after(after.clone().map(|line| self.after.line(line)));
        let mut lines = Diff::compute(Algorithm::Histogram, &input);
        lines.postprocess_lines(&input);
        for hunk in lines.hunks() {
            let shifted = |range: Range<u32>, by: usize| by + range.start as usize..by + range.end as usize;
            self.push(shifted(hunk.before, before.start), shifted(hunk.after, after.start));
        }
    }

    /// Adds a changed stretch, to the last one if they touch.
    fn push(&mut self, before: Range<usize>, after: Range<usize>) {
        match self.changes.last_mut() {
            Some(last) if last.before.end == before.start && last.after.end == after.start => {
                (last.before.end, last.after.end) = (before.end, after.end);
            }
            _ => self.changes.push(Change { before, after }),
        }
    }
}
