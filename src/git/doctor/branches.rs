//! Branches whose `.gitattributes` do not lead to cellwise, where nothing but that file does.
//!
//! git reads the attributes of the work tree as it is when a merge begins. A rebase begins on the other branch, so
//! what is missing there is missing for all of it.

use std::path::Path;

use super::DoctorError;
use super::attribute_lines::winner;
use super::drivers::{install_again, installed};
use super::facts::Facts;
use super::finding::{Finding, some_of};
use super::kinds::BRANCH_ATTRIBUTES;
use crate::git::attribute_line;
use crate::git::batch::{self, For};
use crate::git::command;
use crate::git::install::DRIVER;

/// How many branches are looked at, those first that were committed to last.
const BRANCHES: usize = 100;
/// Of how many that lack the line it is looked up whether they have notebooks.
const LOOKED_INTO: usize = 10;

pub(super) fn check(facts: &Facts) -> Result<Option<Finding>, DoctorError> {
    if installed(facts).is_none() || !rests_on_tracked_file(facts) {
        return Ok(None);
    }
    let mut lacking = Vec::new();
    let branches = branches(&facts.dir)?;
    let names: Vec<String> = branches.iter().map(|branch| format!("{branch}:.gitattributes")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    batch::read_each(&facts.dir, &names, For::Look, |at, attributes| {
        if merge_of(&attributes.unwrap_or_default()).as_deref() != Some(DRIVER) {
            lacking.push(&branches[at]);
        }
    })?;
    lacking.truncate(LOOKED_INTO);
    let mut found = Vec::new();
    for branch in lacking {
        if has_notebooks(&facts.dir, branch)? {
            found.push(short(branch));
        }
    }
    Ok((!found.is_empty()).then(|| finding(facts, &found)))
}

fn finding(facts: &Facts, branches: &[String]) -> Finding {
    let message = format!(
        "merge={DRIVER} stands in the tracked .gitattributes alone, and not in that of {}: a rebase onto it merges as text",
        some_of(branches)
    );
    let origin = branches.first().map(|branch| format!("{branch}:.gitattributes"));
    Finding::new(&BRANCH_ATTRIBUTES, message, install_again(facts)).at(origin)
}

/// Whether the line that gives notebooks their driver is that of the work tree's own file.
fn rests_on_tracked_file(facts: &Facts) -> bool {
    let imagined = &facts.imagined;
    let value = imagined.attribute("merge").filter(|value| *value == DRIVER);
    let origin = value.and_then(|value| winner(facts, &imagined.path, "merge", Some(value)));
    origin.is_some_and(|origin| origin.starts_with(".gitattributes:"))
}

/// The branches, those of others too, by their full names.
fn branches(dir: &Path) -> Result<Vec<String>, DoctorError> {
    let count = format!("--count={BRANCHES}");
    let args = ["for-each-ref", "--sort=-committerdate", &count, "--format=%(refname)", "refs/heads", "refs/remotes"];
    let list = String::from_utf8_lossy(&command::run(dir, args)?).into_owned();
    Ok(list.lines().map(str::to_owned).collect())
}

fn short(branch: &str) -> String {
    let named = branch.strip_prefix("refs/heads/").or_else(|| branch.strip_prefix("refs/remotes/"));
    named.unwrap_or(branch).to_owned()
}

/// What these lines say of `merge` for a notebook at the top.
fn merge_of(attributes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(attributes);
    text.lines().rev().find_map(|line| attribute_line::value(line, Path::new("any.ipynb"), "merge"))?
}

fn has_notebooks(dir: &Path, branch: &str) -> Result<bool, DoctorError> {
    let list = command::run(dir, ["ls-tree", "-r", "-z", "--name-only", "--full-tree", branch])?;
    Ok(list.split(|byte| *byte == 0).any(|path| path.to_ascii_lowercase().ends_with(b".ipynb")))
}
