//! Real notebooks: what holds for the small ones of the other tests must hold for all of these.
//!
//! They lie outside the repository. The tests run where the variable `CELLWISE_CORPUS` names their folder
//! (`.ci/run` sets it, and builds for release: in debug they take minutes); elsewhere they say so and pass.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::fs;
use std::path::{Path, PathBuf};

use cellwise::diff::{DiffOptions, NotebookDiff, diff};
use cellwise::json::{Edit, splice};
use cellwise::merge::{MergeOptions, MergeOutcome, Sides, merge};
use cellwise::normalize::{CleanOptions, clean};
use cellwise::notebook::{Notebook, ReadError};
use cellwise::render::{FileHeader, FileSide, PatchOptions, patch, terminal};
use cellwise::resolve::text_markers::TextMarkers;
use cellwise::text::{Show, text_form};

use crate::diff_lines::{a_version_reads_as_any_file, lines_are_those_of_the_text_form};
use crate::patch::{apply, fits};
use crate::repo::{Repo, labels};
use crate::targets::resolve::everything_can_be_settled;

/// The corpus, or `None` where these tests are not asked for.
fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("CELLWISE_CORPUS").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: CELLWISE_CORPUS does not name the folder of real notebooks");
    }
    folder
}

/// The folders or files in `folder`, sorted.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let found: Vec<PathBuf> = entries(folder).into_iter().filter(|path| path.is_dir()).collect();
    assert!(!found.is_empty(), "{} is empty", folder.display());
    found
}

/// Says in whose work a test failed.
struct During<'p>(&'p Path);

impl Drop for During<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("failed on {}", self.0.display());
        }
    }
}

/// Every notebook of the corpus, one after another.
fn for_each_file(corpus: &Path, mut check: impl FnMut(&[u8])) {
    let nested = ["merges", "pairs"].iter().flat_map(|kind| folders(&corpus.join(kind))).flat_map(|row| entries(&row));
    let files = nested.chain(entries(&corpus.join("odd")));
    for file in files.filter(|file| file.extension().is_some_and(|extension| extension == "ipynb")) {
        let _during = During(&file);
        check(&fs::read(&file).unwrap());
    }
}

/// Every two versions that follow each other: those of `pairs`, and what each side of a merge did.
fn for_each_pair(corpus: &Path, mut check: impl FnMut(&Notebook<'_>, &Notebook<'_>)) {
    let pairs = folders(&corpus.join("pairs")).into_iter().map(|row| (row, "old", "new"));
    let merges = folders(&corpus.join("merges"));
    let sides = merges.iter().flat_map(|row| [(row.clone(), "base", "ours"), (row.clone(), "ours", "theirs")]);
    for (row, before, after) in pairs.chain(sides) {
        let _during = During(&row);
        let [before, after] = [before, after].map(|name| fs::read(row.join(name).with_extension("ipynb")));
        let (Ok(before), Ok(after)) = (before, after) else { continue };
        if let (Ok(before), Ok(after)) = (Notebook::read(&before), Notebook::read(&after)) {
            check(&before, &after);
        }
    }
}

/// The files of a row of `merges`; a missing base is empty.
fn sides_of(row: &Path) -> Sides<Vec<u8>> {
    let file = |name: &str| fs::read(row.join(name)).unwrap_or_default();
    Sides { base: file("base.ipynb"), ours: file("ours.ipynb"), theirs: file("theirs.ipynb") }
}

/// Merges as the command does: an empty base is none. `None` if a side cannot be read.
fn merged(files: &Sides<Vec<u8>>) -> Option<MergeOutcome> {
    let base = if files.base.is_empty() { None } else { Some(Notebook::read(&files.base).ok()?) };
    let (ours, theirs) = (Notebook::read(&files.ours).ok()?, Notebook::read(&files.theirs).ok()?);
    let (left, right) = labels("HEAD", "side");
    let labels = Sides { base: "base".to_owned(), ours: left, theirs: right };
    merge(base.as_ref(), &ours, &theirs, &MergeOptions { labels, ..MergeOptions::default() }).ok()
}

fn found<'n>(before: &'n Notebook<'n>, after: &'n Notebook<'n>, hidden_line: Show) -> NotebookDiff<'n> {
    diff(Some(before), Some(after), &DiffOptions { hidden_line, ..DiffOptions::default() })
}

fn header() -> FileHeader {
    let side = || FileSide { path: b"n.ipynb".to_vec(), mode: Some("100644".to_owned()), oid: String::new() };
    FileHeader::new(side(), side())
}

pub(crate) fn patch_of(before: &Notebook<'_>, after: &Notebook<'_>) -> String {
    let mut out = Vec::new();
    patch(&found(before, after, Show::Yes), &header(), &PatchOptions::default(), &mut out);
    String::from_utf8(out).unwrap()
}

/// The diff for people.
fn shown(before: &Notebook<'_>, after: &Notebook<'_>) -> String {
    let mut out = Vec::new();
    terminal(&found(before, after, Show::No), &header(), &PatchOptions::default(), &mut out);
    String::from_utf8(out).unwrap()
}

fn text(notebook: &Notebook<'_>) -> String {
    String::from_utf8(text_form(notebook).bytes).unwrap()
}

/// Everything that the library does with a file; only a panic is a failure here.
fn survive(file: &[u8], other: &Notebook<'_>) {
    let notebook = match Notebook::read(file) {
        Ok(notebook) => notebook,
        Err(error) => return one_line(&error.to_string()),
    };
    let cleaned = clean(&notebook, &CleanOptions::default());
    assert!(cleaned.bytes(&notebook).len() <= file.len() + 8 * notebook.cells.len());
    assert!(apply(&patch_of(other, &notebook), &text(other)) == text(&notebook), "a patch leads elsewhere");
    for base in [Some(other), None] {
        drop(merge(base, &notebook, other, &MergeOptions::default()));
    }
    let nothing = Notebook::read(br#"{"cells": []}"#).unwrap();
    drop(merge(Some(&nothing), &notebook, other, &MergeOptions::default()));
}

fn one_line(error: &str) {
    assert!(!error.is_empty() && !error.contains('\n') && error.len() < 300, "{error}");
}

/// Numbers that look random and are the same each time (xorshift64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap()
    }
}

#[test]
fn what_is_read_is_written_byte_for_byte() {
    let Some(corpus) = corpus() else { return };
    let (mut read, mut unread) = (0, 0);
    for_each_file(&corpus, |file| match Notebook::read(file) {
        Ok(notebook) => {
            assert!(rebuilt(&notebook) == file, "bytes are lost or changed");
            says_what_serde_says(&notebook);
            read += 1;
        }
        Err(error) => {
            one_line(&error.to_string());
            unread += 1;
        }
    });
    println!("{read} notebooks read, {unread} are none");
    assert!(read > 10 * unread, "{read} read, {unread} not");
}

/// The file with every part that was found put in the place where it is said to stand.
fn rebuilt(notebook: &Notebook<'_>) -> Vec<u8> {
    let parts = notebook.cells.iter().flat_map(|cell| &cell.members).chain(&notebook.members);
    let texts = parts.flat_map(|member| [member.key, member.value]);
    let mut edits: Vec<Edit> = texts.map(|raw| Edit::new(notebook.span_of(raw), raw)).collect();
    edits.sort_by_key(|edit| edit.span.start);
    // A file of worksheets has its cells within one of its members.
    let cells_are_apart = notebook.get("worksheets").is_none();
    let mut out = Vec::new();
    if cells_are_apart {
        splice(notebook.bytes, 0..notebook.bytes.len(), &edits, &mut out);
    } else {
        let cells = notebook.cells.iter().map(|cell| String::from_utf8_lossy(notebook.cell_bytes(cell)).into_owned());
        let edits: Vec<Edit> =
            notebook.cells.iter().zip(cells).map(|(cell, raw)| Edit::new(cell.span.clone(), raw)).collect();
        splice(notebook.bytes, 0..notebook.bytes.len(), &edits, &mut out);
    }
    out
}

/// Where `serde_json` can read the file, cells, types and sources are the same.
fn says_what_serde_says(notebook: &Notebook<'_>) {
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(notebook.bytes) else { return };
    let Some(cells) = value["cells"].as_array() else { return };
    assert_eq!(cells.len(), notebook.cells.len());
    for (cell, value) in notebook.cells.iter().zip(cells) {
        let source = match &value["source"] {
            serde_json::Value::Array(lines) => lines.iter().filter_map(serde_json::Value::as_str).collect(),
            source => source.as_str().unwrap_or_default().to_owned(),
        };
        assert_eq!(String::from_utf8(cell.source_text()).unwrap(), source);
        assert_eq!(cell.kind().name(), value["cell_type"].as_str().unwrap_or("cell"));
    }
}

#[test]
fn a_file_that_was_cut_short_is_an_error() {
    const CUTS: usize = 50;
    let Some(corpus) = corpus() else { return };
    let mut numbers = Numbers(1);
    for_each_file(&corpus, |file| {
        if file.is_empty() {
            return;
        }
        for part in 0..CUTS {
            let at = (file.len() * part + numbers.below(file.len())) / CUTS;
            survive(&file[..at], &Notebook::read(br#"{"cells": []}"#).unwrap());
        }
    });
}

#[test]
fn damaged_files_are_errors_or_notebooks() {
    const LARGEST: usize = 100_000;
    const DAMAGES: usize = 12;
    let Some(corpus) = corpus() else { return };
    let mut numbers = Numbers(2);
    for_each_file(&corpus, |file| {
        let Ok(notebook) = Notebook::read(file) else { return };
        if file.len() > LARGEST {
            return;
        }
        for _ in 0..DAMAGES {
            let mut damaged = file.to_vec();
            let at = numbers.below(damaged.len());
            let with = b"\"[]{}:,\\n0 x\x00\x1b\xff\n#%"[numbers.below(18)];
            match numbers.below(3) {
                0 => damaged[at] = with,
                1 => damaged.insert(at, with),
                _ => drop(damaged.drain(at..(at + 1 + numbers.below(40)).min(file.len()))),
            }
            survive(&damaged, &notebook);
        }
    });
}

#[test]
fn random_bytes_are_errors() {
    let Some(_) = corpus() else { return };
    let mut numbers = Numbers(3);
    let empty = Notebook::read(br#"{"cells": []}"#).unwrap();
    for round in 0..20_000 {
        let alphabet: &[u8] = if round % 2 == 0 { b"{}[]\",:\\ u0d8cells\n1e-." } else { b"" };
        let byte = |numbers: &mut Numbers| match alphabet {
            [] => u8::try_from(numbers.below(256)).unwrap(),
            alphabet => alphabet[numbers.below(alphabet.len())],
        };
        let len = numbers.below(200);
        let bytes: Vec<u8> = (0..len).map(|_| byte(&mut numbers)).collect();
        survive(&bytes, &empty);
        survive(&[b"{\"cells\": [", bytes.as_slice(), b"]}"].concat(), &empty);
        survive(&[b"{\"cells\": [{\"source\": \"", bytes.as_slice(), b"\"}]}"].concat(), &empty);
    }
}

#[test]
fn clean_twice_is_clean_once() {
    let Some(corpus) = corpus() else { return };
    for_each_file(&corpus, |file| {
        let Ok(notebook) = Notebook::read(file) else { return };
        let once = clean(&notebook, &CleanOptions::default()).bytes(&notebook);
        let again = Notebook::read(&once).unwrap();
        assert_eq!(clean(&again, &CleanOptions::default()).edits, []);
        let sources = |notebook: &Notebook<'_>| -> Vec<Vec<u8>> {
            notebook.cells.iter().map(|cell| cell.source_text()).collect()
        };
        assert_eq!(sources(&again), sources(&notebook));
    });
}

#[test]
fn a_patch_leads_from_one_text_form_to_the_other() {
    let Some(corpus) = corpus() else { return };
    let mut patches = 0;
    for_each_pair(&corpus, |before, after| {
        for (before, after) in [(before, after), (after, before)] {
            assert!(apply(&patch_of(before, after), &text(before)) == text(after), "a patch leads elsewhere");
            fits(&shown(before, after), &text(before), &text(after));
            patches += 1;
        }
    });
    println!("{patches} patches applied");
}

#[test]
fn a_diff_has_the_lines_of_the_text_form_and_reads_versions_as_any_file() {
    let Some(corpus) = corpus() else { return };
    for_each_pair(&corpus, |before, after| {
        lines_are_those_of_the_text_form(before, after);
        a_version_reads_as_any_file(after.bytes, before);
        a_version_reads_as_any_file(before.bytes, after);
    });
}

#[test]
fn the_text_forms_of_different_values_differ() {
    let Some(corpus) = corpus() else { return };
    for_each_pair(&corpus, |before, after| {
        let [one, other] = [before, after].map(|notebook| serde_json::from_slice::<serde_json::Value>(notebook.bytes));
        if let (Ok(one), Ok(other)) = (one, other) {
            assert!(one == other || text(before) != text(after));
        }
    });
}

#[test]
fn merges_are_notebooks_and_mark_what_is_open() {
    let Some(corpus) = corpus() else { return };
    for row in folders(&corpus.join("merges")) {
        let _during = During(&row);
        let files = sides_of(&row);
        let Some(outcome) = merged(&files) else { continue };
        let result = Notebook::read(&outcome.bytes).unwrap();
        let was_open = [&files.ours, &files.theirs].iter().any(|side| unresolved(&Notebook::read(side).unwrap()) > 0);
        assert!(was_open || outcome.conflicts.is_empty() == (unresolved(&result) == 0));
        assert!(Some(&outcome) == merged(&files).as_ref(), "the same answer each time");
        let same = Sides { base: files.base.clone(), ours: files.ours.clone(), theirs: files.base.clone() };
        if !files.base.is_empty() {
            assert!(merged(&same).unwrap().bytes == files.ours, "one side changed: it is taken as it is");
        }
    }
}

#[test]
fn conflicts_of_real_merges_can_be_settled() {
    let Some(corpus) = corpus() else { return };
    for row in folders(&corpus.join("merges")) {
        let _during = During(&row);
        let Sides { base, ours, theirs } = sides_of(&row);
        everything_can_be_settled([&base, &ours, &theirs], &MergeOptions::default());
    }
}

fn unresolved(notebook: &Notebook<'_>) -> usize {
    notebook.cells.iter().filter(|cell| cell.unresolved().is_some()).count()
}

mod applying {
    use cellwise::apply::{Misfit, Patch};
    use cellwise::render::DiffReport;

    use super::*;

    #[test]
    fn a_json_diff_gives_the_new_file_byte_for_byte() {
        let Some(corpus) = corpus() else { return };
        let (mut ways, mut sizes) = ([0, 0], Vec::new());
        for_each_pair(&corpus, |before, after| {
            let document = json_diff(before.bytes, after.bytes);
            let value: serde_json::Value = serde_json::from_slice(&document).unwrap();
            ways[usize::from(!value["files"][0]["text"].is_null())] += 1;
            let visible = |character: char| character == '\n' || character == '\t' || !character.is_control();
            assert!(str::from_utf8(&document).unwrap().chars().all(visible));
            assert!(applied(&document, before.bytes) == Ok(after.bytes.to_vec()), "another file");
            if before.bytes != after.bytes {
                assert!(applied(&document, after.bytes).is_err(), "a file that does not fit");
            }
            sizes.push((document.len() * 100 / after.bytes.len(), after.bytes.len()));
        });
        sizes.sort_unstable();
        println!("{} in parts, {} as a whole", ways[0], ways[1]);
        let at = |percent: usize| sizes[(sizes.len() - 1) * percent / 100];
        println!("(size in % of the new file, its bytes): {:?}", [0, 10, 25, 50, 75, 90, 100].map(at));
        assert!(at(50).0 < 100 && ways[0] > ways[1], "{ways:?}");
    }

    fn json_diff(before: &[u8], after: &[u8]) -> Vec<u8> {
        let mut report = DiffReport::default();
        let side = || FileSide { path: b"n.ipynb".to_vec(), mode: Some("100644".to_owned()), oid: String::new() };
        report.push(&FileHeader::new(side(), side()), before, after);
        report.finish()
    }

    /// What a patch of one file makes of `old`.
    fn applied(patch: &[u8], old: &[u8]) -> Result<Vec<u8>, Misfit> {
        let patch = Patch::read(patch).unwrap();
        patch.files[0].apply(old).map(Option::unwrap)
    }

    #[test]
    fn a_patch_gives_the_new_text_form() {
        let Some(corpus) = corpus() else { return };
        let (mut done, mut attachments, mut refused) = (0, 0, Vec::new());
        for_each_pair(&corpus, |before, after| {
            for (before, after) in [(before, after), (after, before)] {
                let patch = patch_of(before, after);
                if patch.is_empty() {
                    continue;
                }
                match applied(patch.as_bytes(), before.bytes) {
                    Ok(new) => {
                        assert_eq!(lines_of(&Notebook::read(&new).unwrap()), lines_of(after));
                        done += 1;
                    }
                    Err(Misfit::Attachment) => attachments += 1,
                    Err(misfit) => refused.push((before.bytes.len(), after.bytes.len(), misfit)),
                }
            }
        });
        println!("{done} patches applied, {attachments} add attachments; refused: {refused:#?}");
        assert!(done > 20 * refused.len(), "{done}");
    }

    /// A text form but for its line of digests.
    fn lines_of(notebook: &Notebook<'_>) -> String {
        text(notebook).lines().filter(|line| !line.starts_with("# hidden:")).collect::<Vec<_>>().join("\n")
    }
}

mod git {
    use super::*;

    const NAME: &str = "n.ipynb";
    /// One merge of so many goes through git.
    const STEP: usize = 2;

    #[test]
    fn merges_go_through_git() {
        let Some(corpus) = corpus() else { return };
        let rows = folders(&corpus.join("merges"));
        let mut codes = [0, 0];
        for row in rows.iter().step_by(STEP) {
            let _during = During(row);
            codes[go_through_git(&sides_of(row))] += 1;
        }
        println!("{} merges clean, {} in conflict", codes[0], codes[1]);
        assert!(codes.iter().all(|count| *count >= 5), "{codes:?}");
    }

    /// The exit code of `git merge`.
    fn go_through_git(files: &Sides<Vec<u8>>) -> usize {
        let repo = Repo::installed();
        if !files.base.is_empty() {
            repo.write(NAME, &files.base);
        }
        repo.commit("base").git(["checkout", "-q", "-b", "side"]).ok();
        repo.write(NAME, &files.theirs).commit("theirs").git(["checkout", "-q", "main"]).ok();
        repo.write(NAME, &files.ours).commit("ours");
        shows(&repo, files);
        let run = repo.git(["merge", "-q", "-m", "merged", "side"]);
        assert!(run.stderr.lines().all(|line| line.starts_with("cellwise: n.ipynb: ")), "{run:?}");
        assert!(run.stderr.lines().count() <= 1 && matches!(run.code, 0 | 1), "{run:?}");
        if let Some(outcome) = merged(files) {
            assert_eq!(run.code, i32::from(!outcome.conflicts.is_empty()), "{run:?}");
            assert!(repo.bytes(NAME) == outcome.bytes, "the command merges like the library");
        }
        finds_conflicts(&repo, run.code);
        if run.code == 1 && merged(files).is_some() {
            settles(&repo);
        }
        usize::try_from(run.code).unwrap()
    }

    fn shows(repo: &Repo, files: &Sides<Vec<u8>>) {
        let asked =
            [&["diff", "main", "side"][..], &["log", "-p", "main", "side"], &["show", "side"], &["blame", "-s", NAME]];
        for args in asked {
            let run = repo.git(args).exits(0);
            assert!(!run.stdout.is_empty() || files.ours == files.theirs, "{args:?}");
            assert_eq!(run.stderr, "", "{args:?}");
        }
        let blame = repo.git(["blame", "-s", NAME]).stdout;
        assert_eq!(blame.lines().count(), repo.text_of(&files.ours).lines().count());
        if let (Ok(ours), Ok(theirs)) = (Notebook::read(&files.ours), Notebook::read(&files.theirs)) {
            let patch = repo.git(["diff", "main", "side"]).stdout;
            fits(&patch, &text(&ours), &text(&theirs));
        }
    }

    /// Each side can be taken, and after that the conflicts come back byte for byte.
    fn settles(repo: &Repo) {
        let left = repo.bytes(NAME);
        for side in ["--ours", "--theirs", "--union"] {
            let run = repo.cellwise(["resolve", side]);
            let values_only = run.stderr.lines().all(|line| line.contains("two values") || line.ends_with(" left"));
            assert!(run.code == 0 || (side == "--union" && values_only), "{side}: {run:?}");
            assert_eq!(repo.git(["ls-files", "-u"]).ok().is_empty(), run.code == 0);
            let unmerged = repo.cellwise(["resolve", "--restart", NAME]).exits(1);
            assert!(repo.bytes(NAME) == left, "{side}: {unmerged:?}");
        }
        repo.cellwise(["resolve", "--ours"]).exits(0);
        repo.git(["commit", "-q", "--no-edit"]).ok();
    }

    /// What `git merge` called a conflict, `check` finds, and `git diff` shows.
    fn finds_conflicts(repo: &Repo, code: i32) {
        let check = repo.cellwise(["check"]);
        let diff = repo.git(["diff"]).exits(0);
        assert_eq!(diff.stderr, "");
        if code == 1 {
            assert_eq!(check.code, 1, "{check:?}");
            let shown = diff.stdout.contains("# UNRESOLVED merge conflict") || diff.stdout.contains("++<<<<<<< ");
            assert!(shown, "{}", diff.stdout);
        }
    }
}

/// Of those that were committed with git's markers, one was written with another indentation by each side, so that
/// git took its braces for common lines.
#[test]
fn notebooks_with_text_markers_come_apart() {
    let Some(corpus) = corpus() else { return };
    let (mut marked, mut readable) = (0, 0);
    for path in entries(&corpus.join("odd")) {
        let _during = During(&path);
        let file = fs::read(&path).unwrap();
        if matches!(Notebook::read(&file), Err(ReadError::ConflictMarkers { .. })) {
            marked += 1;
            readable += usize::from(TextMarkers::read(&file).unwrap().versions().is_ok());
        }
    }
    assert!(marked > 0 && readable + 1 >= marked, "{readable} of {marked}");
}
