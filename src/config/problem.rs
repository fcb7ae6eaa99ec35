//! What is wrong with a configuration, in words.

use std::borrow::Cow;
use std::fmt;

/// Something in a configuration that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its line, from 1; `None` if it is the whole file.
    pub line: Option<usize>,
    /// What it is.
    pub fault: Fault,
}

/// Why something in a configuration does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A key or section that this version does not have.
    Unknown {
        /// As it stands there.
        key: String,
        /// A known one that looks like it.
        similar: Option<&'static str>,
    },
    /// A value that the key does not take.
    Value {
        /// The key.
        key: &'static str,
        /// The value.
        given: String,
        /// What it could be, in words.
        hint: String,
    },
    /// A value of another type than the key takes.
    Type {
        /// The key.
        key: &'static str,
        /// What it should be.
        expected: String,
        /// What it is.
        found: &'static str,
    },
    /// The text is no TOML, in the words of the parser.
    Syntax(String),
    /// A section of ours, spelled as in a `pyproject.toml`.
    Qualified(&'static str),
    /// The text holds conflict markers of git.
    Markers,
    /// There is no text, in the words of the system.
    Unreadable(String),
}

impl Problem {
    /// Whether somebody made a mistake. A key that looks like none of ours may be a later version's.
    #[must_use]
    pub fn is_mistake(&self) -> bool {
        !matches!(self.fault, Fault::Unknown { similar: None, .. })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.fault {
            Fault::Unknown { key, similar: Some(similar) } => {
                write!(formatter, "unknown key `{}`: did you mean `{similar}`?", shortened(key))
            }
            Fault::Unknown { key, similar: None } => write!(formatter, "unknown key `{}`", shortened(key)),
            Fault::Value { key, given, hint } => {
                write!(formatter, "`{key}` cannot be \"{}\": {hint}", shortened(given))
            }
            Fault::Type { key, expected, found } => write!(formatter, "`{key}` must be {expected}, not {found}"),
            Fault::Syntax(reason) | Fault::Unreadable(reason) => formatter.write_str(reason),
            Fault::Markers => formatter.write_str("has git's conflict markers: settle them first"),
            Fault::Qualified(section) => {
                write!(formatter, "`[tool.cellwise.{section}]` is for pyproject.toml: here it is `[{section}]`")
            }
        }
    }
}

/// As much of a key or value as a line has room for.
fn shortened(text: &str) -> Cow<'_, str> {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// The word that somebody meant who wrote `given`, if one is near.
pub(super) fn similar(given: &str, words: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    const FARTHEST: usize = 2;
    // Half the world's keys are spelled with the one, half with the other.
    let given = &given.replace('_', "-");
    let near = |word: &'static str| {
        let distance = distance(given, word);
        (distance <= FARTHEST && distance < word.len().min(given.len())).then_some((distance, word))
    };
    words.filter_map(near).min_by_key(|(distance, _)| *distance).map(|(_, word)| word)
}

/// How many characters must be put in, taken out or replaced to make `one` the `other` (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, character) in one.chars().enumerate() {
        let mut above_left = row[0];
        row[0] = index + 1;
        for (at, candidate) in other.iter().enumerate() {
            let replaced = above_left + usize::from(*candidate != character);
            above_left = row[at + 1];
            row[at + 1] = replaced.min(above_left + 1).min(row[at] + 1);
        }
    }
    row[other.len()]
}
