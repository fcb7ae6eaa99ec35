//! Members in the order that a text form shows them in.

use std::collections::{HashMap, HashSet};

use crate::json::{self, Edit, position, splice};

/// The object `raw` with the members that `paths` begin with in this order, in the places that they have together; so
/// are the members of these, by the rest of the paths. `None` if they stand so.
pub(super) fn ordered(raw: &str, paths: &[&[Vec<u8>]]) -> Option<Vec<u8>> {
    let members = json::members(raw);
    let mut below: HashMap<&[u8], Vec<&[Vec<u8>]>> = HashMap::new();
    let mut names: Vec<&[u8]> = Vec::new();
    for (name, rest) in paths.iter().filter_map(|path| path.split_first()) {
        let rests = below.entry(name).or_insert_with(|| {
            names.push(name);
            Vec::new()
        });
        rests.extend((!rest.is_empty()).then_some(rest));
    }
    let places: HashMap<_, usize> = members.iter().enumerate().map(|(index, member)| (member.name(), index)).collect();
    // Which of two members of one name is meant cannot be told.
    let is_plain = places.len() == members.len();
    let wanted: Vec<usize> = names.iter().filter_map(|name| places.get(*name).copied()).collect();
    let shown: HashSet<usize> = wanted.iter().copied().collect();
    let slots = (0..members.len()).filter(|index| is_plain && shown.contains(index));
    let edits: Vec<Edit> = slots
        .zip(&wanted)
        .filter_map(|(slot, from)| {
            let (old, new) = (&members[slot], &members[*from]);
            let inner =
                below.get(&*new.name()).filter(|rest| !rest.is_empty()).and_then(|rest| ordered(new.value, rest));
            if slot == *from && inner.is_none() {
                return None;
            }
            let [start, end] = [old.key, old.value].map(|text| position(raw.as_bytes(), text));
            let [key, value] = [new.key, new.value].map(|text| position(raw.as_bytes(), text));
            let value = inner.unwrap_or_else(|| raw.as_bytes()[value..value + new.value.len()].to_vec());
            let spaced = &raw.as_bytes()[key..position(raw.as_bytes(), new.value)];
            Some(Edit::new(start..end + old.value.len(), [spaced, &value].concat()))
        })
        .collect();
    if edits.is_empty() {
        return None;
    }
    let mut out = Vec::with_capacity(raw.len());
    splice(raw.as_bytes(), 0..raw.len(), &edits, &mut out);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_order(raw: &str, paths: &[&str]) -> Option<String> {
        let paths: Vec<Vec<Vec<u8>>> =
            paths.iter().map(|path| path.split('.').map(|name| name.as_bytes().to_vec()).collect()).collect();
        let paths: Vec<&[Vec<u8>]> = paths.iter().map(Vec::as_slice).collect();
        ordered(raw, &paths).map(|raw| String::from_utf8(raw).unwrap())
    }

    #[test]
    fn members_change_places_among_themselves() {
        let raw = r#"{"a": 1, "x": 0,  "b" : 22, "c": {"d": 1, "e": 2}}"#;
        assert_eq!(in_order(raw, &["a", "b", "c.d", "c.e"]), None);
        let other = r#"{"c": {"e": 2, "d": 1}, "x": 0,  "a": 1, "b" : 22}"#;
        assert_eq!(in_order(raw, &["c.e", "c.d", "a", "b"]).as_deref(), Some(other));
        assert_eq!(
            in_order(raw, &["b", "a"]).as_deref(),
            Some(r#"{"b" : 22, "x": 0,  "a": 1, "c": {"d": 1, "e": 2}}"#)
        );
    }

    #[test]
    fn what_is_no_object_or_has_a_key_twice_stays() {
        assert_eq!(in_order("3", &["a"]), None);
        assert_eq!(in_order(r#"{"a": 1, "b": 2, "a": 3}"#, &["b", "a"]), None);
    }
}
