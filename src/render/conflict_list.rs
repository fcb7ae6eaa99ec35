//! The open conflicts of notebooks: lines for people, a JSON document for programs.

use serde::Serialize;
use unicode_width::UnicodeWidthChar as _;

use crate::merge::Sides;
use crate::resolve::OpenConflict;
use crate::text::push_visible;

use super::ascii::ascii;

/// The version of the JSON document's schema. It is raised if a member goes or means something else.
pub const CONFLICT_LIST_VERSION: u32 = 1;

/// An open conflict, and what each version has there (see [`texts`](crate::resolve::texts)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedConflict {
    /// The conflict.
    pub open: OpenConflict,
    /// Where it is and what happened (see [`ConflictView::title`](super::ConflictView::title)).
    pub title: String,
    /// The texts.
    pub texts: Sides<Option<Vec<u8>>>,
}

/// A notebook and what is open in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedNotebook {
    /// Its path, as it is to be named.
    pub path: String,
    /// Whether git's index calls it unmerged.
    pub unmerged: bool,
    /// Whether it still has the record of a conflict that was settled by hand.
    pub stale_records: bool,
    /// Whether git's markers stand between the lines of its JSON.
    pub text_markers: bool,
    /// Its conflicts.
    pub conflicts: Vec<ListedConflict>,
}

/// Appends a notebook's conflicts: for each its cell, what happened, and one line of each side, at most `columns` wide.
pub fn conflict_list(notebook: &ListedNotebook, columns: usize, out: &mut Vec<u8>) {
    let name = &notebook.path;
    let head = match notebook.conflicts.len() {
        0 if notebook.text_markers => {
            format!("{name}: nothing is open between git's markers: `cellwise resolve --ours` takes them out")
        }
        0 if notebook.stale_records => {
            format!("{name}: nothing is open: `cellwise resolve --ours` takes out what the merge has noted in it")
        }
        0 if notebook.unmerged => format!("{name}: nothing is open: `git add` it"),
        0 => format!("{name}: nothing is open"),
        1 => format!("{name}: 1 conflict"),
        many => format!("{name}: {many} conflicts"),
    };
    push_cut(head.as_bytes(), usize::MAX, out);
    for conflict in &notebook.conflicts {
        push_cut(format!("  {}", conflict.title).as_bytes(), usize::MAX, out);
        let (ours, theirs) = telling_lines(&conflict.texts, columns);
        for (side, line) in [("ours", ours), ("theirs", theirs)] {
            if let Some(line) = line {
                let line = [format!("    {:<8}", format!("{side}:")).as_bytes(), &line].concat();
                push_cut(&line, columns, out);
            }
        }
    }
}

/// A line of each side by which they can be told apart in so many columns.
fn telling_lines(texts: &Sides<Option<Vec<u8>>>, columns: usize) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
    let found = [(&texts.ours, &texts.theirs), (&texts.theirs, &texts.ours)]
        .map(|(text, other)| text.as_deref().map(|text| telling_line(text, other.as_deref().unwrap_or_default())));
    let shared = match &found {
        [Some((_, ours)), Some((_, theirs))] if ours != theirs => {
            ours.iter().zip(*theirs).take_while(|(one, other)| one == other).count()
        }
        _ => 0,
    };
    let from = window(found[0].map_or(&[], |(_, line)| line), shared, columns);
    let [ours, theirs] = found.map(|found| found.map(|(count, line)| told(count, line, from)));
    (ours, theirs)
}

/// How many lines of `text` are not blank, and the first of them that `other` does not have.
fn telling_line<'t>(text: &'t [u8], other: &[u8]) -> (usize, &'t [u8]) {
    let filled: Vec<&[u8]> = lines(text).filter(|line| !line.trim_ascii().is_empty()).collect();
    let others: Vec<&[u8]> = lines(other).collect();
    let telling = filled.iter().find(|line| !others.contains(line)).or(filled.first());
    (filled.len(), telling.copied().unwrap_or_default().trim_ascii())
}

/// Where to begin to show two lines whose first `shared` bytes are those of `line`, so that it is seen where they part.
fn window(line: &[u8], shared: usize, columns: usize) -> usize {
    /// What stands before a line, and the least that is to be seen of where they part.
    const TAKEN: usize = 40;
    /// What is shown before they part.
    const KEPT: usize = 15;
    if shared <= columns.saturating_sub(TAKEN) || shared <= KEPT {
        return 0;
    }
    // Not in the middle of a character.
    let is_inside = |at: &usize| line.get(*at).is_some_and(|byte| byte & 0xc0 == 0x80);
    (shared - KEPT..shared).find(|at| !is_inside(at)).unwrap_or(shared)
}

/// A line for people, from a byte on.
fn told(count: usize, line: &[u8], from: usize) -> Vec<u8> {
    let begin = if from > 0 { "…" } else { "" };
    let line = [begin.as_bytes(), line.get(from..).unwrap_or_default()].concat();
    match count {
        0 => b"(nothing)".to_vec(),
        1 => line,
        count => [format!("({count} lines) ").as_bytes(), &line].concat(),
    }
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n')
}

/// Appends `line` with control characters visible, cut to `columns`, and a newline.
fn push_cut(line: &[u8], columns: usize, out: &mut Vec<u8>) {
    let mut visible = Vec::new();
    // Nothing beyond can be seen: no need to look at a line of megabytes.
    push_visible(&line[..line.len().min(columns.saturating_mul(4))], &mut visible);
    let text = String::from_utf8_lossy(&visible);
    out.extend_from_slice(cut(&text, columns).as_bytes());
    out.push(b'\n');
}

/// The beginning of `text` that fits into `columns`, with `…` behind it if that is not all.
fn cut(text: &str, columns: usize) -> String {
    let mut width = 0;
    let mut last_fit = 0;
    for (at, character) in text.char_indices() {
        if width < columns {
            last_fit = at;
        }
        width += character.width().unwrap_or(0);
        if width > columns {
            return format!("{}…", &text[..last_fit]);
        }
    }
    text.to_owned()
}

/// Appends the document about `notebooks`: ASCII, so that no terminal acts on it, and a newline.
///
/// `operation` is what git is doing (`merge`, `rebase`, …), and `sides` what the sides are in plain words.
pub fn conflict_document(
    operation: Option<&str>,
    sides: Option<&Sides<String>>,
    notebooks: &[ListedNotebook],
    out: &mut Vec<u8>,
) {
    let notebooks = notebooks.iter().map(NotebookEntry::of).collect();
    let [ours, theirs] = [sides.map(|sides| &*sides.ours), sides.map(|sides| &*sides.theirs)];
    let document = Document { version: CONFLICT_LIST_VERSION, operation, ours, theirs, notebooks };
    let text = serde_json::to_string_pretty(&document).unwrap_or_default();
    out.extend_from_slice(ascii(&text).as_bytes());
    out.push(b'\n');
}

#[derive(Serialize)]
struct Document<'d> {
    version: u32,
    operation: Option<&'d str>,
    ours: Option<&'d str>,
    theirs: Option<&'d str>,
    notebooks: Vec<NotebookEntry<'d>>,
}

#[derive(Serialize)]
struct NotebookEntry<'d> {
    path: &'d str,
    unmerged: bool,
    text_markers: bool,
    conflicts: Vec<ConflictEntry>,
}

#[derive(Serialize)]
struct ConflictEntry {
    number: usize,
    kind: &'static str,
    cell: usize,
    last_cell: usize,
    complete: bool,
    base: Option<String>,
    ours: Option<String>,
    theirs: Option<String>,
}

impl<'d> NotebookEntry<'d> {
    fn of(notebook: &'d ListedNotebook) -> Self {
        let conflicts = notebook.conflicts.iter().map(ConflictEntry::of).collect();
        Self { path: &notebook.path, unmerged: notebook.unmerged, text_markers: notebook.text_markers, conflicts }
    }
}

impl ConflictEntry {
    fn of(ListedConflict { open, texts, .. }: &ListedConflict) -> Self {
        let text = |text: &Option<Vec<u8>>| text.as_ref().map(|text| String::from_utf8_lossy(text).into_owned());
        let Sides { base, ours, theirs } = texts.as_ref().map(text);
        Self {
            number: open.number,
            kind: open.kind.name(),
            cell: open.cell,
            last_cell: open.last_cell,
            complete: open.shape.is_some(),
            base,
            ours,
            theirs,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_cut_by_the_columns_that_they_take() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcd", 3), "ab…");
        assert_eq!(cut("日本語", 5), "日本…");
    }

    #[test]
    fn a_line_of_each_side_tells_them_apart() {
        let side = |text: &str| Some(text.as_bytes().to_vec());
        let texts = Sides { base: None, ours: side("import a\n\nx = 1"), theirs: side("import a\nx = 2\ny") };
        let (ours, theirs) = telling_lines(&texts, 80);
        assert_eq!(ours.as_deref(), Some(&b"(2 lines) x = 1"[..]));
        assert_eq!(theirs.as_deref(), Some(&b"(3 lines) x = 2"[..]));
        assert_eq!(
            telling_lines(&Sides { base: None, ours: side(""), theirs: None }, 80).0.as_deref(),
            Some(&b"(nothing)"[..])
        );
    }

    #[test]
    fn long_lines_are_both_shown_where_they_part() {
        let shared = "wörter ".repeat(8);
        let told = |ours: &str, theirs: &str, columns| {
            let side = |text: &str| Some(format!("{shared}{text}").into_bytes());
            let lines = telling_lines(&Sides { base: None, ours: side(ours), theirs: side(theirs) }, columns);
            [lines.0, lines.1].map(|line| String::from_utf8(line.unwrap()).unwrap())
        };
        assert_eq!(told("one", "two", 80), ["…örter wörter one", "…örter wörter two"]);
        assert_eq!(told("", "two", 80), ["…wörter wörter", "…wörter wörter two"], "one is the beginning of the other");
        assert_eq!(told("one", "two", 120), ["one", "two"].map(|end| format!("{shared}{end}")), "there is room");
    }
}
