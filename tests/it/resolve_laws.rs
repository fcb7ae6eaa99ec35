//! Whatever a merge leaves open can be settled, and nothing else changes by it.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet, HashSet};

use cellwise::merge::{Chunk, Conflict, ConflictStyle, MergeOptions, Sides, lines, merge_lines};
use cellwise::notebook::{ConflictKind, Notebook, RECORD_KEY, Role};
use cellwise::resolve::{
    HandWork, OpenConflict, Remerge, Shape, Take, Unsettled, hand_work, open_conflicts, settle, settle_all,
    versions_to_merge, write_source,
};
use proptest::prelude::*;
use serde_json::Value as Json;

use crate::laws::merging::{files, options};
use crate::nb;
use crate::notebooks::check;

const TAKES: [Take; 4] = [Take::Ours, Take::Theirs, Take::Base, Take::Union];

/// The merge of three files, if it leaves conflicts.
fn with_conflicts(files: [&[u8]; 3], options: &MergeOptions, law: impl FnOnce(&Remerge<'_>)) {
    let [base, ours, theirs] = files.map(<[u8]>::to_vec);
    let base = Some(base).filter(|base| !base.is_empty());
    let Ok(versions) = versions_to_merge(Sides { base, ours: Some(ours), theirs: Some(theirs) }) else { return };
    match Remerge::new(&versions, options) {
        Ok(remerge) if !remerge.outcome.conflicts.is_empty() => law(&remerge),
        _ => {}
    }
}

fn read(file: &[u8]) -> Notebook<'_> {
    Notebook::read(file).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(file)))
}

/// All conflicts settled with `take`, and what could not be.
fn settled(remerge: &Remerge<'_>, take: Take) -> (Vec<u8>, Vec<(OpenConflict, Unsettled)>) {
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
            work = write_source(&notebook, open, None, BY_HAND).unwrap();
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

#[test]
fn whatever_is_open_can_be_settled() {
    check(300, &(files(), options()), |(files, options)| {
        everything_can_be_settled(files.0.each_ref().map(Vec::as_slice), &options);
        Ok(())
    });
}

#[test]
fn one_conflict_after_another_gives_the_same_as_all_at_once() {
    check(150, &(files(), prop::sample::select(TAKES.to_vec())), |(files, take)| {
        with_conflicts(files.0.each_ref().map(Vec::as_slice), &MergeOptions::default(), |remerge| {
            let (mut bytes, mut passed) = (remerge.outcome.bytes.clone(), 0);
            loop {
                let notebook = read(&bytes);
                // From the last to the first, where all at once goes from the first to the last.
                let open = open_conflicts(&notebook);
                let Some(last) = open.len().checked_sub(passed + 1).map(|index| &open[index]) else { break };
                match settle(&notebook, last, Some(remerge), take) {
                    Ok(settled) => bytes = settled,
                    Err(_) => passed += 1,
                }
            }
            assert_eq!(String::from_utf8_lossy(&bytes), String::from_utf8_lossy(&settled(remerge, take).0));
        });
        Ok(())
    });
}

#[test]
fn without_the_versions_the_sources_are_the_same() {
    check(150, &files(), |files| {
        with_conflicts(files.0.each_ref().map(Vec::as_slice), &MergeOptions::default(), |remerge| {
            for take in [Take::Ours, Take::Union] {
                let [with, without] = [Some(remerge), None]
                    .map(|remerge_or_none| settle_all(&remerge.outcome.bytes, remerge_or_none, take, |_| true).0);
                let sources = |file: &[u8]| read(file).cells.iter().map(|cell| cell.source_text()).collect::<Vec<_>>();
                assert_eq!(sources(&with), sources(&without));
            }
        });
        Ok(())
    });
}

/// What each side did to the one cell that both touched.
#[derive(Debug, Clone)]
enum Touch {
    Source(&'static str, u32),
    Deleted,
    Kind,
    Tag(&'static str),
}

fn touched(touch: &Touch) -> Vec<u8> {
    let (first, last) = (nb::code("first", "import numpy"), nb::ran("last", "numpy.ones(3)", 7, "[1. 1. 1.]\n"));
    let mut middle = nb::ran("middle", "x = 1\ny = 2", 3, "base\n");
    middle["metadata"]["slideshow"] = serde_json::json!({"slide_type": "skip"});
    match touch {
        Touch::Source(source, count) => {
            middle["source"] = nb::code("", source)["source"].clone();
            middle["execution_count"] = Json::from(*count);
        }
        Touch::Kind => {
            let metadata = middle["metadata"].clone();
            middle = nb::markdown("middle", "x = 1\ny = 2");
            middle["metadata"] = metadata;
        }
        Touch::Tag(slide) => middle["metadata"]["slideshow"]["slide_type"] = Json::from(*slide),
        Touch::Deleted => return nb::notebook(&[first, last]).into_bytes(),
    }
    nb::notebook(&[first, middle, last]).into_bytes()
}

/// Where nothing but one cell is in conflict, taking a side (or the base) gives that file byte for byte.
#[test]
fn a_side_taken_whole_is_that_sides_file() {
    let base = touched(&Touch::Tag("skip"));
    let touches = [
        Touch::Source("x = 2\ny = 2", 4),
        Touch::Source("x = 3\ny = 2", 5),
        Touch::Deleted,
        Touch::Kind,
        Touch::Tag("slide"),
        Touch::Tag("notes"),
    ];
    let mut seen = BTreeSet::new();
    for (ours, theirs) in touches.iter().flat_map(|ours| touches.iter().map(move |theirs| (ours, theirs))) {
        let files = [base.clone(), touched(ours), touched(theirs)];
        with_conflicts(files.each_ref().map(Vec::as_slice), &MergeOptions::default(), |remerge| {
            for (take, file) in [Take::Base, Take::Ours, Take::Theirs].into_iter().zip(&files) {
                let (bytes, left) = settled(remerge, take);
                assert_eq!(left, [], "{take:?} of {ours:?} and {theirs:?}");
                // What does not collide is merged: here another type or a tag beside another source.
                if matches!(
                    (ours, theirs),
                    (Touch::Source(..) | Touch::Deleted, Touch::Source(..) | Touch::Deleted)
                        | (Touch::Tag(_), Touch::Tag(_))
                ) {
                    assert_eq!(
                        String::from_utf8_lossy(&bytes),
                        String::from_utf8_lossy(file),
                        "{take:?} of {ours:?} and {theirs:?}"
                    );
                }
            }
            seen.extend(remerge.outcome.conflicts.iter().map(|conflict| conflict.kind));
        });
    }
    assert!(seen.contains(&ConflictKind::Source) && seen.contains(&ConflictKind::DeleteEdit));
    assert!(seen.contains(&ConflictKind::Metadata), "{seen:?}");
}

#[test]
fn what_somebody_did_by_hand_is_told() {
    let [base, ours, theirs] = ["x = 1", "x = 2", "x = 3"].map(|source| nb::sources(&["import a", source, "plot(x)"]));
    with_conflicts([&base, &ours, &theirs].map(String::as_bytes), &MergeOptions::default(), |remerge| {
        let told = |change: &dyn Fn(&mut Json)| {
            let mut file: Json = serde_json::from_slice(&remerge.outcome.bytes).unwrap();
            change(&mut file);
            hand_work(&read(file.to_string().as_bytes()), remerge)
        };
        let none = HandWork::default();
        assert_eq!(told(&|_| {}), none, "another layout is no work");
        let edited = |cell: usize| HandWork { edited: vec![cell], ..none.clone() };
        assert_eq!(told(&|file| file["cells"][0]["source"] = "import b".into()), edited(1));
        assert_eq!(told(&|file| file["cells"][1]["source"] = "x = 4".into()), edited(2));
        assert_eq!(told(&|file| file["cells"][2]["execution_count"] = 9.into()), edited(3));
        let gone = told(&|file| drop(file["cells"].as_array_mut().unwrap().remove(0)));
        assert_eq!(gone, HandWork { deleted: 1, ..none.clone() });
        let moved = told(&|file| file["cells"].as_array_mut().unwrap().swap(0, 2));
        assert_eq!(moved, HandWork { moved: true, ..none.clone() });
        assert_eq!(told(&|file| file["metadata"]["title"] = "A".into()), HandWork { notebook: true, ..none.clone() });
        assert_eq!(told(&|file| file["metadata"]["language_info"]["version"] = "3.13".into()), none);
    });
}

#[test]
fn what_somebody_has_edited_beside_a_conflict_stays() {
    let source = |x: u32, end: &str| format!("import a\nimport b\nimport c\nimport d\nx = {x}\ny\nz\n\n{end}");
    let [base, ours, theirs] = [1, 2, 3].map(|x| nb::sources(&[&source(x, "end")]));
    with_conflicts([&base, &ours, &theirs].map(String::as_bytes), &MergeOptions::default(), |remerge| {
        let mut file: Json = serde_json::from_slice(&remerge.outcome.bytes).unwrap();
        for line in file["cells"][0]["source"].as_array_mut().unwrap().iter_mut().filter(|line| *line == "end") {
            *line = "by hand".into();
        }
        let work = file.to_string();
        for (take, x) in [(Take::Ours, 2), (Take::Theirs, 3), (Take::Base, 1)] {
            let (bytes, left) = settle_all(work.as_bytes(), Some(remerge), take, |_| true);
            assert_eq!(left, []);
            assert_eq!(read(&bytes).cells[0].source_text(), source(x, "by hand").into_bytes(), "{take:?}");
        }
    });
}
