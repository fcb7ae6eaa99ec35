//! What a setting takes: the same in a configuration and on the command line.

use toml::Spanned;
use toml::de::DeValue;

use crate::normalize::{NoiseKey, OutputType, parse_size, tools};

use super::keys::{Takes, Worded, word_names};
use super::problem::similar;
use super::reader::Reader;

/// A value that can be configured and typed.
pub(super) trait Value: Sized {
    /// What that is.
    const TAKES: Takes;

    /// Reads it from a configuration; what is wrong is noted there.
    fn read(reader: &mut Reader<'_>, key: &'static str, value: &Spanned<DeValue<'_>>) -> Option<Self>;

    /// Reads it as it is typed, or says what it could be instead.
    fn parse(spelled: &str) -> Result<Self, String>;

    /// What holds if the option is typed once more.
    fn and(self, later: Self) -> Self {
        later
    }
}

impl Value for bool {
    const TAKES: Takes = Takes::Flag;

    fn read(reader: &mut Reader<'_>, key: &'static str, value: &Spanned<DeValue<'_>>) -> Option<Self> {
        reader.flag(key, value)
    }

    fn parse(spelled: &str) -> Result<Self, String> {
        spelled.parse().map_err(|_| "it takes true and false".to_owned())
    }
}

/// A number of characters.
impl Value for usize {
    const TAKES: Takes = Takes::Size;

    fn read(reader: &mut Reader<'_>, key: &'static str, value: &Spanned<DeValue<'_>>) -> Option<Self> {
        reader.size(key, value)
    }

    fn parse(spelled: &str) -> Result<Self, String> {
        parse_size(spelled).ok_or_else(|| "it takes sizes such as 300, 10k or 5M".to_owned())
    }
}

impl<W: Worded> Value for W {
    const TAKES: Takes = Takes::Word(word_names::<W>);

    fn read(reader: &mut Reader<'_>, key: &'static str, value: &Spanned<DeValue<'_>>) -> Option<Self> {
        reader.word(key, value)
    }

    fn parse(spelled: &str) -> Result<Self, String> {
        Self::of(spelled).ok_or_else(|| "no such word".to_owned())
    }
}

impl<I: Item> Value for Vec<I> {
    const TAKES: Takes = I::TAKES;

    fn read(reader: &mut Reader<'_>, key: &'static str, value: &Spanned<DeValue<'_>>) -> Option<Self> {
        reader.list(key, value)
    }

    /// With spaces or commas between the items.
    fn parse(spelled: &str) -> Result<Self, String> {
        let items = spelled.split([' ', ',', '\t', '\n']).filter(|item| !item.is_empty());
        items.map(|item| I::parse(item).ok_or_else(|| format!("`{item}`: {}", I::hint(item)))).collect()
    }

    fn and(mut self, later: Self) -> Self {
        self.extend(later);
        self
    }
}

/// What a list holds.
pub(super) trait Item: Sized {
    /// What the list is.
    const TAKES: Takes;
    /// Reads one; `None` if it is none.
    fn parse(spelled: &str) -> Option<Self>;
    /// What it could be instead of `spelled`, in words.
    fn hint(spelled: &str) -> String;
}

impl Item for NoiseKey {
    const TAKES: Takes = Takes::Keys;

    fn parse(spelled: &str) -> Option<Self> {
        Self::parse(spelled)
    }

    fn hint(_: &str) -> String {
        "it takes `metadata.KEY` and `cell.metadata.KEY`, also with a `*` at the end".to_owned()
    }
}

impl Item for OutputType {
    const TAKES: Takes = Takes::Types;

    fn parse(spelled: &str) -> Option<Self> {
        Self::parse(spelled)
    }

    fn hint(_: &str) -> String {
        "it takes `TYPE` and `TYPE:NAME`, such as stream:stderr".to_owned()
    }
}

/// A tag.
impl Item for String {
    const TAKES: Takes = Takes::Tags;

    fn parse(spelled: &str) -> Option<Self> {
        (!spelled.is_empty()).then(|| spelled.to_owned())
    }

    fn hint(_: &str) -> String {
        "it takes tags".to_owned()
    }
}

/// A name that a list of tools takes: that of a tool, or `all`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset(Option<&'static str>);

impl Preset {
    /// The tools that `presets` name.
    pub(super) fn tools(presets: &[Self]) -> Vec<&'static str> {
        let all = presets.contains(&Self(None));
        if all { tools() } else { presets.iter().filter_map(|preset| preset.0).collect() }
    }
}

impl Item for Preset {
    const TAKES: Takes = Takes::Tools;

    fn parse(spelled: &str) -> Option<Self> {
        if spelled == "all" {
            return Some(Self(None));
        }
        tools().into_iter().find(|tool| *tool == spelled).map(|tool| Self(Some(tool)))
    }

    fn hint(spelled: &str) -> String {
        match similar(spelled, tools().into_iter()) {
            Some(tool) => format!("did you mean \"{tool}\"?"),
            None => format!("it takes {}, all", tools().join(", ")),
        }
    }
}
