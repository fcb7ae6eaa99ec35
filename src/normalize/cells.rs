//! Which cells `clean` drops, and what becomes of the ids of the others.

use crate::json::{self, Edit, MemberChange, ObjectText, Style};
use crate::notebook::{Cell, Notebook, holds_records};

use super::options::{CleanOptions, Ids};
use super::policy::OnClean;

/// For each cell whether it goes; empty if all stay.
///
/// A notebook with an open conflict loses none: an empty cell may be a side of it.
pub(super) fn dropped_cells(notebook: &Notebook<'_>, options: &CleanOptions) -> Vec<bool> {
    let asked = options.empty_cells == OnClean::Drop || !options.dropped_tags.is_empty();
    if !asked || (holds_records(notebook.bytes) && notebook.cells.iter().any(|cell| cell.unresolved().is_some())) {
        return Vec::new();
    }
    let tagged = |cell: &Cell<'_>| {
        let named = |tag: &[u8]| options.dropped_tags.iter().any(|dropped| dropped.as_bytes() == tag);
        !options.dropped_tags.is_empty() && cell.tags().iter().any(|tag| named(tag))
    };
    let goes = |cell: &Cell<'_>| (options.empty_cells == OnClean::Drop && cell.is_blank()) || tagged(cell);
    notebook.cells.iter().map(goes).collect()
}

/// Edits that take the cells out for which `goes` says so.
pub(super) fn drop_cells(notebook: &Notebook<'_>, goes: &[bool], edits: &mut Vec<Edit>) {
    let mut first = 0;
    for list in &notebook.lists {
        let count = notebook.cells[first..].iter().take_while(|cell| cell.span.start < list.end).count();
        let places: Vec<_> = notebook.cells[first..first + count].iter().map(|cell| cell.span.clone()).collect();
        edits.extend(json::removals(list.clone(), &places, |index| goes[first + index]));
        first += count;
    }
}

/// Adds the edits for the id of a cell that stays, the `number`th from 0.
pub(super) fn clean_id(notebook: &Notebook<'_>, cell: &Cell<'_>, number: usize, ids: Ids, edits: &mut Vec<Edit>) {
    let object =
        || ObjectText { bytes: notebook.bytes, start: cell.span.start, end: cell.span.end, members: &cell.members };
    match ids {
        Ids::Keep => {}
        Ids::Drop => edits.extend(object().removals(|member| member.is("id"))),
        Ids::Sequential if cell.id().is_some() => {
            let wanted = format!("\"{number}\"");
            let others = cell.members.iter().filter(|member| member.is("id") && member.value != wanted);
            edits.extend(others.map(|member| Edit::new(notebook.span_of(member.value), wanted.as_bytes())));
        }
        Ids::Sequential if notebook.version().has_ids() => {
            let change = MemberChange { key: "\"id\"".to_owned(), value: Some(format!("\"{number}\"").into_bytes()) };
            // The cells are an element of the notebook's list.
            edits.extend(object().changes(&[change], &Style::of(notebook.bytes), 2));
        }
        Ids::Sequential => {}
    }
}

/// Adds the edit for a notebook whose cells have lost their ids: nbformat 4.4 knows none.
pub(super) fn lower_minor(notebook: &Notebook<'_>, edits: &mut Vec<Edit>) {
    if notebook.version().major == 4 && notebook.version().has_ids() {
        let minors = notebook.members.iter().filter(|member| member.is("nbformat_minor"));
        edits.extend(minors.map(|member| Edit::new(notebook.span_of(member.value), "4")));
    }
}
