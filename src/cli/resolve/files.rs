//! The notebooks that a call means, and what git was doing with them.

use std::path::{Path, PathBuf};

use cellwise::git::operation::Operation;
use cellwise::git::revisions::is_notebook;
use cellwise::git::unmerged::{IndexState, WorkTree};
use cellwise::notebook::holds_records;
use cellwise::resolve::{OpenConflict, open_conflicts};

use super::super::notebooks::{self, same_path};
use super::conflicted::Conflicted;

/// The notebooks that are meant: unmerged ones, those staged since that still have something open, and whatever
/// else was named. One that cannot be read is told of, and hides no other.
pub(super) fn meant(
    work_tree: Option<&WorkTree>,
    paths: &[PathBuf],
) -> anyhow::Result<Vec<anyhow::Result<Conflicted>>> {
    let entries = work_tree.map(|work_tree| work_tree.unmerged(paths)).transpose()?.unwrap_or_default();
    let named = if paths.is_empty() { Vec::new() } else { notebooks::expand(paths)? };
    let is_known = |path: &PathBuf| entries.iter().any(|entry| same_path(&entry.typed, path));
    let others: Vec<PathBuf> = named.into_iter().filter(|path| !is_known(path)).collect();
    let entries = entries.iter().map(|entry| (entry.typed.clone(), Some(entry.clone())));
    let all = entries.chain(others.into_iter().map(|path| (path, None)));
    let mut files = Vec::new();
    for (path, entry) in all {
        let is_typed = paths.iter().any(|typed| same_path(typed, &path));
        let is_meant = is_typed || entry.as_ref().is_some_and(|entry| entry.state == IndexState::Unmerged);
        let file = Conflicted::read(&path, entry, work_tree);
        if is_meant || file.as_ref().is_ok_and(|file| !open_in(file).is_empty()) {
            files.push(file);
        }
    }
    Ok(files)
}

/// What git is doing. Of some operations only the labels beside the markers tell.
pub(super) fn operation(work_tree: &WorkTree, files: &[anyhow::Result<Conflicted>]) -> Operation {
    let seen = files.iter().flatten().map(Conflicted::labels).find(|labels| labels.ours.is_some());
    let without_path = |label: String| match label.rsplit_once(':') {
        Some((label, path)) if is_notebook(Path::new(path)) => label.to_owned(),
        _ => label,
    };
    Operation::of(work_tree, &seen.unwrap_or_default().map(|label| label.map(without_path)))
}

/// The conflicts that are open in a file.
pub(super) fn open_in(file: &Conflicted) -> Vec<OpenConflict> {
    let may_be = file.bytes.as_deref().is_some_and(holds_records);
    may_be.then(|| file.notebook()).flatten().map(|notebook| open_conflicts(&notebook)).unwrap_or_default()
}
