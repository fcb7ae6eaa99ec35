//! Where a project's configuration lies: `cellwise.toml` or `pyproject.toml` in the folder nearest to a notebook.
//!
//! The search goes upwards and ends at the top of the work tree, the folder with `.git` (or `.jj`, `.hg`, `.sl`), or, for a
//! file that somebody typed, the one that `GIT_WORK_TREE`, or `core.worktree` of the repository at `GIT_DIR`, names: a file
//! above it is of something else, and for a file that somebody typed outside of any work tree none counts. Nothing here
//! fails, and without such a file it costs a few looks at folders.

use std::env;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

use super::command;
use crate::config::{Config, Dialect, Fault, Problem};
use crate::file::reason;

/// A longer file is no configuration.
const LONGEST: u64 = 1 << 20;

/// A configuration file that speaks of cellwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFile {
    /// The file.
    pub path: PathBuf,
    /// What is configured in it; the defaults where it could not be read.
    pub config: Config,
    /// What is wrong in it, by line.
    pub problems: Vec<Problem>,
}

impl ConfigFile {
    /// What another version of this file configures; `None` if that, too, holds a mistake.
    #[must_use]
    pub fn version(&self, text: &[u8]) -> Option<Config> {
        let dialect = Dialect::ALL.iter().find(|dialect| self.path.ends_with(dialect.file_name()))?;
        let (config, problems) = Config::parse(&String::from_utf8_lossy(text), *dialect)?;
        (!problems.iter().any(Problem::is_mistake)).then_some(config)
    }
}

/// The configuration for a file, from its folder upwards.
#[must_use]
pub fn config_for(file: &Path) -> Option<ConfigFile> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = fs::canonicalize(folder).ok()?;
    // Where the variable says so (dotfiles), the top has no `.git`.
    let named = env::var_os("GIT_WORK_TREE").and_then(|top| fs::canonicalize(top).ok());
    let top = folder.ancestors().find(|above| is_top(above) || named.as_deref() == Some(*above)).map(Path::to_owned);
    let top = top.or_else(|| top_of_git_dir().filter(|top| folder.starts_with(top)))?;
    let found = nearest(&folder, |above| above == top)?;
    // As people would type it from here.
    let typed = env::current_dir().ok().and_then(|here| found.path.strip_prefix(here).ok().map(Path::to_owned));
    Some(ConfigFile { path: typed.unwrap_or(found.path), ..found })
}

/// The work tree of the repository at `GIT_DIR`, which git alone knows.
fn top_of_git_dir() -> Option<PathBuf> {
    env::var_os("GIT_DIR")?;
    let top = command::rev_parse(Path::new(""), &["--show-toplevel"]).ok()??;
    fs::canonicalize(command::path(top)).ok()
}

/// The configuration for a path of git's, whose drivers run at the top of the work tree. The file itself may be
/// nowhere yet.
#[must_use]
pub fn config_for_tracked(path: &Path) -> Option<ConfigFile> {
    nearest(path.parent()?, is_top)
}

/// The nearest file from `folder` upwards to the top.
fn nearest(folder: &Path, is_top: impl Fn(&Path) -> bool) -> Option<ConfigFile> {
    for folder in folder.ancestors() {
        let found = Dialect::ALL.iter().find_map(|dialect| open(folder, *dialect));
        if found.is_some() || is_top(folder) {
            return found;
        }
    }
    None
}

/// Whether a work tree begins in `folder`: git's, or one of the other tools that call cellwise.
fn is_top(folder: &Path) -> bool {
    [".git", ".jj", ".hg", ".sl"].iter().any(|name| folder.join(name).exists())
}

/// The file in `folder`, if it is there and speaks of cellwise.
fn open(folder: &Path, dialect: Dialect) -> Option<ConfigFile> {
    let path = folder.join(dialect.file_name());
    // A folder of that name is no configuration, and a pipe would make us wait.
    let length = fs::metadata(&path).ok().filter(Metadata::is_file)?.len();
    let text = match length {
        ..=LONGEST => fs::read(&path).map_err(|error| reason(&error)),
        _ => Err("it is larger than 1 MiB".to_owned()),
    };
    let (config, problems) = match text {
        Ok(text) => Config::parse(&String::from_utf8_lossy(&text), dialect)?,
        // It may well be of others, and then counts as little as one that says nothing of cellwise.
        Err(_) if dialect == Dialect::Pyproject => return None,
        Err(why) => (Config::default(), vec![Problem { line: None, fault: Fault::Unreadable(why) }]),
    };
    Some(ConfigFile { path, config, problems })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    /// The file that counts for `a/b/n.ipynb`, relative to the top.
    fn found(files: &[(&str, &str)]) -> Option<PathBuf> {
        let folder = folder(files);
        fs::create_dir_all(folder.path().join("a/b")).unwrap();
        let top = folder.path().canonicalize().unwrap();
        let found = config_for(&folder.path().join("a/../a/b/n.ipynb"))?;
        Some(found.path.strip_prefix(top).unwrap().to_owned())
    }

    #[test]
    fn the_nearest_file_counts() {
        let own = "[tool.cellwise]\n";
        let top = (".git/HEAD", "");
        assert_eq!(found(&[top, ("cellwise.toml", ""), ("a/cellwise.toml", "")]), Some("a/cellwise.toml".into()));
        assert_eq!(
            found(&[top, ("cellwise.toml", ""), ("a/b/pyproject.toml", own)]),
            Some("a/b/pyproject.toml".into())
        );
        assert_eq!(found(&[top, ("a/cellwise.toml", ""), ("a/pyproject.toml", own)]), Some("a/cellwise.toml".into()));
        assert_eq!(found(&[top, ("cellwise.toml", ""), ("a/pyproject.toml", "")]), Some("cellwise.toml".into()));
        assert_eq!(found(&[top, ("cellwise.toml/x", ""), ("pyproject.toml", own)]), Some("pyproject.toml".into()));
    }

    #[test]
    fn nothing_above_the_top_counts() {
        assert_eq!(found(&[("a/.git", "gitdir: x"), ("cellwise.toml", "")]), None);
        assert_eq!(found(&[("a/.git/HEAD", ""), ("a/cellwise.toml", "")]), Some("a/cellwise.toml".into()));
        assert_eq!(found(&[("a/.hg/x", ""), ("cellwise.toml", "")]), None);
        assert_eq!(found(&[("cellwise.toml", ""), ("a/cellwise.toml", "")]), None, "no work tree");
    }

    #[test]
    fn a_folder_that_is_not_there_has_those_above_it() {
        let folder = folder(&[("cellwise.toml", "[merge]\ninsert = 'union'\n")]);
        let found = config_for_tracked(&folder.path().join("no/such/n.ipynb")).unwrap();
        assert_eq!((found.path, found.problems), (folder.path().join("cellwise.toml"), Vec::new()));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let long = "#".repeat(1 << 20) + "\n";
        let folder = folder(&[("cellwise.toml", &long), (".git/HEAD", "")]);
        let problems = config_for(&folder.path().join("n")).unwrap().problems;
        assert_eq!(problems[0].to_string(), "it is larger than 1 MiB");
        fs::write(folder.path().join("cellwise.toml"), b"# \xff\n[merge]\ninsert = 'union'\n").unwrap();
        assert_eq!(config_for(&folder.path().join("n")).unwrap().problems, []);
    }

    #[test]
    fn a_pyproject_that_cannot_be_read_does_not_count() {
        let long = "[tool.cellwise]\n".to_owned() + &"#".repeat(1 << 20);
        assert_eq!(found(&[(".git/HEAD", ""), ("a/pyproject.toml", &long)]), None);
        let upper = [(".git/HEAD", ""), ("cellwise.toml", ""), ("a/pyproject.toml", &long)];
        assert_eq!(found(&upper), Some("cellwise.toml".into()));
    }
}
