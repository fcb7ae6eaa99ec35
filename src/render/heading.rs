//! What stands behind `@@`: which cell it is, and what became of it.

use std::ops::Range;

use crate::diff::{CellChange, Change, Fate, Lines, NotebookDiff, Place, Run};

/// The headings of a diff's hunks.
pub(super) struct Headings<'d> {
    diff: &'d NotebookDiff<'d>,
    /// For each cell of the older and of the newer version its change, as an index of the diff's cells.
    known: [Vec<Option<usize>>; 2],
}

impl<'d> Headings<'d> {
    pub(super) fn new(diff: &'d NotebookDiff<'d>) -> Self {
        let mut known = [vec![None; diff.before.cells()], vec![None; diff.after.cells()]];
        for (index, change) in diff.cells.iter().enumerate() {
            known[0][change.before.clone()].fill(Some(index));
            known[1][change.after.clone()].fill(Some(index));
        }
        Self { diff, known }
    }

    /// For whoever asks about cells and not about lines.
    pub(super) fn of_cells(diff: &'d NotebookDiff<'d>) -> Self {
        Self { diff, known: [Vec::new(), Vec::new()] }
    }

    /// `cell 5 code, moved from 9, outputs changed` for the cell that a stretch of the whole text begins in.
    pub(super) fn of_change(&self, change: &Change) -> String {
        let gone = change.after.is_empty();
        let (lines, line) = if gone { (&self.diff.before, &change.before) } else { (&self.diff.after, &change.after) };
        let cell = lines.cell_of(line.start);
        if cell >= lines.cells() {
            return "notebook".to_owned();
        }
        match self.known[usize::from(!gone)][cell].map(|index| &self.diff.cells[index]) {
            Some(change) if gone && change.moved != Place::Kept => {
                format!("old {}, moved to {}", named(lines, &change.before), change.after.start + 1)
            }
            Some(change) => self.of_cell(change),
            None => named(lines, &(cell..cell + 1)),
        }
    }

    /// The same for a cell.
    pub(super) fn of_cell(&self, change: &CellChange) -> String {
        let cells = match change.fate() {
            // Counted in the older version, unlike all others.
            Fate::Deleted => format!("old {}", named(&self.diff.before, &change.before)),
            _ => named(&self.diff.after, &change.after),
        };
        let fate = match change.fate() {
            Fate::Kept => match change.moved {
                Place::Kept => None,
                Place::Moved => Some(format!("moved from {}", numbers(&change.before))),
                Place::Swapped { with } => Some(format!("swapped with {}", with + 1)),
            },
            Fate::Added => Some("new".to_owned()),
            Fate::Deleted => Some("deleted".to_owned()),
            Fate::Split => Some(format!("split from {}", numbers(&change.before))),
            Fate::Joined => Some(format!("joined from {}", numbers(&change.before))),
        };
        let was = change.was.as_ref().map(|was| format!("was {was}"));
        let run = matches!(change.run, Run::Outputs(_)).then(|| "outputs changed".to_owned());
        [Some(cells), fate, was, run].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// `cell 5 code`; of several only their numbers.
fn named(lines: &Lines, cells: &Range<usize>) -> String {
    if cells.len() > 1 {
        return format!("cells {}", numbers(cells));
    }
    let header = lines.line(lines.cell(cells.start).start);
    let words = String::from_utf8_lossy(header.strip_prefix(b"# %% ").unwrap_or_default());
    format!("cell {} {}", numbers(cells), words.trim_end())
}

/// `4`, `4 and 5`, `4-6`: as people count.
pub(super) fn numbers(cells: &Range<usize>) -> String {
    match cells.len() {
        1 => (cells.start + 1).to_string(),
        2 => format!("{} and {}", cells.start + 1, cells.end),
        _ => format!("{}-{}", cells.start + 1, cells.end),
    }
}
