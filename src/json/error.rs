//! What is wrong with a text that is not JSON, and where.

/// The first fault of a text that is not JSON: one line for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct SyntaxError {
    /// Line of the fault, from 1.
    pub line: usize,
    /// Column of the fault in bytes, from 1.
    pub column: usize,
    /// What is wrong there, without a position and without a full stop.
    pub reason: String,
}

impl SyntaxError {
    /// A fault at byte `at` of `bytes`.
    pub(crate) fn at(bytes: &[u8], at: usize, reason: impl Into<String>) -> Self {
        let before = &bytes[..at.min(bytes.len())];
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let column = at - memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1) + 1;
        Self { line, column, reason: reason.into() }
    }
}

impl From<serde_json::Error> for SyntaxError {
    fn from(error: serde_json::Error) -> Self {
        Self::from(&error)
    }
}

impl From<&serde_json::Error> for SyntaxError {
    fn from(error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let reason = text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason);
        // serde_json says "unicode code point" for bytes that are not UTF-8.
        let reason = reason.replace("invalid unicode code point", "not UTF-8");
        let reason = reason.replace("EOF while parsing", "the file ends in the middle of");
        Self { line: error.line(), column: error.column().max(1), reason }
    }
}
