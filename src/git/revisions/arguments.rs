//! What is typed: revisions, then paths; and what the revisions make git compare.

use std::path::PathBuf;

use super::comparison::{range, usage};
use super::{Area, Comparison, Repository, RevisionError, executable, libgit2, pathspec, unknown};

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A folder: that of a commit, as a rule.
    Tree,
    /// A file, such as `REV:path`.
    Blob,
}

impl Repository {
    /// Splits the arguments before a `--` into revisions and paths by git's rule: revisions come first, an
    /// argument that could be both is an error, and so is one that is neither.
    ///
    /// # Errors
    /// [`RevisionError::Ambiguous`] and [`RevisionError::Unknown`], naming the argument.
    pub fn split(&self, arguments: &[String]) -> Result<(Vec<String>, Vec<PathBuf>), RevisionError> {
        for (index, argument) in arguments.iter().enumerate() {
            if argument == "-" {
                return Err(usage("`-`, standard input, can be compared with another file, not with a revision"));
            }
            match (self.knows(argument), self.is_file(argument)) {
                (true, false) => {}
                (true, true) => return Err(RevisionError::Ambiguous { argument: argument.clone() }),
                (false, false) if !pathspec::has_magic(argument) => return Err(unknown(argument)),
                (false, _) => {
                    let (revisions, paths) = arguments.split_at(index);
                    return Ok((revisions.to_vec(), self.paths(paths)?));
                }
            }
        }
        Ok((arguments.to_vec(), Vec::new()))
    }

    fn paths(&self, arguments: &[String]) -> Result<Vec<PathBuf>, RevisionError> {
        let path = |argument: &String| match argument {
            path if self.is_file(path) || pathspec::has_magic(path) => Ok(path.into()),
            revision if self.knows(revision) => {
                Err(usage(format!("`{revision}` is a revision: these stand before files (-R swaps the sides)")))
            }
            other => Err(unknown(other)),
        };
        arguments.iter().map(path).collect()
    }

    /// As git, which takes no file of a git directory (there is a `HEAD` in it) for what is meant.
    fn is_file(&self, argument: &str) -> bool {
        self.top.is_some() && self.dir.join(argument).symlink_metadata().is_ok()
    }

    /// The comparison that `git diff` makes of these revisions: whatever git takes for one or two commits, trees or
    /// blobs.
    ///
    /// # Errors
    /// There are too many, or a file stands beside what is none.
    pub fn comparison(&self, revisions: &[String], area: Area) -> Result<Comparison, RevisionError> {
        let comparison = Comparison::of(&self.commits(revisions)?, area)?;
        let is_blob = |revision: &str| self.kind(revision) == Some(Kind::Blob);
        match &comparison {
            Comparison::Since(one) if is_blob(one) => Ok(Comparison::BlobWithFile(one.clone())),
            Comparison::Staged(Some(one)) if is_blob(one) => {
                Err(usage(format!("`{one}` is one file: name what is staged `:path`, as in `{one} :path`")))
            }
            Comparison::Between(before, after) => match (is_blob(before), is_blob(after)) {
                (true, true) => Ok(Comparison::Blobs(before.clone(), after.clone())),
                (false, false) => Ok(comparison),
                (true, false) => Err(one_file(before, after)),
                (false, true) => Err(one_file(after, before)),
            },
            _ => Ok(comparison),
        }
    }

    /// The id of the tree that one revision names.
    ///
    /// # Errors
    /// It names a file, several commits, or nothing.
    pub fn tree(&self, revision: &str) -> Result<String, RevisionError> {
        match self.kind(revision) {
            Some(Kind::Tree) => executable::resolve(&self.dir, revision),
            Some(Kind::Blob) => {
                Err(usage(format!("`{revision}` is one file: name a revision, and the file behind it")))
            }
            None if self.knows(revision) => Err(usage(format!("`{revision}` is more than one revision: name one"))),
            None => Err(unknown(revision)),
        }
    }

    /// `REV^!` and the like as the commits that they name, in the order in which git compares them.
    fn commits(&self, arguments: &[String]) -> Result<Vec<String>, RevisionError> {
        let mut commits = Vec::new();
        for argument in arguments {
            if !is_shorthand(argument) {
                commits.push(argument.clone());
                continue;
            }
            let named = executable::commits(&self.dir, argument)?;
            match named.len() {
                0 => return Err(usage(format!("`{argument}` names no commit: the first one has no parents"))),
                1 | 2 => commits.extend(named),
                count => {
                    return Err(usage(format!("`{argument}` names {count} commits: two can be compared, not more")));
                }
            }
        }
        // What is left out stands on the older side: `B ^A` is `A..B`.
        if matches!(commits.as_slice(), [_, other] if other.starts_with('^')) {
            commits.reverse();
        }
        Ok(commits.into_iter().map(|commit| commit.trim_start_matches('^').to_owned()).collect())
    }

    /// Whether `argument` names revisions.
    fn knows(&self, argument: &str) -> bool {
        match range(argument) {
            Some((before, after, _)) => self.kind(before).is_some() && self.kind(after).is_some(),
            None if is_shorthand(argument) => executable::commits(&self.dir, argument).is_ok(),
            None => self.kind(argument).is_some(),
        }
    }

    fn kind(&self, revision: &str) -> Option<Kind> {
        if revision.starts_with('-') {
            return None;
        }
        let known = self.libgit2.as_ref().and_then(|repository| libgit2::kind(repository, revision));
        let is = |kind| executable::object(&self.dir, revision, kind).is_ok();
        known.or_else(|| is("tree").then_some(Kind::Tree)).or_else(|| is("blob").then_some(Kind::Blob))
    }
}

fn one_file(blob: &str, other: &str) -> RevisionError {
    usage(format!("`{blob}` is one file and `{other}` is none: name the file in both, as in REV:path"))
}

/// Whether git makes several commits of it, or one that is left out (gitrevisions(7), "Other <rev>^ Parent Shorthand
/// Notations").
fn is_shorthand(argument: &str) -> bool {
    let parent = argument.rsplit_once("^-").is_some_and(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit()));
    parent || argument.starts_with('^') || argument.ends_with("^!") || argument.ends_with("^@")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shorthands_are_those_of_git() {
        for shorthand in ["HEAD^!", "v1^@", "HEAD^-", "HEAD^-2", "^main"] {
            assert!(is_shorthand(shorthand), "{shorthand}");
        }
        for plain in ["HEAD^", "HEAD^2", "HEAD^{commit}", "HEAD:a^-b", "a-1", "@{-1}"] {
            assert!(!is_shorthand(plain), "{plain}");
        }
    }
}
