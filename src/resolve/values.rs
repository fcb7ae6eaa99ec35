//! Values of metadata and attachments on which the sides differ, settled.

use std::ops::Range;

use crate::json::{self, Edit, Member, MemberChange, ObjectText, Style};
use crate::merge::{Collision, Side, cell_depth, members_with_cells};
use crate::notebook::{Cell, Notebook};

use super::open::OpenConflict;
use super::remerge::Remerge;
use super::settle::in_layout;
use super::{Take, Unsettled};

/// Edits that put values of the side in the place of ours, which stand in the file.
pub(super) fn settle_values(
    notebook: &Notebook<'_>,
    open: &OpenConflict,
    remerge: Option<&Remerge<'_>>,
    take: Take,
) -> Result<Vec<Edit>, Unsettled> {
    match take {
        Take::Ours => Ok(Vec::new()),
        Take::Union => Err(Unsettled::NoUnion),
        Take::Theirs | Take::Base => values_of(notebook, open, remerge.ok_or(Unsettled::NoValues)?, take),
    }
}

fn values_of(
    notebook: &Notebook<'_>,
    open: &OpenConflict,
    remerge: &Remerge<'_>,
    take: Take,
) -> Result<Vec<Edit>, Unsettled> {
    let conflict = remerge.conflict(open).ok_or(Unsettled::Unknown)?;
    let from = match (take, &remerge.base) {
        (Take::Base, Some(base)) => base,
        (Take::Base, None) => return Err(Unsettled::NoBase),
        _ => remerge.side(Side::Theirs),
    };
    let value = |collision: &Collision| match take {
        Take::Base => collision.values.base.clone(),
        _ => collision.values.theirs.clone(),
    };
    let wanted = conflict
        .contested
        .values
        .iter()
        .map(|collision| Wanted { path: collision.path.clone(), value: value(collision) });
    let wanted: Vec<Wanted> = wanted.collect();
    let writer = ValueWriter { notebook, from: from.bytes, style: Style::of(notebook.bytes) };
    if conflict.contested.cells.ours.is_empty() && conflict.contested.cells.theirs.is_empty() {
        return Ok(writer.object(&members_with_cells(notebook), object_span(notebook.bytes), 0, &wanted));
    }
    let merged = remerge.conflicted().ok_or(Unsettled::Unknown)?;
    let expected = merged.cells.get(conflict.cell).ok_or(Unsettled::Unknown)?;
    let is_it = |cell: &&Cell<'_>| match expected.id() {
        Some(id) => cell.id() == Some(id),
        None => cell.kind() == expected.kind() && cell.source_text() == expected.source_text(),
    };
    let cell = notebook.cells.get(open.cell).filter(is_it).ok_or(Unsettled::CellGone)?;
    Ok(writer.object(&cell.members, cell.span.clone(), cell_depth(notebook), &wanted))
}

/// Where a file's object stands, brackets included.
fn object_span(file: &[u8]) -> Range<usize> {
    let end = memchr::memrchr(b'}', file).map_or(file.len(), |close| close + 1);
    memchr::memchr(b'{', file).unwrap_or(0)..end
}

/// A value that an object is to have, or not to have.
#[derive(Clone)]
struct Wanted {
    /// The names that lead to it from the object.
    path: Vec<Vec<u8>>,
    /// Its JSON text.
    value: Option<String>,
}

struct ValueWriter<'w, 'n> {
    notebook: &'w Notebook<'n>,
    /// The file that the values come from.
    from: &'w [u8],
    style: Style<'n>,
}

impl<'n> ValueWriter<'_, 'n> {
    /// Edits that put values into the object at `span`, which is at `depth` and has these members.
    fn object(&self, members: &[Member<'n>], span: Range<usize>, depth: usize, wanted: &[Wanted]) -> Vec<Edit> {
        let (mut edits, mut changes) = (Vec::new(), Vec::new());
        for (name, below) in by_name(wanted) {
            let known = members.iter().rev().find(|member| *member.name() == *name).map(|member| member.value);
            let inner: Vec<Wanted> = below.iter().filter(|wanted| !wanted.path.is_empty()).cloned().collect();
            match known.filter(|raw| raw.starts_with('{') && inner.len() == below.len()) {
                Some(raw) => {
                    let span = self.notebook.span_of(raw);
                    edits.extend(self.object(&json::members(raw), span, depth + 1, &inner));
                }
                None => changes.push(self.change(&name, &below, depth + 1)),
            }
        }
        let object = ObjectText { bytes: self.notebook.bytes, start: span.start, end: span.end, members };
        edits.extend(object.changes(&changes, &self.style, depth));
        edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
        edits
    }

    /// The member `name` with what is wanted below it.
    fn change(&self, name: &[u8], below: &[Wanted], depth: usize) -> MemberChange {
        let mut key = Vec::new();
        self.style.escape(name, &mut key);
        let value = nested(below, &self.style).map(|raw| in_layout(self.notebook, self.from, &raw, depth));
        MemberChange { key: String::from_utf8_lossy(&key).into_owned(), value }
    }
}

/// What is wanted below each first name.
fn by_name(wanted: &[Wanted]) -> Vec<(Vec<u8>, Vec<Wanted>)> {
    let mut groups: Vec<(Vec<u8>, Vec<Wanted>)> = Vec::new();
    for Wanted { path, value } in wanted {
        let Some((first, rest)) = path.split_first() else { continue };
        let below = Wanted { path: rest.to_vec(), value: value.clone() };
        match groups.iter_mut().find(|(name, _)| name == first) {
            Some((_, group)) => group.push(below),
            None => groups.push((first.clone(), vec![below])),
        }
    }
    groups
}

/// JSON text of a value that is not there yet, from what is wanted in it.
fn nested(wanted: &[Wanted], style: &Style) -> Option<String> {
    if let [Wanted { path, value }] = wanted
        && path.is_empty()
    {
        return value.clone();
    }
    let members = by_name(wanted).into_iter().filter_map(|(name, below)| {
        let mut key = Vec::new();
        style.escape(&name, &mut key);
        Some(format!("{}: {}", String::from_utf8_lossy(&key), nested(&below, style)?))
    });
    let members: Vec<String> = members.collect();
    (!members.is_empty()).then(|| format!("{{{}}}", members.join(", ")))
}
