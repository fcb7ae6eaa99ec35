//! The code above a cell: whose it is, and so whose outputs can be trusted.
//!
//! Only code cells with something in them count; notes and empty cells change no output.

use crate::notebook::{Cell, CellKind, Notebook};

use super::slot::Trio;
use super::{Side, Sides};

/// Whether a cell can change what the cells below it do.
pub(super) fn is_code(cell: &Cell<'_>) -> bool {
    cell.kind() == CellKind::Code && !cell.is_blank()
}

/// Whose code above the current cell is the result's so far.
#[derive(Debug)]
pub(super) struct CodeAbove {
    /// For each cell of each version how many code cells stand before it: its rank.
    ranks: Sides<Vec<usize>>,
    /// How many code cells at the top of a side are still those of the base.
    unchanged: Sides<usize>,
    /// How many code cells of each side the result has so far.
    passed: Sides<usize>,
    diverged: Sides<bool>,
}

impl CodeAbove {
    /// Above the first cell of the result.
    pub(super) fn new(sides: &Sides<&Notebook<'_>>) -> Self {
        Self {
            ranks: sides.map(ranks),
            unchanged: sides.map(|side| unchanged(sides.base, side)),
            passed: Sides::default(),
            diverged: Sides::default(),
        }
    }

    /// Takes note of the next code cell of the result, whether its source is that of a side's cell, and how many cells of
    /// each side end in it (one, unless it is part of a cell or joined from several).
    pub(super) fn add(&mut self, trio: &Trio, source_of: &Sides<bool>, ends: &Sides<usize>) {
        for side in [Side::Ours, Side::Theirs] {
            let in_order = self.rank(side, trio).is_none_or(|rank| rank == *self.passed.of(side));
            *self.diverged.of_mut(side) |= !(*source_of.of(side) && in_order);
            *self.passed.of_mut(side) += ends.of(side);
        }
    }

    /// Whether the code above a side's cell is the code above it in the result.
    pub(super) fn is_of(&self, side: Side, trio: &Trio) -> bool {
        !self.diverged.of(side) && self.rank(side, trio) == Some(*self.passed.of(side))
    }

    /// The one side whose code above is the result's.
    pub(super) fn side(&self, trio: &Trio) -> Option<Side> {
        match (self.is_of(Side::Ours, trio), self.is_of(Side::Theirs, trio)) {
            (true, false) => Some(Side::Ours),
            (false, true) => Some(Side::Theirs),
            _ => None,
        }
    }

    /// Whether a side left the code above a cell as the base has it.
    pub(super) fn is_unchanged_on(&self, side: Side, trio: &Trio) -> bool {
        let base = trio.base.map(|index| self.ranks.base[index]);
        base.is_some_and(|rank| rank <= *self.unchanged.of(side)) && base == self.rank(side, trio)
    }

    fn rank(&self, side: Side, trio: &Trio) -> Option<usize> {
        trio.of(side).map(|index| self.ranks.of(side)[index])
    }
}

/// For each cell how many code cells stand before it.
fn ranks(notebook: &Notebook<'_>) -> Vec<usize> {
    let code = notebook.cells.iter().map(|cell| usize::from(is_code(cell)));
    let before = code.scan(0, |rank, is_code| {
        let before = *rank;
        *rank += is_code;
        Some(before)
    });
    before.collect()
}

/// How many code cells at the top of `side` are those of the base.
fn unchanged(base: &Notebook<'_>, side: &Notebook<'_>) -> usize {
    let same = |(one, other): &(&Cell<'_>, &Cell<'_>)| {
        one.source() == other.source() || one.source_text() == other.source_text()
    };
    let code = base.cells.iter().filter(|cell| is_code(cell));
    code.zip(side.cells.iter().filter(|cell| is_code(cell))).take_while(same).count()
}
