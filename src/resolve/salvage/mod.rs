//! A file with git's markers of which a version is no notebook: git's line merge, or a person, has cut through its JSON.
//!
//! What can be read stays: commas are mended, then conflicts are taken of the other side as long as that gives a
//! notebook. Of a conflict that does not, the cells that it cuts are taken apart: whole cells of the other side are cells,
//! and the rest stands in a raw cell, as the lines that it is. So a merge by cells shows both sides, and nothing is lost.

mod compose;
mod fragments;

use std::ops::Range;

use crate::merge::{Side, Sides};
use crate::notebook::Notebook;

use super::commas::mended;
use super::text_markers::{Hunk, Piece, TextMarkers};
use compose::{Composer, places};
use fragments::is_cell;

/// Versions that were put together of what can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Salvaged {
    /// Notebooks to merge. The base has what is in no conflict, so that the sides of every conflict are held against
    /// each other.
    pub versions: Sides<Vec<u8>>,
    /// The lines in which the conflicts begin of which a side stands as text, from 1.
    pub unread: Vec<usize>,
}

/// Versions of a file, one of which is no notebook; `None` if no choice of sides gives a notebook of nbformat 4.
#[must_use]
pub fn salvage(markers: &TextMarkers<'_>) -> Option<Salvaged> {
    let hunks: Vec<Hunk<'_>> = markers.hunks().copied().collect();
    let chosen = readable_choice(markers, hunks.len())?;
    let swapped = swappable(markers, &chosen);
    let is_readable = |side| Version::of(markers, |hunk| if swapped[hunk] { side } else { chosen[hunk] }).is_readable();
    let both = [Side::Ours, Side::Theirs].into_iter().all(is_readable);
    let swapped = if both { swapped } else { vec![false; chosen.len()] };
    Composer { markers, hunks, chosen: &chosen, swapped: &swapped }.compose()
}

/// A choice of a side for each conflict that gives a notebook: one side whole if it can be had, ours first.
fn readable_choice(markers: &TextMarkers<'_>, count: usize) -> Option<Vec<Side>> {
    /// More conflicts have more choices than are tried.
    const MIXED: usize = 6;
    let mut choices = vec![vec![Side::Ours; count], vec![Side::Theirs; count]];
    if count <= MIXED {
        let mut masks: Vec<usize> = (1..(1_usize << count).saturating_sub(1)).collect();
        masks.sort_by_key(|mask| mask.count_ones());
        let side = |mask: usize, hunk: usize| if mask >> hunk & 1 == 1 { Side::Theirs } else { Side::Ours };
        choices.extend(masks.into_iter().map(|mask| (0..count).map(|hunk| side(mask, hunk)).collect()));
    }
    let mut readable = None;
    for choice in choices {
        let version = Version::of(markers, |hunk| choice[hunk]);
        if version.is_sound() {
            return Some(choice);
        }
        if readable.is_none() && version.is_readable() {
            readable = Some(choice);
        }
    }
    readable
}

/// The conflicts of which the side that was not chosen can be taken, too, all of them together.
fn swappable(markers: &TextMarkers<'_>, chosen: &[Side]) -> Vec<bool> {
    /// So many conflicts in a row may need each other.
    const TOGETHER: usize = 4;
    /// So many bytes are read; of conflicts behind them the other side stands as text.
    const READ: usize = 1 << 28;
    let (mut swapped, mut read, mut hunk) = (vec![false; chosen.len()], 0, 0);
    while hunk < chosen.len() && read < READ {
        let mut next = hunk + 1;
        for end in (hunk + 1..=chosen.len()).take(TOGETHER) {
            swapped[hunk..end].fill(true);
            let side = |hunk: usize| if swapped[hunk] { chosen[hunk].other() } else { chosen[hunk] };
            let version = Version::of(markers, side);
            read += version.bytes.len();
            if version.is_sound() {
                next = end;
                break;
            }
            swapped[hunk..end].fill(false);
        }
        hunk = next;
    }
    swapped
}

/// A file with one side in each conflict, and commas where they belong.
struct Version {
    bytes: Vec<u8>,
    /// The lines of each conflict, from 0.
    hunks: Vec<Range<usize>>,
}

impl Version {
    fn of(markers: &TextMarkers<'_>, side: impl Fn(usize) -> Side) -> Self {
        let (mut bytes, mut hunks, mut line) = (Vec::new(), Vec::new(), 0);
        for piece in &markers.pieces {
            let lines = match piece {
                Piece::Clean(lines) => lines,
                Piece::Conflict(hunk) => hunk.of(side(hunks.len())),
            };
            let end = line + memchr::memchr_iter(b'\n', lines).count();
            if let Piece::Conflict(_) = piece {
                hunks.push(line..end);
            }
            bytes.extend_from_slice(lines);
            line = end;
        }
        // A comma is never a line, so lines stay what they are.
        Self { bytes: mended(&bytes), hunks }
    }

    fn notebook(&self) -> Option<Notebook<'_>> {
        Notebook::read(&self.bytes).ok().filter(|notebook| notebook.version().major >= 4 && notebook.lists.len() == 1)
    }

    fn is_readable(&self) -> bool {
        self.notebook().is_some()
    }

    /// Whether it can be read, and what the conflicts touch are cells as nbformat wants them.
    fn is_sound(&self) -> bool {
        self.notebook().is_some_and(|notebook| {
            let mut touched = places(self, &notebook, |_| true).into_iter().map(|place| place.cells);
            touched.all(|cells| notebook.cells[cells].iter().all(is_cell))
        })
    }
}
