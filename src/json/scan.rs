//! Text to spans: one pass of `serde_json` that decodes nothing.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::de::Read;
use serde_json::value::RawValue;

use super::error::SyntaxError;
use super::splice::position;
use super::text;

/// One `"key": value` of an object, both as the file spells them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member<'a> {
    /// The key with its quotes and escapes.
    pub key: &'a str,
    /// The value's JSON text, without white space around it.
    pub value: &'a str,
}

impl<'a> Member<'a> {
    /// The key's text; lone surrogates as WTF-8 (see [`text`]).
    #[must_use]
    pub fn name(&self) -> Cow<'a, [u8]> {
        text::decode(self.key)
    }

    /// Whether the key is `name`, however it is spelled.
    #[must_use]
    #[inline]
    pub fn is(&self, name: &str) -> bool {
        // Keys are asked for often, and by names that the compiler knows.
        let inner = &self.key.as_bytes()[1..self.key.len() - 1];
        match inner.len() > name.len() {
            true => self.is_escaped(name),
            false => inner == name.as_bytes(),
        }
    }

    /// Escapes make a key longer than its name, and what stands before the first one is spelled alike.
    fn is_escaped(&self, name: &str) -> bool {
        let inner = &self.key.as_bytes()[1..self.key.len() - 1];
        let begins_alike = inner.first() == Some(&b'\\') || inner.first() == name.as_bytes().first();
        begins_alike && memchr::memchr(b'\\', inner).is_some() && *self.name() == *name.as_bytes()
    }
}

/// The value of the last member called `name`: of repeated keys the last one counts, as in Python's `json`.
#[must_use]
#[inline]
pub fn find<'a>(members: &[Member<'a>], name: &str) -> Option<&'a str> {
    members.iter().rev().find(|member| member.is(name)).map(|member| member.value)
}

/// An object that stands in a list: a cell of a notebook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item<'a> {
    /// From `{` to behind `}`, as byte offsets of the file.
    pub span: Range<usize>,
    /// Its members in file order.
    pub members: Vec<Member<'a>>,
}

/// An object with one member opened up: a notebook file with its cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline<'a> {
    /// All members but the opened one, in file order.
    pub members: Vec<Member<'a>>,
    /// The opened member's list from `[` to behind `]`, and the objects in it.
    pub list: Option<(Range<usize>, Vec<Item<'a>>)>,
}

/// Reads the object in `bytes`, opening the member `list_key`, which must be a list of objects.
///
/// # Errors
/// The first place at which `bytes` is not UTF-8, not JSON, or not of that shape.
pub fn outline<'a>(bytes: &'a [u8], list_key: &str) -> Result<Outline<'a>, SyntaxError> {
    let body = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let raw = match parse_bytes(body, RawOutline { list_key }) {
        Ok(raw) => raw,
        Err(error) => {
            let masked = mask(body).ok_or(&error)?;
            parse_bytes(&masked, RawOutline { list_key })?.moved(&masked, body)
        }
    };
    let list = raw.list.map(|(key, items)| place_items(bytes, position(bytes, key) + key.len(), items)).transpose()?;
    Ok(Outline { members: raw.members, list })
}

/// The members of the object `object`, in file order; an empty list if it is not an object.
#[must_use]
pub fn members(object: &str) -> Vec<Member<'_>> {
    if object == "{}" {
        return Vec::new();
    }
    if let Ok(members) = parse(object, RawMembers) {
        return members;
    }
    let masked = mask(object.as_bytes()).unwrap_or_default();
    let members = parse_bytes(&masked, RawMembers).unwrap_or_default();
    members.into_iter().map(|member| member.moved(&masked, object.as_bytes())).collect()
}

/// The values of the list `list`, in order; an empty list if it is not a list.
#[must_use]
pub fn elements(list: &str) -> Vec<&str> {
    if let Ok(elements) = parse(list, RawElements) {
        return elements;
    }
    let masked = mask(list.as_bytes()).unwrap_or_default();
    let elements = parse_bytes(&masked, RawElements).unwrap_or_default();
    elements.into_iter().map(|element| moved(element, &masked, list.as_bytes())).collect()
}

/// Reads what should be UTF-8. To check it once and as a whole is quicker than value by value.
fn parse_bytes<'de, S: DeserializeSeed<'de>>(bytes: &'de [u8], seed: S) -> Result<S::Value, serde_json::Error> {
    match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => parse(text, seed),
        // This reader knows the place of the byte.
        Err(_) => read(serde_json::Deserializer::from_slice(bytes), seed),
    }
}

fn parse<'de, S: DeserializeSeed<'de>>(text: &'de str, seed: S) -> Result<S::Value, serde_json::Error> {
    read(serde_json::Deserializer::from_str(text), seed)
}

fn read<'de, R: Read<'de>, S: DeserializeSeed<'de>>(
    mut deserializer: serde_json::Deserializer<R>,
    seed: S,
) -> Result<S::Value, serde_json::Error> {
    let value = seed.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// A copy of `body` in which Python's non-finite number tokens are numbers of the same length, so that spans
/// of the copy fit `body` too; `None` where there are none.
fn mask(body: &[u8]) -> Option<Vec<u8>> {
    const TOKENS: [(&[u8], &[u8]); 2] = [(b"NaN", b"100"), (b"Infinity", b"10000000")];
    let mut masked: Option<Vec<u8>> = None;
    let mut at = 0;
    while let Some(next) = memchr::memchr3(b'"', b'N', b'I', &body[at..]) {
        at += next;
        if body[at] == b'"' {
            at = text::end_of_string(body, at);
            continue;
        }
        let token = TOKENS.iter().find(|(token, _)| body[at..].starts_with(token) && is_whole(body, at, token.len()));
        if let Some((token, number)) = token {
            masked.get_or_insert_with(|| body.to_vec())[at..at + token.len()].copy_from_slice(number);
        }
        at += token.map_or(1, |(token, _)| token.len());
    }
    masked
}

/// Whether the letters at `at` are a token of their own and not part of a longer word.
fn is_whole(body: &[u8], at: usize, len: usize) -> bool {
    let word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    !word(at.checked_sub(1).and_then(|before| body.get(before))) && !word(body.get(at + len))
}

/// The text of `original` at the place where `span` stands in `masked`.
fn moved<'a>(span: &str, masked: &[u8], original: &'a [u8]) -> &'a str {
    let start = position(masked, span);
    // Masking replaces ASCII by ASCII, so what was UTF-8 in the copy is so in the original.
    str::from_utf8(&original[start..start + span.len()]).unwrap_or("null")
}

impl Member<'_> {
    fn moved<'a>(&self, masked: &[u8], original: &'a [u8]) -> Member<'a> {
        Member { key: moved(self.key, masked, original), value: moved(self.value, masked, original) }
    }
}

/// What one pass finds: the opened member as its raw key and the members of each object in its list.
struct RawOutlined<'a> {
    members: Vec<Member<'a>>,
    list: Option<(&'a str, Vec<Vec<Member<'a>>>)>,
}

impl RawOutlined<'_> {
    fn moved<'a>(&self, masked: &[u8], original: &'a [u8]) -> RawOutlined<'a> {
        let all = |members: &[Member<'_>]| members.iter().map(|member| member.moved(masked, original)).collect();
        let list = self.list.as_ref();
        RawOutlined {
            members: all(&self.members),
            list: list.map(|(key, items)| (moved(key, masked, original), items.iter().map(|item| all(item)).collect())),
        }
    }
}

/// Finds where each item begins and ends: between known spans there is only white space and punctuation.
fn place_items<'a>(
    bytes: &'a [u8],
    key_end: usize,
    items: Vec<Vec<Member<'a>>>,
) -> Result<(Range<usize>, Vec<Item<'a>>), SyntaxError> {
    let mut at = key_end;
    expect(bytes, &mut at, b':')?;
    let start = expect(bytes, &mut at, b'[')?;
    let mut placed = Vec::with_capacity(items.len());
    for (index, members) in items.into_iter().enumerate() {
        if index > 0 {
            expect(bytes, &mut at, b',')?;
        }
        let open = expect(bytes, &mut at, b'{')?;
        if let Some(last) = members.last() {
            at = position(bytes, last.value) + last.value.len();
        }
        expect(bytes, &mut at, b'}')?;
        placed.push(Item { span: open..at, members });
    }
    expect(bytes, &mut at, b']')?;
    Ok((start..at, placed))
}

/// Skips white space and the byte `wanted`, moving `at` behind it, and says where it stood.
fn expect(bytes: &[u8], at: &mut usize, wanted: u8) -> Result<usize, SyntaxError> {
    while bytes.get(*at).is_some_and(u8::is_ascii_whitespace) {
        *at += 1;
    }
    if bytes.get(*at) != Some(&wanted) {
        return Err(SyntaxError::at(bytes, *at, format!("expected `{}`", char::from(wanted))));
    }
    *at += 1;
    Ok(*at - 1)
}

fn next_member<'de, M: MapAccess<'de>>(map: &mut M) -> Result<Option<Member<'de>>, M::Error> {
    let entry = map.next_entry::<&'de RawValue, &'de RawValue>()?;
    Ok(entry.map(|(key, value)| Member { key: key.get(), value: value.get() }))
}

struct RawMembers;

impl<'de> DeserializeSeed<'de> for RawMembers {
    type Value = Vec<Member<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RawMembers {
    type Value = Vec<Member<'de>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        // A code cell has six members.
        let mut members = Vec::with_capacity(6);
        while let Some(member) = next_member(&mut map)? {
            members.push(member);
        }
        Ok(members)
    }
}

struct RawElements;

impl<'de> DeserializeSeed<'de> for RawElements {
    type Value = Vec<&'de str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for RawElements {
    type Value = Vec<&'de str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Self::Value, S::Error> {
        let mut elements = Vec::new();
        while let Some(element) = seq.next_element::<&'de RawValue>()? {
            elements.push(element.get());
        }
        Ok(elements)
    }
}

struct RawItems;

impl<'de> DeserializeSeed<'de> for RawItems {
    type Value = Vec<Vec<Member<'de>>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for RawItems {
    type Value = Vec<Vec<Member<'de>>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of objects")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Self::Value, S::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(RawMembers)? {
            items.push(item);
        }
        Ok(items)
    }
}

struct RawOutline<'k> {
    list_key: &'k str,
}

impl<'de> DeserializeSeed<'de> for RawOutline<'_> {
    type Value = RawOutlined<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RawOutline<'_> {
    type Value = RawOutlined<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut members = Vec::with_capacity(4);
        let mut list = None;
        while let Some(key) = map.next_key::<&'de RawValue>()? {
            let probe = Member { key: key.get(), value: "" };
            if !probe.is(self.list_key) {
                members.push(Member { key: key.get(), value: map.next_value::<&'de RawValue>()?.get() });
                continue;
            }
            if list.is_some() {
                return Err(M::Error::custom(format_args!("`{}` stands here twice", self.list_key)));
            }
            list = Some((key.get(), map.next_value_seed(RawItems)?));
        }
        Ok(RawOutlined { members, list })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(file: &str) -> Vec<String> {
        let outline = outline(file.as_bytes(), "cells").unwrap();
        outline.members.iter().map(|member| member.key.to_owned()).collect()
    }

    #[test]
    fn the_outline_gives_spans_of_the_file() {
        let file = "\u{feff}{\"a\": NaN, \"cells\" :\n[ {\"id\": \"x\"} , {} ], \"b\": [Infinity, \"NaN\"]}";
        let outline = outline(file.as_bytes(), "cells").unwrap();
        let (list, items) = outline.list.unwrap();
        assert_eq!(&file[list], "[ {\"id\": \"x\"} , {} ]");
        assert_eq!(&file[items[0].span.clone()], "{\"id\": \"x\"}");
        assert_eq!(&file[items[1].span.clone()], "{}");
        assert_eq!(outline.members[0], Member { key: "\"a\"", value: "NaN" });
        assert_eq!(outline.members[1].value, "[Infinity, \"NaN\"]");
    }

    #[test]
    fn keys_may_hold_escapes_and_lone_surrogates() {
        assert_eq!(keys(r#"{"\ud800": 1, "a": 2, "a": 3}"#), [r#""\ud800""#, "\"a\"", "\"a\""]);
        let outline = outline(br#"{"c\u0065lls": [{}]}"#, "cells").unwrap();
        assert_eq!(outline.list.unwrap().1.len(), 1);
    }

    #[test]
    fn of_repeated_keys_the_last_counts() {
        assert_eq!(find(&members(r#"{"a": 1, "b": 2, "a": 3}"#), "a"), Some("3"));
    }

    #[test]
    fn a_fault_has_a_place_and_a_reason() {
        for (file, said) in [
            ("", "line 1, column 1: the file ends in the middle of a value"),
            ("{\"a\": 1,\n}", "line 2, column 1: trailing comma"),
            ("[]", "line 1, column 1: invalid type: sequence, expected an object"),
            ("{\"cells\": [3]}", "line 1, column 12: invalid type: integer `3`, expected an object"),
            ("{\"a\": nan}", "line 1, column 8: expected ident"),
            ("{\"a\": NaNs}", "line 1, column 7: expected value"),
        ] {
            assert_eq!(outline(file.as_bytes(), "cells").unwrap_err().to_string(), said, "{file}");
        }
        assert!(outline(b"{\"a\": \"\xff\"}", "cells").unwrap_err().to_string().contains("not UTF-8"));
    }

    #[test]
    fn depth_is_no_limit() {
        let deep = format!("{{\"a\": {}{}}}", "[".repeat(200_000), "]".repeat(200_000));
        assert_eq!(keys(&deep), ["\"a\""]);
    }
}
