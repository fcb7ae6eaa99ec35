//! `cellwise resolve`: which notebooks are meant (`files`), and what becomes of each (`list`, `take`, `restart`, `walk_all`).

mod conflicted;
mod files;
mod list;
mod restart;
mod take;
mod walk_all;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use cellwise::git::operation::Operation;
use cellwise::git::revisions::Repository;
use cellwise::git::unmerged::{UnmergedError, WorkTree};
use cellwise::merge::{MergeOptions, Sides};
use cellwise::notebook::Notebook;
use cellwise::resolve::{Remerge, Take, open_conflicts, without_stale_records};

use super::examples;
use super::exit::Exit;
use super::output;
pub(super) use conflicted::Conflicted;

/// Settle merge conflicts in notebooks
///
/// Without an option: lists what is open. What you have settled or edited by hand stays. A notebook in which nothing is
/// open any more is staged. Exits with 1 if conflicts are left.
#[derive(clap::Args)]
#[command(after_long_help = examples::RESOLVE)]
#[group(skip)]
pub(crate) struct Args {
    /// Notebooks or folders [default: all that git calls unmerged]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Take our side of what is open
    #[arg(long, group = "how")]
    ours: bool,
    /// Take their side
    #[arg(long, group = "how")]
    theirs: bool,
    /// Take both, ours first
    #[arg(long, group = "how")]
    union: bool,
    /// Take neither: what both sides began with
    #[arg(long, group = "how")]
    base: bool,
    /// Walk over the conflicts one by one, as `git add -p` does over hunks
    #[arg(short, long, group = "how", conflicts_with = "cell")]
    interactive: bool,
    /// Only the conflict in this cell, counted from 1
    #[arg(long, value_name = "N", requires = "how")]
    cell: Option<usize>,
    /// Write the conflicts anew, as the merge has left them
    #[arg(long, group = "how", conflicts_with = "cell")]
    restart: bool,
    /// With --restart: even if edits by hand go (they are saved as a blob)
    #[arg(long, requires = "restart")]
    force: bool,
    /// List what is open as JSON (docs/json.md)
    #[arg(long, conflicts_with = "how")]
    json: bool,
}

impl Args {
    fn take(&self) -> Option<Take> {
        match self {
            Self { ours: true, .. } => Some(Take::Ours),
            Self { theirs: true, .. } => Some(Take::Theirs),
            Self { union: true, .. } => Some(Take::Union),
            Self { base: true, .. } => Some(Take::Base),
            _ => None,
        }
    }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let work_tree = match WorkTree::around(Path::new(".")) {
        Ok(work_tree) => Some(work_tree),
        Err(UnmergedError::NoRepository(_)) if !args.paths.is_empty() => None,
        Err(error) => return Err(error.into()),
    };
    let mut files = files::meant(work_tree.as_ref(), &args.paths)?;
    let resolving =
        Resolving { work_tree: work_tree.map(|work_tree| (files::operation(&work_tree, &files), work_tree)) };
    if args.cell.is_some() && files.len() > 1 {
        bail!("--cell is about one notebook: name it (cellwise resolve --ours --cell 3 PATH)");
    }
    if files.is_empty() {
        output::complain(match args {
            Args { restart: true, .. } => {
                "no notebook is unmerged; name the one to begin again with: cellwise resolve --restart PATH"
            }
            Args { paths, .. } if !paths.is_empty() => {
                "no notebook is unmerged there (`cellwise resolve` alone lists all that are)"
            }
            _ => "no notebook is unmerged (`cellwise check` looks for conflicts in all of them)",
        });
    }
    match args.take() {
        Some(take) => resolving.each(&mut files, |file| resolving.take(file, take, args.cell)),
        None if args.interactive => resolving.walk_all(&mut files),
        None if args.restart => resolving.each(&mut files, |file| resolving.restart(file, args.force)),
        None => resolving.list(&files, args.json),
    }
}

/// What all notebooks of a call have in common.
struct Resolving {
    /// Outside of a repository there are files, and no versions.
    work_tree: Option<(Operation, WorkTree)>,
}

impl Resolving {
    /// How a file was merged.
    fn options(&self, file: &Conflicted) -> anyhow::Result<MergeOptions> {
        let labels = match (&self.work_tree, &file.entry) {
            (Some((operation, work_tree)), Some(entry)) => operation.labels_of(work_tree, entry),
            _ => MergeOptions::default().labels,
        };
        file.options(&labels)
    }

    /// Does something to each notebook. What goes wrong with one does not keep the others.
    fn each(
        &self,
        files: &mut [anyhow::Result<Conflicted>],
        mut act: impl FnMut(&mut Conflicted) -> anyhow::Result<Exit>,
    ) -> anyhow::Result<Exit> {
        let mut exit = Exit::Done;
        for file in files {
            let ended = match file {
                Ok(file) => act(file).unwrap_or_else(|error| {
                    output::complain_of(&file.path, &error);
                    Exit::Failure
                }),
                Err(error) => {
                    output::complain(&output::reasons(error));
                    Exit::Failure
                }
            };
            exit = exit.max(ended);
        }
        Ok(exit)
    }

    /// The notebook to settle conflicts in: the file, or what it would be had cellwise merged it.
    fn notebook(&self, file: &Conflicted, remerge: &Result<Remerge<'_>, String>) -> anyhow::Result<Vec<u8>> {
        let bytes = file.conflicted(remerge)?;
        warn_of_text(file);
        match (file.holds_text_markers(), remerge) {
            (true, _) => self.checked_out(file, bytes),
            (false, Ok(remerge)) => file.not_a_version(remerge).map(|()| bytes.to_vec()),
            (false, Err(_)) => Ok(bytes.to_vec()),
        }
    }

    /// What a merge has written as git writes it to the work tree: with its line ends, say.
    fn checked_out(&self, file: &Conflicted, bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
        match (&self.work_tree, &file.entry) {
            (Some((_, work_tree)), Some(entry)) => {
                Ok(Repository::through_executable(work_tree.top())?.checked_out(&entry.path, bytes)?)
            }
            _ => Ok(bytes.to_vec()),
        }
    }

    /// Writes a file without what counts for nothing any more in it, and stages it if nothing is open.
    fn put(&self, file: &mut Conflicted, settled: &[u8]) -> anyhow::Result<Put> {
        let notebook = Notebook::read(settled)?;
        file.write(without_stale_records(&notebook).unwrap_or_else(|| settled.to_vec()))?;
        let (Some((_, work_tree)), Some(entry)) = (&self.work_tree, &file.entry) else { return Ok(Put::Written) };
        if !open_conflicts(&notebook).is_empty() {
            return Ok(Put::Written);
        }
        work_tree.stage(&entry.path).context("settled, but not staged (`git add` it)")?;
        // An editor may have saved the file just before git read it.
        if fs::read(&file.path).ok() != file.bytes {
            work_tree.unstage(entry)?;
            bail!("it changed meanwhile and was not staged: run it again");
        }
        Ok(Put::Staged)
    }
}

/// Says what of a file with git's markers is only to be had as text.
fn warn_of_text(file: &Conflicted) {
    if let Some(unread) = file.unread() {
        output::complain(&format!("{}: {unread}", file.name()));
    }
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Put {
    Written,
    /// The index has had stages of it.
    Staged,
}

/// Whether there are two sides to settle. Where both renamed the file, git leaves the merged one, conflicts and all, under
/// each name.
fn has_both_sides(file: &Conflicted) -> anyhow::Result<()> {
    if !files::open_in(file).is_empty() {
        return Ok(());
    }
    let stages = file.entry.as_ref().map(|entry| entry.stages.as_ref().map(Option::is_some));
    let side = match stages {
        Some(Sides { ours: false, theirs: false, .. }) => {
            bail!("each side deleted or renamed it: drop it with `git rm`")
        }
        Some(Sides { ours: false, .. }) => "our side",
        Some(Sides { theirs: false, .. }) => "their side",
        _ => return Ok(()),
    };
    bail!("{side} deleted or renamed it: keep it with `git add`, or drop it with `git rm`")
}
