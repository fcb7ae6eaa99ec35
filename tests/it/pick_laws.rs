//! What holds for every choice among the changes of two notebooks.

#![allow(clippy::unwrap_used)]

use std::collections::HashSet;

use proptest::prelude::*;
use proptest::sample::Index;

use cellwise::json;
use cellwise::notebook::Notebook;
use cellwise::pick::{Changes, Item, without_cells};

use crate::notebooks::{Edit, USUAL, book, check, edits, layout};

fn read(file: &[u8]) -> Notebook<'_> {
    Notebook::read(file).unwrap()
}

fn picked(old: &[u8], new: &[u8], chosen: impl Fn(usize) -> bool) -> Vec<u8> {
    let (old, new) = (read(old), read(new));
    Changes::of(&old, &new).with(chosen).unwrap()
}

/// Two files, the newer one edited and perhaps laid out otherwise, and which changes are chosen.
fn files() -> impl Strategy<Value = ([Vec<u8>; 2], u64)> {
    (book(7), edits(), layout(), layout(), 0..4u8, any::<u64>()).prop_map(
        |(book, edits, before, after, other, mask)| {
            let after = if other > 0 { &before } else { &after };
            ([book.write(&before), book.edited(&edits).write(after)], mask)
        },
    )
}

fn has(mask: u64) -> impl Fn(usize) -> bool {
    move |item| mask >> (item % 64) & 1 == 1
}

/// Whether the first list is in the second one, in its order.
fn is_within(part: &[String], whole: &[String]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|cell| rest.any(|other| json::same(cell, other)))
}

/// The text of each of these cells, without its id: two cells may have come with the same one.
fn texts<'n>(notebook: &Notebook<'n>, cells: impl Iterator<Item = usize>) -> Vec<String> {
    let members = |cell: usize| {
        let kept = notebook.cells[cell].members.iter().filter(|member| !member.is("id"));
        kept.map(|member| format!("{}: {}", member.key, member.value)).collect::<Vec<_>>().join(", ")
    };
    cells.map(|cell| format!("{{{}}}", members(cell))).collect()
}

/// Which cells of either version are of a chosen change.
fn cells_of(items: &[Item], chosen: impl Fn(usize) -> bool) -> [HashSet<usize>; 2] {
    let mut cells = [HashSet::new(), HashSet::new()];
    for (_, item) in items.iter().enumerate().filter(|(index, _)| chosen(*index)) {
        if let Item::Cells { before, after } = item {
            cells[0].extend(before.clone());
            cells[1].extend(after.clone());
        }
    }
    cells
}

#[test]
fn nothing_and_everything() {
    check(100, &files(), |([old, new], _)| {
        prop_assert_eq!(&picked(&old, &new, |_| false), &old);
        prop_assert_eq!(&picked(&old, &new, |_| true), &new);
        let old = read(&old);
        let none = Changes::of(&old, &old);
        prop_assert_eq!(none.items(), &[]);
        Ok(())
    });
}

#[test]
fn what_was_chosen_comes_and_all_else_stays() {
    check(150, &files(), |([old_file, new_file], mask)| {
        let (old, new) = (read(&old_file), read(&new_file));
        let changes = Changes::of(&old, &new);
        let result = changes.with(has(mask)).unwrap();
        if changes.items() == [Item::Whole] {
            return Ok(());
        }
        let result = read(&result);
        let all = texts(&result, 0..result.cells.len());
        let [gone, come] = cells_of(changes.items(), has(mask));
        let stay = texts(&old, (0..old.cells.len()).filter(|cell| !gone.contains(cell)));
        prop_assert!(is_within(&stay, &all), "{stay:#?} in {all:#?}");
        let came = texts(&new, (0..new.cells.len()).filter(|cell| come.contains(cell)));
        prop_assert!(is_within(&came, &all), "{came:#?} in {all:#?}");
        prop_assert_eq!(all.len(), stay.len() + came.len());
        Ok(())
    });
}

#[test]
fn bytes_of_cells_that_were_not_chosen_stay() {
    check(100, &files(), |([old_file, new_file], mask)| {
        let (old, new) = (read(&old_file), read(&new_file));
        let changes = Changes::of(&old, &new);
        let result = changes.with(has(mask)).unwrap();
        if (0..changes.items().len()).all(has(mask)) {
            return Ok(());
        }
        let result = read(&result);
        let [gone, _] = cells_of(changes.items(), has(mask));
        let mut left = result.cells.iter().map(|cell| result.cell_bytes(cell));
        for cell in (0..old.cells.len()).filter(|cell| !gone.contains(cell)) {
            let bytes = old.cell_bytes(&old.cells[cell]);
            prop_assert!(left.any(|other| other == bytes), "{}", String::from_utf8_lossy(bytes));
        }
        Ok(())
    });
}

#[test]
fn the_rest_can_be_chosen_later() {
    check(100, &files(), |([old, new], mask)| {
        let between = picked(&old, &new, has(mask));
        prop_assert_eq!(&picked(&between, &new, |_| true), &new);
        let [old, new, between] = [&old, &new, &between].map(|file| read(file));
        let (first, second) = (Changes::of(&old, &new), Changes::of(&between, &new));
        let (all, later) = (first.items().len(), second.items().len());
        let is_nothing_left = (0..all).all(has(mask));
        prop_assert_eq!(later == 0, is_nothing_left || old.bytes == new.bytes);
        Ok(())
    });
}

/// Two files of a tool that numbers the cells by position, or gives ids of its own.
fn files_with_other_ids() -> impl Strategy<Value = ([Vec<u8>; 2], u64)> {
    let renumbered = (book(7), edits(), any::<u64>()).prop_map(|(book, mut edits, mask)| {
        let book = book.edited(&[Edit::Renumber]);
        edits.push(Edit::Renumber);
        ([book.write(&USUAL), book.edited(&edits).write(&USUAL)], mask)
    });
    prop_oneof![2 => renumbered, 1 => files()]
}

#[test]
fn ids_stay_unique() {
    check(150, &files_with_other_ids(), |([old, new], mask)| {
        let unique = |notebook: &Notebook<'_>| {
            let ids: Vec<_> = notebook.cells.iter().filter_map(|cell| cell.id()).collect();
            ids.len() == ids.iter().collect::<HashSet<_>>().len()
        };
        let result = picked(&old, &new, has(mask));
        let [old, new, result] = [&old, &new, &result].map(|file| read(file));
        prop_assert!(unique(&result) || !unique(&old) || !unique(&new), "{}", String::from_utf8_lossy(result.bytes));
        let ids = |notebook: &Notebook<'_>| notebook.cells.iter().filter(|cell| cell.id().is_some()).count();
        let follow_format = |notebook: &Notebook<'_>| match notebook.version().has_ids() {
            true => ids(notebook) == notebook.cells.len(),
            false => ids(notebook) == 0,
        };
        prop_assert!(follow_format(&result) || !follow_format(&old) || !follow_format(&new));
        Ok(())
    });
}

#[test]
fn a_new_notebook_grows_cell_by_cell() {
    check(60, &(book(5), layout(), any::<Index>()), |(book, layout, at)| {
        let file = book.write(&layout);
        let new = read(&file);
        let Some(empty) = without_cells(&new) else { return Ok(()) };
        let old = read(&empty);
        let changes = Changes::of(&old, &new);
        prop_assert_eq!(changes.items().len(), new.cells.len());
        if new.cells.len() > 1 {
            let at = at.index(new.cells.len());
            let result = changes.with(|item| item == at).unwrap();
            let result = read(&result);
            prop_assert_eq!(texts(&result, 0..result.cells.len()), texts(&new, at..at + 1));
        }
        Ok(())
    });
}
