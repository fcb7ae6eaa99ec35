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
    /// A run of git's white space: spaces, tabs, carriage returns and newlines. All else that is blank to the eye is a
    /// sign, so that a change of it shows.
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
    if line.is_ascii() {
        push_ascii(line, &mut found);
        return found;
    }
    let mut start = 0;
    for chunk in line.utf8_chunks() {
        push_text(start, chunk.valid(), &mut found);
        start += chunk.valid().len();
        if !chunk.invalid().is_empty() {
            found.push(Piece { range: start..start + chunk.invalid().len(), kind: Kind::Sign });
        }
        start += chunk.invalid().len();
    }
    found
}

/// The pieces of a text as they stand in it, in order.
#[must_use]
pub fn words_of(text: &[u8]) -> Vec<&[u8]> {
    pieces(text).into_iter().map(|piece| &text[piece.range]).collect()
}

fn push_text(start: usize, text: &str, found: &mut Vec<Piece>) {
    for (at, segment) in text.split_word_bound_indices() {
        push_segment(start + at, segment, found);
    }
}

/// The same for text in ASCII, as most code is: many times as fast.
fn push_ascii(line: &[u8], found: &mut Vec<Piece>) {
    let mut start = 0;
    while start < line.len() {
        let character = char::from(line[start]);
        let (len, kind) = if is_letter(character) {
            (ascii_word(&line[start..]), Kind::Word)
        } else if is_blank(character) {
            (run(&line[start..], is_blank), Kind::Blank)
        } else {
            (1, kind_of_sign(character))
        };
        found.push(Piece { range: start..start + len, kind });
        start += len;
    }
}

/// The length of the word or number, which may hold dots between digits, that `line` begins with.
fn ascii_word(line: &[u8]) -> usize {
    let mut len = run(line, is_letter);
    let is_digit = |at: usize| line.get(at).is_some_and(u8::is_ascii_digit);
    while line.get(len) == Some(&b'.') && is_digit(len - 1) && is_digit(len + 1) {
        len += 1 + run(&line[len + 1..], is_letter);
    }
    len
}

/// How many characters at the beginning of `line` are of one sort.
fn run(line: &[u8], sort: impl Fn(char) -> bool) -> usize {
    line.iter().position(|byte| !sort(char::from(*byte))).unwrap_or(line.len())
}

fn push_segment(start: usize, segment: &str, found: &mut Vec<Piece>) {
    let first = segment.chars().next().unwrap_or(' ');
    if first.is_whitespace() {
        push_space(start, segment, found);
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

/// UAX #29 keeps spaces of all sorts together, with marks that nobody sees.
fn push_space(start: usize, space: &str, found: &mut Vec<Piece>) {
    for (at, character) in space.char_indices() {
        let range = start + at..start + at + character.len_utf8();
        if is_blank(character) {
            push_blank(range, found);
        } else {
            found.push(Piece { range, kind: Kind::Sign });
        }
    }
}

/// Spaces are one run with tabs.
fn push_blank(range: Range<usize>, found: &mut Vec<Piece>) {
    match found.last_mut() {
        Some(last) if last.kind == Kind::Blank => last.range.end = range.end,
        _ => found.push(Piece { range, kind: Kind::Blank }),
    }
}

fn push_word(start: usize, word: &str, found: &mut Vec<Piece>) {
    let is_digit = |at: usize| word.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    let parts_words = |at: usize, sign: char| match sign {
        ':' | ',' | ';' | '\'' => true,
        '.' => !(at > 0 && is_digit(at - 1) && is_digit(at + 1)),
        _ => false,
    };
    let mut push = |range: Range<usize>, kind| {
        if !range.is_empty() {
            found.push(Piece { range: start + range.start..start + range.end, kind });
        }
    };
    let mut at = 0;
    for (sign_at, sign) in word.char_indices().filter(|(at, sign)| parts_words(*at, *sign)) {
        push(at..sign_at, Kind::Word);
        push(sign_at..sign_at + 1, kind_of_sign(sign));
        at = sign_at + 1;
    }
    push(at..word.len(), Kind::Word);
}

/// As git has it: in a word diff only these do not count.
fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
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
    fn ascii_is_cut_as_all_text_is() {
        let mut lines = vec![String::new()];
        for _ in 0..5 {
            let longer =
                |line: &String| ["a", "1", ".", "_", "'", ",", " ", "\t", "\u{c}"].map(|next| format!("{line}{next}"));
            lines = lines.iter().flat_map(longer).collect();
        }
        for line in lines {
            let mut cut = Vec::new();
            push_text(0, &line, &mut cut);
            assert_eq!(pieces(line.as_bytes()), cut, "{line:?}");
        }
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
    fn only_what_git_calls_white_space_is_blank() {
        for line in ["\u{a0}", "\u{3000}", "\u{feff}", "\u{2028}", "\u{85}", "\u{b}", "\u{c}", "\u{200b}"] {
            let blanks = |line: &str| {
                let blank = pieces(line.as_bytes()).into_iter().filter(|piece| piece.kind == Kind::Blank);
                blank.map(|piece| piece.range).collect::<Vec<_>>()
            };
            assert_eq!(blanks(&format!("a \t{line} \r\nb")), [1..3, 3 + line.len()..6 + line.len()], "{line:?}");
            assert_eq!(blanks(&format!("a{line}b")), [], "{line:?}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_signs() {
        let ranges: Vec<Range<usize>> = pieces(b"ab\xff\xfe c").into_iter().map(|piece| piece.range).collect();
        assert_eq!(ranges, [0..2, 2..3, 3..4, 4..5, 5..6]);
    }
}
