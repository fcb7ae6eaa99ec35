//! `cellwise doctor`: what goes wrong on some ways only. Each test first goes the way and sees what happens.

#![allow(clippy::unwrap_used)]

use std::process::Command;

use crate::doctor::{cured, found_in, with_notebook};
use crate::git_merge::branches;
use crate::nb::{cells, notebook, ran, source, sources};
use crate::repo::{Repo, git_version};

const NAME: &str = "n.ipynb";
const LINES: &str = "*.ipynb diff=jupyternotebook merge=jupyternotebook\n";

/// The first git that merges without a work tree. Those before write files as they merge, and may find the attributes among
/// them in time; and they stop at some renormalized merges, so the setting is not advised there.
const WITH_ORT: [u32; 3] = [2, 34, 0];

/// A notebook that was run as number `count`: two such runs collide in the lines of the JSON, and not in the cells.
fn run(count: u32, line: &str) -> String {
    notebook(&[ran("a", line, count, &format!("{count}\n"))])
}

fn line_of(file: impl AsRef<[u8]>) -> String {
    source(&cells(file.as_ref())[0])
}

/// The driver is configured, and only a tracked file of `main` leads to it; `old` comes from before that file.
fn with_tracked_lines() -> Repo {
    let repo = Repo::new();
    repo.write(NAME, run(1, "x = 1")).commit("base").git(["checkout", "-q", "-b", "old"]).ok();
    repo.write(NAME, run(2, "x = 1")).commit("old").git(["checkout", "-q", "main"]).ok();
    repo.write(".gitattributes", LINES).write(NAME, run(3, "x = 3")).commit("main");
    repo.cellwise(["install"]).ok();
    repo.write(".git/info/attributes", "");
    repo
}

#[test]
fn scenario_27_a_branch_without_the_line_is_named() {
    let repo = with_tracked_lines();
    repo.git(["checkout", "-q", "--orphan", "empty"]).ok();
    repo.git(["rm", "-rfq", "."]).ok();
    repo.commit("no notebooks here").git(["checkout", "-q", "main"]).ok();
    let is_text = |repo: &Repo| {
        let run = repo.git(["rebase", "-q", "old"]);
        let is_text = run.code != 0 && repo.read(NAME).contains("\n<<<<<<< ");
        repo.git(["rebase", "--abort"]);
        is_text
    };
    if git_version() >= WITH_ORT {
        assert!(is_text(&repo), "git finds no attributes when it starts on the other branch");
    }
    let found = found_in(&repo, "");
    assert_eq!(found.ids(), ["branch-attributes"]);
    let message = found.get("branch-attributes")["message"].as_str().unwrap();
    assert!(message.contains("not in that of old:"), "{message}");
    found.is_at("branch-attributes", "old:.gitattributes");
    cured(&repo, &["branch-attributes"]);
    assert!(!is_text(&repo));
}

#[test]
fn scenario_27_a_line_that_only_other_branches_have_is_missed_here() {
    let repo = with_tracked_lines();
    repo.git(["checkout", "-q", "old"]).ok();
    if git_version() >= WITH_ORT {
        repo.git(["merge", "-q", "main"]).exits(1);
        assert!(repo.read(NAME).contains("\n<<<<<<< "));
        repo.git(["merge", "--abort"]).ok();
    }
    cured(&repo, &["diff-attribute", "merge-attribute"]);
    repo.git(["merge", "-q", "-m", "m", "main"]).ok();
    assert_eq!(line_of(repo.read(NAME)), "x = 3");
}

#[test]
fn strategies_without_drivers_are_named_where_they_are_configured() {
    let repo = with_notebook();
    repo.write(NAME, run(1, "x = 1")).commit("base").git(["checkout", "-q", "-b", "side"]).ok();
    repo.write(NAME, run(2, "x = 1")).commit("side").git(["checkout", "-q", "main"]).ok();
    repo.write(NAME, run(3, "x = 3")).commit("main");
    let fails = |args: &[&str]| {
        repo.git(args).exits(1);
        assert!(repo.read(NAME).contains("\n<<<<<<< "));
        repo.git(["merge", "--abort"]).ok();
    };
    repo.git(["config", "alias.m", "merge -s resolve --no-edit"]).ok();
    fails(&["m", "side"]);
    cured(&repo, &["merge-strategy"]).is_at("merge-strategy", ".git/config (local)");
    assert_eq!(repo.git(["config", "alias.m"]).ok(), "merge -s ort --no-edit\n");
    repo.git(["config", "branch.main.mergeOptions", "--strategy=resolve"]).ok();
    fails(&["merge", "side"]);
    cured(&repo, &["merge-strategy"]);
    repo.git(["m", "side"]).ok();
    assert_eq!(line_of(repo.read(NAME)), "x = 3");
}

#[test]
fn scenario_24_outputs_that_git_would_lose_are_named() {
    let repo = with_notebook();
    repo.cellwise(["install", "--filter"]).ok();
    let run = notebook(&[ran("a", "a = 1", 7, "an output of its own length\n")]);
    repo.write("real.ipynb", sources(&["r"])).commit("two").write("real.ipynb", sources(&["r = 2"]));
    repo.write(NAME, &run);
    assert!(repo.git(["status", "--short"]).ok().contains(" M n.ipynb\n"));
    let found = found_in(&repo, "");
    assert_eq!(found.ids(), ["outputs-at-risk"]);
    let message = found.get("outputs-at-risk")["message"].as_str().unwrap();
    assert!(message.contains(" n.ipynb: git stash"), "{message}");
    // An edit is something to stash, and the outputs go with it all the same.
    repo.git(["stash", "-q"]).ok();
    repo.git(["stash", "pop", "-q"]).ok();
    assert_eq!((repo.read(NAME), repo.read("real.ipynb")), (sources(&["a = 1"]), sources(&["r = 2"])));
    repo.write(NAME, &run).git(["add", NAME]).ok();
    assert_eq!(found_in(&repo, "").ids(), [""; 0]);
    assert_eq!(repo.read(NAME), run);
}

#[test]
fn scenario_26_merges_with_blobs_from_before_the_filter_are_named() {
    let repo = with_notebook();
    let printed = |line: &str| ran("a", line, 1, "printed\n");
    repo.write(NAME, notebook(&[printed("a = 1")])).commit("base").git(["checkout", "-q", "-b", "side"]).ok();
    repo.write(NAME, notebook(&[printed("a = 1"), ran("b", "b = 2", 2, "printed too\n")])).commit("one more");
    repo.git(["checkout", "-q", "main"]).ok();
    repo.cellwise(["install", "--filter"]).ok();
    let found = found_in(&repo, "");
    if git_version() < WITH_ORT {
        assert_eq!(found.ids(), ["not-normalized"]);
        return;
    }
    assert_eq!(found.ids(), ["not-normalized", "renormalize"]);
    repo.sh(found.cure("not-normalized")).ok();
    repo.git(["commit", "-q", "-m", "cleaned"]).ok();
    let merged = || {
        repo.git(["merge", "-q", "-m", "m", "side"]).ok();
        repo.git(["show", "HEAD:n.ipynb"]).ok()
    };
    assert!(merged().contains("printed too"), "what the filter keeps out comes in by a merge");
    repo.git(["reset", "-q", "--hard", "HEAD~"]).ok();
    repo.sh(found.cure("renormalize")).ok();
    assert_eq!(merged(), sources(&["a = 1", "b = 2"]));
    assert_eq!(found_in(&repo, "").ids(), [""; 0]);
}

#[test]
fn a_tool_that_sees_notebooks_after_a_merge_of_lines_is_named() {
    let repo = with_notebook();
    repo.git(["config", "merge.tool", "nbdime"]).ok();
    repo.git(["config", "mergetool.hideResolved", "true"]).ok();
    cured(&repo, &["hide-resolved"]);
    assert_eq!(repo.git(["config", "mergetool.nbdime.hideResolved"]).ok(), "false\n");
    // Ours says no for itself.
    repo.git(["config", "--unset", "mergetool.nbdime.hideResolved"]).ok();
    repo.git(["config", "merge.tool", "cellwise"]).ok();
    assert_eq!(found_in(&repo, "").ids(), [""; 0]);
}

#[test]
fn a_guard_that_an_older_git_does_not_know_is_named() {
    if git_version() >= [2, 54, 0] {
        return; // It knows it.
    }
    let repo = branches(sources(&["x = 0"]), sources(&["x = 1"]), sources(&["x = 2"]));
    repo.git(["config", "hook.cellwise.command", "cellwise check --staged"]).ok();
    repo.git(["config", "hook.cellwise.event", "pre-commit"]).ok();
    let conclude = || {
        repo.git(["merge", "-q", "side"]).exits(1);
        repo.git(["add", NAME]).ok();
        repo.sh("git commit -q -m merged")
    };
    conclude().ok();
    repo.git(["reset", "-q", "--hard", "HEAD~"]).ok();
    cured(&repo, &["hooks-ignored"]).is_at("hooks-ignored", ".git/config (local)");
    let stopped = conclude().exits(1).stderr;
    assert!(stopped.contains(NAME), "{stopped}");
}

#[test]
#[allow(clippy::print_stderr)]
fn other_version_control_that_lacks_cellwise_is_named() {
    for (program, init) in [("jj", &["git", "init", "--colocate"][..]), ("hg", &["init"])] {
        if Command::new(program).arg("--version").output().is_err() {
            eprintln!("left out: {program} is not on the PATH");
            continue;
        }
        let repo = with_notebook();
        repo.run(program.as_ref(), repo.path(), init).ok();
        repo.write("sub/n.ipynb", sources(&["a"]));
        let found = found_in(&repo, "sub");
        assert_eq!(found.ids(), ["other-vcs"]);
        assert!(found.get("other-vcs")["message"].as_str().unwrap().starts_with(program));
        repo.sh(&format!("cd sub && {}", found.cure("other-vcs"))).ok();
        assert_eq!(found_in(&repo, "").ids(), [""; 0]);
    }
}
