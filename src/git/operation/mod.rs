//! Which command left a repository in conflict, and what its two sides are in plain words.
//!
//! git's *ours* and *theirs* change places: in a rebase, theirs is the user's own commit. So whoever shows a side to a
//! person says what it is. A merge, rebase, cherry-pick, revert or am leaves its state in the git directory (`state`).
//! A stash or a checkout leaves nothing but the labels beside the markers, so a caller hands over those it has seen.

mod asks;
mod rename;
mod state;

use crate::merge::Sides;

use super::unmerged::{UnmergedPath, WorkTree};
use asks::Asks;

/// The command that ended in conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationKind {
    /// `git merge` and `git pull`, also with `--squash`.
    Merge,
    /// `git rebase`: ours is what the user's commits are put onto.
    Rebase,
    /// `git cherry-pick`.
    CherryPick,
    /// `git revert`.
    Revert,
    /// `git am --3way`.
    Am,
    /// `git stash pop` and `apply`.
    Stash,
    /// `git checkout --merge` and `git switch --merge`.
    Checkout,
    /// One that has left no trace, or none.
    Unknown,
}

impl OperationKind {
    /// The command's name, as git spells it; `None` if it is not known.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Merge => Some("merge"),
            Self::Rebase => Some("rebase"),
            Self::CherryPick => Some("cherry-pick"),
            Self::Revert => Some("revert"),
            Self::Am => Some("am"),
            Self::Stash => Some("stash"),
            Self::Checkout => Some("checkout"),
            Self::Unknown => None,
        }
    }
}

/// What git was doing. Its text is as commits and branches have it, control characters included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The command.
    pub kind: OperationKind,
    /// What stands beside the markers: what git tells a merge driver by `%S`, `%X` and `%Y`, or `base`, `ours` and
    /// `theirs` with a git before 2.44, which tells nothing.
    pub labels: Sides<String>,
    /// What the versions are, in words: "your branch main", "side, which is merged in".
    pub words: Sides<String>,
    /// The commits that the versions are of, where they are known.
    commits: Sides<Option<String>>,
}

/// The labels that a file in conflict bears, without the `:path` of a renamed one; `None` where nobody has looked or
/// the style shows no base.
pub type SeenLabels = Sides<Option<String>>;

impl Operation {
    /// What is going on in a work tree.
    ///
    /// The labels that were `seen` overrule those that git's state leads one to expect. Only they tell a stash, a
    /// checkout and a `cherry-pick --no-commit`, and under which name a commit was merged by `merge -m`.
    #[must_use]
    pub fn of(tree: &WorkTree, seen: &SeenLabels) -> Self {
        let asks = Asks { tree };
        let mut operation = state::operation(&asks, seen);
        if !asks.git_tells_labels() {
            operation.labels = UNTOLD.map(str::to_owned);
        }
        let Sides { base, ours, theirs } = seen.clone();
        operation.labels = Sides {
            base: base.unwrap_or(operation.labels.base),
            ours: ours.unwrap_or(operation.labels.ours),
            theirs: theirs.unwrap_or(operation.labels.theirs),
        };
        operation
    }

    /// The labels beside the markers of one file. Where a side has renamed it, git adds its path in each version.
    ///
    /// Of a patch (`git am`), which is no commit, a rename is not known.
    #[must_use]
    pub fn labels_of(&self, tree: &WorkTree, file: &UnmergedPath) -> Sides<String> {
        let is_told = self.labels != UNTOLD.map(str::to_owned);
        let paths = if is_told { rename::paths(&Asks { tree }, &self.commits, file) } else { None };
        let Some(paths) = paths else { return self.labels.clone() };
        let with_path = |label: &str, path: &std::path::Path| format!("{label}:{}", path.to_string_lossy());
        Sides {
            base: with_path(&self.labels.base, &paths.base),
            ours: with_path(&self.labels.ours, &paths.ours),
            theirs: with_path(&self.labels.theirs, &paths.theirs),
        }
    }
}

/// The merge driver's own labels, where git tells none.
const UNTOLD: Sides<&str> = Sides { base: "base", ours: "ours", theirs: "theirs" };
