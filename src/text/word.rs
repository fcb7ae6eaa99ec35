//! Names within the text form's own lines.

use crate::json::text;

use super::visible::push_visible;

/// Appends a name: as it is if it is a plain word, else as a JSON string.
pub(super) fn push_word(name: &[u8], out: &mut Vec<u8>) {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-./+:".contains(byte);
    if !name.is_empty() && name.iter().all(plain) {
        out.extend_from_slice(name);
    } else {
        push_quoted(name, out);
    }
}

/// A name as the text form's own lines have it: as it is if it is a plain word, else as a JSON string without control
/// characters.
#[must_use]
pub fn word(name: &[u8]) -> String {
    let mut out = Vec::new();
    push_word(name, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// Appends a name as a JSON string.
pub(super) fn push_quoted(name: &[u8], out: &mut Vec<u8>) {
    let mut quoted = Vec::new();
    text::escape(name, text::Escapes::Minimal, &mut quoted);
    push_visible(&quoted, out);
}

/// `metadata.slideshow`; a name with a dot stands in quotes.
pub(super) fn path_text(prefix: &str, name: &[u8]) -> String {
    let mut path = prefix.as_bytes().to_vec();
    if !prefix.is_empty() {
        path.push(b'.');
    }
    if name.contains(&b'.') {
        push_quoted(name, &mut path);
    } else {
        push_word(name, &mut path);
    }
    String::from_utf8_lossy(&path).into_owned()
}
