//! What git stores of a file of the work tree, asked where it matters.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use git2::{AttrCheckFlags, AttrValue};

use super::FILTER;
use crate::git::{command, revisions};

/// The repository of the current folder, for the drivers: git runs them at the top of the work tree.
///
/// libgit2 answers, since to start git takes longer than all else, and git where libgit2 cannot. Where neither has an
/// answer there is none to give.
pub struct Stored {
    libgit2: Option<git2::Repository>,
}

impl Stored {
    /// Finds the repository.
    #[must_use]
    pub fn here() -> Self {
        let asks_git = revisions::environment_says_more();
        Self { libgit2: if asks_git { None } else { git2::Repository::discover(".").ok() } }
    }

    /// Whether the attribute `filter` of `path`, from the top of the work tree, names this filter.
    #[must_use]
    pub fn is_filtered(&self, path: &Path) -> bool {
        let flags = AttrCheckFlags::FILE_THEN_INDEX;
        let found = self.libgit2.as_ref().and_then(|repository| repository.get_attr_bytes(path, "filter", flags).ok());
        match found {
            Some(value) => AttrValue::from_bytes(value) == AttrValue::String(FILTER),
            None => is_filtered_by_git(path),
        }
    }

    /// The staged content of `path`, from the top of the work tree.
    #[must_use]
    pub fn staged(&self, path: &Path) -> Option<Vec<u8>> {
        let index = self.libgit2.as_ref().and_then(|repository| repository.index().ok());
        let entry = index.and_then(|index| index.get_path(path, 0));
        match entry {
            Some(entry) => self.blob(&entry.id.to_string()),
            None => blob_by_git(&[OsStr::new(":0:"), path.as_os_str()].into_iter().collect::<OsString>()),
        }
    }

    /// The content of `path`, from the top of the work tree, in the last commit.
    #[must_use]
    pub fn committed(path: &Path) -> Option<Vec<u8>> {
        blob_by_git(&[OsStr::new("HEAD:"), path.as_os_str()].into_iter().collect::<OsString>())
    }

    /// The content of the blob with this id.
    #[must_use]
    pub fn blob(&self, id: &str) -> Option<Vec<u8>> {
        let find = |repository: &git2::Repository| {
            let blob = repository.find_blob(git2::Oid::from_str(id).ok()?).ok()?;
            Some(blob.content().to_vec())
        };
        self.libgit2.as_ref().and_then(find).or_else(|| blob_by_git(OsStr::new(id)))
    }
}

fn is_filtered_by_git(path: &Path) -> bool {
    let args = ["check-attr".into(), "-z".into(), "filter".into(), "--".into(), path.as_os_str().to_owned()];
    let told = command::run::<OsString>(Path::new(""), args).unwrap_or_default();
    // The path, the attribute and its value, each with a NUL behind it.
    told.split(|byte| *byte == 0).nth(2) == Some(FILTER.as_bytes())
}

/// The content of a blob by any name that git knows.
fn blob_by_git(name: &OsStr) -> Option<Vec<u8>> {
    command::run(Path::new(""), [OsStr::new("cat-file"), OsStr::new("blob"), name]).ok()
}
