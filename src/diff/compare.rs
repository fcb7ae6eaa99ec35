//! Two notebooks to what changed.

use std::borrow::Cow;
use std::ops::Range;

use crate::align::{Alignment, Pair, align};
use crate::notebook::{Cell, Notebook};
use crate::text::{have_same_text, word};

use super::blocks::{Block, blocks};
use super::hidden::NotebookChange;
use super::line_changes::{line_changes, push};
use super::run::{Run, run, run_of_several};
use super::{CellChange, Change, DiffOptions, Lines, NotebookDiff, Place, Whitespace};

/// Compares two versions of a notebook; `None` is the side that an added or deleted file does not have.
#[must_use]
pub fn diff<'n>(
    before: Option<&'n Notebook<'n>>,
    after: Option<&'n Notebook<'n>>,
    options: &DiffOptions,
) -> NotebookDiff<'n> {
    let empty = Notebook { bytes: b"", members: Vec::new(), cells: Vec::new(), lists: Vec::new() };
    let (old, new) = (before.unwrap_or(&empty), after.unwrap_or(&empty));
    let alignment = align(old, new);
    let sameness = sameness(&old.cells, &new.cells, &alignment, options);
    let notebook = match (before, after) {
        (Some(before), Some(after)) => NotebookChange::of(before, after, options),
        // An empty file, or none.
        (before, after) => {
            NotebookChange { bytes_differ: before.is_some() || after.is_some(), ..NotebookChange::default() }
        }
    };
    let newer = after;
    let before = before.map_or_else(Lines::none, |before| Lines::of(before, options, |_| None));
    let known = |cell: usize| {
        let partner = alignment.to_before(cell).filter(|_| sameness[cell] != Sameness::Unknown)?;
        Some(before.cell(partner).len())
    };
    let after = after.map_or_else(Lines::none, |after| Lines::of(after, options, known));
    let mut comparison = Comparison {
        cells: [&old.cells, &new.cells],
        before: &before,
        after: &after,
        sameness: &sameness,
        options,
        changes: Vec::new(),
        found: Vec::new(),
        tail: Vec::new(),
        notebook,
    };
    comparison.run(&alignment);
    let Comparison { changes, found: cells, tail, notebook, .. } = comparison;
    NotebookDiff { before, after, changes, cells, tail, notebook, newer }
}

/// What is known of a cell and its partner before their texts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sameness {
    /// They are equal.
    Cell,
    /// Only what the text form hides of them is not.
    Text,
    Unknown,
}

/// For each cell of the newer version, how it compares with its partner.
fn sameness(before: &[Cell<'_>], after: &[Cell<'_>], alignment: &Alignment, options: &DiffOptions) -> Vec<Sameness> {
    let text_options = options.parts.text(options.hidden_line);
    let of = |(index, cell): (usize, &Cell<'_>)| {
        let partner = alignment.to_before(index).map(|partner| &before[partner]);
        match partner {
            Some(partner) if partner.members == cell.members => Sameness::Cell,
            Some(partner) if have_same_text(partner, cell, &text_options) => Sameness::Text,
            _ => Sameness::Unknown,
        }
    };
    after.iter().enumerate().map(of).collect()
}

struct Comparison<'c> {
    /// The cells of both versions.
    cells: [&'c [Cell<'c>]; 2],
    before: &'c Lines<'c>,
    after: &'c Lines<'c>,
    sameness: &'c [Sameness],
    options: &'c DiffOptions,
    changes: Vec<Change>,
    found: Vec<CellChange>,
    tail: Vec<Change>,
    notebook: NotebookChange,
}

impl Comparison<'_> {
    fn run(&mut self, alignment: &Alignment) {
        let (mut next_before, mut next_after) = (0, 0);
        for block in blocks(self.cells[0], self.cells[1], alignment) {
            self.between(next_before..block.before.start, next_after..block.after.start, alignment);
            (next_before, next_after) = (block.before.end, block.after.end);
            self.block(block, alignment);
        }
        self.between(next_before..self.before.cells(), next_after..self.after.cells(), alignment);
        self.tail = self.stretch(self.before.cell(self.before.cells()), self.after.cell(self.after.cells()));
        self.tail.clone().into_iter().for_each(|change| push(change, &mut self.changes));
    }

    /// Cells that have no partner in the same place.
    fn between(&mut self, before: Range<usize>, after: Range<usize>, alignment: &Alignment) {
        let (gone, come) = (self.before.cells_lines(&before), self.after.cells_lines(&after));
        for cell in before.filter(|cell| alignment.to_after(*cell).is_none()) {
            let lines = Change { before: self.before.cell(cell), after: come.start..come.start };
            self.found.push(CellChange { lines: vec![lines], ..change(cell..cell + 1, after.start..after.start) });
        }
        for cell in after {
            match alignment.to_before(cell) {
                Some(from) => self.moved(Pair { before: from, after: cell }, alignment),
                None => {
                    let lines = Change { before: gone.end..gone.end, after: self.after.cell(cell) };
                    let at = self.before.cell_of(gone.end);
                    self.found.push(CellChange { lines: vec![lines], ..change(at..at, cell..cell + 1) });
                }
            }
        }
        if !gone.is_empty() || !come.is_empty() {
            push(Change { before: gone, after: come }, &mut self.changes);
        }
    }

    /// A cell that stands elsewhere now, held against itself.
    fn moved(&mut self, pair: Pair, alignment: &Alignment) {
        let lines = self.cell_lines(pair);
        let moved = match swapped_with(pair, alignment) {
            Some(with) => Place::Swapped { with },
            // Others moved around it; `moved from 3` would mean nothing to whoever sees it in place 3.
            None if pair.before == pair.after => Place::Kept,
            None => Place::Moved,
        };
        self.pair(pair, CellChange { moved, lines, ..one_to_one(pair) });
    }

    /// Cells that are held against each other in their place.
    fn block(&mut self, block: Block, alignment: &Alignment) {
        if let (1, 1) = (block.before.len(), block.after.len()) {
            let pair = Pair { before: block.before.start, after: block.after.start };
            let lines = self.cell_lines(pair);
            lines.iter().for_each(|change| push(change.clone(), &mut self.changes));
            return self.pair(pair, CellChange { lines, ..one_to_one(pair) });
        }
        let lines = self.stretch(self.before.cells_lines(&block.before), self.after.cells_lines(&block.after));
        lines.iter().for_each(|change| push(change.clone(), &mut self.changes));
        let Block { before, after } = block;
        for cell in after.clone() {
            if let Some(partner) = alignment.to_before(cell) {
                self.notebook.pairs += 1;
                let [old, new] = self.cells;
                self.notebook.add_cell(&old[partner], &new[cell], cell, &self.options.parts);
            }
        }
        let [old, new] = [&self.cells[0][before.clone()], &self.cells[1][after.clone()]];
        let run = run_of_several(old, new, &self.options.parts);
        self.found.push(CellChange { lines, run, ..change(before, after) });
    }

    /// Adds what is known of a cell of both versions, if anything about it changed.
    fn pair(&mut self, pair: Pair, change: CellChange) {
        self.notebook.pairs += 1;
        let change = match self.sameness[pair.after] {
            Sameness::Cell => change,
            Sameness::Text | Sameness::Unknown => self.with_hidden_changes(pair, change),
        };
        if change.moved != Place::Kept || !change.lines.is_empty() || change.run != Run::Same || change.was.is_some() {
            self.found.push(change);
        }
    }

    /// The change with what lines do not tell of it.
    fn with_hidden_changes(&mut self, pair: Pair, change: CellChange) -> CellChange {
        let (old, new) = (&self.cells[0][pair.before], &self.cells[1][pair.after]);
        self.notebook.add_cell(old, new, pair.after, &self.options.parts);
        let was = (old.kind() != new.kind()).then(|| word(old.kind().name().as_bytes()));
        CellChange { was, run: run(old, new, &self.options.parts), ..change }
    }

    /// Compares a cell with its partner by lines.
    fn cell_lines(&self, pair: Pair) -> Vec<Change> {
        match self.sameness[pair.after] {
            Sameness::Cell | Sameness::Text => Vec::new(),
            Sameness::Unknown => self.stretch(self.before.cell(pair.before), self.after.cell(pair.after)),
        }
    }

    /// Compares two stretches by lines.
    fn stretch(&self, before: Range<usize>, after: Range<usize>) -> Vec<Change> {
        let old = || before.clone().map(|line| self.before.line(line));
        let new = || after.clone().map(|line| self.after.line(line));
        if old().eq(new()) {
            return Vec::new();
        }
        let compared = |line| significant(line, self.options.whitespace);
        let shifted = |range: Range<usize>, by: usize| by + range.start..by + range.end;
        let place = |change: Change| Change {
            before: shifted(change.before, before.start),
            after: shifted(change.after, after.start),
        };
        line_changes(old().map(compared), new().map(compared)).into_iter().map(place).collect()
    }
}

/// The cell that changed places with a moved one, by its place in the newer version.
pub(crate) fn swapped_with(moved: Pair, alignment: &Alignment) -> Option<usize> {
    swapped_neighbour(moved, alignment).or_else(|| swapped_afar(moved, alignment))
}

/// The other of two neighbours that stand the other way round between the same cells, or at least beside one of them.
fn swapped_neighbour(moved: Pair, alignment: &Alignment) -> Option<usize> {
    let Pair { before, after } = moved;
    let from = |cell: usize| if cell < alignment.cells_after() { alignment.to_before(cell) } else { None };
    let was_above = from(after + 1).is_some_and(|cell| cell + 1 == before);
    let was_below = after > 0 && from(after - 1) == Some(before + 1);
    let (first, old_first, with) = match (was_above, was_below) {
        (true, _) => (after, before - 1, after + 1),
        (_, true) => (after - 1, before, after - 1),
        _ => return None,
    };
    let same_above = match (first.checked_sub(1), old_first.checked_sub(1)) {
        (Some(cell), Some(old)) => from(cell) == Some(old),
        (cell, old) => cell == old,
    };
    let at_end = first + 2 == alignment.cells_after() && old_first + 2 == alignment.cells_before();
    (same_above || at_end || from(first + 2) == Some(old_first + 2)).then_some(with)
}

/// The cell that stood between the cells between which the moved one stands, if it stands where that one stood.
fn swapped_afar(moved: Pair, alignment: &Alignment) -> Option<usize> {
    let behind = |cell: usize, partner: fn(&Alignment, usize) -> Option<usize>| match cell.checked_sub(1) {
        None => Some(0),
        Some(above) => partner(alignment, above).map(|cell| cell + 1),
    };
    let stood_there = behind(moved.after, Alignment::to_before)?;
    let next = match moved.after + 1 {
        end if end == alignment.cells_after() => Some(alignment.cells_before()),
        below => alignment.to_before(below),
    };
    let with = if next == Some(stood_there + 1) { alignment.to_after(stood_there)? } else { return None };
    let place = behind(moved.before, Alignment::to_after)?;
    (with == place && with != moved.after).then_some(with)
}

fn change(before: Range<usize>, after: Range<usize>) -> CellChange {
    CellChange { before, after, moved: Place::Kept, was: None, lines: Vec::new(), run: Run::Same }
}

fn one_to_one(pair: Pair) -> CellChange {
    change(pair.before..pair.before + 1, pair.after..pair.after + 1)
}

/// What of a line is compared.
fn significant(line: &[u8], whitespace: Whitespace) -> Cow<'_, [u8]> {
    let words = || line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    match whitespace {
        Whitespace::Kept => line.into(),
        Whitespace::IgnoredAtEnd => line.trim_ascii_end().into(),
        Whitespace::Ignored => words().collect::<Vec<_>>().concat().into(),
        Whitespace::IgnoredAmount => {
            let indent: &[u8] = if line.trim_ascii().is_empty() || !line[0].is_ascii_whitespace() { b"" } else { b" " };
            [indent, &words().collect::<Vec<_>>().join(&b' ')].concat().into()
        }
    }
}
