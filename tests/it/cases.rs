//! Goldens: `tests/cases/<stage>/<topic>/<case>/` holds inputs and what comes of them.
//!
//! `CELLWISE_BLESS=1 cargo test` writes the expected files anew; read the difference before it is committed.

use std::fs;
use std::path::{Path, PathBuf};

use cellwise::align::align;
use cellwise::config::{Config, Dialect};
use cellwise::diff::{DiffOptions, diff};
use cellwise::merge::{Choice, MergeOptions, MergeOutcome, StaleCell, Subject, merge};
use cellwise::normalize::clean;
use cellwise::notebook::{Cell, Notebook};
use cellwise::render::{FileHeader, FileSide, MarkdownReport, PatchOptions, patch, terminal};
use cellwise::text::{Show, TextOptions, text_form_with};

/// What a stage makes of a case: each expected file's name and content.
type Results = Vec<(&'static str, Vec<u8>)>;

/// A stage with goldens.
struct Stage {
    folder: &'static str,
    /// Files that a case must have.
    inputs: &'static [&'static str],
    /// Files that it may have besides.
    optional: &'static [&'static str],
    run: fn(&Path) -> Results,
}

const PAIR: &[&str] = &["before.ipynb", "after.ipynb"];

/// `options.toml` is what stands in a project's `cellwise.toml`.
const MAYBE_IN_MERGES: &[&str] = &["base.ipynb", "options.toml", REPORT];

/// What was settled by rule and what is out of date by it; missing where there is nothing.
const REPORT: &str = "expected.report";

const STAGES: [Stage; 7] = [
    Stage { folder: "clean", inputs: &["input.ipynb"], optional: &["options.toml"], run: run_clean },
    Stage { folder: "text", inputs: &["input.ipynb"], optional: &[], run: run_text },
    Stage { folder: "align", inputs: PAIR, optional: &[], run: run_align },
    Stage { folder: "diff", inputs: PAIR, optional: &[], run: run_diff },
    Stage { folder: "render", inputs: PAIR, optional: &[], run: run_render },
    Stage { folder: "apply", inputs: PAIR, optional: &[], run: crate::apply::run_case },
    Stage { folder: "merge", inputs: &["ours.ipynb", "theirs.ipynb"], optional: MAYBE_IN_MERGES, run: run_merge },
];

fn run_clean(case: &Path) -> Results {
    let file = fs::read(case.join("input.ipynb")).unwrap();
    let notebook = Notebook::read(&file).unwrap();
    let cleaned = clean(&notebook, &configured(case).clean.options()).bytes(&notebook);
    vec![("expected.ipynb", cleaned)]
}

/// The topic `outputs` is shown with them, `everything` with all that can be asked for.
fn run_text(case: &Path) -> Results {
    let file = fs::read(case.join("input.ipynb")).unwrap();
    let topic = name(case.parent().unwrap());
    let options = TextOptions {
        outputs: (topic == "outputs" || topic == "everything").into(),
        ids: (topic == "everything").into(),
        counts: (topic == "everything").into(),
        tool_metadata: (topic == "everything").into(),
        hidden_line: Show::Yes,
    };
    vec![("expected.txt", text_form_with(&Notebook::read(&file).unwrap(), &options).bytes)]
}

/// One line for each cell of the newer version: where it came from.
fn run_align(case: &Path) -> Results {
    let files = PAIR.iter().map(|name| fs::read(case.join(name)).unwrap()).collect::<Vec<_>>();
    let [before, after] = [0, 1].map(|index| Notebook::read(&files[index]).unwrap());
    let alignment = align(&before, &after);
    let line = |cell| match alignment.to_before(cell) {
        Some(from) if alignment.is_moved(cell) => format!("{} moved from {}\n", cell + 1, from + 1),
        Some(from) => format!("{} was {}\n", cell + 1, from + 1),
        None => format!("{} is new\n", cell + 1),
    };
    vec![("expected.txt", (0..after.cells.len()).map(line).collect::<String>().into_bytes())]
}

/// The strict patch of the text forms, and what people are shown.
fn run_diff(case: &Path) -> Results {
    let files = PAIR.iter().map(|name| fs::read(case.join(name)).unwrap()).collect::<Vec<_>>();
    let [before, after] = [0, 1].map(|index| Notebook::read(&files[index]).unwrap());
    let side = || FileSide { path: b"n.ipynb".to_vec(), mode: Some("100644".to_owned()), oid: String::new() };
    let (header, options) = (FileHeader::new(side(), side()), PatchOptions::default());
    let found = |hidden_line| diff(Some(&before), Some(&after), &DiffOptions { hidden_line, ..DiffOptions::default() });
    let (mut strict, mut shown) = (Vec::new(), Vec::new());
    patch(&found(Show::Yes), &header, &options, &mut strict);
    terminal(&found(Show::No), &header, &options, &mut shown);
    vec![("expected.patch", strict), ("expected.txt", shown)]
}

/// What a review on the web is given.
fn run_render(case: &Path) -> Results {
    let files = PAIR.iter().map(|name| fs::read(case.join(name)).unwrap()).collect::<Vec<_>>();
    let [before, after] = [0, 1].map(|index| Notebook::read(&files[index]).unwrap());
    let side = || FileSide { path: b"n.ipynb".to_vec(), mode: Some("100644".to_owned()), oid: String::new() };
    let options = DiffOptions { hidden_line: Show::No, ..DiffOptions::default() };
    let mut report = MarkdownReport::new(&PatchOptions::default(), 1_000_000);
    report.push(&diff(Some(&before), Some(&after), &options), &FileHeader::new(side(), side()));
    vec![("expected.md", report.finish())]
}

fn run_merge(case: &Path) -> Results {
    let outcome = merged(case);
    let report = report(&outcome);
    let MergeOutcome { bytes, conflicts, .. } = outcome;
    let lines = conflicts.iter().map(|conflict| format!("{} {}\n", conflict.kind.name(), conflict.cell));
    let mut results = vec![("expected.ipynb", bytes), ("expected.conflicts", lines.collect::<String>().into_bytes())];
    if !report.is_empty() || case.join(REPORT).exists() {
        results.push((REPORT, report.into_bytes()));
    }
    results
}

/// One line for each choice, and one for each cell whose outputs are out of date.
fn report(outcome: &MergeOutcome) -> String {
    let id = |id: &Option<String>| id.as_ref().map_or(String::new(), |id| format!(" ({id})"));
    let mut lines = Vec::new();
    for Choice { kind, subject, id: of, taken, path } in &outcome.choices {
        let subject = match subject {
            Subject::Notebook => "the notebook".to_owned(),
            Subject::Cell(cell) => format!("cell {cell}{}", id(of)),
            Subject::Deleted(cell) => format!("what was cell {cell}{}", id(of)),
        };
        let what = [&[kind.name().to_owned()], path.as_slice()].concat().join(" ");
        lines.push(format!("{what} of {subject}: {}\n", taken.name().unwrap_or("neither")));
    }
    for StaleCell { cell, id: of, outputs_of } in &outcome.stale {
        let whose = outputs_of.map_or("both".to_owned(), |side| format!("{side:?}").to_lowercase());
        lines.push(format!("stale outputs of cell {cell}{}: {whose}\n", id(of)));
    }
    lines.concat()
}

fn merged(case: &Path) -> MergeOutcome {
    merged_as(case, ["ours.ipynb", "theirs.ipynb"])
}

fn merged_as(case: &Path, sides: [&str; 2]) -> MergeOutcome {
    let base = fs::read(case.join("base.ipynb")).ok();
    let [ours, theirs] = sides.map(|name| fs::read(case.join(name)).unwrap());
    let base = base.as_deref().map(|file| Notebook::read(file).unwrap());
    let [ours, theirs] = [&ours, &theirs].map(|file| Notebook::read(file).unwrap());
    merge(base.as_ref(), &ours, &theirs, &options(case)).unwrap()
}

fn options(case: &Path) -> MergeOptions {
    configured(case).merge.options()
}

/// What `options.toml` says, if there is one.
fn configured(case: &Path) -> Config {
    let text = fs::read_to_string(case.join("options.toml")).unwrap_or_default();
    let (config, problems) = Config::parse(&text, Dialect::Cellwise).unwrap();
    assert_eq!(problems, [], "{}", case.display());
    config
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

/// Says what is wrong with the files of a case.
fn check_files(case: &Path, inputs: &[&str], others: &[&str]) {
    let found = entries(case);
    let names: Vec<&str> = found.iter().map(|path| name(path)).collect();
    for input in inputs {
        assert!(names.contains(input), "{}: {input} is missing; .ci/case begins a case", case.display());
    }
    for file in &names {
        let known = inputs.contains(file) || others.contains(file);
        assert!(known, "{}: what is {file}?", case.display());
    }
}

fn shown(file: &[u8]) -> String {
    String::from_utf8_lossy(file).replace('\r', "\\r")
}

/// Compares a result with its file; `Some` says what differs.
fn compare(case: &Path, file: &str, result: &[u8]) -> Option<String> {
    let path = case.join(file);
    let expected = fs::read(&path).ok();
    if Some(result) == expected.as_deref() {
        return None;
    }
    if std::env::var_os("CELLWISE_BLESS").is_some() {
        fs::write(&path, result).unwrap();
        return None;
    }
    let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(&path).display();
    let Some(expected) = expected else { return Some(format!("{name}: is not there yet\n")) };
    Some(format!("{name}: - expected, + what comes out\n{}", difference(&shown(&expected), &shown(result))))
}

/// The lines between the first and the last that differ.
fn difference(expected: &str, result: &str) -> String {
    let [mut old, mut new] = [expected, result].map(|text| text.split('\n').collect::<Vec<_>>());
    let same = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    old.drain(..same);
    new.drain(..same);
    while !old.is_empty() && old.last() == new.last() {
        old.pop();
        new.pop();
    }
    let marked = |mark: char, lines: &[&str]| lines.iter().map(|line| format!("{mark}{line}\n")).collect::<String>();
    format!("@@ line {}\n{}{}", same + 1, marked('-', &old), marked('+', &new))
}

/// What to do about results that are not as expected.
const BLESS: &str = "Is that right? CELLWISE_BLESS=1 cargo test --test it cases writes it, \
    git add -N tests/cases && git diff tests/cases shows it.\n\
    If lines of the text form have changed, TEXT_FORM_VERSION has too.";

#[test]
fn goldens_are_as_expected() {
    let mut wrong = Vec::new();
    for stage in &STAGES {
        for case in entries(&root().join(stage.folder)).iter().flat_map(|topic| entries(topic)) {
            let results = (stage.run)(&case);
            let expected: Vec<&str> = results.iter().map(|(file, _)| *file).collect();
            check_files(&case, stage.inputs, &[stage.optional, &expected].concat());
            wrong.extend(results.iter().filter_map(|(file, result)| compare(&case, file, result)));
        }
    }
    assert!(wrong.is_empty(), "{}\n{BLESS}", wrong.join("\n"));
}

/// Ours and theirs are names: with the sides swapped the verdict is the same, and so is what a clean merge says.
#[test]
fn merges_are_mirrored_by_swapping_the_sides() {
    let mut wrong = Vec::new();
    for case in entries(&root().join("merge")).iter().flat_map(|topic| entries(topic)) {
        let (one, other) = (merged(&case), merged_as(&case, ["theirs.ipynb", "ours.ipynb"]));
        let verdict = |outcome: &MergeOutcome| -> Vec<&str> {
            let mut kinds: Vec<&str> = outcome.conflicts.iter().map(|conflict| conflict.kind.name()).collect();
            kinds.sort_unstable();
            kinds
        };
        if verdict(&one) != verdict(&other) || (one.conflicts.is_empty() && contents(&one) != contents(&other)) {
            wrong.push(format!("{}\n{}", case.display(), shown(&other.bytes)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Types and sources of the cells that say something; equals may stand in another order.
fn contents(outcome: &MergeOutcome) -> Vec<(String, Vec<u8>)> {
    let cells = Notebook::read(&outcome.bytes).unwrap().cells;
    let content = |cell: &Cell<'_>| (cell.kind().name().into_owned(), cell.source_text());
    let mut contents: Vec<_> = cells.iter().filter(|cell| !cell.is_blank()).map(content).collect();
    contents.sort();
    contents
}

#[test]
fn every_folder_of_cases_is_run() {
    for folder in entries(&root()) {
        let name = name(&folder);
        let known = STAGES.iter().any(|stage| stage.folder == name);
        assert!(known || name == "known-limits", "nothing runs {}", folder.display());
    }
}

/// What merges cannot do yet: the result of today, and what it should be.
#[test]
fn known_limits_are_still_limits() {
    let limits = root().join("known-limits");
    // git keeps no empty folder.
    for case in if limits.exists() { entries(&limits) } else { Vec::new() } {
        let files = ["ours.ipynb", "theirs.ipynb", "expected-now.ipynb", "expected-ideal.ipynb", "about.md"];
        check_files(&case, &files, MAYBE_IN_MERGES);
        let result = merged(&case).bytes;
        let ideal = fs::read(case.join("expected-ideal.ipynb")).unwrap();
        assert!(result != ideal, "{} is no limit any more: move it to tests/cases/merge", case.display());
        let wrong = compare(&case, "expected-now.ipynb", &result);
        assert!(wrong.is_none(), "{}\n{BLESS}", wrong.unwrap_or_default());
    }
}
