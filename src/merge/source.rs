//! The merged source of one cell, and how it is written.

use std::collections::HashMap;

use crate::json::{Style, elements, text};
use crate::notebook::marker_size_for;

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

/// Merges the decoded sources of a cell; `base` is `None` if both sides put the cell in.
pub(super) fn merge_source(base: Option<&[u8]>, ours: &[u8], theirs: &[u8], options: &MergeOptions) -> Source {
    if ours == theirs {
        return Source::Same;
    }
    let known = base.map(|base| Sides { base, ours, theirs });
    if let Some(side) = known.and_then(|sides| sides.trivial(|one, other| one == other)) {
        return Source::Edited(side);
    }
    let sides = Sides { base: base.unwrap_or_default(), ours, theirs };
    let chunks = merge_lines(&sides.map(lines), options.style);
    if let Some(merged) = without_conflict(&chunks) {
        // One side may have made all of the other's changes too.
        return match () {
            () if merged == ours => Source::Edited(Side::Ours),
            () if merged == theirs => Source::Edited(Side::Theirs),
            () => Source::Combined(merged),
        };
    }
    // The base's lines stand in the result only if the style shows them.
    let shown_base = if options.style == ConflictStyle::Merge { b"" } else { sides.base };
    let size = marker_size_for([shown_base, ours, theirs], options.marker_size);
    Source::Conflict(with_markers(&chunks, options, size), size)
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

/// A merged text as JSON, at `depth` in a file of layout `style`: a list or a string as in `like`, and each line
/// spelled as a version spells it.
pub(super) fn write_source(source: &[u8], like: &str, versions: &[&str], style: &Style, depth: usize) -> Vec<u8> {
    let mut raw = Vec::new();
    if like.starts_with('"') {
        text::escape(source, style.escapes, &mut raw);
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
            None => text::escape(line, style.escapes, &mut raw),
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
