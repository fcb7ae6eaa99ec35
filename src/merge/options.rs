//! How a merge is to be done.

use crate::normalize::Policy;

use super::{ConflictStyle, Side, Sides};

/// How a merge is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeOptions {
    /// What the versions are called in markers (git's `%S`, `%X`, `%Y`).
    pub labels: Sides<String>,
    /// The least length of a marker (git's `%L`).
    pub marker_size: usize,
    /// How conflicts in a source are written.
    pub style: ConflictStyle,
    /// What happens to different cells that both sides put in one place.
    pub insert: InsertPolicy,
    /// Whose outputs stand below code that both sides ran again.
    pub outputs: OutputsPolicy,
    /// Which metadata is noise.
    pub policy: Policy,
}

impl Default for MergeOptions {
    fn default() -> Self {
        let labels = Sides { base: "base", ours: "ours", theirs: "theirs" }.map(str::to_owned);
        Self {
            labels,
            marker_size: 7,
            style: ConflictStyle::default(),
            insert: InsertPolicy::default(),
            outputs: OutputsPolicy::default(),
            policy: Policy::built_in(),
        }
    }
}

/// What happens to different cells that both sides put in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InsertPolicy {
    /// A conflict.
    #[default]
    Conflict,
    /// Both stay, ours first.
    Union,
}

/// What happens to the outputs and count of a cell that both sides ran again, with different outputs. (Where only
/// the counts differ, there is nothing to clear, and [`Clear`](Self::Clear) is [`Matching`](Self::Matching).)
///
/// Outputs of code that one side edited are that side's, and those of combined code are empty, whatever stands here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OutputsPolicy {
    /// Those of the side whose code above is the result's, else ours.
    #[default]
    Matching,
    /// Ours.
    Ours,
    /// Theirs.
    Theirs,
    /// No outputs and no count.
    Clear,
}

impl OutputsPolicy {
    /// The side whose outputs stand, or `None` for none; `ran_below` is the one whose code above is the result's.
    pub(super) fn side(self, ran_below: Option<Side>) -> Option<Side> {
        match self {
            Self::Matching => Some(ran_below.unwrap_or(Side::Ours)),
            Self::Ours => Some(Side::Ours),
            Self::Theirs => Some(Side::Theirs),
            Self::Clear => None,
        }
    }
}
