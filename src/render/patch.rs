//! `--format patch`: a strict unified diff from one text form to the other.

use crate::diff::{Change, NotebookDiff};

use super::header::FileHeader;
use super::heading::Headings;
use super::hunks::{Texts, hunks, push_hunk_line, push_lines};
use super::palette::Palette;
use super::word_diff::WordDiff;

/// How a patch is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatchOptions {
    /// Lines around a change (`-U`, `diff.context`).
    pub context: usize,
    /// How many more lines between two changes make no second hunk (`--inter-hunk-context`, `diff.interHunkContext`).
    pub inter_hunk_context: usize,
    /// The colours; with them, changed words within lines are marked.
    pub palette: Palette,
    /// Changed lines as one text with its changed words, instead of lines with signs.
    pub word_diff: Option<WordDiff>,
    /// Whether unchanged lines of code are in the colours of their language; only with colours, and for people.
    pub syntax: Syntax,
}

/// Whether code is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Syntax {
    /// It is not.
    #[default]
    Plain,
    /// It is.
    Coloured,
}

impl Default for PatchOptions {
    fn default() -> Self {
        Self { context: 3, inter_hunk_context: 0, palette: Palette::default(), word_diff: None, syntax: Syntax::Plain }
    }
}

/// Appends the unified diff of two notebooks; nothing if neither text nor header has anything to say.
///
/// Applying it to the older text form gives the newer one. The heading behind `@@` tells of the first changed cell.
pub fn patch(diff: &NotebookDiff, header: &FileHeader, options: &PatchOptions, out: &mut Vec<u8>) {
    push_headers(header, diff.changes.is_empty(), options, out);
    let headings = Headings::new(diff);
    let texts = Texts {
        before: &|line| diff.before.line(line).into(),
        after: &|line| diff.after.line(line).into(),
        colours: &|_| Vec::new(),
    };
    let bounds = Change { before: 0..diff.before.len(), after: 0..diff.after.len() };
    for hunk in hunks(&diff.changes, options, &bounds) {
        push_hunk_line(&hunk, &headings.of_change(hunk.first()), &options.palette, out);
        push_lines(&hunk, &texts, options, out);
    }
}

/// Appends what stands before the hunks; nothing if there are none and the header has nothing to say.
pub(super) fn push_headers(header: &FileHeader, no_hunks: bool, options: &PatchOptions, out: &mut Vec<u8>) {
    if no_hunks && header.is_silent() {
        return;
    }
    header.push_extended(&options.palette, out);
    if !no_hunks {
        header.push_index(&options.palette, out);
        header.push_names(&options.palette, out);
    }
}
