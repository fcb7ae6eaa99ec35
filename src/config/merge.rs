//! The section `[merge]`, and what it makes of [`MergeOptions`].

use toml::Spanned;
use toml::de::DeValue;

use crate::merge::{ConflictStyle, InsertPolicy, MergeOptions, OutputsPolicy};
use crate::normalize::{NoiseKey, Policy};

use super::keys::{Key, Takes};
use super::reader::Reader;
use super::value::Value as _;

/// The section `[merge]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MergeSection {
    /// `outputs`
    pub outputs: Option<OutputsPolicy>,
    /// `insert`
    pub insert: Option<InsertPolicy>,
    /// `conflict-style`: for those who have not told git.
    pub conflict_style: Option<ConflictStyle>,
    /// `noise`
    pub noise: Vec<NoiseKey>,
}

impl MergeSection {
    /// Its keys. The options of `merge` are its own.
    pub const KEYS: &[Key] = {
        const fn key(path: &'static str, default: &'static str, takes: Takes, help: &'static str) -> Key {
            Key { path, default, takes, help }
        }
        &[
            key(
                "merge.outputs",
                "\"matching\"",
                OutputsPolicy::TAKES,
                "Whose outputs stay below code that both sides ran again",
            ),
            key("merge.insert", "\"conflict\"", InsertPolicy::TAKES, "What becomes of different cells in one place"),
            key("merge.conflict-style", "\"merge\"", ConflictStyle::TAKES, "How conflicts in a source are written"),
            key("merge.noise", "[]", Vec::<NoiseKey>::TAKES, "Metadata that tools write, of which ours stays"),
        ]
    };

    /// A merge as configured, and with the defaults for the rest.
    #[must_use]
    pub fn options(&self) -> MergeOptions {
        let usual = MergeOptions::default();
        MergeOptions {
            style: self.conflict_style.unwrap_or(usual.style),
            insert: self.insert.unwrap_or(usual.insert),
            outputs: self.outputs.unwrap_or(usual.outputs),
            policy: Policy::with_noise(self.noise.clone()),
            ..usual
        }
    }

    pub(super) fn read(&mut self, reader: &mut Reader<'_>, name: &str, value: &Spanned<DeValue<'_>>) {
        match name {
            "outputs" => self.outputs = reader.word("outputs", value),
            "insert" => self.insert = reader.word("insert", value),
            "conflict-style" => self.conflict_style = reader.word("conflict-style", value),
            "noise" => self.noise = reader.list("noise", value).unwrap_or_default(),
            _ => {}
        }
    }
}
