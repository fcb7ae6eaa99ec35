//! `cellwise add`: what is asked for (`names`), the two versions of a notebook (`versions`), and the walk over its changes
//! (`walk`, with its `question`s).

mod names;
mod question;
mod versions;
mod walk;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::bail;
use cellwise::git::adding::{Known, Staging, Unstaged};
use cellwise::pick::{CellName, Changes, Item};

use super::examples;
use super::exit::Exit;
use super::notebooks::{is_pattern, same_path};
use super::output;
use names::{CellNames, Of};
use versions::Versions;
use walk::{Ended, Stroll};

/// Stage chosen cells of notebooks, and leave the files as they are
///
/// A cell is staged with all that belongs to it: its source, outputs and metadata, its place if it was moved, its absence
/// if it was deleted. All else stays as it is staged. What is staged of a file is what `git add` would store of it, with
/// filters and line ends; `git add PATH` stages the rest.
#[derive(clap::Args)]
#[command(after_long_help = examples::ADD)]
pub(crate) struct Args {
    /// Notebooks or folders [with -p the default is: all that have changes]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Walk over the changed cells one by one, as `git add -p` does over hunks
    #[arg(short, long, conflicts_with_all = ["cells", "metadata"])]
    patch: bool,
    /// These cells, by their numbers in `cellwise diff`: 3, 4-6, and old5 for a deleted one
    #[arg(long = "cell", value_name = "N", value_delimiter = ',')]
    cells: Vec<CellNames>,
    /// What belongs to no cell: the notebook's metadata and format
    #[arg(long)]
    metadata: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    if !args.patch && args.cells.is_empty() && !args.metadata {
        output::complain("add: which cells? `cellwise add --cell 3 PATH` stages one, `cellwise add -p` asks for each");
        return Ok(Exit::Usage);
    }
    let staging = Staging::around(Path::new("."))?;
    let files = staging.unstaged(&args.paths)?;
    if args.patch {
        return walk_all(&staging, &files, &args.paths);
    }
    let ([path], [] | [_]) = (args.paths.as_slice(), files.as_slice()) else {
        output::complain("add: --cell and --metadata are about one notebook: name it (cellwise add --cell 3 PATH)");
        return Ok(Exit::Usage);
    };
    let done = match files.first() {
        Some(file) => stage_chosen(&staging, file, args),
        None => nothing_of(&staging, path),
    };
    done.map(|()| Exit::Done).or_else(|error| {
        output::complain_of(path, &error);
        Ok(Exit::Failure)
    })
}

const WHOLE_CHANGED: &str = "its format changed, and with it every cell: `git add` stages the whole file";

/// Stages what the command line names.
fn stage_chosen(staging: &Staging, file: &Unstaged, args: &Args) -> anyhow::Result<()> {
    let versions = Versions::read(staging, file)?;
    let (old, new) = versions.notebooks()?;
    let changes = Changes::of(&old, &new);
    let mut chosen = BTreeSet::new();
    for names in &args.cells {
        chosen.extend(named(&changes, names, [old.cells.len(), new.cells.len()])?);
    }
    if args.metadata {
        chosen.extend(of_no_cell(&changes)?);
    }
    let said = versions.stage(staging, file, &changes, &chosen)?;
    output::write(said.as_bytes())
}

/// The changes of what belongs to no cell.
fn of_no_cell(changes: &Changes<'_>) -> anyhow::Result<Vec<usize>> {
    let items = changes.items().iter().enumerate();
    let found: Vec<usize> =
        items.filter(|(_, item)| matches!(item, Item::Metadata | Item::Layout)).map(|(index, _)| index).collect();
    match (found.is_empty(), changes.items()) {
        (false, _) => Ok(found),
        (true, [Item::Whole]) => bail!(WHOLE_CHANGED),
        (true, _) => bail!("nothing has changed but cells"),
    }
}

/// The changes of the cells that somebody named.
fn named(changes: &Changes<'_>, names: &CellNames, counts: [usize; 2]) -> anyhow::Result<Vec<usize>> {
    let (count, name): (_, fn(usize) -> CellName) = match names.of {
        Of::Old => (counts[0], CellName::Old),
        Of::New => (counts[1], CellName::New),
    };
    if *names.numbers.end() > count {
        bail!("there is no {names}: the notebook has {count} cells");
    }
    let found: Vec<usize> = names.numbers.clone().filter_map(|number| changes.item_of(name(number))).collect();
    match (found.is_empty(), changes.items(), names.of) {
        (false, ..) => Ok(found),
        (true, [Item::Whole], _) => bail!(WHOLE_CHANGED),
        (true, _, Of::New) => bail!("{names}: nothing to stage"),
        (true, _, Of::Old) => bail!("{names}: it was not deleted; `cellwise diff` says which number it has now"),
    }
}

/// Says why there is nothing to stage of a file that somebody named.
fn nothing_of(staging: &Staging, path: &Path) -> anyhow::Result<()> {
    match staging.known(path)? {
        Known::Staged => bail!("nothing to stage: no notebook that differs from what is staged"),
        Known::Folder => bail!("nothing to stage: no notebook in it differs from what is staged"),
        Known::Link => bail!("it is a symbolic link, which has no cells: `git add` stages it"),
        Known::Submodule => bail!("it is a submodule: stage its notebooks inside of it"),
        Known::Ignored => bail!("git ignores it (.gitignore); `git add -f -N` begins with its name"),
        Known::Untracked => bail!("git does not track it: `git add -N` begins with its name, then choose cells"),
        Known::Missing => bail!("there is no such file"),
    }
}

/// Walks over the changes of one notebook after another, until somebody has enough.
fn walk_all(staging: &Staging, files: &[Unstaged], paths: &[PathBuf]) -> anyhow::Result<Exit> {
    let mut exit = Exit::Done;
    for path in paths.iter().filter(|path| !files.iter().any(|file| is_meant(file, path))) {
        if let Err(error) = nothing_of(staging, path) {
            output::complain_of(path, &error);
            exit = Exit::Failure;
        }
    }
    if files.is_empty() && paths.is_empty() {
        output::complain("no notebook has changes that are not staged");
    }
    let mut stroll = Stroll::new();
    for file in files {
        match stroll.walk(staging, file) {
            Ok(Ended::Done) => {}
            Ok(Ended::Quit) => break,
            Ok(Ended::Interrupted) => return Ok(Exit::Interrupted),
            Err(error) => {
                output::complain_of(&file.typed, &error);
                exit = Exit::Failure;
            }
        }
    }
    Ok(exit)
}

/// Whether somebody named this file: itself, or a folder or a pattern, for which git has looked.
fn is_meant(file: &Unstaged, path: &Path) -> bool {
    path.is_dir() || is_pattern(path) || same_path(path, &file.typed)
}
