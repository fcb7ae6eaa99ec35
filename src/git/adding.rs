//! Staging a version of a file that nobody has written: the index gets a blob of ours, the work tree keeps its file.
//!
//! Everything is asked of the `git` executable, which reads every index, obeys `GIT_INDEX_FILE`, and runs the filters. What
//! is compared is what `git add` would store; what is staged stands in that form already.

use std::ffi::OsString;
use std::io::{self, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use super::command::{self, GitError};
use super::revisions::{self, RevisionError, is_notebook, whole_variables};
use super::unmerged::{StageEntry, UnmergedError, WorkTree, pathspec};

/// Why nothing could be read or staged.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// No repository.
    #[error("{} is not in a git repository: there is nothing to stage", .0.display())]
    NoRepository(PathBuf),
    /// A bare repository, or a folder inside of `.git`.
    #[error("there is no work tree here: files are staged in a checked out repository")]
    NoWorkTree,
    /// Somebody else staged it meanwhile.
    #[error("it was staged by somebody else meanwhile; nothing was changed: run it again")]
    Changed,
    /// The index cannot be read or written.
    #[error(transparent)]
    Index(UnmergedError),
    /// What git would store of the file cannot be had.
    #[error(transparent)]
    Stored(#[from] RevisionError),
    /// git could not be run, or refused.
    #[error(transparent)]
    Git(#[from] GitError),
    /// There is no room for a temporary file.
    #[error("no temporary file can be written: {0}")]
    Temporary(#[from] io::Error),
}

impl From<UnmergedError> for AddError {
    fn from(error: UnmergedError) -> Self {
        match error {
            UnmergedError::NoRepository(dir) => Self::NoRepository(dir),
            UnmergedError::NoWorkTree => Self::NoWorkTree,
            other => Self::Index(other),
        }
    }
}

/// How a file of the work tree differs from what is staged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Another content or mode.
    Modified,
    /// Nothing of it is staged yet but its name (`git add -N`).
    Intended,
    /// It is gone.
    Deleted,
    /// A file here and a symbolic link there.
    TypeChanged,
    /// A merge has left it unmerged.
    Unmerged,
}

/// A file that differs from what is staged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unstaged {
    /// The path from the top of the work tree.
    pub path: PathBuf,
    /// The path from the folder that [`Staging::around`] was given.
    pub typed: PathBuf,
    /// How.
    pub state: State,
    /// The mode that it keeps or gets in the index, as git writes it (`0o100644`).
    pub mode: u32,
}

/// What git knows of a file with nothing to stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// It is staged as it is.
    Staged,
    /// The same, and it is a symbolic link.
    Link,
    /// A submodule.
    Submodule,
    /// A folder.
    Folder,
    /// git does not track it.
    Untracked,
    /// git is told to ignore it.
    Ignored,
    /// There is no such file.
    Missing,
}

/// What stands in the index for a file, and its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staged {
    entry: StageEntry,
    /// The bytes; `None` if only the name is there.
    pub bytes: Option<Vec<u8>>,
}

/// A work tree and its index.
#[derive(Debug, Clone)]
pub struct Staging {
    dir: PathBuf,
    work_tree: WorkTree,
}

impl Staging {
    /// The work tree around `dir`; paths count from there.
    ///
    /// # Errors
    /// There is no repository or no work tree, or git does not want to read it.
    pub fn around(dir: &Path) -> Result<Self, AddError> {
        Ok(Self { dir: dir.to_owned(), work_tree: WorkTree::around(dir)? })
    }

    /// The notebooks that differ from what is staged, by path; all of them if no paths are named. A folder means the
    /// notebooks in it. What git does not track is left out.
    ///
    /// # Errors
    /// A path leads out of the work tree, or git refuses.
    pub fn unstaged(&self, paths: &[PathBuf]) -> Result<Vec<Unstaged>, AddError> {
        let options = ["diff", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-relative", "--ignore-submodules"];
        let mut args: Vec<OsString> = options.map(OsString::from).into();
        args.extend(["--no-ext-diff", "--"].map(OsString::from));
        args.extend(paths.iter().map(|path| pathspec(&self.dir, path)));
        let mut found = parse(&command::run(&self.dir, args)?);
        found.retain(|file| is_notebook(&file.path));
        found.iter_mut().for_each(|file| file.typed = self.work_tree.typed(&file.path));
        // An unmerged path may be listed twice, once as if nothing were the matter.
        let is_settled = |file: &Unstaged| file.state != State::Unmerged;
        found.sort_by(|one, other| (&one.path, is_settled(one)).cmp(&(&other.path, is_settled(other))));
        found.dedup_by(|next, file| next.path == file.path);
        Ok(found)
    }

    /// What git knows of a path that [`Self::unstaged`] does not list.
    ///
    /// # Errors
    /// The path leads out of the work tree, or git refuses.
    pub fn known(&self, path: &Path) -> Result<Known, AddError> {
        let list: [OsString; 5] =
            ["ls-files".into(), "--stage".into(), "-z".into(), "--".into(), pathspec(&self.dir, path)];
        let staged = command::run(&self.dir, list)?;
        let is_folder = self.dir.join(path).is_dir();
        match staged.get(..6) {
            Some(b"160000") => return Ok(Known::Submodule),
            _ if is_folder => return Ok(Known::Folder),
            Some(b"120000") => return Ok(Known::Link),
            Some(_) => return Ok(Known::Staged),
            None if self.dir.join(path).symlink_metadata().is_err() => return Ok(Known::Missing),
            None => {}
        }
        let ask = ["check-ignore".into(), "--quiet".into(), "--".into(), path.as_os_str().to_owned()];
        let answer = command::output::<OsString>(&self.dir, &ask)?;
        match answer.status.code() {
            Some(0) => Ok(Known::Ignored),
            Some(1) => Ok(Known::Untracked),
            // It lies in a submodule, or behind a symbolic link.
            _ => Err(command::failure(&ask, &answer).into()),
        }
    }

    /// What is staged of a file.
    ///
    /// # Errors
    /// It was unstaged meanwhile, or git cannot read the blob.
    pub fn staged(&self, file: &Unstaged) -> Result<Staged, AddError> {
        let entry = self.entry(&file.path)?.ok_or(AddError::Changed)?;
        let blob = || self.ask(&["cat-file".into(), "blob".into(), entry.oid.clone().into()]);
        let bytes = if file.state == State::Intended { None } else { Some(blob()?) };
        Ok(Staged { entry, bytes })
    }

    /// What `git add` would stage: the file with its filters run, its line ends and its encoding as git stores them.
    ///
    /// # Errors
    /// A filter fails, or git refuses.
    pub fn stored(&self, file: &Unstaged) -> Result<Vec<u8>, AddError> {
        Ok(revisions::added(self.work_tree.top(), &file.path)?)
    }

    /// Stages `bytes`, which are in the form that git stores, in the place of what is `known` to be staged.
    ///
    /// # Errors
    /// Something else is staged by now, another process holds the index, or git refuses. The index is as it was.
    pub fn stage(&self, file: &Unstaged, known: &Staged, bytes: &[u8]) -> Result<(), AddError> {
        let store = ["hash-object", "-w", "--no-filters", "--stdin"].map(OsString::from);
        let oid = self.tell(&store, bytes).map(command::line)?;
        if self.entry(&file.path)?.as_ref() != Some(&known.entry) {
            return Err(AddError::Changed);
        }
        let mut line = format!("{:o} {} 0\t", file.mode, String::from_utf8_lossy(&oid)).into_bytes();
        line.extend_from_slice(file.path.as_os_str().as_encoded_bytes());
        line.push(0);
        let answer = self.tell(&["update-index", "-z", "--index-info"].map(OsString::from), &line);
        match answer {
            Ok(_) => Ok(()),
            Err(AddError::Git(error)) => Ok(self.work_tree.told(Err(error))?),
            Err(other) => Err(other),
        }
    }

    /// The entry of a path that is not unmerged.
    fn entry(&self, path: &Path) -> Result<Option<StageEntry>, AddError> {
        let mut literal = OsString::from(":(top,literal)");
        literal.push(path);
        let list = self.ask(&["ls-files".into(), "--stage".into(), "-z".into(), "--".into(), literal])?;
        let head = list.split(|byte| *byte == b'\t').next().unwrap_or_default();
        let head = String::from_utf8_lossy(head);
        let [mode, oid, "0"] = head.split(' ').collect::<Vec<_>>()[..] else { return Ok(None) };
        Ok(u32::from_str_radix(mode, 8).ok().map(|mode| StageEntry { mode, oid: oid.to_owned() }))
    }

    fn ask(&self, args: &[OsString]) -> Result<Vec<u8>, AddError> {
        Ok(command::run_reading(self.work_tree.top(), args, None, &whole_variables())?)
    }

    fn tell(&self, args: &[OsString], input: &[u8]) -> Result<Vec<u8>, AddError> {
        let mut file = tempfile::tempfile()?;
        file.write_all(input)?;
        file.rewind()?;
        Ok(command::run_reading(self.work_tree.top(), args, Some(file), &whole_variables())?)
    }
}

/// Reads `:MODE MODE OID OID STATUS NUL PATH NUL`.
fn parse(raw: &[u8]) -> Vec<Unstaged> {
    let mut fields = raw.split(|&byte| byte == 0);
    let mut found = Vec::new();
    while let (Some(head), Some(path)) = (fields.next(), fields.next()) {
        let head = String::from_utf8_lossy(head);
        let words: Vec<&str> = head.trim_start_matches(':').split(' ').collect();
        let [old, new, _, _, status] = words[..] else { break };
        let (state, mode) = match status.chars().next() {
            Some('A') => (State::Intended, new),
            Some('D') => (State::Deleted, old),
            Some('T') => (State::TypeChanged, old),
            Some('U') => (State::Unmerged, old),
            _ => (State::Modified, old),
        };
        let mode = u32::from_str_radix(mode, 8).unwrap_or_default();
        let path = command::path(path.to_vec());
        found.push(Unstaged { typed: path.clone(), path, state, mode });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_raw_diff_tells_states_and_modes() {
        let raw =
            b":100755 100644 aa 00 M\0a b.ipynb\0:000000 100755 00 00 A\0new\n.ipynb\0:100644 000000 aa 00 D\0d\0\
            :000000 000000 00 00 U\0u\0:100644 120000 aa 00 T\0t\0";
        let found: Vec<_> = parse(raw).into_iter().map(|file| (file.path, file.state, file.mode)).collect();
        let expected = [
            ("a b.ipynb".into(), State::Modified, 0o100_755),
            ("new\n.ipynb".into(), State::Intended, 0o100_755),
            ("d".into(), State::Deleted, 0o100_644),
            ("u".into(), State::Unmerged, 0),
            ("t".into(), State::TypeChanged, 0o100_644),
        ];
        assert_eq!(found, expected);
    }
}
