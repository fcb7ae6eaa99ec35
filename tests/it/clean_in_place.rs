//! `cellwise clean FILE` and the file system: what is not written, and what is not left behind.

#![allow(clippy::unwrap_used)]

use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, ExitStatus, Stdio};

use serde_json::json;

use crate::nb::{code, markdown, notebook, ran, sources};
use crate::repo::Repo;

fn dirty() -> String {
    notebook(&[ran("a", "1 + 1", 7, "2\n")])
}

fn clean() -> String {
    notebook(&[code("a", "1 + 1")])
}

#[test]
fn a_file_that_was_made_read_only_stays() {
    let repo = Repo::new();
    for name in ["a.ipynb", "b.ipynb", "fine.ipynb"] {
        repo.write(name, if name == "fine.ipynb" { clean() } else { dirty() });
    }
    for name in ["a.ipynb", "fine.ipynb"] {
        fs::set_permissions(repo.path().join(name), Permissions::from_mode(0o444)).unwrap();
    }
    let run = repo.cellwise(["clean", "a.ipynb", "b.ipynb", "fine.ipynb"]).exits(129);
    assert_eq!(run.stderr, "cellwise: a.ipynb is read-only; nothing was written\n");
    assert_eq!((repo.read("a.ipynb"), repo.read("b.ipynb")), (dirty(), clean()));
    assert_eq!(repo.cellwise(["clean", "--check", "a.ipynb"]).exits(1).stderr, "");
    assert_eq!(fs::read_dir(repo.path()).unwrap().count(), 4, "three notebooks and .git");
}

#[test]
fn merge_and_apply_leave_a_read_only_file_too() {
    let repo = Repo::new();
    repo.write("a.ipynb", clean()).write("b.ipynb", sources(&["other"])).write("out.ipynb", clean()).commit("one");
    let patch = |format| {
        repo.write("a.ipynb", sources(&["2 + 2"]));
        let patch = repo.cellwise(["diff", format, "a.ipynb"]).ok();
        repo.git(["checkout", "-q", "a.ipynb"]).ok();
        patch
    };
    repo.write("json", patch("--format=json")).write("patch", patch("--format=patch"));
    for name in ["a.ipynb", "out.ipynb"] {
        fs::set_permissions(repo.path().join(name), Permissions::from_mode(0o444)).unwrap();
    }
    let said = "cellwise: out.ipynb is read-only; nothing was written\n";
    let merge = ["merge", "a.ipynb", "b.ipynb", "a.ipynb", "-o", "out.ipynb"];
    assert_eq!(repo.cellwise(merge).exits(129).stderr, said);
    for patch in ["json", "patch"] {
        assert_eq!(repo.cellwise(["apply", patch, "-o", "out.ipynb"]).exits(129).stderr, said);
        assert_eq!(repo.cellwise(["apply", patch]).exits(1).stderr, "cellwise: a.ipynb: it is read-only\n");
    }
    assert_eq!((repo.read("a.ipynb"), repo.read("out.ipynb")), (clean(), clean()));
    fs::set_permissions(repo.path().join("a.ipynb"), Permissions::from_mode(0o644)).unwrap();
    repo.cellwise(["apply", "json"]).ok();
    assert_eq!(repo.read("a.ipynb"), sources(&["2 + 2"]));
}

#[test]
fn the_file_of_standard_input_is_not_cleaned_in_place() {
    let repo = Repo::new();
    repo.write("n.ipynb", dirty());
    assert_eq!(repo.sh("cellwise clean /dev/stdin < n.ipynb").ok(), clean());
    assert_eq!(repo.sh("cat n.ipynb | cellwise clean /dev/stdin").ok(), clean());
    repo.sh("cellwise clean --check /dev/stdin < n.ipynb").exits(1);
    let run = repo.sh("cellwise clean /dev/fd/5 5< n.ipynb").exits(129);
    assert_eq!(run.stderr, "cellwise: /dev/fd/5: not a regular file\n");
    assert_eq!(repo.read("n.ipynb"), dirty());
}

fn temporary_files(repo: &Repo) -> Vec<String> {
    let files = fs::read_dir(repo.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    files.filter(|name| name.starts_with(".cellwise-")).collect()
}

/// Notebooks that take a while to write, as they are and cleaned.
fn large() -> [String; 2] {
    [ran("a", "x", 1, "1\n"), code("a", "x")].map(|cell| {
        let mut text = markdown("t", "");
        text["attachments"] = json!({"a": {"image/png": "A".repeat(2_000_000)}});
        notebook(&[cell, text])
    })
}

/// Cleans all notebooks and sends `signal` while one is being written; a line of shell comes before. Gives how the
/// command ended.
fn interrupted(repo: &Repo, before: &str, signal: &str) -> ExitStatus {
    let mut command = Command::new("sh");
    let line = format!("{before}; exec '{}' clean -q .", env!("CARGO_BIN_EXE_cellwise"));
    command.args(["-c", &line]).current_dir(repo.path());
    repo.environment(&mut command);
    let mut child = command.spawn().unwrap();
    // A shell that is waiting is quicker than one that must be started.
    let line = format!("read go; kill -{signal} {} 2>/dev/null", child.id());
    let mut kill = Command::new("sh").args(["-c", &line]).stdin(Stdio::piped()).spawn().unwrap();
    while temporary_files(repo).is_empty() && child.try_wait().unwrap().is_none() {}
    kill.stdin.take().unwrap().write_all(b"go\n").unwrap();
    kill.wait().unwrap();
    child.wait().unwrap()
}

#[test]
fn a_signal_leaves_no_temporary_file() {
    let repo = Repo::new();
    let [large, cleaned] = large();
    let names: Vec<String> = (0..8).map(|number| format!("n{number}.ipynb")).collect();
    names.iter().for_each(|name| _ = repo.write(name, ""));
    repo.commit("all");
    let mut ended = Vec::new();
    for signal in ["INT", "TERM", "HUP", "INT", "TERM", "HUP"] {
        names.iter().for_each(|name| _ = repo.write(name, &large));
        ended.extend(interrupted(&repo, ":", signal).signal());
        assert_eq!(temporary_files(&repo), [""; 0], "{signal}");
        assert!(names.iter().map(|name| repo.read(name)).all(|text| text == large || text == cleaned));
    }
    assert!(!ended.is_empty(), "a signal ends the command while it works");
}

#[test]
fn a_signal_that_is_ignored_stays_ignored() {
    let repo = Repo::new();
    let [large, cleaned] = large();
    let names = ["a.ipynb", "b.ipynb", "c.ipynb"];
    names.iter().for_each(|name| _ = repo.write(name, &large));
    repo.commit("all");
    let ended = interrupted(&repo, "trap '' HUP", "HUP");
    assert!(ended.success(), "{ended}");
    assert!(names.iter().all(|name| repo.read(name) == cleaned));
}

#[test]
fn a_temporary_file_is_no_notebook() {
    let repo = Repo::new();
    repo.write(".cellwise-aB3dE5", dirty()).write("n.ipynb", clean());
    for paths in [".", "*", "**"] {
        assert_eq!(repo.cellwise(["clean", "--untracked", "--check", paths]).ok(), "");
    }
}

#[test]
fn a_work_tree_that_only_a_variable_names_has_its_configuration() {
    let repo = Repo::new();
    let home = repo.outside("home/dot");
    fs::create_dir_all(home.join("sub")).unwrap();
    fs::write(home.join("cellwise.toml"), "[clean]\nkeep-output = true\nkeep-count = true\n").unwrap();
    fs::write(home.join("../cellwise.toml"), "[clean]\nids = 'drop'\n").unwrap();
    fs::write(home.join("sub/n.ipynb"), dirty()).unwrap();
    let line = |set: &str| format!("cd '{}' && {set} cellwise clean --check sub/n.ipynb", home.display());
    repo.sh(&line("")).exits(1);
    assert_eq!(repo.sh(&line(&format!("GIT_WORK_TREE='{}'", home.display()))).exits(0).stdout, "");
    // The repository may name it.
    let git_dir = format!("GIT_DIR='{}'", repo.path().join(".git").display());
    repo.git(["config", "core.worktree", home.join("sub").to_str().unwrap()]).ok();
    repo.sh(&line(&git_dir)).exits(1);
    repo.git(["config", "core.worktree", home.to_str().unwrap()]).ok();
    assert_eq!(repo.sh(&line(&git_dir)).exits(0).stdout, "");
    repo.git(["config", "--unset", "core.worktree"]);
    fs::remove_file(home.join("cellwise.toml")).unwrap();
    let run = repo.sh(&line(&format!("GIT_WORK_TREE='{}'", home.display()))).exits(1);
    assert_eq!(run.stdout, "sub/n.ipynb: would be cleaned (1 output)\n");
}
