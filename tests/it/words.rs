//! Changed words: laws on made-up lines, and the word diff against git's.

use std::fs;
use std::ops::Range;
use std::process::Command;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use cellwise::diff::{changed_words, word_changes};
use cellwise::render::{Highlighter, Palette, WordDiff, push_word_context, push_word_diff};

use crate::notebooks::check;

/// A line of words, signs and white space, now and then with bytes that are no text.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let pieces: [&[u8]; 20] = [
        b"x",
        b"np",
        b"value",
        b"10",
        b"3.5",
        b"don't",
        b" ",
        b" ",
        b"    ",
        b"\t",
        b".",
        b"=",
        b"(",
        b")",
        b",",
        "größe".as_bytes(),
        "数据".as_bytes(),
        "e\u{301}".as_bytes(),
        "👩‍🔬".as_bytes(),
        b"\xff",
    ];
    vec(select(pieces.to_vec()), 0..12).prop_map(|pieces| pieces.concat())
}

fn block() -> impl Strategy<Value = Vec<Vec<u8>>> {
    vec(line(), 0..5)
}

fn slices(lines: &[Vec<u8>]) -> Vec<&[u8]> {
    lines.iter().map(Vec::as_slice).collect()
}

/// Whether ranges ascend within `line`, with something between them, and cut no character.
fn are_in_order(line: &[u8], ranges: &[Range<usize>]) -> bool {
    let starts_character = |at: usize| line.get(at).is_none_or(|byte| !(0x80..0xc0).contains(byte));
    ranges.windows(2).all(|pair| pair[0].end < pair[1].start)
        && ranges.iter().all(|range| range.start < range.end && range.end <= line.len())
        && ranges.iter().flat_map(|range| [range.start, range.end]).all(starts_character)
}

#[test]
fn marks_stand_in_order_within_their_lines() {
    check(256, &(block(), block()), |(old, new)| {
        let marks = changed_words(&slices(&old), &slices(&new));
        prop_assert_eq!((marks.removed.len(), marks.added.len()), (old.len(), new.len()));
        for (lines, marks) in [(&old, &marks.removed), (&new, &marks.added)] {
            for (line, marks) in lines.iter().zip(marks) {
                prop_assert!(are_in_order(line, marks), "{marks:?} in {line:?}");
            }
        }
        Ok(())
    });
}

#[test]
fn equal_lines_have_no_marks() {
    check(256, &block(), |lines| {
        let marks = changed_words(&slices(&lines), &slices(&lines));
        prop_assert!(marks.removed.iter().chain(&marks.added).all(Vec::is_empty), "{marks:?}");
        Ok(())
    });
}

#[test]
fn syntax_colours_stand_in_order_within_their_lines() {
    let signs: [&[u8]; 14] =
        [b"if", b"1.5", b"x", b" ", b"#", b"\"", b"'", b"\"\"\"", b"`", b"\\", b"=#", b"/*", "é".as_bytes(), b"\xff"];
    let lines = vec(vec(select(signs.to_vec()), 0..8).prop_map(|signs| signs.concat()), 0..4);
    let languages = select(vec!["python", "R", "julia", "sql", "bash", "markdown"]);
    check(512, &(languages, lines), |(language, lines)| {
        let mut highlighter = Highlighter::new(language).unwrap();
        for line in lines {
            let colours = highlighter.line(&line);
            prop_assert!(
                colours.iter().all(|(range, _)| are_in_order(&line, std::slice::from_ref(range))),
                "{colours:?}"
            );
            prop_assert!(colours.windows(2).all(|pair| pair[0].0.end <= pair[1].0.start), "{colours:?} in {line:?}");
        }
        Ok(())
    });
}

/// A text without some ranges and without white space.
fn rest(text: &[u8], ranges: impl Iterator<Item = Range<usize>>) -> Vec<u8> {
    let mut kept = text.to_vec();
    ranges.for_each(|range| kept[range].fill(b' '));
    kept.retain(|byte| !byte.is_ascii_whitespace());
    kept
}

#[test]
fn beside_the_changed_words_both_texts_are_the_same() {
    check(256, &(block(), block()), |(old, new)| {
        let (old, new) = (old.join(&b'\n'), new.join(&b'\n'));
        let changes = word_changes(&old, &new);
        let removed = rest(&old, changes.iter().map(|change| change.removed.clone()));
        let added = rest(&new, changes.iter().map(|change| change.added.clone()));
        prop_assert_eq!(removed, added);
        Ok(())
    });
}

/// What git prints behind `@@ … @@`, given our idea of a word.
fn gits(old: &str, new: &str, mode: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("old"), old).unwrap();
    fs::write(folder.path().join("new"), new).unwrap();
    let mut command = Command::new("git");
    // Behind a line without a colour git writes a reset that does nothing.
    command.args([
        "-c",
        "core.attributesFile=",
        "-c",
        "color.diff.context=blue",
        "diff",
        "--no-index",
        "--no-ext-diff",
        "-U1",
        "--word-diff-regex",
    ]);
    command.arg(r"[0-9]+[.][0-9]+|[[:alnum:]_]+|[^[:space:]]");
    command.args([&format!("--word-diff={mode}"), "--", "old", "new"]);
    let output = command.current_dir(&folder).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let (_, hunk) = text.split_once("@@ -").unwrap();
    hunk.split_once('\n').unwrap().1.to_owned()
}

/// The same of two texts whose first lines are equal, and the rest one block.
fn ours(old: &str, new: &str, mode: WordDiff, palette: &Palette) -> String {
    let mut out = Vec::new();
    let (old, new): (Vec<&[u8]>, Vec<&[u8]>) =
        (old.lines().map(str::as_bytes).collect(), new.lines().map(str::as_bytes).collect());
    push_word_context(old[0], mode, palette, &mut out);
    push_word_diff(&old[1..], &new[1..], mode, palette, &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn the_word_diff_is_gits() {
    let blocks = [
        ("the old value of x\n", "the new value of x\n"),
        ("one two three\n", "one three\n"),
        ("one three\n", "one two three\n"),
        ("two one\n", "one\n"),
        ("one two\n", "one\n"),
        ("x = np.zeros(3, 0.5)\n", "x = np.ones(3, 0.25)\n"),
        ("a first line\na second line\n", "a first line, a third line\n"),
        ("total = sum(rows, start)\n", "total = sum(\n    rows,\n\n    begin,\n)\n"),
        ("alone\n", "x\nalone\ny\n"),
        ("gone\nwith it\n", ""),
        ("\n\n", ""),
        ("", "\n"),
        ("", "come\n\nwith it\n"),
        ("    if a == b:  # why\n", "if a == b:  # because\n"),
    ];
    for (old, new) in blocks {
        for first in ["", "same"] {
            let (old, new) = (format!("{first}\n{old}"), format!("{first}\n{new}"));
            for (mode, name) in [(WordDiff::Plain, "plain"), (WordDiff::Porcelain, "porcelain")] {
                assert_eq!(
                    ours(&old, &new, mode, &Palette::default()),
                    gits(&old, &new, name),
                    "{name}: {old:?} {new:?}"
                );
            }
            let palette = Palette { context: "\u{1b}[34m".to_owned(), ..Palette::git() };
            assert_eq!(ours(&old, &new, WordDiff::Color, &palette), gits(&old, &new, "color"), "{old:?} {new:?}");
        }
    }
}
