//! git's configuration with the origin of each value.

use std::path::Path;

use crate::git::command::{self, GitError};

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// The key, in git's spelling.
    pub(super) key: String,
    /// The value.
    pub(super) value: String,
    /// `system`, `global`, `local`, `worktree` or `command`.
    pub(super) scope: String,
    /// The file, if it stands in one.
    file: Option<String>,
}

impl Entry {
    /// Where it stands: `.git/config (local)`.
    pub(super) fn origin(&self) -> String {
        match &self.file {
            Some(file) => format!("{file} ({})", self.scope),
            None => "git -c, or GIT_CONFIG_* in the environment".to_owned(),
        }
    }

    /// The command that removes it.
    pub(super) fn unset(&self) -> String {
        format!("git config --{} --unset-all {}", self.scope, super::finding::shell_quoted(&self.key))
    }
}

/// All values, in the order in which git reads them.
#[derive(Debug, Clone, Default)]
pub(super) struct Config(Vec<Entry>);

impl Config {
    /// Asks git in `dir`.
    pub(super) fn read(dir: &Path) -> Result<Self, GitError> {
        let list = command::run(dir, ["config", "-z", "--show-scope", "--show-origin", "--list"])?;
        Ok(Self::parse(&list))
    }

    /// Reads `scope NUL origin NUL key LF value NUL`.
    fn parse(list: &[u8]) -> Self {
        let text = String::from_utf8_lossy(list);
        let mut fields = text.split('\0');
        let mut entries = Vec::new();
        while let (Some(scope), Some(origin), Some(entry)) = (fields.next(), fields.next(), fields.next()) {
            let (key, value) = entry.split_once('\n').unwrap_or((entry, "true"));
            entries.push(Entry {
                key: key.to_owned(),
                value: value.to_owned(),
                scope: scope.to_owned(),
                file: origin.strip_prefix("file:").map(str::to_owned),
            });
        }
        Self(entries)
    }

    /// The value of `key` that counts: the last one.
    pub(super) fn get(&self, key: &str) -> Option<&Entry> {
        self.0.iter().rev().find(|entry| entry.key == key)
    }

    /// The value of `key`, if it is true.
    pub(super) fn get_true(&self, key: &str) -> Option<&Entry> {
        self.get(key).filter(|entry| matches!(entry.value.to_ascii_lowercase().as_str(), "true" | "yes" | "on" | "1"))
    }

    /// All of them.
    pub(super) fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_counts_and_says_where_it_stands() {
        let list =
            b"global\0file:/h/.gitconfig\0a.b\n1\0command\0command line:\0c.d\0local\0file:.git/config\0a.b\n2\n3\0";
        let config = Config::parse(list);
        let entry = config.get("a.b").unwrap();
        assert_eq!((entry.value.as_str(), entry.origin().as_str()), ("2\n3", ".git/config (local)"));
        assert!(config.get_true("c.d").unwrap().origin().starts_with("git -c"));
    }
}
