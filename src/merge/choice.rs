//! What a merge settled without asking: the entries of its report.

use super::Side;

/// What a rule settled; what matters most to people comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChoiceKind {
    /// The outputs of a cell, with its execution count.
    Outputs,
    /// The execution count of a cell whose outputs nobody contests.
    ExecutionCount,
    /// The deletion of a cell that the other side moved, ran again or touched in what tools write.
    Deletion,
    /// White space at the ends of lines, where both sides have the same words.
    WhiteSpace,
    /// The place of a cell that both sides moved or put in, and not in the same place.
    Position,
    /// A key of metadata, of the notebook or of a cell.
    Metadata,
    /// The id of a cell that both sides gave another.
    Id,
    /// The id of a cell that had none, where the result's nbformat asks for one.
    NewId,
    /// The id of a cell whose own is that of another cell.
    RepeatedId,
    /// The notebook's `nbformat_minor`.
    NbformatMinor,
}

const KINDS: [(ChoiceKind, &str); 10] = [
    (ChoiceKind::Outputs, "outputs"),
    (ChoiceKind::ExecutionCount, "execution_count"),
    (ChoiceKind::Deletion, "deletion"),
    (ChoiceKind::WhiteSpace, "white_space"),
    (ChoiceKind::Position, "position"),
    (ChoiceKind::Metadata, "metadata"),
    (ChoiceKind::Id, "id"),
    (ChoiceKind::NewId, "new_id"),
    (ChoiceKind::RepeatedId, "repeated_id"),
    (ChoiceKind::NbformatMinor, "nbformat_minor"),
];

impl ChoiceKind {
    /// All kinds.
    pub fn all() -> impl Iterator<Item = Self> {
        KINDS.iter().map(|(kind, _)| *kind)
    }

    /// The word that reports use.
    #[must_use]
    pub fn name(self) -> &'static str {
        KINDS.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }
}

/// Whose value stands in the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Taken {
    /// Ours' value, place or deletion.
    Ours,
    /// Theirs' value, place or deletion.
    Theirs,
    /// The base's, though both sides have changed it.
    Base,
    /// No version's: outputs were emptied, an id was made.
    Neither,
}

impl Taken {
    /// The word that reports use; `None` for no version.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Ours => Some("ours"),
            Self::Theirs => Some("theirs"),
            Self::Base => Some("base"),
            Self::Neither => None,
        }
    }
}

impl From<Side> for Taken {
    fn from(side: Side) -> Self {
        match side {
            Side::Ours => Self::Ours,
            Side::Theirs => Self::Theirs,
        }
    }
}

/// What a choice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// The notebook itself.
    Notebook,
    /// A cell of the result, from 1.
    Cell(usize),
    /// A cell that is not in the result, as the side that kept it counts, from 1.
    Deleted(usize),
}

/// What a merge settled by a rule: both sides had changed it differently, or nobody had asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What was settled.
    pub kind: ChoiceKind,
    /// What it is about.
    pub subject: Subject,
    /// The id of that cell (in the result, if it is there), where it has one.
    pub id: Option<String>,
    /// Whose value stands.
    pub taken: Taken,
    /// The keys that lead to the value from the cell, or from the notebook; empty unless it is metadata.
    pub path: Vec<String>,
}

impl Choice {
    /// A choice about the notebook itself.
    pub(super) fn new(kind: ChoiceKind, taken: impl Into<Taken>) -> Self {
        Self { kind, subject: Subject::Notebook, id: None, taken: taken.into(), path: Vec::new() }
    }

    /// The same, about something else.
    pub(super) fn of(self, subject: Subject) -> Self {
        Self { subject, ..self }
    }
}
