//! git's markers between lines: what `git merge-file` writes is taken apart as git itself would have settled it.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use proptest::sample::select;

use cellwise::merge::{MergeOptions, Side, Sides, merge};
use cellwise::notebook::Notebook;
use cellwise::resolve::salvage;
use cellwise::resolve::text_markers::TextMarkers;

use crate::merge_file::texts;
use crate::nb::sources;
use crate::notebooks::check;
use crate::repo::git_version;
use crate::targets;

/// A line merge by git; each text gets a newline behind its last line.
fn merged(texts: &Sides<String>, options: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let ended = |text: &str| if text.is_empty() { String::new() } else { format!("{text}\n") };
    for (name, text) in [("base", &texts.base), ("ours", &texts.ours), ("theirs", &texts.theirs)] {
        fs::write(folder.path().join(name), ended(text)).unwrap();
    }
    merged_files(folder.path(), options)
}

fn merged_files(folder: &Path, options: &[&str]) -> Vec<u8> {
    let mut command = Command::new("git");
    command.args(["merge-file", "-p", "-q"]).args(options).args(["ours", "base", "theirs"]);
    let output = command.current_dir(folder).output().unwrap();
    assert!(output.status.code().is_some_and(|code| code < 128), "{output:?}");
    output.stdout
}

fn comes_apart(texts: &Sides<String>, style: &[&str]) -> Result<(), TestCaseError> {
    let size = if style.contains(&"--marker-size=11") { 11 } else { 7 };
    let file = merged(texts, style);
    let found = TextMarkers::read(&file).unwrap();
    for (side, option) in [(Side::Ours, "--ours"), (Side::Theirs, "--theirs")] {
        let expected = merged(texts, &[&["--marker-size=7", option], style].concat());
        let side = String::from_utf8(found.side(side)).unwrap();
        prop_assert_eq!(side, String::from_utf8(expected).unwrap(), "{:?} {:?}", style, option);
    }
    let has_base = !style.is_empty() && style[0].ends_with("diff3");
    for hunk in found.hunks() {
        prop_assert_eq!(found.marker_size, size);
        prop_assert_eq!(hunk.base.is_some(), has_base);
        let named = Sides { base: if has_base { "base" } else { "" }, ours: "ours", theirs: "theirs" };
        prop_assert_eq!(hunk.labels, named.map(str::as_bytes));
    }
    Ok(())
}

#[test]
fn what_git_writes_is_read_back() {
    let zdiff3 = git_version() >= [2, 35, 0];
    let styles = [&[][..], &["--diff3"], &["--diff3", "--marker-size=11"], &["--zdiff3"]];
    let line = select(vec!["a", "b", "c", "", "}", "======", "||||||||| x", ">>>>>>>x", " <<<<<<< x"]);
    check(60, &texts(line.prop_map(str::to_owned), 12), |texts| {
        styles[..if zdiff3 { 4 } else { 3 }].iter().try_for_each(|style| comes_apart(&texts, style))
    });
}

#[test]
fn line_ends_of_windows_stay() {
    let line = select(vec!["a\r", "b\r", "c\r", "\r"]).prop_map(str::to_owned);
    check(30, &texts(line, 8), |texts| {
        let ended = |text: String| if text.is_empty() || text.ends_with('\r') { text } else { format!("{text}\r") };
        comes_apart(&texts.map(ended), &["--diff3"])
    });
}

#[test]
fn no_file_is_too_odd() {
    let marker = select(vec![
        "<<<<<<< x\n",
        "|||||||\n",
        "=======\r\n",
        ">>>>>>> y",
        "<<<<<<<<<\n",
        "\n",
        "{\"cells\": [",
        "]}",
    ]);
    let piece = prop_oneof![marker.prop_map(|text| text.as_bytes().to_vec()), any::<u8>().prop_map(|byte| vec![byte])];
    check(2000, &prop::collection::vec(piece, 0..20), |pieces| {
        let file = pieces.concat();
        targets::comes_apart(&file);
        Ok(())
    });
}

#[test]
fn notebooks_that_git_merged_by_lines_are_merged_by_cells() {
    let folder = tempfile::tempdir().unwrap();
    let versions = [
        ("base", sources(&["a = 1", "b = 1", "c = 1"])),
        ("ours", sources(&["a = 2", "b = 2", "c = 1", "ours"])),
        ("theirs", sources(&["a = 1", "b = 3", "c = 1", "theirs"])),
    ];
    for (name, file) in &versions {
        fs::write(folder.path().join(name), file).unwrap();
    }
    let file = merged_files(folder.path(), &["--diff3"]);
    assert!(Notebook::read(&file).is_err());
    let found = TextMarkers::read(&file).unwrap().versions().unwrap();
    let [base, ours, theirs] =
        [found.base.as_ref().unwrap(), &found.ours, &found.theirs].map(|file| Notebook::read(file).unwrap());
    let by_text = merge(Some(&base), &ours, &theirs, &MergeOptions::default()).unwrap();
    let [base, ours, theirs] = versions.each_ref().map(|(_, file)| Notebook::read(file.as_ref()).unwrap());
    let by_cells = merge(Some(&base), &ours, &theirs, &MergeOptions::default()).unwrap();
    assert_eq!(by_text.conflicts, by_cells.conflicts);
    assert_eq!(String::from_utf8(by_text.bytes).unwrap(), String::from_utf8(by_cells.bytes).unwrap());
}

/// A notebook with markers, and in each conflict lines of it that are cut anywhere.
fn cut_notebooks() -> impl Strategy<Value = String> {
    let hunk = (any::<prop::sample::Index>(), 0..8_usize, any::<prop::sample::Index>(), 0..8_usize);
    let ended = prop_oneof![Just(""), Just(","), Just("\"")];
    prop::collection::vec((hunk, ended), 1..4).prop_map(|hunks| {
        let file = sources(&["a = 1\nprint(a)", "b = 1", "# c\nc = [1,\n     2]", "d = {}"]);
        let lines: Vec<&str> = file.lines().collect();
        let stretch = |at: prop::sample::Index, length| {
            let from = at.index(lines.len());
            from..lines.len().min(from + length)
        };
        let mut cut: Vec<_> = hunks
            .into_iter()
            .map(|((at, length, other, others), end)| (stretch(at, length), stretch(other, others), end))
            .collect();
        cut.sort_by_key(|(ours, _, _)| ours.start);
        let (mut text, mut at) = (String::new(), 0);
        let mut push = |lines: &[&str], end: &str| lines.iter().for_each(|line| text += &format!("{line}{end}\n"));
        for (ours, theirs, end) in cut.into_iter() {
            if ours.start < at {
                continue;
            }
            push(&lines[at..ours.start], "");
            push(&["<<<<<<< HEAD"], "");
            push(&lines[ours.clone()], "");
            push(&["======="], "");
            push(&lines[theirs], end);
            push(&[">>>>>>> side"], "");
            at = ours.end;
        }
        push(&lines[at..], "");
        text
    })
}

fn bracket(character: char) -> bool {
    "[]{}, ".contains(character)
}

/// Whether a line says nothing that is not said elsewhere.
fn is_structure(line: &str) -> bool {
    let bare = |line: &str| line.chars().all(bracket);
    bare(line) || line.split_once("\": ").is_some_and(|(_, value)| value.ends_with(['[', '{']) && bare(value))
}

#[test]
fn no_line_of_a_side_that_is_cut_is_lost() {
    check(400, &cut_notebooks(), |file| {
        let markers = TextMarkers::read(file.as_bytes()).unwrap();
        let Some(salvaged) = salvage(&markers) else { return Ok(()) };
        Notebook::read(&salvaged.versions.base).unwrap();
        for (side, version) in [(Side::Ours, &salvaged.versions.ours), (Side::Theirs, &salvaged.versions.theirs)] {
            let texts: Vec<Vec<u8>> =
                Notebook::read(version).unwrap().cells.iter().map(|cell| cell.source_text()).collect();
            let text = String::from_utf8([version.clone(), texts.join(&b'\n')].concat()).unwrap();
            let lines = markers.hunks().flat_map(|hunk| std::str::from_utf8(hunk.of(side)).unwrap().lines());
            for line in lines.filter(|line| !is_structure(line)) {
                prop_assert!(text.contains(line.trim_matches(bracket)), "{side:?} lost {line}:\n{text}");
            }
        }
        Ok(())
    });
}
