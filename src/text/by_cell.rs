//! The text form cell by cell, for those who need only some of it.

use std::mem;

use crate::json::{Member, text};
use crate::notebook::{Cell, Notebook};

use super::form::Writer;
use super::options::{Show, TextOptions};

/// Writes single parts of text forms. They are as in [`text_form_with`](super::text_form_with), but for the last line
/// of digests, which needs all cells.
pub struct CellTexts {
    writer: Writer,
}

impl CellTexts {
    /// A writer of texts that show what `options` say.
    #[must_use]
    pub fn new(options: &TextOptions) -> Self {
        Self { writer: Writer::without_hidden_line(options) }
    }

    /// The lines of `cell`, from its header to the blank line behind it.
    pub fn text(&mut self, cell: &Cell<'_>) -> Vec<u8> {
        self.writer.out.clear();
        self.writer.out.reserve(cell.source().map_or(0, str::len));
        self.writer.cell(cell);
        mem::take(&mut self.writer.out)
    }

    /// How many lines that is. The source, by far the longest part, is not decoded for it.
    pub fn line_count(&mut self, cell: &Cell<'_>) -> usize {
        self.writer.out.clear();
        self.writer.header(cell);
        let source = cell.source().map(|raw| {
            text::count_lines(raw).unwrap_or_else(|| {
                self.writer.source(cell);
                0
            })
        });
        self.writer.details(cell);
        self.writer.out.push(b'\n');
        source.unwrap_or(0) + memchr::memchr_iter(b'\n', &self.writer.out).count()
    }

    /// What stands behind the cells.
    pub fn tail(&mut self, notebook: &Notebook<'_>) -> Vec<u8> {
        self.writer.out.clear();
        self.writer.notebook(notebook);
        mem::take(&mut self.writer.out)
    }
}

/// Whether two cells surely have the same text: all that `options` show of them is spelled alike.
#[must_use]
pub fn have_same_text(one: &Cell<'_>, other: &Cell<'_>, options: &TextOptions) -> bool {
    let shown = |member: &&Member<'_>| !is_hidden(member, options);
    one.members.iter().filter(shown).eq(other.members.iter().filter(shown))
}

/// Whether a text says nothing of a cell's member, whatever its value. Metadata may have anything.
fn is_hidden(member: &Member<'_>, options: &TextOptions) -> bool {
    let hidden = |show, name| show == Show::No && member.is(name);
    hidden(options.outputs, "outputs")
        || hidden(options.counts, "execution_count")
        || hidden(options.counts, "prompt_number")
        || hidden(options.ids, "id")
}
