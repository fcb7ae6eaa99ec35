//! What is said of a conflict: its versions one below the other, or what each side made of the base.

use std::borrow::Cow;
use std::ops::Range;

use crate::json::Style;
use crate::merge::{Chunk, Collision, ConflictStyle, Side, Sides, lines};
use crate::notebook::Notebook;
use crate::resolve::{Hunk, Shape};
use crate::text::{CellTexts, Show, TextOptions};

use super::ConflictView;
use super::rows::{Row, changes, marks, rows, united};

/// Lines under a title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    /// Empty for lines around a conflict.
    pub(super) title: String,
    pub(super) rows: Vec<Row>,
    /// How many lines were left out at its end.
    pub(super) left_out: usize,
}

/// How the lines of the versions are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Each version by itself.
    Versions,
    /// What each side changed of the base: for long ones.
    Changes,
}

/// So many lines around a conflict or a change.
const AROUND: usize = 2;

pub(super) fn sections(view: &ConflictView<'_, '_>, form: Form) -> Vec<Section> {
    match &view.open.shape {
        Some(Shape::Lines(hunks)) => of_lines(view, hunks, form),
        Some(Shape::Cells { .. }) => of_cells(view, form),
        Some(Shape::Values) => of_values(view),
        None => vec![as_it_is(view)],
    }
}

/// What `source` would change of the base, or of ours.
pub(super) fn proposal(view: &ConflictView<'_, '_>, source: &[u8]) -> Vec<Section> {
    let texts = view.conflict().map(|conflict| conflict.contested.texts.as_ref().map(Option::as_deref));
    let from = texts.and_then(|texts| texts.base.or(texts.ours)).unwrap_or_default();
    let rows = changes(&lines(from), &lines(source), Some(AROUND));
    vec![Section::new("both (w): the words of both sides, against the base".to_owned(), rows)]
}

impl Section {
    pub(super) fn new(title: String, rows: Vec<Row>) -> Self {
        Self { title, rows, left_out: 0 }
    }
}

/// What the lines of a version stand under.
fn title(view: &ConflictView<'_, '_>, side: Option<Side>, remark: &str) -> String {
    let (name, label) = match side {
        None => ("base (b)", &view.sides.base),
        Some(Side::Ours) => ("ours (o)", &view.sides.ours),
        Some(Side::Theirs) => ("theirs (t)", &view.sides.theirs),
    };
    let label = if label.is_empty() { String::new() } else { format!(": {label}") };
    format!("{name}{label}{remark}")
}

/// A stretch of a source in conflict.
enum Stretch<'t> {
    Clean(Vec<&'t [u8]>),
    /// The base is not always known.
    Collision(Option<Vec<&'t [u8]>>, [Vec<&'t [u8]>; 2]),
}

fn of_lines(view: &ConflictView<'_, '_>, hunks: &[Hunk], form: Form) -> Vec<Section> {
    let source = view.notebook.cells[view.open.cell - 1].source_text();
    let stretches = as_merged(view, &source).unwrap_or_else(|| as_marked(&source, hunks));
    let mut found = Vec::new();
    for (index, stretch) in stretches.iter().enumerate() {
        match stretch {
            Stretch::Clean(lines) => found.push(Section::new(String::new(), around(lines, index, stretches.len()))),
            Stretch::Collision(base, sides) => found.extend(collision(view, base.as_deref(), sides, form)),
        }
    }
    found.retain(|section| !section.title.is_empty() || !section.rows.is_empty());
    found
}

/// The lines around a conflict, of those that stand before it, between two, or behind it.
fn around(lines: &[&[u8]], index: usize, of: usize) -> Vec<Row> {
    let before = if index == 0 { 0 } else { AROUND };
    let behind = if index + 1 == of { 0 } else { AROUND };
    // The empty line behind a last newline says nothing.
    let lines = match lines {
        [kept @ .., last] if behind == 0 && last.is_empty() => kept,
        lines => lines,
    };
    if lines.len() <= before + behind {
        return lines.iter().map(|line| Row::plain(line)).collect();
    }
    let (first, last) = (&lines[..before], &lines[lines.len() - behind..]);
    let between = (before > 0 && behind > 0).then(|| Row::Same(lines.len() - before - behind));
    let rows = first.iter().map(|line| Row::plain(line)).chain(between);
    rows.chain(last.iter().map(|line| Row::plain(line))).collect()
}

/// The stretches as the merge had them, with the base's lines, if the cell is as the merge has left it.
fn as_merged<'t>(view: &ConflictView<'t, '_>, source: &[u8]) -> Option<Vec<Stretch<'t>>> {
    let remerge = view.remerge?;
    let conflict = remerge.conflict(view.open)?;
    if remerge.conflicted()?.cells.get(conflict.cell - 1)?.source_text() != source {
        return None;
    }
    let chunks = conflict.contested.chunks(ConflictStyle::Zdiff3)?.into_iter().map(|chunk| match chunk {
        Chunk::Clean(lines) => Stretch::Clean(lines),
        Chunk::Conflict(Sides { base, ours, theirs }) => Stretch::Collision(Some(base), [ours, theirs]),
    });
    Some(chunks.collect())
}

/// The stretches as the markers tell them.
fn as_marked<'t>(source: &'t [u8], hunks: &[Hunk]) -> Vec<Stretch<'t>> {
    let lines = lines(source);
    let (mut found, mut at) = (Vec::new(), 0);
    for hunk in hunks {
        found.push(Stretch::Clean(lines[at..hunk.whole.start].to_vec()));
        let part = |range: &Range<usize>| lines[range.clone()].to_vec();
        found.push(Stretch::Collision(hunk.base.as_ref().map(part), [part(&hunk.ours), part(&hunk.theirs)]));
        at = hunk.whole.end;
    }
    found.push(Stretch::Clean(lines[at..].to_vec()));
    found
}

fn collision(view: &ConflictView<'_, '_>, base: Option<&[&[u8]]>, sides: &[Vec<&[u8]>; 2], form: Form) -> Vec<Section> {
    let [ours, theirs] = sides;
    let Some(base) = base else {
        let (our_marks, their_marks) = marks(ours, theirs);
        let versions = [(Side::Ours, ours, our_marks), (Side::Theirs, theirs, their_marks)];
        return versions.map(|(side, lines, marks)| version(view, side, lines, rows(b'+', lines, &marks))).into();
    };
    if form == Form::Changes && !base.is_empty() {
        return both_sides(|side, lines| version(view, side, lines, changes(base, lines, Some(AROUND))), sides);
    }
    let ((gone_here, our_marks), (gone_there, their_marks)) = (marks(base, ours), marks(base, theirs));
    // Lines that are new on both sides tell where these differ.
    let (ours_apart, theirs_apart) = marks(ours, theirs);
    let (our_marks, their_marks) = (or_else(our_marks, ours_apart), or_else(their_marks, theirs_apart));
    let gone: Vec<_> = gone_here.iter().zip(&gone_there).map(|(one, other)| united(one, other)).collect();
    let remark = if base.is_empty() { " (nothing here)" } else { "" };
    let mut found = vec![Section::new(title(view, None, remark), rows(b'-', base, &gone))];
    found.push(version(view, Side::Ours, ours, rows(b'+', ours, &our_marks)));
    found.push(version(view, Side::Theirs, theirs, rows(b'+', theirs, &their_marks)));
    found
}

/// The marks of each line, or where it has none the others.
fn or_else(marks: Vec<Vec<Range<usize>>>, others: Vec<Vec<Range<usize>>>) -> Vec<Vec<Range<usize>>> {
    marks.into_iter().zip(others).map(|(marks, others)| if marks.is_empty() { others } else { marks }).collect()
}

fn both_sides(section: impl Fn(Side, &[&[u8]]) -> Section, [ours, theirs]: &[Vec<&[u8]>; 2]) -> Vec<Section> {
    vec![section(Side::Ours, ours), section(Side::Theirs, theirs)]
}

/// The lines of a side, of which there may be none.
fn version(view: &ConflictView<'_, '_>, side: Side, lines: &[&[u8]], rows: Vec<Row>) -> Section {
    Section::new(title(view, Some(side), if lines.is_empty() { " (nothing here)" } else { "" }), rows)
}

fn of_cells(view: &ConflictView<'_, '_>, form: Form) -> Vec<Section> {
    let of_side = |side| view.cells_of(side).map(|cells| cells_text(view.notebook, cells.map(|cell| cell - 1)));
    let (ours, theirs) = (of_side(Side::Ours).unwrap_or_default(), of_side(Side::Theirs).unwrap_or_default());
    let base = base_cells(view);
    let sides = [text_lines(&ours), text_lines(&theirs)];
    if base.is_empty() {
        return collision(view, None, &sides, form);
    }
    let base = text_lines(&base);
    let context = if form == Form::Versions { None } else { Some(AROUND) };
    let section = |side, lines: &[&[u8]]| match lines.is_empty() {
        true => Section::new(title(view, Some(side), " (deleted)"), Vec::new()),
        false => version(view, side, lines, changes(&base, lines, context)),
    };
    both_sides(section, &sides)
}

/// The text form of cells, given by their indices.
fn cells_text(notebook: &Notebook<'_>, cells: impl Iterator<Item = usize>) -> Vec<u8> {
    let mut texts = CellTexts::new(&TextOptions { hidden_line: Show::No, ..TextOptions::default() });
    cells.filter_map(|cell| notebook.cells.get(cell)).flat_map(|cell| texts.text(cell)).collect()
}

fn base_cells(view: &ConflictView<'_, '_>) -> Vec<u8> {
    let cells = view.conflict().map(|conflict| conflict.contested.cells.base.clone()).unwrap_or_default();
    let base = view.remerge.and_then(|remerge| remerge.base.as_ref());
    base.map(|base| cells_text(base, cells.into_iter())).unwrap_or_default()
}

/// The lines of a text form without the blank one behind the last cell.
fn text_lines(text: &[u8]) -> Vec<&[u8]> {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    lines(text.strip_suffix(b"\n").unwrap_or(text))
}

fn of_values(view: &ConflictView<'_, '_>) -> Vec<Section> {
    let collisions = view.conflict().map(|conflict| conflict.contested.values.as_slice()).unwrap_or_default();
    if collisions.is_empty() {
        return vec![as_it_is(view)];
    }
    let texts = [
        values(collisions, |values| &values.base),
        values(collisions, |values| &values.ours),
        values(collisions, |values| &values.theirs),
    ];
    let [base, ours, theirs] = &texts;
    let has_base = collisions.iter().any(|collision| collision.values.base.is_some());
    let base: Option<Vec<&[u8]>> = has_base.then(|| as_lines(base));
    collision(view, base.as_deref(), &[as_lines(ours), as_lines(theirs)], Form::Versions)
}

fn as_lines(texts: &[Vec<u8>]) -> Vec<&[u8]> {
    texts.iter().map(Vec::as_slice).collect()
}

/// `name: value`, or `name: none`.
fn values(collisions: &[Collision], of: impl Fn(&Sides<Option<String>>) -> &Option<String>) -> Vec<Vec<u8>> {
    let one_line = Style::on_one_line();
    let line = |collision: &Collision| {
        let mut line = format!("{}: ", collision.name()).into_bytes();
        match of(&collision.values) {
            Some(raw) => one_line.lay_out(raw, 0, &mut line),
            None => line.extend_from_slice(b"none"),
        }
        line
    };
    collisions.iter().map(line).collect()
}

/// The cells themselves, where nothing better is known.
fn as_it_is(view: &ConflictView<'_, '_>) -> Section {
    let cells = view.open.cell - 1..view.open.last_cell;
    let text: Cow<'_, [u8]> = match cells.len() {
        1 => view.notebook.cells[cells.start].source_text().into(),
        _ => cells_text(view.notebook, cells).into(),
    };
    let rows = lines(&text).into_iter().map(Row::plain).collect();
    Section::new("as it stands in the notebook".to_owned(), rows)
}
