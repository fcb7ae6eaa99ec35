//! `cellwise merge`, and what it shares with the merge driver.

use std::path::{Path, PathBuf};

use cellwise::file::{self, Input};
use cellwise::git::merge_file::{Labels, text_merge_bytes};
use cellwise::git::settings::{Environment, Settings, Stdout};
use cellwise::merge::{ConflictStyle, MergeOptions, MergeOutcome, Sides, merge, merge_unread};
use cellwise::notebook::{Notebook, holds_records};
use cellwise::render::{MergeReport, Method, merge_line, merge_report};

use super::exit::Exit;
use super::output;

/// Merge two versions of a notebook cell by cell
///
/// The result goes to standard output, or to OUT. Exits with 1 if conflicts are left in it; it is a notebook that
/// opens all the same.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The version that both sides began with; an empty file or /dev/null for none
    base: PathBuf,
    /// Our version: the result has its layout
    ours: PathBuf,
    /// Their version
    theirs: PathBuf,
    /// Write the result to this file
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Tell what was done as JSON on standard output (docs/json.md); needs --output
    #[arg(long, requires = "output")]
    json: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let files =
        Sides { base: Input::owned(&args.base)?, ours: Input::owned(&args.ours)?, theirs: Input::owned(&args.theirs)? };
    let name = |path: &Path| output::name(path);
    let labels = Sides { base: name(&args.base), ours: name(&args.ours), theirs: name(&args.theirs) };
    let options = MergeOptions { labels, ..MergeOptions::default() };
    let merged = merge_files(&files.as_ref().map(|file| &**file), &options)?;
    match &args.output {
        Some(path) => file::replace(path, &merged.bytes)?,
        None => output::write(&merged.bytes)?,
    }
    if let (Some(path), true) = (&args.output, args.json) {
        let mut document = Vec::new();
        merge_report(&path.to_string_lossy(), &merged.report, &mut document);
        output::write(&document)?;
    }
    Ok(merged.report(&output::name(args.output.as_deref().unwrap_or(&args.ours))))
}

/// A merged file, and what there is to say about it.
pub(super) struct Merged {
    pub(super) bytes: Vec<u8>,
    report: MergeReport,
}

impl From<MergeOutcome> for Merged {
    fn from(outcome: MergeOutcome) -> Self {
        let MergeOutcome { bytes, conflicts, choices, stale } = outcome;
        let still_open = open_conflicts(&bytes).saturating_sub(conflicts.len());
        Self { bytes, report: MergeReport { method: Method::Cells, conflicts, still_open, choices, stale } }
    }
}

impl Merged {
    /// Says on stderr what a person must know, in one line, and how the command ends.
    pub(super) fn report(&self, name: &str) -> Exit {
        if let Some(line) = merge_line(name, &self.report) {
            output::complain(&line);
        }
        self.exit()
    }

    /// How the command ends: 1 if conflicts are left.
    pub(super) fn exit(&self) -> Exit {
        if self.report.has_conflicts() { Exit::Found } else { Exit::Done }
    }
}

/// How many conflicts wait for a person in a notebook.
fn open_conflicts(bytes: &[u8]) -> usize {
    let notebook = holds_records(bytes).then(|| Notebook::read(bytes).ok()).flatten();
    let cells = notebook.iter().flat_map(|notebook| &notebook.cells);
    let mut numbers: Vec<usize> = cells.filter_map(|cell| cell.unresolved().map(|record| record.number)).collect();
    numbers.dedup();
    numbers.len()
}

/// Merges three files; what cannot be read as a notebook is merged by lines, as git would.
pub(super) fn merge_files(files: &Sides<&[u8]>, options: &MergeOptions) -> anyhow::Result<Merged> {
    if let Some(bytes) = merge_unread(files) {
        return Ok(Merged { bytes: bytes.to_vec(), report: MergeReport::default() });
    }
    match merge_notebooks(files, options) {
        Ok(outcome) => Ok(outcome.into()),
        Err(reason) => {
            let labels =
                Labels { base: &options.labels.base, ours: &options.labels.ours, theirs: &options.labels.theirs };
            let text = text_merge_bytes(files.base, files.ours, files.theirs, labels, options.marker_size)?;
            let method = Method::Lines { reason, conflicts: text.conflicts };
            Ok(Merged { bytes: text.bytes, report: MergeReport { method, ..MergeReport::default() } })
        }
    }
}

fn merge_notebooks(files: &Sides<&[u8]>, options: &MergeOptions) -> Result<MergeOutcome, String> {
    let read = |bytes, side: &str| Notebook::read(bytes).map_err(|error| format!("{side}: {error}"));
    let base = if files.base.is_empty() { None } else { Some(read(files.base, "the base")?) };
    let (ours, theirs) = (read(files.ours, "our side")?, read(files.theirs, "their side")?);
    let merged =
        |options: &MergeOptions| merge(base.as_ref(), &ours, &theirs, options).map_err(|error| error.to_string());
    let outcome = merged(options)?;
    if outcome.conflicts.is_empty() {
        return Ok(outcome);
    }
    // git does not hand its conflict style to drivers, so it is asked for, and only when it matters.
    match Settings::read(Path::new(""), &Environment::of_process(), Stdout::Other).conflict_style {
        ConflictStyle::Merge => Ok(outcome),
        style => merged(&MergeOptions { style, ..options.clone() }),
    }
}
