//! Reading a file that is another version of one that was read: what both have in common is not read again.

use std::ops::Range;

use memchr::memchr3;

use super::scan::{Item, Member, Outline, outline};
use super::splice::position;
use super::text::end_of_string;

/// An object of the other file's list: its span there and its members.
pub type Known<'k> = (Range<usize>, &'k [Member<'k>]);

/// What [`outline`] gives, if `bytes` repeats many of the `known` objects of `other`; `None` otherwise, which says
/// nothing of `bytes`.
///
/// Objects that are there byte for byte are left out of what is parsed. That each of them stands where an object of the
/// list is to stand shows in the outline of the rest.
#[must_use]
pub fn outline_like<'a>(bytes: &'a [u8], list_key: &str, other: &[u8], known: &[Known<'_>]) -> Option<Outline<'a>> {
    let repeats = repeats(bytes, other, known)?;
    let rest = without(bytes, &repeats);
    let Outline { members, list } = outline(&rest, list_key).ok()?;
    let (list, items) = list?;
    let mut repeats = repeats.iter().peekable();
    // How much further on something stands in `bytes` than in the rest.
    let mut shift = 0;
    let mut placed = Vec::with_capacity(items.len());
    for item in items {
        match repeats.next_if(|repeat| repeat.start == item.span.start + shift) {
            Some(repeat) => {
                let (span, members) = &known[repeat.known];
                let members = moved(members, &other[span.clone()], |span| repeat.text.get(span))?;
                placed.push(Item { span: repeat.span(), members });
                shift += repeat.text.len() - PLACEHOLDER.len();
            }
            None => placed.push(Item {
                span: behind(item.span, shift),
                members: moved(&item.members, &rest, |span| slice(bytes, behind(span, shift)))?,
            }),
        }
    }
    let shift_at = |at| if at < list.start { 0 } else { shift };
    let members = moved(&members, &rest, |span| slice(bytes, behind(span.clone(), shift_at(span.start))))?;
    let outline = Outline { members, list: Some((list.start..list.end + shift, placed)) };
    repeats.next().is_none().then_some(outline)
}

/// What stands in the rest where something was left out.
const PLACEHOLDER: &[u8] = b"{}";

/// How far from its place among the others a known object is looked for.
const REACH: usize = 4;
/// So many more objects that are not known than known ones: the files have little in common.
const MANY: usize = 16;

/// A known object that stands in the file again.
struct Repeat<'a> {
    start: usize,
    text: &'a str,
    known: usize,
}

impl Repeat<'_> {
    fn span(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }
}

/// The objects in the file's list that are known, as far as this can be seen without parsing.
fn repeats<'a>(bytes: &'a [u8], other: &[u8], known: &[Known<'_>]) -> Option<Vec<Repeat<'a>>> {
    let mut at = known.first()?.0.start;
    if bytes.get(..at)? != &other[..at] || bytes.starts_with(b"\xef\xbb\xbf") {
        return None;
    }
    let (mut found, mut unknown, mut next) = (Vec::new(), 0, 0);
    loop {
        let end = if let Some((place, text)) = repeated(&bytes[at..], other, known, next) {
            next = place + 1;
            found.push(Repeat { start: at, text, known: place });
            at + text.len()
        } else {
            next += 1;
            unknown += 1;
            end_of_object(bytes, at)?
        };
        if unknown > found.len() + MANY {
            return None;
        }
        at = skip_white(bytes, end);
        match bytes.get(at)? {
            b',' => at = skip_white(bytes, at + 1),
            b']' => return (!found.is_empty()).then_some(found),
            _ => return None,
        }
    }
}

/// The known object that `bytes` begins with, if it is not far from the `next` one, and its text there.
fn repeated<'a>(bytes: &'a [u8], other: &[u8], known: &[Known<'_>], next: usize) -> Option<(usize, &'a str)> {
    let places = (next..=next + REACH).chain((next.saturating_sub(REACH)..next).rev());
    let mut known = places.filter(|place| *place < known.len()).map(|place| (place, &known[place].0));
    let (place, span) = known.find(|(_, span)| bytes.starts_with(&other[(*span).clone()]))?;
    Some((place, slice(bytes, 0..span.len())?))
}

/// The offset behind the object that opens at `open`, if it is one.
fn end_of_object(bytes: &[u8], open: usize) -> Option<usize> {
    let (mut at, mut depth) = (open, 0_usize);
    loop {
        at += memchr3(b'"', b'{', b'}', bytes.get(at..)?)?;
        match bytes[at] {
            b'"' => {
                at = end_of_string(bytes, at);
                continue;
            }
            b'{' => depth += 1,
            _ => depth = depth.checked_sub(1)?,
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

fn skip_white(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
}

/// The file with a placeholder for each repeat.
fn without(bytes: &[u8], repeats: &[Repeat<'_>]) -> Vec<u8> {
    let mut rest = Vec::new();
    let mut from = 0;
    for repeat in repeats {
        rest.extend_from_slice(&bytes[from..repeat.start]);
        rest.extend_from_slice(PLACEHOLDER);
        from = repeat.span().end;
    }
    rest.extend_from_slice(&bytes[from..]);
    rest
}

/// Members that are slices of `from` as slices of another text, which `there` gives.
fn moved<'a>(
    members: &[Member<'_>],
    from: &[u8],
    there: impl Fn(Range<usize>) -> Option<&'a str>,
) -> Option<Vec<Member<'a>>> {
    let slice = |text: &str| {
        let start = position(from, text);
        there(start..start + text.len())
    };
    let mut moved = Vec::with_capacity(members.len());
    for member in members {
        moved.push(Member { key: slice(member.key)?, value: slice(member.value)? });
    }
    Some(moved)
}

fn behind(span: Range<usize>, shift: usize) -> Range<usize> {
    span.start + shift..span.end + shift
}

fn slice(bytes: &[u8], span: Range<usize>) -> Option<&str> {
    simdutf8::basic::from_utf8(bytes.get(span)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<'a>(new: &'a str, old: &str) -> Option<Outline<'a>> {
        let (_, items) = outline(old.as_bytes(), "cells").unwrap().list.unwrap();
        let known: Vec<Known<'_>> = items.iter().map(|item| (item.span.clone(), item.members.as_slice())).collect();
        outline_like(new.as_bytes(), "cells", old.as_bytes(), &known)
    }

    const OLD: &str = r#"{"cells": [{"a": 1}, {"b": "é {}"}, {"c": [{}]}, {}], "x": NaN}"#;

    #[test]
    fn what_is_repeated_is_found_wherever_it_stands() {
        for new in [
            OLD,
            r#"{"cells": [{"a": 1}], "x": {}}"#,
            r#"{"cells": [{"c": [{}]}, {"n": "\"}"},{"b": "é {}"} ], "y": 3, "z": "é"}"#,
            r#"{"cells": [{"n": {"a": 1}}, {"a": 1}, {"a": 1}, {}]}"#,
            r#"{"cells": [{}, {}, {"c": [{}]}]}"#,
            "{\"cells\": [\n  {\"n\": 1},\n  {\"b\": \"é {}\"}\n ]\n}\n",
        ] {
            assert_eq!(read(new, OLD), Some(outline(new.as_bytes(), "cells").unwrap()), "{new}");
        }
    }

    #[test]
    fn what_is_no_such_file_is_left_to_others() {
        for new in [
            "",
            r#"{"cells": [{"a": 1}"#,
            r#"{"cells": [{"a": 1},]}"#,
            r#"{"cells": [{"a": 1} {"b": "é {}"}]}"#,
            r#"{"cells": [{"a": 1}], "cells": []}"#,
            r#"{"cells": [{"a": 1}, 3, {"b": "é {}"}]}"#,
            r#"{"cells": [{"n": 1}]}"#,
            r#"{"other": [{"a": 1}]}"#,
            r#"{"cells": [["#,
        ] {
            assert_eq!(read(new, OLD), None, "{new}");
        }
    }
}
