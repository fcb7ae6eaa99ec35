//! Where lines are cut into cells, and cells joined, as a side has done it.

use std::collections::BTreeSet;
use std::ops::Range;

use imara_diff::Interner;

use super::lines::lines;
use super::myers::{Change, changes};

/// The lines that two versions of a cell have for one of its parts.
pub(super) struct Parted {
    pub(super) base: Vec<u8>,
    pub(super) other: Vec<u8>,
}

/// For each of the parts that a side made of `base`: what `base` and the `other` side's version have there.
///
/// `cuts` are the blank lines of `base` between the parts. They belong to nobody: at a cut, both get as many as the part
/// has in `own`. `None` if an edit of the other side spans a cut.
pub(super) fn parted(own: &[Vec<u8>], base: &[u8], other: &[u8], cuts: &[Range<usize>]) -> Option<Vec<Parted>> {
    let (base, other) = (lines(base), lines(other));
    let changes = line_changes(&base, &other);
    let mut from = (0, 0);
    let mut parts = Vec::with_capacity(own.len());
    for (index, own) in own.iter().enumerate() {
        let to = match cuts.get(index) {
            Some(cut) => end_of_part(cut, &changes)?,
            None => (base.len(), other.len()),
        };
        let own = lines(own);
        let like_own = |lines: &[&[u8]]| {
            let head = if index > 0 { with_head_of(&own, lines) } else { lines.to_vec() };
            if index < cuts.len() { with_tail_of(&own, &head) } else { head }.join(&b'\n')
        };
        parts.push(Parted { base: like_own(base.get(from.0..to.0)?), other: like_own(other.get(from.1..to.1)?) });
        from = to;
    }
    Some(parts)
}

/// The `parts` as one text, with the blank lines between them that a side's joined text has at its `cuts`.
pub(super) fn glued(parts: &[Vec<u8>], cuts: &[Range<usize>]) -> Vec<u8> {
    let mut text: Vec<&[u8]> = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let part = lines(part);
        if index == 0 {
            text = part;
            continue;
        }
        text.truncate(text.len() - blank_tail(&text).len());
        text.extend(std::iter::repeat_n(&b""[..], cuts.get(index - 1).map_or(0, Range::len)));
        text.extend(&part[blank_head(&part).len()..]);
    }
    text.join(&b'\n')
}

/// One of two versions of a part, with as many blank lines at its ends as either has.
pub(super) fn with_most_blank_edges(one: &[u8], other: &[u8]) -> Vec<u8> {
    let (one, other) = (lines(one), lines(other));
    let more = |edge: for<'l, 't> fn(&'l [&'t [u8]]) -> &'l [&'t [u8]]| {
        if edge(&one).len() < edge(&other).len() { &other } else { &one }
    };
    let with_head = with_head_of(more(blank_head), &one);
    with_tail_of(more(blank_tail), &with_head).join(&b'\n')
}

fn line_changes(before: &[&[u8]], after: &[&[u8]]) -> Vec<Change> {
    let mut interner = Interner::new(before.len() * 2);
    let mut tokens = |lines: &[&[u8]]| lines.iter().map(|line| interner.intern(line.to_vec())).collect::<Vec<_>>();
    let (old, new) = (tokens(before), tokens(after));
    changes(&old, &new, interner.num_tokens())
}

/// The line of the base and that of the other version at which a part ends.
fn end_of_part(cut: &Range<usize>, changes: &[Change]) -> Option<(usize, usize)> {
    let (mut end, mut growth) = (cut.start, 0);
    for change in changes {
        let lines = &change.before;
        // What is put in where both parts meet continues the first; the lines keep their order either way.
        if lines.end <= cut.end && (lines.start < cut.end || cut.is_empty()) {
            (end, growth) = (end.max(lines.end), growth + change.growth());
        } else if lines.start >= cut.start {
            break;
        } else if lines.len() == change.after.len() {
            // Line by line, each has its place.
            return Some((cut.start, change.after.start + cut.start - lines.start));
        } else {
            return None;
        }
    }
    Some((end, end.checked_add_signed(growth)?))
}

fn with_head_of<'t>(own: &[&'t [u8]], lines: &[&'t [u8]]) -> Vec<&'t [u8]> {
    [blank_head(own), &lines[blank_head(lines).len()..]].concat()
}

fn with_tail_of<'t>(own: &[&'t [u8]], lines: &[&'t [u8]]) -> Vec<&'t [u8]> {
    [&lines[..lines.len() - blank_tail(lines).len()], blank_tail(own)].concat()
}

fn is_blank(line: &[u8]) -> bool {
    line.trim_ascii().is_empty()
}

fn blank_head<'l, 't>(lines: &'l [&'t [u8]]) -> &'l [&'t [u8]] {
    let filled = lines.iter().position(|line| !is_blank(line));
    &lines[..filled.unwrap_or(lines.len())]
}

fn blank_tail<'l, 't>(lines: &'l [&'t [u8]]) -> &'l [&'t [u8]] {
    let filled = lines.iter().rposition(|line| !is_blank(line));
    &lines[filled.map_or(0, |last| last + 1)..]
}

/// Where cells end in the lines of all of them, empty lines aside.
pub(super) struct Ends {
    pub(super) lines: Vec<Vec<u8>>,
    /// For each cell but the last how many lines stand before its end.
    pub(super) after: BTreeSet<usize>,
}

impl Ends {
    pub(super) fn of(cells: impl Iterator<Item = Vec<u8>>) -> Self {
        let mut ends = Self { lines: Vec::new(), after: BTreeSet::new() };
        for text in cells {
            ends.after.insert(ends.lines.len());
            let filled = lines(&text).into_iter().filter(|line| !is_blank(line));
            ends.lines.extend(filled.map(<[u8]>::to_vec));
        }
        ends.after.remove(&0);
        ends
    }
}
