//! Writing: the input with some spans replaced.

use std::iter;
use std::ops::Range;

/// One replacement of a span of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What goes, as byte offsets of the input; empty where something is only put in.
    pub span: Range<usize>,
    /// What stands there instead.
    pub text: Vec<u8>,
}

impl Edit {
    /// Replaces `span` by `text`.
    #[must_use]
    pub fn new(span: Range<usize>, text: impl Into<Vec<u8>>) -> Self {
        Self { span, text: text.into() }
    }
}

/// Where `span`, a slice of `bytes`, begins in it.
///
/// Both must belong to the same buffer; the answer is meaningless otherwise.
#[must_use]
pub fn position(bytes: &[u8], span: &str) -> usize {
    (span.as_ptr() as usize).wrapping_sub(bytes.as_ptr() as usize)
}

/// `bytes[range]` with `edits` made, appended to `out`.
///
/// Edits are in ascending order, do not overlap, and lie inside `range`.
pub fn splice(bytes: &[u8], range: Range<usize>, edits: &[Edit], out: &mut Vec<u8>) {
    out.reserve(pieces(bytes, range.clone(), edits).map(<[u8]>::len).sum());
    pieces(bytes, range, edits).for_each(|piece| out.extend_from_slice(piece));
}

/// The same as its pieces in order: slices of `bytes` and of the `edits`.
pub fn pieces<'p>(bytes: &'p [u8], range: Range<usize>, edits: &'p [Edit]) -> impl Iterator<Item = &'p [u8]> {
    let starts = iter::once(range.start).chain(edits.iter().map(|edit| edit.span.end));
    let ends = edits.iter().map(|edit| (edit.span.start, edit.text.as_slice())).chain([(range.end, [].as_slice())]);
    starts.zip(ends).flat_map(|(start, (end, text))| [&bytes[start..end], text])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_between_edits_is_copied() {
        let mut out = Vec::new();
        splice(b"abcdef", 1..6, &[Edit::new(2..3, "XY"), Edit::new(4..4, "-")], &mut out);
        assert_eq!(out, b"bXYd-ef");
    }
}
