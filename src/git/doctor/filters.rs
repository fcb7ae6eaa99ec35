//! Whether what is staged is filtered as somebody wants it.

use super::attribute_lines;
use super::attributes::groups;
use super::drivers::install_again;
use super::facts::Facts;
use super::finding::Finding;
use super::kinds::{FILTER_ATTRIBUTE, FILTER_MISSING, FILTER_NOT_REQUIRED, TWO_FILTERS};
use crate::git::install::{self, FILTER};

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for filter in facts.values("filter") {
        if !["set", "unset"].contains(&filter) {
            findings.extend(missing(facts, filter).or_else(|| not_required(facts, filter)));
        }
    }
    findings.extend(bypassed(facts));
    findings.extend(two(facts));
    findings
}

/// git passes over a filter that is not configured, and says nothing.
fn missing(facts: &Facts, filter: &str) -> Option<Finding> {
    let has = |key: &str| facts.config.get(&format!("filter.{filter}.{key}")).is_some();
    if ["clean", "process"].into_iter().any(has) {
        return None;
    }
    let group = groups(facts, "filter").into_iter().find(|group| group.value == Some(filter))?;
    let message = format!("filter={filter} is configured nowhere: git stores {} as it is, silently", group.names());
    let finding = match filter {
        FILTER | "nbstripout" => Finding::new(&FILTER_MISSING, message, "cellwise install --filter"),
        _ => Finding::advising(&FILTER_MISSING, message, "install the program of this filter, or remove the attribute"),
    };
    Some(finding.at(group.origin(facts)))
}

/// Without `required` git stores the raw file whenever the filter fails.
fn not_required(facts: &Facts, filter: &str) -> Option<Finding> {
    let key = format!("filter.{filter}.required");
    if facts.config.get_true(&key).is_some() {
        return None;
    }
    let line = ["process", "clean"].iter().find_map(|key| facts.config.get(&format!("filter.{filter}.{key}")))?;
    let scope = facts.config.get(&key).map_or(&line.scope, |entry| &entry.scope);
    let message = format!("{key} is not true: where the filter fails, outputs are committed");
    Some(Finding::new(&FILTER_NOT_REQUIRED, message, format!("git config --{scope} {key} true")).at(line.origin()))
}

/// Notebooks that our filter was installed for, and that it does not get, though nobody said `-filter`.
fn bypassed(facts: &Facts) -> Vec<Finding> {
    let process = facts.config.get(&format!("filter.{FILTER}.process"));
    if facts.repository.is_none() || !process.is_some_and(|line| install::is_ours(&line.key, &line.value)) {
        return Vec::new();
    }
    let is_other = |value: Option<&str>| ![Some(FILTER), Some("unset")].contains(&value);
    let others = groups(facts, "filter").into_iter().filter(|group| is_other(group.value));
    others
        .map(|group| {
            let message = format!("{} keeps the filter away from {}", group.spelled(), group.names());
            Finding::new(&FILTER_ATTRIBUTE, message, install_again(facts)).at(group.origin(facts))
        })
        .collect()
}

/// git runs one filter for a path; another that is asked for never runs.
fn two(facts: &Facts) -> Option<Finding> {
    let notebook = facts.with_attributes().find(|notebook| notebook.attribute("filter").is_some())?;
    let mut lines = attribute_lines::lines(facts, &notebook.path, "filter").into_iter();
    let wins = lines.next()?.value.filter(|value| value != "unset")?;
    let is_other = |value: &Option<String>| value.as_ref().is_some_and(|value| *value != wins && value != "unset");
    let loses = lines.find(|line| is_other(&line.value))?;
    let other = loses.value?;
    let message = format!("filter={other} never runs: git runs one filter for a file, and filter={wins} wins");
    let advice = format!("remove filter={other} from this line, or filter={wins}");
    Some(Finding::advising(&TWO_FILTERS, message, advice).at(loses.origin))
}
