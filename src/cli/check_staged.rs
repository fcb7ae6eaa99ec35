//! What `cellwise check` reads from git: what is staged, and what stands in a revision.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use cellwise::git::install::FILTER;
use cellwise::git::revisions::Repository;
use cellwise::git::staged::{self, Entry};

use super::check_found::{Found, What, conflicts};
use super::check_merged::{Merged, is_suspect};
use super::check_report::Outcome;
use super::filtered::Cleaner;

/// What is looked for in a notebook that is staged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Looked {
    /// Open conflicts.
    Conflicts,
    /// Also what the filter would have staged otherwise.
    Uncleaned,
}

/// Looks at all notebooks in a tree.
pub(super) fn check_tree(tree: &str, paths: &[PathBuf]) -> anyhow::Result<Outcome> {
    let here = Path::new(".");
    let mut outcome = Outcome::default();
    read(&staged::in_tree(here, tree, paths)?, &mut outcome, |path, bytes| Ok(of_file(path, bytes)))?;
    for path in paths {
        // A folder without notebooks is fine, and a name that was mistyped is not.
        if !staged::is_in_tree(here, tree, path)? {
            outcome.unread.push((path.clone(), anyhow!("the revision has no such file")));
        }
    }
    Ok(outcome)
}

/// Looks at what the next commit would change.
pub(super) fn check_staged(paths: &[PathBuf], looked: Looked) -> anyhow::Result<Outcome> {
    let notebooks = staged::changed(Path::new("."), paths)?;
    let mut filter = if looked == Looked::Conflicts { None } else { Filtered::among(&notebooks)? };
    let unmerged = notebooks.iter().filter(|entry| entry.blob.is_none());
    let unmerged = unmerged.map(|entry| Found { path: entry.path.clone(), what: What::Unmerged });
    let mut outcome = Outcome { found: unmerged.collect(), ..Outcome::default() };
    // Asked for only where it may matter, so that a commit takes no longer.
    let mut merged: Option<Option<Merged>> = None;
    read(&notebooks, &mut outcome, |path, bytes| {
        let mut found = of_file(path, bytes);
        if found.is_empty() && is_suspect(bytes) {
            let merged = merged.get_or_insert_with(|| Merged::below(&[]));
            let whats = merged.as_ref().map(|merged| merged.staged(path, bytes)).unwrap_or_default();
            found.extend(whats.into_iter().map(|what| Found { path: path.to_owned(), what }));
        }
        if let Some(filter) = &mut filter {
            found.extend(filter.uncleaned(path, bytes)?);
        }
        Ok(found)
    })?;
    outcome.found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(outcome)
}

fn of_file(path: &Path, bytes: &[u8]) -> Vec<Found> {
    conflicts(bytes).into_iter().map(|what| Found { path: path.to_owned(), what }).collect()
}

/// Reads all blobs and has `look` look at each.
fn read(
    notebooks: &[Entry],
    outcome: &mut Outcome,
    mut look: impl FnMut(&Path, &[u8]) -> anyhow::Result<Vec<Found>>,
) -> anyhow::Result<()> {
    outcome.checked = notebooks.len();
    staged::read_each(Path::new("."), notebooks, |entry, bytes| {
        match bytes.map_err(anyhow::Error::from).and_then(|bytes| look(&entry.path, &bytes)) {
            Ok(found) => outcome.found.extend(found),
            Err(error) => outcome.unread.push((entry.path.clone(), error)),
        }
    })?;
    outcome.checked -= outcome.unread.len();
    Ok(())
}

/// The staged notebooks that our filter is to clean.
struct Filtered<'s> {
    repository: Repository,
    paths: HashSet<&'s Path>,
    cleaner: Cleaner,
    judge: Judge,
}

/// Who has the last word on what the filter makes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Judge {
    /// We have: the filter is this program, without options.
    Cleaner,
    /// The filter, which may be configured with options of its own: some processes for each file.
    Git,
}

impl<'s> Filtered<'s> {
    /// `None` if there are none.
    fn among(notebooks: &'s [Entry]) -> anyhow::Result<Option<Self>> {
        let paths: Vec<&Path> = notebooks.iter().map(|entry| entry.path.as_path()).collect();
        if paths.is_empty() {
            return Ok(None);
        }
        let repository = Repository::through_executable(Path::new("."))?;
        let is_ours = staged::is_our_process(Path::new("."), FILTER)?;
        let judge = if is_ours { Judge::Cleaner } else { Judge::Git };
        let mut filtered = Self { repository, paths: HashSet::new(), cleaner: Cleaner::default(), judge };
        filtered.paths.extend(staged::filtered(filtered.top(), &paths, FILTER)?);
        Ok((!filtered.paths.is_empty()).then_some(filtered))
    }

    fn top(&self) -> &Path {
        self.repository.top().unwrap_or(Path::new("."))
    }

    /// Whether a notebook would be staged otherwise today.
    fn uncleaned(&mut self, path: &Path, bytes: &[u8]) -> anyhow::Result<Option<Found>> {
        if !self.paths.contains(path) {
            return Ok(None);
        }
        let file = self.top().join(path);
        let Ok(Some(dirty)) = self.cleaner.dirty(bytes, &file) else { return Ok(None) };
        let stays = self.judge == Judge::Git && self.repository.filtered(path, bytes)? == bytes;
        let found = || Found { path: path.to_owned(), what: What::Uncleaned { outputs: dirty.outputs() } };
        Ok((!stays).then(found))
    }
}
