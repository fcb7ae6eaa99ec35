//! Whether a new cell may be what somebody made of a cell that is gone, when little of it is left.

use std::cmp::Ordering;

use crate::notebook::{Cell, CellKind};

use super::Pair;
use super::bag::Bag;
use super::lines::{LineBag, filled_lines, is_telling};

const MUCH: f64 = 0.5;
const SOME: f64 = 0.15;

/// How many pairs of cells are looked at; more new cells than that are not told apart.
const MANY: usize = 400;

/// Pairs of cells of one type of which the one may be the other rewritten; none crosses another.
///
/// Three kinds of likeness are added: the share of words that they have in common, from 0 to 1 and whatever the case;
/// 0.5 if they begin with the same line; and 0.5 if half the lines of the shorter stand in the longer. A sum of 0.5 is
/// enough, so each kind can be by itself, and of two pairs that exclude each other the one with the higher sum is taken.
/// [`align`](super::align()) asks for more, since it must not see a change where a cell went and another came. `lost` and
/// `new` are cells that stand in one place, with their numbers; if it is just one each, less is enough.
#[must_use]
pub fn rewritings(lost: &[(usize, &Cell<'_>)], new: &[(usize, &Cell<'_>)], needed: Likeness) -> Vec<Pair> {
    if lost.len() * new.len() > MANY {
        return Vec::new();
    }
    let [lost, new] = [lost, new].map(|cells| cells.iter().filter_map(Prepared::new).collect::<Vec<_>>());
    let all = lost.iter().flat_map(|one| new.iter().map(move |other| (one, other)));
    let scored = all.filter_map(|(one, other)| {
        let score = one.likeness(other).filter(|score| *score >= needed.threshold())?;
        Some((score, Pair { before: one.number, after: other.number }))
    });
    best_in_order(scored.collect())
}

/// How much two cells must have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// Some words: nothing else could have become of the one, and the other could come from nothing else.
    Some,
    /// Half of them, or what [`rewritings`] says.
    Much,
}

impl Likeness {
    fn threshold(self) -> f64 {
        match self {
            Self::Some => SOME,
            Self::Much => MUCH,
        }
    }
}

/// A cell with something in it, ready to be compared with many.
struct Prepared<'c> {
    number: usize,
    kind: CellKind<'c>,
    /// In small letters.
    text: Vec<u8>,
    words: Bag,
}

impl<'c> Prepared<'c> {
    fn new((number, cell): &(usize, &Cell<'c>)) -> Option<Self> {
        if cell.is_blank() {
            return None;
        }
        let text = cell.source_text().to_ascii_lowercase();
        Some(Self { number: *number, kind: cell.kind(), words: Bag::new(&text), text })
    }

    /// How much two cells have in common; `None` if they have other types.
    fn likeness(&self, other: &Self) -> Option<f64> {
        let (one, two) = (&self.text, &other.text);
        let words = || self.words.similarity(&other.words);
        let score = || words() + much_if(begin_alike(one, two)) + much_if(share_lines(one, two));
        (self.kind == other.kind).then(score)
    }
}

/// The best pairs of which none crosses another or has a cell of another.
fn best_in_order(mut scored: Vec<(f64, Pair)>) -> Vec<Pair> {
    scored.sort_by(|(one, a), (other, b)| other.total_cmp(one).then((a.before, a.after).cmp(&(b.before, b.after))));
    let mut taken: Vec<Pair> = Vec::new();
    for (_, pair) in scored {
        let fits = |known: &Pair| {
            let (before, after) = (known.before.cmp(&pair.before), known.after.cmp(&pair.after));
            before == after && before != Ordering::Equal
        };
        if taken.iter().all(fits) {
            taken.push(pair);
        }
    }
    taken.sort_by_key(|pair| pair.before);
    taken
}

/// Enough by itself, if it holds.
fn much_if(holds: bool) -> f64 {
    if holds { MUCH } else { 0.0 }
}

fn begin_alike(one: &[u8], other: &[u8]) -> bool {
    let first = filled_lines(one).next();
    first == filled_lines(other).next() && first.is_some_and(is_telling)
}

/// Whether half the lines of the shorter text stand in the longer.
fn share_lines(one: &[u8], other: &[u8]) -> bool {
    let mut bag = LineBag::new(one);
    let len = bag.len;
    let shared = bag.take(other);
    shared.found * 2 >= shared.all.min(len) && shared.is_telling()
}
