//! What holds for every diff of two notebooks.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use proptest::sample::select;

use cellwise::diff::{Detail, DiffOptions, NotebookDiff, Parts, diff};
use cellwise::notebook::Notebook;

use crate::notebooks::{Kind, USUAL, book, check, edits, layout};
use crate::patch::fits;
use crate::targets::diff::{self as targets, for_people, spoken_of};

/// Two files, the newer one edited and perhaps laid out otherwise.
fn files() -> impl Strategy<Value = [Vec<u8>; 2]> {
    (book(7), edits(), layout(), layout(), any::<bool>()).prop_map(|(book, edits, before, after, same)| {
        let after = if same { &before } else { &after };
        [book.write(&before), book.edited(&edits).write(after)]
    })
}

fn read(files: &[Vec<u8>; 2]) -> [Notebook<'_>; 2] {
    files.each_ref().map(|file| Notebook::read(file).unwrap())
}

fn found<'n>([before, after]: &'n [Notebook<'n>; 2], options: &DiffOptions) -> NotebookDiff<'n> {
    diff(Some(before), Some(after), options)
}

#[test]
fn a_strict_patch_leads_from_one_text_form_to_the_other() {
    check(150, &(files(), 0..5usize), |(files, context)| {
        targets::a_strict_patch_leads_from_one_to_the_other(files.each_ref().map(Vec::as_slice), context);
        Ok(())
    });
}

#[test]
fn the_diff_for_people_has_the_lines_that_it_says() {
    check(150, &(files(), 0..5usize), |(files, context)| {
        targets::the_diff_for_people_has_its_lines(files.each_ref().map(Vec::as_slice), context);
        Ok(())
    });
}

#[test]
fn so_it_has_whatever_parts_are_compared() {
    let detail = || select(vec![Detail::LeftOut, Detail::Told, Detail::Shown]);
    let parts = (detail(), detail(), detail(), detail(), detail(), detail());
    check(100, &(files(), parts), |(files, (sources, outputs, attachments, metadata, ids, details))| {
        let parts = Parts { sources, outputs, attachments, metadata, ids, details };
        let notebooks = read(&files);
        let found = found(&notebooks, &DiffOptions { parts, ..DiffOptions::default() });
        fits(&for_people(&found, 2), &spoken_of(&found.before), &spoken_of(&found.after));
        Ok(())
    });
}

#[test]
fn nothing_is_passed_over_in_silence() {
    check(150, &files(), |files| {
        targets::nothing_is_passed_over(files.each_ref().map(Vec::as_slice));
        Ok(())
    });
}

#[test]
fn a_run_of_everything_takes_a_line_a_cell_at_most() {
    check(80, &(book(7), 30..60u32), |(book, run)| {
        let files = [book.write(&USUAL), book.run_again(run).write(&USUAL)];
        let shown = for_people(&found(&read(&files), &DiffOptions::default()), 3);
        let code = book.cells.iter().filter(|cell| cell.kind == Kind::Code).count();
        let notes = shown.lines().take_while(|line| !line.starts_with("diff --git")).count();
        prop_assert!(notes <= code && !shown.contains("@@"), "{shown}");
        Ok(())
    });
}
