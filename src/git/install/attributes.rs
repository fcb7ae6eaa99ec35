//! The block of lines in an attributes file.
//!
//! It stands at the end, because the last matching line wins: nbstripout, for one, writes `*.ipynb diff=ipynb`.

use super::options::Filter;

/// First line of the block.
pub const BLOCK_START: &str = "# >>> cellwise";
/// The attributes themselves.
pub const BLOCK_LINE: &str = "*.ipynb diff=jupyternotebook merge=jupyternotebook";
/// The attributes with the filter.
pub const BLOCK_LINE_FILTERED: &str = "*.ipynb diff=jupyternotebook merge=jupyternotebook filter=cellwise";
/// Last line of the block.
pub const BLOCK_END: &str = "# <<< cellwise";

/// The line of attributes between the marks.
#[must_use]
pub fn block_line(filter: Filter) -> &'static str {
    match filter {
        Filter::None => BLOCK_LINE,
        Filter::Clean => BLOCK_LINE_FILTERED,
    }
}

/// `text` with the block at its end, in the line ends of its first line; `text` has none.
pub(super) fn with_block(text: &[u8], filter: Filter) -> Vec<u8> {
    let first = text.split_inclusive(|&byte| byte == b'\n').next().unwrap_or_default();
    let end: &[u8] = if first.ends_with(b"\r\n") { b"\r\n" } else { b"\n" };
    let mut whole = text.to_vec();
    if !whole.is_empty() && !whole.ends_with(b"\n") {
        whole.extend_from_slice(end);
    }
    for line in [BLOCK_START, block_line(filter), BLOCK_END] {
        whole.extend_from_slice(line.as_bytes());
        whole.extend_from_slice(end);
    }
    whole
}

/// `text` without any block. Of a block whose end is missing only the lines that are surely ours go.
pub(super) fn without_block(text: &[u8]) -> Vec<u8> {
    let lines: Vec<&[u8]> = text.split_inclusive(|&byte| byte == b'\n').collect();
    let mut kept = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < lines.len() {
        let skipped = block_length(&lines[at..]);
        if skipped == 0 {
            kept.extend_from_slice(lines[at]);
        }
        at += skipped.max(1);
    }
    kept
}

/// Whether `text` has a block.
pub(super) fn has_block(text: &[u8]) -> bool {
    without_block(text) != text
}

/// How many of `lines` are a block that starts at the first one.
fn block_length(lines: &[&[u8]]) -> usize {
    let is = |line: &&[u8], text: &str| line.trim_ascii() == text.as_bytes();
    if !is(&lines[0], BLOCK_START) {
        return 0;
    }
    let is_attributes = |line: &&[u8]| [BLOCK_LINE, BLOCK_LINE_FILTERED].iter().any(|text| is(line, text));
    let rest = &lines[1..];
    let next_start = rest.iter().position(|line| is(line, BLOCK_START)).unwrap_or(rest.len());
    match rest[..next_start].iter().position(|line| is(line, BLOCK_END)) {
        Some(end) => end + 2,
        None => 1 + usize::from(rest.first().is_some_and(is_attributes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_block_goes_to_the_end_and_comes_off_again() {
        for text in ["", "a diff=b\n", "# only a comment\n\n"] {
            let whole = with_block(text.as_bytes(), Filter::Clean);
            assert!(whole.ends_with(b"# <<< cellwise\n"));
            assert_eq!(without_block(&whole), text.as_bytes());
        }
        assert_eq!(without_block(&with_block(b"no newline", Filter::None)), b"no newline\n");
    }

    #[test]
    fn line_ends_are_those_of_the_file() {
        let whole = with_block(b"a diff=b\r\nc", Filter::None);
        assert_eq!(whole.iter().filter(|&&byte| byte == b'\n').count(), 5);
        assert!(!String::from_utf8(whole.clone()).unwrap().replace("\r\n", "").contains('\n'));
        assert_eq!(without_block(&whole), b"a diff=b\r\nc\r\n");
    }

    #[test]
    fn lines_around_the_block_stay() {
        let mut text = with_block(b"before\n", Filter::None);
        text.extend_from_slice(b"after\n");
        assert_eq!(without_block(&text), b"before\nafter\n");
    }

    #[test]
    fn a_block_without_an_end_takes_nothing_with_it() {
        let text = format!("{BLOCK_START}\n{BLOCK_LINE}\n*.txt text\n");
        assert_eq!(without_block(text.as_bytes()), b"*.txt text\n");
        let text = format!("{BLOCK_START}\nmine\n{BLOCK_START}\n{BLOCK_LINE}\n{BLOCK_END}\n");
        assert_eq!(without_block(text.as_bytes()), b"mine\n");
        assert!(!has_block(b"mine\n"));
    }
}
