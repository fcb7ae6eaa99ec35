//! The places of the result, and which versions' cells stand there.

use std::collections::HashSet;

use crate::notebook::ConflictKind;

use super::{Side, Sides};

/// A cell of the result: its index in each version that has it.
pub(super) type Trio = Sides<Option<usize>>;

/// A place in the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Slot {
    /// A cell.
    Cell(Trio),
    /// A cell that was cut in another way in the base.
    Part(Part),
    /// What a person must choose from.
    Either(Either),
}

/// A cell that holds only some lines of a version's cell, or those of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// The cells that its metadata, outputs and id come from.
    pub(super) trio: Trio,
    /// Its lines in each version.
    pub(super) texts: Sides<Vec<u8>>,
    /// How many cells of each version end in it.
    pub(super) ends: Sides<usize>,
    /// Cells that the other side kept apart and ran again: their lines are here, their outputs are not.
    pub(super) runs_dropped: bool,
}

/// Cells of both sides that exclude each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Either {
    pub(super) kind: ConflictKind,
    /// Who deleted or split a cell that the other side edited.
    pub(super) by: Option<Side>,
    /// The base's cells that both sides' stand for.
    pub(super) base: Vec<usize>,
    pub(super) ours: Vec<Trio>,
    pub(super) theirs: Vec<Trio>,
}

/// Where one cell of each version stands.
pub(super) const WHOLE: Sides<usize> = Sides { base: 1, ours: 1, theirs: 1 };

impl Trio {
    /// Whether a side deleted the base's cell.
    pub(super) fn is_deleted(&self) -> bool {
        self.base.is_some() && (self.ours.is_none() || self.theirs.is_none())
    }
}

impl Either {
    /// A cell that only the side `kept_by` still has.
    pub(super) fn deleted(trio: Trio, kept_by: Side) -> Self {
        let mut cells: Sides<Vec<Trio>> = Sides::default();
        cells.of_mut(kept_by).push(trio);
        let base = trio.base.into_iter().collect();
        Self { kind: ConflictKind::DeleteEdit, by: Some(kept_by.other()), base, ours: cells.ours, theirs: cells.theirs }
    }

    /// Takes the cells of `next`, which stands right behind.
    pub(super) fn extend(&mut self, next: Self) {
        self.base.extend(next.base);
        self.ours.extend(next.ours);
        self.theirs.extend(next.theirs);
    }
}

/// A cell that only one version has.
pub(super) fn only(side: Side, index: usize) -> Trio {
    let mut trio = Trio::default();
    *trio.of_mut(side) = Some(index);
    trio
}

/// The cells of each version that stand in some places, in their order, each once.
pub(super) fn cells_in<'t>(trios: impl Iterator<Item = &'t Trio>) -> Sides<Vec<usize>> {
    let trios: Vec<&Trio> = trios.collect();
    let known = |of: fn(&Trio) -> Option<usize>| {
        let mut seen = HashSet::new();
        trios.iter().filter_map(|trio| of(trio)).filter(|index| seen.insert(*index)).collect()
    };
    Sides { base: known(|trio| trio.base), ours: known(|trio| trio.ours), theirs: known(|trio| trio.theirs) }
}
