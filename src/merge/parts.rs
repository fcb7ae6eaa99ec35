//! Cells that a side split into several, or joined into one.
//!
//! Their lines are merged part by part, so that what the other side edited goes to the part that holds it now. Where
//! a part ends in the other versions follows from the lines.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use crate::align::{Alignment, Split};
use crate::normalize::Policy;
use crate::notebook::{Cell, ConflictKind, Notebook};

use super::boundaries::{Ends, Parted, glued, parted, with_most_blank_edges};
use super::cell::is_edited_besides_source;
use super::cuts::{Cut, How, base_of, find, touching};
use super::slot::{Either, Part, Slot, Trio, WHOLE, only};
use super::stale::{has_outputs, same_run};
use super::{Side, Sides};

/// What stands in the result for cells that were split or joined.
#[derive(Debug, Default)]
pub(super) struct Recuts {
    at: HashMap<usize, Vec<Slot>>,
    absorbed: Sides<HashSet<usize>>,
}

impl Recuts {
    /// The places in the result for a cell; none if its lines stand in another's.
    pub(super) fn slots(&self, trio: Trio) -> Vec<Slot> {
        match trio.base {
            Some(base) if self.absorbed.base.contains(&base) => Vec::new(),
            Some(base) => self.at.get(&base).cloned().unwrap_or_else(|| vec![Slot::Cell(trio)]),
            None => vec![Slot::Cell(trio)],
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
    policy: &Policy,
    ours: Alignment,
    theirs: Alignment,
) -> (Alignment, Alignment, Recuts) {
    let mut cuts = Vec::new();
    let ours = find(sides, Side::Ours, ours, &mut cuts);
    let theirs = find(sides, Side::Theirs, theirs, &mut cuts);
    cuts.sort_by_key(|cut| (cut.base().first().copied(), cut.base().last().copied()));
    let mut recuts = Recuts::default();
    for cuts in touching(&cuts) {
        let recutting = Recutting { sides, policy, ours: &ours, theirs: &theirs, cut: &cuts[0], all: cuts };
        let slots = match cuts {
            [_] => recutting.alone(),
            [one, other] if one.is_like(other) => recutting.together(other),
            _ => recutting.apart(),
        };
        if let Some(slots) = slots {
            recutting.add(slots, &mut recuts);
        }
    }
    (ours, theirs, recuts)
}

/// Cuts of the same cells, and the versions around them.
struct Recutting<'s, 'n, 'a> {
    sides: &'s Sides<&'n Notebook<'a>>,
    policy: &'s Policy,
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

    /// What the other side has of the base's cells, each with the base's.
    fn others(&self) -> Vec<(usize, usize)> {
        let alignment = self.alignment(self.cut.side.other());
        self.cut.base().into_iter().filter_map(|base| Some((base, alignment.to_after(base)?))).collect()
    }

    /// The other side left these cells whole.
    fn alone(&self) -> Option<Vec<Slot>> {
        let (side, other) = (self.cut.side, self.cut.side.other());
        let others = self.others();
        let Some((_, first)) = others.first().copied() else {
            return Some(self.either(ConflictKind::DeleteEdit, Some(other), self.cut.cells(), 0..0));
        };
        let kind = self.sides.base.cells[self.cut.base()[0]].kind();
        let neighbours = others.windows(2).all(|pair| pair[1].1 == pair[0].1 + 1);
        if !neighbours || others.iter().any(|(_, index)| self.sides.of(other).cells[*index].kind() != kind) {
            return None;
        }
        if self.cut.how == How::Joined {
            return Some(vec![Slot::Part(self.joined(&others, &self.cut.split.cuts)?)]);
        }
        // Which part an attachment belongs to, nobody can say.
        let attachments = |cell: &Cell<'a>| cell.get("attachments").map(str::to_owned);
        let base = &self.sides.base.cells[self.cut.split.whole];
        let attached = attachments(base) != attachments(&self.sides.of(other).cells[first]);
        let slots = if attached { None } else { self.split(first) };
        Some(
            slots.unwrap_or_else(|| {
                self.either(ConflictKind::SplitEdit, Some(side), self.cut.cells(), first..first + 1)
            }),
        )
    }

    /// Both sides cut these cells alike.
    fn together(&self, other: &Cut) -> Option<Vec<Slot>> {
        if self.cut.how == How::Joined {
            // How many blank lines either side left where the cells meet says nothing about the base.
            let lengths = |cuts: &[Range<usize>]| cuts.iter().map(Range::len).collect::<Vec<_>>();
            let cuts = [&self.cut.split.cuts, &other.split.cuts].into_iter().max_by_key(|cuts| lengths(cuts))?;
            // Not the cell that either side's is paired with: those may be two, and the answer is to be the same mirrored.
            return Some(vec![Slot::Part(self.joined(&[(self.anchor()?, other.split.whole)], cuts)?)]);
        }
        let Split { whole, parts, .. } = &self.cut.split;
        let (side, other_side) = (self.cut.side, other.side);
        let main = [self.alignment(side).to_after(*whole)?, self.alignment(other_side).to_after(*whole)?];
        let mut slots = Vec::new();
        let mut before: Option<(usize, usize)> = None;
        let cells = parts.iter().copied().zip(other.split.parts.iter().copied());
        // How many blank lines either side left at a cut says nothing about the base.
        let edges =
            cells.clone().map(|(own, its)| with_most_blank_edges(&self.text(side, own), &self.text(other_side, its)));
        for ((own, its), lines) in cells.zip(self.parted(&edges.collect::<Vec<_>>(), &self.base_text(*whole))?) {
            if let Some((last_own, last_its)) = before.replace((own, its)) {
                let Some(between) = self.between(last_own + 1..own, last_its + 1..its) else { return self.apart() };
                slots.extend(between.into_iter().map(Slot::Cell));
            }
            let mut trio = only(side, own);
            *trio.of_mut(other_side) = Some(its);
            trio.base = [own, its].iter().zip(&main).any(|(cell, main)| cell == main).then_some(*whole);
            let texts = self.texts(lines.base, self.text(side, own), self.text(other_side, its));
            slots.push(Slot::Part(Part { trio, texts, ends: WHOLE, runs_dropped: false }));
        }
        Some(slots)
    }

    /// What both sides put between two parts, if it is the same or only one put something there.
    fn between(&self, own: Range<usize>, others: Range<usize>) -> Option<Vec<Trio>> {
        let (side, other) = (self.cut.side, self.cut.side.other());
        if own.is_empty() || others.is_empty() {
            return Some(own.map(|index| only(side, index)).chain(others.map(|index| only(other, index))).collect());
        }
        let content = |side: Side, index: usize| (self.sides.of(side).cells[index].kind(), self.text(side, index));
        let same = own.len() == others.len()
            && own.clone().zip(others.clone()).all(|(own, its)| content(side, own) == content(other, its));
        let pair = |(own, its): (usize, usize)| {
            let mut trio = only(side, own);
            *trio.of_mut(other) = Some(its);
            trio
        };
        same.then(|| own.zip(others).map(pair).collect())
    }

    /// The side's parts with what the other side has of each, and what the side put between them; `None` if an edit spans
    /// a cut.
    fn split(&self, other: usize) -> Option<Vec<Slot>> {
        let Split { whole, parts, .. } = &self.cut.split;
        let side = self.cut.side;
        let main = self.alignment(side).to_after(*whole)?;
        let own: Vec<Vec<u8>> = parts.iter().map(|part| self.text(side, *part)).collect();
        let mut lines = self.parted(&own, &self.text(side.other(), other))?.into_iter();
        let mut slots = Vec::new();
        for index in self.cut.cells() {
            let mut trio = only(side, index);
            if !parts.contains(&index) {
                slots.push(Slot::Cell(trio));
                continue;
            }
            if index == main {
                trio.base = Some(*whole);
                *trio.of_mut(side.other()) = Some(other);
            }
            let lines = lines.next()?;
            let mut ends = Sides::default();
            *ends.of_mut(side) = 1;
            *ends.of_mut(side.other()) = usize::from(parts.last() == Some(&index));
            let texts = self.texts(lines.base, self.text(side, index), lines.other);
            slots.push(Slot::Part(Part { trio, texts, ends, runs_dropped: false }));
        }
        Some(slots)
    }

    /// The lines of the base, and of another version of the whole, for each of the parts, with blank lines at the cuts as
    /// in `edges`.
    fn parted(&self, edges: &[Vec<u8>], other: &[u8]) -> Option<Vec<Parted>> {
        parted(edges, &self.base_text(self.cut.split.whole), other, &self.cut.split.cuts)
    }

    /// The joined cell, with the base's cells and the `others` joined like it, blank lines at the `cuts`. `None` if the
    /// other side gave one of these something that the joined cell has no place for.
    fn joined(&self, others: &[(usize, usize)], cuts: &[Range<usize>]) -> Option<Part> {
        let Split { whole, parts, .. } = &self.cut.split;
        let (side, other) = (self.cut.side, self.cut.side.other());
        let main = self.anchor()?;
        let (partner_base, partner) = *others.iter().find(|(base, _)| *base == main).or_else(|| others.first())?;
        let cells =
            |(base, index): &(usize, usize)| (&self.sides.base.cells[*base], &self.sides.of(other).cells[*index]);
        let mut absorbed = others.iter().filter(|(_, index)| *index != partner).map(cells);
        if absorbed.clone().any(|(base, cell)| is_edited_besides_source(self.policy, Some(base), cell)) {
            return None;
        }
        let trio_base = if others.len() > 1 || partner_base == main { main } else { partner_base };
        let mut trio = only(side, *whole);
        trio.base = Some(trio_base);
        *trio.of_mut(other) = Some(partner);
        let base: Vec<Vec<u8>> = parts.iter().map(|part| self.base_text(*part)).collect();
        let its: Vec<Vec<u8>> = others.iter().map(|(_, index)| self.text(other, *index)).collect();
        let texts = self.texts(glued(&base, cuts), self.text(side, *whole), glued(&its, cuts));
        let mut ends = Sides::default();
        *ends.of_mut(side) = 1;
        *ends.of_mut(other) = others.len();
        let runs_dropped = absorbed.any(|(base, cell)| has_outputs(cell) && !same_run(base, cell));
        Some(Part { trio, texts, ends, runs_dropped })
    }

    fn texts(&self, base: Vec<u8>, own: Vec<u8>, other: Vec<u8>) -> Sides<Vec<u8>> {
        match self.cut.side {
            Side::Ours => Sides { base, ours: own, theirs: other },
            Side::Theirs => Sides { base, ours: other, theirs: own },
        }
    }

    /// The sides cut these cells in different places. Nobody is asked where a side left them as they were, or where one of
    /// them made all the cuts of both and no other change.
    fn apart(&self) -> Option<Vec<Slot>> {
        let (side, other) = (self.cut.side, self.cut.side.other());
        if [side, other].into_iter().any(|side| self.left_alone(side)) {
            return None;
        }
        let (own, others) = (self.cells(side)?, self.cells(other)?);
        let cells = |taken: Side| if taken == side { (&own, &others) } else { (&others, &own) };
        let mut sides = self.sides_with_all_cuts(&own, &others);
        // An empty cell that one of them has stays.
        sides.sort_by_key(|taken| Reverse(cells(*taken).0.len()));
        let verbatim = sides.into_iter().find_map(|taken| {
            let (cells, left) = cells(taken);
            self.verbatim(taken, cells.clone(), left)
        });
        Some(verbatim.unwrap_or_else(|| self.either(ConflictKind::SplitEdit, None, own, others)))
    }

    /// The sides whose cells end where a merge of both sides' cuts would make them end, if the lines are the same in all.
    fn sides_with_all_cuts(&self, own: &Range<usize>, others: &Range<usize>) -> Vec<Side> {
        let (side, other) = (self.cut.side, self.cut.side.other());
        let base = Ends::of(base_of(self.all).into_iter().map(|index| self.base_text(index)));
        let own = Ends::of(own.clone().map(|index| self.text(side, index)));
        let others = Ends::of(others.clone().map(|index| self.text(other, index)));
        if base.lines != own.lines || base.lines != others.lines {
            return Vec::new();
        }
        let all = own.after.iter().chain(&others.after);
        let stay = |end: &&usize| !base.after.contains(end) || (own.after.contains(end) && others.after.contains(end));
        let merged: BTreeSet<usize> = all.filter(stay).copied().collect();
        let both = [(side, own), (other, others)].into_iter();
        both.filter(|(_, ends)| ends.after == merged).map(|(side, _)| side).collect()
    }

    /// A side's cells as they are; `None` if the other side gave one of its own cells something that these lack.
    fn verbatim(&self, side: Side, cells: Range<usize>, others: &Range<usize>) -> Option<Vec<Slot>> {
        let mut left: BTreeSet<usize> = others.clone().collect();
        let mut slots = Vec::new();
        for index in cells {
            let base = self.alignment(side).to_before(index);
            let partner = match base {
                Some(base) => self.alignment(side.other()).to_after(base),
                None => left.iter().copied().find(|other| self.is_new_in_both(side, index, *other)),
            };
            let mut trio = only(side, index);
            // What the other side no longer has (it is empty here) is kept as if it were new.
            trio.base = base.filter(|_| partner.is_some());
            *trio.of_mut(side.other()) = partner;
            left.retain(|index| Some(*index) != partner);
            let text = self.text(side, index);
            let texts = Sides { base: text.clone(), ours: text.clone(), theirs: text };
            let ends = trio.map(|index| usize::from(index.is_some()));
            slots.push(Slot::Part(Part { trio, texts, ends, runs_dropped: false }));
        }
        let other = side.other();
        let plain = |index: &usize| {
            let base = self.alignment(other).to_before(*index).map(|base| &self.sides.base.cells[base]);
            !is_edited_besides_source(self.policy, base, &self.sides.of(other).cells[*index])
        };
        left.iter().all(plain).then_some(slots)
    }

    /// Whether the other side made the same new cell of it: the same kind and the same text.
    fn is_new_in_both(&self, side: Side, index: usize, other: usize) -> bool {
        let kind = |side: Side, index: usize| self.sides.of(side).cells[index].kind();
        self.alignment(side.other()).to_before(other).is_none()
            && kind(side, index) == kind(side.other(), other)
            && self.text(side, index) == self.text(side.other(), other)
    }

    /// Whether a side has cells of the base with the same text.
    fn left_alone(&self, side: Side) -> bool {
        base_of(self.all).into_iter().all(|index| {
            let partner = self.alignment(side).to_after(index);
            partner.is_some_and(|partner| self.text(side, partner) == self.base_text(index))
        })
    }

    /// A side's cells for those of the base that the cuts are about, if they are neighbours.
    fn cells(&self, side: Side) -> Option<Range<usize>> {
        let cells = self.cell_set(side);
        let range = *cells.first()?..*cells.last()? + 1;
        (range.len() == cells.len()).then_some(range)
    }

    fn cell_set(&self, side: Side) -> BTreeSet<usize> {
        let partners = base_of(self.all).into_iter().filter_map(|base| self.alignment(side).to_after(base));
        partners.chain(self.all.iter().filter(|cut| cut.side == side).flat_map(Cut::cells)).collect()
    }

    fn either(&self, kind: ConflictKind, by: Option<Side>, own: Range<usize>, others: Range<usize>) -> Vec<Slot> {
        let side = self.cut.side;
        let mut cells: Sides<Vec<Trio>> = Sides::default();
        *cells.of_mut(side) = own.map(|index| only(side, index)).collect();
        *cells.of_mut(side.other()) = others.map(|index| only(side.other(), index)).collect();
        let base = base_of(self.all).into_iter().collect();
        vec![Slot::Either(Either { kind, by, base, ours: cells.ours, theirs: cells.theirs })]
    }

    /// Puts `slots` in the place of the anchor; no other cell that the cuts are about has a place of its own.
    fn add(&self, slots: Vec<Slot>, recuts: &mut Recuts) {
        let Some(anchor) = self.anchor() else { return };
        recuts.at.insert(anchor, slots);
        recuts.absorbed.base.extend(base_of(self.all).into_iter().filter(|base| *base != anchor));
        for side in [Side::Ours, Side::Theirs] {
            let at_anchor = self.alignment(side).to_after(anchor);
            let others = self.cell_set(side).into_iter().filter(|index| Some(*index) != at_anchor);
            recuts.absorbed.of_mut(side).extend(others);
        }
    }
}
