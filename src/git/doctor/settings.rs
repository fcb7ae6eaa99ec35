//! Settings that have another effect on notebooks than on other files.

use std::fs;

use super::config::Entry;
use super::facts::Facts;
use super::finding::{Finding, shell_quoted, some_of};
use super::kinds::{
    BINARY, GUARD_INCOMPLETE, HIDE_RESOLVED, HOOK_NOT_EXECUTABLE, HOOKS_IGNORED, HOOKS_PATH, NBDIME_LEFTOVERS, RERERE,
    TEXT_TOOL,
};
use super::program::is_runnable;
use crate::git::command;
use crate::git::install::{DRIVER, RECORD_FOLDER, holds_block, is_recorded, takes_configured_hooks};

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let mut findings: Vec<Finding> = [
        binary(facts),
        hooks_path(facts),
        rerere(facts),
        hides_resolved(facts),
        configured_guard(facts),
        incomplete_guard(facts),
    ]
    .into_iter()
    .flatten()
    .collect();
    findings.extend(not_executable(facts));
    findings.extend(["merge.tool", "diff.tool"].iter().filter_map(|key| text_tool(facts, key)));
    findings.extend(["difftool", "mergetool"].iter().filter_map(|kind| nbdime(facts, kind)));
    findings
}

fn unset(kind: &'static super::Kind, message: &str, entry: &Entry) -> Finding {
    Finding::new(kind, message, entry.unset()).at(entry.origin())
}

fn binary(facts: &Facts) -> Option<Finding> {
    let entry = facts.config.get_true(&format!("diff.{DRIVER}.binary"))?;
    Some(unset(&BINARY, "notebooks are declared binary: git diff --stat counts no lines of them", entry))
}

fn rerere(facts: &Facts) -> Option<Finding> {
    let entry = facts.config.get_true("rerere.enabled")?;
    let message = "rerere does not know conflicts of notebooks: git mergetool without a path passes them over";
    let advice = "name the notebooks: git mergetool -t cellwise -- '*.ipynb', or settle them with cellwise resolve";
    Some(Finding::advising(&RERERE, message, advice).at(entry.origin()))
}

fn text_tool(facts: &Facts, key: &str) -> Option<Finding> {
    let entry = facts.config.get(key).filter(|entry| !["cellwise", "nbdime"].contains(&entry.value.as_str()))?;
    let message = format!("{key} = {}: it opens notebooks as the JSON they are", entry.value);
    let command = if key == "merge.tool" { "mergetool" } else { "difftool" };
    let advice = format!("name another tool for notebooks: git {command} -t cellwise -- '*.ipynb'");
    Some(Finding::advising(&TEXT_TOOL, message, advice).at(entry.origin()))
}

/// git would settle lines of JSON before the tool sees them.
fn hides_resolved(facts: &Facts) -> Option<Finding> {
    let entry = facts.config.get_true("mergetool.hideresolved")?;
    let tool = &facts.config.get("merge.tool").filter(|tool| tool.value != "cellwise")?.value;
    if facts.config.get(&format!("mergetool.{tool}.hideresolved")).is_some() {
        return None;
    }
    let message = format!("git merges notebooks as lines of JSON before the tool {tool} sees them");
    let key = shell_quoted(&format!("mergetool.{tool}.hideResolved"));
    let command = format!("git config --{} {key} false", entry.scope);
    Some(Finding::new(&HIDE_RESOLVED, message, command).at(entry.origin()))
}

/// Hooks of the configuration, from a newer git that wrote or shares it.
fn configured_guard(facts: &Facts) -> Option<Finding> {
    let hook = facts.config.get("hook.cellwise.command")?;
    let has_files = || facts.repository.as_ref().is_some_and(|repository| !guards(&repository.hooks).is_empty());
    if takes_configured_hooks(command::parse_version(&facts.version)) || has_files() {
        return None;
    }
    let message = format!("git {} knows no hooks of the configuration, so this guard is off", facts.version);
    Some(Finding::new(&HOOKS_IGNORED, message, "cellwise install --guard").at(hook.origin()))
}

/// Some hooks of the guard that are not there any more, or never were; or all of them, by the record of install.
fn incomplete_guard(facts: &Facts) -> Option<Finding> {
    let repository = facts.repository.as_ref()?;
    let folder = &repository.hooks;
    let present = guards(folder);
    let is_in_one = present.iter().any(|hook| fs::read(hook).is_ok_and(|script| holds_block(&script)));
    let is_in_none = || guards(&repository.common_dir.join("hooks")).is_empty();
    let is_gone = || is_recorded(&repository.common_dir.join(RECORD_FOLDER)) && is_in_none();
    if !is_in_one && !is_gone() {
        return None;
    }
    let missing = HOOKS.iter().filter(|name| !present.contains(&folder.join(name)));
    let missing: Vec<String> = missing.map(|name| (*name).to_owned()).collect();
    let message = format!("the guard is not in {}: notebooks with conflicts can be committed", some_of(&missing));
    let finding = Finding::new(&GUARD_INCOMPLETE, message, "cellwise install --guard");
    (!missing.is_empty()).then(|| finding.at(folder.display().to_string()))
}

/// Hooks of ours in the repository's own folder, while git looks elsewhere.
fn hooks_path(facts: &Facts) -> Option<Finding> {
    let repository = facts.repository.as_ref()?;
    let entry = facts.config.get("core.hookspath")?;
    let own = guards(&repository.common_dir.join("hooks"));
    let reached = guards(&repository.hooks);
    if own.is_empty() || !reached.is_empty() {
        return None;
    }
    let message = format!("git runs the hooks in {}, and not cellwise's in the repository", entry.value);
    let advice = "add the lines that cellwise install --guard names to the hooks that git runs";
    Some(Finding::advising(&HOOKS_PATH, message, advice).at(entry.origin()))
}

fn not_executable(facts: &Facts) -> Vec<Finding> {
    let hooks = facts.repository.as_ref().map(|repository| guards(&repository.hooks)).unwrap_or_default();
    let dull = hooks.into_iter().filter(|hook| !is_runnable(hook));
    dull.map(|hook| {
        let path = hook.display().to_string();
        let message = "git passes over a hook that is not executable, so the guard is off";
        Finding::new(&HOOK_NOT_EXECUTABLE, message, format!("chmod +x {}", shell_quoted(&path))).at(path)
    })
    .collect()
}

/// The hooks that the guard is in.
const HOOKS: [&str; 4] = ["pre-commit", "pre-merge-commit", "prepare-commit-msg", "pre-applypatch"];

/// The hooks of a folder that call cellwise.
fn guards(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let paths = HOOKS.map(|name| folder.join(name));
    let is_guard = |path: &std::path::PathBuf| {
        fs::read(path).is_ok_and(|bytes| memchr::memmem::find(&bytes, b"cellwise").is_some())
    };
    paths.into_iter().filter(is_guard).collect()
}

/// What `nbdime config-git --disable` leaves.
fn nbdime(facts: &Facts, kind: &str) -> Option<Finding> {
    let at_work = facts.config.entries().any(|entry| {
        let is_driver = ["diff.", "merge."].iter().any(|kind| entry.key.starts_with(kind));
        is_driver && (entry.value.contains("git-nbdiffdriver") || entry.value.contains("git-nbmergedriver"))
    });
    let tool = facts.config.get(&format!("{kind}.nbdime.cmd")).filter(|_| !at_work)?;
    let prompt = facts.config.get(&format!("{kind}.prompt")).filter(|entry| entry.scope == tool.scope);
    let mut command = format!("git config --{} --remove-section {kind}.nbdime", tool.scope);
    if let Some(prompt) = prompt {
        command += &format!(" && {}", prompt.unset());
    }
    let message = format!("{kind}.nbdime is left over from nbdime, and so perhaps is {kind}.prompt");
    Some(Finding::new(&NBDIME_LEFTOVERS, message, command).at(tool.origin()))
}
