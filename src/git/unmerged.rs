//! What git's index knows of notebooks that a merge left unmerged, and how they are staged once they are settled.
//!
//! Everything is asked of the `git` executable. It alone reads every index (sha256, sparse, split) and the
//! resolve-undo extension, in which the stages of a path lie on that was staged with its conflict; it runs the filters
//! when a file is staged; and nobody waits for the few milliseconds where a person settles conflicts.

use std::ffi::OsString;
use std::io::{self, Seek as _, Write as _};
use std::path::{Component, Path, PathBuf};

use super::batch::{self, For};
use super::command::{self, GitError};
use super::revisions::{inside, is_notebook};
use super::staged;
use crate::merge::Sides;

/// Why the index gave no answer, or took none.
#[derive(Debug, thiserror::Error)]
pub enum UnmergedError {
    /// No repository.
    #[error("{} is not in a git repository: there is no merge to settle", .0.display())]
    NoRepository(PathBuf),
    /// A bare repository, or a folder inside of `.git`.
    #[error("there is no work tree here: a merge is settled in a checked out repository")]
    NoWorkTree,
    /// Another process writes the index, or one died at it.
    #[error(
        "another git command is running in this repository: try again when it is done, or remove `{}` if there is none",
        .0.display()
    )]
    Locked(PathBuf),
    /// git could not be run, or refused.
    #[error(transparent)]
    Git(#[from] GitError),
    /// There is no room for a temporary file.
    #[error("no temporary file can be written: {0}")]
    Temporary(#[from] io::Error),
}

/// One stage of a path in the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageEntry {
    /// git's mode (`0o100644`).
    pub mode: u32,
    /// The blob's id in hexadecimal.
    pub oid: String,
}

/// Whether a path waits to be staged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexState {
    /// It is unmerged: git lets nobody commit.
    Unmerged,
    /// It was staged since, and the file is still there; its stages are remembered until the next merge or checkout.
    Staged,
}

/// A path with what a merge found there: stages 1, 2 and 3, of which some may be missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmergedPath {
    /// The path from the top of the work tree.
    pub path: PathBuf,
    /// The path from the folder that [`WorkTree::around`] was given.
    pub typed: PathBuf,
    /// Base (1), ours (2) and theirs (3). No base: both added it. One side missing: that side deleted or renamed it.
    pub stages: Sides<Option<StageEntry>>,
    /// Whether it waits to be staged.
    pub state: IndexState,
}

impl UnmergedPath {
    /// The two letters of `git status --short`, such as `UU` (both modified) or `DU` (deleted by us).
    #[must_use]
    pub fn letters(&self) -> &'static str {
        let Sides { base, ours, theirs } = self.stages.as_ref().map(Option::is_some);
        match (base, ours, theirs) {
            (true, true, true) => "UU",
            (false, true, true) => "AA",
            (true, false, true) => "DU",
            (true, true, false) => "UD",
            (false, true, false) => "AU",
            (false, false, true) => "UA",
            (_, false, false) => "DD",
        }
    }
}

/// A checked out repository, one of its linked work trees, or one that the environment names (`GIT_DIR`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkTree {
    dir: PathBuf,
    top: PathBuf,
    git_dir: PathBuf,
    /// The folder below the top that questions are asked from.
    prefix: PathBuf,
}

impl WorkTree {
    /// The work tree around `dir`; paths count from there.
    ///
    /// # Errors
    /// There is no repository or no work tree, or git does not want to read it.
    pub fn around(dir: &Path) -> Result<Self, UnmergedError> {
        let top = match command::rev_parse(dir, &["--show-toplevel"]) {
            Ok(Some(top)) => command::path(top),
            Ok(None) => return Err(no_repository(dir)),
            // In a bare repository or in `.git` git has another word for the lack of a work tree.
            Err(GitError::Failed { message, .. }) if message.contains("work tree") => {
                return Err(UnmergedError::NoWorkTree);
            }
            Err(other) => return Err(other.into()),
        };
        let ask = |question| command::rev_parse(dir, &[question])?.ok_or_else(|| no_repository(dir));
        let (git_dir, prefix) = (ask("--absolute-git-dir")?, ask("--show-prefix")?);
        Ok(Self { dir: dir.to_owned(), top, git_dir: command::path(git_dir), prefix: command::path(prefix) })
    }

    /// The top of the work tree.
    #[must_use]
    pub fn top(&self) -> &Path {
        &self.top
    }

    /// `path`, which counts from the top, as one would type it in the folder that this was found from.
    #[must_use]
    pub fn typed(&self, path: &Path) -> PathBuf {
        if self.is_around() { seen_from(&self.prefix, path) } else { self.top.join(path) }
    }

    /// The git directory of this work tree: the one with its `HEAD`, its index and the state of its merge.
    #[must_use]
    pub fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// The unmerged notebooks and those that were staged since the merge, by path.
    ///
    /// `paths` count from the folder this was found from; a folder means the notebooks in it, a file counts whatever its
    /// name, a pattern stands for what it fits where there is no such file, and none at all means every notebook. What git merges as a notebook is one.
    ///
    /// # Errors
    /// A pathspec leads out of the work tree, or git refuses.
    pub fn unmerged(&self, paths: &[PathBuf]) -> Result<Vec<UnmergedPath>, UnmergedError> {
        let mut found = self.listed("--unmerged", IndexState::Unmerged, paths)?;
        let is_listed = |path: &Path| found.binary_search_by(|known| known.path.as_path().cmp(path)).is_ok();
        let mut staged = self.listed("--resolve-undo", IndexState::Staged, paths)?;
        // Of a file that is gone nothing is left to settle; some are git's own, from trying a patch under an old name.
        staged.retain(|staged| !is_listed(&staged.path) && self.top.join(&staged.path).symlink_metadata().is_ok());
        found.append(&mut staged);
        found.sort_by(|one, other| one.path.cmp(&other.path));
        self.notebooks(found, paths)
    }

    /// The bytes of each stage of a path, as they are in the repository (before any smudge filter).
    ///
    /// # Errors
    /// A blob is not in the repository, or git cannot be run.
    pub fn read(&self, path: &UnmergedPath) -> Result<Sides<Option<Vec<u8>>>, UnmergedError> {
        let ids: Vec<&str> = entries(&path.stages).map(|entry| entry.oid.as_str()).collect();
        let mut blobs = Vec::new();
        batch::read_each(&self.top, &ids, For::Use, |_, bytes| blobs.push(bytes))?;
        let mut blobs = blobs.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter();
        Ok(path.stages.as_ref().map(|stage| stage.as_ref().and_then(|_| blobs.next())))
    }

    /// Stages the file at `path` (from the top), or its absence, as `git add` does: with its filters, and whatever
    /// characters its name has.
    ///
    /// # Errors
    /// Another process holds the index, or git refuses.
    pub fn stage(&self, path: &Path) -> Result<(), UnmergedError> {
        match self.write_index(&["add"], path) {
            // Outside of a sparse checkout git adds nothing unless it is told to (2.34 and later know how).
            Err(UnmergedError::Git(refusal)) => {
                self.write_index(&["add", "--sparse"], path).map_err(|_| refusal.into())
            }
            done => done,
        }
    }

    /// Makes a path that was staged unmerged again.
    ///
    /// # Errors
    /// Another process holds the index, or git refuses.
    pub fn unstage(&self, path: &UnmergedPath) -> Result<(), UnmergedError> {
        // `update-index --unresolve` takes only names of branches in old versions.
        let stages = [(1, &path.stages.base), (2, &path.stages.ours), (3, &path.stages.theirs)];
        let none = entries(&path.stages).next().map(|entry| "0".repeat(entry.oid.len())).unwrap_or_default();
        let mut lines = vec![format!("0 {none}\t")];
        let known = stages.into_iter().filter_map(|(stage, entry)| Some((stage, entry.as_ref()?)));
        lines.extend(known.map(|(stage, entry)| format!("{:o} {} {stage}\t", entry.mode, entry.oid)));
        let mut list = Vec::new();
        for line in lines {
            list.extend_from_slice(line.as_bytes());
            list.extend_from_slice(path.path.as_os_str().as_encoded_bytes());
            list.push(0);
        }
        let mut file = tempfile::tempfile()?;
        file.write_all(&list)?;
        file.rewind()?;
        let args = ["update-index", "-z", "--index-info"].map(OsString::from);
        self.told(command::run_reading(&self.top, &args, Some(file), &[]))
    }

    fn write_index(&self, command: &[&str], path: &Path) -> Result<(), UnmergedError> {
        let args = command.iter().map(OsString::from).chain(["--".into(), path.as_os_str().to_owned()]);
        let args: Vec<OsString> = args.collect();
        let literally = [("GIT_LITERAL_PATHSPECS", OsString::from("1"))];
        self.told(command::run_reading(&self.top, &args, None, &literally))
    }

    pub(super) fn told(&self, answer: Result<Vec<u8>, GitError>) -> Result<(), UnmergedError> {
        match answer {
            Ok(_) => Ok(()),
            Err(GitError::Failed { message, .. }) if message.contains("index.lock") => {
                Err(UnmergedError::Locked(self.git_dir.join("index.lock")))
            }
            Err(other) => Err(other.into()),
        }
    }

    /// Puts bytes into the repository, so that they can be had again by `git cat-file blob ID`, and gives that id. git
    /// forgets them after some weeks.
    ///
    /// # Errors
    /// The repository cannot be written, or git cannot be run.
    pub fn save(&self, bytes: &[u8]) -> Result<String, UnmergedError> {
        let mut file = tempfile::tempfile()?;
        file.write_all(bytes)?;
        file.rewind()?;
        let args = ["hash-object", "-w", "--stdin"].map(OsString::from);
        let id = command::run_reading(&self.top, &args, Some(file), &[])?;
        Ok(String::from_utf8_lossy(&command::line(id)).into_owned())
    }

    /// What `git ls-files` lists, by path.
    fn listed(&self, what: &str, state: IndexState, paths: &[PathBuf]) -> Result<Vec<UnmergedPath>, UnmergedError> {
        let mut args: Vec<OsString> = ["ls-files", what, "-z", "--full-name", "--"].map(OsString::from).into();
        args.extend(paths.iter().map(|path| pathspec(&self.dir, path)));
        let from = if paths.is_empty() { &self.top } else { &self.dir };
        let mut found: Vec<UnmergedPath> = Vec::new();
        for (path, stage, entry) in parse(&command::run(from, args)?) {
            if found.last().is_none_or(|last| last.path != path) {
                let typed = self.typed(&path);
                found.push(UnmergedPath { path, typed, stages: Sides::default(), state });
            }
            if let Some(last) = found.last_mut() {
                *stage_of(&mut last.stages, stage) = Some(entry);
            }
        }
        found.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(found)
    }

    /// Those of `found` that are regular files, and notebooks by their name, by somebody's word or by attribute.
    fn notebooks(&self, found: Vec<UnmergedPath>, typed: &[PathBuf]) -> Result<Vec<UnmergedPath>, UnmergedError> {
        let typed = self.counted_from_top(typed);
        let is_known = |path: &Path| is_notebook(path) || typed.iter().any(|typed| typed == path);
        let others: Vec<&Path> = found.iter().map(|found| &*found.path).filter(|path| !is_known(path)).collect();
        let merged_so = staged::with_attribute(&self.top, &others, "merge", super::install::DRIVER)?;
        let counts: Vec<bool> = found
            .iter()
            .map(|found| is_file(&found.stages) && (is_known(&found.path) || merged_so.contains(&&*found.path)))
            .collect();
        Ok(found.into_iter().zip(counts).filter(|(_, counts)| *counts).map(|(found, _)| found).collect())
    }

    /// Whether the folder this was found from lies in the work tree; the environment may name any.
    fn is_around(&self) -> bool {
        let [dir, top] = [&self.dir, &self.top].map(|path| path.canonicalize());
        matches!((dir, top), (Ok(dir), Ok(top)) if dir.starts_with(&top))
    }

    fn counted_from_top(&self, typed: &[PathBuf]) -> Vec<PathBuf> {
        let [Ok(dir), Ok(top)] = [self.dir.canonicalize(), self.top.canonicalize()] else { return Vec::new() };
        typed.iter().filter_map(|typed| inside(&dir, &top, typed)).collect()
    }
}

/// What `path`, typed in `dir`, means to git: itself, or a pattern where there is no such file.
pub(super) fn pathspec(dir: &Path, path: &Path) -> OsString {
    let has_wildcard = path.as_os_str().as_encoded_bytes().iter().any(|byte| b"*?[".contains(byte));
    let is_pattern = has_wildcard && dir.join(path).symlink_metadata().is_err();
    let mut spelled = OsString::from(if is_pattern { ":(glob)" } else { ":(literal)" });
    spelled.push(path);
    spelled
}

fn no_repository(dir: &Path) -> UnmergedError {
    UnmergedError::NoRepository(std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned()))
}

fn entries(stages: &Sides<Option<StageEntry>>) -> impl Iterator<Item = &StageEntry> {
    [&stages.base, &stages.ours, &stages.theirs].into_iter().flatten()
}

/// Whether no stage is a symbolic link or a submodule.
fn is_file(stages: &Sides<Option<StageEntry>>) -> bool {
    entries(stages).all(|entry| entry.mode & 0o170_000 == 0o100_000)
}

fn stage_of<T>(stages: &mut Sides<T>, stage: Stage) -> &mut T {
    match stage {
        Stage::Base => &mut stages.base,
        Stage::Ours => &mut stages.ours,
        Stage::Theirs => &mut stages.theirs,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Base,
    Ours,
    Theirs,
}

/// Reads `MODE OID STAGE TAB PATH NUL`.
fn parse(list: &[u8]) -> impl Iterator<Item = (PathBuf, Stage, StageEntry)> {
    list.split(|&byte| byte == 0).filter_map(|record| {
        let tab = record.iter().position(|&byte| byte == b'\t')?;
        let mut words = std::str::from_utf8(&record[..tab]).ok()?.split(' ');
        let mode = u32::from_str_radix(words.next()?, 8).ok()?;
        let oid = words.next()?.to_owned();
        let stage = match words.next()? {
            "1" => Stage::Base,
            "2" => Stage::Ours,
            "3" => Stage::Theirs,
            _ => return None,
        };
        Some((command::path(record[tab + 1..].to_vec()), stage, StageEntry { mode, oid }))
    })
}

/// `path`, which counts from the top, as one would type it in the folder `prefix` below the top: with slashes everywhere, as
/// git shows it.
fn seen_from(prefix: &Path, path: &Path) -> PathBuf {
    let (from, to): (Vec<Component<'_>>, Vec<Component<'_>>) =
        (prefix.components().collect(), path.components().collect());
    let shared = from.iter().zip(&to).take_while(|(one, other)| one == other).count();
    let up = from[shared..].iter().map(|_| Component::ParentDir);
    let mut seen = OsString::new();
    for component in up.chain(to[shared..].iter().copied()) {
        if !seen.is_empty() {
            seen.push("/");
        }
        seen.push(component);
    }
    seen.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_git_is_read() {
        let list = b"100644 aa 1\tn\nm.ipynb\x00120000 bb 3\tx y\x00100644 cc 0\tmerged\x00nonsense\x00";
        let found: Vec<_> = parse(list).collect();
        let entry = |mode, oid: &str| StageEntry { mode, oid: oid.to_owned() };
        let expected = [
            ("n\nm.ipynb".into(), Stage::Base, entry(0o100_644, "aa")),
            ("x y".into(), Stage::Theirs, entry(0o120_000, "bb")),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_path_is_shown_as_it_is_typed() {
        let typed = |prefix: &str, path: &str| seen_from(prefix.as_ref(), path.as_ref()).to_str().unwrap().to_owned();
        assert_eq!(typed("", "a/b"), "a/b");
        assert_eq!(typed("a/", "a/b"), "b");
        assert_eq!(typed("a/b/", "a/c"), "../c");
        assert_eq!(typed("a/", "b"), "../b");
    }
}
