//! `--format markdown`: for the summary of a job and the comments of a review. What stands in a notebook stands in code
//! spans and fenced blocks only, so that nothing of it is Markdown.

mod text;

use crate::diff::{Change, NotebookDiff};

use super::header::{FileHeader, FileSide};
use super::heading::Headings;
use super::hunks::{Texts, hunks, push_hunk_line, push_lines};
use super::notes::note_lines;
use super::palette::Palette;
use super::patch::PatchOptions;
use super::plain::{are_binary, push_text_hunks};
use super::terminal::{bounds, with_runs};

use text::{push_code, push_fenced};

/// The differences of some files in Markdown, which never becomes longer than its limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkdownReport {
    options: PatchOptions,
    limit: usize,
    out: Vec<u8>,
    left_out: usize,
}

/// What is kept free for the lines that say what was left out.
const RESERVE: usize = 256;

impl MarkdownReport {
    /// An empty report of at most `limit` bytes. Of the options colours have no effect.
    #[must_use]
    pub fn new(options: &PatchOptions, limit: usize) -> Self {
        let options = PatchOptions { palette: Palette::default(), ..options.clone() };
        Self { options, limit, out: Vec::new(), left_out: 0 }
    }

    /// Adds two versions of a notebook: what has no lines as a list, then a fenced block for each changed cell.
    pub fn push(&mut self, diff: &NotebookDiff, header: &FileHeader) {
        let mut blocks = notes(&note_lines(diff));
        let headings = Headings::new(diff);
        let (before, after) = (&|line| diff.before.line(line).into(), &|line| diff.after.line(line).into());
        let texts = Texts { before, after, colours: &|_| Vec::new() };
        for change in with_runs(diff) {
            let lines = self.hunks(&change.lines, &texts, &bounds(diff, &change));
            blocks.push(block(&headings.of_cell(&change), &lines));
        }
        if !diff.tail.is_empty() {
            let tail =
                Change { before: diff.before.cell(diff.before.cells()), after: diff.after.cell(diff.after.cells()) };
            blocks.push(block("notebook", &self.hunks(&diff.tail, &texts, &tail)));
        }
        self.push_file(header, &blocks);
    }

    /// Adds two texts that are no notebooks. `faults` say why, each in a line.
    pub fn push_text(&mut self, [before, after]: [&[u8]; 2], faults: &[String], header: &FileHeader) {
        let faults: Vec<Vec<u8>> = faults.iter().map(|fault| fault.as_bytes().to_vec()).collect();
        let mut blocks = notes(&faults);
        if are_binary(before, after) {
            blocks.push(b"Binary files differ\n\n".to_vec());
        } else if before != after {
            let mut lines = Vec::new();
            push_text_hunks(before, after, &self.options, &mut lines);
            blocks.push(fenced(&lines));
        }
        // Of files that are equal nobody needs to know why they are no notebooks.
        self.push_file(header, if before == after { &[] } else { &blocks });
    }

    /// Adds a path that a merge has left open.
    pub fn push_unmerged(&mut self, path: &[u8]) {
        let mut heading = b"### ".to_vec();
        push_code(path, &mut heading);
        heading.extend_from_slice(b", unmerged\n\n");
        self.push_section(&heading, &[]);
    }

    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.out.is_empty() && self.left_out == 0
    }

    /// The whole text.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        if self.left_out > 0 {
            let files = if self.left_out == 1 { "file differs" } else { "files differ" };
            let line = format!("*{} more {files}: this text is long enough.*\n", self.left_out);
            self.out.extend_from_slice(line.as_bytes());
        } else if self.out.ends_with(b"\n\n") {
            self.out.pop();
        }
        self.out
    }

    fn hunks(&self, changes: &[Change], texts: &Texts<'_>, bounds: &Change) -> Vec<u8> {
        let mut out = Vec::new();
        for hunk in hunks(changes, &self.options, bounds) {
            push_hunk_line(&hunk, "", &self.options.palette, &mut out);
            push_lines(&hunk, texts, &self.options, &mut out);
        }
        out
    }

    fn push_file(&mut self, header: &FileHeader, blocks: &[Vec<u8>]) {
        if !blocks.is_empty() || !header.is_silent() {
            self.push_section(&heading(header), blocks);
        }
    }

    /// Adds what fits, and how much does not.
    fn push_section(&mut self, heading: &[u8], blocks: &[Vec<u8>]) {
        if !self.has_room(heading) {
            self.left_out += 1;
            return;
        }
        self.out.extend_from_slice(heading);
        for (index, block) in blocks.iter().enumerate() {
            if !self.has_room(block) {
                let line =
                    format!("*{} more of this file left out: this text is long enough.*\n\n", blocks.len() - index);
                return self.out.extend_from_slice(line.as_bytes());
            }
            self.out.extend_from_slice(block);
        }
    }

    fn has_room(&self, text: &[u8]) -> bool {
        self.out.len() + text.len() + RESERVE <= self.limit
    }
}

/// ``### `n.ipynb`, new``
fn heading(header: &FileHeader) -> Vec<u8> {
    let (before, after) = (&header.before, &header.after);
    let mut out = b"### ".to_vec();
    let code = |side: &FileSide, out: &mut Vec<u8>| push_code(&side.path, out);
    let both = before.mode.is_some() && after.mode.is_some();
    if both && before.path != after.path {
        code(before, &mut out);
        out.extend_from_slice(b" -> ");
    }
    code(if after.mode.is_some() { after } else { before }, &mut out);
    let fate = match (&before.mode, &after.mode) {
        (None, Some(_)) => ", new".to_owned(),
        (Some(_), None) => ", deleted".to_owned(),
        (Some(old), Some(new)) if old != new => format!(", mode {old} -> {new}"),
        _ => String::new(),
    };
    out.extend_from_slice(fate.as_bytes());
    out.extend_from_slice(b"\n\n");
    out
}

/// The list of what has no lines; nothing of nothing.
fn notes(lines: &[Vec<u8>]) -> Vec<Vec<u8>> {
    if lines.is_empty() {
        return Vec::new();
    }
    let mut out = Vec::new();
    for line in lines {
        out.extend_from_slice(b"- ");
        push_code(line, &mut out);
        out.push(b'\n');
    }
    out.push(b'\n');
    vec![out]
}

/// A heading with the lines below it.
fn block(heading: &str, lines: &[u8]) -> Vec<u8> {
    let mut out = b"#### ".to_vec();
    push_code(heading.as_bytes(), &mut out);
    out.extend_from_slice(b"\n\n");
    out.extend_from_slice(&fenced(lines));
    out
}

fn fenced(lines: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    push_fenced("diff", lines, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(path: &str) -> FileSide {
        FileSide { path: path.as_bytes().to_vec(), mode: Some("100644".to_owned()), oid: String::new() }
    }

    fn report(limit: usize, files: &[(&str, &str, &str)]) -> String {
        let mut report = MarkdownReport::new(&PatchOptions::default(), limit);
        for (name, before, after) in files {
            report.push_text([before.as_bytes(), after.as_bytes()], &[], &FileHeader::new(side(name), side(name)));
        }
        String::from_utf8(report.finish()).unwrap()
    }

    #[test]
    fn a_text_is_one_block() {
        let expected = "### `f`\n\n```diff\n@@ -1 +1 @@\n-a\n+b\n```\n";
        assert_eq!(report(10_000, &[("f", "a\n", "b\n"), ("g", "same", "same")]), expected);
        assert_eq!(report(10_000, &[("f", "a\0", "b\0")]), "### `f`\n\nBinary files differ\n");
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let long = "line\n".repeat(150);
        let files = [("a", "", &*long), ("b", "x\n", "y\n"), ("c", "", &long)];
        let text = report(1500, &files);
        assert!(text.len() <= 1500);
        assert!(
            text.contains("### `b`\n\n```diff\n@@ -1 +1 @@\n-x\n+y\n```\n\n### `c`\n\n*1 more of this file"),
            "{text}"
        );
        assert_eq!(
            report(300, &files),
            "### `a`\n\n*1 more of this file left out: this text is long enough.*\n\n*2 more files differ: this text is long enough.*\n"
        );
    }

    #[test]
    fn a_heading_tells_what_became_of_the_file() {
        let told = |before: FileSide, after: FileSide| {
            let mut report = MarkdownReport::new(&PatchOptions::default(), 10_000);
            report.push_text(
                [b"", b""],
                &[],
                &FileHeader { extended: b"x\n".to_vec(), ..FileHeader::new(before, after) },
            );
            String::from_utf8(report.finish()).unwrap()
        };
        let missing = FileSide { mode: None, ..side("n") };
        let executable = FileSide { mode: Some("100755".to_owned()), ..side("n") };
        assert_eq!(told(missing.clone(), side("n")), "### `n`, new\n");
        assert_eq!(told(side("n"), missing), "### `n`, deleted\n");
        assert_eq!(told(side("o"), side("n")), "### `o` -> `n`\n");
        assert_eq!(told(side("n"), executable), "### `n`, mode 100644 -> 100755\n");
    }
}
