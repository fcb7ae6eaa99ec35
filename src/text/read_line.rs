//! Lines of the text form back to what they show.

use std::borrow::Cow;

use super::visible::{is_own, push_line};

/// The source line that [`push_line`] shows as `shown`; `None` if it shows none so.
#[must_use]
pub fn read_line(shown: &[u8]) -> Option<Cow<'_, [u8]>> {
    let Some(rest) = shown.strip_prefix(b"\\") else { return Some(shown.into()) };
    let bare = shown.iter().position(|byte| *byte != b'\\').map_or(rest, |first| &shown[first..]);
    if memchr::memmem::find(shown, b"\\u{").is_none() {
        return Some(if is_own(bare) { rest.into() } else { shown.into() });
    }
    let line = read_escapes(rest, true_backslashes)?;
    let mut again = Vec::with_capacity(shown.len());
    push_line(&line, &mut again);
    (again == shown).then(|| line.into())
}

/// The JSON text that is shown as `shown`, with `\u{1b}` for each control character in it.
///
/// JSON has no such escape, so it is clear which backslashes are JSON's own.
#[must_use]
pub fn read_json(shown: &[u8]) -> Option<Vec<u8>> {
    read_escapes(shown, |rest| if rest.len() > 1 { Some(&rest[..2]) } else { None })
}

/// What a backslash in an escaped line stands for where it begins no `\u{`: another one.
fn true_backslashes(rest: &[u8]) -> Option<&[u8]> {
    rest.starts_with(b"\\\\").then(|| &rest[1..2])
}

/// `shown` with its `\u{1b}` as characters. `other` says what any other two bytes stand for that begin with a
/// backslash.
fn read_escapes(shown: &[u8], other: impl Fn(&[u8]) -> Option<&[u8]>) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(shown.len());
    let mut rest = shown;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        if let Some(code) = rest.strip_prefix(b"\\u{") {
            let end = memchr::memchr(b'}', &code[..code.len().min(7)])?;
            push_code(str::from_utf8(&code[..end]).ok()?, &mut out)?;
            rest = &code[end + 1..];
        } else {
            out.extend_from_slice(other(rest)?);
            rest = &rest[2..];
        }
    }
    out.extend_from_slice(rest);
    Some(out)
}

/// Appends the character with this number in hexadecimal: UTF-8, and WTF-8 for half a surrogate pair.
fn push_code(digits: &str, out: &mut Vec<u8>) -> Option<()> {
    let code = u32::from_str_radix(digits, 16).ok()?;
    match char::from_u32(code) {
        Some(character) => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        None if code < 0x1_0000 => {
            let raw = format!("\"\\u{code:04x}\"");
            out.extend_from_slice(&crate::json::text::decode(&raw));
        }
        None => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_read_back() {
        let lines: [&[u8]; 14] = [
            b"",
            b"x = 1",
            br"\begin{align}",
            b"# %% code",
            br"\# %% code",
            b"   # %% x",
            b"# hidden: outputs",
            b"# UNRESOLVED",
            br"\u{1b}",
            br"x = '\u{1b}'",
            b"a\x1b[0m\\",
            "\u{9b}\u{202e}x\u{7f}\r".as_bytes(),
            b"\xed\xa0\xbd",
            br"\\u{",
        ];
        for line in lines {
            let mut shown = Vec::new();
            push_line(line, &mut shown);
            assert_eq!(read_line(&shown).as_deref(), Some(line), "{}", String::from_utf8_lossy(&shown));
        }
    }

    #[test]
    fn what_no_line_is_shown_as_is_refused() {
        for shown in [r"\u{1b", r"\a\u{41}", r"\\x\u{1b}\", r"\\u{110000}\u{1b}", r"\u{zz}"] {
            assert_eq!(read_line(shown.as_bytes()), None, "{shown}");
        }
    }

    #[test]
    fn json_keeps_its_own_escapes() {
        let shown = br#"["\u00e9\\u{1b}\n\u{7f}"]"#;
        assert_eq!(read_json(shown).unwrap(), b"[\"\\u00e9\\\\u{1b}\\n\x7f\"]");
        assert_eq!(read_json(br#""\"#), None);
    }
}
