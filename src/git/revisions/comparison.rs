//! What is compared with what.

use super::RevisionError;

/// What stands on the new side when no second revision is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// The files.
    WorkTree,
    /// What is staged.
    Index,
}

/// Two states of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// The index with the work tree.
    Unstaged,
    /// A commit (HEAD if `None`) with the index.
    Staged(Option<String>),
    /// A commit with the work tree.
    Since(String),
    /// Two commits.
    Between(String, String),
    /// The common ancestor of two commits with the second.
    SinceMergeBase(String, String),
    /// A blob, such as `REV:path`, with the one file that the paths name.
    BlobWithFile(String),
    /// Two blobs.
    Blobs(String, String),
}

impl Comparison {
    /// The comparison that `git diff` makes of these revisions.
    ///
    /// # Errors
    /// Too many revisions.
    pub fn of(revisions: &[String], area: Area) -> Result<Self, RevisionError> {
        match (revisions, area) {
            ([], Area::WorkTree) => Ok(Self::Unstaged),
            ([], Area::Index) => Ok(Self::Staged(None)),
            ([one], Area::WorkTree) => Ok(Self::of_one(one)),
            ([one], Area::Index) if range(one).is_none() => Ok(Self::Staged(Some(one.clone()))),
            ([before, after], Area::WorkTree) if range(before).or(range(after)).is_none() => {
                Ok(Self::Between(before.clone(), after.clone()))
            }
            (_, Area::Index) => Err(usage("--staged compares one revision (HEAD if none is named) with the index")),
            _ => Err(usage("two revisions, or one range such as main..topic, can be compared, not more")),
        }
    }

    fn of_one(revision: &str) -> Self {
        match range(revision) {
            Some((before, after, Dots::Two)) => Self::Between(before.to_owned(), after.to_owned()),
            Some((before, after, Dots::Three)) => Self::SinceMergeBase(before.to_owned(), after.to_owned()),
            None => Self::Since(revision.to_owned()),
        }
    }

    /// Whether the new side is the work tree.
    pub(super) fn reads_work_tree(&self) -> bool {
        matches!(self, Self::Unstaged | Self::Since(_) | Self::BlobWithFile(_))
    }

    /// Whether the index takes part: a bare repository has none, and unmerged paths turn up here.
    pub(super) fn reads_index(&self) -> bool {
        self.reads_work_tree() || matches!(self, Self::Staged(_))
    }
}

pub(super) fn usage(text: impl Into<String>) -> RevisionError {
    RevisionError::Usage(text.into())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dots {
    Two,
    Three,
}

/// The sides of `A..B` or `A...B`; an empty side is HEAD.
pub(super) fn range(argument: &str) -> Option<(&str, &str, Dots)> {
    let head = |side| if str::is_empty(side) { "HEAD" } else { side };
    // A path behind a revision (`HEAD:../a`) may hold dots of its own.
    let dots = argument.find("..")?;
    if argument.find(':').is_some_and(|colon| colon < dots) || matches!(argument, ".." | "...") {
        return None;
    }
    let (before, after) = argument.split_at(dots);
    match after.strip_prefix("...") {
        Some(after) => Some((head(before), head(after), Dots::Three)),
        None => Some((head(before), head(&after[2..]), Dots::Two)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(revisions: &[&str], area: Area) -> Comparison {
        let revisions: Vec<String> = revisions.iter().map(ToString::to_string).collect();
        Comparison::of(&revisions, area).unwrap()
    }

    #[test]
    fn ranges_are_read_as_git_reads_them() {
        assert_eq!(range("a..b"), Some(("a", "b", Dots::Two)));
        assert_eq!(range("a..."), Some(("a", "HEAD", Dots::Three)));
        assert_eq!(range("..b"), Some(("HEAD", "b", Dots::Two)));
        for single in ["HEAD", "..", "...", "HEAD:../a.ipynb", "v1.0"] {
            assert_eq!(range(single), None, "{single}");
        }
    }

    #[test]
    fn arguments_make_comparisons() {
        assert_eq!(of(&[], Area::WorkTree), Comparison::Unstaged);
        assert_eq!(of(&[], Area::Index), Comparison::Staged(None));
        assert_eq!(of(&["v1"], Area::Index), Comparison::Staged(Some("v1".to_owned())));
        assert_eq!(of(&["v1"], Area::WorkTree), Comparison::Since("v1".to_owned()));
        let between = Comparison::Between("a".to_owned(), "b".to_owned());
        assert_eq!(of(&["a", "b"], Area::WorkTree), between);
        assert_eq!(of(&["a..b"], Area::WorkTree), between);
    }

    #[test]
    fn too_many_revisions_are_refused() {
        let three = ["a", "b", "c"].map(str::to_owned);
        assert!(Comparison::of(&three, Area::WorkTree).is_err());
        assert!(Comparison::of(&three[..2], Area::Index).is_err());
        assert!(Comparison::of(&["a..b".to_owned()], Area::Index).is_err());
    }
}
