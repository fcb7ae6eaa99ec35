//! One file that install changes.

use std::fs;
use std::path::{Path, PathBuf};

use super::attributes::{has_block, with_block, without_block};
use super::options::Filter;
use super::record::{self, Record};
use super::transaction::Transaction;
use super::{Aim, InstallError};

/// A file as it is, as it would be without cellwise, and as it is to be; `None` stands for no file.
#[derive(Debug)]
pub struct FilePlan {
    /// Where it lies.
    pub path: PathBuf,
    /// The line of somebody else behind which our lines have to move, as it takes all notebooks away.
    pub moved_behind: Option<String>,
    pub(super) record: Record,
    pub(super) now: Option<Vec<u8>>,
    pub(super) earlier: Option<Vec<u8>>,
    pub(super) wanted: Option<Vec<u8>>,
}

impl FilePlan {
    /// An attributes file, for an `aim`.
    pub(super) fn attributes(path: &Path, record: Record, aim: Aim, filter: Filter) -> Result<Self, InstallError> {
        let now = record::read(path)?;
        let earlier = attributes_before(&record, now.as_deref())?;
        let (wanted, moved_behind) = match aim {
            Aim::Install => {
                let whole = with_block(now.as_deref().unwrap_or_default(), filter);
                (Some(whole.text), whole.moved_behind)
            }
            Aim::Uninstall => (earlier.clone(), None),
        };
        Ok(Self { path: path.to_owned(), record, now, earlier, wanted, moved_behind })
    }

    /// Whether it changes.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.now != self.wanted
    }

    /// Fails if nothing can be kept there, or if somebody has written the file since it was read.
    pub(super) fn check(&self) -> Result<(), InstallError> {
        if self.is_due() && self.path.exists() && !self.path.is_file() {
            return Err(InstallError::NoFile(self.path.clone()));
        }
        if self.is_due() && record::read(&self.path)? != self.now {
            return Err(InstallError::Changed(self.path.clone()));
        }
        Ok(())
    }

    /// Writes the record and the file, the record first: whatever was written can then be taken back.
    pub(super) fn install(&self, transaction: &mut Transaction) -> Result<(), InstallError> {
        transaction.make_private_folder(self.record.folder())?;
        transaction.write(&self.record.before(), self.earlier.as_deref())?;
        transaction.write(&self.record.left(), self.wanted.as_deref())?;
        if let Some(made) = self.path.parent().map(|folder| transaction.make_folder(folder)).transpose()?.flatten() {
            transaction.write(&self.record.made_folder(), Some(made.as_os_str().as_encoded_bytes()))?;
        }
        self.write(transaction)
    }

    /// Writes the file and forgets the record.
    pub(super) fn uninstall(&self, transaction: &mut Transaction) -> Result<(), InstallError> {
        self.write(transaction)?;
        for path in [self.record.before(), self.record.left()] {
            transaction.write(&path, None)?;
        }
        Ok(())
    }

    fn write(&self, transaction: &mut Transaction) -> Result<(), InstallError> {
        match self.is_due() {
            true => transaction.write(&self.path, self.wanted.as_deref()),
            false => Ok(()),
        }
    }

    /// Removes the folders that install made, if nobody keeps anything in them. That is all there is left to do,
    /// and no fault if it cannot be done.
    pub(super) fn remove_folders(&self) {
        let made = self.record.made_folder();
        if let Ok(Some(outermost)) = record::read(&made) {
            for folder in self.path.ancestors().skip(1) {
                if fs::remove_dir(folder).is_err() || folder.as_os_str().as_encoded_bytes() == outermost {
                    break;
                }
            }
            fs::remove_file(&made).ok();
        }
        fs::remove_dir(self.record.folder()).ok();
    }
}

/// An attributes file as it would be without cellwise, `None` for no file.
fn attributes_before(record: &Record, now: Option<&[u8]>) -> Result<Option<Vec<u8>>, InstallError> {
    let before = record::read(&record.before())?;
    if record.is_as_left(now)? {
        return Ok(before);
    }
    let rest = now.map(without_block);
    let was_ours_alone = rest.as_ref().is_some_and(Vec::is_empty) && now.is_some_and(has_block);
    Ok(if was_ours_alone && before.is_none() { None } else { rest })
}
