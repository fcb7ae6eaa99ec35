//! What changed cell by cell, as the elements of the diff document's `cells`.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::align::{Alignment, Pair};
use crate::apply::{difference, is_spliced};
use crate::diff::{blocks, line_changes, swapped_with};
use crate::json::{self, Member, Style};
use crate::merge::id_text;
use crate::notebook::{Cell, Notebook};
use crate::text::push_visible;

use super::ascii::ascii_string;

/// What is told of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// All that is needed to make the new cell of the old one: bytes count.
    Parts,
    /// What it was. The new file is told elsewhere, so only values count.
    Facts,
}

/// What stands before an object's first member, between members, and behind the last.
pub(super) type Spacing = [&'static str; 3];

/// All on one line.
pub(super) const ONE_LINE: Spacing = ["", ", ", ""];

/// The members of an object of the document, written one by one.
pub(super) struct Members<'o> {
    out: &'o mut Vec<u8>,
    spacing: Spacing,
    is_first: bool,
}

impl<'o> Members<'o> {
    /// Opens an object.
    pub(super) fn new(out: &'o mut Vec<u8>, spacing: Spacing) -> Self {
        out.push(b'{');
        Self { out, spacing, is_first: true }
    }

    /// Adds a member whose value is the JSON text `value`.
    pub(super) fn raw(&mut self, name: &str, value: impl AsRef<[u8]>) {
        let separator = self.spacing[usize::from(!self.is_first)];
        self.is_first = false;
        self.out.extend_from_slice(format!("{separator}\"{name}\": ").as_bytes());
        self.out.extend_from_slice(value.as_ref());
    }

    /// Adds a list of strings.
    pub(super) fn names<'n>(&mut self, name: &str, names: impl Iterator<Item = &'n [u8]>) {
        self.raw(name, format!("[{}]", names.map(ascii_string).collect::<Vec<_>>().join(", ")));
    }

    /// Adds what [`set_and_unset`] gives.
    pub(super) fn changes(&mut self, changes: &[Option<String>; 2]) {
        for (name, value) in ["set", "unset"].into_iter().zip(changes) {
            value.iter().for_each(|value| self.raw(name, value));
        }
    }

    /// Closes the object.
    pub(super) fn end(self) {
        self.out.extend_from_slice(self.spacing[2].as_bytes());
        self.out.push(b'}');
    }
}

/// Two versions of a notebook, to be told cell by cell.
pub(super) struct CellReport<'r, 'a> {
    pub(super) old: &'r Notebook<'a>,
    pub(super) new: &'r Notebook<'a>,
    pub(super) alignment: &'r Alignment,
    /// The old file's layout.
    pub(super) style: Style<'r>,
    pub(super) detail: Detail,
}

/// Cells that stayed as they are: indices from 0.
struct Run {
    before: usize,
    after: usize,
    count: usize,
}

impl CellReport<'_, '_> {
    /// The list: runs of unchanged cells, and each other cell; a deleted one before what followed it.
    pub(super) fn list(&self) -> Vec<u8> {
        let mut entries: Vec<Vec<u8>> = Vec::new();
        let mut run: Option<Run> = None;
        let mut next_old = 0;
        let origins = self.origins();
        for after in 0..self.new.cells.len() {
            let before = self.alignment.to_before(after);
            let moved = before.is_some() && self.alignment.is_moved(after);
            if let Some(before) = before.filter(|_| !moved) {
                let deleted: Vec<usize> =
                    (next_old..before).filter(|old| self.alignment.to_after(*old).is_none()).collect();
                next_old = before + 1;
                if !deleted.is_empty() {
                    entries.extend(run.take().map(|run| run.entry()));
                    entries.extend(deleted.into_iter().map(|old| self.deleted(old)));
                }
            }
            let changed = before.map(|before| self.changed(before, after, moved));
            match (before, changed) {
                (Some(before), Some(changed)) if changed.is_empty() && self.is_kept(before, after) => match &mut run {
                    Some(run) if run.before + run.count == before => run.count += 1,
                    _ => entries.extend(run.replace(Run { before, after, count: 1 }).map(|run| run.entry())),
                },
                (before, changed) => {
                    entries.extend(run.take().map(|run| run.entry()));
                    entries.push(self.entry(before, after, &changed.unwrap_or_default(), origins.get(&after)));
                }
            }
        }
        entries.extend(run.map(|run| run.entry()));
        let deleted = (next_old..self.old.cells.len()).filter(|old| self.alignment.to_after(*old).is_none());
        entries.extend(deleted.map(|old| self.deleted(old)));
        list(&entries)
    }

    /// The cells of the newer version that are parts or wholes of others, or changed places with one.
    fn origins(&self) -> HashMap<usize, Origin> {
        let blocks = blocks(&self.old.cells, &self.new.cells, self.alignment);
        let wide = blocks.into_iter().filter(|block| block.before.len() + block.after.len() > 2);
        let parts = wide.flat_map(|block| {
            let name = if block.after.len() > 1 { "split_from" } else { "joined_from" };
            block.after.map(move |after| (after, Origin::Cells(name, block.before.clone())))
        });
        let moved = self.alignment.pairs().filter(|pair| self.alignment.is_moved(pair.after));
        let with = |pair: Pair| Some((pair.after, Origin::Swapped(swapped_with(pair, self.alignment)?)));
        moved.filter_map(with).chain(parts).collect()
    }

    /// What changed in a cell: names of members in nbformat 4's words, and `moved`.
    fn changed(&self, before: usize, after: usize, moved: bool) -> Vec<Vec<u8>> {
        let (old, new) = (&self.old.cells[before], &self.new.cells[after]);
        let mut names = match self.old.cell_bytes(old) == self.new.cell_bytes(new) {
            true => Vec::new(),
            false => changed_members(&old.members, &new.members, self.detail),
        };
        names.extend(moved.then(|| b"moved".to_vec()));
        names
    }

    /// Whether an old cell can stand for the new one as it is.
    fn is_kept(&self, before: usize, after: usize) -> bool {
        let bytes = [self.old.cell_bytes(&self.old.cells[before]), self.new.cell_bytes(&self.new.cells[after])];
        self.detail == Detail::Facts || bytes[0] == bytes[1]
    }

    fn deleted(&self, before: usize) -> Vec<u8> {
        let cell = &self.old.cells[before];
        let mut out = Vec::new();
        let mut members = Members::new(&mut out, ONE_LINE);
        members.raw("what", "\"deleted\"");
        members.raw("before", (before + 1).to_string());
        members.raw("after", "null");
        push_name(&mut members, cell);
        push_hunks(&mut members, &cell.source_text(), b"");
        members.end();
        out
    }

    /// A new cell, or one that changed.
    fn entry(&self, before: Option<usize>, after: usize, changed: &[Vec<u8>], origin: Option<&Origin>) -> Vec<u8> {
        let cell = &self.new.cells[after];
        let mut out = Vec::new();
        let mut members = Members::new(&mut out, ONE_LINE);
        members.raw("what", if before.is_some() { "\"changed\"" } else { "\"added\"" });
        members.raw("before", before.map_or("null".to_owned(), |before| (before + 1).to_string()));
        members.raw("after", (after + 1).to_string());
        push_name(&mut members, cell);
        let old = before.map(|before| &self.old.cells[before]);
        match old {
            Some(old) => {
                members.names("changed", changed.iter().map(Vec::as_slice));
                push_hunks(&mut members, &old.source_text(), &cell.source_text());
            }
            None => push_hunks(&mut members, b"", &cell.source_text()),
        }
        origin.iter().for_each(|origin| origin.push(&mut members));
        if self.detail == Detail::Parts {
            self.push_parts(&mut members, old, cell);
        }
        members.end();
        out
    }

    /// What makes the new cell of the old one: members, or the whole cell.
    fn push_parts(&self, members: &mut Members<'_>, old: Option<&Cell<'_>>, new: &Cell<'_>) {
        let raw = String::from_utf8_lossy(self.new.cell_bytes(new));
        let is_spliced = |old: &Cell<'_>| is_spliced((self.old, old), (self.new, new), &self.style);
        let spliced = old.filter(|old| is_spliced(old)).and_then(|old| set_and_unset(&old.members, &new.members));
        if let Some(changes) = spliced {
            members.changes(&changes);
        } else if is_printable_json(&raw) {
            members.raw("cell", raw.as_bytes());
        } else {
            members.raw("cell_text", ascii_string(raw.as_bytes()));
        }
    }
}

/// Where a cell came from, if not simply from itself: indices from 0.
enum Origin {
    /// The old cells that it is a part of or was joined from, and the member that says which.
    Cells(&'static str, Range<usize>),
    /// The cell that it changed places with, in the newer version.
    Swapped(usize),
}

impl Origin {
    fn push(&self, members: &mut Members<'_>) {
        match self {
            Self::Cells(name, cells) => {
                let numbers: Vec<String> = cells.clone().map(|cell| (cell + 1).to_string()).collect();
                members.raw(name, format!("[{}]", numbers.join(", ")));
            }
            Self::Swapped(with) => members.raw("swapped_with", (with + 1).to_string()),
        }
    }
}

impl Run {
    fn entry(&self) -> Vec<u8> {
        let Self { before, after, count } = self;
        let (before, after) = (before + 1, after + 1);
        format!("{{\"what\": \"kept\", \"before\": {before}, \"after\": {after}, \"count\": {count}}}").into_bytes()
    }
}

fn list(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut out = b"[".to_vec();
    for (index, entry) in entries.iter().enumerate() {
        out.extend_from_slice(if index == 0 { b"\n        " } else { b",\n        " });
        out.extend_from_slice(entry);
    }
    out.extend_from_slice(if entries.is_empty() { b"]" } else { b"\n      ]" });
    out
}

fn push_name(members: &mut Members<'_>, cell: &Cell<'_>) {
    let id = cell.id().and_then(id_text);
    members.raw("id", id.map_or("null".to_owned(), |id| ascii_string(id.as_bytes())));
    members.raw("type", ascii_string(cell.kind().name().as_bytes()));
}

/// The names of members that differ, in nbformat 4's words and the order of the new object, then those that are gone.
pub(super) fn changed_members(old: &[Member<'_>], new: &[Member<'_>], detail: Detail) -> Vec<Vec<u8>> {
    let (old_values, new_values) = (values(old), values(new));
    let same = |name: &[u8]| match (old_values.get(name), new_values.get(name)) {
        (Some(one), Some(other)) if detail == Detail::Facts => json::same(one, other),
        (one, other) => one == other,
    };
    let mut known = HashSet::new();
    let names = new.iter().chain(old).map(|member| word(&member.name()).to_vec());
    names.filter(|name| known.insert(name.clone()) && !same(name)).collect()
}

/// Values by name; of repeated keys the last one counts.
fn values<'a>(members: &[Member<'a>]) -> HashMap<Vec<u8>, &'a str> {
    members.iter().map(|member| (word(&member.name()).to_vec(), member.value)).collect()
}

/// nbformat 4's word for a member of a cell.
fn word(name: &[u8]) -> &[u8] {
    match name {
        b"input" => b"source",
        b"prompt_number" => b"execution_count",
        b"cell_type" => b"type",
        name => name,
    }
}

/// The members `set` and `unset` that make the object with members `old` the one with members `new`, each if there is
/// something in it; `None` if a value cannot stand in the document.
pub(super) fn set_and_unset(old: &[Member<'_>], new: &[Member<'_>]) -> Option<[Option<String>; 2]> {
    let (set, unset) = difference(old, new);
    let texts = set.iter().flat_map(|member| [member.key, member.value]).chain(unset.iter().copied());
    if !texts.into_iter().all(is_printable_json) {
        return None;
    }
    let set: Vec<String> = set.iter().map(|member| format!("{}: {}", member.key, member.value)).collect();
    Some([
        (!set.is_empty()).then(|| format!("{{{}}}", set.join(", "))),
        (!unset.is_empty()).then(|| format!("[{}]", unset.join(", "))),
    ])
}

/// Whether a value can stand in the document as it is: any program can read it, and no terminal acts on it.
fn is_printable_json(raw: &str) -> bool {
    let mut shown = Vec::with_capacity(raw.len());
    push_visible(raw.as_bytes(), &mut shown);
    shown == raw.as_bytes() && serde_json::from_str::<serde_json::Value>(raw).is_ok()
}

/// Adds the source's changed lines, if there are any.
fn push_hunks(members: &mut Members<'_>, old: &[u8], new: &[u8]) {
    if old == new {
        return;
    }
    let (old, new) = (lines(old), lines(new));
    let range = |range: &Range<usize>| {
        // Of an empty range the line before it is named, as in a unified diff.
        format!("[{}, {}]", range.start + usize::from(!range.is_empty()), range.len())
    };
    let changes = line_changes(old.iter().copied(), new.iter().copied());
    let hunks = changes.into_iter().map(|change| {
        let mut out = Vec::new();
        let mut members = Members::new(&mut out, ONE_LINE);
        members.raw("before", range(&change.before));
        members.raw("after", range(&change.after));
        members.names("removed", old[change.before].iter().copied());
        members.names("added", new[change.after].iter().copied());
        members.end();
        String::from_utf8_lossy(&out).into_owned()
    });
    members.raw("hunks", format!("[{}]", hunks.collect::<Vec<_>>().join(", ")));
}

/// The lines of a source as the text form has them: none if it is empty, and an empty last one behind a newline.
fn lines(source: &[u8]) -> Vec<&[u8]> {
    if source.is_empty() { Vec::new() } else { source.split(|byte| *byte == b'\n').collect() }
}
