//! JSON that no terminal acts on.

use std::fmt::Write as _;

/// The JSON text `json` in ASCII: other characters, and DEL, as `\uXXXX`. They stand only inside strings.
#[must_use]
pub fn ascii(json: &str) -> String {
    let mut ascii = String::with_capacity(json.len() + 1);
    for character in json.chars() {
        if character.is_ascii() && character != '\x7f' {
            ascii.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a string does not fail.
            write!(ascii, "\\u{unit:04x}").ok();
        }
    }
    ascii
}

/// `text` as a JSON string in ASCII; what is no character becomes U+FFFD.
pub(super) fn ascii_string(text: &[u8]) -> String {
    ascii(&serde_json::to_string(&String::from_utf8_lossy(text)).unwrap_or_default())
}
