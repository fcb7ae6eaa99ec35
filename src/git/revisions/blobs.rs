//! One blob held against another, or against a file: `git diff HEAD~1:a.ipynb a.ipynb`.

use std::path::{Path, PathBuf};

use super::comparison::usage;
use super::executable::{self, Head};
use super::{Change, Comparison, Repository, RevisionError, Side, Status};

/// What git says of the two; `None` if they are equal.
pub(super) fn change(
    repository: &Repository,
    comparison: &Comparison,
    paths: &[PathBuf],
) -> Result<Option<Change>, RevisionError> {
    let names = match (comparison, paths) {
        (Comparison::Blobs(before, after), []) => vec![before.clone(), after.clone()],
        (Comparison::Blobs(..), _) => {
            return Err(usage("two files of revisions are compared without a path beside them"));
        }
        (Comparison::BlobWithFile(blob), [_]) => vec![blob.clone()],
        (Comparison::BlobWithFile(blob), _) => {
            return Err(usage(format!("`{blob}` is one file: name one file to compare it with")));
        }
        _ => return Ok(None),
    };
    let raw = executable::raw(&repository.dir, &names, paths, &repository.folder)?;
    let head = raw.split(|byte| *byte == 0).next().and_then(Head::parse);
    Ok(head.and_then(|head| pair(repository, &names, paths, head)))
}

fn pair(repository: &Repository, names: &[String], paths: &[PathBuf], head: Head) -> Option<Change> {
    let ([old_mode, new_mode], [old, new]) = (head.modes, head.oids);
    let before = Side::blob(path_of(repository, names.first()?), old_mode, old?);
    let after = match (names.get(1), paths.first()) {
        (Some(name), _) => Side::blob(path_of(repository, name), new_mode, new?),
        (None, Some(path)) => Side::work_tree(repository.top()?, from_top(repository, path), new_mode, None),
        (None, None) => return None,
    };
    Some(Change { status: Status::Modified, similarity: None, before, after })
}

/// The path in the name of a blob; the name itself if it has none, as in git.
fn path_of(repository: &Repository, name: &str) -> PathBuf {
    match path_in(name) {
        Some(path) if path.starts_with("./") || path.starts_with("../") => from_top(repository, Path::new(path)),
        Some(path) => path.into(),
        None => name.into(),
    }
}

/// What stands behind the revision, or the stage, and its colon.
fn path_in(name: &str) -> Option<&str> {
    if let Some(staged) = name.strip_prefix(':') {
        let stage = ["0:", "1:", "2:", "3:"].iter().find_map(|stage| staged.strip_prefix(stage));
        return Some(stage.unwrap_or(staged));
    }
    let mut depth = 0_usize;
    let is_end = |(_, character): &(usize, char)| {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        *character == ':' && depth == 0
    };
    let (colon, _) = name.char_indices().find(is_end)?;
    Some(&name[colon + 1..])
}

fn from_top(repository: &Repository, path: &Path) -> PathBuf {
    repository.inside(path).unwrap_or_else(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_what_stands_behind_the_revision() {
        for (name, path) in [
            ("HEAD~1:a/b.ipynb", Some("a/b.ipynb")),
            ("HEAD:a:b.ipynb", Some("a:b.ipynb")),
            ("HEAD@{2020-01-01 10:00}:x.ipynb", Some("x.ipynb")),
            (":x.ipynb", Some("x.ipynb")),
            (":2:x.ipynb", Some("x.ipynb")),
            ("4b825dc", None),
        ] {
            assert_eq!(path_in(name), path, "{name}");
        }
    }
}
