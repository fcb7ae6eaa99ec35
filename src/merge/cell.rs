//! One cell of the result, from the versions that have it.

use std::borrow::Cow;

use crate::json::{self, MemberChange, ObjectText, Style, splice};
use crate::normalize::{Place, Policy};
use crate::notebook::{Cell, CellKind, ConflictKind, Notebook, RECORD_KEY, Record, Role, holds_records};

use super::above::is_code;
use super::choice::{Choice, ChoiceKind, Taken};
use super::run::{RUN_MEMBERS, giver, run_choice, settle_run};
use super::source::{Source, SourceMerge, merge_source, same_writing, write_source};
use super::values::{Collision, Named, Settled, ValueMerge, Values, is_edited, named};
use super::{MergeOptions, Side, Sides};

/// A cell in each version that has it.
pub(super) type Cells<'n, 'a> = Sides<Option<&'n Cell<'a>>>;

/// What a cell is merged with.
#[derive(Clone, Copy)]
pub(super) struct CellMerge<'s, 'n, 'a> {
    pub(super) sides: &'s Sides<&'n Notebook<'a>>,
    pub(super) styles: &'s Sides<Style<'s>>,
    pub(super) options: &'s MergeOptions,
    /// The depth of a cell in the file.
    pub(super) depth: usize,
}

/// A cell as it will stand in the result.
#[derive(Debug, Clone, Default)]
pub(super) struct MergedCell<'a> {
    /// A version's own where nothing changes: outputs are large.
    pub(super) bytes: Cow<'a, [u8]>,
    /// Its id's JSON text.
    pub(super) id: Option<String>,
    /// Whether it is a code cell with something in it.
    pub(super) has_code: bool,
    /// Whether the lines of all versions together are none.
    pub(super) is_blank: bool,
    /// Whether its source is this side's.
    pub(super) source_of: Sides<bool>,
    /// Whose outputs and count it has; `None` if neither's.
    pub(super) run_of: Option<Side>,
    /// Whether the base has it too.
    pub(super) in_base: bool,
    /// Whether its source holds markers.
    pub(super) in_conflict: bool,
    /// Metadata and attachments that both sides changed.
    pub(super) collisions: Vec<Collision>,
    /// What was settled by rule.
    pub(super) choices: Vec<Choice>,
}

impl<'n, 'a> CellMerge<'_, 'n, 'a> {
    /// A cell as one version has it, in the result's layout.
    pub(super) fn verbatim(&self, side: Side, cell: &Cell<'a>) -> MergedCell<'a> {
        let bytes = self.sides.of(side).cell_bytes(cell);
        MergedCell {
            bytes: self.in_result(side, Cow::Borrowed(bytes)),
            id: cell.id().map(str::to_owned),
            has_code: is_code(cell),
            source_of: Sides { base: false, ours: side == Side::Ours, theirs: side == Side::Theirs },
            run_of: Some(side),
            ..MergedCell::default()
        }
    }

    /// JSON text of a version in the result's layout, which is ours'.
    fn in_result(&self, side: Side, bytes: Cow<'a, [u8]>) -> Cow<'a, [u8]> {
        if self.styles.of(side).same_layout(&self.styles.ours) {
            return bytes;
        }
        let mut out = Vec::with_capacity(bytes.len());
        self.styles.ours.lay_out(&String::from_utf8_lossy(&bytes), self.depth, &mut out);
        out.into()
    }

    /// Merges a cell that both sides have; `None` if they changed its type differently.
    ///
    /// `ran_below`: whose code above this cell is the result's. `number`: the next conflict's.
    pub(super) fn merge(
        &self,
        cells: &Cells<'n, 'a>,
        ran_below: Option<Side>,
        number: usize,
    ) -> Option<MergedCell<'a>> {
        let (ours, theirs) = (cells.ours?, cells.theirs?);
        let unread = Sides {
            base: cells.base.map(|cell| self.sides.base.cell_bytes(cell)),
            ours: Some(self.sides.ours.cell_bytes(ours)),
            theirs: Some(self.sides.theirs.cell_bytes(theirs)),
        };
        // An id that one side lost in an older format is still the cell's.
        let lost_id = ours.id().is_some() != theirs.id().is_some();
        let unread = unread.trivial(|one, other| self.same_cell(*one, *other)).filter(|_| !lost_id);
        if let Some(side) = unread {
            let cell = if side == Side::Ours { ours } else { theirs };
            let same_source = ours.source() == theirs.source() || ours.source_text() == theirs.source_text();
            let source_of = Sides {
                base: false,
                ours: same_source || side == Side::Ours,
                theirs: same_source || side == Side::Theirs,
            };
            return Some(MergedCell { source_of, ..self.verbatim(side, cell) });
        }
        let kinds = cells.map(|cell| cell.map(Cell::kind));
        let frame = kinds.trivial(|one, other| one == other)?;
        let texts = cells.map(|cell| cell.map(Cell::source_text));
        let [ours, theirs] = [&texts.ours, &texts.theirs].map(|text| text.as_deref().unwrap_or_default());
        let kind = known_kind(&kinds, frame);
        let merged = merge_source(kind, texts.base.as_deref(), ours, theirs, self.options);
        Some(self.merge_members(cells, frame, &merged, ran_below, number))
    }

    /// Merges a cell whose versions have other lines (`texts`) than their cells, or no cell of their own.
    pub(super) fn merge_texts(
        &self,
        cells: &Cells<'n, 'a>,
        texts: &Sides<Vec<u8>>,
        ran_below: Option<Side>,
        number: usize,
    ) -> Option<MergedCell<'a>> {
        let kinds = cells.map(|cell| cell.map(Cell::kind));
        let frame = kinds.trivial(|one, other| one == other)?;
        let kind = known_kind(&kinds, frame);
        let merged = merge_source(kind, Some(&texts.base), &texts.ours, &texts.theirs, self.options);
        // A side's source can be taken over only where its cell has these lines and no others.
        let has = |side: Side| cells.of(side).is_some_and(|cell| cell.source_text() == *texts.of(side));
        let source = match merged.source {
            Source::Same if has(Side::Ours) && has(Side::Theirs) => Source::Same,
            Source::Same | Source::Edited(Side::Ours) if has(Side::Ours) => Source::Edited(Side::Ours),
            Source::Same | Source::Edited(Side::Theirs) if has(Side::Theirs) => Source::Edited(Side::Theirs),
            Source::Same => Source::Combined(texts.ours.clone()),
            Source::Edited(side) => Source::Combined(texts.of(side).clone()),
            source => source,
        };
        let same_words = merged.same_words && has(Side::Ours) && has(Side::Theirs);
        let text = source.text(texts).to_vec();
        let cell = self.merge_members(cells, frame, &SourceMerge { source, same_words, ..merged }, ran_below, number);
        Some(MergedCell { source_of: texts.as_ref().map(|side| *side == text), ..cell })
    }

    /// Whether all files have one layout and one way to write what is not ASCII.
    fn is_spelled_alike(&self) -> bool {
        let Sides { base, ours, theirs } = self.styles;
        [base, theirs].iter().all(|style| style.same_layout(ours) && style.escapes() == ours.escapes())
    }

    /// Whether two versions of a cell are the same. Where the files are laid out alike, their text tells.
    pub(super) fn same_cell(&self, one: Option<&[u8]>, other: Option<&[u8]>) -> bool {
        match (one, other) {
            // Most cells that differ do so by more than their spelling, and then nobody need know how the files spell.
            (Some(one), Some(other)) if one != other => {
                json::same(&String::from_utf8_lossy(one), &String::from_utf8_lossy(other)) && !self.is_spelled_alike()
            }
            (one, other) => one.is_some() == other.is_some(),
        }
    }

    fn merge_members(
        &self,
        cells: &Cells<'n, 'a>,
        frame: Side,
        SourceMerge { source, white_space, same_words }: &SourceMerge,
        ran_below: Option<Side>,
        number: usize,
    ) -> MergedCell<'a> {
        let ran = if *same_words { &Source::Same } else { source };
        let run = giver(cells, frame, settle_run(cells, ran, ran_below, self.options.outputs));
        let mut work = MemberMerge {
            merge: self,
            cells,
            frame,
            run,
            values: ValueMerge::new(Place::Cell, frame, self.styles, &self.options.policy),
            changes: Vec::new(),
            merged: MergedCell::default(),
        };
        work.members(source);
        work.merged.choices.extend(white_space.map(|side| Choice::new(ChoiceKind::WhiteSpace, side)));
        if let Source::Conflict(_, marker_size) = *source {
            work.merged.in_conflict = true;
            work.add_record(Record { number, kind: ConflictKind::Source, role: Role::Cell, marker_size });
        }
        work.merged.is_blank = match source {
            Source::Same => cells.of(frame).is_none_or(Cell::is_blank),
            Source::Edited(side) => cells.of(*side).is_none_or(Cell::is_blank),
            Source::Combined(text) | Source::Conflict(text, _) => text.iter().all(u8::is_ascii_whitespace),
        };
        work.merged.source_of = match ran {
            Source::Same => Sides { base: false, ours: true, theirs: true },
            Source::Edited(side) => Sides { base: false, ours: *side == Side::Ours, theirs: *side == Side::Theirs },
            Source::Combined(_) | Source::Conflict(..) => Sides::default(),
        };
        work.finish()
    }
}

/// One merge of a cell's members, in progress.
struct MemberMerge<'m, 's, 'n, 'a> {
    merge: &'m CellMerge<'s, 'n, 'a>,
    cells: &'m Cells<'n, 'a>,
    /// The version whose text is written on: ours, or theirs if that changed the cell's type.
    frame: Side,
    /// Whose outputs and count it gets.
    run: Option<Side>,
    values: ValueMerge<'s>,
    changes: Vec<MemberChange>,
    merged: MergedCell<'a>,
}

impl<'n, 'a> MemberMerge<'_, '_, 'n, 'a> {
    fn frame_cell(&self) -> Option<&'n Cell<'a>> {
        *self.cells.of(self.frame)
    }

    fn members(&mut self, source: &Source) {
        let members = self.cells.map(|cell| cell.map(|cell| cell.members.as_slice()).unwrap_or_default());
        for member in named(&members, self.frame) {
            self.member(&member, source);
        }
        self.merged.choices.extend(run_choice(self.cells, self.run));
        self.merged.run_of = self.run;
    }

    fn member(&mut self, Named { key, name, values }: &Named<'a>, source: &Source) {
        let depth = self.merge.depth + 1;
        let settled = match &**name {
            b"cell_type" => return,
            b"source" | b"input" => self.source(source, values, depth),
            b"id" => self.id(values),
            name if RUN_MEMBERS.iter().any(|member| member.as_bytes() == name) => match self.ran(name) {
                Some(settled) => settled,
                None => return,
            },
            b"metadata" => self.values.merge_metadata(values, depth),
            name => self.values.merge(&mut vec![name.to_vec()], values, depth),
        };
        self.changes.extend(self.values.change(key, values, settled, depth));
    }

    fn source(&self, source: &Source, values: &Values<'_>, depth: usize) -> Settled {
        match source {
            Source::Same => Settled::Take(self.frame),
            Source::Edited(side) => Settled::Take(*side),
            Source::Combined(text) | Source::Conflict(text, _) => {
                let like = values.of(self.frame).unwrap_or("[]");
                let versions: Vec<&str> = [values.ours, values.theirs, values.base].into_iter().flatten().collect();
                Settled::Write(write_source(text, like, &versions, self.merge.styles.of(self.frame), depth))
            }
        }
    }

    /// The base's id, or that of the one side that changed it.
    fn id(&mut self, values: &Values<'_>) -> Settled {
        if values.ours.is_none() || values.theirs.is_none() {
            return Settled::Take(if values.ours.is_some() { Side::Ours } else { Side::Theirs });
        }
        if let Some(side) = values.trivial(|one, other| one == other) {
            return Settled::Take(side);
        }
        let taken = if values.base.is_some() { Taken::Base } else { Taken::Ours };
        self.merged.choices.push(Choice::new(ChoiceKind::Id, taken));
        match values.base {
            Some(base) => Settled::Write(base.as_bytes().to_vec()),
            None => Settled::Take(Side::Ours),
        }
    }

    /// Outputs and count: only code cells have them.
    fn ran(&self, name: &[u8]) -> Option<Settled> {
        let is_code = self.frame_cell().is_some_and(|cell| cell.kind() == CellKind::Code);
        match self.run {
            _ if !is_code => None,
            Some(side) => Some(Settled::Take(side)),
            None => Some(Settled::Write(if name == b"outputs" { b"[]".to_vec() } else { b"null".to_vec() })),
        }
    }

    /// Puts the record of a conflict into the metadata.
    fn add_record(&mut self, record: Record) {
        let style = self.merge.styles.of(self.frame);
        let depth = self.merge.depth + 1;
        let settled = self.changes.iter().position(|change| change.key == "\"metadata\"");
        let settled = settled.map(|index| self.changes.remove(index)).and_then(|change| change.value);
        let raw = settled.map(|value| String::from_utf8_lossy(&value).into_owned());
        let raw = raw.as_deref().or_else(|| self.frame_cell().and_then(Cell::metadata)).unwrap_or("{}");
        let mut value = Vec::new();
        style.lay_out(&record.to_json(), depth + 1, &mut value);
        let change = MemberChange { key: format!("\"{RECORD_KEY}\""), value: Some(value) };
        let members = json::members(raw);
        let mut out = Vec::new();
        splice(
            raw.as_bytes(),
            0..raw.len(),
            &ObjectText::whole(raw, &members).changes(&[change], style, depth),
            &mut out,
        );
        self.changes.push(MemberChange { key: "\"metadata\"".to_owned(), value: Some(out) });
    }

    fn finish(mut self) -> MergedCell<'a> {
        let Some(cell) = self.frame_cell() else {
            return self.merged;
        };
        let notebook = self.merge.sides.of(self.frame);
        let object =
            ObjectText { bytes: notebook.bytes, start: cell.span.start, end: cell.span.end, members: &cell.members };
        let edits = object.changes(&self.changes, self.merge.styles.of(self.frame), self.merge.depth);
        let mut bytes = Vec::with_capacity(cell.span.len() + 256);
        splice(notebook.bytes, cell.span.clone(), &edits, &mut bytes);
        let id = self.changes.iter().find(|change| change.key == "\"id\"");
        self.merged.id = match id {
            Some(change) => change.value.as_ref().map(|id| String::from_utf8_lossy(id).into_owned()),
            None => cell.id().map(str::to_owned),
        };
        self.merged.bytes = self.merge.in_result(self.frame, bytes.into());
        self.merged.has_code = !self.merged.is_blank && cell.kind() == CellKind::Code;
        self.merged.collisions = self.values.collisions;
        self.merged.choices.extend(self.values.choices);
        self.merged
    }
}

/// The type that a merged cell has. A side may have lines of it and no cell.
fn known_kind<'a>(kinds: &Sides<Option<CellKind<'a>>>, frame: Side) -> CellKind<'a> {
    let known = [*kinds.of(frame), kinds.ours, kinds.theirs, kinds.base].into_iter().flatten().next();
    known.unwrap_or(CellKind::Code)
}

/// Whether a side changed anything of a cell that a person writes: more than its outputs, count, id, noise and white space
/// where lines end.
pub(super) fn is_edited_cell(policy: &Policy, before: &Cell<'_>, after: &Cell<'_>) -> bool {
    let same_text = || same_writing(after.kind(), &before.source_text(), &after.source_text());
    let same_source = || before.source() == after.source() || same_text();
    if before.kind() != after.kind() || !same_source() {
        return true;
    }
    is_edited_besides_source(policy, Some(before), after)
}

/// Whether a side changed anything else of a cell that a person writes: metadata, attachments. `before` is `None` if the
/// side put the cell in.
pub(super) fn is_edited_besides_source(policy: &Policy, before: Option<&Cell<'_>>, after: &Cell<'_>) -> bool {
    let old = before.map(|cell| cell.members.as_slice()).unwrap_or_default();
    let names = old.iter().chain(&after.members).map(json::Member::name);
    names.into_iter().any(|name| match &*name {
        b"cell_type" | b"source" | b"input" | b"id" => false,
        name if RUN_MEMBERS.iter().any(|member| member.as_bytes() == name) => false,
        name => {
            let text = String::from_utf8_lossy(name);
            let mut path = if name == b"metadata" { Vec::new() } else { vec![name.to_vec()] };
            is_edited(policy, Place::Cell, &mut path, before.and_then(|cell| cell.get(&text)), after.get(&text))
        }
    })
}

/// Gives a finished cell an id, in its place among the members.
pub(super) fn set_id(cell: &mut MergedCell<'_>, id: String, style: &Style, depth: usize) {
    let raw = String::from_utf8_lossy(&cell.bytes).into_owned();
    let members = json::members(&raw);
    let change = MemberChange { key: "\"id\"".to_owned(), value: Some(id.clone().into_bytes()) };
    let mut out = Vec::with_capacity(raw.len() + 24);
    splice(raw.as_bytes(), 0..raw.len(), &ObjectText::whole(&raw, &members).changes(&[change], style, depth), &mut out);
    cell.bytes = out.into();
    cell.id = Some(id);
}

/// Takes the record of a conflict out that somebody settled by hand: it is never merged on.
pub(super) fn drop_stale_record(cell: &mut MergedCell<'_>) {
    if !holds_records(&cell.bytes) {
        return;
    }
    let raw = String::from_utf8_lossy(&cell.bytes).into_owned();
    let whole = Cell { span: 0..raw.len(), members: json::members(&raw) };
    if whole.record().is_some() && whole.unresolved().is_none() {
        let mut out = Vec::with_capacity(raw.len());
        splice(raw.as_bytes(), 0..raw.len(), &whole.record_removal(raw.as_bytes()), &mut out);
        cell.bytes = out.into();
    }
}
