//! Stage 9: one version of a notebook with some of the changes that another has.
//!
//! [`Changes`] are the changes between two versions, cell by cell and as `cellwise diff` counts them (`found`), and those of
//! what belongs to no cell. [`Changes::with`] writes the older file with those that were chosen: a cell of the
//! newer version is fitted into the older file (`fit`), and the bytes of what was not chosen stay. [`ChangeDiffs`] has
//! the diff of each change by itself (`shown`).

mod fit;
mod found;
mod shown;
#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::apply::{NewCell, changed_notebook, difference};
use crate::json::{Edit, Member, MemberChange, splice};
use crate::notebook::Notebook;

use fit::Fit;
use found::{Found, Place};
pub use shown::ChangeDiffs;

/// A change that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// What became of a cell, or of several where one was split or joined; indices from 0.
    Cells {
        /// Its place in the older version; empty if it is new.
        before: Range<usize>,
        /// Its place in the newer version; empty if it was deleted.
        after: Range<usize>,
    },
    /// The notebook's own members, of which metadata is the one that changes.
    Metadata,
    /// What is in all cells, or between them: a format with or without ids, how the file is laid out. It comes only with
    /// all other changes.
    Layout,
    /// The whole file, where the two formats write cells so differently that they cannot stand in one list.
    Whole,
}

/// A cell as `cellwise diff` names it; counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CellName {
    /// `cell 5`: in the newer version.
    New(usize),
    /// `old cell 5`: in the older version, for what was deleted.
    Old(usize),
}

/// The changes between two versions of a notebook.
#[derive(Debug)]
pub struct Changes<'n> {
    old: &'n Notebook<'n>,
    new: &'n Notebook<'n>,
    fit: Fit<'n>,
    found: Found,
    items: Vec<Item>,
}

impl<'n> Changes<'n> {
    /// Compares the versions.
    #[must_use]
    pub fn of(old: &'n Notebook<'n>, new: &'n Notebook<'n>) -> Self {
        let fit = Fit::new(old, new);
        if !is_divisible(old, new) {
            let items = if old.bytes == new.bytes { Vec::new() } else { vec![Item::Whole] };
            return Self { old, new, fit, found: Found::default(), items };
        }
        let (found, items) = Found::of(old, new, &fit);
        let mut changes = Self { old, new, fit, found, items };
        let [cells, all] = [Rest::Old, Rest::New].map(|rest| changes.written(|_| true, rest));
        let has_rest = [(cells != all, Item::Metadata), (all.as_deref() != Some(new.bytes), Item::Layout)];
        changes.items.extend(has_rest.into_iter().filter(|(is_there, _)| *is_there).map(|(_, item)| item));
        changes
    }

    /// The changes, in the order of the newer version; deleted cells stand where they stood, what belongs to no cell is last.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The index of the change that a cell has; `None` if it has none, or if there is no such cell.
    ///
    /// An old cell is one that is gone: of all others the newer version's number counts.
    #[must_use]
    pub fn item_of(&self, cell: CellName) -> Option<usize> {
        let (CellName::New(number) | CellName::Old(number)) = cell;
        let index = number.checked_sub(1)?;
        let is_gone = |item: &usize| matches!(&self.items[*item], Item::Cells { after, .. } if after.is_empty());
        match cell {
            CellName::New(_) => *self.found.item_of_new.get(index)?,
            CellName::Old(_) => self.found.item_of_old.get(index)?.filter(is_gone),
        }
    }

    /// The file of the older version with the changes for whose indices `chosen` holds; with all of them it is the file of
    /// the newer one, with none of them that of the older. `None` if the file is built so that it cannot be written.
    pub fn with(&self, chosen: impl Fn(usize) -> bool) -> Option<Vec<u8>> {
        let count = (0..self.items.len()).filter(|item| chosen(*item)).count();
        if count == self.items.len() {
            return Some(self.new.bytes.to_vec());
        }
        if count == 0 {
            return Some(self.old.bytes.to_vec());
        }
        let rest = self.items.iter().position(|item| *item == Item::Metadata);
        let rest = rest.filter(|item| chosen(*item)).map_or(Rest::Old, |_| Rest::New);
        self.written(chosen, rest)
    }

    fn written(&self, chosen: impl Fn(usize) -> bool, rest: Rest) -> Option<Vec<u8>> {
        let cells = self.cells(&chosen);
        let changes = if rest == Rest::New { self.member_changes() } else { Vec::new() };
        changed_notebook(self.old, &cells, &changes, &self.fit.style)
    }

    /// The cells of the result.
    fn cells(&self, chosen: &impl Fn(usize) -> bool) -> Vec<NewCell<'_>> {
        let stays = |cell: &usize| !self.found.item_of_old[*cell].is_some_and(chosen);
        let old =
            |cell: usize| NewCell { before: Some(cell), bytes: self.old.cell_bytes(&self.old.cells[cell]).into() };
        let mut ids = self.fit.own_ids((0..self.old.cells.len()).filter(stays));
        let mut cells = Vec::new();
        for place in &self.found.places {
            match place {
                Place::Old(range) => cells.extend(range.clone().filter(stays).map(old)),
                Place::New { cells: range, item } if chosen(*item) => {
                    for cell in range.clone() {
                        let before = self.found.partners[cell];
                        let bytes = self.fit.with_own_id(cell, before, &mut ids);
                        cells.push(NewCell { before, bytes });
                    }
                }
                Place::New { .. } => {}
            }
        }
        cells
    }

    /// What makes the notebook's own members those of the newer version.
    fn member_changes(&self) -> Vec<MemberChange> {
        let [old, new] = [self.old, self.new].map(own_members);
        let (set, gone) = difference(&old, &new);
        let comes = |key: &str| !self.fit.keeps_version() || key != "\"nbformat_minor\"";
        let value = |member: &Member<'_>| Some(self.fit.laid_out(member.value, 1));
        let removals = gone.into_iter().map(|key| MemberChange { key: key.to_owned(), value: None });
        let given = set.into_iter().map(|member| MemberChange { key: member.key.to_owned(), value: value(member) });
        removals.chain(given).filter(|change| comes(&change.key)).collect()
    }
}

/// Whose own members the notebook gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    Old,
    New,
}

/// Whether cells of both versions can stand in one file.
fn is_divisible(old: &Notebook<'_>, new: &Notebook<'_>) -> bool {
    let is_one_list = |notebook: &Notebook<'_>| notebook.lists.len() == 1;
    is_one_list(old) && is_one_list(new) && old.version().major == new.version().major
}

/// The members of a notebook without those that hold its cells.
fn own_members<'a>(notebook: &Notebook<'a>) -> Vec<Member<'a>> {
    notebook.members.iter().filter(|member| !member.is("worksheets")).copied().collect()
}

/// The file of a notebook with no cell in it: what a new notebook begins with, where its cells are chosen one by one.
/// `None` if it has more than one list of cells.
#[must_use]
pub fn without_cells(notebook: &Notebook<'_>) -> Option<Vec<u8>> {
    let [list] = notebook.lists.as_slice() else { return None };
    let mut out = Vec::new();
    splice(notebook.bytes, 0..notebook.bytes.len(), &[Edit::new(list.clone(), "[]")], &mut out);
    Some(out)
}
