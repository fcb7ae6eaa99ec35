//! Comparing through libgit2.

use std::collections::BTreeMap;
use std::path::PathBuf;

use git2::{
    Delta, Diff, DiffDelta, DiffFile, DiffFindOptions, DiffOptions, Error, ErrorCode, IndexEntryExtendedFlag, Oid, Tree,
};

use super::{Change, Comparison, Side, Status};
use crate::git::command;

/// Whether some filter program might change what a work tree file means; libgit2 does not run them.
pub(super) fn has_filters(repository: &git2::Repository) -> bool {
    let found = repository.config().and_then(|config| {
        let mut entries = config.entries(Some(r"^filter\..*\.(clean|process)$"))?;
        Ok(entries.next().is_some())
    });
    found.unwrap_or(true)
}

pub(super) fn knows(repository: &git2::Repository, revision: &str) -> bool {
    tree(repository, revision).is_ok()
}

pub(super) fn blob(repository: &git2::Repository, oid: &str) -> Option<Vec<u8>> {
    let blob = repository.find_blob(Oid::from_str(oid).ok()?).ok()?;
    Some(blob.content().to_vec())
}

pub(super) fn changes(
    repository: &git2::Repository,
    comparison: &Comparison,
    paths: &[String],
) -> Result<Vec<Change>, Error> {
    let old = old_tree(repository, comparison)?;
    let mut diff = diff(repository, comparison, old.as_ref(), &mut options(paths))?;
    diff.find_similar(Some(DiffFindOptions::new().renames(true)))?;
    let reader = Reader {
        repository,
        comparison,
        old,
    };
    let mut found = BTreeMap::new();
    for delta in diff.deltas() {
        reader.check(&delta)?;
        if let Some(change) = reader.change(&delta)? {
            found.insert(change.after.path.clone(), change);
        }
    }
    Ok(found.into_values().collect())
}

fn options(paths: &[String]) -> DiffOptions {
    let mut options = DiffOptions::new();
    options.include_typechange(true).disable_pathspec_match(true);
    for path in paths {
        options.pathspec(path);
    }
    options
}

fn tree<'r>(repository: &'r git2::Repository, revision: &str) -> Result<Tree<'r>, Error> {
    repository.revparse_single(revision)?.peel_to_tree()
}

fn old_tree<'r>(repository: &'r git2::Repository, comparison: &Comparison) -> Result<Option<Tree<'r>>, Error> {
    match comparison {
        Comparison::Unstaged => Ok(None),
        Comparison::Staged(None) => match repository.head() {
            Ok(head) => head.peel_to_tree().map(Some),
            // Before the first commit everything staged is new.
            Err(error) if error.code() == ErrorCode::UnbornBranch => Ok(None),
            Err(error) => Err(error),
        },
        Comparison::Staged(Some(revision)) | Comparison::Since(revision) | Comparison::Between(revision, _) => {
            tree(repository, revision).map(Some)
        }
        Comparison::SinceMergeBase(before, after) => {
            let commit = |revision: &str| repository.revparse_single(revision)?.peel_to_commit();
            let base = repository.merge_base(commit(before)?.id(), commit(after)?.id())?;
            repository.find_commit(base)?.tree().map(Some)
        }
    }
}

fn diff<'r>(
    repository: &'r git2::Repository,
    comparison: &Comparison,
    old: Option<&Tree<'r>>,
    options: &mut DiffOptions,
) -> Result<Diff<'r>, Error> {
    match comparison {
        Comparison::Unstaged => repository.diff_index_to_workdir(None, Some(options)),
        Comparison::Staged(_) => repository.diff_tree_to_index(old, None, Some(options)),
        Comparison::Since(_) => repository.diff_tree_to_workdir_with_index(old, Some(options)),
        Comparison::Between(_, after) | Comparison::SinceMergeBase(_, after) => {
            repository.diff_tree_to_tree(old, Some(&tree(repository, after)?), Some(options))
        }
    }
}

struct Reader<'a, 'r> {
    repository: &'r git2::Repository,
    comparison: &'a Comparison,
    old: Option<Tree<'r>>,
}

impl Reader<'_, '_> {
    /// Refuses what libgit2 and git see differently, so that git is asked: files that are only intended to be
    /// added, and with a commit and the work tree compared, files that are staged differently (libgit2 puts two
    /// comparisons together, and lists a file that was staged and then changed back).
    fn check(&self, delta: &DiffDelta<'_>) -> Result<(), Error> {
        let Some(path) = delta.new_file().path().filter(|_| self.comparison.reads_index()) else {
            return Ok(());
        };
        let Some(entry) = self.repository.index()?.get_path(path, 0) else {
            return Ok(());
        };
        let flags = IndexEntryExtendedFlag::from_bits_truncate(entry.flags_extended);
        let old = delta.old_file();
        let is_staged = || (entry.id, entry.mode) != (old.id(), mode(&old));
        if flags.is_intent_to_add()
            || (matches!(self.comparison, Comparison::Since(_)) && delta.status() == Delta::Modified && is_staged())
        {
            return Err(Error::from_str("only git can tell"));
        }
        Ok(())
    }

    fn change(&self, delta: &DiffDelta<'_>) -> Result<Option<Change>, Error> {
        let status = match delta.status() {
            Delta::Added => Status::Added,
            Delta::Deleted => Status::Deleted,
            Delta::Modified => Status::Modified,
            Delta::Renamed | Delta::Copied => Status::Renamed,
            Delta::Typechange => Status::TypeChanged,
            Delta::Conflicted => return self.unmerged(path(&delta.new_file())).map(Some),
            _ => return Ok(None),
        };
        let (old, new) = (delta.old_file(), delta.new_file());
        let before = match status {
            Status::Added => Side::absent(path(&new)),
            _ => Side::blob(path(&old), mode(&old), old.id().to_string()),
        };
        let after = match status {
            Status::Deleted => Side::absent(path(&old)),
            _ => self.after(&new),
        };
        Ok(Some(Change { status, before, after }))
    }

    fn after(&self, file: &DiffFile<'_>) -> Side {
        match self.repository.workdir() {
            Some(top) if self.comparison.reads_work_tree() => {
                Side::work_tree(top, path(file), mode(file), Some(file.id().to_string()))
            }
            _ => Side::blob(path(file), mode(file), file.id().to_string()),
        }
    }

    /// The sides of an unmerged path: what was asked for, or else ours, and the file as it is now.
    fn unmerged(&self, path: PathBuf) -> Result<Change, Error> {
        let entry = match &self.old {
            Some(tree) => tree
                .get_path(&path)
                .ok()
                .map(|entry| (entry.filemode().cast_unsigned(), entry.id())),
            None if *self.comparison == Comparison::Unstaged => {
                let ours = self.repository.index()?.get_path(&path, 2);
                ours.map(|entry| (entry.mode, entry.id))
            }
            None => None,
        };
        let before = match entry {
            Some((mode, id)) => Side::blob(path.clone(), mode, id.to_string()),
            None => Side::absent(path.clone()),
        };
        let after = match self.repository.workdir() {
            Some(top) if self.comparison.reads_work_tree() => super::unmerged_file(top, path),
            _ => Side::absent(path),
        };
        Ok(Change {
            status: Status::Unmerged,
            before,
            after,
        })
    }
}

fn mode(file: &DiffFile<'_>) -> u32 {
    u32::from(file.mode())
}

fn path(file: &DiffFile<'_>) -> PathBuf {
    command::path(file.path_bytes().unwrap_or_default().to_vec())
}
