//! What holds for every diff of two notebooks.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;

use cellwise::diff::{Detail, DiffOptions, Lines, NotebookDiff, Parts, diff};
use cellwise::notebook::Notebook;
use cellwise::render::{FileHeader, FileSide, PatchOptions, patch, terminal};
use cellwise::text::{Show, text_form};

use crate::notebooks::{Kind, USUAL, book, check, edits, layout};
use crate::patch::{apply, fits};

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

fn header() -> FileHeader {
    let side = || FileSide { path: b"n.ipynb".to_vec(), mode: Some("100644".to_owned()), oid: String::new() };
    FileHeader::new(side(), side())
}

fn shown(diff: &NotebookDiff, context: usize) -> String {
    let mut out = Vec::new();
    terminal(diff, &header(), &PatchOptions { context, ..PatchOptions::default() }, &mut out);
    String::from_utf8(out).unwrap()
}

fn texts(files: &[Vec<u8>; 2]) -> [String; 2] {
    files.each_ref().map(|file| String::from_utf8(text_form(&Notebook::read(file).unwrap()).bytes).unwrap())
}

/// The text that a diff speaks of.
fn spoken_of(lines: &Lines) -> String {
    (0..lines.len()).map(|line| String::from_utf8_lossy(lines.line(line)).into_owned()).collect()
}

/// How often each source line stands in a file.
fn source_lines(file: &[u8]) -> BTreeMap<String, usize> {
    let mut lines = BTreeMap::new();
    for cell in Notebook::read(file).unwrap().cells {
        let text = String::from_utf8_lossy(&cell.source_text()).into_owned();
        text.lines().for_each(|line| *lines.entry(line.to_owned()).or_default() += 1);
    }
    lines
}

#[test]
fn a_strict_patch_leads_from_one_text_form_to_the_other() {
    check(150, &(files(), 0..5usize), |(files, context)| {
        let mut out = Vec::new();
        let options = PatchOptions { context, ..PatchOptions::default() };
        let notebooks = read(&files);
        let strict = found(&notebooks, &DiffOptions { hidden_line: Show::Yes, ..DiffOptions::default() });
        patch(&strict, &header(), &options, &mut out);
        let [before, after] = texts(&files);
        prop_assert_eq!(apply(&String::from_utf8(out).unwrap(), &before), after);
        Ok(())
    });
}

#[test]
fn the_diff_for_people_has_the_lines_that_it_says() {
    check(150, &(files(), 0..5usize), |(files, context)| {
        let [before, after] = texts(&files);
        fits(&shown(&found(&read(&files), &DiffOptions::default()), context), &before, &after);
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
        fits(&shown(&found, 2), &spoken_of(&found.before), &spoken_of(&found.after));
        Ok(())
    });
}

#[test]
fn nothing_is_passed_over_in_silence() {
    check(150, &files(), |files| {
        let shown = shown(&found(&read(&files), &DiffOptions::default()), 3);
        prop_assert_eq!(shown.is_empty(), files[0] == files[1]);
        let [before, after] = files.each_ref().map(|file| source_lines(file));
        for (sign, from, to) in [('+', &before, &after), ('-', &after, &before)] {
            let hunks = || shown.lines().skip_while(|line| !line.starts_with("@@"));
            for (line, count) in to {
                // Lines that the text form escapes are told otherwise.
                if line.is_empty() || line.starts_with(['\\', '#', ' ']) || line.chars().any(char::is_control) {
                    continue;
                }
                let missing = count.saturating_sub(*from.get(line).unwrap_or(&0));
                let told = hunks().filter(|shown| shown.strip_prefix(sign) == Some(line.as_str())).count();
                prop_assert!(told >= missing, "{sign}{line}: {told} of {missing}\n{shown}");
            }
        }
        Ok(())
    });
}

#[test]
fn a_run_of_everything_takes_a_line_a_cell_at_most() {
    check(80, &(book(7), 30..60u32), |(book, run)| {
        let files = [book.write(&USUAL), book.run_again(run).write(&USUAL)];
        let shown = shown(&found(&read(&files), &DiffOptions::default()), 3);
        let code = book.cells.iter().filter(|cell| cell.kind == Kind::Code).count();
        let notes = shown.lines().take_while(|line| !line.starts_with("diff --git")).count();
        prop_assert!(notes <= code && !shown.contains("@@"), "{shown}");
        Ok(())
    });
}
