//! The versions, written: what could not be read stands in raw cells.

use std::ops::Range;

use crate::json::{Edit, splice};
use crate::merge::{Side, Sides};
use crate::notebook::Notebook;

use super::fragments::{Fragment, fragments, raw_cell};
use super::{Salvaged, Version, mended};
use crate::resolve::text_markers::{Hunk, TextMarkers};

/// What one conflict touches in a version, or several that touch the same cells.
pub(super) struct Place {
    hunks: Range<usize>,
    /// The cells; empty where it lies between cells, or around them.
    pub(super) cells: Range<usize>,
}

/// What versions are written of: a notebook is made of `chosen`, and of it with the other side of what is `swapped`.
pub(super) struct Composer<'m, 'b> {
    pub(super) markers: &'m TextMarkers<'b>,
    pub(super) hunks: Vec<Hunk<'b>>,
    pub(super) chosen: &'m [Side],
    pub(super) swapped: &'m [bool],
}

impl Composer<'_, '_> {
    /// Writes the versions.
    pub(super) fn compose(&self) -> Option<Salvaged> {
        let versions = Sides { base: self.base()?, ours: self.side(Side::Ours)?, theirs: self.side(Side::Theirs)? };
        let unread = self.hunks.iter().zip(self.swapped).filter(|(_, swapped)| !**swapped);
        Some(Salvaged { versions, unread: unread.map(|(hunk, _)| hunk.line).collect() })
    }

    /// What is in no conflict, and no metadata: both sides have put in all the rest. Text stands in it, so that it is a
    /// conflict, whatever is beside it.
    fn base(&self) -> Option<Vec<u8>> {
        let version = Version::of(self.markers, |hunk| self.chosen[hunk]);
        let notebook = version.notebook()?;
        let mut edits = Vec::new();
        for side in [Side::Ours, Side::Theirs] {
            for place in self.unread(side, &version, &notebook) {
                let texts = self.fragments(&place, side, &version, &notebook).into_iter().filter(Fragment::is_text);
                let texts = self.cells(texts.collect(), &place, side, &notebook, Line::Absent);
                edits.push(replacement(&notebook, &(place.cells.start..place.cells.start), &texts));
            }
        }
        // Each by itself: text may stand between them.
        let gone = places(&version, &notebook, |_| true).into_iter().flat_map(|place| place.cells);
        edits.extend(gone.map(|cell| Edit::new(notebook.cells[cell].span.clone(), "")));
        edits.extend(notebook.metadata().map(|metadata| Edit::new(notebook.span_of(metadata), "{}")));
        Some(written(&notebook, edits))
    }

    /// One side, as far as it can be read, and the rest of it as text.
    fn side(&self, side: Side) -> Option<Vec<u8>> {
        let version = Version::of(self.markers, |hunk| if self.swapped[hunk] { side } else { self.chosen[hunk] });
        let notebook = version.notebook()?;
        let edits = self.unread(side, &version, &notebook).into_iter().map(|place| {
            let fragments = self.fragments(&place, side, &version, &notebook);
            replacement(&notebook, &place.cells, &self.cells(fragments, &place, side, &notebook, Line::Explains))
        });
        Some(written(&notebook, edits.collect()))
    }

    /// Where a side cannot be read.
    fn unread(&self, side: Side, version: &Version, notebook: &Notebook<'_>) -> Vec<Place> {
        places(version, notebook, |hunk| !self.swapped[hunk] && self.chosen[hunk] != side)
    }

    /// What a side has in a place: its lines, and those of the cells around them.
    fn fragments(&self, place: &Place, side: Side, version: &Version, notebook: &Notebook<'_>) -> Vec<Fragment> {
        let starts = line_starts(&version.bytes);
        let cells = &notebook.cells[place.cells.clone()];
        let start_of = |line: usize| starts.get(line).copied().unwrap_or(version.bytes.len());
        let mut lines = Vec::new();
        let mut at = cells.first().map_or(version.bytes.len(), |cell| cell.span.start);
        for hunk in place.hunks.clone() {
            let here = &version.hunks[hunk];
            // A conflict may begin above the cells that it touches.
            lines.extend_from_slice(version.bytes.get(at..start_of(here.start)).unwrap_or_default());
            lines.extend_from_slice(self.hunks[hunk].of(side));
            at = start_of(here.end);
        }
        let end = cells.last().map_or(at, |cell| cell.span.end);
        lines.extend_from_slice(version.bytes.get(at..end).unwrap_or_default());
        fragments(&lines)
    }

    /// Cells that hold what was found in a place.
    fn cells(
        &self,
        found: Vec<Fragment>,
        place: &Place,
        side: Side,
        notebook: &Notebook<'_>,
        line: Line,
    ) -> Vec<Vec<u8>> {
        let number = self.hunks[place.hunks.start].line;
        let (has_ids, mut texts) = (notebook.version().has_ids(), 0);
        let mut cell = |fragment| match fragment {
            Fragment::Cell(cell) => cell,
            Fragment::Text(text) => {
                texts += 1;
                let id = has_ids.then(|| format!("unread-{number}-{texts}"));
                raw_cell(id.as_deref(), &[line.text(number, side).as_bytes(), &text].concat())
            }
        };
        found.into_iter().map(&mut cell).collect()
    }
}

/// Whether a raw cell says what it is. The base's does not, so that each side has done something to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Explains,
    Absent,
}

impl Line {
    fn text(self, number: usize, side: Side) -> String {
        let whose = if side == Side::Ours { "Our" } else { "Their" };
        match self {
            Self::Explains => {
                format!("{whose} side's JSON of the conflict in line {number}, which is no whole cell:\n\n")
            }
            Self::Absent => String::new(),
        }
    }
}

/// Where the conflicts lie that are `meant`.
pub(super) fn places(version: &Version, notebook: &Notebook<'_>, meant: impl Fn(usize) -> bool) -> Vec<Place> {
    let starts = line_starts(&version.bytes);
    let lines: Vec<Range<usize>> = notebook
        .cells
        .iter()
        .map(|cell| line_of(&starts, cell.span.start)..line_of(&starts, cell.span.end.saturating_sub(1)) + 1)
        .collect();
    let mut places: Vec<Place> = Vec::new();
    for (index, hunk) in version.hunks.iter().enumerate().filter(|(index, _)| meant(*index)) {
        // A conflict without lines touches the cell around it.
        let first = lines.partition_point(|cell| cell.end <= hunk.start);
        let behind = if hunk.is_empty() { hunk.start } else { hunk.end };
        let last = lines.partition_point(|cell| cell.start < behind).max(first);
        match places.last_mut() {
            Some(before) if first < before.cells.end || (first..last) == before.cells => {
                before.hunks.end = index + 1;
                before.cells.end = before.cells.end.max(last);
            }
            _ => places.push(Place { hunks: index..index + 1, cells: first..last }),
        }
    }
    places
}

/// Puts `cells` in the place of those that are there.
fn replacement(notebook: &Notebook<'_>, place: &Range<usize>, cells: &[Vec<u8>]) -> Edit {
    // Commas come later.
    let new = [b" ", cells.join(&b' ').as_slice()].concat();
    let span = match &notebook.cells[place.clone()] {
        [first, .., last] => first.span.start..last.span.end,
        [only] => only.span.clone(),
        [] => {
            let before = place.start.checked_sub(1).and_then(|before| notebook.cells.get(before));
            let at = before.map_or(notebook.lists[0].start + 1, |cell| cell.span.end);
            at..at
        }
    };
    Edit::new(span, new)
}

fn written(notebook: &Notebook<'_>, mut edits: Vec<Edit>) -> Vec<u8> {
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = Vec::new();
    splice(notebook.bytes, 0..notebook.bytes.len(), &edits, &mut out);
    mended(&out)
}

/// Where each line begins.
fn line_starts(bytes: &[u8]) -> Vec<usize> {
    std::iter::once(0).chain(memchr::memchr_iter(b'\n', bytes).map(|end| end + 1)).collect()
}

/// The line in which a byte stands, from 0.
fn line_of(starts: &[usize], byte: usize) -> usize {
    starts.partition_point(|start| *start <= byte).saturating_sub(1)
}
