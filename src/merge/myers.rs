//! The difference of two lists of lines, change for change as git finds it.
//!
//! Shortest edit scripts are many, and which of them a diff finds decides what a merge calls a conflict. So this is
//! Myers' algorithm ("An O(ND) difference algorithm and its variations", section 4b) with all the choices that git
//! makes between equals: which lines it sets aside beforehand, which path it prefers, where a change that could
//! stand in several places comes to rest. `imara-diff` makes other choices, and does the work only where so much
//! differs that git begins to guess.

use std::ops::Range;

use imara_diff::{Algorithm, Diff, Token};

use super::slide::{Group, slide};

/// Lines of one version and what stands for them in the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) before: Range<usize>,
    pub(super) after: Range<usize>,
}

impl Change {
    /// How many lines more there are afterwards.
    pub(super) fn growth(&self) -> isize {
        self.after.len() as isize - self.before.len() as isize
    }
}

/// The changes that lead from `before` to `after`, whose tokens are below `distinct`.
pub(super) fn changes(before: &[Token], after: &[Token], distinct: u32) -> Vec<Change> {
    let (mut removed, mut added) = marks(before, after, distinct).unwrap_or_else(|| guess(before, after, distinct));
    slide(before, &mut removed, &mut added);
    slide(after, &mut added, &mut removed);
    let mut changes = Vec::new();
    let (mut old, mut new) = (Group::first(&removed), Group::first(&added));
    loop {
        if old.0.len() + new.0.len() > 0 {
            changes.push(Change { before: old.0.clone(), after: new.0.clone() });
        }
        // Both have as many unchanged lines, so the groups between these are pairs.
        if !old.next(&removed) || !new.next(&added) {
            return changes;
        }
    }
}

/// For each line of both versions whether it is changed.
type Marks = (Vec<bool>, Vec<bool>);

/// What `imara-diff` finds.
fn guess(before: &[Token], after: &[Token], distinct: u32) -> Marks {
    let mut diff = Diff::default();
    diff.compute_with(Algorithm::Myers, before, after, distinct);
    let removed = (0..before.len() as u32).map(|line| diff.is_removed(line));
    let added = (0..after.len() as u32).map(|line| diff.is_added(line));
    (removed.collect(), added.collect())
}

/// `None` if the versions differ in too much for an exact search.
fn marks(before: &[Token], after: &[Token], distinct: u32) -> Option<Marks> {
    let shortest = before.len().min(after.len());
    let head = before.iter().zip(after).take_while(|(one, other)| one == other).count();
    let tails = before.iter().rev().zip(after.iter().rev()).take(shortest - head);
    let tail = tails.take_while(|(one, other)| one == other).count();
    let old = Kept::new(before, head..before.len() - tail, &Counts::of(after, distinct));
    let new = Kept::new(after, head..after.len() - tail, &Counts::of(before, distinct));
    let diagonals = old.lines.len() + new.lines.len() + 3;
    let mut search = Search {
        before: &old.tokens(before),
        after: &new.tokens(after),
        forward: vec![0; diagonals],
        backward: vec![0; diagonals],
        removed: vec![false; old.lines.len()],
        added: vec![false; new.lines.len()],
    };
    search.run(0..old.lines.len(), 0..new.lines.len())?;
    Some((old.spread(&search.removed), new.spread(&search.added)))
}

/// How often each line stands in a version.
struct Counts(Vec<usize>);

impl Counts {
    fn of(tokens: &[Token], distinct: u32) -> Self {
        let mut counts = vec![0; distinct as usize];
        tokens.iter().for_each(|token| counts[token.0 as usize] += 1);
        Self(counts)
    }
}

/// How a line looks from the other version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Likeness {
    /// It has no such line.
    Alone,
    /// It has few.
    Some,
    /// It has so many that to match them says little.
    Common,
}

/// The lines of a version that are searched; the others are known to be changed, or to stand at equal ends.
struct Kept {
    lines: Vec<usize>,
    /// For each line whether it was set aside as changed.
    changed: Vec<bool>,
}

impl Kept {
    fn new(tokens: &[Token], middle: Range<usize>, others: &Counts) -> Self {
        let many = coarse_sqrt(tokens.len()).min(1024);
        let likeness = |token: &Token| match others.0[token.0 as usize] {
            0 => Likeness::Alone,
            count if count >= many => Likeness::Common,
            _ => Likeness::Some,
        };
        let likenesses: Vec<Likeness> = tokens[middle.clone()].iter().map(likeness).collect();
        let mut kept = Self { lines: Vec::new(), changed: vec![false; tokens.len()] };
        for (index, likeness) in likenesses.iter().enumerate() {
            let line = middle.start + index;
            let aside = match likeness {
                Likeness::Alone => true,
                Likeness::Some => false,
                Likeness::Common => is_lost(&likenesses, index),
            };
            if aside {
                kept.changed[line] = true;
            } else {
                kept.lines.push(line);
            }
        }
        kept
    }

    fn tokens(&self, tokens: &[Token]) -> Vec<Token> {
        self.lines.iter().map(|line| tokens[*line]).collect()
    }

    /// The marks of all lines, given those of the kept ones.
    fn spread(mut self, marks: &[bool]) -> Vec<bool> {
        for (line, mark) in self.lines.iter().zip(marks) {
            self.changed[*line] = *mark;
        }
        self.changed
    }
}

/// A power of two near the square root.
fn coarse_sqrt(number: usize) -> usize {
    let (mut rest, mut root) = (number, 1);
    while rest > 0 {
        (rest, root) = (rest >> 2, root << 1);
    }
    root
}

/// Whether a common line stands among so many that the other version lacks that it is no landmark.
fn is_lost(likenesses: &[Likeness], at: usize) -> bool {
    const WINDOW: usize = 100;
    let count = |lines: &mut dyn Iterator<Item = &Likeness>| {
        let (mut alone, mut common) = (0, 1);
        for likeness in lines.take_while(|likeness| **likeness != Likeness::Some) {
            match likeness {
                Likeness::Alone => alone += 1,
                _ => common += 1,
            }
        }
        (alone, common)
    };
    let above = count(&mut likenesses[..at].iter().rev().take(WINDOW));
    let below = count(&mut likenesses[at + 1..].iter().take(WINDOW));
    let (alone, common) = (above.0 + below.0, above.1 + below.1);
    above.0 > 0 && below.0 > 0 && common * 4 < common + alone
}

/// The divide and conquer: boxes of lines, split where the paths from both corners meet.
struct Search<'t> {
    before: &'t [Token],
    after: &'t [Token],
    /// How far the paths from the upper corner have come on each diagonal, as a line of `before`.
    forward: Vec<isize>,
    /// The same for the paths from the lower corner.
    backward: Vec<isize>,
    removed: Vec<bool>,
    added: Vec<bool>,
}

/// More differences than this, and git would no longer look for the shortest script.
const COST_LIMIT: usize = 256;

impl Search<'_> {
    fn run(&mut self, mut old: Range<usize>, mut new: Range<usize>) -> Option<()> {
        while !old.is_empty() && !new.is_empty() && self.before[old.start] == self.after[new.start] {
            (old.start, new.start) = (old.start + 1, new.start + 1);
        }
        while !old.is_empty() && !new.is_empty() && self.before[old.end - 1] == self.after[new.end - 1] {
            (old.end, new.end) = (old.end - 1, new.end - 1);
        }
        if old.is_empty() || new.is_empty() {
            self.removed[old].fill(true);
            self.added[new].fill(true);
            return Some(());
        }
        let (line, other) = self.split(&old, &new)?;
        self.run(old.start..line, new.start..other)?;
        self.run(line..old.end, other..new.end)
    }

    /// Where the paths meet: a line of each version.
    fn split(&mut self, old: &Range<usize>, new: &Range<usize>) -> Option<(usize, usize)> {
        let corner = |line: usize, other: usize| line as isize - other as isize;
        let lowest = corner(old.start, new.end);
        let highest = corner(old.end, new.start);
        let (top, bottom) = (corner(old.start, new.start), corner(old.end, new.end));
        let meets_forward = (top - bottom) % 2 != 0;
        // Diagonals are numbered from `lowest`, with one spare slot below.
        let slot = |diagonal: isize| (diagonal - lowest + 1) as usize;
        let (mut from_top, mut from_bottom) = (Band::at(top), Band::at(bottom));
        self.forward[slot(top)] = old.start as isize;
        self.backward[slot(bottom)] = old.end as isize;
        for _ in 0..COST_LIMIT {
            from_top.widen(lowest, highest, |diagonal| self.forward[slot(diagonal)] = -1);
            for diagonal in from_top.diagonals() {
                let line = self.step_forward(old, new, diagonal, slot(diagonal));
                if meets_forward && from_bottom.has(diagonal) && self.backward[slot(diagonal)] <= line {
                    return Some((line as usize, (line - diagonal) as usize));
                }
            }
            from_bottom.widen(lowest, highest, |diagonal| self.backward[slot(diagonal)] = isize::MAX);
            for diagonal in from_bottom.diagonals() {
                let line = self.step_backward(old, new, diagonal, slot(diagonal));
                if !meets_forward && from_top.has(diagonal) && line <= self.forward[slot(diagonal)] {
                    return Some((line as usize, (line - diagonal) as usize));
                }
            }
        }
        None
    }

    /// One change and then all equal lines, from the upper corner: a removal where both ways lead as far.
    fn step_forward(&mut self, old: &Range<usize>, new: &Range<usize>, diagonal: isize, slot: usize) -> isize {
        let mut line = (self.forward[slot - 1].saturating_add(1)).max(self.forward[slot + 1]);
        let inside = |line: isize| line < old.end as isize && line - diagonal < new.end as isize;
        while inside(line) && self.before[line as usize] == self.after[(line - diagonal) as usize] {
            line += 1;
        }
        self.forward[slot] = line;
        line
    }

    /// The same from the lower corner.
    fn step_backward(&mut self, old: &Range<usize>, new: &Range<usize>, diagonal: isize, slot: usize) -> isize {
        let mut line = self.backward[slot - 1].min(self.backward[slot + 1].saturating_sub(1));
        let inside = |line: isize| line > old.start as isize && line - diagonal > new.start as isize;
        while inside(line) && self.before[line as usize - 1] == self.after[(line - diagonal) as usize - 1] {
            line -= 1;
        }
        self.backward[slot] = line;
        line
    }
}

/// The diagonals that the paths from one corner have reached: every second one from `low` to `high`.
struct Band {
    low: isize,
    high: isize,
}

impl Band {
    fn at(diagonal: isize) -> Self {
        Self { low: diagonal, high: diagonal }
    }

    /// Takes in one more diagonal at each end, or gives one up where the box ends; `bound` marks what lies outside.
    fn widen(&mut self, lowest: isize, highest: isize, mut bound: impl FnMut(isize)) {
        if self.low > lowest {
            self.low -= 1;
            bound(self.low - 1);
        } else {
            self.low += 1;
        }
        if self.high < highest {
            self.high += 1;
            bound(self.high + 1);
        } else {
            self.high -= 1;
        }
    }

    fn has(&self, diagonal: isize) -> bool {
        (self.low..=self.high).contains(&diagonal)
    }

    /// From the highest down.
    fn diagonals(&self) -> impl Iterator<Item = isize> + use<> {
        (self.low..=self.high).rev().step_by(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(numbers: impl Iterator<Item = u32>) -> Vec<Token> {
        numbers.map(Token).collect()
    }

    /// What `changes` makes of `before`, which must be `after`.
    fn applied(before: &[Token], after: &[Token], changes: &[Change]) -> Vec<Token> {
        let (mut out, mut done) = (Vec::new(), 0);
        for change in changes {
            out.extend_from_slice(&before[done..change.before.start]);
            out.extend_from_slice(&after[change.after.clone()]);
            done = change.before.end;
        }
        out.extend_from_slice(&before[done..]);
        out
    }

    #[test]
    fn a_change_that_can_slide_comes_to_rest_at_the_end() {
        let (before, after) = (tokens([0, 1, 2].into_iter()), tokens([0, 1, 0, 1, 2].into_iter()));
        let expected = Change { before: 2..2, after: 2..4 };
        assert_eq!(changes(&before, &after, 3), [expected]);
    }

    #[test]
    fn texts_with_nearly_nothing_in_common_are_compared_too() {
        let before = tokens(0..3000);
        let after = tokens((0..3000).map(|line| line * 7 % 3000 + line % 3));
        let found = changes(&before, &after, 3002);
        assert_eq!(applied(&before, &after, &found), after);
    }
}
