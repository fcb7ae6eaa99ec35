//! Whatever a merge leaves open can be settled, and nothing else changes by it.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use cellwise::merge::{ConflictStyle, MergeOptions};
use cellwise::notebook::{ConflictKind, Notebook};
use cellwise::resolve::{HandWork, Take, hand_work, open_conflicts, settle, settle_all};
use proptest::prelude::*;
use serde_json::Value as Json;

use crate::laws::merging::{files, options};
use crate::nb;
use crate::notebooks::check;
use crate::targets::resolve::{TAKES, everything_can_be_settled, settled, with_conflicts};

fn read(file: &[u8]) -> Notebook<'_> {
    Notebook::read(file).unwrap()
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

/// In the style `zdiff3` the lines that both put in stand before the markers, and are none of the base's.
#[test]
fn the_base_of_zdiff3_has_nothing_that_both_sides_put_in() {
    let [base, ours, theirs] = ["a\nb", "a\nboth\nours\nb", "a\nboth\ntheirs\nb"].map(|source| nb::sources(&[source]));
    let options = MergeOptions { style: ConflictStyle::Zdiff3, ..MergeOptions::default() };
    with_conflicts([&base, &ours, &theirs].map(String::as_bytes), &options, |remerge| {
        let (bytes, left) = settled(remerge, Take::Base);
        assert_eq!((String::from_utf8_lossy(&bytes).into_owned(), left), (base.clone(), Vec::new()));
    });
}
