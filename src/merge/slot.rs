//! The places of the result, and which versions' cells stand there.

use crate::notebook::ConflictKind;

use super::{Side, Sides};

/// A cell of the result: its index in each version that has it.
pub(super) type Trio = Sides<Option<usize>>;

/// A place in the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Slot {
    /// A cell.
    Cell(Trio),
    /// Cells that were cut in another way in the base.
    Parts(Vec<Part>),
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
}

/// Cells of both sides that exclude each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Either {
    pub(super) kind: ConflictKind,
    /// Who deleted or split a cell that the other side edited.
    pub(super) by: Option<Side>,
    pub(super) ours: Vec<Trio>,
    pub(super) theirs: Vec<Trio>,
}

/// A cell that only one version has.
pub(super) fn only(side: Side, index: usize) -> Trio {
    let mut trio = Trio::default();
    *trio.of_mut(side) = Some(index);
    trio
}
