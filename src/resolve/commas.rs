//! Commas where they belong: what most often keeps lines of two versions from being JSON together.

use crate::json::text::end_of_string;

/// `json` with a comma between every two values of an object or a list, and none elsewhere. Commas say nothing, so this
/// is no guess. Correct JSON comes back as it is.
pub(super) fn mended(json: &[u8]) -> Vec<u8> {
    let mut mending = Mending { out: Vec::with_capacity(json.len() + 16), value_end: None, comma: None };
    let mut at = 0;
    while let Some(&byte) = json.get(at) {
        let end = match byte {
            b'"' => end_of_string(json, at),
            _ if is_structure(byte) => at + 1,
            _ => json[at..].iter().position(|&byte| is_structure(byte) || byte == b'"').map_or(json.len(), |n| at + n),
        };
        mending.token(&json[at..end]);
        at = end;
    }
    mending.out
}

fn is_structure(byte: u8) -> bool {
    b"[]{},: \t\r\n".contains(&byte)
}

struct Mending {
    out: Vec<u8>,
    /// Where the last value ends, if nothing but a comma stands behind it.
    value_end: Option<usize>,
    /// Where that comma stands.
    comma: Option<usize>,
}

impl Mending {
    fn token(&mut self, token: &[u8]) {
        match token {
            b" " | b"\t" | b"\r" | b"\n" => {}
            b"," if self.value_end.is_none() || self.comma.is_some() => return,
            b"," => self.comma = Some(self.out.len()),
            b"]" | b"}" => {
                if let Some(comma) = self.comma.take() {
                    self.out.remove(comma);
                }
                self.value_end = Some(self.out.len() + 1);
            }
            b":" => (self.value_end, self.comma) = (None, None),
            _ => {
                if let (Some(end), None) = (self.value_end, self.comma) {
                    self.out.insert(end, b',');
                }
                let opens = matches!(token, b"[" | b"{");
                self.value_end = (!opens).then_some(self.out.len() + token.len());
                self.comma = None;
            }
        }
        self.out.extend_from_slice(token);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_come_and_go_and_nothing_else() {
        for (json, expected) in [
            ("{\"a, \\\" b\": [1, 2.5e3 , {}], \"c\": null}\n", "{\"a, \\\" b\": [1, 2.5e3 , {}], \"c\": null}\n"),
            ("[1,\n2,\n]\n", "[1,\n2\n]\n"),
            ("[{}\n{},, {}]", "[{},\n{}, {}]"),
            ("{\"a\": 1\n\"b\": [,1]}", "{\"a\": 1,\n\"b\": [1]}"),
            ("\"open", "\"open"),
        ] {
            assert_eq!(String::from_utf8(mended(json.as_bytes())).unwrap(), expected);
        }
    }
}
