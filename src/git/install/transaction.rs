//! Writing several files so that all are written or none.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::{InstallError, record};

/// git's lock on a configuration file, held until it is dropped. git and we wait for nobody: who comes second fails.
#[derive(Debug)]
pub(super) struct Lock(PathBuf);

impl Lock {
    /// Locks `config` as git does: by a file beside it, behind symbolic links.
    pub(super) fn take(config: &Path) -> Result<Self, InstallError> {
        let target = config.canonicalize().unwrap_or_else(|_| config.to_owned());
        let mut name = target.into_os_string();
        name.push(".lock");
        let path = PathBuf::from(name);
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(_) => Ok(Self(path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(InstallError::Locked(path)),
            Err(error) => Err(InstallError::folder(config)(error)),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // If it cannot be removed, git says so to the next one, with the file's name.
        fs::remove_file(&self.0).ok();
    }
}

/// What has been done so far, to be taken back in reverse.
#[derive(Debug, Default)]
pub(super) struct Transaction(Vec<Done>);

#[derive(Debug)]
enum Done {
    Wrote { path: PathBuf, old: Option<Vec<u8>> },
    Made(PathBuf),
}

impl Transaction {
    /// Takes all steps, or none: if one fails, what the others did is taken back.
    pub(super) fn run(steps: impl FnOnce(&mut Self) -> Result<(), InstallError>) -> Result<(), InstallError> {
        let mut transaction = Self::default();
        let result = steps(&mut transaction);
        if result.is_err() {
            transaction.take_back();
        }
        result
    }

    /// Gives a file these bytes, or removes it.
    pub(super) fn write(&mut self, path: &Path, bytes: Option<&[u8]>) -> Result<(), InstallError> {
        let old = record::read(path)?;
        if old.as_deref() == bytes {
            return Ok(());
        }
        record::write(path, bytes)?;
        self.0.push(Done::Wrote { path: path.to_owned(), old });
        Ok(())
    }

    /// Makes a folder and those around it, and says which was the outermost that was not there.
    pub(super) fn make_folder(&mut self, folder: &Path) -> Result<Option<PathBuf>, InstallError> {
        let missing: Vec<&Path> = folder.ancestors().take_while(|folder| !folder.exists()).collect();
        for folder in missing.iter().rev() {
            fs::create_dir(folder).map_err(InstallError::folder(folder))?;
            self.0.push(Done::Made(folder.to_path_buf()));
        }
        Ok(missing.last().map(|folder| folder.to_path_buf()))
    }

    /// Makes a folder that is closed to others.
    pub(super) fn make_private_folder(&mut self, folder: &Path) -> Result<(), InstallError> {
        if folder.is_dir() {
            return Ok(());
        }
        private_builder().create(folder).map_err(InstallError::folder(folder))?;
        self.0.push(Done::Made(folder.to_owned()));
        Ok(())
    }

    /// What cannot be taken back is left: the error that led here is what the user hears.
    fn take_back(self) {
        for done in self.0.into_iter().rev() {
            match done {
                Done::Wrote { path, old } => record::write(&path, old.as_deref()).ok(),
                Done::Made(folder) => fs::remove_dir(folder).ok(),
            };
        }
    }
}

fn private_builder() -> fs::DirBuilder {
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        let mut builder = fs::DirBuilder::new();
        builder.mode(0o700);
        builder
    }
    #[cfg(not(unix))]
    fs::DirBuilder::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_takes_all_back() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("old"), "old").unwrap();
        fs::write(at("gone"), "gone").unwrap();
        let result = Transaction::run(|transaction| {
            transaction.write(&at("old"), Some(b"new"))?;
            transaction.write(&at("gone"), None)?;
            transaction.make_folder(&at("a/b"))?;
            transaction.write(&at("a/b/new"), Some(b"new"))?;
            transaction.make_private_folder(&at("old"))
        });
        assert!(result.is_err());
        assert_eq!(fs::read(at("old")).unwrap(), b"old");
        assert_eq!(fs::read(at("gone")).unwrap(), b"gone");
        assert!(!at("a").exists());
    }

    #[test]
    fn a_lock_keeps_others_out_and_goes_away() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("config");
        let lock = Lock::take(&config).unwrap();
        assert!(matches!(Lock::take(&config), Err(InstallError::Locked(_))));
        drop(lock);
        assert!(Lock::take(&config).is_ok());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
