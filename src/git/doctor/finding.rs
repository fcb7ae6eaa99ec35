//! One thing that was found.

use super::kinds::Kind;
pub(super) use crate::git::command::shell_quoted;

/// How bad a finding is, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// git does not do for notebooks what cellwise is there for.
    Fault,
    /// It works now, and will not under conditions that are likely.
    Warning,
    /// Worth knowing.
    Note,
}

impl Level {
    /// The word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fault => "fault",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// What makes a finding go away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cure {
    /// A command, to be run in the repository.
    Command(String),
    /// What a person has to do.
    Advice(String),
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which.
    pub kind: &'static Kind,
    /// What was found, in one line.
    pub message: String,
    /// The file in which the reason stands, with the line where git tells it.
    pub origin: Option<String>,
    /// The cure.
    pub cure: Cure,
}

impl Finding {
    /// A finding that a command cures.
    pub(super) fn new(kind: &'static Kind, message: impl Into<String>, command: impl Into<String>) -> Self {
        Self { kind, message: message.into(), origin: None, cure: Cure::Command(command.into()) }
    }

    /// A finding about which a person has to do something.
    pub(super) fn advising(kind: &'static Kind, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { kind, message: message.into(), origin: None, cure: Cure::Advice(advice.into()) }
    }

    /// The same with the place of its reason.
    pub(super) fn at(self, origin: impl Into<Option<String>>) -> Self {
        Self { origin: origin.into(), ..self }
    }
}

/// `one.ipynb`, `one.ipynb and 1 more`.
pub(super) fn some_of(paths: &[String]) -> String {
    match paths {
        [] => String::new(),
        [only] => only.clone(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
    }
}
