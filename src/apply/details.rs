//! The lines behind a source: attachments, and metadata that people write.

use std::collections::{HashMap, HashSet};

use crate::json::{self, Member};
use crate::notebook::{Cell, Notebook};
use crate::text::read_json;

use super::Misfit;
use super::edits::PathChange;
use super::page::{Page, is_json, word_of};

const INDENT: &[u8] = b"    # %% ";
const ATTACHMENT: &[u8] = b"    # %% attachments.";

/// No key that people write lies deeper.
const DEEPEST: usize = 8;

/// What must change so that lines `old` become `new`. Attachments are left out.
///
/// `first` is the number of the first new line, from 1.
pub(super) fn detail_changes(old: &[&[u8]], new: &[&[u8]], first: usize) -> Result<Vec<PathChange>, Misfit> {
    let (known, wanted): (HashSet<_>, HashSet<_>) = (old.iter().collect(), new.iter().collect());
    let mut changes = Vec::new();
    for line in old.iter().filter(|line| !is_attachment(line) && !wanted.contains(line)) {
        // It was written here, so it can be read.
        changes.extend(detail(line).map(|change| PathChange { value: None, ..change }));
    }
    for (index, line) in new.iter().enumerate().filter(|(_, line)| !is_attachment(line) && !known.contains(line)) {
        let reason = "is no metadata: a path of keys and a JSON value";
        changes.push(detail(line).ok_or(Misfit::Line { line: first + index, reason })?);
    }
    Ok(changes)
}

fn is_attachment(line: &[u8]) -> bool {
    line.starts_with(ATTACHMENT)
}

/// `    # %% metadata.slideshow {"slide_type": "slide"}`
fn detail(line: &[u8]) -> Option<PathChange> {
    let mut rest = line.strip_prefix(INDENT)?;
    let mut path = Vec::new();
    loop {
        let (name, tail) = word_of(rest, b"-_/+:")?;
        path.push(name);
        match tail.split_first()? {
            (b'.', tail) if path.len() < DEEPEST => rest = tail,
            (b' ', tail) => {
                let value = read_json(tail).filter(|value| is_json(value))?;
                return Some(PathChange { path, value: Some(value) });
            }
            _ => return None,
        }
    }
}

/// The keys that each line tells of, in the order of the lines.
pub(super) fn detail_paths(lines: &[&[u8]]) -> Vec<Vec<Vec<u8>>> {
    let path = |line: &&[u8]| match is_attachment(line) {
        true => Some(vec![b"attachments".to_vec()]),
        false => detail(line).map(|change| change.path),
    };
    lines.iter().filter_map(path).collect()
}

/// The files that are attached to any cell, by the line that stands for each.
pub(super) struct Attachments<'l, 'a> {
    files: HashMap<&'l [u8], (&'a str, Member<'a>)>,
}

impl<'l, 'a> Attachments<'l, 'a> {
    /// All attachments of `notebook`, whose text form has these `lines`.
    pub(super) fn new(notebook: &Notebook<'a>, lines: &'l [&'l [u8]], page: &Page) -> Self {
        let mut files = HashMap::new();
        for (cell, section) in notebook.cells.iter().zip(&page.cells) {
            let shown = lines[section.details.clone()].iter().filter(|line| is_attachment(line));
            files.extend(shown.copied().zip(attached(cell)));
        }
        Self { files }
    }

    /// The attachments as `new` has them, if that is other than `old`: the JSON text of their object. `Some(None)` if
    /// all go.
    pub(super) fn change(&self, old: &[&[u8]], new: &[&[u8]]) -> Result<Option<Option<Vec<u8>>>, Misfit> {
        let of =
            |lines: &[&'_ [u8]]| lines.iter().filter(|line| is_attachment(line)).map(|line| line.to_vec()).collect();
        let (old, new): (Vec<Vec<u8>>, Vec<Vec<u8>>) = (of(old), of(new));
        if old == new {
            return Ok(None);
        }
        let mut files: Vec<(&str, Vec<String>)> = Vec::new();
        for line in &new {
            let (name, data) = self.files.get(line.as_slice()).ok_or(Misfit::Attachment)?;
            let data = format!("{}: {}", data.key, data.value);
            match files.last_mut() {
                Some((last, all)) if last == name => all.push(data),
                _ => files.push((name, vec![data])),
            }
        }
        let files: Vec<String> =
            files.into_iter().map(|(name, data)| format!("{name}: {{{}}}", data.join(", "))).collect();
        Ok(Some((!files.is_empty()).then(|| format!("{{{}}}", files.join(", ")).into_bytes())))
    }
}

/// Each attached file's name and data, in the order of their lines.
fn attached<'a>(cell: &Cell<'a>) -> Vec<(&'a str, Member<'a>)> {
    let files = cell.get("attachments").map(json::members).unwrap_or_default();
    let data =
        files.into_iter().flat_map(|file| json::members(file.value).into_iter().map(move |data| (file.key, data)));
    data.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_are_paths_and_values() {
        let read = |line: &str| {
            let change = detail(line.as_bytes())?;
            let path: Vec<String> = change.path.into_iter().map(|name| String::from_utf8(name).unwrap()).collect();
            Some((path.join("|"), String::from_utf8(change.value.unwrap()).unwrap()))
        };
        let found = |path: &str, value: &str| Some((path.to_owned(), value.to_owned()));
        assert_eq!(read("    # %% metadata.a.b [1, NaN]"), found("metadata|a|b", "[1, NaN]"));
        assert_eq!(read("    # %% metadata.\"a.b\" \"\\u{7f}\""), found("metadata|a.b", "\"\u{7f}\""));
        for wrong in ["    # %% metadata", "    # %% metadata.a", "    # %% metadata.a {", "    # %% a 1 2", "x"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(detail(format!("    # %% {}x 1", "a.".repeat(100_000)).as_bytes()), None);
    }
}
