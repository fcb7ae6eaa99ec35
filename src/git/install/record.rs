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
#[derive(Debug, Clone)]
pub(super) struct Record {
    folder: PathBuf,
    name: &'static str,
}

impl Record {
    pub(super) fn config(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), name: "config" }
    }

    pub(super) fn attributes(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), name: "attributes" }
    }

    /// The copy of the file before install.
    pub(super) fn before(&self) -> PathBuf {
        self.part("before")
    }

    /// The copy of the file as install left it.
    pub(super) fn left(&self) -> PathBuf {
        self.part("left")
    }

    /// Says that the file's folder was made by install.
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

    /// Forgets everything about the file.
    pub(super) fn forget(&self) -> Result<(), InstallError> {
        for path in [self.before(), self.left(), self.made_folder()] {
            write(&path, None)?;
        }
        Ok(())
    }
}

/// Makes the folder of records, closed to others.
pub(super) fn make_folder(folder: &Path) -> Result<(), InstallError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder).map_err(InstallError::folder(folder))
}

/// The bytes of a file, or `None` if there is none.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, InstallError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(InstallError::folder(path)(error)),
    }
}

/// Gives a file these bytes, or removes it.
pub(super) fn write(path: &Path, bytes: Option<&[u8]>) -> Result<(), InstallError> {
    if let Some(bytes) = bytes {
        return Ok(file::replace(path, bytes)?);
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(InstallError::folder(path)(error)),
        _ => Ok(()),
    }
}
