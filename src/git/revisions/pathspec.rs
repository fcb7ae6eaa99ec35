//! Pathspecs that are plain paths, in the form libgit2 wants them; the rest is for git.

use std::path::{Component, Path, PathBuf};

/// Whether git would read more into `text` than a path.
pub(super) fn has_magic(text: &str) -> bool {
    text.starts_with(':') || text.contains(['*', '?', '[', '\\'])
}

/// `paths`, relative to `dir`, as paths from `top`; `None` if one of them takes git to understand.
pub(super) fn literal(dir: &Path, top: Option<&Path>, paths: &[PathBuf]) -> Option<Vec<String>> {
    if paths.is_empty() {
        return Some(Vec::new());
    }
    let top = top?.canonicalize().ok()?;
    let dir = dir.canonicalize().ok()?;
    paths.iter().map(|path| from_top(&dir, &top, path)).collect()
}

fn from_top(dir: &Path, top: &Path, path: &Path) -> Option<String> {
    if has_magic(path.to_str()?) {
        return None;
    }
    let inside = inside(dir, top, path)?;
    // The top itself means everything, which libgit2 spells with a pattern and git with a dot.
    (!inside.as_os_str().is_empty()).then(|| inside.to_str().map(|inside| inside.replace('\\', "/")))?
}

/// `path`, relative to `dir`, as a path from `top`.
pub(in crate::git) fn inside(dir: &Path, top: &Path, path: &Path) -> Option<PathBuf> {
    let mut whole = PathBuf::new();
    // `..` is taken by name, as git does; the file need not exist.
    for part in dir.join(path).components() {
        match part {
            Component::ParentDir => _ = whole.pop(),
            Component::CurDir => {}
            other => whole.push(other),
        }
    }
    Some(whole.strip_prefix(top).ok()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_paths_count_from_the_top() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        let dir = top.join("sub");
        std::fs::create_dir(&dir).unwrap();
        let of = |path: &str| literal(&dir, Some(&top), &[path.into()]);
        assert_eq!(of("a.ipynb"), Some(vec!["sub/a.ipynb".to_owned()]));
        assert_eq!(of("../b/./c"), Some(vec!["b/c".to_owned()]));
        assert_eq!(of("."), Some(vec!["sub".to_owned()]));
        for others in ["..", "../..", "*.ipynb", ":/", "a[1]"] {
            assert_eq!(of(others), None, "{others}");
        }
    }
}
