//! The many commands of git that merge: what each leaves in the work tree, in the index and in the history.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;

use serde_json::json;

use crate::git_merge::branches;
use crate::nb::{cells, code, notebook, ran, source, sources};
use crate::repo::{Repo, git_version, labels};

const NAME: &str = "n.ipynb";

/// Three versions whose second cell collides.
fn collision() -> [String; 3] {
    ["x = 0", "x = 1", "x = 2"].map(|line| sources(&["import os", line, "print(x)"]))
}

/// A notebook that says two things on neighbouring lines: what each side makes of one is a conflict to git alone.
fn pair(first: &str, last: &str) -> String {
    let mut cell = code("a", "x");
    cell["metadata"] = json!({"first": first, "last": last});
    notebook(&[cell])
}

/// The same with three.
fn trio(first: &str, mid: &str, last: &str) -> String {
    let mut cell = code("a", "x");
    cell["metadata"] = json!({"a": first, "b": mid, "c": last});
    notebook(&[cell])
}

fn collided() -> Repo {
    let [base, ours, theirs] = collision();
    branches(base, ours, theirs)
}

fn apart() -> Repo {
    branches(pair("a", "z"), pair("A", "z"), pair("a", "Z"))
}

/// The work tree holds one open conflict in a valid notebook, of these sides, and nothing beside it.
#[track_caller]
fn assert_open(repo: &Repo, ours: impl Into<String>, theirs: impl Into<String>) {
    let (ours, theirs) = labels(ours, theirs);
    let left: Vec<String> = cells(&repo.bytes(NAME)).iter().map(source).collect();
    let marked = format!("<<<<<<< {ours}\nx = 1\n=======\nx = 2\n>>>>>>> {theirs}");
    assert_eq!(left, ["import os", &marked, "print(x)"]);
    assert_eq!(repo.cellwise(["check"]).exits(1).stdout, "n.ipynb: cell 2: unresolved conflict 1 (source)\n");
    assert_stages(repo, &[1, 2, 3]);
    assert_tidy(repo);
}

/// The index has these stages of the notebook: 0 alone if it is merged.
#[track_caller]
fn assert_stages(repo: &Repo, stages: &[u32]) {
    let listed = repo.git(["ls-files", "-s", "--", NAME]).ok();
    let found: Vec<u32> =
        listed.lines().map(|line| line.split_ascii_whitespace().nth(2).unwrap().parse().unwrap()).collect();
    assert_eq!(found, stages, "{listed}");
}

/// No file that was not there before.
#[track_caller]
fn assert_tidy(repo: &Repo) {
    let names = fs::read_dir(repo.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let others: Vec<String> = names.filter(|name| name != ".git" && name != NAME).collect();
    assert_eq!(others, Vec::<String>::new());
}

/// Nothing is open, staged or changed, and the notebook is this one.
#[track_caller]
fn assert_done(repo: &Repo, expected: &str) {
    assert_eq!(repo.read(NAME), expected);
    assert_eq!(repo.git(["status", "--porcelain"]).ok(), "");
    assert_eq!(repo.cellwise(["check"]).ok(), "");
    assert_tidy(repo);
}

fn settle(repo: &Repo) -> String {
    let settled = sources(&["import os", "x = 12", "print(x)"]);
    repo.write(NAME, &settled).git(["add", NAME]).ok();
    settled
}

fn short(repo: &Repo, revision: &str) -> String {
    repo.git(["rev-parse", "--short", revision]).ok().trim().to_owned()
}

fn subjects(repo: &Repo) -> String {
    repo.git(["log", "--format=%s"]).ok().replace('\n', ",")
}

/// git with no editor, for what would open one.
fn git_unasked(repo: &Repo, args: &[&str]) -> crate::repo::Run {
    repo.git([&["-c", "core.editor=true", "-c", "sequence.editor=true"], args].concat())
}

#[test]
fn scenario_13_a_rebase_goes_on_when_its_conflict_is_settled() {
    let repo = collided();
    repo.git(["checkout", "-q", "side"]).ok();
    let commit = short(&repo, "side");
    repo.git(["rebase", "-q", "main"]).exits(1);
    // HEAD is what one rebases onto, and the commit is one's own: git's words, and the cell's order, say so.
    assert_open(&repo, "HEAD", format!("{commit} (theirs)"));
    let settled = settle(&repo);
    git_unasked(&repo, &["rebase", "--continue"]).ok();
    assert_done(&repo, &settled);
    assert_eq!(subjects(&repo), "theirs,ours,base,");
}

#[test]
fn scenario_13_a_rebase_merges_what_git_alone_would_not() {
    for backend in ["--merge", "--apply"] {
        let repo = apart();
        repo.git(["checkout", "-q", "side"]).ok();
        repo.git(["rebase", "-q", backend, "main"]).ok();
        assert_done(&repo, &pair("A", "Z"));
        assert_eq!(subjects(&repo), "theirs,ours,base,");
    }
}

#[test]
fn a_rebase_replays_merges() {
    let repo = branches(trio("a", "m", "z"), trio("A", "m", "z"), trio("a", "M", "z"));
    repo.git(["checkout", "-q", "-b", "third", "main~"]).ok();
    repo.write(NAME, trio("a", "m", "Z")).commit("third");
    repo.git(["checkout", "-q", "side"]).ok();
    repo.git(["merge", "-q", "-m", "both", "third"]).ok();
    repo.git(["rebase", "-q", "--rebase-merges", "main"]).ok();
    assert_done(&repo, &trio("A", "M", "Z"));
    assert_eq!(repo.git(["rev-list", "--merges", "--count", "main..HEAD"]).ok(), "1\n");
}

#[test]
fn a_fixup_is_melted_into_its_commit() {
    let repo = Repo::installed();
    repo.write(NAME, pair("a", "z")).commit("base");
    repo.write(NAME, pair("A", "z")).commit("first");
    repo.write(NAME, pair("A", "Z")).commit("last");
    repo.write(NAME, pair("AA", "Z")).commit("fixup! first");
    git_unasked(&repo, &["rebase", "-q", "-i", "--autosquash", "HEAD~3"]).ok();
    assert_done(&repo, &pair("AA", "Z"));
    assert_eq!(subjects(&repo), "last,first,base,");
    assert_eq!(repo.git(["show", "HEAD~:n.ipynb"]).ok(), pair("AA", "z"));
}

#[test]
fn scenario_14_a_stash_that_conflicts_stays_a_stash() {
    for command in ["apply", "pop"] {
        let [base, ours, theirs] = collision();
        let repo = Repo::installed();
        repo.write(NAME, base).commit("base").write(NAME, &theirs).git(["stash", "-q"]).ok();
        repo.write(NAME, ours).commit("ours");
        repo.git(["stash", command, "-q"]).exits(1);
        assert_open(&repo, "Updated upstream", "Stashed changes");
        assert_eq!(repo.git(["stash", "list"]).ok().lines().count(), 1);
        assert_eq!(repo.git(["show", "stash@{0}:n.ipynb"]).ok(), theirs);
    }
}

#[test]
fn a_stash_comes_back_beside_what_was_committed_since() {
    let repo = Repo::installed();
    repo.write(NAME, pair("a", "z")).commit("base").write(NAME, pair("a", "Z")).git(["stash", "-q"]).ok();
    repo.write(NAME, pair("A", "z")).commit("ours");
    repo.git(["stash", "pop", "-q"]).ok();
    assert_eq!(repo.read(NAME), pair("A", "Z"));
    assert_eq!(repo.git(["status", "--porcelain"]).ok(), " M n.ipynb\n");
    assert_eq!(repo.git(["stash", "list"]).ok(), "");
}

#[test]
fn local_edits_are_carried_over_a_merge() {
    let repo = branches(trio("a", "m", "z"), trio("A", "m", "z"), trio("a", "M", "z"));
    repo.write(NAME, trio("A", "m", "Z")).git(["merge", "-q", "--autostash", "-m", "m", "side"]).ok();
    assert_eq!(repo.read(NAME), trio("A", "M", "Z"));
    assert_eq!(repo.git(["show", "HEAD:n.ipynb"]).ok(), trio("A", "M", "z"));
    assert_tidy(&repo);
}

#[test]
fn a_revert_keeps_what_came_after() {
    let repo = Repo::installed();
    repo.write(NAME, pair("a", "z")).commit("base");
    repo.write(NAME, pair("A", "z")).commit("first").write(NAME, pair("A", "Z")).commit("last");
    repo.git(["revert", "--no-edit", "HEAD~"]).ok();
    assert_done(&repo, &pair("a", "Z"));
}

#[test]
fn scenario_13_a_revert_that_was_given_up_leaves_no_trace() {
    let repo = Repo::installed();
    let [two, back, now] = ["x = 0", "x = 2", "x = 1"].map(|line| sources(&["import os", line, "print(x)"]));
    repo.write(NAME, back).commit("base").write(NAME, two).commit("first").write(NAME, &now).commit("last");
    let reverted = short(&repo, "HEAD~");
    repo.git(["revert", "--no-edit", "HEAD~"]).exits(1);
    assert_open(&repo, "HEAD", format!("parent of {reverted} (first)"));
    repo.git(["revert", "--abort"]).ok();
    assert_done(&repo, &now);
}

#[test]
fn scenario_13_a_cherry_pick_is_given_up_or_goes_on() {
    let repo = collided();
    let commit = short(&repo, "side");
    repo.git(["cherry-pick", "side"]).exits(1);
    assert_open(&repo, "HEAD", format!("{commit} (theirs)"));
    repo.git(["cherry-pick", "--abort"]).ok();
    assert_done(&repo, &collision()[1]);
    repo.git(["cherry-pick", "side"]).exits(1);
    let settled = settle(&repo);
    git_unasked(&repo, &["cherry-pick", "--continue"]).ok();
    assert_done(&repo, &settled);
}

#[test]
fn a_cherry_picked_change_merges_with_itself_later() {
    let repo = branches(trio("a", "m", "z"), trio("A", "m", "z"), trio("a", "M", "z"));
    repo.git(["checkout", "-q", "side"]).ok();
    repo.write(NAME, trio("a", "M", "Z")).commit("more").git(["checkout", "-q", "main"]).ok();
    repo.git(["cherry-pick", "side~"]).ok();
    assert_done(&repo, &trio("A", "M", "z"));
    repo.git(["merge", "-q", "-m", "m", "side"]).ok();
    assert_done(&repo, &trio("A", "M", "Z"));
}

#[test]
fn scenario_13_a_mailed_patch_is_merged_where_it_does_not_apply() {
    let repo = apart();
    repo.sh("git format-patch -q --stdout -1 side >../p").exits(0);
    repo.sh("git am -q -3 ../p").exits(0);
    assert_done(&repo, &pair("A", "Z"));
}

#[test]
fn scenario_13_a_mailed_patch_goes_on_when_its_conflict_is_settled() {
    let repo = collided();
    repo.sh("git format-patch -q --stdout -1 side >../p").exits(0);
    repo.sh("git am -q -3 ../p").exits(128);
    assert_open(&repo, "HEAD", "theirs");
    let settled = settle(&repo);
    repo.git(["am", "-q", "--continue"]).ok();
    assert_done(&repo, &settled);
    assert_eq!(subjects(&repo), "theirs,ours,base,");
}

/// A patch for `git apply`, which knows nothing of text forms.
const RAW_PATCH: &str = "git diff --no-ext-diff --no-textconv --binary --full-index main~ side >../p";

#[test]
fn scenario_13_a_raw_patch_is_applied_three_ways() {
    let repo = apart();
    repo.sh(RAW_PATCH).exits(0);
    repo.sh("git apply --3way ../p").exits(0);
    assert_eq!(repo.read(NAME), pair("A", "Z"));
    assert_eq!(repo.git(["status", "--porcelain"]).ok(), "M  n.ipynb\n");
    let repo = collided();
    repo.sh(RAW_PATCH).exits(0);
    repo.sh("git apply --3way ../p").exits(1);
    assert_open(&repo, "ours", "theirs");
}

#[test]
fn a_squash_leaves_its_conflict_open() {
    let repo = collided();
    repo.git(["merge", "-q", "--squash", "side"]).exits(1);
    assert_open(&repo, "HEAD", "side");
    let settled = settle(&repo);
    repo.git(["commit", "-q", "-m", "squashed"]).ok();
    assert_done(&repo, &settled);
    assert_eq!(subjects(&repo), "squashed,ours,base,");
}

#[test]
fn scenario_09_a_merge_goes_on_when_its_conflict_is_settled() {
    let repo = collided();
    repo.git(["merge", "-q", "side"]).exits(1);
    assert_open(&repo, "HEAD", "side");
    repo.git(["merge", "--continue"]).exits(128);
    let settled = settle(&repo);
    git_unasked(&repo, &["merge", "--continue"]).ok();
    assert_done(&repo, &settled);
}

/// git does not tell a merge driver of `-X ours` and `-X theirs`: what collides stays open, whichever was meant.
#[test]
fn a_favoured_side_is_not_known_to_drivers() {
    for favour in ["ours", "theirs"] {
        let repo = collided();
        repo.git(["merge", "-q", "-X", favour, "side"]).exits(1);
        assert_open(&repo, "HEAD", "side");
    }
}

#[test]
fn a_pull_merges_or_rebases() {
    let upstream = |repo: &Repo| {
        repo.git(["remote", "add", "origin", "."]).ok();
        repo.git(["fetch", "-q", "origin"]).ok();
    };
    for (option, ours, theirs) in [("--no-rebase", "A", "Z"), ("--rebase", "A", "Z")] {
        let repo = apart();
        upstream(&repo);
        repo.git(["pull", "-q", "--no-edit", option, "origin", "side"]).ok();
        assert_done(&repo, &pair(ours, theirs));
    }
    let repo = collided();
    upstream(&repo);
    let theirs = repo.git(["rev-parse", "side"]).ok();
    repo.git(["pull", "-q", "--no-edit", "--no-rebase", "origin", "side"]).exits(1);
    assert_open(&repo, "HEAD", theirs.trim());
}

#[test]
fn scenario_16_a_replay_merges_without_a_work_tree() {
    if git_version() < [2, 44, 0] {
        // `replay` is not there yet.
        return;
    }
    let repo = apart();
    // Newer versions move the branch themselves.
    let told = repo.git(["replay", "--onto", "main", "main..side"]).ok();
    repo.write("../told", &told).sh("git update-ref --stdin <../told").exits(0);
    assert_eq!(repo.git(["show", "side:n.ipynb"]).ok(), pair("A", "Z"));
    assert_done(&repo, &pair("A", "z"));
}

#[test]
fn a_subtree_is_merged_in_its_folder() {
    let repo = apart();
    repo.git(["checkout", "-q", "main"]).ok();
    fs::create_dir(repo.path().join("sub")).unwrap();
    repo.git(["mv", NAME, "sub/n.ipynb"]).ok();
    repo.commit("moved").git(["merge", "-q", "-m", "m", "-X", "subtree=sub", "side"]).ok();
    assert_eq!(repo.read("sub/n.ipynb"), pair("A", "Z"));
    assert!(!repo.has(NAME));
}

#[test]
fn scenario_26_outputs_that_a_filter_strips_do_not_come_back_by_a_merge() {
    let file = |count: u32, first: &str, last: &str| {
        notebook(&[ran("a", first, count, "1\n"), ran("b", last, count + 1, "2\n")])
    };
    let repo = branches(file(1, "a", "z"), file(3, "A", "z"), file(5, "a", "Z"));
    repo.write(".git/info/attributes", repo.read(".git/info/attributes") + "*.ipynb filter=strip\n");
    repo.git(["config", "filter.strip.clean", &format!("'{}' clean", env!("CARGO_BIN_EXE_cellwise"))]).ok();
    repo.git(["config", "merge.renormalize", "true"]).ok();
    repo.git(["add", "--renormalize", "."]).ok();
    repo.git(["commit", "-q", "-m", "stripped"]).ok();
    repo.git(["checkout", "-q", "-f", "main"]).ok();
    repo.git(["reset", "-q", "--hard"]).ok();
    repo.git(["merge", "-q", "-m", "m", "side"]).ok();
    assert_eq!(repo.git(["show", "HEAD:n.ipynb"]).ok(), sources(&["A", "Z"]));
}

#[test]
fn scenario_21_a_resolution_that_git_remembers_is_of_other_files() {
    let repo = collided();
    repo.git(["config", "rerere.enabled", "true"]).ok();
    repo.git(["checkout", "-q", "side"]).ok();
    repo.write("t.txt", "theirs\n").commit("text").git(["checkout", "-q", "main"]).ok();
    repo.write("t.txt", "ours\n").commit("text");
    repo.git(["merge", "-q", "side"]).exits(1);
    repo.write("t.txt", "both\n");
    settle(&repo);
    repo.commit("merged").git(["reset", "-q", "--hard", "HEAD~"]).ok();
    repo.git(["merge", "-q", "side"]).exits(1);
    assert_eq!(repo.read("t.txt"), "both\n");
    assert_stages(&repo, &[1, 2, 3]);
    assert_eq!(repo.cellwise(["check"]).exits(1).stdout, "n.ipynb: cell 2: unresolved conflict 1 (source)\n");
}

#[test]
fn scenario_17_a_strategy_without_drivers_leaves_what_check_finds() {
    let repo = collided();
    repo.git(["merge", "-q", "-s", "resolve", "side"]).exits(1);
    let found = repo.cellwise(["check"]).exits(1).stdout;
    assert!(found.contains("git conflict markers between the lines"), "{found}");
    assert_tidy(&repo);
}

#[test]
fn scenario_11_a_notebook_that_one_side_deleted_stays_as_the_other_has_it() {
    let repo = collided();
    repo.git(["checkout", "-q", "side"]).ok();
    repo.git(["rm", "-q", NAME]).ok();
    repo.commit("deleted").git(["checkout", "-q", "main"]).ok();
    repo.git(["merge", "-q", "side"]).exits(1);
    assert_eq!(repo.read(NAME), collision()[1]);
    assert_stages(&repo, &[1, 2]);
    assert_tidy(&repo);
}

#[test]
fn scenario_11_a_notebook_that_both_renamed_is_merged_in_both_names() {
    // git before 2.34 has another strategy, with its own ways for this.
    if git_version() < [2, 34, 0] {
        return;
    }
    let long = |first: &str, last: &str| {
        let mut parts = cells(pair(first, last).as_bytes());
        parts.extend([code("b", "b\nb\nb\nb\nb"), code("c", "c\nc\nc\nc\nc")]);
        notebook(&parts)
    };
    let repo = branches(long("a", "z"), long("A", "z"), long("a", "Z"));
    repo.git(["mv", NAME, "ours.ipynb"]).ok();
    repo.commit("ours").git(["checkout", "-q", "side"]).ok();
    repo.git(["mv", NAME, "theirs.ipynb"]).ok();
    repo.commit("theirs").git(["checkout", "-q", "main"]).ok();
    repo.git(["merge", "-q", "side"]).exits(1);
    for name in ["ours.ipynb", "theirs.ipynb"] {
        assert_eq!(repo.read(name), long("A", "Z"), "{name}");
    }
}

#[test]
fn scenario_09_several_notebooks_are_merged_in_one_go() {
    let repo = Repo::installed();
    let names = ["n.ipynb", "sub/a b.ipynb", "z.ipynb"];
    let write = |files: [String; 3], message: &str| {
        names.iter().zip(files).for_each(|(name, file)| _ = repo.write(name, file));
        repo.commit(message);
    };
    let [base, ours, theirs] = collision();
    write([pair("a", "z"), pair("a", "z"), base], "base");
    repo.git(["checkout", "-q", "-b", "side"]).ok();
    write([pair("a", "Z"), pair("a", "Z"), theirs], "theirs");
    repo.git(["checkout", "-q", "main"]).ok();
    write([pair("A", "z"), pair("A", "z"), ours], "ours");
    let run = repo.git(["merge", "-q", "side"]).exits(1);
    assert_eq!(run.stderr, "cellwise: z.ipynb: 1 conflict: cell 2 (source)\n");
    assert_eq!(repo.git(["status", "--porcelain"]).ok(), "M  n.ipynb\nM  \"sub/a b.ipynb\"\nUU z.ipynb\n");
    assert_eq!([names[0], names[1]].map(|name| repo.read(name)), [pair("A", "Z"), pair("A", "Z")]);
}
