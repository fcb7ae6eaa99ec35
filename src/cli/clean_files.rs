//! Cleaning files: many at once, told in their order.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::bail;
use cellwise::file::{self, Input};
use cellwise::normalize::CleanOptions;

use super::exit::Exit;
use super::filtered::Dirty;
use super::output;
use super::parallel::in_parallel;
use super::progress::Progress;

/// A file that is to be cleaned.
pub(super) struct Job {
    pub(super) path: PathBuf,
    pub(super) options: Arc<CleanOptions>,
}

/// What becomes of files that are not clean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    InPlace,
    Check,
}

/// What is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Say {
    All,
    Errors,
}

/// What became of one file.
enum Outcome {
    Clean,
    /// It is changed, or would be, and loses so many outputs.
    Changed(usize),
}

/// Cleans all files; one that cannot be does not stop the others.
pub(super) fn clean_files(jobs: &[Job], mode: Mode, say: Say) -> anyhow::Result<Exit> {
    let mut report = Report { mode, say, total: jobs.len(), changed: 0, outputs: 0, failed: 0 };
    if let [job] = jobs {
        report.tell(job, clean_file(job, mode))?;
        return Ok(report.exit());
    }
    let mut progress = match say {
        Say::All => Progress::new("Cleaning notebooks", jobs.len()),
        Say::Errors => Progress::silent(),
    };
    in_parallel(
        jobs,
        |job| clean_file(job, mode),
        |job, outcome| {
            if !matches!(outcome, Ok(Outcome::Clean)) {
                progress.clear();
            }
            report.tell(job, outcome)?;
            progress.step();
            Ok(())
        },
    )?;
    progress.clear();
    report.sum_up()?;
    Ok(report.exit())
}

fn clean_file(job: &Job, mode: Mode) -> anyhow::Result<Outcome> {
    if mode == Mode::InPlace && !is_regular(&job.path) {
        bail!("not a regular file");
    }
    let input = Input::owned(&job.path)?;
    let Some(dirty) = Dirty::of(&input, || &*job.options)?.filter(Dirty::holds_noise) else {
        return Ok(Outcome::Clean);
    };
    if mode == Mode::InPlace {
        file::refuse_read_only(&job.path)?;
        file::replace_unchanged(&job.path, &input, &dirty.cleaned())?;
    }
    Ok(Outcome::Changed(dirty.outputs()))
}

/// Whether a file can be cleaned in place: a pipe would make us wait, and what a descriptor leads to nobody has named.
fn is_regular(path: &Path) -> bool {
    let is_descriptor = ["/dev", "/proc"].iter().any(|folder| path.starts_with(folder));
    !is_descriptor && fs::metadata(path).map_or(true, |file| file.is_file())
}

/// What there is to say.
struct Report {
    mode: Mode,
    say: Say,
    total: usize,
    changed: usize,
    outputs: usize,
    failed: usize,
}

impl Report {
    fn tell(&mut self, job: &Job, outcome: anyhow::Result<Outcome>) -> anyhow::Result<()> {
        match outcome {
            Ok(Outcome::Clean) => {}
            Ok(Outcome::Changed(outputs)) => {
                self.changed += 1;
                self.outputs += outputs;
                let dropped = if outputs > 0 { format!(" ({})", counted(outputs, "output")) } else { String::new() };
                self.say(&format!("{}: {}{dropped}\n", output::name(&job.path), self.done()))?;
            }
            Err(error) => {
                self.failed += 1;
                output::complain_of(&job.path, &error);
            }
        }
        Ok(())
    }

    fn sum_up(&self) -> anyhow::Result<()> {
        let Self { total, changed, outputs, failed, .. } = self;
        if *total == 0 {
            return self.say("no notebooks there that git tracks (--untracked takes the others too)\n");
        }
        let (outputs, done) = (counted(*outputs, "output"), self.done());
        let dropped = if self.mode == Mode::Check { "to drop" } else { "dropped" };
        let failed = if *failed > 0 { format!(", {failed} failed") } else { String::new() };
        self.say(&format!("{changed} of {total} notebooks {done}, {outputs} {dropped}{failed}\n"))
    }

    fn done(&self) -> &'static str {
        if self.mode == Mode::Check { "would be cleaned" } else { "cleaned" }
    }

    fn say(&self, line: &str) -> anyhow::Result<()> {
        if self.say == Say::All { output::write(line.as_bytes()) } else { Ok(()) }
    }

    fn exit(&self) -> Exit {
        match self {
            Self { failed: 1.., .. } => Exit::Failure,
            Self { mode: Mode::Check, changed: 1.., .. } => Exit::Found,
            _ => Exit::Done,
        }
    }
}

/// `1 output`, `3 outputs`
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
