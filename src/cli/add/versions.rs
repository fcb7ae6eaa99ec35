//! A notebook as it is staged and as `git add` would stage it, both in the form that git stores.

use std::collections::BTreeSet;

use anyhow::{Context as _, bail};
use cellwise::git::adding::{Staged, Staging, State, Unstaged};
use cellwise::notebook::{Notebook, ReadError};
use cellwise::pick::{Changes, Item, without_cells};
use cellwise::resolve::open_conflicts;

use super::super::output;

const WHOLE: &str = "`git add` stages the whole file";
const RESOLVE: &str = "`cellwise resolve` settles that first";

/// The two versions of a notebook.
pub(super) struct Versions {
    staged: Staged,
    old: Vec<u8>,
    new: Vec<u8>,
}

impl Versions {
    /// Reads both.
    ///
    /// # Errors
    /// One line on why its cells cannot be staged one by one.
    pub(super) fn read(staging: &Staging, file: &Unstaged) -> anyhow::Result<Self> {
        const LINK: u32 = 0o120_000;
        match file.state {
            State::Unmerged => bail!("a merge has left it unmerged: {RESOLVE}"),
            State::Deleted => bail!("it is deleted: `git rm` stages that"),
            State::TypeChanged => bail!("it is a symbolic link, here or in the index: {WHOLE}"),
            State::Modified | State::Intended if file.mode & 0o170_000 == LINK => {
                bail!("it is a symbolic link, which has no cells: `git add` stages it")
            }
            State::Modified | State::Intended => {}
        }
        let staged = staging.staged(file)?;
        let new = staging.stored(file)?;
        let notebook = Notebook::read(&new).map_err(|error| unreadable(&error))?;
        if !open_conflicts(&notebook).is_empty() {
            bail!("conflicts are open in it: {RESOLVE}");
        }
        let known = staged.bytes.clone().filter(|bytes| !bytes.trim_ascii().is_empty());
        let empty = || without_cells(&notebook).with_context(|| format!("it has several worksheets: {WHOLE}"));
        let old = known.map_or_else(empty, Ok)?;
        Ok(Self { staged, old, new })
    }

    /// The staged version and the new one.
    pub(super) fn notebooks(&self) -> anyhow::Result<(Notebook<'_>, Notebook<'_>)> {
        let old = Notebook::read(&self.old).map_err(|error| anyhow::anyhow!("what is staged is {error}; {WHOLE}"))?;
        let new = Notebook::read_version(&self.new, &old)?;
        Ok((old, new))
    }

    /// Stages the changes with these indices; a line that says so.
    ///
    /// # Errors
    /// Nothing is staged by that, or git refuses. The index is as it was.
    pub(super) fn stage(
        &self,
        staging: &Staging,
        file: &Unstaged,
        changes: &Changes<'_>,
        chosen: &BTreeSet<usize>,
    ) -> anyhow::Result<String> {
        let bytes = changes.with(|item| chosen.contains(&item));
        let bytes = bytes.with_context(|| format!("its cells cannot be taken apart: {WHOLE}"))?;
        if self.staged.bytes.as_ref() == Some(&bytes) {
            bail!("nothing was staged: its format or layout comes only with all of its cells; {WHOLE}");
        }
        staging.stage(file, &self.staged, &bytes)?;
        Ok(format!("{}: staged {}\n", output::name(&file.typed), tally(changes, chosen)))
    }
}

fn unreadable(error: &ReadError) -> anyhow::Error {
    match error {
        ReadError::ConflictMarkers { .. } => anyhow::anyhow!("{error}: {RESOLVE}"),
        _ => anyhow::anyhow!("{error}; {WHOLE}"),
    }
}

/// `2 of 5 changed cells`, `all 5 changed cells and the metadata`, `the metadata and the layout`, `all of it`.
fn tally(changes: &Changes<'_>, chosen: &BTreeSet<usize>) -> String {
    let is_cell = |item: &usize| matches!(changes.items()[*item], Item::Cells { .. });
    let count = (0..changes.items().len()).filter(is_cell).count();
    let staged = chosen.iter().copied().filter(is_cell).count();
    let cells = match (staged, count) {
        (0, _) => None,
        (1, 1) => Some("the changed cell".to_owned()),
        (staged, count) if staged == count => Some(format!("all {count} changed cells")),
        (staged, count) => Some(format!("{staged} of {count} changed cells")),
    };
    let is_all = chosen.len() == changes.items().len();
    let rest = chosen.iter().filter_map(|item| match changes.items()[*item] {
        Item::Metadata => Some("the metadata"),
        Item::Layout if is_all => Some("the format or layout"),
        Item::Whole => Some("all of it"),
        Item::Layout | Item::Cells { .. } => None,
    });
    cells.into_iter().chain(rest.map(str::to_owned)).collect::<Vec<_>>().join(" and ")
}
