//! Whether a new cell may be what somebody made of a cell that is gone, when little of it is left.

use std::cmp::Ordering;

use crate::notebook::Cell;

use super::Pair;
use super::lines::{LineBag, filled_lines, is_telling};
use super::similar::Bag;

const MUCH: f64 = 0.5;
const SOME: f64 = 0.15;

/// How many pairs of cells are looked at; more new cells than that are not told apart.
const MANY: usize = 400;

/// Pairs of cells of one type of which the one may be the other rewritten; none crosses another.
///
/// They share half their words, whatever the case, or half the lines of the shorter, or begin with the same line.
/// [`align`](super::align()) asks for more, since it must not see a change where a cell went and another came. `lost` and
/// `new` are cells that stand in one place, with their numbers; if it is just one each, less is enough.
#[must_use]
pub fn rewritings(lost: &[(usize, &Cell<'_>)], new: &[(usize, &Cell<'_>)], needed: Likeness) -> Vec<Pair> {
    if lost.len() * new.len() > MANY {
        return Vec::new();
    }
    let all = lost.iter().flat_map(|one| new.iter().map(move |other| (one, other)));
    let scored = all.filter_map(|((before, one), (after, other))| {
        let score = rewriting(one, other, needed)?;
        Some((score, Pair { before: *before, after: *after }))
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

fn rewriting(one: &Cell<'_>, other: &Cell<'_>, needed: Likeness) -> Option<f64> {
    if one.kind() != other.kind() || one.is_blank() || other.is_blank() {
        return None;
    }
    let [one, other] = [one, other].map(|cell| cell.source_text().to_ascii_lowercase());
    let words = Bag::new(&one).similarity(&Bag::new(&other));
    let score = words + likelihood(begin_alike(&one, &other)) + likelihood(share_lines(&one, &other));
    let needed = if needed == Likeness::Some { SOME } else { MUCH };
    (score >= needed).then_some(score)
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

fn likelihood(holds: bool) -> f64 {
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
