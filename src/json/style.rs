//! How a file is laid out, so that what is written anew looks like the rest of it.

use std::cell::OnceCell;

use memchr::memchr;

use super::text::{self, Escapes};

/// The layout of a JSON file: indentation, line ends, separators and escapes.
#[derive(Debug, Clone)]
pub struct Style<'a> {
    /// White space of one level, or `None` if everything stands on one line.
    pub indent: Option<String>,
    /// `"\n"` or `"\r\n"`.
    pub newline: &'static str,
    /// What stands between elements on one line (`","` or `", "`); with an indent always `","`.
    pub comma: &'static str,
    /// What stands between key and value: `": "` or `":"`.
    pub colon: &'static str,
    /// The file, and what its escapes are once somebody has asked: it has to be read whole for that.
    file: &'a [u8],
    escapes: OnceCell<Escapes>,
}

impl Default for Style<'_> {
    /// nbformat's own layout: one space, LF, UTF-8 unescaped.
    fn default() -> Self {
        let (indent, file, escapes) = (Some(" ".to_owned()), &[][..], OnceCell::new());
        Self { indent, newline: "\n", comma: ",", colon: ": ", file, escapes }
    }
}

impl<'a> Style<'a> {
    /// Everything on one line, with spaces between.
    #[must_use]
    pub fn on_one_line() -> Self {
        Self { indent: None, comma: ", ", ..Self::default() }
    }

    /// Reads the layout off the beginning of `bytes`, a JSON object: no more than the first key.
    #[must_use]
    pub fn of(bytes: &'a [u8]) -> Self {
        let open = memchr(b'{', bytes).map_or(bytes.len(), |open| open + 1);
        let head = &bytes[open..];
        let white = head.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(head.len());
        let after_newline = memchr::memrchr(b'\n', &head[..white]).map(|newline| &head[newline + 1..white]);
        let key_end = if head.get(white) == Some(&b'"') { text::end_of_string(head, white) } else { white };
        let colon = if head[key_end..].starts_with(b":") && head.get(key_end + 1) != Some(&b' ') { ":" } else { ": " };
        let spaced = after_newline.is_none() && colon == ": ";
        Self {
            indent: after_newline.map(|indent| String::from_utf8_lossy(indent).into_owned()),
            newline: if memchr(b'\r', &head[..white]).is_some() { "\r\n" } else { "\n" },
            comma: if spaced { ", " } else { "," },
            colon,
            file: bytes,
            escapes: OnceCell::new(),
        }
    }

    /// Which characters the file writes as `\uXXXX`.
    #[must_use]
    pub fn escapes(&self) -> Escapes {
        let read = || if escapes_everything(self.file) { Escapes::Ascii } else { Escapes::Minimal };
        *self.escapes.get_or_init(read)
    }

    /// Appends `text` to `out` as a JSON string, spelled as the file spells such.
    pub fn escape(&self, text: &[u8], out: &mut Vec<u8>) {
        // Of ASCII, all files escape the same.
        let escapes = if text.is_ascii() { Escapes::Minimal } else { self.escapes() };
        text::escape(text, escapes, out);
    }

    /// Whether values of a file in `other`'s style can be copied into a file of this one as they are.
    #[must_use]
    pub fn same_layout(&self, other: &Style<'_>) -> bool {
        (&self.indent, self.newline, self.comma, self.colon) == (&other.indent, other.newline, other.comma, other.colon)
    }

    /// The line break and indentation before something at `depth` (the file's object is depth 0).
    #[must_use]
    pub fn line_start(&self, depth: usize) -> String {
        let indent = self.indent.as_ref().map(|indent| format!("{}{}", self.newline, indent.repeat(depth)));
        indent.unwrap_or_default()
    }

    /// What stands between two elements at `depth`.
    #[must_use]
    pub fn separator(&self, depth: usize) -> String {
        format!("{}{}", self.comma, self.line_start(depth))
    }

    /// Appends the JSON text `raw` in this layout; strings and numbers keep their spelling.
    ///
    /// `depth` is the depth of the value that `raw` is: its members stand one deeper.
    pub fn lay_out(&self, raw: &str, depth: usize, out: &mut Vec<u8>) {
        let bytes = raw.as_bytes();
        let (mut at, mut depth) = (0, depth);
        while at < bytes.len() {
            let token = bytes[at];
            let next = at + 1;
            match token {
                b'"' => {
                    at = text::end_of_string(bytes, at);
                    out.extend_from_slice(&bytes[next - 1..at]);
                    continue;
                }
                b'{' | b'[' => {
                    out.push(token);
                    at = skip_white(bytes, next);
                    if matches!(bytes.get(at), Some(b'}' | b']')) {
                        out.push(bytes[at]);
                        at += 1;
                        continue;
                    }
                    depth += 1;
                    out.extend_from_slice(self.line_start(depth).as_bytes());
                    continue;
                }
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    out.extend_from_slice(self.line_start(depth).as_bytes());
                    out.push(token);
                }
                b',' => out.extend_from_slice(self.separator(depth).as_bytes()),
                b':' => out.extend_from_slice(self.colon.as_bytes()),
                b' ' | b'\t' | b'\n' | b'\r' => {}
                _ => out.push(token),
            }
            at = next;
        }
    }
}

fn skip_white(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
}

/// Whether a file is pure ASCII because it escapes what is not: it has a `\u` escape for such a character. Most files have
/// none, and are read but once.
fn escapes_everything(bytes: &[u8]) -> bool {
    memchr::memmem::find_iter(bytes, b"\\u").any(|at| {
        let digits = bytes.get(at + 2..at + 6).unwrap_or_default();
        !digits.starts_with(b"00") || digits.get(2).is_some_and(|digit| !(b'0'..b'8').contains(digit))
    }) && bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid_out(style: &Style, raw: &str) -> String {
        let mut out = Vec::new();
        style.lay_out(raw, 0, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_file_laid_out_in_its_own_style_is_unchanged() {
        for file in [
            "{\n \"a\": [\n  1,\n  \"x, y: {\\\"\"\n ],\n \"b\": {},\n \"c\": []\n}",
            "{\r\n\t\"a\": [\r\n\t\t1\r\n\t]\r\n}",
            r#"{"a":[1,2],"b":{"c":null}}"#,
            r#"{"a": [1, 2], "b": {"c": null}}"#,
        ] {
            assert_eq!(laid_out(&Style::of(file.as_bytes()), file), file);
        }
    }

    #[test]
    fn values_keep_their_spelling() {
        assert_eq!(
            laid_out(&Style::default(), r#"[1e-05,"\u00e9",-Infinity]"#),
            "[\n 1e-05,\n \"\\u00e9\",\n -Infinity\n]"
        );
    }

    #[test]
    fn escapes_are_read_off_the_file() {
        assert_eq!(Style::of(br#"{"a": "\u00e9"}"#).escapes(), Escapes::Ascii);
        assert_eq!(Style::of("\u{feff}{\"a\": \"\\u00e9\"}".as_bytes()).escapes(), Escapes::Ascii);
        assert_eq!(Style::of(br#"{"a": "\u001b[0m"}"#).escapes(), Escapes::Minimal);
        assert_eq!(Style::of("{\"a\": \"é\\u2028\"}".as_bytes()).escapes(), Escapes::Minimal);
    }
}
