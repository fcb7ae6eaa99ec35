//! What git's index knows of a merge that ended in conflict.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use cellwise::git::unmerged::{IndexState, UnmergedError, UnmergedPath, WorkTree};

use crate::repo::{Repo, git_version};

/// `LETTERS typed` of each unmerged path; `+` behind what was staged.
fn shown(paths: &[UnmergedPath]) -> Vec<String> {
    let mark = |state| if state == IndexState::Staged { "+" } else { "" };
    paths.iter().map(|path| format!("{} {}{}", path.letters(), path.typed.display(), mark(path.state))).collect()
}

#[track_caller]
fn unmerged_in(repo: &Repo, folder: &str, paths: &[&str]) -> Vec<UnmergedPath> {
    let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
    WorkTree::around(&repo.path().join(folder)).unwrap().unmerged(&paths).unwrap()
}

#[track_caller]
fn texts(repo: &Repo, path: &UnmergedPath) -> [Option<String>; 3] {
    let stages = WorkTree::around(repo.path()).unwrap().read(path).unwrap();
    [stages.base, stages.ours, stages.theirs].map(|bytes| bytes.map(|bytes| String::from_utf8(bytes).unwrap()))
}

/// Branch `side` and `main` after these two changes of one commit.
fn diverged(repo: Repo, ours: impl FnOnce(&Repo), theirs: impl FnOnce(&Repo)) -> Repo {
    repo.commit("base").git(["checkout", "-q", "-b", "side"]).ok();
    theirs(&repo);
    repo.commit("side").git(["checkout", "-q", "main"]).ok();
    ours(&repo);
    repo.commit("main");
    repo
}

/// A merge in conflict: edits of both, additions of both, and an edit against a deletion either way.
fn conflicts(repo: Repo) -> Repo {
    for name in ["both.ipynb", "sub/we deleted\nit.IPYNB", "sub/they deleted.ipynb", "other.txt"] {
        repo.write(name, "base\n");
    }
    let write = |repo: &Repo, word: &str, gone: &str, kept: &str| {
        for name in ["both.ipynb", "added.ipynb", "other.txt", kept] {
            repo.write(name, format!("{word}\n"));
        }
        fs::remove_file(repo.path().join(gone)).unwrap();
    };
    let (ours, theirs) = ("sub/we deleted\nit.IPYNB", "sub/they deleted.ipynb");
    let repo = diverged(repo, |repo| write(repo, "ours", ours, theirs), |repo| write(repo, "theirs", theirs, ours));
    repo.git(["merge", "-q", "side"]).exits(1);
    repo
}

#[test]
fn every_unmerged_notebook_is_listed_with_its_stages() {
    let repo = conflicts(Repo::new());
    let found = unmerged_in(&repo, "", &[]);
    let all = ["AA added.ipynb", "UU both.ipynb", "UD sub/they deleted.ipynb", "DU sub/we deleted\nit.IPYNB"];
    assert_eq!(shown(&found), all);
    let some = |text: &str| Some(format!("{text}\n"));
    assert_eq!(texts(&repo, &found[0]), [None, some("ours"), some("theirs")]);
    assert_eq!(texts(&repo, &found[1]), [some("base"), some("ours"), some("theirs")]);
    assert_eq!(texts(&repo, &found[2]), [some("base"), some("ours"), None]);
    assert_eq!(texts(&repo, &found[3]), [some("base"), None, some("theirs")]);
    assert_eq!(found[1].stages.ours.as_ref().map(|entry| entry.mode), Some(0o100_644));
}

#[test]
fn paths_count_from_the_current_folder() {
    let repo = conflicts(Repo::new());
    let found = unmerged_in(&repo, "sub", &[]);
    let all = ["AA ../added.ipynb", "UU ../both.ipynb", "UD they deleted.ipynb", "DU we deleted\nit.IPYNB"];
    assert_eq!(shown(&found), all);
    assert_eq!(found[2].path, Path::new("sub/they deleted.ipynb"));
    assert_eq!(shown(&unmerged_in(&repo, "sub", &["."])), all[2..]);
    assert_eq!(shown(&unmerged_in(&repo, "sub", &["../both.ipynb"])), all[1..2]);
    assert_eq!(shown(&unmerged_in(&repo, "sub", &["no such.ipynb"])), [""; 0]);
    let tree = WorkTree::around(&repo.path().join("sub")).unwrap();
    assert!(tree.unmerged(&["../../outside.ipynb".into()]).is_err());
}

#[test]
fn another_name_counts_if_it_is_typed_or_merged_as_a_notebook() {
    let repo = conflicts(Repo::new());
    assert_eq!(shown(&unmerged_in(&repo, "", &["other.txt"])), ["UU other.txt"]);
    assert_eq!(shown(&unmerged_in(&repo, "sub", &["../other.txt"])), ["UU ../other.txt"]);
    assert_eq!(shown(&unmerged_in(&repo, "", &["*.txt"])), [""; 0]);
    repo.write(".git/info/attributes", "*.txt merge=jupyternotebook\n");
    assert_eq!(shown(&unmerged_in(&repo, "", &["*.txt"])), ["UU other.txt"]);
    assert_eq!(unmerged_in(&repo, "", &[]).len(), 5);
}

#[test]
fn what_was_staged_is_remembered_until_the_next_merge() {
    let repo = conflicts(Repo::new());
    let tree = WorkTree::around(repo.path()).unwrap();
    let before = unmerged_in(&repo, "", &[]);
    repo.write("both.ipynb", "settled\n");
    // The file that ours had deleted goes again; the other one stays.
    fs::remove_file(repo.path().join(&before[3].path)).unwrap();
    for path in &before[1..] {
        tree.stage(&path.path).unwrap();
    }
    let after = unmerged_in(&repo, "", &[]);
    let expected = ["AA added.ipynb", "UU both.ipynb+", "UD sub/they deleted.ipynb+"];
    assert_eq!(shown(&after), expected, "what is gone needs nobody");
    assert_eq!(after[1].stages, before[1].stages);
    assert_eq!(repo.git(["show", ":both.ipynb"]).ok(), "settled\n");
    assert_eq!(repo.git(["ls-files", "sub"]).ok(), "sub/they deleted.ipynb\n");
    repo.commit("merged").git(["checkout", "-q", "-f", "side"]).ok();
    assert_eq!(shown(&unmerged_in(&repo, "", &[])), [""; 0]);
}

#[test]
fn a_name_that_looks_like_a_pattern_is_staged_alone() {
    let repo = Repo::new();
    for name in ["*.ipynb", ":(top)x.ipynb", "a.ipynb", "-n.ipynb"] {
        repo.write(name, "base\n");
    }
    let edit = |word: &'static str| {
        move |repo: &Repo| {
            for name in ["*.ipynb", ":(top)x.ipynb", "a.ipynb", "-n.ipynb"] {
                repo.write(name, word);
            }
        }
    };
    let repo = diverged(repo, edit("ours\n"), edit("theirs\n"));
    repo.git(["merge", "-q", "side"]).exits(1);
    let tree = WorkTree::around(repo.path()).unwrap();
    for (path, left) in [("*.ipynb", 3), (":(top)x.ipynb", 2), ("-n.ipynb", 1)] {
        tree.stage(Path::new(path)).unwrap();
        let open = tree.unmerged(&[]).unwrap().iter().filter(|path| path.state == IndexState::Unmerged).count();
        assert_eq!(open, left, "{path}");
    }
}

#[test]
fn staging_runs_the_filters() {
    let repo = conflicts(Repo::new());
    repo.git(["config", "filter.shout.clean", "tr a-z A-Z"]).ok();
    repo.write(".git/info/attributes", "*.ipynb filter=shout\n").write("both.ipynb", "settled\n");
    WorkTree::around(repo.path()).unwrap().stage(Path::new("both.ipynb")).unwrap();
    assert_eq!(repo.git(["show", ":both.ipynb"]).ok(), "SETTLED\n");
}

#[test]
fn an_index_in_use_is_told_in_one_line() {
    let repo = conflicts(Repo::new());
    repo.write(".git/index.lock", "");
    let error = WorkTree::around(repo.path()).unwrap().stage(Path::new("both.ipynb")).unwrap_err();
    let lock = repo.path().join(".git/index.lock");
    assert!(matches!(&error, UnmergedError::Locked(path) if *path == lock), "{error}");
    assert_eq!(error.to_string().lines().count(), 1);
}

#[test]
fn bytes_are_saved_as_they_are() {
    let repo = Repo::new();
    repo.git(["config", "core.autocrlf", "true"]).ok();
    let tree = WorkTree::around(repo.path()).unwrap();
    let id = tree.save(b"a\r\nb\0").unwrap();
    assert_eq!(repo.git(["cat-file", "blob", &id]).ok(), "a\r\nb\0");
}

#[test]
fn a_linked_work_tree_has_an_index_of_its_own() {
    let repo =
        diverged(Repo::new(), |repo| _ = repo.write("n.ipynb", "ours\n"), |repo| _ = repo.write("n.ipynb", "theirs\n"));
    let linked = repo.outside("linked tree");
    repo.git(["worktree", "add", "-q", "-b", "topic", linked.to_str().unwrap(), "main"]).ok();
    repo.run(Path::new("git"), &linked, ["merge", "-q", "side"]).exits(1);
    let tree = WorkTree::around(&linked).unwrap();
    assert_eq!(tree.top(), linked);
    assert!(tree.git_dir().join("MERGE_HEAD").is_file());
    assert_eq!(shown(&tree.unmerged(&[]).unwrap()), ["AA n.ipynb"]);
    assert_eq!(shown(&unmerged_in(&repo, "", &[])), [""; 0]);
}

#[test]
fn repositories_that_libgit2_refuses_are_read() {
    let mut kinds = vec![vec!["--object-format=sha256"]];
    if git_version() >= [2, 45, 0] {
        kinds.push(vec!["--ref-format=reftable"]);
    }
    for options in kinds {
        let repo = conflicts(Repo::init(&options));
        let found = unmerged_in(&repo, "", &[]);
        assert_eq!(found.len(), 4, "{options:?}");
        assert_eq!(texts(&repo, &found[1])[2], Some("theirs\n".to_owned()));
        WorkTree::around(repo.path()).unwrap().stage(&found[1].path).unwrap();
        assert_eq!(unmerged_in(&repo, "", &[])[1].state, IndexState::Staged);
    }
}

#[test]
fn both_new_names_of_a_notebook_are_unmerged() {
    let lines = |first: &str| format!("{first}\n{}", "same\n".repeat(30));
    let repo = Repo::new();
    repo.write("old.ipynb", lines("base"));
    let renamed = |name: &'static str, first: &'static str| {
        move |repo: &Repo| {
            repo.git(["mv", "old.ipynb", name]).ok();
            repo.write(name, lines(first));
        }
    };
    let repo = diverged(repo, renamed("ours.ipynb", "ours"), renamed("theirs.ipynb", "theirs"));
    repo.git(["merge", "-q", "side"]).exits(1);
    assert_eq!(shown(&unmerged_in(&repo, "", &[])), ["DD old.ipynb", "AU ours.ipynb", "UA theirs.ipynb"]);
}

#[test]
fn links_and_submodules_are_left_to_git() {
    let repo = Repo::new();
    let link = |target: &'static str| {
        move |repo: &Repo| {
            #[cfg(unix)]
            std::os::unix::fs::symlink(target, repo.path().join("n.ipynb")).unwrap();
            #[cfg(not(unix))]
            let _ = (repo, target);
        }
    };
    let repo = diverged(repo, link("a"), link("b"));
    repo.git(["merge", "-q", "side"]);
    assert_eq!(shown(&unmerged_in(&repo, "", &[])), [""; 0]);
}

#[test]
fn a_place_without_work_tree_is_told() {
    let repo = Repo::init(&["--bare"]);
    assert!(matches!(WorkTree::around(repo.path()), Err(UnmergedError::NoWorkTree)));
    let repo = Repo::new();
    assert!(matches!(WorkTree::around(&repo.path().join(".git")), Err(UnmergedError::NoWorkTree)));
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(WorkTree::around(folder.path()), Err(UnmergedError::NoRepository(_))));
}
