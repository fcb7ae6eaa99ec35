//! One conflict settled: edits of the file in which it is open.

use std::collections::HashSet;
use std::ops::{Range, RangeInclusive};

use crate::json::{self, Edit, MemberChange, ObjectText, Style, removals, splice};
use crate::merge::{
    self, Chunk, Conflict, ConflictStyle, FreeIds, Side, Sides, cell_depth, content_id, id_text, lines, merge_lines,
};
use crate::notebook::{Cell, ConflictKind, Notebook, Role, holds_markers, holds_records};

use super::hunks::Hunk;
use super::left_over::holds_conflict_of_a_base;
use super::open::{OpenConflict, Shape};
use super::remerge::Remerge;
use super::typed::loses_a_line;
use super::values::settle_values;
use super::{Take, Unsettled};

/// The file with one of its conflicts settled; all else stays byte for byte.
///
/// `open` is one of the file's [`open_conflicts`](super::open_conflicts); `remerge` is the merge that left it, where git still has the versions.
///
/// # Errors
/// [`Unsettled`]: it cannot be settled so, and stays open.
pub fn settle(
    notebook: &Notebook<'_>,
    open: &OpenConflict,
    remerge: Option<&Remerge<'_>>,
    take: Take,
) -> Result<Vec<u8>, Unsettled> {
    Ok(changes(notebook, open, remerge, take, &HashSet::new())?.apply(notebook))
}

/// What settles a conflict.
pub(super) struct Changes {
    /// Edits within cells and metadata that stay.
    pub(super) edits: Vec<Edit>,
    /// The cells that go, from 1.
    pub(super) gone: Vec<usize>,
    /// The last cell that it touches.
    pub(super) last: usize,
}

impl Changes {
    /// The file with all of this done.
    pub(super) fn apply(mut self, notebook: &Notebook<'_>) -> Vec<u8> {
        let gone: HashSet<usize> = self.gone.into_iter().collect();
        if !gone.is_empty() {
            self.edits.extend(remove_cells(notebook, |cell| gone.contains(&cell)));
        }
        self.edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
        edited(notebook, &self.edits)
    }
}

/// What settles `open`, where cells for which `goes` holds go with other conflicts.
pub(super) fn changes(
    notebook: &Notebook<'_>,
    open: &OpenConflict,
    remerge: Option<&Remerge<'_>>,
    take: Take,
    goes: &HashSet<usize>,
) -> Result<Changes, Unsettled> {
    let settling = Settling::new(notebook, open, remerge);
    let shape = open.shape.as_ref().ok_or(Unsettled::HalfDone)?;
    if !markers(open, shape).into_iter().all(|cell| is_as_written(&notebook.cells[cell - 1])) {
        return Err(Unsettled::EditedMarker);
    }
    match shape {
        Shape::Lines(hunks) => {
            Ok(Changes { edits: settling.lines(hunks, take)?, gone: Vec::new(), last: open.last_cell })
        }
        Shape::Cells { middle } => settling.cells(*middle, take, goes),
        Shape::Values => {
            let edits = settle_values(notebook, open, remerge, take)?;
            Ok(Changes { edits, gone: vec![open.cell], last: open.cell + 1 })
        }
    }
}

/// The marker cells of a conflict, from 1: they go with it.
fn markers(open: &OpenConflict, shape: &Shape) -> Vec<usize> {
    match shape {
        Shape::Lines(_) => Vec::new(),
        Shape::Cells { middle } => vec![open.cell, *middle, open.last_cell],
        Shape::Values => vec![open.cell],
    }
}

/// Whether nobody has written into a marker cell.
fn is_as_written(marker: &Cell<'_>) -> bool {
    std::str::from_utf8(&marker.source_text()).is_ok_and(merge::is_marker_text)
}

/// The file with `source` (decoded) in the cell of an open conflict, which is settled if no marker is left in it.
///
/// # Errors
/// [`Unsettled`]: the conflict is not one of lines.
pub fn write_source(
    notebook: &Notebook<'_>,
    open: &OpenConflict,
    remerge: Option<&Remerge<'_>>,
    source: &[u8],
) -> Result<Vec<u8>, Unsettled> {
    let settling = Settling::new(notebook, open, remerge);
    match settling.cell().record() {
        Some(record) if record.role == Role::Cell => Ok(edited(notebook, &settling.source(source))),
        _ => Err(Unsettled::NoSource),
    }
}

/// The file without the records of conflicts that are settled; `None` if there are none.
#[must_use]
pub fn without_stale_records(notebook: &Notebook<'_>) -> Option<Vec<u8>> {
    if !holds_records(notebook.bytes) {
        return None;
    }
    let stale = notebook.cells.iter().filter(|cell| cell.record().is_some() && cell.unresolved().is_none());
    let edits: Vec<Edit> = stale.flat_map(|cell| cell.record_removal(notebook.bytes)).collect();
    (!edits.is_empty()).then(|| edited(notebook, &edits))
}

fn edited(notebook: &Notebook<'_>, edits: &[Edit]) -> Vec<u8> {
    let mut out = Vec::with_capacity(notebook.bytes.len());
    splice(notebook.bytes, 0..notebook.bytes.len(), edits, &mut out);
    out
}

/// `work`, an edited copy of `conflicted`, with what makes `settled` of the latter; `None` if the two edits collide.
pub(super) fn carried_over(conflicted: &[u8], work: &[u8], settled: &[u8]) -> Option<Vec<u8>> {
    let versions = Sides { base: lines(conflicted), ours: lines(work), theirs: lines(settled) };
    let chunks = merge_lines(&versions, ConflictStyle::Diff3);
    let clean = chunks.iter().map(|chunk| match chunk {
        Chunk::Clean(lines) => Some(lines),
        Chunk::Conflict(_) => None,
    });
    Some(clean.collect::<Option<Vec<_>>>()?.into_iter().flatten().copied().collect::<Vec<_>>().join(&b'\n'))
}

/// A conflict that is being settled.
struct Settling<'s, 'n, 'r> {
    notebook: &'s Notebook<'n>,
    open: &'s OpenConflict,
    remerge: Option<&'s Remerge<'r>>,
    conflict: Option<&'s Conflict>,
}

/// A version of the cell that is being settled.
struct Version<'s, 'r> {
    file: &'r [u8],
    cell: &'s Cell<'r>,
}

impl<'s, 'n, 'r> Settling<'s, 'n, 'r> {
    fn new(notebook: &'s Notebook<'n>, open: &'s OpenConflict, remerge: Option<&'s Remerge<'r>>) -> Self {
        Self { notebook, open, remerge, conflict: remerge.and_then(|remerge| remerge.conflict(open)) }
    }

    /// The cell in which the conflict begins.
    fn cell(&self) -> &'s Cell<'n> {
        &self.notebook.cells[self.open.cell - 1]
    }

    /// Settles hunks within a source.
    fn lines(&self, hunks: &[Hunk], take: Take) -> Result<Vec<Edit>, Unsettled> {
        let source = self.cell().source_text();
        let settled = match take {
            Take::Base if hunks.iter().any(|hunk| hunk.base.is_none()) => self.base_lines(&source)?,
            // In the style `zdiff3` lines that both sides have put in stand around the markers: they go, too.
            Take::Base => self.base_lines(&source).unwrap_or_else(|_| taken(&source, hunks, take)),
            _ => taken(&source, hunks, take),
        };
        if take == Take::Base && holds_conflict_of_a_base(&settled) {
            return Err(Unsettled::BaseInConflict);
        }
        if self.remerge.is_some_and(|remerge| loses_a_line(remerge, &source, hunks, &settled)) {
            return Err(Unsettled::EditedLines);
        }
        Ok(self.source(&settled))
    }

    /// The source with the base's lines where it was in conflict, and with what was edited by hand elsewhere.
    fn base_lines(&self, source: &[u8]) -> Result<Vec<u8>, Unsettled> {
        let remerge = self.remerge.ok_or(Unsettled::NoVersions)?;
        let conflict = self.conflict.ok_or(Unsettled::Unknown)?;
        let chunks = conflict.contested.chunks(ConflictStyle::Diff3).ok_or(Unsettled::NoBase)?;
        let settled = chunks.iter().flat_map(|chunk| match chunk {
            Chunk::Clean(lines) => lines,
            Chunk::Conflict(sides) => &sides.base,
        });
        let settled = settled.copied().collect::<Vec<_>>().join(&b'\n');
        let conflicted = remerge.conflicted_source(conflict).ok_or(Unsettled::Unknown)?;
        carried_over(&conflicted, source, &settled).ok_or(Unsettled::Edited)
    }

    /// Edits that put `source` into the cell. Where that is a version's, the cell gets that version's outputs too, as a
    /// merge without conflict would have given it; unless it was run meanwhile.
    fn source(&self, source: &[u8]) -> Vec<Edit> {
        let cell = self.cell();
        let version = self.versions().into_iter().find(|version| version.cell.source_text() == source);
        let mut edits = Vec::new();
        if let Some(raw) = cell.source() {
            let text = match version.as_ref().and_then(|version| version.cell.source().map(|raw| (version, raw))) {
                Some((version, raw)) => self.in_file(version, raw),
                None => self.spelled(source, raw),
            };
            edits.push(Edit::new(self.notebook.span_of(raw), text));
        }
        if !holds_markers(&cell.kind(), source, self.open.marker_size) {
            edits.extend(cell.record_removal(self.notebook.bytes));
            edits.extend(version.iter().flat_map(|version| self.run(version)));
        }
        edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
        edits
    }

    /// A source's text as JSON, each line spelled as the file or a version spells it.
    fn spelled(&self, source: &[u8], raw: &str) -> Vec<u8> {
        let versions = self.versions();
        let versions: Vec<&str> =
            [raw].into_iter().chain(versions.iter().filter_map(|version| version.cell.source())).collect();
        let depth = cell_depth(self.notebook) + 1;
        merge::write_source(source, raw, &versions, &Style::of(self.notebook.bytes), depth)
    }

    /// The one cell of each version that collides: ours, theirs, the base's.
    fn versions(&self) -> Vec<Version<'s, 'r>> {
        let (Some(remerge), Some(conflict)) = (self.remerge, self.conflict) else { return Vec::new() };
        let Sides { base, ours, theirs } = &conflict.contested.cells;
        let all = [(Some(&remerge.ours), ours), (Some(&remerge.theirs), theirs), (remerge.base.as_ref(), base)];
        let one = |(notebook, indices): (Option<&'s Notebook<'r>>, &Vec<usize>)| match indices.as_slice() {
            [index] => Some(Version { file: notebook?.bytes, cell: notebook?.cells.get(*index)? }),
            _ => None,
        };
        all.into_iter().filter_map(one).collect()
    }

    /// Edits that give the cell the outputs and count of a version of it, if it has none.
    fn run(&self, version: &Version<'_, '_>) -> Vec<Edit> {
        let (cell, known) = (self.cell(), version.cell);
        let was_run = |raw: Option<&str>, empty: &str| raw.is_some_and(|raw| !json::same(raw, empty));
        if cell.kind() != known.kind() || was_run(cell.outputs(), "[]") || was_run(cell.execution_count(), "null") {
            return Vec::new();
        }
        let pairs = [(cell.outputs(), known.outputs()), (cell.execution_count(), known.execution_count())];
        let pairs = pairs.into_iter().filter_map(|(here, there)| Some((here?, there?)));
        pairs.map(|(here, there)| Edit::new(self.notebook.span_of(here), self.in_file(version, there))).collect()
    }

    /// The value of a member of a version's cell as it is to stand in the file.
    fn in_file(&self, version: &Version<'_, '_>, raw: &str) -> Vec<u8> {
        in_layout(self.notebook, version.file, raw, cell_depth(self.notebook) + 1)
    }

    /// Settles cells between marker cells.
    fn cells(&self, middle: usize, take: Take, goes: &HashSet<usize>) -> Result<Changes, Unsettled> {
        let (begin, end) = (self.open.cell, self.open.last_cell);
        let (ours, theirs) = (begin + 1..middle, middle + 1..end);
        let kept = match take {
            Take::Ours => ours.clone().chain(0..0),
            Take::Theirs => theirs.clone().chain(0..0),
            Take::Union => ours.clone().chain(theirs.clone()),
            Take::Base => (0..0).chain(0..0),
        };
        let kept: HashSet<usize> = kept.collect();
        let mut others = ours.clone().chain(theirs.clone()).filter(|cell| !kept.contains(cell));
        if !others.all(|cell| self.is_known(&self.notebook.cells[cell - 1])) {
            return Err(Unsettled::EditedCells);
        }
        let mut gone: Vec<usize> = (begin..=end).filter(|cell| !kept.contains(cell)).collect();
        let edits = match take {
            Take::Ours => self.own_ids(Side::Ours, ours, |cell| gone.contains(&cell) || goes.contains(&cell)),
            Take::Theirs => self.own_ids(Side::Theirs, theirs, |cell| gone.contains(&cell) || goes.contains(&cell)),
            Take::Union => Vec::new(),
            Take::Base => {
                let base = self.base_cells(begin..=end)?;
                let separator = Style::of(self.notebook.bytes).separator(cell_depth(self.notebook));
                let place = self.notebook.cells[begin - 1].span.clone();
                let stays = !base.is_empty();
                gone.retain(|cell| !stays || *cell != begin);
                stays.then(|| Edit::new(place, base.join(separator.as_bytes()))).into_iter().collect()
            }
        };
        Ok(Changes { edits, gone, last: end })
    }

    /// Whether a cell between marker cells is a side's, with that side's source. Without the versions nobody knows.
    fn is_known(&self, cell: &Cell<'_>) -> bool {
        let (Some(remerge), Some(conflict)) = (self.remerge, self.conflict) else { return true };
        [Side::Ours, Side::Theirs].into_iter().any(|side| {
            let indices = conflict.contested.cells.of(side).iter();
            let mut known = indices.filter_map(|index| remerge.side(side).cells.get(*index));
            known.any(|known| known.kind() == cell.kind() && known.source_text() == cell.source_text())
        })
    }

    /// The base's cells as they are to stand in the file in the place of the cells `region`.
    fn base_cells(&self, region: RangeInclusive<usize>) -> Result<Vec<Vec<u8>>, Unsettled> {
        if self.open.kind == ConflictKind::InsertInsert {
            return Ok(Vec::new());
        }
        let remerge = self.remerge.ok_or(Unsettled::NoVersions)?;
        let contested = &self.conflict.ok_or(Unsettled::Unknown)?.contested;
        let base = remerge.base.as_ref().ok_or(Unsettled::NoBase)?;
        let others = self.notebook.cells.iter().enumerate().filter(|(index, _)| !region.contains(&(index + 1)));
        let mut ids = FreeIds::new(others.filter_map(|(_, cell)| cell.id().map(str::to_owned)));
        let style = Style::of(self.notebook.bytes);
        let depth = cell_depth(self.notebook);
        let cells = contested.cells.base.iter().filter_map(|index| base.cells.get(*index));
        Ok(cells
            .map(|cell| {
                let raw = in_layout(self.notebook, base.bytes, &String::from_utf8_lossy(base.cell_bytes(cell)), depth);
                if self.notebook.version().has_ids() { with_free_id(&raw, &mut ids, &style, depth) } else { raw }
            })
            .collect())
    }

    /// Edits that give cells of `side` back the ids that they had to leave to the other side's while both stood there.
    fn own_ids(&self, side: Side, kept: Range<usize>, goes: impl Fn(usize) -> bool) -> Vec<Edit> {
        let (Some(remerge), Some(conflict)) = (self.remerge, self.conflict) else { return Vec::new() };
        let indices = conflict.contested.cells.of(side);
        if indices.len() != kept.len() {
            return Vec::new();
        }
        let pairs = kept.zip(indices).filter_map(|(cell, index)| {
            Some((self.notebook.cells[cell - 1].id()?, remerge.side(side).cells.get(*index)?.id()?))
        });
        let lent: Vec<(&str, &str)> = pairs.filter(|(here, own)| here != own).collect();
        if lent.is_empty() {
            return Vec::new();
        }
        let staying = self.notebook.cells.iter().enumerate().filter(|(index, _)| !goes(index + 1));
        let used: HashSet<&str> = staying.filter_map(|(_, cell)| cell.id()).collect();
        let free = lent.into_iter().filter(|(_, own)| !used.contains(own));
        free.map(|(here, own)| Edit::new(self.notebook.span_of(here), own)).collect()
    }
}

/// The source with one version's lines in the place of its hunks.
fn taken(source: &[u8], hunks: &[Hunk], take: Take) -> Vec<u8> {
    let lines = lines(source);
    let mut out: Vec<&[u8]> = Vec::with_capacity(lines.len());
    let mut done = 0;
    for hunk in hunks {
        out.extend_from_slice(&lines[done..hunk.whole.start]);
        let ranges = match take {
            Take::Ours => [Some(&hunk.ours), None],
            Take::Theirs => [Some(&hunk.theirs), None],
            Take::Base => [hunk.base.as_ref(), None],
            Take::Union => [Some(&hunk.ours), Some(&hunk.theirs)],
        };
        ranges.into_iter().flatten().for_each(|range| out.extend_from_slice(&lines[range.clone()]));
        done = hunk.whole.end;
    }
    out.extend_from_slice(&lines[done..]);
    out.join(&b'\n')
}

/// Edits that remove the cells (from 1) for which `goes` holds.
pub(super) fn remove_cells(notebook: &Notebook<'_>, goes: impl Fn(usize) -> bool) -> Vec<Edit> {
    let cells = notebook.cells.iter().enumerate();
    let places: Vec<(usize, Range<usize>)> = cells.map(|(index, cell)| (index + 1, cell.span.clone())).collect();
    let in_list = |list: &Range<usize>| {
        let own = places.iter().filter(|(_, span)| list.contains(&span.start));
        let (numbers, spans): (Vec<usize>, Vec<Range<usize>>) = own.cloned().unzip();
        removals(list.clone(), &spans, |index| goes(numbers[index]))
    };
    notebook.lists.iter().flat_map(in_list).collect()
}

/// JSON text of a file `from` as it is to stand in `notebook` at `depth`.
pub(super) fn in_layout(notebook: &Notebook<'_>, from: &[u8], raw: &str, depth: usize) -> Vec<u8> {
    let style = Style::of(notebook.bytes);
    if style.same_layout(&Style::of(from)) {
        return raw.as_bytes().to_vec();
    }
    let mut out = Vec::with_capacity(raw.len());
    style.lay_out(raw, depth, &mut out);
    out
}

/// A cell with its own id, or one made from its content, if no other cell has it.
fn with_free_id(cell: &[u8], ids: &mut FreeIds, style: &Style, depth: usize) -> Vec<u8> {
    let raw = String::from_utf8_lossy(cell);
    let members = json::members(&raw);
    let own = json::find(&members, "id");
    let free = ids.take(&own.and_then(id_text).unwrap_or_else(|| content_id(cell)));
    if own == Some(free.as_str()) {
        return cell.to_vec();
    }
    let change = MemberChange { key: "\"id\"".to_owned(), value: Some(free.into_bytes()) };
    let mut out = Vec::with_capacity(cell.len() + 24);
    splice(raw.as_bytes(), 0..raw.len(), &ObjectText::whole(&raw, &members).changes(&[change], style, depth), &mut out);
    out
}
