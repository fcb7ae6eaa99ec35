//! The ids of cells, and which cells of both versions share one.

use imara_diff::Interner;

use crate::notebook::Cell;

/// The cells of one version that have something in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    Nobody,
    Alone(usize),
    Several,
}

impl Holder {
    /// Which cells hold each of `distinct` things, given by number with the cell that has it.
    pub(super) fn of_each(held: impl Iterator<Item = (usize, u32)>, distinct: u32) -> Vec<Self> {
        let mut holders = vec![Self::Nobody; distinct as usize];
        for (cell, thing) in held {
            let holder = &mut holders[thing as usize];
            *holder = if *holder == Self::Nobody { Self::Alone(cell) } else { Self::Several };
        }
        holders
    }

    fn alone(self) -> Option<usize> {
        match self {
            Self::Alone(cell) => Some(cell),
            Self::Nobody | Self::Several => None,
        }
    }
}

/// The ids of both versions, as numbers: equal ids have the same.
pub(super) struct Ids {
    before: Vec<Option<u32>>,
    after: Vec<Option<u32>>,
    /// How many ids the older version has: their numbers come first.
    known: u32,
    /// For each cell of the older version the one that alone has the id which it alone has.
    heirs: Vec<Option<usize>>,
}

impl Ids {
    pub(super) fn new<'a>(before: &[Cell<'a>], after: &[Cell<'a>]) -> Self {
        let [old, new] = [before, after].map(|cells| cells.iter().map(Cell::id).collect::<Vec<_>>());
        let mut interner = Interner::new(old.len() + new.len());
        // Some tools number ids anew on each save: they say where a cell stands, and not which it is.
        let meaningless = are_numbers_of_places(&old) && are_numbers_of_places(&new);
        let mut numbers = |ids: Vec<Option<&'a str>>| -> Vec<Option<u32>> {
            ids.into_iter().map(|id| id.filter(|_| !meaningless).map(|id| interner.intern(id).0)).collect()
        };
        let old = numbers(old);
        let known = old.iter().flatten().max().map_or(0, |last| last + 1);
        let new = numbers(new);
        Self { heirs: heirs(&old, &new, interner.num_tokens()), before: old, after: new, known }
    }

    /// The cell of the newer version that alone has the id which `before` alone has.
    pub(super) fn heir(&self, before: usize) -> Option<usize> {
        self.heirs[before]
    }

    /// All cells with their heirs, in the newer version's order.
    pub(super) fn pairs(&self) -> Vec<(usize, usize)> {
        let pairs = self.heirs.iter().enumerate();
        let mut pairs: Vec<_> = pairs.filter_map(|(before, heir)| heir.map(|after| (before, after))).collect();
        pairs.sort_unstable_by_key(|(_, after)| *after);
        pairs
    }

    /// Whether a cell of the newer version has an id that the older version has not.
    pub(super) fn is_new(&self, after: usize) -> bool {
        self.after[after].is_some_and(|id| id >= self.known)
    }

    /// Whether the ids of two cells are the same; `None` if one has none.
    pub(super) fn agree(&self, before: usize, after: usize) -> Option<bool> {
        Some(self.before[before]? == self.after[after]?)
    }
}

fn heirs(before: &[Option<u32>], after: &[Option<u32>], distinct: u32) -> Vec<Option<usize>> {
    let holders = |ids: &[Option<u32>]| {
        let held = ids.iter().enumerate();
        Holder::of_each(held.filter_map(|(cell, id)| id.map(|id| (cell, id))), distinct)
    };
    let (old, new) = (holders(before), holders(after));
    let heir = |id: &Option<u32>| {
        let id = (*id)? as usize;
        old[id].alone()?;
        new[id].alone()
    };
    before.iter().map(heir).collect()
}

/// Whether each id is the number of its cell, counted from 0 or from 1.
fn are_numbers_of_places(ids: &[Option<&str>]) -> bool {
    let counted_from = |first: usize| {
        let mut places = ids.iter().zip(first..);
        places.all(|(id, place)| id.is_some_and(|id| id.trim_matches('"').parse() == Ok(place)))
    };
    ids.len() > 1 && (counted_from(0) || counted_from(1))
}
