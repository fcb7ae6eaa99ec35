//! Conflicts that a notebook does not tell of itself any more.

#![allow(clippy::unwrap_used)]

use std::fs;

use crate::git_merge::diverge;
use crate::nb::sources;
use crate::repo::Repo;

const NAME: &str = "n.ipynb";

/// A merge that left `x = 1` against `x = 2`.
fn collided() -> Repo {
    let repo = Repo::installed();
    let [base, ours, theirs] = ["x = 0", "x = 1", "x = 2"].map(|line| sources(&[line, "end"]));
    diverge(&repo, NAME, [base.as_bytes(), ours.as_bytes(), theirs.as_bytes()]);
    repo.git(["merge", "side"]).exits(1);
    repo
}

/// The file with another text for the conflicted cell, or without its record.
fn edit(repo: &Repo, act: impl Fn(&mut serde_json::Value)) {
    let mut file: serde_json::Value = serde_json::from_str(&repo.read(NAME)).unwrap();
    act(&mut file["cells"][0]);
    repo.write(NAME, serde_json::to_string_pretty(&file).unwrap());
}

#[test]
fn a_conflict_whose_record_is_lost_is_not_staged() {
    let repo = collided();
    edit(&repo, |cell| cell["metadata"] = serde_json::json!({}));
    let said = "cell 1: conflict markers are left in its text";
    assert!(repo.cellwise(["check"]).exits(1).stdout.contains(said));
    assert!(repo.cellwise(["resolve"]).exits(129).stderr.contains(said));
    assert!(repo.cellwise(["resolve", "--theirs"]).exits(129).stderr.contains(said));
    assert_eq!(repo.git(["status", "--porcelain"]).ok(), "UU n.ipynb\n");
    repo.git(["add", NAME]).ok();
    assert!(repo.cellwise(["check", "--staged"]).exits(1).stdout.contains(said));
}

#[test]
fn a_broken_notebook_with_conflicts_is_found() {
    let repo = collided();
    repo.write(NAME, repo.read(NAME).replacen("\"execution_count\": null,", "\"execution_count\": null", 1));
    repo.cellwise(["check"]).exits(1);
    repo.cellwise(["check", NAME]).exits(1);
    repo.git(["add", NAME]).ok();
    repo.cellwise(["check", "--staged"]).exits(1);
    repo.git(["commit", "-q", "--no-verify", "-m", "broken"]).ok();
    repo.cellwise(["check", "HEAD"]).exits(1);
}

#[test]
fn what_only_the_index_calls_unmerged_is_named() {
    let repo = collided();
    fs::remove_file(repo.path().join(NAME)).unwrap();
    assert_eq!(repo.cellwise(["check"]).exits(1).stdout, "n.ipynb: unmerged\n");
    repo.git(["checkout", "-q", "--ours", NAME]).ok();
    assert_eq!(repo.cellwise(["check"]).exits(1).stdout, "n.ipynb: unmerged\n");
}
