//! Many conflicts settled at once.

use std::collections::HashSet;

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
    // Of those that had to wait for others the numbers: their cells have moved by then.
    let mut waiting: Option<HashSet<usize>> = None;
    loop {
        let Ok(notebook) = Notebook::read(&bytes) else { return (bytes, left) };
        let is_meant = |open: &OpenConflict| match &waiting {
            None => wanted(open),
            Some(numbers) => numbers.contains(&open.number),
        };
        let mut round = Round::default();
        for open in open_conflicts(&notebook).into_iter().filter(is_meant) {
            if open.cell <= round.last {
                round.waiting.insert(open.number);
                continue;
            }
            match changes(&notebook, &open, remerge, take, &round.gone) {
                Ok(changes) => round.add(&open, take, changes),
                Err(reason) => left.push((open, reason)),
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

/// Conflicts that do not touch each other.
#[derive(Default)]
struct Round {
    edits: Vec<crate::json::Edit>,
    gone: HashSet<usize>,
    /// The last cell that any touches.
    last: usize,
    waiting: HashSet<usize>,
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
