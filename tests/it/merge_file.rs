//! Line merges against `git merge-file`: the same verdict and, where it is clean, the same text.

use std::fs;
use std::process::Command;

use proptest::prelude::*;
use proptest::sample::select;

use cellwise::merge::{Chunk, ConflictStyle, Sides, lines, merge_lines};

use crate::notebooks::{check, source};
use crate::repo::git_version;

/// The merged text with markers where it is in conflict.
fn ours(texts: &Sides<String>, style: ConflictStyle) -> String {
    let sides = texts.as_ref().map(|text| lines(text.as_bytes()));
    let mut merged: Vec<&[u8]> = Vec::new();
    for chunk in merge_lines(&sides, style) {
        match chunk {
            Chunk::Clean(lines) => merged.extend(lines),
            Chunk::Conflict(Sides { base, ours, theirs }) => {
                merged.push(b"<<<<<<< ours");
                merged.extend(ours);
                if style != ConflictStyle::Merge {
                    merged.push(b"||||||| base");
                    merged.extend(base);
                }
                merged.push(b"=======");
                merged.extend(theirs);
                merged.push(b">>>>>>> theirs");
            }
        }
    }
    String::from_utf8(merged.join(&b'\n')).unwrap()
}

/// git gets each text with a newline behind its last line, which a source does not have.
fn gits(texts: &Sides<String>, style: Option<&str>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let ended = |text: &str| {
        if text.is_empty() { String::new() } else { format!("{text}\n") }
    };
    for (name, text) in [("base", &texts.base), ("ours", &texts.ours), ("theirs", &texts.theirs)] {
        fs::write(folder.path().join(name), ended(text)).unwrap();
    }
    let mut command = Command::new("git");
    command.args(["merge-file", "-p", "-q"]).args(style);
    command.args(["ours", "base", "theirs"]);
    let output = command.current_dir(&folder).output().unwrap();
    let mut text = String::from_utf8(output.stdout).unwrap();
    let last = text.pop();
    assert!(last.is_none_or(|last| last == '\n'), "git's text ends in a newline");
    let conflicts = text.lines().filter(|line| line.trim_end() == ">>>>>>> theirs").count() as i32;
    assert_eq!(output.status.code(), Some(conflicts), "git merge-file failed");
    // git ends a marker as the lines around it end; in a source only a newline ends a line.
    let unmarked = |line: &str| {
        let marker = ["<<<<<<< ours", "||||||| base", "=======", ">>>>>>> theirs"];
        let bare = line.strip_suffix('\r').filter(|bare| marker.contains(bare));
        bare.unwrap_or(line).to_owned()
    };
    text.split('\n').map(unmarked).collect::<Vec<_>>().join("\n")
}

/// A text and two edits of it.
pub(crate) fn texts(
    line: impl Strategy<Value = String> + Clone + 'static,
    longest: usize,
) -> impl Strategy<Value = Sides<String>> {
    let edit = || {
        let change = prop_oneof![line.clone().prop_map(Some), line.clone().prop_map(Some), Just(None)];
        (any::<prop::sample::Index>(), any::<bool>(), change)
    };
    let edits = move || prop::collection::vec(edit(), 0..4);
    (prop::collection::vec(line.clone(), 0..longest), edits(), edits()).prop_map(|(base, ours, theirs)| {
        let edited = |edits: Vec<(prop::sample::Index, bool, Option<String>)>| {
            let mut lines = base.clone();
            for (at, replace, line) in edits {
                if !lines.is_empty() && (replace || line.is_none()) {
                    let at = at.index(lines.len());
                    lines.splice(at..=at, line);
                } else {
                    let at = at.index(lines.len() + 1);
                    lines.splice(at..at, line);
                }
            }
            lines.join("\n")
        };
        Sides { base: base.join("\n"), ours: edited(ours), theirs: edited(theirs) }
    })
}

/// The law is about the verdict and the text of clean merges; conflicts are git's too, line by line.
fn agree(texts: &Sides<String>) -> Result<(), TestCaseError> {
    let styles = [
        (ConflictStyle::Merge, None),
        (ConflictStyle::Diff3, Some("--diff3")),
        (ConflictStyle::Zdiff3, Some("--zdiff3")),
    ];
    let merge = ours(texts, styles[0].0);
    let found = merge.contains("<<<<<<< ours");
    prop_assert_eq!(&merge, &gits(texts, styles[0].1), "ours (left), git's (right)");
    // git before 2.35 has no zdiff3 to compare with.
    let known = if git_version() >= [2, 35, 0] { 2 } else { 1 };
    for (style, name) in styles.into_iter().skip(1).take(known).filter(|_| found) {
        prop_assert_eq!(ours(texts, style), gits(texts, name), "{:?}: ours (left), git's (right)", name);
    }
    Ok(())
}

#[test]
fn few_distinct_lines_merge_as_git_merges_them() {
    let line = select(vec!["a", "b", "c", "", "}"]).prop_map(str::to_owned);
    check(250, &texts(line, 12), |texts| agree(&texts));
}

#[test]
fn unrelated_texts_merge_as_git_merges_them() {
    let text = || prop::collection::vec(select(vec!["a", "b", ""]), 0..6).prop_map(|lines| lines.join("\n"));
    let texts = (text(), text(), text()).prop_map(|(base, ours, theirs)| Sides { base, ours, theirs });
    check(150, &texts, |texts| agree(&texts));
}

#[test]
fn code_merges_as_git_merges_it() {
    let line = source().prop_flat_map(|source| {
        let lines: Vec<String> = source.split('\n').map(str::to_owned).collect();
        select(lines)
    });
    check(150, &texts(line.boxed(), 30), |texts| agree(&texts));
}

#[test]
fn an_empty_text_has_no_line() {
    let texts = |base: &str, ours: &str, theirs: &str| Sides { base, ours, theirs }.map(str::to_owned);
    for texts in
        [texts("", "", "a"), texts("a", "", "a"), texts("a", "", "b"), texts("", "\n", ""), texts("a\n", "a", "b\na\n")]
    {
        agree(&texts).unwrap();
    }
}
