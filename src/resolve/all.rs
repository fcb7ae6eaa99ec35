//! Many conflicts settled at once.

use std::collections::{HashMap, HashSet};

use crate::notebook::Notebook;

use super::open::{OpenConflict, open_conflicts};
use super::remerge::Remerge;
use super::settle::{Changes, changes};
use super::{Shape, Take, Unsettled};

/// The file with as many conflicts settled as can be, and those that could not be.
///
/// `wanted` says which are meant.
#[must_use]
pub fn settle_all(
    file: &[u8],
    remerge: Option<&Remerge<'_>>,
    take: Take,
    wanted: impl Fn(&OpenConflict) -> bool,
) -> (Vec<u8>, Vec<(OpenConflict, Unsettled)>) {
    let (mut bytes, mut left) = (file.to_vec(), Vec::new());
    // Those that had to wait for others: their cells have moved by then.
    let mut waiting: Option<HashSet<Name>> = None;
    loop {
        let Ok(notebook) = Notebook::read(&bytes) else { return (bytes, left) };
        let mut round = Round::default();
        let mut seen = Names::default();
        for open in open_conflicts(&notebook) {
            let name = seen.next(open.number);
            let is_meant = waiting.as_ref().map_or_else(|| wanted(&open), |names| names.contains(&name));
            let changes = match is_meant && open.cell > round.last {
                true => changes(&notebook, &open, remerge, take, &round.gone).map(Some),
                false => Ok(None),
            };
            match changes {
                Ok(Some(changes)) => round.add(&open, take, changes),
                Ok(None) => {
                    let name = round.left.next(open.number);
                    round.waiting.extend(is_meant.then_some(name));
                }
                Err(reason) => {
                    round.left.next(open.number);
                    left.push((open, reason));
                }
            }
        }
        let Round { edits, gone, waiting: next, .. } = round;
        if edits.is_empty() && gone.is_empty() {
            return (bytes, left);
        }
        let settled = Changes { edits, gone: gone.into_iter().collect(), last: 0 }.apply(&notebook);
        bytes = settled;
        waiting = Some(next);
    }
}

/// A conflict by its number and, as whoever copies a cell has two of a number, by how many of it stand before.
type Name = (usize, usize);

/// How many of each number there have been.
#[derive(Default)]
struct Names(HashMap<usize, usize>);

impl Names {
    fn next(&mut self, number: usize) -> Name {
        let before = self.0.entry(number).or_default();
        *before += 1;
        (number, *before - 1)
    }
}

/// Conflicts that do not touch each other.
#[derive(Default)]
struct Round {
    edits: Vec<crate::json::Edit>,
    gone: HashSet<usize>,
    /// The last cell that any touches.
    last: usize,
    /// Those that stay open in it, and of them those that come next.
    left: Names,
    waiting: HashSet<Name>,
}

impl Round {
    fn add(&mut self, open: &OpenConflict, take: Take, changes: Changes) {
        self.edits.extend(changes.edits);
        self.gone.extend(changes.gone);
        // Cells of the base get ids that no other has, so they come one after another.
        let alone = take == Take::Base && matches!(open.shape, Some(Shape::Cells { .. }));
        self.last = if alone { usize::MAX } else { changes.last };
    }
}
