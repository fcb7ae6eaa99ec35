//! Merges whose time must not explode: thousands of cells, keys and lines, of the shapes that invite comparing each with
//! each. Nothing is timed; a quadratic step would keep these from ending.

use std::collections::HashSet;

use cellwise::merge::{MergeOptions, MergeOutcome, merge};
use cellwise::notebook::Notebook;
use serde_json::{Value, json};

use super::nb;

fn merged(base: &[Value], ours: &[Value], theirs: &[Value]) -> MergeOutcome {
    let [base, ours, theirs] = [base, ours, theirs].map(nb::notebook);
    let [base, ours, theirs] = [&base, &ours, &theirs].map(|file| Notebook::read(file.as_bytes()).unwrap());
    merge(Some(&base), &ours, &theirs, &MergeOptions::default()).unwrap()
}

/// A source line that stands nowhere else, of words that others have too.
fn line(cell: usize, row: usize) -> String {
    let words = ["load", "clean", "fit", "plot", "score", "table", "merge"];
    let word = |step: usize| words[(cell * 3 + row + step) % words.len()];
    format!("{}_{cell}_{row} = {}({}, {})", word(0), word(1), word(2), cell * 10 + row)
}

fn source(cell: usize, rows: std::ops::Range<usize>) -> String {
    rows.map(|row| line(cell, row)).collect::<Vec<_>>().join("\n")
}

/// A cell without an id, as before nbformat 4.5.
fn bare(source: &str) -> Value {
    let mut cell = nb::code("", source);
    cell.as_object_mut().unwrap().remove("id");
    cell
}

fn lines_of(outcome: &MergeOutcome) -> HashSet<String> {
    let sources = nb::cells(&outcome.bytes).iter().map(nb::source).collect::<Vec<_>>();
    sources.iter().flat_map(|source| source.lines()).map(str::to_owned).collect()
}

#[test]
fn every_cell_edited_and_a_third_moved_without_ids() {
    const CELLS: usize = 1500;
    let edited = |row: usize, mark: &str| -> Vec<Value> {
        let text = |cell: usize| source(cell, 0..6).replace(&line(cell, row), &format!("{} {mark}", line(cell, row)));
        (0..CELLS).map(|cell| bare(&text(cell))).collect()
    };
    let base: Vec<Value> = (0..CELLS).map(|cell| bare(&source(cell, 0..6))).collect();
    let (mut ours, theirs) = (edited(0, "# o"), edited(5, "# t"));
    ours[..CELLS / 3].reverse();
    let outcome = merged(&base, &ours, &theirs);
    assert_eq!(outcome.conflicts, []);
    let found = lines_of(&outcome);
    for cell in 0..CELLS {
        for wanted in [format!("{} # o", line(cell, 0)), format!("{} # t", line(cell, 5))] {
            assert!(found.contains(&wanted), "{wanted}");
        }
    }
}

#[test]
fn every_cell_split_here_and_edited_there() {
    const CELLS: usize = 1000;
    let base: Vec<Value> = (0..CELLS).map(|cell| bare(&source(cell, 0..6))).collect();
    let halves = |cell: usize| [bare(&source(cell, 0..3)), bare(&source(cell, 3..6))];
    let ours: Vec<Value> = (0..CELLS).flat_map(halves).collect();
    let edited = |cell: usize| bare(&format!("{}\nprint({cell})", source(cell, 0..6)));
    let theirs: Vec<Value> = (0..CELLS).map(edited).collect();
    let outcome = merged(&base, &ours, &theirs);
    assert_eq!(outcome.conflicts, []);
    let cells = nb::cells(&outcome.bytes);
    assert_eq!(cells.len(), 2 * CELLS);
    assert!(cells.iter().skip(1).step_by(2).all(|cell| nb::source(cell).contains("print(")));
}

#[test]
fn all_cells_new_on_both_sides() {
    const CELLS: usize = 1500;
    let cells = |from: usize| (from..from + CELLS).map(|cell| bare(&source(cell, 0..4))).collect::<Vec<_>>();
    let outcome = merged(&cells(0), &cells(CELLS), &cells(2 * CELLS));
    let found = lines_of(&outcome);
    assert!((CELLS..3 * CELLS).all(|cell| found.contains(&line(cell, 0))));
    assert!(!outcome.conflicts.is_empty());
}

#[test]
fn thousands_of_equal_cells() {
    let cells = |count: usize, other: usize| -> Vec<Value> {
        (0..count).map(|cell| bare(if cell % other == 0 { "df.head()" } else { "plt.show()" })).collect()
    };
    let outcome = merged(&cells(3000, 7), &cells(3040, 7), &cells(3000, 5));
    assert!(nb::cells(&outcome.bytes).len() >= 3000);
}

#[test]
fn metadata_of_thousands_of_keys() {
    const KEYS: usize = 5000;
    let cell = |prefix: &str, changed: std::ops::Range<usize>| {
        let mut cell = bare("x = 1");
        for key in 0..KEYS {
            cell["metadata"][format!("k{key}")] = json!(if changed.contains(&key) { 1 } else { 0 });
        }
        for key in changed {
            cell["metadata"][format!("{prefix}{key}")] = json!(key);
        }
        vec![cell]
    };
    let outcome = merged(&cell("", 0..0), &cell("o", 0..500), &cell("t", 1000..1500));
    assert_eq!(outcome.conflicts, []);
    let metadata = nb::cells(&outcome.bytes)[0]["metadata"].clone();
    assert_eq!(metadata.as_object().unwrap().len(), KEYS + 1000);
    assert_eq!((&metadata["k0"], &metadata["k1000"], &metadata["k4000"]), (&json!(1), &json!(1), &json!(0)));
}

#[test]
fn one_source_of_many_lines_and_one_of_long_lines() {
    const ROWS: usize = 20_000;
    let text = |changed: usize| {
        let row = |row: usize| if row == changed { "changed".to_owned() } else { line(1, row) };
        (0..ROWS).map(row).collect::<Vec<_>>().join("\n")
    };
    let outcome = merged(&[bare(&text(ROWS))], &[bare(&text(10))], &[bare(&text(ROWS - 10))]);
    assert_eq!(outcome.conflicts, []);
    assert_eq!(nb::source(&nb::cells(&outcome.bytes)[0]).lines().filter(|line| *line == "changed").count(), 2);
    // Text cells whose every line, each a paragraph, both sides rewrote.
    let prose = |mark: &str| {
        let paragraph = |cell: usize| (0..300).map(|word| format!("{}{mark}", line(cell, word))).collect::<String>();
        (0..20).map(|cell| bare(&paragraph(cell))).collect::<Vec<_>>()
    };
    let outcome = merged(&prose(" "), &prose(" o "), &prose(" t "));
    assert_eq!(outcome.conflicts.len(), 20);
}
