use super::*;
use crate::merge::MergeOptions;
use crate::resolve::open_conflicts;

fn notebook(source: &str) -> Vec<u8> {
    let mut raw = Vec::new();
    crate::json::text::escape(source.as_bytes(), crate::json::text::Escapes::Minimal, &mut raw);
    let raw = String::from_utf8(raw).unwrap();
    format!(
        r#"{{"cells": [{{"cell_type": "raw", "metadata": {{}}, "source": {raw}}}], "metadata": {{}}, "nbformat": 4}}"#
    )
    .into_bytes()
}

/// What is shown of the one conflict of a merge.
fn shown(sources: [&str; 3], extent: Extent) -> (String, bool) {
    let [base, ours, theirs] = sources.map(|source| Some(notebook(source)));
    let versions = Sides { base, ours, theirs };
    let remerge = Remerge::new(&versions, &MergeOptions::default()).unwrap();
    let file = remerge.conflicted().unwrap();
    let open = open_conflicts(&file);
    let sides = Sides { base: "", ours: "main", theirs: "side" }.map(str::to_owned);
    let view = ConflictView { notebook: &file, open: &open[0], remerge: Some(&remerge), sides: &sides };
    let shown = view.show(extent, &Palette::default());
    (String::from_utf8(shown.text).unwrap(), shown.is_cut)
}

#[test]
fn the_versions_stand_one_below_the_other_with_lines_around_them() {
    let around = |line: &str| format!("1\n2\n3\n{line}\n4\n5\n6");
    let (text, is_cut) = shown([&around("a"), &around("b"), &around("c")], Extent::Whole);
    assert_eq!(text, " 2\n 3\nbase (b)\n-a\nours (o): main\n+b\ntheirs (t): side\n+c\n 4\n 5\n");
    assert!(!is_cut);
}

#[test]
fn a_side_without_lines_is_told() {
    let (text, _) = shown(["x\na\ny", "x\ny", "x\nb\ny"], Extent::Whole);
    assert_eq!(text, " x\nbase (b)\n-a\nours (o): main (nothing here)\ntheirs (t): side\n+b\n y\n");
}

#[test]
fn no_screen_is_too_small_and_none_is_left_by_a_line() {
    let long: String = (0..50).map(|line| format!("line {line} {}\n", "word ".repeat(line))).collect();
    let (ours, theirs) = (long.replace("word", "our"), long.replace("word", "their"));
    for (rows, columns) in [(6, 20), (6, 80), (20, 40), (19, 78), (200, 30)] {
        let (text, is_cut) = shown([&long, &ours, &theirs], Extent::Screen { rows, columns });
        let widest = text.lines().map(|line| line.chars().count()).max();
        assert!(is_cut && text.lines().count() <= rows && widest <= Some(columns), "{rows}x{columns}: {text}");
    }
}

#[test]
fn a_long_line_is_shown_where_it_changed() {
    let line = |word: &str| format!("{}{word}{}", "same ".repeat(100), " same".repeat(100));
    let (text, is_cut) = shown([&line("a"), &line("bbb"), &line("ccc")], Extent::Screen { rows: 10, columns: 40 });
    assert!(is_cut && text.contains("bbb") && text.contains("ccc"), "{text}");
    let (text, is_cut) = shown([&line("a"), &line("bbb"), &line("ccc")], Extent::Screen { rows: 100, columns: 40 });
    assert!(!is_cut && text.contains(&line("{+bbb+}")), "there is room to wrap it: {text}");
}

#[test]
fn without_colours_signs_tell_the_words_of_a_long_line() {
    let line = |words: &str| format!("A paragraph that nobody has cut into lines, {words}, and that goes on for long.");
    let (text, _) = shown([&line("as it was"), &line("as it is"), &line("as it will be")], Extent::Whole);
    let told = [
        format!("-{}", line("as it [-was-]")),
        format!("+{}", line("as it {+is+}")),
        format!("+{}", line("as it {+will be+}")),
    ];
    assert!(told.iter().all(|line| text.lines().any(|shown| shown == line)), "{text}");
}

#[test]
fn a_long_conflict_is_told_by_what_each_side_changed() {
    let base: Vec<String> = (0..40).map(|line| format!("line number {line}")).collect();
    let changed = |lines: [usize; 2], word: &str| {
        let mut all = base.clone();
        lines.iter().for_each(|line| all[*line] = format!("{word} {line}"));
        all.join("\n")
    };
    // Blocks of changed lines that overlap: one conflict of many lines.
    let ours = (0..40).map(|line| if line % 2 == 0 { format!("ours {line}") } else { base[line].clone() });
    let ours = ours.collect::<Vec<_>>().join("\n");
    let (text, _) =
        shown([&base.join("\n"), &ours, &changed([0, 38], "theirs")], Extent::Screen { rows: 20, columns: 80 });
    assert!(text.lines().count() <= 20 && text.contains("+theirs 0"), "{text}");
}
