//! What somebody has typed between a conflict's markers.

use std::collections::HashSet;

use crate::merge::lines;

use super::hunks::Hunk;
use super::remerge::Remerge;

/// Whether a line between the markers of `source` that is not in `settled` is in no cell of any version: somebody's work,
/// which would be lost.
pub(super) fn loses_a_line(remerge: &Remerge<'_>, source: &[u8], hunks: &[Hunk], settled: &[u8]) -> bool {
    let all = lines(source);
    let between = hunks.iter().flat_map(|hunk| all[hunk.ours.clone()].iter().chain(&all[hunk.theirs.clone()]));
    let stays: HashSet<&[u8]> = lines(settled).into_iter().map(<[u8]>::trim_ascii_end).collect();
    let mut goes: HashSet<&[u8]> = between.map(|line| line.trim_ascii_end()).collect();
    goes.retain(|line| !line.is_empty() && !stays.contains(line));
    for cell in [&remerge.ours, &remerge.theirs].into_iter().chain(&remerge.base).flat_map(|version| &version.cells) {
        for line in lines(&cell.source_text()) {
            goes.remove(line.trim_ascii_end());
        }
    }
    !goes.is_empty()
}
