//! Questions to git about its commits and its state. What cannot be answered is `None`: a name is no reason to fail.

use std::fs;

use crate::git::command;
use crate::git::unmerged::WorkTree;

/// A work tree to ask about.
pub(super) struct Asks<'t> {
    pub(super) tree: &'t WorkTree,
}

impl Asks<'_> {
    /// What git prints, without its last newline.
    pub(super) fn git(&self, args: &[&str]) -> Option<Vec<u8>> {
        command::run(self.tree.top(), args).ok().map(command::line)
    }

    fn text(&self, args: &[&str]) -> Option<String> {
        Some(String::from_utf8_lossy(&self.git(args)?).into_owned())
    }

    /// Whether git tells a merge driver what it calls the versions.
    pub(super) fn git_tells_labels(&self) -> bool {
        self.version() >= (2, 44)
    }

    /// The version of git.
    pub(super) fn version(&self) -> (u32, u32) {
        command::version(self.tree.top()).unwrap_or_default()
    }

    /// A file of the git directory. (`CHERRY_PICK_HEAD` and the like are no files in a reftable: see [`Self::commit`].)
    pub(super) fn file(&self, name: &str) -> Option<String> {
        let bytes = fs::read(self.tree.git_dir().join(name)).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Its first line.
    pub(super) fn line(&self, name: &str) -> Option<String> {
        Some(self.file(name)?.lines().next()?.to_owned())
    }

    /// The id of the commit that a revision names.
    pub(super) fn commit(&self, revision: &str) -> Option<String> {
        if revision.starts_with('-') {
            return None;
        }
        self.text(&["rev-parse", "--quiet", "--verify", &format!("{revision}^{{commit}}")])
    }

    /// The parent of a commit.
    pub(super) fn parent(&self, commit: &str) -> Option<String> {
        self.commit(&format!("{commit}^"))
    }

    /// A commit as git's sequencer names it: `ad6db8e (the first line of its message)`.
    pub(super) fn name(&self, commit: &str) -> String {
        let args = ["log", "-1", "--no-show-signature", "--no-color", "--format=%h%n%B", commit, "--"];
        let said = self.text(&args).unwrap_or_default();
        let mut lines = said.split('\n');
        let short = lines.next().filter(|short| !short.is_empty()).unwrap_or(commit);
        let subject = lines.find(|line| !line.trim().is_empty()).unwrap_or_default();
        format!("{short} ({subject})")
    }

    /// The short id of a commit.
    pub(super) fn short(&self, commit: &str) -> String {
        self.text(&["rev-parse", "--short", commit]).unwrap_or_else(|| commit.to_owned())
    }

    /// The branch that is checked out; `None` if HEAD is detached.
    pub(super) fn branch(&self) -> Option<String> {
        self.text(&["symbolic-ref", "--quiet", "--short", "HEAD"])
    }

    /// The branch that was checked out before.
    pub(super) fn previous_branch(&self) -> Option<String> {
        self.text(&["rev-parse", "--abbrev-ref", "@{-1}"])
    }

    /// The branches, remote branches and tags at a commit, in this order.
    pub(super) fn names_at(&self, commit: &str) -> Vec<String> {
        let points_at = format!("--points-at={commit}");
        // `origin/HEAD` is another word for a branch that is listed, too.
        let format = "--format=%(if)%(symref)%(then)%(else)%(refname:short)%(end)";
        let said = self.text(&["for-each-ref", &points_at, format, "refs/heads", "refs/remotes", "refs/tags"]);
        said.unwrap_or_default().lines().filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    /// The best common ancestors of two commits.
    pub(super) fn merge_bases(&self, one: &str, other: &str) -> Vec<String> {
        let found = self.text(&["merge-base", "--all", one, other]);
        found.unwrap_or_default().lines().map(str::to_owned).collect()
    }
}
