//! What the filter makes of a file, and what git stores of one that it hands out raw: shared by all that git calls.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use cellwise::config::CleanSection;
use cellwise::file::Input;
use cellwise::git::filter::Stored;
use cellwise::git::revisions::is_notebook;
use cellwise::normalize::{Change, CleanOptions, Cleaned, clean};
use cellwise::notebook::{Notebook, ReadError};

use super::clean_options::of_project;
use super::output;

/// The path of standard input whose file nobody has named.
pub(super) const STREAM: &str = "-";

/// A notebook in which there is something to clean.
pub(super) struct Dirty<'b> {
    notebook: Notebook<'b>,
    found: Cleaned,
}

impl<'b> Dirty<'b> {
    /// What there is to clean in a file, by the `options`, which are asked for only if it is a notebook.
    ///
    /// # Errors
    /// It is none.
    pub(super) fn of<O: Deref<Target = CleanOptions>>(
        bytes: &'b [u8],
        options: impl FnOnce() -> O,
    ) -> Result<Option<Self>, ReadError> {
        if passes(bytes) {
            return Ok(None);
        }
        let notebook = Notebook::read(bytes)?;
        let found = clean(&notebook, &options());
        Ok((!found.edits.is_empty()).then_some(Self { notebook, found }))
    }

    /// Whether more is to be done than to lay it out as another tool would. nbstripout, too, leaves a file alone in which
    /// nothing but the layout is not its own.
    pub(super) fn holds_noise(&self) -> bool {
        self.found.change == Change::Content
    }

    /// How many outputs go.
    pub(super) fn outputs(&self) -> usize {
        self.found.outputs_dropped(&self.notebook)
    }

    /// The cleaned file.
    pub(super) fn cleaned(&self) -> Vec<u8> {
        self.found.bytes(&self.notebook)
    }

    /// The cleaned file, piece by piece.
    pub(super) fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        self.found.pieces(&self.notebook)
    }
}

/// What the filter does: each file is cleaned as its project configures it, after what was asked for.
#[derive(Default)]
pub(super) struct Cleaner {
    asked: CleanSection,
    /// One look at the configuration for each folder: git hands over a thousand files of one.
    folders: HashMap<PathBuf, Rc<CleanOptions>>,
    /// What was said of configurations: of a mistake in one it is said once.
    said: HashSet<String>,
}

impl Cleaner {
    /// `asked` comes before what the project configures.
    pub(super) fn new(asked: CleanSection) -> Self {
        Self { asked, ..Self::default() }
    }

    /// What there is to clean before git stores the file at `path`, `None` if it is to be stored as it is; or why it must
    /// not be stored.
    pub(super) fn answer<'b>(&mut self, bytes: &'b [u8], path: &Path) -> Result<Option<Dirty<'b>>, ReadError> {
        match self.dirty(bytes, path) {
            Ok(dirty) => Ok(dirty),
            // git looks at files that nobody has edited, too, and to refuse what it has already keeps nothing out.
            Err(_) if is_staged(bytes, path) => Ok(None),
            Err(error) => pass_markers(error, path).map(|()| None),
        }
    }

    /// What there is to clean in the file at `path`; `None` if nothing is.
    ///
    /// A file that is not named `*.ipynb` is cleaned if it is a notebook, and else stays as it is.
    ///
    /// # Errors
    /// A file named `*.ipynb`, or standard input, cannot be read as a notebook.
    pub(super) fn dirty<'b>(&mut self, bytes: &'b [u8], path: &Path) -> Result<Option<Dirty<'b>>, ReadError> {
        match Dirty::of(bytes, || self.options(path)) {
            Err(_) if !is_notebook(path) && path != Path::new(STREAM) => Ok(None),
            dirty => dirty,
        }
    }

    fn options(&mut self, path: &Path) -> Rc<CleanOptions> {
        let folder = path.parent().unwrap_or(Path::new(""));
        if let Some(known) = self.folders.get(folder) {
            return Rc::clone(known);
        }
        let (options, warning) = of_project(self.asked.clone(), path);
        if let Some(line) = warning
            && self.said.insert(line.clone())
        {
            output::complain(&line);
        }
        let options = Rc::new(options);
        self.folders.insert(folder.to_owned(), Rc::clone(&options));
        options
    }
}

/// Lets a file through that git's conflict markers make unreadable, and says so.
///
/// # Errors
/// It is unreadable for another reason.
pub(super) fn pass_markers(error: ReadError, path: &Path) -> Result<(), ReadError> {
    let ReadError::ConflictMarkers { .. } = error else { return Err(error) };
    let passes =
        if path == Path::new(STREAM) { "passed through as it is" } else { "stored as it is, with its outputs" };
    output::complain(&format!("{}: {error}; {passes}", output::name(path)));
    Ok(())
}

/// Whether these bytes are what git has staged of the file.
fn is_staged(bytes: &[u8], path: &Path) -> bool {
    path != Path::new(STREAM) && Stored::here().staged(path).is_some_and(|staged| staged == bytes)
}

/// Whether there is nothing to clean: nothing, the pointer that git-lfs keeps in a file's place, or the text form, for
/// `git blame` has a file of the work tree cleaned when textconv has made text of it.
fn passes(bytes: &[u8]) -> bool {
    let is_pointer = || bytes.starts_with(b"version https://git-lfs.github.com/spec/");
    bytes.iter().all(u8::is_ascii_whitespace) || is_pointer() || is_text_form(bytes)
}

fn is_text_form(bytes: &[u8]) -> bool {
    let lines = bytes.strip_suffix(b"\n").unwrap_or_default();
    let last = memchr::memrchr(b'\n', lines).map_or(0, |newline| newline + 1);
    lines[last..].starts_with(b"# hidden:")
}

/// Whether a side of a diff is shown as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filter {
    /// git hands over what it stores.
    Off,
    /// git hands over files of the work tree as they are, also in the place of a blob that it takes to be the same.
    On,
}

impl From<bool> for Filter {
    fn from(asked: bool) -> Self {
        if asked { Self::On } else { Self::Off }
    }
}

impl Filter {
    /// Opens a file that git hands out, and gives what git stores of it.
    ///
    /// A path from the top of the work tree is a file of the work tree; all else that git hands out is a temporary
    /// file with a whole path, and holds what is stored. `blob` is the id that git gives for the file, if it does.
    pub(super) fn open(self, file: &OsStr, blob: Option<&str>) -> anyhow::Result<Input> {
        let path = Path::new(file);
        let input = Input::open(path)?;
        if self == Self::Off || !path.is_relative() {
            return Ok(input);
        }
        Ok(stored(&input, path, blob).map_or(input, Input::Buffer))
    }
}

/// What git stores or has stored of a file of the work tree, if that is something else. git is asked only if there is
/// something to clean.
fn stored(raw: &[u8], path: &Path, known: Option<&str>) -> Option<Vec<u8>> {
    let cleaned = Cleaner::default().dirty(raw, path).ok()??.cleaned();
    let git = Stored::here();
    if let Some(id) = known {
        // The file stands for this blob, which may be older than the filter.
        return git.blob(id);
    }
    // As does a file that was staged as it is, before there was a filter.
    let stays = !git.is_filtered(path) || git.staged(path).is_some_and(|staged| staged == raw);
    (!stays).then_some(cleaned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTEBOOK: &[u8] = br#"{"cells": [{"cell_type": "code", "execution_count": 1, "outputs": [1]}]}"#;

    fn dirty<'b>(bytes: &'b [u8], path: &str) -> Result<Option<Dirty<'b>>, ReadError> {
        Cleaner::default().dirty(bytes, Path::new(path))
    }

    fn passes_as(path: &str, bytes: &[u8]) -> bool {
        matches!(dirty(bytes, path), Ok(None))
    }

    #[test]
    fn what_is_cleaned_goes_by_content() {
        for path in ["a.ipynb", "A.IPYNB", "a.nb", "a"] {
            let cleaned = dirty(NOTEBOOK, path).unwrap().unwrap().cleaned();
            assert_eq!(cleaned, br#"{"cells": [{"cell_type": "code", "execution_count": null, "outputs": []}]}"#);
        }
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
        for same in [&b""[..], b" \n", pointer, b"# %% code\nx\n\n# hidden: counts 91c2e0\n", b"# hidden:\n"] {
            assert!(passes_as("a.ipynb", same));
        }
    }

    #[test]
    fn what_is_no_notebook_is_refused_only_if_its_name_says_that_it_is() {
        for no_notebook in [&b"text"[..], br#"{"paragraphs": []}"#, b"\xff\0"] {
            assert!(passes_as("a.zpln", no_notebook));
            assert!(dirty(no_notebook, "a.ipynb").is_err() && dirty(no_notebook, STREAM).is_err());
        }
    }
}
