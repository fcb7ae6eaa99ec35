//! Diffs of two notebooks, in both formats.

use std::collections::BTreeMap;

use arbitrary::Unstructured;
use cellwise::diff::{DiffOptions, Lines, NotebookDiff, diff};
use cellwise::notebook::Notebook;
use cellwise::render::{FileHeader, FileSide, PatchOptions, patch, terminal};
use cellwise::text::{Show, text_form};

use crate::patch::{apply, fits};

use super::{apply, keep_case, made, read, shown, steers_a_terminal, texts};

/// Two versions of a made-up notebook.
pub(super) fn target(input: &[u8]) {
    let [before, after] = made::pair(&mut Unstructured::new(input));
    all_hold([&before, &after]);
    apply::a_patch_holds(&before, &after);
    apply::a_patch_holds(&after, &before);
}

/// Any two notebooks.
pub(super) fn bytes_target(input: &[u8]) {
    let files = texts::<2>(input);
    if files.iter().all(|file| Notebook::read(file).is_ok()) {
        all_hold(files);
    }
}

fn all_hold(files: [&[u8]; 2]) {
    keep_case(&[("before.ipynb", files[0]), ("after.ipynb", files[1])]);
    for context in [0, 3] {
        a_strict_patch_leads_from_one_to_the_other(files, context);
        the_diff_for_people_has_its_lines(files, context);
    }
    nothing_is_passed_over(files);
    apply::a_json_diff_holds(files[0], files[1]);
}

/// The header of a diff of `n.ipynb`.
pub(crate) fn header() -> FileHeader {
    let side = || FileSide { path: b"n.ipynb".to_vec(), mode: Some("100644".to_owned()), oid: String::new() };
    FileHeader::new(side(), side())
}

/// The diff for people.
pub(crate) fn for_people(diff: &NotebookDiff<'_>, context: usize) -> String {
    let mut out = Vec::new();
    terminal(diff, &header(), &PatchOptions { context, ..PatchOptions::default() }, &mut out);
    String::from_utf8(out).expect("UTF-8")
}

/// The strict patch from one file to the other.
pub(super) fn strict([before, after]: [&[u8]; 2], context: usize) -> String {
    let (before, after) = (read(before), read(after));
    let found = diff(Some(&before), Some(&after), &DiffOptions { hidden_line: Show::Yes, ..DiffOptions::default() });
    let mut out = Vec::new();
    patch(&found, &header(), &PatchOptions { context, ..PatchOptions::default() }, &mut out);
    String::from_utf8(out).expect("UTF-8")
}

fn forms(files: [&[u8]; 2]) -> [String; 2] {
    files.map(|file| String::from_utf8(text_form(&read(file)).bytes).expect("UTF-8"))
}

/// Whatever the context: applied to the one text form, a patch gives the other.
pub(crate) fn a_strict_patch_leads_from_one_to_the_other(files: [&[u8]; 2], context: usize) {
    let patch = strict(files, context);
    assert!(!steers_a_terminal(&patch), "{patch:?}");
    let [before, after] = forms(files);
    assert_eq!(apply(&patch, &before), after);
}

/// The lines of the diff for people stand where it says.
pub(crate) fn the_diff_for_people_has_its_lines(files: [&[u8]; 2], context: usize) {
    let [before, after] = files.map(read);
    let found = diff(Some(&before), Some(&after), &DiffOptions::default());
    let shown = for_people(&found, context);
    assert!(!steers_a_terminal(&shown), "{shown:?}");
    let [before, after] = forms(files);
    fits(&shown, &before, &after);
    fits(&shown, &spoken_of(&found.before), &spoken_of(&found.after));
}

/// The text that a diff speaks of.
pub(crate) fn spoken_of(lines: &Lines) -> String {
    (0..lines.len()).map(|line| shown(lines.line(line))).collect()
}

/// The diff for people is empty for equal files alone, and each line that one side has more often is in it.
pub(crate) fn nothing_is_passed_over(files: [&[u8]; 2]) {
    let [before, after] = files.map(read);
    let shown = for_people(&diff(Some(&before), Some(&after), &DiffOptions::default()), 3);
    assert_eq!(shown.is_empty(), files[0] == files[1], "{shown}");
    let [before, after] = files.map(source_lines);
    for (sign, from, to) in [('+', &before, &after), ('-', &after, &before)] {
        let hunks = || shown.lines().skip_while(|line| !line.starts_with("@@"));
        for (line, count) in to {
            // Lines that the text form escapes are told otherwise.
            if line.is_empty() || line.starts_with(['\\', '#', ' ']) || line.chars().any(is_escaped) {
                continue;
            }
            let missing = count.saturating_sub(*from.get(line).unwrap_or(&0));
            let told = hunks().filter(|shown| shown.strip_prefix(sign) == Some(line.as_str())).count();
            assert!(told >= missing, "{sign}{line}: {told} of {missing}\n{shown}");
        }
    }
}

/// Whether the text form may write this otherwise.
fn is_escaped(character: char) -> bool {
    let turns_the_text =
        matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    character.is_control() || turns_the_text || character == char::REPLACEMENT_CHARACTER
}

/// How often each source line stands in a file.
fn source_lines(file: &[u8]) -> BTreeMap<String, usize> {
    let mut lines = BTreeMap::new();
    for cell in read(file).cells {
        let text = shown(&cell.source_text());
        // No line of `str::lines`, which takes a carriage return away.
        text.split('\n').for_each(|line| *lines.entry(line.to_owned()).or_default() += 1);
    }
    lines
}
