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

/// What a notebook was found for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Conflict,
    Markers,
    Uncleaned,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Conflict, Self::Markers, Self::Uncleaned];

    /// How to go on. A notebook that was staged has its sides no more, until `checkout -m` brings them back.
    fn hint(self) -> &'static str {
        match self {
            Self::Conflict => {
                "settle conflicts in Jupyter and `git add` the notebook. Or take one side of all of it: \
                 git checkout -m PATH; git checkout --ours PATH (or --theirs); git add PATH"
            }
            Self::Markers => "during a merge `git checkout -m PATH` merges anew, by cells if cellwise is installed",
            Self::Uncleaned => "to clean what is staged: git add --renormalize PATH",
        }
    }
}

/// A line about a notebook.
struct Found {
    kind: Kind,
    line: String,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let mut exit = Exit::Done;
    let found = if args.staged { check_staged(args)? } else { check_files(&args.paths, &mut exit)? };
    let lines: String = found.iter().map(|found| found.line.as_str()).collect();
    output::write(lines.as_bytes())?;
    for kind in Kind::ALL.into_iter().filter(|kind| found.iter().any(|found| found.kind == *kind)) {
        output::complain(kind.hint());
    }
    Ok(if exit == Exit::Done && !found.is_empty() { Exit::Found } else { exit })
}

/// A file that cannot be opened is named, makes it a failure, and hides none of the others.
fn check_files(paths: &[PathBuf], exit: &mut Exit) -> anyhow::Result<Vec<Found>> {
    let here = [PathBuf::from(".")];
    let files = notebooks::expand(if paths.is_empty() { &here } else { paths })?;
    let mut found = Vec::new();
    for file in files {
        match notebooks::open(&file) {
            Ok(bytes) => found.extend(conflicts(&file, &bytes)),
            Err(error) => {
                output::complain_of(&file, &error);
                *exit = Exit::Failure;
            }
        }
    }
    Ok(found)
}

fn check_staged(args: &Args) -> anyhow::Result<Vec<Found>> {
    let here = Path::new(".");
    let notebooks = staged::changed(here, &args.paths)?;
    let mut found = Vec::new();
    for staged in notebooks.iter().filter(|staged| staged.blob.is_none()) {
        found.push(Found { kind: Kind::Conflict, line: format!("{}: unmerged\n", output::name(&staged.path)) });
    }
    let filter = if args.conflicts_only { None } else { Filtered::among(&notebooks)? };
    staged::read_each(here, &notebooks, |staged, bytes| {
        found.extend(conflicts(&staged.path, &bytes));
        found.extend(filter.as_ref().and_then(|filter| filter.uncleaned(&staged.path, &bytes)));
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
    fn uncleaned(&self, path: &Path, bytes: &[u8]) -> Option<Found> {
        let outputs = self.paths.contains(path).then(|| outputs(&self.top().join(path), bytes)).flatten()?;
        match self.repository.filtered(path, bytes) {
            Ok(stored) if stored == bytes => None,
            Ok(_) => {
                let line = format!("{}: staged uncleaned{}\n", output::name(path), of_outputs(outputs));
                Some(Found { kind: Kind::Uncleaned, line })
            }
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
fn conflicts(path: &Path, bytes: &[u8]) -> Vec<Found> {
    if !may_conflict(bytes) {
        return Vec::new();
    }
    let name = output::name(path);
    let notebook = match Notebook::read(bytes) {
        Ok(notebook) => notebook,
        Err(ReadError::ConflictMarkers { line }) => {
            let line = format!("{name}:{line}: git conflict markers between the lines of the JSON\n");
            return vec![Found { kind: Kind::Markers, line }];
        }
        Err(_) => return Vec::new(),
    };
    let cells = notebook.cells.iter().enumerate();
    let mut open: Vec<_> =
        cells.filter_map(|(index, cell)| cell.unresolved().map(|record| (index + 1, record))).collect();
    // A conflict of several cells is one, and begins at the first; another may stand within it.
    let mut known = HashSet::new();
    open.retain(|(_, record)| known.insert(record.number));
    let found = |(cell, record): &(usize, Record)| Found {
        kind: Kind::Conflict,
        line: format!("{name}: cell {cell}: unresolved conflict {} ({})\n", record.number, record.kind.name()),
    };
    open.iter().map(found).collect()
}

/// Whether a file needs to be read at all: quick, and sure where it says no.
fn may_conflict(bytes: &[u8]) -> bool {
    let markers = ["<<<<<<<", "=======", ">>>>>>>", "|||||||"];
    holds_records(bytes) || markers.iter().any(|marker| memchr::memmem::find(bytes, marker.as_bytes()).is_some())
}
