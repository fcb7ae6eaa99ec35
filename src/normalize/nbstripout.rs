//! The layout that nbstripout writes, which is nbformat's: `json.dumps` with sorted keys and an indent of one space,
//! texts as lists of lines.

use crate::json::text::{self, Escapes};
use crate::json::{self, Member, find};
use crate::notebook::Notebook;

/// The notebook in `bytes` as nbformat writes it: of repeated keys the last one, numbers as Python spells them. What is
/// no notebook is given back as it is.
pub(super) fn lay_out(bytes: &[u8]) -> Vec<u8> {
    let body = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let (Ok(notebook), Ok(raw)) = (Notebook::read(bytes), str::from_utf8(body)) else {
        return bytes.to_vec();
    };
    let version = notebook.version().major;
    // nbformat writes its versions 2 and 3 with Python's defaults.
    let (spot, escapes) = if (1..4).contains(&version) {
        (Spot::OldNotebook, Escapes::Ascii)
    } else {
        (Spot::Notebook, Escapes::Minimal)
    };
    let ends = if version == 2 { Ends::Left } else { Ends::Written };
    let mut writer = Writer { escapes, ends, out: Vec::with_capacity(bytes.len()) };
    writer.value(raw.trim_ascii(), spot, 0);
    writer.out.push(b'\n');
    writer.out
}

/// What becomes of the ends of lines in a list of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    Written,
    /// They are left out (nbformat 2).
    Left,
}

/// What a value is, as far as its layout depends on it. `Old…` is that of nbformat 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spot {
    Notebook,
    OldNotebook,
    /// A list of worksheets, or one of them.
    Worksheet,
    /// A list of cells, or one of them.
    Cell,
    OldCell,
    /// A list of outputs, or one of them.
    Output,
    OldOutput,
    Attachments,
    Bundle,
    /// A text of several lines: a list of its lines.
    Text,
    OldText,
    /// A text that is one string, whatever it was.
    Joined,
    Plain,
}

impl Spot {
    /// What the member `name` of an object with these `members` is.
    fn below(self, name: &[u8], members: &[Member<'_>]) -> Self {
        let kind = |key| find(members, key).unwrap_or_default();
        let is_code = || kind("cell_type") == "\"code\"";
        match (self, name) {
            (Self::Notebook, b"cells") => Self::Cell,
            (Self::OldNotebook, b"worksheets") => Self::Worksheet,
            (Self::Worksheet, b"cells") => Self::OldCell,
            (Self::Cell, b"source") => Self::Text,
            (Self::Cell, b"attachments") => Self::Attachments,
            (Self::Cell, b"outputs") if is_code() => Self::Output,
            (Self::OldCell, b"outputs") if is_code() => Self::OldOutput,
            (Self::OldCell, b"input") if is_code() => Self::OldText,
            (Self::OldCell, b"source" | b"rendered") if !is_code() => Self::OldText,
            (Self::Output, b"data") if matches!(kind("output_type"), "\"execute_result\"" | "\"display_data\"") => {
                Self::Bundle
            }
            (Self::Output, b"text") if kind("output_type") == "\"stream\"" => Self::Text,
            (Self::OldOutput, b"text" | b"html" | b"svg" | b"latex" | b"javascript" | b"json") => Self::OldText,
            (Self::Attachments, _) => Self::Bundle,
            (Self::Bundle, b"application/javascript" | b"image/svg+xml") => Self::Text,
            (Self::Bundle, mime) if mime.starts_with(b"text/") => Self::Text,
            (Self::Bundle, mime) if !is_json(mime) => Self::Joined,
            _ => Self::Plain,
        }
    }
}

/// Whether data of this type is a JSON value.
fn is_json(mime: &[u8]) -> bool {
    mime == b"application/json" || (mime.starts_with(b"application/") && mime.ends_with(b"+json"))
}

/// A text on its way.
struct Writer {
    escapes: Escapes,
    ends: Ends,
    out: Vec<u8>,
}

impl Writer {
    fn value(&mut self, raw: &str, spot: Spot, depth: usize) {
        match (raw.as_bytes().first(), spot) {
            (Some(b'"' | b'['), Spot::Text | Spot::OldText | Spot::Joined) => self.text(raw, spot, depth),
            (Some(b'{'), _) => self.object(&json::members(raw), spot, depth),
            (Some(b'['), _) => {
                let elements = json::elements(raw);
                self.brackets([b'[', b']'], elements.len(), depth, |writer, index| {
                    writer.value(elements[index], spot, depth + 1);
                });
            }
            (Some(b'"'), _) => text::escape(&text::decode(raw), self.escapes, &mut self.out),
            _ => self.scalar(raw),
        }
    }

    fn object(&mut self, members: &[Member<'_>], spot: Spot, depth: usize) {
        let mut named: Vec<_> = members.iter().map(|member| (member.name(), member.value)).collect();
        named.reverse();
        // A stable sort: of repeated keys the last one comes first now.
        named.sort_by(|one, other| one.0.cmp(&other.0));
        named.dedup_by(|one, other| one.0 == other.0);
        self.brackets([b'{', b'}'], named.len(), depth, |writer, index| {
            let (name, value) = &named[index];
            text::escape(name, writer.escapes, &mut writer.out);
            writer.out.extend_from_slice(b": ");
            writer.value(value, spot.below(name, members), depth + 1);
        });
    }

    /// A list or an object of `count` parts, each on its line.
    fn brackets(&mut self, [open, close]: [u8; 2], count: usize, depth: usize, mut part: impl FnMut(&mut Self, usize)) {
        self.out.push(open);
        for index in 0..count {
            if index > 0 {
                self.out.push(b',');
            }
            self.new_line(depth + 1);
            part(self, index);
        }
        if count > 0 {
            self.new_line(depth);
        }
        self.out.push(close);
    }

    fn new_line(&mut self, depth: usize) {
        self.out.push(b'\n');
        self.out.resize(self.out.len() + depth, b' ');
    }

    /// A text, or a list of other things where one should stand.
    fn text(&mut self, raw: &str, spot: Spot, depth: usize) {
        let mut whole = Vec::with_capacity(raw.len());
        let known = match spot {
            Spot::OldText => decode_old(raw, self.ends, &mut whole),
            _ => text::decode_multiline(raw, &mut whole).map(|_| ()),
        };
        match known {
            None => self.value(raw, Spot::Plain, depth),
            Some(()) if spot == Spot::Joined => text::escape(&whole, self.escapes, &mut self.out),
            Some(()) => {
                let lines = split_lines(&whole, self.ends);
                self.brackets([b'[', b']'], lines.len(), depth, |writer, index| {
                    text::escape(lines[index], writer.escapes, &mut writer.out);
                });
            }
        }
    }

    fn scalar(&mut self, raw: &str) {
        let is_float = raw.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E')) && !raw.ends_with('y');
        match raw.parse::<f64>() {
            Ok(number) if is_float && !matches!(raw, "true" | "false") => {
                self.out.extend_from_slice(float(number).as_bytes());
            }
            _ if raw == "-0" => self.out.push(b'0'),
            _ => self.out.extend_from_slice(raw.as_bytes()),
        }
    }
}

/// Decodes a text of nbformat 3, whose lists were written with newlines in their items, or without.
fn decode_old(raw: &str, ends: Ends, out: &mut Vec<u8>) -> Option<()> {
    let items = if raw.starts_with('[') { json::elements(raw) } else { vec![raw] };
    let lines: Option<Vec<_>> =
        items.into_iter().map(|item| item.starts_with('"').then(|| text::decode(item))).collect();
    let lines = lines?;
    let ended = lines.first().is_some_and(|first| first.ends_with(b"\n") || first.ends_with(b"\r"));
    let whole = ended && ends == Ends::Written;
    out.extend_from_slice(&lines.join(if whole { &b""[..] } else { b"\n" }));
    Some(())
}

/// The lines of a text, as Python's `splitlines` gives them.
fn split_lines(text: &[u8], ends: Ends) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < text.len() {
        let length = line_end(&text[at..]);
        at += length.max(1);
        if length > 0 {
            lines.push(&text[start..if ends == Ends::Written { at } else { at - length }]);
            start = at;
        }
    }
    if start < text.len() {
        lines.push(&text[start..]);
    }
    lines
}

/// How long the line end is with which `text` begins; 0 if it begins with none.
fn line_end(text: &[u8]) -> usize {
    match text {
        [b'\r', b'\n', ..] | [0xc2, 0x85, ..] => 2,
        [b'\n' | b'\r' | 0x0b | 0x0c | 0x1c..=0x1e, ..] => 1,
        [0xe2, 0x80, 0xa8 | 0xa9, ..] => 3,
        _ => 0,
    }
}

/// A number as Python's `repr` spells a float.
fn float(number: f64) -> String {
    if number.is_infinite() {
        return if number > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() };
    }
    // The shortest digits that read as the same number: `1.5e-7`.
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match exponent.parse::<i32>().unwrap_or(0) {
        exponent @ -4..16 => {
            let plain = format!("{number}");
            if exponent >= 0 && !plain.contains('.') { format!("{plain}.0") } else { plain }
        }
        exponent => format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid_out(file: &str) -> String {
        String::from_utf8(lay_out(file.as_bytes())).unwrap()
    }

    #[test]
    fn numbers_are_pythons() {
        for (number, spelled) in [
            (100_000.0, "100000.0"),
            (1e16, "1e+16"),
            (1e15, "1000000000000000.0"),
            (0.0001, "0.0001"),
            (1.5e-5, "1.5e-05"),
            (-0.0, "-0.0"),
            (1e300, "1e+300"),
            (f64::INFINITY, "Infinity"),
            (0.1, "0.1"),
            (123_456_789.125, "123456789.125"),
        ] {
            assert_eq!(float(number), spelled);
        }
    }

    #[test]
    fn scalars_are_spelled_as_python_reads_them() {
        let file = r#"{"cells":[],"nbformat":4,"metadata":{"a":[1E5,1e400,-0,12345678901234567890123,true,NaN,-Infinity,null,1.50]}}"#;
        let spelled: Vec<String> =
            laid_out(file).lines().skip(4).take(9).map(|line| line.trim().trim_end_matches(',').to_owned()).collect();
        assert_eq!(
            spelled,
            ["100000.0", "Infinity", "0", "12345678901234567890123", "true", "NaN", "-Infinity", "null", "1.5"]
        );
    }

    #[test]
    fn lines_end_where_python_ends_them() {
        let text = "a\r\nb\rc\u{b}d\u{85}e\u{2028}f\u{1d}\n\ng";
        let lines: Vec<&str> =
            split_lines(text.as_bytes(), Ends::Written).into_iter().map(|line| str::from_utf8(line).unwrap()).collect();
        assert_eq!(lines, ["a\r\n", "b\r", "c\u{b}", "d\u{85}", "e\u{2028}", "f\u{1d}", "\n", "\n", "g"]);
        assert_eq!(split_lines(b"", Ends::Written), [b""; 0]);
        assert_eq!(split_lines(b"a\r\n\nb", Ends::Left), [&b"a"[..], b"", b"b"]);
    }

    #[test]
    fn keys_are_sorted_and_the_last_of_repeated_ones_counts() {
        let file = "\u{feff}{\"nbformat\":4,\"cells\":[],\"\\u00e9\":{},\"nbformat\":5,\"a\":[ ]}";
        assert_eq!(laid_out(file), "{\n \"a\": [],\n \"cells\": [],\n \"nbformat\": 5,\n \"é\": {}\n}\n");
    }
}
