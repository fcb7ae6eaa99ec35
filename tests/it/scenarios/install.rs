//! Scenarios of an installation: nothing of it stays, and repositories that fetch what they need.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use crate::nb::{notebook, ran, sources};
use crate::repo::Repo;

const NAME: &str = "n.ipynb";

/// Every file below a folder, with its bytes and whether it can be executed.
fn files_in(folder: &Path) -> Vec<(PathBuf, Vec<u8>, bool)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_in(&path));
        } else {
            found.push((path.clone(), fs::read(&path).unwrap(), is_executable(&path)));
        }
    }
    found.sort();
    found
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(path).unwrap().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &Path) -> bool {
    false
}

#[test]
fn scenario_02_no_file_of_git_stays_changed() {
    let nbdime = "git config diff.jupyternotebook.command 'git-nbdiffdriver diff' && \
        git config merge.jupyternotebook.driver 'git-nbmergedriver merge %O %A %B %L %P' && \
        git config merge.jupyternotebook.name 'jupyter notebook merge driver' && \
        printf '*.ipynb\\tdiff=jupyternotebook\\n*.ipynb\\tmerge=jupyternotebook' >.git/info/attributes";
    let hooks = "mkdir -p .husky .git/hooks && echo 'exit 0' | tee .git/hooks/pre-commit >.husky/pre-commit && \
        chmod +x .git/hooks/pre-commit && git config core.hooksPath .husky";
    for before in [":", nbdime, hooks] {
        for options in [&[][..], &["--filter"], &["--guard"], &["--cache", "--no-command"]] {
            let repo = Repo::new();
            repo.sh(before).ok();
            let files = files_in(repo.path());
            for _ in 0..2 {
                repo.cellwise([&["install"], options].concat()).ok();
            }
            assert_ne!(files_in(repo.path()), files);
            repo.cellwise(["uninstall"]).ok();
            assert_eq!(files_in(repo.path()), files, "{before} {options:?}");
        }
    }
}

#[test]
fn scenario_30_a_partial_clone_fetches_what_it_compares_and_merges() {
    let repo = Repo::new();
    repo.git(["config", "uploadpack.allowFilter", "true"]).ok();
    repo.write("n.ipynb", sources(&["a", "z"])).commit("base");
    repo.git(["checkout", "-q", "-b", "side"]).ok();
    repo.write("n.ipynb", sources(&["a", "Z"])).commit("theirs");
    repo.git(["checkout", "-q", "main"]).ok();
    repo.write("n.ipynb", sources(&["A", "z"])).commit("ours");
    let url = format!("file://{}", repo.path().display());
    repo.git(["clone", "-q", "--filter=blob:none", "--no-checkout", &url, "../partial"]).ok();
    let missing = || {
        let listed = repo.git(["-C", "../partial", "rev-list", "--objects", "--missing=print", "--all"]).ok();
        listed.lines().filter(|line| line.starts_with('?')).count()
    };
    repo.cellwise_in("../partial", ["install"]).ok();
    assert_eq!(missing(), 3);
    let diff = repo.cellwise_in("../partial", ["diff", "HEAD~", "HEAD"]).ok();
    assert!(diff.contains("\n-a\n+A\n"), "{diff}");
    assert_eq!(missing(), 1, "theirs is not needed yet");
    repo.git(["-C", "../partial", "checkout", "-q"]).ok();
    repo.git(["-C", "../partial", "merge", "-q", "-m", "m", "origin/side"]).exits(0);
    assert_eq!(repo.read("../partial/n.ipynb"), sources(&["A", "Z"]));
}

#[test]
fn scenario_24_a_notebook_that_was_only_run_again_is_let_go_by_staging_it() {
    let repo = Repo::filtering();
    repo.write(NAME, sources(&["x = 1"])).commit("one").git(["checkout", "-q", "-b", "other"]).ok();
    repo.write(NAME, sources(&["x = 2"])).commit("two").git(["checkout", "-q", "-"]).ok();
    let run = notebook(&[ran("a", "x = 1", 7, "an output of its own length\n")]);
    repo.write(NAME, &run);
    assert_eq!(repo.git(["diff"]).ok(), "", "there is nothing to commit");
    let stopped = repo.git(["checkout", "other"]).exits(1).stderr;
    assert!(stopped.contains("would be overwritten"), "{stopped}");
    assert_eq!(repo.read(NAME), run, "nothing is lost before somebody says so");
    repo.git(["add", NAME]).ok();
    assert_eq!(repo.git(["status", "--short"]).ok(), "");
    repo.git(["checkout", "-q", "other"]).ok();
    assert_eq!(repo.read(NAME), sources(&["x = 2"]));
}

#[test]
fn scenario_24_a_notebook_that_was_only_run_again_stands_in_the_way_of_merges_until_it_is_staged() {
    let repo = Repo::filtering();
    repo.write(NAME, sources(&["x = 1"])).commit("one").git(["checkout", "-q", "-b", "other"]).ok();
    repo.write(NAME, sources(&["x = 2"])).commit("two").git(["checkout", "-q", "-"]).ok();
    let run = notebook(&[ran("a", "x = 1", 7, "an output of its own length\n")]);
    for line in ["merge -q other", "cherry-pick other", "pull -q --rebase . other"] {
        repo.write(NAME, &run);
        assert_ne!(repo.sh(&format!("git {line}")).code, 0, "{line}");
        assert_eq!(repo.read(NAME), run, "nothing is lost before somebody says so: {line}");
        repo.git(["add", NAME]).ok();
        repo.sh(&format!("git {line}")).exits(0);
        assert_eq!(repo.read(NAME), sources(&["x = 2"]), "{line}");
        repo.git(["reset", "-q", "--hard", "other~"]).ok();
    }
}
