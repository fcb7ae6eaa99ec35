//! `cellwise resolve` in repositories that real git has left in conflict.

#![allow(clippy::unwrap_used, clippy::panic)]

use serde_json::Value as Json;

use crate::git_merge::{branches, diverge};
use crate::nb::{cells, code, notebook, ran, source, sources};
use crate::repo::{Repo, labels};

const NAME: &str = "n.ipynb";

/// Lines collide in the first cell; ours deleted the third, which theirs edited; the last is ours'.
fn versions() -> [String; 3] {
    let file = |x: u32, deleted: Option<&str>, last: &str| {
        let middle = [code("a", &format!("import os\nx = {x}")), ran("b", "run()", 1, "1\n")];
        let third = deleted.map(|source| code("c", source));
        notebook(&middle.into_iter().chain(third).chain([code("d", last)]).collect::<Vec<_>>())
    };
    [file(0, Some("plot(x)"), "end"), file(1, None, "END"), file(2, Some("plot(x, y)"), "end")]
}

fn conflicted() -> Repo {
    let [base, ours, theirs] = versions();
    let repo = branches(base, ours, theirs);
    repo.git(["merge", "side"]).exits(1);
    repo
}

fn all_sources(repo: &Repo) -> Vec<String> {
    cells(&repo.bytes(NAME)).iter().map(source).collect()
}

fn status(repo: &Repo) -> String {
    repo.git(["status", "--porcelain"]).ok()
}

#[test]
fn what_is_open_is_listed() {
    let repo = conflicted();
    let run = repo.cellwise(["resolve"]).exits(1);
    assert_eq!(
        run.stdout,
        "n.ipynb: 2 conflicts\n  cell 1, both sides edited the same lines\n    ours:   x = 1\n    theirs: x = 2\n  \
         cell 3, deleted by ours, edited by theirs\n    ours:   (nothing)\n    theirs: plot(x, y)\n\
         ours: your branch main; theirs: side, which is merged in\n"
    );
    assert!(run.stderr.contains("cellwise resolve -i"), "{run:?}");
    assert_eq!(status(&repo), "UU n.ipynb\n");
    let listed: Json = serde_json::from_str(&repo.cellwise(["resolve", "--json"]).exits(1).stdout).unwrap();
    assert_eq!(listed["operation"], "merge");
    assert_eq!(listed["notebooks"][0]["path"], NAME);
    let conflict = &listed["notebooks"][0]["conflicts"][0];
    assert_eq!([&conflict["base"], &conflict["ours"], &conflict["theirs"]], ["x = 0", "x = 1", "x = 2"]);
    let other = &listed["notebooks"][0]["conflicts"][1];
    assert_eq!((&other["kind"], &other["cell"]), (&"delete/edit".into(), &3.into()));
    // Whoever names a conflict gives it the same number.
    let check = repo.cellwise(["check"]).exits(1);
    assert!(check.stdout.contains("cell 3: unresolved conflict 2 (delete/edit)"), "{check:?}");
}

#[test]
fn a_side_is_taken_and_the_notebook_staged() {
    let settled = [
        ("--ours", vec!["import os\nx = 1", "run()", "END"]),
        ("--theirs", vec!["import os\nx = 2", "run()", "plot(x, y)", "END"]),
        ("--base", vec!["import os\nx = 0", "run()", "plot(x)", "END"]),
        ("--union", vec!["import os\nx = 1\nx = 2", "run()", "plot(x, y)", "END"]),
    ];
    for (option, expected) in settled {
        let repo = conflicted();
        let run = repo.cellwise(["resolve", option]).exits(0);
        assert_eq!(run.stderr, "cellwise: n.ipynb: 2 conflicts settled, staged\n", "{option}");
        assert_eq!(all_sources(&repo), expected, "{option}");
        assert!(!repo.read(NAME).contains("cellwise"), "{option}: no trace");
        assert!(!status(&repo).contains("UU"), "{option}: {}", status(&repo));
        repo.git(["commit", "-q", "--no-edit"]).ok();
        assert_eq!(cells(&repo.bytes(NAME))[1]["outputs"][0]["text"][0], "1\n", "{option}: other outputs stay");
    }
}

#[test]
fn one_conflict_is_settled_and_the_other_left() {
    let repo = conflicted();
    let run = repo.cellwise(["resolve", "--theirs", "--cell", "4"]).exits(1);
    assert_eq!(run.stderr, "cellwise: n.ipynb: 1 conflict settled, 1 left\n");
    assert_eq!(all_sources(&repo)[2..], ["plot(x, y)", "END"]);
    assert_eq!(status(&repo), "UU n.ipynb\n");
    let run = repo.cellwise(["resolve", "--ours", "--cell", "2"]).exits(129);
    assert!(run.stderr.contains("no conflict is open in cell 2"), "{run:?}");
    repo.cellwise(["resolve", "--ours"]).exits(0);
    assert_eq!(all_sources(&repo), ["import os\nx = 1", "run()", "plot(x, y)", "END"]);
}

/// The notebook as Jupyter would save it after `edit`.
fn by_hand(repo: &Repo, edit: impl FnOnce(&mut Json)) {
    let mut file: Json = serde_json::from_slice(&repo.bytes(NAME)).unwrap();
    edit(&mut file);
    repo.write(NAME, serde_json::to_string_pretty(&file).unwrap());
}

#[test]
fn what_was_done_by_hand_stays() {
    let repo = conflicted();
    by_hand(&repo, |file| {
        file["cells"][0]["source"] = "import os\nx = 42".into();
        file["cells"][0]["execution_count"] = 7.into();
        file["cells"][1]["source"] = "run(again)".into();
    });
    repo.cellwise(["resolve", "--theirs"]).exits(0);
    let settled: Vec<String> =
        cells(&repo.bytes(NAME)).iter().map(|cell| cell["source"].to_string().replace("\\n", "|")).collect();
    assert_eq!(settled[..2], ["\"import os|x = 42\"", "\"run(again)\""]);
    assert_eq!(settled.len(), 4);
    assert_eq!(cells(&repo.bytes(NAME))[0]["execution_count"], 7);
    assert!(!repo.read(NAME).contains("cellwise"), "the record that counted for nothing is gone");
    assert_eq!(status(&repo), "M  n.ipynb\n");
}

/// A merge that left `x = 1` against `x = 2`.
fn conflicted_once() -> Repo {
    let [base, ours, theirs] = ["x = 0", "x = 1", "x = 2"].map(|line| sources(&[line]));
    let repo = branches(base, ours, theirs);
    repo.git(["merge", "side"]).exits(1);
    repo
}

#[test]
fn a_notebook_that_was_settled_by_hand_is_staged_without_its_records() {
    let repo = conflicted_once();
    by_hand(&repo, |file| file["cells"][0]["source"] = "x = 3".into());
    assert_eq!(
        repo.cellwise(["resolve"]).exits(0).stdout,
        "n.ipynb: nothing is open: `cellwise resolve --ours` takes out what the merge has noted in it\n"
    );
    let run = repo.cellwise(["resolve", "--ours"]).exits(0);
    assert_eq!(run.stderr, "cellwise: n.ipynb: nothing is open, staged\n");
    assert!(!repo.read(NAME).contains("cellwise") && repo.read(NAME).contains("x = 3"));
    assert_eq!(status(&repo), "M  n.ipynb\n");
}

#[test]
fn a_record_that_was_staged_or_committed_is_taken_out() {
    for and_then in [&["add", NAME][..], &["commit", "-qam", "merge"]] {
        let repo = conflicted_once();
        by_hand(&repo, |file| file["cells"][0]["source"] = "x = 3".into());
        repo.git(and_then).ok();
        let run = repo.cellwise(["resolve", "--ours", NAME]).exits(0);
        assert!(
            run.stderr.contains("n.ipynb: nothing was open, the record of what was settled by hand is gone"),
            "{run:?}"
        );
        assert!(!repo.read(NAME).contains("cellwise") && repo.read(NAME).contains("x = 3"));
        assert!(repo.cellwise(["resolve", "--ours", NAME]).exits(0).stderr.ends_with("nothing is open\n"));
    }
}

#[test]
fn a_base_in_which_markers_were_committed_can_be_taken() {
    let [base, ours, theirs] =
        ["x = 0\n<<<<<<< old\ny\n=======\nz\n>>>>>>> new", "x = 1\ny", "x = 2\nz"].map(|text| sources(&[text]));
    let repo = branches(base, ours, theirs);
    repo.git(["merge", "side"]).exits(1);
    assert!(repo.read(NAME).contains("<<<<<<<< HEAD"), "longer than what the base has");
    repo.cellwise(["resolve", "--base"]).exits(0);
    assert_eq!(all_sources(&repo), ["x = 0\n<<<<<<< old\ny\n=======\nz\n>>>>>>> new"]);
    assert!(!repo.read(NAME).contains("cellwise"), "no trace");
}

/// Two merges of one pair of commits, each settled otherwise, are the bases of a third.
#[test]
fn a_base_that_is_in_conflict_itself_is_no_settlement() {
    let repo = conflicted_once();
    let settle = |value: &str, message: &str| {
        repo.write(NAME, sources(&[&format!("x = {value}")])).commit(message);
    };
    repo.git(["merge", "--abort"]).ok();
    let [ours, theirs] = ["main", "side"].map(|branch| repo.git(["rev-parse", branch]).ok().trim().to_owned());
    for (branch, other, value) in [("main", &theirs, "5"), ("side", &ours, "4")] {
        repo.git(["checkout", "-q", branch]).ok();
        repo.git(["merge", other]).exits(1);
        settle(value, "settled");
    }
    repo.git(["checkout", "-q", "main"]).ok();
    repo.git(["merge", "side"]).exits(1);
    let run = repo.cellwise(["resolve", "--base"]).exits(1);
    assert!(run.stderr.contains("cell 1: its base is in conflict itself"), "{run:?}");
    assert_eq!(status(&repo), "UU n.ipynb\n");
    // By hand it is none either.
    let base = String::from_utf8(repo.git(["show", ":1:n.ipynb"]).ok().into_bytes()).unwrap();
    by_hand(&repo, |file| file["cells"][0]["source"] = source(&cells(base.as_bytes())[0]).into());
    let check = repo.cellwise(["check"]).exits(1);
    assert!(check.stdout.contains("n.ipynb: cell 1: "), "{check:?}");
    repo.cellwise(["resolve", "--theirs"]).exits(129);
    repo.cellwise(["resolve", "--restart", "--force"]).exits(1);
    repo.cellwise(["resolve", "--theirs"]).exits(0);
    assert_eq!(all_sources(&repo), ["x = 4"]);
}

#[test]
fn a_line_that_somebody_wrote_between_the_markers_is_not_thrown_away() {
    let typed = |repo: &Repo| {
        by_hand(repo, |file| {
            let source = source(&file["cells"][0]).replace("x = 2", "x = 2  # measured");
            file["cells"][0]["source"] = source.into();
        });
    };
    let between = "a line that somebody has written between its markers would go";
    for (option, said) in [("--ours", between), ("--base", "the lines around it were edited by hand")] {
        let repo = conflicted_once();
        typed(&repo);
        let run = repo.cellwise(["resolve", option]).exits(1);
        assert!(run.stderr.contains(said), "{run:?}");
        assert!(repo.read(NAME).contains("# measured") && status(&repo) == "UU n.ipynb\n");
    }
    for (option, expected) in [("--theirs", "x = 2  # measured"), ("--union", "x = 1\nx = 2  # measured")] {
        let repo = conflicted_once();
        typed(&repo);
        repo.cellwise(["resolve", option]).exits(0);
        assert_eq!(cells(&repo.bytes(NAME))[0]["source"], expected);
    }
}

#[test]
fn a_forgotten_middle_marker_is_still_open_in_code() {
    let repo = conflicted_once();
    by_hand(&repo, |file| file["cells"][0]["source"] = "x = 1\n=======\nx = 2".into());
    repo.cellwise(["check"]).exits(1);
    assert!(repo.cellwise(["resolve"]).exits(1).stdout.contains("n.ipynb: 1 conflict"));
    repo.cellwise(["resolve", "--ours"]).exits(1);
    assert_eq!(status(&repo), "UU n.ipynb\n");
    by_hand(&repo, |file| file["cells"][0]["source"] = "x = 1\nx = 2".into());
    repo.cellwise(["resolve", "--ours"]).exits(0);
    assert_eq!(cells(&repo.bytes(NAME))[0]["source"], "x = 1\nx = 2");
}

#[test]
fn restart_gives_the_same_conflicts_byte_for_byte() {
    let repo = conflicted();
    let left = repo.read(NAME);
    for settle in [&["--ours"][..], &["--theirs", "--cell", "1"], &["--union"], &["--base"]] {
        repo.cellwise([&["resolve"], settle].concat());
        repo.cellwise(["resolve", "--restart", NAME]).exits(1);
        assert_eq!(repo.read(NAME), left, "{settle:?}");
        assert_eq!(status(&repo), "UU n.ipynb\n", "{settle:?}");
    }
}

#[test]
fn restart_throws_no_work_away() {
    let repo = conflicted();
    let left = repo.read(NAME);
    by_hand(&repo, |file| file["cells"][1]["source"] = "run(again)".into());
    let work = repo.read(NAME);
    let run = repo.cellwise(["resolve", "--restart"]).exits(129);
    assert!(run.stderr.contains("n.ipynb: cell 2 was edited by hand; --force"), "{run:?}");
    assert_eq!(repo.read(NAME), work);
    let run = repo.cellwise(["resolve", "--restart", "--force"]).exits(1);
    assert_eq!(repo.read(NAME), left);
    let command = run.stderr.lines().find_map(|line| line.split_once("git cat-file blob ")).unwrap().1.to_owned();
    assert_eq!(repo.git(["cat-file", "blob", &command]).ok(), work);
}

#[test]
fn in_a_rebase_the_sides_are_what_they_are() {
    let [base, ours, theirs] = versions();
    let repo = branches(base, ours, theirs);
    repo.git(["checkout", "-q", "side"]).ok();
    repo.git(["rebase", "main"]).exits(1);
    let said = repo.cellwise(["resolve"]).exits(1).stdout;
    let last = said.lines().last().unwrap();
    assert!(last.starts_with("ours: main, ") && last.contains("theirs: your commit "), "{last}");
    let left = repo.read(NAME);
    repo.cellwise(["resolve", "--theirs"]).exits(0);
    assert_eq!(all_sources(&repo), ["import os\nx = 2", "run()", "plot(x, y)", "END"]);
    repo.cellwise(["resolve", "--restart", NAME]).exits(1);
    assert_eq!(repo.read(NAME), left);
    repo.cellwise(["resolve", "--theirs"]).exits(0);
    repo.git(["-c", "core.editor=true", "rebase", "--continue"]).ok();
}

#[test]
fn a_conflict_that_somebody_committed_is_settled_without_the_versions() {
    let repo = conflicted();
    repo.commit("with conflicts");
    let elsewhere = Repo::installed();
    elsewhere.write(NAME, repo.bytes(NAME)).commit("from a colleague");
    assert!(elsewhere.cellwise(["resolve"]).exits(0).stderr.contains("no notebook is unmerged"));
    assert!(elsewhere.cellwise(["resolve", NAME]).exits(1).stdout.contains("2 conflicts"));
    let run = elsewhere.cellwise(["resolve", "--base", NAME]).exits(1);
    assert!(run.stderr.contains("git does not have the merged versions any more"), "{run:?}");
    let run = elsewhere.cellwise(["resolve", "--theirs", NAME]).exits(0);
    assert_eq!(run.stderr, "cellwise: n.ipynb: 2 conflicts settled\n");
    assert_eq!(all_sources(&elsewhere), ["import os\nx = 2", "run()", "plot(x, y)", "END"]);
    assert_eq!(status(&elsewhere), " M n.ipynb\n", "nobody asked to stage it");
}

#[test]
fn one_of_two_conflicts_of_a_cell_is_no_hand_work() {
    let [base, ours, theirs] = ["0", "1", "2"].map(|side| {
        let mut cell = code("a", &format!("x = {side}"));
        cell["metadata"]["name"] = side.into();
        notebook(&[cell])
    });
    for cell in ["1", "2"] {
        let repo = branches(base.clone(), ours.clone(), theirs.clone());
        repo.git(["merge", "side"]).exits(1);
        let marked = repo.read(NAME);
        repo.cellwise(["resolve", "--theirs", "--cell", cell]).exits(1);
        assert_ne!(repo.read(NAME), marked);
        repo.cellwise(["resolve", "--restart"]).exits(1);
        assert_eq!(repo.read(NAME), marked);
    }
}

#[test]
fn a_copy_of_a_conflict_that_was_not_named_stays() {
    let marked = |id: &str, source: &str, number: u32, kind: &str, role: &str| {
        let mut cell = code(id, source);
        cell["metadata"]["cellwise"] =
            serde_json::json!({"conflict": number, "kind": kind, "marker_size": 7, "role": role});
        cell
    };
    let bracket = |id: &str, role: &str| marked(id, "", 1, "delete/edit", role);
    let lines = |id: &str| marked(id, "<<<<<<< a\nx\n=======\ny\n>>>>>>> b", 2, "source", "cell");
    let repo = Repo::new();
    let other = code("o", "other");
    let cells = [bracket("1", "begin"), lines("2"), bracket("3", "middle"), other, bracket("4", "end"), lines("5")];
    repo.write(NAME, notebook(&cells));
    // The second conflict stands within the first, and has to wait for it.
    let run = repo.cellwise(["resolve", "--union", "--cell", "2", NAME]).exits(1);
    let sources = all_sources(&repo);
    assert_eq!(sources[..2], ["x\ny", "other"], "{run:?}");
    assert!(sources[2].starts_with("<<<<<<< a"), "{sources:?}");
}

#[test]
fn a_file_outside_of_a_repository_is_settled_too() {
    let repo = conflicted();
    let outside = repo.outside("elsewhere");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join(NAME), repo.bytes(NAME)).unwrap();
    let tool = std::path::Path::new(env!("CARGO_BIN_EXE_cellwise"));
    repo.run(tool, &outside, ["resolve", "--ours", NAME]).exits(0);
    assert!(!std::fs::read_to_string(outside.join(NAME)).unwrap().contains("cellwise"));
    let run = repo.run(tool, &outside, ["resolve"]).exits(129);
    assert!(run.stderr.contains("is not in a git repository"), "{run:?}");
}

#[test]
fn several_notebooks_from_a_subfolder_and_names_with_spaces() {
    let repo = Repo::installed();
    let [base, ours, theirs] = versions();
    let name = "a b/it's \"one\".ipynb";
    let write = |file: &str| {
        repo.write(name, file).write("two.ipynb", file);
    };
    write(&base);
    repo.commit("base").git(["checkout", "-q", "-b", "side"]).ok();
    write(&theirs);
    repo.commit("theirs").git(["checkout", "-q", "main"]).ok();
    write(&ours);
    repo.commit("ours").git(["merge", "side"]).exits(1);
    let said = repo.cellwise_in("a b", ["resolve"]).exits(1).stdout;
    assert!(said.contains("it's \"one\".ipynb: 2 conflicts") && said.contains("../two.ipynb: 2 conflicts"), "{said}");
    repo.cellwise_in("a b", ["resolve", "--ours", "."]).exits(0);
    assert_eq!(repo.git(["diff", "--name-only", "--diff-filter=U"]).ok(), "two.ipynb\n");
    let run = repo.cellwise(["resolve", "--ours", "--cell", "1"]).exits(1);
    assert!(run.stderr.contains("two.ipynb: 1 conflict settled, 1 left"), "{run:?}");
    repo.cellwise(["resolve", "--ours"]).exits(0);
    assert_eq!(repo.git(["ls-files", "-u"]).ok(), "");
}

#[test]
fn a_notebook_that_one_side_deleted_is_left_to_git() {
    let repo = Repo::installed();
    let [base, ours, _] = versions();
    repo.write(NAME, base).commit("base");
    repo.git(["checkout", "-q", "-b", "side"]).ok();
    repo.git(["rm", "-q", NAME]).ok();
    repo.commit("deleted").git(["checkout", "-q", "main"]).ok();
    repo.write(NAME, &ours).commit("ours").git(["merge", "side"]).exits(1);
    for args in [&["resolve"][..], &["resolve", "--ours"], &["resolve", "--restart"]] {
        let run = repo.cellwise(args);
        assert_ne!(run.code, 0, "{args:?}: {run:?}");
        assert!(run.stderr.contains("`git add`") && run.stderr.contains("`git rm`"), "{args:?}: {run:?}");
        assert_eq!(repo.read(NAME), ours);
    }
}

#[test]
fn markers_of_which_some_are_gone_are_not_guessed_at() {
    let repo = conflicted();
    by_hand(&repo, |file| {
        let (ours, theirs) = labels("HEAD", "side");
        file["cells"][0]["source"] = format!("import os\n<<<<<<< {ours}\nx = 1\nx = 2\n>>>>>>> {theirs}").into();
    });
    let run = repo.cellwise(["resolve", "--ours"]).exits(1);
    assert!(run.stderr.contains("cell 1: some of its markers are gone"), "{run:?}");
    assert!(run.stderr.contains("1 conflict settled, 1 left"), "{run:?}");
    assert_eq!(status(&repo), "UU n.ipynb\n");
}

#[test]
fn both_sides_may_have_added_the_notebook() {
    let repo = Repo::installed();
    repo.write("other", "x").commit("base");
    let [_, ours, theirs] = versions();
    repo.git(["checkout", "-q", "-b", "side"]).ok();
    repo.write(NAME, theirs).commit("theirs").git(["checkout", "-q", "main"]).ok();
    repo.write(NAME, ours).commit("ours").git(["merge", "side"]).exits(1);
    let left = repo.read(NAME);
    let run = repo.cellwise(["resolve", "--base"]).exits(1);
    assert!(run.stderr.contains("there is no base"), "{run:?}");
    repo.cellwise(["resolve", "--union"]).exits(0);
    repo.cellwise(["resolve", "--restart", NAME]).exits(1);
    assert_eq!(repo.read(NAME), left);
}

#[test]
fn a_filter_stages_what_it_would() {
    let repo = Repo::installed();
    repo.cellwise(["install", "--filter"]).ok();
    let [base, ours, theirs] = versions();
    diverge(&repo, NAME, [base.as_bytes(), ours.as_bytes(), theirs.as_bytes()]);
    repo.git(["merge", "side"]).exits(1);
    repo.cellwise(["resolve", "--theirs"]).exits(0);
    assert!(!repo.git(["show", &format!(":{NAME}")]).ok().contains("\"1\\n\""), "no outputs in the index");
}

#[test]
fn a_file_that_both_sides_renamed_is_settled_under_each_name() {
    let repo = Repo::installed();
    let [base, ours, theirs] = versions();
    repo.write("old.ipynb", base).commit("base").git(["checkout", "-q", "-b", "side"]).ok();
    repo.git(["mv", "old.ipynb", "theirs.ipynb"]).ok();
    repo.write("theirs.ipynb", theirs).commit("theirs").git(["checkout", "-q", "main"]).ok();
    repo.git(["mv", "old.ipynb", "ours.ipynb"]).ok();
    repo.write("ours.ipynb", ours).commit("ours").git(["merge", "side"]).exits(1);
    let run = repo.cellwise(["resolve", "--theirs", "ours.ipynb"]).exits(0);
    assert!(run.stderr.contains("ours.ipynb: 2 conflicts settled, staged"), "{run:?}");
    let found: Vec<String> = cells(&repo.bytes("ours.ipynb")).iter().map(source).collect();
    assert_eq!(found, ["import os\nx = 2", "run()", "plot(x, y)", "END"]);
}

#[test]
fn the_walk_settles_stages_and_goes_on_to_the_next_notebook() {
    let repo = conflicted();
    let run = repo.cellwise_reading("t\nq\n", ["resolve", "-i"]).exits(1);
    assert!(
        run.stdout.contains("n.ipynb: conflict 1 of 2: cell 1") && run.stdout.contains("your branch main"),
        "{run:?}"
    );
    assert!(run.stdout.contains("n.ipynb: 1 of 2 conflicts settled, 1 left"), "{run:?}");
    assert_eq!(status(&repo), "UU n.ipynb\n");
    let run = repo.cellwise_reading("o\n", ["resolve", "--interactive"]).exits(0);
    assert!(run.stderr.contains("n.ipynb: staged"), "{run:?}");
    assert_eq!(all_sources(&repo), ["import os\nx = 2", "run()", "END"]);
    assert_eq!(status(&repo), "M  n.ipynb\n");
    assert!(!repo.read(NAME).contains("cellwise"));
}

#[test]
fn who_quits_the_walk_is_not_asked_about_the_next_notebook() {
    let repo = Repo::installed();
    let versions = versions();
    let write = |file: &str| {
        repo.write("one.ipynb", file).write("two.ipynb", file);
    };
    write(&versions[0]);
    repo.commit("base").git(["checkout", "-q", "-b", "side"]).ok();
    write(&versions[2]);
    repo.commit("theirs").git(["checkout", "-q", "main"]).ok();
    write(&versions[1]);
    repo.commit("ours").git(["merge", "side"]).exits(1);
    let run = repo.cellwise_reading("q\nt\n", ["resolve", "-i"]).exits(1);
    assert!(run.stdout.contains("one.ipynb: conflict 1 of 2") && !run.stdout.contains("two.ipynb"), "{run:?}");
    let run = repo.cellwise_reading("s\ns\nt\nt\n", ["resolve", "-i"]).exits(1);
    assert!(run.stdout.contains("one.ipynb: 0 of 2 conflicts settled, 2 left"), "{run:?}");
    assert!(run.stderr.contains("two.ipynb: staged"), "{run:?}");
}

#[test]
fn the_walk_makes_a_notebook_of_a_text_merge_first() {
    let [base, ours, theirs] = ["x = 0", "x = 1", "x = 2"].map(|line| sources(&[line, "end"]));
    let repo = Repo::new();
    diverge(&repo, NAME, [base.as_bytes(), ours.as_bytes(), theirs.as_bytes()]);
    repo.git(["merge", "side"]).exits(1);
    repo.cellwise_reading("q\n", ["resolve", "-i"]).exits(1);
    assert_eq!(source(&cells(&repo.bytes(NAME))[1]), "end", "a notebook now");
    repo.cellwise_reading("u\n", ["resolve", "-i"]).exits(0);
    assert_eq!(all_sources(&repo), ["x = 1\nx = 2", "end"]);
}

#[test]
fn a_name_means_itself_and_no_pattern() {
    let repo = Repo::installed();
    let [base, ours, theirs] = versions();
    let names = ["x[1].ipynb", "x1.ipynb", ":(top)x.ipynb", "-x.ipynb"];
    let write = |file: &str| {
        for name in names {
            repo.write(name, file);
        }
    };
    write(&base);
    repo.commit("base").git(["checkout", "-q", "-b", "side"]).ok();
    write(&theirs);
    repo.commit("theirs").git(["checkout", "-q", "main"]).ok();
    write(&ours);
    repo.commit("ours").git(["merge", "side"]).exits(1);
    for (settled, name) in names.iter().enumerate() {
        if *name != "x1.ipynb" {
            let run = repo.cellwise(["resolve", "--ours", "--", name]).exits(0);
            assert!(run.stderr.contains("2 conflicts settled, staged"), "{settled}: {run:?}");
        }
    }
    assert_eq!(repo.git(["diff", "--name-only", "--diff-filter=U"]).ok(), "x1.ipynb\n");
}

#[test]
fn a_version_that_nobody_merged_is_not_staged() {
    let repo = conflicted();
    repo.git(["checkout", "-q", "--ours", NAME]).ok();
    for option in ["--ours", "--theirs"] {
        let run = repo.cellwise(["resolve", option]).exits(129);
        assert!(run.stderr.contains("n.ipynb: it is one side's version, unmerged"), "{run:?}");
    }
    assert_eq!(status(&repo), "UU n.ipynb\n");
    repo.cellwise(["resolve", "--restart"]).exits(1);
    repo.cellwise(["resolve", "--theirs"]).exits(0);
}

#[test]
fn a_notebook_that_was_broken_by_hand_can_begin_again() {
    for broken in ["{\"cells\": [}", ""] {
        let repo = conflicted();
        let left = repo.read(NAME);
        repo.write(NAME, broken);
        assert!(repo.cellwise(["resolve", "--ours"]).exits(129).stderr.contains("`cellwise resolve --restart`"));
        let run = repo.cellwise(["resolve", "--restart"]).exits(129);
        assert!(run.stderr.contains("somebody has edited it") && run.stderr.contains("--force"), "{run:?}");
        let run = repo.cellwise(["resolve", "--restart", "--force"]).exits(1);
        assert!(run.stderr.contains("git cat-file blob "), "{run:?}");
        assert_eq!(repo.read(NAME), left);
    }
}

#[test]
fn outside_of_a_sparse_checkout_it_is_staged_too() {
    let repo = Repo::installed();
    let [base, ours, theirs] = versions();
    repo.write("keep/x", "x").commit("x");
    diverge(&repo, "in/n.ipynb", [base.as_bytes(), ours.as_bytes(), theirs.as_bytes()]);
    repo.git(["merge", "side"]).exits(1);
    if repo.git(["sparse-checkout", "set", "keep"]).code != 0 || crate::repo::git_version() < [2, 34, 0] {
        return;
    }
    repo.cellwise(["resolve", "--ours"]).exits(0);
    assert_eq!(repo.git(["ls-files", "-u"]).ok(), "");
}

#[test]
fn a_work_tree_that_the_environment_names() {
    let repo = conflicted();
    let elsewhere = repo.outside("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    let other = sources(&["another notebook"]);
    std::fs::write(elsewhere.join(NAME), &other).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cellwise"));
    repo.environment(&mut command);
    let work = repo.path();
    command.args(["resolve", "--theirs"]).current_dir(&elsewhere);
    command.env("GIT_DIR", work.join(".git")).env("GIT_WORK_TREE", work);
    let run = crate::repo::Run::of(&command.output().unwrap()).exits(0);
    assert!(run.stderr.contains("2 conflicts settled, staged"), "{run:?}");
    assert_eq!(std::fs::read_to_string(elsewhere.join(NAME)).unwrap(), other);
    assert_eq!(all_sources(&repo), ["import os\nx = 2", "run()", "plot(x, y)", "END"]);
}

/// One conflict has longer markers, for a line of it looks like one; the other is settled first.
#[test]
fn restart_knows_the_usual_length_of_markers() {
    let file = |x: u32| sources(&[&format!("x = {x}"), "same", &format!("Title\n=======\ny = {x}")]);
    let repo = branches(file(0), file(1), file(2));
    repo.git(["merge", "side"]).exits(1);
    let left = repo.read(NAME);
    assert!(left.contains("<<<<<<<< "), "{left}");
    repo.cellwise(["resolve", "--ours", "--cell", "1"]).exits(1);
    repo.cellwise(["resolve", "--restart"]).exits(1);
    assert_eq!(repo.read(NAME), left);
}

/// Before nbformat 4.5 a cell has no id to be known by.
#[test]
fn values_are_not_written_into_another_cell() {
    let file = |slide: &str| {
        let mut file: Json = serde_json::from_str(&sources(&["x = 1", "y = 2"])).unwrap();
        file["nbformat_minor"] = 4.into();
        for cell in file["cells"].as_array_mut().unwrap() {
            cell.as_object_mut().unwrap().remove("id");
        }
        file["cells"][1]["metadata"]["slideshow"] = serde_json::json!({ "slide_type": slide });
        serde_json::to_string_pretty(&file).unwrap()
    };
    let repo = branches(file("skip"), file("slide"), file("notes"));
    repo.git(["merge", "side"]).exits(1);
    let left = repo.read(NAME);
    repo.cellwise(["resolve", "--theirs"]).exits(0);
    assert_eq!(cells(&repo.bytes(NAME))[1]["metadata"]["slideshow"]["slide_type"], "notes");
    repo.cellwise(["resolve", "--restart", NAME]).exits(1);
    assert_eq!(repo.read(NAME), left);
    by_hand(&repo, |file| {
        let mut new = code("", "new");
        new.as_object_mut().unwrap().remove("id");
        file["cells"].as_array_mut().unwrap().insert(2, new);
    });
    let run = repo.cellwise(["resolve", "--theirs"]).exits(1);
    assert!(run.stderr.contains("the cell below it is not the one"), "{run:?}");
    assert_eq!(cells(&repo.bytes(NAME))[2]["metadata"], serde_json::json!({}));
}

#[test]
fn what_was_staged_long_ago_is_not_staged_again() {
    let repo = conflicted();
    repo.cellwise(["resolve", "--theirs"]).exits(0);
    repo.git(["commit", "-q", "--no-edit"]).ok();
    by_hand(&repo, |file| file["cells"][1]["source"] = "edited since".into());
    for args in [&["resolve", "--ours", NAME][..], &["resolve", "-i", NAME]] {
        assert_eq!(repo.cellwise(args).exits(0).stderr, "cellwise: n.ipynb: nothing is open\n");
        assert_eq!(status(&repo), " M n.ipynb\n");
    }
}

#[test]
fn a_folder_that_is_gone_is_made_again() {
    let repo = Repo::installed();
    let [base, ours, theirs] = versions();
    diverge(&repo, "sub/n.ipynb", [base.as_bytes(), ours.as_bytes(), theirs.as_bytes()]);
    repo.git(["merge", "side"]).exits(1);
    let left = repo.read("sub/n.ipynb");
    std::fs::remove_dir_all(repo.path().join("sub")).unwrap();
    assert!(repo.cellwise(["resolve", "--ours"]).exits(129).stderr.contains("`cellwise resolve --restart`"));
    repo.cellwise(["resolve", "--restart"]).exits(1);
    assert_eq!(repo.read("sub/n.ipynb"), left);
}

#[test]
fn a_cell_that_somebody_put_between_the_markers_is_not_thrown_away() {
    let repo = conflicted();
    by_hand(&repo, |file| {
        let cells = file["cells"].as_array_mut().unwrap();
        let end = cells.iter().position(|cell| cell["id"] == "conflict-2-end").unwrap();
        cells.insert(end, code("mine", "by hand"));
    });
    for option in ["--ours", "--base"] {
        let run = repo.cellwise(["resolve", option]).exits(1);
        assert!(run.stderr.contains("a cell between its markers was edited or put in by hand"), "{run:?}");
        assert!(repo.read(NAME).contains("by hand"));
    }
    repo.cellwise(["resolve", "--theirs"]).exits(0);
    assert_eq!(all_sources(&repo)[2..], ["plot(x, y)", "by hand", "END"]);
}

#[test]
fn what_somebody_has_written_into_a_marker_cell_is_not_thrown_away() {
    for (id, option) in [("begin", "--ours"), ("middle", "--theirs"), ("end", "--union"), ("begin", "--base")] {
        let repo = conflicted();
        by_hand(&repo, |file| {
            let cells = file["cells"].as_array_mut().unwrap();
            let marker = cells.iter_mut().find(|cell| cell["id"] == format!("conflict-2-{id}")).unwrap();
            marker["source"] = serde_json::json!(["my own words"]);
        });
        let run = repo.cellwise(["resolve", option]).exits(1);
        assert!(run.stderr.contains("somebody has written into one of its marker cells"), "{run:?}");
        assert!(all_sources(&repo).contains(&"my own words".to_owned()), "{run:?}");
        assert!(status(&repo).starts_with("UU"));
    }
}

#[test]
fn what_is_put_together_by_hand_is_work() {
    let [base, ours, theirs] =
        [vec!["x"], vec!["x", "our first", "our second"], vec!["x", "their first", "their second"]]
            .map(|cells| sources(&cells));
    let repo = branches(base, ours, theirs);
    repo.git(["merge", "side"]).exits(1);
    let left = repo.read(NAME);
    by_hand(&repo, |file| {
        let kept = |cell: &Json| ["x", "our first", "their second"].iter().any(|source| cell["source"][0] == *source);
        file["cells"].as_array_mut().unwrap().retain(kept);
    });
    let work = repo.read(NAME);
    let run = repo.cellwise(["resolve", "--restart"]).exits(129);
    assert!(run.stderr.contains("--force"), "{run:?}");
    assert_eq!(repo.read(NAME), work);
    repo.cellwise(["resolve", "--restart", "--force"]).exits(1);
    assert_eq!(repo.read(NAME), left);
}

#[test]
fn a_path_may_be_typed_in_any_way() {
    for typed in ["sub/../n.ipynb", "./n.ipynb", "ABSOLUTE"] {
        let repo = conflicted();
        repo.write("sub/x", "");
        let typed = typed.replace("ABSOLUTE", repo.path().join(NAME).to_str().unwrap());
        let run = repo.cellwise(["resolve", "--theirs", "--cell", "1", &typed]).exits(1);
        assert!(run.stderr.ends_with("1 conflict settled, 1 left\n"), "{run:?}");
        assert_eq!(repo.cellwise(["resolve", &typed]).exits(1).stdout.matches("1 conflict").count(), 1);
    }
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link_out_of_the_work_tree() {
    let repo = Repo::installed();
    let [base, ours, theirs] = versions();
    diverge(&repo, "sub/n.ipynb", [base.as_bytes(), ours.as_bytes(), theirs.as_bytes()]);
    repo.git(["merge", "side"]).exits(1);
    let outside = repo.outside("outside");
    std::fs::rename(repo.path().join("sub"), &outside).unwrap();
    std::os::unix::fs::symlink(&outside, repo.path().join("sub")).unwrap();
    let before = std::fs::read(outside.join("n.ipynb")).unwrap();
    let run = repo.cellwise(["resolve", "--ours"]).exits(129);
    assert!(run.stderr.contains("a symbolic link is in the way"), "{run:?}");
    assert_eq!(std::fs::read(outside.join("n.ipynb")).unwrap(), before);
}

/// The cells of one conflict go, and the next stands where it stood.
#[test]
fn one_cell_means_one_conflict() {
    let deleted = |x: u32| notebook(&[code("m", "mid"), code("e", &format!("end {x}"))]);
    let file = |x: u32| {
        notebook(&[
            code("a", &format!("a = {x}")),
            code("m", "mid"),
            code("b", &format!("b = {x}")),
            code("e", "end 1"),
        ])
    };
    let repo = branches(file(1), deleted(1), file(2));
    repo.git(["merge", "side"]).exits(1);
    let run = repo.cellwise(["resolve", "--ours", "--cell", "3"]).exits(1);
    assert!(run.stderr.contains("1 conflict settled, 1 left"), "{run:?}");
    assert_eq!(all_sources(&repo).iter().filter(|source| *source == "b = 2").count(), 1);
}

#[cfg(unix)]
#[test]
fn a_read_only_notebook_is_not_replaced() {
    use std::os::unix::fs::PermissionsExt as _;
    let repo = conflicted();
    let before = repo.read(NAME);
    std::fs::set_permissions(repo.path().join(NAME), std::fs::Permissions::from_mode(0o444)).unwrap();
    for args in [&["resolve", "--ours"][..], &["resolve", "-i"]] {
        let run = repo.cellwise_reading("o\n", args).exits(129);
        assert!(run.stderr.contains("n.ipynb is read-only; nothing was written"), "{run:?}");
        assert_eq!(repo.read(NAME), before);
    }
}

#[test]
fn the_base_of_a_split_is_the_cell_that_it_was() {
    let whole = "b8\n\nb9\n\nb10\n\nb11\n\nb12\n\nb13";
    let split = notebook(&[code("q", "b8\n\nb9\n"), code("r", "O\n\nb11\n\nb12\n\nb13"), code("z", "z")]);
    let repo = branches(
        notebook(&[code("q", whole), code("z", "z")]),
        split,
        notebook(&[code("q", "b12\n\nb13"), code("z", "z")]),
    );
    repo.git(["merge", "side"]).exits(1);
    let listed: Json = serde_json::from_str(&repo.cellwise(["resolve", "--json"]).exits(1).stdout).unwrap();
    let conflict = &listed["notebooks"][0]["conflicts"][0];
    assert_eq!((conflict["kind"].as_str(), conflict["base"].as_str()), (Some("split/edit"), Some(whole)));
    repo.cellwise(["resolve", "--base"]).ok();
    assert_eq!(all_sources(&repo), [whole, "z"]);
}

#[test]
fn a_notebook_that_was_empty_before_begins_again_too() {
    let [_, ours, theirs] = versions();
    let repo = branches(String::new(), ours, theirs);
    repo.git(["merge", "side"]).exits(1);
    let left = repo.read(NAME);
    repo.cellwise(["resolve", "--theirs"]).ok();
    repo.cellwise(["resolve", "--restart", NAME]).exits(1);
    assert_eq!(repo.read(NAME), left);
}

#[test]
fn a_side_that_emptied_the_file_is_not_mistaken_for_the_other() {
    let [base, ours, theirs] = versions();
    for (emptied, files) in [("our", [&base, "", &theirs]), ("their", [&base, &ours, ""])] {
        let [base, ours, theirs] = files.map(str::to_owned);
        let repo = branches(base, ours, theirs);
        repo.git(["merge", "side"]).exits(1);
        let left = repo.read(NAME);
        for args in [&["resolve"][..], &["resolve", "--ours"], &["resolve", "--theirs"], &["resolve", "--restart"]] {
            let run = repo.cellwise(args).exits(129);
            assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
            assert!(run.stderr.contains(&format!("{emptied} side is an empty file")), "{run:?}");
            assert!(run.stderr.contains("`git checkout --ours n.ipynb`"), "{run:?}");
            assert_eq!((repo.read(NAME), status(&repo)), (left.clone(), "UU n.ipynb\n".to_owned()));
        }
    }
}

#[test]
fn what_is_told_to_type_can_be_typed() {
    let name = "my nb.ipynb";
    let repo = Repo::installed();
    let [base, theirs] = ["x = 0", "x = 2"].map(|line| sources(&[line]));
    diverge(&repo, name, [base.as_bytes(), b"", theirs.as_bytes()]);
    repo.git(["merge", "side"]).exits(1);
    repo.git(["add", name]).ok();
    let run = repo.cellwise(["resolve", "--theirs", name]).exits(129);
    let words: Vec<&str> = run.stderr.split('`').skip(1).step_by(2).collect();
    assert_eq!(words[0], "git checkout -m 'my nb.ipynb'", "{run:?}");
    let typed = [words[0], words[2], words[3]].join(" && ");
    repo.sh(&typed).ok();
    assert_eq!(repo.read(name), theirs);
}

#[test]
fn what_is_settled_as_one_side_has_it_is_not_called_unmerged() {
    let repo = branches(sources(&["x = 0"]), sources(&["x = 1"]), sources(&["x = 2"]));
    repo.git(["merge", "side"]).exits(1);
    for _ in 0..2 {
        repo.cellwise(["resolve", "--ours", NAME]).ok();
        assert_eq!((repo.read(NAME), status(&repo)), (sources(&["x = 1"]), String::new()));
    }
    let run = repo.cellwise(["resolve", NAME]).exits(0);
    assert!(!run.stderr.contains("unmerged"), "{run:?}");
}

#[test]
fn markers_that_lost_their_record_are_no_settlement() {
    let file = |x: u32| notebook(&[code("m", "mid"), code("a", &format!("x = {x}"))]);
    let repo = branches(file(0), file(1), file(2));
    repo.git(["merge", "side"]).exits(1);
    let left = cells(&repo.bytes(NAME));
    let hunk = source(&left[1]);
    // Jupyter joins two cells and keeps the metadata of the first.
    let joined = notebook(&[code("m", &format!("mid\n\n{hunk}"))]);
    repo.write(NAME, &joined);
    for args in [&["resolve"][..], &["resolve", "--theirs"], &["resolve", "-i"]] {
        let run = repo.cellwise_reading("t\n", args).exits(129);
        assert!(run.stderr.contains("n.ipynb: cell 1: conflict markers are left in its text"), "{run:?}");
        assert_eq!((repo.read(NAME), status(&repo)), (joined.clone(), "UU n.ipynb\n".to_owned()));
    }
    repo.write(NAME, notebook(&[code("m", "mid\n\nx = 3")])).cellwise(["resolve", "--theirs"]).ok();
    assert_eq!((all_sources(&repo), status(&repo)), (vec!["mid\n\nx = 3".to_owned()], "M  n.ipynb\n".to_owned()));
}

#[test]
fn whole_hunks_that_a_side_wrote_are_its_text() {
    let quoted = "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> side";
    let file = |x: u32| notebook(&[code("q", quoted), code("a", &format!("x = {x}"))]);
    let repo = branches(file(0), file(1), file(2));
    repo.git(["merge", "side"]).exits(1);
    repo.cellwise(["resolve", "--theirs"]).ok();
    assert_eq!(all_sources(&repo), [quoted, "x = 2"]);
}
