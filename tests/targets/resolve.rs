//! Whatever a merge leaves open can be settled, and nothing else changes by it.

use std::collections::{BTreeMap, HashSet};

use arbitrary::Unstructured;
use cellwise::merge::{Chunk, Conflict, ConflictStyle, MergeOptions, Sides, lines, merge_lines};
use cellwise::notebook::{ConflictKind, Notebook, RECORD_KEY, Role};
use cellwise::resolve::{
    HandWork, OpenConflict, Remerge, Shape, Take, Unsettled, hand_work, open_conflicts, settle_all, versions_to_merge,
    write_source,
};

use super::made::{self, Merge};
use super::{keep_merge, read, texts};

/// Three versions of a made-up notebook.
pub(super) fn target(input: &[u8]) {
    let Merge { files, options } = made::merge(&mut Unstructured::new(input));
    let files = files.each_ref().map(Vec::as_slice);
    keep_merge(files);
    everything_can_be_settled(files, &options);
}

/// Any three files: whatever is taken, what comes of it is a notebook with no more open than before.
pub(super) fn bytes_target(input: &[u8]) {
    let files = texts::<3>(input);
    keep_merge(files);
    with_conflicts(files, &MergeOptions::default(), |remerge| {
        let open = open_conflicts(&read(&remerge.outcome.bytes)).len();
        for take in TAKES {
            let (bytes, left) = settled(remerge, take);
            assert!(open_conflicts(&read(&bytes)).len() <= open && left.len() <= open, "{take:?}");
        }
    });
}

pub(crate) const TAKES: [Take; 4] = [Take::Ours, Take::Theirs, Take::Base, Take::Union];

/// The merge of three files, if it leaves conflicts.
pub(crate) fn with_conflicts(files: [&[u8]; 3], options: &MergeOptions, law: impl FnOnce(&Remerge<'_>)) {
    let [base, ours, theirs] = files.map(<[u8]>::to_vec);
    let base = Some(base).filter(|base| !base.is_empty());
    let Ok(versions) = versions_to_merge(Sides { base, ours: Some(ours), theirs: Some(theirs) }) else { return };
    match Remerge::new(&versions, options) {
        Ok(remerge) if !remerge.outcome.conflicts.is_empty() => law(&remerge),
        _ => {}
    }
}

/// All conflicts settled with `take`, and what could not be.
pub(crate) fn settled(remerge: &Remerge<'_>, take: Take) -> (Vec<u8>, Vec<(OpenConflict, Unsettled)>) {
    settle_all(&remerge.outcome.bytes, Some(remerge), take, |_| true)
}

/// What must hold of any conflicted merge; also of the real ones.
pub(crate) fn everything_can_be_settled(files: [&[u8]; 3], options: &MergeOptions) {
    with_conflicts(files, options, |remerge| {
        let conflicted = read(&remerge.outcome.bytes);
        assert_eq!(hand_work(&conflicted, remerge), HandWork::default());
        for take in TAKES {
            let (bytes, left) = settled(remerge, take);
            let notebook = read(&bytes);
            only_what_has_no_answer_is_left(&left, take);
            assert_eq!(open_conflicts(&notebook).len(), left.len(), "{take:?}");
            if left.is_empty() {
                leaves_no_trace(&notebook);
            }
            assert_eq!(hand_work(&notebook, remerge), HandWork::default(), "{take:?}");
            ids_stay_unique(&conflicted, &notebook);
            the_rest_stays(&conflicted, &notebook);
            sources_are_the_versions(remerge, &notebook, take);
        }
        union_keeps_every_line(&conflicted, &read(&settled(remerge, Take::Union).0));
        half_by_hand_stays(&conflicted, remerge);
    });
}

/// Every other conflict is settled by hand first: as it stands then it stays.
fn half_by_hand_stays(conflicted: &Notebook<'_>, remerge: &Remerge<'_>) {
    const BY_HAND: &[u8] = b"settled by hand";
    let mut work = conflicted.bytes.to_vec();
    let mut by_hand = 0;
    for number in (0..open_conflicts(conflicted).len()).rev().step_by(2) {
        let notebook = read(&work);
        let open = &open_conflicts(&notebook)[number];
        if matches!(open.shape, Some(Shape::Lines(_))) {
            work = write_source(&notebook, open, None, BY_HAND).expect("a cell");
            by_hand += 1;
        }
    }
    for take in [Take::Ours, Take::Theirs, Take::Union] {
        let (bytes, _) = settle_all(&work, Some(remerge), take, |_| true);
        let kept = read(&bytes).cells.iter().filter(|cell| cell.source_text() == BY_HAND).count();
        assert_eq!(kept, by_hand, "{take:?}");
    }
}

fn only_what_has_no_answer_is_left(left: &[(OpenConflict, Unsettled)], take: Take) {
    for (open, reason) in left {
        let known = match reason {
            Unsettled::NoUnion => take == Take::Union && open.kind == ConflictKind::Metadata,
            Unsettled::NoBase => take == Take::Base,
            _ => false,
        };
        assert!(known, "{take:?} of {open:?}: {reason}");
    }
}

fn leaves_no_trace(notebook: &Notebook<'_>) {
    for cell in &notebook.cells {
        assert_eq!(cell.record(), None);
        assert!(!cell.metadata().unwrap_or_default().contains(RECORD_KEY));
    }
}

fn ids_stay_unique(before: &Notebook<'_>, after: &Notebook<'_>) {
    let repeated = |notebook: &Notebook<'_>| {
        let mut seen = HashSet::new();
        notebook.cells.iter().filter_map(|cell| cell.id()).filter(|id| !seen.insert(id.to_string())).count()
    };
    assert!(repeated(after) <= repeated(before));
}

/// Cells in no conflict stand in the result, byte for byte and in their order. (Metadata of the cell below a note is in
/// conflict.)
fn the_rest_stays(conflicted: &Notebook<'_>, after: &Notebook<'_>) {
    let open = open_conflicts(conflicted);
    let below_note = |open: &OpenConflict| usize::from(open.kind == ConflictKind::Metadata);
    let in_conflict =
        |cell: usize| open.iter().any(|open| (open.cell..=open.last_cell + below_note(open)).contains(&cell));
    let mut here = after.cells.iter().map(|cell| after.cell_bytes(cell));
    for (index, cell) in conflicted.cells.iter().enumerate().filter(|(index, _)| !in_conflict(index + 1)) {
        let bytes = conflicted.cell_bytes(cell);
        assert!(here.any(|there| there == bytes), "cell {}: {}", index + 1, String::from_utf8_lossy(bytes));
    }
}

/// A source that was in conflict is that of `git merge-file --ours` (or `--theirs`), but for white space.
fn sources_are_the_versions(remerge: &Remerge<'_>, after: &Notebook<'_>, take: Take) {
    let sources: HashSet<Vec<u8>> = after.cells.iter().map(|cell| trimmed(&cell.source_text())).collect();
    for Conflict { contested, .. } in &remerge.outcome.conflicts {
        let texts = contested.texts.as_ref().map(Option::as_deref);
        let (Some(ours), Some(theirs)) = (texts.ours, texts.theirs) else { continue };
        if (take == Take::Base && texts.base.is_none()) || take == Take::Union {
            continue;
        }
        let texts = Sides { base: texts.base.unwrap_or_default(), ours, theirs };
        let chunks = merge_lines(&texts.map(lines), ConflictStyle::Diff3);
        let expected = chunks.iter().flat_map(|chunk| match (chunk, take) {
            (Chunk::Clean(lines), _) => lines,
            (Chunk::Conflict(sides), Take::Ours) => &sides.ours,
            (Chunk::Conflict(sides), Take::Theirs) => &sides.theirs,
            (Chunk::Conflict(sides), _) => &sides.base,
        });
        let expected = expected.copied().collect::<Vec<_>>().join(&b'\n');
        assert!(sources.contains(&trimmed(&expected)), "{}", String::from_utf8_lossy(&expected));
    }
}

/// The lines without white space at their ends, and without empty lines at the end.
fn trimmed(text: &[u8]) -> Vec<u8> {
    let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end).collect();
    lines.join(&b'\n').trim_ascii_end().to_vec()
}

fn union_keeps_every_line(conflicted: &Notebook<'_>, after: &Notebook<'_>) {
    let count = |notebook: &Notebook<'_>| {
        let mut lines: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
        let cells = notebook.cells.iter().filter(|cell| cell.record().is_none_or(|record| record.role == Role::Cell));
        for cell in cells {
            for line in cell.source_text().split(|byte| *byte == b'\n') {
                *lines.entry(line.to_vec()).or_default() += 1;
            }
        }
        lines
    };
    let after = count(after);
    for (line, times) in count(conflicted) {
        let is_marker = b"<|=>".iter().any(|character| line.starts_with(&[*character; 7]));
        let shown_base = conflicted.bytes.windows(7).any(|window| window == b"|||||||");
        if !is_marker && !line.is_empty() && !shown_base {
            let line = String::from_utf8_lossy(&line).into_owned();
            assert!(after.get(line.as_bytes()).is_some_and(|now| *now >= times), "lost: {line}");
        }
    }
}
