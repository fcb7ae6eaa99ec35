//! Which keys there are, and the words that they take.

use std::sync::LazyLock;

use crate::merge::{ConflictStyle, InsertPolicy, OutputsPolicy};
use crate::normalize::{Ids, Like, tools};

use super::{CleanSection, MergeSection};

/// A key that can be configured.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its section and name: `merge.outputs`.
    pub path: &'static str,
    /// What holds without it, as TOML.
    pub default: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// What it does, in a line. Of `clean` it is the help of the option of its name.
    pub help: &'static str,
}

/// What a key takes.
#[derive(Debug, Clone, Copy)]
pub enum Takes {
    /// One of these words, each with what it does.
    Word(fn() -> Vec<[&'static str; 2]>),
    /// `true` or `false`.
    Flag,
    /// A number of characters.
    Size,
    /// A list of keys of metadata.
    Keys,
    /// A list of types of outputs.
    Types,
    /// A list of tags.
    Tags,
    /// A list of tools.
    Tools,
}

impl Takes {
    /// What that is, for a sentence.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self {
            Self::Word(words) => words().iter().map(|[word, _]| format!("\"{word}\"")).collect::<Vec<_>>().join(", "),
            Self::Flag => "true or false".to_owned(),
            Self::Size => "a size such as 300 or \"10k\"".to_owned(),
            Self::Keys => "a list of keys such as [\"cell.metadata.KEY\"]".to_owned(),
            Self::Types => "a list of types such as [\"stream:stderr\"]".to_owned(),
            Self::Tags => "a list of tags".to_owned(),
            Self::Tools => format!("a list of {}, all", tools().join(", ")),
        }
    }
}

/// The words of `W`, each with what it does.
pub(super) fn word_names<W: Worded>() -> Vec<[&'static str; 2]> {
    W::WORDS.iter().map(|word| [word.name, word.meaning]).collect()
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
pub fn keys() -> &'static [Key] {
    static ALL: LazyLock<Vec<Key>> = LazyLock::new(|| [CleanSection::KEYS, MergeSection::KEYS].concat());
    &ALL
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

impl Worded for Ids {
    const WORDS: &'static [Word<Self>] = &[
        word("keep", Self::Keep, "They stay"),
        word("drop", Self::Drop, "They go, and nbformat 4.5 becomes 4.4, which has none"),
        word("sequential", Self::Sequential, "0, 1, 2 in the order of the cells"),
    ];
}

impl Worded for Like {
    const WORDS: &'static [Word<Self>] = &[
        word("cellwise", Self::Cellwise, "What is not dropped stays byte for byte"),
        word("nbstripout", Self::Nbstripout, "The bytes that nbstripout writes, for teams that use both"),
    ];
}
