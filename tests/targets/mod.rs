//! What must hold of any bytes, one file for each fuzz target; each stands once, for `tests/it` and for `fuzz/`.
//!
//! A target takes bytes and fails if a law does. Where it needs several texts, they are the [`texts`] of its input.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use cellwise::notebook::Notebook;

mod apply;
mod clean;
mod config;
pub(crate) mod diff;
mod filter_protocol;
mod json;
pub(crate) mod made;
mod markers;
pub(crate) mod merge;
pub(crate) mod model;
pub(crate) mod resolve;
pub(crate) mod text_form;

pub(crate) use apply::{a_json_diff_holds, a_patch_holds};
pub(crate) use clean::cleaning_again_changes_nothing;
pub(crate) use filter_protocol::is_whole;
pub(crate) use json::{is_read_as_serde_json_reads_it, is_written_as_it_was_read};
pub(crate) use markers::comes_apart;

/// A target: fails if a law does.
pub(crate) type Target = fn(&[u8]);

/// All targets, by the names of their folders in `fuzz/seeds`.
pub(crate) const TARGETS: [(&str, Target); 13] = [
    ("json", json::target),
    ("text_form", text_form::target),
    ("diff", diff::target),
    ("diff_bytes", diff::bytes_target),
    ("apply", apply::target),
    ("merge", merge::target),
    ("merge_bytes", merge::bytes_target),
    ("resolve", resolve::target),
    ("resolve_bytes", resolve::bytes_target),
    ("clean", clean::target),
    ("filter_protocol", filter_protocol::target),
    ("config", config::target),
    ("markers", markers::target),
];

/// The line between two texts of an input.
const BETWEEN: &[u8] = b"\n%%%%\n";

/// The first `N` texts of an input, with a line `%%%%` between them; what is missing is empty.
fn texts<const N: usize>(input: &[u8]) -> [&[u8]; N] {
    let mut rest = Some(input);
    std::array::from_fn(|_| {
        let text = rest.unwrap_or_default();
        let end = memchr::memmem::find(text, BETWEEN);
        rest = end.map(|end| &text[end + BETWEEN.len()..]);
        end.map_or(text, |end| &text[..end])
    })
}

/// Writes the notebooks of an input into the folder that `CELLWISE_CASE` names, as the files of a golden case.
fn keep_case(files: &[(&str, &[u8])]) {
    static FOLDER: LazyLock<Option<PathBuf>> = LazyLock::new(|| std::env::var_os("CELLWISE_CASE").map(PathBuf::from));
    if let Some(folder) = &*FOLDER {
        for (name, file) in files.iter().filter(|(_, file)| !file.is_empty()) {
            std::fs::write(folder.join(name), file).expect("a folder that can be written");
        }
    }
}

/// The three versions of a merge.
fn keep_merge([base, ours, theirs]: [&[u8]; 3]) {
    keep_case(&[("base.ipynb", base), ("ours.ipynb", ours), ("theirs.ipynb", theirs)]);
}

fn read(file: &[u8]) -> Notebook<'_> {
    Notebook::read(file).unwrap_or_else(|error| panic!("{error}: {}", shown(file)))
}

fn shown(file: &[u8]) -> String {
    String::from_utf8_lossy(file).into_owned()
}

/// Types and sources of all cells.
pub(crate) fn sources(file: &[u8]) -> Vec<(String, String)> {
    let cells = read(file).cells;
    cells.iter().map(|cell| (cell.kind().name().into_owned(), shown(&cell.source_text()))).collect()
}

/// How often each line stands in a source, without white space at its end; blank ones, at a cut, belong to nobody.
fn source_lines(file: &[u8]) -> BTreeMap<Vec<u8>, usize> {
    let mut lines = BTreeMap::new();
    for cell in read(file).cells {
        let source = cell.source_text();
        let texts = source.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
        texts.for_each(|line| *lines.entry(line.trim_ascii_end().to_vec()).or_default() += 1);
    }
    lines
}

/// Whether a text has a character that could steer a terminal.
pub(crate) fn steers_a_terminal(text: &str) -> bool {
    text.chars().any(|character| character.is_control() && !['\n', '\t'].contains(&character))
}
