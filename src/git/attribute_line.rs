//! One line of an attributes file, read as git reads it.

use std::path::Path;

use git2::{Pathspec, PathspecFlags};

/// What `line` says of `attribute`, if it is about `path`: `set`, `unset`, or the value. The inner `None` is `!attribute`.
pub(super) fn value(line: &str, path: &Path, attribute: &str) -> Option<Option<String>> {
    let mut words = line.split_ascii_whitespace();
    let pattern = words.next().filter(|word| !word.starts_with(['#', '[']))?;
    let value = words.rev().find_map(|word| said(word, attribute))?;
    matches(pattern.trim_matches('"'), path).then_some(value)
}

fn said(word: &str, attribute: &str) -> Option<Option<String>> {
    if word == "binary" && ["diff", "merge", "text"].contains(&attribute) {
        return Some(Some("unset".to_owned()));
    }
    let (name, value) = match word.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None if word.starts_with('-') => (&word[1..], Some("unset")),
        None if word.starts_with('!') => (&word[1..], None),
        None => (word, Some("set")),
    };
    (name == attribute).then(|| value.map(str::to_owned))
}

/// A pattern without a slash is about the name, one with a slash about the path.
fn matches(pattern: &str, path: &Path) -> bool {
    let path = match pattern.contains('/') {
        true => path,
        false => path.file_name().map_or(path, Path::new),
    };
    let spec = Pathspec::new([pattern.trim_start_matches('/')]);
    spec.is_ok_and(|spec| spec.matches_path(path, PathspecFlags::USE_CASE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_git_reads_it() {
        let said = |line: &str, path: &str| value(line, Path::new(path), "diff");
        let is = |value: &str| Some(Some(value.to_owned()));
        assert_eq!(said("*.ipynb diff=a merge=b", "sub/x.ipynb"), is("a"));
        assert_eq!(said("*.ipynb -diff", "x.ipynb"), is("unset"));
        assert_eq!(said("*.ipynb binary", "x.ipynb"), is("unset"));
        assert_eq!(said("*.ipynb !diff", "x.ipynb"), Some(None));
        assert_eq!(said("/sub/*.ipynb diff", "sub/x.ipynb"), is("set"));
        for other in ["# *.ipynb diff", "*.ipynb merge=a", "*.txt diff=a", "sub/*.ipynb diff", "[attr]x diff", ""] {
            assert_eq!(said(other, "x.ipynb"), None, "{other}");
        }
        assert_eq!(said("*.ipynb diff", "X.IPYNB"), None);
    }
}
