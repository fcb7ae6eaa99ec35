//! Which changes there are, and where each cell of either version would stand in a file with some of them.

use std::ops::Range;

use crate::align::{Alignment, align};
use crate::diff::blocks;
use crate::notebook::Notebook;

use super::Item;
use super::fit::Fit;

/// Cells that stand together, in the order of both versions as far as they agree.
#[derive(Debug)]
pub(super) enum Place {
    /// Cells of the older version: each stands here unless its change is chosen.
    Old(Range<usize>),
    /// Cells of the newer version, which stand here if their change is chosen.
    New {
        cells: Range<usize>,
        /// The index of the change.
        item: usize,
    },
}

/// What two versions have in common, and what not.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) places: Vec<Place>,
    /// For each cell of the older version its change.
    pub(super) item_of_old: Vec<Option<usize>>,
    /// For each cell of the newer version its change.
    pub(super) item_of_new: Vec<Option<usize>>,
    /// For each cell of the newer version the older cell that it was.
    pub(super) partners: Vec<Option<usize>>,
}

impl Found {
    /// Compares the cells of two versions.
    pub(super) fn of(old: &Notebook<'_>, new: &Notebook<'_>, fit: &Fit<'_>) -> (Self, Vec<Item>) {
        let alignment = align(old, new);
        let partners = (0..new.cells.len()).map(|cell| alignment.to_before(cell)).collect();
        let (item_of_old, item_of_new) = (vec![None; old.cells.len()], vec![None; new.cells.len()]);
        let found = Self { places: Vec::new(), item_of_old, item_of_new, partners };
        let mut search = Search { alignment: &alignment, fit, found, items: Vec::new() };
        let (mut before, mut after) = (0, 0);
        for block in blocks(&old.cells, &new.cells, &alignment) {
            search.gap(before..block.before.start, after..block.after.start);
            (before, after) = (block.before.end, block.after.end);
            search.block(block.before, block.after);
        }
        search.gap(before..old.cells.len(), after..new.cells.len());
        (search.found, search.items)
    }
}

struct Search<'s, 'n> {
    alignment: &'s Alignment,
    fit: &'s Fit<'n>,
    found: Found,
    items: Vec<Item>,
}

impl Search<'_, '_> {
    /// Cells that have no partner in the same place: deleted, new and moved ones.
    fn gap(&mut self, before: Range<usize>, after: Range<usize>) {
        for cell in before.clone().filter(|cell| self.alignment.to_after(*cell).is_none()) {
            self.item(cell..cell + 1, after.start..after.start);
        }
        let end = before.end;
        self.found.places.push(Place::Old(before));
        for cell in after {
            let from = self.alignment.to_before(cell).map_or(end..end, |from| from..from + 1);
            let item = self.item(from, cell..cell + 1);
            self.found.places.push(Place::New { cells: cell..cell + 1, item });
        }
    }

    /// Cells that are held against each other in their place.
    fn block(&mut self, before: Range<usize>, after: Range<usize>) {
        let is_pair = before.len() == 1 && after.len() == 1;
        self.found.places.push(Place::Old(before.clone()));
        if !is_pair || !self.fit.is_same(before.start, after.start) {
            let item = self.item(before, after.clone());
            self.found.places.push(Place::New { cells: after, item });
        }
    }

    /// Takes note of a change; its index.
    fn item(&mut self, before: Range<usize>, after: Range<usize>) -> usize {
        let index = self.items.len();
        self.found.item_of_old[before.clone()].fill(Some(index));
        self.found.item_of_new[after.clone()].fill(Some(index));
        self.items.push(Item::Cells { before, after });
        index
    }
}
