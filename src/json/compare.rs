//! Whether two spellings mean the same value.

use super::scan::{elements, members};
use super::text::{self, Escapes};

/// A value nested deeper than this is compared by its spelling only.
const DEPTH_LIMIT: usize = 96;

/// Whether two valid JSON texts hold the same value: white space, escapes and the order of keys do not count,
/// the spelling of numbers does (`1.0` and `1` are different floats to a person who reads them).
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
    one == other || (shape(one) == shape(other) && canonical(one) == canonical(other))
}

/// The kind of value, from its first byte: values of different kinds are never the same.
fn shape(raw: &str) -> u8 {
    match raw.as_bytes().first() {
        Some(byte @ (b'{' | b'[' | b'"' | b't' | b'f' | b'n')) => *byte,
        _ => b'0',
    }
}

/// One spelling for all texts that hold the same value (see [`same`]).
#[must_use]
pub fn canonical(raw: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    write_canonical(raw, 0, &mut out);
    out
}

fn write_canonical(raw: &str, depth: usize, out: &mut Vec<u8>) {
    match raw.as_bytes().first() {
        Some(b'"') => text::escape(&text::decode(raw), Escapes::Minimal, out),
        Some(b'[') if depth < DEPTH_LIMIT => {
            out.push(b'[');
            for element in elements(raw) {
                write_canonical(element, depth + 1, out);
                out.push(b',');
            }
            out.push(b']');
        }
        Some(b'{') if depth < DEPTH_LIMIT => {
            let mut members = members(raw);
            // Stable: repeated keys keep their order, since the last of them counts.
            members.sort_by(|one, other| one.name().cmp(&other.name()));
            out.push(b'{');
            for member in members {
                write_canonical(member.key, depth + 1, out);
                out.push(b':');
                write_canonical(member.value, depth + 1, out);
                out.push(b',');
            }
            out.push(b'}');
        }
        _ => out.extend_from_slice(raw.as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_escapes_and_key_order_do_not_count() {
        assert!(same(r#"{"a": [1, 2], "b": "é"}"#, "{\n\"b\":\"\\u00e9\",\"a\":[1,2]}"));
        assert!(same("[NaN, {}]", "[ NaN,{ } ]"));
    }

    #[test]
    fn values_and_number_spellings_count() {
        for (one, other) in [("1", "1.0"), ("[]", "{}"), ("[1,2]", "[2,1]"), (r#""1""#, "1"), ("[NaN]", "[Infinity]")] {
            assert!(!same(one, other), "{one} {other}");
        }
    }

    #[test]
    fn a_value_nested_very_deep_is_compared_by_spelling() {
        let deep = |inner: &str| format!("{}{inner}{}", "[".repeat(5000), "]".repeat(5000));
        assert!(same(&deep("1"), &deep("1")));
        assert!(!same(&deep("1"), &deep("2")));
    }
}
