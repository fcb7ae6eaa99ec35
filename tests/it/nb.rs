//! Small notebooks, written as nbformat writes them: sorted keys, one space of indentation, a final newline.

#![allow(clippy::unwrap_used)]

use serde::Serialize as _;
use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{Value, json};

/// A code cell that nobody has run.
pub(crate) fn code(id: &str, source: &str) -> Value {
    json!({"cell_type": "code", "execution_count": null, "id": id, "metadata": {}, "outputs": [],
           "source": lines(source)})
}

/// A code cell that was run as number `count` and printed `printed`.
pub(crate) fn ran(id: &str, source: &str, count: u32, printed: &str) -> Value {
    let output = json!({"name": "stdout", "output_type": "stream", "text": lines(printed)});
    json!({"cell_type": "code", "execution_count": count, "id": id, "metadata": {}, "outputs": [output],
           "source": lines(source)})
}

/// A Markdown cell.
pub(crate) fn markdown(id: &str, source: &str) -> Value {
    json!({"cell_type": "markdown", "id": id, "metadata": {}, "source": lines(source)})
}

/// The file with these cells.
pub(crate) fn notebook(cells: &[Value]) -> String {
    let kernel = json!({"display_name": "Python 3", "language": "python", "name": "python3"});
    let language = json!({"name": "python", "version": "3.12.1"});
    written(&json!({"cells": cells, "metadata": {"kernelspec": kernel, "language_info": language},
                    "nbformat": 4, "nbformat_minor": 5}))
}

/// A notebook of code cells `a`, `b`, … with these sources.
pub(crate) fn sources(sources: &[&str]) -> String {
    let ids = "abcdefghijklmnopqrstuvwxyz".split("").skip(1);
    notebook(&sources.iter().zip(ids).map(|(source, id)| code(id, source)).collect::<Vec<_>>())
}

/// The cells of a file, as JSON; it must be a notebook.
#[track_caller]
pub(crate) fn cells(file: &[u8]) -> Vec<Value> {
    let file: Value = serde_json::from_slice(file).unwrap();
    file["cells"].as_array().unwrap().clone()
}

/// A cell's source.
pub(crate) fn source(cell: &Value) -> String {
    cell["source"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect()
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn written(value: &Value) -> String {
    let mut out = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut out, PrettyFormatter::with_indent(b" "))).unwrap();
    out.push(b'\n');
    String::from_utf8(out).unwrap()
}
