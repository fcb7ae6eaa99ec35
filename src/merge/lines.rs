//! Three-way merge of one text by lines, as git merges a file (xdiff's `xdl_merge`, level zealous).

use std::ops::Range;

use imara_diff::{Interner, Token};

use super::myers::{Change, changes};
use super::{Side, Sides};

/// A stretch of the result, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chunk<'t> {
    /// Lines that need nobody.
    Clean(Vec<&'t [u8]>),
    /// Lines that both sides changed differently; without the base's in the style that does not show them.
    Conflict(Sides<Vec<&'t [u8]>>),
}

impl<'t> Chunk<'t> {
    /// The lines that a side has here.
    pub(super) fn lines_of(&self, side: Side) -> &[&'t [u8]] {
        match self {
            Self::Clean(lines) => lines,
            Self::Conflict(sides) => sides.of(side),
        }
    }
}

/// How a conflict is written: git's `merge.conflictStyle`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ConflictStyle {
    /// Ours and theirs, each conflict as small as it can be.
    #[default]
    Merge,
    /// Ours, base and theirs.
    Diff3,
    /// As diff3, without lines that both sides begin or end alike.
    Zdiff3,
}

/// The lines of a text: none if it is empty, else the pieces between its newlines.
///
/// A text that ends in a newline has an empty last line, so that joining the lines by newlines gives it back.
pub fn lines(text: &[u8]) -> Vec<&[u8]> {
    if text.is_empty() { Vec::new() } else { text.split(|byte| *byte == b'\n').collect() }
}

/// Merges three versions of a text, given as lines.
///
/// The verdict and the text, with all its conflicts, are those of `git merge-file` on the same lines (Myers' diff,
/// changes that touch collide, equal changes do not).
pub fn merge_lines<'t>(sides: &Sides<Vec<&'t [u8]>>, style: ConflictStyle) -> Vec<Chunk<'t>> {
    let mut interner = Interner::new(sides.base.len() * 2);
    let tokens = sides.as_ref().map(|lines| lines.iter().map(|line| interner.intern(*line)).collect::<Vec<_>>());
    let merge = Merge { sides, tokens, distinct: interner.num_tokens(), style };
    merge.run()
}

struct Merge<'s, 't> {
    sides: &'s Sides<Vec<&'t [u8]>>,
    tokens: Sides<Vec<Token>>,
    distinct: u32,
    style: ConflictStyle,
}

impl<'t> Merge<'_, 't> {
    fn run(&self) -> Vec<Chunk<'t>> {
        let ours = self.changes(&self.tokens.base, &self.tokens.ours);
        let theirs = self.changes(&self.tokens.base, &self.tokens.theirs);
        let mut chunks = Chunks::default();
        let mut done = 0;
        for group in groups(&ours, &theirs) {
            chunks.clean(&self.sides.base[done..group.lines.base.start]);
            done = group.lines.base.end;
            self.settle(&group, &mut chunks);
        }
        chunks.clean(&self.sides.base[done..]);
        chunks.all
    }

    fn changes(&self, before: &[Token], after: &[Token]) -> Vec<Change> {
        changes(before, after, self.distinct)
    }

    fn settle(&self, group: &Group, chunks: &mut Chunks<'t>) {
        let ours = &self.sides.ours[group.lines.ours.clone()];
        let theirs = &self.sides.theirs[group.lines.theirs.clone()];
        let base = &self.sides.base[group.lines.base.clone()];
        if ours == theirs && group.changes == 2 {
            chunks.clean(ours);
        } else if theirs == base || ours == theirs {
            chunks.settled(ours);
        } else if ours == base {
            chunks.settled(theirs);
        } else {
            match self.style {
                ConflictStyle::Merge => self.refine(group, chunks),
                ConflictStyle::Diff3 => chunks.conflict(base, ours, theirs),
                ConflictStyle::Zdiff3 => {
                    let head = common(ours.iter().zip(theirs));
                    let tail = common(ours[head..].iter().rev().zip(theirs[head..].iter().rev()));
                    chunks.clean(&ours[..head]);
                    chunks.conflict(base, &ours[head..ours.len() - tail], &theirs[head..theirs.len() - tail]);
                    chunks.clean(&ours[ours.len() - tail..]);
                }
            }
        }
    }

    /// Takes lines that both sides have out of a conflict, unless too few of them stand between two parts.
    fn refine(&self, group: &Group, chunks: &mut Chunks<'t>) {
        let ours = &self.sides.ours[group.lines.ours.clone()];
        let theirs = &self.sides.theirs[group.lines.theirs.clone()];
        let [one, other] =
            [&self.tokens.ours[group.lines.ours.clone()], &self.tokens.theirs[group.lines.theirs.clone()]];
        let mut done = 0;
        for Change { before, after } in self.changes(one, other) {
            chunks.clean(&ours[done..before.start]);
            done = before.end;
            chunks.join_small_gap();
            chunks.conflict(&[], &ours[before], &theirs[after]);
        }
        chunks.clean(&ours[done..]);
    }
}

/// xdiff joins conflicts with up to three lines between them, or any number without a letter or digit.
fn is_small_gap(gap: &[&[u8]]) -> bool {
    gap.len() <= 3 || !gap.iter().any(|line| line.iter().any(u8::is_ascii_alphanumeric))
}

fn common<T: PartialEq>(pairs: impl Iterator<Item = (T, T)>) -> usize {
    pairs.take_while(|(one, other)| one == other).count()
}

/// Changes of the two sides that overlap or touch.
struct Group {
    /// The stretch of each version that they cover together.
    lines: Sides<Range<usize>>,
    /// How many they are.
    changes: usize,
}

fn groups(ours: &[Change], theirs: &[Change]) -> Vec<Group> {
    let (mut ours, mut theirs) = (ours.iter().peekable(), theirs.iter().peekable());
    // How far each side's line numbers are ahead of the base's.
    let (mut ours_shift, mut theirs_shift) = (0isize, 0isize);
    let mut groups = Vec::new();
    loop {
        let starts = [ours.peek().map(|change| change.before.start), theirs.peek().map(|change| change.before.start)];
        let Some(start) = starts.into_iter().flatten().min() else {
            return groups;
        };
        let (mut end, mut changes, before) = (start, 0, (ours_shift, theirs_shift));
        // A change that begins where the group ends touches it.
        loop {
            let touching = |change: &&&Change| change.before.start <= end;
            if let Some(change) = ours.next_if(|change| touching(&change)) {
                (end, ours_shift) = (end.max(change.before.end), ours_shift + change.growth());
            } else if let Some(change) = theirs.next_if(|change| touching(&change)) {
                (end, theirs_shift) = (end.max(change.before.end), theirs_shift + change.growth());
            } else {
                break;
            }
            changes += 1;
        }
        let side = |from: isize, to: isize| start.saturating_add_signed(from)..end.saturating_add_signed(to);
        let lines = Sides { base: start..end, ours: side(before.0, ours_shift), theirs: side(before.1, theirs_shift) };
        groups.push(Group { lines, changes });
    }
}

/// The result as it grows: neighbouring clean stretches are one.
#[derive(Default)]
struct Chunks<'t> {
    all: Vec<Chunk<'t>>,
    /// Whether a change was settled since the last conflict.
    settled: bool,
}

impl<'t> Chunks<'t> {
    fn clean(&mut self, lines: &[&'t [u8]]) {
        if lines.is_empty() {
            return;
        }
        match self.all.last_mut() {
            Some(Chunk::Clean(last)) => last.extend_from_slice(lines),
            _ => self.all.push(Chunk::Clean(lines.to_vec())),
        }
    }

    /// Lines that one side changed.
    fn settled(&mut self, lines: &[&'t [u8]]) {
        self.clean(lines);
        self.settled = true;
    }

    /// Joins with the last conflict where little stands behind it: takes the lines between into both sides.
    fn join_small_gap(&mut self) {
        let [.., Chunk::Conflict(_), Chunk::Clean(gap)] = self.all.as_slice() else {
            return;
        };
        if self.settled || !is_small_gap(gap) {
            return;
        }
        if let Some(Chunk::Clean(gap)) = self.all.pop() {
            self.conflict(&[], &gap, &gap);
        }
    }

    /// A conflict, which continues one that ends here.
    fn conflict(&mut self, base: &[&'t [u8]], ours: &[&'t [u8]], theirs: &[&'t [u8]]) {
        match self.all.last_mut() {
            Some(Chunk::Conflict(last)) if !self.settled => {
                last.base.extend_from_slice(base);
                last.ours.extend_from_slice(ours);
                last.theirs.extend_from_slice(theirs);
            }
            _ => self.all.push(Chunk::Conflict(Sides {
                base: base.to_vec(),
                ours: ours.to_vec(),
                theirs: theirs.to_vec(),
            })),
        }
        self.settled = false;
    }
}
