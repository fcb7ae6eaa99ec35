//! The section `[clean]`, and what it makes of [`CleanOptions`].

use toml::Spanned;
use toml::de::DeValue;

use crate::normalize::{
    CleanOptions, Ids, InitCells, Keep, KeyOptions, Like, NoiseKey, OnClean, OutputType, parse_size, tools,
};

use super::problem::similar;
use super::reader::{Item, Reader};

/// The section `[clean]`: what is configured. The command line fills one too, which comes first ([`Self::or`]).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CleanSection {
    /// `keep-output`
    pub keep_output: Option<bool>,
    /// `keep-count`
    pub keep_count: Option<bool>,
    /// `keep-output-type`
    pub keep_output_type: Option<Vec<OutputType>>,
    /// `drop-output-type`
    pub drop_output_type: Option<Vec<OutputType>>,
    /// `max-size`
    pub max_size: Option<usize>,
    /// `strip-init-cells`
    pub strip_init_cells: Option<bool>,
    /// `extra-keys`
    pub extra_keys: Option<Vec<NoiseKey>>,
    /// `keep-metadata-keys`
    pub keep_metadata_keys: Option<Vec<NoiseKey>>,
    /// `only-keys`
    pub only_keys: Option<Vec<NoiseKey>>,
    /// `preset`, with the names of all tools for `all`
    pub preset: Option<Vec<&'static str>>,
    /// `strip-kernel`
    pub strip_kernel: Option<bool>,
    /// `drop-empty-cells`
    pub drop_empty_cells: Option<bool>,
    /// `drop-tagged-cells`
    pub drop_tagged_cells: Option<Vec<String>>,
    /// `ids`
    pub ids: Option<Ids>,
    /// `like`
    pub like: Option<Like>,
}

impl CleanSection {
    /// What is said here, and for the rest what `other` says. A list takes the place of another whole.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            keep_output: self.keep_output.or(other.keep_output),
            keep_count: self.keep_count.or(other.keep_count),
            keep_output_type: self.keep_output_type.or(other.keep_output_type),
            drop_output_type: self.drop_output_type.or(other.drop_output_type),
            max_size: self.max_size.or(other.max_size),
            strip_init_cells: self.strip_init_cells.or(other.strip_init_cells),
            extra_keys: self.extra_keys.or(other.extra_keys),
            keep_metadata_keys: self.keep_metadata_keys.or(other.keep_metadata_keys),
            only_keys: self.only_keys.or(other.only_keys),
            preset: self.preset.or(other.preset),
            strip_kernel: self.strip_kernel.or(other.strip_kernel),
            drop_empty_cells: self.drop_empty_cells.or(other.drop_empty_cells),
            drop_tagged_cells: self.drop_tagged_cells.or(other.drop_tagged_cells),
            ids: self.ids.or(other.ids),
            like: self.like.or(other.like),
        }
    }

    /// Cleaning as said here, and with the defaults for the rest.
    #[must_use]
    pub fn options(self) -> CleanOptions {
        let keep = |everywhere| if everywhere == Some(true) { Keep::Everywhere } else { Keep::WhereAsked };
        let drop = |drops| if drops == Some(true) { OnClean::Drop } else { OnClean::Keep };
        CleanOptions {
            keep_outputs: keep(self.keep_output),
            keep_counts: keep(self.keep_count),
            init_cells: if self.strip_init_cells == Some(true) { InitCells::Strip } else { InitCells::Keep },
            keep_types: self.keep_output_type.unwrap_or_default(),
            drop_types: self.drop_output_type.unwrap_or_default(),
            max_size: self.max_size.unwrap_or_default(),
            keys: KeyOptions {
                extra: self.extra_keys.unwrap_or_default(),
                keep: self.keep_metadata_keys.unwrap_or_default(),
                only: self.only_keys.unwrap_or_default(),
                tools: self.preset.unwrap_or_default(),
                kernel: drop(self.strip_kernel),
            },
            empty_cells: drop(self.drop_empty_cells),
            dropped_tags: self.drop_tagged_cells.unwrap_or_default(),
            ids: self.ids,
            like: self.like.unwrap_or_default(),
        }
    }

    pub(super) fn read(&mut self, reader: &mut Reader<'_>, name: &str, value: &Spanned<DeValue<'_>>) {
        match name {
            "keep-output" => self.keep_output = reader.flag("keep-output", value),
            "keep-count" => self.keep_count = reader.flag("keep-count", value),
            "keep-output-type" => self.keep_output_type = reader.list("keep-output-type", value),
            "drop-output-type" => self.drop_output_type = reader.list("drop-output-type", value),
            "max-size" => self.max_size = reader.size("max-size", value),
            "strip-init-cells" => self.strip_init_cells = reader.flag("strip-init-cells", value),
            "extra-keys" => self.extra_keys = reader.list("extra-keys", value),
            "keep-metadata-keys" => self.keep_metadata_keys = reader.list("keep-metadata-keys", value),
            "only-keys" => self.only_keys = reader.list("only-keys", value),
            "preset" => self.preset = reader.list("preset", value).map(|presets| tools_of(&presets)),
            "strip-kernel" => self.strip_kernel = reader.flag("strip-kernel", value),
            "drop-empty-cells" => self.drop_empty_cells = reader.flag("drop-empty-cells", value),
            "drop-tagged-cells" => self.drop_tagged_cells = reader.list("drop-tagged-cells", value),
            "ids" => self.ids = reader.word("ids", value),
            "like" => self.like = reader.word("like", value),
            _ => {}
        }
    }
}

/// A name that a list of tools takes: that of a tool, or `all`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset(Option<&'static str>);

/// The tools that `presets` name.
#[must_use]
pub fn tools_of(presets: &[Preset]) -> Vec<&'static str> {
    let all = presets.contains(&Preset(None));
    if all { tools() } else { presets.iter().filter_map(|preset| preset.0).collect() }
}

impl Item for Preset {
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

impl Item for OutputType {
    fn parse(spelled: &str) -> Option<Self> {
        Self::parse(spelled)
    }

    fn hint(_: &str) -> String {
        "it takes `TYPE` and `TYPE:NAME`, such as stream:stderr".to_owned()
    }
}

impl Item for String {
    fn parse(spelled: &str) -> Option<Self> {
        (!spelled.is_empty()).then(|| spelled.to_owned())
    }

    fn hint(_: &str) -> String {
        "it takes tags".to_owned()
    }
}

/// A size, as a number or spelled with a unit.
#[must_use]
pub(super) fn size(value: &DeValue<'_>) -> Option<usize> {
    match value {
        DeValue::String(spelled) => parse_size(spelled),
        DeValue::Integer(number) => usize::from_str_radix(number.as_str(), number.radix()).ok(),
        _ => None,
    }
}
