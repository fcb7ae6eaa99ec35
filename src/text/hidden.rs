//! The line of digests: what the text form hides.

use std::io::Write as _;

use crate::json::text::{self, Multiline};
use crate::json::{self, Member, Style};
use crate::notebook::{Cell, CellKind, Notebook};

use super::digest::Digest;
use super::options::Show;

/// A part of the hidden line.
#[derive(Debug, Clone, Copy)]
pub(super) enum HiddenPart {
    Outputs,
    Counts,
    Metadata,
    Ids,
    /// Which cells have something hidden. Apart, so that a new cell above does not look like a new run.
    Places,
    Shape,
}

/// The parts' names, in the order of the line.
const NAMES: [&str; 6] = ["outputs", "counts", "metadata", "ids", "places", "shape"];

/// Collects what the last line says, part by part; nothing at all if nobody wants that line.
pub(super) struct Hidden {
    line: Show,
    digests: [Digest; NAMES.len()],
    /// Whether cells of this version of nbformat have ids.
    has_ids: bool,
    /// How many cells have gone by.
    cells: usize,
    /// How many of them the places tell of.
    placed: usize,
}

impl Hidden {
    /// For the cells of `notebook`.
    pub(super) fn new(line: Show, notebook: &Notebook<'_>) -> Self {
        Self { line, has_ids: notebook.version().has_ids(), ..Self::none() }
    }

    /// For nobody.
    pub(super) fn none() -> Self {
        Self { line: Show::No, digests: Default::default(), has_ids: false, cells: 0, placed: 0 }
    }

    /// Adds a byte string to a part.
    pub(super) fn add(&mut self, part: HiddenPart, bytes: &[u8]) {
        if self.line == Show::Yes {
            self.digests[part as usize].add(bytes);
        }
    }

    /// Takes note that the current cell has a hidden part called `what`.
    pub(super) fn place(&mut self, what: u8) {
        self.add(HiddenPart::Places, &[what]);
        self.add(HiddenPart::Places, &(self.cells - self.placed).to_le_bytes());
        self.placed = self.cells;
    }

    /// Ends a cell: adds what of it is unlike nbformat's own writing, members that are missing or a source that is
    /// `spelled` in another way.
    pub(super) fn end_cell(&mut self, cell: &Cell<'_>, spelled: Multiline) {
        if self.line == Show::Yes {
            self.shape(cell, spelled);
        }
        self.cells += 1;
    }

    fn shape(&mut self, cell: &Cell<'_>, spelled: Multiline) {
        let is_code = cell.kind() == CellKind::Code;
        let has = |name| cell.get(name).is_some();
        let has_run = ["outputs", "execution_count"].map(has);
        let regular = has("metadata") && has("source") && !has("input") && has_run == [is_code; 2];
        if regular && spelled == Multiline::ByLines && cell.id().is_some() == self.has_ids {
            return;
        }
        let names: Vec<&str> = cell.members.iter().map(|member| member.key).collect();
        self.add(HiddenPart::Shape, &self.cells.to_le_bytes());
        self.add(HiddenPart::Shape, names.concat().as_bytes());
        if spelled != Multiline::ByLines {
            self.add(HiddenPart::Shape, &spelling(cell.source().unwrap_or_default()));
        }
        if has("source") {
            // The source is shown; this one is not.
            self.add(HiddenPart::Shape, cell.get("input").unwrap_or_default().as_bytes());
        }
    }

    /// Appends `# hidden: outputs 5f3a21 counts 91c2e0 metadata 77ab01 ids 0c11aa`, and words for the layout.
    pub(super) fn finish(&self, notebook: &Notebook<'_>, out: &mut Vec<u8>) {
        if self.line == Show::No {
            return;
        }
        out.extend_from_slice(b"# hidden:");
        for (name, digest) in NAMES.iter().zip(&self.digests).filter(|(_, digest)| !digest.is_empty()) {
            let written = write!(out, " {name} {digest}");
            debug_assert!(written.is_ok(), "writing to memory");
        }
        for word in layout_words(notebook) {
            out.push(b' ');
            out.extend_from_slice(word.as_bytes());
        }
        out.push(b'\n');
    }
}

/// How a source is stored whose text is shown: nothing of the text itself, so that an edit is an edit of its lines.
fn spelling(raw: &str) -> Vec<u8> {
    let items = if raw.starts_with('[') { json::elements(raw) } else { Vec::new() };
    match items.as_slice() {
        // One string, or something else, which is shown as it is.
        [] => raw.as_bytes().iter().take(1).copied().collect(),
        [_] => b"one item".to_vec(),
        items => splits(items),
    }
}

/// Where a list of strings is not split as into lines: line and column of each end of an item within a line, of each
/// empty item, and the line of each newline within an item.
fn splits(items: &[&str]) -> Vec<u8> {
    let mut splits = Vec::new();
    let (mut line, mut column) = (0_usize, 0_usize);
    for (index, raw) in items.iter().enumerate() {
        let item = if raw.starts_with('"') { text::decode(raw) } else { raw.as_bytes().into() };
        for newline in memchr::memchr_iter(b'\n', &item) {
            (line, column) = (line + 1, 0);
            if newline + 1 < item.len() {
                splits.push([b'j' as usize, line, 0]);
            }
        }
        column += item.len() - memchr::memrchr(b'\n', &item).map_or(0, |newline| newline + 1);
        let is_last = index + 1 == items.len();
        if item.is_empty() || (column > 0 && !is_last) {
            splits.push([b's' as usize, line, column]);
        }
    }
    splits.concat().iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// Words for a layout that is not nbformat's own.
#[must_use]
pub fn layout_words(notebook: &Notebook<'_>) -> Vec<String> {
    let style = Style::of(notebook.bytes);
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
