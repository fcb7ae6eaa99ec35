//! `--format patch`: a strict unified diff from one text form to the other.

use std::borrow::Cow;
use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput};

use crate::diff::{Change, Lines, NotebookDiff, Place};
use crate::text::push_visible;

use super::header::FileHeader;
use super::palette::Palette;

/// How a patch is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatchOptions {
    /// Lines around a change (`-U`, `diff.context`).
    pub context: usize,
    /// The colours.
    pub palette: Palette,
}

impl Default for PatchOptions {
    fn default() -> Self {
        Self { context: 3, palette: Palette::default() }
    }
}

/// Appends the unified diff of two notebooks; nothing if neither text nor header has anything to say.
///
/// Applying it to the older text form gives the newer one. The heading behind `@@` names the first changed cell.
pub fn patch(diff: &NotebookDiff, header: &FileHeader, options: &PatchOptions, out: &mut Vec<u8>) {
    push_headers(header, diff.changes.is_empty(), options, out);
    for hunk in hunks(&diff.changes, options.context, diff.before.len(), diff.after.len()) {
        let heading = heading(diff, &diff.changes[hunk.changes.clone()][0]);
        push_hunk_line(&hunk, &heading, options, out);
        push_lines(&hunk, &diff.changes, &options.palette, out, |side, line| match side {
            Version::Before => diff.before.line(line).into(),
            Version::After => diff.after.line(line).into(),
        });
    }
}

/// Appends the unified diff of two texts that are no notebooks, as git would; control characters are shown.
pub fn text_patch(before: &[u8], after: &[u8], header: &FileHeader, options: &PatchOptions, out: &mut Vec<u8>) {
    if before != after && (is_binary(before) || is_binary(after)) {
        header.push_extended(&options.palette, out);
        header.push_index(&options.palette, out);
        return header.push_binary(&options.palette, out);
    }
    let (old, new) = (split_lines(before), split_lines(after));
    let mut input: InternedInput<&[u8]> = InternedInput::default();
    input.update_before(old.iter().copied());
    input.update_after(new.iter().copied());
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_lines(&input);
    let range = |range: Range<u32>| range.start as usize..range.end as usize;
    let changes: Vec<Change> =
        diff.hunks().map(|hunk| Change { before: range(hunk.before), after: range(hunk.after) }).collect();
    push_headers(header, changes.is_empty(), options, out);
    for hunk in hunks(&changes, options.context, old.len(), new.len()) {
        push_hunk_line(&hunk, "", options, out);
        push_lines(&hunk, &changes, &options.palette, out, |side, line| match side {
            Version::Before => visible_line(old[line]),
            Version::After => visible_line(new[line]),
        });
    }
}

/// git's own test: a NUL near the beginning.
fn is_binary(text: &[u8]) -> bool {
    text[..text.len().min(8000)].contains(&0)
}

/// A line of what is no notebook as it can be shown, with its line end.
fn visible_line(line: &[u8]) -> Cow<'_, [u8]> {
    let end = if line.ends_with(b"\r\n") { line.len() - 1 } else { line.len() };
    let text = &line[..end - usize::from(end < line.len())];
    let mut shown = Vec::with_capacity(line.len());
    push_visible(text, &mut shown);
    shown.extend_from_slice(&line[text.len()..]);
    shown.into()
}

/// What is no notebook as it can be shown: control characters as visible escapes, line ends as they are.
#[must_use]
pub fn visible_text(text: &[u8]) -> Vec<u8> {
    split_lines(text).into_iter().map(visible_line).collect::<Vec<_>>().concat()
}

fn split_lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').collect()
}

fn push_headers(header: &FileHeader, no_hunks: bool, options: &PatchOptions, out: &mut Vec<u8>) {
    let silent = header.before.mode == header.after.mode && header.extended.is_empty();
    if no_hunks && silent {
        return;
    }
    header.push_extended(&options.palette, out);
    if !no_hunks {
        header.push_index(&options.palette, out);
        header.push_names(&options.palette, out);
    }
}

/// Changes that stand near enough to each other to share their context.
struct Hunk {
    changes: Range<usize>,
    before: Range<usize>,
    after: Range<usize>,
}

fn hunks(changes: &[Change], context: usize, before_len: usize, after_len: usize) -> Vec<Hunk> {
    let mut hunks: Vec<Hunk> = Vec::new();
    for (index, change) in changes.iter().enumerate() {
        let lead = context.min(change.before.start).min(change.after.start);
        let trail = context.min(before_len - change.before.end).min(after_len - change.after.end);
        let (before_end, after_end) = (change.before.end + trail, change.after.end + trail);
        match hunks.last_mut() {
            Some(last) if change.before.start - lead <= last.before.end => {
                (last.changes.end, last.before.end, last.after.end) = (index + 1, before_end, after_end);
            }
            _ => hunks.push(Hunk {
                changes: index..index + 1,
                before: change.before.start - lead..before_end,
                after: change.after.start - lead..after_end,
            }),
        }
    }
    hunks
}

/// `@@ -1,4 +1,5 @@ cell 3 code`
fn push_hunk_line(hunk: &Hunk, heading: &str, options: &PatchOptions, out: &mut Vec<u8>) {
    let range = |range: &Range<usize>| match range.len() {
        // Of an empty range diff names the line before it.
        0 => format!("{},0", range.start),
        1 => format!("{}", range.start + 1),
        len => format!("{},{len}", range.start + 1),
    };
    let palette = &options.palette;
    let frag = format!("@@ -{} +{} @@", range(&hunk.before), range(&hunk.after));
    if heading.is_empty() {
        return palette.push_line(&palette.frag, frag.as_bytes(), out);
    }
    let mut line = Vec::new();
    palette.push_line(&palette.frag, frag.as_bytes(), &mut line);
    line.pop();
    line.push(b' ');
    palette.push_line(&palette.func, heading.as_bytes(), &mut line);
    out.extend_from_slice(&line);
}

enum Version {
    Before,
    After,
}

fn push_lines<'l>(
    hunk: &Hunk,
    changes: &[Change],
    palette: &Palette,
    out: &mut Vec<u8>,
    line: impl Fn(Version, usize) -> Cow<'l, [u8]>,
) {
    let mut at = hunk.before.start;
    for change in &changes[hunk.changes.clone()] {
        (at..change.before.start).for_each(|index| push_line(b' ', &line(Version::Before, index), palette, out));
        change.before.clone().for_each(|index| push_line(b'-', &line(Version::Before, index), palette, out));
        change.after.clone().for_each(|index| push_line(b'+', &line(Version::After, index), palette, out));
        at = change.before.end;
    }
    (at..hunk.before.end).for_each(|index| push_line(b' ', &line(Version::Before, index), palette, out));
}

fn push_line(sign: u8, line: &[u8], palette: &Palette, out: &mut Vec<u8>) {
    let colour = match sign {
        b'-' => &palette.old,
        b'+' => &palette.new,
        _ => &palette.context,
    };
    let text = line.strip_suffix(b"\n").unwrap_or(line);
    palette.push_line(colour, &[&[sign], text].concat(), out);
    if text.len() == line.len() {
        palette.push_line(&palette.context, b"\\ No newline at end of file", out);
    }
}

/// `cell 5 code, moved from 9`
fn heading(diff: &NotebookDiff, change: &Change) -> String {
    let named = |lines: &Lines, cell: usize| {
        let header = lines.line(lines.cell(cell).start);
        let words = String::from_utf8_lossy(header.strip_prefix(b"# %% ").unwrap_or_default());
        format!("cell {} {}", cell + 1, words.trim_end())
    };
    let (lines, cell, is_new) = if change.after.is_empty() {
        (&diff.before, diff.before.cell_of(change.before.start), false)
    } else {
        (&diff.after, diff.after.cell_of(change.after.start), true)
    };
    if cell >= lines.cells() {
        return "notebook".to_owned();
    }
    let known = diff.cells.iter().find(|known| if is_new { known.after } else { known.before } == Some(cell));
    let moved = known.filter(|known| known.moved == Place::Moved).and_then(|known| {
        let (from, to) = (known.before?, known.after?);
        Some(if is_new { format!(", moved from {}", from + 1) } else { format!(", moved to {}", to + 1) })
    });
    format!("{}{}", named(lines, cell), moved.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::FileSide;

    fn text(before: &str, after: &str) -> String {
        let side = || FileSide { path: b"f".to_vec(), mode: Some("100644".to_owned()), oid: String::new() };
        let mut out = Vec::new();
        let options = PatchOptions { context: 1, palette: Palette::default() };
        text_patch(before.as_bytes(), after.as_bytes(), &FileHeader::new(side(), side()), &options, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn hunks_are_those_of_a_unified_diff() {
        let expected = "diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n-a\n+x\n b\n@@ -4,2 +4 @@\n d\n-e\n";
        assert_eq!(text("a\nb\nc\nd\ne\n", "x\nb\nc\nd\n"), expected);
    }

    #[test]
    fn a_missing_last_newline_is_said() {
        let expected = "diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n";
        assert_eq!(text("a", "a\n"), expected);
    }

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        assert_eq!(visible_text(b"a\x1b[1m\r\nb\rc\n\r\nd"), b"a\\u{1b}[1m\r\nb\\u{d}c\n\r\nd");
    }

    #[test]
    fn binary_files_only_differ() {
        assert_eq!(text("a\0", "b\0"), "diff --git a/f b/f\nBinary files a/f and b/f differ\n");
        assert_eq!(text("a\0", "a\0"), "");
    }

    #[test]
    fn equal_texts_print_nothing() {
        assert_eq!(text("a\n", "a\n"), "");
    }

    #[test]
    fn colours_are_gits() {
        let side = || FileSide { path: b"f".to_vec(), mode: Some("100644".to_owned()), oid: String::new() };
        let mut out = Vec::new();
        let options = PatchOptions { context: 3, palette: Palette::git() };
        text_patch(b"a\n", b"b\n", &FileHeader::new(side(), side()), &options, &mut out);
        let expected = "\u{1b}[1mdiff --git a/f b/f\u{1b}[m\n\u{1b}[1m--- a/f\u{1b}[m\n\u{1b}[1m+++ b/f\u{1b}[m\n\
                        \u{1b}[36m@@ -1 +1 @@\u{1b}[m\n\u{1b}[31m-a\u{1b}[m\n\u{1b}[32m+b\u{1b}[m\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
