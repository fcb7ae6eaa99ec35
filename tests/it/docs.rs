//! What the README and the pages of `docs/` tell people to type is typed, and what they say is printed is compared.
//!
//! A page is one session of bash in a scratch repository. Of a `console` block the lines after `$ ` are typed (`> ` goes
//! on with a line), and below stands what is printed; `…` stands for anything there, on a line of its own for any lines. An
//! `sh` block has to end in 0. Two comments, which no reader sees, stand before a block:
//!
//! ```text
//! <!-- run
//! cp "$EXAMPLES"/base/*.ipynb .
//! -->
//! <!-- not run: why -->
//! ```

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::repo::{Repo, git_version};

/// Something to type, and where it stands.
struct Step {
    line: usize,
    commands: String,
    /// What is printed; nothing is said of what the others print, but they end in 0.
    printed: Option<Vec<String>>,
}

/// The fenced blocks that are run.
const RUN: [&str; 2] = ["sh", "console"];

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn pages() -> Vec<PathBuf> {
    let docs = fs::read_dir(project().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<_> = docs.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect();
    pages.extend(["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "fuzz/README.md"].map(|name| project().join(name)));
    pages.sort();
    pages
}

/// The steps of a page.
fn steps(page: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut lines = page.lines().enumerate().map(|(index, line)| (index + 1, line));
    let mut is_left_out = false;
    while let Some((line, text)) = lines.next() {
        let text = text.trim_start();
        if text == "<!-- run" {
            let commands = lines.by_ref().map(|(_, text)| text).take_while(|text| *text != "-->");
            steps.push(Step { line, commands: joined(commands), printed: None });
        } else if let Some(why) = text.strip_prefix("<!-- not run: ") {
            assert!(why.len() > "-->".len(), "line {line} gives no reason");
            is_left_out = true;
        } else if let Some(language) = text.strip_prefix("```") {
            let block: Vec<_> = lines.by_ref().take_while(|(_, text)| text.trim_start() != "```").collect();
            let is_run = RUN.contains(&language) && !is_left_out;
            is_left_out = false;
            match language {
                "sh" if is_run => {
                    let commands = joined(block.iter().map(|(_, text)| text.trim_start()));
                    steps.push(Step { line, commands, printed: None });
                }
                "console" if is_run => steps.extend(typed(&block)),
                _ => {}
            }
        }
    }
    steps
}

fn joined<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.fold(String::new(), |text, line| text + line + "\n")
}

/// The commands of a `console` block, each with what it prints.
fn typed(block: &[(usize, &str)]) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (line, text) in block {
        if let Some(command) = text.strip_prefix("$ ") {
            steps.push(Step { line: *line, commands: format!("{command}\n"), printed: Some(Vec::new()) });
            continue;
        }
        let step = steps.last_mut().unwrap_or_else(|| panic!("line {line} comes before any command"));
        match (text.strip_prefix("> "), &mut step.printed) {
            (Some(rest), Some(printed)) if printed.is_empty() => {
                writeln!(step.commands, "{rest}").unwrap();
            }
            (_, printed) => printed.get_or_insert_default().push(text.trim_end().to_owned()),
        }
    }
    steps
}

/// Begins what a step prints, and ends it: bytes that nothing prints.
const BEGIN: char = '\u{1e}';
const END: char = '\u{1f}';

fn script(steps: &[Step]) -> String {
    let mut script = format!("exec </dev/null 2>&1; EXAMPLES='{}'\n", project().join("examples").display());
    for Step { commands, printed, .. } in steps {
        let on_failure = if printed.is_none() { "set -e" } else { "set +e" };
        writeln!(script, "printf '\\036'; {on_failure}\n{commands}set +e; printf '\\037'").unwrap();
    }
    script
}

/// Whether lines are as `expected`, in which `…` stands for anything.
fn fits(expected: &[String], lines: &[&str]) -> bool {
    match expected.split_first() {
        None => lines.is_empty(),
        Some((any, rest)) if any == "…" => (0..=lines.len()).any(|skipped| fits(rest, &lines[skipped..])),
        Some((line, rest)) => lines.first().is_some_and(|first| line_fits(line, first)) && fits(rest, &lines[1..]),
    }
}

fn line_fits(expected: &str, line: &str) -> bool {
    let mut parts = expected.split('…');
    let Some(mut rest) = parts.next().and_then(|begin| line.strip_prefix(begin)) else { return false };
    let parts: Vec<_> = parts.collect();
    let Some((last, between)) = parts.split_last() else { return rest.is_empty() };
    for part in between {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// What does not hold of a page.
fn wrong(page: &Path) -> Vec<String> {
    let text = fs::read_to_string(page).unwrap();
    let steps = steps(&text);
    if steps.is_empty() {
        return Vec::new();
    }
    let name = page.strip_prefix(project()).unwrap().display();
    let session = Repo::new();
    let file = session.outside("session.sh");
    fs::write(&file, script(&steps)).unwrap();
    let printed = session.sh(&format!("bash '{}'", file.display())).stdout;
    let mut outputs = printed.split(BEGIN).skip(1);
    let mut wrong = Vec::new();
    for step in &steps {
        let Some(output) = outputs.next() else { break };
        let at = format!("{name}:{}: {}", step.line, step.commands.trim_end());
        let Some(output) = output.strip_suffix(END) else {
            wrong.push(format!("{at}\nended the session:\n{output}"));
            break;
        };
        let lines: Vec<_> = output.lines().map(str::trim_end).collect();
        if step.printed.as_ref().is_some_and(|expected| !fits(expected, &lines)) {
            wrong.push(format!("{at}\nprints:\n{output}"));
        }
    }
    wrong
}

#[test]
fn what_the_documentation_says_happens() {
    if git_version() < [2, 44, 0] {
        // An older git prints some of it in other words: it names no branches to merge drivers.
        return;
    }
    let wrong: Vec<_> = pages().iter().flat_map(|page| wrong(page)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_link_between_pages_leads_somewhere() {
    let mut broken = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for target in links(&text) {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let path = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            let is_there = path.exists() && (anchor.is_empty() || anchors(&path).iter().any(|name| name == anchor));
            if !is_there {
                broken.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// `docs/SUMMARY.md` makes a book of the pages, in which what lies outside of `docs/` is not.
#[test]
fn the_book_has_each_page_once() {
    let docs = project().join("docs");
    let summary = fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    let mut listed: Vec<_> = links(&summary).map(|target| docs.join(target)).collect();
    listed.push(docs.join("SUMMARY.md"));
    listed.sort();
    let pages: Vec<_> = pages().into_iter().filter(|page| page.parent() == Some(&docs)).collect();
    assert_eq!(listed, pages);
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        let outside: Vec<_> = links(&text).filter(|target| target.starts_with("..")).collect();
        assert!(outside.is_empty(), "{}: no page of the book: {outside:?}", page.display());
    }
}

/// The targets of a page's links that are no addresses of the network.
fn links(page: &str) -> impl Iterator<Item = &str> {
    page.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|target| !target.contains(":"))
}

/// The names by which GitHub links to the headings of a page.
fn anchors(page: &Path) -> Vec<String> {
    let text = fs::read_to_string(page).unwrap();
    let headings = text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let is_kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    headings
        .map(|heading| heading.to_lowercase().chars().filter(is_kept).collect::<String>().replace(' ', "-"))
        .collect()
}
