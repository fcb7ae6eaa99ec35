//! A line in words.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation as _;

/// What a piece of a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An identifier, a number, a word of prose; where a script has no spaces, one character.
    Word,
    /// A single character that is neither, or bytes that are no text.
    Sign,
    /// A bracket, quote, comma or semicolon: a sign that tells where one thing ends and another begins.
    Edge,
    /// A run of white space.
    Blank,
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) range: Range<usize>,
    pub(super) kind: Kind,
}

/// Cuts a line into words, signs and white space. Together they are the line.
///
/// Words are those of [UAX #29](https://unicode.org/reports/tr29/), but a dot or colon between letters and a comma
/// between digits part them, as they do in code: `np.zeros` is three pieces, `3.14` is one, `snake_case` is one.
pub(super) fn pieces(line: &[u8]) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut start = 0;
    for chunk in line.utf8_chunks() {
        for (at, segment) in chunk.valid().split_word_bound_indices() {
            push_segment(start + at, segment, &mut found);
        }
        start += chunk.valid().len();
        if !chunk.invalid().is_empty() {
            found.push(Piece { range: start..start + chunk.invalid().len(), kind: Kind::Sign });
        }
        start += chunk.invalid().len();
    }
    found
}

fn push_segment(start: usize, segment: &str, found: &mut Vec<Piece>) {
    let first = segment.chars().next().unwrap_or(' ');
    if first.is_whitespace() {
        push_blank(start..start + segment.len(), found);
    } else if is_letter(first) {
        push_word(start, segment, found);
    } else {
        found.push(Piece { range: start..start + segment.len(), kind: kind_of_sign(first) });
    }
}

fn kind_of_sign(sign: char) -> Kind {
    if matches!(sign, '(' | ')' | '[' | ']' | '{' | '}' | '"' | '\'' | '`' | ',' | ';') {
        Kind::Edge
    } else {
        Kind::Sign
    }
}

/// UAX #29 keeps spaces together, but not tabs.
fn push_blank(range: Range<usize>, found: &mut Vec<Piece>) {
    match found.last_mut() {
        Some(last) if last.kind == Kind::Blank => last.range.end = range.end,
        _ => found.push(Piece { range, kind: Kind::Blank }),
    }
}

fn push_word(start: usize, word: &str, found: &mut Vec<Piece>) {
    let is_number = word.starts_with(|first: char| first.is_ascii_digit());
    let parts_words = |sign: char| matches!(sign, ':' | ',' | ';' | '\'') || (sign == '.' && !is_number);
    let mut at = 0;
    for part in word.split_inclusive(parts_words) {
        let text = part.trim_end_matches(parts_words);
        let (text_end, end) = (at + text.len(), at + part.len());
        if !text.is_empty() {
            found.push(Piece { range: start + at..start + text_end, kind: Kind::Word });
        }
        if let Some(sign) = part[text.len()..].chars().next() {
            found.push(Piece { range: start + text_end..start + end, kind: kind_of_sign(sign) });
        }
        at = end;
    }
}

fn is_letter(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(line: &str) -> Vec<&str> {
        pieces(line.as_bytes()).into_iter().map(|piece| &line[piece.range]).collect()
    }

    #[test]
    fn code_falls_into_names_numbers_and_signs() {
        assert_eq!(cut("np.zeros(3.14)"), ["np", ".", "zeros", "(", "3.14", ")"]);
        assert_eq!(cut("__init__ \t x_1==[1,2]"), ["__init__", " \t ", "x_1", "=", "=", "[", "1", ",", "2", "]"]);
        assert_eq!(cut("f'abc' d:int"), ["f", "'", "abc", "'", " ", "d", ":", "int"]);
        assert_eq!(cut("r'a': x"), ["r", "'", "a", "'", ":", " ", "x"]);
    }

    #[test]
    fn words_of_other_scripts_are_as_people_see_them() {
        assert_eq!(cut("Zähler größer"), ["Zähler", " ", "größer"]);
        assert_eq!(cut("cafe\u{301} e"), ["cafe\u{301}", " ", "e"]);
        assert_eq!(cut("안녕 세계"), ["안녕", " ", "세계"]);
        assert_eq!(cut("数据集"), ["数", "据", "集"]);
        assert_eq!(cut("👩‍🔬👍🏽"), ["👩‍🔬", "👍🏽"]);
        assert_eq!(cut("\u{301}a"), ["\u{301}", "a"]);
    }

    #[test]
    fn bytes_that_are_no_text_are_signs() {
        let ranges: Vec<Range<usize>> = pieces(b"ab\xff\xfe c").into_iter().map(|piece| piece.range).collect();
        assert_eq!(ranges, [0..2, 2..3, 3..4, 4..5, 5..6]);
    }
}
