//! What git stores of notebooks.

use std::path::Path;

use super::DoctorError;
use super::facts::Facts;
use super::finding::{Finding, shell_quoted, some_of};
use super::kinds::{CONFLICTS_STAGED, MARKERS_STAGED, NOT_NORMALIZED, RENORMALIZE, UNMERGED};
use super::notebooks::Tracked;
use crate::git::batch::{self, For};
use crate::git::command;
use crate::git::install::FILTER;
use crate::notebook::{Notebook, ReadError};

/// Which contents are read, and what the filter would make of them.
pub struct Contents<'c> {
    /// At most so many, the first by path; `None` for all.
    pub limit: Option<usize>,
    /// Whether the filter would leave the notebook with these bytes, at this whole path, as it is.
    pub is_clean: &'c mut dyn FnMut(&[u8], &Path) -> bool,
}

impl std::fmt::Debug for Contents<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Contents").field("limit", &self.limit).finish_non_exhaustive()
    }
}

/// What came of it.
pub(super) struct Read {
    pub(super) findings: Vec<Finding>,
    /// How many staged notebooks were not read.
    pub(super) unread: usize,
}

/// The names of notebooks with something to be said of.
#[derive(Default)]
struct Found {
    conflicts: Vec<String>,
    markers: Vec<String>,
    raw: Vec<String>,
}

pub(super) fn check(facts: &Facts, contents: &mut Contents<'_>) -> Result<Read, DoctorError> {
    let mut chosen: Vec<&Tracked> = facts.notebooks.iter().filter(|notebook| notebook.staged.is_some()).collect();
    let staged = chosen.len();
    chosen.truncate(contents.limit.unwrap_or(usize::MAX));
    let mut found = Found::default();
    let mut is_clean = |notebook: &Tracked, bytes: &[u8]| {
        (contents.is_clean)(bytes, &facts.dir.join(command::path(notebook.path.clone())))
    };
    if !chosen.is_empty() {
        let ids: Vec<&str> = chosen.iter().filter_map(|notebook| notebook.staged.as_deref()).collect();
        batch::read_each(&facts.dir, &ids, For::Look, |at, bytes| {
            if let Ok(bytes) = bytes {
                found.add(chosen[at], &bytes, &mut is_clean);
            }
        })?;
    }
    let is_raw = !found.raw.is_empty();
    let mut findings = found.findings();
    findings.extend(is_raw.then(|| renormalize(facts)).flatten());
    findings.extend(unmerged(facts));
    Ok(Read { findings, unread: staged - chosen.len() })
}

impl Found {
    fn add(&mut self, notebook: &Tracked, bytes: &[u8], is_clean: &mut impl FnMut(&Tracked, &[u8]) -> bool) {
        match Notebook::read(bytes) {
            Ok(read) if read.cells.iter().any(|cell| cell.unresolved().is_some()) => {
                self.conflicts.push(notebook.name());
            }
            Err(ReadError::ConflictMarkers { .. }) => self.markers.push(notebook.name()),
            _ => {}
        }
        if notebook.attribute("filter") == Some(FILTER) && !is_clean(notebook, bytes) {
            self.raw.push(notebook.name());
        }
    }

    fn findings(self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let settle = |paths: &[String]| {
            let path = paths.first().map_or_else(String::new, |path| shell_quoted(path));
            format!("settle them with cellwise resolve {path}, then git add {path}")
        };
        if !self.conflicts.is_empty() {
            let message = format!("conflicts are staged or committed unsettled in {}", some_of(&self.conflicts));
            findings.push(Finding::advising(&CONFLICTS_STAGED, message, settle(&self.conflicts)));
        }
        if !self.markers.is_empty() {
            let message = format!(
                "git's conflict markers are staged or committed in {}, which Jupyter does not open so",
                some_of(&self.markers)
            );
            findings.push(Finding::advising(&MARKERS_STAGED, message, settle(&self.markers)));
        }
        if !self.raw.is_empty() {
            let message = format!(
                "stored uncleaned, from before the filter: {}; git takes them for changed again and again",
                some_of(&self.raw)
            );
            findings.push(Finding::new(&NOT_NORMALIZED, message, "git add --renormalize -- ':(top,icase)*.ipynb'"));
        }
        findings
    }
}

/// Before it had its present merge strategy, git stopped at renormalized merges of what only one side has changed.
const RENORMALIZES: (u32, u32) = (2, 34);

/// Branches may hold cleaned and uncleaned notebooks for long.
fn renormalize(facts: &Facts) -> Option<Finding> {
    let key = "merge.renormalize";
    let works = command::parse_version(&facts.version) >= RENORMALIZES;
    if !works || facts.config.get_true(key).is_some() {
        return None;
    }
    let message = "git does not clean what it merges: from branches from before the filter, outputs come back";
    Some(Finding::new(&RENORMALIZE, message, format!("git config {key} true")))
}

fn unmerged(facts: &Facts) -> Option<Finding> {
    let open = facts.notebooks.iter().filter(|notebook| notebook.staged.is_none());
    let names: Vec<String> = open.map(Tracked::name).collect();
    let path = shell_quoted(names.first()?);
    let message = format!("a merge waits for {}", some_of(&names));
    Some(Finding::advising(&UNMERGED, message, format!("settle it with cellwise resolve {path}, which stages it")))
}
