//! What a run left behind: outputs and execution count. They never conflict.

use crate::json;
use crate::notebook::Cell;

use super::source::Source;
use super::{OutputsPolicy, Side, Sides};

/// Whose outputs and count a merged cell has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    /// The side, or `None` if nobody ran the merged code: no outputs and no count.
    pub(super) taken: Option<Side>,
    /// Whether both sides had something different to offer.
    pub(super) chosen: bool,
}

/// The members that a run writes, in all versions of nbformat.
pub(super) const RUN_MEMBERS: [&str; 3] = ["outputs", "execution_count", "prompt_number"];

/// Outputs follow the source they belong to.
///
/// `ran_below` is the side whose code above this cell is the result's, if there is just one.
pub(super) fn settle_run(
    cells: &Sides<Option<&Cell<'_>>>,
    source: &Source,
    ran_below: Option<Side>,
    policy: OutputsPolicy,
) -> Run {
    let values = |member: &dyn Fn(&Cell<'_>) -> Option<String>| cells.map(|cell| cell.and_then(member));
    let outputs = values(&|cell| cell.outputs().map(str::to_owned));
    let counts = values(&|cell| cell.execution_count().map(str::to_owned));
    let differ = !same(&outputs.ours, &outputs.theirs) || !same(&counts.ours, &counts.theirs);
    match source {
        Source::Combined(_) | Source::Conflict(..) => {
            let any = [&outputs.ours, &outputs.theirs].iter().any(|raw| raw.as_deref().is_some_and(|raw| raw != "[]"));
            Run { taken: None, chosen: any }
        }
        Source::Edited(side) => {
            let other = if *side == Side::Ours { &outputs.theirs } else { &outputs.ours };
            Run { taken: Some(*side), chosen: differ && !same(&outputs.base, other) }
        }
        Source::Same => {
            let trivial = outputs.trivial(same).filter(|_| !same(&outputs.ours, &outputs.theirs));
            let trivial = trivial.or_else(|| counts.trivial(same).filter(|_| same(&outputs.ours, &outputs.theirs)));
            match trivial {
                Some(side) => Run { taken: Some(side), chosen: false },
                // Outputs that both sides agree on are not emptied because their counts differ.
                None if policy == OutputsPolicy::Clear && same(&outputs.ours, &outputs.theirs) => {
                    Run { taken: OutputsPolicy::default().side(ran_below), chosen: differ }
                }
                None => Run { taken: policy.side(ran_below), chosen: differ },
            }
        }
    }
}

fn same(one: &Option<String>, other: &Option<String>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => json::same(one, other),
        (one, other) => one == other,
    }
}

/// Whose code above the current cell is the result's so far.
#[derive(Debug, Default)]
pub(super) struct CodeAbove {
    result: usize,
    diverged: Sides<bool>,
}

impl CodeAbove {
    /// Takes note of a code cell of the result: for each side whether its source is that of the side's next code
    /// cell, given as that cell's rank among the side's code cells.
    pub(super) fn add(&mut self, ours: Option<usize>, theirs: Option<usize>) {
        self.diverged.ours |= ours != Some(self.result);
        self.diverged.theirs |= theirs != Some(self.result);
        self.result += 1;
    }

    /// The one side whose code above is the result's, given how many code cells each side has above.
    pub(super) fn side(&self, ours: usize, theirs: usize) -> Option<Side> {
        let is_ours = !self.diverged.ours && ours == self.result;
        let is_theirs = !self.diverged.theirs && theirs == self.result;
        match (is_ours, is_theirs) {
            (true, false) => Some(Side::Ours),
            (false, true) => Some(Side::Theirs),
            _ => None,
        }
    }
}
