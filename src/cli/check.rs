//! `cellwise check`

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use cellwise::git::revisions::{Comparison, Content, Repository};
use cellwise::notebook::{Notebook, ReadError, Record};

use super::exit::Exit;
use super::{notebooks, output};

/// Find unresolved merge conflicts in notebooks
///
/// Without PATH: in all notebooks that git tracks below this folder. Exits with 1 if there are any.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Notebooks or folders
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Look at what is staged instead of the files
    #[arg(long)]
    staged: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let mut exit = Exit::Done;
    let found = if args.staged { check_staged(&args.paths)? } else { check_files(&args.paths, &mut exit)? };
    output::write(found.concat().as_bytes())?;
    Ok(if exit == Exit::Done && !found.is_empty() { Exit::Found } else { exit })
}

/// A file that cannot be opened is named, makes it a failure, and hides none of the others.
fn check_files(paths: &[PathBuf], exit: &mut Exit) -> anyhow::Result<Vec<String>> {
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

fn check_staged(paths: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    let repository = Repository::discover(Path::new("."))?;
    let mut found = Vec::new();
    for change in repository.changes(&Comparison::Staged(None), paths)? {
        if change.after.content != Content::Absent {
            found.extend(conflicts(&change.after.path, &repository.read(&change.after)?));
        }
    }
    Ok(found)
}

/// A line for each conflict in a file. What is no notebook for another reason is none of our business.
fn conflicts(path: &Path, bytes: &[u8]) -> Vec<String> {
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
