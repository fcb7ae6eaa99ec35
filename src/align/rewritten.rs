//! Whether a new cell may be what somebody made of a cell that is gone, when little of it is left.

use crate::notebook::Cell;

use super::lines::{LineBag, filled_lines, is_telling};
use super::similar::Bag;

/// Words that are alike, whatever their case.
const ALIKE: f64 = 0.5;
/// What could come from no other cell needs so much in common.
const ONLY: f64 = 0.15;

/// How many cells come into question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Candidates {
    /// This one.
    One,
    /// Others too.
    Several,
}

/// How alike two cells of one type are, if one may be the other rewritten: they share half their words, whatever the
/// case, half the lines of the shorter, or begin with the same line. [`align`](super::align()) asks for more; here it is known
/// that one is gone and the other new in its place, and less is enough if it is the only candidate.
#[must_use]
pub fn rewriting(one: &Cell<'_>, other: &Cell<'_>, candidates: Candidates) -> Option<f64> {
    if one.kind() != other.kind() || one.is_blank() || other.is_blank() {
        return None;
    }
    let [one, other] = [one, other].map(|cell| cell.source_text().to_ascii_lowercase());
    let words = Bag::new(&one).similarity(&Bag::new(&other));
    let score = words + likelihood(begin_alike(&one, &other)) + likelihood(share_lines(&one, &other));
    let needed = if candidates == Candidates::One { ONLY } else { ALIKE };
    (score >= needed).then_some(score)
}

fn likelihood(holds: bool) -> f64 {
    if holds { ALIKE } else { 0.0 }
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
