//! What git stores of a file of the work tree, asked where it matters.
//!
//! git runs textconv and the diff command at the top of the work tree, so the questions go to the repository of the
//! current folder. Where it has no answer there is none to give.

use std::ffi::OsString;
use std::path::Path;

use super::FILTER;
use crate::git::command;

/// Whether the attribute `filter` of `path`, from the top of the work tree, names this filter.
#[must_use]
pub fn is_on(path: &Path) -> bool {
    let args = ["check-attr".into(), "-z".into(), "filter".into(), "--".into(), path.as_os_str().to_owned()];
    let told = command::run::<OsString>(Path::new(""), args).unwrap_or_default();
    // The path, the attribute and its value, each with a NUL behind it.
    told.split(|byte| *byte == 0).nth(2) == Some(FILTER.as_bytes())
}

/// The staged content of `path`, from the top of the work tree.
#[must_use]
pub fn staged(path: &Path) -> Option<Vec<u8>> {
    let mut name = OsString::from(":0:");
    name.push(path);
    blob(name)
}

/// The content of a blob, by its id or another name that git knows.
#[must_use]
pub fn blob(name: OsString) -> Option<Vec<u8>> {
    command::run::<OsString>(Path::new(""), ["cat-file".into(), "blob".into(), name]).ok()
}
