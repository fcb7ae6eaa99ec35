//! Reading, and writing what was read.

use std::ops::Range;

use cellwise::json::{self, Edit, Style, splice};
use cellwise::notebook::{Cell, Notebook};
use serde_json::value::RawValue;

use super::{read, shown};

/// Any file: a notebook that is written as it was read, or an error of one line.
pub(super) fn target(file: &[u8]) {
    is_read_as_serde_json_reads_it(file);
    match Notebook::read(file) {
        Ok(notebook) => {
            is_written_as_it_was_read(file);
            notebook.cells.iter().for_each(use_cell);
            can_be_laid_out(file);
        }
        Err(error) => {
            let line = error.to_string();
            assert!(!line.is_empty() && !super::steers_a_terminal(&line) && !line.contains('\n'), "{line:?}");
        }
    }
}

/// All that a cell can be asked for.
fn use_cell(cell: &Cell<'_>) {
    assert!(!cell.kind().name().is_empty() || cell.get("cell_type") == Some("\"\""));
    assert!(cell.unresolved().is_none() || cell.record().is_some());
    assert!(!cell.is_blank() || cell.source_text().trim_ascii().is_empty());
    // It may be no string: then it is no id that anybody could refer to, and stays as it is.
    assert!(cell.id().is_none_or(|id| cell.members.iter().any(|member| member.value == id)));
}

/// Laid out in its own style a value is the same, and laying it out again changes no byte.
fn can_be_laid_out(file: &[u8]) {
    let style = Style::of(file);
    let laid_out = |text: &str| {
        let mut out = Vec::new();
        style.lay_out(text, 0, &mut out);
        String::from_utf8(out).expect("UTF-8")
    };
    for member in read(file).members {
        let once = laid_out(member.value);
        // What is nested deeper than this is compared by its spelling.
        let is_deep = member.value.matches(['[', '{']).count() > 96;
        assert!(is_deep || json::same(member.value, &once), "{} became {once}", member.value);
        assert_eq!(laid_out(&once), once);
    }
}

/// Whether a text is a value, and where the values in a list end, both readers say alike.
pub(crate) fn is_read_as_serde_json_reads_it(text: &[u8]) {
    let Ok(text) = std::str::from_utf8(text) else { return };
    // Python writes these, and serde_json does not read them.
    if text.contains("NaN") || text.contains("Infinity") {
        return;
    }
    let list = format!("[{text}]");
    let file = format!("{{\"cells\": [], \"list\": {list}}}");
    let oracle = serde_json::from_str::<Vec<&RawValue>>(&list);
    let oracle = oracle.map(|values| values.into_iter().map(RawValue::get).collect::<Vec<_>>());
    match (oracle, Notebook::read(file.as_bytes())) {
        (Ok(values), Ok(notebook)) => {
            assert_eq!(notebook.get("list"), Some(list.as_str()));
            assert_eq!(json::elements(&list), values);
        }
        (Err(_), read) => {
            // What closes the list may open it again: `1], "more": [2`.
            assert!(read.is_err() || read.is_ok_and(|notebook| notebook.get("list") != Some(list.as_str())), "{list}");
        }
        (Ok(_), Err(error)) => panic!("{error}: {list}"),
    }
}

/// Spans are those of their values, in order, and a file with each span replaced by itself is the file.
pub(crate) fn is_written_as_it_was_read(file: &[u8]) {
    let notebook = read(file);
    for cell in &notebook.cells {
        let bytes = notebook.cell_bytes(cell);
        assert_eq!([bytes.first(), bytes.last()], [Some(&b'{'), Some(&b'}')]);
        assert_eq!(json::members(std::str::from_utf8(bytes).expect("UTF-8")), cell.members);
    }
    for list in &notebook.lists {
        let list = &file[list.clone()];
        assert!(list.starts_with(b"[") && list.ends_with(b"]"), "{}", shown(list));
    }
    assert_eq!(shown(&rewritten(file)), shown(file));
}

/// The file with every span that reading finds replaced by itself.
fn rewritten(file: &[u8]) -> Vec<u8> {
    let notebook = read(file);
    let own = |span: Range<usize>| Edit::new(span.clone(), &file[span]);
    let mut edits: Vec<Edit> = Vec::new();
    for cell in &notebook.cells {
        let members = cell.members.iter().flat_map(|member| [member.key, member.value]);
        edits.extend(members.map(|text| own(notebook.span_of(text))));
    }
    let inside = |span: &str| {
        let span = notebook.span_of(span);
        notebook.lists.iter().any(|list| span.contains(&list.start))
    };
    let members = notebook.members.iter().flat_map(|member| [member.key, member.value]);
    edits.extend(members.filter(|text| !inside(text)).map(|text| own(notebook.span_of(text))));
    edits.sort_by_key(|edit| edit.span.start);
    assert!(edits.is_sorted_by(|one, other| one.span.end <= other.span.start), "spans overlap");
    let mut out = Vec::new();
    splice(file, 0..file.len(), &edits, &mut out);
    out
}
