//! The edge where files are read and replaced.
//!
//! Reading maps large files into memory, but only those that nobody here is going to write ([`Input::open`]);
//! a file that the same command writes is read into a buffer ([`Input::owned`]). Writing starts when the bytes
//! are finished, so that a failure before that point leaves the file as it was ([`replace`]): `beside` it, or, where that
//! would change more than the content, `in_place`. `unfinished` has signals wait meanwhile.

mod beside;
mod in_place;
mod unfinished;

use std::fs::{self, File, Metadata};
use std::io;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use memmap2::Mmap;

use beside::finished_beside;
use in_place::{Old, write_in_place};
use unfinished::Unfinished;
#[cfg(unix)]
pub use unfinished::leave_signals;

/// Files of at least this size are mapped: a page that is read into fresh memory costs more than one that is mapped, and
/// below it one `read` is as fast.
const MAP_FROM: u64 = 16 * 1024;

/// How the name of a file begins that is going to replace another one beside it.
pub const TEMPORARY_PREFIX: &str = ".cellwise-";

/// How the name of a copy begins that stands beside a file while that is written in place.
pub const OLD_PREFIX: &str = ".cellwise-old-";

/// Why a file could not be read or written. It says the system's reason itself and has no source.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Opening or reading failed.
    #[error("cannot read {}: {}", path.display(), reason(error))]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Creating, writing or renaming failed.
    #[error("cannot write {}: {}", path.display(), reason(error))]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Another program has written the file since it was read.
    #[error("{} changed meanwhile; nothing was written: run it again", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// Writing into the file itself failed half way, and so did putting its old bytes back.
    #[error("cannot write {}: {}; what it held is in {}", path.display(), reason(error), kept.display())]
    Torn {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
        /// The file beside it that holds the old bytes.
        kept: PathBuf,
    },
    /// The file's owner wants it as it is.
    #[error("{} is read-only; nothing was written", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
}

impl FileError {
    fn reading(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Read { path: path.to_owned(), error }
    }

    fn writing(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Write { path: path.to_owned(), error }
    }

    /// Whether the file is not there at all.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Read { error, .. } | Self::Write { error, .. } if error.kind() == io::ErrorKind::NotFound)
    }
}

/// The system's words for an error, without Rust's `(os error 2)`.
#[must_use]
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" (os error ") {
        Some((words, _)) => words.to_owned(),
        None => text,
    }
}

/// The bytes of a file, to be read like a slice.
#[derive(Debug)]
pub enum Input {
    /// Read into memory.
    Buffer(Vec<u8>),
    /// Mapped: large, and only read.
    Mapped(Mmap),
}

impl Deref for Input {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Buffer(bytes) => bytes,
            Self::Mapped(map) => map,
        }
    }
}

impl AsRef<[u8]> for Input {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl Input {
    /// Opens a file that is only read; a large regular file is mapped.
    ///
    /// # Errors
    /// The file cannot be opened or read.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let mut file = File::open(path).map_err(FileError::reading(path))?;
        if let Some(map) = mapped(&file) {
            return Ok(Self::Mapped(map));
        }
        read_all(&mut file, 0).map_err(FileError::reading(path))
    }

    /// Reads a file that the same command is going to write: never mapped.
    ///
    /// # Errors
    /// The file cannot be opened or read.
    pub fn owned(path: &Path) -> Result<Self, FileError> {
        fs::read(path).map(Self::Buffer).map_err(FileError::reading(path))
    }

    /// Standard input to its end; mapped if it is a large regular file at its beginning.
    ///
    /// # Errors
    /// Standard input cannot be read.
    pub fn stdin() -> Result<Self, FileError> {
        if let Some(map) = mapped_stdin() {
            return Ok(Self::Mapped(map));
        }
        // As much as a pipe holds: from an empty buffer on it would be read in many small steps.
        read_all(&mut io::stdin().lock(), 64 << 10).map_err(FileError::reading(Path::new("standard input")))
    }
}

fn read_all(source: &mut impl io::Read, expected: usize) -> io::Result<Input> {
    let mut bytes = Vec::with_capacity(expected);
    source.read_to_end(&mut bytes)?;
    Ok(Input::Buffer(bytes))
}

/// The map of a regular file that is large enough; `None` where reading does as well.
#[allow(unsafe_code)]
fn mapped(file: &File) -> Option<Mmap> {
    let metadata = file.metadata().ok()?;
    if !metadata.is_file() || metadata.len() < MAP_FROM {
        return None;
    }
    // SAFETY: a map is only sound while nobody else shortens or changes the file, and no program can promise
    // that. Within this one it holds: what a command writes is read with `owned`. If another process cuts the
    // file short, touching the lost pages raises SIGBUS and ends us; nothing has been printed or written by
    // then, so the shell line that git runs goes on with its fallback. (`clean` prints slices of the map: there the
    // system's write fails, and git takes nothing from a filter that fails.) If another process changes bytes in
    // place, parsing sees one state or the other, and its spans are checked indices: at worst it reports an error.
    unsafe { Mmap::map(file).ok() }
}

#[cfg(unix)]
fn mapped_stdin() -> Option<Mmap> {
    use std::io::Seek as _;
    use std::os::fd::{AsFd as _, BorrowedFd};
    let file = |stream: BorrowedFd<'_>| stream.try_clone_to_owned().ok().map(File::from);
    let mut input = file(io::stdin().as_fd())?;
    // What is printed must not change what is still to be read: `clean <>a 1<>a`.
    let is_printed_over = |input: &File| file(io::stdout().as_fd()).is_some_and(|output| is_same(input, &output));
    (input.stream_position().ok()? == 0).then(|| mapped(&input))?.filter(|_| !is_printed_over(&input))
}

/// Whether both are one file; also if nobody can tell.
#[cfg(unix)]
fn is_same(one: &File, other: &File) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let place = |file: &File| file.metadata().ok().map(|file| (file.dev(), file.ino()));
    place(one) == place(other)
}

#[cfg(not(unix))]
fn mapped_stdin() -> Option<Mmap> {
    None
}

/// Whether the process was started so that it does not notice a signal.
#[cfg(unix)]
#[allow(unsafe_code)]
fn is_ignored(signal: i32) -> bool {
    let mut action = std::mem::MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: without a new action it only fills in the present one, and says by 0 that it has.
    unsafe {
        libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr()) == 0
            && action.assume_init().sa_sigaction == libc::SIG_IGN
    }
}

/// Puts `bytes` in the place of the file at `path`, whole or not at all where the system allows it.
///
/// A temporary file beside the target takes its mode and is renamed over it. Symbolic links are followed, so
/// that the link stays a link. Where a rename would change more than the content (hard links, another owner), or the
/// folder takes no new file, the finished bytes are written in place, beside a copy of the old ones while that takes. A
/// missing file is created. A signal that would end the process waits until all is written. What is written is flushed
/// to the disk before the old bytes go.
///
/// # Errors
/// The file cannot be written either way.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    put(path, bytes, Flush::Yes, |_| Ok(()))
}

/// As [`replace`], for a file that git takes on at once (`%A` of a merge driver): not flushed, as git does not flush the
/// one in the work tree that it makes of it.
///
/// # Errors
/// The file cannot be written either way.
pub fn hand_over(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    put(path, bytes, Flush::No, |_| Ok(()))
}

/// As [`replace`], but only while the file still holds `read`, the bytes that `bytes` were made of. The last look at it
/// is just before the rename: what another program (an editor that saves) writes is not lost.
///
/// # Errors
/// The file cannot be written either way, or [`FileError::Changed`].
pub fn replace_unchanged(path: &Path, read: &[u8], bytes: &[u8]) -> Result<(), FileError> {
    put(path, bytes, Flush::Yes, |target| match fs::read(target) {
        Ok(now) if now == read => Ok(()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(FileError::reading(path)(error)),
        _ => Err(FileError::Changed { path: path.to_owned() }),
    })
}

/// Refuses a file that its owner made read-only: replacing it would go through all the same.
///
/// # Errors
/// [`FileError::ReadOnly`].
pub fn refuse_read_only(path: &Path) -> Result<(), FileError> {
    match fs::metadata(path) {
        Ok(file) if file.permissions().readonly() => Err(FileError::ReadOnly { path: path.to_owned() }),
        _ => Ok(()),
    }
}

/// Whether a file must be on the disk before the one that it replaces goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flush {
    Yes,
    No,
}

impl Flush {
    /// A file system that cannot flush (some that are not on a disk) is taken as it is.
    fn file(self, file: &File) -> io::Result<()> {
        match self {
            Self::No => Ok(()),
            Self::Yes => match file.sync_data() {
                Err(error) if matches!(error.kind(), io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput) => {
                    Ok(())
                }
                flushed => flushed,
            },
        }
    }
}

/// Puts `bytes` at `path` unless `check`, which is asked of the target at the last moment, says why not.
fn put(
    path: &Path,
    bytes: &[u8],
    flush: Flush,
    check: impl Fn(&Path) -> Result<(), FileError>,
) -> Result<(), FileError> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let old = fs::symlink_metadata(&target).ok();
    let is_file = old.as_ref().is_none_or(Metadata::is_file);
    let goes_beside = is_file && !old.as_ref().is_some_and(is_hard_linked);
    // It outlives the temporary file. A pipe that nobody reads must not hold a signal up.
    let _unfinished = is_file.then(Unfinished::begin);
    let finished = match goes_beside {
        true => finished_beside(&target, old.as_ref(), bytes, flush).map_err(FileError::writing(path))?,
        false => None,
    };
    if let Some(finished) = finished {
        check(&target)?;
        return finished.persist(&target).map(drop).map_err(|failed| FileError::writing(path)(failed.error));
    }
    let old = old.filter(Metadata::is_file).map(|_| Old::of(&target, flush)).transpose();
    let old = old.map_err(FileError::writing(path))?;
    check(&target)?;
    write_in_place(&target, bytes, old, flush).map_err(|failed| failed.at(path))
}

#[cfg(unix)]
fn is_hard_linked(file: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    file.nlink() > 1
}

#[cfg(not(unix))]
fn is_hard_linked(_: &Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    #[test]
    fn small_files_are_read_and_large_ones_mapped() {
        let (_folder, path) = folder_with("a", b"small");
        assert!(matches!(Input::open(&path).unwrap(), Input::Buffer(bytes) if bytes == b"small"));
        let large = vec![b'x'; MAP_FROM as usize];
        fs::write(&path, &large).unwrap();
        let input = Input::open(&path).unwrap();
        assert!(matches!(input, Input::Mapped(_)));
        assert_eq!(*input, large);
        assert!(matches!(Input::owned(&path).unwrap(), Input::Buffer(_)));
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Input::open(Path::new("no/such.ipynb")).unwrap_err();
        assert!(error.is_missing());
        let message = error.to_string();
        assert!(message.starts_with("cannot read no/such.ipynb: ") && !message.contains("(os error"), "{message}");
    }

    #[test]
    fn replacing_creates_shortens_and_leaves_nothing_behind() {
        let (folder, path) = folder_with("a", b"a long text");
        replace(&path, b"short").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"short");
        replace(&folder.path().join("new"), b"n").unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_another_program_has_saved_meanwhile_stays() {
        let (folder, path) = folder_with("a", b"saved");
        let error = replace_unchanged(&path, b"read", b"made of it").unwrap_err().to_string();
        let expected = format!("{} changed meanwhile; nothing was written: run it again", path.display());
        assert_eq!(error, expected);
        assert_eq!(fs::read(&path).unwrap(), b"saved");
        replace_unchanged(&path, b"saved", b"made of it").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"made of it");
        fs::hard_link(&path, folder.path().join("b")).unwrap();
        assert!(matches!(replace_unchanged(&path, b"read", b"x"), Err(FileError::Changed { .. })));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[cfg(unix)]
    mod unix {
        use super::*;
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

        #[test]
        fn replacing_keeps_the_mode() {
            let (_folder, path) = folder_with("a", b"one");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o754)).unwrap();
            replace(&path, b"two").unwrap();
            assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o754);
        }

        #[test]
        fn replacing_through_a_link_keeps_the_link() {
            let (folder, path) = folder_with("a", b"one");
            let link = folder.path().join("link");
            symlink("a", &link).unwrap();
            replace(&link, b"two").unwrap();
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
            assert_eq!(fs::read(&path).unwrap(), b"two");
        }

        #[test]
        fn a_dangling_link_gets_its_file() {
            let folder = tempfile::tempdir().unwrap();
            let link = folder.path().join("link");
            symlink("later", &link).unwrap();
            replace(&link, b"two").unwrap();
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
            assert_eq!(fs::read(folder.path().join("later")).unwrap(), b"two");
        }

        #[test]
        fn hard_linked_files_stay_one_file() {
            let (folder, path) = folder_with("a", b"a long text");
            let other = folder.path().join("other");
            fs::hard_link(&path, &other).unwrap();
            replace(&path, b"short").unwrap();
            assert_eq!(fs::read(&other).unwrap(), b"short");
        }

        #[test]
        fn a_folder_that_takes_no_file_is_written_in_place() {
            let (folder, path) = folder_with("a", b"a long text");
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
            let result = replace(&path, b"short");
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
            result.unwrap();
            assert_eq!(fs::read(&path).unwrap(), b"short");
        }

        #[test]
        fn writing_in_place_keeps_the_same_file() {
            let (_folder, path) = folder_with("a", b"a long text");
            let inode = fs::metadata(&path).unwrap().ino();
            assert!(write_in_place(&path, b"short", None, Flush::Yes).is_ok());
            assert_eq!(fs::metadata(&path).unwrap().ino(), inode);
            assert_eq!(fs::read(&path).unwrap(), b"short");
        }

        #[test]
        fn a_folder_cannot_be_replaced() {
            let folder = tempfile::tempdir().unwrap();
            let error = replace(folder.path(), b"x").unwrap_err().to_string();
            assert!(error.starts_with("cannot write "), "{error}");
        }
    }
}
