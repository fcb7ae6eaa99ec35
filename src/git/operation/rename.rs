//! The paths that the versions of a renamed notebook have.

use std::ffi::OsStr;
use std::path::PathBuf;

use crate::git::command;
use crate::git::unmerged::UnmergedPath;
use crate::merge::Sides;

use super::asks::Asks;

/// The path of each version, found by its blob; `None` if all are the same, and where that cannot be told.
pub(super) fn paths(asks: &Asks<'_>, commits: &Sides<Option<String>>, file: &UnmergedPath) -> Option<Sides<PathBuf>> {
    let stages = &file.stages;
    let path_in = |commit: &Option<String>, oid: &str| path_of(asks, commit.as_ref()?, file, oid);
    let ours = path_in(&commits.ours, &stages.ours.as_ref()?.oid)?;
    let theirs = path_in(&commits.theirs, &stages.theirs.as_ref()?.oid)?;
    let base = match &commits.base {
        Some(_) => path_in(&commits.base, &stages.base.as_ref()?.oid)?,
        // The base is made of several: the side that has not renamed it has its path.
        None if ours == file.path => theirs.clone(),
        None => ours.clone(),
    };
    let paths = Sides { base, ours, theirs };
    (paths != Sides { base: file.path.clone(), ours: file.path.clone(), theirs: file.path.clone() }).then_some(paths)
}

/// Where `commit` has the blob `oid`: at the path of the file, or at the only one that has it.
fn path_of(asks: &Asks<'_>, commit: &str, file: &UnmergedPath, oid: &str) -> Option<PathBuf> {
    let args = ["ls-tree", "-z", "--full-tree", commit, "--"].map(OsStr::new);
    let here = command::run(asks.tree.top(), args.into_iter().chain([file.path.as_os_str()])).ok()?;
    if !entries(&here, oid).is_empty() {
        return Some(file.path.clone());
    }
    let all = asks.git(&["ls-tree", "-r", "-z", "--full-tree", commit])?;
    match entries(&all, oid).as_slice() {
        [path] => Some(command::path(path.to_vec())),
        _ => None,
    }
}

/// The paths of the blob `oid` in `MODE blob OID TAB PATH NUL`.
fn entries<'l>(list: &'l [u8], oid: &str) -> Vec<&'l [u8]> {
    let entries = list.split(|&byte| byte == 0).filter_map(|entry| {
        let tab = entry.iter().position(|&byte| byte == b'\t')?;
        entry[..tab].ends_with(oid.as_bytes()).then_some(&entry[tab + 1..])
    });
    entries.collect()
}
