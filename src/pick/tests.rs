use super::*;
use crate::diff::DiffOptions;

/// A file of nbformat 4 with these cells, each an id and a source.
fn file(minor: u32, cells: &[(&str, &str)]) -> String {
    let cell = |(id, source): &(&str, &str)| {
        let id = if id.is_empty() { String::new() } else { format!("\"id\": \"{id}\", ") };
        format!(r#"{{"cell_type": "raw", {id}"metadata": {{}}, "source": "{source}"}}"#)
    };
    let cells: Vec<String> = cells.iter().map(cell).collect();
    format!(r#"{{"cells": [{}], "metadata": {{}}, "nbformat": 4, "nbformat_minor": {minor}}}"#, cells.join(", "))
}

fn with(old: &str, new: &str, chosen: &[usize]) -> String {
    let [old, new] = [old, new].map(|file| Notebook::read(file.as_bytes()).unwrap());
    let changes = Changes::of(&old, &new);
    String::from_utf8(changes.with(|item| chosen.contains(&item)).unwrap()).unwrap()
}

fn items(old: &str, new: &str) -> Vec<Item> {
    let [old, new] = [old, new].map(|file| Notebook::read(file.as_bytes()).unwrap());
    Changes::of(&old, &new).items().to_vec()
}

#[test]
fn edits_additions_and_deletions_are_chosen_one_by_one() {
    let old = file(5, &[("a", "import numpy"), ("b", "to be deleted"), ("c", "plot(data)")]);
    let new = file(5, &[("a", "import numpy as np"), ("c", "plot(data)"), ("d", "something new here")]);
    let found = items(&old, &new);
    let cells = |before: Range<usize>, after: Range<usize>| Item::Cells { before, after };
    assert_eq!(found, [cells(0..1, 0..1), cells(1..2, 1..1), cells(3..3, 2..3)]);
    let kept = ("b", "to be deleted");
    let (edited, added) = (("a", "import numpy as np"), ("d", "something new here"));
    assert_eq!(with(&old, &new, &[0]), file(5, &[edited, kept, ("c", "plot(data)")]));
    assert_eq!(with(&old, &new, &[1]), file(5, &[("a", "import numpy"), ("c", "plot(data)")]));
    assert_eq!(with(&old, &new, &[2]), file(5, &[("a", "import numpy"), kept, ("c", "plot(data)"), added]));
    assert_eq!(with(&old, &new, &[0, 1, 2]), new);
    assert_eq!(with(&old, &new, &[]), old);
}

#[test]
fn a_moved_cell_stands_in_one_place() {
    let old = file(5, &[("a", "first words"), ("b", "second thing"), ("c", "third one"), ("d", "fourth item")]);
    let new = file(5, &[("d", "fourth item!"), ("a", "first words"), ("b", "second thing"), ("c", "third one!")]);
    assert_eq!(items(&old, &new).len(), 2);
    let moved = [("d", "fourth item!"), ("a", "first words"), ("b", "second thing"), ("c", "third one")];
    assert_eq!(with(&old, &new, &[0]), file(5, &moved));
    let edited = [("a", "first words"), ("b", "second thing"), ("c", "third one!"), ("d", "fourth item")];
    assert_eq!(with(&old, &new, &[1]), file(5, &edited));
}

#[test]
fn an_id_that_is_taken_is_not_given_twice() {
    // A tool that numbers cells by position.
    let old = file(5, &[("0", "alpha beta"), ("1", "gamma delta")]);
    let new = file(5, &[("0", "something else"), ("1", "alpha beta"), ("2", "gamma delta")]);
    let added = with(&old, &new, &[0]);
    let notebook = Notebook::read(added.as_bytes()).unwrap();
    let ids: Vec<_> = notebook.cells.iter().map(|cell| cell.id().unwrap()).collect();
    assert_eq!(&ids[1..], ["\"0\"", "\"1\""]);
    assert!(ids[0] != "\"0\"" && ids[0] != "\"1\"", "{ids:?}");
}

#[test]
fn a_format_with_ids_comes_with_all_cells_only() {
    let old = file(4, &[("", "x = 1"), ("", "unchanged")]);
    let new = file(5, &[("a", "x = 12"), ("b", "unchanged")]);
    assert_eq!(items(&old, &new)[1..], [Item::Layout]);
    assert_eq!(with(&old, &new, &[0]), file(4, &[("", "x = 12"), ("", "unchanged")]));
    assert_eq!(with(&old, &new, &[1]), old);
    assert_eq!(with(&old, &new, &[0, 1]), new);
    let without = with(&new, &old, &[0]);
    assert_eq!(without, file(5, &[("a", "x = 1"), ("b", "unchanged")]));
}

#[test]
fn the_metadata_is_a_change_of_its_own() {
    let old = file(5, &[("a", "x")]);
    let new = file(5, &[("a", "y")]).replace(r#"}], "metadata": {}"#, r#"}], "metadata": {"title": "T"}"#);
    assert_eq!(items(&old, &new)[1..], [Item::Metadata]);
    assert_eq!(with(&old, &new, &[1]), new.replace(r#""source": "y""#, r#""source": "x""#));
    assert_eq!(with(&old, &new, &[0]), file(5, &[("a", "y")]));
}

#[test]
fn another_layout_is_a_change_of_its_own() {
    let old = file(5, &[("a", "x = 1"), ("b", "unchanged")]);
    let new = file(5, &[("a", "x = 2"), ("b", "unchanged")]).replace(r#", "metadata": {}"#, ",\n \"metadata\": {}");
    let new = new.replacen('{', "{\n ", 1);
    assert_eq!(items(&old, &new)[1..], [Item::Layout]);
    assert_eq!(with(&old, &new, &[0]), file(5, &[("a", "x = 2"), ("b", "unchanged")]));
    assert_eq!(with(&old, &new, &[0, 1]), new);
}

#[test]
fn cells_of_another_format_come_together() {
    let new = file(5, &[("a", "x")]);
    let old = r#"{"worksheets": [{"cells": [{"cell_type": "markdown", "source": "x"}]}], "nbformat": 3}"#;
    assert_eq!(items(old, &new), [Item::Whole]);
    assert_eq!(with(old, &new, &[0]), new);
}

#[test]
fn cells_are_found_by_their_numbers_in_a_diff() {
    let old = file(5, &[("a", "import numpy"), ("b", "to be deleted"), ("c", "plot(data)")]);
    let new = file(5, &[("a", "import numpy as np"), ("c", "plot(data)")]);
    let [old, new] = [&old, &new].map(|file| Notebook::read(file.as_bytes()).unwrap());
    let changes = Changes::of(&old, &new);
    let item = |name| changes.item_of(name);
    assert_eq!([item(CellName::New(1)), item(CellName::New(2)), item(CellName::New(0))], [Some(0), None, None]);
    assert_eq!([item(CellName::Old(2)), item(CellName::Old(1)), item(CellName::Old(9))], [Some(1), None, None]);
}

#[test]
fn each_change_has_its_own_diff() {
    let old = file(5, &[("a", "import numpy"), ("b", "to be deleted"), ("c", "plot(data)")]);
    let new = file(5, &[("a", "import numpy as np"), ("x", "plot(data)")]) + "\n";
    let [old, new] = [&old, &new].map(|file| Notebook::read(file.as_bytes()).unwrap());
    let changes = Changes::of(&old, &new);
    let mut diffs = ChangeDiffs::new(&changes, &DiffOptions::default());
    let shown: Vec<_> = (0..changes.items().len())
        .map(|item| {
            let diff = diffs.of(item);
            (diff.cells.len(), diff.changes.len(), diff.notebook.ids)
        })
        .collect();
    assert_eq!(shown, [(1, 1, 0), (1, 1, 0), (0, 0, 1), (0, 0, 0)]);
}

#[test]
fn a_new_notebook_begins_without_cells() {
    let new = file(5, &[("a", "x = 1"), ("b", "y = 2")]);
    let empty = without_cells(&Notebook::read(new.as_bytes()).unwrap()).unwrap();
    assert_eq!(String::from_utf8(empty.clone()).unwrap(), file(5, &[]));
    let empty = String::from_utf8(empty).unwrap();
    assert_eq!(with(&empty, &new, &[1]), file(5, &[("b", "y = 2")]));
}
