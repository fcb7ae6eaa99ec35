//! Files that git has merged by lines.

use cellwise::merge::Side;
use cellwise::notebook::Notebook;
use cellwise::resolve::text_markers::{Piece, TextMarkers};

use super::{shown, steers_a_terminal};

/// Any text.
pub(super) fn target(file: &[u8]) {
    comes_apart(file);
}

/// A file comes apart into lines of its own, and its versions are notebooks; or it is said why not.
pub(crate) fn comes_apart(file: &[u8]) {
    let found = match TextMarkers::read(file) {
        Ok(found) => found,
        Err(error) => {
            let line = error.to_string();
            return assert!(!line.contains('\n') && !steers_a_terminal(&line), "{line:?}");
        }
    };
    if found.hunks().count() == 0 {
        assert_eq!(shown(&found.side(Side::Ours)), shown(file));
    }
    nothing_but_markers_is_left_out(&found, file);
    if let Ok(versions) = found.versions() {
        for version in [Some(&versions.ours), Some(&versions.theirs), versions.base.as_ref()].into_iter().flatten() {
            assert!(Notebook::read(version).is_ok(), "{}", shown(version));
        }
    }
}

/// The pieces stand in the file in their order, and what lies between them are lines of markers.
fn nothing_but_markers_is_left_out(found: &TextMarkers<'_>, file: &[u8]) {
    let parts = found.pieces.iter().flat_map(|piece| match piece {
        Piece::Clean(text) => vec![*text],
        Piece::Conflict(hunk) => [Some(hunk.ours), hunk.base, Some(hunk.theirs)].into_iter().flatten().collect(),
    });
    let mut at = 0;
    let place = |part: &[u8]| part.as_ptr() as usize - file.as_ptr() as usize;
    for part in parts.filter(|part| !part.is_empty()) {
        let start = place(part);
        are_markers(&file[at..start], found.marker_size);
        at = start + part.len();
    }
    are_markers(&file[at..], found.marker_size);
}

fn are_markers(text: &[u8], size: usize) {
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let is_marker = b"<|=>".iter().any(|character| line.starts_with(&vec![*character; size]));
        assert!(is_marker, "left out: {}", shown(line));
    }
}
