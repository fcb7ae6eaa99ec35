//! What a run left behind: outputs and execution count. They never conflict.

use crate::json;
use crate::notebook::{Cell, CellKind};

use super::choice::{Choice, ChoiceKind, Taken};
use super::source::Source;
use super::{OutputsPolicy, Side, Sides};

/// The members that a run writes, in all versions of nbformat.
pub(super) const RUN_MEMBERS: [&str; 3] = ["outputs", "execution_count", "prompt_number"];

/// Whose outputs and count a merged cell has: `None` if nobody ran the merged code. Outputs follow the source they
/// belong to.
///
/// `ran_below` is the side whose code above this cell is the result's, if there is just one.
pub(super) fn settle_run(
    cells: &Sides<Option<&Cell<'_>>>,
    source: &Source,
    ran_below: Option<Side>,
    policy: OutputsPolicy,
) -> Option<Side> {
    match source {
        Source::Combined(_) | Source::Conflict(..) => None,
        Source::Edited(side) => Some(*side),
        Source::Same => {
            let (outputs, counts) = (outputs(cells), counts(cells));
            // Outputs that both sides agree on are not emptied because their counts differ.
            let (decisive, policy) = match same(&outputs.ours, &outputs.theirs) {
                true if policy == OutputsPolicy::Clear => (counts, OutputsPolicy::default()),
                true => (counts, policy),
                false => (outputs, policy),
            };
            decisive.trivial(same).or_else(|| policy.side(ran_below))
        }
    }
}

/// The side that really gives the outputs and count, of a cell written on `frame`: where the cell is no code, it has
/// what the frame has, and a side in which it is none has nothing to give.
pub(super) fn giver(cells: &Sides<Option<&Cell<'_>>>, frame: Side, taken: Option<Side>) -> Option<Side> {
    let is_code = |side: &Side| cells.of(*side).is_some_and(|cell| cell.kind() == CellKind::Code);
    if is_code(&frame) { taken.filter(is_code) } else { Some(frame) }
}

/// What is reported if the outputs and count of `taken` stand in the result: whether something is gone for it that
/// a side had.
pub(super) fn run_choice(cells: &Sides<Option<&Cell<'_>>>, taken: Option<Side>) -> Option<Choice> {
    let is_loss = |values: &Sides<Option<&str>>, empty: &str| match taken {
        Some(side) => values.overrules(side, same),
        None => [values.ours, values.theirs].into_iter().flatten().any(|raw| !json::same(raw, empty)),
    };
    let kind = match () {
        () if is_loss(&outputs(cells), "[]") => ChoiceKind::Outputs,
        () if is_loss(&counts(cells), "null") => ChoiceKind::ExecutionCount,
        () => return None,
    };
    Some(Choice::new(kind, taken.map_or(Taken::Neither, Taken::from)))
}

fn outputs<'a>(cells: &Sides<Option<&Cell<'a>>>) -> Sides<Option<&'a str>> {
    never_run_before(cells, cells.map(|cell| cell.and_then(Cell::outputs)), "[]")
}

fn counts<'a>(cells: &Sides<Option<&Cell<'a>>>) -> Sides<Option<&'a str>> {
    never_run_before(cells, cells.map(|cell| cell.and_then(Cell::execution_count)), "null")
}

/// Of a cell that both sides put in, a side that never ran it has changed nothing.
fn never_run_before<'a>(
    cells: &Sides<Option<&Cell<'a>>>,
    values: Sides<Option<&'a str>>,
    empty: &'a str,
) -> Sides<Option<&'a str>> {
    let is_new = cells.base.is_none() && values.ours.is_some() && values.theirs.is_some();
    if is_new { Sides { base: Some(empty), ..values } } else { values }
}

fn same(one: &Option<&str>, other: &Option<&str>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => json::same(one, other),
        (one, other) => one == other,
    }
}
