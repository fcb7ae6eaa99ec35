//! `cellwise add`: which cells are meant, what is refused, and the walk with answers from a pipe.

#![allow(clippy::unwrap_used)]

use std::fs;

use serde_json::Value;

use crate::nb::{cells, code, markdown, notebook, source, sources};
use crate::repo::Repo;

const NAME: &str = "n.ipynb";

/// An edit (cell 1), a deletion (old cell 2), an addition (cell 3) and a move (cell 5, which was 3).
fn versions() -> [String; 2] {
    let first = |text: &str| code("a", &format!("import numpy as np\n{text}"));
    let (gone, moved) = (code("b", "to be deleted, all of it"), markdown("c", "# A heading that goes to the end"));
    let (kept, last) = (code("d", "data = load('file.csv')"), code("e", "plot(data)\nshow()"));
    let new = markdown("f", "Words that nobody has written before");
    [
        notebook(&[first("one"), gone, moved.clone(), kept.clone(), last.clone()]),
        notebook(&[first("two"), kept, new, last, moved]),
    ]
}

fn changed() -> Repo {
    let [before, after] = versions();
    let repo = Repo::new();
    repo.write(NAME, before).commit("base").write(NAME, after);
    repo
}

fn staged(repo: &Repo) -> String {
    repo.stored(":n.ipynb")
}

/// The ids of the cells that are staged.
fn ids(repo: &Repo) -> String {
    cells(staged(repo).as_bytes()).iter().map(|cell| cell["id"].as_str().unwrap()).collect()
}

#[test]
fn cells_are_named_as_a_diff_names_them() {
    let repo = changed();
    let shown = repo.cellwise(["diff"]).ok();
    for heading in ["cell 1 code", "old cell 2 code, deleted", "cell 3 markdown, new", "cell 5: moved from 3"] {
        assert!(shown.contains(heading), "{heading}: {shown}");
    }
    for (names, ids_after) in [
        (&["--cell", "1"][..], "abcde"),
        (&["--cell", "old2"], "acde"),
        (&["--cell", "old 2"], "acde"),
        (&["--cell", "3"], "abcdfe"),
        (&["--cell", "5"], "abdec"),
        (&["--cell", "3,old2"], "acdfe"),
        (&["--cell", "3-5"], "abdfec"),
        (&["--cell", "1", "--cell", "5"], "abdec"),
    ] {
        repo.git(["reset", "-q"]).ok();
        repo.cellwise([&["add"], names, &[NAME]].concat()).ok();
        assert_eq!(ids(&repo), ids_after, "{names:?}");
        let has_edit = source(&cells(staged(&repo).as_bytes())[0]).ends_with("two");
        assert_eq!(has_edit, names.contains(&"1"), "{names:?}");
        assert_eq!(repo.read(NAME), versions()[1]);
    }
}

#[test]
fn one_cell_after_the_other_stages_the_file() {
    let repo = changed();
    for (number, said) in [
        ("3", "staged 1 of 4 changed cells"),
        ("old2", "staged 1 of 3 changed cells"),
        ("5", "staged 1 of 2 changed cells"),
        ("1", "staged the changed cell"),
    ] {
        assert_eq!(repo.cellwise(["add", "--cell", number, NAME]).ok(), format!("n.ipynb: {said}\n"));
    }
    assert_eq!(staged(&repo), versions()[1]);
    let refused = repo.cellwise(["add", "--cell", "1", NAME]).exits(129);
    assert!(refused.stderr.contains("nothing to stage"), "{}", refused.stderr);
}

#[test]
fn metadata_is_asked_for_by_name() {
    let repo = Repo::new();
    let before = sources(&["x = 1", "y = 1"]);
    repo.write(NAME, &before).commit("base");
    let after = sources(&["x = 2", "y = 1"]).replace("3.12.1", "3.13.0");
    repo.write(NAME, &after);
    let said = repo.cellwise(["add", "--metadata", NAME]).ok();
    assert_eq!((said.as_str(), staged(&repo)), ("n.ipynb: staged the metadata\n", before.replace("3.12.1", "3.13.0")));
    let refused = repo.cellwise(["add", "--metadata", NAME]).exits(129);
    assert_eq!(refused.stderr, "cellwise: n.ipynb: nothing has changed but cells\n");
    repo.git(["reset", "-q"]).ok();
    let said = repo.cellwise(["add", "--metadata", "--cell", "1", NAME]).ok();
    assert_eq!((said.as_str(), staged(&repo)), ("n.ipynb: staged the changed cell and the metadata\n", after));
}

#[test]
fn a_format_or_layout_comes_with_all_the_rest() {
    let repo = Repo::new();
    let before = sources(&["x = 1", "y = 1"]);
    repo.write(NAME, &before).commit("base");
    let after = serde_json::to_string(&serde_json::from_str::<Value>(&sources(&["x = 2", "y = 1"])).unwrap()).unwrap();
    repo.write(NAME, &after);
    let refused = repo.cellwise(["add", "--metadata", NAME]).exits(129);
    assert!(refused.stderr.contains("its format or layout comes only with all of its cells"), "{}", refused.stderr);
    let said = repo.cellwise_reading("n\n", ["add", "-p"]).ok();
    assert!(said.contains("(1/2)") && !said.contains("(2/2)"), "{said}");
    repo.cellwise(["add", "--cell", "1", NAME]).ok();
    assert_eq!(staged(&repo), sources(&["x = 2", "y = 1"]));
    let said = repo.cellwise_reading("y\n", ["add", "-p"]).ok();
    assert!(said.contains("n.ipynb: notebook: layout the usual -> "), "{said}");
    assert!(said.ends_with("n.ipynb: staged the format or layout\n"), "{said}");
    assert_eq!(staged(&repo), after);
}

#[test]
fn another_format_is_staged_as_a_whole() {
    let repo = Repo::new();
    let old = r#"{"worksheets": [{"cells": [{"cell_type": "markdown", "source": "x"}]}], "nbformat": 3}"#;
    repo.write(NAME, old).commit("base").write(NAME, sources(&["x"]));
    for option in [&["--cell", "1"][..], &["--metadata"]] {
        let refused = repo.cellwise([&["add"], option, &[NAME]].concat()).exits(129);
        assert!(refused.stderr.contains("its format changed, and with it every cell"), "{}", refused.stderr);
    }
    let said = repo.cellwise_reading("y\n", ["add", "-p"]).ok();
    assert!(said.contains("(1/1) Stage all of it, in another format [y,n,q,a,d,?]? "), "{said}");
    assert!(said.ends_with("n.ipynb: staged all of it\n"), "{said}");
    assert_eq!(staged(&repo), sources(&["x"]));
}

#[test]
fn what_cannot_be_is_said_in_one_line() {
    let repo = changed();
    repo.write("untracked.ipynb", sources(&["x"])).write(".gitignore", "ignored.ipynb\n");
    repo.write("ignored.ipynb", sources(&["x"])).write("sub/same.ipynb", sources(&["x"]));
    repo.write("broken.ipynb", sources(&["x"])).write("gone.ipynb", sources(&["x"])).write("was.ipynb", "[]");
    repo.write("marked.ipynb", sources(&["x"]));
    let tracked = ["sub/same.ipynb", "broken.ipynb", "gone.ipynb", "was.ipynb", "marked.ipynb"];
    repo.git([&["add"][..], &tracked].concat()).ok();
    repo.write("broken.ipynb", "{\"cells\": [").write("was.ipynb", sources(&["x"]));
    repo.write("marked.ipynb", "{\n<<<<<<< HEAD\n");
    fs::remove_file(repo.path().join("gone.ipynb")).unwrap();
    for (args, said) in [
        (["--cell", "9", NAME], "n.ipynb: there is no cell 9: the notebook has 5 cells"),
        (["--cell", "2", NAME], "n.ipynb: cell 2: nothing to stage"),
        (["--cell", "old1", NAME], "n.ipynb: old cell 1: it was not deleted; `cellwise diff` says which"),
        (["--cell", "1", "sub/same.ipynb"], "sub/same.ipynb: nothing to stage"),
        (["--cell", "1", "untracked.ipynb"], "untracked.ipynb: git does not track it: `git add -N`"),
        (["--cell", "1", "ignored.ipynb"], "ignored.ipynb: git ignores it"),
        (["--cell", "1", "missing.ipynb"], "missing.ipynb: there is no such file"),
        (["--cell", "1", "gone.ipynb"], "gone.ipynb: it is deleted: `git rm`"),
        (["--cell", "1", "broken.ipynb"], "broken.ipynb: not a notebook: line 1, column 11: the file ends"),
        (["--cell", "1", "was.ipynb"], "was.ipynb: what is staged is not a notebook"),
        (["--cell", "1", "marked.ipynb"], "marked.ipynb: line 2: unresolved git conflict markers"),
        (["--cell", "1", "sub"], "sub: nothing to stage"),
    ] {
        let refused = repo.cellwise([&["add"][..], &args].concat()).exits(129);
        assert!(refused.stderr.starts_with(&format!("cellwise: {said}")), "{args:?}: {}", refused.stderr);
        assert_eq!((refused.stderr.lines().count(), refused.stdout.as_str()), (1, ""), "{args:?}");
    }
    for name in ["broken.ipynb", "was.ipynb"] {
        let refused = repo.cellwise(["add", "-p", name]).exits(129);
        assert!(refused.stderr.contains("`git add` stages the whole file"), "{}", refused.stderr);
    }
}

#[test]
fn a_call_that_makes_no_sense_is_a_usage_error() {
    let repo = changed();
    for args in [&["add"][..], &["add", NAME]] {
        assert!(repo.cellwise(args).exits(2).stderr.starts_with("cellwise: add: which cells? "));
    }
    for args in [&["add", "--cell", "1"][..], &["add", "--cell", "x", NAME]] {
        repo.cellwise(args).exits(2);
    }
    for args in [&["add", "-p", "--cell", "1", NAME][..], &["add", "--cell", "1", NAME, "m.ipynb"]] {
        repo.cellwise(args).exits(2);
    }
}

#[test]
fn where_there_is_no_work_tree() {
    let repo = changed();
    let outside = repo.outside("elsewhere.ipynb");
    fs::write(&outside, sources(&["x"])).unwrap();
    let refused = repo.cellwise(["add", "--cell", "1", outside.to_str().unwrap()]).exits(129);
    assert!(refused.stderr.contains("is outside repository"), "{}", refused.stderr);
    let refused = repo.cellwise_in(".git", ["add", "-p"]).exits(129);
    assert!(refused.stderr.contains("there is no work tree here"), "{}", refused.stderr);
    fs::rename(repo.path().join(".git"), repo.path().join("git")).unwrap();
    let refused = repo.cellwise(["add", "-p"]).exits(129);
    assert!(refused.stderr.contains("not in a git repository"), "{}", refused.stderr);
    assert_eq!(refused.stderr.lines().count(), 1);
}

#[test]
#[cfg(unix)]
fn any_name_and_any_folder() {
    use std::os::unix::ffi::OsStrExt as _;
    let [before, after] = [sources(&["x = 1", "y = 1"]), sources(&["x = 2", "y = 2"])];
    let names = ["a b.ipynb", "a\nb.ipynb", "[n]*.ipynb", "-p.ipynb", ":(top)x.ipynb", "sub/ä.ipynb", "\"q\\.ipynb"];
    let repo = Repo::new();
    let odd = std::ffi::OsStr::from_bytes(b"\xff.ipynb");
    let has_odd = fs::write(repo.path().join(odd), &before).is_ok();
    names.iter().for_each(|name| _ = repo.write(name, &before));
    repo.commit("base");
    names.iter().for_each(|name| _ = repo.write(name, &after));
    let want = sources(&["x = 2", "y = 1"]);
    for name in names {
        repo.cellwise(["add", "--cell", "1", "--", name]).ok();
        assert_eq!(repo.stored(&format!(":./{name}")), want, "{name:?}");
    }
    repo.cellwise_in("sub", ["add", "--cell", "2", "--", "ä.ipynb"]).ok();
    assert_eq!(repo.stored(":sub/ä.ipynb"), after);
    let said = repo.cellwise_in("sub", ["add", "--cell", "2", "--", "../a b.ipynb"]).ok();
    assert_eq!(said, "../a b.ipynb: staged the changed cell\n");
    if has_odd {
        fs::write(repo.path().join(odd), &after).unwrap();
        let args = ["add", "--cell", "1", "--"].map(std::ffi::OsStr::new);
        repo.cellwise(args.into_iter().chain([odd])).ok();
        let stored = std::ffi::OsString::from(":").into_encoded_bytes().into_iter().chain(b"\xff.ipynb".to_vec());
        let stored: Vec<u8> = stored.collect();
        let args = [std::ffi::OsStr::new("cat-file"), "blob".as_ref(), std::ffi::OsStr::from_bytes(&stored)];
        assert_eq!(repo.git(args).ok(), want);
    }
}

#[test]
#[cfg(unix)]
fn links_are_left_to_git() {
    let repo = changed();
    std::os::unix::fs::symlink(NAME, repo.path().join("link.ipynb")).unwrap();
    repo.git(["add", "link.ipynb"]).ok();
    let refused = repo.cellwise(["add", "--cell", "1", "link.ipynb"]).exits(129);
    assert!(refused.stderr.contains("symbolic link"), "{}", refused.stderr);
    std::os::unix::fs::symlink("sub", repo.path().join("folder")).unwrap();
    repo.write("sub/m.ipynb", sources(&["x"]));
    let refused = repo.cellwise(["add", "--cell", "1", "folder/m.ipynb"]).exits(129);
    assert!(refused.stderr.contains("beyond a symbolic link"), "{}", refused.stderr);
    fs::remove_file(repo.path().join(NAME)).unwrap();
    std::os::unix::fs::symlink("elsewhere", repo.path().join(NAME)).unwrap();
    let refused = repo.cellwise(["add", "-p"]).exits(129);
    assert!(refused.stderr.contains("n.ipynb: it is a symbolic link, here or in the index"), "{}", refused.stderr);
}

#[test]
fn submodules_stage_their_own() {
    let repo = changed();
    let inner = repo.path().join("inner");
    repo.git(["init", "-q", "inner"]).ok();
    repo.write("inner/m.ipynb", sources(&["x = 1"]));
    for args in [&["add", "m.ipynb"][..], &["commit", "-q", "-m", "inner"]] {
        repo.run("git".as_ref(), &inner, args).ok();
    }
    repo.git(["-c", "advice.addEmbeddedRepo=false", "add", "inner"]).ok();
    repo.write("inner/m.ipynb", sources(&["x = 2"]));
    let refused = repo.cellwise(["add", "--cell", "1", "inner"]).exits(129);
    assert!(refused.stderr.contains("inner: it is a submodule"), "{}", refused.stderr);
    let refused = repo.cellwise(["add", "--cell", "1", "inner/m.ipynb"]).exits(129);
    assert!(refused.stderr.contains("is in submodule 'inner'"), "{}", refused.stderr);
    assert!(!repo.cellwise_reading("q\n", ["add", "-p"]).ok().contains("inner"));
    repo.cellwise_in("inner", ["add", "--cell", "1", "m.ipynb"]).ok();
}

#[test]
fn open_conflicts_are_settled_first() {
    let repo = Repo::new();
    let file = |text: &str| sources(&["import os", text]);
    repo.write("b", file("x = 0")).write("o", file("x = 1")).write("t", file("x = 2"));
    repo.write(NAME, file("x = 0")).commit("base");
    repo.cellwise(["merge", "b", "o", "t", "-o", NAME]).exits(1);
    let refused = repo.cellwise(["add", "--cell", "2", NAME]).exits(129);
    assert_eq!(refused.stderr, "cellwise: n.ipynb: conflicts are open in it: `cellwise resolve` settles that first\n");
}

#[test]
fn the_walk_asks_about_each_change() {
    let repo = changed();
    let said = repo.cellwise_reading("y\nn\n?\ny\nn\n", ["add", "-p"]).ok();
    for line in [
        "diff --git a/n.ipynb b/n.ipynb\n--- a/n.ipynb\n+++ b/n.ipynb\n@@ -2,2 +2,2 @@ cell 1 code\n",
        "-one\n+two\n(1/4) Stage cell 1 [y,n,q,a,d,J,?]? ",
        "(2/4) Stage the deletion of old cell 2 [y,n,q,a,d,K,J,?]? ",
        "(3/4) Stage new cell 3 [y,n,q,a,d,K,J,?]? ",
        "y - stage this change\nn - do not stage this change\n",
        "n.ipynb: cell 5: moved from 3\n(4/4) Stage cell 5 [y,n,q,a,d,K,?]? ",
        "n.ipynb: staged 2 of 4 changed cells\n",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    assert_eq!(said.matches("(3/4)").count(), 2, "help asks again");
    assert_eq!(ids(&repo), "abcdfe");
}

#[test]
fn what_the_keys_do() {
    for (answers, ids_after) in [
        ("n\na\n", "adfec"),
        ("y\nd\n", "abcde"),
        ("n\ny\nq\n", "acde"),
        ("n\ny\n", "acde"),
        ("q\n", "abcde"),
        ("", "abcde"),
        ("J\nJ\ny\nJ\nn\n", "abcdfe"),
        ("y\ny\nK\nn\nd\n", "abcde"),
        ("J\ny\nK\nK\na\n", "adfec"),
        ("n\ny\nK\nd\n", "abcde"),
        ("n\nn\ny\nK\nK\nd\n", "abcdfe"),
    ] {
        let repo = changed();
        repo.cellwise_reading(answers, ["add", "--patch", NAME]).ok();
        assert_eq!(ids(&repo), ids_after, "{answers:?}");
    }
}

#[test]
fn several_notebooks_one_after_another() {
    let repo = changed();
    let [before, after] = [sources(&["x = 1"]), sources(&["x = 2"])];
    repo.write("m.ipynb", &before).write("sub/o.ipynb", &before).write("z.ipynb", &before);
    repo.git(["add", "m.ipynb", "sub", "z.ipynb"]).ok();
    repo.write("m.ipynb", "{").write("sub/o.ipynb", &after).write("z.ipynb", &after);
    // A file that cannot be walked over hides no other, and `q` ends all.
    let run = repo.cellwise_reading("d\ny\nq\n", ["add", "-p"]).exits(129);
    assert_eq!(
        run.stderr,
        "cellwise: m.ipynb: not a notebook: line 1, column 1: the file ends in the middle of an object; `git add` stages the whole file\n"
    );
    assert_eq!(run.stdout.matches("staged").count(), 1, "{}", run.stdout);
    assert!(run.stdout.contains("sub/o.ipynb: staged the changed cell\n"), "{}", run.stdout);
    assert_eq!((repo.stored(":sub/o.ipynb"), repo.stored(":z.ipynb")), (after.clone(), before));
    let run = repo.cellwise_reading("y\n", ["add", "-p", "z.ipynb", "untracked.ipynb"]).exits(129);
    assert_eq!(run.stderr, "cellwise: untracked.ipynb: there is no such file\n");
    assert_eq!(repo.stored(":z.ipynb"), after);
    repo.write("m.ipynb", sources(&["x = 1"])).write(NAME, versions()[0].clone());
    let run = repo.cellwise(["add", "-p"]).exits(0);
    assert_eq!(run.stderr, "cellwise: no notebook has changes that are not staged\n");
}

#[test]
fn no_control_character_reaches_the_terminal() {
    let repo = Repo::new();
    repo.write("\u{1b}n.ipynb", sources(&["x"])).commit("base");
    repo.write("\u{1b}n.ipynb", sources(&["x\u{1b}[31m\u{9b}"]));
    let run = repo.cellwise_reading("y\n", ["add", "-p"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(!run.stdout.contains(['\u{1b}', '\u{9b}']), "{}", run.stdout);
}

#[test]
fn colours_are_those_of_git() {
    let repo = changed();
    repo.git(["config", "color.diff", "always"]).ok();
    repo.git(["config", "color.diff.old", "blue"]).ok();
    let said = repo.cellwise_reading("q\n", ["add", "-p"]).ok();
    assert!(said.contains("\u{1b}[34m-"), "{said}");
}

#[test]
fn what_is_staged_by_cells_is_a_notebook() {
    let repo = changed();
    repo.cellwise(["add", "--cell", "3", NAME]).ok();
    let file: Value = serde_json::from_str(&staged(&repo)).unwrap();
    assert_eq!(file["nbformat_minor"], 5);
    assert_eq!(repo.cellwise_reading(staged(&repo), ["show", "-"]).code, 0);
}
