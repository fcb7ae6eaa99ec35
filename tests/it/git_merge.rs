//! What `git merge` and its relatives leave, with real git.

#![allow(clippy::unwrap_used, clippy::panic)]

use crate::nb::{cells, code, markdown, notebook, ran, source, sources};
use crate::repo::{Repo, Run, git_version, labels};

const NAME: &str = "n.ipynb";

/// A repository with the three versions of `n.ipynb`: `main` is ours, `side` theirs.
pub(crate) fn branches(base: impl AsRef<[u8]>, ours: impl AsRef<[u8]>, theirs: impl AsRef<[u8]>) -> Repo {
    let repo = Repo::installed();
    diverge(&repo, NAME, [base.as_ref(), ours.as_ref(), theirs.as_ref()]);
    repo
}

/// Commits base, ours and theirs of one file and leaves `main` checked out.
pub(crate) fn diverge(repo: &Repo, name: &str, [base, ours, theirs]: [&[u8]; 3]) {
    repo.write(name, base).commit("base");
    repo.git(["checkout", "-q", "-b", "side"]).ok();
    repo.write(name, theirs).commit("theirs");
    repo.git(["checkout", "-q", "main"]).ok();
    repo.write(name, ours).commit("ours");
}

/// Three versions whose second cell collides.
fn collision() -> [String; 3] {
    ["x = 0", "x = 1", "x = 2"].map(|line| sources(&["import os", &format!("# first\n{line}\n# last"), "print(x)"]))
}

fn collided() -> Repo {
    let [base, ours, theirs] = collision();
    branches(base, ours, theirs)
}

fn all_sources(file: &[u8]) -> Vec<String> {
    cells(file).iter().map(source).collect()
}

/// What stands in the conflicted cell of sides that git calls so.
fn marked(ours: &str, theirs: &str) -> String {
    let (ours, theirs) = labels(ours, theirs);
    format!("# first\n<<<<<<< {ours}\nx = 1\n=======\nx = 2\n>>>>>>> {theirs}\n# last")
}

#[test]
fn scenario_09_different_cells_and_different_lines_merge() {
    let file = |lines: [&str; 4]| {
        let [first, head, tail, last] = lines;
        sources(&[first, &format!("{head}\nb\nc\nd\n{tail}"), "mid", last])
    };
    let repo = branches(file(["one", "a", "e", "end"]), file(["ONE", "A", "e", "end"]), file(["one", "a", "E", "END"]));
    let run = repo.git(["merge", "-m", "m", "side"]).exits(0);
    assert!(run.stdout.contains("Auto-merging n.ipynb"), "{run:?}");
    assert_eq!(repo.read(NAME), file(["ONE", "A", "E", "END"]));
    assert_eq!(repo.git(["status", "--porcelain"]).ok(), "");
}

#[test]
fn outputs_and_counts_that_both_sides_made_anew_are_no_conflict() {
    let file = |count: u32, printed: &str, last: &str| notebook(&[ran("a", "run()", count, printed), code("b", last)]);
    let repo = branches(file(1, "1\n", "x"), file(5, "5\n", "x"), file(9, "9\n", "y"));
    repo.git(["merge", "-q", "-m", "m", "side"]).exits(0);
    assert_eq!(repo.read(NAME), file(5, "5\n", "y"));
}

#[test]
fn scenario_09_a_conflict_is_marked_in_its_cell_alone() {
    let repo = collided();
    let run = repo.git(["merge", "side"]).exits(1);
    assert!(run.stdout.contains("CONFLICT (content): Merge conflict in n.ipynb"), "{run:?}");
    assert_eq!(repo.git(["status", "--porcelain"]).ok(), "UU n.ipynb\n");
    assert_eq!(all_sources(&repo.bytes(NAME)), ["import os", &marked("HEAD", "side"), "print(x)"]);
    let ids: Vec<String> = cells(&repo.bytes(NAME)).iter().map(|cell| cell["id"].to_string()).collect();
    assert_eq!(ids, ["\"a\"", "\"b\"", "\"c\""]);
    let found = repo.cellwise(["check"]).exits(1).stdout;
    assert_eq!(found, "n.ipynb: cell 2: unresolved conflict 1 (source)\n");
    let diff = repo.git(["diff"]).ok();
    let (ours, _) = labels("HEAD", "side");
    assert!(diff.contains("++# UNRESOLVED merge conflict 1: source\n"), "{diff}");
    assert!(diff.contains(&format!("++<<<<<<< {ours}\n")), "{diff}");
}

#[test]
fn a_conflict_settled_by_hand_is_settled() {
    let repo = collided();
    repo.git(["merge", "-q", "side"]).exits(1);
    let mut left = cells(&repo.bytes(NAME));
    left[1]["source"] = serde_json::json!(["# first\n", "x = 3\n", "# last"]);
    repo.write(NAME, notebook(&left));
    assert_eq!(repo.cellwise(["check"]).ok(), "");
    assert!(!repo.git(["diff"]).ok().contains("UNRESOLVED"));
    repo.git(["add", NAME]).ok();
    assert_eq!(repo.cellwise(["check", "--staged"]).ok(), "");
    repo.git(["commit", "-q", "-m", "merged"]).ok();
}

#[test]
fn scenario_21_recorded_resolutions_leave_notebooks_alone() {
    let repo = collided();
    repo.git(["config", "rerere.enabled", "true"]).ok();
    repo.git(["config", "rerere.autoUpdate", "true"]).ok();
    for _ in 0..2 {
        let run = repo.git(["merge", "-q", "side"]).exits(1);
        assert!(!said(&run).contains("preimage") && !said(&run).contains("error:"), "{run:?}");
        repo.write(NAME, collision()[2].clone()).git(["add", NAME]).ok();
        repo.git(["commit", "-q", "-m", "merged"]).ok();
        repo.git(["reset", "-q", "--hard", "HEAD~"]).ok();
    }
}

#[test]
fn scenario_09_a_merge_that_was_given_up_leaves_no_trace() {
    let repo = collided();
    repo.git(["merge", "-q", "side"]).exits(1);
    repo.git(["merge", "--abort"]).ok();
    assert_eq!(repo.read(NAME), collision()[1]);
    assert_eq!(repo.git(["status", "--porcelain"]).ok(), "");
}

fn said(run: &Run) -> String {
    format!("{}{}", run.stdout, run.stderr)
}

#[test]
fn a_staged_conflict_is_found() {
    let repo = collided();
    repo.git(["merge", "-q", "side"]).exits(1);
    repo.git(["add", NAME]).ok();
    repo.write(NAME, collision()[0].clone());
    assert_eq!(repo.cellwise(["check"]).ok(), "");
    let found = repo.cellwise(["check", "--staged"]).exits(1).stdout;
    assert!(found.starts_with("n.ipynb: cell 2: unresolved"), "{found}");
}

#[test]
fn a_deleted_cell_that_was_edited_is_a_conflict() {
    let repo = branches(sources(&["a", "b", "c"]), sources(&["a", "b edited", "c"]), {
        notebook(&[code("a", "a"), code("c", "c")])
    });
    repo.git(["merge", "-q", "side"]).exits(1);
    let left = all_sources(&repo.bytes(NAME));
    assert!(left.contains(&"b edited".to_owned()), "{left:?}");
    let found = repo.cellwise(["check"]).exits(1).stdout;
    assert!(found.contains("(delete/edit)"), "{found}");
}

#[test]
fn scenario_10_a_notebook_that_both_added_is_merged_without_a_base() {
    let repo = Repo::installed();
    repo.commit("base");
    repo.git(["checkout", "-q", "-b", "side"]).ok();
    repo.write(NAME, sources(&["same", "same too", "theirs"])).commit("theirs");
    repo.git(["checkout", "-q", "main"]).ok();
    repo.write(NAME, sources(&["same", "same too"])).commit("ours");
    repo.git(["merge", "-q", "-m", "m", "side"]).exits(0);
    assert_eq!(all_sources(&repo.bytes(NAME)), ["same", "same too", "theirs"]);
}

#[test]
fn scenario_10_a_notebook_that_both_added_differently_is_a_conflict() {
    let repo = Repo::installed();
    repo.commit("base");
    repo.git(["checkout", "-q", "-b", "side"]).ok();
    repo.write(NAME, sources(&["same", "x = 1 # theirs"])).commit("theirs");
    repo.git(["checkout", "-q", "main"]).ok();
    repo.write(NAME, sources(&["same", "x = 1 # ours"])).commit("ours");
    repo.git(["merge", "-q", "side"]).exits(1);
    assert_eq!(repo.git(["status", "--porcelain"]).ok(), "AA n.ipynb\n");
    let left = all_sources(&repo.bytes(NAME)).concat();
    assert!(left.contains("# ours") && left.contains("# theirs"), "{left}");
    repo.cellwise(["check"]).exits(1);
}

#[test]
fn scenario_11_a_renamed_notebook_is_merged_under_its_new_name() {
    let file = |first: &str, last: &str| sources(&[first, "b\nb\nb\nb\nb", "c\nc\nc\nc\nc", last]);
    let repo = branches(file("a", "z"), file("A", "z"), file("a", "Z"));
    repo.git(["checkout", "-q", "side"]).ok();
    repo.git(["mv", NAME, "moved.ipynb"]).ok();
    repo.commit("moved").git(["checkout", "-q", "main"]).ok();
    repo.git(["merge", "-q", "-m", "m", "side"]).exits(0);
    assert_eq!(repo.read("moved.ipynb"), file("A", "Z"));
    assert!(!repo.has(NAME));
}

#[test]
fn scenario_11_a_renamed_notebook_with_a_conflict_says_both_names() {
    let repo = collided();
    repo.git(["checkout", "-q", "side"]).ok();
    repo.git(["mv", NAME, "moved.ipynb"]).ok();
    repo.commit("moved").git(["checkout", "-q", "main"]).ok();
    let run = repo.git(["merge", "-q", "side"]).exits(1);
    assert_eq!(all_sources(&repo.bytes("moved.ipynb"))[1], marked("HEAD:n.ipynb", "side:moved.ipynb"));
    // git before 2.34 merges with another strategy, which hands over the name that the file had before.
    let name = if git_version() >= [2, 34, 0] { "moved.ipynb" } else { NAME };
    assert_eq!(run.stderr, format!("cellwise: {name}: 1 conflict: cell 2 (source)\n"));
}

#[cfg(unix)]
#[test]
fn scenario_12_the_executable_bit_is_kept() {
    use std::fs;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let repo = branches(sources(&["a", "b"]), sources(&["A", "b"]), sources(&["a", "B"]));
    repo.git(["checkout", "-q", "side"]).ok();
    fs::set_permissions(repo.path().join(NAME), fs::Permissions::from_mode(0o755)).unwrap();
    repo.commit("mode").git(["checkout", "-q", "main"]).ok();
    repo.git(["merge", "-q", "-m", "m", "side"]).exits(0);
    assert_eq!(repo.read(NAME), sources(&["A", "B"]));
    assert_eq!(fs::metadata(repo.path().join(NAME)).unwrap().mode() & 0o111, 0o111);
}

#[test]
fn the_attribute_sets_the_length_of_markers() {
    let repo = collided();
    let attributes = repo.read(".git/info/attributes");
    repo.write(".git/info/attributes", format!("{attributes}*.ipynb conflict-marker-size=20\n"));
    repo.git(["merge", "-q", "side"]).exits(1);
    let marked = &all_sources(&repo.bytes(NAME))[1];
    let (ours, _) = labels("HEAD", "side");
    assert!(marked.contains(&format!("\n{} {ours}\n", "<".repeat(20))), "{marked}");
    repo.cellwise(["check"]).exits(1);
}

#[test]
fn a_line_that_looks_like_a_marker_makes_longer_ones() {
    let [base, ours, theirs] = collision().map(|file| file.replace("# first", "======="));
    let repo = branches(base, ours, theirs);
    repo.git(["merge", "-q", "side"]).exits(1);
    let marked = &all_sources(&repo.bytes(NAME))[1];
    let (ours, _) = labels("HEAD", "side");
    assert!(marked.contains(&format!("\n<<<<<<<< {ours}\n")) && marked.contains("\n========\n"), "{marked}");
}

#[test]
fn the_conflict_style_is_obeyed() {
    // To git before 2.35, zdiff3 is a fatal mistake in the configuration.
    let styles = ["diff3", "zdiff3"].into_iter().filter(|style| *style != "zdiff3" || git_version() >= [2, 35, 0]);
    for style in styles {
        let repo = collided();
        repo.git(["config", "merge.conflictStyle", style]).ok();
        repo.git(["merge", "-q", "side"]).exits(1);
        let marked = &all_sources(&repo.bytes(NAME))[1];
        assert!(marked.contains("x = 1\n||||||| ") && marked.contains("\nx = 0\n=======\n"), "{marked}");
        repo.cellwise(["check"]).exits(1);
    }
}

/// The labels of the one conflict in `n.ipynb`.
#[track_caller]
fn labels_in(repo: &Repo) -> (String, String) {
    let source = &all_sources(&repo.bytes(NAME))[1];
    let label = |marker: &str| {
        let line = source.lines().find_map(|line| line.strip_prefix(marker));
        line.unwrap_or_else(|| panic!("{marker} in {source}")).to_owned()
    };
    (label("<<<<<<< "), label(">>>>>>> "))
}

fn short(repo: &Repo, revision: &str) -> String {
    repo.git(["rev-parse", "--short", revision]).ok().trim().to_owned()
}

#[test]
fn scenario_13_rebase_says_which_commit_collides() {
    for (option, named) in [("--merge", true), ("--apply", false)] {
        let repo = collided();
        let commit = short(&repo, "side");
        repo.git(["checkout", "-q", "side"]).ok();
        repo.git(["rebase", option, "main"]).exits(1);
        let theirs = if named { format!("{commit} (theirs)") } else { "theirs".to_owned() };
        assert_eq!(labels_in(&repo), labels("HEAD", theirs));
        repo.cellwise(["check"]).exits(1);
        repo.git(["rebase", "--abort"]).ok();
        assert_eq!(repo.read(NAME), collision()[2]);
    }
}

#[test]
fn scenario_13_cherry_pick_and_revert_say_which_commit_collides() {
    let repo = collided();
    let commit = short(&repo, "side");
    repo.git(["cherry-pick", "side"]).exits(1);
    assert_eq!(labels_in(&repo), labels("HEAD", format!("{commit} (theirs)")));
    repo.git(["cherry-pick", "--abort"]).ok();
    let reverted = short(&repo, "HEAD");
    repo.write(NAME, sources(&["import os", "# first\nx = 2\n# last", "print(x)"])).commit("more");
    repo.git(["revert", "--no-edit", "HEAD~"]).exits(1);
    assert_eq!(labels_in(&repo), labels("HEAD", format!("parent of {reverted} (ours)")));
}

#[test]
fn scenario_14_stash_pop_says_what_was_stashed() {
    let [base, ours, theirs] = collision();
    let repo = Repo::installed();
    repo.write(NAME, base).commit("base").write(NAME, theirs).git(["stash", "-q"]).ok();
    repo.write(NAME, ours).commit("ours");
    repo.git(["stash", "pop"]).exits(1);
    assert_eq!(labels_in(&repo), labels("Updated upstream", "Stashed changes"));
}

#[test]
fn scenario_13_am_falls_back_on_the_driver() {
    let repo = collided();
    repo.sh("git format-patch -q --stdout -1 side >../p").exits(0);
    repo.sh("git am -q -3 ../p").exits(128);
    assert_eq!(labels_in(&repo), labels("HEAD", "theirs"));
    repo.cellwise(["check"]).exits(1);
}

#[test]
fn scenario_14_checkout_carries_local_edits_over() {
    let [base, ours, theirs] = collision();
    let repo = branches(&base, &base, &theirs);
    repo.write(NAME, ours).git(["checkout", "-q", "-m", "side"]).exits(0);
    assert_eq!(labels_in(&repo), labels("side", "local"));
}

#[test]
fn scenario_14_checkout_brings_the_conflict_back() {
    let repo = collided();
    repo.git(["merge", "-q", "side"]).exits(1);
    repo.git(["checkout", "-q", "--ours", NAME]).ok();
    assert_eq!(repo.read(NAME), collision()[1]);
    repo.git(["checkout", "-q", "-m", NAME]).ok();
    assert_eq!(labels_in(&repo), labels("ours", "theirs"));
}

#[test]
fn scenario_16_merge_tree_merges_without_a_work_tree() {
    if git_version() < [2, 38, 0] {
        // `merge-tree --write-tree` is not there yet.
        return;
    }
    let file = |first: &str, last: &str| sources(&[first, "mid", last]);
    let repo = branches(file("a", "z"), file("A", "z"), file("a", "Z"));
    let tree = repo.git(["merge-tree", "--write-tree", "main", "side"]).ok();
    let merged = repo.git(["show", &format!("{}:{NAME}", tree.trim())]).ok();
    assert_eq!(merged, file("A", "Z"));
    assert_eq!(repo.read(NAME), file("A", "z"));
    let repo = collided();
    let tree = repo.git(["merge-tree", "--write-tree", "main", "side"]).exits(1).stdout;
    let left = repo.git(["show", &format!("{}:{NAME}", tree.lines().next().unwrap())]).ok();
    assert_eq!(all_sources(left.as_bytes())[1], marked("main", "side"));
}

#[test]
fn squash_merges_too() {
    let file = |first: &str, last: &str| sources(&[first, "mid", last]);
    let repo = branches(file("a", "z"), file("A", "z"), file("a", "Z"));
    repo.git(["merge", "-q", "--squash", "side"]).exits(0);
    assert_eq!(repo.read(NAME), file("A", "Z"));
}

#[test]
fn other_metadata_of_both_sides_is_kept() {
    let file = |keys: &[&str]| {
        let mut cell = markdown("a", "text");
        keys.iter().for_each(|key| cell["metadata"][*key] = true.into());
        notebook(&[cell])
    };
    let repo = branches(file(&[]), file(&["ours"]), file(&["theirs"]));
    repo.git(["merge", "-q", "-m", "m", "side"]).exits(0);
    let left = &cells(&repo.bytes(NAME))[0]["metadata"];
    assert_eq!(left, &serde_json::json!({"ours": true, "theirs": true}));
}

#[test]
fn a_clean_merge_is_silent() {
    let file = |first: &str, last: &str| sources(&[first, "mid", last]);
    let repo = branches(file("a", "z"), file("A", "z"), file("a", "Z"));
    let Run { stdout, stderr, .. } = repo.git(["merge", "-q", "-m", "m", "side"]).exits(0);
    assert_eq!((stdout.as_str(), stderr.as_str()), ("Auto-merging n.ipynb\n", ""));
}
