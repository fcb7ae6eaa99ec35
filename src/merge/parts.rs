//! Cells that a side split into several, or joined into one.
//!
//! Their lines are merged part by part, so that what the other side edited goes to the part that holds it now. Where
//! a part ends in the other versions follows from the lines.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use crate::align::{Alignment, Pair, Split, joins, splits};
use crate::notebook::{Cell, ConflictKind, Notebook};

use super::cuts::{Parted, glued, parted, with_most_blank_edges};
use super::lines::lines;
use super::slot::{Either, Part, Slot, Trio, only};
use super::{Side, Sides};

/// What stands in the result for cells that were split or joined.
#[derive(Debug, Default)]
pub(super) struct Recuts {
    at: HashMap<usize, Slot>,
    absorbed: Sides<HashSet<usize>>,
}

impl Recuts {
    /// The place of a cell in the result; `None` if its lines stand in another's.
    pub(super) fn slot(&self, trio: Trio) -> Option<Slot> {
        match trio.base {
            Some(base) if self.absorbed.base.contains(&base) => None,
            Some(base) => Some(self.at.get(&base).cloned().unwrap_or(Slot::Cell(trio))),
            None => Some(Slot::Cell(trio)),
        }
    }

    /// Whether a side's cell belongs to another's place.
    pub(super) fn absorbs(&self, side: Side, index: usize) -> bool {
        self.absorbed.of(side).contains(&index)
    }
}

/// Finds what was split and joined. A cell whose parts are all new gets the longest of them as its partner.
pub(super) fn recut(
    sides: &Sides<&Notebook<'_>>,
    ours: Alignment,
    theirs: Alignment,
) -> (Alignment, Alignment, Recuts) {
    let mut cuts = Vec::new();
    let ours = find(sides, Side::Ours, ours, &mut cuts);
    let theirs = find(sides, Side::Theirs, theirs, &mut cuts);
    cuts.sort_by_key(|cut| (cut.base().start, cut.base().end));
    let mut recuts = Recuts::default();
    for cuts in touching(&cuts) {
        let recutting = Recutting { sides, ours: &ours, theirs: &theirs, cut: &cuts[0], all: cuts };
        let slot = match cuts {
            [_] => recutting.alone(),
            [one, other] if one.is_like(other) => recutting.together(other),
            _ => recutting.apart(),
        };
        if let Some(slot) = slot {
            recutting.add(slot, &mut recuts);
        }
    }
    (ours, theirs, recuts)
}

/// Cuts that are about the same cells of the base, from `cuts` in the base's order.
fn touching(cuts: &[Cut]) -> Vec<&[Cut]> {
    let mut groups = Vec::new();
    let (mut start, mut end) = (0, 0);
    for (index, cut) in cuts.iter().enumerate() {
        if cut.base().start >= end && index > start {
            groups.push(&cuts[start..index]);
            start = index;
        }
        end = end.max(cut.base().end);
    }
    groups.extend((start < cuts.len()).then(|| &cuts[start..]));
    groups
}

/// The base's cells that `cuts` are about.
fn span(cuts: &[Cut]) -> Range<usize> {
    let ends = cuts.iter().map(|cut| cut.base().end);
    cuts[0].base().start..ends.max().unwrap_or_default()
}

fn find(sides: &Sides<&Notebook<'_>>, side: Side, alignment: Alignment, cuts: &mut Vec<Cut>) -> Alignment {
    let (base, after) = (&sides.base.cells, &sides.of(side).cells);
    let known = cuts.len();
    let cut = |how: How| move |split: Split| Cut { side, how, split };
    cuts.extend(splits(base, after, &alignment).into_iter().map(cut(How::Split)));
    cuts.extend(joins(base, after, &alignment).into_iter().map(cut(How::Joined)));
    let lonely = |cut: &Cut| {
        let Split { whole, parts, .. } = &cut.split;
        let longest =
            |cells: &[Cell<'_>]| parts.clone().max_by_key(|part| (cells[*part].span.len(), usize::MAX - part));
        match cut.how {
            How::Split if alignment.to_after(*whole).is_none() => Some(Pair { before: *whole, after: longest(after)? }),
            How::Joined if alignment.to_before(*whole).is_none() => {
                Some(Pair { before: longest(base)?, after: *whole })
            }
            _ => None,
        }
    };
    let pairs: Vec<Pair> = cuts[known..].iter().filter_map(lonely).collect();
    alignment.with_pairs(&pairs)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// A cell of the base is several of the side's.
    Split,
    /// Several cells of the base are one of the side's.
    Joined,
}

/// Where one side cuts lines into cells in another way than the base.
#[derive(Debug, PartialEq, Eq)]
struct Cut {
    side: Side,
    how: How,
    split: Split,
}

impl Cut {
    /// The base's cells.
    fn base(&self) -> Range<usize> {
        match self.how {
            How::Split => self.split.whole..self.split.whole + 1,
            How::Joined => self.split.parts.clone(),
        }
    }

    /// The side's cells.
    fn cells(&self) -> Range<usize> {
        match self.how {
            How::Split => self.split.parts.clone(),
            How::Joined => self.split.whole..self.split.whole + 1,
        }
    }

    /// Whether the other side cut the same cells in the same places.
    fn is_like(&self, other: &Self) -> bool {
        let same_cuts = || self.how == How::Joined || self.split.cuts == other.split.cuts;
        self.side != other.side && self.how == other.how && self.base() == other.base() && same_cuts()
    }
}

/// Cuts of the same cells, and the versions around them.
struct Recutting<'s, 'n, 'a> {
    sides: &'s Sides<&'n Notebook<'a>>,
    ours: &'s Alignment,
    theirs: &'s Alignment,
    /// The first of them.
    cut: &'s Cut,
    all: &'s [Cut],
}

impl<'n, 'a> Recutting<'_, 'n, 'a> {
    fn alignment(&self, side: Side) -> &Alignment {
        match side {
            Side::Ours => self.ours,
            Side::Theirs => self.theirs,
        }
    }

    fn text(&self, side: Side, index: usize) -> Vec<u8> {
        self.sides.of(side).cells[index].source_text()
    }

    fn base_text(&self, index: usize) -> Vec<u8> {
        self.sides.base.cells[index].source_text()
    }

    /// The base's cell in whose place the result stands: one that a side's cell is paired with.
    fn anchor(&self) -> Option<usize> {
        let of_cut = |cut: &Cut| match cut.how {
            How::Split => Some(cut.split.whole),
            How::Joined => self.alignment(cut.side).to_before(cut.split.whole),
        };
        self.all.iter().filter_map(of_cut).min()
    }

    /// What the other side has of the base's cells.
    fn others(&self) -> Vec<usize> {
        let alignment = self.alignment(self.cut.side.other());
        self.cut.base().filter_map(|base| alignment.to_after(base)).collect()
    }

    /// The other side left these cells whole.
    fn alone(&self) -> Option<Slot> {
        let (side, other) = (self.cut.side, self.cut.side.other());
        let others = self.others();
        if others.is_empty() {
            return Some(self.either(ConflictKind::DeleteEdit, Some(other), self.cut.cells(), 0..0));
        }
        let kind = self.sides.base.cells[self.cut.base().start].kind();
        let neighbours = others.windows(2).all(|pair| pair[1] == pair[0] + 1);
        if !neighbours || others.iter().any(|index| self.sides.of(other).cells[*index].kind() != kind) {
            return None;
        }
        let parts = match self.cut.how {
            How::Joined => Some(vec![self.joined(&others, &self.cut.split.cuts)?]),
            How::Split => self.split(others[0]),
        };
        Some(match parts {
            Some(parts) => Slot::Parts(parts),
            None => self.either(ConflictKind::SplitEdit, Some(side), self.cut.cells(), others[0]..others[0] + 1),
        })
    }

    /// Both sides cut these cells alike.
    fn together(&self, other: &Cut) -> Option<Slot> {
        if self.cut.how == How::Joined {
            // How many blank lines either side left where the cells meet says nothing about the base.
            let lengths = |cuts: &[Range<usize>]| cuts.iter().map(Range::len).collect::<Vec<_>>();
            let cuts = [&self.cut.split.cuts, &other.split.cuts].into_iter().max_by_key(|cuts| lengths(cuts))?;
            return Some(Slot::Parts(vec![self.joined(&[other.split.whole], cuts)?]));
        }
        let Split { whole, parts, .. } = &self.cut.split;
        let (side, other_side) = (self.cut.side, other.side);
        let main = [self.alignment(side).to_after(*whole)?, self.alignment(other_side).to_after(*whole)?];
        let mut slot = Vec::new();
        let cells = parts.clone().zip(other.split.parts.clone());
        // How many blank lines either side left at a cut says nothing about the base.
        let edges =
            cells.clone().map(|(own, its)| with_most_blank_edges(&self.text(side, own), &self.text(other_side, its)));
        for ((own, its), lines) in cells.zip(self.parted(&edges.collect::<Vec<_>>(), &self.base_text(*whole))?) {
            let mut trio = only(side, own);
            *trio.of_mut(other_side) = Some(its);
            trio.base = [own, its].iter().zip(&main).any(|(cell, main)| cell == main).then_some(*whole);
            let texts = self.texts(lines.base, self.text(side, own), self.text(other_side, its));
            slot.push(Part { trio, texts, ends: Sides { base: 0, ours: 1, theirs: 1 } });
        }
        Some(Slot::Parts(slot))
    }

    /// The side's parts with what the other side has of each; `None` if an edit spans a cut.
    fn split(&self, other: usize) -> Option<Vec<Part>> {
        let Split { whole, parts, .. } = &self.cut.split;
        let side = self.cut.side;
        let main = self.alignment(side).to_after(*whole)?;
        let mut slot = Vec::new();
        let own: Vec<Vec<u8>> = parts.clone().map(|part| self.text(side, part)).collect();
        for (own, lines) in parts.clone().zip(self.parted(&own, &self.text(side.other(), other))?) {
            let mut trio = only(side, own);
            if own == main {
                trio.base = Some(*whole);
                *trio.of_mut(side.other()) = Some(other);
            }
            let mut ends = Sides::default();
            *ends.of_mut(side) = 1;
            *ends.of_mut(side.other()) = usize::from(own + 1 == parts.end);
            slot.push(Part { trio, texts: self.texts(lines.base, self.text(side, own), lines.other), ends });
        }
        Some(slot)
    }

    /// The lines of the base, and of another version of the whole, for each of the parts, with blank lines at the cuts as
    /// in `edges`.
    fn parted(&self, edges: &[Vec<u8>], other: &[u8]) -> Option<Vec<Parted>> {
        parted(edges, &self.base_text(self.cut.split.whole), other, &self.cut.split.cuts)
    }

    /// The joined cell, with the base's cells and the `others` joined like it, blank lines at the `cuts`.
    fn joined(&self, others: &[usize], cuts: &[Range<usize>]) -> Option<Part> {
        let Split { whole, parts, .. } = &self.cut.split;
        let (side, other) = (self.cut.side, self.cut.side.other());
        let main = self.anchor()?;
        let partner = self.alignment(other).to_after(main).filter(|partner| others.contains(partner));
        let mut trio = only(side, *whole);
        trio.base = Some(main);
        *trio.of_mut(other) = partner.or_else(|| others.first().copied());
        let base: Vec<Vec<u8>> = parts.clone().map(|part| self.base_text(part)).collect();
        let its: Vec<Vec<u8>> = others.iter().map(|index| self.text(other, *index)).collect();
        let texts = self.texts(glued(&base, cuts), self.text(side, *whole), glued(&its, cuts));
        let mut ends = Sides::default();
        *ends.of_mut(side) = 1;
        *ends.of_mut(other) = others.len();
        Some(Part { trio, texts, ends })
    }

    fn texts(&self, base: Vec<u8>, own: Vec<u8>, other: Vec<u8>) -> Sides<Vec<u8>> {
        match self.cut.side {
            Side::Ours => Sides { base, ours: own, theirs: other },
            Side::Theirs => Sides { base, ours: other, theirs: own },
        }
    }

    /// The sides cut these cells in different places. Nobody is asked where a side left them as they were, or where one of
    /// them made all the cuts of both and no other change.
    fn apart(&self) -> Option<Slot> {
        let cuts = self.all;
        let (side, other) = (self.cut.side, self.cut.side.other());
        if [side, other].into_iter().any(|side| self.left_alone(side, span(cuts))) {
            return None;
        }
        let (own, others) = (self.cells(side, cuts)?, self.cells(other, cuts)?);
        let all_cuts = self.side_with_all_cuts(span(cuts), &own, &others);
        Some(match all_cuts {
            Some(taken) if taken == side => Slot::Parts(self.verbatim(taken, own)),
            Some(taken) => Slot::Parts(self.verbatim(taken, others)),
            None => self.either(ConflictKind::SplitEdit, None, own, others),
        })
    }

    /// The side whose cells end where a merge of both sides' cuts would make them end, if the lines are the same in all.
    fn side_with_all_cuts(&self, base: Range<usize>, own: &Range<usize>, others: &Range<usize>) -> Option<Side> {
        let (side, other) = (self.cut.side, self.cut.side.other());
        let base = Ends::of(base.map(|index| self.base_text(index)));
        let own = Ends::of(own.clone().map(|index| self.text(side, index)));
        let others = Ends::of(others.clone().map(|index| self.text(other, index)));
        if base.lines != own.lines || base.lines != others.lines {
            return None;
        }
        let all = own.after.iter().chain(&others.after);
        let stay = |end: &&usize| !base.after.contains(end) || (own.after.contains(end) && others.after.contains(end));
        let merged: BTreeSet<usize> = all.filter(stay).copied().collect();
        [(side, own), (other, others)].into_iter().find(|(_, ends)| ends.after == merged).map(|(side, _)| side)
    }

    /// A side's cells as they are.
    fn verbatim(&self, side: Side, cells: Range<usize>) -> Vec<Part> {
        let part = |index: usize| {
            let base = self.alignment(side).to_before(index);
            let mut trio = only(side, index);
            trio.base = base;
            *trio.of_mut(side.other()) = base.and_then(|base| self.alignment(side.other()).to_after(base));
            let text = self.text(side, index);
            let texts = Sides { base: text.clone(), ours: text.clone(), theirs: text };
            Part { trio, texts, ends: trio.map(|index| usize::from(index.is_some())) }
        };
        cells.map(part).collect()
    }

    /// Whether a side has cells of the `base` with the same text.
    fn left_alone(&self, side: Side, base: Range<usize>) -> bool {
        base.into_iter().all(|index| {
            let partner = self.alignment(side).to_after(index);
            partner.is_some_and(|partner| self.text(side, partner) == self.base_text(index))
        })
    }

    /// A side's cells for those of the base that `cuts` are about, if they are neighbours.
    fn cells(&self, side: Side, cuts: &[Cut]) -> Option<Range<usize>> {
        let cells = self.cell_set(side, cuts);
        let range = *cells.first()?..*cells.last()? + 1;
        (range.len() == cells.len()).then_some(range)
    }

    fn cell_set(&self, side: Side, cuts: &[Cut]) -> BTreeSet<usize> {
        let partners = span(cuts).filter_map(|base| self.alignment(side).to_after(base));
        partners.chain(cuts.iter().filter(|cut| cut.side == side).flat_map(Cut::cells)).collect()
    }

    fn either(&self, kind: ConflictKind, by: Option<Side>, own: Range<usize>, others: Range<usize>) -> Slot {
        let side = self.cut.side;
        let mut cells: Sides<Vec<Trio>> = Sides::default();
        *cells.of_mut(side) = own.map(|index| only(side, index)).collect();
        *cells.of_mut(side.other()) = others.map(|index| only(side.other(), index)).collect();
        Slot::Either(Either { kind, by, ours: cells.ours, theirs: cells.theirs })
    }

    /// Puts `slot` in the place of the anchor; no other cell that the cuts are about has a place of its own.
    fn add(&self, slot: Slot, recuts: &mut Recuts) {
        let cuts = self.all;
        let Some(anchor) = self.anchor() else { return };
        recuts.at.insert(anchor, slot);
        recuts.absorbed.base.extend(span(cuts).filter(|base| *base != anchor));
        for side in [Side::Ours, Side::Theirs] {
            let at_anchor = self.alignment(side).to_after(anchor);
            let others = self.cell_set(side, cuts).into_iter().filter(|index| Some(*index) != at_anchor);
            recuts.absorbed.of_mut(side).extend(others);
        }
    }
}

/// Where cells end in the lines of all of them, empty lines aside.
struct Ends {
    lines: Vec<Vec<u8>>,
    /// For each cell but the last how many lines stand before its end.
    after: BTreeSet<usize>,
}

impl Ends {
    fn of(cells: impl Iterator<Item = Vec<u8>>) -> Self {
        let mut ends = Self { lines: Vec::new(), after: BTreeSet::new() };
        for text in cells {
            ends.after.insert(ends.lines.len());
            let filled = lines(&text).into_iter().filter(|line| !line.trim_ascii().is_empty());
            ends.lines.extend(filled.map(<[u8]>::to_vec));
        }
        ends.after.remove(&0);
        ends
    }
}
