//! Metadata and other JSON values, merged key by key by the table of noise.

use std::cmp::Ordering;
use std::collections::HashSet;

use crate::json::{self, MemberChange, ObjectText, Style, splice, text};
use crate::normalize::{MergeRule, Place, Policy, Shown};
use crate::notebook::RECORD_KEY;

use super::choice::{Choice, ChoiceKind};
use super::{Side, Sides};

/// A value in each version that has it.
pub(super) type Values<'a> = Sides<Option<&'a str>>;

/// What a merged value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Settled {
    /// A side's, or nothing where that side has none.
    Take(Side),
    /// A new text, in the frame's layout.
    Write(Vec<u8>),
}

/// Values that collide: they stay as ours has them, and a person is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Collision {
    pub(super) path: String,
    pub(super) values: Sides<Option<String>>,
}

/// Merges values into the version (the frame) whose text they will stand in.
pub(super) struct ValueMerge<'s> {
    pub(super) place: Place,
    /// Whose text is written on.
    pub(super) frame: Side,
    pub(super) styles: &'s Sides<Style>,
    pub(super) policy: &'s Policy,
    pub(super) collisions: Vec<Collision>,
    /// What both changed and a rule settled.
    pub(super) choices: Vec<Choice>,
}

impl<'s> ValueMerge<'s> {
    pub(super) fn new(place: Place, frame: Side, styles: &'s Sides<Style>, policy: &'s Policy) -> Self {
        Self { place, frame, styles, policy, collisions: Vec::new(), choices: Vec::new() }
    }

    /// The metadata of the object that rules speak of, at `depth` in the file.
    pub(super) fn merge_metadata(&mut self, values: &Values<'_>, depth: usize) -> Settled {
        let known = self.choices.len();
        let settled = self.merge(&mut Vec::new(), values, depth);
        self.choices[known..].iter_mut().for_each(|choice| choice.path.insert(0, "metadata".to_owned()));
        settled
    }

    /// The value at `path` (names from the top of the object that rules speak of), at `depth` in the file.
    pub(super) fn merge<'v>(&mut self, path: &mut Vec<Vec<u8>>, values: &Values<'v>, depth: usize) -> Settled {
        if let Some(side) = values.trivial(|one, other| same_value(*one, *other)) {
            return Settled::Take(side);
        }
        let names: Vec<&[u8]> = path.iter().map(Vec::as_slice).collect();
        let rule = self.policy.rule_for(self.place, &names).merge;
        let divided = path.is_empty() || self.policy.is_divided(self.place, &names);
        let by_key = divided || matches!(rule, MergeRule::Conflict | MergeRule::OursByKey);
        // Where some keys below count and others do not, a side that has none of them is one without these keys.
        let object_of = |value: Option<&'v str>| object(value.or(divided.then_some("{}")));
        if let (Some(ours), Some(theirs), true) = (object_of(values.ours), object_of(values.theirs), by_key) {
            let base = object(values.base).unwrap_or("{}");
            return self.merge_members(path, &Sides { base, ours, theirs }, depth);
        }
        let (side, settled) = match rule {
            MergeRule::Set => match self.merge_sets(values, depth) {
                Some(set) => return Settled::Write(set),
                None => (Side::Ours, false),
            },
            MergeRule::HigherVersion => (higher_version(values), true),
            MergeRule::Ours | MergeRule::OursByKey => (Side::Ours, true),
            MergeRule::Conflict => (Side::Ours, false),
        };
        let names: Vec<String> = path.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
        let path = names.join(".");
        if path == RECORD_KEY {
            // Our own bookkeeping is nobody's choice.
        } else if settled {
            self.choices.push(Choice { path: names, ..Choice::new(ChoiceKind::Metadata, side) });
        } else {
            self.collisions.push(Collision { path, values: values.map(|value| value.map(str::to_owned)) });
        }
        Settled::Take(side)
    }

    fn merge_members(&mut self, path: &mut Vec<Vec<u8>>, objects: &Sides<&str>, depth: usize) -> Settled {
        let members = objects.map(json::members);
        let frame = members.of(self.frame);
        let mut keys: Vec<&str> = frame.iter().map(|member| member.key).collect();
        let others = members.ours.iter().chain(&members.theirs).map(|member| member.key);
        keys.extend(others.filter(|key| !frame.iter().any(|member| *member.name() == *text::decode(key))));
        let mut changes: Vec<MemberChange> = Vec::new();
        for key in keys {
            let name = text::decode(key);
            if changes.iter().any(|change| *text::decode(&change.key) == *name) {
                continue;
            }
            let values = members.as_ref().map(|members| value_of(members, &name));
            path.push(name.to_vec());
            let settled = self.merge(path, &values, depth + 1);
            path.pop();
            changes.extend(self.change(key, &values, settled, depth + 1));
        }
        if changes.is_empty() {
            return Settled::Take(self.frame);
        }
        let raw = objects.of(self.frame);
        let object = ObjectText::whole(raw, frame);
        let mut out = Vec::new();
        splice(raw.as_bytes(), 0..raw.len(), &object.changes(&changes, self.styles.of(self.frame), depth), &mut out);
        Settled::Write(out)
    }

    /// What to change in the frame so that its member `key` is the merged value.
    pub(super) fn change(
        &self,
        key: &str,
        values: &Values<'_>,
        settled: Settled,
        depth: usize,
    ) -> Option<MemberChange> {
        let value = match settled {
            Settled::Take(side) if side == self.frame => return None,
            Settled::Take(side) => values.of(side).map(|raw| self.in_frame(side, raw, depth)),
            Settled::Write(value) => Some(value),
        };
        Some(MemberChange { key: key.to_owned(), value })
    }

    /// A side's value as it is to stand in the frame.
    pub(super) fn in_frame(&self, side: Side, raw: &str, depth: usize) -> Vec<u8> {
        let frame = self.styles.of(self.frame);
        if self.styles.of(side).same_layout(frame) {
            return raw.as_bytes().to_vec();
        }
        let mut out = Vec::with_capacity(raw.len());
        frame.lay_out(raw, depth, &mut out);
        out
    }

    /// Lists as sets: ours' order, less what theirs removed, and then what theirs added.
    fn merge_sets(&self, values: &Values<'_>, depth: usize) -> Option<Vec<u8>> {
        let list = |value: Option<&'_ str>| value.is_none_or(|raw| raw.starts_with('['));
        if ![values.base, values.ours, values.theirs].into_iter().all(list) {
            return None;
        }
        let items = values.map(|value| {
            let items = value.map(json::elements).unwrap_or_default();
            items.into_iter().map(|item| (json::canonical(item), item)).collect::<Vec<_>>()
        });
        let known = items.as_ref().map(|items| items.iter().map(|(key, _)| key).collect::<HashSet<_>>());
        let kept = items.ours.iter().filter(|(key, _)| known.theirs.contains(key) || !known.base.contains(key));
        let added = items.theirs.iter().filter(|(key, _)| !known.ours.contains(key) && !known.base.contains(key));
        let all: Vec<&str> = kept.chain(added).map(|(_, item)| *item).collect();
        let mut out = Vec::new();
        self.styles.of(self.frame).lay_out(&format!("[{}]", all.join(",")), depth, &mut out);
        Some(out)
    }
}

/// The value of the last member of this name.
fn value_of<'a>(members: &[json::Member<'a>], name: &[u8]) -> Option<&'a str> {
    members.iter().rev().find(|member| *member.name() == *name).map(|member| member.value)
}

fn same_value(one: Option<&str>, other: Option<&str>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => json::same(one, other),
        (one, other) => one == other,
    }
}

fn object(value: Option<&str>) -> Option<&str> {
    value.filter(|raw| raw.starts_with('{'))
}

/// The side whose object has the higher `version` (`language_info`), ours where they are equal or missing.
fn higher_version(values: &Values<'_>) -> Side {
    let version = |value: Option<&str>| -> Vec<u64> {
        let raw = value.and_then(|raw| json::find(&json::members(raw), "version").map(str::to_owned));
        let text = raw.unwrap_or_default();
        text.trim_matches('"').split('.').map(|part| part.parse().unwrap_or(0)).collect()
    };
    match version(values.ours).cmp(&version(values.theirs)) {
        Ordering::Less => Side::Theirs,
        Ordering::Equal | Ordering::Greater => Side::Ours,
    }
}

/// Whether two values differ in anything that a person writes, by the table of noise.
///
/// An empty list or object says as much as none: Jupyter writes `"tags": []` when somebody looks at the tags.
pub(super) fn is_edited(
    policy: &Policy,
    place: Place,
    path: &mut Vec<Vec<u8>>,
    one: Option<&str>,
    other: Option<&str>,
) -> bool {
    let [one, other] = [one, other].map(|value| value.filter(|raw| !matches!(*raw, "[]" | "{}")));
    if same_value(one, other) {
        return false;
    }
    let names: Vec<&[u8]> = path.iter().map(Vec::as_slice).collect();
    let is_open = [one, other].into_iter().flatten().all(|raw| raw.starts_with('{'));
    let is_divided = path.is_empty() || (is_open && policy.is_divided(place, &names));
    if !is_divided {
        return policy.rule_for(place, &names).shown == Shown::Yes;
    }
    let members = [one, other].map(|value| object(value).map(json::members).unwrap_or_default());
    let [before, after] = &members;
    before.iter().chain(after).any(|member| {
        let name = member.name();
        path.push(name.to_vec());
        let edited = is_edited(policy, place, path, value_of(before, &name), value_of(after, &name));
        path.pop();
        edited
    })
}
