//! Stage 7: three versions of a notebook to one.
//!
//! [`merge`] aligns both sides with the base, compares what that says of each (`agree`), finds what was split and joined
//! (`cuts`, `boundaries`, `parts`), lays the cells of both out in one sequence of places (`sequence`, `slot`), and merges each cell by
//! itself (`cell`): its source by lines (`source`, `lines`), its metadata key by key (`values`), its outputs and count by
//! rule (`run`). What was settled so is told (`choice`), and which outputs are out of date by it (`above`, `stale`). What
//! a person must decide stays in the notebook, between markers (`conflict`). The result is ours' file with the changes
//! spliced in (`write`), so that ours' layout stays. [`MergeOptions`] has what a user may want otherwise (`options`).

mod above;
mod agree;
mod boundaries;
mod cell;
mod choice;
mod conflict;
mod cuts;
mod ids;
mod lines;
mod list;
mod members;
mod myers;
mod options;
mod parts;
mod run;
mod sequence;
mod sides;
mod slide;
mod slot;
mod source;
mod stale;
mod values;
mod write;

use std::collections::HashSet;

use crate::align::align;
use crate::notebook::{ConflictKind, Notebook, upgrade};

pub use choice::{Choice, ChoiceKind, Subject, Taken};
pub(crate) use conflict::is_marker_text;
pub(crate) use ids::{FreeIds, content_id, id_text};
pub use lines::{Chunk, ConflictStyle, lines, merge_lines};
pub(crate) use list::{cell_depth, cell_list, members_with_cells};
pub use options::{InsertPolicy, MergeOptions, OutputsPolicy};
pub use sides::{Side, Sides};
pub(crate) use source::write_source;
pub use stale::StaleCell;
pub use values::Collision;

/// A conflict that was left in the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// What collides.
    pub kind: ConflictKind,
    /// Its number in the notebook: that of its records.
    pub number: usize,
    /// The cell of the result in which it begins, from 1.
    pub cell: usize,
    /// The cell in which it ends: the same, or the last of its marker cells.
    pub last_cell: usize,
    /// The id of the cell in which it begins, where it has one.
    pub id: Option<String>,
    /// What of each version collides.
    pub contested: Contested,
}

/// What of each version collides, for whoever settles the conflict.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contested {
    /// The cells, as indices of [`Notebook::cells`] of each version; none for the notebook's own metadata.
    pub cells: Sides<Vec<usize>>,
    /// The texts between which the lines of a [`ConflictKind::Source`] collide; without a base's if both sides put
    /// the cell in.
    pub texts: Sides<Option<Vec<u8>>>,
    /// The values of a [`ConflictKind::Metadata`].
    pub values: Vec<Collision>,
}

impl Contested {
    /// The merge of the texts by lines, in any style; `None` if there is no base.
    #[must_use]
    pub fn chunks(&self, style: ConflictStyle) -> Option<Vec<Chunk<'_>>> {
        let texts = self.texts.as_ref().map(Option::as_deref);
        let texts = Sides { base: texts.base?, ours: texts.ours?, theirs: texts.theirs? };
        Some(merge_lines(&texts.map(lines), style))
    }
}

/// The merged notebook.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MergeOutcome {
    /// The file.
    pub bytes: Vec<u8>,
    /// What a person must decide, in the order of the cells; empty if the merge is clean.
    pub conflicts: Vec<Conflict>,
    /// What was decided by rule: the notebook's, then in the order of the cells, ids that were made at the end.
    pub choices: Vec<Choice>,
    /// Cells whose outputs may be out of date because of the merge.
    pub stale: Vec<StaleCell>,
    /// How many conflicts of earlier merges, which a side has brought along, still wait for a person.
    pub still_open: usize,
}

/// Why notebooks that can be read cannot be merged cell by cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// nbformat 3 with several lists of cells, or none.
    #[error("a side has several worksheets or none")]
    Worksheets,
    /// A file that nbformat's own conversion does not lead to.
    #[error("a side could not be brought to nbformat 4")]
    Upgrade,
    /// A fault of ours: the result was no notebook.
    #[error("the merged cells would not be a notebook (please report it)")]
    Unreadable,
}

/// The result where no notebook needs to be read: a side equals the base, or both sides are equal.
#[must_use]
pub fn merge_unread<'b>(files: &Sides<&'b [u8]>) -> Option<&'b [u8]> {
    files.trivial(|one, other| one == other).map(|side| *files.of(side))
}

/// Merges two versions of a notebook; `base` is `None` if both sides added the file.
///
/// The result is in ours' layout. It is deterministic: ids and markers are made from content and numbers.
///
/// # Errors
/// [`MergeError`], where lines are the better way to merge.
pub fn merge(
    base: Option<&Notebook<'_>>,
    ours: &Notebook<'_>,
    theirs: &Notebook<'_>,
    options: &MergeOptions,
) -> Result<MergeOutcome, MergeError> {
    let files = Sides { base: base.map_or(&[][..], |base| base.bytes), ours: ours.bytes, theirs: theirs.bytes };
    if let Some(side) = files.trivial(|one, other| one == other) {
        let taken = if side == Side::Ours { ours } else { theirs };
        let still_open = open_conflicts(taken);
        return Ok(MergeOutcome { bytes: taken.bytes.to_vec(), still_open, ..MergeOutcome::default() });
    }
    // Where only one side was converted to nbformat 4, the other follows.
    if let Some(upgraded) = brought_together(&Sides { base, ours: Some(ours), theirs: Some(theirs) }) {
        return merge_upgraded(&upgraded, options);
    }
    if [ours, theirs].iter().any(|notebook| notebook.lists.len() != 1) {
        return Err(MergeError::Worksheets);
    }
    let empty = Notebook { bytes: b"{}", members: Vec::new(), cells: Vec::new(), lists: Vec::new() };
    let outcome = merge_cells(&Sides { base: base.unwrap_or(&empty), ours, theirs }, options);
    // A last look: nobody shall be handed a file that does not open.
    let merged = Notebook::read_version(&outcome.bytes, ours).map_err(|_| MergeError::Unreadable)?;
    let still_open = open_conflicts(&merged).saturating_sub(outcome.conflicts.len());
    Ok(MergeOutcome { still_open, ..outcome })
}

/// How many conflicts wait for a person in a notebook.
fn open_conflicts(notebook: &Notebook<'_>) -> usize {
    // One conflict may stand within another.
    let numbers = notebook.cells.iter().filter_map(|cell| cell.unresolved().map(|record| record.number));
    numbers.collect::<HashSet<_>>().len()
}

fn merge_cells(sides: &Sides<&Notebook<'_>>, options: &MergeOptions) -> MergeOutcome {
    let (to_ours, to_theirs, rewritten) =
        agree::agree(sides, &options.policy, align(sides.base, sides.ours), align(sides.base, sides.theirs));
    let (to_ours, to_theirs, recuts) = parts::recut(sides, &options.policy, to_ours, to_theirs);
    let sequence = sequence::sequence(sides, &to_ours, &to_theirs, &recuts, options.insert);
    write::write(sides, &sequence::Sequence { rewritten, ..sequence }, options)
}

/// The versions as they are merged, where one side was converted to nbformat 4 and another version was not: all of
/// them converted. `None` if they can be merged as they are.
#[must_use]
pub fn brought_together(versions: &Sides<Option<&Notebook<'_>>>) -> Option<Sides<Option<Vec<u8>>>> {
    let old = |notebook: &&Notebook<'_>| notebook.version().major < 4 && notebook.get("worksheets").is_some();
    let sides = [versions.ours, versions.theirs];
    let is_mixed = sides.into_iter().flatten().any(|notebook| notebook.version().major >= 4)
        && sides.into_iter().chain([versions.base]).flatten().any(|notebook| old(&notebook));
    is_mixed.then(|| {
        // What stands in the base keeps nbformat's own conversion; its headings are known to itself.
        versions.map(|notebook| {
            notebook.map(|notebook| match old(&notebook) {
                true => upgrade(notebook, versions.base),
                false => notebook.bytes.to_vec(),
            })
        })
    })
}

/// Merges what was brought to nbformat 4.
fn merge_upgraded(files: &Sides<Option<Vec<u8>>>, options: &MergeOptions) -> Result<MergeOutcome, MergeError> {
    let (base, ours, theirs) = (reread(&files.base)?, reread(&files.ours)?, reread(&files.theirs)?);
    match (&ours, &theirs) {
        (Some(ours), Some(theirs)) => merge(base.as_ref(), ours, theirs, options),
        _ => Err(MergeError::Upgrade),
    }
}

fn reread(file: &Option<Vec<u8>>) -> Result<Option<Notebook<'_>>, MergeError> {
    file.as_deref().map(|bytes| Notebook::read(bytes).map_err(|_| MergeError::Upgrade)).transpose()
}
