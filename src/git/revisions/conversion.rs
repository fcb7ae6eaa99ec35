//! Between a file of the work tree and what git stores of it: filters, line ends, encodings.
//!
//! git itself converts, through its plumbing, with objects that go to a folder of their own and are dropped.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{self, Path, PathBuf};

use tempfile::TempDir;

use super::RevisionError;
use crate::file::FileError;
use crate::git::command;

/// Whether git may store a file of these bytes in another form, as far as the bytes tell: other line ends, or another
/// encoding. (A filter is an attribute.)
pub(super) fn may_differ(bytes: &[u8]) -> bool {
    let is_odd = |bytes: &[u8]| memchr::memchr(0, bytes).is_some() || str::from_utf8(bytes).is_err();
    has_crlf(bytes) || is_odd(bytes)
}

fn has_crlf(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, b"\r\n").is_some()
}

/// What git would store for a file with these bytes at `path`, in the work tree at `top`.
pub(super) fn stored(top: &Path, path: &Path, bytes: &[u8]) -> Result<Vec<u8>, RevisionError> {
    if has_crlf(bytes) && keeps_line_ends(top, path)? {
        return Ok(bytes.to_vec());
    }
    let scratch = Scratch::new(top)?;
    let oid = scratch.store(with_path(path), bytes)?;
    scratch.run(&["cat-file".into(), "blob".into(), oid], None)
}

/// What git would check out at `path` if it had stored these bytes.
pub(super) fn checked_out(top: &Path, path: &Path, bytes: &[u8]) -> Result<Vec<u8>, RevisionError> {
    let scratch = Scratch::new(top)?;
    let oid = scratch.store("--no-filters".into(), bytes)?;
    scratch.run(&["cat-file".into(), "--filters".into(), with_path(path), oid], None)
}

/// What `git add` would store of the file at `path` (from the top): git adds it, to a copy of its index.
pub(in crate::git) fn added(top: &Path, path: &Path) -> Result<Vec<u8>, RevisionError> {
    let mut scratch = Scratch::new(top)?;
    let index = scratch.run(&["rev-parse", "--git-path", "index"].map(OsString::from), None)?;
    let (index, copy) = (top.join(command::path(command::line(index))), scratch.folder.path().join("index"));
    copy_with_time(&index, &copy).map_err(|error| FileError::Read { path: index, error })?;
    scratch.variables.push(("GIT_INDEX_FILE", copy.into_os_string()));
    scratch.run(&["update-index".into(), "--".into(), path.as_os_str().to_owned()], None)?;
    let stage = ["ls-files".into(), "--stage".into(), "-z".into(), "--".into(), literal(path)];
    let told = scratch.run(&stage, None)?;
    let oid = String::from_utf8_lossy(&told).split(' ').nth(1).unwrap_or_default().to_owned();
    scratch.run(&["cat-file".into(), "blob".into(), oid.into()], None)
}

/// Copies an index. git takes a file that is as old as its index for one that may have changed since, so the copy must not
/// be younger.
fn copy_with_time(from: &Path, to: &Path) -> io::Result<()> {
    let time = fs::metadata(from)?.modified()?;
    fs::copy(from, to)?;
    File::options().write(true).open(to)?.set_modified(time)
}

fn literal(path: &Path) -> OsString {
    let mut pathspec = OsString::from(":(top,literal)");
    pathspec.push(path);
    pathspec
}

fn with_path(path: &Path) -> OsString {
    let mut argument = OsString::from("--path=");
    argument.push(path);
    argument
}

/// Whether git leaves the line ends alone since the staged file has CR LF already, which `hash-object` does not look at.
fn keeps_line_ends(top: &Path, path: &Path) -> Result<bool, RevisionError> {
    let args = ["ls-files".into(), "--eol".into(), "--".into(), literal(path)];
    let told = command::run_reading(top, &args, None, &whole_variables())?;
    let told = String::from_utf8_lossy(&told);
    // `i/crlf  w/crlf  attr/text=auto`: only where nobody says that it is text, git guesses.
    let attribute = told.split_once("attr/").map_or("", |(_, rest)| rest);
    let is_said = attribute.split(['\t', ' ']).next() == Some("text");
    Ok(!is_said && (told.starts_with("i/crlf") || told.starts_with("i/mixed")))
}

/// The paths in git's variables that count from the current folder, for a git that is started at the top. (That in
/// `GIT_INDEX_FILE` counts from the top already.)
pub(in crate::git) fn whole_variables() -> Vec<(&'static str, OsString)> {
    let names = ["GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"];
    let whole = |name| Some((name, path::absolute(env::var_os(name)?).ok()?.into_os_string()));
    names.into_iter().filter_map(whole).collect()
}

/// A folder for objects that are not to stay.
struct Scratch<'t> {
    top: &'t Path,
    folder: TempDir,
    variables: Vec<(&'static str, OsString)>,
}

impl<'t> Scratch<'t> {
    fn new(top: &'t Path) -> Result<Self, RevisionError> {
        let writing = |error| FileError::Write { path: env::temp_dir(), error };
        let folder = tempfile::tempdir().map_err(writing)?;
        let mut variables = whole_variables();
        let args = ["rev-parse", "--git-path", "objects"].map(OsString::from);
        let objects = command::run_reading(top, &args, None, &variables)?;
        let objects = top.join(command::path(command::line(objects)));
        let mut alternates = quoted(&objects);
        if let Some(known) = env::var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES") {
            alternates.push(if cfg!(windows) { ";" } else { ":" });
            alternates.push(known);
        }
        let own = folder.path().as_os_str().to_owned();
        variables.extend([("GIT_OBJECT_DIRECTORY", own), ("GIT_ALTERNATE_OBJECT_DIRECTORIES", alternates)]);
        Ok(Self { top, folder, variables })
    }

    /// The id under which the bytes are stored, `how` saying whether they are converted.
    fn store(&self, how: OsString, bytes: &[u8]) -> Result<OsString, RevisionError> {
        let path = self.folder.path().join("input");
        fs::write(&path, bytes).map_err(|error| FileError::Write { path: path.clone(), error })?;
        let args = ["hash-object".into(), "-w".into(), "--stdin".into(), how];
        let oid = self.run(&args, Some(&path))?;
        Ok(command::path(command::line(oid)).into_os_string())
    }

    fn run(&self, args: &[OsString], input: Option<&PathBuf>) -> Result<Vec<u8>, RevisionError> {
        let opened = |path: &PathBuf| File::open(path).map_err(|error| FileError::Read { path: path.clone(), error });
        let input = input.map(opened).transpose()?;
        Ok(command::run_reading(self.top, args, input, &self.variables)?)
    }
}

/// A path as one of the list in `GIT_ALTERNATE_OBJECT_DIRECTORIES`, where git takes quotes.
fn quoted(path: &Path) -> OsString {
    let Some(text) = path.to_str().filter(|text| text.contains([':', '"']) && !cfg!(windows)) else {
        return path.as_os_str().to_owned();
    };
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_odd_bytes_are_asked_about() {
        assert!(!may_differ("{\n \"é\": 1\n}\n".as_bytes()));
        assert!(may_differ(b"{\r\n}") && may_differ(b"{\0}\0") && may_differ(b"\xff\xfe{"));
    }

    #[cfg(not(windows))]
    #[test]
    fn a_colon_does_not_end_a_path() {
        assert_eq!(quoted(Path::new("/a b")), "/a b");
        assert_eq!(quoted(Path::new("/a:\"b")), "\"/a:\\\"b\"");
    }
}
