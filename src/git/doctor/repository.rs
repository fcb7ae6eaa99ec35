//! Where we are.

use super::facts::Facts;
use super::finding::{Finding, shell_quoted};
use super::kinds::{GIT_TOO_OLD, NO_REPOSITORY, WORKTREE_ATTRIBUTES};

pub(super) fn check(facts: &Facts) -> Vec<Finding> {
    let Some(repository) = &facts.repository else {
        let message = "this is no git repository: only the configuration for all repositories was looked at";
        return vec![Finding::advising(&NO_REPOSITORY, message, "run it in a repository to have all of it looked at")];
    };
    let own = repository.git_dir.join("info").join("attributes");
    if repository.git_dir == repository.common_dir || !own.is_file() {
        return Vec::new();
    }
    let path = own.display().to_string();
    let message = "git does not read the info/attributes of a linked work tree, only that of the repository";
    vec![Finding::new(&WORKTREE_ATTRIBUTES, message, format!("rm {}", shell_quoted(&path))).at(path)]
}

/// The oldest git that works.
const OLDEST: (u32, u32) = (2, 31);

/// A finding if git's `version` is too old.
pub(super) fn too_old(version: &str) -> Option<Finding> {
    let mut numbers = version.split('.').map_while(|part| part.parse::<u32>().ok());
    let found = (numbers.next()?, numbers.next().unwrap_or(0));
    let message = format!("git {version} is too old; nothing more was looked at");
    (found < OLDEST).then(|| Finding::advising(&GIT_TOO_OLD, message, "install git 2.31 or later"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_git_is_named() {
        for (version, old) in
            [("2.30.9", true), ("1.9", true), ("2.31.0", false), ("2.47.3 (Apple)", false), ("3.0", false)]
        {
            assert_eq!(too_old(version).is_some(), old, "{version}");
        }
    }
}
