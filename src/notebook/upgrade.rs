//! nbformat 2 and 3 to 4, as `nbformat.v4.convert` does it, for merges in which one side was upgraded.
//!
//! Values keep their spelling; only names and places change.

use std::collections::HashSet;

use crate::json::{self, Member, Style, text};

use super::cell::{Cell, CellKind};
use super::output::MIME_OF;
use super::read::Notebook;

/// The file of an nbformat 2 or 3 notebook as nbformat 4.0, in the same layout.
///
/// The cells of all worksheets stand in one list. Headings become Markdown: `## Title`, or underlined where the
/// heading is of level 1 or 2 and `base` does not have it, so that a line which somebody added is not rewritten.
#[must_use]
pub fn upgrade(notebook: &Notebook<'_>, base: Option<&Notebook<'_>>) -> Vec<u8> {
    let base_cells = base.map(|base| base.cells.as_slice()).unwrap_or_default();
    let known: HashSet<Vec<u8>> = base_cells.iter().filter(|cell| is_heading(cell)).map(Cell::source_text).collect();
    let cells: Vec<String> = notebook.cells.iter().map(|cell| upgrade_cell(cell, &known)).collect();
    let mut members = vec![("cells".to_owned(), format!("[{}]", cells.join(",")))];
    for member in &notebook.members {
        match &*member.name() {
            b"worksheets" | b"nbformat" | b"nbformat_minor" => {}
            name => members.push((String::from_utf8_lossy(name).into_owned(), member.value.to_owned())),
        }
    }
    if notebook.metadata().is_none() {
        members.push(("metadata".to_owned(), "{}".to_owned()));
    }
    members.push(("nbformat".to_owned(), "4".to_owned()));
    members.push(("nbformat_minor".to_owned(), "0".to_owned()));
    let mut out = Vec::with_capacity(notebook.bytes.len());
    Style::of(notebook.bytes).lay_out(&object(members), 0, &mut out);
    if notebook.bytes.ends_with(b"\n") {
        out.push(b'\n');
    }
    out
}

/// A JSON object, its keys sorted as nbformat writes them.
fn object(mut members: Vec<(String, String)>) -> String {
    members.sort();
    members.dedup_by(|one, other| one.0 == other.0);
    let members: Vec<String> = members.into_iter().map(|(key, value)| format!("{}:{value}", quote(&key))).collect();
    format!("{{{}}}", members.join(","))
}

fn quote(name: &str) -> String {
    let mut out = Vec::new();
    text::escape(name.as_bytes(), text::Escapes::Minimal, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

fn upgrade_cell(cell: &Cell<'_>, known_headings: &HashSet<Vec<u8>>) -> String {
    let is_code = cell.kind() == CellKind::Code;
    let mut metadata: Vec<(String, String)> = owned(&json::members(cell.metadata().unwrap_or("{}")));
    let mut members = Vec::new();
    for (name, value) in owned(&cell.members) {
        match name.as_str() {
            "metadata" | "language" | "level" | "cell_type" | "source" | "input" => {}
            "prompt_number" | "outputs" if is_code => {}
            "collapsed" => metadata.push((name, value)),
            _ => members.push((name, value)),
        }
    }
    if is_code {
        let outputs = cell.outputs().map(json::elements).unwrap_or_default();
        let outputs: Vec<String> = outputs.into_iter().map(|raw| upgrade_output(&json::members(raw))).collect();
        members.push(("outputs".to_owned(), format!("[{}]", outputs.join(","))));
        members.push(("execution_count".to_owned(), cell.execution_count().unwrap_or("null").to_owned()));
    }
    members.push(("cell_type".to_owned(), upgrade_type(cell).to_owned()));
    members.push(("metadata".to_owned(), object(metadata)));
    members.push(("source".to_owned(), upgrade_source(cell, known_headings)));
    object(members)
}

fn upgrade_type<'a>(cell: &Cell<'a>) -> &'a str {
    match cell.kind() {
        CellKind::Code => "\"code\"",
        CellKind::Other("\"heading\"" | "\"html\"") | CellKind::Markdown => "\"markdown\"",
        CellKind::Raw => "\"raw\"",
        CellKind::Other(raw) => raw,
    }
}

fn is_heading(cell: &Cell<'_>) -> bool {
    cell.kind() == CellKind::Other("\"heading\"")
}

/// The source; a heading stands on one line.
fn upgrade_source(cell: &Cell<'_>, known_headings: &HashSet<Vec<u8>>) -> String {
    if !is_heading(cell) {
        return cell.source().unwrap_or("[]").to_owned();
    }
    // Markdown has six levels.
    let level = cell.get("level").and_then(|raw| raw.parse().ok()).unwrap_or(1).clamp(1, 6);
    let source = cell.source_text();
    let line = source.split(|byte| *byte == b'\n').collect::<Vec<_>>().join(&b' ');
    let escaped = |line: &[u8]| {
        let mut out = Vec::new();
        text::escape(line, text::Escapes::Minimal, &mut out);
        String::from_utf8_lossy(&out).into_owned()
    };
    match (level, known_headings.contains(&source)) {
        (1 | 2, false) => {
            let underline = if level == 1 { b"=====" } else { b"-----" };
            format!("[{},{}]", escaped(&[&line, &b"\n"[..]].concat()), escaped(underline))
        }
        _ => format!("[{}]", escaped(&[&b"#".repeat(level), &b" "[..], &line].concat())),
    }
}

fn upgrade_output(members: &[Member<'_>]) -> String {
    let kind = json::find(members, "output_type").unwrap_or("\"\"");
    let (mut upgraded, mut data) = (Vec::new(), Vec::new());
    for (name, value) in owned(members) {
        let mime = MIME_OF.iter().find(|(key, _)| *key == name).map(|(_, mime)| *mime);
        match (kind, name.as_str(), mime) {
            (_, "output_type", _) => {}
            ("\"stream\"", "stream", _) => upgraded.push(("name".to_owned(), value)),
            ("\"pyout\"", "prompt_number", _) => upgraded.push(("execution_count".to_owned(), value)),
            ("\"pyout\"" | "\"display_data\"", _, Some(mime)) => data.push((mime.to_owned(), value)),
            _ => upgraded.push((name, value)),
        }
    }
    let missing = |name: &str| json::find(members, name).is_none();
    let new_kind = match kind {
        "\"pyout\"" => "\"execute_result\"",
        "\"pyerr\"" => "\"error\"",
        other => other,
    };
    if matches!(kind, "\"pyout\"" | "\"display_data\"") {
        upgraded.push(("data".to_owned(), object(data)));
        if missing("metadata") {
            upgraded.push(("metadata".to_owned(), "{}".to_owned()));
        }
    }
    if kind == "\"pyout\"" && missing("prompt_number") {
        upgraded.push(("execution_count".to_owned(), "null".to_owned()));
    }
    if kind == "\"stream\"" && missing("stream") {
        upgraded.push(("name".to_owned(), "\"stdout\"".to_owned()));
    }
    upgraded.push(("output_type".to_owned(), new_kind.to_owned()));
    object(upgraded)
}

/// Names and raw values; of repeated names the last counts.
fn owned(members: &[Member<'_>]) -> Vec<(String, String)> {
    let mut owned: Vec<(String, String)> = Vec::new();
    for member in members {
        let name = String::from_utf8_lossy(&member.name()).into_owned();
        owned.retain(|(known, _)| *known != name);
        owned.push((name, member.value.to_owned()));
    }
    owned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_and_outputs_get_their_new_names() {
        let old = r#"{"metadata":{"name":"x"},"nbformat":3,"nbformat_minor":0,"worksheets":[{"cells":[
            {"cell_type":"heading","level":2,"metadata":{},"source":["A\n","b"]},
            {"cell_type":"code","collapsed":true,"input":["1e0"],"language":"python","metadata":{},"outputs":[
                {"output_type":"pyout","prompt_number":3,"text":["1.0"],"metadata":{}},
                {"output_type":"stream","stream":"stderr","text":"oh"},
                {"output_type":"pyerr","ename":"E","evalue":"v","traceback":[]}],"prompt_number":3}]}]}"#;
        let expected = [
            r###"{"cells":[{"cell_type":"markdown","metadata":{},"source":["## A b"]},"###,
            r#"{"cell_type":"code","execution_count":3,"metadata":{"collapsed":true},"outputs":["#,
            r#"{"data":{"text/plain":["1.0"]},"execution_count":3,"metadata":{},"output_type":"execute_result"},"#,
            r#"{"name":"stderr","output_type":"stream","text":"oh"},"#,
            r#"{"ename":"E","evalue":"v","output_type":"error","traceback":[]}],"#,
            r#""source":["1e0"]}],"metadata":{"name":"x"},"nbformat":4,"nbformat_minor":0}"#,
        ]
        .concat();
        let notebook = Notebook::read(old.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(upgrade(&notebook, Some(&notebook))).unwrap(), expected);
        let underlined = expected.replace(r###""## A b""###, r#""A b\n","-----""#);
        assert_eq!(String::from_utf8(upgrade(&notebook, None)).unwrap(), underlined);
    }
}
