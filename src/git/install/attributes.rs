//! The block of lines in an attributes file.
//!
//! The last matching line wins. So a new block goes to the end, and stays where it is from then on: people put their
//! exceptions behind it. It moves only behind a line that takes all notebooks away: nbstripout, for one, writes
//! `*.ipynb diff=ipynb`.

use std::path::Path;

use super::block::{self, BLOCK_END, BLOCK_START};
use super::filter::FILTER;
use super::lines::DRIVER;
use super::options::Filter;
use crate::git::attribute_line;

/// The attributes themselves. Names in capitals are notebooks too, and attributes know no other way to say so.
pub const BLOCK_LINE: &str = "*.[iI][pP][yY][nN][bB] diff=jupyternotebook merge=jupyternotebook";
/// The attributes with the filter.
pub const BLOCK_LINE_FILTERED: &str =
    "*.[iI][pP][yY][nN][bB] diff=jupyternotebook merge=jupyternotebook filter=cellwise";
/// What both began with in earlier versions.
const EARLIER_PATTERN: &str = "*.ipynb";

/// The line of attributes between the marks.
#[must_use]
pub fn block_line(filter: Filter) -> &'static str {
    match filter {
        Filter::None => BLOCK_LINE,
        Filter::Clean => BLOCK_LINE_FILTERED,
    }
}

/// An attributes file with the block.
pub(super) struct WithBlock {
    pub(super) text: Vec<u8>,
    /// The line of somebody else behind which the block had to move.
    pub(super) moved_behind: Option<String>,
}

/// `text` with one block: where the last one stands, else at the end, in the line ends of its first line.
pub(super) fn with_block(text: &[u8], filter: Filter) -> WithBlock {
    let first = text.split_inclusive(|&byte| byte == b'\n').next().unwrap_or_default();
    let end: &[u8] = if first.ends_with(b"\r\n") { b"\r\n" } else { b"\n" };
    let (head, tail) = around_block(text);
    let (behind, moved_behind) = behind_takers(tail, filter);
    let mut whole = without_block(head);
    whole.extend_from_slice(&tail[..behind]);
    if !whole.is_empty() && !whole.ends_with(b"\n") {
        whole.extend_from_slice(end);
    }
    for line in [BLOCK_START, block_line(filter), BLOCK_END] {
        whole.extend_from_slice(line.as_bytes());
        whole.extend_from_slice(end);
    }
    whole.extend_from_slice(&tail[behind..]);
    WithBlock { text: whole, moved_behind }
}

/// What stands before the last block and what behind it; all of `text` is before a block that is not there.
fn around_block(text: &[u8]) -> (&[u8], &[u8]) {
    let lines: Vec<&[u8]> = text.split_inclusive(|&byte| byte == b'\n').collect();
    let length = |lines: &[&[u8]]| lines.iter().map(|line| line.len()).sum::<usize>();
    let last = (0..lines.len()).rev().find_map(|at| match block::length(&lines[at..], is_attributes) {
        0 => None,
        count => Some((length(&lines[..at]), length(&lines[..at + count]))),
    });
    last.map_or((text, &[]), |(start, end)| (&text[..start], &text[end..]))
}

/// How far `tail` reaches up to the last line that takes all notebooks away, and that line.
fn behind_takers(tail: &[u8], filter: Filter) -> (usize, Option<String>) {
    let (mut at, mut found) = (0, (0, None));
    for line in tail.split_inclusive(|&byte| byte == b'\n') {
        at += line.len();
        let text = String::from_utf8_lossy(line);
        if takes_notebooks(&text, filter) {
            found = (at, Some(text.trim().to_owned()));
        }
    }
    found
}

/// Whether `line` gives all notebooks another driver, or none, or another filter. No filter is somebody's decision.
fn takes_notebooks(line: &str, filter: Filter) -> bool {
    let said = |name: &str| attribute_line::value(line, Path::new("any.ipynb"), name);
    let other_driver = |name: &str| said(name).is_some_and(|value| value.as_deref() != Some(DRIVER));
    let other_filter =
        said("filter").flatten().is_some_and(|value| ![FILTER, "unset", "set"].contains(&value.as_str()));
    other_driver("diff") || other_driver("merge") || (filter == Filter::Clean && other_filter)
}

/// `text` without any block.
pub(super) fn without_block(text: &[u8]) -> Vec<u8> {
    block::without(text, is_attributes)
}

/// Whether `text` has a block.
pub(super) fn has_block(text: &[u8]) -> bool {
    without_block(text) != text
}

/// Whether the block in `text` names the filter.
pub(super) fn has_filter(text: &[u8]) -> bool {
    let (head, tail) = around_block(text);
    let block = text[head.len()..text.len() - tail.len()].split(|&byte| byte == b'\n');
    block.map(<[u8]>::trim_ascii).any(|line| is_attributes(line) && line.ends_with(b" filter=cellwise"))
}

/// Whether `line` is one of ours, as this version spells it or an earlier one.
fn is_attributes(line: &[u8]) -> bool {
    let line = String::from_utf8_lossy(line.trim_ascii());
    [BLOCK_LINE, BLOCK_LINE_FILTERED].iter().any(|ours| {
        let values = ours.split_once(' ').map(|(_, values)| values);
        line == *ours || line.strip_prefix(EARLIER_PATTERN).map(str::trim_start) == values
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_block_goes_to_the_end_and_comes_off_again() {
        for text in ["", "a diff=b\n", "# only a comment\n\n"] {
            let whole = with_block(text.as_bytes(), Filter::Clean).text;
            assert!(whole.ends_with(b"# <<< cellwise\n"));
            assert_eq!(without_block(&whole), text.as_bytes());
        }
        assert_eq!(without_block(&with_block(b"no newline", Filter::None).text), b"no newline\n");
    }

    #[test]
    fn line_ends_are_those_of_the_file() {
        let whole = with_block(b"a diff=b\r\nc", Filter::None).text;
        assert_eq!(whole.iter().filter(|&&byte| byte == b'\n').count(), 5);
        assert!(!String::from_utf8(whole.clone()).unwrap().replace("\r\n", "").contains('\n'));
        assert_eq!(without_block(&whole), b"a diff=b\r\nc\r\n");
    }

    #[test]
    fn lines_around_the_block_stay() {
        let mut text = with_block(b"before\n", Filter::None).text;
        text.extend_from_slice(b"after\n");
        assert_eq!(without_block(&text), b"before\nafter\n");
    }

    #[test]
    fn a_block_without_an_end_takes_nothing_with_it() {
        let text = format!("{BLOCK_START}\n{BLOCK_LINE}\n*.txt text\n");
        assert_eq!(without_block(text.as_bytes()), b"*.txt text\n");
        let text = format!("{BLOCK_START}\n*.ipynb diff=jupyternotebook merge=jupyternotebook\n*.txt text\n");
        assert_eq!(without_block(text.as_bytes()), b"*.txt text\n");
        let text = format!("{BLOCK_START}\nmine\n{BLOCK_START}\n{BLOCK_LINE}\n{BLOCK_END}\n");
        assert_eq!(without_block(text.as_bytes()), b"# >>> cellwise\nmine\n");
        assert!(!has_block(b"mine\n"));
    }

    #[test]
    fn a_block_is_rewritten_where_it_stands() {
        let exempt = "examples/*.ipynb -filter\n*.ipynb -filter\n*.ipynb diff=jupyternotebook\n";
        let text = format!("before\n{BLOCK_START}\nold\n{BLOCK_END}\n{exempt}");
        let whole = with_block(text.as_bytes(), Filter::Clean);
        let wanted = format!("before\n{BLOCK_START}\n{BLOCK_LINE_FILTERED}\n{BLOCK_END}\n{exempt}");
        assert_eq!((whole.text, whole.moved_behind), (wanted.into_bytes(), None));
    }

    #[test]
    fn it_moves_behind_a_line_that_takes_all_notebooks() {
        let block = |filter| format!("{BLOCK_START}\n{}\n{BLOCK_END}\n", block_line(filter));
        for (taker, filter) in [
            ("*.ipynb diff=ipynb", Filter::None),
            ("* -merge", Filter::None),
            ("*.ipynb filter=nbstripout", Filter::Clean),
        ] {
            let text = format!("{}{taker}\nsub/*.ipynb -diff\n", block(Filter::None));
            let whole = with_block(text.as_bytes(), filter);
            let wanted = format!("{taker}\n{}sub/*.ipynb -diff\n", block(filter));
            assert_eq!((String::from_utf8(whole.text).unwrap(), whole.moved_behind.as_deref()), (wanted, Some(taker)));
        }
        let text = format!("{}*.ipynb filter=nbstripout\n", block(Filter::None));
        assert_eq!(with_block(text.as_bytes(), Filter::None).text, text.into_bytes());
    }
}
