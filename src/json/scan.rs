//! Text to spans: the members of objects and the elements of lists as slices.

use std::borrow::Cow;
use std::ops::Range;

use serde::de::IgnoredAny;

use super::error::SyntaxError;
use super::scanner::Scanner;
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
    let mut scanner = Scanner::of_bytes(bytes, bytes.len() - without_mark(bytes).len());
    let outline = read_outline(&mut scanner, list_key).filter(|_| scanner.is_done());
    outline.ok_or_else(|| fault(bytes, list_key))
}

/// What follows the byte order mark, if there is one.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

fn read_outline<'a>(scanner: &mut Scanner<'a>, list_key: &str) -> Option<Outline<'a>> {
    let mut outline = Outline { members: Vec::with_capacity(4), list: None };
    scanner.object(|scanner, key| {
        let member = Member { key, value: "" };
        if member.is(list_key) {
            // Which of two lists is meant, nobody knows.
            outline.list = outline.list.is_none().then(|| read_items(scanner))?;
            return outline.list.is_some().then_some(());
        }
        outline.members.push(Member { value: scanner.value()?, ..member });
        Some(())
    })?;
    Some(outline)
}

fn read_items<'a>(scanner: &mut Scanner<'a>) -> Option<(Range<usize>, Vec<Item<'a>>)> {
    let mut items = Vec::new();
    let mut members = Vec::new();
    let start = scanner.start()?;
    scanner.list(|scanner| {
        let start = scanner.start()?;
        members.clear();
        read_members(scanner, &mut members)?;
        // A copy is as long as it has to be: there are thousands of items.
        items.push(Item { span: start..scanner.at(), members: members.clone() });
        Some(())
    })?;
    Some((start..scanner.at(), items))
}

fn read_members<'a>(scanner: &mut Scanner<'a>, members: &mut Vec<Member<'a>>) -> Option<()> {
    scanner.object(|scanner, key| {
        members.push(Member { key, value: scanner.value()? });
        Some(())
    })
}

/// The members of the object `object`, in file order; an empty list if it is not an object.
#[must_use]
pub fn members(object: &str) -> Vec<Member<'_>> {
    if object == "{}" {
        return Vec::new();
    }
    let mut members = Vec::new();
    let mut scanner = Scanner::new(object);
    let read = read_members(&mut scanner, &mut members).filter(|()| scanner.is_done());
    read.map_or_else(Vec::new, |()| members)
}

/// The values of the list `list`, in order; an empty list if it is not a list.
#[must_use]
pub fn elements(list: &str) -> Vec<&str> {
    let mut elements = Vec::new();
    let mut scanner = Scanner::new(list);
    let read = scanner.list(|scanner| {
        elements.push(scanner.value()?);
        Some(())
    });
    read.filter(|()| scanner.is_done()).map_or_else(Vec::new, |()| elements)
}

/// What is wrong with `bytes`, which could not be read.
fn fault(bytes: &[u8], list_key: &str) -> SyntaxError {
    let body = without_mark(bytes);
    let masked = mask(body).map_or(Cow::Borrowed(body), Cow::Owned);
    let grammar = serde_json::from_slice::<IgnoredAny>(&masked).err().map(|error| reason(error, &masked));
    let encoding = str::from_utf8(body).err().map(|error| SyntaxError::at(body, error.valid_up_to(), "not UTF-8"));
    let first = [grammar, encoding].into_iter().flatten().min_by_key(|fault| (fault.line, fault.column));
    first.unwrap_or_else(|| misshape(&String::from_utf8_lossy(body), list_key))
}

fn reason(error: serde_json::Error, text: &[u8]) -> SyntaxError {
    let fault = SyntaxError::from(error);
    let lines = text.split(|byte| *byte == b'\n').take(fault.line - 1);
    let at = lines.map(|line| line.len() + 1).sum::<usize>() + fault.column - 1;
    let is_behind_comma = text.get(..at).is_some_and(|before| before.trim_ascii_end().ends_with(b","));
    match text.get(at) {
        Some(b'}' | b']') if is_behind_comma => SyntaxError { reason: "trailing comma".into(), ..fault },
        _ => fault,
    }
}

/// A copy of `body` in which Python's non-finite number tokens are empty lists of the same length, for `serde_json` does
/// not know them; `None` where there are none.
fn mask(body: &[u8]) -> Option<Vec<u8>> {
    const TOKENS: [(&[u8], &[u8]); 2] = [(b"NaN", b"[ ]"), (b"Infinity", b"[      ]")];
    let mut masked: Option<Vec<u8>> = None;
    let mut at = 0;
    while let Some(next) = memchr::memchr3(b'"', b'N', b'I', &body[at..]) {
        at += next;
        if body[at] == b'"' {
            at = text::end_of_string(body, at);
            continue;
        }
        let token = TOKENS.iter().find(|(token, _)| body[at..].starts_with(token));
        if let Some((token, list)) = token {
            let masked = masked.get_or_insert_with(|| body.to_vec());
            masked[at..at + token.len()].copy_from_slice(list);
            if body[at] == b'I' && body[..at].ends_with(b"-") {
                masked[at - 1] = b' ';
            }
        }
        at += token.map_or(1, |(token, _)| token.len());
    }
    masked
}

/// What keeps the JSON `body` from being an object with one list of objects.
fn misshape(body: &str, list_key: &str) -> SyntaxError {
    let start = body.len() - body.trim_start().len();
    let members = members(body);
    let lists: Vec<_> = members.iter().filter(|member| member.is(list_key)).collect();
    let (at, reason) = match lists.as_slice() {
        [_, second, ..] => (position(body.as_bytes(), second.key), format!("`{list_key}` stands here twice")),
        [list] if list.value.starts_with('[') => {
            let other = elements(list.value).into_iter().find(|element| !element.starts_with('{'));
            (other.map_or(start, |other| position(body.as_bytes(), other)), "expected an object".to_owned())
        }
        [list] => (position(body.as_bytes(), list.value), "expected a list".to_owned()),
        [] => (start, "expected an object".to_owned()),
    };
    SyntaxError::at(body.as_bytes(), at, reason)
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
            ("{\"cells\": [{},\n]}", "line 2, column 1: trailing comma"),
            ("[]", "line 1, column 1: expected an object"),
            ("{\"cells\": [{}, 3]}", "line 1, column 16: expected an object"),
            ("{\"cells\": 3}", "line 1, column 11: expected a list"),
            ("{\"cells\": [],\n\"cells\": []}", "line 2, column 1: `cells` stands here twice"),
            ("{\"a\": nan}", "line 1, column 8: expected ident"),
            ("{\"a\": NaNs}", "line 1, column 10: expected `,` or `}`"),
            ("{\"a\": -NaN}", "line 1, column 8: invalid number"),
            ("{\"a\": [-Infinity, NaN0]}", "line 1, column 22: expected `,` or `]`"),
            ("{\"a\": 1.NaN}", "line 1, column 9: invalid number"),
            ("{NaN: 1}", "line 1, column 2: key must be a string"),
        ] {
            assert_eq!(outline(file.as_bytes(), "cells").unwrap_err().to_string(), said, "{file}");
        }
        assert!(outline(b"{\"a\": \"\xff\"}", "cells").unwrap_err().to_string().contains("not UTF-8"));
    }

    #[test]
    fn what_goes_on_behind_its_end_is_no_list_and_no_object() {
        assert_eq!(elements("[1, 2]"), ["1", "2"]);
        assert!(elements("[1], \"x\": [2]").is_empty() && elements("[1]]").is_empty() && elements("{}").is_empty());
        assert!(members("{\"a\": 1}}").is_empty() && members("[]").is_empty());
    }

    #[test]
    fn depth_is_no_limit() {
        let deep = format!("{{\"a\": {}{}}}", "[".repeat(200_000), "]".repeat(200_000));
        assert_eq!(keys(&deep), ["\"a\""]);
    }
}
