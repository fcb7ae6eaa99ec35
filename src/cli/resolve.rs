//! `cellwise resolve`

use std::path::{Path, PathBuf};

use anyhow::bail;
use cellwise::file;
use cellwise::git::operation::Operation;
use cellwise::git::revisions::is_notebook;
use cellwise::git::unmerged::{IndexState, UnmergedError, WorkTree};
use cellwise::merge::{MergeOptions, Sides};
use cellwise::notebook::{Notebook, holds_records};
use cellwise::render::{ListedConflict, ListedNotebook, conflict_document, conflict_list};
use cellwise::resolve::{
    HandWork, OpenConflict, Take, hand_work, open_conflicts, settle_all, texts, without_stale_records,
};

use super::conflicted::Conflicted;
use super::exit::Exit;
use super::walk::{Ended, Walk};
use super::{notebooks, output};

/// Settle merge conflicts in notebooks
///
/// Without an option: lists what is open. What you have settled or edited by hand stays. A notebook in which nothing is
/// open any more is staged. Exits with 1 if conflicts are left.
#[derive(clap::Args)]
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
    let mut files = files(work_tree.as_ref(), &args.paths)?;
    let resolving = Resolving { work_tree: work_tree.map(|work_tree| (operation(&work_tree, &files), work_tree)) };
    if args.cell.is_some() && files.len() != 1 {
        bail!("--cell is about one notebook: name it (cellwise resolve --ours --cell 3 PATH)");
    }
    if files.is_empty() {
        output::complain(match args.restart {
            true => "no notebook is unmerged; name the one to begin again with: cellwise resolve --restart PATH",
            false => "no notebook is unmerged (`cellwise check` looks for conflicts in all of them)",
        });
    }
    match args.take() {
        Some(take) => resolving.each(&mut files, |file| resolving.take(file, take, args.cell)),
        None if args.interactive => resolving.walk_all(&mut files),
        None if args.restart => resolving.each(&mut files, |file| resolving.restart(file, args.force)),
        None => resolving.list(&files, args.json),
    }
}

/// The notebooks that are meant: unmerged ones, those staged since that still have something open, and whatever
/// else was named. One that cannot be read is told of, and hides no other.
fn files(work_tree: Option<&WorkTree>, paths: &[PathBuf]) -> anyhow::Result<Vec<anyhow::Result<Conflicted>>> {
    let entries = work_tree.map(|work_tree| work_tree.unmerged(paths)).transpose()?.unwrap_or_default();
    let named = if paths.is_empty() { Vec::new() } else { notebooks::expand(paths)? };
    let is_known = |path: &PathBuf| entries.iter().any(|entry| same_path(&entry.typed, path));
    let others: Vec<PathBuf> = named.into_iter().filter(|path| !is_known(path)).collect();
    let entries = entries.iter().map(|entry| (entry.typed.clone(), Some(entry.clone())));
    let all = entries.chain(others.into_iter().map(|path| (path, None)));
    let mut files = Vec::new();
    for (path, entry) in all {
        let is_typed = paths.iter().any(|typed| same_path(typed, &path));
        let is_meant = is_typed || entry.as_ref().is_some_and(|entry| entry.state == IndexState::Unmerged);
        let file = Conflicted::read(&path, entry, work_tree);
        if is_meant || file.as_ref().is_ok_and(|file| !open_in(file).is_empty()) {
            files.push(file);
        }
    }
    Ok(files)
}

/// What git is doing. Of some operations only the labels beside the markers tell.
fn operation(work_tree: &WorkTree, files: &[anyhow::Result<Conflicted>]) -> Operation {
    let seen = files.iter().flatten().map(Conflicted::labels).find(|labels| labels.ours.is_some());
    let without_path = |label: String| match label.rsplit_once(':') {
        Some((label, path)) if is_notebook(Path::new(path)) => label.to_owned(),
        _ => label,
    };
    Operation::of(work_tree, &seen.unwrap_or_default().map(|label| label.map(without_path)))
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

    /// Walks over the conflicts of one notebook after another, until somebody has enough.
    fn walk_all(&self, files: &mut [anyhow::Result<Conflicted>]) -> anyhow::Result<Exit> {
        let mut stopped = None;
        let exit = self.each(files, |file| match stopped {
            Some(exit) => Ok(exit),
            None => {
                let ended = self.walk(file)?;
                stopped = match ended {
                    Ended::Interrupted(_) => Some(Exit::Interrupted),
                    Ended::Quit(_) => Some(Exit::Found),
                    Ended::Left(_) | Ended::Settled => None,
                };
                Ok(match ended {
                    Ended::Settled => Exit::Done,
                    _ => stopped.unwrap_or(Exit::Found),
                })
            }
        })?;
        Ok(exit)
    }

    /// Walks over the conflicts of a notebook. A file with git's text markers becomes one first.
    fn walk(&self, file: &mut Conflicted) -> anyhow::Result<Ended> {
        has_both_sides(file)?;
        let options = self.options(file)?;
        let start = file.conflicted(&file.remerge(&options))?.to_vec();
        let before = open_conflicts(&Notebook::read(&start)?).len();
        file.write(start.clone())?;
        if before == 0 {
            self.finish(file, &start, before)?;
            return Ok(Ended::Settled);
        }
        let words = match &self.work_tree {
            Some((operation, _)) => operation.words.clone(),
            None => file.labels().map(Option::unwrap_or_default),
        };
        let (name, path) = (file.name(), file.path.clone());
        let mut save = |old: &[u8], new: &[u8]| Ok(file::replace_unchanged(&path, old, new)?);
        let remerge = file.remerge(&options);
        let mut walk =
            Walk { name: &name, bytes: start, remerge: remerge.as_ref().ok(), sides: &words, save: &mut save };
        let ended = walk.run()?;
        let bytes = walk.bytes;
        file.bytes = Some(bytes.clone());
        if matches!(ended, Ended::Settled) && self.put(file, &bytes)? == Put::Staged {
            output::complain(&format!("{name}: staged"));
        }
        Ok(ended)
    }

    /// Settles what is open with one side.
    fn take(&self, file: &mut Conflicted, take: Take, cell: Option<usize>) -> anyhow::Result<Exit> {
        has_both_sides(file)?;
        let options = self.options(file)?;
        let remerge = file.remerge(&options);
        let notebook = Notebook::read(file.conflicted(&remerge)?)?;
        let open = open_conflicts(&notebook);
        if let Some(cell) = cell.filter(|cell| !open.iter().any(|open| holds(open, *cell))) {
            bail!("no conflict is open in cell {cell} (cellwise resolve lists them)");
        }
        let wanted = |open: &OpenConflict| cell.is_none_or(|cell| holds(open, cell));
        let (settled, left) = settle_all(notebook.bytes, remerge.as_ref().ok(), take, wanted);
        let before = open.len();
        for (open, reason) in &left {
            output::complain(&format!("{}: cell {}: {reason}", file.name(), open.cell));
        }
        self.finish(file, &settled, before)
    }

    /// Writes a file without what counts for nothing any more in it, and stages it if nothing is open.
    fn put(&self, file: &mut Conflicted, settled: &[u8]) -> anyhow::Result<Put> {
        let notebook = Notebook::read(settled)?;
        file.write(without_stale_records(&notebook).unwrap_or_else(|| settled.to_vec()))?;
        let (Some((_, work_tree)), Some(entry)) = (&self.work_tree, &file.entry) else { return Ok(Put::Written) };
        if !open_conflicts(&notebook).is_empty() {
            return Ok(Put::Written);
        }
        work_tree.stage(&entry.path)?;
        Ok(Put::Staged)
    }

    /// Writes the settled file, and says what was done.
    fn finish(&self, file: &mut Conflicted, settled: &[u8], before: usize) -> anyhow::Result<Exit> {
        let left = open_conflicts(&Notebook::read(settled)?).len();
        let put = self.put(file, settled)?;
        let done = match before.saturating_sub(left) {
            0 => "nothing settled".to_owned(),
            1 => "1 conflict settled".to_owned(),
            many => format!("{many} conflicts settled"),
        };
        let done = if before == 0 { "nothing is open".to_owned() } else { done };
        let rest = match (left, put) {
            (0, Put::Staged) => ", staged".to_owned(),
            (0, Put::Written) => String::new(),
            (left, _) => format!(", {left} left"),
        };
        output::complain(&format!("{}: {done}{rest}", file.name()));
        Ok(if left == 0 { Exit::Done } else { Exit::Found })
    }

    /// Writes the conflicts anew.
    fn restart(&self, file: &mut Conflicted, force: bool) -> anyhow::Result<Exit> {
        has_both_sides(file)?;
        let options = self.options(file)?;
        let remerge = file.remerge(&options);
        // A file that cannot be taken apart says so better.
        file.conflicted(&remerge).map(drop).or_else(|error| if file.bytes.is_some() { Err(error) } else { Ok(()) })?;
        let remerge = remerge.map_err(anyhow::Error::msg)?;
        let lost = file.notebook().map(|notebook| hand_work(&notebook, &remerge)).unwrap_or_default();
        if !lost.is_none() {
            self.give_up(file, &lost, force)?;
        }
        let (bytes, conflicts) = (remerge.outcome.bytes.clone(), remerge.outcome.conflicts.len());
        if let (Some((_, work_tree)), Some(entry)) = (&self.work_tree, &file.entry)
            && entry.state == IndexState::Staged
        {
            work_tree.unstage(&entry.path)?;
        }
        file.write(bytes)?;
        let said = match conflicts {
            0 => "merged by cells, without conflicts; `git add` it".to_owned(),
            1 => "1 conflict, as the merge has left it".to_owned(),
            _ => format!("{conflicts} conflicts, as the merge has left them"),
        };
        output::complain(&format!("{}: {said}", file.name()));
        Ok(if conflicts == 0 { Exit::Done } else { Exit::Found })
    }

    /// Saves a file that somebody has worked on, if that is to go.
    fn give_up(&self, file: &Conflicted, lost: &HandWork, force: bool) -> anyhow::Result<()> {
        match &self.work_tree {
            Some((_, work_tree)) if force => {
                let id = work_tree.save(file.bytes.as_deref().unwrap_or_default())?;
                output::complain(&format!("{}: as it was: git cat-file blob {id}", file.name()));
                Ok(())
            }
            _ => bail!("{}; --force begins again all the same, and saves the file as it is as a blob", would_go(lost)),
        }
    }

    /// Says what is open.
    fn list(&self, files: &[anyhow::Result<Conflicted>], json: bool) -> anyhow::Result<Exit> {
        let (mut exit, mut listed) = (Exit::Done, Vec::new());
        for file in files {
            match file.as_ref().map(|file| (file, self.listed(file))) {
                Ok((_, Ok(notebook))) => {
                    listed.push(notebook);
                    continue;
                }
                Ok((file, Err(error))) => output::complain_of(&file.path, &error),
                Err(error) => output::complain(&output::reasons(error)),
            }
            exit = Exit::Failure;
        }
        let open = listed.iter().any(|notebook| !notebook.conflicts.is_empty());
        let operation = self.work_tree.as_ref().map(|(operation, _)| operation);
        let mut out = Vec::new();
        if json {
            let words = operation.map(|operation| &operation.words);
            conflict_document(operation.and_then(|operation| operation.kind.name()), words, &listed, &mut out);
        } else {
            listed.iter().for_each(|notebook| conflict_list(notebook, output::columns(), &mut out));
            if let Some(Operation { words, .. }) = operation.filter(|_| open) {
                let line = format!("ours: {}; theirs: {}", words.ours, words.theirs);
                out.extend_from_slice(output::visible(&line).as_bytes());
                out.push(b'\n');
            }
        }
        output::write(&out)?;
        if open && !json {
            output::complain(
                "settle them one by one with `cellwise resolve -i`, or all with --ours, --theirs, --union or --base \
                 (--cell N: one)",
            );
        }
        Ok(exit.max(if open { Exit::Found } else { Exit::Done }))
    }

    fn listed(&self, file: &Conflicted) -> anyhow::Result<ListedNotebook> {
        has_both_sides(file)?;
        let options = self.options(file)?;
        let remerge = file.remerge(&options);
        let notebook = Notebook::read(file.conflicted(&remerge)?)?;
        let conflicts = open_conflicts(&notebook).into_iter().map(|open| {
            let texts = texts(&notebook, &open, remerge.as_ref().ok());
            ListedConflict { open, texts }
        });
        Ok(ListedNotebook { path: file.name(), unmerged: file.is_unmerged(), conflicts: conflicts.collect() })
    }
}

/// Whether there are two sides to settle. Where both renamed the file, git leaves the merged one, conflicts and all, under
/// each name.
fn has_both_sides(file: &Conflicted) -> anyhow::Result<()> {
    if !open_in(file).is_empty() {
        return Ok(());
    }
    let stages = file.entry.as_ref().map(|entry| entry.stages.as_ref().map(Option::is_some));
    let side = match stages {
        Some(Sides { ours: false, .. }) => "our side",
        Some(Sides { theirs: false, .. }) => "their side",
        _ => return Ok(()),
    };
    bail!("{side} deleted or renamed it: keep it with `git add`, or drop it with `git rm`")
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Put {
    Written,
    /// The index has had stages of it.
    Staged,
}

/// The conflicts that are open in a file.
fn open_in(file: &Conflicted) -> Vec<OpenConflict> {
    let may_be = file.bytes.as_deref().is_some_and(holds_records);
    may_be.then(|| file.notebook()).flatten().map(|notebook| open_conflicts(&notebook)).unwrap_or_default()
}

fn holds(open: &OpenConflict, cell: usize) -> bool {
    (open.cell..=open.last_cell).contains(&cell)
}

fn same_path(one: &Path, other: &Path) -> bool {
    let plain = |path: &Path| path.strip_prefix(".").unwrap_or(path).to_owned();
    plain(one) == plain(other)
}

/// `cells 3 and 7 were edited by hand`
fn would_go(work: &HandWork) -> String {
    let mut said = Vec::new();
    match work.edited.as_slice() {
        [] => {}
        [cell] => said.push(format!("cell {cell} was edited by hand")),
        cells => {
            let cells: Vec<String> = cells.iter().map(ToString::to_string).collect();
            said.push(format!("cells {} were edited by hand", cells.join(", ")));
        }
    }
    match work.deleted {
        0 => {}
        1 => said.push("a cell was deleted".to_owned()),
        many => said.push(format!("{many} cells were deleted")),
    }
    if work.moved {
        said.push("cells were moved".to_owned());
    }
    if work.notebook {
        said.push("the notebook's metadata was edited".to_owned());
    }
    said.join(", ")
}
