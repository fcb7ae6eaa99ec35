//! A notebook with conflicts: its file, and the versions that were merged.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use cellwise::file::{self, Input};
use cellwise::git::unmerged::{IndexState, UnmergedPath, WorkTree};
use cellwise::merge::{MergeOptions, Sides};
use cellwise::notebook::{Notebook, ReadError};
use cellwise::resolve::{Remerge, labels, versions_to_merge};

use super::merge_options::{Project, Wishes, marker_size_of};
use super::output;

/// A notebook that was named, or that the index calls unmerged.
pub(super) struct Conflicted {
    /// The file, from the current folder.
    pub(super) path: PathBuf,
    /// What it holds; `None` if it is not there.
    pub(super) bytes: Option<Vec<u8>>,
    /// What the index knows of it.
    pub(super) entry: Option<UnmergedPath>,
    /// The versions that were merged, if all that a merge needs are notebooks.
    pub(super) versions: Option<Sides<Option<Vec<u8>>>>,
}

impl Conflicted {
    /// Reads the file, and what `work_tree` has of it.
    pub(super) fn read(path: &Path, entry: Option<UnmergedPath>, work_tree: Option<&WorkTree>) -> anyhow::Result<Self> {
        let bytes = match Input::owned(path) {
            Ok(Input::Buffer(bytes)) => Some(bytes),
            Ok(mapped) => Some(mapped.to_vec()),
            Err(error) if error.is_missing() && entry.is_some() => None,
            Err(error) => return Err(error.into()),
        };
        let versions = match (&entry, work_tree) {
            (Some(entry), Some(work_tree)) => versions(entry, work_tree)?,
            _ => None,
        };
        Ok(Self { path: path.to_owned(), bytes, entry, versions })
    }

    /// As messages name it.
    pub(super) fn name(&self) -> String {
        output::name(&self.path)
    }

    /// Whether the index waits for it to be staged.
    pub(super) fn is_unmerged(&self) -> bool {
        self.entry.as_ref().is_some_and(|entry| entry.state == IndexState::Unmerged)
    }

    /// What its own markers call the versions.
    pub(super) fn labels(&self) -> Sides<Option<String>> {
        self.notebook().map(|notebook| labels(&notebook)).unwrap_or_default()
    }

    /// How it was merged. What the file's own markers call the versions counts more than `names`.
    pub(super) fn options(&self, names: &Sides<String>) -> anyhow::Result<MergeOptions> {
        let shown = self.labels();
        let labels = Sides {
            base: shown.base.unwrap_or_else(|| names.base.clone()),
            ours: shown.ours.unwrap_or_else(|| names.ours.clone()),
            theirs: shown.theirs.unwrap_or_else(|| names.theirs.clone()),
        };
        let wishes = Wishes {
            labels,
            marker_size: marker_size_of(&self.path.to_string_lossy()),
            outputs: None,
            insert: None,
            style: None,
            project: Project::Conflicted(self.path.clone()),
        };
        let plan = wishes.plan()?;
        Ok(MergeOptions { style: plan.style(), ..plan.options })
    }

    /// The merge once more; `None` if the versions are not there or cannot be merged by cells.
    pub(super) fn remerge(&self, options: &MergeOptions) -> Option<Remerge<'_>> {
        Remerge::new(self.versions.as_ref()?, options).ok()
    }

    /// The file, if it is a notebook.
    pub(super) fn notebook(&self) -> Option<Notebook<'_>> {
        Notebook::read(self.bytes.as_deref()?).ok()
    }

    /// Why the file is no notebook.
    pub(super) fn unreadable(&self) -> Option<ReadError> {
        Notebook::read(self.bytes.as_deref()?).err()
    }

    /// Puts `bytes` in the place of what was read.
    pub(super) fn write(&mut self, bytes: Vec<u8>) -> anyhow::Result<()> {
        if self.entry.is_some() && self.path.is_symlink() {
            bail!("{}: is a symbolic link, and what it leads to is not what was merged", self.name());
        }
        match &self.bytes {
            Some(old) if *old == bytes => return Ok(()),
            Some(old) => file::replace_unchanged(&self.path, old, &bytes)?,
            None => file::replace(&self.path, &bytes)?,
        }
        self.bytes = Some(bytes);
        Ok(())
    }
}

/// The versions of the index as a merge takes them.
fn versions(entry: &UnmergedPath, work_tree: &WorkTree) -> anyhow::Result<Option<Sides<Option<Vec<u8>>>>> {
    let files = work_tree.read(entry).with_context(|| output::name(&entry.typed))?;
    if files.ours.is_none() || files.theirs.is_none() {
        return Ok(None);
    }
    Ok(versions_to_merge(files).ok())
}
