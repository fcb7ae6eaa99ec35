//! A conflict that is open, as a person reads it who is to settle it.

mod fit;
mod rows;
mod sections;

use crate::merge::{Side, Sides};
use crate::notebook::{ConflictKind, Notebook};
use crate::resolve::{OpenConflict, Remerge, Shape};

use super::palette::Palette;

/// A conflict, and what is known of it.
pub struct ConflictView<'v, 'n> {
    /// The file in which it is open.
    pub notebook: &'v Notebook<'n>,
    /// It, one of the file's [`open_conflicts`](crate::resolve::open_conflicts).
    pub open: &'v OpenConflict,
    /// The merge that left it, where git still has the versions.
    pub remerge: Option<&'v Remerge<'v>>,
    /// What the versions are, in a few words.
    pub sides: &'v Sides<String>,
}

/// How much of a conflict is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    Whole,
    /// As much as fits into so many rows and columns.
    Screen {
        /// Lines.
        rows: usize,
        /// Characters in a line.
        columns: usize,
    },
}

/// Lines for a terminal, in which all control characters of the notebook are visible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownConflict {
    /// The lines, each with its newline.
    pub text: Vec<u8>,
    /// Whether something did not fit.
    pub is_cut: bool,
}

impl ConflictView<'_, '_> {
    /// Where it is and what happened, on one line: `cell 7, both sides edited the same lines`.
    #[must_use]
    pub fn title(&self) -> String {
        let OpenConflict { cell, last_cell, .. } = *self.open;
        let place = match self.open.shape {
            Some(Shape::Values) => {
                return format!("cell {cell}, both sides changed the same metadata of {}", self.owner());
            }
            // Two marker cells, the one between the sides, and one that is contested have one number, as they have in
            // what the merge and `check` say.
            Some(Shape::Cells { .. }) if cell + 3 < last_cell => format!("cells {cell} to {last_cell}"),
            _ => format!("cell {cell}"),
        };
        format!("{place}, {}", self.what_happened())
    }

    /// Its versions, with the words marked that changed, and a few lines around them.
    #[must_use]
    pub fn show(&self, extent: Extent, palette: &Palette) -> ShownConflict {
        let whole = sections::sections(self, sections::Form::Versions);
        let brief = || sections::sections(self, sections::Form::Changes);
        let mut text = Vec::new();
        let is_cut = fit::paint_fitting(whole, brief, extent, palette, &mut text);
        ShownConflict { text, is_cut }
    }

    /// What `source`, which is proposed for its cell, would change of the base.
    #[must_use]
    pub fn show_proposal(&self, source: &[u8], extent: Extent, palette: &Palette) -> ShownConflict {
        let sections = sections::proposal(self, source);
        let mut text = Vec::new();
        let is_cut = fit::paint_fitting(sections, Vec::new, extent, palette, &mut text);
        ShownConflict { text, is_cut }
    }

    /// What has the values of a note.
    fn owner(&self) -> &'static str {
        let of_cell = self.conflict().is_some_and(|conflict| !conflict.contested.cells.ours.is_empty());
        if of_cell { "the next cell" } else { "the notebook" }
    }

    fn conflict(&self) -> Option<&crate::merge::Conflict> {
        self.remerge?.conflict(self.open)
    }

    fn what_happened(&self) -> &'static str {
        let has_none = |side| matches!(self.cells_of(side), Some(cells) if cells.is_empty());
        match (self.open.kind, self.open.shape.is_some()) {
            (_, false) => "some of whose markers are gone",
            (ConflictKind::Source, _) => "both sides edited the same lines",
            (ConflictKind::DeleteEdit, _) if has_none(Side::Ours) => "deleted by ours, edited by theirs",
            (ConflictKind::DeleteEdit, _) if has_none(Side::Theirs) => "edited by ours, deleted by theirs",
            (ConflictKind::DeleteEdit, _) => "deleted by one side, edited by the other",
            (ConflictKind::SplitEdit, _) => "split or joined by one side, edited by the other",
            (ConflictKind::InsertInsert, _) => "different cells in the same place",
            (ConflictKind::CellType, _) => "changed to different types",
            (ConflictKind::Metadata, _) => "both sides changed the same metadata",
        }
    }

    /// The cells of a side between the marker cells, as numbers from 1.
    fn cells_of(&self, side: Side) -> Option<std::ops::Range<usize>> {
        let Some(Shape::Cells { middle }) = self.open.shape else { return None };
        Some(match side {
            Side::Ours => self.open.cell + 1..middle,
            Side::Theirs => middle + 1..self.open.last_cell,
        })
    }
}

#[cfg(test)]
mod tests;
