//! Reading and writing git's configuration through `git config`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::git::command::{self, GitError};

/// The entries of one configuration file, in its order, with the keys in git's spelling (lower case but for
/// the subsection).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Values(Vec<(String, String)>);

impl Values {
    /// All values of `key`.
    pub(super) fn get(&self, key: &str) -> Vec<String> {
        let found = self.0.iter().filter(|(name, _)| name == key);
        found.map(|(_, value)| value.clone()).collect()
    }

    /// Reads what `git config -z --list` prints: `key LF value NUL`, without the LF for a bare key.
    fn parse(list: &[u8]) -> Self {
        let entries = list.split(|&byte| byte == 0).filter(|entry| !entry.is_empty());
        let text = entries.map(|entry| String::from_utf8_lossy(entry).into_owned());
        let pair = |entry: String| match entry.split_once('\n') {
            Some((key, value)) => (key.to_owned(), value.to_owned()),
            None => (entry, "true".to_owned()),
        };
        Self(text.map(pair).collect())
    }
}

/// One configuration file, named by a scope or by its path.
#[derive(Debug)]
pub(super) struct ConfigFile {
    dir: PathBuf,
    selector: Vec<OsString>,
    path: PathBuf,
}

impl ConfigFile {
    /// The file of a scope (`--local`), as git finds it from `dir`; it lies at `path`.
    pub(super) fn of_scope(dir: &Path, scope: &str, path: &Path) -> Self {
        Self { dir: dir.to_owned(), selector: vec![scope.into()], path: path.to_owned() }
    }

    /// Any file.
    pub(super) fn at(path: &Path) -> Self {
        Self { dir: PathBuf::new(), selector: vec!["--file".into(), path.into()], path: path.to_owned() }
    }

    /// Its entries, without those of included files; none if there is no such file.
    pub(super) fn values(&self) -> Result<Values, GitError> {
        if !self.path.exists() {
            return Ok(Values::default());
        }
        self.git(["--no-includes", "-z", "--list"]).map(|list| Values::parse(&list))
    }

    /// Makes `values` the values of `key`; none takes the key away, and its section if that is empty then.
    pub(super) fn put(&self, key: &str, values: &[String]) -> Result<(), GitError> {
        if let [only] = values {
            return self.git(["--replace-all", key, only]).map(drop);
        }
        if !self.values()?.get(key).is_empty() {
            self.git(["--unset-all", key])?;
        }
        for value in values {
            self.git(["--add", key, value])?;
        }
        Ok(())
    }

    fn git<const N: usize>(&self, args: [&str; N]) -> Result<Vec<u8>, GitError> {
        let mut all: Vec<OsString> = vec!["config".into()];
        all.extend(self.selector.iter().cloned());
        all.extend(args.map(OsString::from));
        command::run(&self.dir, all)
    }
}
