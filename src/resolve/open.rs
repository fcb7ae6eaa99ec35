//! What a person must still decide in a notebook.

use crate::merge::Sides;
use crate::notebook::{Cell, ConflictKind, Notebook, Record, Role};

use super::hunks::{Hunk, hunks};

/// A conflict that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenConflict {
    /// Its number in the notebook.
    pub number: usize,
    /// What collides.
    pub kind: ConflictKind,
    /// The length of its markers.
    pub marker_size: usize,
    /// The cell in which it begins, from 1.
    pub cell: usize,
    /// The cell in which it ends, from 1.
    pub last_cell: usize,
    /// What it looks like, or `None` if somebody has taken out some of its markers.
    pub shape: Option<Shape>,
}

/// What a conflict looks like in the notebook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// Markers within the source of one cell.
    Lines(Vec<Hunk>),
    /// Cells of both sides between marker cells: `middle` is the one between the sides, from 1.
    Cells {
        /// The marker cell between ours and theirs.
        middle: usize,
    },
    /// A cell that says which values collide; ours stand in the notebook.
    Values,
}

/// The conflicts that are open in a notebook, in the order of the cells in which they begin. One may stand within another.
#[must_use]
pub fn open_conflicts(notebook: &Notebook<'_>) -> Vec<OpenConflict> {
    let cells = notebook.cells.iter().enumerate();
    let records: Vec<(usize, Record)> =
        cells.filter_map(|(index, cell)| Some((index + 1, cell.unresolved()?))).collect();
    let mut found: Vec<OpenConflict> = Vec::new();
    for (cell, record) in &records {
        // Whoever copies a conflicted cell has two conflicts; marker cells belong together.
        let known = |other: &OpenConflict| {
            other.number == record.number && is_bracket(record.role) && !matches!(other.shape, Some(Shape::Lines(_)))
        };
        if !found.iter().any(known) {
            found.push(read(notebook, *cell, *record, &records));
        }
    }
    found
}

fn is_bracket(role: Role) -> bool {
    matches!(role, Role::Begin | Role::Middle | Role::End)
}

fn read(notebook: &Notebook<'_>, cell: usize, record: Record, records: &[(usize, Record)]) -> OpenConflict {
    let Record { number, kind, role, marker_size } = record;
    let (last_cell, shape) = match role {
        Role::Cell => (cell, whole_hunks(&notebook.cells[cell - 1], marker_size).map(Shape::Lines)),
        Role::Note => (cell, Some(Shape::Values)),
        _ => brackets(cell, number, records),
    };
    OpenConflict { number, kind, marker_size, cell, last_cell, shape }
}

/// What is left of a cell's hunks; `None` if there are only single markers.
fn whole_hunks(cell: &Cell<'_>, marker_size: usize) -> Option<Vec<Hunk>> {
    hunks(&cell.source_text(), marker_size).filter(|hunks| !hunks.is_empty())
}

/// The last of the marker cells of conflict `number`, and their shape if there is just one of each in its order.
fn brackets(cell: usize, number: usize, records: &[(usize, Record)]) -> (usize, Option<Shape>) {
    let own = records.iter().filter(|(_, record)| record.number == number && is_bracket(record.role));
    let own: Vec<(usize, Role)> = own.map(|(cell, record)| (*cell, record.role)).collect();
    match own.as_slice() {
        [(_, Role::Begin), (middle, Role::Middle), (end, Role::End)] => (*end, Some(Shape::Cells { middle: *middle })),
        [.., (last, _)] => (*last, None),
        [] => (cell, None),
    }
}

/// What the versions are called where conflicts are open, off the first markers that say it.
#[must_use]
pub fn labels(notebook: &Notebook<'_>) -> Sides<Option<String>> {
    let mut labels: Sides<Option<String>> = Sides::default();
    for open in open_conflicts(notebook) {
        let found = match &open.shape {
            Some(Shape::Lines(hunks)) => hunks.first().map(|hunk| hunk.labels.clone()).unwrap_or_default(),
            Some(Shape::Cells { .. }) => Sides {
                base: None,
                ours: bracket_label(notebook, open.cell, "<", open.marker_size),
                theirs: bracket_label(notebook, open.last_cell, ">", open.marker_size),
            },
            _ => Sides::default(),
        };
        labels = Sides {
            base: labels.base.or(found.base),
            ours: labels.ours.or(found.ours),
            theirs: labels.theirs.or(found.theirs),
        };
    }
    labels
}

/// The label in the first line of a marker cell, which is a code span.
fn bracket_label(notebook: &Notebook<'_>, cell: usize, character: &str, size: usize) -> Option<String> {
    let source = notebook.cells[cell - 1].source_text();
    let line = String::from_utf8_lossy(source.split(|byte| *byte == b'\n').next()?).into_owned();
    let marker = line.strip_prefix('`')?.strip_suffix('`')?;
    marker.strip_prefix(&character.repeat(size))?.strip_prefix(' ').map(str::to_owned)
}
