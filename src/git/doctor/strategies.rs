//! Merge strategies that call no merge driver, wherever the configuration names one.

use super::config::Entry;
use super::facts::Facts;
use super::finding::{Finding, shell_quoted};
use super::kinds::MERGE_STRATEGY;

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let options = facts.config.entries().filter_map(in_options);
    twohead(facts).into_iter().chain(options).collect()
}

/// The strategies for two heads that git chooses itself from.
fn twohead(facts: &Facts) -> Option<Finding> {
    let entry = facts.config.get("pull.twohead")?;
    let calls_drivers = |word: &str| ["ort", "recursive", "subtree"].contains(&word);
    let message = format!("pull.twohead = {}: this strategy calls no merge driver", entry.value);
    let finding = || Finding::new(&MERGE_STRATEGY, message, entry.unset()).at(entry.origin());
    (!entry.value.split_whitespace().all(calls_drivers)).then(finding)
}

/// `-s resolve` in an alias, or in what `git merge` always does on a branch.
fn in_options(entry: &Entry) -> Option<Finding> {
    let is_alias = entry.key.starts_with("alias.");
    let is_branch = entry.key.starts_with("branch.") && entry.key.ends_with(".mergeoptions");
    if !is_alias && !is_branch {
        return None;
    }
    let (strategy, better) = without_drivers(&entry.value)?;
    let message = format!("{} merges with the strategy {strategy}, which calls no merge driver", entry.key);
    let (key, better) = (shell_quoted(&entry.key), shell_quoted(&better));
    let command = format!("git config --{} {key} {better}", entry.scope);
    Some(Finding::new(&MERGE_STRATEGY, message, command).at(entry.origin()))
}

/// The strategy that `options` name, if it is one without drivers, and the options with git's usual one.
fn without_drivers(options: &str) -> Option<(&'static str, String)> {
    ["resolve", "octopus"].into_iter().find_map(|strategy| {
        ["-s ", "-s", "--strategy=", "--strategy "].into_iter().find_map(|option| {
            let at = format!(" {options} ").find(&format!(" {option}{strategy} "))? + option.len();
            let better = format!("{}ort{}", &options[..at], &options[at + strategy.len()..]);
            Some((strategy, better))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strategies_are_found_as_they_are_written() {
        for (options, better) in [
            ("merge -s resolve --no-ff", Some("merge -s ort --no-ff")),
            ("-sresolve", Some("-sort")),
            ("!git pull --strategy=octopus a b", Some("!git pull --strategy=ort a b")),
            ("rebase --strategy resolve", Some("rebase --strategy ort")),
            ("merge -s ours", None),
            ("merge -X resolve -s resolved", None),
            ("", None),
        ] {
            let found = without_drivers(options).map(|(_, better)| better);
            assert_eq!(found.as_deref(), better, "{options}");
        }
    }
}
