//! What stood in a file before install, and how install left it.
//!
//! Both are plain copies in a folder that only its owner can read (a configuration may hold credentials):
//! `config.before`, `config.left`, `attributes.before`, `attributes.left`. A copy that is not there means that
//! the file was not there. The copies of a configuration are read with `git config --file`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::InstallError;
use crate::file;

/// The record of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    folder: PathBuf,
    name: &'static str,
}

impl Record {
    /// The record `name` in `folder`.
    pub(super) fn new(folder: &Path, name: &'static str) -> Self {
        Self { folder: folder.to_owned(), name }
    }

    /// The folder in which it lies, perhaps with others.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The copy of the file before install.
    pub(super) fn before(&self) -> PathBuf {
        self.part("before")
    }

    /// The copy of the file as install left it.
    pub(super) fn left(&self) -> PathBuf {
        self.part("left")
    }

    /// Holds the outermost folder that install made for the file.
    pub(super) fn made_folder(&self) -> PathBuf {
        self.part("made-folder")
    }

    fn part(&self, what: &str) -> PathBuf {
        self.folder.join(format!("{}.{what}", self.name))
    }

    /// Whether `now` is what install left.
    pub(super) fn is_as_left(&self, now: Option<&[u8]>) -> Result<bool, InstallError> {
        let left = read(&self.left())?;
        Ok(left.is_some() && left.as_deref() == now)
    }
}

/// The bytes of a file, or `None` if there is none.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, InstallError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(InstallError::folder(path)(error)),
    }
}

/// Gives a file these bytes, or removes it. A symbolic link stays, and is followed.
pub(super) fn write(path: &Path, bytes: Option<&[u8]>) -> Result<(), InstallError> {
    if let Some(bytes) = bytes {
        return Ok(file::replace(path, bytes)?);
    }
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    match fs::remove_file(target) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(InstallError::folder(path)(error)),
        _ => Ok(()),
    }
}
