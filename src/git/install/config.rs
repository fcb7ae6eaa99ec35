//! Reading and changing git's configuration through `git config`.

use std::fs;
use std::path::Path;

use super::InstallError;
use super::record;
use crate::git::command::{self, GitError};

/// The entries of one configuration file, in its order, with the keys in git's spelling (lower case but for
/// the subsection).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Values(Vec<(String, String)>);

impl Values {
    /// The entries of the file at `path`, without those of included files; none if there is no such file.
    pub(super) fn read(path: &Path) -> Result<Self, InstallError> {
        if !path.exists() {
            return Ok(Self::default());
        }
        Ok(Self::parse(&git(path, &["--no-includes", "-z", "--list"])?))
    }

    /// Of `entries` in the order in which git reads them the last one for each key.
    pub(super) fn last(entries: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut last: Vec<(String, String)> = Vec::new();
        for (key, value) in entries {
            last.retain(|(earlier, _)| *earlier != key);
            last.push((key, value));
        }
        Self(last)
    }

    /// All values of `key`.
    pub(super) fn get(&self, key: &str) -> Vec<String> {
        let found = self.0.iter().filter(|(name, _)| name == key);
        found.map(|(_, value)| value.clone()).collect()
    }

    /// Whether the last value of `key` is true, as git reads it.
    pub(super) fn is_true(&self, key: &str) -> bool {
        let values = self.get(key);
        values.last().is_some_and(|value| match value.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" => true,
            other => other.parse::<i64>().is_ok_and(|number| number != 0),
        })
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

/// What a configuration file holds once every key of `edits` has just these values; none takes a key away, and its
/// section if that is empty then. git edits a copy that only the user can read: it may hold credentials.
pub(super) fn edited(bytes: Option<&[u8]>, edits: &[(&str, &[String])]) -> Result<Option<Vec<u8>>, InstallError> {
    if edits.is_empty() {
        return Ok(bytes.map(<[u8]>::to_vec));
    }
    let folder = private_folder().map_err(InstallError::folder(&std::env::temp_dir()))?;
    let copy = folder.path().join("config");
    if let Some(bytes) = bytes {
        fs::write(&copy, bytes).map_err(InstallError::folder(&copy))?;
    }
    let values = Values::read(&copy)?;
    for (key, wanted) in edits {
        put(&copy, key, &values.get(key), wanted)?;
    }
    record::read(&copy)
}

fn put(file: &Path, key: &str, now: &[String], wanted: &[String]) -> Result<(), GitError> {
    if let [only] = wanted {
        return git(file, &["--replace-all", key, only]).map(drop);
    }
    if !now.is_empty() {
        git(file, &["--unset-all", key])?;
    }
    for value in wanted {
        git(file, &["--add", key, value])?;
    }
    Ok(())
}

fn git(file: &Path, args: &[&str]) -> Result<Vec<u8>, GitError> {
    let file = file.as_os_str();
    let args = args.iter().map(AsRef::as_ref);
    command::run(Path::new(""), ["config".as_ref(), "--file".as_ref(), file].into_iter().chain(args))
}

fn private_folder() -> std::io::Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("cellwise-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o700));
    }
    builder.tempdir()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: Option<&str>, edits: &[(&str, &[&str])]) -> Option<String> {
        let owned: Vec<(&str, Vec<String>)> =
            edits.iter().map(|(key, values)| (*key, values.iter().map(ToString::to_string).collect())).collect();
        let edits: Vec<(&str, &[String])> = owned.iter().map(|(key, values)| (*key, values.as_slice())).collect();
        let bytes = edited(bytes.map(str::as_bytes), &edits).unwrap();
        bytes.map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn git_edits_a_copy() {
        assert_eq!(text(None, &[]), None);
        assert_eq!(text(None, &[("a.b", &["1"])]).unwrap(), "[a]\n\tb = 1\n");
        assert_eq!(
            text(Some("[a]\n\tb = 1\n\tb = 2\n; kept\n[e]\n\tf = g\n[c]\n\td = e\n"), &[("c.d", &[])]).unwrap(),
            "[a]\n\tb = 1\n\tb = 2\n; kept\n[e]\n\tf = g\n"
        );
        assert_eq!(text(Some("[a]\n\tb = 1\n"), &[("a.b", &["2", "3"])]).unwrap(), "[a]\n\tb = 2\n\tb = 3\n");
    }

    #[test]
    fn a_file_that_git_cannot_read_is_an_error() {
        let error = edited(Some(b"[a\n"), &[("a.b", &[])]).unwrap_err().to_string();
        assert!(error.contains("bad config line 1"), "{error}");
    }
}
