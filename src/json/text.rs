//! JSON strings and multi-line texts, decoded and written.
//!
//! Decoded text is bytes: UTF-8, and a lone surrogate (`\ud83d` without its partner, which Python accepts and
//! writes) as the three bytes of WTF-8, so that decoding loses nothing and [`escape`] can write it again.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

/// The text of the JSON string `raw`, which stands between quotes and is valid.
#[must_use]
pub fn decode(raw: &str) -> Cow<'_, [u8]> {
    let inner = &raw.as_bytes()[1..raw.len() - 1];
    if memchr(b'\\', inner).is_none() {
        return Cow::Borrowed(inner);
    }
    let mut out = Vec::with_capacity(inner.len());
    decode_string(raw.as_bytes(), 0, &mut out);
    Cow::Owned(out)
}

/// How a multi-line text is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Multiline {
    /// As nbformat writes it: a list whose items are the lines, each but the last with its newline.
    ByLines,
    /// As one string, or as a list that is split elsewhere.
    Otherwise,
}

/// Decodes a text of nbformat, a string or a list of strings, appending it to `out`.
///
/// `None` if `raw` is neither (then `out` is as before). `raw` is a valid JSON value.
pub fn decode_multiline(raw: &str, out: &mut Vec<u8>) -> Option<Multiline> {
    let bytes = raw.as_bytes();
    match bytes.first() {
        Some(b'"') => {
            decode_string(bytes, 0, out);
            Some(Multiline::Otherwise)
        }
        Some(b'[') => decode_list(bytes, out),
        _ => None,
    }
}

fn decode_list(bytes: &[u8], out: &mut Vec<u8>) -> Option<Multiline> {
    let before = out.len();
    let (mut at, mut by_lines) = (1, true);
    loop {
        match bytes[at] {
            b'"' => {
                let start = out.len();
                by_lines &= start == before || out.ends_with(b"\n");
                if let Some(end) = decode_line(bytes, at, out) {
                    at = end;
                    continue;
                }
                at = decode_string(bytes, at, out);
                let item = &out[start..];
                by_lines &= !item.is_empty() && memchr(b'\n', item).is_none_or(|newline| newline + 1 == item.len());
            }
            b']' => return Some(if by_lines { Multiline::ByLines } else { Multiline::Otherwise }),
            b',' if bytes[at..].starts_with(INDENTED) => at += INDENTED.len(),
            b',' | b' ' | b'\n' | b'\r' | b'\t' => at += 1,
            _ => {
                out.truncate(before);
                return None;
            }
        }
    }
}

/// Decodes the string that opens at `open` and says where it ends, if it is a line as most are: with one escape, the newline
/// at its end.
#[inline]
fn decode_line(bytes: &[u8], open: usize, out: &mut Vec<u8>) -> Option<usize> {
    let at = special(bytes, open + 1)?;
    if !bytes[at..].starts_with(b"\\n\"") {
        return None;
    }
    out.extend_from_slice(&bytes[open + 1..at]);
    out.push(b'\n');
    Some(at + 3)
}

/// How many lines a text of nbformat has, none if it is empty: what [`decode_multiline`] would give, counted without
/// decoding it. `None` if `raw`, a valid JSON value, is no such text.
#[must_use]
pub fn count_lines(raw: &str) -> Option<usize> {
    let bytes = raw.as_bytes();
    let (mut at, mut newlines, mut filled) = (usize::from(bytes.first() == Some(&b'[')), 0, false);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                filled |= bytes[at + 1] != b'"';
                let (end, found) = count_newlines(bytes, at);
                newlines += found;
                at = end;
            }
            // Between two lines of an indented file.
            b',' if bytes[at..].starts_with(INDENTED) => at += INDENTED.len(),
            b']' | b',' | b' ' | b'\n' | b'\r' | b'\t' => at += 1,
            _ => return None,
        }
    }
    Some(newlines + usize::from(filled))
}

/// What stands between two lines of a source as nbformat writes them.
const INDENTED: &[u8] = b",\n    ";

/// The offset behind the string that opens at `open`, and how many newlines it has.
fn count_newlines(bytes: &[u8], open: usize) -> (usize, usize) {
    let (mut at, mut newlines) = (open + 1, 0);
    while let Some(next) = special(bytes, at) {
        at = next;
        match &bytes[at..] {
            [b'"', ..] => return (at + 1, newlines),
            [_, b'n', ..] | [_, b'u', b'0', b'0', b'0', b'a' | b'A', ..] => newlines += 1,
            _ => {}
        }
        at += 2;
    }
    (bytes.len(), newlines)
}

/// The offset behind the string whose opening quote is at `open`; the end of `bytes` if it is not closed.
#[must_use]
pub fn end_of_string(bytes: &[u8], open: usize) -> usize {
    let mut at = open + 1;
    while let Some(next) = special(bytes, at) {
        at = next;
        if bytes[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    bytes.len()
}

/// The next quote or backslash from `at` on. It often stands right there, behind the newline that ends a line, and to
/// see that is quicker than to search.
#[inline]
fn special(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'"' | b'\\' => Some(at),
        _ => memchr2(b'"', b'\\', &bytes[at..]).map(|next| at + next),
    }
}

/// Decodes the string that opens at `open` and says where it ends.
fn decode_string(bytes: &[u8], open: usize, out: &mut Vec<u8>) -> usize {
    let mut at = open + 1;
    while let Some(next) = special(bytes, at) {
        out.extend_from_slice(&bytes[at..next]);
        at = next;
        if bytes[at] == b'"' {
            return at + 1;
        }
        at = decode_escape(bytes, at, out);
    }
    bytes.len()
}

/// Decodes the escape whose backslash is at `at` and says where it ends.
fn decode_escape(bytes: &[u8], at: usize, out: &mut Vec<u8>) -> usize {
    let plain = match bytes[at + 1] {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'b' => 0x08,
        b'f' => 0x0c,
        b'u' => return decode_unicode(bytes, at, out),
        other => other,
    };
    out.push(plain);
    at + 2
}

/// Decodes `\uXXXX`, with its partner if it is the first half of a surrogate pair.
fn decode_unicode(bytes: &[u8], at: usize, out: &mut Vec<u8>) -> usize {
    let unit = hex4(bytes, at + 2);
    if (0xd800..0xdc00).contains(&unit) && bytes[at + 6..].starts_with(b"\\u") {
        let low = hex4(bytes, at + 8);
        if (0xdc00..0xe000).contains(&low) {
            push_code_point(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), out);
            return at + 12;
        }
    }
    push_code_point(unit, out);
    at + 6
}

fn hex4(bytes: &[u8], at: usize) -> u32 {
    let digits = bytes.get(at..at + 4).unwrap_or_default();
    digits.iter().fold(0, |value, digit| value * 16 + char::from(*digit).to_digit(16).unwrap_or(0))
}

/// Appends a code point as UTF-8, a surrogate as WTF-8.
fn push_code_point(code: u32, out: &mut Vec<u8>) {
    match char::from_u32(code) {
        Some(character) => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        // Only surrogates, all in 0xd800..0xe000, are no `char`; the bytes are the three-byte form.
        None => out.extend_from_slice(&[0xed, 0x80 | (code >> 6 & 0x3f) as u8, 0x80 | (code & 0x3f) as u8]),
    }
}

/// Which characters a file writes as `\uXXXX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Escapes {
    /// Only what JSON demands (nbformat's own writing, `ensure_ascii=False`).
    #[default]
    Minimal,
    /// Everything outside ASCII (Python's default).
    Ascii,
}

/// Appends `text` to `out` as a JSON string with quotes, spelled as Python's `json` spells it.
pub fn escape(text: &[u8], escapes: Escapes, out: &mut Vec<u8>) {
    out.push(b'"');
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => escape_text(text, escapes, out),
            Piece::Surrogate(unit) => push_unicode_escape(unit, out),
            Piece::Byte(_) => push_unicode_escape(0xfffd, out),
        }
    }
    out.push(b'"');
}

/// Copies what needs no escape, stretch by stretch.
fn escape_text(mut text: &str, escapes: Escapes, out: &mut Vec<u8>) {
    let ascii = escapes == Escapes::Ascii;
    let is_special = |byte: u8| byte < b' ' || matches!(byte, b'"' | b'\\') || (ascii && !byte.is_ascii());
    while let Some((at, character)) =
        text.bytes().position(is_special).and_then(|at| Some((at, text[at..].chars().next()?)))
    {
        out.extend_from_slice(&text.as_bytes()[..at]);
        escape_character(character, escapes, out);
        text = &text[at + character.len_utf8()..];
    }
    out.extend_from_slice(text.as_bytes());
}

fn escape_character(character: char, escapes: Escapes, out: &mut Vec<u8>) {
    let short = match character {
        '"' => b'"',
        '\\' => b'\\',
        '\n' => b'n',
        '\t' => b't',
        '\r' => b'r',
        '\u{8}' => b'b',
        '\u{c}' => b'f',
        _ => {
            let hidden = character < ' ' || (escapes == Escapes::Ascii && !character.is_ascii());
            let mut buffer = [0; 2];
            if hidden {
                character.encode_utf16(&mut buffer).iter().for_each(|unit| push_unicode_escape(*unit, out));
            } else {
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

fn push_unicode_escape(unit: u16, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
}

/// A stretch of decoded text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Ordinary text.
    Text(&'a str),
    /// A lone surrogate, as its UTF-16 code unit.
    Surrogate(u16),
    /// A byte that is no UTF-8: a file that is no JSON may hold some, decoded text never does.
    Byte(u8),
}

/// Decoded text (see the module) as ordinary stretches and what stands between them, in order.
pub fn pieces(text: &[u8]) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if let [0xed, second @ 0xa0..=0xff, third, tail @ ..] = rest {
            rest = tail;
            return Some(Piece::Surrogate(0xd000 | u16::from(second & 0x3f) << 6 | u16::from(third & 0x3f)));
        }
        // The byte 0xed leads Hangul syllables too; from_utf8 stops exactly at a surrogate or an odd byte.
        let valid = str::from_utf8(rest)
            .unwrap_or_else(|error| str::from_utf8(&rest[..error.valid_up_to()]).unwrap_or_default());
        if let ("", [byte, tail @ ..]) = (valid, rest) {
            rest = tail;
            return Some(Piece::Byte(*byte));
        }
        rest = &rest[valid.len()..];
        (!valid.is_empty()).then_some(Piece::Text(valid))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &[u8], escapes: Escapes) -> String {
        let mut out = Vec::new();
        escape(text, escapes, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_string_without_escapes_is_borrowed() {
        assert!(matches!(decode("\"héllo\""), Cow::Borrowed(text) if text == "héllo".as_bytes()));
    }

    #[test]
    fn escapes_are_decoded_as_serde_json_decodes_them() {
        let raw = r#""a\"b\\c\/d\b\f\n\r\tAé😀""#;
        let oracle: String = serde_json::from_str(raw).unwrap();
        assert_eq!(*decode(raw), *oracle.as_bytes());
    }

    #[test]
    fn lone_surrogates_survive_decoding_and_escaping() {
        for raw in [r#""\ud83d""#, r#""x\udc00y""#, r#""\ud83d\ud83d\ude00""#, r#""퟿""#] {
            let decoded = decode(raw);
            assert_eq!(*decode(&escaped(&decoded, Escapes::Minimal)), *decoded, "{raw}");
        }
        assert_eq!(escaped(&decode(r#""\ud83d""#), Escapes::Minimal), r#""\ud83d""#);
    }

    #[test]
    fn escaping_is_pythons() {
        assert_eq!(escaped("é\u{7f}\u{1b}/😀".as_bytes(), Escapes::Minimal), "\"é\u{7f}\\u001b/😀\"");
        assert_eq!(escaped("é😀".as_bytes(), Escapes::Ascii), r#""\u00e9\ud83d\ude00""#);
    }

    #[test]
    fn lines_are_counted_as_they_are_decoded() {
        for raw in [
            r#""""#,
            r#""a""#,
            r#""\n""#,
            r#""a\n\u000ab\u000A""#,
            r#""a\\n\\\n\"\n""#,
            r#"[]"#,
            r#"[ "", "" ]"#,
            r#"["a\n","b"]"#,
            r#"["a\n", ""]"#,
            r#"[["a"]]"#,
            r#"["a", 3]"#,
            "null",
            "{}",
        ] {
            let mut out = Vec::new();
            let lines = |text: &[u8]| if text.is_empty() { 0 } else { text.split(|byte| *byte == b'\n').count() };
            let decoded = decode_multiline(raw, &mut out).map(|_| lines(&out));
            assert_eq!(count_lines(raw), decoded, "{raw}");
        }
    }

    #[test]
    fn a_multiline_text_is_a_string_or_a_list_of_strings() {
        let read = |raw: &str| {
            let mut out = b"> ".to_vec();
            decode_multiline(raw, &mut out).map(|spelled| (String::from_utf8(out).unwrap(), spelled))
        };
        let found = |text: &str, spelled| Some((text.to_owned(), spelled));
        assert_eq!(read(r#"[ "a\n" ,"b" ]"#), found("> a\nb", Multiline::ByLines));
        assert_eq!(read(r#""a\nb""#), found("> a\nb", Multiline::Otherwise));
        assert_eq!(read("[]"), found("> ", Multiline::ByLines));
        for split_otherwise in [r#"["a", "b"]"#, r#"["a\nb"]"#, r#"["a\n", ""]"#, r#"["\n\n"]"#] {
            assert_eq!(read(split_otherwise).unwrap().1, Multiline::Otherwise, "{split_otherwise}");
        }
        assert_eq!(read(r#"["a\\n"]"#), found("> a\\n", Multiline::ByLines));
        assert_eq!(read("null"), None);
        assert_eq!(read(r#"["a", 3]"#), None);
    }
}
