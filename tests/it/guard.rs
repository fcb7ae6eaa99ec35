//! The guard: no command concludes a merge with an unresolved notebook in it.

#![allow(clippy::unwrap_used)]

use crate::nb::{notebook, ran, sources};
use crate::repo::{Repo, Run};

const NAME: &str = "n.ipynb";

/// A repository whose branches `main` and `side` change the same line of a notebook; main is checked out.
fn collided() -> Repo {
    let repo = Repo::new();
    repo.cellwise(["install", "--guard"]).ok();
    repo.write(NAME, sources(&["a = 1", "x = 1"])).commit("base");
    repo.git(["checkout", "-q", "-b", "side"]).ok();
    repo.write(NAME, sources(&["a = 1", "x = 3"])).write("side.txt", "side\n").commit("side");
    repo.git(["checkout", "-q", "main"]).ok();
    repo.write(NAME, sources(&["a = 1", "x = 2"])).write("main.txt", "main\n").commit("main");
    repo
}

impl Repo {
    fn head(&self) -> String {
        self.git(["rev-parse", "HEAD"]).ok()
    }

    /// Runs the command that ends in a conflict.
    #[track_caller]
    fn collides(&self, args: &[&str]) {
        let run = self.git(args);
        assert!(run.code != 0 && self.read(NAME).contains("<<<<<<<"), "{run:?}");
    }

    /// Runs a command that the guard must stop: it says where the conflict is, and nothing is committed.
    #[track_caller]
    fn is_stopped(&self, args: &[&str]) -> Run {
        let before = self.head();
        let run = self.concludes(args);
        assert_ne!(run.code, 0, "{args:?}: {run:?}");
        let said = format!("{}{}", run.stdout, run.stderr);
        for part in [
            "n.ipynb: cell 2: unresolved conflict 1 (source)\n",
            "cellwise: settle conflicts with `cellwise resolve PATH`, or in Jupyter and then `git add`",
        ] {
            assert!(said.contains(part), "{args:?}: {run:?}");
        }
        assert_eq!(self.head(), before, "{args:?}");
        run
    }

    /// Runs the same command once more after the conflict was settled by hand.
    #[track_caller]
    fn goes_through(&self, args: &[&str]) {
        let before = self.head();
        self.write(NAME, sources(&["a = 1", "x = 5"])).git(["add", NAME]).ok();
        let run = self.concludes(args).exits(0);
        assert_ne!(self.head(), before, "{run:?}");
        assert!(self.git(["show", &format!("HEAD:{NAME}")]).ok().contains("x = 5"));
        assert_eq!(self.git(["status", "--porcelain"]).ok(), "");
    }

    fn concludes(&self, args: &[&str]) -> Run {
        // `true` takes every commit message as it is.
        self.git([&["-c", "core.editor=true"], args].concat())
    }
}

/// Goes through a whole conflict: what makes it, and what concludes it.
#[track_caller]
fn guarded(make: &[&str], conclude: &[&str]) {
    let repo = collided();
    repo.collides(make);
    repo.git(["add", NAME]).ok();
    repo.is_stopped(conclude);
    repo.goes_through(conclude);
}

#[test]
fn scenario_20_commit_after_a_merge() {
    guarded(&["merge", "side"], &["commit", "-m", "merged"]);
}

#[test]
fn scenario_20_commit_all_after_a_merge() {
    let repo = collided();
    repo.collides(&["merge", "side"]);
    // Nothing is staged but in the index of the commit in the making.
    repo.is_stopped(&["commit", "-a", "-m", "merged"]);
    repo.goes_through(&["commit", "-a", "-m", "merged"]);
}

#[test]
fn scenario_20_merge_continue() {
    guarded(&["merge", "side"], &["merge", "--continue"]);
}

#[test]
fn scenario_20_cherry_pick_continue() {
    guarded(&["cherry-pick", "side"], &["cherry-pick", "--continue"]);
}

#[test]
fn scenario_20_revert_continue() {
    let repo = collided();
    repo.write(NAME, sources(&["a = 1", "x = 4"])).commit("later");
    repo.collides(&["revert", "HEAD~"]);
    repo.git(["add", NAME]).ok();
    repo.is_stopped(&["revert", "--continue"]);
    repo.goes_through(&["revert", "--continue"]);
}

#[test]
fn scenario_20_rebase_continue() {
    guarded(&["rebase", "side"], &["rebase", "--continue"]);
}

#[test]
fn scenario_20_rebase_by_patches_continue() {
    guarded(&["rebase", "--apply", "side"], &["rebase", "--continue"]);
}

#[test]
fn scenario_20_am_continue() {
    let repo = collided();
    let patch = repo.git(["format-patch", "--stdout", "main..side"]).ok();
    repo.write(".git/side.patch", patch);
    repo.collides(&["am", "-3", ".git/side.patch"]);
    repo.git(["add", NAME]).ok();
    repo.is_stopped(&["am", "--continue"]);
    repo.goes_through(&["am", "--continue"]);
}

#[test]
fn scenario_20_squashed_and_amended() {
    guarded(&["merge", "--squash", "side"], &["commit", "-m", "squashed"]);
    guarded(&["cherry-pick", "-n", "side"], &["commit", "--amend", "--no-edit"]);
}

#[test]
fn scenario_20_stash_pop_and_commit_of_one_file() {
    let repo = collided();
    repo.write(NAME, sources(&["a = 1", "x = 8"])).git(["stash"]).ok();
    repo.write(NAME, sources(&["a = 1", "x = 9"])).commit("other");
    repo.collides(&["stash", "pop"]);
    repo.git(["reset", "-q"]).ok();
    repo.is_stopped(&["commit", "-m", "popped", NAME]);
    repo.goes_through(&["commit", "-m", "popped", NAME]);
}

#[test]
fn scenario_20_in_a_linked_work_tree() {
    let repo = collided();
    repo.git(["worktree", "add", "-q", "--detach", "../linked", "main"]).ok();
    let linked = repo.outside("linked");
    let git = |args: &[&str]| repo.run("git".as_ref(), &linked, args);
    git(&["merge", "side"]).exits(1);
    git(&["add", NAME]).ok();
    let run = git(&["commit", "-m", "merged"]).exits(1);
    assert!(run.stderr.contains("n.ipynb: cell 2: unresolved"), "{run:?}");
    git(&["merge", "--abort"]).ok();
    assert_ne!(git(&["rebase", "side"]).code, 0);
    git(&["add", NAME]).ok();
    let run = git(&["-c", "core.editor=true", "rebase", "--continue"]);
    assert!(run.code != 0 && run.stderr.contains("n.ipynb: cell 2: unresolved"), "{run:?}");
}

/// A commit that holds a conflict, made past the guard on branch `bad`.
fn with_a_bad_branch() -> Repo {
    let repo = collided();
    repo.git(["checkout", "-q", "-b", "bad", "main"]).ok();
    repo.collides(&["merge", "side"]);
    repo.git(["commit", "-q", "--no-verify", "-a", "-m", "bad"]).ok();
    repo.git(["checkout", "-q", "main"]).ok();
    repo
}

#[test]
fn a_merge_that_brings_a_conflict_of_others_stops() {
    let repo = with_a_bad_branch();
    let run = repo.git(["merge", "--no-ff", "--no-edit", "bad"]);
    assert!(run.code != 0 && run.stderr.contains("n.ipynb: cell 2: unresolved"), "{run:?}");
    repo.git(["merge", "--abort"]).ok();
}

#[test]
fn who_says_no_verify_is_let_through() {
    let repo = with_a_bad_branch();
    assert!(repo.git(["show", "bad:n.ipynb"]).ok().contains("<<<<<<<"));
    // In a rebase nothing tells the hook, so it takes more words.
    repo.collides(&["rebase", "side"]);
    repo.git(["add", NAME]).ok();
    repo.is_stopped(&["rebase", "--continue"]);
    let off = ["-c", "core.hooksPath=/dev/null", "-c", "hook.cellwise-rebase.enabled=false"];
    repo.git([&off[..], &["-c", "core.editor=true", "rebase", "--continue"]].concat()).ok();
    assert!(repo.git(["show", "HEAD:n.ipynb"]).ok().contains("<<<<<<<"));
}

#[test]
fn what_is_not_in_the_commit_stops_nothing() {
    let repo = with_a_bad_branch();
    repo.git(["checkout", "-q", "bad"]).ok();
    repo.write("a.txt", "a\n").git(["add", "a.txt"]).ok();
    repo.git(["commit", "-q", "-m", "beside an old conflict"]).ok();
    repo.git(["commit", "-q", "--amend", "-m", "said better"]).ok();
    repo.write("broken.ipynb", "{").write("deleted.ipynb", sources(&["x"])).git(["add", "."]).ok();
    let run = repo.git(["commit", "-q", "-m", "an unreadable notebook"]).exits(0);
    assert_eq!(run.stderr, "");
    repo.git(["rm", "-q", NAME, "deleted.ipynb"]).ok();
    repo.git(["commit", "-q", "-m", "the conflict is deleted"]).ok();
    repo.git(["commit", "-q", "--allow-empty", "-m", "nothing"]).ok();
}

#[test]
fn a_first_commit_and_text_markers_are_seen() {
    let repo = Repo::new();
    repo.cellwise(["install", "--guard"]).ok();
    repo.write(NAME, "{\n<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> x\n}\n").git(["add", "."]).ok();
    let run = repo.git(["commit", "-m", "first"]).exits(1);
    assert!(run.stderr.contains("n.ipynb:2: git conflict markers"), "{run:?}");
    repo.write(NAME, sources(&["<<<<<<< HEAD"])).git(["add", "."]).ok();
    repo.git(["commit", "-m", "a cell about markers"]).ok();
}

#[test]
fn names_of_any_kind_are_read_and_shown() {
    let repo = Repo::new();
    repo.cellwise(["install", "--guard"]).ok();
    for name in ["a b.ipynb", "ü\n\u{1b}[31m.IPYNB", "-n.ipynb", ":(top)x.ipynb"] {
        repo.write(name, "<<<<<<< a\n{}\n=======\n{}\n>>>>>>> b\n");
    }
    repo.git(["add", "-A"]).ok();
    let run = repo.git(["--literal-pathspecs", "commit", "-m", "x"]).exits(1);
    assert_eq!(run.stderr.matches(": git conflict markers").count(), 4, "{run:?}");
    assert!(!run.stderr.contains('\u{1b}'), "{run:?}");
}

#[test]
fn unmerged_notebooks_are_named() {
    let repo = collided();
    repo.collides(&["merge", "side"]);
    let run = repo.cellwise(["check", "--staged"]).exits(1);
    assert_eq!(run.stdout, "n.ipynb: unmerged\n");
    // The way that the hint names leads out of a conflict that was staged.
    repo.git(["add", NAME]).ok();
    repo.git(["checkout", "-q", "-m", NAME]).ok();
    repo.git(["checkout", "-q", "--theirs", NAME]).ok();
    repo.git(["add", NAME]).ok();
    repo.git(["commit", "-q", "-m", "theirs"]).ok();
    assert!(repo.git(["show", "HEAD:n.ipynb"]).ok().contains("x = 3"));
}

#[test]
fn what_the_filter_should_have_cleaned_is_named() {
    let repo = Repo::new();
    repo.cellwise(["install", "--guard"]).ok();
    let ran = notebook(&[ran("a", "x", 1, "1\n")]);
    repo.write(NAME, &ran).git(["add", NAME]).ok();
    repo.cellwise(["install", "--filter"]).ok();
    let run = repo.git(["commit", "-m", "outputs"]).exits(1);
    assert!(run.stderr.contains("n.ipynb: staged uncleaned (1 output)\n"), "{run:?}");
    assert!(run.stderr.contains("git add --renormalize PATH"), "{run:?}");
    repo.cellwise(["check", "--staged", "--conflicts-only"]).ok();
    // What the project keeps is clean.
    repo.write("cellwise.toml", "[clean]\nkeep-output = true\nkeep-count = true\n");
    repo.cellwise(["check", "--staged"]).ok();
    repo.write("cellwise.toml", "");
    repo.git(["add", "--renormalize", NAME]).ok();
    repo.git(["commit", "-q", "-m", "cleaned"]).ok();
    assert!(!repo.git(["show", "HEAD:n.ipynb"]).ok().contains("stdout"));
}

#[test]
fn outputs_that_git_mv_brings_past_the_filter_are_stopped() {
    let repo = Repo::new();
    repo.cellwise(["install", "--filter", "--guard"]).ok();
    repo.write("n.ipynb.bak", notebook(&[ran("a", "x", 7, "a secret\n")])).commit("base");
    repo.git(["mv", "n.ipynb.bak", NAME]).ok();
    let run = repo.git(["commit", "-q", "-m", "renamed"]).exits(1);
    assert!(run.stderr.contains("n.ipynb: staged uncleaned (1 output)"), "{run:?}");
    assert!(run.stderr.contains("git add --renormalize"), "{run:?}");
    repo.git(["add", "--renormalize", NAME]).ok();
    repo.git(["commit", "-q", "-m", "renamed"]).ok();
    assert!(!repo.stored("HEAD:n.ipynb").contains("secret"));
}
