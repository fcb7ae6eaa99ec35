//! What the checks decide by.

use std::path::{Path, PathBuf};

use super::DoctorError;
use super::config::Config;
use super::notebooks::{self, Tracked};
use crate::git::command;
use crate::git::install::DRIVER;

/// The repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Repository {
    /// The git directory of this work tree.
    pub(super) git_dir: PathBuf,
    /// The one that all work trees share.
    pub(super) common_dir: PathBuf,
    /// The attributes that nobody tracks.
    pub(super) info_attributes: PathBuf,
    /// The folder of the hooks that git runs.
    pub(super) hooks: PathBuf,
    /// The top of the work tree; `None` if it is bare.
    pub(super) top: Option<PathBuf>,
}

impl Repository {
    /// Its top, or its git directory.
    pub(super) fn home(&self) -> &Path {
        self.top.as_ref().unwrap_or(&self.git_dir)
    }

    /// What `git rev-parse` tells about the repository around `dir`.
    fn find(dir: &Path) -> Result<Option<Self>, DoctorError> {
        let ask = |question: &[&str]| {
            let answer = command::rev_parse(dir, &[&["--path-format=absolute"], question].concat())?;
            Ok::<_, DoctorError>(answer.map(command::path))
        };
        let Some(git_dir) = ask(&["--git-dir"])? else {
            return Ok(None);
        };
        let path = |question: &[&str]| Ok::<_, DoctorError>(ask(question)?.unwrap_or_default());
        let top = command::output(dir, &["rev-parse", "--path-format=absolute", "--show-toplevel"])?;
        Ok(Some(Self {
            git_dir,
            common_dir: path(&["--git-common-dir"])?,
            info_attributes: path(&["--git-path", "info/attributes"])?,
            hooks: command::hooks_folder(dir)?.unwrap_or_default(),
            top: top.status.success().then(|| command::path(command::line(top.stdout))),
        }))
    }
}

/// All of it.
#[derive(Debug)]
pub(super) struct Facts {
    /// Where git is run: the top of the work tree, or what the user named.
    pub(super) dir: PathBuf,
    /// git's version, as it tells it.
    pub(super) version: String,
    /// The repository, if there is one.
    pub(super) repository: Option<Repository>,
    /// The configuration.
    pub(super) config: Config,
    /// The notebooks that git tracks.
    pub(super) notebooks: Vec<Tracked>,
    /// A notebook that there might be at the top.
    pub(super) imagined: Tracked,
}

impl Facts {
    /// Asks git in `dir`.
    pub(super) fn gather(dir: &Path, version: String) -> Result<Self, DoctorError> {
        let repository = Repository::find(dir)?;
        let home = repository.as_ref().map_or(dir, |repository| repository.home()).to_owned();
        let top = repository.as_ref().and_then(|repository| repository.top.as_ref());
        let mut found = top.map(|top| notebooks::tracked(top)).transpose()?.unwrap_or_default();
        found.push(Tracked::imagined("any.ipynb"));
        if repository.is_some() {
            notebooks::add_attributes(&home, &mut found)?;
        }
        let imagined = found.pop().unwrap_or_else(|| Tracked::imagined("any.ipynb"));
        Ok(Self { config: Config::read(&home)?, version, dir: home, repository, notebooks: found, imagined })
    }

    /// The notebooks that attributes are looked at of: those that are tracked, or one that there might be.
    pub(super) fn with_attributes(&self) -> impl Iterator<Item = &Tracked> {
        let imagined = self.notebooks.is_empty().then_some(&self.imagined);
        self.notebooks.iter().chain(imagined)
    }

    /// The values that notebooks have for an attribute, each once.
    pub(super) fn values(&self, attribute: &str) -> Vec<&str> {
        let mut values: Vec<&str> =
            self.with_attributes().filter_map(|notebook| notebook.attribute(attribute)).collect();
        values.sort_unstable();
        values.dedup();
        values
    }

    /// The configured value of a key of our driver: `diff`, `textconv`.
    pub(super) fn driver(&self, kind: &str, key: &str) -> Option<&super::config::Entry> {
        self.config.get(&format!("{kind}.{DRIVER}.{key}"))
    }
}

/// git's version, as it tells it: `2.47.3`.
pub(super) fn version(dir: &Path) -> Result<String, DoctorError> {
    let said = String::from_utf8_lossy(&command::run(dir, ["version"])?).into_owned();
    Ok(said.trim().trim_start_matches("git version ").to_owned())
}
