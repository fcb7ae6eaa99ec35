//! Whether two spellings mean the same value.

use super::scan::{Member, elements, members};
use super::text::{self, Escapes};

/// A value nested deeper than this is compared by its spelling only.
const DEPTH_LIMIT: usize = 96;

/// Whether two valid JSON texts hold the same value: white space, escapes and the order of keys do not count,
/// the spelling of numbers does (`1.0` and `1` are different floats to a person who reads them).
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
    one == other || same_in_step(one, other).unwrap_or_else(|| same_within(one, other, 0))
}

/// Whether two texts hold the same value, token by token: most objects have their keys in one order. `None` where that
/// does not tell.
fn same_in_step(one: &str, other: &str) -> Option<bool> {
    let (mut one, mut other) = (Tokens(one), Tokens(other));
    let mut depth = 0_usize;
    loop {
        let (token, partner) = (one.next(), other.next());
        let (Some(token), Some(partner)) = (token, partner) else { return Some(token == partner) };
        match token.as_bytes()[0] {
            b'[' | b'{' if depth == DEPTH_LIMIT => return None,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let both_strings = || token.starts_with('"') && partner.starts_with('"');
        if token == partner || (both_strings() && text::decode(token) == text::decode(partner)) {
            continue;
        }
        // The members may be there in another order.
        return if one.are_behind_key() || other.are_behind_key() { None } else { Some(false) };
    }
}

/// The rest of a valid JSON text, by tokens.
struct Tokens<'a>(&'a str);

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let text = self.0.trim_ascii_start();
        let bytes = text.as_bytes();
        let end = match bytes.first()? {
            b'"' => text::end_of_string(bytes, 0),
            b'[' | b']' | b'{' | b'}' | b',' | b':' => 1,
            _ => bytes.iter().position(|byte| b",]} \t\r\n".contains(byte)).unwrap_or(bytes.len()),
        };
        let (token, rest) = text.split_at(end);
        self.0 = rest;
        Some(token)
    }
}

impl Tokens<'_> {
    /// Whether the last token was the key of a member.
    fn are_behind_key(&self) -> bool {
        self.0.trim_ascii_start().starts_with(':')
    }
}

/// Both are read side by side and no further than to the first difference: [`canonical`] would write both to the end.
fn same_within(one: &str, other: &str, depth: usize) -> bool {
    if one == other || shape(one) != shape(other) {
        return one == other;
    }
    match shape(one) {
        b'"' => text::decode(one) == text::decode(other),
        b'[' if depth < DEPTH_LIMIT => {
            let (one, other) = (elements(one), elements(other));
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same_within(one, other, depth + 1))
        }
        b'{' if depth < DEPTH_LIMIT => {
            let (one, other) = (sorted_members(one), sorted_members(other));
            let same = |(one, other): (&Member<'_>, Member<'_>)| {
                one.name() == other.name() && same_within(one.value, other.value, depth + 1)
            };
            one.len() == other.len() && one.iter().zip(other).all(same)
        }
        _ => false,
    }
}

/// The members of an object by name. Stable: repeated keys keep their order, since the last of them counts.
fn sorted_members(raw: &str) -> Vec<Member<'_>> {
    let mut members = members(raw);
    members.sort_by(|one, other| one.name().cmp(&other.name()));
    members
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
            out.push(b'{');
            for member in sorted_members(raw) {
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
    fn the_same_values_have_one_canonical_spelling() {
        let deep = |inner: &str| format!("{}{inner}{}", "[".repeat(DEPTH_LIMIT), "]".repeat(DEPTH_LIMIT));
        let mut values: Vec<String> = [
            "1",
            "1.0",
            "null",
            "true",
            "[]",
            "[ ]",
            "{}",
            "{ }",
            "\"a\"",
            "\"\\u0061\"",
            "\"\\ud83d\"",
            "[1, [2]]",
            "[1,[ 2]]",
            "[1,[3]]",
            "[1]",
            "[1,[2],3]",
            "NaN",
            "[NaN]",
            "[ NaN ]",
            r#"{"a": 1, "b": [2]}"#,
            r#"{"b":[2],"\u0061":1}"#,
            r#"{"a": 1, "b": [3]}"#,
            r#"{"a": 1}"#,
            r#"{"a": 1, "a": 2}"#,
            r#"{"a": 2, "a": 1}"#,
            r#"{"c": 1, "b": [2]}"#,
        ]
        .map(str::to_owned)
        .into();
        values.extend([deep("[1, 2]"), deep("[1,2]")]);
        for one in &values {
            for other in &values {
                assert_eq!(same(one, other), canonical(one) == canonical(other), "{one} {other}");
            }
        }
    }

    #[test]
    fn a_value_nested_very_deep_is_compared_by_spelling() {
        let deep = |inner: &str| format!("{}{inner}{}", "[".repeat(5000), "]".repeat(5000));
        assert!(same(&deep("1"), &deep("1")));
        assert!(!same(&deep("1"), &deep("2")));
    }
}
