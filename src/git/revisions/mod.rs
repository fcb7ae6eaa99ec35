//! Which notebooks differ between two states of a repository, and their bytes.
//!
//! [`Repository::changes`] compares commits, the index and the work tree as `git diff` does. libgit2 answers
//! for commits and the index where it can open the repository (not: sha256, reftable, sparse index) and where
//! neither the environment nor a pathspec says something that only git understands. Files of the work tree are
//! always compared by the `git` executable: filters, line ends, encodings and the index's stat data are its
//! business, and libgit2 was seen to list files as changed that git calls equal. The answer looks the same.

mod arguments;
mod blobs;
mod comparison;
mod conversion;
mod executable;
mod folder;
mod libgit2;
mod pathspec;

use std::env;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use super::command::{self, GitError};
use crate::file::{FileError, Input};

pub use comparison::{Area, Comparison};
pub(super) use conversion::{added, whole_variables};
pub use folder::Folder;
pub(super) use pathspec::inside;

/// Why a repository could not be read.
#[derive(Debug, thiserror::Error)]
pub enum RevisionError {
    /// No repository.
    #[error("{} is not in a git repository: go into one, or name two files to compare", .0.display())]
    NoRepository(PathBuf),
    /// A bare repository has nothing to compare with.
    #[error("this repository is bare, it has no files to compare with: name two revisions")]
    Bare,
    /// An argument that is no revision.
    #[error(
        "`{argument}` is neither a revision nor a file here: `git log --oneline` and `git branch -a` list \
         revisions; a file that is gone from the work tree goes after `--`"
    )]
    Unknown {
        /// What was typed.
        argument: String,
    },
    /// An argument that is both.
    #[error(
        "`{argument}` is both a revision and a file: put `--` before it for the file, or behind it for the revision"
    )]
    Ambiguous {
        /// What was typed.
        argument: String,
    },
    /// Two commits without a common ancestor.
    #[error("`{before}` and `{after}` have no common ancestor: compare them with `{before} {after}`")]
    NoMergeBase {
        /// The first.
        before: String,
        /// The second.
        after: String,
    },
    /// Arguments that make no comparison.
    #[error("{0}")]
    Usage(String),
    /// git could not be run, or refused.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A file of the work tree could not be read.
    #[error(transparent)]
    File(#[from] FileError),
}

/// How a path differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Only after.
    Added,
    /// Only before.
    Deleted,
    /// Another content or mode.
    Modified,
    /// Another path, with or without another content.
    Renamed,
    /// A file here and a symbolic link or submodule there.
    TypeChanged,
    /// A merge has left conflicts in it; before is ours or the revision that was asked for.
    Unmerged,
}

/// Where the bytes of a side are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// There are none.
    Absent,
    /// In the repository, under the side's `oid`.
    Blob,
    /// In the work tree, at this path.
    WorkTree(PathBuf),
}

/// One side of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The path from the top of the repository.
    pub path: PathBuf,
    /// git's mode (`0o100644`); 0 if absent.
    pub mode: u32,
    /// The blob's id in hexadecimal, if the content is a blob.
    pub oid: Option<String>,
    /// Where the bytes are.
    pub content: Content,
}

impl Side {
    fn absent(path: PathBuf) -> Self {
        Self { path, mode: 0, oid: None, content: Content::Absent }
    }

    fn blob(path: PathBuf, mode: u32, oid: String) -> Self {
        Self { path, mode, oid: Some(oid), content: Content::Blob }
    }

    /// The file of the work tree, or the blob where it is not checked out.
    fn work_tree(top: &Path, path: PathBuf, mode: u32, oid: Option<String>) -> Self {
        let file = top.join(&path);
        match oid {
            Some(oid) if file.symlink_metadata().is_err() => Self::blob(path, mode, oid),
            _ => Self { path, mode, oid: None, content: Content::WorkTree(file) },
        }
    }
}

/// A notebook that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// How.
    pub status: Status,
    /// How much of a renamed file is the same, in percent.
    pub similarity: Option<u8>,
    /// What it was.
    pub before: Side,
    /// What it is.
    pub after: Side,
}

impl Change {
    fn is_notebook(&self) -> bool {
        is_notebook(&self.before.path) || is_notebook(&self.after.path)
    }
}

/// Whether the name ends in `.ipynb`, in any case.
#[must_use]
pub fn is_notebook(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("ipynb"))
}

/// Those bits of git's modes that say what something is, and those of a symbolic link.
const FILE_TYPE: u32 = 0o170_000;
const LINK: u32 = 0o120_000;

/// A repository to read from.
pub struct Repository {
    dir: PathBuf,
    top: Option<PathBuf>,
    libgit2: Option<git2::Repository>,
    folder: Folder,
}

impl Repository {
    /// The repository around `dir`; paths and pathspecs count from there.
    ///
    /// # Errors
    /// There is none, or git does not want to read it.
    pub fn discover(dir: &Path) -> Result<Self, RevisionError> {
        let libgit2 = if environment_says_more() { None } else { git2::Repository::discover(dir).ok() };
        let top = match &libgit2 {
            Some(repository) => repository.workdir().map(Path::to_owned),
            None => executable::top(dir)?,
        };
        Ok(Self { dir: dir.to_owned(), top, libgit2, folder: Folder::default() })
    }

    /// The same, read by the `git` executable alone.
    ///
    /// # Errors
    /// As [`Self::discover`].
    pub fn through_executable(dir: &Path) -> Result<Self, RevisionError> {
        Ok(Self { dir: dir.to_owned(), top: executable::top(dir)?, libgit2: None, folder: Folder::default() })
    }

    /// The top of the work tree, `None` in a bare repository.
    #[must_use]
    pub fn top(&self) -> Option<&Path> {
        self.top.as_deref()
    }

    /// The folder that the repository was found from; the top in a bare one.
    #[must_use]
    pub fn here(&self) -> Folder {
        self.inside(Path::new(".")).map(|path| Folder::named(path.as_os_str())).unwrap_or_default()
    }

    /// The same repository, of which [`Self::changes`] looks at `folder` alone: what was moved out of it is gone.
    #[must_use]
    pub fn within(self, folder: Folder) -> Self {
        Self { folder, ..self }
    }

    /// A path from the top as it is shown: from the folder that is looked at.
    #[must_use]
    pub fn shown<'p>(&self, path: &'p Path) -> &'p Path {
        self.folder.shown(path)
    }

    /// The notebooks that differ, in the order of their paths.
    ///
    /// `paths` are pathspecs relative to the directory that the repository was found from; a folder means the
    /// notebooks in it, and none at all means every notebook. Blobs are compared whatever their names.
    ///
    /// # Errors
    /// A revision is unknown, the repository is bare, or git refuses.
    pub fn changes(&self, comparison: &Comparison, paths: &[PathBuf]) -> Result<Vec<Change>, RevisionError> {
        if comparison.reads_index() && self.top.is_none() {
            return Err(RevisionError::Bare);
        }
        if let Comparison::BlobWithFile(_) | Comparison::Blobs(..) = comparison {
            return Ok(blobs::change(self, comparison, paths)?.into_iter().collect());
        }
        let mut changes = match self.libgit2_changes(comparison, paths) {
            Some(changes) => changes,
            // Whatever libgit2 stumbled over, git has the last word, and its error is the one to show.
            None => executable::changes(&self.dir, self.top(), comparison, paths, &self.folder)?,
        };
        changes.retain(Change::is_notebook);
        changes.sort_by(|one, other| one.after.path.cmp(&other.after.path));
        Ok(changes)
    }

    /// `path`, which counts from where the repository was found, from the top.
    fn inside(&self, path: &Path) -> Option<PathBuf> {
        let (dir, top) = self.dir.canonicalize().ok().zip(self.top()?.canonicalize().ok())?;
        inside(&dir, &top, path)
    }

    fn libgit2_changes(&self, comparison: &Comparison, paths: &[PathBuf]) -> Option<Vec<Change>> {
        let repository = self.libgit2.as_ref()?;
        if comparison.reads_work_tree() || !self.folder.is_top() {
            return None;
        }
        let paths = pathspec::literal(&self.dir, self.top(), paths)?;
        libgit2::changes(repository, comparison, &paths).ok()
    }

    /// The bytes of a side, a file of the work tree as git would store it; none for an absent one.
    ///
    /// # Errors
    /// The file cannot be read, or the blob is not in the repository.
    pub fn read(&self, side: &Side) -> Result<Input, RevisionError> {
        match (&side.content, &side.oid) {
            (Content::WorkTree(file), _) => {
                let bytes = work_tree_bytes(file)?;
                let is_link = side.mode & FILE_TYPE == LINK;
                let stored = if is_link { None } else { self.stored(&side.path, &bytes)? };
                Ok(stored.map_or(bytes, Input::Buffer))
            }
            (Content::Blob, Some(oid)) => self.blob(oid),
            _ => Ok(Input::Buffer(Vec::new())),
        }
    }

    /// What git would store for a file with these bytes at `path` (from the top): filters run, line ends and encoding are
    /// those of the repository. `None` if nothing would be changed.
    ///
    /// # Errors
    /// git refuses, or there is no room for temporary files.
    pub fn stored(&self, path: &Path, bytes: &[u8]) -> Result<Option<Vec<u8>>, RevisionError> {
        let has_filter = || self.libgit2.as_ref().is_some_and(|repository| libgit2::has_filter(repository, path));
        let top = self.top().filter(|_| conversion::may_differ(bytes) || has_filter());
        let stored = top.map(|top| conversion::stored(top, path, bytes)).transpose()?;
        Ok(stored.filter(|stored| stored != bytes))
    }

    /// The same where it is known that a filter applies: git is asked in any case.
    ///
    /// # Errors
    /// As [`Self::stored`], or the repository is bare.
    pub fn filtered(&self, path: &Path, bytes: &[u8]) -> Result<Vec<u8>, RevisionError> {
        conversion::stored(self.top().ok_or(RevisionError::Bare)?, path, bytes)
    }

    /// What git would check out at `path` (from the top) if it had stored these bytes.
    ///
    /// # Errors
    /// As [`Self::stored`].
    pub fn checked_out(&self, path: &Path, bytes: &[u8]) -> Result<Vec<u8>, RevisionError> {
        let top = self.top().ok_or(RevisionError::Bare)?;
        conversion::checked_out(top, path, bytes)
    }

    fn blob(&self, oid: &str) -> Result<Input, RevisionError> {
        let found = self.libgit2.as_ref().and_then(|repository| libgit2::blob(repository, oid));
        match found {
            Some(bytes) => Ok(Input::Buffer(bytes)),
            // Also the way in a partial clone, where git fetches what is missing.
            None => Ok(Input::Buffer(command::run(&self.dir, ["cat-file", "blob", oid])?)),
        }
    }
}

fn unknown(argument: &str) -> RevisionError {
    RevisionError::Unknown { argument: argument.to_owned() }
}

/// Variables that make git look elsewhere than libgit2 would: in a hook, for one, the index of the commit in
/// the making is in `GIT_INDEX_FILE`.
pub(super) fn environment_says_more() -> bool {
    [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_COMMON_DIR",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_NAMESPACE",
        "GIT_CEILING_DIRECTORIES",
        "GIT_CONFIG_PARAMETERS",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_SYSTEM",
    ]
    .iter()
    .any(|name| env::var_os(name).is_some())
}

/// The new side of an unmerged path: the file with its markers, if there is one.
fn unmerged_file(top: &Path, path: PathBuf) -> Side {
    let file = top.join(&path);
    match file.symlink_metadata() {
        Ok(metadata) => Side { path, mode: file_mode(&metadata), oid: None, content: Content::WorkTree(file) },
        Err(_) => Side::absent(path),
    }
}

#[cfg(unix)]
fn file_mode(metadata: &Metadata) -> u32 {
    use std::os::unix::fs::MetadataExt as _;
    match (metadata.is_symlink(), metadata.mode() & 0o100) {
        (true, _) => 0o120_000,
        (false, 0) => 0o100_644,
        (false, _) => 0o100_755,
    }
}

#[cfg(not(unix))]
fn file_mode(_: &Metadata) -> u32 {
    0o100_644
}

/// The bytes that git would store for a file: those of a symbolic link are its target.
fn work_tree_bytes(path: &Path) -> Result<Input, FileError> {
    let reading = |error: io::Error| FileError::Read { path: path.to_owned(), error };
    if !path.symlink_metadata().map_err(reading)?.is_symlink() {
        return Input::open(path);
    }
    let target = path.read_link().map_err(reading)?;
    Ok(Input::Buffer(target.into_os_string().into_encoded_bytes()))
}
