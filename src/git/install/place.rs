//! Where install writes.

use std::path::{self, Path, PathBuf};

use super::InstallError;
use super::config::ConfigFile;
use crate::git::command;

/// The files of one scope. Only this repository for now; the user's and the system's are other values of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    dir: PathBuf,
    scope: &'static str,
    /// git's configuration file.
    pub config: PathBuf,
    /// git's attributes file.
    pub attributes: PathBuf,
    /// Where the earlier state of both is kept.
    pub record: PathBuf,
}

impl Place {
    /// The repository around `dir`: the files of its common directory, so that all linked worktrees share them.
    ///
    /// # Errors
    /// There is no repository, or git does not want to read it.
    pub fn repository(dir: &Path) -> Result<Self, InstallError> {
        let common = git_path(dir, &["--git-common-dir"])?;
        Ok(Self {
            dir: dir.to_owned(),
            scope: "--local",
            config: common.join("config"),
            attributes: git_path(dir, &["--git-path", "info/attributes"])?,
            record: common.join("cellwise"),
        })
    }

    /// The scope's name as git's options spell it, without the dashes.
    #[must_use]
    pub fn scope(&self) -> &'static str {
        self.scope.trim_start_matches('-')
    }

    /// The directory that git runs in.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn config_file(&self) -> ConfigFile {
        ConfigFile::of_scope(&self.dir, self.scope, &self.config)
    }
}

fn git_path(dir: &Path, question: &[&str]) -> Result<PathBuf, InstallError> {
    let questions = [&["--path-format=absolute"], question].concat();
    match command::rev_parse(dir, &questions)? {
        Some(path) => Ok(command::path(path)),
        None => Err(InstallError::NoRepository(path::absolute(dir).unwrap_or_else(|_| dir.to_owned()))),
    }
}
