//! Hunks of a unified diff: which changes share one, and how they are written.

use std::borrow::Cow;
use std::ops::Range;

use crate::diff::{Change, WordMarks, changed_words};

use super::code::{LineColours, push_coloured, without_newline};
use super::lines::push_marked_line;
use super::palette::Palette;
use super::patch::PatchOptions;
use super::word_diff::{push_word_context, push_word_diff};

/// Changes that stand near enough to each other to share their context; lines from 0.
pub(super) struct Hunk<'c> {
    changes: &'c [Change],
    pub(super) before: Range<usize>,
    pub(super) after: Range<usize>,
}

impl Hunk<'_> {
    /// The first change in it.
    pub(super) fn first(&self) -> &Change {
        &self.changes[0]
    }
}

/// The hunks of ascending `changes`, with lines of context around each that stay within `bounds`. Two become one where
/// no more than `inter_hunk_context` lines would stand between them.
pub(super) fn hunks<'c>(changes: &'c [Change], options: &PatchOptions, bounds: &Change) -> Vec<Hunk<'c>> {
    let (context, between) = (options.context, options.inter_hunk_context);
    let mut hunks: Vec<Hunk<'c>> = Vec::new();
    let mut first = 0;
    for (index, change) in changes.iter().enumerate() {
        let lead = context.min(above(&bounds.before, &change.before)).min(above(&bounds.after, &change.after));
        let trail = context.min(below(&bounds.before, &change.before)).min(below(&bounds.after, &change.after));
        let (before_end, after_end) = (change.before.end + trail, change.after.end + trail);
        match hunks.last_mut() {
            Some(last) if change.before.start - lead <= last.before.end.saturating_add(between) => {
                last.changes = &changes[first..=index];
                (last.before.end, last.after.end) = (before_end, after_end);
            }
            _ => {
                first = index;
                hunks.push(Hunk {
                    changes: &changes[index..=index],
                    before: change.before.start - lead..before_end,
                    after: change.after.start - lead..after_end,
                });
            }
        }
    }
    hunks
}

/// How many lines there are between the beginning of `bounds` and a change; it may begin before them.
fn above(bounds: &Range<usize>, change: &Range<usize>) -> usize {
    change.start.saturating_sub(bounds.start)
}

/// How many lines there are between a change and the end of `bounds`; it may end behind them.
fn below(bounds: &Range<usize>, change: &Range<usize>) -> usize {
    bounds.end.saturating_sub(change.end)
}

/// Appends `@@ -1,4 +1,5 @@ cell 3 code`.
pub(super) fn push_hunk_line(hunk: &Hunk<'_>, heading: &str, palette: &Palette, out: &mut Vec<u8>) {
    let range = |range: &Range<usize>| match range.len() {
        // Of an empty range diff names the line before it.
        0 => format!("{},0", range.start),
        1 => format!("{}", range.start + 1),
        len => format!("{},{len}", range.start + 1),
    };
    let frag = format!("@@ -{} +{} @@", range(&hunk.before), range(&hunk.after));
    if heading.is_empty() {
        return palette.push_line(&palette.frag, frag.as_bytes(), out);
    }
    let mut line = Vec::new();
    palette.push_line(&palette.frag, frag.as_bytes(), &mut line);
    line.pop();
    line.push(b' ');
    palette.push_line(&palette.func, heading.as_bytes(), &mut line);
    out.extend_from_slice(&line);
}

/// Where the lines of both sides come from.
pub(super) struct Texts<'t> {
    pub(super) before: &'t dyn Fn(usize) -> Cow<'t, [u8]>,
    pub(super) after: &'t dyn Fn(usize) -> Cow<'t, [u8]>,
    /// How to colour an unchanged line of the newer side, if not as such.
    pub(super) colours: &'t dyn Fn(usize) -> LineColours,
}

/// Appends the lines of a hunk. What did not change is the newer side's, as in git.
pub(super) fn push_lines(hunk: &Hunk<'_>, texts: &Texts<'_>, options: &PatchOptions, out: &mut Vec<u8>) {
    let mut at = hunk.after.start;
    for change in hunk.changes {
        (at..change.after.start).for_each(|line| push_context(line, texts, options, out));
        let removed: Vec<_> = change.before.clone().map(texts.before).collect();
        let added: Vec<_> = change.after.clone().map(texts.after).collect();
        push_change(&removed, &added, options, out);
        at = change.after.end;
    }
    (at..hunk.after.end).for_each(|line| push_context(line, texts, options, out));
}

fn push_context(index: usize, texts: &Texts<'_>, options: &PatchOptions, out: &mut Vec<u8>) {
    let line = (texts.after)(index);
    let colours = (texts.colours)(index);
    match options.word_diff {
        Some(mode) => push_word_context(without_newline(&line), mode, &options.palette, out),
        None if colours.is_empty() => push_line(b' ', &line, &[], &options.palette, out),
        None => {
            out.push(b' ');
            push_coloured(without_newline(&line), &colours, &options.palette, out);
        }
    }
}

fn push_change(removed: &[Cow<'_, [u8]>], added: &[Cow<'_, [u8]>], options: &PatchOptions, out: &mut Vec<u8>) {
    let palette = &options.palette;
    let [old, new] = [removed, added].map(|lines| lines.iter().map(|line| without_newline(line)).collect::<Vec<_>>());
    if let Some(mode) = options.word_diff {
        return push_word_diff(&old, &new, mode, palette, out);
    }
    // Marks are colours: without these nobody sees them.
    let marks = if palette.is_plain() { WordMarks::default() } else { changed_words(&old, &new) };
    for (sign, lines, marks) in [(b'-', removed, &marks.removed), (b'+', added, &marks.added)] {
        for (index, line) in lines.iter().enumerate() {
            push_line(sign, line, marks.get(index).map_or(&[], Vec::as_slice), palette, out);
        }
    }
}

fn push_line(sign: u8, line: &[u8], marks: &[Range<usize>], palette: &Palette, out: &mut Vec<u8>) {
    let text = without_newline(line);
    push_marked_line(sign, text, marks, palette, out);
    if text.len() == line.len() {
        palette.push_line(&palette.context, b"\\ No newline at end of file", out);
    }
}
