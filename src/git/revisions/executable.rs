//! Comparing through the `git` executable.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{self, Path, PathBuf};

use super::{Change, Comparison, Folder, RevisionError, Side, Status, unknown};
use crate::git::command::{self, GitError};

/// The top of the work tree around `dir`, `None` in a bare repository or in a git directory.
pub(super) fn top(dir: &Path) -> Result<Option<PathBuf>, RevisionError> {
    match command::rev_parse(dir, &["--is-inside-work-tree"])? {
        Some(answer) if answer == b"true" => Ok(command::rev_parse(dir, &["--show-toplevel"])?.map(command::path)),
        // A work tree may be elsewhere (GIT_WORK_TREE); git refuses to name one only where there is none.
        Some(_) => Ok(command::rev_parse(dir, &["--show-toplevel"]).ok().flatten().map(command::path)),
        None => {
            let dir = path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
            Err(RevisionError::NoRepository(dir))
        }
    }
}

/// The tree of a revision.
pub(super) fn resolve(dir: &Path, revision: &str) -> Result<String, RevisionError> {
    object(dir, revision, "tree")
}

/// The object of this kind that a revision names.
pub(super) fn object(dir: &Path, revision: &str, kind: &str) -> Result<String, RevisionError> {
    // What follows a path, or the words of a message that is sought, would be taken for more of it.
    let name = if revision.contains(':') { verified(dir, revision, revision)? } else { revision.to_owned() };
    verified(dir, &format!("{name}^{{{kind}}}"), revision)
}

/// The id of one object; `typed` is named where there is none.
fn verified(dir: &Path, name: &str, typed: &str) -> Result<String, RevisionError> {
    let ids = rev_parse(dir, &["--quiet", "--verify", name], typed)?;
    ids.into_iter().next().ok_or_else(|| unknown(typed))
}

/// The commits of `REV^!` and the like; those that are left out have a `^`.
pub(super) fn commits(dir: &Path, argument: &str) -> Result<Vec<String>, RevisionError> {
    rev_parse(dir, &[argument, "--"], argument).map(|mut ids| {
        ids.retain(|id| id != "--");
        ids
    })
}

fn rev_parse(dir: &Path, args: &[&str], typed: &str) -> Result<Vec<String>, RevisionError> {
    if typed.starts_with('-') {
        return Err(unknown(typed));
    }
    match command::run(dir, [&["rev-parse"], args].concat()) {
        Ok(answer) => Ok(String::from_utf8_lossy(&answer).lines().map(str::to_owned).collect()),
        Err(GitError::Failed { .. }) => Err(unknown(typed)),
        Err(other) => Err(other.into()),
    }
}

/// What `git diff --raw -z` prints. Whether it looks for renames is for `diff.renames` to say.
/// Paths count from `folder`.
pub(super) fn raw(
    dir: &Path,
    revisions: &[String],
    paths: &[PathBuf],
    folder: &Folder,
) -> Result<Vec<u8>, RevisionError> {
    let mut args: Vec<OsString> =
        ["diff", "--raw", "-z", "--no-abbrev", "--ignore-submodules", "--no-ext-diff"].map(OsString::from).into();
    args.push(folder.option());
    args.extend(revisions.iter().map(OsString::from));
    args.push("--".into());
    args.extend(paths.iter().map(OsString::from));
    Ok(command::run(dir, args)?)
}

pub(super) fn changes(
    dir: &Path,
    top: Option<&Path>,
    comparison: &Comparison,
    paths: &[PathBuf],
    folder: &Folder,
) -> Result<Vec<Change>, RevisionError> {
    let raw = raw(dir, &revision_args(dir, comparison)?, paths, folder)?;
    let unmerged = if comparison.reads_index() { unmerged(dir)? } else { BTreeSet::new() };
    let top = top.filter(|_| comparison.reads_work_tree());
    Ok(parse(&raw, folder, top, &unmerged))
}

/// The comparison as arguments of `git diff`; revisions are resolved first, so that an unknown one is named
/// and none is taken for an option.
fn revision_args(dir: &Path, comparison: &Comparison) -> Result<Vec<String>, RevisionError> {
    let tree = |revision: &str| resolve(dir, revision);
    Ok(match comparison {
        Comparison::Unstaged => Vec::new(),
        Comparison::Staged(None) => vec!["--cached".to_owned()],
        Comparison::Staged(Some(revision)) => vec!["--cached".to_owned(), tree(revision)?],
        Comparison::Since(revision) => vec![tree(revision)?],
        Comparison::Between(before, after) => vec![tree(before)?, tree(after)?],
        Comparison::BlobWithFile(blob) => vec![object(dir, blob, "blob")?],
        Comparison::Blobs(before, after) => vec![object(dir, before, "blob")?, object(dir, after, "blob")?],
        Comparison::SinceMergeBase(before, after) => vec![merge_base(dir, before, after)?, tree(after)?],
    })
}

fn merge_base(dir: &Path, before: &str, after: &str) -> Result<String, RevisionError> {
    let (one, other) = (object(dir, before, "commit")?, object(dir, after, "commit")?);
    match command::run(dir, ["merge-base", &one, &other]) {
        Ok(answer) => Ok(String::from_utf8_lossy(&command::line(answer)).into_owned()),
        Err(GitError::Failed { code: Some(1), .. }) => {
            Err(RevisionError::NoMergeBase { before: before.to_owned(), after: after.to_owned() })
        }
        Err(other) => Err(other.into()),
    }
}

/// The unmerged paths, from the top.
fn unmerged(dir: &Path) -> Result<BTreeSet<PathBuf>, RevisionError> {
    let list = command::run(dir, ["ls-files", "-u", "-z", "--full-name", "--", ":/"])?;
    let entries = list.split(|&byte| byte == 0);
    let paths = entries.filter_map(|entry| {
        let tab = entry.iter().position(|&byte| byte == b'\t')?;
        Some(command::path(entry[tab + 1..].to_vec()))
    });
    Ok(paths.collect())
}

/// Reads `:MODE MODE OID OID STATUS NUL PATH NUL [PATH NUL]`. `top` is given if the new side is the work tree.
fn parse(raw: &[u8], folder: &Folder, top: Option<&Path>, unmerged: &BTreeSet<PathBuf>) -> Vec<Change> {
    let mut fields = raw.split(|&byte| byte == 0);
    let mut found = BTreeMap::new();
    while let (Some(head), Some(path)) = (fields.next(), fields.next()) {
        let Some(head) = Head::parse(head) else { break };
        let old = folder.whole(path);
        let new = match head.status {
            'R' | 'C' => folder.whole(fields.next().unwrap_or_default()),
            _ => old.clone(),
        };
        if unmerged.contains(&new) {
            let known: Option<Change> = found.remove(&new);
            found.insert(new.clone(), unmerged_change(&head, top, &new, known));
        } else if let Some(change) = change(head, top, old, new) {
            found.insert(change.after.path.clone(), change);
        }
    }
    found.into_values().collect()
}

/// What stands before the path in a record of a raw diff.
pub(super) struct Head {
    pub(super) modes: [u32; 2],
    pub(super) oids: [Option<String>; 2],
    status: char,
    similarity: Option<u8>,
}

impl Head {
    pub(super) fn parse(field: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(field).ok()?.strip_prefix(':')?;
        let mut words = text.split(' ');
        let mut mode = || u32::from_str_radix(words.next()?, 8).ok();
        let modes = [mode()?, mode()?];
        let mut oid = || Some(words.next()?.to_owned());
        let oids = [oid()?, oid()?].map(|oid| Some(oid).filter(|oid| oid.bytes().any(|digit| digit != b'0')));
        let mut letters = words.next()?.chars();
        let status = letters.next()?;
        Some(Self { modes, oids, status, similarity: letters.as_str().parse().ok() })
    }
}

fn change(head: Head, top: Option<&Path>, old: PathBuf, new: PathBuf) -> Option<Change> {
    let status = match head.status {
        // A copy is shown as a new file: its original is no part of the change.
        'A' | 'C' => Status::Added,
        'D' => Status::Deleted,
        'M' => Status::Modified,
        'R' => Status::Renamed,
        'T' => Status::TypeChanged,
        'U' => Status::Unmerged,
        _ => return None,
    };
    let [before_oid, after_oid] = head.oids;
    let before = match before_oid {
        _ if status == Status::Added => Side::absent(new.clone()),
        Some(oid) => Side::blob(old, head.modes[0], oid),
        None => Side::absent(old),
    };
    let after = match (top, after_oid) {
        _ if status == Status::Deleted => Side::absent(new),
        (Some(top), oid) => Side::work_tree(top, new, head.modes[1], oid),
        (None, Some(oid)) => Side::blob(new, head.modes[1], oid),
        (None, None) => Side::absent(new),
    };
    let similarity = head.similarity.filter(|_| status == Status::Renamed);
    Some(Change { status, similarity, before, after })
}

/// git prints an unmerged path once or twice; the record that has an old side says what it was.
fn unmerged_change(head: &Head, top: Option<&Path>, path: &Path, known: Option<Change>) -> Change {
    let before = match (known, &head.oids[0]) {
        (_, Some(oid)) => Side::blob(path.to_owned(), head.modes[0], oid.clone()),
        (Some(known), None) => known.before,
        (None, None) => Side::absent(path.to_owned()),
    };
    Change {
        status: Status::Unmerged,
        similarity: None,
        before,
        after: top.map_or_else(|| Side::absent(path.to_owned()), |top| super::unmerged_file(top, path.to_owned())),
    }
}
