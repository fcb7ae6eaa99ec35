//! The merged source of one cell, and how it is written.

use std::collections::HashMap;

use crate::json::{Style, elements, text};
use crate::notebook::{CellKind, holds_markers, marker_size_for};

use super::lines::{Chunk, lines, merge_lines};
use super::{ConflictStyle, MergeOptions, Side, Sides};

/// What became of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// Nobody edited it, or both sides alike.
    Same,
    /// Only this side edited it.
    Edited(Side),
    /// Both edited it, and the lines go together: the text.
    Combined(Vec<u8>),
    /// Both edited the same lines: the text with markers, and their length.
    Conflict(Vec<u8>, usize),
}

impl Source {
    /// The merged text; `texts` are the versions'.
    pub(super) fn text<'t>(&'t self, texts: &'t Sides<Vec<u8>>) -> &'t [u8] {
        match self {
            Self::Same => &texts.ours,
            Self::Edited(side) => texts.of(*side),
            Self::Combined(text) | Self::Conflict(text, _) => text,
        }
    }
}

/// A merged source, and what is to be known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SourceMerge {
    pub(super) source: Source,
    /// Whose white space was taken where that was all that collided.
    pub(super) white_space: Option<Side>,
    /// Whether the sides differ at most in white space that nobody sees: then both ran this code.
    pub(super) same_words: bool,
}

/// Merges the decoded sources of a cell of type `kind`; `base` is `None` if both sides put the cell in.
pub(super) fn merge_source(
    kind: CellKind<'_>,
    base: Option<&[u8]>,
    ours: &[u8],
    theirs: &[u8],
    options: &MergeOptions,
) -> SourceMerge {
    if ours == theirs {
        return SourceMerge { source: Source::Same, white_space: None, same_words: true };
    }
    let same_words = same_writing(kind, ours, theirs);
    let known = base.map(|base| Sides { base, ours, theirs });
    if let Some(side) = known.and_then(|sides| sides.trivial(|one, other| one == other)) {
        return SourceMerge { source: Source::Edited(side), white_space: None, same_words };
    }
    let sides = Sides { base: base.unwrap_or_default(), ours, theirs };
    let (chunks, white_space) = settle_white_space(kind, merge_lines(&sides.map(lines), options.style));
    let source = match without_conflict(&chunks) {
        // One side may have made all of the other's changes too.
        Some(merged) if merged == ours => Source::Edited(Side::Ours),
        Some(merged) if merged == theirs => Source::Edited(Side::Theirs),
        Some(merged) => Source::Combined(merged),
        None => {
            // The base's lines stand in the result only if the style shows them.
            let shown_base = if options.style == ConflictStyle::Merge { b"" } else { sides.base };
            let mut size = marker_size_for([shown_base, ours, theirs], options.marker_size);
            // Or if somebody takes the base. The markers of a base that git itself has merged are longer.
            while holds_markers(&CellKind::Code, sides.base, size) {
                size += 1;
            }
            Source::Conflict(with_markers(&chunks, options, size), size)
        }
    };
    SourceMerge { source, white_space, same_words }
}

/// Settles conflicts in which the sides differ only in white space that nobody sees: at the ends of lines, or in empty
/// lines at the end of the source. The side that has less of it is taken.
fn settle_white_space<'t>(kind: CellKind<'_>, chunks: Vec<Chunk<'t>>) -> (Vec<Chunk<'t>>, Option<Side>) {
    let last = chunks.len().saturating_sub(1);
    let only_space = |index: usize, chunk: &Chunk<'_>| match chunk {
        Chunk::Clean(_) => false,
        Chunk::Conflict(sides) if index == last => written(kind, &sides.ours) == written(kind, &sides.theirs),
        Chunk::Conflict(sides) => seen_lines(kind, &sides.ours) == seen_lines(kind, &sides.theirs),
    };
    let settled = chunks.iter().enumerate().filter(|(index, chunk)| only_space(*index, chunk));
    let settled: Vec<&Chunk<'_>> = settled.map(|(_, chunk)| chunk).collect();
    if settled.is_empty() {
        return (chunks, None);
    }
    // Equal lengths are told apart by content, so that it does not matter which side is ours.
    let [ours, theirs] = [Side::Ours, Side::Theirs].map(|side| {
        let lines: Vec<&[u8]> = settled.iter().flat_map(|chunk| chunk.lines_of(side)).copied().collect();
        (lines.iter().map(|line| line.len() + 1).sum::<usize>(), lines)
    });
    let side = if ours <= theirs { Side::Ours } else { Side::Theirs };
    let mut settled: Vec<Chunk<'_>> = Vec::new();
    for (index, chunk) in chunks.into_iter().enumerate() {
        match (only_space(index, &chunk) || matches!(chunk, Chunk::Clean(_)), settled.last_mut()) {
            (true, Some(Chunk::Clean(before))) => before.extend(chunk.lines_of(side)),
            (true, _) => settled.push(Chunk::Clean(chunk.lines_of(side).to_vec())),
            (false, _) => settled.push(chunk),
        }
    }
    (settled, Some(side))
}

fn without_conflict(chunks: &[Chunk<'_>]) -> Option<Vec<u8>> {
    match chunks {
        [] => Some(Vec::new()),
        [Chunk::Clean(lines)] => Some(lines.join(&b'\n')),
        _ => None,
    }
}

fn with_markers(chunks: &[Chunk<'_>], options: &MergeOptions, size: usize) -> Vec<u8> {
    let marker = |character: &str, label: &str| {
        let label: String = label.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        format!("{} {label}", character.repeat(size)).trim_end().as_bytes().to_vec()
    };
    let labels = &options.labels;
    let [begin, base, middle, end] =
        [marker("<", &labels.ours), marker("|", &labels.base), marker("=", ""), marker(">", &labels.theirs)];
    let mut out: Vec<&[u8]> = Vec::new();
    for chunk in chunks {
        match chunk {
            Chunk::Clean(lines) => out.extend_from_slice(lines),
            Chunk::Conflict(sides) => {
                out.push(&begin);
                out.extend_from_slice(&sides.ours);
                if options.style != ConflictStyle::Merge {
                    out.push(&base);
                    out.extend_from_slice(&sides.base);
                }
                out.push(&middle);
                out.extend_from_slice(&sides.theirs);
                out.push(&end);
            }
        }
    }
    out.join(&b'\n')
}

/// A source's text as JSON, at `depth` in a file of layout `style`: a list or a string as in `like`, and each line
/// spelled as a version spells it.
pub(crate) fn write_source(source: &[u8], like: &str, versions: &[&str], style: &Style, depth: usize) -> Vec<u8> {
    let mut raw = Vec::new();
    if like.starts_with('"') {
        style.escape(source, &mut raw);
        return raw;
    }
    let items = versions.iter().rev().flat_map(|raw| elements(raw)).filter(|item| is_unusual(item));
    let spelled: HashMap<_, &str> = items.map(|item| (text::decode(item), item)).collect();
    raw.push(b'[');
    for (index, line) in source.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if index > 0 {
            raw.push(b',');
        }
        match spelled.get(line) {
            Some(item) => raw.extend_from_slice(item.as_bytes()),
            None => style.escape(line, &mut raw),
        }
    }
    raw.push(b']');
    let mut out = Vec::with_capacity(raw.len() + 16);
    style.lay_out(&String::from_utf8_lossy(&raw), depth, &mut out);
    out
}

/// Whether a line could be spelled in another way than [`text::escape`] would: only then it matters how it is.
fn is_unusual(item: &str) -> bool {
    !item.is_ascii()
        || item.bytes().zip(item.bytes().skip(1)).any(|(one, next)| one == b'\\' && !b"nt\"\\".contains(&next))
}

/// Whether two sources are the same but for white space that nobody sees: at the ends of lines, or in empty lines at
/// the end.
pub(super) fn same_writing(kind: CellKind<'_>, one: &[u8], other: &[u8]) -> bool {
    written(kind, &lines(one)) == written(kind, &lines(other))
}

/// What is seen of a line.
#[derive(Debug, PartialEq, Eq)]
struct SeenLine<'t> {
    text: &'t [u8],
    /// Whether Markdown breaks the line here: two spaces at its end say so, and more say no more.
    breaks: bool,
}

/// What is seen of lines with which a source ends. Nothing follows that its last line could be broken from.
fn written<'t>(kind: CellKind<'_>, lines: &[&'t [u8]]) -> Vec<SeenLine<'t>> {
    let mut lines = seen_lines(kind, lines);
    let filled = lines.iter().rposition(|line| !line.text.is_empty());
    lines.truncate(filled.map_or(0, |last| last + 1));
    if let Some(last) = lines.last_mut() {
        last.breaks = false;
    }
    lines
}

fn seen_lines<'t>(kind: CellKind<'_>, lines: &[&'t [u8]]) -> Vec<SeenLine<'t>> {
    let seen = |line: &&'t [u8]| {
        let text = line.trim_ascii_end();
        let spaced = line.strip_suffix(b"\r").unwrap_or(line).ends_with(b"  ");
        SeenLine { text, breaks: kind == CellKind::Markdown && spaced && !text.is_empty() }
    };
    lines.iter().map(seen).collect()
}
