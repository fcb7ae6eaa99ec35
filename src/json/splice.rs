//! Writing: the input with some spans replaced.

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
    let mut at = range.start;
    for edit in edits {
        out.extend_from_slice(&bytes[at..edit.span.start]);
        out.extend_from_slice(&edit.text);
        at = edit.span.end;
    }
    out.extend_from_slice(&bytes[at..range.end]);
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
