//! A `--` at the end of what was typed.

use std::env;

/// Whether `--` is the last argument: all before it are revisions then, as in `git diff main --`. clap takes it away.
pub(super) fn are_last() -> bool {
    env::args_os().next_back().is_some_and(|last| last == "--")
}
