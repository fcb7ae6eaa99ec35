//! What a diff knows without writing or parsing all of both versions must be what it would find by doing so.

use cellwise::diff::{Detail, DiffOptions, Lines, Parts, diff};
use cellwise::notebook::Notebook;
use cellwise::text::{Show, TextOptions, text_form_with};

use crate::notebooks::{USUAL, Versions, check, versions};

/// The lines of a diff, one by one and cell by cell, must be those of the whole text form.
pub(crate) fn lines_are_those_of_the_text_form(before: &Notebook<'_>, after: &Notebook<'_>) {
    let all = TextOptions {
        outputs: Show::Yes,
        ids: Show::Yes,
        counts: Show::Yes,
        tool_metadata: Show::Yes,
        hidden_line: Show::No,
    };
    let usual = TextOptions { hidden_line: Show::No, ..TextOptions::default() };
    let options = [
        (Parts::default(), Show::No, usual),
        (Parts::default(), Show::Yes, TextOptions::default()),
        (Parts::all(Detail::Shown), Show::No, all),
    ];
    for (parts, hidden_line, options) in options {
        let found = diff(Some(before), Some(after), &DiffOptions { parts, hidden_line, ..DiffOptions::default() });
        assert_lines(&found.before, before, &options);
        assert_lines(&found.after, after, &options);
    }
}

#[track_caller]
fn assert_lines(lines: &Lines<'_>, notebook: &Notebook<'_>, options: &TextOptions) {
    let form = text_form_with(notebook, options);
    // The numbers come first: nothing is written yet that could tell them.
    let split = |text: &[u8]| text.iter().filter(|byte| **byte == b'\n').count();
    let counts: Vec<usize> = (0..form.cells.len()).map(|cell| split(form.cell(cell))).collect();
    assert_eq!((0..lines.cells()).map(|cell| lines.cell(cell).len()).collect::<Vec<_>>(), counts);
    assert_eq!(lines.cell(lines.cells()).len(), split(form.tail()));
    let written: Vec<u8> = (0..lines.len()).flat_map(|line| lines.line(line)).copied().collect();
    assert_eq!(String::from_utf8_lossy(&written), String::from_utf8_lossy(&form.bytes));
}

/// To read a file as a version of another one must not make a difference.
pub(crate) fn a_version_reads_as_any_file(file: &[u8], known: &Notebook<'_>) {
    let (alone, as_version) = (Notebook::read(file), Notebook::read_version(file, known));
    match (alone, as_version) {
        (Ok(alone), Ok(as_version)) => {
            assert_eq!(alone.members, as_version.members);
            assert_eq!(alone.cells, as_version.cells);
            assert_eq!(alone.lists, as_version.lists);
            let spans = |notebook: &Notebook<'_>| {
                let members = notebook.cells.iter().flat_map(|cell| &cell.members).chain(&notebook.members);
                members.map(|member| notebook.span_of(member.value)).collect::<Vec<_>>()
            };
            assert_eq!(spans(&alone), spans(&as_version));
        }
        (alone, as_version) => assert_eq!(alone.err(), as_version.err()),
    }
}

#[test]
fn a_diff_has_the_lines_of_the_text_form() {
    check(150, &versions(), |Versions { ours, theirs, .. }| {
        let [one, other] = [&ours, &theirs].map(|book| book.write(&USUAL));
        lines_are_those_of_the_text_form(&Notebook::read(&one).unwrap(), &Notebook::read(&other).unwrap());
        Ok(())
    });
}

#[test]
fn a_version_of_a_known_notebook_reads_as_any_file() {
    check(150, &versions(), |Versions { base, ours, theirs }| {
        let [base, ours, theirs] = [&base, &ours, &theirs].map(|book| book.write(&USUAL));
        let known = Notebook::read(&base).unwrap();
        for file in [&base, &ours, &theirs] {
            a_version_reads_as_any_file(file, &known);
            let cut = &file[..file.len() * 2 / 3];
            a_version_reads_as_any_file(cut, &known);
        }
        Ok(())
    });
}
