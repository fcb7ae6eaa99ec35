//! What the one side tells about the other: each is aligned with the base by itself.
//!
//! Where one of them was seen to edit a cell, and the other to delete it and put in the very same text, both made the
//! same edit: it was cherry-picked, or merged before. Where the other put in a text that is at all like it, that is a
//! rewritten cell and not a deleted one, so that nobody is asked whether to keep what has only changed.

use std::collections::{HashMap, HashSet};

use crate::align::{Alignment, Likeness, Pair, rewritings};
use crate::normalize::Policy;
use crate::notebook::{Cell, CellKind, Notebook};

use super::cell::is_edited_cell;
use super::{Side, Sides};

/// The alignments with ours and theirs, with the pairs that each makes plain for the other, and which of the base's
/// cells a side seems to have rewritten.
pub(super) fn agree(
    sides: &Sides<&Notebook<'_>>,
    policy: &Policy,
    ours: Alignment,
    theirs: Alignment,
) -> (Alignment, Alignment, HashMap<usize, Side>) {
    let base_len = sides.base.cells.len();
    let found_in_ours = adopted(base_len, (&sides.ours.cells, &ours), (&sides.theirs.cells, &theirs));
    let found_in_theirs = adopted(base_len, (&sides.theirs.cells, &theirs), (&sides.ours.cells, &ours));
    let (ours, theirs) = (ours.with_pairs(&found_in_ours), theirs.with_pairs(&found_in_theirs));
    let rewritten_in_ours = rewritten(sides.base, policy, (sides.ours, &ours), (sides.theirs, &theirs));
    let rewritten_in_theirs = rewritten(sides.base, policy, (sides.theirs, &theirs), (sides.ours, &ours));
    let of = |side: Side| move |pair: &Pair| (pair.before, side);
    let in_ours = rewritten_in_ours.iter().map(of(Side::Ours));
    let all = in_ours.chain(rewritten_in_theirs.iter().map(of(Side::Theirs))).collect();
    (ours.with_pairs(&rewritten_in_ours), theirs.with_pairs(&rewritten_in_theirs), all)
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

type Version<'s, 'n, 'a> = (&'s Notebook<'a>, &'n Alignment);

/// Cells of the base that `this` side seems to have deleted and the `other` edited, with the new cell in their place
/// that may be what became of them.
fn rewritten(base: &Notebook<'_>, policy: &Policy, this: Version<'_, '_, '_>, other: Version<'_, '_, '_>) -> Vec<Pair> {
    let gaps = this.1.gaps();
    if gaps.is_empty() {
        return Vec::new();
    }
    let base = &base.cells;
    let edited = |index: &usize| {
        let partner = other.1.to_after(*index);
        partner.is_some_and(|partner| is_edited_cell(policy, &base[*index], &other.0.cells[partner]))
    };
    let free = other.0.cells.iter().enumerate().filter(|(index, _)| other.1.to_before(*index).is_none());
    let new_in_both: HashSet<_> = free.map(|(_, cell)| content(cell)).collect();
    let pairs = gaps.into_iter().flat_map(|gap| {
        let cells = gap.after.iter().map(|index| (*index, &this.0.cells[*index]));
        let new: Vec<_> = cells.filter(|(_, cell)| !new_in_both.contains(&content(cell))).collect();
        let needed = if gap.before.len() == 1 && new.len() == 1 { Likeness::Some } else { Likeness::Much };
        let lost = gap.before.iter().filter(|index| edited(index)).map(|index| (*index, &base[*index]));
        rewritings(&lost.collect::<Vec<_>>(), &new, needed)
    });
    pairs.collect()
}

fn content<'a>(cell: &Cell<'a>) -> (CellKind<'a>, Vec<u8>) {
    (cell.kind(), cell.source_text())
}
