//! Stage 10: a conflict that a merge has left, settled.
//!
//! What is open is read off the notebook itself (`open`, `hunks`), so whatever a person has done to it stays. What a side had
//! is found in the versions that were merged (`remerge`): git keeps them in the index. [`settle`] gives the file
//! with one conflict settled (`settle`: its cells; `values`: its metadata), [`settle_all`] with as many as can be (`all`);
//! [`write_source`] is for whoever wrote the cell anew, [`suggest_words`] has a proposal for that (`words`). What
//! would be lost by beginning again is told by [`hand_work`], what by taking a side by `typed`, and which markers have
//! lost their record by [`left_over`]. A file with git's markers between the lines of its JSON is taken apart first
//! ([`text_markers`]; [`salvage`] where a version of it is no notebook, `commas` what they lack).

mod all;
mod commas;
mod hand_work;
mod hunks;
mod left_over;
mod open;
mod remerge;
mod salvage;
mod settle;
pub mod text_markers;
mod texts;
mod typed;
mod values;
mod words;

pub use all::settle_all;
pub use hand_work::{HandWork, hand_work};
pub use hunks::{Hunk, hunks};
pub use left_over::left_over;
pub use open::{OpenConflict, Shape, labels, open_conflicts};
pub use remerge::{Remerge, RemergeError, versions_to_merge};
pub use salvage::{Salvaged, salvage};
pub use settle::{settle, without_stale_records, write_source};
pub use texts::texts;
pub use words::suggest_words;

/// What a conflict is settled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// What our side has.
    Ours,
    /// What their side has.
    Theirs,
    /// What both sides began with.
    Base,
    /// What both sides have, ours first.
    Union,
}

/// Why a conflict stays open. One line for a person, to follow `cell 3: conflict 1: `.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsettled {
    /// Somebody has taken out some of the markers.
    #[error("some of its markers are gone; finish it by hand, or begin again with --restart")]
    HalfDone,
    /// The versions that were merged are not at hand.
    #[error("git does not have the merged versions any more; only --ours, --theirs and --union can be had")]
    NoVersions,
    /// The same, of values: they stand nowhere else.
    #[error(
        "git does not have the merged versions any more, and the notebook holds only our values; correct it by hand"
    )]
    NoValues,
    /// Both sides put the cell in.
    #[error("there is no base: both sides put this cell in")]
    NoBase,
    /// Values do not add up.
    #[error("two values cannot both stand; take --ours or --theirs")]
    NoUnion,
    /// The lines around the conflict were edited by hand in a way that does not go with it.
    #[error("the lines around it were edited by hand; finish it by hand, or begin again with --restart")]
    Edited,
    /// A line between the markers that would go is no version's.
    #[error(
        "a line that somebody has written between its markers would go; finish it by hand, or begin again with --restart"
    )]
    EditedLines,
    /// git merged several bases, and they collide here.
    #[error("its base is in conflict itself; take another side, or edit it")]
    BaseInConflict,
    /// Cells that would go were edited by hand, or put in.
    #[error(
        "a cell between its markers was edited or put in by hand; finish it by hand, or begin again with --restart"
    )]
    EditedCells,
    /// A marker cell, which would go, holds what somebody has written.
    #[error("somebody has written into one of its marker cells; finish it by hand, or begin again with --restart")]
    EditedMarker,
    /// The conflict is not one of lines.
    #[error("there are no lines to write")]
    NoSource,
    /// The cell whose metadata collided is not where it was.
    #[error("the cell below it is not the one that it is about; correct it by hand")]
    CellGone,
    /// The file is not as the merge has left it.
    #[error("this conflict is not of the merge that git knows; only --ours, --theirs and --union can be had")]
    Unknown,
}
