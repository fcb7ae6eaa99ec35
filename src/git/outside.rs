//! The files below a folder that is in no repository, as git would list them if it were in one.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use super::command::{self, GitError};

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub enum OutsideError {
    /// There is no room for a repository.
    #[error("no temporary folder can be made: {0}")]
    Temporary(#[from] io::Error),
    /// git could not be run, or refused.
    #[error(transparent)]
    Git(#[from] GitError),
}

/// The files below `folder`, relative to it, that no `.gitignore` hides; those that `pathspec` fits, if there is one. A
/// repository below it is one entry, a folder.
///
/// # Errors
/// [`OutsideError`]; nothing is left behind.
pub fn list(folder: &Path, pathspec: Option<&str>) -> Result<Vec<PathBuf>, OutsideError> {
    // git lists nothing without a repository, so it gets an empty one for a moment.
    let empty = tempfile::tempdir()?;
    command::run(empty.path(), ["init", "-q", "."])?;
    let mut git_dir = OsString::from("--git-dir=");
    git_dir.push(empty.path().join(".git"));
    let mut args: Vec<OsString> = vec![git_dir, "--work-tree=.".into()];
    args.extend(["ls-files", "-z", "--others", "--exclude-standard", "--"].map(OsString::from));
    args.extend(pathspec.map(OsString::from));
    let list = command::run(folder, args)?;
    let names = list.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    Ok(names.map(|name| command::path(name.to_vec())).collect())
}
