//! Which line of which file gives a notebook an attribute: git tells only the value.

use std::fs;
use std::path::{Path, PathBuf};

use super::facts::Facts;
use crate::git::attribute_line::value;
use crate::git::command;
use crate::git::install::{Place, Scope};

/// A line that says something about an attribute of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// `FILE:LINE`
    pub(super) origin: String,
    /// As `git check-attr` tells it: `set`, `unset`, or the value; `None` for `!attribute`.
    pub(super) value: Option<String>,
}

/// Every line that gives `path` (from the top of the work tree) an `attribute`, the one that wins first.
pub(super) fn lines(facts: &Facts, path: &[u8], attribute: &str) -> Vec<Line> {
    let path = command::path(path.to_vec());
    let mut found = Vec::new();
    for (file, base) in files(facts, &path) {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let inner = path.strip_prefix(&base).unwrap_or(&path);
        let numbered: Vec<(usize, &str)> = text.lines().enumerate().collect();
        let hits = numbered.iter().rev().filter_map(|(index, line)| {
            let value = value(line, inner, attribute)?;
            Some(Line { origin: format!("{}:{}", shown(facts, &file), index + 1), value })
        });
        found.extend(hits);
    }
    found
}

/// The place of the line that gives `path` this value of `attribute`.
pub(super) fn winner(facts: &Facts, path: &[u8], attribute: &str, value: Option<&str>) -> Option<String> {
    let first = lines(facts, path, attribute).into_iter().next()?;
    // Where the reading here is not git's, nothing is said.
    (first.value.as_deref() == value).then_some(first.origin)
}

/// The files that git reads for `path`, the strongest first, each with the folder that its patterns count from.
fn files(facts: &Facts, path: &Path) -> Vec<(PathBuf, PathBuf)> {
    let mut files = Vec::new();
    if let Some(repository) = &facts.repository {
        files.push((repository.info_attributes.clone(), PathBuf::new()));
        let folders = path.ancestors().skip(1).take_while(|_| repository.top.is_some());
        files.extend(folders.map(|folder| (repository.home().join(folder).join(".gitattributes"), folder.to_owned())));
    }
    let outside = [Scope::Global, Scope::System].into_iter().filter_map(|scope| Place::of(scope, &facts.dir).ok());
    files.extend(outside.map(|place| (place.attributes, PathBuf::new())));
    files
}

/// A path within the work tree from its top, others whole.
fn shown(facts: &Facts, file: &Path) -> String {
    file.strip_prefix(&facts.dir).unwrap_or(file).display().to_string()
}
