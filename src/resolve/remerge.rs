//! The merge once more, from the versions that git has kept.

use crate::merge::{Conflict, MergeError, MergeOptions, MergeOutcome, Side, Sides, brought_together, merge};
use crate::notebook::{Notebook, ReadError};

use super::open::OpenConflict;

/// The versions that were merged, and what their merge gave.
#[derive(Debug)]
pub struct Remerge<'a> {
    /// The versions; no base if both sides added the file.
    pub base: Option<Notebook<'a>>,
    /// Our version.
    pub ours: Notebook<'a>,
    /// Their version.
    pub theirs: Notebook<'a>,
    /// The merge: the file as it was before anybody touched it.
    pub outcome: MergeOutcome,
    /// The sources of the cells in which its conflicts begin.
    sources: Vec<Vec<u8>>,
}

/// Why the versions cannot be merged again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RemergeError {
    /// A version is no notebook.
    #[error("{side}: {error}")]
    Unreadable {
        /// Which.
        side: &'static str,
        /// Why.
        error: ReadError,
    },
    /// The cells cannot be merged.
    #[error(transparent)]
    Merge(#[from] MergeError),
}

/// The versions as they were merged: the files, or all of them brought to nbformat 4 where one side was. An empty base is
/// none.
///
/// # Errors
/// A version that is there is no notebook.
pub fn versions_to_merge(files: Sides<Option<Vec<u8>>>) -> Result<Sides<Option<Vec<u8>>>, RemergeError> {
    let files = Sides { base: files.base.filter(|base| !base.is_empty()), ..files };
    let base = files.base.as_deref().map(|file| read(file, "the base")).transpose()?;
    let ours = files.ours.as_deref().map(|file| read(file, "our side")).transpose()?;
    let theirs = files.theirs.as_deref().map(|file| read(file, "their side")).transpose()?;
    let together = brought_together(&Sides { base: base.as_ref(), ours: ours.as_ref(), theirs: theirs.as_ref() });
    Ok(together.unwrap_or(files))
}

fn read<'a>(file: &'a [u8], side: &'static str) -> Result<Notebook<'a>, RemergeError> {
    Notebook::read(file).map_err(|error| RemergeError::Unreadable { side, error })
}

impl<'a> Remerge<'a> {
    /// Merges `versions`, as [`versions_to_merge`] gives them. A side that is missing (it deleted the file) counts as an
    /// unreadable one.
    ///
    /// # Errors
    /// A side is no notebook, or the cells cannot be merged.
    pub fn new(versions: &'a Sides<Option<Vec<u8>>>, options: &MergeOptions) -> Result<Self, RemergeError> {
        let base = versions.base.as_deref().map(|base| read(base, "the base")).transpose()?;
        let ours = read(versions.ours.as_deref().unwrap_or_default(), "our side")?;
        let theirs = read(versions.theirs.as_deref().unwrap_or_default(), "their side")?;
        let outcome = merge(base.as_ref(), &ours, &theirs, options)?;
        let conflicted = read(&outcome.bytes, "the result")?;
        let cells = outcome.conflicts.iter().filter_map(|conflict| conflicted.cells.get(conflict.cell - 1));
        let sources = cells.map(|cell| cell.source_text()).collect();
        Ok(Self { base, ours, theirs, outcome, sources })
    }

    /// What this merge says of a conflict that is open in a file; `None` if it is another merge's.
    #[must_use]
    pub fn conflict(&self, open: &OpenConflict) -> Option<&Conflict> {
        self.outcome.conflicts.iter().find(|known| known.number == open.number && known.kind == open.kind)
    }

    /// The version of one side.
    #[must_use]
    pub fn side(&self, side: Side) -> &Notebook<'a> {
        match side {
            Side::Ours => &self.ours,
            Side::Theirs => &self.theirs,
        }
    }

    /// The file as the merge has left it.
    #[must_use]
    pub fn conflicted(&self) -> Option<Notebook<'_>> {
        Notebook::read(&self.outcome.bytes).ok()
    }

    /// The source that the merge has written into the cell of a conflict, with its markers.
    pub(super) fn conflicted_source(&self, conflict: &Conflict) -> Option<Vec<u8>> {
        let place = self.outcome.conflicts.iter().position(|known| known.number == conflict.number)?;
        self.sources.get(place).cloned()
    }
}
