//! Files that are no notebooks, as git would show them.

use std::borrow::Cow;

use crate::diff::{Change, line_changes};
use crate::text::push_visible;

use super::header::FileHeader;
use super::hunks::{Texts, hunks, push_hunk_line, push_lines};
use super::patch::{PatchOptions, push_headers};

/// Appends the unified diff of two texts that are no notebooks, as git would; control characters are shown.
pub fn text_patch(before: &[u8], after: &[u8], header: &FileHeader, options: &PatchOptions, out: &mut Vec<u8>) {
    if are_binary(before, after) {
        header.push_extended(&options.palette, out);
        header.push_index(&options.palette, out);
        return header.push_binary(&options.palette, out);
    }
    push_headers(header, before == after, options, out);
    push_text_hunks(before, after, options, out);
}

/// Appends the hunks of two texts that are no notebooks, and nothing before them.
pub(super) fn push_text_hunks(before: &[u8], after: &[u8], options: &PatchOptions, out: &mut Vec<u8>) {
    let (old, new) = (split_lines(before), split_lines(after));
    let changes = text_changes(before, after);
    let texts = Texts {
        before: &|line| visible_line(old[line]),
        after: &|line| visible_line(new[line]),
        colours: &|_| Vec::new(),
    };
    for hunk in hunks(&changes, options, &Change { before: 0..old.len(), after: 0..new.len() }) {
        push_hunk_line(&hunk, "", &options.palette, out);
        push_lines(&hunk, &texts, options, out);
    }
}

/// The changed lines of two texts.
#[must_use]
pub fn text_changes(before: &[u8], after: &[u8]) -> Vec<Change> {
    line_changes(split_lines(before).into_iter(), split_lines(after).into_iter())
}

/// Whether two texts differ, and not by lines.
pub(super) fn are_binary(before: &[u8], after: &[u8]) -> bool {
    before != after && (is_binary(before) || is_binary(after))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::{FileSide, Palette};

    fn text(before: &str, after: &str) -> String {
        let side = || FileSide { path: b"f".to_vec(), mode: Some("100644".to_owned()), oid: String::new() };
        let mut out = Vec::new();
        let options = PatchOptions { context: 1, ..PatchOptions::default() };
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
        let options = PatchOptions { palette: Palette::git(), ..PatchOptions::default() };
        text_patch(b"a\n", b"b\n", &FileHeader::new(side(), side()), &options, &mut out);
        let expected = "\u{1b}[1mdiff --git a/f b/f\u{1b}[m\n\u{1b}[1m--- a/f\u{1b}[m\n\u{1b}[1m+++ b/f\u{1b}[m\n\
                        \u{1b}[36m@@ -1 +1 @@\u{1b}[m\n\u{1b}[31m-a\u{1b}[m\n\u{1b}[32m+b\u{1b}[m\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
