//! What changed that the text form keeps for its last line: ids, metadata of tools, the file's layout.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::json;
use crate::normalize::{Place, Policy, Shown};
use crate::notebook::{Cell, Notebook, RECORD_KEY, Version};
use crate::text::layout_words;

use super::parts::{Detail, Parts};
use super::{DiffOptions, Whitespace};

/// One notebook has one diff: no rows of a user's, as in its text form.
const TABLE: Policy = Policy::built_in();

/// What changed beside the lines of the cells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NotebookChange {
    /// How many of the cells that stand in both versions have another id, or have one only in one of them.
    pub ids: usize,
    /// How many cells stand in both versions.
    pub pairs: usize,
    /// nbformat's version and the notebook's metadata of tools.
    pub values: Vec<ValueChange>,
    /// Cells of the newer version, from 0, in which metadata of tools changed.
    pub cells: Vec<usize>,
    /// Which keys these are.
    pub cell_keys: BTreeSet<String>,
    /// The layout of both files, in the words of the text form's last line, if it differs.
    pub layout: Option<[String; 2]>,
    /// Whether the files differ in any byte; told only where all of them count.
    pub bytes_differ: bool,
}

/// A value that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueChange {
    /// Its path in the metadata, joined by dots, or `nbformat`.
    pub path: String,
    /// The older value, raw JSON; `None` if there is none.
    pub before: Option<String>,
    /// The newer one.
    pub after: Option<String>,
}

impl NotebookChange {
    /// Compares all but the cells, as far as it is to be told.
    pub(super) fn of(before: &Notebook<'_>, after: &Notebook<'_>, options: &DiffOptions) -> Self {
        let DiffOptions { parts, whitespace, .. } = options;
        let all = *parts == Parts::default() && *whitespace == Whitespace::Kept;
        let bytes_differ = all && before.bytes != after.bytes;
        let mut change = Self { bytes_differ, ..Self::default() };
        if parts.details == Detail::Told {
            change.values.extend(version(before, after));
            let words = [before, after].map(|notebook| layout_words(notebook).join(" "));
            change.layout = (words[0] != words[1]).then_some(words);
        }
        if parts.metadata == Detail::Told {
            let metadata = [before, after].map(|notebook| notebook.metadata().unwrap_or("{}"));
            compare(Place::Notebook, metadata, &mut Vec::new(), &mut change.values);
        }
        change
    }

    /// What changed in one cell of both versions, at `place` in the newer one.
    pub(crate) fn of_cell(before: &Cell<'_>, after: &Cell<'_>, place: usize, options: &DiffOptions) -> Self {
        let mut change = Self { pairs: 1, bytes_differ: before.members != after.members, ..Self::default() };
        change.add_cell(before, after, place, &options.parts);
        change
    }

    /// Whether there is anything to tell.
    #[must_use]
    pub fn says_something(&self) -> bool {
        self.ids > 0 || !self.values.is_empty() || !self.cells.is_empty() || self.layout.is_some()
    }

    /// Takes note of a cell that stands in both versions, at `place` in the newer one.
    pub(super) fn add_cell(&mut self, before: &Cell<'_>, after: &Cell<'_>, place: usize, parts: &Parts) {
        if parts.ids == Detail::Told {
            self.ids += usize::from(before.id() != after.id());
        }
        let metadata = [before, after].map(|cell| cell.metadata().unwrap_or("{}"));
        if metadata[0] == metadata[1] || parts.metadata != Detail::Told {
            return;
        }
        let mut values = Vec::new();
        compare(Place::Cell, metadata, &mut Vec::new(), &mut values);
        if !values.is_empty() {
            self.cells.push(place);
            self.cell_keys.extend(values.into_iter().map(|value| value.path));
        }
    }
}

/// nbformat's version, if it is another.
fn version(before: &Notebook<'_>, after: &Notebook<'_>) -> Option<ValueChange> {
    let [before, after] = [before.version(), after.version()];
    let text = |version: Version| Some(format!("{}.{}", version.major, version.minor));
    let change = || ValueChange { path: "nbformat".to_owned(), before: text(before), after: text(after) };
    (before != after).then(change)
}

/// Adds each value below `path` that differs and that the text form does not show.
fn compare(place: Place, raw: [&str; 2], path: &mut Vec<Vec<u8>>, found: &mut Vec<ValueChange>) {
    if raw[0] == raw[1] {
        return;
    }
    // Of a key that stands twice the last value counts, as everywhere.
    let by_name = |raw| json::members(raw).into_iter().map(|member| (member.name(), member.value)).collect();
    let [before, after]: [BTreeMap<Cow<'_, [u8]>, &str>; 2] = raw.map(by_name);
    let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    // The record of a conflict is told by its own line.
    for name in names.into_iter().filter(|name| ***name != *RECORD_KEY.as_bytes()) {
        path.push(name.to_vec());
        compare_value(place, [before.get(name).copied(), after.get(name).copied()], path, found);
        path.pop();
    }
}

fn compare_value(place: Place, values: [Option<&str>; 2], path: &mut Vec<Vec<u8>>, found: &mut Vec<ValueChange>) {
    let same = values[0].is_some_and(|before| values[1].is_some_and(|after| json::same(before, after)));
    if same || values[0] == values[1] {
        return;
    }
    let names: Vec<&[u8]> = path.iter().map(Vec::as_slice).collect();
    let objects = values.map(|value| value.filter(|raw| raw.starts_with('{')));
    let says_nothing = |value: &Option<&str>| value.is_none_or(|raw| TABLE.says_nothing(place, &names, raw));
    let hidden = TABLE.rule_for(place, &names).shown == Shown::No || values.iter().all(says_nothing);
    let divided = TABLE.is_divided(place, &names);
    match objects {
        [Some(before), Some(after)] if divided || (hidden && path.len() < DEEP) => {
            compare(place, [before, after], path, found);
        }
        _ if hidden => found.push(ValueChange {
            path: String::from_utf8_lossy(&names.join(&b'.')).into_owned(),
            before: values[0].map(str::to_owned),
            after: values[1].map(str::to_owned),
        }),
        [before, after] if divided => {
            compare(place, [before.unwrap_or("{}"), after.unwrap_or("{}")], path, found);
        }
        _ => {}
    }
}

/// How many keys a path may have until its value is taken as one.
const DEEP: usize = 3;
