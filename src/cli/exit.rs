//! How the command ends.

use std::process::ExitCode;

/// The exit codes of every subcommand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done, or nothing found.
    Done = 0,
    /// Found what was looked for: differences, conflicts, faults.
    Found = 1,
    /// The command line made no sense.
    Usage = 2,
    /// Not possible. Above 128, so that git does not take a driver's failure for a conflict.
    Failure = 129,
    /// Ctrl-C, where that is no failure: as a shell tells it.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
