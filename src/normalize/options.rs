//! What `clean` can be told to do otherwise.

use crate::json::text;
use crate::notebook::{Output, OutputKind};

use super::policy::{NoiseKey, OnClean};

/// What `clean` drops and what it leaves in. The default is what it does untold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CleanOptions {
    /// Outputs.
    pub keep_outputs: Keep,
    /// Execution counts, of cells and of outputs.
    pub keep_counts: Keep,
    /// Whether `init_cell` in a cell's metadata asks for its outputs to stay.
    pub init_cells: InitCells,
    /// Outputs that stay in every cell. With [`Keep::Everywhere`] only these do.
    pub keep_types: Vec<OutputType>,
    /// Outputs that go in every cell, whoever asks for them.
    pub drop_types: Vec<OutputType>,
    /// Outputs of at most this size stay: the characters of their texts (0: none).
    pub max_size: usize,
    /// Which keys of metadata go.
    pub keys: KeyOptions,
    /// What becomes of cells whose source is white space.
    pub empty_cells: OnClean,
    /// Cells with one of these tags go.
    pub dropped_tags: Vec<String>,
    /// What becomes of cell ids; `None` is what [`Like`] says.
    pub ids: Option<Ids>,
    /// Whose bytes are written.
    pub like: Like,
}

impl CleanOptions {
    /// What becomes of cell ids.
    #[must_use]
    pub fn ids(&self) -> Ids {
        let of_tool = if self.like == Like::Nbstripout { Ids::Sequential } else { Ids::Keep };
        self.ids.unwrap_or(of_tool)
    }
}

/// Whether something stays in all cells, or only where a cell or the notebook asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// Only where asked for (`keep_output`, `init_cell`).
    #[default]
    WhereAsked,
    /// Everywhere, but for outputs in cells with `keep_output: false`.
    Everywhere,
}

/// Whether `init_cell` keeps a cell's outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InitCells {
    /// It does.
    #[default]
    Keep,
    /// It says nothing.
    Strip,
}

/// What becomes of the ids of cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ids {
    /// They stay.
    Keep,
    /// They go; nbformat 4.5 and later becomes 4.4, which has none.
    Drop,
    /// They become `0`, `1`, `2` in the order of the cells.
    Sequential,
}

/// Whose bytes `clean` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Like {
    /// The file's own: what is not dropped stays byte for byte.
    #[default]
    Cellwise,
    /// Those of nbstripout: nbformat's layout, and ids in order.
    Nbstripout,
}

/// Which keys of metadata go, besides those of the table. A longer key beats a shorter one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyOptions {
    /// Keys that go.
    pub extra: Vec<NoiseKey>,
    /// Keys that stay.
    pub keep: Vec<NoiseKey>,
    /// Keys that stay alone: of a place where one is named, all others go.
    pub only: Vec<NoiseKey>,
    /// Tools whose keys go ([`tools`](super::tools)).
    pub tools: Vec<&'static str>,
    /// What becomes of the kernel: `kernelspec`, and the version of the language.
    pub kernel: OnClean,
}

/// A type of outputs: `stream`, or `stream:stderr` with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputType {
    kind: String,
    name: Option<String>,
}

impl OutputType {
    /// Reads `T` or `T:NAME`; `None` if a part is empty.
    #[must_use]
    pub fn parse(spelled: &str) -> Option<Self> {
        let (kind, name) = match spelled.split_once(':') {
            Some((kind, name)) => (kind, Some(name)),
            None => (spelled, None),
        };
        let whole = !kind.is_empty() && name != Some("");
        whole.then(|| Self { kind: kind.to_owned(), name: name.map(str::to_owned) })
    }

    /// Whether `output` is of this type. Those of nbformat 3 go by both names (`pyout`, `execute_result`).
    pub(super) fn fits(&self, output: &Output<'_>) -> bool {
        let spelled = |raw: &str| raw.starts_with('"') && *text::decode(raw) == *self.kind.as_bytes();
        let known = match output.kind() {
            OutputKind::Stream => "stream",
            OutputKind::ExecuteResult => "execute_result",
            OutputKind::DisplayData => "display_data",
            OutputKind::Error => "error",
            OutputKind::Other(_) => "",
        };
        (self.kind == known || output.get("output_type").is_some_and(spelled))
            && self.name.as_ref().is_none_or(|name| *output.stream_name() == *name.as_bytes())
    }
}

/// Reads a size as nbstripout spells it: `300`, `10k`, `5M`, `1G`, in powers of ten; `None` for anything else.
#[must_use]
pub fn parse_size(spelled: &str) -> Option<usize> {
    let (digits, unit) = match spelled.char_indices().last()? {
        (at, 'k' | 'K') => (&spelled[..at], 1_000),
        (at, 'm' | 'M') => (&spelled[..at], 1_000_000),
        (at, 'g' | 'G') => (&spelled[..at], 1_000_000_000),
        _ => (spelled, 1),
    };
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse::<usize>().ok().filter(|_| is_number)?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        let sizes = ["0", "300", "10k", "5M", "1g"].map(parse_size);
        assert_eq!(sizes, [Some(0), Some(300), Some(10_000), Some(5_000_000), Some(1_000_000_000)]);
        for spelled in ["", "k", "-1", "+1", "1.5k", "10kk", "10 k", "99999999999G", "ä"] {
            assert_eq!(parse_size(spelled), None, "{spelled}");
        }
    }

    #[test]
    fn types_fit_by_kind_and_name() {
        let outputs = r#"[{"output_type": "stream", "name": "stderr"}, {"output_type": "pyout"}, {"output_type": 3}]"#;
        let outputs = Output::list(outputs);
        let fits = |spelled: &str| -> Vec<bool> {
            let of_type = OutputType::parse(spelled).unwrap();
            outputs.iter().map(|output| of_type.fits(output)).collect()
        };
        assert_eq!(fits("stream"), [true, false, false]);
        assert_eq!(fits("stream:stderr"), [true, false, false]);
        assert_eq!(fits("stream:stdout"), [false, false, false]);
        assert_eq!(fits("execute_result"), [false, true, false]);
        assert_eq!(fits("pyout"), [false, true, false]);
        assert_eq!(["", ":x", "x:"].map(OutputType::parse), [None, None, None]);
    }
}
