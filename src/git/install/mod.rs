//! Telling git about cellwise, and taking it back.
//!
//! [`Plan::install`] and [`Plan::uninstall`] look at what is there and say what would change; [`Plan::apply`]
//! does all of it or nothing. A dry run is a plan that nobody applies. A [`Place`] says which files: those of a
//! repository, of the user or of the system. The drivers go to git's configuration, the attributes to a file that
//! nobody tracks, and what stood there before goes to a small folder beside them, so that uninstalling restores
//! every file ([`FilePlan`]) byte for byte if nobody else has changed it, and entry by entry if somebody has.

mod attributes;
mod block;
mod config;
mod file_plan;
mod filter;
mod guard;
mod lines;
mod options;
mod others;
mod place;
mod plan;
mod record;
mod tool;
mod transaction;

use std::io;
use std::path::{Path, PathBuf};

use super::command::GitError;
use crate::file::FileError;

pub use attributes::{BLOCK_LINE, BLOCK_LINE_FILTERED, block_line};
pub use block::{BLOCK_END, BLOCK_START};
pub use file_plan::FilePlan;
pub use filter::FILTER;
pub use guard::{ByHand, Event, GuardPlan, Hook, Why};
pub use lines::{CACHE_REF, DRIVER};
pub use options::{Asked, Cache, DiffCommand, Filter, Guard, Options, Program, Share};
pub use others::{InForce, Overruled};
pub use place::{Place, Scope, WorkTree};
pub use plan::{Change, Plan};
pub use tool::Tool;

pub(super) use guard::{holds_block, is_recorded, takes_configured_hooks};
pub(super) use place::RECORD_FOLDER;

/// Whether `value` looks as install writes it for `key`, by any version and for any program.
pub(super) fn is_ours(key: &str, value: &str) -> bool {
    lines::looks_ours(&config::Values::last([(key.to_owned(), value.to_owned())]), key)
}

/// What a plan is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aim {
    Install,
    Uninstall,
}

/// Why cellwise could not be installed or uninstalled.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// There is no repository to install into.
    #[error(
        "{} is not in a git repository: go into one, start one with `git init`, or use --global for all of yours",
        .0.display()
    )]
    NoRepository(PathBuf),
    /// A bare repository has no tracked files to share the attributes in.
    #[error("there is no work tree here whose .gitattributes could hold the lines: leave out --share")]
    NoWorkTree,
    /// git does not read a `.gitattributes` that is a symbolic link.
    #[error("{} is a symbolic link, which git does not read: put a file there", .0.display())]
    Linked(PathBuf),
    /// `/dev/null` and the like keep nothing.
    #[error("{} is not a file that could hold the lines{}", .0.display(), named_by(.0))]
    NoFile(PathBuf),
    /// Nothing is committed where there is no work tree.
    #[error("there is no work tree here in which anything is committed: leave out --guard")]
    NothingToGuard,
    /// Before 2.54 hooks are files of each repository.
    #[error(
        "this git takes no hooks for more than one repository (it does since version 2.54): use --guard in each repository"
    )]
    NoConfiguredHooks,
    /// There is no home folder.
    #[error("HOME is not set, so git has no file for --global")]
    NoHome,
    /// git does not tell where the system's files are.
    #[error(
        "git does not say where its {0} is (it does since version 2.42, unless GIT_CONFIG_NOSYSTEM or GIT_ATTR_NOSYSTEM \
         is set): update git, or use --global"
    )]
    NoSystemFiles(String),
    /// The running program's path cannot stand in git's configuration.
    #[error("cannot tell git where cellwise is: {0}. Move the program to a path that is plain text and install again")]
    Tool(String),
    /// git, or another cellwise, is writing the configuration.
    #[error(
        "could not lock the configuration: {} exists. Wait for the git that is at work, or remove the file if there is none",
        .0.display()
    )]
    Locked(PathBuf),
    /// A file was written while this was at work.
    #[error("{} has just been changed by somebody else: nothing was written, try again", .0.display())]
    Changed(PathBuf),
    /// git refused.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A folder could not be made, or a file could not be locked or removed. It says the system's reason itself.
    #[error("cannot change {}: {}", path.display(), crate::file::reason(error))]
    Folder {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

/// The variable that has led to `path`.
fn named_by(path: &Path) -> &'static str {
    let is_named = std::env::var_os("GIT_CONFIG_GLOBAL").is_some_and(|name| Path::new(&name) == path);
    if is_named { ": GIT_CONFIG_GLOBAL names it" } else { "" }
}

impl InstallError {
    fn folder(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Folder { path: path.to_owned(), error }
    }
}
