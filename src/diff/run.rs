//! What a run made of a cell.

use crate::json;
use crate::notebook::Cell;

use super::outputs::{OutputChange, output_changes};
use super::parts::{Detail, Parts};

/// How a cell's outputs and count changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Run {
    /// Not at all.
    #[default]
    Same,
    /// It has another count, and outputs that read the same.
    Again,
    /// It has a count and had none, and outputs that read the same, if any.
    Counted,
    /// It has the same count, and outputs that read the same but are written otherwise.
    Rewritten,
    /// It has no count any more, and outputs that read the same.
    CountCleared,
    /// Its outputs read otherwise.
    Outputs(Vec<OutputChange>),
}

/// Compares the outputs and counts of two versions of a cell, as far as these are to be told.
pub(super) fn run(before: &Cell<'_>, after: &Cell<'_>, parts: &Parts) -> Run {
    let outputs = [before, after].map(|cell| cell.outputs().unwrap_or("[]"));
    let other_outputs = parts.outputs == Detail::Told && outputs[0] != outputs[1];
    let changes = if other_outputs { output_changes(outputs[0], outputs[1]) } else { Vec::new() };
    let count = |cell: &Cell<'_>| cell.execution_count().filter(|count| *count != "null").map(str::to_owned);
    let counts = if parts.details == Detail::Told { [count(before), count(after)] } else { [None, None] };
    match (changes.is_empty(), &counts) {
        (false, _) => Run::Outputs(changes),
        (true, [Some(_), None]) => Run::CountCleared,
        (true, [None, Some(_)]) => Run::Counted,
        (true, [old, new]) if old != new => Run::Again,
        _ if other_outputs => Run::Rewritten,
        _ => Run::Same,
    }
}

/// Compares the outputs of cells that were split or joined, taken together.
pub(super) fn run_of_several(before: &[Cell<'_>], after: &[Cell<'_>], parts: &Parts) -> Run {
    let together = |cells: &[Cell<'_>]| {
        let outputs = cells.iter().filter_map(Cell::outputs).flat_map(json::elements).collect::<Vec<_>>();
        format!("[{}]", outputs.join(","))
    };
    let outputs = [before, after].map(together);
    if parts.outputs != Detail::Told || outputs[0] == outputs[1] {
        return Run::Same;
    }
    match output_changes(&outputs[0], &outputs[1]) {
        changes if changes.is_empty() => Run::Same,
        changes => Run::Outputs(changes),
    }
}
