//! Writing into a file itself, where another one in its place would change more than the content.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::beside::new_beside;
use super::{FileError, Flush, OLD_PREFIX};

/// What a file holds that is about to be written in place.
pub(super) struct Old {
    bytes: Vec<u8>,
    /// The same beside the file, in case that the process ends half way; `None` where the folder takes no new file.
    copy: Option<NamedTempFile>,
}

impl Old {
    pub(super) fn of(target: &Path, flush: Flush) -> io::Result<Self> {
        let bytes = fs::read(target)?;
        let mut copy = new_beside(target, tempfile::Builder::new().prefix(OLD_PREFIX))?;
        if let Some(copy) = &mut copy {
            copy.write_all(&bytes)?;
            flush.file(copy.as_file())?;
        }
        Ok(Self { bytes, copy })
    }
}

/// Why a file could not be written in place.
pub(super) struct InPlaceError {
    error: io::Error,
    /// Where the old bytes are, if the file does not hold them any more.
    kept: Option<PathBuf>,
}

impl InPlaceError {
    pub(super) fn at(self, path: &Path) -> FileError {
        let (path, error) = (path.to_owned(), self.error);
        match self.kept {
            Some(kept) => FileError::Torn { path, error, kept },
            None => FileError::Write { path, error },
        }
    }
}

impl From<io::Error> for InPlaceError {
    fn from(error: io::Error) -> Self {
        Self { error, kept: None }
    }
}

/// Writes into the file itself and cuts it to the new length: same file, same links, same mode. Where that fails
/// (a full disk), the old bytes go back into the room that they had.
pub(super) fn write_in_place(path: &Path, bytes: &[u8], old: Option<Old>, flush: Flush) -> Result<(), InPlaceError> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
    let is_file = file.metadata()?.is_file();
    let Err(error) = write_whole(&mut file, bytes).and_then(|()| if is_file { flush.file(&file) } else { Ok(()) })
    else {
        return Ok(());
    };
    let Some(old) = old else { return Err(error.into()) };
    let kept = match write_whole(&mut file, &old.bytes) {
        Ok(()) => None,
        Err(_) => old.copy.and_then(|copy| copy.keep().ok()).map(|(_, kept)| kept),
    };
    Err(InPlaceError { error, kept })
}

fn write_whole(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    if !file.metadata()?.is_file() {
        return file.write_all(bytes);
    }
    file.rewind()?;
    file.write_all(bytes)?;
    file.set_len(bytes.len() as u64)
}
