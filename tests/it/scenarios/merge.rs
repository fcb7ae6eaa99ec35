//! Scenarios of merges: bringing a conflict back, repositories without a work tree, odd files, death.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use crate::git_merge::branches;
use crate::nb::{cells, notebook, ran, source, sources};
use crate::repo::{Repo, Run, git_version, labels};

const NAME: &str = "n.ipynb";

/// Three versions whose second cell collides.
fn collision() -> [String; 3] {
    ["x = 0", "x = 1", "x = 2"].map(|line| sources(&["import os", line]))
}

fn collided() -> Repo {
    let [base, ours, theirs] = collision();
    branches(base, ours, theirs)
}

/// The second cell in conflict between sides that git calls so.
fn marked(ours: &str, theirs: &str) -> String {
    let (ours, theirs) = labels(ours, theirs);
    format!("<<<<<<< {ours}\nx = 1\n=======\nx = 2\n>>>>>>> {theirs}")
}

fn second_cell(file: impl AsRef<[u8]>) -> String {
    source(&cells(file.as_ref())[1])
}

/// Sides on neighbouring lines, which git alone would leave in conflict, and what comes out.
fn neighbours() -> [String; 4] {
    [("a", "z"), ("A", "z"), ("a", "Z"), ("A", "Z")].map(|(first, last)| sources(&[first, last]))
}

#[test]
fn scenario_14_either_side_and_the_conflict_itself_come_back() {
    let repo = collided();
    repo.git(["merge", "-q", "side"]).exits(1);
    for (option, side) in [("--ours", 1), ("--theirs", 2)] {
        repo.git(["checkout", "-q", option, NAME]).ok();
        assert_eq!(repo.read(NAME), collision()[side], "{option}");
        repo.git(["restore", option, NAME]).ok();
        assert_eq!(repo.read(NAME), collision()[side], "{option}");
    }
    // git remembers the three stages even when one has been staged.
    for staged in [false, true] {
        if staged {
            repo.git(["add", NAME]).ok();
        }
        repo.git(["checkout", "-q", "-m", NAME]).ok();
        assert_eq!(second_cell(repo.bytes(NAME)), marked("ours", "theirs"), "{staged}");
        repo.cellwise(["check"]).exits(1);
    }
}

/// A bare clone with both branches in which cellwise is installed.
fn bare_clone(repo: &Repo) -> impl Fn(&[&str]) -> Run {
    repo.git(["clone", "-q", "--bare", ".", "../bare.git"]).ok();
    let bare = repo.outside("bare.git");
    repo.run(Path::new(env!("CARGO_BIN_EXE_cellwise")), &bare, ["install"]).ok();
    move |args| repo.run(Path::new("git"), &bare, args)
}

#[test]
fn scenario_16_a_bare_repository_merges_trees() {
    if git_version() < [2, 38, 0] {
        return; // No `merge-tree --write-tree` yet.
    }
    let [base, ours, theirs, merged] = neighbours();
    let clean = branches(base, ours, theirs);
    let git = bare_clone(&clean);
    let tree = git(&["merge-tree", "--write-tree", "main", "side"]).ok();
    assert_eq!(git(&["show", &format!("{}:{NAME}", tree.trim())]).ok(), merged);
    if git_version() >= [2, 44, 0] {
        let told = git(&["replay", "--onto", "main", "main..side"]).ok();
        // Newer versions move the branch themselves.
        let replayed = told.split(' ').nth(2).unwrap_or("side");
        assert_eq!(git(&["show", &format!("{replayed}:{NAME}")]).ok(), merged);
    }
    let conflicted = collided();
    let git = bare_clone(&conflicted);
    let told = git(&["merge-tree", "--write-tree", "main", "side"]).exits(1).stdout;
    let left = git(&["show", &format!("{}:{NAME}", told.lines().next().unwrap())]).ok();
    assert_eq!(second_cell(left), marked("main", "side"));
}

#[test]
fn scenario_16_a_repository_named_by_variables_merges_from_anywhere() {
    let repo = collided();
    repo.git(["worktree", "add", "-q", "--detach", "../linked", "main"]).ok();
    let linked = repo.outside("linked");
    for (git_dir, work) in
        [(repo.path().join(".git"), repo.path().to_owned()), (repo.path().join(".git/worktrees/linked"), linked)]
    {
        let variables = format!("GIT_DIR='{}' GIT_WORK_TREE='{}'", git_dir.display(), work.display());
        repo.sh(&format!("cd / && {variables} git merge -q side")).exits(1);
        let left = std::fs::read(work.join(NAME)).unwrap();
        assert_eq!(second_cell(left), marked("HEAD", "side"), "{variables}");
        assert!(repo.sh(&format!("cd / && {variables} git diff")).ok().contains("++# UNRESOLVED "), "{variables}");
    }
}

#[test]
fn scenario_18_duplicate_keys_are_no_obstacle() {
    let twice = |file: String| file.replacen("\"metadata\": {\n", "\"metadata\": {\n  \"k\": 1,\n  \"k\": 2,\n", 1);
    let [base, ours, theirs, merged] =
        neighbours().map(|file| file.replace("\"metadata\": {}", "\"metadata\": {\"j\": 1, \"j\": 2}")).map(twice);
    assert_eq!(base.matches("\"k\"").count() + base.matches("\"j\"").count(), 6);
    let repo = branches(base, &ours, theirs);
    assert!(repo.git(["diff", "HEAD~"]).ok().contains("\n-a\n+A\n"));
    repo.git(["merge", "-q", "-m", "m", "side"]).exits(0);
    assert_eq!(repo.read(NAME), merged);
}

#[test]
fn scenario_18_a_huge_notebook_is_compared_and_merged() {
    let printed = "a line of a long output\n".repeat(100_000);
    let file = |lines: [&str; 2]| notebook(&[ran("a", lines[0], 1, &printed), ran("b", lines[1], 2, "")]);
    let repo = branches(file(["a", "z"]), file(["A", "z"]), file(["a", "Z"]));
    // To git, all that is larger is binary.
    repo.git(["config", "core.bigFileThreshold", "100k"]).ok();
    for line in ["diff HEAD~", "log -p -1", "diff --no-ext-diff HEAD~"] {
        let patch = repo.sh(&format!("git {line}")).exits(0).stdout;
        assert!(patch.contains("\n-a\n+A\n"), "{line}: {patch}");
    }
    repo.git(["merge", "-q", "-m", "m", "side"]).exits(0);
    assert_eq!(repo.read(NAME), file(["A", "Z"]));
}

#[cfg(unix)]
#[test]
fn scenario_19_a_shell_that_is_killed_ends_the_merge() {
    let repo = collided();
    // A program that takes the shell of the configured line with it: nobody is left to answer.
    repo.write("../script", "#!/bin/sh\nkill -9 $PPID\n");
    let install = "cp \"$(command -v cellwise)\" .. && ../cellwise install";
    repo.sh(&format!("{install} && rm ../cellwise && chmod +x ../script && cp ../script ../cellwise")).exits(0);
    // Ours stays, without a marker. git before 2.42 takes that for the answer, and at least says that it is a conflict.
    let merge = repo.git(["merge", "side"]);
    assert_eq!(repo.read(NAME), collision()[1]);
    if git_version() >= [2, 42, 0] {
        assert_eq!(merge.code, 2, "{merge:?}");
        assert!(!repo.has(".git/MERGE_HEAD"));
        assert_eq!(repo.git(["status", "--porcelain"]).ok(), "");
    } else {
        merge.exits(1);
        assert_eq!(repo.git(["status", "--porcelain"]).ok(), "UU n.ipynb\n");
    }
}

#[test]
fn scenario_21_resolve_settles_what_rerere_knows_nothing_of() {
    let repo = collided();
    repo.git(["config", "rerere.enabled", "true"]).ok();
    repo.git(["config", "rerere.autoUpdate", "true"]).ok();
    for (side, settled) in [("--ours", 1), ("--theirs", 2)] {
        repo.git(["merge", "-q", "side"]).exits(1);
        let listed = repo.cellwise(["resolve"]).exits(1).stdout;
        assert!(listed.contains("cell 2, both sides edited the same lines"), "{listed}");
        repo.cellwise(["resolve", side]).exits(0);
        assert_eq!(repo.read(NAME), collision()[settled], "{side}: the earlier answer counts for nothing");
        assert_eq!(repo.git(["ls-files", "-u"]).ok(), "");
        // What was settled can be taken back, and settled otherwise.
        repo.cellwise(["resolve", "--restart", NAME]).exits(1);
        repo.cellwise(["resolve", side, NAME]).exits(0);
        repo.git(["commit", "-q", "-m", "merged"]).ok();
        repo.git(["reset", "-q", "--hard", "HEAD~"]).ok();
    }
}

#[test]
fn scenario_21_what_collided_once_collides_again() {
    let repo = collided();
    repo.git(["config", "rerere.enabled", "true"]).ok();
    repo.git(["merge", "-q", "side"]).exits(1);
    let left = repo.bytes(NAME);
    // Even where the conflict itself was committed, which git would take for its resolution.
    repo.commit("conflict").git(["reset", "-q", "--hard", "HEAD~"]).ok();
    repo.git(["merge", "-q", "side"]).exits(1);
    assert_eq!(repo.bytes(NAME), left);
    assert_eq!(second_cell(left), marked("HEAD", "side"));
    assert_eq!(repo.git(["status", "--porcelain"]).ok(), "UU n.ipynb\n");
    // Without a path, mergetool would ask rerere, which knows nothing of notebooks.
    repo.git(["config", "mergetool.mine.cmd", "cp -- \"$REMOTE\" \"$MERGED\""]).ok();
    repo.git(["config", "mergetool.mine.trustExitCode", "true"]).ok();
    repo.git(["mergetool", "-y", "-t", "mine", "--", "*.ipynb"]).ok();
    assert_eq!(repo.read(NAME), collision()[2]);
    assert_eq!(repo.git(["ls-files", "-u"]).ok(), "");
}
