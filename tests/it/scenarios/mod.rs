//! The scenarios that real git leads us into, from one end to the other. A test of one bears its number, here or
//! in the module of what it is about: `cargo test --test it scenario_13` runs all of one.
//!
//! | | | tests in |
//! | --- | --- | --- |
//! | 01 | each command of git shows what it should | `git_diff`, `git_diff_ways`, here |
//! | 02 | installing twice and uninstalling: every byte as before | `install`, here |
//! | 03 | any name of a notebook or a branch | `install`, `git_diff`, `git_merge_odd`, here |
//! | 04 | any path of the program; the program is gone | `install`, `install_filter`, `git_merge_odd` |
//! | 05 | every kind of change that git hands to a diff command | `git_diff`, `git_diff_ways` |
//! | 06 | exit codes | `git_diff`, `git_diff_ways`, `install`, here |
//! | 07 | colours, pagers, readers who leave early | `git_diff`, `git_diff_ways`, `pager` |
//! | 08 | difftool | `git_diff`, `git_diff_ways`, `install_tools`, here |
//! | 09 | clean merges and conflicts | `git_merge`, `git_merge_ways` |
//! | 10 | both sides added the notebook | `git_merge` |
//! | 11 | renamed or deleted on a side | `git_merge`, `git_merge_ways` |
//! | 12 | the executable bit | `git_merge` |
//! | 13 | rebase, cherry-pick, revert, am, apply: who is ours | `git_merge`, `git_merge_ways` |
//! | 14 | stash, checkout with local edits, conflicts brought back | `git_merge`, `git_merge_ways`, here |
//! | 15 | histories that cross | `git_merge_odd` |
//! | 16 | merges without a work tree, or in a linked one | `git_merge`, `git_merge_ways`, `git_merge_odd`, here |
//! | 17 | strategies without drivers: `check` reports, `resolve` repairs | `git_merge_odd`, `git_merge_ways`, `resolve_text` |
//! | 18 | odd files | `git_merge_odd`, `git_diff`, `git_diff_ways`, here |
//! | 19 | a driver that dies | `git_merge_odd`, `install`, here |
//! | 20 | a conflict that is committed: the guard refuses | `guard`, `guard_hooks` |
//! | 21 | rerere: nothing is replayed, nothing lost; `resolve`, mergetool with a path | `git_merge`, `git_merge_ways`, `mergetool`, here |
//! | 22 | mergetool: its exit code, giving up, no base, backups | `mergetool`, `install_tools` |
//! | 23 | the filter | `filter` |
//! | 24 | a notebook that was only run again, under the filter | `doctor_ways`, here |
//! | 25 | diffs under the filter | `filter_diff` |
//! | 26 | merges of blobs from before the filter | `filter`, `git_merge_ways`, `doctor_ways` |
//! | 27 | a branch without attributes | `install_scopes`, `doctor_ways` |
//! | 28 | a colleague without the driver | `install_scopes`, `doctor`, `resolve_text` |
//! | 29 | staging of chosen cells | `add`, `add_walk`, here |
//! | 30 | scopes, submodules, formats of repositories | `install_scopes`, `doctor_places`, here |
//!
//! [`other_gits`] runs those that depend on git's version with each git that there is.

mod diff;
mod install;
mod merge;
mod other_gits;
mod staging;
