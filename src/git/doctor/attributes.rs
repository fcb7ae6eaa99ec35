//! Whether the attributes of notebooks lead git to cellwise.

use super::attribute_lines;
use super::drivers::{install_again, installed};
use super::facts::Facts;
use super::finding::{Finding, some_of};
use super::kinds::{
    CAPITALS, DIFF_ATTRIBUTE, DRIVER_MISSING, Kind, LFS, LINE_ENDS, MERGE_ATTRIBUTE, WORKING_TREE_ENCODING,
};
use super::notebooks::Tracked;
use crate::git::install::DRIVER;

/// The command that adds a line to the attributes that nobody tracks.
pub(super) fn add_line(line: &str) -> String {
    format!("echo '{line}' >>\"$(git rev-parse --git-path info/attributes)\"")
}

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    if facts.repository.is_none() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (attribute, kind) in [("diff", &DIFF_ATTRIBUTE), ("merge", &MERGE_ATTRIBUTE)] {
        for group in groups(facts, attribute) {
            findings.extend(check_driver(facts, kind, &group));
        }
    }
    findings.extend(capitals(facts));
    findings.extend(lfs(facts));
    findings.extend(encoding(facts));
    findings.extend(line_ends(facts));
    findings
}

/// Notebooks with the same value of an attribute.
pub(super) struct Group<'f> {
    pub(super) attribute: &'static str,
    pub(super) value: Option<&'f str>,
    notebooks: Vec<&'f Tracked>,
}

impl Group<'_> {
    /// `a.ipynb and 3 more`
    pub(super) fn names(&self) -> String {
        some_of(&self.notebooks.iter().map(|notebook| notebook.name()).collect::<Vec<_>>())
    }

    /// The line that gives the first of them its value.
    pub(super) fn origin(&self, facts: &Facts) -> Option<String> {
        attribute_lines::winner(facts, &self.notebooks.first()?.path, self.attribute, self.value)
    }

    /// `-diff`, `diff=x`, `no attribute diff`
    pub(super) fn spelled(&self) -> String {
        match self.value {
            None => format!("no attribute {}", self.attribute),
            Some("set") => self.attribute.to_owned(),
            Some("unset") => format!("-{}", self.attribute),
            Some(value) => format!("{}={value}", self.attribute),
        }
    }
}

/// The notebooks by their value of `attribute`. A name that our line cannot match is a matter of its own.
pub(super) fn groups<'f>(facts: &'f Facts, attribute: &'static str) -> Vec<Group<'f>> {
    let mut groups: Vec<Group<'f>> = Vec::new();
    for notebook in facts.with_attributes() {
        let value = notebook.attribute(attribute);
        if value.is_none() && notebook.is_capital() {
            continue;
        }
        match groups.iter_mut().find(|group| group.value == value) {
            Some(group) => group.notebooks.push(notebook),
            None => groups.push(Group { attribute, value, notebooks: vec![notebook] }),
        }
    }
    groups
}

/// git's own merge drivers need no configuration.
const BUILT_IN: [&str; 5] = ["set", "unset", "text", "binary", "union"];

fn check_driver(facts: &Facts, kind: &'static Kind, group: &Group<'_>) -> Option<Finding> {
    let spelled = group.spelled();
    let finding = |kind, message| Some(Finding::new(kind, message, cure(facts, group)).at(group.origin(facts)));
    let name = group.value.filter(|value| !BUILT_IN.contains(value));
    if name.is_some_and(|name| !is_configured(facts, group.attribute, name)) {
        let does = if group.attribute == "merge" { "merges" } else { "shows" };
        let message = format!("{spelled} is configured nowhere: git {does} {} as plain text, silently", group.names());
        if name == Some(DRIVER) {
            // The attribute is right.
            return Some(Finding::new(&DRIVER_MISSING, message, install_again(facts)).at(group.origin(facts)));
        }
        return finding(&DRIVER_MISSING, message);
    }
    if group.value == Some(DRIVER) || installed(facts).is_none() {
        return None;
    }
    finding(kind, format!("{spelled} keeps cellwise away from {}", group.names()))
}

/// Our lines stay before exceptions that stand in the same file, so another install would not end these.
fn cure(facts: &Facts, group: &Group<'_>) -> String {
    let is_exception = facts.imagined.attribute(group.attribute) == Some(DRIVER)
        && group.origin(facts).is_some_and(|origin| origin.contains("info/attributes:"));
    match is_exception {
        true => add_line(&format!("*.[iI][pP][yY][nN][bB] {}={DRIVER}", group.attribute)),
        false => install_again(facts).to_owned(),
    }
}

fn is_configured(facts: &Facts, attribute: &str, name: &str) -> bool {
    let keys: &[&str] = if attribute == "merge" { &["driver", "name"] } else { &["textconv", "command"] };
    // Some languages are known to git, but none of them is a notebook's.
    keys.iter().any(|key| facts.config.get(&format!("{attribute}.{name}.{key}")).is_some())
}

fn capitals(facts: &Facts) -> Option<Finding> {
    let is_missed = |notebook: &&Tracked| notebook.is_capital() && notebook.attribute("diff").is_none();
    let names: Vec<String> = facts.notebooks.iter().filter(is_missed).map(Tracked::name).collect();
    if names.is_empty() || installed(facts).is_none() {
        return None;
    }
    let message = format!("the attributes of *.ipynb are not those of {}", some_of(&names));
    let filter =
        if facts.imagined.attribute("filter") == Some(crate::git::install::FILTER) { " filter=cellwise" } else { "" };
    let line = format!("*.[iI][pP][yY][nN][bB] diff={DRIVER} merge={DRIVER}{filter}");
    Some(Finding::new(&CAPITALS, message, add_line(&line)))
}

fn lfs(facts: &Facts) -> Option<Finding> {
    let group = groups(facts, "filter").into_iter().find(|group| group.value == Some("lfs"))?;
    let message = format!("{} in git-lfs: git stores pointers, so log -p, show and blame show these", group.names());
    let advice = "take *.ipynb out of git-lfs (git lfs untrack '*.ipynb', then git add --renormalize .)";
    Some(Finding::advising(&LFS, message, advice).at(group.origin(facts)))
}

fn encoding(facts: &Facts) -> Option<Finding> {
    let is_other = |value: &str| !["unset", "UTF-8", "utf-8"].contains(&value);
    let groups = groups(facts, "working-tree-encoding");
    let group = groups.into_iter().find(|group| group.value.is_some_and(is_other))?;
    let message = format!("{}: {} is no notebook in the work tree, which is UTF-8", group.spelled(), group.names());
    let cure = add_line("*.ipynb !working-tree-encoding");
    Some(Finding::new(&WORKING_TREE_ENCODING, message, cure).at(group.origin(facts)))
}

/// cellwise reads both line ends; other tools may not keep them.
fn line_ends(facts: &Facts) -> Option<Finding> {
    let says = |attribute: &str, value: &str| facts.values(attribute).contains(&value);
    let automatic = facts.config.get_true("core.autocrlf");
    let open = facts.with_attributes().any(|notebook| notebook.attribute("text") != Some("unset"));
    let origin = match automatic.filter(|_| open) {
        Some(entry) => Some(entry.origin()),
        None if says("eol", "crlf") && open => {
            groups(facts, "eol").iter().find(|group| group.value == Some("crlf"))?.origin(facts)
        }
        None => return None,
    };
    let message = "git checks notebooks out with CRLF; tools that write LF then seem to change every line";
    Some(Finding::new(&LINE_ENDS, message, add_line("*.ipynb -text")).at(origin))
}
