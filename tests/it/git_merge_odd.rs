//! Merges off the beaten track: files that are no notebooks, drivers that die, odd names and histories.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use crate::git_merge::{branches, diverge};
use crate::nb::{cells, notebook, source, sources};
use crate::repo::{Repo, labels};

const NAME: &str = "n.ipynb";

/// A merge that git alone would leave in conflict: both sides edit neighbouring lines.
fn neighbours() -> [String; 3] {
    [("a", "z"), ("A", "z"), ("a", "Z")].map(|(first, last)| sources(&[first, last]))
}

/// A cell of `x = 1` and `x = 2` in conflict, of sides that git calls so.
fn marked(ours: &str, theirs: &str) -> String {
    let (ours, theirs) = labels(ours, theirs);
    format!("<<<<<<< {ours}\nx = 1\n=======\nx = 2\n>>>>>>> {theirs}")
}

fn marker_lines(text: &str) -> Vec<&str> {
    text.lines()
        .filter(|line| ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|marker| line.starts_with(marker)))
        .collect()
}

#[test]
fn scenario_15_a_history_that_crosses_has_a_notebook_as_its_base() {
    for attribute in ["", "*.ipynb conflict-marker-size=20\n"] {
        let line = |text: &str| sources(&["import os", text, "end"]);
        let repo = branches(line("x = 0"), line("x = 1"), line("x = 2"));
        let attributes = repo.read(".git/info/attributes");
        repo.write(".git/info/attributes", attributes + attribute);
        repo.git(["tag", "ours"]).ok();
        // Each side takes the other in and settles the same conflict differently.
        for (branch, other, text) in [("main", "side", "x = 1"), ("side", "ours", "x = 2")] {
            repo.git(["checkout", "-q", branch]).ok();
            repo.git(["merge", "-q", other]).exits(1);
            repo.write(NAME, line(text)).commit("settled");
        }
        repo.git(["checkout", "-q", "main"]).ok();
        let run = repo.git(["merge", "-q", "side"]).exits(1);
        // Of the merge that made the base, in conflict too, nothing is said.
        assert_eq!(run.stderr, "cellwise: n.ipynb: 1 conflict: cell 2 (source)\n");
        let left = cells(&repo.bytes(NAME));
        let size = if attribute.is_empty() { 7 } else { 20 };
        let expected = ["<", "=", ">"]
            .iter()
            .fold(marked("HEAD", "side"), |text, marker| text.replace(&marker.repeat(7), &marker.repeat(size)));
        assert_eq!(source(&left[1]), expected);
        assert!(!repo.read(NAME).contains("Temporary merge branch"), "{run:?}");
        let report = repo.cellwise(["check"]).exits(1).stdout;
        assert_eq!(report.lines().count(), 1, "{report}");
    }
}

#[test]
fn scenario_15_a_change_taken_back_in_a_history_that_crosses_is_not_lost() {
    let xyz = |x: u32, y: u32, z: u32| {
        sources(&[&format!("x = {x}"), "mid", &format!("y = {y}"), "more", &format!("z = {z}")])
    };
    let repo = branches(xyz(1, 1, 1), xyz(1, 1, 3), xyz(2, 1, 1));
    repo.git(["branch", "early"]).ok();
    repo.git(["merge", "-q", "--no-edit", "side"]).ok();
    repo.write(NAME, xyz(2, 7, 3)).commit("y");
    repo.git(["checkout", "-q", "side"]).ok();
    repo.git(["merge", "-q", "--no-edit", "early"]).ok();
    repo.write(NAME, xyz(1, 1, 3)).commit("x taken back");
    repo.git(["merge", "-q", "--no-edit", "main"]).ok();
    assert_eq!(repo.read(NAME), xyz(1, 7, 3));
}

#[test]
fn scenario_18_an_unreadable_side_is_merged_by_lines_with_markers_as_git_does() {
    let [base, ours, theirs] = ["x = 0", "x = 1", "x = 2"].map(|line| sources(&["a", line, "z"]));
    let broken = |file: &str| file.replace("\"nbformat\": 4", "\"nbformat\": ");
    for sides in [
        [base.clone(), broken(&ours), theirs.clone()],
        [base.clone(), ours.clone(), broken(&theirs)],
        [base.clone(), broken(&ours), broken(&theirs)],
        [broken(&base), ours.clone(), theirs.clone()],
    ] {
        let ours_and_theirs = |repo: &Repo| {
            let run = repo.git(["merge", "side"]).exits(1);
            (repo.bytes(NAME), repo.git(["status", "--porcelain"]).ok(), run.stderr)
        };
        let with = branches(&sides[0], &sides[1], &sides[2]);
        let without = branches(&sides[0], &sides[1], &sides[2]);
        without.cellwise(["uninstall"]).ok();
        let ((merged, status, said), (expected, as_expected, _)) = (ours_and_theirs(&with), ours_and_theirs(&without));
        let (left, right) = labels("HEAD", "side");
        let expected = String::from_utf8(expected).unwrap();
        let expected = expected.replace("<<<<<<< HEAD\n", &format!("<<<<<<< {left}\n"));
        let expected = expected.replace(">>>>>>> side\n", &format!(">>>>>>> {right}\n"));
        assert_eq!(String::from_utf8(merged).unwrap(), expected);
        assert_eq!(status, as_expected);
        assert!(said.contains("n.ipynb: merged line by line, conflicts are marked in its text: "), "{said}");
        let found = with.cellwise(["check"]).exits(1).stdout;
        assert!(found.contains("git conflict markers"), "{found}");
    }
}

#[test]
fn scenario_18_unreadable_sides_that_go_together_merge() {
    let text = |first: &str, last: &str| format!("{first}\n2\n3\n4\n5\n6\n7\n{last}\n");
    let repo = branches(text("1", "8"), text("one", "8"), text("1", "eight"));
    repo.git(["merge", "-q", "-m", "m", "side"]).exits(0);
    assert_eq!(repo.read(NAME), text("one", "eight"));
}

#[test]
fn scenario_18_a_file_emptied_by_one_side_is_a_conflict_that_keeps_the_other() {
    let [base, ours, _] = neighbours();
    let repo = branches(&base, &ours, "");
    repo.git(["merge", "-q", "side"]).exits(1);
    let left = repo.read(NAME);
    assert!(left.contains("\"A\"") && marker_lines(&left).len() == 3, "{left}");
}

#[test]
fn scenario_18_a_notebook_that_was_empty_before_has_no_base() {
    let [base, _, theirs] = neighbours();
    let repo = branches("", &base, theirs.replace("\"Z\"", "\"z\""));
    repo.git(["merge", "-q", "-m", "m", "side"]).exits(0);
    assert_eq!(repo.read(NAME), base);
}

#[test]
fn scenario_18_bom_and_crlf_are_kept() {
    let odd = |file: String| format!("\u{feff}{}", file.replace('\n', "\r\n"));
    let [base, ours, theirs] = neighbours().map(odd);
    let repo = branches(&base, &ours, &theirs);
    repo.git(["merge", "-q", "-m", "m", "side"]).exits(0);
    assert_eq!(repo.read(NAME), odd(sources(&["A", "Z"])));
}

#[test]
fn scenario_18_a_conflict_in_a_file_with_bom_and_crlf_is_a_notebook() {
    let odd = |line| format!("\u{feff}{}", sources(&["a", line]).replace('\n', "\r\n"));
    let repo = branches(odd("x = 0"), odd("x = 1"), odd("x = 2"));
    repo.git(["merge", "-q", "side"]).exits(1);
    let left = repo.read(NAME);
    assert_eq!(left.matches('\n').count(), left.matches("\r\n").count(), "{left:?}");
    let left = cells(left.strip_prefix('\u{feff}').unwrap().as_bytes());
    assert_eq!(source(&left[1]), marked("HEAD", "side"));
    repo.cellwise(["check"]).exits(1);
}

#[cfg(unix)]
mod dying_drivers {
    use super::*;

    fn file(first: &str, last: &str) -> String {
        sources(&[first, "mid", last])
    }
    use std::os::unix::fs::PermissionsExt as _;
    use std::process::Command;

    /// Installs a program of these lines of shell in the place of cellwise.
    fn replaced_by(repo: &Repo, script: &str) {
        let (tool, text) = (repo.outside("cellwise"), repo.outside("script"));
        let copy = |from: &Path| assert!(Command::new("cp").args([from, &tool]).status().unwrap().success());
        copy(Path::new(env!("CARGO_BIN_EXE_cellwise")));
        repo.run(&tool, repo.path(), ["install"]).exits(0);
        fs::write(&text, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&text, fs::Permissions::from_mode(0o755)).unwrap();
        // By way of another process: one that has written a program may not be able to run it at once.
        fs::remove_file(&tool).unwrap();
        copy(&text);
    }

    #[test]
    fn scenario_19_both_sides_stay_with_markers() {
        for ending in ["kill -9 $$", "kill -SEGV $$", "exit 101", "exit 2", "exit 129", "exit 255"] {
            let repo = branches("0\n", "1\n", "2\n");
            replaced_by(&repo, ending);
            repo.git(["merge", "-q", "side"]).exits(1);
            assert_eq!(repo.read(NAME), "<<<<<<< ours\n1\n=======\n2\n>>>>>>> theirs\n", "{ending}");
        }
    }

    #[test]
    fn scenario_19_what_merges_by_lines_still_merges() {
        let apart = |first: &str, last: &str| sources(&[first, "b\n".repeat(9).trim(), last]);
        let repo = branches(apart("a", "z"), apart("A", "z"), apart("a", "Z"));
        replaced_by(&repo, "kill -9 $$");
        repo.git(["merge", "-q", "-m", "m", "side"]).exits(0);
        assert_eq!(repo.read(NAME), apart("A", "Z"));
    }

    #[test]
    fn scenario_04_a_program_that_was_removed_is_like_one_that_died() {
        let repo = branches("0\n", "1\n", "2\n");
        replaced_by(&repo, "");
        fs::remove_file(repo.outside("cellwise")).unwrap();
        repo.git(["merge", "-q", "side"]).exits(1);
        assert_eq!(repo.read(NAME), "<<<<<<< ours\n1\n=======\n2\n>>>>>>> theirs\n");
    }

    #[test]
    fn scenario_19_diffs_go_on_in_plain_text() {
        let repo = branches(file("a", "z"), file("A", "z"), file("a", "Z"));
        replaced_by(&repo, "kill -9 $$");
        repo.write("z.txt", "z\n").commit("more");
        for args in [["diff", "HEAD~2", "HEAD"].as_slice(), &["log", "-p"], &["blame", NAME]] {
            let run = repo.git(args).exits(0);
            assert!(run.stdout.contains("\"A\""), "{run:?}");
        }
        assert!(repo.git(["diff", "HEAD~2", "HEAD"]).ok().contains("b/z.txt"));
    }
}

#[test]
fn scenario_16_a_linked_worktree_merges_too() {
    let [base, ours, theirs] = neighbours();
    let repo = branches(&base, &ours, &theirs);
    repo.git(["worktree", "add", "-q", "-b", "linked", "../linked", "main"]).ok();
    let linked = repo.outside("linked");
    let git = |args: &[&str]| repo.run(Path::new("git"), &linked, args);
    assert!(git(&["diff", "side"]).ok().contains("+A\n"));
    git(&["merge", "-q", "-m", "m", "side"]).exits(0);
    assert_eq!(fs::read_to_string(linked.join(NAME)).unwrap(), sources(&["A", "Z"]));
}

#[test]
fn scenario_03_any_name_is_merged() {
    let names = ["a b.ipynb", "%A %P.ipynb", "$(id) `x`.ipynb", "it's \"q\".ipynb", "-n.ipynb", "é\n.ipynb"];
    let [base, ours, theirs] = neighbours();
    let [left, right] = ["x = 1", "x = 2"].map(|line| sources(&[line]));
    for name in names {
        let repo = Repo::installed();
        diverge(&repo, name, [&base, &ours, &theirs].map(String::as_bytes));
        repo.git(["merge", "-q", "-m", "m", "side"]).exits(0);
        assert_eq!(repo.read(name), sources(&["A", "Z"]), "{name}");
        let repo = Repo::installed();
        diverge(&repo, name, [sources(&["x"]).as_bytes(), left.as_bytes(), right.as_bytes()]);
        let run = repo.git(["merge", "-q", "side"]).exits(1);
        assert_eq!(source(&cells(&repo.bytes(name))[0]), marked("HEAD", "side"), "{name}");
        assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    }
}

#[test]
fn scenario_03_any_branch_name_is_a_label() {
    let [base, ours, theirs] = ["x = 0", "x = 1", "x = 2"].map(|line| sources(&["a", line]));
    let repo = branches(base, ours, theirs);
    let branch = "it's-$(id)-`x`-\"q\"-%A-;é";
    repo.git(["branch", "-q", "-m", "side", branch]).ok();
    repo.git(["merge", "-q", branch]).exits(1);
    assert_eq!(source(&cells(&repo.bytes(NAME))[1]), marked("HEAD", branch));
}

#[test]
fn names_that_git_does_not_give_are_ours_and_theirs() {
    // git before 2.44 leaves `%S %X %Y` as they are; a line written by hand may end before them.
    for given in [&["%S", "%X", "%Y"][..], &["", "", ""], &[]] {
        let repo = Repo::new();
        repo.git(["config", "merge.conflictStyle", "diff3"]).ok();
        let sides = [("o", "x = 0"), ("a", "x = 1"), ("b", "x = 2")];
        sides.iter().for_each(|(name, line)| _ = repo.write(name, sources(&[line])));
        repo.cellwise([&["merge-driver", "--", "o", "a", "b", NAME], given].concat()).exits(1);
        let expected = "<<<<<<< ours\nx = 1\n||||||| base\nx = 0\n=======\nx = 2\n>>>>>>> theirs";
        assert_eq!(source(&cells(&repo.bytes("a"))[0]), expected, "{given:?}");
    }
}

#[test]
fn a_subject_with_dashes_and_control_characters_is_a_label() {
    let [base, ours, theirs] = ["x = 0", "x = 1", "x = 2"].map(|line| sources(&["a", line]));
    let repo = branches(base, ours, theirs);
    repo.git(["checkout", "-q", "side"]).ok();
    repo.git(["commit", "-q", "--amend", "-m", "--help \u{1b}[31m"]).ok();
    let run = repo.git(["rebase", "--apply", "main"]).exits(1);
    let (_, theirs) = labels("HEAD", "--help");
    assert!(repo.read(NAME).contains(&format!(">>>>>>> {theirs}")), "{}", repo.read(NAME));
    assert!(!run.stderr.contains("cellwise: --help"), "{run:?}");
    repo.cellwise(["check"]).exits(1);
}

#[test]
fn scenario_17_an_octopus_is_merged_as_git_does_it() {
    let apart = |first: &str, mid: &str, last: &str| {
        let gap = "b\n".repeat(9);
        sources(&[first, gap.trim(), mid, gap.trim(), last])
    };
    let repo = branches(apart("a", "m", "z"), apart("A", "m", "z"), apart("a", "M", "z"));
    repo.git(["checkout", "-q", "-b", "third", "main~"]).ok();
    repo.write(NAME, apart("a", "m", "Z")).commit("third");
    repo.git(["checkout", "-q", "main"]).ok();
    repo.git(["merge", "-q", "-m", "m", "side", "third"]).exits(0);
    assert_eq!(repo.read(NAME), apart("A", "M", "Z"));
}

#[test]
fn scenario_17_a_text_conflict_of_an_octopus_is_found() {
    let [base, ours, theirs] = ["x = 0", "x = 1", "x = 2"].map(|line| sources(&[line]));
    let repo = branches(base, ours, theirs);
    repo.git(["checkout", "-q", "-b", "third", "main~"]).ok();
    repo.write("other.txt", "x\n").commit("third");
    repo.git(["checkout", "-q", "main"]).ok();
    let run = repo.git(["merge", "-q", "third", "side"]);
    assert_ne!(run.code, 0);
    let left = repo.read(NAME);
    assert_eq!(marker_lines(&left).len(), 3, "{left}");
    let found = repo.cellwise(["check"]).exits(1).stdout;
    assert!(found.contains("git conflict markers between the lines"), "{found}");
}

#[test]
fn conflicts_between_whole_cells_are_notebooks_too() {
    let repo = branches(sources(&["a", "z"]), file_with("import ours"), file_with("theirs are different"));
    repo.git(["merge", "-q", "side"]).exits(1);
    let left: Vec<String> = cells(&repo.bytes(NAME)).iter().map(source).collect();
    assert!(left.contains(&"import ours".to_owned()) && left.contains(&"theirs are different".to_owned()), "{left:?}");
    let (ours, _) = labels("HEAD", "side");
    assert!(left.iter().any(|cell| cell.starts_with(&format!("`<<<<<<< {ours}`"))), "{left:?}");
    let found = repo.cellwise(["check"]).exits(1).stdout;
    assert!(found.contains("(insert/insert)"), "{found}");
    let diff = repo.git(["diff"]).ok();
    assert!(diff.contains("# UNRESOLVED merge conflict 1: insert/insert"), "{diff}");
}

fn file_with(inserted: &str) -> String {
    let id = inserted.split(' ').next().unwrap();
    notebook(&[crate::nb::code("a", "a"), crate::nb::code(id, inserted), crate::nb::code("b", "z")])
}
