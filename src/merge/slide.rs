//! Where a change comes to rest that could stand in several places.
//!
//! Between equal lines a run of changed lines can slide. git lets it sink as far as it can, unless it passes a change
//! of the other version: then it stays beside that.

use std::ops::Range;

use imara_diff::Token;

/// A run of changed lines between two unchanged ones, often empty.
pub(super) struct Group(pub(super) Range<usize>);

impl Group {
    /// The group before the first unchanged line.
    pub(super) fn first(changed: &[bool]) -> Self {
        Self(0..end_of_run(changed, 0))
    }

    /// Moves to the next group; false behind the last.
    pub(super) fn next(&mut self, changed: &[bool]) -> bool {
        let start = self.0.end + 1;
        if start > changed.len() {
            return false;
        }
        self.0 = start..end_of_run(changed, start);
        true
    }

    /// Moves to the group before; there must be one.
    fn back(&mut self, changed: &[bool]) {
        let end = self.0.start.saturating_sub(1);
        self.0 = start_of_run(changed, end)..end;
    }

    /// Moves one line up where the text allows it, taking in a group that it then touches.
    fn slide_up(&mut self, tokens: &[Token], changed: &mut [bool]) -> bool {
        let Range { start, end } = self.0;
        if start == 0 || tokens[start - 1] != tokens[end - 1] {
            return false;
        }
        (changed[start - 1], changed[end - 1]) = (true, false);
        self.0 = start_of_run(changed, start - 1)..end - 1;
        true
    }

    /// Moves one line down in the same way.
    fn slide_down(&mut self, tokens: &[Token], changed: &mut [bool]) -> bool {
        let Range { start, end } = self.0;
        if end == tokens.len() || tokens[start] != tokens[end] {
            return false;
        }
        (changed[start], changed[end]) = (false, true);
        self.0 = start + 1..end_of_run(changed, end + 1);
        true
    }
}

fn end_of_run(changed: &[bool], from: usize) -> usize {
    from + changed[from..].iter().take_while(|changed| **changed).count()
}

fn start_of_run(changed: &[bool], from: usize) -> usize {
    from - changed[..from].iter().rev().take_while(|changed| **changed).count()
}

/// Puts each group as far down as it can stand, or beside a change of the other version if it passes one.
pub(super) fn slide(tokens: &[Token], changed: &mut [bool], other_changed: &mut [bool]) {
    let (mut group, mut other) = (Group::first(changed), Group::first(other_changed));
    loop {
        if !group.0.is_empty() {
            settle(tokens, changed, other_changed, &mut group, &mut other);
        }
        if !group.next(changed) || !other.next(other_changed) {
            return;
        }
    }
}

fn settle(tokens: &[Token], changed: &mut [bool], other_changed: &[bool], group: &mut Group, other: &mut Group) {
    let mut beside;
    loop {
        let size = group.0.len();
        while group.slide_up(tokens, changed) {
            other.back(other_changed);
        }
        beside = !other.0.is_empty();
        while group.slide_down(tokens, changed) {
            other.next(other_changed);
            beside |= !other.0.is_empty();
        }
        // A group that grew may have further to go.
        if group.0.len() == size {
            break;
        }
    }
    while beside && other.0.is_empty() && group.slide_up(tokens, changed) {
        other.back(other_changed);
    }
}
