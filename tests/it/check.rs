//! `cellwise check`: what it finds where, and how it tells.

#![allow(clippy::unwrap_used)]

use std::fs;

use serde_json::{Value, json};

use crate::git_merge::diverge;
use crate::nb::{code, markdown, notebook, ran, sources};
use crate::repo::{Repo, Run};

const MARKED: &str = "{\n<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> x\n}\n";
const QUOTED: &str = "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> side";

/// A notebook with an open conflict in its second cell.
fn conflicted() -> String {
    let mut cell = code("b", QUOTED);
    cell["metadata"]["cellwise"] = json!({"conflict": 1, "kind": "source", "marker_size": 7, "role": "cell"});
    notebook(&[code("a", "x"), cell])
}

/// The line of a notebook in which the cell with this id begins.
fn line_of(file: &str, id: &str) -> usize {
    let at = file.find(&format!("\"id\": \"{id}\"")).unwrap();
    let cell = file[..at].rfind("\n  {\n").unwrap() + 1;
    file[..cell].matches('\n').count() + 1
}

const FOUND: &str = "cell 2: unresolved conflict 1 (source)\n";

#[test]
fn a_revision_is_looked_at_whole() {
    let repo = Repo::new();
    repo.write("sub/n.ipynb", conflicted())
        .write("m.ipynb", MARKED)
        .write("fine.ipynb", sources(&["x"]))
        .commit("open");
    repo.git(["tag", "open"]).ok();
    repo.write("sub/n.ipynb", sources(&["x"])).write("m.ipynb", sources(&["x"])).commit("settled");
    let marked = "m.ipynb:2: git conflict markers between the lines of the JSON\n";
    let all = format!("{marked}sub/n.ipynb: {FOUND}");
    repo.cellwise(["check"]).ok();
    repo.cellwise(["check", "HEAD"]).ok();
    for revision in ["open", "HEAD~", "open^{tree}"] {
        assert_eq!(repo.cellwise(["check", revision]).exits(1).stdout, all);
    }
    let at = |args: &[&str]| repo.cellwise([&["check"], args].concat()).exits(1).stdout;
    assert_eq!(at(&["open", "sub"]), format!("sub/n.ipynb: {FOUND}"));
    assert_eq!(at(&["open", "m.ipynb"]), marked);
    assert_eq!(at(&["open", "--", "sub", "m.ipynb"]), all);
    assert_eq!(at(&["open", "*/n.ipynb"]), format!("sub/n.ipynb: {FOUND}"));
    repo.cellwise(["check", "open", "fine.ipynb"]).ok();
    let below = repo.cellwise_in("sub", ["check", "open", "n.ipynb"]).exits(1);
    assert_eq!(below.stdout, format!("sub/n.ipynb: {FOUND}"));
}

#[test]
fn a_conflict_in_a_file_that_is_broken_is_found_everywhere() {
    let repo = Repo::new();
    repo.cellwise(["install", "--guard"]).ok();
    repo.write("whole.ipynb", sources(&["x"])).commit("whole");
    // A comma was lost; the file was cut short.
    for broken in [conflicted().replacen("null,", "null", 1), conflicted()[..conflicted().len() - 30].to_owned()] {
        repo.write("n.ipynb", broken).git(["add", "."]).ok();
        for args in [&["check"][..], &["check", "n.ipynb"], &["check", "--staged"]] {
            let run = repo.cellwise(args).exits(1);
            assert!(
                run.stdout
                    .starts_with("n.ipynb: a merge in conflict left it, and it cannot be read: not a notebook: line "),
                "{run:?}"
            );
            assert!(run.stderr.contains("git checkout -m -- PATH"), "{run:?}");
        }
        let found = document(&repo.cellwise(["check", "--json"]).exits(1));
        assert_eq!(found["found"][0]["what"], "broken", "{found}");
        let run = repo.git(["commit", "-q", "-m", "broken"]).exits(1);
        assert!(run.stderr.contains("n.ipynb: a merge in conflict left it"), "{run:?}");
        repo.git(["commit", "-q", "--no-verify", "-m", "broken"]).ok();
        repo.cellwise(["check", "HEAD"]).exits(1);
        repo.git(["reset", "-q", "--hard", "HEAD~"]).ok();
    }
    // What is broken and has no conflict is not for this command to say.
    repo.write("n.ipynb", "{\"cells\": [").cellwise(["check", "n.ipynb"]).ok();
}

#[test]
fn revisions_and_paths_are_told_apart_as_git_does() {
    let repo = Repo::new();
    repo.write("n.ipynb", conflicted()).write("both", MARKED).commit("open");
    repo.git(["tag", "both"]).ok();
    repo.git(["tag", "n.ipynb"]).ok();
    let refused = |args: &[&str]| repo.cellwise([&["check"], args].concat()).exits(129).stderr;
    assert!(refused(&["both"]).contains("both a revision and a file"));
    assert!(refused(&["n.ipynb"]).contains("both a revision and a file"));
    for name in ["both", "n.ipynb"] {
        assert_eq!(repo.cellwise(["check", name, "--"]).exits(1).stdout, format!("n.ipynb: {FOUND}"), "the revision");
    }
    assert!(refused(&["both", "mian", "--"]).contains("check looks at one revision"));
    assert!(refused(&["mian", "--"]).contains("`mian` is neither a revision"));
    assert!(refused(&["mian"]).contains("`mian` is neither a revision nor a file here"));
    assert!(refused(&["HEAD", "HEAD"]).contains("check looks at one revision"));
    assert!(refused(&["HEAD~..HEAD"]).contains("neither a revision"));
    assert!(refused(&["HEAD..HEAD"]).contains("more than one revision"));
    assert!(refused(&["HEAD:n.ipynb"]).contains("`HEAD:n.ipynb` is one file"));
    assert!(refused(&["--staged", "HEAD"]).contains("not at `HEAD`"));
    assert_eq!(repo.cellwise(["check", "--", "n.ipynb"]).exits(1).stdout, format!("n.ipynb: {FOUND}"));
    assert_eq!(repo.cellwise(["check", "HEAD", "--", "n.ipynb"]).exits(1).stdout, format!("n.ipynb: {FOUND}"));
    // A notebook that is not there hides none of the others.
    let run = repo.cellwise(["check", "lost.ipynb", "./n.ipynb"]).exits(129);
    assert_eq!(run.stdout, format!("./n.ipynb: {FOUND}"));
    assert!(run.stderr.starts_with("cellwise: cannot read lost.ipynb: "), "{run:?}");
}

#[test]
fn quoted_markers_are_no_conflict_and_raw_ones_are() {
    let repo = Repo::new();
    let outputs = notebook(&[ran("a", QUOTED, 1, &format!("{QUOTED}\n")), markdown("t", "Title\n=======\n")]);
    repo.write("quoted.ipynb", outputs);
    repo.write("word.ipynb", sources(&["cellwise = '<<<<<<<'\n<<<<<<< HEAD"]));
    repo.write("one-line.ipynb", serde_json::to_string(&json!({"cells": [code("a", QUOTED)]})).unwrap());
    assert_eq!(repo.cellwise(["check", "quoted.ipynb", "word.ipynb", "one-line.ipynb"]).ok(), "");
    let fine = sources(&["x"]);
    let marked = |name: &str, file: &str| {
        repo.write(name, file);
        let run = repo.cellwise(["check", name]).exits(1);
        let said =
            run.stdout.strip_suffix(": git conflict markers between the lines of the JSON\n").unwrap().to_owned();
        said.strip_prefix(&format!("{name}:")).unwrap().parse::<usize>().unwrap()
    };
    assert_eq!(marked("first.ipynb", &format!("<<<<<<< HEAD\n{fine}=======\n{fine}>>>>>>> x\n")), 1);
    let lines = fine.matches('\n').count();
    assert_eq!(marked("behind.ipynb", &format!("{fine}<<<<<<< HEAD\n=======\n>>>>>>> x\n")), lines + 1);
    assert_eq!(marked("broken.ipynb", "{\"cells\": [\n]]]}\n<<<<<<< HEAD\n"), 3);
    assert_eq!(marked("text.ipynb", "no JSON\r\n<<<<<<< HEAD\r\n=======\r\n"), 2);
    assert_eq!(marked("half.ipynb", &fine.replace(" \"nbformat\"", ">>>>>>>>> side\n \"nbformat\"")), lines - 2);
    repo.write("bytes.ipynb", b"\xff\xfe\n=======\n\xff");
    assert!(repo.cellwise(["check", "bytes.ipynb"]).exits(1).stdout.starts_with("bytes.ipynb:2: "));
    // Broken otherwise: not for us to say.
    repo.write("other.ipynb", "{ =======");
    assert_eq!(repo.cellwise(["check", "other.ipynb"]).ok(), "");
}

fn document(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn programs_get_a_document() {
    let repo = Repo::new();
    let marker = |id: &str, role: &str| {
        let mut cell = markdown(id, role);
        cell["metadata"]["cellwise"] = json!({"conflict": 2, "kind": "insert/insert", "marker_size": 7, "role": role});
        cell
    };
    let cells = [code("a", "x"), marker("ü\u{7f}", "begin"), code("b", "y"), marker("m", "middle"), marker("e", "end")];
    let file = notebook(&cells);
    repo.write("n.ipynb", &file).write("m.ipynb", MARKED).write("fine.ipynb", sources(&["x"]));
    let run = repo.cellwise(["check", "--json", "n.ipynb", "fine.ipynb", "m.ipynb", "lost.ipynb"]).exits(129);
    assert!(run.stdout.is_ascii() && !run.stdout.contains('\u{7f}'));
    let expected = json!({
        "version": 1,
        "checked": 3,
        "found": [
            {"path": "n.ipynb", "what": "conflict", "line": line_of(&file, "ü\u{7f}"), "cell": 2, "last_cell": 5,
             "id": "ü\u{7f}", "number": 2, "kind": "insert/insert", "outputs": null},
            {"path": "m.ipynb", "what": "markers", "line": 2, "cell": null, "last_cell": null, "id": null,
             "number": null, "kind": null, "outputs": null},
        ],
        "unread": [{"path": "lost.ipynb", "error": "cannot read lost.ipynb: No such file or directory"}],
    });
    assert_eq!(document(&run), expected);
    assert_eq!(run.stderr, "cellwise: cannot read lost.ipynb: No such file or directory\n");
    let run = repo.cellwise(["check", "--format=json", "fine.ipynb"]).exits(0);
    assert_eq!(document(&run), json!({"version": 1, "checked": 1, "found": [], "unread": []}));
}

#[test]
fn github_gets_annotations_from_the_top() {
    let repo = Repo::new();
    let file = conflicted();
    repo.write("sub/a,b: 50%.ipynb", &file).commit("open");
    let told = format!(
        "::error file=sub/a%2Cb%3A 50%25.ipynb,line={}::cell 2: unresolved conflict 1 (source)\n",
        line_of(&file, "b")
    );
    assert_eq!(repo.cellwise(["check", "--format", "github"]).exits(1).stdout, told);
    assert_eq!(repo.cellwise_in("sub", ["check", "--format", "github"]).exits(1).stdout, told);
    assert_eq!(repo.cellwise_in("sub", ["check", "--format", "github", "HEAD"]).exits(1).stdout, told);
    assert_eq!(repo.cellwise(["check", "--format", "github", "--", "sub"]).exits(1).stdout, told);
    let run = repo.cellwise(["check", "--format", "github", "lost.ipynb"]).exits(129);
    assert_eq!(run.stdout, "");
    repo.cellwise(["check", "--json", "--format", "github"]).exits(2);
}

#[test]
fn a_blob_that_git_cannot_read_hides_no_other() {
    let repo = Repo::new();
    repo.write("a.ipynb", sources(&["lost"])).write("b.ipynb", sources(&["broken"])).write("c.ipynb", conflicted());
    repo.commit("open");
    let object = |name: &str| {
        let id = repo.git(["rev-parse", &format!("HEAD:{name}")]).ok();
        let (folder, file) = id.trim().split_at(2);
        repo.path().join(".git/objects").join(folder).join(file)
    };
    fs::remove_file(object("a.ipynb")).unwrap();
    let broken = object("b.ipynb");
    fs::remove_file(&broken).unwrap();
    fs::write(&broken, "no object").unwrap();
    let run = repo.cellwise(["check", "HEAD"]).exits(129);
    assert_eq!(run.stdout, format!("c.ipynb: {FOUND}"));
    for name in ["a.ipynb", "b.ipynb"] {
        assert!(run.stderr.contains(&format!("cellwise: {name}: git cat-file: ")), "{run:?}");
    }
    let run = repo.cellwise(["check", "--json", "HEAD"]).exits(129);
    assert_eq!(document(&run)["checked"], 1);
}

#[test]
fn a_repository_of_another_hash_is_read_too() {
    let repo = Repo::new();
    let sha256 = repo.outside("sha256");
    fs::create_dir(&sha256).unwrap();
    let git = |args: &[&str]| repo.run(std::path::Path::new("git"), &sha256, args).ok();
    git(&["init", "-q", "--object-format=sha256"]);
    fs::write(sha256.join("n.ipynb"), conflicted()).unwrap();
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "open"]);
    let cellwise = std::path::Path::new(env!("CARGO_BIN_EXE_cellwise"));
    for args in [&["check", "HEAD"][..], &["check", "HEAD", "n.ipynb"], &["check"]] {
        assert_eq!(repo.run(cellwise, &sha256, args).exits(1).stdout, format!("n.ipynb: {FOUND}"));
    }
    git(&["checkout", "-q", "--orphan", "new"]);
    assert_eq!(repo.run(cellwise, &sha256, ["check", "--staged"]).exits(1).stdout, format!("n.ipynb: {FOUND}"));
}

#[test]
fn a_bare_repository_has_revisions_too() {
    let repo = Repo::new();
    repo.write("n.ipynb", conflicted()).commit("open");
    repo.git(["clone", "-q", "--bare", ".", "../bare.git"]).ok();
    let cellwise = std::path::Path::new(env!("CARGO_BIN_EXE_cellwise"));
    let run = repo.run(cellwise, &repo.outside("bare.git"), ["check", "HEAD"]).exits(1);
    assert_eq!(run.stdout, format!("n.ipynb: {FOUND}"));
}

#[test]
fn what_is_not_there_to_be_looked_at_is_told() {
    let repo = Repo::new();
    repo.write("n.ipynb", conflicted()).write("text/readme", "x").commit("open");
    let run = repo.cellwise(["check", "HEAD", "--", "nosuch", "n.ipynb"]).exits(129);
    assert_eq!(run.stdout, format!("n.ipynb: {FOUND}"));
    assert!(run.stderr.starts_with("cellwise: nosuch: the revision has no such file\n"), "{run:?}");
    assert_eq!(repo.cellwise(["check", "HEAD", "--", "text"]).ok(), "", "a folder without notebooks is fine");
    repo.git(["clone", "-q", "--bare", ".", "bare.git"]).ok();
    let run = repo.cellwise_in("bare.git", ["check"]).exits(129);
    assert_eq!(run.stderr, "cellwise: there is no work tree here: name a revision (cellwise check HEAD)\n");
    repo.cellwise_in("bare.git", ["check", "HEAD"]).exits(1);
}

#[test]
fn the_first_hint_is_the_way_to_settle() {
    let repo = Repo::new();
    repo.write("n.ipynb", conflicted());
    let run = repo.cellwise(["check", "n.ipynb", "n.ipynb"]).exits(1);
    assert_eq!(run.stderr.lines().count(), 1);
    assert!(
        run.stderr
            .starts_with("cellwise: settle conflicts with `cellwise resolve PATH`, or in Jupyter and then `git add`"),
        "{run:?}"
    );
}

#[test]
fn the_hint_for_markers_settles_them_in_a_merge_and_after_it() {
    let repo = Repo::new();
    diverge(
        &repo,
        "n.ipynb",
        ["x = 0", "x = 1", "x = 2"].map(|line| sources(&[line])).each_ref().map(String::as_bytes),
    );
    repo.git(["merge", "side"]).exits(1);
    let settled = |repo: &Repo, options: &[&str]| {
        let run = repo.cellwise(["check"]).exits(1);
        assert_eq!(run.stderr, "cellwise: settle markers with `cellwise resolve PATH`\n");
        repo.cellwise([&["resolve"], options, &["n.ipynb"]].concat()).exits(0);
        assert_eq!(repo.cellwise(["check"]).ok(), "");
    };
    let markers = repo.read("n.ipynb");
    settled(&repo, &["--ours"]);
    // Elsewhere git knows the versions no more.
    let other = Repo::new();
    other.write("n.ipynb", markers).commit("markers");
    other.cellwise(["resolve", "--restart", "n.ipynb"]).exits(1);
    assert!(other.cellwise(["check"]).exits(1).stdout.contains("cell 1: unresolved conflict 1 (source)"));
    other.git(["checkout", "-q", "n.ipynb"]).ok();
    settled(&other, &["--theirs"]);
}

#[cfg(unix)]
#[test]
fn a_hook_of_pre_commit_names_files() {
    let repo = Repo::new();
    repo.write("n.ipynb", conflicted()).write("fine.ipynb", sources(&["x"])).write("text.txt", MARKED);
    repo.git(["add", "-A"]).ok();
    repo.write("n.ipynb", sources(&["settled"]));
    let run = repo.cellwise(["check", "--staged", "fine.ipynb", "n.ipynb", "text.txt"]).exits(1);
    assert_eq!(run.stdout, format!("n.ipynb: {FOUND}"));
    repo.write(
        ".git/hooks/pre-commit",
        format!("#!/bin/sh\nexec '{}' check --staged\n", env!("CARGO_BIN_EXE_cellwise")),
    );
    repo.sh("chmod +x .git/hooks/pre-commit").ok();
    let run = repo.git(["commit", "-q", "-m", "x"]).exits(1);
    assert!(format!("{}{}", run.stdout, run.stderr).contains(&format!("n.ipynb: {FOUND}")), "{run:?}");
    repo.git(["add", "n.ipynb"]).ok();
    repo.git(["commit", "-q", "-m", "x"]).ok();
}

#[test]
fn no_git_is_started_for_each_uncleaned_notebook() {
    let repo = Repo::new();
    let names = ["a.ipynb", "b.ipynb", "c.ipynb", "d.ipynb"];
    names.iter().for_each(|name| _ = repo.write(name, notebook(&[ran("a", "x", 1, "1\n")])));
    repo.git(["add", "-A"]).ok();
    repo.cellwise(["install", "--filter"]).ok();
    let trace = repo.outside("trace");
    let starts = |args: &str| {
        let run = repo.sh(&format!("GIT_TRACE='{}' cellwise check --staged {args}", trace.display())).exits(1);
        assert!(run.stdout.lines().all(|line| line.ends_with(": staged uncleaned (1 output)")), "{run:?}");
        let traced = fs::read_to_string(&trace).unwrap();
        fs::remove_file(&trace).unwrap();
        (run.stdout.lines().count(), traced.matches("trace: built-in: git").count())
    };
    let (one, all) = (starts("-- a.ipynb"), starts(""));
    assert_eq!((one.0, all.0), (1, 4));
    assert_eq!(one.1, all.1);
    // A filter with options of its own is asked.
    let clean = format!("'{}' clean --keep-output --keep-count --path=%f", env!("CARGO_BIN_EXE_cellwise"));
    repo.git(["config", "--unset", "filter.cellwise.process"]).ok();
    repo.git(["config", "filter.cellwise.clean", &clean]).ok();
    assert_eq!(repo.cellwise(["check", "--staged"]).ok(), "");
}
