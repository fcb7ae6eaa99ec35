//! Files that hold git's text markers between the lines of their JSON, settled all the same.

#![allow(clippy::unwrap_used, clippy::panic)]

use crate::git_merge::diverge;
use crate::nb::{cells, source, sources};
use crate::repo::{Repo, labels};

const NAME: &str = "n.ipynb";

fn versions() -> [String; 3] {
    [("x = 0", "end"), ("x = 1", "end"), ("x = 2", "END")]
        .map(|(line, last)| sources(&["import os", &format!("# first\n{line}\n# last"), "same\nsame", last]))
}

/// A repository in which git itself has merged, by lines.
fn merged_as_text(options: &[&str]) -> Repo {
    let repo = Repo::new();
    let [base, ours, theirs] = versions();
    diverge(&repo, NAME, [base.as_bytes(), ours.as_bytes(), theirs.as_bytes()]);
    repo.git([&["merge"], options, &["side"]].concat()).exits(1);
    assert!(repo.read(NAME).contains("\n<<<<<<< "), "{}", repo.read(NAME));
    repo
}

fn all_sources(repo: &Repo) -> Vec<String> {
    cells(&repo.bytes(NAME)).iter().map(source).collect()
}

#[test]
fn scenario_17_a_text_merge_is_repaired_from_the_stages() {
    for options in [&["-s", "resolve"][..], &["-s", "ort"]] {
        let repo = merged_as_text(options);
        let found = repo.cellwise(["check"]).exits(1);
        assert!(found.stdout.contains("git conflict markers between the lines of the JSON"), "{found:?}");
        let said = repo.cellwise(["resolve"]).exits(1).stdout;
        assert!(said.contains("cell 2, both sides edited the same lines") && said.contains("ours:   x = 1"), "{said}");
        assert!(repo.read(NAME).contains("\n<<<<<<< "), "listing changes nothing");
        repo.cellwise(["resolve", "--restart"]).exits(1);
        let (ours, theirs) = match options {
            [_, "ort"] => ("HEAD".to_owned(), "side".to_owned()),
            _ => labels("HEAD", "side"),
        };
        let marked = format!("# first\n<<<<<<< {ours}\nx = 1\n=======\nx = 2\n>>>>>>> {theirs}\n# last");
        assert_eq!(all_sources(&repo), ["import os", &marked, "same\nsame", "END"]);
        assert_eq!(repo.git(["status", "--porcelain"]).ok(), "UU n.ipynb\n");
        repo.cellwise(["resolve", "--theirs"]).exits(0);
        assert_eq!(repo.read(NAME), versions()[2]);
        assert_eq!(repo.git(["status", "--porcelain"]).ok(), "M  n.ipynb\n");
    }
}

#[test]
fn scenario_28_a_side_is_taken_of_a_text_merge_at_once() {
    let repo = merged_as_text(&[]);
    repo.cellwise(["install"]).ok();
    let run = repo.cellwise(["resolve", "--ours"]).exits(0);
    assert_eq!(run.stderr, "cellwise: n.ipynb: 1 conflict settled, staged\n");
    assert_eq!(all_sources(&repo)[1..], ["# first\nx = 1\n# last", "same\nsame", "END"]);
    repo.git(["commit", "-q", "--no-edit"]).ok();
}

#[test]
fn what_somebody_has_edited_in_the_text_stays() {
    let repo = merged_as_text(&[]);
    repo.write(NAME, repo.read(NAME).replace("import os", "import sys"));
    repo.cellwise(["resolve", "--theirs"]).exits(0);
    assert_eq!(all_sources(&repo), ["import sys", "# first\nx = 2\n# last", "same\nsame", "END"]);
    let repo = merged_as_text(&[]);
    repo.write(NAME, repo.read(NAME).replace("    \"same\\n\",\n", ""));
    repo.cellwise(["resolve", "--theirs"]).exits(0);
    assert_eq!(all_sources(&repo)[2], "same", "a line that was deleted stays deleted");
}

#[test]
fn without_the_stages_the_markers_tell_the_sides() {
    for style in ["merge", "diff3"] {
        let repo = merged_as_text(&["-s", "ort"]);
        repo.git(["checkout", "-q", &format!("--conflict={style}"), NAME]).ok();
        let elsewhere = Repo::installed();
        elsewhere.write(NAME, repo.bytes(NAME)).commit("markers and all");
        assert!(elsewhere.cellwise(["resolve", NAME]).exits(1).stdout.contains("1 conflict"), "{style}");
        elsewhere.cellwise(["resolve", "--restart", NAME]).exits(1);
        assert!(elsewhere.cellwise(["check"]).exits(1).stdout.contains("cell 2: unresolved conflict 1 (source)"));
        elsewhere.cellwise(["resolve", "--theirs", NAME]).exits(0);
        assert_eq!(all_sources(&elsewhere), ["import os", "# first\nx = 2\n# last", "same\nsame", "END"], "{style}");
        elsewhere.cellwise(["check"]).exits(0);
    }
}

#[test]
fn scenario_17_an_octopus_leaves_text_that_can_be_repaired() {
    let repo = Repo::installed();
    let [base, ours, theirs] = versions();
    diverge(&repo, NAME, [base.as_bytes(), ours.as_bytes(), theirs.as_bytes()]);
    repo.git(["checkout", "-q", "-b", "third", "main~1"]).ok();
    repo.write("other", "x").commit("third").git(["checkout", "-q", "main"]).ok();
    let run = repo.git(["merge", "third", "side"]);
    assert_ne!(run.code, 0, "{run:?}");
    if repo.git(["ls-files", "-u"]).ok().is_empty() {
        // git gave the octopus up and went back.
        assert_eq!(repo.read(NAME), ours);
        return;
    }
    repo.cellwise(["resolve", "--theirs"]).exits(0);
    assert_eq!(all_sources(&repo), ["import os", "# first\nx = 2\n# last", "same\nsame", "END"]);
}

#[test]
fn markers_that_make_no_notebooks_are_an_error_and_stay() {
    let repo = Repo::installed();
    let file = "{\"cells\": [\n<<<<<<< HEAD\n{\"source\": [}\n=======\n{]\n>>>>>>> side\n]}\n";
    repo.write(NAME, file).commit("broken");
    for args in [&["resolve", NAME][..], &["resolve", "--ours", NAME], &["resolve", "--restart", NAME]] {
        let run = repo.cellwise(args).exits(129);
        assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
        assert!(run.stderr.starts_with("cellwise: n.ipynb: "), "{run:?}");
        assert_eq!(repo.read(NAME), file);
    }
}

/// A committed notebook with markers around `ours`, which is one stretch of its lines.
fn cut(ours: &str, theirs: &str) -> Repo {
    let repo = Repo::installed();
    let text = versions()[1].clone();
    assert_eq!(text.matches(ours).count(), 1);
    let hunk = format!("<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> side\n");
    repo.write(NAME, text.replace(ours, &hunk)).commit("markers and all");
    repo
}

#[test]
fn markers_between_equal_sides_are_taken_out() {
    let line = "    \"x = 1\\n\",\n";
    for options in [&["--ours"][..], &["--theirs"], &["--union"], &["-i"]] {
        let repo = cut(line, line);
        let listed = repo.cellwise(["resolve", NAME]).exits(1);
        let hint = "nothing is open between git's markers: `cellwise resolve --ours` takes them out";
        assert_eq!(listed.stdout, format!("{NAME}: {hint}\n"));
        assert!(listed.stderr.is_empty(), "{listed:?}");
        let said = repo.cellwise([&["resolve"], options, &[NAME]].concat()).exits(0).stderr;
        assert_eq!(said, format!("cellwise: {NAME}: nothing was open between git's markers, they are gone\n"));
        assert_eq!(repo.read(NAME), versions()[1], "{options:?}");
        repo.cellwise(["check"]).exits(0);
    }
}

#[test]
fn what_only_git_could_not_merge_is_not_to_be_added_with_its_markers() {
    let repo = Repo::new();
    let [base, ours, theirs] = [["a", "b"], ["a1", "b"], ["a", "b2"]].map(|cells| sources(&cells));
    // Without white space all of it is one line.
    let [base, ours, theirs] = [base, ours, theirs].map(|file| file.replace('\n', "") + "\n");
    diverge(&repo, NAME, [base.as_bytes(), ours.as_bytes(), theirs.as_bytes()]);
    repo.git(["merge", "side"]).exits(1);
    let listed = repo.cellwise(["resolve", "--json"]).exits(1).stdout;
    assert!(listed.contains("\"text_markers\": true") && listed.contains("\"conflicts\": []"), "{listed}");
    assert!(repo.cellwise(["resolve"]).exits(1).stdout.contains("takes them out"));
    let said = repo.cellwise(["resolve", "--ours"]).exits(0).stderr;
    assert!(said.ends_with("nothing was open between git's markers, they are gone, staged\n"), "{said}");
    assert_eq!(all_sources(&repo), ["a1", "b2"]);
    assert_eq!(repo.git(["status", "--porcelain"]).ok(), "M  n.ipynb\n");
}

#[test]
fn a_side_that_only_lacks_commas_is_read() {
    let repo = cut("    \"x = 1\\n\",\n", "    \"x = 2\\n\"\n    \"y = 2\\n\",,\n");
    let run = repo.cellwise(["resolve", "--theirs", NAME]).exits(0);
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    assert_eq!(all_sources(&repo)[1], "# first\nx = 2\ny = 2\n# last");
}

#[test]
fn a_side_that_is_cut_through_its_json_stands_as_text() {
    let of_cell = ["# first", "x = 2"];
    for (ours, theirs, lines) in [
        // The end of a string, a bracket, what two cells have between them, metadata.
        ("    \"x = 1\\n\",\n", "    \"x = 2\\n,\n", &of_cell[..]),
        ("    \"x = 1\\n\",\n    \"# last\"\n   ]\n", "    \"x = 2\"\n", &of_cell),
        ("    \"x = 1\\n\",\n    \"# last\"\n   ]\n  },\n  {\n", "    \"x = 2\"\n", &["# first", "x = 2", "same"]),
        ("   \"version\": \"3.12.1\"\n", "   \"version\": \"3.13\"\n  },\n  \"who\": \"me\"\n", &["3.13", "who"]),
    ] {
        let repo = cut(ours, theirs);
        let before = repo.read(NAME);
        let run = repo.cellwise(["resolve", NAME]).exits(1);
        assert!(run.stdout.contains("1 conflict") && run.stdout.contains("Their side's JSON"), "{run:?}");
        let said = run.stderr.lines().next().unwrap();
        assert!(said.starts_with("cellwise: n.ipynb: their side of the conflicts cannot be read: not a"), "{said}");
        assert!(said.contains("; raw cells hold what is no whole cell of the conflict in line "), "{said}");
        assert_eq!(repo.read(NAME), before, "listing changes nothing");
        repo.cellwise(["resolve", "--restart", NAME]).exits(1);
        assert!(repo.cellwise(["check"]).exits(1).stdout.contains(": unresolved conflict 1"));
        repo.cellwise(["resolve", "--theirs", NAME]).exits(0);
        let text = all_sources(&repo).into_iter().find(|text| text.starts_with("Their side's JSON")).unwrap();
        assert!(lines.iter().all(|line| text.contains(line)), "{text}");
        repo.write(NAME, before);
        repo.cellwise(["resolve", "--ours", NAME]).exits(0);
        assert_eq!(all_sources(&repo), ["import os", "# first\nx = 1\n# last", "same\nsame", "end"]);
    }
}

#[test]
fn whole_cells_of_a_side_that_is_cut_are_cells() {
    let [_, ours, theirs] = versions();
    let stretch = |text: &str| {
        let start = text.find("  {\n").unwrap();
        let end = text.find("    \"same\\n\",\n").unwrap();
        text[start..end].to_owned()
    };
    // What stands behind belongs to ours.
    let repo = cut(
        &stretch(&ours),
        &stretch(&theirs).replace("   \"source\": [\n    \"# first", "   \"source\": [[\n    \"# first"),
    );
    repo.cellwise(["resolve", "--restart", NAME]).exits(1);
    repo.cellwise(["resolve", "--theirs", NAME]).exits(0);
    let (text, whole): (Vec<String>, Vec<String>) =
        all_sources(&repo).into_iter().partition(|source| source.starts_with("Their side's JSON"));
    assert_eq!(whole, ["import os", "# first\nx = 1\n# last", "same\nsame", "end"], "{text:?}");
    assert!(text.len() == 1 && text[0].contains("x = 2"), "{text:?}");
}

#[test]
fn a_text_conflict_that_was_settled_by_hand_stays_settled() {
    let file = |x: u32, y: u32| sources(&[&format!("x = {x}"), "same\nsame\nsame\nsame", "same", &format!("y = {y}")]);
    for options in [&["resolve", "--theirs"][..], &["resolve", "--restart"]] {
        let repo = Repo::new();
        diverge(&repo, NAME, [&file(0, 0), &file(1, 1), &file(2, 2)].map(String::as_bytes));
        repo.git(["merge", "side"]).exits(1);
        let text = repo.read(NAME);
        let (begin, end) = (text.find("<<<<<<< ").unwrap(), text.find("=======\n").unwrap());
        let ours = &text[begin..end];
        let rest = &text[end..];
        let behind = &rest[rest.find(">>>>>>> ").unwrap()..];
        let behind = &behind[behind.find('\n').unwrap() + 1..];
        // The first conflict is ours now; the other is open still.
        repo.write(NAME, [&text[..begin], &ours[ours.find('\n').unwrap() + 1..], behind].concat());
        let run = repo.cellwise(options);
        assert_eq!(all_sources(&repo)[0], "x = 1", "{options:?}: {run:?}");
        repo.cellwise(["resolve", "--theirs"]);
        assert_eq!([&all_sources(&repo)[0], &all_sources(&repo)[3]], ["x = 1", "y = 2"], "{options:?}");
    }
}

#[test]
fn line_ends_are_those_of_the_work_tree() {
    let repo = merged_as_text(&[]);
    repo.git(["config", "core.autocrlf", "true"]).ok();
    repo.cellwise(["resolve", "--restart"]).exits(1);
    assert!(repo.read(NAME).contains("\r\n") && !repo.read(NAME).replace("\r\n", "").contains('\n'));
    repo.cellwise(["resolve", "--theirs"]).exits(0);
    assert_eq!(repo.git(["show", &format!(":{NAME}")]).ok(), versions()[2]);
    assert_eq!(repo.read(NAME), versions()[2].replace('\n', "\r\n"));
}

/// `cellwise mergetool` as git calls it, with answers from a pipe.
fn merge_tool(repo: &Repo, versions: &[String; 3], answers: &str) -> crate::repo::Run {
    for (name, version) in ["B.ipynb", "L.ipynb", "R.ipynb"].iter().zip(versions) {
        repo.write(name, version);
    }
    repo.cellwise_reading(answers, ["mergetool", "--", "B.ipynb", "L.ipynb", "R.ipynb", NAME])
}

#[test]
fn the_merge_tool_keeps_what_was_edited_in_a_text_merge() {
    let repo = merged_as_text(&[]);
    repo.write(NAME, repo.read(NAME).replace("import os", "import sys"));
    merge_tool(&repo, &versions(), "t\n").exits(0);
    assert_eq!(all_sources(&repo), ["import sys", "# first\nx = 2\n# last", "same\nsame", "END"]);
}

#[test]
fn the_merge_tool_merges_what_nobody_has_merged() {
    for left in [&versions()[1], ""] {
        let repo = Repo::new();
        repo.write(NAME, left);
        let run = merge_tool(&repo, &versions(), "t\n").exits(0);
        assert!(run.stdout.contains("conflict 1 of 1: cell 2"), "{run:?}");
        assert_eq!(repo.read(NAME), versions()[2]);
    }
}

#[test]
fn damaged_markers_are_named_with_the_way_on() {
    let repo = merged_as_text(&[]);
    let text = repo.read(NAME);
    let end = text.find(">>>>>>> ").unwrap();
    repo.write(NAME, [&text[..end], text[end..].split_once('\n').unwrap().1].concat());
    let run = repo.cellwise(["resolve", "--ours"]).exits(129);
    assert!(run.stderr.contains("has no end") && run.stderr.contains("`cellwise resolve --restart`"), "{run:?}");
    repo.cellwise(["resolve", "--restart"]).exits(129);
    repo.cellwise(["resolve", "--restart", "--force"]).exits(1);
    repo.cellwise(["resolve", "--theirs"]).exits(0);
}

#[test]
fn a_text_that_was_edited_beyond_reading_can_begin_again() {
    let repo = merged_as_text(&[]);
    let text = repo.read(NAME);
    repo.write(NAME, text.replace("\"cells\": [", "\"cells\": [["));
    let run = repo.cellwise(["resolve", "--theirs"]).exits(129);
    assert!(run.stderr.contains("`cellwise resolve --restart`"), "{run:?}");
    repo.cellwise(["resolve", "--restart"]).exits(129);
    repo.cellwise(["resolve", "--restart", "--force"]).exits(1);
    repo.cellwise(["resolve", "--theirs"]).exits(0);
    assert_eq!(repo.read(NAME), versions()[2]);
}
