//! Stage 5: which cell is which.
//!
//! [`align`] pairs the cells of two versions of a notebook. Content decides: cells with equal sources first, in
//! order and then out of it; then similar sources, which rare words propose so that the work stays near-linear.
//! Ids are evidence and not truth, for some tools regenerate them or number them by position: an id settles which
//! of several equal cells is meant, and which cell is the first one where that was edited and a copy of it was not.
//! Else it pairs two unlike cells only when nothing better is left and the ids have proved right on the cells whose
//! content agrees. [`splits`] and [`joins`] then find the cells whose lines went to several neighbouring ones, or came
//! from there.

mod bag;
mod exact;
mod ids;
mod lines;
mod order;
mod pairing;
mod rewritten;
mod similar;
mod split;

use crate::json::Style;
use crate::notebook::{Cell, Notebook};

pub use exact::CompareBy;
use exact::Tokens;
pub use pairing::Gap;
use pairing::Pairing;
pub use rewritten::{Likeness, rewritings};
pub use split::{Split, joins, splits};

/// Which cell of one version is which cell of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alignment {
    before: Vec<Option<usize>>,
    after: Vec<Option<usize>>,
    moved: Vec<bool>,
}

/// A cell that stands in both versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// Its index in the older version, from 0.
    pub before: usize,
    /// Its index in the newer version, from 0.
    pub after: usize,
}

impl Alignment {
    /// Where cell `before` went; `None` if it was deleted.
    #[must_use]
    pub fn to_after(&self, before: usize) -> Option<usize> {
        self.before[before]
    }

    /// Where cell `after` came from; `None` if it is new.
    #[must_use]
    pub fn to_before(&self, after: usize) -> Option<usize> {
        self.after[after]
    }

    /// How many cells the older version has.
    #[must_use]
    pub fn cells_before(&self) -> usize {
        self.before.len()
    }

    /// How many cells the newer version has.
    #[must_use]
    pub fn cells_after(&self) -> usize {
        self.after.len()
    }

    /// Whether the paired cell `after` changed its place among the others; the fewest possible cells have.
    #[must_use]
    pub fn is_moved(&self, after: usize) -> bool {
        self.moved[after]
    }

    /// The same, with some more pairs of cells that have no partner yet.
    #[must_use]
    pub fn with_pairs(self, pairs: &[Pair]) -> Self {
        if pairs.is_empty() {
            return self;
        }
        let mut pairing = Pairing { before: self.before, after: self.after };
        for pair in pairs {
            pairing.pair(pair.before, pair.after);
        }
        let moved = order::moved(&pairing);
        Self { before: pairing.before, after: pairing.after, moved }
    }

    /// The stretches in which both versions have cells without a partner.
    #[must_use]
    pub fn gaps(&self) -> Vec<Gap> {
        let pairing = Pairing { before: self.before.clone(), after: self.after.clone() };
        pairing.gaps(&order::in_order(&pairing))
    }

    /// All pairs, in the newer version's order.
    pub fn pairs(&self) -> impl Iterator<Item = Pair> {
        let pairs = self.after.iter().enumerate();
        pairs.filter_map(|(after, before)| before.map(|before| Pair { before, after }))
    }
}

/// Pairs the cells of `before` and `after`. Deterministic, and near-linear in the number of cells.
#[must_use]
pub fn align(before: &Notebook<'_>, after: &Notebook<'_>) -> Alignment {
    let same_layout = Style::of(before.bytes).same_layout(&Style::of(after.bytes));
    align_cells(&before.cells, &after.cells, same_layout.into())
}

/// As [`align`], for any two lists of cells.
#[must_use]
pub fn align_cells(before: &[Cell<'_>], after: &[Cell<'_>], by: CompareBy) -> Alignment {
    let tokens = Tokens::new(before, after, by);
    let mut pairing = Pairing::new(before.len(), after.len());
    exact::pair_copied(before, after, &tokens, &mut pairing);
    exact::pair_equal(before, after, &tokens, &mut pairing);
    if pairing.has_unpaired() {
        let ids = exact::trusted_ids(&tokens, &pairing);
        similar::pair_similar(before, after, &ids, &mut pairing);
    }
    let moved = order::moved(&pairing);
    Alignment { before: pairing.before, after: pairing.after, moved }
}

#[cfg(test)]
mod tests;
