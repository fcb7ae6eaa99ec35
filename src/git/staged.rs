//! The notebooks that the next commit would change, as a hook must see them, and those of a revision.
//!
//! git hands its hooks the index of the commit in the making by `GIT_INDEX_FILE` (`.git/index.lock` for `commit -a`,
//! another one for `commit FILE`), so everything is asked of the `git` executable, which obeys it. What does not
//! differ from HEAD is not read, so that a commit takes no longer in a repository of many notebooks.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::batch::{self, For};
use super::command::{self, GitError};
use super::revisions::is_notebook;

/// What stands in the index, or in a tree, for a notebook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The path from the top of the repository.
    pub path: PathBuf,
    /// The blob, or `None` if a merge left the path unmerged.
    pub blob: Option<String>,
}

/// The notebooks below `paths` (all, if none are named) that are staged otherwise than in HEAD, by path. Deleted ones
/// and links are left out.
///
/// # Errors
/// There is no repository or no work tree, or git refuses.
pub fn changed(dir: &Path, paths: &[PathBuf]) -> Result<Vec<Entry>, GitError> {
    let options =
        ["diff", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-relative", "--diff-filter=d"];
    let mut args: Vec<OsString> = options.map(OsString::from).into();
    args.extend(["--no-ext-diff", "--ignore-submodules", "--"].map(OsString::from));
    args.extend(paths.iter().map(OsString::from));
    let mut found = parse(&command::run(dir, args).map_err(|error| without_usage(dir, error))?);
    found.sort_by(|one, other| one.path.cmp(&other.path));
    // An unmerged path may be listed twice.
    found.dedup_by(|one, other| one.path == other.path);
    Ok(found)
}

/// Where git sees no repository, or will not look at one of another owner, `git diff` knows no `--cached` and explains all of its
/// options. Others say why.
fn without_usage(dir: &Path, error: GitError) -> GitError {
    match &error {
        GitError::Failed { code: Some(129), .. } => {
            command::run(dir, ["rev-parse", "--git-dir"]).err().unwrap_or(error)
        }
        _ => error,
    }
}

/// The notebooks below `paths` (all, if none are named) in the tree with this id, by path.
///
/// # Errors
/// There is no such tree, or git refuses.
pub fn in_tree(dir: &Path, tree: &str, paths: &[PathBuf]) -> Result<Vec<Entry>, GitError> {
    let mut found = parse(&raw_tree(dir, tree, paths)?);
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

/// Whether the tree with this id has anything at `path` or below it.
///
/// # Errors
/// There is no such tree, or git refuses.
pub fn is_in_tree(dir: &Path, tree: &str, path: &Path) -> Result<bool, GitError> {
    Ok(!raw_tree(dir, tree, &[path.to_owned()])?.is_empty())
}

/// What a tree has below `paths`, as `git diff --raw -z` prints it.
fn raw_tree(dir: &Path, tree: &str, paths: &[PathBuf]) -> Result<Vec<u8>, GitError> {
    // All that it has is what it adds to an empty one, whose id depends on the hash of the repository; unlike `ls-tree`,
    // this takes pathspecs.
    let empty = command::line(command::run(dir, ["hash-object", "-t", "tree", "--stdin"])?);
    let mut args: Vec<OsString> = ["diff-tree", "-r", "-z", "--no-renames", "--no-relative"].map(OsString::from).into();
    args.extend([OsString::from(String::from_utf8_lossy(&empty).as_ref()), tree.into(), "--".into()]);
    args.extend(paths.iter().map(OsString::from));
    command::run(dir, args)
}

/// Reads `:MODE MODE OID OID STATUS NUL PATH NUL`.
fn parse(raw: &[u8]) -> Vec<Entry> {
    let mut fields = raw.split(|&byte| byte == 0);
    let mut found = Vec::new();
    while let (Some(head), Some(path)) = (fields.next(), fields.next()) {
        let head = String::from_utf8_lossy(head).into_owned();
        let words: Vec<&str> = head.split(' ').collect();
        let path = command::path(path.to_vec());
        let [_, mode, _, blob, status] = words.as_slice() else { break };
        match *status {
            _ if !is_notebook(&path) => {}
            "U" => found.push(Entry { path, blob: None }),
            _ if mode.starts_with("100") => found.push(Entry { path, blob: Some((*blob).to_owned()) }),
            _ => {}
        }
    }
    found
}

/// Hands the bytes of each notebook to `visit`, one after the other, all read by one git. One that git cannot read is
/// handed over as an error, and does not stop the others.
///
/// # Errors
/// git cannot be run.
pub fn read_each(
    dir: &Path,
    notebooks: &[Entry],
    mut visit: impl FnMut(&Entry, Result<Vec<u8>, GitError>),
) -> Result<(), GitError> {
    let (entries, blobs): (Vec<&Entry>, Vec<&str>) =
        notebooks.iter().filter_map(|entry| Some((entry, entry.blob.as_deref()?))).unzip();
    batch::read_each(dir, &blobs, For::Use, |at, bytes| visit(entries[at], bytes))
}

/// Those of `paths` (from the top of the work tree) to which git applies the filter `name`.
///
/// # Errors
/// git cannot be run.
pub fn filtered<'p>(top: &Path, paths: &[&'p Path], name: &str) -> Result<Vec<&'p Path>, GitError> {
    with_attribute(top, paths, "filter", name)
}

/// Those of `paths` (from the top of the work tree) whose `attribute` is `value`.
pub(super) fn with_attribute<'p>(
    top: &Path,
    paths: &[&'p Path],
    attribute: &str,
    value: &str,
) -> Result<Vec<&'p Path>, GitError> {
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    let mut list = Vec::new();
    for path in paths {
        list.extend_from_slice(path.as_os_str().as_encoded_bytes());
        list.push(0);
    }
    let mut answer = Vec::new();
    let mut git = command::git(top);
    git.args(["check-attr", "-z", "--stdin", attribute]);
    command::stream(&mut git, &list, |out| out.read_to_end(&mut answer))?;
    let values = answer.split(|&byte| byte == 0).skip(2).step_by(3);
    Ok(paths.iter().zip(values).filter(|(_, found)| *found == value.as_bytes()).map(|(path, _)| *path).collect())
}

/// Whether git runs `cellwise filter-process` as the filter `name`. That takes no options, so what it makes of a file is
/// known without asking.
///
/// # Errors
/// git cannot be run.
pub fn is_our_process(dir: &Path, name: &str) -> Result<bool, GitError> {
    let process = command::output(dir, &["config", "--get", &format!("filter.{name}.process")])?;
    Ok(memchr::memmem::find(&process.stdout, b" filter-process").is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notebooks_are_told_from_links_and_other_files() {
        let raw = b":000000 100644 0000 aaaa A\0a.ipynb\0:100644 100755 0000 bbbb M\0B.IPYNB\0\
            :000000 120000 0000 cccc A\0link.ipynb\0:000000 100644 0000 dddd A\0d.py\0:100644 000000 0000 0000 U\0u.ipynb\0";
        let found = parse(raw);
        let blobs: Vec<_> = found.iter().map(|entry| (entry.path.to_str().unwrap(), entry.blob.as_deref())).collect();
        assert_eq!(blobs, [("a.ipynb", Some("aaaa")), ("B.IPYNB", Some("bbbb")), ("u.ipynb", None)]);
    }
}
