//! Two texts to the lines that changed.

use std::hash::Hash;
use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput, Interner, Token};

use super::Change;

/// The changed stretches of two texts, ascending, each of at least one line; lines are given one by one.
///
/// Of texts of very many lines that are nearly all the same few, not the least possible stretches.
pub fn line_changes<T: AsRef<[u8]> + Eq + Hash>(
    before: impl Iterator<Item = T>,
    after: impl Iterator<Item = T>,
) -> Vec<Change> {
    let mut input = InternedInput { before: Vec::new(), after: Vec::new(), interner: Interner::new(0) };
    input.reserve(before.size_hint().0 as u32, after.size_hint().0 as u32);
    input.update_before(before);
    input.update_after(after);
    if is_monotonous(&input) {
        return monotonous_changes(&input.before, &input.after, input.interner.num_tokens());
    }
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_lines(&input);
    diff.hunks().map(|hunk| change(&hunk, 0, 0)).collect()
}

/// So many lines are compared whole, whatever they are.
const MANY_LINES: usize = 20_000;
/// How often each line of a monotonous text stands there on average.
const OFTEN: usize = 64;
/// How many lines of a monotonous text are compared at a time.
const WINDOW: usize = 4_000;

/// imara-diff takes quadratic time where no line is rare: it looks for a rarer one from each line back to the first.
fn is_monotonous<T>(input: &InternedInput<T>) -> bool {
    let lines = input.before.len() + input.after.len();
    lines > MANY_LINES && lines / OFTEN > input.interner.num_tokens() as usize
}

/// Compares what lies between the common beginning and the common end, window by window.
fn monotonous_changes(before: &[Token], after: &[Token], distinct: u32) -> Vec<Change> {
    let same = |(one, other): &(&Token, &Token)| one == other;
    let start = before.iter().zip(after).take_while(same).count();
    let (old, new) = (&before[start..], &after[start..]);
    let end = old.iter().rev().zip(new.iter().rev()).take_while(same).count();
    let (old, new) = (&old[..old.len() - end], &new[..new.len() - end]);
    let windows = old.len().max(new.len()).div_ceil(WINDOW);
    let window = |lines: &[Token], index: usize| lines.len() * index / windows..lines.len() * (index + 1) / windows;
    let mut changes: Vec<Change> = Vec::new();
    for index in 0..windows {
        let (gone, come) = (window(old, index), window(new, index));
        let mut diff = Diff::default();
        diff.compute_with(Algorithm::Myers, &old[gone.clone()], &new[come.clone()], distinct);
        for hunk in diff.hunks() {
            push(change(&hunk, start + gone.start, start + come.start), &mut changes);
        }
    }
    changes
}

fn change(hunk: &imara_diff::Hunk, before: usize, after: usize) -> Change {
    let shifted = |range: &Range<u32>, by: usize| by + range.start as usize..by + range.end as usize;
    Change { before: shifted(&hunk.before, before), after: shifted(&hunk.after, after) }
}

/// Adds a change, to the last one if they touch.
pub(super) fn push(change: Change, changes: &mut Vec<Change>) {
    match changes.last_mut() {
        Some(last) if last.before.end == change.before.start && last.after.end == change.after.start => {
            (last.before.end, last.after.end) = (change.before.end, change.after.end);
        }
        _ => changes.push(change),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the changes make of the older lines.
    fn applied(before: &[u8], after: &[u8], changes: &[Change]) -> Vec<u8> {
        let (mut out, mut at) = (Vec::new(), 0);
        for change in changes {
            out.extend_from_slice(&before[at..change.before.start]);
            assert_eq!(out.len(), change.after.start);
            out.extend_from_slice(&after[change.after.clone()]);
            at = change.before.end;
        }
        out.extend_from_slice(&before[at..]);
        out
    }

    fn changes(before: &[u8], after: &[u8]) -> Vec<Change> {
        line_changes(before.chunks(1), after.chunks(1))
    }

    #[test]
    fn a_monotonous_text_is_compared_in_windows() {
        let before: Vec<u8> = (0..60_000u32).map(|line| b'a' + (line % 5) as u8).collect();
        let mut after = before.clone();
        (7_000..50_000).step_by(100).for_each(|line| after[line] = b'z');
        let found = changes(&before, &after);
        assert_eq!(applied(&before, &after, &found), after);
        assert_eq!(found.len(), 430);
        after.splice(20_000..20_003, *b"xyxyxyx");
        assert_eq!(applied(&before, &after, &changes(&before, &after)), after);
    }

    #[test]
    fn nothing_changed_is_no_change() {
        let text = vec![b'a'; 50_000];
        assert_eq!(changes(&text, &text), []);
        assert_eq!(changes(&text, &text[1..]).len(), 1);
        assert_eq!(changes(b"", b"ab"), [Change { before: 0..0, after: 0..2 }]);
    }
}
