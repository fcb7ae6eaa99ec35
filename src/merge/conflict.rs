//! Marker cells: what a conflict between whole cells looks like in the notebook.

use crate::json::Style;
use crate::notebook::{ConflictKind, RECORD_KEY, Record, Role};

use super::slot::Either;
use super::values::Collision;
use super::{MergeOptions, Side, Sides};

/// Whether cells of the result have ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ids {
    /// nbformat 4.5 and later.
    Needed,
    /// Before.
    Absent,
}

/// What a marker cell is written with.
pub(super) struct MarkerWriter<'o> {
    pub(super) options: &'o MergeOptions,
    pub(super) style: &'o Style<'o>,
    pub(super) ids: Ids,
    /// The depth of a cell in the file.
    pub(super) depth: usize,
}

impl MarkerWriter<'_> {
    /// The marker cell before ours' cells: says what happened and what to do.
    pub(super) fn begin(&self, record: Record, what: &str) -> (Vec<u8>, String) {
        let label = plain(&self.options.labels.ours);
        let text = format!(
            "`{} {label}`\n\n**Merge conflict {}**: {what}. Keep the cells you want from here to the closing marker, \
             then delete the three marker cells.",
            "<".repeat(record.marker_size),
            record.number,
        );
        self.cell(Record { role: Role::Begin, ..record }, &text)
    }

    /// The marker cell between ours' and theirs'.
    pub(super) fn middle(&self, record: Record) -> (Vec<u8>, String) {
        self.cell(Record { role: Role::Middle, ..record }, &format!("`{}`", "=".repeat(record.marker_size)))
    }

    /// The marker cell behind theirs' cells.
    pub(super) fn end(&self, record: Record) -> (Vec<u8>, String) {
        let label = plain(&self.options.labels.theirs);
        self.cell(Record { role: Role::End, ..record }, &format!("`{} {label}`", ">".repeat(record.marker_size)))
    }

    /// A marker cell that stands alone: both sides changed the same keys of `of`.
    pub(super) fn note(&self, record: Record, of: &str, collisions: &[Collision]) -> (Vec<u8>, String) {
        let labels = self.options.labels.as_ref().map(|label| plain(label));
        let rows = collisions.iter().map(|collision| {
            let value = |raw: &Option<String>| match raw {
                Some(raw) => format!("has {}", shorten(raw)),
                None => "has none".to_owned(),
            };
            let Sides { ours, theirs, .. } = collision.values.as_ref().map(value);
            format!("\n- `{}`: `{}` {ours}, `{}` {theirs}", plain(&collision.name()), labels.ours, labels.theirs)
        });
        let text = format!(
            "**Merge conflict {}**: both sides changed the same metadata of {of}; the value of `{}` stands in the \
             notebook.\n{}\n\n{NOTE_ADVICE}",
            record.number,
            labels.ours,
            rows.collect::<String>(),
        );
        self.cell(Record { role: Role::Note, ..record }, &text)
    }

    /// The cell and its id.
    fn cell(&self, record: Record, source: &str) -> (Vec<u8>, String) {
        let name = format!("\"conflict-{}-{}\"", record.number, record.role.name());
        let mut lines: Vec<Vec<u8>> = Vec::new();
        for line in source.split_inclusive('\n') {
            let mut raw = Vec::new();
            self.style.escape(line.as_bytes(), &mut raw);
            lines.push(raw);
        }
        let source = String::from_utf8_lossy(&lines.join(&b',')).into_owned();
        let id = if self.ids == Ids::Needed { format!("\"id\":{name},") } else { String::new() };
        let record = record.to_json();
        let raw =
            format!(r#"{{"cell_type":"markdown",{id}"metadata":{{"{RECORD_KEY}":{record}}},"source":[{source}]}}"#);
        let mut out = Vec::new();
        self.style.lay_out(&raw, self.depth, &mut out);
        (out, name)
    }
}

/// Whether a marker cell says no more than [`MarkerWriter`] writes, so that nothing of a person's goes with it. The words
/// within a line may be those of another version.
pub(crate) fn is_marker_text(source: &str) -> bool {
    let is_span = |line: &str| line.len() > 2 && line.starts_with('`') && line.ends_with('`');
    let is_marker = |line: &str| is_span(line) && line[1..].starts_with(['<', '=', '>']);
    let is_sentence = |line: &str| line.starts_with("**Merge conflict ") && line.ends_with('.');
    let is_row = |line: &str| line.starts_with("- `") && (line.ends_with('`') || line.ends_with(" has none"));
    let is_advice = |line: &str| line == NOTE_ADVICE;
    let mut lines = source.lines().map(str::trim_end).filter(|line| !line.is_empty());
    lines.all(|line| is_marker(line) || is_sentence(line) || is_row(line) || is_advice(line))
}

/// The last line of a marker cell about values.
const NOTE_ADVICE: &str = "Correct it where it is wrong, then delete this cell.";

/// A label or path that can stand in a code span: no control characters, no backticks.
fn plain(text: &str) -> String {
    text.chars().map(|character| if character.is_control() || character == '`' { '\'' } else { character }).collect()
}

/// A value on one line in a code span, cut where it is long.
fn shorten(raw: &str) -> String {
    const LONGEST: usize = 200;
    let one_line = Style::on_one_line();
    let mut text = Vec::new();
    one_line.lay_out(raw, 0, &mut text);
    let text = plain(&String::from_utf8_lossy(&text));
    match text.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("`{}…`", &text[..cut]),
        None => format!("`{text}`"),
    }
}

/// What happened, for the first marker cell, in words.
pub(super) fn what_happened(either: &Either, options: &MergeOptions) -> String {
    let labels = options.labels.as_ref().map(|label| plain(label));
    let (ours, theirs) = (labels.ours, labels.theirs);
    // The parts of a split cell were one.
    let cells = match either.ours.iter().chain(&either.theirs).filter(|trio| trio.base.is_some()).count() {
        0 | 1 => "a cell".to_owned(),
        several => format!("{several} cells"),
    };
    match (either.kind, either.by) {
        (ConflictKind::DeleteEdit, Some(Side::Ours)) => format!("`{ours}` deleted {cells} that `{theirs}` edited"),
        (ConflictKind::DeleteEdit, _) => format!("`{theirs}` deleted {cells} that `{ours}` edited"),
        (ConflictKind::SplitEdit, Some(Side::Theirs)) => {
            format!("`{theirs}` split a cell that `{ours}` edited across the cut")
        }
        (ConflictKind::SplitEdit, None) => format!("`{ours}` and `{theirs}` split or joined cells in different places"),
        (ConflictKind::SplitEdit, Some(Side::Ours)) => {
            format!("`{ours}` split a cell that `{theirs}` edited across the cut")
        }
        (ConflictKind::CellType, _) => format!("`{ours}` and `{theirs}` changed a cell to different types"),
        _ => format!("`{ours}` and `{theirs}` put different cells in this place"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_cell_says_no_more_than_was_written() {
        let labels = Sides { base: "b".to_owned(), ours: "HE`AD".to_owned(), theirs: String::new() };
        let options = MergeOptions { labels, ..MergeOptions::default() };
        let style = Style::default();
        let writer = MarkerWriter { options: &options, style: &style, ids: Ids::Absent, depth: 1 };
        let kind = ConflictKind::InsertInsert;
        let record = Record { number: 1, kind, role: Role::Begin, marker_size: 9 };
        let value = |raw: &str| Some(raw.to_owned());
        let values = Sides { base: None, ours: value("\"a\\nb\""), theirs: None };
        let collisions = [Collision { path: vec![b"na\nme".to_vec()], values }];
        let what = "`HE'AD` and `` put different cells in this place";
        for (cell, _) in [
            writer.begin(record, what),
            writer.middle(record),
            writer.end(record),
            writer.note(record, "the cell below", &collisions),
        ] {
            let file = [b"{\"cells\":[", cell.as_slice(), b"]}"].concat();
            let notebook = crate::notebook::Notebook::read(&file).unwrap();
            let text = String::from_utf8(notebook.cells[0].source_text()).unwrap();
            assert!(is_marker_text(&text), "{text}");
            assert!(!is_marker_text(&format!("{text}\nmine")) && !is_marker_text(&format!("mine\n{text}")), "{text}");
        }
        assert!(is_marker_text(""));
    }
}
