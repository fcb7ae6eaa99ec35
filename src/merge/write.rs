//! The result: ours' file with the merged cells and metadata in it.

use std::collections::HashSet;

use crate::json::{Edit, Style, splice};
use crate::notebook::{Cell, ConflictKind, Notebook, Record, Role, Version, marker_size_for};

use super::above::CodeAbove;
use super::cell::{CellMerge, Cells, MergedCell, drop_stale_record, is_edited_cell};
use super::choice::{Choice, ChoiceKind, Subject, Taken};
use super::conflict::{Ids, MarkerWriter, what_happened};
use super::ids::{Missing, id_text, mend_ids};
use super::list::{cell_depth, write_cell_list};
use super::members::merge_members;
use super::sequence::Sequence;
use super::slot::{Either, Part, Slot, Trio, WHOLE, cells_in, only};
use super::stale::{StaleCell, made_stale};
use super::{Conflict, Contested, MergeOptions, MergeOutcome, Side, Sides};

/// Writes the cells of `sequence`, merged, into ours' file.
pub(super) fn write(sides: &Sides<&Notebook<'_>>, sequence: &Sequence, options: &MergeOptions) -> MergeOutcome {
    let styles = sides.map(|notebook| Style::of(notebook.bytes));
    let depth = cell_depth(sides.ours);
    let version = sides.ours.version().max(sides.theirs.version());
    let mut writer = Writer {
        sides,
        merge: CellMerge { sides, styles: &styles, options, depth },
        markers: MarkerWriter {
            options,
            style: &styles.ours,
            ids: if version.has_ids() { Ids::Needed } else { Ids::Absent },
            depth,
        },
        above: CodeAbove::new(sides),
        sequence,
        placed_by_ours: sequence.placed_by_ours.clone(),
        cells: Vec::with_capacity(sequence.slots.len()),
        known_conflicts: known_conflicts(sides),
        has_records: sides.ours.cells.iter().chain(&sides.theirs.cells).any(|cell| cell.record().is_some()),
        conflicts: Vec::new(),
        choices: Vec::new(),
        stale: Vec::new(),
    };
    let members = merge_members(sides, &styles, &options.policy, version);
    writer.choices = members.choices;
    if !members.collisions.is_empty() {
        writer.note("the notebook", Contested { values: members.collisions, ..Contested::default() });
    }
    for slot in writer.settled_slots() {
        writer.slot(&slot);
    }
    writer.mend_ids(version);
    writer.tell_ids();
    let bytes = writer.file(members.edits, &styles.ours);
    let Writer { conflicts, choices, stale, .. } = writer;
    // What is still open is counted in the file, when it is read again.
    MergeOutcome { bytes, conflicts, choices, stale, still_open: 0 }
}

/// The highest number of a conflict that was left open in an earlier merge and committed.
fn known_conflicts(sides: &Sides<&Notebook<'_>>) -> usize {
    let cells = sides.ours.cells.iter().chain(&sides.theirs.cells);
    cells.filter_map(Cell::unresolved).map(|record| record.number).max().unwrap_or(0)
}

struct Writer<'s, 'n, 'a> {
    sides: &'s Sides<&'n Notebook<'a>>,
    merge: CellMerge<'s, 'n, 'a>,
    markers: MarkerWriter<'s>,
    above: CodeAbove,
    sequence: &'s Sequence,
    /// Cells whose place is yet to be told as a choice.
    placed_by_ours: HashSet<(Side, usize)>,
    cells: Vec<MergedCell<'a>>,
    /// The highest number of a conflict that a side has brought along.
    known_conflicts: usize,
    /// Whether a side has cells with a record of a conflict, open or not.
    has_records: bool,
    conflicts: Vec<Conflict>,
    choices: Vec<Choice>,
    stale: Vec<StaleCell>,
}

impl<'n, 'a> Writer<'_, 'n, 'a> {
    /// The places of the result, and in them what a person must decide because a side deleted it. Neighbours that the
    /// same side deleted are one conflict.
    fn settled_slots(&self) -> Vec<Slot> {
        let mut slots: Vec<Slot> = Vec::with_capacity(self.sequence.slots.len());
        let mut growing = None;
        for slot in &self.sequence.slots {
            let contested = self.contested(slot);
            let leaves_nothing = contested.is_none() && matches!(slot, Slot::Cell(trio) if trio.is_deleted());
            match (growing.and_then(|at: usize| slots.get_mut(at)), contested) {
                (Some(Slot::Either(known)), Some(next)) if known.by == next.by => known.extend(next),
                (_, Some(either)) => {
                    growing = Some(slots.len());
                    slots.push(Slot::Either(either));
                }
                (_, None) => {
                    growing = growing.filter(|_| leaves_nothing);
                    slots.push(slot.clone());
                }
            }
        }
        slots
    }

    /// A cell that one side deleted and the other edited.
    fn contested(&self, slot: &Slot) -> Option<Either> {
        let trio = match slot {
            Slot::Cell(trio) if trio.is_deleted() => trio,
            Slot::Either(either) if either.kind == ConflictKind::DeleteEdit => return Some(either.clone()),
            _ => return None,
        };
        let cells = self.cells_of(trio);
        let kept_by = if cells.ours.is_some() { Side::Ours } else { Side::Theirs };
        let kept = (*cells.of(kept_by))?;
        // Who emptied a cell has nothing to keep.
        let contested = !kept.is_blank() && is_edited_cell(&self.merge.options.policy, cells.base?, kept);
        contested.then(|| Either::deleted(*trio, kept_by))
    }

    fn slot(&mut self, slot: &Slot) {
        match slot {
            Slot::Cell(trio) => self.cell(trio),
            Slot::Part(part) => self.merged(&part.trio, Some(part)),
            Slot::Either(either) => self.structural(either),
        }
    }

    fn cells_of(&self, trio: &Trio) -> Cells<'n, 'a> {
        let cell = |notebook: &'n Notebook<'a>, index: Option<usize>| index.map(|index| &notebook.cells[index]);
        Sides {
            base: cell(self.sides.base, trio.base),
            ours: cell(self.sides.ours, trio.ours),
            theirs: cell(self.sides.theirs, trio.theirs),
        }
    }

    fn cell(&mut self, trio: &Trio) {
        let cells = self.cells_of(trio);
        match (cells.base, cells.ours, cells.theirs) {
            (_, Some(_), Some(_)) => self.merged(trio, None),
            (None, Some(cell), None) => self.put_in(Side::Ours, cell, trio),
            (None, None, Some(cell)) => self.put_in(Side::Theirs, cell, trio),
            (Some(base), Some(cell), None) => self.deleted(base, Side::Ours, cell, trio),
            (Some(base), None, Some(cell)) => self.deleted(base, Side::Theirs, cell, trio),
            (_, None, None) => {}
        }
    }

    /// Takes note of a deletion that wins over a new run or another place of `cell`.
    fn deleted(&mut self, base: &Cell<'_>, kept_by: Side, cell: &Cell<'_>, trio: &Trio) {
        let bytes = [self.sides.base.cell_bytes(base), self.sides.of(kept_by).cell_bytes(cell)];
        let touched = !self.merge.same_cell(Some(bytes[0]), Some(bytes[1]));
        let moved = trio.base.is_some_and(|index| self.sequence.moved[index]) && !cell.is_blank();
        let subject = trio.of(kept_by).map(|index| Subject::Deleted(index + 1));
        if let Some(subject) = subject.filter(|_| touched || moved) {
            let id = cell.id().and_then(id_text);
            self.choices.push(Choice { id, ..Choice::new(ChoiceKind::Deletion, kept_by.other()).of(subject) });
        }
    }

    /// Merges a cell, or `part` of one.
    fn merged(&mut self, trio: &Trio, part: Option<&Part>) {
        let cells = self.cells_of(trio);
        let ran_below = self.above.side(trio);
        // A note about metadata stands before its cell and takes the first number.
        let number = self.next_number();
        let merge = self.merge;
        let merged_as = |number| match part {
            Some(part) => merge.merge_texts(&cells, &part.texts, ran_below, number),
            None => merge.merge(&cells, ran_below, number),
        };
        let Some(mut merged) = merged_as(number) else {
            let kind = ConflictKind::CellType;
            let base = trio.base.into_iter().collect();
            return self.structural(&Either { kind, by: None, base, ours: vec![*trio], theirs: vec![*trio] });
        };
        if part.is_some() && trio.base.is_none() && merged.is_blank && self.emptied(trio) {
            return;
        }
        // A part holds lines of more cells than these.
        if let Some(side) = self.rewritten_in_vain(trio, &merged).filter(|_| part.is_none()) {
            return self.deleted_and_new(trio, side);
        }
        if part.is_some_and(|part| part.runs_dropped)
            && !merged.choices.iter().any(|choice| choice.kind == ChoiceKind::Outputs)
        {
            let taken = merged.run_of.map_or(Taken::Neither, Taken::from);
            merged.choices.push(Choice::new(ChoiceKind::Outputs, taken));
        }
        if !merged.collisions.is_empty() {
            let values = std::mem::take(&mut merged.collisions);
            self.note(
                "the next cell",
                Contested { cells: cells_in([trio].into_iter()), values, ..Contested::default() },
            );
            if let Some(again) = merged_as(number + 1) {
                merged = again;
            }
        }
        if merged.in_conflict {
            let texts = match part {
                Some(part) => part.texts.clone().map(Some),
                None => cells.map(|cell| cell.map(Cell::source_text)),
            };
            let contested = Contested { cells: cells_in([trio].into_iter()), texts, ..Contested::default() };
            self.conflict(ConflictKind::Source, contested);
        }
        let here = Subject::Cell(self.cells.len() + 1);
        self.choices.extend(std::mem::take(&mut merged.choices).into_iter().map(|choice| choice.of(here)));
        self.tell_stale(&merged, trio, &cells);
        self.push(merged, trio, part.map_or(&WHOLE, |part| &part.ends));
    }

    /// Whether a new part goes because the other side took all its lines out, which is told as a deletion.
    fn emptied(&mut self, trio: &Trio) -> bool {
        let cells = self.cells_of(trio);
        let known = [(Side::Ours, trio.ours, cells.ours), (Side::Theirs, trio.theirs, cells.theirs)];
        let Some((side, index, cell)) = known.into_iter().find_map(|(side, index, cell)| Some((side, index?, cell?)))
        else {
            return false;
        };
        if cell.is_blank() {
            return false;
        }
        let choice = Choice::new(ChoiceKind::Deletion, side.other()).of(Subject::Deleted(index + 1));
        self.choices.push(Choice { id: cell.id().and_then(id_text), ..choice });
        true
    }

    /// The side that rewrote a cell, if nothing would tell a person that the other side's edit went into unlike text.
    fn rewritten_in_vain(&self, trio: &Trio, merged: &MergedCell<'_>) -> Option<Side> {
        let side = self.sequence.rewritten.get(&trio.base?).copied()?;
        let combined = !merged.source_of.ours && !merged.source_of.theirs && !merged.in_conflict;
        combined.then_some(side)
    }

    /// A cell that `side` put in, in the place of one that it deleted and the other side edited.
    fn deleted_and_new(&mut self, trio: &Trio, side: Side) {
        if let (Some(index), Some(cell)) = (*trio.of(side), *self.cells_of(trio).of(side)) {
            self.put_in(side, cell, &only(side, index));
        }
        let mut kept = *trio;
        *kept.of_mut(side) = None;
        self.structural(&Either::deleted(kept, side.other()));
    }

    /// Takes note of outputs that the code above them has left behind.
    fn tell_stale(&mut self, merged: &MergedCell<'_>, trio: &Trio, cells: &Cells<'n, 'a>) {
        let stale = merged.run_of.and_then(|side| made_stale(&self.above, trio, cells, side));
        if let Some(outputs_of) = stale {
            self.stale.push(StaleCell { cell: self.cells.len() + 1, id: None, outputs_of });
        }
    }

    /// A cell that one side put in.
    fn put_in(&mut self, side: Side, cell: &'n Cell<'a>, trio: &Trio) {
        let merged = self.merge.verbatim(side, cell);
        self.tell_stale(&merged, trio, &self.cells_of(trio));
        self.push(merged, trio, &WHOLE);
    }

    fn push(&mut self, mut merged: MergedCell<'a>, trio: &Trio, ends: &Sides<usize>) {
        if self.has_records {
            drop_stale_record(&mut merged);
        }
        merged.in_base = trio.base.is_some();
        if merged.has_code {
            self.above.add(trio, &merged.source_of, ends);
        }
        let places = [(Side::Ours, trio.ours), (Side::Theirs, trio.theirs)];
        for (side, index) in places.into_iter().filter_map(|(side, index)| Some((side, index?))) {
            let Sides { ours, theirs, .. } = self.cells_of(trio);
            // Nobody minds where empty cells stand.
            let is_blank = || [ours, theirs].into_iter().flatten().all(Cell::is_blank);
            if self.placed_by_ours.remove(&(side, index)) && !is_blank() {
                let here = Subject::Cell(self.cells.len() + 1);
                self.choices.push(Choice::new(ChoiceKind::Position, Side::Ours).of(here));
            }
        }
        self.cells.push(merged);
    }

    /// Both sides' cells between marker cells.
    fn structural(&mut self, either: &Either) {
        let record = self.new_record(either.kind, either.ours.iter().chain(&either.theirs));
        let what = what_happened(either, self.merge.options);
        let cells = Sides {
            base: either.base.clone(),
            ours: cells_in(either.ours.iter()).ours,
            theirs: cells_in(either.theirs.iter()).theirs,
        };
        self.conflict(either.kind, Contested { cells, ..Contested::default() });
        self.push_marker(self.markers.begin(record, &what));
        self.side_cells(Side::Ours, &either.ours);
        self.push_marker(self.markers.middle(record));
        self.side_cells(Side::Theirs, &either.theirs);
        self.push_marker(self.markers.end(record));
        if let Some(conflict) = self.conflicts.last_mut() {
            conflict.last_cell = self.cells.len();
        }
    }

    fn side_cells(&mut self, side: Side, trios: &[Trio]) {
        for trio in trios {
            if let Some(cell) = *self.cells_of(trio).of(side) {
                self.push(self.merge.verbatim(side, cell), trio, &WHOLE);
            }
        }
    }

    /// A marker cell about metadata that both sides changed.
    fn note(&mut self, of: &str, contested: Contested) {
        let record = self.new_record(ConflictKind::Metadata, [].iter());
        let marker = self.markers.note(record, of, &contested.values);
        self.conflict(ConflictKind::Metadata, contested);
        self.push_marker(marker);
    }

    /// Takes note of a conflict that begins at the next cell.
    fn conflict(&mut self, kind: ConflictKind, contested: Contested) {
        let (number, cell) = (self.next_number(), self.cells.len() + 1);
        self.conflicts.push(Conflict { kind, number, cell, last_cell: cell, id: None, contested });
    }

    fn next_number(&self) -> usize {
        self.known_conflicts + self.conflicts.len() + 1
    }

    fn new_record<'t>(&self, kind: ConflictKind, trios: impl Iterator<Item = &'t Trio>) -> Record {
        let cells = trios.map(|trio| self.cells_of(trio)).flat_map(|cells| [cells.ours, cells.theirs]);
        let sources: Vec<Vec<u8>> = cells.flatten().map(Cell::source_text).collect();
        let marker_size = marker_size_for(sources.iter().map(Vec::as_slice), self.merge.options.marker_size);
        Record { number: self.next_number(), kind, role: Role::Begin, marker_size }
    }

    fn push_marker(&mut self, (bytes, id): (Vec<u8>, String)) {
        let id = (self.markers.ids == Ids::Needed).then_some(id);
        self.cells.push(MergedCell { bytes: bytes.into(), id, ..MergedCell::default() });
    }

    /// Puts the ids of cells, which are final now, into the report.
    fn tell_ids(&mut self) {
        let id_of = |cell: usize| self.cells[cell - 1].id.as_deref().and_then(id_text);
        self.conflicts.iter_mut().for_each(|conflict| conflict.id = id_of(conflict.cell));
        self.stale.iter_mut().for_each(|stale| stale.id = id_of(stale.cell));
        for choice in &mut self.choices {
            if let Subject::Cell(cell) = choice.subject {
                choice.id = id_of(cell);
            }
        }
    }

    /// Between markers nothing is chosen yet, so nothing is told of ids there.
    fn mend_ids(&mut self, version: Version) {
        let sides = [self.sides.ours, self.sides.theirs];
        let raised = version.has_ids() && !sides.iter().all(|notebook| notebook.version().has_ids());
        let missing = if raised { Missing::Made } else { Missing::Left };
        let mended = mend_ids(&mut self.cells, missing, &self.merge.styles.ours, self.merge.depth);
        let mut open = vec![false; self.cells.len() + 1];
        for conflict in &self.conflicts {
            open[conflict.cell..=conflict.last_cell].fill(true);
        }
        let is_open = |subject: Subject| matches!(subject, Subject::Cell(cell) if open[cell]);
        self.choices.extend(mended.into_iter().filter(|choice| !is_open(choice.subject)));
    }

    /// Ours' file with `edits` made and its list of cells replaced. The cells are written only here: together they may be
    /// hundreds of megabytes.
    fn file(&self, mut edits: Vec<Edit>, style: &Style) -> Vec<u8> {
        let (bytes, list) = (self.sides.ours.bytes, self.sides.ours.lists[0].clone());
        let cells: Vec<&[u8]> = self.cells.iter().map(|cell| &*cell.bytes).collect();
        edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
        let (before, after) = edits.split_at(edits.partition_point(|edit| edit.span.start < list.end));
        let mut out = Vec::with_capacity(bytes.len() + 1024);
        splice(bytes, 0..list.start, before, &mut out);
        write_cell_list(self.sides.ours, &cells, style, self.merge.depth, &mut out);
        splice(bytes, list.end..bytes.len(), after, &mut out);
        out
    }
}
