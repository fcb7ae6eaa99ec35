//! Text that a terminal can be given: no raw control character of a notebook gets through.

use crate::json::text::{Piece, pieces};

/// Appends `text` with every control character as `\u{1b}`, the rest as it is.
///
/// Control characters are those of ASCII but tab and newline, DEL, C1, the bidirectional overrides and isolates,
/// and lone surrogates, which have no UTF-8. A byte that is no UTF-8 is `\x{e9}`.
pub fn push_visible(text: &[u8], out: &mut Vec<u8>) {
    push_escaped(text, b"", out);
}

/// Makes the text that stands in `out` from `start` on the lines of a source: as [`push_line`] shows each of them,
/// and every line ended.
pub(super) fn push_lines(start: usize, out: &mut Vec<u8>) {
    if is_plain(&out[start..]) {
        out.push(b'\n');
        return;
    }
    let source = out.split_off(start);
    for line in source.split(|byte| *byte == b'\n') {
        push_line(line, out);
        out.push(b'\n');
    }
}

/// Whether no line of `source` can need [`push_line`]: quick, and right whenever it says yes.
fn is_plain(source: &[u8]) -> bool {
    // Without an early end the compiler looks at many bytes at once.
    let odd = source
        .iter()
        .fold(false, |odd, byte| odd | (*byte < b' ') & (*byte != b'\n') & (*byte != b'\t') | (*byte >= 0x7f));
    let own = || may_be_own(source) && memchr::memchr_iter(b'#', source).any(|at| is_own(&source[at..]));
    let escape = || memchr::memchr_iter(b'\\', source).any(|at| source[at..].starts_with(b"\\u{"));
    !odd && !own() && !escape()
}

/// Whether `source` has the beginning of something like what [`is_own`] knows: comments are many, and these are few.
fn may_be_own(source: &[u8]) -> bool {
    let begins = source.iter().zip(source.iter().skip(1)).zip(source.iter().skip(2));
    begins.fold(false, |found, ((one, two), three)| {
        found | (*one == b'#') & (*two == b' ') & ((*three == b'%') | (*three == b'h') | (*three == b'U'))
    })
}

/// Appends a source line (without its newline) so that no two different lines look the same, and no line looks
/// like one of the text form's own.
///
/// A line that does look so gets a `\` in front. A line with control characters gets a `\` in front, `\u{1b}` for
/// each of them, and `\\` for each backslash; so does one that begins with a backslash and spells `\u{`.
pub fn push_line(line: &[u8], out: &mut Vec<u8>) {
    let bare = line.iter().position(|byte| *byte != b'\\').map_or(&line[line.len()..], |first| &line[first..]);
    let own = is_own(bare);
    let spells_escape = || memchr::memmem::find(line, b"\\u{").is_some();
    if has_control(line) || ((own || line.first() == Some(&b'\\')) && spells_escape()) {
        out.push(b'\\');
        push_escaped(line, b"\\", out);
    } else {
        if own {
            out.push(b'\\');
        }
        out.extend_from_slice(line);
    }
}

/// Whether a line could be one that the text form itself writes.
pub(super) fn is_own(line: &[u8]) -> bool {
    let trimmed = line.trim_ascii_start();
    trimmed.starts_with(b"# %%") || line.starts_with(b"# hidden:") || line.starts_with(b"# UNRESOLVED")
}

/// Bytes that are control characters or may begin one: ASCII controls but tab, DEL, and the lead bytes of C1
/// (`c2`), U+061C (`d8`), the U+2000 block (`e2`) and surrogates (`ed`).
const SUSPICIOUS: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = byte != b'\t' as usize;
        byte += 1;
    }
    table[0x7f] = true;
    table[0xc2] = true;
    table[0xd8] = true;
    table[0xe2] = true;
    table[0xed] = true;
    table
};

fn has_control(line: &[u8]) -> bool {
    let suspicious = |byte: &u8| SUSPICIOUS[usize::from(*byte)];
    line.iter().any(suspicious)
        && pieces(line).any(|piece| match piece {
            Piece::Text(text) => text.chars().any(is_control),
            Piece::Surrogate(_) | Piece::Byte(_) => true,
        })
}

/// Whether a terminal might act on `character` instead of showing it.
fn is_control(character: char) -> bool {
    let harmless = matches!(character, '\t' | '\n');
    let bidi =
        matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    (character.is_control() && !harmless) || bidi
}

/// Appends `text` with control characters escaped and a `\` before each byte that is in `also`.
fn push_escaped(text: &[u8], also: &[u8], out: &mut Vec<u8>) {
    for piece in pieces(text) {
        match piece {
            Piece::Surrogate(unit) => out.extend_from_slice(format!("\\u{{{unit:x}}}").as_bytes()),
            Piece::Byte(byte) => out.extend_from_slice(format!("\\x{{{byte:x}}}").as_bytes()),
            Piece::Text(text) => {
                for character in text.chars() {
                    let mut buffer = [0; 4];
                    let bytes = character.encode_utf8(&mut buffer).as_bytes();
                    match character {
                        _ if is_control(character) => {
                            out.extend_from_slice(format!("\\u{{{:x}}}", u32::from(character)).as_bytes());
                        }
                        _ if also.contains(&bytes[0]) => out.extend_from_slice(&[b'\\', bytes[0]]),
                        _ => out.extend_from_slice(bytes),
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_that_is_no_utf_8_hides_nothing_behind_it() {
        let mut out = Vec::new();
        push_visible(b"a\xe9b\xff\xc3", &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "a\\x{e9}b\\x{ff}\\x{c3}");
    }

    fn line(text: &str) -> String {
        let mut out = Vec::new();
        push_line(text.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn ordinary_lines_are_themselves() {
        for text in
            ["", "x = 1", "\tx", r"\begin{align}", r"x = '\u{1b}'", "# a comment", "naïve – “quotes” 한", "#%% spyder"]
        {
            assert_eq!(line(text), text);
        }
    }

    #[test]
    fn lines_like_our_own_get_a_backslash() {
        for (text, shown) in [
            ("# %% code", r"\# %% code"),
            ("   # %% x", r"\   # %% x"),
            (r"\# %% code", r"\\# %% code"),
            ("# hidden: outputs", r"\# hidden: outputs"),
            (r"# %% \u{1b}", r"\# %% \\u{1b}"),
            (r"\u{1b}", r"\\\u{1b}"),
        ] {
            assert_eq!(line(text), shown);
        }
    }

    #[test]
    fn control_characters_are_visible() {
        assert_eq!(line("a\u{1b}[0m\\"), r"\a\u{1b}[0m\\");
        assert_eq!(line("\u{9b}\u{202e}x\u{7f}\r"), r"\\u{9b}\u{202e}x\u{7f}\u{d}");
        let mut out = Vec::new();
        push_line(b"\xed\xa0\xbd", &mut out);
        assert_eq!(out, br"\\u{d83d}");
    }
}
