//! A merge of the words within lines that collide: a proposal, never taken by itself.

use crate::diff::words_of;
use crate::merge::{Chunk, ConflictStyle, Sides, merge_lines};
use crate::notebook::Notebook;

use super::open::{OpenConflict, Shape};
use super::remerge::Remerge;
use super::settle::carried_over;

/// The source (decoded) of the cell of an open conflict in which both sides' changes of words stand, with what was edited by hand elsewhere in
/// it; `None` if both changed the same words, or the base is not known.
#[must_use]
pub fn suggest_words(notebook: &Notebook<'_>, open: &OpenConflict, remerge: &Remerge<'_>) -> Option<Vec<u8>> {
    let Some(Shape::Lines(_)) = &open.shape else { return None };
    let conflict = remerge.conflict(open)?;
    let settled = merge_words(&conflict.contested.chunks(ConflictStyle::Diff3)?)?;
    let work = notebook.cells.get(open.cell - 1)?.source_text();
    carried_over(&remerge.conflicted_source(conflict)?, &work, &settled)
}

/// Merges the words where lines collide.
fn merge_words(chunks: &[Chunk<'_>]) -> Option<Vec<u8>> {
    let merged = chunks.iter().map(|chunk| match chunk {
        Chunk::Clean(lines) => Some(ended(lines)),
        Chunk::Conflict(sides) => merge_pieces(sides),
    });
    let mut text = merged.collect::<Option<Vec<_>>>()?.concat();
    text.pop_if(|last| *last == b'\n');
    Some(text)
}

/// The text of lines that each end in a newline.
fn ended(lines: &[&[u8]]) -> Vec<u8> {
    lines.iter().flat_map(|line| [line, &b"\n"[..]]).collect::<Vec<_>>().concat()
}

/// Merges lines word by word; the result is lines too, each with its newline.
fn merge_pieces(sides: &Sides<Vec<&[u8]>>) -> Option<Vec<u8>> {
    let texts = sides.as_ref().map(|lines| ended(lines));
    let text = match merge_lines(&texts.as_ref().map(|text| words_of(text)), ConflictStyle::Diff3).as_slice() {
        [] => Vec::new(),
        [Chunk::Clean(pieces)] => pieces.concat(),
        _ => return None,
    };
    (text.is_empty() || text.ends_with(b"\n")).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merge::lines;

    fn merged(base: &str, ours: &str, theirs: &str) -> Option<String> {
        let texts = Sides { base: base.as_bytes(), ours: ours.as_bytes(), theirs: theirs.as_bytes() };
        merge_words(&merge_lines(&texts.map(lines), ConflictStyle::Diff3)).map(|text| String::from_utf8(text).unwrap())
    }

    #[test]
    fn different_words_of_a_line_go_together() {
        let both = merged("f(a, b=1)", "f(x, b=1)", "f(a, b=2)");
        assert_eq!(both.as_deref(), Some("f(x, b=2)"));
        assert_eq!(merged("a\nx = 1", "a\nx = 2", "a\nx = 3"), None);
    }

    #[test]
    fn a_line_that_one_side_removed_beside_a_word_that_the_other_changed() {
        assert_eq!(merged("v = 1\nw = 2\nz", "w = 2\nz", "v = 1\nw = 3\nz").as_deref(), Some("w = 3\nz"));
    }
}
