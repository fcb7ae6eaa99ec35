//! Whether the programs that the lines call are there, and are this one.

use std::path::Path;

use super::facts::Facts;
use super::finding::{Finding, some_of};
use super::kinds::{OTHER_ON_PATH, OTHER_PROGRAM, PROGRAM_GONE};
use super::program::{self, Percent, Program};
use super::trials::{Line, ours};
use crate::git::install::Tool;

/// A program with the origins of the lines that call it.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) name: String,
    program: Program,
    keys: Vec<String>,
    origin: String,
}

/// The programs of all lines of ours, each once.
pub(super) fn named(facts: &Facts) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    for (line, entry) in ours(facts) {
        let percent = if matches!(line, Line::Merge | Line::Clean) { Percent::Doubled } else { Percent::Single };
        let Some(program) = Program::of(&entry.value, percent) else { continue };
        match found.iter_mut().find(|named| named.program == program) {
            Some(known) => known.keys.push(entry.key.clone()),
            None => found.push(Named {
                name: program.name.clone(),
                program,
                keys: vec![entry.key.clone()],
                origin: entry.origin(),
            }),
        }
    }
    found
}

/// Whether each is the running one.
pub(super) fn is_this(named: &Named, tool: &Tool) -> bool {
    named.program.file.as_deref().is_some_and(|file| is_same(file, tool.path()))
}

fn is_same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

pub(super) fn check(named: &[Named], tool: &Tool) -> Vec<Finding> {
    let mut findings: Vec<Finding> = named.iter().filter_map(|one| check_one(one, tool)).collect();
    if findings.is_empty() {
        findings.extend(on_path(tool));
    }
    findings
}

fn check_one(named: &Named, tool: &Tool) -> Option<Finding> {
    let keys = some_of(&named.keys);
    if named.program.file.is_none() {
        let message = format!("{keys}: there is no program {}, so git falls back to plain text", named.name);
        return Some(Finding::new(&PROGRAM_GONE, message, "cellwise install").at(named.origin.clone()));
    }
    if is_this(named, tool) {
        return None;
    }
    let other = named.program.version().unwrap_or_else(|| "it does not tell its version".to_owned());
    let message = format!(
        "{keys}: git runs {} ({other}), and this is {} ({})",
        named.name,
        tool.path().display(),
        this_version()
    );
    Some(Finding::new(&OTHER_PROGRAM, message, "cellwise install").at(named.origin.clone()))
}

fn this_version() -> String {
    format!("cellwise {}", env!("CARGO_PKG_VERSION"))
}

/// Another version where people would look for it: perhaps an update that git does not get.
fn on_path(tool: &Tool) -> Option<Finding> {
    let other = tool.another_on_path()??;
    let version = program::version(&other).filter(|version| *version != this_version())?;
    let message = format!("the PATH leads to {} ({version}), and this is {}", other.display(), this_version());
    let command = format!("{} install", super::finding::shell_quoted(&other.to_string_lossy()));
    Some(Finding::new(&OTHER_ON_PATH, message, command))
}
