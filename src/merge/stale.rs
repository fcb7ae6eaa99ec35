//! Outputs that a merge kept, though the code above them is no longer what made them.

use crate::json;
use crate::notebook::Cell;

use super::Side;
use super::above::CodeAbove;
use super::cell::Cells;
use super::slot::Trio;

/// A cell of the result whose outputs may be out of date because of the merge.
///
/// No side that has these outputs has the code that now stands above them, and on one of those sides at least they
/// were not out of date already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaleCell {
    /// The cell of the result, from 1.
    pub cell: usize,
    /// Its id, where it has one.
    pub id: Option<String>,
    /// The side whose outputs it has; `None` if both sides have them.
    pub outputs_of: Option<Side>,
}

/// Whether the outputs of `taken`, which stand in the result, are stale through the merge: then whose they are,
/// `None` for both.
pub(super) fn made_stale(above: &CodeAbove, trio: &Trio, cells: &Cells<'_, '_>, taken: Side) -> Option<Option<Side>> {
    if above.is_of(taken, trio) {
        return None;
    }
    let run = cells.of(taken).filter(|cell| has_outputs(cell))?;
    let has_run = |cell: Option<&Cell<'_>>| cell.is_some_and(|cell| same_run(cell, run));
    let of_both = has_run(*cells.of(taken.other()));
    let holders = [Some(taken), of_both.then(|| taken.other())];
    if holders.iter().flatten().any(|side| above.is_of(*side, trio)) {
        return None;
    }
    // Who changed code above and did not run this cell again had it out of date before the merge.
    let fresh = |side: &Side| above.is_unchanged_on(*side, trio) || !has_run(cells.base);
    holders.iter().flatten().any(fresh).then(|| (!of_both).then_some(taken))
}

pub(super) fn has_outputs(cell: &Cell<'_>) -> bool {
    let list = cell.outputs().and_then(|raw| raw.strip_prefix('[')?.strip_suffix(']'));
    list.is_some_and(|items| !items.trim_ascii().is_empty())
}

/// Whether two versions of a cell have the outputs of one run: the same, with the same count.
pub(super) fn same_run(one: &Cell<'_>, other: &Cell<'_>) -> bool {
    let same = |one: Option<&str>, other: Option<&str>| match (one, other) {
        (Some(one), Some(other)) => json::same(one, other),
        (one, other) => one == other,
    };
    same(one.execution_count(), other.execution_count()) && same(one.outputs(), other.outputs())
}
