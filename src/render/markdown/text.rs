//! Text that Markdown takes for text.

use std::borrow::Cow;

use crate::text::push_visible;

/// How many backticks in a row are shown. Readers of Markdown know code spans and fences only up to some length (cmark-gfm
/// up to 80 and 255 backticks), and take what has more for text.
const BACKTICKS: usize = 60;
/// How much of a line of a block is shown, in bytes.
const LINE: usize = 1000;
/// How many lines of a block are shown.
const LINES: usize = 400;

/// Appends `text` as a code span on one line.
pub(super) fn push_code(text: &[u8], out: &mut Vec<u8>) {
    let mut shown = Vec::new();
    push_visible(&text.iter().map(|byte| if *byte == b'\n' { b' ' } else { *byte }).collect::<Vec<_>>(), &mut shown);
    let shown = cut_line(shown.trim_ascii());
    let ticks = b"`".repeat(longest_run(&shown) + 1);
    let touches = shown.is_empty() || shown.starts_with(b"`") || shown.ends_with(b"`");
    let pad: &[u8] = if touches { b" " } else { b"" };
    out.extend_from_slice(&[&ticks, pad, &*shown, pad, &ticks].concat());
}

/// Appends lines as a fenced block of a language. Long lines and long texts are cut, and it says so.
pub(super) fn push_fenced(language: &str, text: &[u8], out: &mut Vec<u8>) {
    let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    let shown = &lines[..lines.len().min(LINES)];
    let mut inner = Vec::with_capacity(text.len());
    for line in shown {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        inner.extend_from_slice(&cut_line(line));
        inner.push(b'\n');
    }
    let fence = b"`".repeat(longest_run(&inner).max(2) + 1);
    out.extend_from_slice(&[&fence, language.as_bytes(), b"\n", &inner, &fence, b"\n\n"].concat());
    let more = lines.len() - shown.len();
    if more > 0 {
        let lines = if more == 1 { "line" } else { "lines" };
        out.extend_from_slice(format!("*{more} more {lines}.*\n\n").as_bytes());
    }
}

/// As much of a line as is shown, with no more backticks in a row than Markdown bears. Dots stand for the rest.
fn cut_line(line: &[u8]) -> Cow<'_, [u8]> {
    if line.len() <= LINE && longest_run(line) <= BACKTICKS {
        return line.into();
    }
    let mut end = line.len().min(LINE);
    // Not within a character.
    while end < line.len() && line[end] & 0xc0 == 0x80 {
        end -= 1;
    }
    let run = first_long_run(&line[..end]).unwrap_or(end);
    [&line[..run], "…".as_bytes()].concat().into()
}

/// Where a run of backticks becomes too long.
fn first_long_run(text: &[u8]) -> Option<usize> {
    let mut run = 0;
    text.iter().position(|byte| {
        run = if *byte == b'`' { run + 1 } else { 0 };
        run > BACKTICKS
    })
}

fn longest_run(text: &[u8]) -> usize {
    text.split(|byte| *byte != b'`').map(<[u8]>::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        let mut out = Vec::new();
        push_code(text.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    }

    fn fenced(text: &str) -> String {
        let mut out = Vec::new();
        push_fenced("diff", text.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_span_is_longer_than_what_is_in_it() {
        assert_eq!(code("n.ipynb"), "`n.ipynb`");
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code("a\n\u{1b}b "), "`a \\u{1b}b`");
        assert_eq!(code(""), "`  `");
    }

    #[test]
    fn a_fence_is_longer_than_what_is_in_it() {
        assert_eq!(fenced(" ````\n+x"), "`````diff\n ````\n+x\n`````\n\n");
    }

    #[test]
    fn so_many_backticks_that_no_fence_holds_them_are_cut() {
        let cut = format!("{}…", "`".repeat(BACKTICKS));
        assert_eq!(fenced(&format!("{}\n", "`".repeat(300))).lines().nth(1), Some(&*cut));
        assert!(code(&"`".repeat(300)).contains(&cut));
    }

    #[test]
    fn what_is_long_is_cut() {
        let line = format!("+{}", "é".repeat(LINE));
        let cut = fenced(&line).lines().nth(1).unwrap().to_owned();
        assert_eq!((cut.len(), cut.ends_with("é…")), (LINE - 1 + "…".len(), true), "{cut}");
        let text = fenced(&"+x\n".repeat(LINES + 2));
        assert!(text.ends_with("+x\n```\n\n*2 more lines.*\n\n"), "{text}");
    }
}
