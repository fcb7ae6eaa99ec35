//! Three-way merge of one text by lines, as git merges a file (xdiff's `xdl_merge`, level zealous).

use std::ops::Range;

use imara_diff::{Interner, Token};

use super::Sides;
use super::myers::{Change, changes};

/// A stretch of the result, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chunk<'t> {
    /// Lines that need nobody.
    Clean(Vec<&'t [u8]>),
    /// Lines that both sides changed differently.
    Conflict(Sides<Vec<&'t [u8]>>),
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
    if text.is_empty() {
        Vec::new()
    } else {
        text.split(|byte| *byte == b'\n').collect()
    }
}

/// Merges three versions of a text, given as lines.
///
/// The verdict, and the text where it is clean, are those of `git merge-file` on the same lines (Myers' diff,
/// changes that touch collide, equal changes do not).
pub fn merge_lines<'t>(sides: &Sides<Vec<&'t [u8]>>, style: ConflictStyle) -> Vec<Chunk<'t>> {
    let mut interner = Interner::new(sides.base.len() * 2);
    let tokens = sides
        .as_ref()
        .map(|lines| lines.iter().map(|line| interner.intern(*line)).collect::<Vec<_>>());
    let merge = Merge {
        sides,
        tokens,
        distinct: interner.num_tokens(),
        style,
    };
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
            chunks.clean(&self.sides.base[done..group.base.start]);
            done = group.base.end;
            self.settle(&group, &mut chunks);
        }
        chunks.clean(&self.sides.base[done..]);
        chunks.0
    }

    fn changes(&self, before: &[Token], after: &[Token]) -> Vec<Change> {
        changes(before, after, self.distinct)
    }

    fn settle(&self, group: &Sides<Range<usize>>, chunks: &mut Chunks<'t>) {
        let ours = &self.sides.ours[group.ours.clone()];
        let theirs = &self.sides.theirs[group.theirs.clone()];
        let base = &self.sides.base[group.base.clone()];
        if theirs == base || ours == theirs {
            chunks.clean(ours);
        } else if ours == base {
            chunks.clean(theirs);
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
    fn refine(&self, group: &Sides<Range<usize>>, chunks: &mut Chunks<'t>) {
        let ours = &self.sides.ours[group.ours.clone()];
        let theirs = &self.sides.theirs[group.theirs.clone()];
        let base = &self.sides.base[group.base.clone()];
        let mut parts: Vec<(Range<usize>, Range<usize>)> = Vec::new();
        for change in self.changes(
            &self.tokens.ours[group.ours.clone()],
            &self.tokens.theirs[group.theirs.clone()],
        ) {
            let Change {
                before: one,
                after: other,
            } = change;
            match parts.last_mut() {
                Some(last) if is_small_gap(&ours[last.0.end..one.start]) => {
                    (last.0.end, last.1.end) = (one.end, other.end);
                }
                _ => parts.push((one, other)),
            }
        }
        let mut done = 0;
        let only = parts.len() == 1;
        for (one, other) in parts {
            chunks.clean(&ours[done..one.start]);
            done = one.end;
            // Which part of the base belongs to a part of the conflict is known only if there is just one.
            chunks.conflict(if only { base } else { &[] }, &ours[one], &theirs[other]);
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

/// Changes of the two sides that overlap or touch, as the stretch of each version that they cover together.
fn groups(ours: &[Change], theirs: &[Change]) -> Vec<Sides<Range<usize>>> {
    let (mut ours, mut theirs) = (ours.iter().peekable(), theirs.iter().peekable());
    // How far each side's line numbers are ahead of the base's.
    let (mut ours_shift, mut theirs_shift) = (0isize, 0isize);
    let mut groups = Vec::new();
    loop {
        let starts = [
            ours.peek().map(|change| change.before.start),
            theirs.peek().map(|change| change.before.start),
        ];
        let Some(start) = starts.into_iter().flatten().min() else {
            return groups;
        };
        let (mut end, before) = (start, (ours_shift, theirs_shift));
        // A change that begins where the group ends touches it.
        loop {
            let touching = |change: &&&Change| change.before.start <= end;
            if let Some(change) = ours.next_if(|change| touching(&change)) {
                (end, ours_shift) = (end.max(change.before.end), ours_shift + growth(change));
            } else if let Some(change) = theirs.next_if(|change| touching(&change)) {
                (end, theirs_shift) = (end.max(change.before.end), theirs_shift + growth(change));
            } else {
                break;
            }
        }
        let side = |from: isize, to: isize| start.saturating_add_signed(from)..end.saturating_add_signed(to);
        groups.push(Sides {
            base: start..end,
            ours: side(before.0, ours_shift),
            theirs: side(before.1, theirs_shift),
        });
    }
}

fn growth(change: &Change) -> isize {
    change.after.len() as isize - change.before.len() as isize
}

/// The result as it grows: neighbouring clean stretches are one.
#[derive(Default)]
struct Chunks<'t>(Vec<Chunk<'t>>);

impl<'t> Chunks<'t> {
    fn clean(&mut self, lines: &[&'t [u8]]) {
        if lines.is_empty() {
            return;
        }
        match self.0.last_mut() {
            Some(Chunk::Clean(last)) => last.extend_from_slice(lines),
            _ => self.0.push(Chunk::Clean(lines.to_vec())),
        }
    }

    fn conflict(&mut self, base: &[&'t [u8]], ours: &[&'t [u8]], theirs: &[&'t [u8]]) {
        self.0.push(Chunk::Conflict(Sides {
            base: base.to_vec(),
            ours: ours.to_vec(),
            theirs: theirs.to_vec(),
        }));
    }
}
