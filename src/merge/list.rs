//! The text of a result's list of cells, and its place among the notebook's members.

use std::ops::Range;

use crate::json::{Member, Style};
use crate::notebook::Notebook;

/// The depth of a cell in its file: nbformat 2 and 3 keep their cells inside a worksheet.
pub(crate) fn cell_depth(notebook: &Notebook<'_>) -> usize {
    if notebook.version().major < 4 && notebook.get("worksheets").is_some() { 4 } else { 2 }
}

/// The members of a notebook's object with the list of cells in its place among them.
pub(crate) fn members_with_cells<'a>(notebook: &Notebook<'a>) -> Vec<Member<'a>> {
    let mut members = notebook.members.clone();
    let list = &notebook.lists[0];
    let in_worksheet = notebook.get("worksheets").is_some_and(|raw| notebook.span_of(raw).contains(&list.start));
    let before = notebook.bytes[..list.start].trim_ascii_end();
    let key = before.strip_suffix(b":").unwrap_or(before).trim_ascii_end();
    // However the key is spelled, there is no quote inside.
    let quote = key.len().checked_sub(1).and_then(|end| memchr::memrchr(b'"', &key[..end]));
    if let (Some(quote), false) = (quote, in_worksheet) {
        let text = |span: Range<usize>| simdutf8::basic::from_utf8(&notebook.bytes[span]).unwrap_or("\"\"");
        let cells = Member { key: text(quote..key.len()), value: text(list.clone()) };
        let place = members.partition_point(|member| notebook.span_of(member.key).start < quote);
        members.insert(place, cells);
    }
    members
}

/// The list of `cells`, the text of each, with ours' own white space between them where ours has cells.
pub(crate) fn cell_list(ours: &Notebook<'_>, cells: &[impl AsRef<[u8]>], style: &Style, depth: usize) -> Vec<u8> {
    let mut out = Vec::new();
    write_cell_list(ours, cells, style, depth, &mut out);
    out
}

/// As [`cell_list`], appended to `out`.
pub(super) fn write_cell_list(
    ours: &Notebook<'_>,
    cells: &[impl AsRef<[u8]>],
    style: &Style,
    depth: usize,
    out: &mut Vec<u8>,
) {
    let list = &ours.lists[0];
    let gap = |range: Range<usize>| ours.bytes[range].to_vec();
    let (open, close, between) = match ours.cells.as_slice() {
        [] => (style.line_start(depth).into_bytes(), style.line_start(depth - 1).into_bytes(), None),
        [first, .., last] => {
            let second = &ours.cells[1];
            let between = gap(first.span.end..second.span.start);
            (gap(list.start + 1..first.span.start), gap(last.span.end..list.end - 1), Some(between))
        }
        [only] => (gap(list.start + 1..only.span.start), gap(only.span.end..list.end - 1), None),
    };
    let between = between.unwrap_or_else(|| style.separator(depth).into_bytes());
    out.push(b'[');
    for (index, cell) in cells.iter().enumerate() {
        out.extend_from_slice(if index == 0 { &open } else { &between });
        out.extend_from_slice(cell.as_ref());
    }
    if !cells.is_empty() {
        out.extend_from_slice(&close);
    }
    out.push(b']');
}
