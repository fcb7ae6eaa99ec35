//! Which keys there are, and the words that they take.

use crate::merge::{ConflictStyle, InsertPolicy, OutputsPolicy};

/// A key that can be configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Its section and name: `merge.outputs`.
    pub path: &'static str,
    /// What holds without it, as TOML.
    pub default: &'static str,
}

impl Key {
    /// `merge`
    #[must_use]
    pub fn section(&self) -> &'static str {
        self.path.split_once('.').map_or("", |(section, _)| section)
    }

    /// `outputs`
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.path.split_once('.').map_or(self.path, |(_, name)| name)
    }
}

/// All keys, in the order of the documentation.
#[must_use]
pub const fn keys() -> &'static [Key] {
    &[
        Key { path: "merge.outputs", default: "\"matching\"" },
        Key { path: "merge.insert", default: "\"conflict\"" },
        Key { path: "merge.conflict-style", default: "\"merge\"" },
        Key { path: "merge.noise", default: "[]" },
    ]
}

/// One of the words that a setting takes, on the command line and in a file.
#[derive(Debug, Clone, Copy)]
pub struct Word<T> {
    /// As it is spelled.
    pub name: &'static str,
    /// What it stands for.
    pub value: T,
    /// What that does, in a few words.
    pub meaning: &'static str,
}

const fn word<T>(name: &'static str, value: T, meaning: &'static str) -> Word<T> {
    Word { name, value, meaning }
}

/// A setting that takes one of a few words.
pub trait Worded: Copy + Send + Sync + 'static {
    /// The words, the default first.
    const WORDS: &'static [Word<Self>];

    /// What a word stands for.
    #[must_use]
    fn of(name: &str) -> Option<Self> {
        Self::WORDS.iter().find(|word| word.name == name).map(|word| word.value)
    }
}

impl Worded for OutputsPolicy {
    const WORDS: &'static [Word<Self>] = &[
        word("matching", Self::Matching, "Those of the side whose code above is the result's, else ours"),
        word("ours", Self::Ours, "Ours"),
        word("theirs", Self::Theirs, "Theirs"),
        word("clear", Self::Clear, "None, and no count: run it again"),
    ];
}

impl Worded for InsertPolicy {
    const WORDS: &'static [Word<Self>] = &[
        word("conflict", Self::Conflict, "Between marker cells: somebody must choose"),
        word("union", Self::Union, "Both stay, ours first"),
    ];
}

impl Worded for ConflictStyle {
    const WORDS: &'static [Word<Self>] = &[
        word("merge", Self::Merge, "Ours and theirs"),
        word("diff3", Self::Diff3, "Ours, base and theirs"),
        word("zdiff3", Self::Zdiff3, "As diff3, without lines that both sides begin or end alike"),
    ];
}
