//! `cellwise install` where nothing can be written: it says so in one line, and nothing is half done.

#![allow(clippy::unwrap_used)]

use std::fs;
#[cfg(unix)]
use std::process::Command;

#[cfg(unix)]
use crate::repo::Run;
use crate::repo::{Repo, git_version};

#[test]
fn a_file_that_keeps_nothing_is_refused() {
    let repo = Repo::new();
    if git_version() >= [2, 32, 0] {
        for options in ["", " --dry-run"] {
            let line = format!("GIT_CONFIG_GLOBAL=/dev/null cellwise install --global{options}");
            let run = repo.sh(&line).exits(129);
            let said = "cellwise: /dev/null is not a file that could hold the lines: GIT_CONFIG_GLOBAL names it\n";
            assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", said));
        }
        repo.sh("GIT_CONFIG_GLOBAL=/dev/null cellwise uninstall --global").ok();
    }
    repo.git(["config", "--global", "core.attributesFile", "/dev/null"]).ok();
    let before = fs::read(repo.outside("home/.gitconfig")).unwrap();
    let run = repo.cellwise(["install", "--global"]).exits(129);
    assert_eq!(run.stderr, "cellwise: /dev/null is not a file that could hold the lines\n");
    assert_eq!(fs::read(repo.outside("home/.gitconfig")).unwrap(), before);
    assert!(!repo.outside("home/.gitconfig.cellwise").exists());
    // A repository of its own has other files.
    repo.cellwise(["install"]).ok();
}

/// Somebody who may write only what is theirs, as root may write everything.
#[cfg(unix)]
pub(crate) struct Person {
    repo: Repo,
    is_root: bool,
}

#[cfg(unix)]
impl Person {
    /// `None` where root cannot become anybody else.
    // A test that was left out should say so.
    #[allow(clippy::print_stderr)]
    pub(crate) fn new(repo: Repo) -> Option<Self> {
        let is_root = repo.sh("id -u").ok() == "0\n";
        if is_root && Command::new("setpriv").arg("--version").output().is_err() {
            eprintln!("left out: root may write everything, and there is no setpriv");
            return None;
        }
        // Others may not get to where this program lies.
        let top = repo.outside("");
        repo.copy_program(&top.join("cellwise"));
        if is_root {
            repo.sh(&format!("chmod 755 '{0}' && chown -R 65534:65534 '{0}'", top.display())).ok();
        }
        Some(Self { repo, is_root })
    }

    fn sh(&self, line: &str) -> Run {
        self.repo.sh(&format!("{}sh -c '{line}'", self.prefix()))
    }

    fn prefix(&self) -> &'static str {
        if self.is_root { "setpriv --reuid=65534 --regid=65534 --clear-groups " } else { "" }
    }

    /// The repository, and what comes before a command that this person gives.
    pub(crate) fn apart(self) -> (Repo, &'static str) {
        let prefix = self.prefix();
        (self.repo, prefix)
    }
}

#[cfg(unix)]
#[test]
fn a_git_directory_that_cannot_be_written_stays_as_it_is() {
    for read_only in [".git", ".git/info"] {
        let repo = Repo::new();
        repo.write(".git/info/attributes", "*.png binary\n");
        let Some(person) = Person::new(repo) else { return };
        let state = || person.repo.sh("find .git -type f -exec cksum {} + | sort; find .git | sort").ok();
        let before = state();
        person.repo.sh(&format!("chmod -R a-w {read_only}")).ok();
        let run = person.sh("../cellwise install").exits(129);
        assert_eq!((run.stdout.as_str(), run.stderr.lines().count()), ("", 1), "{run:?}");
        assert!(run.stderr.contains("Permission denied") && run.stderr.contains(read_only), "{run:?}");
        assert_eq!(state(), before, "{read_only}");
        person.repo.sh(&format!("chmod -R u+w {read_only}")).ok();
        person.sh("../cellwise install").ok();
        let installed = state();
        person.repo.sh(&format!("chmod -R a-w {read_only}")).ok();
        let run = person.sh("../cellwise uninstall").exits(129);
        assert_eq!((run.stdout.as_str(), run.stderr.lines().count()), ("", 1), "{run:?}");
        assert_eq!(state(), installed, "{read_only}");
        person.repo.sh(&format!("chmod -R u+w {read_only}")).ok();
        person.sh("../cellwise uninstall").ok();
        assert_eq!(state(), before);
    }
}
