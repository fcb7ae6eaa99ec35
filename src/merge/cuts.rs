//! Where a side cuts lines into cells in another way than the base.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::align::{Alignment, Pair, Split, joins, splits};
use crate::notebook::{Cell, Notebook};

use super::{Side, Sides};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// A cell of the base is several of the side's.
    Split,
    /// Several cells of the base are one of the side's.
    Joined,
}

/// Where one side cuts lines into cells in another way than the base.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) side: Side,
    pub(super) how: How,
    pub(super) split: Split,
}

impl Cut {
    /// The base's cells.
    pub(super) fn base(&self) -> Vec<usize> {
        match self.how {
            How::Split => vec![self.split.whole],
            How::Joined => self.split.parts.clone(),
        }
    }

    /// The side's cells, with what it put between the parts.
    pub(super) fn cells(&self) -> Range<usize> {
        match (self.how, self.split.parts.as_slice()) {
            (How::Split, [first, .., last]) => *first..*last + 1,
            _ => self.split.whole..self.split.whole + 1,
        }
    }

    /// Whether the other side cut the same cells in the same places.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let same_cuts = || self.how == How::Joined || self.split.cuts == other.split.cuts;
        self.side != other.side && self.how == other.how && self.base() == other.base() && same_cuts()
    }
}

/// Cuts that are about the same cells of the base, from `cuts` in the base's order.
pub(super) fn touching(cuts: &[Cut]) -> Vec<&[Cut]> {
    let mut groups = Vec::new();
    let (mut start, mut end) = (0, 0);
    for (index, cut) in cuts.iter().enumerate() {
        let base = cut.base();
        if index > start && base.first().is_some_and(|first| *first >= end) {
            groups.push(&cuts[start..index]);
            start = index;
        }
        end = end.max(base.last().map_or(0, |last| last + 1));
    }
    groups.extend((start < cuts.len()).then(|| &cuts[start..]));
    groups
}

/// The base's cells that `cuts` are about.
pub(super) fn base_of(cuts: &[Cut]) -> BTreeSet<usize> {
    cuts.iter().flat_map(Cut::base).collect()
}

/// Finds a side's cuts; the alignment then has a partner for each cell whose parts are all new: the longest.
pub(super) fn find(sides: &Sides<&Notebook<'_>>, side: Side, alignment: Alignment, cuts: &mut Vec<Cut>) -> Alignment {
    let (base, after) = (&sides.base.cells, &sides.of(side).cells);
    let known = cuts.len();
    let cut = |how: How| move |split: Split| Cut { side, how, split };
    cuts.extend(splits(base, after, &alignment).into_iter().map(cut(How::Split)));
    cuts.extend(joins(base, after, &alignment).into_iter().map(cut(How::Joined)));
    let lonely = |cut: &Cut| {
        let Split { whole, parts, .. } = &cut.split;
        let longest =
            |cells: &[Cell<'_>]| parts.iter().copied().max_by_key(|part| (cells[*part].span.len(), usize::MAX - part));
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
