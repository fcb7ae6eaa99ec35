//! What both sides have already: a change that was cherry-picked, or merged before.
//!
//! Each side is aligned with the base by itself. Where one of them was seen to edit a cell, and the other to delete
//! it and put in the very same text, both made the same edit.

use std::collections::HashMap;

use crate::align::{Alignment, Pair};
use crate::notebook::{Cell, CellKind, Notebook};

use super::Sides;

/// The alignments with ours and theirs, with the pairs that each makes plain for the other.
pub(super) fn agree(sides: &Sides<&Notebook<'_>>, ours: Alignment, theirs: Alignment) -> (Alignment, Alignment) {
    let base_len = sides.base.cells.len();
    let found_in_ours = adopted(base_len, (&sides.ours.cells, &ours), (&sides.theirs.cells, &theirs));
    let found_in_theirs = adopted(base_len, (&sides.theirs.cells, &theirs), (&sides.ours.cells, &ours));
    (ours.with_pairs(&found_in_ours), theirs.with_pairs(&found_in_theirs))
}

/// Cells of the base that `this` side seems to have deleted, with its new cell that is what the `other` side made
/// of them.
fn adopted(base_len: usize, this: (&[Cell<'_>], &Alignment), other: (&[Cell<'_>], &Alignment)) -> Vec<Pair> {
    let lost: Vec<(usize, usize)> = (0..base_len)
        .filter(|base| this.1.to_after(*base).is_none())
        .filter_map(|base| Some((base, other.1.to_after(base)?)))
        .collect();
    if lost.is_empty() {
        return Vec::new();
    }
    // A text that stands in several new cells tells nothing.
    let mut new: HashMap<(CellKind<'_>, Vec<u8>), Option<usize>> = HashMap::new();
    for (index, cell) in this.0.iter().enumerate().filter(|(index, _)| this.1.to_before(*index).is_none()) {
        new.entry(content(cell)).and_modify(|known| *known = None).or_insert(Some(index));
    }
    let pair = |(before, partner): (usize, usize)| {
        let cell = &other.0[partner];
        let after = new.remove(&content(cell)).flatten().filter(|_| !cell.is_blank())?;
        Some(Pair { before, after })
    };
    lost.into_iter().filter_map(pair).collect()
}

fn content<'a>(cell: &Cell<'a>) -> (CellKind<'a>, Vec<u8>) {
    (cell.kind(), cell.source_text())
}
