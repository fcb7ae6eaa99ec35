//! The architecture's invariants, read off the source files (`docs/design.md`).

use std::fs;
use std::path::{Path, PathBuf};

/// The stages in the order of the flow: each may import those before it.
const STAGES: [&str; 11] =
    ["json", "notebook", "normalize", "text", "align", "diff", "merge", "apply", "pick", "resolve", "render"];

/// A source file, relative to `src`, with its lines but comments.
struct Source {
    path: String,
    lines: Vec<(usize, String)>,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).unwrap();
        let paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        let (inner, files): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| path.is_dir());
        folders.extend(inner);
        let files = files.into_iter().filter(|path| path.extension().is_some_and(|ext| ext == "rs"));
        found.extend(files.map(|path| Source {
            lines: code_lines(&fs::read_to_string(&path).unwrap()),
            path: path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/"),
        }));
    }
    assert!(found.len() > 20, "the source files were found");
    found
}

/// The lines of a file that are no comments, numbered from 1.
fn code_lines(text: &str) -> Vec<(usize, String)> {
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(index, line)| (index + 1, line.to_owned()))
        .collect()
}

fn stage_of(path: &str) -> Option<usize> {
    let folder = path.split('/').next()?.trim_end_matches(".rs");
    STAGES.iter().position(|stage| *stage == folder)
}

/// Whether `word` stands in `line` with no letter, digit or `_` on either side.
fn has_word(line: &str, word: &str) -> bool {
    let letter = |character: Option<char>| character.is_some_and(|c| c.is_alphanumeric() || c == '_');
    line.match_indices(word)
        .any(|(at, _)| !letter(line[..at].chars().next_back()) && !letter(line[at + word.len()..].chars().next()))
}

/// All places where `word` stands in files for which `forbidden` holds.
fn offences(word: &str, forbidden: impl Fn(&str) -> bool) -> Vec<String> {
    let mut places = Vec::new();
    for source in sources().iter().filter(|source| forbidden(&source.path)) {
        let hits = source.lines.iter().filter(|(_, line)| has_word(line, word));
        places.extend(hits.map(|(number, line)| format!("src/{}:{number}: {}", source.path, line.trim())));
    }
    places
}

#[test]
fn a_stage_imports_earlier_stages_only() {
    let edges = ["git", "cli", "file", "config"];
    let mut wrong = Vec::new();
    for (later, stage) in STAGES.iter().enumerate() {
        let above = STAGES[later + 1..].iter().chain(&edges);
        for name in above {
            wrong.extend(offences(&format!("crate::{name}"), |path| stage_of(path) == Some(later)));
            wrong.extend(offences(&format!("cellwise::{name}"), |path| stage_of(path) == Some(later)));
        }
        let braces = offences("use crate::{", |path| stage_of(path) == Some(later));
        assert_eq!(braces, [""; 0], "{stage}: one `use crate::stage` a line, so that this test can read it");
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn libraries_stay_where_they_belong() {
    assert_eq!(offences("git2", |path| !path.starts_with("git/")), [""; 0]);
    assert_eq!(offences("clap", |path| !path.starts_with("cli/") && path != "main.rs"), [""; 0]);
    assert_eq!(offences("owo_colors", |path| !path.starts_with("render/")), [""; 0]);
    assert_eq!(offences("anyhow", |path| !path.starts_with("cli/") && path != "main.rs"), [""; 0]);
}

#[test]
fn stages_neither_print_nor_look_around() {
    for word in ["println!", "eprintln!", "print!", "eprint!", "dbg!"] {
        let library = |path: &str| !path.starts_with("cli/") && path != "main.rs";
        assert_eq!(offences(word, library), [""; 0]);
    }
    for word in ["std::env", "std::fs", "std::process", "std::net", "SystemTime", "Instant"] {
        assert_eq!(offences(word, |path| stage_of(path).is_some()), [""; 0]);
    }
}

#[test]
fn unsafe_code_stands_in_one_file() {
    assert_eq!(offences("unsafe", |path| path != "file.rs"), [""; 0]);
}

#[test]
fn words_are_found_whole() {
    assert!(has_word("use git2::Repository;", "git2"));
    assert!(!has_word("let digit2 = 3;", "git2"));
    assert!(has_word("    println!(\"x\")", "println!"));
    assert!(!has_word("    eprintln!(\"x\")", "println!"));
    assert!(!has_word("crate::text_form()", "crate::text"));
}
