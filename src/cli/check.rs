//! `cellwise check`

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use cellwise::config::CleanSection;
use cellwise::git::install::FILTER;
use cellwise::git::revisions::Repository;
use cellwise::git::staged::{self, Staged};
use cellwise::normalize::clean;
use cellwise::notebook::{Notebook, ReadError, Record, holds_records};

use super::clean_options::of_project;
use super::exit::Exit;
use super::{notebooks, output};

/// Find unresolved merge conflicts in notebooks
///
/// Without PATH: in all notebooks that git tracks below this folder. Exits with 1 if there are any. With --staged also
/// notebooks that the filter of cellwise should have cleaned.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Notebooks or folders
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Look at what the next commit would change instead of the files
    #[arg(long)]
    staged: bool,
    /// Do not look for what the filter should have cleaned: a merge brings what others have committed
    #[arg(long, requires = "staged", hide_short_help = true)]
    conflicts_only: bool,
}

/// How to go on from a conflict. A notebook that was staged has its sides no more until `checkout -m` brings them back.
const SETTLE: &str = "settle these conflicts in Jupyter and `git add` the notebook. Or take one side of all of it: \
     git checkout -m PATH; git checkout --ours PATH (or --theirs); git add PATH";

/// How to go on from outputs that were staged.
const RENORMALIZE: &str = "to clean what is staged: git add --renormalize PATH";

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let mut exit = Exit::Done;
    let found = if args.staged { check_staged(args)? } else { check_files(&args.paths, &mut exit)? };
    output::write(found.conflicts.concat().as_bytes())?;
    output::write(found.uncleaned.concat().as_bytes())?;
    for (lines, hint) in [(&found.conflicts, SETTLE), (&found.uncleaned, RENORMALIZE)] {
        if !lines.is_empty() {
            output::complain(hint);
        }
    }
    let is_clean = found.conflicts.is_empty() && found.uncleaned.is_empty();
    Ok(if exit == Exit::Done && !is_clean { Exit::Found } else { exit })
}

/// Lines about what was found.
#[derive(Default)]
struct Found {
    conflicts: Vec<String>,
    uncleaned: Vec<String>,
}

/// A file that cannot be opened is named, makes it a failure, and hides none of the others.
fn check_files(paths: &[PathBuf], exit: &mut Exit) -> anyhow::Result<Found> {
    let here = [PathBuf::from(".")];
    let files = notebooks::expand(if paths.is_empty() { &here } else { paths })?;
    let mut found = Found::default();
    for file in files {
        match notebooks::open(&file) {
            Ok(bytes) => found.conflicts.extend(conflicts(&file, &bytes)),
            Err(error) => {
                output::complain_of(&file, &error);
                *exit = Exit::Failure;
            }
        }
    }
    Ok(found)
}

fn check_staged(args: &Args) -> anyhow::Result<Found> {
    let here = Path::new(".");
    let notebooks = staged::changed(here, &args.paths)?;
    let mut found = Found::default();
    for staged in notebooks.iter().filter(|staged| staged.blob.is_none()) {
        found.conflicts.push(format!("{}: unmerged\n", output::name(&staged.path)));
    }
    let filter = if args.conflicts_only { None } else { Filtered::among(&notebooks)? };
    staged::read_each(here, &notebooks, |staged, bytes| {
        found.conflicts.extend(conflicts(&staged.path, &bytes));
        found.uncleaned.extend(filter.as_ref().and_then(|filter| filter.uncleaned(&staged.path, &bytes)));
    })?;
    Ok(found)
}

/// The staged notebooks that our filter is to clean.
struct Filtered<'s> {
    repository: Repository,
    paths: HashSet<&'s Path>,
}

impl<'s> Filtered<'s> {
    /// `None` if there are none.
    fn among(notebooks: &'s [Staged]) -> anyhow::Result<Option<Self>> {
        let paths: Vec<&Path> = notebooks.iter().map(|staged| staged.path.as_path()).collect();
        if paths.is_empty() {
            return Ok(None);
        }
        let repository = Repository::through_executable(Path::new("."))?;
        let mut filtered = Self { repository, paths: HashSet::new() };
        filtered.paths.extend(staged::filtered(filtered.top(), &paths, FILTER)?);
        Ok((!filtered.paths.is_empty()).then_some(filtered))
    }

    fn top(&self) -> &Path {
        self.repository.top().unwrap_or(Path::new("."))
    }

    /// A line for a notebook that would be staged otherwise today. The filter itself has the last word: it may be
    /// configured with options of its own.
    fn uncleaned(&self, path: &Path, bytes: &[u8]) -> Option<String> {
        let outputs = self.paths.contains(path).then(|| outputs(&self.top().join(path), bytes)).flatten()?;
        match self.repository.filtered(path, bytes) {
            Ok(stored) if stored == bytes => None,
            Ok(_) => Some(format!("{}: staged uncleaned{}\n", output::name(path), of_outputs(outputs))),
            Err(error) => {
                output::complain_of(path, &error.into());
                None
            }
        }
    }
}

/// How many outputs there are to clean by the project's options, or `None` if the notebook is clean.
fn outputs(path: &Path, bytes: &[u8]) -> Option<usize> {
    let notebook = Notebook::read(bytes).ok()?;
    let (options, _) = of_project(CleanSection::default(), path);
    let cleaned = clean(&notebook, &options);
    (!cleaned.edits.is_empty()).then(|| cleaned.outputs_dropped(&notebook))
}

/// ` (3 outputs)`
fn of_outputs(outputs: usize) -> String {
    match outputs {
        0 => String::new(),
        1 => " (1 output)".to_owned(),
        many => format!(" ({many} outputs)"),
    }
}

/// A line for each conflict in a file. What is no notebook for another reason is none of our business.
fn conflicts(path: &Path, bytes: &[u8]) -> Vec<String> {
    if !may_conflict(bytes) {
        return Vec::new();
    }
    let name = output::name(path);
    let notebook = match Notebook::read(bytes) {
        Ok(notebook) => notebook,
        Err(ReadError::ConflictMarkers { line }) => {
            return vec![format!("{name}:{line}: git conflict markers between the lines of the JSON\n")];
        }
        Err(_) => return Vec::new(),
    };
    let cells = notebook.cells.iter().enumerate();
    let mut open: Vec<_> =
        cells.filter_map(|(index, cell)| cell.unresolved().map(|record| (index + 1, record))).collect();
    // A conflict of several cells is one, and begins at the first; another may stand within it.
    let mut known = HashSet::new();
    open.retain(|(_, record)| known.insert(record.number));
    let line = |(cell, record): &(usize, Record)| {
        format!("{name}: cell {cell}: unresolved conflict {} ({})\n", record.number, record.kind.name())
    };
    open.iter().map(line).collect()
}

/// Whether a file needs to be read at all: quick, and sure where it says no.
fn may_conflict(bytes: &[u8]) -> bool {
    let markers = ["<<<<<<<", "=======", ">>>>>>>", "|||||||"];
    holds_records(bytes) || markers.iter().any(|marker| memchr::memmem::find(bytes, marker.as_bytes()).is_some())
}
