//! What a person has done to a conflicted notebook.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::json::{self, canonical};
use crate::notebook::{Cell, Notebook};

use super::Take;
use super::all::settle_all;
use super::open::{OpenConflict, Shape, open_conflicts};
use super::remerge::Remerge;

/// What beginning again would throw away; cells counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HandWork {
    /// Cells of the file that no version and no way to settle a conflict has so.
    pub edited: Vec<usize>,
    /// How many cells, of those that are in no conflict, are gone.
    pub deleted: usize,
    /// Whether cells that are in no conflict stand in another order.
    pub moved: bool,
    /// Whether anything but cells is different.
    pub notebook: bool,
}

impl HandWork {
    /// Whether there is none.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// What a person has done to `work` since the merge left it: all that is neither the merge's nor what [`settle_all`] gives.
#[must_use]
pub fn hand_work(work: &Notebook<'_>, remerge: &Remerge<'_>) -> HandWork {
    let Some(conflicted) = remerge.conflicted().filter(|conflicted| conflicted.bytes != work.bytes) else {
        return HandWork::default();
    };
    let files = settled_files(conflicted.bytes, remerge);
    let settled = files.iter().filter_map(|file| Notebook::read(file).ok());
    let known: Vec<Notebook<'_>> = settled.chain([conflicted]).collect();
    let contents: HashSet<Vec<u8>> = known.iter().flat_map(|known| known.cells.iter().map(content)).collect();
    let edited = work.cells.iter().enumerate().filter(|(_, cell)| !contents.contains(&content(cell)));
    let edited: Vec<usize> = edited.map(|(index, _)| index + 1).collect();
    let (gone, moved) = known.last().map(|conflicted| untouched(conflicted, work)).unwrap_or_default();
    let notebook = !known.iter().any(|known| around(known) == around(work));
    let work_left = HandWork { deleted: gone.saturating_sub(edited.len()), edited, moved, notebook };
    let is_settled = known.last().is_some_and(|conflicted| is_derived(work, conflicted, remerge, &contents));
    // Cells of conflicts were put together as no way of settling does.
    if work_left.is_none() && !is_settled { HandWork { moved: true, ..work_left } } else { work_left }
}

/// What settling gives. The source and the metadata of one cell may be in conflict, so that each way of the one goes with
/// each of the other.
fn settled_files(conflicted: &[u8], remerge: &Remerge<'_>) -> Vec<Vec<u8>> {
    let takes = [Take::Ours, Take::Theirs, Take::Base, Take::Union];
    let is_of_values = |open: &OpenConflict| open.shape == Some(Shape::Values);
    let mut files = vec![conflicted.to_vec()];
    for values in [true, false] {
        for file in files.clone() {
            for take in takes {
                let (settled, _) = settle_all(&file, Some(remerge), take, |open| is_of_values(open) == values);
                if !files.contains(&settled) {
                    files.push(settled);
                }
            }
        }
    }
    files
}

/// Whether the cells of `work` are those of `conflicted` with some conflicts settled, each in one way. `contents` are those
/// of cells that settling gives.
fn is_derived(
    work: &Notebook<'_>,
    conflicted: &Notebook<'_>,
    remerge: &Remerge<'_>,
    contents: &HashSet<Vec<u8>>,
) -> bool {
    let here: Vec<Vec<u8>> = work.cells.iter().map(content).collect();
    let cells: Vec<Vec<u8>> = conflicted.cells.iter().map(content).collect();
    let open = open_conflicts(conflicted);
    // How many cells of `work` may stand for those of `conflicted` that were looked at.
    let mut reached: BTreeSet<usize> = [0].into();
    let mut at = 0;
    while at < cells.len() {
        let conflict = open.iter().find(|open| open.cell == at + 1);
        let (answers, next) = match conflict.map(|open| (open, &open.shape)) {
            Some((open, Some(Shape::Cells { middle }))) => {
                let (ours, theirs) = (&cells[at + 1..middle - 1], &cells[*middle..open.last_cell - 1]);
                let base = base_cells(open, remerge);
                let whole = cells[at..open.last_cell].to_vec();
                (vec![whole, ours.to_vec(), theirs.to_vec(), [ours, theirs].concat(), base], open.last_cell)
            }
            Some((_, Some(Shape::Values))) => (vec![vec![cells[at].clone()], Vec::new()], at + 1),
            _ => (vec![vec![cells[at].clone()]], at + 1),
        };
        let mut further: BTreeSet<usize> = BTreeSet::new();
        for from in reached {
            let fits = |answer: &&Vec<Vec<u8>>| here[from..].starts_with(answer);
            further.extend(answers.iter().filter(fits).map(|answer| from + answer.len()));
            // A source or metadata that was settled.
            let is_touched = conflict.is_some() || open.iter().any(|open| open.last_cell == at);
            let is_settled = |cell: &Vec<u8>| is_touched && next == at + 1 && contents.contains(cell);
            if here.get(from).is_some_and(is_settled) && work.cells[from].id() == conflicted.cells[at].id() {
                further.insert(from + 1);
            }
        }
        (reached, at) = (further, next);
    }
    reached.contains(&here.len())
}

fn base_cells(open: &OpenConflict, remerge: &Remerge<'_>) -> Vec<Vec<u8>> {
    let indices = remerge.conflict(open).map(|conflict| conflict.contested.cells.base.as_slice()).unwrap_or_default();
    let cells = indices.iter().filter_map(|index| remerge.base.as_ref()?.cells.get(*index));
    cells.map(content).collect()
}

/// What counts as one and the same cell.
fn content(cell: &Cell<'_>) -> Vec<u8> {
    let members = cell.members.iter().filter(|member| !member.is("id"));
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> =
        members.map(|member| (member.name().into_owned(), canonical(member.value))).collect();
    pairs.sort();
    pairs.into_iter().flat_map(|(name, value)| [name, value].concat()).collect()
}

/// Of the cells that are in no conflict: how many are gone from `work`, and whether the others stand in another order.
fn untouched(conflicted: &Notebook<'_>, work: &Notebook<'_>) -> (usize, bool) {
    let open = open_conflicts(conflicted);
    // The metadata of the cell below a note is in conflict, too.
    let last = |open: &OpenConflict| open.last_cell + usize::from(open.shape == Some(Shape::Values));
    let in_conflict = |index: usize| open.iter().any(|open| (open.cell..=last(open)).contains(&(index + 1)));
    let mut places: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
    for (index, cell) in work.cells.iter().enumerate() {
        places.entry(content(cell)).or_default().push(index);
    }
    let (mut gone, mut moved, mut next) = (0, false, 0);
    for (_, cell) in conflicted.cells.iter().enumerate().filter(|(index, _)| !in_conflict(*index)) {
        // Of cells that are alike the first that still fits.
        match places.get(&content(cell)).map(|places| places.iter().find(|place| **place >= next)) {
            Some(Some(place)) => next = place + 1,
            Some(None) => moved = true,
            None => gone += 1,
        }
    }
    (gone, moved)
}

/// What stands around the cells. Jupyter writes the kernel and its language by itself.
fn around(notebook: &Notebook<'_>) -> Vec<(Vec<u8>, Vec<u8>)> {
    let metadata = notebook.metadata().map(json::members).unwrap_or_default();
    let written = |member: &&json::Member<'_>| !member.is("kernelspec") && !member.is("language_info");
    let others = notebook.members.iter().filter(|member| !member.is("metadata") && !member.is("worksheets"));
    let members = metadata.iter().filter(written).chain(others);
    members.map(|member| (member.name().into_owned(), canonical(member.value))).collect()
}
