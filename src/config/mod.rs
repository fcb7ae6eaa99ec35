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

mod keys;
mod problem;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::merge::{ConflictStyle, InsertPolicy, MergeOptions, OutputsPolicy};
use crate::normalize::{NoiseKey, Policy};

pub use keys::{Key, Word, Worded, keys};
pub use problem::{Fault, Problem};

use problem::similar;

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
}

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
}

impl Config {
    /// Reads a text; `None` if it has nothing to say about cellwise (a `pyproject.toml` of others).
    #[must_use]
    pub fn parse(text: &str, dialect: Dialect) -> Option<(Self, Vec<Problem>)> {
        // Also in the middle of a merge, when it may hold git's markers, one of others is none of our business.
        if dialect == Dialect::Pyproject && !text.contains("cellwise") {
            return None;
        }
        let mut reader = Reader { text, config: Self::default(), problems: Vec::new() };
        match DeTable::parse(text) {
            Ok(table) if dialect == Dialect::Pyproject => {
                let ours = table.get_ref().get("tool")?.get_ref().get("cellwise")?;
                match ours.get_ref() {
                    DeValue::Table(sections) => reader.sections(sections),
                    _ => reader.not_a_table("cellwise", ours),
                }
            }
            Ok(table) => reader.sections(table.get_ref()),
            Err(error) => reader.broken(&error),
        }
        reader.problems.sort_by_key(|problem| problem.line);
        Some((reader.config, reader.problems))
    }
}

/// A text on its way to a configuration.
struct Reader<'t> {
    text: &'t str,
    config: Config,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn sections(&mut self, table: &DeTable<'_>) {
        for (name, value) in table {
            match (name.get_ref().as_ref(), value.get_ref()) {
                ("merge", DeValue::Table(section)) => self.merge(section),
                ("merge", _) => self.not_a_table("merge", value),
                ("tool", DeValue::Table(tools)) if !qualified(tools).is_empty() => {
                    let line = Some(self.line(name.span().start));
                    let faults = qualified(tools).into_iter().map(Fault::Qualified);
                    self.problems.extend(faults.map(|fault| Problem { line, fault }));
                }
                (other, _) => {
                    let section = similar(other, keys().iter().map(Key::section));
                    // A key without its section is meant too.
                    let misplaced = || keys().iter().find(|key| key.name() == other).map(|key| key.path);
                    self.unknown(name, section.or_else(misplaced));
                }
            }
        }
    }

    fn merge(&mut self, section: &DeTable<'_>) {
        for (name, value) in section {
            match name.get_ref().as_ref() {
                "outputs" => self.config.merge.outputs = self.word("outputs", value),
                "insert" => self.config.merge.insert = self.word("insert", value),
                "conflict-style" => self.config.merge.conflict_style = self.word("conflict-style", value),
                "noise" => self.config.merge.noise = self.noise(value),
                other => self.unknown(name, similar(other, keys().iter().map(Key::name))),
            }
        }
    }

    /// One of the words that `W` has.
    fn word<W: Worded>(&mut self, key: &'static str, value: &Spanned<DeValue<'_>>) -> Option<W> {
        let words = || W::WORDS.iter().map(|word| word.name);
        let DeValue::String(given) = value.get_ref() else {
            let expected = format!("one of {}", quoted(words()));
            self.problem(value, Fault::Type { key, expected, found: type_name(value.get_ref()) });
            return None;
        };
        let known = W::of(given);
        if known.is_none() {
            let hint = match similar(given, words()) {
                Some(word) => format!("did you mean {}?", quote(word)),
                None => format!("it takes {}", quoted(words())),
            };
            self.problem(value, Fault::Value { key, given: given.to_string(), hint });
        }
        known
    }

    /// A list of keys; what names none is left out.
    fn noise(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<NoiseKey> {
        let DeValue::Array(list) = value.get_ref() else {
            self.not_keys(value);
            return Vec::new();
        };
        list.iter().filter_map(|item| self.noise_key(item)).collect()
    }

    fn noise_key(&mut self, item: &Spanned<DeValue<'_>>) -> Option<NoiseKey> {
        let DeValue::String(spelled) = item.get_ref() else {
            self.not_keys(item);
            return None;
        };
        let key = NoiseKey::parse(spelled);
        if key.is_none() {
            let hint = "it takes `metadata.KEY` and `cell.metadata.KEY`, also with a `*` at the end".to_owned();
            self.problem(item, Fault::Value { key: "noise", given: spelled.to_string(), hint });
        }
        key
    }

    fn not_keys(&mut self, value: &Spanned<DeValue<'_>>) {
        let expected = "a list of keys such as [\"cell.metadata.KEY\"]".to_owned();
        self.problem(value, Fault::Type { key: "noise", expected, found: type_name(value.get_ref()) });
    }

    fn not_a_table(&mut self, key: &'static str, value: &Spanned<DeValue<'_>>) {
        self.problem(value, Fault::Type { key, expected: "a table".to_owned(), found: type_name(value.get_ref()) });
    }

    fn unknown(&mut self, name: &Spanned<impl AsRef<str>>, similar: Option<&'static str>) {
        let line = Some(self.line(name.span().start));
        self.problems
            .push(Problem { line, fault: Fault::Unknown { key: name.get_ref().as_ref().to_owned(), similar } });
    }

    fn problem(&mut self, at: &Spanned<DeValue<'_>>, fault: Fault) {
        let line = Some(self.line(at.span().start));
        self.problems.push(Problem { line, fault });
    }

    fn broken(&mut self, error: &toml::de::Error) {
        // Where the parser stumbles over markers depends on what stands around them.
        let marker = self.text.lines().position(|line| line.starts_with("<<<<<<< "));
        let (line, fault) = match marker {
            Some(index) => (index + 1, Fault::Markers),
            None => (self.line(error.span().map_or(0, |span| span.start)), Fault::Syntax(error.message().to_owned())),
        };
        self.problems.push(Problem { line: Some(line), fault });
    }

    /// The line of a byte, from 1.
    fn line(&self, at: usize) -> usize {
        self.text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
    }
}

/// The sections of ours that stand in `[tool.cellwise]`.
fn qualified(tools: &DeTable<'_>) -> Vec<&'static str> {
    let Some(DeValue::Table(ours)) = tools.get("cellwise").map(Spanned::get_ref) else { return Vec::new() };
    let mut sections: Vec<&str> =
        keys().iter().map(Key::section).filter(|section| ours.contains_key(*section)).collect();
    sections.dedup();
    sections
}

fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn quote(word: &str) -> String {
    format!("\"{word}\"")
}

fn quoted<'w>(words: impl Iterator<Item = &'w str>) -> String {
    words.map(quote).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
