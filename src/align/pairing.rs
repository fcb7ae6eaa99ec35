//! The pairs found so far.

/// Partners of each cell, filled step by step; a pair is never taken back.
pub(super) struct Pairing {
    pub(super) before: Vec<Option<usize>>,
    pub(super) after: Vec<Option<usize>>,
}

/// A stretch without pairs between two pairs that are in order.
#[derive(Debug, PartialEq, Eq)]
pub struct Gap {
    /// Unpaired cells of the older version, from 0.
    pub before: Vec<usize>,
    /// Unpaired cells of the newer version, from 0.
    pub after: Vec<usize>,
}

impl Pairing {
    pub(super) fn new(before: usize, after: usize) -> Self {
        Self { before: vec![None; before], after: vec![None; after] }
    }

    pub(super) fn pair(&mut self, before: usize, after: usize) {
        self.before[before] = Some(after);
        self.after[after] = Some(before);
    }

    /// Whether neither cell has a partner yet.
    pub(super) fn both_free(&self, before: usize, after: usize) -> bool {
        self.before[before].is_none() && self.after[after].is_none()
    }

    /// Whether both versions have cells without a partner.
    pub(super) fn has_unpaired(&self) -> bool {
        self.before.iter().any(Option::is_none) && self.after.iter().any(Option::is_none)
    }

    /// The stretches between the pairs `in_order` (ascending on both sides) that have free cells on both sides.
    pub(super) fn gaps(&self, in_order: &[(usize, usize)]) -> Vec<Gap> {
        let ends = in_order.iter().copied().chain([(self.before.len(), self.after.len())]);
        let (mut from_before, mut from_after) = (0, 0);
        let mut gaps = Vec::new();
        for (before, after) in ends {
            let gap = Gap {
                before: (from_before..before).filter(|index| self.before[*index].is_none()).collect(),
                after: (from_after..after).filter(|index| self.after[*index].is_none()).collect(),
            };
            if !gap.before.is_empty() && !gap.after.is_empty() {
                gaps.push(gap);
            }
            (from_before, from_after) = (before + 1, after + 1);
        }
        gaps
    }
}
