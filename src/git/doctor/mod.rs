//! What is wrong with the set-up, and the command that cures it.
//!
//! [`examine`] gathers the facts once (git's configuration, its index, the attributes of every tracked
//! notebook) with a handful of git processes, whatever the number of notebooks. The checks are decisions over these facts,
//! one file a group. Two look further: `trials` runs the configured lines as git would, on a notebook in a temporary
//! folder, and `contents` reads what git stores of the first notebooks. Nothing is changed.
//! `docs/doctor.md` says of every [`Kind`] of finding what it means.

mod attribute_lines;
mod attributes;
mod branches;
mod cache;
mod config;
mod contents;
mod drivers;
mod facts;
mod filters;
mod finding;
mod kinds;
mod leftovers;
mod notebooks;
mod others;
mod outputs;
mod program;
mod programs;
mod repository;
mod run;
mod sample;
mod settings;
mod strategies;
mod trials;

use std::path::{Path, PathBuf};

use super::command::GitError;
use super::install::{InstallError, Tool};
use facts::Facts;

pub use contents::Contents;
pub use finding::{Cure, Finding, Level};
pub use kinds::{KINDS, Kind};

/// Why nothing could be looked at.
#[derive(Debug, thiserror::Error)]
pub enum DoctorError {
    /// git refuses.
    #[error(transparent)]
    Git(#[from] GitError),
    /// What is installed cannot be read.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// A temporary file or folder cannot be had.
    #[error("cannot work in a temporary folder: {0}")]
    Temporary(std::io::Error),
}

/// What was found, and what was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The faults first, then the warnings, then the notes.
    pub findings: Vec<Finding>,
    /// The git that answered, as it calls itself: `2.47.3`.
    pub git: String,
    /// The program that git runs for notebooks, if a cellwise is configured.
    pub program: Option<String>,
    /// The repository: its top, or its git directory if it is bare. `None` outside of one.
    pub repository: Option<PathBuf>,
    /// How many notebooks git tracks.
    pub notebooks: usize,
    /// Of how many the content was not read, for there are too many.
    pub unread: usize,
}

impl Report {
    /// How many findings there are of `level`.
    #[must_use]
    pub fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|finding| finding.kind.level == level).count()
    }
}

/// Examines the set-up around `dir`. `tool` is the running program; `contents` says how many notebooks are read.
///
/// # Errors
/// git is missing or refuses the repository, or there is no temporary folder.
pub fn examine(dir: &Path, tool: &Tool, contents: &mut Contents<'_>) -> Result<Report, DoctorError> {
    let version = facts::version(dir)?;
    if let Some(finding) = repository::too_old(&version) {
        return Ok(Report { findings: vec![finding], git: version, ..Report::default() });
    }
    let facts = Facts::gather(dir, version)?;
    let mut findings = repository::check(&facts);
    findings.extend(drivers::check(&facts, tool)?);
    let named = programs::named(&facts);
    findings.extend(programs::check(&named, tool));
    findings.extend(attributes::check(&facts));
    findings.extend(branches::check(&facts)?);
    findings.extend(filters::check(&facts));
    findings.extend(settings::check(&facts));
    findings.extend(strategies::check(&facts));
    findings.extend(others::check(&facts));
    // A program that is gone is the reason for all that would fail here.
    if !findings.iter().any(|finding| finding.kind == &kinds::PROGRAM_GONE) {
        findings.extend(trials::check(&facts)?);
    }
    findings.extend(cache::check(&facts, contents)?);
    findings.extend(leftovers::check(&facts)?);
    let read = contents::check(&facts, contents)?;
    findings.extend(read.findings);
    findings.extend(outputs::check(&facts, contents));
    // The order of the checks stays within a level.
    findings.sort_by_key(|finding| finding.kind.level);
    Ok(Report {
        findings,
        git: facts.version.clone(),
        program: named.first().map(|program| program.name.clone()),
        repository: facts.repository.as_ref().map(|repository| repository.home().to_owned()),
        notebooks: facts.notebooks.len(),
        unread: read.unread,
    })
}
