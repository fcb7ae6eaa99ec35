//! Line merges against `git merge-file`: the same verdict and, where it is clean, the same text.

use std::fs;
use std::process::Command;

use proptest::prelude::*;
use proptest::sample::select;

use cellwise::merge::{Chunk, ConflictStyle, Sides, lines, merge_lines};

use crate::notebooks::{check, source};

/// The merged text, or `None` for a conflict.
type Verdict = Option<Vec<u8>>;

fn ours(texts: &Sides<String>) -> Verdict {
    let sides = texts.as_ref().map(|text| lines(text.as_bytes()));
    match merge_lines(&sides, ConflictStyle::Merge).as_slice() {
        [] => Some(Vec::new()),
        [Chunk::Clean(lines)] => Some(lines.join(&b'\n')),
        _ => None,
    }
}

/// git gets each text with a newline behind its last line, which a source does not have.
fn gits(texts: &Sides<String>) -> Verdict {
    let folder = tempfile::tempdir().unwrap();
    let ended = |text: &str| {
        if text.is_empty() {
            String::new()
        } else {
            format!("{text}\n")
        }
    };
    for (name, text) in [("base", &texts.base), ("ours", &texts.ours), ("theirs", &texts.theirs)] {
        fs::write(folder.path().join(name), ended(text)).unwrap();
    }
    let mut command = Command::new("git");
    command.args([
        "-c",
        "merge.conflictStyle=merge",
        "merge-file",
        "-p",
        "-q",
        "ours",
        "base",
        "theirs",
    ]);
    let output = command.current_dir(&folder).output().unwrap();
    let mut text = output.stdout;
    if text.pop().is_some_and(|last| last != b'\n') {
        panic!("git gave a text without a last newline");
    }
    match output.status.code() {
        Some(0) => Some(text),
        Some(1..128) => None,
        code => panic!("git merge-file: {code:?} {}", String::from_utf8_lossy(&output.stderr)),
    }
}

/// A text and two edits of it.
fn texts(
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
        Sides {
            base: base.join("\n"),
            ours: edited(ours),
            theirs: edited(theirs),
        }
    })
}

fn agree(texts: Sides<String>) -> Result<(), TestCaseError> {
    let show = |verdict: Verdict| verdict.map(|text| String::from_utf8(text).unwrap());
    prop_assert_eq!(show(ours(&texts)), show(gits(&texts)), "ours (left), git's (right)");
    Ok(())
}

#[test]
fn few_distinct_lines_merge_as_git_merges_them() {
    let line = select(vec!["a", "b", "c", "", "}"]).prop_map(str::to_owned);
    check(250, &texts(line, 12), agree);
}

#[test]
fn unrelated_texts_merge_as_git_merges_them() {
    let text = || prop::collection::vec(select(vec!["a", "b", ""]), 0..6).prop_map(|lines| lines.join("\n"));
    let texts = (text(), text(), text()).prop_map(|(base, ours, theirs)| Sides { base, ours, theirs });
    check(150, &texts, agree);
}

#[test]
fn code_merges_as_git_merges_it() {
    let line = source().prop_flat_map(|source| {
        let lines: Vec<String> = source.split('\n').map(str::to_owned).collect();
        select(lines)
    });
    check(150, &texts(line.boxed(), 30), agree);
}

#[test]
fn an_empty_text_has_no_line() {
    let texts = |base: &str, ours: &str, theirs: &str| Sides { base, ours, theirs }.map(str::to_owned);
    for texts in [
        texts("", "", "a"),
        texts("a", "", "a"),
        texts("a", "", "b"),
        texts("", "\n", ""),
        texts("a\n", "a", "b\na\n"),
    ] {
        agree(texts).unwrap();
    }
}
