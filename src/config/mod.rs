//! What a project configures: the text of `cellwise.toml`, or of `[tool.cellwise]` in `pyproject.toml`.
//!
//! This module reads a text; where it comes from is [`git::project`](crate::git::project)'s business. A text is
//! never refused: what is wrong in it is a [`Problem`] with its line, and the default holds in its place.
//!
//! ```
//! use cellwise::config::{Config, Dialect};
//! use cellwise::merge::OutputsPolicy;
//!
//! let text = "[merge]\noutputs = \"theirs\"\ninsrt = \"union\"\n";
//! let (config, problems) = Config::parse(text, Dialect::Cellwise).unwrap();
//! assert_eq!(config.merge.outputs, Some(OutputsPolicy::Theirs));
//! assert_eq!(problems[0].line, Some(3));
//! assert_eq!(problems[0].to_string(), "unknown key `insrt`: did you mean `insert`?");
//! ```

mod clean;
mod keys;
mod merge;
mod problem;
mod reader;
mod value;

use toml::de::{DeTable, DeValue};

pub use clean::CleanSection;
pub use keys::{Key, Takes, Word, Worded, keys};
pub use merge::MergeSection;
pub use problem::{Fault, Problem};
pub use value::Preset;

use reader::Reader;

/// Which of the two files a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `cellwise.toml`: all of it.
    Cellwise,
    /// `pyproject.toml`: the table `[tool.cellwise]`.
    Pyproject,
}

impl Dialect {
    /// Both, the stronger one first.
    pub const ALL: [Self; 2] = [Self::Cellwise, Self::Pyproject];

    /// The file's name.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Cellwise => "cellwise.toml",
            Self::Pyproject => "pyproject.toml",
        }
    }
}

/// What is configured; what is not is `None` or empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Config {
    /// `[merge]`
    pub merge: MergeSection,
    /// `[clean]`
    pub clean: CleanSection,
    /// Each key that is set, in the order of the file.
    pub settings: Vec<Setting>,
}

/// A key that is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its section and name: `merge.outputs`.
    pub key: &'static str,
    /// What counts of its value, as TOML.
    pub value: String,
    /// Its line, from 1.
    pub line: usize,
}

impl Config {
    /// Reads a text; `None` if it has nothing to say about cellwise (a `pyproject.toml` of others).
    #[must_use]
    pub fn parse(text: &str, dialect: Dialect) -> Option<(Self, Vec<Problem>)> {
        // Also in the middle of a merge, when it may hold git's markers, one of others is none of our business.
        if dialect == Dialect::Pyproject && !text.contains("cellwise") {
            return None;
        }
        let (mut reader, mut config) = (Reader::new(text), Self::default());
        match DeTable::parse(text) {
            Ok(table) if dialect == Dialect::Pyproject => {
                let ours = table.get_ref().get("tool")?.get_ref().get("cellwise")?;
                match ours.get_ref() {
                    DeValue::Table(sections) => reader.sections(sections, &mut config),
                    _ => reader.not_a_table("cellwise", ours),
                }
            }
            Ok(table) => reader.sections(table.get_ref(), &mut config),
            Err(error) => reader.broken(&error),
        }
        reader.problems.sort_by_key(|problem| problem.line);
        reader.settings.sort_by_key(|setting| setting.line);
        config.settings = reader.settings;
        Some((config, reader.problems))
    }
}

#[cfg(test)]
mod tests;
