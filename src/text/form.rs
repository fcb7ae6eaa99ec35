//! Notebook to lines.

use std::io::Write as _;
use std::ops::Range;

use crate::json::text::{self, Multiline};
use crate::json::{self, Member, Style};
use crate::normalize::{Place, Policy, Shown};
use crate::notebook::{Cell, CellKind, Notebook};

use super::digest::Digest;
use super::visible::{push_lines, push_visible};

/// One notebook has one text: no rows of a user's, of whom textconv knows nothing.
const TABLE: Policy = Policy::built_in();

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
    let mut writer = Writer {
        hidden: Hidden::default(),
        has_ids: notebook.version().has_ids(),
        out: Vec::with_capacity(notebook.bytes.len().min(1 << 20) / 2),
    };
    let mut cells = Vec::with_capacity(notebook.cells.len());
    for cell in &notebook.cells {
        let start = writer.out.len();
        writer.cell(cell);
        cells.push(start..writer.out.len());
    }
    writer.notebook(notebook);
    TextForm { bytes: writer.out, cells }
}

/// What the last line says, part by part.
#[derive(Default)]
struct Hidden {
    outputs: Digest,
    counts: Digest,
    metadata: Digest,
    ids: Digest,
    /// Which cells have something hidden. Apart, so that a new cell above does not look like a new run.
    places: Digest,
    shape: Digest,
    /// How many cells have gone by.
    cells: usize,
    /// How many of them the places tell of.
    placed: usize,
}

impl Hidden {
    /// Takes note that the current cell has a hidden part called `what`.
    fn place(&mut self, what: u8) {
        self.places.add(&[what]);
        self.places.add(&(self.cells - self.placed).to_le_bytes());
        self.placed = self.cells;
    }
}

struct Writer {
    hidden: Hidden,
    /// Whether cells of this version of nbformat have ids.
    has_ids: bool,
    out: Vec<u8>,
}

impl Writer {
    fn cell(&mut self, cell: &Cell<'_>) {
        self.header(cell);
        let spelled = self.source(cell);
        for member in &cell.members {
            self.member(cell, *member);
        }
        self.shape(cell, spelled);
        self.out.push(b'\n');
        self.hidden.cells += 1;
    }

    /// `# %% code tags: a, b`, and a line that says so if the cell waits for a person.
    fn header(&mut self, cell: &Cell<'_>) {
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
    fn source(&mut self, cell: &Cell<'_>) -> Multiline {
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
        let hidden = &mut self.hidden;
        match &*member.name() {
            b"cell_type" | b"source" | b"input" => {}
            b"outputs" if member.value != "[]" => {
                hidden.place(b'o');
                hidden.outputs.add(member.value.as_bytes());
            }
            b"outputs" => {}
            b"execution_count" | b"prompt_number" if member.value != "null" => {
                hidden.place(b'c');
                hidden.counts.add(member.value.as_bytes());
            }
            b"execution_count" | b"prompt_number" => {}
            b"id" => hidden.ids.add(member.value.as_bytes()),
            b"metadata" => self.metadata("metadata", Place::Cell, &mut Vec::new(), member.value, &cell.tags()),
            b"attachments" => self.attachments(member.value),
            // In nbformat 3 `collapsed` and `language` are members of the cell itself.
            name if TABLE.rule_for(Place::Cell, &[name]).shown == Shown::No || is_old_language(member) => {
                hidden.place(b'm');
                hidden.metadata.add(member.key.as_bytes());
                hidden.metadata.add(member.value.as_bytes());
            }
            name => self.detail(&path_text("", name), member.value),
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
            } else if TABLE.rule_for(place, &names).shown == Shown::No || matches!(member.value, "[]" | "{}") {
                if place == Place::Cell {
                    self.hidden.place(b'm');
                }
                self.hidden.metadata.add(text.as_bytes());
                self.hidden.metadata.add(member.value.as_bytes());
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
            self.out.extend_from_slice(format!(" {} {digest}\n", size_text(base64_size(mime.value))).as_bytes());
        }
    }

    /// `    # %% metadata.slideshow {"slide_type": "slide"}`
    fn detail(&mut self, path: &str, raw: &str) {
        const ONE_LINE: Style =
            Style { indent: None, newline: "\n", comma: ", ", colon: ": ", escapes: text::Escapes::Minimal };
        let mut value = Vec::with_capacity(raw.len());
        ONE_LINE.lay_out(raw, 0, &mut value);
        self.out.extend_from_slice(b"    # %% ");
        push_visible(path.as_bytes(), &mut self.out);
        self.out.push(b' ');
        push_visible(&value, &mut self.out);
        self.out.push(b'\n');
    }

    /// Adds to the digest what is unlike nbformat's own writing: missing members, or a source split otherwise.
    fn shape(&mut self, cell: &Cell<'_>, spelled: Multiline) {
        let is_code = cell.kind() == CellKind::Code;
        let has = |name| cell.get(name).is_some();
        let has_run = ["outputs", "execution_count"].map(has);
        let regular = has("metadata") && has("source") && !has("input") && has_run == [is_code; 2];
        if regular && spelled == Multiline::ByLines && cell.id().is_some() == self.has_ids {
            return;
        }
        let names: Vec<&str> = cell.members.iter().map(|member| member.key).collect();
        self.hidden.shape.add(&self.hidden.cells.to_le_bytes());
        self.hidden.shape.add(names.concat().as_bytes());
        if spelled != Multiline::ByLines || has("input") {
            let sources = ["source", "input"].map(|name| cell.get(name).unwrap_or_default());
            sources.iter().for_each(|raw| self.hidden.shape.add(raw.as_bytes()));
        }
    }

    /// The notebook's own metadata and the last line.
    fn notebook(&mut self, notebook: &Notebook<'_>) {
        let header = self.out.len();
        self.out.extend_from_slice(b"# %% notebook\n");
        let empty = self.out.len();
        for member in &notebook.members {
            match &*member.name() {
                b"metadata" => self.metadata("metadata", Place::Notebook, &mut Vec::new(), member.value, &[""; 0]),
                b"worksheets" => self.worksheets(notebook, member.value),
                b"nbformat" | b"nbformat_minor" => {
                    self.hidden.metadata.add(member.key.as_bytes());
                    self.hidden.metadata.add(member.value.as_bytes());
                }
                name => self.detail(&path_text("", name), member.value),
            }
        }
        if notebook.metadata().is_none() {
            self.hidden.shape.add(b"no metadata");
        }
        if self.out.len() == empty {
            self.out.truncate(header);
        } else {
            self.out.push(b'\n');
        }
        self.hidden_line(notebook);
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
            self.hidden.shape.add(&notebook.bytes[at..list.start]);
            if notebook.lists.len() > 1 {
                self.hidden.shape.add(&cells.to_le_bytes());
            }
            at = list.end;
        }
        self.hidden.shape.add(&notebook.bytes[at..span.end]);
    }

    /// `# hidden: outputs 5f3a21 counts 91c2e0 metadata 77ab01 ids 0c11aa`
    fn hidden_line(&mut self, notebook: &Notebook<'_>) {
        let hidden = &self.hidden;
        let parts = [
            ("outputs", &hidden.outputs),
            ("counts", &hidden.counts),
            ("metadata", &hidden.metadata),
            ("ids", &hidden.ids),
            ("places", &hidden.places),
            ("shape", &hidden.shape),
        ];
        self.out.extend_from_slice(b"# hidden:");
        for (name, digest) in parts.iter().filter(|(_, digest)| !digest.is_empty()) {
            let written = write!(self.out, " {name} {digest}");
            debug_assert!(written.is_ok(), "writing to memory");
        }
        for word in layout_words(notebook) {
            self.out.push(b' ');
            self.out.extend_from_slice(word.as_bytes());
        }
        self.out.push(b'\n');
    }
}

/// Words for a layout that is not nbformat's own.
#[must_use]
pub fn layout_words(notebook: &Notebook<'_>) -> Vec<String> {
    let style = Style::of_layout(notebook.bytes);
    let mut words = Vec::new();
    match style.indent.as_deref() {
        Some(" ") => {}
        Some(indent) if indent.bytes().all(|byte| byte == b' ') => words.push(format!("indent-{}", indent.len())),
        Some(_) => words.push("indent-tab".to_owned()),
        None => words.push(if style.comma == "," { "one-line" } else { "one-line-spaced" }.to_owned()),
    }
    if style.newline == "\r\n" {
        words.push("crlf".to_owned());
    }
    if notebook.bytes.starts_with(b"\xef\xbb\xbf") {
        words.push("bom".to_owned());
    }
    if notebook.bytes.last() != Some(&b'\n') {
        words.push("no-final-newline".to_owned());
    }
    let sorted = |members: &[Member<'_>]| members.is_sorted_by(|one, other| one.key <= other.key);
    if !sorted(&notebook.members) || !notebook.cells.iter().all(|cell| sorted(&cell.members)) {
        words.push("unsorted-keys".to_owned());
    }
    words
}

/// Whether a member is nbformat 3's `language`, as nearly all cells have it.
fn is_old_language(member: Member<'_>) -> bool {
    member.is("language") && member.value == "\"python\""
}

/// Appends a name: as it is if it is a plain word, else as a JSON string.
fn push_word(name: &[u8], out: &mut Vec<u8>) {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-./+:".contains(byte);
    if !name.is_empty() && name.iter().all(plain) {
        out.extend_from_slice(name);
    } else {
        push_quoted(name, out);
    }
}

fn push_quoted(name: &[u8], out: &mut Vec<u8>) {
    let mut quoted = Vec::new();
    text::escape(name, text::Escapes::Minimal, &mut quoted);
    push_visible(&quoted, out);
}

/// `metadata.slideshow`; a name with a dot stands in quotes.
fn path_text(prefix: &str, name: &[u8]) -> String {
    let mut path = prefix.as_bytes().to_vec();
    if !prefix.is_empty() {
        path.push(b'.');
    }
    if name.contains(&b'.') {
        push_quoted(name, &mut path);
    } else {
        push_word(name, &mut path);
    }
    String::from_utf8_lossy(&path).into_owned()
}

/// How many bytes a raw value of base64 stands for.
fn base64_size(raw: &str) -> usize {
    let mut text = Vec::new();
    text::decode_multiline(raw, &mut text);
    let digits = text.iter().filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'));
    digits.count() * 3 / 4
}

/// `13.2 kB`
fn size_text(bytes: usize) -> String {
    match bytes {
        0..1000 => format!("{bytes} B"),
        1000..1_000_000 => format!("{}.{} kB", bytes / 1000, bytes % 1000 / 100),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unlike_notebooks_have_unlike_texts() {
        let in_cell = |members: &str| format!(r#"{{"cells": [{{"cell_type": "markdown", {members}}}]}}"#);
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
            r#"{"cells": [], "worksheets": 1}"#.to_owned(),
            r#"{"cells": [{}]}"#.to_owned(),
            r#"{"cells": [{"cell_type": "?"}]}"#.to_owned(),
            r#"{"cells": [{"cell_type": "3"}]}"#.to_owned(),
            r#"{"cells": [{"cell_type": 3}]}"#.to_owned(),
        ];
        let texts: Vec<Vec<u8>> =
            files.iter().map(|file| text_form(&Notebook::read(file.as_bytes()).unwrap()).bytes).collect();
        for (index, text) in texts.iter().enumerate() {
            let twin = texts[..index].iter().position(|other| other == text);
            assert_eq!(twin.map(|twin| &files[twin]), None, "{}", files[index]);
        }
    }
}
