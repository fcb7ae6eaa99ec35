//! An inner failure is an error like any other: the drivers have an answer for it.

use std::panic::{self, AssertUnwindSafe};

/// Runs `work`; a panic in it becomes an error of one line.
pub(super) fn guarded<T>(work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    panic::set_hook(Box::new(|_| {}));
    panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        Err(anyhow::anyhow!(
            "internal error ({}); nothing was changed. Please report it with the notebook, if you can share it",
            said.unwrap_or("no reason given")
        ))
    })
}
