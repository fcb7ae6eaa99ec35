//! Bytes to notebook.

use std::ops::Range;

use crate::json::{self, Item, Member, Outline, SyntaxError, position};

use super::cell::Cell;

/// A notebook that could be read: a view of `bytes`.
#[derive(Debug, Clone)]
pub struct Notebook<'a> {
    /// The whole file.
    pub bytes: &'a [u8],
    /// The members of the notebook's object in file order, without `cells`.
    pub members: Vec<Member<'a>>,
    /// All cells in order, those of several worksheets one after another.
    pub cells: Vec<Cell<'a>>,
    /// Where each list of cells stands, from `[` to behind `]`: one, or one for each worksheet.
    pub lists: Vec<Range<usize>>,
}

/// `nbformat` and `nbformat_minor`; 0 where missing or no small number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// `nbformat`.
    pub major: u32,
    /// `nbformat_minor`.
    pub minor: u32,
}

impl Version {
    /// Whether cells have ids (nbformat 4.5, JEP 62).
    #[must_use]
    pub fn has_ids(self) -> bool {
        self >= Self { major: 4, minor: 5 }
    }
}

/// Why a file cannot be read as a notebook: one line for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// git's markers stand between the lines of the JSON text.
    #[error("line {line}: unresolved git conflict markers between the lines of the JSON")]
    ConflictMarkers {
        /// The first marker's line, from 1.
        line: usize,
    },
    /// It begins with the byte order mark of UTF-16.
    #[error("not a notebook: the file is UTF-16, and notebooks are UTF-8")]
    Utf16,
    /// Not JSON, or not of a notebook's shape.
    #[error("not a notebook: {0}")]
    Syntax(#[from] SyntaxError),
    /// JSON, but neither `cells` nor `worksheets`.
    #[error("not a notebook: no `cells`")]
    NoCells,
}

impl<'a> Notebook<'a> {
    /// Reads a notebook of any nbformat version; nothing is decoded.
    ///
    /// # Errors
    /// [`ReadError`], for what is no notebook; never panics.
    pub fn read(bytes: &'a [u8]) -> Result<Self, ReadError> {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if text.iter().all(u8::is_ascii_whitespace) {
            return Err(ReadError::Empty);
        }
        let outline = json::outline(bytes, "cells").map_err(|error| match first_marker(bytes) {
            Some(line) => ReadError::ConflictMarkers { line },
            None if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") => ReadError::Utf16,
            None => ReadError::Syntax(error),
        })?;
        Self::of(bytes, outline)
    }

    /// As [`Notebook::read`], and quicker where `bytes` are another version of the notebook `known`: cells that stand in
    /// both are not parsed again.
    ///
    /// # Errors
    /// [`ReadError`], the same as without knowing that version.
    pub fn read_version(bytes: &'a [u8], known: &Notebook<'_>) -> Result<Self, ReadError> {
        let cells: Vec<_> = known.cells.iter().map(|cell| (cell.span.clone(), cell.members.as_slice())).collect();
        match json::outline_like(bytes, "cells", known.bytes, &cells) {
            Some(outline) => Self::of(bytes, outline),
            None => Self::read(bytes),
        }
    }

    fn of(bytes: &'a [u8], outline: Outline<'a>) -> Result<Self, ReadError> {
        let mut notebook = Self { bytes, members: outline.members, cells: Vec::new(), lists: Vec::new() };
        match outline.list {
            Some((list, items)) => notebook.add_cells(list, items),
            None => notebook.add_worksheets()?,
        }
        Ok(notebook)
    }

    fn add_cells(&mut self, list: Range<usize>, items: Vec<Item<'a>>) {
        self.lists.push(list);
        self.cells.extend(items.into_iter().map(|item| Cell { span: item.span, members: item.members }));
    }

    fn add_worksheets(&mut self) -> Result<(), ReadError> {
        let worksheets = self.get("worksheets").filter(|raw| raw.starts_with('[')).ok_or(ReadError::NoCells)?;
        for sheet in json::elements(worksheets) {
            let start = position(self.bytes, sheet);
            let outline = json::outline(sheet.as_bytes(), "cells")?;
            let Some((list, items)) = outline.list else { continue };
            let moved = |span: Range<usize>| span.start + start..span.end + start;
            let items = items.into_iter().map(|item| Item { span: moved(item.span), members: item.members });
            self.add_cells(moved(list), items.collect());
        }
        Ok(())
    }

    /// The raw value of the notebook's member `name` (other than `cells`).
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a str> {
        json::find(&self.members, name)
    }

    /// The notebook's metadata, raw: an object.
    #[must_use]
    pub fn metadata(&self) -> Option<&'a str> {
        self.get("metadata")
    }

    /// The language of its code cells, as its kernel names it (`language_info.name`, else `kernelspec.language`).
    #[must_use]
    pub fn language(&self) -> Option<String> {
        let metadata = json::members(self.metadata()?);
        let name = |key, name| json::find(&json::members(json::find(&metadata, key)?), name);
        let raw = name("language_info", "name").or_else(|| name("kernelspec", "language"))?;
        let is_text = raw.starts_with('"');
        is_text.then(|| String::from_utf8_lossy(&json::text::decode(raw)).into_owned())
    }

    /// The nbformat version that the file states.
    #[must_use]
    pub fn version(&self) -> Version {
        let number = |name| self.get(name).and_then(|raw| raw.parse().ok()).unwrap_or(0);
        Version { major: number("nbformat"), minor: number("nbformat_minor") }
    }

    /// The bytes of a cell, from `{` to `}`.
    #[must_use]
    pub fn cell_bytes(&self, cell: &Cell<'_>) -> &'a [u8] {
        &self.bytes[cell.span.clone()]
    }

    /// The byte offsets of `span`, a raw key or value of this notebook.
    #[must_use]
    pub fn span_of(&self, span: &str) -> Range<usize> {
        let start = position(self.bytes, span);
        start..start + span.len()
    }
}

/// The first line that is one of git's conflict markers, from 1: seven characters of one kind or more
/// (`conflict-marker-size`), and then nothing or a label. No line of JSON looks so.
fn first_marker(bytes: &[u8]) -> Option<usize> {
    let marker = |line: &[u8]| {
        let Some(first) = line.first().filter(|byte| b"<|=>".contains(byte)) else { return false };
        let run = line.iter().take_while(|byte| *byte == first).count();
        run >= 7 && matches!(line.get(run), None | Some(b' ' | b'\r'))
    };
    bytes.split(|byte| *byte == b'\n').position(marker).map(|index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notebook::CellKind;

    const V3: &str = r#"{"metadata": {}, "nbformat": 3, "worksheets": [
        {"cells": [{"cell_type": "code", "input": ["x = 1\n", "x"], "prompt_number": 4}]},
        {"metadata": {}},
        {"cells": [{"cell_type": "heading", "source": "Title"}]}]}"#;

    #[test]
    fn cells_of_worksheets_are_read_in_order() {
        let notebook = Notebook::read(V3.as_bytes()).unwrap();
        let [first, second] = notebook.cells.as_slice() else { panic!("two cells") };
        assert_eq!(first.source_text(), b"x = 1\nx");
        assert_eq!(first.execution_count(), Some("4"));
        assert_eq!(second.kind(), CellKind::Other("\"heading\""));
        assert_eq!(second.kind().name(), "heading");
        assert_eq!(notebook.cell_bytes(second), br#"{"cell_type": "heading", "source": "Title"}"#);
        assert_eq!(notebook.lists.len(), 2);
    }

    #[test]
    fn another_encoding_is_named() {
        let wide: Vec<u8> = "\u{feff}{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let error = Notebook::read(&wide).unwrap_err().to_string();
        assert_eq!(error, "not a notebook: the file is UTF-16, and notebooks are UTF-8");
    }

    #[test]
    fn what_is_no_notebook_is_said_in_one_line() {
        for (file, said) in [
            ("", "the file is empty"),
            ("\n \n", "the file is empty"),
            ("\u{feff}", "the file is empty"),
            ("{}", "not a notebook: no `cells`"),
            ("{\"worksheets\": 3}", "not a notebook: no `cells`"),
            ("{\n<<<<<<< HEAD\n", "line 2: unresolved git conflict markers between the lines of the JSON"),
            ("{\n=========\n", "line 2: unresolved git conflict markers between the lines of the JSON"),
            ("{\"cells\": [}", "not a notebook: line 1, column 12: expected value"),
        ] {
            assert_eq!(Notebook::read(file.as_bytes()).unwrap_err().to_string(), said, "{file:?}");
        }
    }

    #[test]
    fn the_version_is_what_the_file_says() {
        let version = |file: &str| Notebook::read(file.as_bytes()).unwrap().version();
        assert_eq!(version(r#"{"cells": [], "nbformat": 4, "nbformat_minor": 5}"#), Version { major: 4, minor: 5 });
        assert!(version(r#"{"cells": [], "nbformat": 4, "nbformat_minor": 5}"#).has_ids());
        assert!(!version(r#"{"cells": [], "nbformat": "four"}"#).has_ids());
    }
}
