//! Conflicts whose record is lost: a cell that was joined with the one above it keeps that one's metadata, and some tools
//! take metadata out. The markers stand in the text all the same, and no version that was merged has them.

use std::collections::HashSet;

use crate::merge::lines;
use crate::notebook::Notebook;

/// The shortest markers that git writes unless it is told otherwise.
const MARKER_SIZE: usize = 7;

/// What git calls the sides where it merges several bases into one for a criss-cross merge: a conflict of these is nobody's
/// text.
const OF_A_BASE: &[u8] = b"Temporary merge branch";

/// The cells, from 1, that hold a whole conflict without a record of it, one that no cell of `versions` has in its text.
#[must_use]
pub fn left_over(work: &Notebook<'_>, versions: &[&[u8]]) -> Vec<usize> {
    let found: Vec<(usize, Vec<Vec<u8>>)> = work
        .cells
        .iter()
        .enumerate()
        .filter(|(_, cell)| cell.unresolved().is_none())
        .map(|(index, cell)| (index + 1, blocks(&cell.source_text())))
        .filter(|(_, blocks)| !blocks.is_empty())
        .collect();
    if found.is_empty() {
        return Vec::new();
    }
    let versions = versions.iter().filter_map(|version| Notebook::read(version).ok());
    let known: HashSet<Vec<u8>> = versions
        .flat_map(|version| version.cells.iter().flat_map(|cell| blocks(&cell.source_text())).collect::<Vec<_>>())
        .collect();
    let is_open = |block: &Vec<u8>| !known.contains(block) || is_of_a_base(block);
    let is_new = |(cell, blocks): (usize, Vec<Vec<u8>>)| blocks.iter().any(is_open).then_some(cell);
    found.into_iter().filter_map(is_new).collect()
}

/// Whether a source holds a conflict that git has left in a base.
pub(super) fn holds_conflict_of_a_base(source: &[u8]) -> bool {
    blocks(source).iter().any(|block| is_of_a_base(block))
}

fn is_of_a_base(block: &[u8]) -> bool {
    let first = block.split(|byte| *byte == b'\n').next().unwrap_or_default();
    memchr::memmem::find(first, OF_A_BASE).is_some()
}

/// Of a source each marker `<<<<<<<` with all up to the `>>>>>>>` of its length, where `=======` stands between.
fn blocks(source: &[u8]) -> Vec<Vec<u8>> {
    let mut text = source.to_vec();
    if memchr::memmem::find(&text, b"<<<<<<<").is_none() {
        return Vec::new();
    }
    text.retain(|byte| *byte != b'\r');
    let all = lines(&text);
    let mut found = Vec::new();
    // Where the last conflict began, how long its marker is, and whether its middle was seen.
    let mut begun: Option<(usize, usize, bool)> = None;
    for (at, line) in all.iter().enumerate() {
        begun = match (marker(line), begun) {
            (Some((b'<', size)), _) => Some((at, size, false)),
            (Some((b'=', run)), Some((start, size, _))) if run == size => Some((start, size, true)),
            (Some((b'>', run)), Some((start, size, true))) if run == size => {
                found.push(all[start..=at].join(&b'\n'));
                None
            }
            (_, begun) => begun,
        };
    }
    found
}

/// The character and the length of the marker that a line is, with a label or without.
fn marker(line: &[u8]) -> Option<(u8, usize)> {
    let first = *line.first().filter(|byte| b"<=>".contains(byte))?;
    let run = line.iter().take_while(|byte| **byte == first).count();
    (run >= MARKER_SIZE && matches!(line.get(run), None | Some(b' '))).then_some((first, run))
}
