//! Stage 8: a patch and an old version to the new one.
//!
//! [`Patch::read`] reads what `cellwise diff` printed: the JSON document (`document`, whose schema the writer in `render`
//! shares), or a unified diff of text forms (`unified`; `for_people` knows the diff that is not to be applied). [`FilePatch::apply`] makes the new file. From JSON that is
//! splicing, with a digest of each version to tell whether the file fits. A unified diff is applied to the lines of the
//! old text form (`hunks`); the new lines are read as cells (`page`), each cell is found among the old ones (`partner`),
//! and what differs is edited in the old file's text (`rebuild`, `details`, `edits`, `order`). Either way the result is checked
//! before it is handed out: a file is what its patch says, or there is none.

mod details;
mod digest;
mod document;
mod edits;
mod for_people;
mod hunks;
mod order;
mod page;
mod partner;
mod rebuild;
mod unified;

pub use digest::digest;
pub use document::DIFF_VERSION;
use document::FileChange;
pub(crate) use document::{difference, file_end, is_spliced};
pub(crate) use edits::{NewCell, changed_notebook};
use hunks::Hunk;
use rebuild::{Fate, rebuild};

/// A patch that could be read.
#[derive(Debug)]
pub struct Patch<'p> {
    /// What it does to each file, in its order.
    pub files: Vec<FilePatch<'p>>,
}

/// What a patch does to one file.
#[derive(Debug)]
pub struct FilePatch<'p> {
    /// The path of the file that it changes, in git's bytes; `None` if it adds one.
    pub before: Option<Vec<u8>>,
    /// The path of the file that it leaves: the same but for a rename; `None` if it deletes the file.
    pub after: Option<Vec<u8>>,
    /// git's mode of the file that it leaves (`0o100755`), if the patch gives it one: a new mode, or that of a new file.
    pub mode: Option<u32>,
    body: Body<'p>,
}

#[derive(Debug)]
enum Body<'p> {
    Document(Box<FileChange<'p>>),
    Hunks(Vec<Hunk<'p>>),
    /// What is applied to no file, and why.
    Refused(Misfit),
}

/// Why something is no patch: one line for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatchError {
    /// Neither of the two formats.
    #[error("this is neither JSON nor a unified diff of notebooks: it has no line that begins with `diff --git`")]
    Unknown,
    /// JSON, but not of the schema.
    #[error("not a JSON diff of cellwise: {0}")]
    Json(String),
    /// Of a later schema.
    #[error("the JSON diff has version {0}; this cellwise reads version {DIFF_VERSION}")]
    Version(u64),
    /// A line that no unified diff has in this place.
    #[error("line {line} of the patch: {reason}")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// Why a patch does not fit a file: one line for a person, with what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// Another version than the patch begins with.
    #[error(
        "it is not the version that the patch was made from; check that version out, or make the patch with \
         `--format patch`, which fits wherever its lines do"
    )]
    OtherVersion,
    /// It is what the patch would make of it.
    #[error("the patch is in it already")]
    Applied,
    /// The document contradicts itself.
    #[error("the patch was damaged: what comes of it is not the file that it was made from; make it anew")]
    Damaged,
    /// The patch cannot say what the file became.
    #[error("the patch does not hold the new file: {0}")]
    NothingToApply(&'static str),
    /// The patch has another kind of text.
    #[error("{0}; `git apply --include=PATH` takes it")]
    Text(&'static str),
    /// A diff for people, which says moves and runs in words.
    #[error(
        "this diff is for people, and moves or notes in it cannot be applied; make it with `--json` or `--format patch`"
    )]
    ForPeople,
    /// The file is no notebook.
    #[error("{0}; `git apply` takes patches of plain text")]
    NoNotebook(#[from] crate::notebook::ReadError),
    /// The lines of a hunk are not in the file.
    #[error(
        "the hunk at line {line} of the patch does not fit: its old lines are not in the text form; compare with \
         `cellwise show`"
    )]
    Hunk {
        /// The hunk's line in the patch.
        line: usize,
    },
    /// They are there more than once, and none of them where the hunk says.
    #[error(
        "the hunk at line {line} of the patch fits in several places, and in none of them by its line number; make \
         the patch with more context (`-U10`)"
    )]
    Ambiguous {
        /// The hunk's line in the patch.
        line: usize,
    },
    /// The new lines are no text form.
    #[error("with the patch, line {line} of the text form {reason}")]
    Line {
        /// The line of the new text form, from 1.
        line: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// An attachment that only the new version has.
    #[error(
        "the patch adds an attachment, of which it has only a digest; make it with `--json`, which holds all of it"
    )]
    Attachment,
    /// The lines say something that no edit here brings about.
    #[error(
        "line {line} of the new text form cannot be brought about from a patch of lines; make it with `--json`, \
         which holds all of the notebook"
    )]
    NotRebuilt {
        /// The first line that would read otherwise, from 1.
        line: usize,
    },
}

impl<'p> Patch<'p> {
    /// Reads a patch: JSON if it begins with `{`, else a unified diff.
    ///
    /// # Errors
    /// [`PatchError`], for what is neither, or cut short.
    pub fn read(bytes: &'p [u8]) -> Result<Self, PatchError> {
        let files =
            if bytes.trim_ascii_start().starts_with(b"{") { document::read(bytes)? } else { unified::read(bytes)? };
        Ok(Self { files })
    }
}

impl FilePatch<'_> {
    /// What the file becomes; `None` if it goes. `old` are the bytes of the file at `before`, and none if there is none.
    ///
    /// # Errors
    /// [`Misfit`]: the patch is for another file, or the new one cannot be made of it.
    pub fn apply(&self, old: &[u8]) -> Result<Option<Vec<u8>>, Misfit> {
        let new = match &self.body {
            Body::Document(change) => change.apply(old)?,
            Body::Hunks(hunks) => rebuild(old, hunks, self.fate())?,
            Body::Refused(misfit) => return Err(misfit.clone()),
        };
        Ok(self.after.as_ref().map(|_| new))
    }

    /// Why it can be applied to no file, whatever is in it.
    #[must_use]
    pub fn refusal(&self) -> Option<&Misfit> {
        if let Body::Refused(misfit) = &self.body { Some(misfit) } else { None }
    }

    fn fate(&self) -> Fate {
        match (&self.before, &self.after) {
            (None, _) => Fate::Added,
            (_, None) => Fate::Deleted,
            _ => Fate::Edited,
        }
    }

    /// Whether the patch tells that something changed which it does not hold, as unified diffs do of outputs.
    #[must_use]
    pub fn leaves_hidden(&self) -> bool {
        let nothing_shown = |hunks: &[Hunk<'_>]| !hunks.is_empty() && !hunks.iter().any(Hunk::changes);
        matches!(&self.body, Body::Hunks(hunks) if self.fate() == Fate::Edited && nothing_shown(hunks))
    }
}
