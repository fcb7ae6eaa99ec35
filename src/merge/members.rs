//! The members of the notebook beside its cells: metadata, version, and what else stands there.

use crate::json::{Edit, MemberChange, ObjectText, Style};
use crate::normalize::{Place, Policy};
use crate::notebook::{Notebook, Version};

use super::choice::{Choice, ChoiceKind};
use super::list::members_with_cells;
use super::values::{Collision, Named, Settled, ValueMerge, named};
use super::{Side, Sides};

/// What became of the members.
pub(super) struct Members {
    /// Edits of ours' file.
    pub edits: Vec<Edit>,
    pub choices: Vec<Choice>,
    pub collisions: Vec<Collision>,
}

/// Merges everything of the notebooks but their cells; `version` is the result's.
pub(super) fn merge_members(
    sides: &Sides<&Notebook<'_>>,
    styles: &Sides<Style<'_>>,
    policy: &Policy,
    version: Version,
) -> Members {
    let mut values = ValueMerge::new(Place::Notebook, Side::Ours, styles, policy);
    let (mut changes, mut choices): (Vec<MemberChange>, Vec<Choice>) = Default::default();
    let members = sides.map(|notebook| notebook.members.as_slice());
    for Named { key, name, values: found } in named(&members, Side::Ours) {
        let settled = match &*name {
            b"worksheets" => continue,
            b"nbformat_minor" => {
                // The higher version's.
                let side = if version == sides.ours.version() { Side::Ours } else { Side::Theirs };
                if found.overrules(side, |one, other| one == other) {
                    choices.push(Choice::new(ChoiceKind::NbformatMinor, side));
                }
                Settled::Take(side)
            }
            b"metadata" => values.merge_metadata(&found, 1),
            name => values.merge(&mut vec![name.to_vec()], &found, 1),
        };
        changes.extend(values.change(key, &found, settled, 1));
    }
    choices.append(&mut values.choices);
    if changes.is_empty() {
        return Members { edits: Vec::new(), choices, collisions: values.collisions };
    }
    let bytes = sides.ours.bytes;
    let start = memchr::memchr(b'{', bytes).unwrap_or(0);
    let end = memchr::memrchr(b'}', bytes).map_or(bytes.len(), |close| close + 1);
    let members = members_with_cells(sides.ours);
    let edits = ObjectText { bytes, start, end, members: &members }.changes(&changes, &styles.ours, 0);
    Members { edits, choices, collisions: values.collisions }
}
