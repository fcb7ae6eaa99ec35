//! git's own line merge, for what cannot be read as a notebook.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;

use crate::merge::ConflictStyle;

use super::command::{self, GitError};

/// The names that stand beside conflict markers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Labels<'a> {
    /// Beside `|||||||`.
    pub base: &'a str,
    /// Beside `<<<<<<<`.
    pub ours: &'a str,
    /// Beside `>>>>>>>`.
    pub theirs: &'a str,
}

/// How a conflict is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Markers<'a> {
    /// The names beside the markers.
    pub labels: Labels<'a>,
    /// Their length.
    pub size: usize,
    /// What they enclose; `None` for what git has configured.
    pub style: Option<ConflictStyle>,
    /// How changed lines are found.
    pub diff: LineDiff,
}

/// How `git merge-file` finds changed lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LineDiff {
    /// As it does by itself.
    #[default]
    Usual,
    /// As `git merge` does; refused before git 2.44.
    Histogram,
}

impl Default for Labels<'_> {
    fn default() -> Self {
        Self { base: "base", ours: "ours", theirs: "theirs" }
    }
}

/// What a line merge gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextMerge {
    /// The merged text, with markers where there are conflicts.
    pub bytes: Vec<u8>,
    /// Whether there are conflicts.
    pub conflicts: bool,
}

/// Why a line merge was not possible.
#[derive(Debug, thiserror::Error)]
pub enum TextMergeError {
    /// git refused, most often because a side is binary.
    #[error("{0}. The sides cannot be merged as text; take one of them with `git checkout --ours` or `--theirs`")]
    Refused(String),
    /// git could not be run.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The sides could not be written to temporary files.
    #[error("the sides could not be written to temporary files: {0}")]
    Temporary(#[from] io::Error),
}

/// Merges three files by lines, as `git merge-file` does, and touches none of them.
///
/// # Errors
/// A file is missing or binary, or git cannot be run.
pub fn text_merge(base: &Path, ours: &Path, theirs: &Path, markers: Markers<'_>) -> Result<TextMerge, TextMergeError> {
    let mut args: Vec<OsString> = Vec::new();
    let style = markers.style.map(|style| match style {
        ConflictStyle::Merge => "merge",
        ConflictStyle::Diff3 => "diff3",
        ConflictStyle::Zdiff3 => "zdiff3",
    });
    // `git merge-file` has an option for all styles but the usual one.
    args.extend(style.iter().flat_map(|style| ["-c".into(), format!("merge.conflictStyle={style}").into()]));
    args.extend(["merge-file".into(), "-p".into(), "-q".into()]);
    args.push(format!("--marker-size={}", markers.size).into());
    for label in [markers.labels.ours, markers.labels.base, markers.labels.theirs] {
        args.extend(["-L".into(), label.into()]);
    }
    args.extend((markers.diff == LineDiff::Histogram).then(|| "--diff-algorithm=histogram".into()));
    args.push("--".into());
    args.extend([ours.into(), base.into(), theirs.into()]);
    let output = command::output(Path::new(""), &args)?;
    match output.status.code() {
        Some(0) => Ok(TextMerge { bytes: output.stdout, conflicts: false }),
        // The number of conflicts, at most 127; 255 and 128 are failures.
        Some(1..=127) => Ok(TextMerge { bytes: output.stdout, conflicts: true }),
        _ => Err(TextMergeError::Refused(command::failure(&["merge-file"], &output).to_string())),
    }
}

/// The same for sides that are not in files.
///
/// # Errors
/// As [`text_merge`], and if the temporary files cannot be written.
pub fn text_merge_bytes(
    base: &[u8],
    ours: &[u8],
    theirs: &[u8],
    markers: Markers<'_>,
) -> Result<TextMerge, TextMergeError> {
    let folder = tempfile::tempdir()?;
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).map(|()| path)
    };
    let (base, ours, theirs) = (file("base", base)?, file("ours", ours)?, file("theirs", theirs)?);
    text_merge(&base, &ours, &theirs, markers)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABELS: Labels<'_> = Labels { base: "base", ours: "ours", theirs: "theirs" };
    const MARKERS: Markers<'_> = Markers { labels: LABELS, size: 9, style: None, diff: LineDiff::Usual };

    fn merge(base: &str, ours: &str, theirs: &str) -> Result<TextMerge, TextMergeError> {
        text_merge_bytes(base.as_bytes(), ours.as_bytes(), theirs.as_bytes(), MARKERS)
    }

    #[test]
    fn both_sides_are_taken() {
        let merged = merge("1\n2\n3\n4\n5\n", "0\n2\n3\n4\n5\n", "1\n2\n3\n4\n6\n").unwrap();
        assert_eq!(merged, TextMerge { bytes: b"0\n2\n3\n4\n6\n".to_vec(), conflicts: false });
    }

    #[test]
    fn a_conflict_has_markers_of_the_asked_length() {
        let merged = merge("a\n", "b\n", "c\n").unwrap();
        let expected = "<<<<<<<<< ours\nb\n=========\nc\n>>>>>>>>> theirs\n";
        assert!(merged.conflicts);
        assert_eq!(String::from_utf8(merged.bytes).unwrap(), expected);
    }

    #[test]
    fn a_conflict_is_in_the_asked_style() {
        let styled = |style| {
            let markers = Markers { style: Some(style), ..MARKERS };
            text_merge_bytes(b"a\n", b"b\n", b"c\n", markers).unwrap().bytes
        };
        assert_eq!(styled(ConflictStyle::Merge), merge("a\n", "b\n", "c\n").unwrap().bytes);
        assert!(String::from_utf8(styled(ConflictStyle::Diff3)).unwrap().contains("||||||||| base\na\n"));
    }

    #[test]
    fn many_conflicts_are_still_an_answer() {
        let lines = |word: &str| (0..300).map(|n| format!("{word}{n}\n\n\n\n")).collect::<String>();
        assert!(merge(&lines("a"), &lines("b"), &lines("c")).unwrap().conflicts);
    }

    #[test]
    fn binary_sides_are_refused_in_words() {
        let error = merge("a\n", "b\0\n", "c\n").unwrap_err();
        assert!(error.to_string().contains("cannot be merged as text"), "{error}");
    }

    #[test]
    fn a_missing_file_is_an_error() {
        let missing = Path::new("/no/such/file");
        assert!(text_merge(missing, missing, missing, MARKERS).is_err());
    }
}
