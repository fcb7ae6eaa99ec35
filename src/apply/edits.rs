//! Edits of a notebook's text, and how they are written into it.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::json::{self, Edit, Member, MemberChange, ObjectText, Style, splice};
use crate::merge::{cell_depth, cell_list, members_with_cells};
use crate::notebook::Notebook;

/// A value that an object gets or loses, at any depth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PathChange {
    /// The keys from the object down to the value; at least one.
    pub(super) path: Vec<Vec<u8>>,
    /// The value's JSON text; `None` removes the key.
    pub(super) value: Option<Vec<u8>>,
}

impl PathChange {
    /// A value for the object's own key `name`.
    pub(super) fn of(name: &str, value: impl Into<Vec<u8>>) -> Self {
        Self { path: vec![name.as_bytes().to_vec()], value: Some(value.into()) }
    }

    /// The removal of the object's own key `name`.
    pub(super) fn removal(name: &str) -> Self {
        Self { path: vec![name.as_bytes().to_vec()], value: None }
    }
}

/// The changes of an object's own members that make `changes`, values laid out for an object at `depth`.
///
/// An object in between that is missing is made. Of two values for one path the last one counts.
pub(super) fn member_changes(
    members: &[Member<'_>],
    changes: &[PathChange],
    style: &Style,
    depth: usize,
) -> Vec<MemberChange> {
    changes_below(members, &borrowed(changes), style, depth)
}

/// The text of the object `raw`, which stands at `depth`, with `changes` made.
pub(super) fn changed_object(raw: &str, changes: &[PathChange], style: &Style, depth: usize) -> Vec<u8> {
    spliced(raw, &borrowed(changes), style, depth)
}

/// A change, seen from an object on its path.
#[derive(Clone, Copy)]
struct Below<'c> {
    /// The keys that are left.
    path: &'c [Vec<u8>],
    value: Option<&'c [u8]>,
}

fn borrowed(changes: &[PathChange]) -> Vec<Below<'_>> {
    changes.iter().map(|change| Below { path: &change.path, value: change.value.as_deref() }).collect()
}

fn spliced(raw: &str, changes: &[Below<'_>], style: &Style, depth: usize) -> Vec<u8> {
    let members = json::members(raw);
    let edits = ObjectText::whole(raw, &members).changes(&changes_below(&members, changes, style, depth), style, depth);
    let mut out = Vec::with_capacity(raw.len() + 256);
    splice(raw.as_bytes(), 0..raw.len(), &edits, &mut out);
    out
}

fn changes_below(members: &[Member<'_>], changes: &[Below<'_>], style: &Style, depth: usize) -> Vec<MemberChange> {
    let mut names: Vec<&[u8]> = Vec::new();
    let mut groups: HashMap<&[u8], Group<'_>> = HashMap::new();
    for Below { path, value } in changes {
        let [name, below @ ..] = *path else { continue };
        let group = groups.entry(name).or_insert_with(|| {
            names.push(name);
            Group::default()
        });
        match below {
            [] => group.own = Some(*value),
            path => group.below.push(Below { path, value: *value }),
        }
    }
    let known: HashMap<_, &str> = members.iter().map(|member| (member.name(), member.value)).collect();
    let change = |name: &[u8]| {
        let group = groups.get(name)?;
        let current = match group.own {
            Some(own) => own.map(String::from_utf8_lossy),
            None => known.get(name).map(|raw| Cow::Borrowed(*raw)),
        };
        let value = group.value(current, style, depth + 1);
        let mut key = Vec::new();
        style.escape(name, &mut key);
        // Nothing is to be removed where nothing is.
        let is_needed = value.is_some() || known.contains_key(name);
        is_needed.then(|| MemberChange { key: String::from_utf8_lossy(&key).into_owned(), value })
    };
    names.into_iter().filter_map(change).collect()
}

/// The changes of one member of an object.
#[derive(Default)]
struct Group<'c> {
    /// Of the member itself.
    own: Option<Option<&'c [u8]>>,
    /// Of what is in it.
    below: Vec<Below<'c>>,
}

impl Group<'_> {
    /// The member's new value, for a place at `depth`. `current` is the old one, or the one that it gets whole.
    fn value(&self, current: Option<Cow<'_, str>>, style: &Style, depth: usize) -> Option<Vec<u8>> {
        let removes_only = self.below.iter().all(|below| below.value.is_none());
        match current {
            Some(raw) if self.below.is_empty() => {
                let mut out = Vec::with_capacity(raw.len());
                style.lay_out(&raw, depth, &mut out);
                Some(out)
            }
            None if removes_only => None,
            // What is no object has nothing in it.
            Some(raw) if removes_only && !raw.starts_with('{') => Some(raw.into_owned().into_bytes()),
            current => {
                let raw = current.filter(|raw| raw.starts_with('{')).unwrap_or_else(|| "{}".into());
                Some(spliced(&raw, &self.below, style, depth))
            }
        }
    }
}

/// A cell of the new notebook.
pub(crate) struct NewCell<'b> {
    /// Its index in the old one; `None` if it is new.
    pub(crate) before: Option<usize>,
    /// Its text.
    pub(crate) bytes: Cow<'b, [u8]>,
}

impl AsRef<[u8]> for NewCell<'_> {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// The notebook's file with these cells, and `changes` of its own members. `None` if it has no one list of cells, and
/// the cells are not the same as before.
pub(crate) fn changed_notebook(
    notebook: &Notebook<'_>,
    cells: &[NewCell<'_>],
    changes: &[MemberChange],
    style: &Style,
) -> Option<Vec<u8>> {
    let bytes = notebook.bytes;
    let start = memchr::memchr(b'{', bytes)?;
    let end = memchr::memrchr(b'}', bytes)? + 1;
    let mut edits = if changes.is_empty() {
        Vec::new()
    } else {
        let members = if notebook.lists.is_empty() { notebook.members.clone() } else { members_with_cells(notebook) };
        ObjectText { bytes, start, end, members: &members }.changes(changes, style, 0)
    };
    edits.extend(cell_edits(notebook, cells, style)?);
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    // A member that is replaced may hold the cells.
    if edits.windows(2).any(|pair| pair[0].span.end > pair[1].span.start) {
        return None;
    }
    let mut out = Vec::with_capacity(bytes.len() + 1024);
    splice(bytes, 0..bytes.len(), &edits, &mut out);
    Some(out)
}

/// Each changed cell in its place, if the cells are the same ones in the same order; else the whole list.
fn cell_edits(notebook: &Notebook<'_>, cells: &[NewCell<'_>], style: &Style) -> Option<Vec<Edit>> {
    let same_cells =
        cells.len() == notebook.cells.len() && cells.iter().enumerate().all(|(index, cell)| cell.before == Some(index));
    if same_cells {
        let changed = notebook.cells.iter().zip(cells).filter(|(old, new)| *notebook.cell_bytes(old) != *new.bytes);
        return Some(changed.map(|(old, new)| Edit::new(old.span.clone(), new.bytes.to_vec())).collect());
    }
    let [list] = notebook.lists.as_slice() else { return None };
    Some(vec![Edit::new(list.clone(), cell_list(notebook, cells, style, cell_depth(notebook)))])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(raw: &str, changes: &[(&[&str], Option<&str>)]) -> String {
        let changes: Vec<PathChange> = changes
            .iter()
            .map(|(path, value)| PathChange {
                path: path.iter().map(|name| name.as_bytes().to_vec()).collect(),
                value: value.map(|value| value.as_bytes().to_vec()),
            })
            .collect();
        let style = Style::of(raw.as_bytes());
        String::from_utf8(changed_object(raw, &changes, &style, 0)).unwrap()
    }

    #[test]
    fn values_change_at_any_depth() {
        let raw = r#"{"a": {"b": 1, "c": [ 2]}, "d": 3}"#;
        assert_eq!(changed(raw, &[(&["a", "b"], Some("5"))]), r#"{"a": {"b": 5, "c": [ 2]}, "d": 3}"#);
        assert_eq!(changed(raw, &[(&["a", "b"], None), (&["d"], None)]), r#"{"a": {"c": [ 2]}}"#);
        let made = r#"{"a": {"b": 1, "c": [ 2]}, "d": 3, "x": {"y": [1, 2]}}"#;
        assert_eq!(changed(raw, &[(&["x", "y"], Some("[1,2]"))]), made);
    }

    #[test]
    fn what_is_in_the_way_goes() {
        assert_eq!(changed(r#"{"a": 1}"#, &[(&["a"], None), (&["a", "b"], Some("2"))]), r#"{"a": {"b": 2}}"#);
        assert_eq!(changed(r#"{"a": 1}"#, &[(&["a", "b"], None), (&["c"], None)]), r#"{"a": 1}"#);
    }
}
