//! Where install writes.

use std::env;
use std::path::{self, Path, PathBuf};

use super::InstallError;
use super::record::Record;
use crate::git::command;

/// The folder in a git directory that keeps what stood there before install.
pub(in crate::git) const RECORD_FOLDER: &str = "cellwise";

/// Whom an installation is for, in git's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One repository with all its work trees.
    Local,
    /// All repositories of the user.
    Global,
    /// All repositories on the machine.
    System,
}

impl Scope {
    /// The name, as git's options spell it without the dashes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Global => "global",
            Self::System => "system",
        }
    }
}

/// The files of one scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    dir: PathBuf,
    /// Whom they are for.
    pub scope: Scope,
    /// git's configuration file.
    pub config: PathBuf,
    /// git's attributes file.
    pub attributes: PathBuf,
    /// Where the earlier state of both is kept.
    pub record: PathBuf,
    /// The work tree, if the scope is a repository that has one.
    pub work_tree: Option<WorkTree>,
}

/// One work tree of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkTree {
    /// Its top.
    pub top: PathBuf,
    /// Where the earlier state of its `.gitattributes` is kept: each linked work tree has its own.
    record: PathBuf,
}

impl WorkTree {
    /// The attributes file that the team shares.
    #[must_use]
    pub fn attributes(&self) -> PathBuf {
        self.top.join(".gitattributes")
    }

    pub(super) fn record(&self) -> Record {
        Record::new(&self.record, "shared")
    }
}

impl Place {
    /// The files of `scope`, seen from `dir`.
    ///
    /// # Errors
    /// There is no repository, git does not want to read it, or does not say where its files are.
    pub fn of(scope: Scope, dir: &Path) -> Result<Self, InstallError> {
        match scope {
            Scope::Local => Self::repository(dir),
            Scope::Global => Self::user(dir),
            Scope::System => Self::system(dir),
        }
    }

    /// The repository around `dir`: the files of its common directory, so that all linked worktrees share them.
    fn repository(dir: &Path) -> Result<Self, InstallError> {
        let common = git_path(dir, &["--git-common-dir"])?;
        Ok(Self {
            dir: dir.to_owned(),
            scope: Scope::Local,
            config: common.join("config"),
            attributes: git_path(dir, &["--git-path", "info/attributes"])?,
            record: common.join(RECORD_FOLDER),
            work_tree: work_tree(dir)?,
        })
    }

    /// The user's files, those that git itself would write and read.
    fn user(dir: &Path) -> Result<Self, InstallError> {
        let config = user_config(dir)?;
        let attributes = match attributes_file(dir)? {
            Some(path) => path,
            None => xdg_folder().ok_or(InstallError::NoHome)?.join("attributes"),
        };
        Ok(Self::outside(dir, Scope::Global, config, attributes))
    }

    /// The files of git itself. It says where they are since version 2.42.
    fn system(dir: &Path) -> Result<Self, InstallError> {
        let ask = |name: &str| match command::run(dir, ["var", name]) {
            Ok(path) => Ok(command::path(command::line(path))),
            Err(_) => Err(InstallError::NoSystemFiles(name.to_owned())),
        };
        Ok(Self::outside(dir, Scope::System, ask("GIT_CONFIG_SYSTEM")?, ask("GIT_ATTR_SYSTEM")?))
    }

    fn outside(dir: &Path, scope: Scope, config: PathBuf, attributes: PathBuf) -> Self {
        let mut record = config.clone().into_os_string();
        record.push(".cellwise");
        Self { dir: dir.to_owned(), scope, config, attributes, record: record.into(), work_tree: None }
    }

    /// The directory that git runs in.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn config_record(&self) -> Record {
        Record::new(&self.record, "config")
    }

    pub(super) fn attributes_record(&self) -> Record {
        Record::new(&self.record, "attributes")
    }
}

/// None in a bare repository, and in the git directory.
fn work_tree(dir: &Path) -> Result<Option<WorkTree>, InstallError> {
    let top = command::output(dir, &["rev-parse", "--path-format=absolute", "--show-toplevel"])?;
    if !top.status.success() {
        return Ok(None);
    }
    let record = git_path(dir, &["--git-dir"])?.join(RECORD_FOLDER);
    Ok(Some(WorkTree { top: command::path(command::line(top.stdout)), record }))
}

pub(super) fn git_path(dir: &Path, question: &[&str]) -> Result<PathBuf, InstallError> {
    let questions = [&["--path-format=absolute"], question].concat();
    match command::rev_parse(dir, &questions)? {
        Some(path) => Ok(command::path(path)),
        None => Err(InstallError::NoRepository(path::absolute(dir).unwrap_or_else(|_| dir.to_owned()))),
    }
}

/// The file that `git config --global` writes: `$GIT_CONFIG_GLOBAL` (which git knows since 2.32), else
/// `~/.gitconfig`, else the one of the XDG folder if only that is there.
fn user_config(dir: &Path) -> Result<PathBuf, InstallError> {
    let named = env::var_os("GIT_CONFIG_GLOBAL").filter(|name| !name.is_empty());
    if let Some(named) = named
        && knows_config_global(dir)?
    {
        return Ok(path::absolute(dir.join(&named)).unwrap_or_else(|_| named.into()));
    }
    let home = home().ok_or(InstallError::NoHome)?.join(".gitconfig");
    let other = xdg_folder().map(|folder| folder.join("config")).filter(|path| path.exists());
    Ok(other.filter(|_| !home.exists()).unwrap_or(home))
}

fn knows_config_global(dir: &Path) -> Result<bool, InstallError> {
    Ok(command::version(dir)? >= (2, 32))
}

/// The attributes file that the user or the system has named. Not what the repository around `dir` says: that
/// would be another one elsewhere.
fn attributes_file(dir: &Path) -> Result<Option<PathBuf>, InstallError> {
    for scope in ["--global", "--system"] {
        let args = ["config", scope, "--includes", "--type=path", "--get", "core.attributesFile"];
        let output = command::output(dir, &args)?;
        let path = command::line(output.stdout);
        if output.status.success() && !path.is_empty() {
            return Ok(Some(command::path(path)));
        }
    }
    Ok(None)
}

/// The folder of git's files that are not in the home folder itself.
fn xdg_folder() -> Option<PathBuf> {
    let named = env::var_os("XDG_CONFIG_HOME").filter(|name| !name.is_empty()).map(PathBuf::from);
    Some(named.or_else(|| Some(home()?.join(".config")))?.join("git"))
}

fn home() -> Option<PathBuf> {
    env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from)
}
