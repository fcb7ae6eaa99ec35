//! Which cells stand in the result, and in which order.
//!
//! The base's cells that a side left in their order are its anchors. Everything else that a side has, cells it
//! put in and cells it moved, stands in a gap between two anchors. Gaps are merged one by one.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::align::{Alignment, Likeness, Pair, align_cells, rewritings};
use crate::json::Style;
use crate::notebook::{Cell, ConflictKind, Notebook};

use super::parts::Recuts;
use super::slot::{Either, Slot, Trio};
use super::{InsertPolicy, Side, Sides};

/// The result's cells in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sequence {
    pub(super) slots: Vec<Slot>,
    /// Cells, as their side counts them from 0, whose place is ours' though theirs has another for them.
    pub(super) placed_by_ours: HashSet<(Side, usize)>,
    /// Which of the base's cells a side moved.
    pub(super) moved: Vec<bool>,
    /// The base's cells that a side seems to have rewritten, on weak evidence.
    pub(super) rewritten: HashMap<usize, Side>,
}

/// A cell that one side put into a gap.
#[derive(Debug, Clone, Copy)]
struct Placed {
    /// Its index in the side's version.
    index: usize,
    /// The base's cell that it is, if it was moved.
    base: Option<usize>,
    /// The first gap it may stand in: behind the anchor before it.
    first: usize,
    /// The last such gap: before the anchor behind it.
    last: usize,
    /// The same cell of the other side, if that put it in or moved it there too.
    partner: Option<usize>,
    /// Whether the sides put it in places that are out of order; then it stands where ours put it.
    out_of_order: bool,
}

impl Placed {
    /// Whether only this side has the cell.
    fn is_new(&self) -> bool {
        self.base.is_none() && self.partner.is_none()
    }
}

/// Lays the cells of both sides out in one sequence.
pub(super) fn sequence(
    sides: &Sides<&Notebook<'_>>,
    ours: &Alignment,
    theirs: &Alignment,
    recuts: &Recuts,
    policy: InsertPolicy,
) -> Sequence {
    let base_len = sides.base.cells.len();
    let mut placed_ours = placed(ours, sides.ours.cells.len(), base_len);
    let mut placed_theirs = placed(theirs, sides.theirs.cells.len(), base_len);
    placed_ours.retain(|placed| !recuts.absorbs(Side::Ours, placed.index));
    placed_theirs.retain(|placed| !recuts.absorbs(Side::Theirs, placed.index));
    match_insertions(sides, &mut placed_ours, &mut placed_theirs);
    match_namesakes(sides, &mut placed_ours, &mut placed_theirs);
    settle_gaps(&mut placed_ours);
    settle_gaps(&mut placed_theirs);
    settle_places(&mut placed_ours, &mut placed_theirs);
    let (moved_by_ours, moved_by_theirs) = (moved_cells(&placed_ours, base_len), moved_cells(&placed_theirs, base_len));
    let placed_by_ours =
        placed_ours.iter().filter(|cell| cell.out_of_order).map(|cell| (Side::Ours, cell.index)).collect();

    let mut gaps = GapMerge { sides, ours, theirs, recuts, policy, slots: Vec::new(), placed_by_ours };
    let (mut rest_ours, mut rest_theirs) = (placed_ours.as_slice(), placed_theirs.as_slice());
    for gap in 0..=base_len {
        let (in_ours, in_theirs) = (take_gap(&mut rest_ours, gap), take_gap(&mut rest_theirs, gap));
        gaps.merge(in_ours, in_theirs);
        if gap < base_len && !moved_by_ours[gap] && !moved_by_theirs[gap] {
            let trio = Sides { base: Some(gap), ours: ours.to_after(gap), theirs: theirs.to_after(gap) };
            gaps.slots.extend(recuts.slots(trio));
        }
    }
    let moved = moved_by_ours.iter().zip(&moved_by_theirs).map(|(ours, theirs)| *ours || *theirs).collect();
    Sequence { slots: gaps.slots, placed_by_ours: gaps.placed_by_ours, moved, rewritten: HashMap::new() }
}

/// The cells of a side that are no anchors, in its order.
fn placed(alignment: &Alignment, len: usize, base_len: usize) -> Vec<Placed> {
    let mut placed: Vec<Placed> = Vec::new();
    let mut first = 0;
    let mut open = 0;
    for index in 0..len {
        let base = alignment.to_before(index);
        match base.filter(|_| !alignment.is_moved(index)) {
            Some(anchor) => {
                placed[open..].iter_mut().for_each(|placed| placed.last = anchor);
                (first, open) = (anchor + 1, placed.len());
            }
            None => placed.push(Placed { index, base, first, last: base_len, partner: None, out_of_order: false }),
        }
    }
    placed
}

/// Finds the cells that both sides put in, in places that can be one.
fn match_insertions(sides: &Sides<&Notebook<'_>>, ours: &mut [Placed], theirs: &mut [Placed]) {
    let new = |placed: &[Placed]| -> Vec<usize> { (0..placed.len()).filter(|at| placed[*at].base.is_none()).collect() };
    let (new_ours, new_theirs) = (new(ours), new(theirs));
    if new_ours.is_empty() || new_theirs.is_empty() {
        return;
    }
    let same_layout = Style::of(sides.ours.bytes).same_layout(&Style::of(sides.theirs.bytes));
    let ours_cells = cells_at(ours, &new_ours, sides.ours);
    let theirs_cells = cells_at(theirs, &new_theirs, sides.theirs);
    // Content decides which list is aligned with which, so that swapping the sides changes nothing.
    let texts = |cells: &[Cell<'_>]| cells.iter().map(Cell::source_text).collect::<Vec<_>>();
    let swapped = texts(&theirs_cells) < texts(&ours_cells);
    let alignment = if swapped {
        align_cells(&theirs_cells, &ours_cells, same_layout.into())
    } else {
        align_cells(&ours_cells, &theirs_cells, same_layout.into())
    };
    for pair in alignment.pairs() {
        let (one, other) = if swapped {
            (new_ours[pair.after], new_theirs[pair.before])
        } else {
            (new_ours[pair.before], new_theirs[pair.after])
        };
        let first = ours[one].first.max(theirs[other].first);
        if first > ours[one].last.min(theirs[other].last) {
            continue;
        }
        (ours[one].partner, theirs[other].partner) = (Some(theirs[other].index), Some(ours[one].index));
        if alignment.is_moved(pair.after) {
            (ours[one].out_of_order, theirs[other].out_of_order) = (true, true);
        } else {
            (ours[one].first, theirs[other].first) = (first, first);
        }
    }
}

/// What tells that two equal cells, which the sides put in, are one.
#[derive(PartialEq, Eq, Hash)]
enum SameBy {
    /// They stand in one gap.
    Place(usize),
    /// They have one id, wherever they stand.
    Id(String),
}

/// Finds equal cells that are left: one that a side put in several times may have been paired with a cell of another
/// place, and around one that both have the sides may have moved different cells. They stand where ours put them.
fn match_namesakes(sides: &Sides<&Notebook<'_>>, ours: &mut [Placed], theirs: &mut [Placed]) {
    let place = |placed: &Placed, _: &Cell<'_>| Some(SameBy::Place(placed.first));
    let id = |_: &Placed, cell: &Cell<'_>| cell.id().map(|id| SameBy::Id(id.to_owned()));
    match_equal(sides, ours, theirs, place);
    match_equal(sides, ours, theirs, id);
}

fn match_equal(
    sides: &Sides<&Notebook<'_>>,
    ours: &mut [Placed],
    theirs: &mut [Placed],
    same_by: impl Fn(&Placed, &Cell<'_>) -> Option<SameBy>,
) {
    let new = |placed: &[Placed], notebook: &Notebook<'_>| -> Vec<usize> {
        let alone = |at: &usize| placed[*at].is_new() && !notebook.cells[placed[*at].index].is_blank();
        (0..placed.len()).filter(alone).collect()
    };
    let (new_ours, new_theirs) = (new(ours, sides.ours), new(theirs, sides.theirs));
    if new_ours.is_empty() || new_theirs.is_empty() {
        return;
    }
    let key = |placed: &Placed, notebook: &Notebook<'_>| {
        let cell = &notebook.cells[placed.index];
        Some((same_by(placed, cell)?, cell.kind().name().into_owned(), cell.source_text()))
    };
    let mut free: HashMap<_, VecDeque<usize>> = HashMap::new();
    for at in new_theirs {
        key(&theirs[at], sides.theirs).into_iter().for_each(|key| free.entry(key).or_default().push_back(at));
    }
    for one in new_ours {
        let namesakes = key(&ours[one], sides.ours).and_then(|key| free.get_mut(&key));
        let Some(other) = namesakes.and_then(VecDeque::pop_front) else { continue };
        (ours[one].partner, theirs[other].partner) = (Some(theirs[other].index), Some(ours[one].index));
        (ours[one].out_of_order, theirs[other].out_of_order) = (true, true);
    }
}

/// Cells that both sides put in, or moved, are partners if they are in the same place and order; else they stand where
/// ours has them.
fn settle_places(ours: &mut [Placed], theirs: &mut Vec<Placed>) {
    let known = ours.iter().enumerate();
    let put_in: HashMap<usize, usize> = known.clone().filter_map(|(at, cell)| Some((cell.partner?, at))).collect();
    let moved: HashMap<usize, usize> = known.filter_map(|(at, cell)| Some((cell.base?, at))).collect();
    let mut next = 0;
    theirs.retain_mut(|other| {
        let at = put_in.get(&other.index).or_else(|| moved.get(&other.base?));
        let Some(at) = at.copied() else { return true };
        let cell = &mut ours[at];
        let in_order = !cell.out_of_order && cell.first == other.first && at >= next;
        if in_order {
            next = at + 1;
            (cell.partner, other.partner) = (Some(other.index), Some(cell.index));
        } else {
            cell.out_of_order = true;
        }
        in_order
    });
}

fn cells_at<'a>(placed: &[Placed], which: &[usize], notebook: &Notebook<'a>) -> Vec<Cell<'a>> {
    which.iter().map(|at| notebook.cells[placed[*at].index].clone()).collect()
}

/// A cell stands in no earlier gap than the cell before it.
fn settle_gaps(placed: &mut [Placed]) {
    let mut gap = 0;
    for cell in placed {
        gap = gap.max(cell.first);
        cell.first = gap;
    }
}

fn moved_cells(placed: &[Placed], base_len: usize) -> Vec<bool> {
    let mut moved = vec![false; base_len];
    placed.iter().filter_map(|placed| placed.base).for_each(|base| moved[base] = true);
    moved
}

/// Splits off what stands in `gap`.
fn take_gap<'p>(rest: &mut &'p [Placed], gap: usize) -> &'p [Placed] {
    let end = rest.iter().position(|placed| placed.first != gap).unwrap_or(rest.len());
    let (taken, left) = rest.split_at(end);
    *rest = left;
    taken
}

struct GapMerge<'s, 'n, 'a> {
    sides: &'s Sides<&'n Notebook<'a>>,
    ours: &'s Alignment,
    theirs: &'s Alignment,
    recuts: &'s Recuts,
    policy: InsertPolicy,
    slots: Vec<Slot>,
    placed_by_ours: HashSet<(Side, usize)>,
}

impl GapMerge<'_, '_, '_> {
    /// Merges the two sides' cells of one gap: what both have stands once, and divides the rest.
    fn merge(&mut self, ours: &[Placed], theirs: &[Placed]) {
        let mut theirs = theirs;
        let mut start = 0;
        for (at, cell) in ours.iter().enumerate() {
            let common = cell
                .partner
                .filter(|_| !cell.out_of_order)
                .and_then(|partner| theirs.iter().position(|other| other.index == partner));
            let Some(common) = common else { continue };
            self.chunk(&ours[start..at], &theirs[..common]);
            self.slots.extend(self.recuts.slots(self.trio(Side::Ours, cell)));
            (start, theirs) = (at + 1, &theirs[common + 1..]);
        }
        self.chunk(&ours[start..], theirs);
    }

    /// Cells that only one of the sides has in this place.
    fn chunk(&mut self, ours: &[Placed], theirs: &[Placed]) {
        let both = !ours.is_empty() && !theirs.is_empty();
        let contents = self.has_content(Side::Ours, ours) && self.has_content(Side::Theirs, theirs);
        let collide = contents && self.policy == InsertPolicy::Conflict;
        if collide && self.merge_alike(ours, theirs) {
            return;
        }
        if contents && !collide {
            let behind_ours = theirs.iter().filter(|cell| cell.is_new()).map(|cell| (Side::Theirs, cell.index));
            self.placed_by_ours.extend(behind_ours);
        }
        let all = ours.iter().map(|cell| (Side::Ours, cell)).chain(theirs.iter().map(|cell| (Side::Theirs, cell)));
        let mut all: Vec<_> = all.collect();
        if both {
            // Cells of both sides that need no order among them: moved ones first, blank ones last.
            all.sort_by_key(|(side, cell)| (cell.is_new(), self.is_blank(*side, cell) && !collide));
        }
        let is_new = |(_, cell): &&(Side, &Placed)| collide && cell.is_new();
        let trios = |side| all.iter().filter(is_new).filter(move |(of, _)| *of == side);
        let insertions =
            [Side::Ours, Side::Theirs].map(|side| trios(side).map(|(_, cell)| self.trio(side, cell)).collect());
        let alone = all.iter().filter(|cell| !is_new(cell)).map(|(side, cell)| self.trio(*side, cell));
        let alone: Vec<Slot> = alone.flat_map(|trio| self.recuts.slots(trio)).collect();
        self.slots.extend(alone);
        if collide {
            let [ours, theirs] = insertions;
            self.slots.push(Slot::Either(Either {
                kind: ConflictKind::InsertInsert,
                by: None,
                base: Vec::new(),
                ours,
                theirs,
            }));
        }
    }

    /// Before different cells are a conflict: those that begin alike, or share much, are versions of one cell, and divide
    /// the rest. Whether there are any.
    fn merge_alike(&mut self, ours: &[Placed], theirs: &[Placed]) -> bool {
        let new = |side: Side, placed: &[Placed]| -> Vec<(usize, &Cell<'_>)> {
            let new = placed.iter().enumerate().filter(|(_, cell)| cell.is_new());
            new.map(|(at, cell)| (at, &self.sides.of(side).cells[cell.index])).collect()
        };
        let pairs = rewritings(&new(Side::Ours, ours), &new(Side::Theirs, theirs), Likeness::Much);
        let (mut from_ours, mut from_theirs) = (0, 0);
        for Pair { before, after } in &pairs {
            self.chunk(&ours[from_ours..*before], &theirs[from_theirs..*after]);
            let trio = Sides { base: None, ours: Some(ours[*before].index), theirs: Some(theirs[*after].index) };
            self.slots.push(Slot::Cell(trio));
            (from_ours, from_theirs) = (before + 1, after + 1);
        }
        if !pairs.is_empty() {
            self.chunk(&ours[from_ours..], &theirs[from_theirs..]);
        }
        !pairs.is_empty()
    }

    fn has_content(&self, side: Side, placed: &[Placed]) -> bool {
        placed.iter().any(|cell| cell.is_new() && !self.is_blank(side, cell))
    }

    fn is_blank(&self, side: Side, placed: &Placed) -> bool {
        self.sides.of(side).cells[placed.index].is_blank()
    }

    /// The cell in all versions that have it: a cell that was moved, or put in by both, has a place on the other side.
    fn trio(&self, side: Side, placed: &Placed) -> Trio {
        let other = |alignment: &Alignment| match placed.base {
            Some(base) => alignment.to_after(base),
            None => placed.partner,
        };
        match side {
            Side::Ours => Sides { base: placed.base, ours: Some(placed.index), theirs: other(self.theirs) },
            Side::Theirs => Sides { base: placed.base, ours: other(self.ours), theirs: Some(placed.index) },
        }
    }
}
