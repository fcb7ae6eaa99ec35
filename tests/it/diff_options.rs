//! What `cellwise diff` prints with its options.

#![allow(clippy::unwrap_used)]

use std::fs;

use serde_json::{Value, json};

use crate::nb::{code, markdown, notebook, ran, sources};
use crate::repo::Repo;

/// A cell with some of everything, and what became of it.
fn versions() -> (String, String) {
    let cell = |source: &str, count: u32, printed: &str, title: &str, scrolled: bool, id: &str| {
        let mut cell = ran(id, source, count, printed);
        cell["metadata"] = json!({"title": title, "scrolled": scrolled});
        cell
    };
    let figure = |data: &str| {
        let mut cell = markdown("m", "![f](attachment:f.png)");
        cell["attachments"] = json!({"f.png": {"image/png": data}});
        cell
    };
    let old = [cell("x = 1\nprint(x)", 3, "1\n", "One", false, "a"), figure("AAAA")];
    let new = [cell("x = 2\nprint(x)", 4, "2\n", "Two", true, "b"), figure("BBBB")];
    (notebook(&old), notebook(&new))
}

/// A repository in which `n.ipynb` was changed.
fn changed(old: impl AsRef<[u8]>, new: impl AsRef<[u8]>) -> Repo {
    let repo = Repo::new();
    repo.write("n.ipynb", old).commit("old").write("n.ipynb", new);
    repo
}

/// The changed lines, and the lines before the first header.
fn told(diff: &str) -> Vec<&str> {
    let changed = |line: &&str| {
        let header = ["---", "+++"].iter().any(|sign| line.starts_with(sign));
        !header && (line.starts_with(['-', '+']) || line.starts_with("n.ipynb: "))
    };
    diff.lines().filter(changed).collect()
}

#[test]
fn a_small_letter_shows_only_that_part_by_lines() {
    let (old, new) = versions();
    let repo = changed(old, new);
    for (letter, expected) in [
        ("-s", &["-x = 1", "+x = 2"][..]),
        ("-o", &["-    1", "+    2"]),
        ("-i", &["-    # %% id \"a\"", "+    # %% id \"b\""]),
        ("-d", &["-    # %% execution_count 3", "+    # %% execution_count 4"]),
    ] {
        assert_eq!(told(&repo.cellwise(["diff", letter]).ok()), expected, "{letter}");
    }
    let attachments = repo.cellwise(["diff", "-a"]).ok();
    assert!(told(&attachments).iter().all(|line| line.contains("attachments.f.png")), "{attachments}");
    assert_eq!(told(&attachments).len(), 2, "{attachments}");
    let metadata = repo.cellwise(["diff", "--metadata"]).ok();
    let keys = ["title \"One\"", "title \"Two\"", "scrolled false", "scrolled true"];
    assert!(keys.iter().all(|key| metadata.contains(key)) && !metadata.contains("x = 2"), "{metadata}");
    let both = repo.cellwise(["diff", "-so"]).ok();
    assert_eq!(told(&both), ["-x = 1", "+x = 2", "-    1", "+    2"], "{both}");
}

#[test]
fn a_capital_leaves_that_part_out() {
    let (old, new) = versions();
    let repo = changed(old, new);
    let whole = repo.cellwise(["diff"]).ok();
    for (letter, part) in [
        ("-S", "x = 2"),
        ("-O", "outputs changed"),
        ("-A", "attachments.f.png"),
        ("-M", "title"),
        ("-I", "id of 1 cell"),
    ] {
        assert!(whole.contains(part), "{part}: {whole}");
        let rest = repo.cellwise(["diff", letter]).ok();
        assert!(!rest.contains(part) && rest.contains("@@"), "{letter}: {rest}");
    }
    let nothing = repo.cellwise(["diff", "-SOAMID", "--exit-code"]).ok();
    assert_eq!(nothing, "");
    let mixed = repo.cellwise(["diff", "-s", "-O"]).exits(2);
    assert!(mixed.stderr.contains("cannot be used with"), "{mixed:?}");
}

#[test]
fn white_space_is_ignored_as_git_does() {
    let repo = changed(sources(&["if x:\n    y = 1", "a b "]), sources(&["if  x :\n  y=1", "a  b"]));
    let changed = |option: &str| told(&repo.cellwise(["diff", option]).ok()).len();
    assert_eq!(changed("--ignore-space-at-eol"), 6);
    assert_eq!(changed("-b"), 4);
    assert_eq!(repo.cellwise(["diff", "-w"]).ok(), "");
}

#[test]
fn words_are_shown_as_git_shows_them() {
    let repo = changed(sources(&["total = sum(rain)"]), sources(&["total = max(rain)"]));
    let plain = repo.cellwise(["diff", "--word-diff"]).ok();
    assert!(plain.contains("\ntotal = [-sum-]{+max+}(rain)\n"), "{plain}");
    let colour = repo.cellwise(["diff", "--word-diff=color", "--color"]).ok();
    assert!(colour.contains("\ntotal = \u{1b}[31msum\u{1b}[m\u{1b}[32mmax\u{1b}[m(rain)\n"), "{colour:?}");
    let porcelain = repo.cellwise(["diff", "--word-diff=porcelain"]).ok();
    assert!(porcelain.contains("\n total = \n-sum\n+max\n (rain)\n~\n"), "{porcelain}");
    assert!(repo.cellwise(["diff", "--word-diff=none"]).ok().contains("\n-total = sum(rain)\n"));
    let marked = repo.cellwise(["diff", "--color=always"]).ok();
    assert!(marked.contains("\u{1b}[7msum\u{1b}[m"), "{marked:?}");
    assert!(!repo.cellwise(["diff", "--no-color"]).ok().contains('\u{1b}'));
}

#[test]
fn a_line_for_each_file_counts_cells_and_lines() {
    let old = sources(&["a = 1", "b = 1", "c = 1", "d = 1"]);
    let repo = changed(&old, sources(&["a = 1", "c = 1", "b = 2\nb", "d = 1"]));
    repo.write("gone.ipynb", &old).write("bad.ipynb", "{}").commit("more");
    fs::remove_file(repo.path().join("gone.ipynb")).unwrap();
    repo.write("bad.ipynb", "[]").write("n.ipynb", &old);
    let stat = repo.sh("COLUMNS=80 cellwise diff --stat").ok();
    let lines: Vec<&str> = stat.lines().collect();
    assert_eq!(lines[0], " bad.ipynb  | not a notebook   |  2 +-", "{stat}");
    assert_eq!(lines[1], " gone.ipynb | 4 deleted        | 12 ------------", "{stat}");
    assert_eq!(lines[2], " n.ipynb    | 1 new, 1 deleted |  7 +++----", "{stat}");
    assert_eq!(lines[3], " 3 files changed, 6 cells, 4 insertions(+), 17 deletions(-)", "{stat}");
    assert_eq!(repo.cellwise(["diff", "--stat", "HEAD", "HEAD"]).ok(), "");
}

#[test]
fn folders_and_standard_input_are_compared() {
    let repo = Repo::new();
    let home = repo.outside("home");
    for (name, file) in [
        ("a/same.ipynb", sources(&["x"])),
        ("b/same.ipynb", sources(&["x"])),
        ("a/in/n.ipynb", sources(&["one"])),
        ("b/in/n.ipynb", sources(&["two"])),
        ("b/new.ipynb", sources(&["new"])),
        ("b/.ipynb_checkpoints/n.ipynb", sources(&["no"])),
    ] {
        let path = home.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file).unwrap();
    }
    let cellwise = |args: &[&str]| repo.run(env!("CARGO_BIN_EXE_cellwise").as_ref(), &home, args);
    let folders = cellwise(&["diff", "a", "b"]).ok();
    assert!(
        folders.contains("--- a/a/in/n.ipynb\n+++ b/b/in/n.ipynb\n") && folders.contains("-one\n+two\n"),
        "{folders}"
    );
    assert!(folders.contains("--- /dev/null\n+++ b/b/new.ipynb\n"), "{folders}");
    assert!(!folders.contains("same") && !folders.contains("checkpoints"), "{folders}");
    let named = cellwise(&["diff", "a/in/n.ipynb", "b/in"]).exits(129);
    assert_eq!(named.stderr.lines().count(), 1, "{named:?}");
    let beside = cellwise(&["diff", "--no-index", "a/in/n.ipynb", "b/in"]).ok();
    assert!(beside.contains("-one\n+two\n"), "{beside}");
    let piped =
        repo.cellwise_reading(sources(&["two"]), ["diff", "-", home.join("a/in/n.ipynb").to_str().unwrap()]).ok();
    assert!(piped.contains("-two\n+one\n"), "{piped}");
}

#[test]
fn in_a_repository_two_folders_are_paths_of_it() {
    let repo = Repo::new();
    repo.write("a/n.ipynb", sources(&["one"])).write("b/n.ipynb", sources(&["two"])).commit("old");
    repo.write("b/n.ipynb", sources(&["three"]));
    let diff = repo.cellwise(["diff", "a", "b"]).ok();
    assert!(diff.contains("-two\n+three\n") && !diff.contains("one"), "{diff}");
    let with_each_other = repo.cellwise(["diff", "--no-index", "a", "b"]).ok();
    assert!(with_each_other.contains("-one\n+three\n"), "{with_each_other}");
    assert_eq!(repo.cellwise(["diff", "--no-index", "a"]).exits(129).stderr.lines().count(), 1);
}

#[test]
fn quiet_only_tells_by_its_exit_code() {
    let repo = changed(sources(&["x"]), sources(&["y"]));
    for option in ["--quiet", "-q"] {
        let run = repo.cellwise(["diff", option]).exits(1);
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    }
    repo.cellwise(["diff", "--quiet", "--json"]).exits(1);
    repo.write("n.ipynb", sources(&["x"]));
    repo.cellwise(["diff", "--quiet"]).ok();
    repo.cellwise(["diff", "--exit-code", "--json"]).ok();
}

#[test]
fn prefixes_are_those_that_git_would_choose() {
    let repo = changed(sources(&["x"]), sources(&["y"]));
    repo.git(["config", "diff.mnemonicPrefix", "true"]).ok();
    assert!(repo.cellwise(["diff"]).ok().contains("--- i/n.ipynb\n+++ w/n.ipynb\n"));
    assert!(repo.cellwise(["diff", "HEAD"]).ok().contains("--- c/n.ipynb\n+++ w/n.ipynb\n"));
}

#[test]
fn json_has_each_file_that_differs() {
    let repo = changed(sources(&["x"]), sources(&["y"]));
    repo.write("same.ipynb", sources(&["x"])).git(["add", "same.ipynb"]).ok();
    let document: Value = serde_json::from_str(&repo.cellwise(["diff", "--json"]).ok()).unwrap();
    let files = document["files"].as_array().unwrap();
    assert_eq!(files.len(), 1, "{document}");
    assert_eq!(repo.cellwise(["diff", "--format=json"]).ok(), repo.cellwise(["diff", "--json"]).ok());
}

#[test]
fn a_moved_cell_shows_its_edits_where_it_stands_now() {
    let old = [
        code("a", "first = 1"),
        code("b", "import csv\nrows = list(csv.reader(open('a')))"),
        markdown("c", "# Text"),
        markdown("d", "More"),
    ];
    let new =
        [old[0].clone(), old[2].clone(), old[3].clone(), code("b", "import csv\nrows = list(csv.reader(open('b')))")];
    let repo = changed(notebook(&old), notebook(&new));
    let diff = repo.cellwise(["diff"]).ok();
    assert!(diff.contains("cell 4 code, moved from 2\n import csv\n-rows"), "{diff}");
    repo.write("p", &diff);
    assert!(repo.git(["apply", "--stat", "p"]).ok().contains("n.ipynb | "));
}

#[test]
fn code_that_did_not_change_is_coloured_on_request() {
    let source = |line: &str| sources(&[&format!("text = \"\"\"\nfirst\nsecond\nthird\n\"\"\"\nimport csv\n{line}")]);
    let repo = changed(source("x = 1"), source("x = 2"));
    let plain = repo.cellwise(["diff", "--color"]).ok();
    let coloured = repo.cellwise(["diff", "--color", "--syntax"]).ok();
    assert!(
        plain.contains("\n import csv\n") && coloured.contains("\n \u{1b}[35mimport\u{1b}[m csv\n"),
        "{coloured:?}"
    );
    // The string began above the hunk.
    assert!(coloured.contains("\n \u{1b}[36mthird\u{1b}[m\n"), "{coloured:?}");
    let changed =
        |diff: &str| diff.lines().filter(|line| line.starts_with("\u{1b}[3")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(changed(&plain), changed(&coloured), "changed lines keep their colours");
    assert_eq!(repo.cellwise(["diff", "--syntax"]).ok(), repo.cellwise(["diff"]).ok());
}

#[test]
fn an_empty_file_is_not_a_notebook_without_cells() {
    let repo = changed("", r#"{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}"#);
    let diff = repo.cellwise(["diff", "--exit-code"]).exits(1).stdout;
    assert!(diff.contains("diff --git a/n.ipynb b/n.ipynb\n"), "{diff}");
    assert!(repo.cellwise(["diff", "--stat"]).ok().starts_with(" n.ipynb | notebook | 0\n"));
}

#[test]
fn two_unreadable_versions_are_called_so_once() {
    let repo = changed("{1", "{2");
    let diff = repo.cellwise(["diff"]).ok();
    assert_eq!(diff.lines().filter(|line| line.starts_with("cellwise: n.ipynb: ")).count(), 1, "{diff}");
}

#[test]
fn files_that_look_like_options_are_compared_behind_two_dashes() {
    let repo = Repo::new();
    repo.write("-a.ipynb", sources(&["one"])).write("b.ipynb", sources(&["two"]));
    let diff = repo.cellwise(["diff", "--no-index", "--", "-a.ipynb", "b.ipynb"]).ok();
    assert!(diff.contains("-one\n+two\n"), "{diff}");
}
