//! `cellwise install --guard`: which hooks are written, which are left alone, and that all of it goes away again.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use crate::nb::sources;
use crate::repo::{Repo, git_version};

const EVENTS: [&str; 4] = ["pre-commit", "pre-merge-commit", "prepare-commit-msg", "pre-applypatch"];
const MARKED: &str = "<<<<<<< a\n{}\n=======\n{}\n>>>>>>> b\n";

/// Whether git takes hooks from its configuration, so that none are written.
fn configured() -> bool {
    git_version() >= [2, 54, 0]
}

impl Repo {
    fn hook(&self, name: &str, script: &str) {
        let path = self.path().join(".git/hooks").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).unwrap();
    }

    /// Everything in `.git` that install might touch, with its mode.
    fn hooks_and_config(&self) -> Vec<(String, u32, Vec<u8>)> {
        let mut found = Vec::new();
        for folder in ["", "hooks", "info", "cellwise"] {
            for entry in fs::read_dir(self.path().join(".git").join(folder)).into_iter().flatten() {
                let path = entry.unwrap().path();
                let mode = fs::symlink_metadata(&path).unwrap().permissions().mode();
                found.push((path.display().to_string(), mode, fs::read(&path).unwrap_or_default()));
            }
        }
        // What a commit leaves.
        found.retain(|(path, ..)| !["index", "COMMIT_EDITMSG", "logs", "HEAD"].iter().any(|name| path.ends_with(name)));
        found.sort();
        found
    }

    /// Whether a commit of a notebook with markers is stopped.
    fn is_guarded(&self) -> bool {
        self.write("marked.ipynb", MARKED).git(["add", "marked.ipynb"]).ok();
        // A hook that is shared finds cellwise on the PATH.
        let run = self.sh("git commit -q -m marked");
        if run.code == 0 {
            self.git(["update-ref", "-d", "HEAD"]).ok();
        }
        self.git(["rm", "-q", "--cached", "marked.ipynb"]).ok();
        run.code != 0
    }
}

#[test]
fn hooks_come_and_go() {
    let repo = Repo::init(&["--template="]);
    let before = repo.hooks_and_config();
    let report = repo.cellwise(["install", "--guard"]).ok();
    assert!(report.contains("Guarded: "), "{report}");
    assert!(repo.is_guarded());
    let state = repo.hooks_and_config();
    if configured() {
        assert!(!repo.has(".git/hooks"));
        assert_eq!(repo.git(["config", "--get-all", "hook.cellwise.event"]).ok(), "pre-commit\n");
    } else {
        for event in EVENTS {
            let path = format!(".git/hooks/{event}");
            assert!(repo.read(&path).starts_with("#!/bin/sh\n# >>> cellwise\n"));
            assert!(report.contains(&path), "{report}");
        }
    }
    let again = repo.cellwise(["install"]).ok();
    assert!(again.contains("Kept from the earlier install: --guard (--no-guard ends it)"), "{again}");
    assert_eq!(repo.hooks_and_config(), state);
    repo.cellwise(["uninstall"]).ok();
    assert_eq!(repo.hooks_and_config(), before);
    assert!(!repo.is_guarded());
}

#[test]
fn a_guard_alone_can_be_taken_away() {
    let repo = Repo::new();
    repo.cellwise(["install"]).ok();
    let before = repo.hooks_and_config();
    repo.cellwise(["install", "--guard"]).ok();
    let report = repo.cellwise(["install", "--no-guard"]).ok();
    assert!(!report.contains("Guarded"), "{report}");
    assert!(!repo.is_guarded());
    repo.cellwise(["install"]).ok();
    assert_eq!(repo.hooks_and_config(), before);
}

#[test]
fn a_dry_run_says_what_goes_where() {
    let repo = Repo::new();
    let before = repo.hooks_and_config();
    let report = repo.cellwise(["install", "--guard", "--dry-run"]).ok();
    for part in EVENTS.iter().chain(&["check --staged"]).filter(|_| !configured()) {
        assert!(report.contains(part), "{part}: {report}");
    }
    assert_eq!(repo.hooks_and_config(), before);
    repo.cellwise(["install", "--guard"]).ok();
    let state = repo.hooks_and_config();
    let report = repo.cellwise(["uninstall", "--dry-run"]).ok();
    assert!(report.contains("hook"), "{report}");
    assert_eq!(repo.hooks_and_config(), state);
}

#[test]
fn a_hook_of_the_shell_keeps_what_it_does() {
    for script in
        ["#!/bin/sh\nset -eu\ntouch ran\nexec true\n", "#!/usr/bin/env bash\ntouch ran\nexit 0", "touch ran\n"]
    {
        let repo = Repo::new();
        repo.hook("pre-commit", script);
        let before = repo.hooks_and_config();
        repo.cellwise(["install", "--guard"]).ok();
        assert!(repo.is_guarded(), "{script}");
        // git runs the configured hooks first, and all of them.
        fs::remove_file(repo.path().join("ran")).ok();
        repo.write("fine.ipynb", sources(&["x"])).git(["add", "fine.ipynb"]).ok();
        repo.git(["commit", "-q", "-m", "fine"]).ok();
        assert!(repo.has("ran"), "{script}");
        repo.git(["update-ref", "-d", "HEAD"]).ok();
        repo.git(["rm", "-q", "--cached", "fine.ipynb"]).ok();
        repo.cellwise(["uninstall"]).ok();
        assert_eq!(repo.hooks_and_config(), before);
    }
}

#[test]
fn what_was_added_to_a_hook_since_stays() {
    if configured() {
        return;
    }
    let repo = Repo::new();
    repo.hook("pre-commit", "#!/bin/sh\ntrue\n");
    repo.cellwise(["install", "--guard"]).ok();
    for event in ["pre-commit", "pre-applypatch"] {
        let path = format!(".git/hooks/{event}");
        let script = repo.read(&path) + "echo mine\n";
        repo.write(&path, script);
    }
    fs::remove_file(repo.path().join(".git/hooks/pre-merge-commit")).unwrap();
    repo.cellwise(["install"]).ok();
    assert!(repo.is_guarded());
    repo.cellwise(["uninstall"]).ok();
    assert_eq!(repo.read(".git/hooks/pre-commit"), "#!/bin/sh\ntrue\necho mine\n");
    assert_eq!(repo.read(".git/hooks/pre-applypatch"), "#!/bin/sh\necho mine\n");
    assert!(!repo.has(".git/hooks/pre-merge-commit") && !repo.has(".git/cellwise"));
}

#[test]
fn hooks_of_an_older_git_go_when_it_is_updated() {
    if !configured() {
        return;
    }
    let repo = Repo::new();
    let block = "# >>> cellwise\n( \"cellwise\" check --staged ) || exit 1\n# <<< cellwise\n";
    repo.hook("pre-commit", &format!("#!/bin/sh\n{block}"));
    repo.hook("pre-applypatch", &format!("#!/bin/sh\n{block}true\n"));
    assert!(repo.cellwise(["install"]).ok().contains("Guarded"));
    assert!(!repo.has(".git/hooks/pre-commit"));
    assert_eq!(repo.read(".git/hooks/pre-applypatch"), "#!/bin/sh\ntrue\n");
    assert!(repo.is_guarded());
}

#[test]
fn hooks_that_are_not_ours_to_write_are_left_alone() {
    if configured() {
        return;
    }
    let repo = Repo::new();
    // As pre-commit.com made them before its version 2.
    repo.hook("pre-commit", "#!/usr/bin/env python3\nprint('hello')\n");
    symlink("../../tracked", repo.path().join(".git/hooks/pre-applypatch")).unwrap();
    repo.write("tracked", "#!/bin/sh\n");
    repo.hook("pre-merge-commit", "#!/bin/sh\nfalse\n");
    let off = repo.path().join(".git/hooks/pre-merge-commit");
    fs::set_permissions(&off, fs::Permissions::from_mode(0o644)).unwrap();
    let hooks = || {
        let state = repo.hooks_and_config();
        state.into_iter().filter(|(path, ..)| path.contains("/hooks/") && !path.ends_with("msg")).collect::<Vec<_>>()
    };
    let before = hooks();
    let report = repo.cellwise(["install", "--guard"]).ok();
    for part in ["no shell script", "a symbolic link", "not executable", "pre-merge-commit\n", "check --staged"] {
        assert!(report.contains(part), "{part}: {report}");
    }
    assert_eq!(hooks(), before);
    assert_eq!(repo.read("tracked"), "#!/bin/sh\n");
    repo.cellwise(["uninstall"]).ok();
    assert_eq!(hooks(), before);
}

/// The lines that the report says to add, by file.
fn lines_to_add(report: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = report.split("Not guarded: ").nth(1).unwrap().lines().skip(1).collect();
    let pairs = lines.chunks_exact(2).take_while(|pair| pair[0].starts_with("  /"));
    pairs.map(|pair| (pair[0].trim().to_owned(), pair[1].trim().to_owned())).collect()
}

#[test]
fn scenario_20_with_husky() {
    if configured() {
        return;
    }
    let repo = Repo::new();
    // As husky 9 lays it out: `_` is made anew by npm, the files beside it are written by people.
    let runner = "#!/usr/bin/env sh\nh=\".husky/$(basename \"$0\")\"\n[ ! -f \"$h\" ] || sh -e \"$h\" \"$@\"\n";
    for event in EVENTS {
        repo.write(&format!(".husky/_/{event}"), runner);
        let path = repo.path().join(".husky/_").join(event);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    repo.write(".husky/pre-commit", "touch ran\n");
    repo.git(["config", "core.hooksPath", ".husky/_"]).ok();
    let report = repo.cellwise(["install", "--guard"]).ok();
    assert_eq!(repo.read(".husky/_/pre-commit"), runner);
    assert_eq!(repo.read(".husky/pre-commit"), "touch ran\n");
    assert!(!repo.is_guarded());
    let to_add = lines_to_add(&report);
    assert_eq!(to_add.len(), 4, "{report}");
    assert!(report.contains("Guarded, once the hooks below do it: "), "{report}");
    for (path, line) in to_add {
        assert!(!line.contains(env!("CARGO_BIN_EXE_cellwise")), "{line}");
        assert!(path.contains("/.husky/p"), "{path}");
        let script = fs::read_to_string(&path).unwrap_or_default();
        fs::write(path, format!("{line}\n{script}")).unwrap();
    }
    assert!(repo.is_guarded());
    assert!(!repo.has("ran") || fs::remove_file(repo.path().join("ran")).is_ok());
    let again = repo.cellwise(["install", "--guard"]).ok();
    assert!(!again.contains("Not guarded"), "{again}");
}

#[test]
fn hooks_of_all_repositories_are_left_alone() {
    if configured() {
        return;
    }
    let repo = Repo::new();
    let shared = repo.outside("shared-hooks");
    fs::create_dir(&shared).unwrap();
    for folder in [shared.as_path(), Path::new("/dev/null"), &repo.path().join(".git/hooks")] {
        repo.git(["config", "core.hooksPath", folder.to_str().unwrap()]).ok();
        let report = repo.cellwise(["install", "--guard"]).ok();
        let is_own = folder.ends_with(".git/hooks");
        assert_eq!(report.contains("Not guarded: core.hooksPath leads to"), !is_own, "{report}");
        assert!(repo.has(".git/hooks/pre-commit.sample"));
        assert_eq!(repo.has(".git/hooks/pre-commit"), is_own);
    }
    assert_eq!(fs::read_dir(&shared).unwrap().count(), 0);
    // Hooks written before somebody turned core.hooksPath elsewhere stay for the day when it is turned back.
    repo.git(["config", "core.hooksPath", shared.to_str().unwrap()]).ok();
    repo.cellwise(["install"]).ok();
    assert!(repo.has(".git/hooks/pre-commit"));
    // They go with the rest all the same.
    repo.cellwise(["uninstall"]).ok();
    assert!(!repo.has(".git/hooks/pre-commit"));
}

#[test]
fn a_folder_of_hooks_that_is_a_link_is_left_alone() {
    if configured() {
        return;
    }
    let repo = Repo::init(&["--template="]);
    fs::create_dir(repo.path().join("hooks")).unwrap();
    symlink("../hooks", repo.path().join(".git/hooks")).unwrap();
    let report = repo.cellwise(["install", "--guard"]).ok();
    assert!(report.contains("Not guarded"), "{report}");
    assert_eq!(fs::read_dir(repo.path().join("hooks")).unwrap().count(), 0);
}

#[test]
fn where_nothing_is_committed_there_is_nothing_to_guard() {
    let repo = Repo::new();
    repo.git(["init", "-q", "--bare", "../bare.git"]).ok();
    let bare = repo.outside("bare.git");
    let install = |args: &[&str]| repo.run(Path::new(env!("CARGO_BIN_EXE_cellwise")), &bare, args);
    let run = install(&["install", "--guard"]).exits(129);
    assert!(run.stderr.contains("leave out --guard"), "{run:?}");
    install(&["install"]).ok();
    let run = repo.cellwise(["install", "--global", "--guard"]);
    match configured() {
        true => assert!(run.code == 0 && repo.is_guarded(), "{run:?}"),
        false => assert!(run.exits(129).stderr.contains("use --guard in each repository")),
    }
}

#[test]
fn a_program_that_is_gone_stops_no_commit_and_is_missed() {
    let repo = Repo::new();
    let tool = repo.outside("a tool's place").join("cellwise");
    repo.copy_program(&tool);
    repo.run(&tool, repo.path(), ["install", "--guard"]).ok();
    assert!(repo.is_guarded());
    fs::remove_file(&tool).unwrap();
    repo.write("fine.ipynb", MARKED).git(["add", "fine.ipynb"]).ok();
    let run = repo.git(["commit", "-q", "-m", "unguarded"]).exits(0);
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    assert!(run.stderr.starts_with("cellwise is gone: "), "{run:?}");
}
