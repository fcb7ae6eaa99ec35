//! What git was doing: the labels must be those that git tells a merge driver, and the words must fool nobody.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use cellwise::git::operation::{Operation, OperationKind, SeenLabels};
use cellwise::git::unmerged::WorkTree;
use cellwise::merge::Sides;

use crate::repo::Repo;

const NAME: &str = "a name.ipynb";

fn text(line: &str) -> String {
    (0..20).map(|number| if number == 5 { format!("{line}\n") } else { format!("{number}\n") }).collect()
}

/// A repository whose merge driver writes down the labels and finds a conflict every time.
struct Lab {
    repo: Repo,
    work: PathBuf,
}

impl Lab {
    /// Branch `main` and branch `side` have each changed one line; `side` has a second commit.
    fn new() -> Self {
        Self::of(Repo::new())
    }

    fn of(repo: Repo) -> Self {
        let log = repo.outside("labels");
        let driver = format!(": %O %A %B; printf '%s\\0' %S %X %Y > '{}'; exit 1", log.display());
        repo.git(["config", "merge.log.driver", &driver]).ok();
        repo.write(".git/info/attributes", "*.ipynb merge=log\n");
        repo.write(NAME, text("base")).commit("base").git(["checkout", "-q", "-b", "side"]).ok();
        repo.write(NAME, text("theirs")).commit("feat: side\nand (more)\n\nbody").git(["tag", "v1"]).ok();
        repo.git(["tag", "-a", "-m", "x", "annotated"]).ok();
        repo.write("x", "x").commit("last of side").git(["checkout", "-q", "main"]).ok();
        repo.write(NAME, text("ours")).commit("main \"one\"");
        let work = repo.path().to_owned();
        Self { repo, work }
    }

    fn git<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> crate::repo::Run {
        self.repo.run(Path::new("git"), &self.work, args)
    }

    /// The labels that git told last; those of the driver itself where git tells none.
    #[track_caller]
    fn told(&self) -> Sides<String> {
        let said = fs::read_to_string(self.repo.outside("labels")).unwrap();
        let told: Vec<&str> = said.split('\0').collect();
        let or = |told: &str, own: &str| if told.starts_with('%') { own.to_owned() } else { told.to_owned() };
        Sides { base: or(told[0], "base"), ours: or(told[1], "ours"), theirs: or(told[2], "theirs") }
    }

    #[track_caller]
    fn operation(&self, seen: &SeenLabels) -> Operation {
        let tree = WorkTree::around(&self.work).unwrap();
        let operation = Operation::of(&tree, seen);
        let unmerged = tree.unmerged(&[]).unwrap();
        assert_eq!(unmerged.len(), 1, "{unmerged:?}");
        assert_eq!(operation.labels_of(&tree, &unmerged[0]), self.told(), "{:?}", operation.kind);
        operation
    }

    /// Runs git, which must leave the notebook unmerged, and compares the labels.
    #[track_caller]
    fn stop(&self, command: &str) -> Operation {
        let run = self.git(command.split(' '));
        assert_ne!(run.code, 0, "{command}: {run:?}");
        self.operation(&SeenLabels::default())
    }

    /// The same where only the labels beside the markers tell.
    #[track_caller]
    fn stop_seen(&self, command: &str) -> Operation {
        self.git(command.split(' '));
        let Sides { base, ours, theirs } = self.told();
        self.operation(&Sides { base: Some(base), ours: Some(ours), theirs: Some(theirs) })
    }

    /// Gives up what was begun.
    fn abort(&self) {
        for command in ["merge", "rebase", "cherry-pick", "revert", "am"] {
            self.git([command, "--abort"]);
        }
        self.git(["reset", "-q", "--hard"]).ok();
        self.git(["checkout", "-q", "main"]).ok();
    }

    fn short(&self, revision: &str) -> String {
        self.git(["rev-parse", "--short", revision]).ok().trim_end().to_owned()
    }
}

#[track_caller]
fn assert_words(operation: &Operation, kind: OperationKind, ours: &str, theirs: &str) {
    assert_eq!(operation.kind, kind);
    assert_eq!([&*operation.words.ours, &*operation.words.theirs], [ours, theirs]);
}

#[test]
fn a_merge_is_named_as_it_was_typed() {
    let lab = Lab::new();
    lab.git(["update-ref", "refs/remotes/origin/side", "side"]).ok();
    lab.git(["branch", "it's", "side"]).ok();
    let id = lab.short("side");
    for name in ["side", "v1", "annotated", "origin/side", "refs/heads/side", "it's", &id] {
        let operation = lab.stop(&format!("merge {name}"));
        assert_words(&operation, OperationKind::Merge, "your branch main", &format!("{name}, which is merged in"));
        lab.abort();
    }
}

#[test]
fn a_merge_with_a_message_has_a_name_of_its_commit() {
    let lab = Lab::new();
    lab.git(["branch", "-m", "side", "a'b"]).ok();
    let operation = lab.stop("merge -m Words a'b");
    assert_words(&operation, OperationKind::Merge, "your branch main", "a'b, which is merged in");
    lab.abort();
    let name = format!("{} (feat: side)", lab.short("v1"));
    lab.git(["tag", "-d", "v1", "annotated"]).ok();
    let operation = lab.stop_seen("merge a'b~1");
    assert_words(&operation, OperationKind::Merge, "your branch main", &format!("{name}, which is merged in"));
}

#[test]
fn a_merge_may_be_squashed_or_of_strangers() {
    let lab = Lab::new();
    let operation = lab.stop("merge --squash side");
    assert_words(&operation, OperationKind::Merge, "your branch main", "side, which is merged in");
    lab.abort();
    fs::remove_file(lab.work.join(".git/SQUASH_MSG")).ok();
    lab.git(["checkout", "-q", "--orphan", "stranger"]).ok();
    lab.repo.write(NAME, text("strange")).commit("stranger");
    lab.git(["checkout", "-q", "--detach", "main"]).ok();
    let operation = lab.stop("merge --allow-unrelated-histories stranger");
    let ours = format!("your commit {} (main \"one\")", lab.short("main"));
    assert_words(&operation, OperationKind::Merge, &ours, "stranger, which is merged in");
    assert_eq!(operation.words.base, "nothing: they have no common ancestor");
}

#[test]
fn a_crossed_history_has_several_bases() {
    let lab = Lab::new();
    lab.git(["tag", "first"]).ok();
    for (branch, other) in [("main", "side"), ("side", "first")] {
        lab.git(["checkout", "-q", branch]).ok();
        lab.git(["merge", "-q", other]).exits(1);
        lab.repo.write(NAME, text(branch)).commit("settled");
    }
    lab.git(["checkout", "-q", "main"]).ok();
    let operation = lab.stop("merge side");
    assert_eq!(operation.words.base, "their common ancestors, merged");
}

#[test]
fn a_pull_is_named_by_its_commit() {
    let lab = Lab::new();
    let operation = lab.stop("pull -q --no-rebase . side");
    assert_words(&operation, OperationKind::Merge, "your branch main", "side, which is merged in");
    lab.abort();
    lab.git(["checkout", "-q", "-b", "topic"]).ok();
    let place = lab.work.to_str().unwrap().to_owned();
    let operation = lab.stop(&format!("pull -q --no-rebase {place} side"));
    let theirs = format!("side of {place}, which is merged in");
    assert_words(&operation, OperationKind::Merge, "your branch topic", &theirs);
}

#[test]
fn in_a_rebase_theirs_is_your_own_commit() {
    let lab = Lab::new();
    let own = format!("your commit {} (main \"one\")", lab.short("main"));
    for command in ["rebase side", "rebase -i side", "rebase --apply side", "pull -q --rebase . side"] {
        lab.git(["config", "sequence.editor", "true"]).ok();
        let operation = lab.stop(command);
        assert_words(&operation, OperationKind::Rebase, "side, which your commits are put onto", &own);
        lab.abort();
    }
}

#[test]
fn a_rebase_makes_merges_anew() {
    let lab = Lab::new();
    lab.git(["checkout", "-q", "-b", "all"]).ok();
    lab.git(["merge", "-q", "v1"]).exits(1);
    lab.repo.write(NAME, text("settled")).commit("settled").git(["branch", "onto", "main~1"]).ok();
    lab.git(["checkout", "-q", "onto"]).ok();
    lab.repo.write("y", "y").commit("onto").git(["checkout", "-q", "all"]).ok();
    let operation = lab.stop("rebase -q --rebase-merges onto");
    assert_eq!(operation.kind, OperationKind::Rebase);
    assert!(operation.words.ours.starts_with("your commits"), "{:?}", operation.words);
}

#[test]
fn what_is_picked_or_reverted_is_named() {
    let lab = Lab::new();
    let name = format!("{} (feat: side)", lab.short("v1"));
    let picked = format!("commit {name}, which is picked");
    let operation = lab.stop("cherry-pick v1");
    assert_words(&operation, OperationKind::CherryPick, "your branch main", &picked);
    lab.abort();
    let operation = lab.stop("cherry-pick v1 side");
    assert_words(&operation, OperationKind::CherryPick, "your branch main", &picked);
    lab.abort();
    lab.git(["checkout", "-q", "-b", "topic"]).ok();
    lab.repo.write(NAME, text("more")).commit("more");
    let operation = lab.stop("revert HEAD~1");
    let before = format!("the state before {} (main \"one\")", lab.short("main"));
    assert_words(&operation, OperationKind::Revert, "your branch topic", &before);
    assert_eq!(operation.words.base, format!("commit {} (main \"one\"), which is reverted", lab.short("main")));
}

#[test]
fn a_pick_in_a_rebase_is_a_pick() {
    let lab = Lab::new();
    lab.git(["config", "sequence.editor", "sed -i.bak s/^pick/edit/"]).ok();
    lab.git(["rebase", "-q", "-i", "HEAD~1"]).ok();
    assert_eq!(lab.stop("cherry-pick v1").kind, OperationKind::CherryPick);
    lab.git(["cherry-pick", "--quit"]).ok();
    lab.git(["reset", "-q", "--hard"]).ok();
    assert_eq!(lab.stop("merge side").kind, OperationKind::Merge);
}

#[test]
fn the_first_commit_has_no_parent() {
    let lab = Lab::new();
    lab.git(["checkout", "-q", "--orphan", "root"]).ok();
    lab.repo.write(NAME, text("root")).commit("root").git(["checkout", "-q", "main"]).ok();
    assert_eq!(lab.stop("cherry-pick root").kind, OperationKind::CherryPick);
}

#[test]
fn a_patch_is_named_by_its_subject() {
    let lab = Lab::new();
    let patch = lab.git(["format-patch", "-1", "--stdout", "v1"]).ok();
    let file = lab.repo.outside("mbox");
    fs::write(&file, patch).unwrap();
    let operation = lab.stop(&format!("am -q -3 {}", file.display()));
    let theirs = "the patch \"feat: side and (more)\", which is applied";
    assert_words(&operation, OperationKind::Am, "your branch main", theirs);
}

/// git tells the labels of these to nobody but the driver.
#[test]
fn what_leaves_no_state_is_told_by_its_labels() {
    let lab = Lab::new();
    let told = crate::repo::git_version() >= [2, 44, 0];
    let kind = |kind| if told { kind } else { OperationKind::Unknown };
    lab.repo.write(NAME, text("stashed")).git(["stash", "-q"]).ok();
    lab.repo.write(NAME, text("later")).commit("later");
    let operation = lab.stop_seen("stash pop");
    assert_eq!(operation.kind, kind(OperationKind::Stash));
    if told {
        let ours = "your branch main as it is now";
        assert_words(&operation, OperationKind::Stash, ours, "your stashed changes");
    }
    lab.abort();
    lab.repo.write(NAME, text("not committed"));
    let operation = lab.stop_seen("checkout -q -m side");
    assert_eq!(operation.kind, kind(OperationKind::Checkout));
    if told {
        assert_eq!(operation.words.theirs, "your changes that were not committed");
    }
    lab.git(["reset", "-q", "--hard"]).ok();
    lab.git(["checkout", "-q", "main"]).ok();
    assert_eq!(lab.stop_seen("cherry-pick -n v1").kind, kind(OperationKind::CherryPick));
}

#[test]
fn the_label_of_a_renamed_notebook_has_its_path() {
    let lab = Lab::new();
    lab.git(["checkout", "-q", "-b", "moved", "side"]).ok();
    lab.git(["mv", NAME, "new: name.ipynb"]).ok();
    lab.repo.commit("moved").git(["checkout", "-q", "main"]).ok();
    for command in ["merge moved", "rebase moved", "rebase --apply moved"] {
        lab.stop(command);
        lab.abort();
    }
    lab.git(["checkout", "-q", "moved"]).ok();
    for command in ["merge main", "cherry-pick main"] {
        lab.stop(command);
        lab.git(["reset", "-q", "--hard"]).ok();
    }
}

#[test]
fn a_linked_work_tree_has_an_operation_of_its_own() {
    let mut lab = Lab::new();
    let linked = lab.repo.outside("linked");
    lab.git(["worktree", "add", "-q", "-b", "topic", linked.to_str().unwrap(), "main"]).ok();
    let top = std::mem::replace(&mut lab.work, linked);
    for (command, kind) in [
        ("merge side", OperationKind::Merge),
        ("rebase side", OperationKind::Rebase),
        ("cherry-pick v1", OperationKind::CherryPick),
    ] {
        assert_eq!(lab.stop(command).kind, kind);
        lab.git(["reset", "-q", "--hard"]).ok();
        lab.git(["rebase", "--abort"]);
    }
    let outside = Operation::of(&WorkTree::around(&top).unwrap(), &SeenLabels::default());
    assert_eq!(outside.kind, OperationKind::Unknown);
}

#[test]
fn other_formats_of_repositories_keep_the_same_state() {
    let mut kinds = vec!["--object-format=sha256"];
    if crate::repo::git_version() >= [2, 45, 0] {
        kinds.push("--ref-format=reftable");
    }
    for option in kinds {
        let lab = Lab::of(Repo::init(&[option]));
        for (command, kind) in [
            ("merge side", OperationKind::Merge),
            ("rebase side", OperationKind::Rebase),
            ("cherry-pick v1", OperationKind::CherryPick),
        ] {
            assert_eq!(lab.stop(command).kind, kind, "{option}");
            lab.abort();
        }
    }
}
