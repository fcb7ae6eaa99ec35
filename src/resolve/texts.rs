//! What each version has where a conflict is open.

use std::ops::Range;

use crate::merge::{Chunk, Collision, Conflict, ConflictStyle, Sides, lines};
use crate::notebook::Notebook;

use super::hunks::Hunk;
use super::open::{OpenConflict, Shape};
use super::remerge::Remerge;

/// What each version has in the place of an open conflict: lines of a source, the sources of cells, or `name: value` for
/// each value; empty where a version has nothing, `None` where that is not known.
///
/// Ours and theirs are as the file has them now, but for values.
#[must_use]
pub fn texts(notebook: &Notebook<'_>, open: &OpenConflict, remerge: Option<&Remerge<'_>>) -> Sides<Option<Vec<u8>>> {
    let conflict = remerge.and_then(|remerge| remerge.conflict(open));
    match &open.shape {
        None => Sides::default(),
        Some(Shape::Lines(hunks)) => {
            let source = notebook.cells[open.cell - 1].source_text();
            let shown = hunks.iter().map(|hunk| hunk.base.clone()).collect::<Option<Vec<_>>>();
            let of = |range: fn(&Hunk) -> Range<usize>| chosen(&source, hunks.iter().map(range));
            Sides {
                base: match shown {
                    Some(ranges) => Some(chosen(&source, ranges.into_iter())),
                    None => conflict.and_then(base_lines),
                },
                ours: Some(of(|hunk| hunk.ours.clone())),
                theirs: Some(of(|hunk| hunk.theirs.clone())),
            }
        }
        Some(Shape::Cells { middle }) => Sides {
            base: conflict.zip(remerge).map(|(conflict, remerge)| base_cells(conflict, remerge)),
            ours: Some(sources(notebook, open.cell..middle - 1)),
            theirs: Some(sources(notebook, *middle..open.last_cell - 1)),
        },
        Some(Shape::Values) => match conflict {
            Some(conflict) => Sides {
                base: Some(values(conflict, |sides| &sides.base)),
                ours: Some(values(conflict, |sides| &sides.ours)),
                theirs: Some(values(conflict, |sides| &sides.theirs)),
            },
            None => Sides::default(),
        },
    }
}

/// Some lines of a source.
fn chosen(source: &[u8], ranges: impl Iterator<Item = Range<usize>>) -> Vec<u8> {
    let lines = lines(source);
    ranges.flat_map(|range| lines[range].to_vec()).collect::<Vec<_>>().join(&b'\n')
}

fn base_lines(conflict: &Conflict) -> Option<Vec<u8>> {
    let chunks = conflict.contested.chunks(ConflictStyle::Diff3)?;
    let base = chunks.iter().filter_map(|chunk| match chunk {
        Chunk::Clean(_) => None,
        Chunk::Conflict(sides) => Some(sides.base.iter().copied()),
    });
    Some(base.flatten().collect::<Vec<_>>().join(&b'\n'))
}

/// The sources of the cells whose indices are in `range`, with an empty line between them.
fn sources(notebook: &Notebook<'_>, range: Range<usize>) -> Vec<u8> {
    let cells = notebook.cells.get(range).unwrap_or_default();
    cells.iter().map(|cell| cell.source_text()).collect::<Vec<_>>().join(&b"\n\n"[..])
}

fn base_cells(conflict: &Conflict, remerge: &Remerge<'_>) -> Vec<u8> {
    let cells = conflict.contested.cells.base.iter();
    let cells = cells.filter_map(|index| remerge.base.as_ref()?.cells.get(*index));
    cells.map(|cell| cell.source_text()).collect::<Vec<_>>().join(&b"\n\n"[..])
}

fn values(conflict: &Conflict, of: fn(&Sides<Option<String>>) -> &Option<String>) -> Vec<u8> {
    let value = |collision: &Collision| Some(format!("{}: {}", collision.name(), of(&collision.values).as_ref()?));
    conflict.contested.values.iter().filter_map(value).collect::<Vec<_>>().join("\n").into_bytes()
}
