//! Metadata and other JSON values, merged key by key by the table of noise.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use crate::json::{self, Member, MemberChange, ObjectText, Style, splice};
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
pub struct Collision {
    /// The names that lead to the value from the cell or notebook (`metadata`, `slideshow`), decoded.
    pub path: Vec<Vec<u8>>,
    /// Its JSON text in each version that has it.
    pub values: Sides<Option<String>>,
}

impl Collision {
    /// The path as people read it, without `metadata` in front.
    #[must_use]
    pub fn name(&self) -> String {
        let path = self.path.strip_prefix(&[b"metadata".to_vec()][..]).unwrap_or(&self.path);
        words(path).join(".")
    }
}

/// Merges values into the version (the frame) whose text they will stand in.
pub(super) struct ValueMerge<'s> {
    pub(super) place: Place,
    /// Whose text is written on.
    pub(super) frame: Side,
    pub(super) styles: &'s Sides<Style<'s>>,
    pub(super) policy: &'s Policy,
    pub(super) collisions: Vec<Collision>,
    /// What both changed and a rule settled.
    pub(super) choices: Vec<Choice>,
}

impl<'s> ValueMerge<'s> {
    pub(super) fn new(place: Place, frame: Side, styles: &'s Sides<Style<'s>>, policy: &'s Policy) -> Self {
        Self { place, frame, styles, policy, collisions: Vec::new(), choices: Vec::new() }
    }

    /// The metadata of the object that rules speak of, at `depth` in the file.
    pub(super) fn merge_metadata(&mut self, values: &Values<'_>, depth: usize) -> Settled {
        let known = (self.choices.len(), self.collisions.len());
        let settled = self.merge(&mut Vec::new(), values, depth);
        self.choices[known.0..].iter_mut().for_each(|choice| choice.path.insert(0, "metadata".to_owned()));
        self.collisions[known.1..].iter_mut().for_each(|collision| collision.path.insert(0, b"metadata".to_vec()));
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
        let is_named = matches!(rule, MergeRule::OursByKey | MergeRule::HigherVersion);
        if let Some(side) = is_named.then(|| renamed(values)).flatten() {
            self.settled(path, side);
            return Settled::Take(side);
        }
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
        if settled {
            self.settled(path, side);
        } else {
            self.collisions
                .push(Collision { path: path.clone(), values: values.map(|value| value.map(str::to_owned)) });
        }
        Settled::Take(side)
    }

    /// Takes note of a choice. Our own bookkeeping is none.
    fn settled(&mut self, path: &[Vec<u8>], side: Side) {
        let path = words(path);
        if path != [RECORD_KEY] {
            self.choices.push(Choice { path, ..Choice::new(ChoiceKind::Metadata, side) });
        }
    }

    fn merge_members(&mut self, path: &mut Vec<Vec<u8>>, objects: &Sides<&str>, depth: usize) -> Settled {
        let members = objects.map(json::members);
        let frame = members.of(self.frame);
        let mut changes: Vec<MemberChange> = Vec::new();
        for Named { key, name, values } in named(&members.as_ref().map(Vec::as_slice), self.frame) {
            path.push(name.into_owned());
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

/// A member, and its value in each version.
pub(super) struct Named<'a> {
    /// Its key, raw, as the first version that has it spells it.
    pub(super) key: &'a str,
    pub(super) name: Cow<'a, [u8]>,
    /// Of repeated keys the last one counts.
    pub(super) values: Values<'a>,
}

/// The members of three objects, each name once: the frame's in their order, then those that only a side has.
pub(super) fn named<'a>(members: &Sides<&[Member<'a>]>, frame: Side) -> Vec<Named<'a>> {
    let index = members.map(|members| members.iter().map(|member| (member.name(), member.value)).collect());
    let Sides { base, ours, theirs }: Sides<HashMap<Cow<'a, [u8]>, &'a str>> = index;
    let all = members.of(frame).iter().chain(members.ours).chain(members.theirs);
    let mut seen = HashSet::new();
    let new = all.filter(|member| seen.insert(member.name()));
    let value = |index: &HashMap<Cow<'a, [u8]>, &'a str>, name: &Cow<'a, [u8]>| index.get(name).copied();
    new.map(|member| {
        let name = member.name();
        let values = Sides { base: value(&base, &name), ours: value(&ours, &name), theirs: value(&theirs, &name) };
        Named { key: member.key, name, values }
    })
    .collect()
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

fn words(path: &[Vec<u8>]) -> Vec<String> {
    path.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect()
}

/// The side whose object stands whole, if the sides' have different names (`kernelspec`, `language_info`): the one
/// that alone changed the name, else ours.
fn renamed(values: &Values<'_>) -> Option<Side> {
    let members = values.map(|value| object(value).map(json::members).unwrap_or_default());
    let names = members.as_ref().map(|members| json::find(members, "name"));
    let same = |one: &Option<&str>, other: &Option<&str>| same_value(*one, *other);
    (!same(&names.ours, &names.theirs)).then(|| names.trivial(same).unwrap_or(Side::Ours))
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
/// An empty list or object, or a key's default, says as much as none: Jupyter writes `"tags": []` when somebody looks at
/// the tags.
pub(super) fn is_edited(
    policy: &Policy,
    place: Place,
    path: &mut Vec<Vec<u8>>,
    one: Option<&str>,
    other: Option<&str>,
) -> bool {
    let names: Vec<&[u8]> = path.iter().map(Vec::as_slice).collect();
    let [one, other] = [one, other].map(|value| value.filter(|raw| !policy.says_nothing(place, &names, raw)));
    if same_value(one, other) {
        return false;
    }
    let is_open = [one, other].into_iter().flatten().all(|raw| raw.starts_with('{'));
    let is_divided = path.is_empty() || (is_open && policy.is_divided(place, &names));
    if !is_divided {
        return policy.rule_for(place, &names).shown == Shown::Yes;
    }
    let [before, after] = [one, other].map(|value| object(value).map(json::members).unwrap_or_default());
    named(&Sides { base: &[], ours: &before, theirs: &after }, Side::Ours).into_iter().any(|member| {
        path.push(member.name.into_owned());
        let edited = is_edited(policy, place, path, member.values.ours, member.values.theirs);
        path.pop();
        edited
    })
}
