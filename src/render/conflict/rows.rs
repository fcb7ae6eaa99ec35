//! Lines of a conflict with their signs and marks, not yet cut.

use std::ops::Range;

use crate::diff::{changed_words, line_changes};

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Row {
    /// A line of a version.
    Line {
        /// As in a diff: `-`, `+` or a space.
        sign: u8,
        /// Without its newline.
        text: Vec<u8>,
        /// The words that changed.
        marks: Vec<Range<usize>>,
    },
    /// So many lines that nothing happened to.
    Same(usize),
}

impl Row {
    pub(super) fn plain(text: &[u8]) -> Self {
        Self::Line { sign: b' ', text: text.to_vec(), marks: Vec::new() }
    }
}

/// Lines that begin with the same sign.
pub(super) fn rows(sign: u8, lines: &[&[u8]], marks: &[Vec<Range<usize>>]) -> Vec<Row> {
    let marks = marks.iter().cloned().chain(std::iter::repeat(Vec::new()));
    lines.iter().zip(marks).map(|(line, marks)| Row::Line { sign, text: line.to_vec(), marks }).collect()
}

/// What became of `before`, with lines around it that are the same: so many, or all.
pub(super) fn changes(before: &[&[u8]], after: &[&[u8]], context: Option<usize>) -> Vec<Row> {
    let changes = line_changes(before.iter(), after.iter());
    let context = context.unwrap_or(usize::MAX);
    let (mut found, mut at) = (Vec::new(), 0);
    for change in &changes {
        push_same(&after[at..change.after.start], [if at == 0 { 0 } else { context }, context], &mut found);
        let (old, new) = (&before[change.before.clone()], &after[change.after.clone()]);
        let (old_marks, new_marks) = marks(old, new);
        found.extend(rows(b'-', old, &old_marks));
        found.extend(rows(b'+', new, &new_marks));
        at = change.after.end;
    }
    push_same(&after[at..], [if changes.is_empty() { usize::MAX } else { context }, 0], &mut found);
    found
}

/// Of lines that are the same, some at the beginning and at the end.
fn push_same(lines: &[&[u8]], [first, last]: [usize; 2], found: &mut Vec<Row>) {
    let hidden = lines.len().saturating_sub(first.saturating_add(last));
    let shown = if hidden <= 1 { lines.len() } else { first };
    found.extend(lines[..shown].iter().map(|line| Row::plain(line)));
    if hidden > 1 {
        found.push(Row::Same(hidden));
        found.extend(lines[first + hidden..].iter().map(|line| Row::plain(line)));
    }
}

type Marks = Vec<Vec<Range<usize>>>;

impl Row {
    /// Puts git's signs for removed and added words around those that changed, in a line that is long and mostly the same:
    /// in others they are seen.
    pub(super) fn add_word_signs(&mut self) {
        const LONG: usize = 40;
        let Self::Line { sign, text, marks } = self else { return };
        let signs: [&[u8]; 2] = match sign {
            b'-' => [b"[-", b"-]"],
            b'+' => [b"{+", b"+}"],
            _ => return,
        };
        let marked: usize = marks.iter().map(Range::len).sum();
        if text.len() <= LONG || marked * 2 > text.len() {
            return;
        }
        let (mut signed, mut at) = (Vec::new(), 0);
        for mark in marks {
            signed.extend_from_slice(&text[at..mark.start]);
            let start = signed.len();
            signed.extend_from_slice(&[signs[0], &text[mark.clone()], signs[1]].concat());
            at = mark.end;
            *mark = start..signed.len();
        }
        signed.extend_from_slice(&text[at..]);
        *text = signed;
    }
}

/// The words that differ between lines.
pub(super) fn marks(old: &[&[u8]], new: &[&[u8]]) -> (Marks, Marks) {
    let marks = changed_words(old, new);
    let none = |marks: &Marks| marks.iter().all(Vec::is_empty);
    if old.len() == new.len() && none(&marks.removed) && none(&marks.added) {
        return old.iter().zip(new).map(|(old, new)| long_marks(old, new)).unzip();
    }
    (marks.removed, marks.added)
}

/// Lines that are too long for words: what is not the same at the beginning and at the end of both. Nothing of others.
fn long_marks(old: &[u8], new: &[u8]) -> (Vec<Range<usize>>, Vec<Range<usize>>) {
    const LONG: usize = 1000;
    if old.len().min(new.len()) < LONG {
        return (Vec::new(), Vec::new());
    }
    let same = |(one, other): &(&u8, &u8)| one == other;
    let start = old.iter().zip(new).take_while(same).count();
    let end = old[start..].iter().rev().zip(new[start..].iter().rev()).take_while(same).count();
    let range = |line: &[u8]| {
        let range = character_start(line, start)..character_start(line, line.len() - end);
        if range.is_empty() { Vec::new() } else { vec![range] }
    };
    (range(old), range(new))
}

/// The beginning of the character at `at`.
pub(super) fn character_start(text: &[u8], at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.get(*at).is_none_or(|byte| byte & 0xc0 != 0x80)).unwrap_or(0)
}

/// The marks of both, ascending and apart from each other.
pub(super) fn united(one: &[Range<usize>], other: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut all: Vec<Range<usize>> = one.iter().chain(other).cloned().collect();
    all.sort_by_key(|range| range.start);
    let mut united: Vec<Range<usize>> = Vec::with_capacity(all.len());
    for range in all {
        match united.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => united.push(range),
        }
    }
    united
}
