//! The folder that a comparison is limited to: git's `--relative`.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::git::command;

/// A folder, by its path from the top of the work tree; by default the top itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder at `path`, which counts from the top wherever git is run.
    #[must_use]
    pub fn named(path: &OsStr) -> Self {
        Self(path.into())
    }

    /// Whether it holds everything.
    pub(super) fn is_top(&self) -> bool {
        self.0.as_os_str().is_empty()
    }

    /// The option that makes git keep to it. Without a slash at its end git would take `sub` for `subject.ipynb` too, and
    /// leave no telling which folder a path is from.
    pub(super) fn option(&self) -> OsString {
        if self.is_top() {
            return "--no-relative".into();
        }
        let mut option = OsString::from("--relative=");
        match cfg!(windows) {
            true => option.push(self.0.to_string_lossy().replace('\\', "/")),
            false => option.push(&self.0),
        }
        if !option.as_encoded_bytes().ends_with(b"/") {
            option.push("/");
        }
        option
    }

    /// A path that git has told, from the top.
    pub(super) fn whole(&self, told: &[u8]) -> PathBuf {
        self.0.join(command::path(told.to_vec()))
    }

    /// A path from the top as it is shown.
    pub(super) fn shown<'p>(&self, path: &'p Path) -> &'p Path {
        path.strip_prefix(&self.0).unwrap_or(path)
    }
}
