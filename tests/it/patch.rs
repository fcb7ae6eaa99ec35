//! A strict reader of unified diffs: what `patch` would refuse, or take with an offset, is a failure here.

#![allow(clippy::unwrap_used, clippy::panic)]

/// One hunk: where it begins on both sides (lines from 1), its heading and its lines with their signs.
#[derive(Debug)]
struct Hunk<'p> {
    before: (usize, usize),
    after: (usize, usize),
    lines: Vec<&'p str>,
}

/// What the first file of `patch` makes of `old`.
#[track_caller]
pub(crate) fn apply(patch: &str, old: &str) -> String {
    let old: Vec<&str> = old.split_inclusive('\n').collect();
    let (mut at, mut new) = (0, Vec::new());
    for hunk in hunks(patch) {
        let start = first(hunk.before);
        assert!(at <= start && start <= old.len(), "hunks overlap or leave the file: {hunk:?}");
        new.extend(old[at..start].iter().map(|line| (*line).to_owned()));
        assert_eq!(new.len(), first(hunk.after), "the new side's line number: {hunk:?}");
        at = start;
        push(&hunk, &old, &mut at, &mut new);
        assert_eq!((at - start, new.len() - first(hunk.after)), (hunk.before.1, hunk.after.1), "{hunk:?}");
    }
    new.extend(old[at..].iter().map(|line| (*line).to_owned()));
    new.concat()
}

/// Each hunk of `patch` must have the lines of both texts that it says it has; the order of hunks is free.
#[track_caller]
pub(crate) fn fits(patch: &str, old: &str, new: &str) {
    let [old, new] = [old, new].map(|text| text.split_inclusive('\n').collect::<Vec<_>>());
    for hunk in hunks(patch) {
        for (range, text, other) in [(hunk.before, &old, '+'), (hunk.after, &new, '-')] {
            let lines = hunk.lines.iter().filter(|line| !line.starts_with(other));
            let lines: Vec<String> = lines.map(|line| format!("{}\n", &line[1..])).collect();
            let start = first(range);
            assert_eq!(lines, text[start..start + range.1], "{hunk:?}");
        }
    }
}

/// How many lines stand before a range. Of an empty one its number names the line before it.
fn first((line, len): (usize, usize)) -> usize {
    if len == 0 { line } else { line - 1 }
}

fn push(hunk: &Hunk<'_>, old: &[&str], at: &mut usize, new: &mut Vec<String>) {
    for (index, line) in hunk.lines.iter().enumerate() {
        let unended = hunk.lines.get(index + 1).is_some_and(|next| next.starts_with('\\'));
        let text = if unended { line[1..].to_owned() } else { format!("{}\n", &line[1..]) };
        let sign = line.as_bytes()[0];
        if sign == b'\\' {
            continue;
        }
        if sign != b'+' {
            assert_eq!(old[*at], text, "line {} is another", *at + 1);
            *at += 1;
        }
        if sign != b'-' {
            new.push(text);
        }
    }
}

fn hunks(patch: &str) -> Vec<Hunk<'_>> {
    let mut lines = patch.split_terminator('\n').peekable();
    let mut hunks = Vec::new();
    while let Some(line) = lines.next() {
        let Some(ranges) = line.strip_prefix("@@ -") else { continue };
        let (ranges, _) = ranges.split_once(" @@").unwrap();
        let (before, after) = ranges.split_once(" +").unwrap();
        let (before, after) = (range(before), range(after));
        let mut hunk = Hunk { before, after, lines: Vec::new() };
        let mut left = before.1 + after.1;
        while left > 0 || lines.peek().is_some_and(|line| line.starts_with('\\')) {
            let line = lines.next().unwrap_or_else(|| panic!("{hunk:?} is cut short"));
            left -= match line.as_bytes().first() {
                Some(b' ') => 2,
                Some(b'+' | b'-') => 1,
                Some(b'\\') => 0,
                _ => panic!("a line without a sign: {line:?}"),
            };
            hunk.lines.push(line);
        }
        hunks.push(hunk);
    }
    hunks
}

fn range(text: &str) -> (usize, usize) {
    let (line, len) = text.split_once(',').unwrap_or((text, "1"));
    (line.parse().unwrap(), len.parse().unwrap())
}

#[test]
fn a_patch_is_applied_where_it_says() {
    let patch = "x\n--- a\n+++ b\n@@ -1,2 +1,3 @@ y\n+0\n 1\n-2\n+two\n@@ -4,0 +6 @@\n+5\n";
    assert_eq!(apply(patch, "1\n2\n3\n4\n"), "0\n1\ntwo\n3\n4\n5\n");
    assert_eq!(apply("@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n", "a"), "a\n");
}
