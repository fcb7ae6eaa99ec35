//! Comparing commits and the index through libgit2.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use git2::{
    Delta, Diff, DiffDelta, DiffFile, DiffFindOptions, DiffOptions, Error, ErrorCode, IndexEntryExtendedFlag,
    ObjectType, Oid, Tree,
};

use super::arguments::Kind;
use super::{Change, Comparison, Side, Status, is_notebook};
use crate::git::command;

/// What `revision` names, if libgit2 can tell.
pub(super) fn kind(repository: &git2::Repository, revision: &str) -> Option<Kind> {
    let object = repository.revparse_single(revision).ok()?;
    let is = |kind| object.peel(kind).is_ok();
    match () {
        () if is(ObjectType::Tree) => Some(Kind::Tree),
        () if is(ObjectType::Blob) => Some(Kind::Blob),
        () => None,
    }
}

pub(super) fn blob(repository: &git2::Repository, oid: &str) -> Option<Vec<u8>> {
    let blob = repository.find_blob(Oid::from_str(oid).ok()?).ok()?;
    Some(blob.content().to_vec())
}

/// Whether a filter of the user's stands between the file and what is stored.
pub(super) fn has_filter(repository: &git2::Repository, path: &Path) -> bool {
    let filter = repository.get_attr_bytes(path, "filter", git2::AttrCheckFlags::FILE_THEN_INDEX);
    filter.is_ok_and(|filter| matches!(git2::AttrValue::from_bytes(filter), git2::AttrValue::String(_)))
}

pub(super) fn changes(
    repository: &git2::Repository,
    comparison: &Comparison,
    paths: &[String],
) -> Result<Vec<Change>, Error> {
    let old = old_tree(repository, comparison)?;
    let mut diff = diff(repository, comparison, old.as_ref(), &mut options(paths))?;
    if finds_renames(repository) {
        diff.find_similar(Some(DiffFindOptions::new().renames(true)))?;
    }
    let reader = Reader { repository, comparison, old };
    let mut found = BTreeMap::new();
    for delta in diff.deltas() {
        if let Some(change) = reader.change(&delta)? {
            found.insert(change.after.path.clone(), change);
        }
    }
    Ok(found.into_values().collect())
}

/// As `diff.renames` says; what is no yes or no (`copies`) finds renames too.
fn finds_renames(repository: &git2::Repository) -> bool {
    repository.config().and_then(|config| config.get_bool("diff.renames")).unwrap_or(true)
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
        Comparison::Unstaged | Comparison::Since(_) => Err(not_here()),
        Comparison::BlobWithFile(_) | Comparison::Blobs(..) => Err(not_here()),
        Comparison::Staged(None) => match repository.head() {
            Ok(head) => head.peel_to_tree().map(Some),
            // Before the first commit everything staged is new.
            Err(error) if error.code() == ErrorCode::UnbornBranch => Ok(None),
            Err(error) => Err(error),
        },
        Comparison::Staged(Some(revision)) | Comparison::Between(revision, _) => tree(repository, revision).map(Some),
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
        Comparison::Unstaged | Comparison::Since(_) => Err(not_here()),
        Comparison::BlobWithFile(_) | Comparison::Blobs(..) => Err(not_here()),
        Comparison::Staged(_) => repository.diff_tree_to_index(old, None, Some(options)),
        Comparison::Between(_, after) | Comparison::SinceMergeBase(_, after) => {
            repository.diff_tree_to_tree(old, Some(&tree(repository, after)?), Some(options))
        }
    }
}

/// It is left to git.
fn not_here() -> Error {
    Error::from_str("compared by git")
}

struct Reader<'r> {
    repository: &'r git2::Repository,
    comparison: &'r Comparison,
    old: Option<Tree<'r>>,
}

impl Reader<'_> {
    fn change(&self, delta: &DiffDelta<'_>) -> Result<Option<Change>, Error> {
        let (old, new) = (delta.old_file(), delta.new_file());
        let status = match delta.status() {
            Delta::Added if self.is_only_intended(&new)? => return Ok(None),
            Delta::Added => Status::Added,
            Delta::Deleted => Status::Deleted,
            Delta::Modified => Status::Modified,
            Delta::Renamed | Delta::Copied => Status::Renamed,
            Delta::Typechange => Status::TypeChanged,
            Delta::Conflicted => return Ok(Some(self.unmerged(path(&new)))),
            _ => return Ok(None),
        };
        let similarity = match status {
            Status::Renamed if old.id() == new.id() => Some(100),
            // By how much is git's to say.
            Status::Renamed if is_notebook(&path(&old)) || is_notebook(&path(&new)) => return Err(not_here()),
            _ => None,
        };
        let before = match status {
            Status::Added => Side::absent(path(&new)),
            _ => Side::blob(path(&old), mode(&old), old.id().to_string()),
        };
        let after = match status {
            Status::Deleted => Side::absent(path(&old)),
            _ => Side::blob(path(&new), mode(&new), new.id().to_string()),
        };
        Ok(Some(Change { status, similarity, before, after }))
    }

    /// Whether the file has only been announced (`git add -N`): nothing of it is staged.
    fn is_only_intended(&self, file: &DiffFile<'_>) -> Result<bool, Error> {
        let Some(path) = file.path().filter(|_| self.comparison.reads_index()) else {
            return Ok(false);
        };
        let entry = self.repository.index()?.get_path(path, 0);
        Ok(entry
            .is_some_and(|entry| IndexEntryExtendedFlag::from_bits_truncate(entry.flags_extended).is_intent_to_add()))
    }

    /// An unmerged path: what it was, and nothing yet.
    fn unmerged(&self, path: PathBuf) -> Change {
        let entry = self.old.as_ref().and_then(|tree| tree.get_path(&path).ok());
        let before = match entry {
            Some(entry) => Side::blob(path.clone(), entry.filemode().cast_unsigned(), entry.id().to_string()),
            None => Side::absent(path.clone()),
        };
        Change { status: Status::Unmerged, similarity: None, before, after: Side::absent(path) }
    }
}

fn mode(file: &DiffFile<'_>) -> u32 {
    u32::from(file.mode())
}

fn path(file: &DiffFile<'_>) -> PathBuf {
    command::path(file.path_bytes().unwrap_or_default().to_vec())
}
