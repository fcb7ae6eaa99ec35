//! Notebook to lines.

use std::ops::Range;

use crate::json::text::{self, Multiline};
use crate::json::{self, Member, Style};
use crate::normalize::{Place, Policy, Shown};
use crate::notebook::{Cell, CellKind, Notebook, Output};

use super::digest::Digest;
use super::hidden::{Hidden, HiddenPart};
use super::options::{Show, TextOptions};
use super::outputs::{OutputContent, readable_outputs};
use super::size::Size;
use super::visible::{push_line, push_lines, push_visible};
use super::word::{path_text, push_word};

/// One notebook has one text: no rows of a user's, of whom textconv knows nothing.
const TABLE: Policy = Policy::built_in();

/// A value of a tool's metadata that is longer is shown by its size: the state of widgets may be megabytes.
const LONGEST_TOOL_VALUE: usize = 1000;

/// Half of what a pipe takes at once.
const PIECE: usize = 1 << 15;

/// A notebook's text: UTF-8, LF, every line ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextForm {
    /// The whole text.
    pub bytes: Vec<u8>,
    /// For each cell its lines, from the header to the blank line behind it, as byte offsets of `bytes`.
    pub cells: Vec<Range<usize>>,
}

impl TextForm {
    /// The lines of cell `index`.
    #[must_use]
    pub fn cell(&self, index: usize) -> &[u8] {
        &self.bytes[self.cells[index].clone()]
    }

    /// What stands behind the last cell: the notebook's metadata and the line of digests.
    #[must_use]
    pub fn tail(&self) -> &[u8] {
        &self.bytes[self.cells.last().map_or(0, |last| last.end)..]
    }
}

/// The text form of `notebook`.
///
/// It differs whenever the values of two notebooks differ (hidden ones by a digest of 24 bits), and where their
/// layout does: indentation, line ends, final newline, key order.
#[must_use]
pub fn text_form(notebook: &Notebook<'_>) -> TextForm {
    text_form_with(notebook, &TextOptions::default())
}

/// The text form of `notebook` with more, or without the last line: see [`TextOptions`].
#[must_use]
pub fn text_form_with(notebook: &Notebook<'_>, options: &TextOptions) -> TextForm {
    let mut writer = Writer::new(notebook, options, notebook.bytes.len().min(1 << 20) / 2);
    let mut cells = Vec::with_capacity(notebook.cells.len());
    for cell in &notebook.cells {
        let start = writer.out.len();
        writer.cell(cell);
        cells.push(start..writer.out.len());
    }
    writer.notebook(notebook);
    TextForm { bytes: writer.out, cells }
}

/// Gives `put` the bytes of [`text_form_with`] piece by piece, so that they need never be in memory together.
///
/// # Errors
/// Those of `put`, which is not called again.
pub fn text_form_in_pieces<E>(
    notebook: &Notebook<'_>,
    options: &TextOptions,
    mut put: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let mut writer = Writer::new(notebook, options, notebook.bytes.len().min(PIECE + PIECE / 4));
    for cell in &notebook.cells {
        writer.cell(cell);
        if writer.out.len() >= PIECE {
            put(&writer.out)?;
            writer.out.clear();
        }
    }
    writer.notebook(notebook);
    put(&writer.out)
}

/// Writes a text form, part by part.
pub(super) struct Writer {
    options: TextOptions,
    hidden: Hidden,
    pub(super) out: Vec<u8>,
}

impl Writer {
    fn new(notebook: &Notebook<'_>, options: &TextOptions, capacity: usize) -> Self {
        Self {
            options: *options,
            hidden: Hidden::new(options.hidden_line, notebook),
            out: Vec::with_capacity(capacity),
        }
    }

    /// A writer of parts of a text form: nothing is hashed, and no last line is written.
    pub(super) fn without_hidden_line(options: &TextOptions) -> Self {
        Self { options: *options, hidden: Hidden::none(), out: Vec::new() }
    }

    pub(super) fn cell(&mut self, cell: &Cell<'_>) {
        self.header(cell);
        let spelled = self.source(cell);
        self.details(cell);
        self.hidden.end_cell(cell, spelled);
        self.out.push(b'\n');
    }

    /// What follows the source.
    pub(super) fn details(&mut self, cell: &Cell<'_>) {
        for member in &cell.members {
            self.member(cell, *member);
        }
        if let (Show::Yes, Some(id)) = (self.options.ids, cell.id()) {
            self.detail("id", id);
        }
        if let (Show::Yes, Some(count)) = (self.options.counts, cell.execution_count().filter(|raw| *raw != "null")) {
            self.detail("execution_count", count);
        }
        if let (Show::Yes, Some(outputs)) = (self.options.outputs, cell.outputs()) {
            self.outputs(outputs);
        }
    }

    /// `# %% code tags: a, b`, and a line that says so if the cell waits for a person.
    pub(super) fn header(&mut self, cell: &Cell<'_>) {
        self.out.extend_from_slice(b"# %% ");
        match cell.kind() {
            // No type, or one that is no string, must not look like a type of that name.
            CellKind::Other(raw) if !raw.starts_with('"') => {
                self.out.push(b'?');
                push_visible(raw.as_bytes(), &mut self.out);
            }
            kind => push_word(kind.name().as_bytes(), &mut self.out),
        }
        let tags = cell.tags();
        for (index, tag) in tags.iter().enumerate() {
            self.out.extend_from_slice(if index == 0 { b" tags: " } else { b", " });
            push_word(tag, &mut self.out);
        }
        self.out.push(b'\n');
        if let Some(record) = cell.unresolved() {
            let line = format!("# UNRESOLVED merge conflict {}: {}\n", record.number, record.kind.name());
            self.out.extend_from_slice(line.as_bytes());
        }
    }

    /// The source's lines: none if it is empty; one that ends in a newline keeps its empty last line.
    pub(super) fn source(&mut self, cell: &Cell<'_>) -> Multiline {
        let Some(raw) = cell.source() else { return Multiline::Otherwise };
        let start = self.out.len();
        let Some(spelled) = text::decode_multiline(raw, &mut self.out) else {
            self.detail("source", raw);
            return Multiline::Otherwise;
        };
        if self.out.len() > start {
            push_lines(start, &mut self.out);
        }
        spelled
    }

    /// A member of a cell besides its type and source: in its place, or into a digest.
    fn member(&mut self, cell: &Cell<'_>, member: Member<'_>) {
        match &*member.name() {
            b"cell_type" | b"source" | b"input" => {}
            b"outputs" if member.value != "[]" => {
                self.hidden.place(b'o');
                self.hidden.add(HiddenPart::Outputs, member.value.as_bytes());
            }
            b"outputs" => {}
            b"execution_count" | b"prompt_number" if member.value != "null" => {
                self.hidden.place(b'c');
                self.hidden.add(HiddenPart::Counts, member.value.as_bytes());
            }
            b"execution_count" | b"prompt_number" => {}
            b"id" => self.hidden.add(HiddenPart::Ids, member.value.as_bytes()),
            b"metadata" => self.metadata("metadata", Place::Cell, &mut Vec::new(), member.value, &cell.tags()),
            b"attachments" => self.attachments(member.value),
            // In nbformat 3 `collapsed` and `language` are members of the cell itself.
            name if TABLE.rule_for(Place::Cell, &[name]).shown == Shown::No || is_old_language(member) => {
                self.hidden.place(b'm');
                self.tool_metadata(member.key, &path_text("", name), member.value);
            }
            // In quotes it cannot be taken for an output.
            b"output" => self.detail("\"output\"", member.value),
            name => self.detail(&path_text("", name), member.value),
        }
    }

    /// `    # %% output stdout` and its lines.
    fn outputs(&mut self, raw: &str) {
        for output in readable_outputs(&Output::list(raw)) {
            let header = format!("    # %% output {} {}", output.name, output.content.summary());
            self.out.extend_from_slice(header.trim_end().as_bytes());
            self.out.push(b'\n');
            let OutputContent::Text(text) = output.content else { continue };
            if !text.is_empty() {
                text.split(|byte| *byte == b'\n').for_each(|line| self.output_line(line));
            }
        }
    }

    /// An empty line stays empty, for white space at its end would look like a mistake in a diff.
    fn output_line(&mut self, line: &[u8]) {
        if !line.is_empty() {
            self.out.extend_from_slice(b"    ");
            push_line(line, &mut self.out);
        }
        self.out.push(b'\n');
    }

    /// Metadata that tools write: into the digest, as `key` and value, and in its place if somebody asks for it.
    fn tool_metadata(&mut self, key: &str, path: &str, raw: &str) {
        self.hidden.add(HiddenPart::Metadata, key.as_bytes());
        self.hidden.add(HiddenPart::Metadata, raw.as_bytes());
        match self.options.tool_metadata {
            Show::No => {}
            Show::Yes if raw.len() <= LONGEST_TOOL_VALUE => self.detail(path, raw),
            Show::Yes => {
                let mut digest = Digest::default();
                digest.add(&json::canonical(raw));
                self.out.extend_from_slice(format!("    # %% {path} {} {digest}\n", Size(raw.len())).as_bytes());
            }
        }
    }

    /// The metadata below `path`: one line for each key that people write, a digest of the others.
    fn metadata(&mut self, prefix: &str, place: Place, path: &mut Vec<Vec<u8>>, raw: &str, tags: &[impl AsRef<[u8]>]) {
        if !raw.starts_with('{') {
            self.detail(prefix, raw);
        }
        for member in json::members(raw) {
            let name = member.name();
            path.push(name.to_vec());
            let names: Vec<&[u8]> = path.iter().map(Vec::as_slice).collect();
            let in_header = names == [b"tags".as_slice()] && json::elements(member.value).len() == tags.len();
            let text = path_text(prefix, &name);
            if TABLE.is_divided(place, &names) && member.value.starts_with('{') && member.value != "{}" {
                self.metadata(&text, place, path, member.value, tags);
            } else if TABLE.rule_for(place, &names).shown == Shown::No
                || TABLE.says_nothing(place, &names, member.value)
            {
                if place == Place::Cell {
                    self.hidden.place(b'm');
                }
                self.tool_metadata(&text, &text, member.value);
            } else if !(place == Place::Cell && in_header && !tags.is_empty()) {
                self.detail(&text, member.value);
            }
            path.pop();
        }
    }

    /// `    # %% attachments.fig.png image/png 13.2 kB 5f3a91`
    fn attachments(&mut self, raw: &str) {
        let files = json::members(raw);
        if raw == "{}" {
            // Jupyter writes it into any Markdown cell.
            self.hidden.place(b'a');
        } else if files.is_empty() || files.iter().any(|file| json::members(file.value).is_empty()) {
            self.detail("attachments", raw);
        } else {
            files.iter().for_each(|file| self.attachment(file));
        }
    }

    fn attachment(&mut self, file: &Member<'_>) {
        for mime in json::members(file.value) {
            let mut digest = Digest::default();
            digest.add(mime.value.as_bytes());
            self.out.extend_from_slice(b"    # %% attachments.");
            push_word(&file.name(), &mut self.out);
            self.out.push(b' ');
            push_word(&mime.name(), &mut self.out);
            self.out.extend_from_slice(format!(" {} {digest}\n", Size(base64_size(mime.value))).as_bytes());
        }
    }

    /// `    # %% metadata.slideshow {"slide_type": "slide"}`
    fn detail(&mut self, path: &str, raw: &str) {
        let mut value = Vec::with_capacity(raw.len());
        Style::on_one_line().lay_out(raw, 0, &mut value);
        self.out.extend_from_slice(b"    # %% ");
        push_visible(path.as_bytes(), &mut self.out);
        self.out.push(b' ');
        push_visible(&value, &mut self.out);
        self.out.push(b'\n');
    }

    /// The notebook's own metadata and the last line.
    pub(super) fn notebook(&mut self, notebook: &Notebook<'_>) {
        let header = self.out.len();
        self.out.extend_from_slice(b"# %% notebook\n");
        let empty = self.out.len();
        for member in &notebook.members {
            match &*member.name() {
                b"metadata" => self.metadata("metadata", Place::Notebook, &mut Vec::new(), member.value, &[""; 0]),
                b"worksheets" => self.worksheets(notebook, member.value),
                b"nbformat" | b"nbformat_minor" => {
                    self.tool_metadata(member.key, &path_text("", &member.name()), member.value);
                }
                name => self.detail(&path_text("", name), member.value),
            }
        }
        if notebook.metadata().is_none() {
            self.hidden.add(HiddenPart::Shape, b"no metadata");
        }
        if self.out.len() == empty {
            self.out.truncate(header);
        } else {
            self.out.push(b'\n');
        }
        self.hidden.finish(notebook, &mut self.out);
    }

    /// What the worksheets of nbformat 3 have beside their cells, and how the cells lie in them.
    fn worksheets(&mut self, notebook: &Notebook<'_>, raw: &str) {
        let span = notebook.span_of(raw);
        if !notebook.lists.iter().all(|list| span.contains(&list.start)) {
            self.detail("worksheets", raw);
            return;
        }
        let mut at = span.start;
        for list in &notebook.lists {
            let cells = notebook.cells.iter().filter(|cell| list.contains(&cell.span.start)).count();
            self.hidden.add(HiddenPart::Shape, &notebook.bytes[at..list.start]);
            if notebook.lists.len() > 1 {
                self.hidden.add(HiddenPart::Shape, &cells.to_le_bytes());
            }
            at = list.end;
        }
        self.hidden.add(HiddenPart::Shape, &notebook.bytes[at..span.end]);
    }
}

/// Whether a member is nbformat 3's `language`, as nearly all cells have it.
fn is_old_language(member: Member<'_>) -> bool {
    member.is("language") && member.value == "\"python\""
}

/// How many bytes a raw value of base64 stands for.
fn base64_size(raw: &str) -> usize {
    let mut text = Vec::new();
    text::decode_multiline(raw, &mut text);
    let digits = text.iter().filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'));
    digits.count() * 3 / 4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_cell(members: &str) -> String {
        format!(r#"{{"cells": [{{"cell_type": "markdown", {members}}}]}}"#)
    }

    #[track_caller]
    fn assert_unlike(files: &[String]) {
        let texts: Vec<Vec<u8>> =
            files.iter().map(|file| text_form(&Notebook::read(file.as_bytes()).unwrap()).bytes).collect();
        for (index, text) in texts.iter().enumerate() {
            let twin = texts[..index].iter().position(|other| other == text);
            assert_eq!(twin.map(|twin| &files[twin]), None, "{}", files[index]);
        }
    }

    #[test]
    fn the_pieces_are_the_text() {
        let cell = format!(r#"{{"cell_type": "code", "metadata": {{}}, "source": "{}"}}"#, "x".repeat(PIECE / 3));
        let file = format!(r#"{{"cells": [{}], "metadata": {{"a": 1}}}}"#, vec![cell; 10].join(", "));
        let notebook = Notebook::read(file.as_bytes()).unwrap();
        let (mut pieces, options) = (Vec::new(), TextOptions::default());
        let put = |piece: &[u8]| {
            pieces.push(piece.to_vec());
            Ok::<(), ()>(())
        };
        text_form_in_pieces(&notebook, &options, put).unwrap();
        assert_eq!((pieces.len(), pieces.concat()), (4, text_form(&notebook).bytes));
    }

    #[test]
    fn unlike_notebooks_have_unlike_texts() {
        let plain = r#""metadata": {}, "source": []"#;
        let cell = |more: &str| in_cell(&format!("{plain}{more}"));
        let with_metadata = |metadata: &str| in_cell(&format!(r#""metadata": {metadata}, "source": []"#));
        let old = |sheet: &str| format!(r#"{{"worksheets": [{{"cells": [], "metadata": {sheet}}}]}}"#);
        let ids = |first: &str, last: &str| {
            format!(r#"{{"cells": [{{{plain}{first}}}, {{{plain}{last}}}], "nbformat": 4, "nbformat_minor": 5}}"#)
        };
        let files = [
            cell(""),
            cell(r#", "attachments": {}"#),
            cell(r#", "attachments": []"#),
            cell(r#", "attachments": {"f": {}}"#),
            cell(r#", "attachments": {"f": "1"}"#),
            cell(r#", "attachments": {"f": "2"}"#),
            with_metadata(r#"{"jupyter": {}}"#),
            with_metadata(r#"{"vscode": {}}"#),
            with_metadata(r#"{"jupyter": {"foo": 1}}"#),
            with_metadata(r#"{"jupyter.foo": 1}"#),
            cell(r#", "metadata.foo": 1"#),
            with_metadata(r#"{"foo": 1}"#),
            in_cell(r#""metadata": {}, "input": []"#),
            cell(r#", "input": ["x"]"#),
            ids(r#", "id": "a""#, ""),
            ids("", r#", "id": "a""#),
            old("{}"),
            old(r#"{"a": 1}"#),
            old(r#"{"a": 2}"#),
            cell(r#", "input": ["y"]"#),
            cell(r#", "output": 1"#),
            r#"{"cells": [], "worksheets": 1}"#.to_owned(),
            r#"{"cells": [{}]}"#.to_owned(),
            r#"{"cells": [{"cell_type": "?"}]}"#.to_owned(),
            r#"{"cells": [{"cell_type": "3"}]}"#.to_owned(),
            r#"{"cells": [{"cell_type": 3}]}"#.to_owned(),
        ];
        assert_unlike(&files);
    }

    #[test]
    fn sources_stored_in_unlike_ways_have_unlike_texts() {
        let sources = [
            r#""a\nb\nc""#,
            r#"["a\nb\nc"]"#,
            r#"["a\n", "b\n", "c"]"#,
            r#"["a\nb\n", "c"]"#,
            r#"["a\n", "b\nc"]"#,
            r#"["a\nb", "\nc"]"#,
            r#"["a", "\nb\nc"]"#,
            r#"["a", "\n", "b\n", "c"]"#,
            r#"["a", "", "\nb\nc"]"#,
            r#"["a\n", "b\n", "c", ""]"#,
            r#"["", "a\n", "b\n", "c"]"#,
            r#"["a\n", "", "b\n", "c"]"#,
            r#""""#,
            r#"[""]"#,
            r#"["", ""]"#,
            "null",
            "3",
            "{}",
        ];
        let sources = sources.map(|source| in_cell(&format!(r#""metadata": {{}}, "source": {source}"#)));
        assert_unlike(&sources);
    }
}
