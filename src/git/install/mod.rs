//! Telling git about cellwise, and taking it back.
//!
//! [`Plan::install`] and [`Plan::uninstall`] look at what is there and say what would change; [`Plan::apply`]
//! does it. A dry run is a plan that nobody applies. Nothing tracked is touched: the drivers go to git's
//! configuration, the attributes to `info/attributes`, and what stood there before goes to a small folder
//! beside them (`<git dir>/cellwise`), so that uninstalling restores both files byte for byte if nobody else has changed
//! them, and entry by entry if somebody has.

mod attributes;
mod config;
mod lines;
mod place;
mod plan;
mod record;
mod tool;

use std::io;
use std::path::PathBuf;

use super::command::GitError;
use crate::file::FileError;

pub use attributes::{BLOCK_END, BLOCK_LINE, BLOCK_START};
pub use lines::{CACHE_REF, Cache, DRIVER, DiffCommand, Options};
pub use place::Place;
pub use plan::{Change, Overruled, Plan};
pub use tool::Tool;

/// Why cellwise could not be installed or uninstalled.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// There is no repository to install into.
    #[error("{} is not in a git repository: go into one, or start one with `git init`", .0.display())]
    NoRepository(PathBuf),
    /// The running program's path cannot stand in git's configuration.
    #[error("cannot tell git where cellwise is: {0}. Move the program to a path that is plain text and install again")]
    Tool(String),
    /// git refused.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A folder could not be made, or a file could not be removed.
    #[error("cannot change {}: {source}", path.display())]
    Folder {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl InstallError {
    fn folder(path: &std::path::Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Folder { path: path.to_owned(), source }
    }
}
