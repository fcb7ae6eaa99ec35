//! Notebooks of the work tree that differ from what is staged in nothing but what the filter drops: git has
//! nothing to keep of them, and says that they are changed.

use std::collections::BTreeSet;
use std::fs;

use super::contents::Contents;
use super::facts::Facts;
use super::finding::{Finding, shell_quoted, some_of};
use super::kinds::OUTPUTS_AT_RISK;
use crate::git::command;
use crate::git::install::FILTER;

/// How many are read.
const READ: usize = 200;

pub(super) fn check(facts: &Facts, contents: &mut Contents<'_>) -> Option<Finding> {
    let filtered: BTreeSet<&[u8]> = facts
        .notebooks
        .iter()
        .filter(|notebook| notebook.attribute("filter") == Some(FILTER))
        .map(|notebook| notebook.path.as_slice())
        .collect();
    if filtered.is_empty() {
        return None;
    }
    // Plumbing goes by size and time alone; `diff` cleans, and leaves out what is equal then.
    let modified = names(facts, "diff-files")?;
    if modified.is_empty() {
        return None;
    }
    let differing = names(facts, "diff")?;
    let equal = modified.difference(&differing).filter(|path| filtered.contains(path.as_slice()));
    let mut is_at_risk = |path: &&Vec<u8>| {
        let file = facts.dir.join(command::path(path.to_vec()));
        fs::read(&file).is_ok_and(|bytes| !(contents.is_clean)(&bytes, &file))
    };
    let at_risk = equal.take(READ).filter(|path| is_at_risk(path));
    let names: Vec<String> = at_risk.map(|path| String::from_utf8_lossy(path).into_owned()).collect();
    let first = names.first()?;
    let message =
        format!("only what the filter drops is new in {}: git stash and git reset --hard lose it", some_of(&names));
    let advice = format!("copy what took long to compute, then git add {}", shell_quoted(first));
    Some(Finding::advising(&OUTPUTS_AT_RISK, message, advice))
}

/// The notebooks that a git command lists. It leaves the index as it is; it fails where the filter does, which is
/// another finding.
fn names(facts: &Facts, subcommand: &str) -> Option<BTreeSet<Vec<u8>>> {
    let mut git = command::git(&facts.dir);
    git.args([subcommand, "--name-only", "-z", "--no-ext-diff", "--no-textconv", "--", ":(top,icase)*.ipynb"]);
    let output = git.env("GIT_OPTIONAL_LOCKS", "0").output().ok().filter(|output| output.status.success())?;
    let paths = output.stdout.split(|byte| *byte == 0).filter(|path| !path.is_empty());
    Some(paths.map(<[u8]>::to_vec).collect())
}
