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
    let text = simdutf8::basic::from_utf8(bytes).ok()?;
    let rest = without(bytes, &repeats);
    let Outline { members, list } = outline(&rest, list_key).ok()?;
    let (list, items) = list?;
    let mut repeats = repeats.iter().peekable();
    // How much further on something stands in `bytes` than in the rest.
    let mut shift = 0;
    let mut placed = Vec::with_capacity(items.len());
    for item in items {
        match repeats.next_if(|repeat| repeat.span.start == item.span.start + shift) {
            Some(repeat) => {
                let (span, members) = &known[repeat.known];
                placed.push(Item {
                    span: repeat.span.clone(),
                    members: moved(members, other, text, |at| at - span.start + repeat.span.start)?,
                });
                shift += repeat.span.len() - PLACEHOLDER.len();
            }
            None => placed.push(Item {
                span: item.span.start + shift..item.span.end + shift,
                members: moved(&item.members, &rest, text, |at| at + shift)?,
            }),
        }
    }
    let members = moved(&members, &rest, text, |at| if at < list.start { at } else { at + shift })?;
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
struct Repeat {
    span: Range<usize>,
    known: usize,
}

/// The objects in the file's list that are known, as far as this can be seen without parsing.
fn repeats(bytes: &[u8], other: &[u8], known: &[Known<'_>]) -> Option<Vec<Repeat>> {
    let mut at = known.first()?.0.start;
    if bytes.get(..at)? != &other[..at] || bytes.starts_with(b"\xef\xbb\xbf") {
        return None;
    }
    let (mut found, mut unknown, mut next) = (Vec::new(), 0, 0);
    loop {
        let end = if let Some(place) = repeated(&bytes[at..], other, known, next) {
            let span = at..at + known[place].0.len();
            next = place + 1;
            found.push(Repeat { span: span.clone(), known: place });
            span.end
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

/// The known object that `bytes` begins with, if it is not far from the `next` one.
fn repeated(bytes: &[u8], other: &[u8], known: &[Known<'_>], next: usize) -> Option<usize> {
    let places = (next..=next + REACH).chain((next.saturating_sub(REACH)..next).rev());
    let mut known = places.filter(|place| *place < known.len()).map(|place| (place, &known[place].0));
    known.find(|(_, span)| bytes.starts_with(&other[(*span).clone()])).map(|(place, _)| place)
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
fn without(bytes: &[u8], repeats: &[Repeat]) -> Vec<u8> {
    let mut rest = Vec::new();
    let mut from = 0;
    for repeat in repeats {
        rest.extend_from_slice(&bytes[from..repeat.span.start]);
        rest.extend_from_slice(PLACEHOLDER);
        from = repeat.span.end;
    }
    rest.extend_from_slice(&bytes[from..]);
    rest
}

/// Members that are slices of `from` as slices of `text`, whose offsets `place` tells.
fn moved<'a>(
    members: &[Member<'_>],
    from: &[u8],
    text: &'a str,
    place: impl Fn(usize) -> usize,
) -> Option<Vec<Member<'a>>> {
    let slice = |span: &str| {
        let start = place(position(from, span));
        text.get(start..start + span.len())
    };
    let mut there = Vec::with_capacity(members.len());
    for member in members {
        there.push(Member { key: slice(member.key)?, value: slice(member.value)? });
    }
    Some(there)
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
