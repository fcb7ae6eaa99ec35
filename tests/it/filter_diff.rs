//! Diffs under the filter: a file of the work tree is shown as it will be stored, a blob as it is.

#![allow(clippy::unwrap_used)]

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::nb::{code, notebook, ran};
use crate::repo::{Repo, git_version};

const NAME: &str = "sub/n.ipynb";

fn run(source: &str, count: u32) -> String {
    notebook(&[ran("a", source, count, "a secret\n")])
}

fn clean(source: &str) -> String {
    notebook(&[code("a", source)])
}

/// A committed notebook that was edited and run since.
fn edited() -> Repo {
    let repo = Repo::filtering();
    repo.write(NAME, run("x = 1", 3)).commit("one").write(NAME, run("x = 2", 14));
    repo
}

/// The changed lines of a diff, and all that tells of a run.
fn told(diff: &str) -> Vec<&str> {
    let of_run = |line: &str| ["outputs", "counts", "stdout", "run"].iter().any(|word| line.contains(word));
    let is_told = |line: &&str| of_run(line) || line.starts_with(['+', '-']);
    diff.lines().filter(is_told).filter(|line| !line.starts_with("+++") && !line.starts_with("---")).collect()
}

const EDIT: [&str; 2] = ["-x = 1", "+x = 2"];

#[test]
fn scenario_25_every_diff_of_the_work_tree_shows_the_edit_alone() {
    let repo = edited();
    let ways = [&["diff"][..], &["diff", "HEAD"], &["diff", "--no-ext-diff"], &["diff", "--no-ext-diff", "HEAD"]];
    for way in ways {
        assert_eq!(told(&repo.git(way).ok()), EDIT, "{way:?}");
    }
    repo.git(["add", "-A"]).ok();
    for way in [
        &["diff", "--cached"][..],
        &["diff", "--cached", "--no-ext-diff"],
        &["diff", "HEAD"],
        &["commit", "-v", "--dry-run"],
    ] {
        assert_eq!(told(&repo.git(way).ok()), EDIT, "{way:?}");
    }
    repo.git(["commit", "-q", "-m", "two"]).ok();
    for way in [&["show"][..], &["show", "--ext-diff"], &["log", "-p", "-1"], &["diff", "HEAD~", "HEAD"]] {
        assert_eq!(told(&repo.git(way).ok()), EDIT, "{way:?}");
    }
}

#[test]
fn scenario_25_it_is_so_from_every_place() {
    let repo = edited();
    let inside = |args: &[&str]| repo.run(Path::new("git"), &repo.path().join("sub"), args).ok();
    assert_eq!(told(&inside(&["diff"])), EDIT);
    assert_eq!(told(&inside(&["diff", "--no-ext-diff", "--relative"])), EDIT);
    // Older ones tell the driver that the file is gone.
    if git_version() >= [2, 39, 0] {
        assert_eq!(told(&inside(&["diff", "--relative"])), EDIT);
    }
    let outside = |line: &str| repo.sh(&format!("cd .. && GIT_DIR=work/.git GIT_WORK_TREE=work git diff {line}")).ok();
    assert_eq!(told(&outside("")), EDIT);
    assert_eq!(told(&outside("--no-ext-diff")), EDIT);
    assert_eq!(told(&repo.sh("GIT_DIR=$PWD/.git git diff --no-ext-diff").ok()), EDIT);
}

#[test]
fn scenario_25_it_is_so_in_linked_work_trees_and_submodules() {
    let repo = edited();
    let other = repo.outside("other");
    repo.git(["worktree", "add", "-q", other.to_str().unwrap()]).ok();
    fs::write(other.join(NAME), run("x = 2", 14)).unwrap();
    let parent = Repo::new();
    let allowed = "protocol.file.allow=always";
    parent.git(["-c", allowed, "submodule", "--quiet", "add", repo.path().to_str().unwrap(), "module"]).ok();
    let module = parent.path().join("module");
    // A submodule has a configuration and attributes of its own.
    let config = fs::read_to_string(repo.path().join(".git/config")).unwrap();
    let drivers = config.find("[diff \"").or_else(|| config.find("[merge \"")).unwrap();
    let own = parent.path().join(".git/modules/module");
    fs::write(own.join("config"), fs::read_to_string(own.join("config")).unwrap() + &config[drivers..]).unwrap();
    fs::copy(repo.path().join(".git/info/attributes"), own.join("info/attributes")).unwrap();
    fs::write(module.join(NAME), run("x = 2", 14)).unwrap();
    for folder in [other, module] {
        for way in [&["diff"][..], &["diff", "--no-ext-diff"], &["diff", "HEAD"]] {
            assert_eq!(told(&repo.run(Path::new("git"), &folder, way).ok()), EDIT, "{}", folder.display());
        }
    }
    parent.commit("module");
    assert_eq!(told(&parent.git(["diff", "--submodule=diff"]).ok()), EDIT);
}

#[test]
fn it_is_so_where_libgit2_does_not_read() {
    let repo = Repo::init(&["--object-format=sha256"]);
    repo.cellwise(["install"]).ok();
    repo.filter();
    repo.write(NAME, run("x = 1", 3)).commit("one").write(NAME, run("x = 2", 14));
    for way in [&["diff"][..], &["diff", "--no-ext-diff"], &["diff", "HEAD"]] {
        assert_eq!(told(&repo.git(way).ok()), EDIT, "{way:?}");
    }
}

/// libgit2 does not see what `-c` says, so with it git is asked.
const ASKED: [[&str; 2]; 2] = [["--no-pager", "--no-replace-objects"], ["-c", "core.abbrev=7"]];

#[test]
fn a_bare_repository_shows_its_blobs() {
    let repo = edited();
    repo.commit("two");
    repo.git(["config", "core.bare", "true"]).ok();
    let bare = |args: &[&str]| repo.run(Path::new("git"), &repo.path().join(".git"), args).ok();
    assert_eq!(told(&bare(&["show"])), EDIT);
    assert_eq!(told(&bare(&["diff", "HEAD~", "HEAD"])), EDIT);
}

#[test]
fn scenario_25_blame_and_grep_read_what_will_be_stored() {
    let repo = edited();
    let blame = repo.git(["blame", "-s", NAME]).ok();
    let lines: Vec<bool> = blame.lines().map(|line| line.starts_with("00000000")).collect();
    assert_eq!(lines, [false, true, false, false], "{blame}");
    assert!(blame.contains(") x = 2\n") && !blame.contains("outputs"), "{blame}");
    repo.write(NAME, run("x = 1", 15));
    let blame = repo.git(["blame", "-s", NAME]).ok();
    assert!(!blame.contains("00000000"), "{blame}");
    assert_eq!(repo.git(["grep", "--textconv", "-c", "-e", "secret", "-e", "outputs"]).exits(1).stdout, "");
    assert_eq!(repo.git(["grep", "--textconv", "-h", "x ="]).ok(), "x = 1\n");
}

#[test]
fn our_own_diff_agrees_with_that_of_git() {
    let repo = edited();
    repo.write("run.ipynb", run("r = 1", 1))
        .commit("two")
        .write(NAME, run("x = 3", 20))
        .write("run.ipynb", run("r = 1", 2));
    let without_ids = |diff: String| {
        diff.lines().filter(|line| !line.starts_with("index ")).map(|line| format!("{line}\n")).collect::<String>()
    };
    let of_git = without_ids(repo.git(["diff"]).ok());
    assert_eq!(told(&of_git), ["-x = 2", "+x = 3"]);
    assert_eq!(without_ids(repo.cellwise(["diff"]).ok()), of_git);
    assert_eq!(without_ids(repo.cellwise(["diff", "HEAD"]).ok()), without_ids(repo.git(["diff", "HEAD"]).ok()));
    repo.git(["add", "-A"]).ok();
    assert_eq!(without_ids(repo.cellwise(["diff", "--staged"]).ok()), without_ids(repo.git(["diff", "--staged"]).ok()));
}

#[test]
fn blobs_from_before_the_filter_are_shown_as_they_are() {
    let repo = Repo::installed();
    repo.write(NAME, clean("x = 1")).commit("one").write(NAME, run("x = 1", 3));
    // Older than the index, so that git takes it to be what it has staged.
    let file = File::options().write(true).open(repo.path().join(NAME)).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000)).unwrap();
    repo.commit("run").filter();
    // git hands out the file of the work tree in the blob's place.
    let ways = [&["show"][..], &["show", "--ext-diff"], &["diff", "HEAD~"], &["diff", "HEAD~", "HEAD"]];
    for (asked, way) in ASKED.iter().flat_map(|asked| ways.map(|way| (asked, way))) {
        let shown = repo.git(asked.iter().chain(way)).ok();
        assert!(shown.contains("outputs") || shown.contains("new: stdout"), "{asked:?} {way:?}: {shown}");
    }
    assert!(!repo.git(["blame", NAME]).ok().contains("Not Committed"), "git has the file as it is");
}

#[test]
fn a_path_that_is_not_filtered_shows_the_outputs_that_will_be_stored() {
    let repo = edited();
    repo.attributes("*.ipynb diff=jupyternotebook filter=cellwise\nsub/* -filter\n");
    let ways = [&["diff"][..], &["diff", "--no-ext-diff"], &["diff", "HEAD"]];
    for (asked, way) in ASKED.iter().flat_map(|asked| ways.map(|way| (asked, way))) {
        let shown = repo.git(asked.iter().chain(way)).ok();
        assert!(told(&shown).len() > EDIT.len() && shown.contains("+x = 2"), "{asked:?} {way:?}: {shown}");
    }
    repo.git(["add", "-A"]).ok();
    assert!(repo.stored(":sub/n.ipynb").contains("secret"));
    assert!(told(&repo.git(["diff", "--cached"]).ok()).len() > EDIT.len());
}

#[test]
fn an_unreadable_file_of_the_work_tree_is_shown_as_text() {
    let repo = edited();
    repo.write("bare.ipynb", "{\n");
    let shown = repo.cellwise(["textconv", "--clean", "--", "bare.ipynb"]).ok();
    assert_eq!(shown, "{\n");
}
