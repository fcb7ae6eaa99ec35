//! Changing members of an object in place.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::scan::Member;
use super::splice::{Edit, position};
use super::style::Style;
use super::text;

/// An object that stands in a file, and how that file is laid out.
#[derive(Debug, Clone, Copy)]
pub struct ObjectText<'a, 'm> {
    /// The file, or any buffer that the members are slices of.
    pub bytes: &'a [u8],
    /// Where the object begins (its `{`).
    pub start: usize,
    /// Where it ends (behind its `}`).
    pub end: usize,
    /// Its members in file order.
    pub members: &'m [Member<'a>],
}

/// A new value for a member, or its removal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberChange {
    /// The key's JSON text, with quotes.
    pub key: String,
    /// The value's JSON text as it is to stand there; `None` removes the member.
    pub value: Option<Vec<u8>>,
}

impl MemberChange {
    /// The key's text.
    fn name(&self) -> Cow<'_, [u8]> {
        text::decode(&self.key)
    }
}

impl<'a, 'm> ObjectText<'a, 'm> {
    /// The object whose JSON text is all of `raw`.
    #[must_use]
    pub fn whole(raw: &'a str, members: &'m [Member<'a>]) -> Self {
        Self { bytes: raw.as_bytes(), start: 0, end: raw.len(), members }
    }

    fn span(&self, text: &str) -> Range<usize> {
        let start = position(self.bytes, text);
        start..start + text.len()
    }

    /// Edits that remove the members for which `goes` holds, each with its comma.
    pub fn removals(&self, goes: impl Fn(&Member<'a>) -> bool) -> Vec<Edit> {
        let place = |member: &Member<'a>| self.span(member.key).start..self.span(member.value).end;
        let places: Vec<_> = self.members.iter().map(place).collect();
        removals(self.start..self.end, &places, |index| goes(&self.members[index]))
    }

    /// Edits that make `changes`. A new member goes where its key sorts if the keys are sorted, else last.
    ///
    /// `depth` is the object's depth in a file of layout `style`.
    #[must_use]
    pub fn changes(&self, changes: &[MemberChange], style: &Style, depth: usize) -> Vec<Edit> {
        let removed: HashSet<_> =
            changes.iter().filter(|change| change.value.is_none()).map(MemberChange::name).collect();
        let goes = |member: &Member<'a>| !removed.is_empty() && removed.contains(&member.name());
        let mut edits = self.removals(goes);
        let kept: Vec<Member<'a>> = self.members.iter().filter(|member| !goes(member)).copied().collect();
        // Of repeated keys the last one counts, among the changes too.
        let last: HashMap<_, &Member<'a>> = kept.iter().map(|member| (member.name(), member)).collect();
        let latest: HashMap<_, usize> = changes.iter().map(MemberChange::name).zip(0..).collect();
        let mut added = Vec::new();
        for (index, change) in changes.iter().enumerate() {
            let Some(value) = change.value.as_ref().filter(|_| latest[&change.name()] == index) else { continue };
            match last.get(&change.name()) {
                Some(member) => edits.push(Edit::new(self.span(member.value), value.as_slice())),
                None => added.push((change.key.as_str(), value.as_slice())),
            }
        }
        if kept.is_empty() && !added.is_empty() {
            edits = vec![Edit::new(self.start..self.end, fresh_object(&added, style, depth))];
        } else {
            let sorted = kept.is_sorted_by(|one, other| one.key <= other.key);
            let next = |key: &str| if sorted { kept.partition_point(|member| member.key <= key) } else { kept.len() };
            let additions =
                added.into_iter().map(|(key, value)| self.addition(&kept, next(key), (key, value), style, depth));
            edits.extend(additions);
        }
        // What is added at the edge of what goes comes first; members added at one place keep their order.
        edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
        edits
    }

    /// Puts a member before the `next` of those that are kept, or behind the last.
    fn addition(&self, kept: &[Member<'a>], next: usize, member: (&str, &[u8]), style: &Style, depth: usize) -> Edit {
        let member = [member.0.as_bytes(), style.colon.as_bytes(), member.1].concat();
        let separator = style.separator(depth + 1);
        match (kept.get(next), kept.last()) {
            (Some(next), _) => {
                let at = self.span(next.key).start;
                Edit::new(at..at, [&member, separator.as_bytes()].concat())
            }
            (None, Some(last)) => {
                let at = self.span(last.value).end;
                Edit::new(at..at, [separator.as_bytes(), &member].concat())
            }
            (None, None) => Edit::new(self.end..self.end, ""),
        }
    }
}

/// Edits that remove some parts of a list or an object, each with its comma.
///
/// `whole` is where it stands, brackets included, and `parts` where its elements or members do, in order; the part with
/// index `n` is removed if `goes(n)`.
pub fn removals(whole: Range<usize>, parts: &[Range<usize>], goes: impl Fn(usize) -> bool) -> Vec<Edit> {
    let Some(first_kept) = (0..parts.len()).find(|index| !goes(*index)) else {
        return if parts.is_empty() { Vec::new() } else { vec![Edit::new(whole.start + 1..whole.end - 1, "")] };
    };
    let leading = (first_kept > 0).then(|| Edit::new(parts[0].start..parts[first_kept].start, ""));
    let rest = (first_kept + 1..parts.len()).filter(|index| goes(*index));
    leading.into_iter().chain(rest.map(|index| Edit::new(parts[index - 1].end..parts[index].end, ""))).collect()
}

fn fresh_object(members: &[(&str, &[u8])], style: &Style, depth: usize) -> Vec<u8> {
    let mut out = vec![b'{'];
    for (index, (key, value)) in members.iter().enumerate() {
        let before = if index == 0 { style.line_start(depth + 1) } else { style.separator(depth + 1) };
        out.extend_from_slice(before.as_bytes());
        out.extend_from_slice(key.as_bytes());
        out.extend_from_slice(style.colon.as_bytes());
        out.extend_from_slice(value);
    }
    out.extend_from_slice(style.line_start(depth).as_bytes());
    out.push(b'}');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{members, splice};

    fn changed(raw: &str, changes: &[(&str, Option<&str>)]) -> String {
        let found = members(raw);
        let object = ObjectText::whole(raw, &found);
        let change = |(key, value): &(&str, Option<&str>)| MemberChange {
            key: format!("\"{key}\""),
            value: value.map(|value| value.as_bytes().to_vec()),
        };
        let changes: Vec<_> = changes.iter().map(change).collect();
        let style = Style::of(raw.as_bytes());
        let mut out = Vec::new();
        splice(raw.as_bytes(), 0..raw.len(), &object.changes(&changes, &style, 0), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn of_changes_of_one_key_the_last_one_counts() {
        let twice = [("a", Some("2")), ("b", Some("1")), ("a", Some("3")), ("b", Some("2"))];
        assert_eq!(changed(r#"{"a": 1}"#, &twice), r#"{"a": 3, "b": 2}"#);
    }

    #[test]
    fn values_are_replaced_and_the_rest_is_left() {
        assert_eq!(changed(r#"{"a" :1 , "b":[ 2]}"#, &[("a", Some("3"))]), r#"{"a" :3 , "b":[ 2]}"#);
    }

    #[test]
    fn members_go_with_their_comma() {
        assert_eq!(changed(r#"{"a": 1, "b": 2, "c": 3}"#, &[("a", None), ("c", None)]), r#"{"b": 2}"#);
        assert_eq!(changed("{\n \"a\": 1\n}", &[("a", None)]), "{}");
    }

    #[test]
    fn a_new_member_goes_where_its_key_sorts() {
        let sorted = "{\n \"a\": 1,\n \"d\": 2\n}";
        assert_eq!(changed(sorted, &[("c", Some("0"))]), "{\n \"a\": 1,\n \"c\": 0,\n \"d\": 2\n}");
        assert_eq!(changed(sorted, &[("e", Some("0"))]), "{\n \"a\": 1,\n \"d\": 2,\n \"e\": 0\n}");
        assert_eq!(changed(r#"{"d": 1, "a": 2}"#, &[("b", Some("0"))]), r#"{"d": 1, "a": 2, "b": 0}"#);
    }

    #[test]
    fn an_empty_object_is_laid_out_anew() {
        assert_eq!(changed("{\n \"a\": 1\n}", &[("a", None), ("b", Some("2"))]), "{\n \"b\": 2\n}");
    }
}
