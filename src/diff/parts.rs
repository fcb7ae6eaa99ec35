//! Which parts of a notebook are compared.

use crate::text::{Part, Show, TailPart, TextOptions};

/// How a part is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Not at all.
    LeftOut,
    /// That it changed is told in a word, but for what the text form has anyway.
    Told,
    /// By lines, all of it.
    Shown,
}

/// The parts of a notebook, divided as nbdime does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// Sources of cells.
    pub sources: Detail,
    /// Outputs of code cells.
    pub outputs: Detail,
    /// Attachments of cells.
    pub attachments: Detail,
    /// Metadata of the notebook and its cells, but for tags, which the cells' headers have.
    pub metadata: Detail,
    /// Ids of cells.
    pub ids: Detail,
    /// Execution counts, nbformat's version, the file's layout, and keys that nbformat does not know.
    pub details: Detail,
}

impl Default for Parts {
    /// What people write by lines, what tools write in a word.
    fn default() -> Self {
        Self {
            sources: Detail::Shown,
            outputs: Detail::Told,
            attachments: Detail::Shown,
            metadata: Detail::Told,
            ids: Detail::Told,
            details: Detail::Told,
        }
    }
}

impl Parts {
    /// All parts in one way.
    #[must_use]
    pub const fn all(detail: Detail) -> Self {
        Self { sources: detail, outputs: detail, attachments: detail, metadata: detail, ids: detail, details: detail }
    }

    /// What the text forms must have, before [`Self::has`] takes lines out.
    pub(super) fn text(&self, hidden_line: Show) -> TextOptions {
        let show = |detail| if detail == Detail::Shown { Show::Yes } else { Show::No };
        TextOptions {
            outputs: show(self.outputs),
            ids: show(self.ids),
            counts: show(self.details),
            tool_metadata: show(self.metadata),
            hidden_line,
        }
    }

    /// Whether some lines of a usual text form are not compared.
    pub(super) fn leave_out_lines(&self) -> bool {
        [self.sources, self.attachments, self.metadata, self.details].contains(&Detail::LeftOut)
    }

    /// Whether a line of a cell is compared.
    pub(super) fn has(&self, part: Part) -> bool {
        let detail = match part {
            Part::Source => self.sources,
            Part::Attachment => self.attachments,
            Part::Metadata => self.metadata,
            Part::Detail => self.details,
            Part::Output | Part::Id | Part::Count | Part::Header | Part::Blank => Detail::Shown,
        };
        detail != Detail::LeftOut
    }

    /// Whether a line behind the cells is compared.
    pub(super) fn has_tail(&self, part: TailPart) -> bool {
        let detail = match part {
            TailPart::Metadata => self.metadata,
            TailPart::Detail => self.details,
            TailPart::Hidden => Detail::Shown,
            // The frame of the others.
            TailPart::Header | TailPart::Blank if self.metadata == Detail::LeftOut => self.details,
            TailPart::Header | TailPart::Blank => self.metadata,
        };
        detail != Detail::LeftOut
    }
}
