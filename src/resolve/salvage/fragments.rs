//! Lines that are no notebook: the whole cells among them, and the rest as text.

use std::collections::HashMap;

use crate::json::text::{self, Escapes};
use crate::notebook::{Cell, CellKind, Notebook, Output};

use crate::resolve::commas::mended;

/// A stretch of lines that were cut out of a notebook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fragment {
    /// A whole cell: its JSON.
    Cell(Vec<u8>),
    /// What is no cell, without the indentation that all its lines have.
    Text(Vec<u8>),
}

impl Fragment {
    /// Whether it is no cell.
    pub(super) fn is_text(&self) -> bool {
        matches!(self, Self::Text(_))
    }
}

/// Takes lines apart. Brackets and the keys before them are left out where nothing else stands between cells.
pub(super) fn fragments(lines: &[u8]) -> Vec<Fragment> {
    let closed = closed(lines);
    // Objects that are no cells are looked into, so there is a limit to how much is read again and again.
    let mut left = lines.len().saturating_mul(8);
    let (mut found, mut at, mut text_start) = (Vec::new(), 0, 0);
    while let Some(next) = next_token(lines, at) {
        at = next;
        let object = closed.get(&at).map(|end| &lines[at..*end]).filter(|object| left > object.len());
        match object.map(|object| (object.len(), as_cell(object))) {
            Some((length, Some(cell))) => {
                found.extend(as_text(&lines[text_start..at]));
                found.push(Fragment::Cell(cell));
                at += length;
                text_start = at;
            }
            Some((length, None)) => {
                left -= length;
                at += 1;
            }
            None => at = end_of_token(lines, at),
        }
    }
    found.extend(as_text(&lines[text_start..]));
    found
}

/// So many brackets may have lost their partners.
const NEAR: usize = 8;

/// Where each object ends that begins and ends in `lines`, by its beginning.
fn closed(lines: &[u8]) -> HashMap<usize, usize> {
    let (mut open, mut closed) = (Vec::new(), HashMap::new());
    let mut at = 0;
    while let Some(next) = next_token(lines, at) {
        match lines[next] {
            b'{' | b'[' => open.push(next),
            closing @ (b'}' | b']') => {
                // What was opened since is never closed, or this closes nothing.
                let fits = |start: &&usize| lines[**start] + 2 == closing;
                let Some(depth) = open.iter().rev().take(NEAR).position(|start| fits(&start)) else {
                    at = end_of_token(lines, next);
                    continue;
                };
                open.truncate(open.len() - depth);
                if let Some(start) = open.pop().filter(|_| closing == b'}') {
                    closed.insert(start, next + 1);
                }
            }
            _ => {}
        }
        at = end_of_token(lines, next);
    }
    closed
}

/// The next bracket or string from `at` on.
fn next_token(lines: &[u8], at: usize) -> Option<usize> {
    lines.get(at..)?.iter().position(|byte| b"{}[]\"".contains(byte)).map(|offset| at + offset)
}

/// The end of a bracket or string. A string ends with its line, whatever somebody has done to it.
fn end_of_token(lines: &[u8], at: usize) -> usize {
    if lines[at] != b'"' {
        return at + 1;
    }
    let line_end = memchr::memchr(b'\n', &lines[at..]).map_or(lines.len(), |offset| at + offset);
    text::end_of_string(&lines[..line_end], at)
}

/// What a cell of nbformat 4 may have.
const CELL_KEYS: [&str; 7] = ["cell_type", "attachments", "execution_count", "id", "metadata", "outputs", "source"];

/// The JSON of a cell, if `object` is one.
fn as_cell(object: &[u8]) -> Option<Vec<u8>> {
    let first = object[1..].trim_ascii_start();
    if !CELL_KEYS.iter().any(|key| first.starts_with(format!("\"{key}\"").as_bytes())) {
        return None;
    }
    let cell = mended(object);
    let notebook = [b"{\"cells\":[", cell.as_slice(), b"]}"].concat();
    let notebook = Notebook::read(&notebook).ok()?;
    let [only] = notebook.cells.as_slice() else { return None };
    is_cell(only).then_some(cell)
}

/// Whether a cell has what nbformat wants of it, and nothing of what other cells have.
pub(super) fn is_cell(cell: &Cell<'_>) -> bool {
    let has = |name: &str| cell.get(name).is_some();
    let fits = |of_code: bool| of_code == has("outputs") && of_code == has("execution_count");
    let is_known = cell.members.iter().all(|member| CELL_KEYS.iter().any(|name| member.is(name)));
    let has_outputs =
        || Output::list(cell.outputs().unwrap_or("[]")).iter().all(|output| output.get("output_type").is_some());
    is_known
        && has("source")
        && has("metadata")
        && has_outputs()
        && match cell.kind() {
            CellKind::Code => fits(true),
            CellKind::Markdown | CellKind::Raw => fits(false),
            CellKind::Other(_) => false,
        }
}

fn as_text(between: &[u8]) -> Option<Fragment> {
    let lines: Vec<&[u8]> = between.split(|byte| *byte == b'\n').collect();
    let is_filled = |line: &&&[u8]| !line.trim_ascii().is_empty();
    if lines.iter().all(|line| is_only_structure(line)) {
        return None;
    }
    let indents = lines.iter().filter(is_filled).map(|line| line.len() - line.trim_ascii_start().len());
    let indent = indents.min().unwrap_or(0);
    let plain = |line: &&[u8]| line.get(indent..).unwrap_or_default().trim_ascii_end().to_vec();
    let from = lines.iter().position(|line| !is_bare(line)).unwrap_or(0);
    let to = lines.iter().rposition(|line| !is_bare(line)).map_or(lines.len(), |last| last + 1);
    let text: Vec<Vec<u8>> = lines[from..to].iter().map(plain).collect();
    Some(Fragment::Text(text.join(&b'\n')))
}

/// Whether a line has nothing but a comma, as behind a cell.
fn is_bare(line: &[u8]) -> bool {
    matches!(line.trim_ascii(), b"" | b",")
}

/// Whether a line has nothing but brackets and commas, or the key before an opening one.
fn is_only_structure(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let key = line.strip_suffix(b"[").or(line.strip_suffix(b"{")).map(<[u8]>::trim_ascii_end);
    let is_key =
        |key: &[u8]| key.starts_with(b"\"") && key.ends_with(b":") && text::end_of_string(key, 0) + 1 == key.len();
    line.iter().all(|byte| b"[]{}, \t".contains(byte)) || key.is_some_and(is_key)
}

/// A raw cell that holds `text`.
pub(super) fn raw_cell(id: Option<&str>, text: &[u8]) -> Vec<u8> {
    let id = id.map(|id| format!("\"id\": \"{id}\", ")).unwrap_or_default();
    let mut cell = format!("{{\"cell_type\": \"raw\", {id}\"metadata\": {{}}, \"source\": [").into_bytes();
    for (index, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if index > 0 {
            cell.extend_from_slice(b", ");
        }
        text::escape(line, Escapes::default(), &mut cell);
    }
    cell.extend_from_slice(b"]}");
    cell
}
