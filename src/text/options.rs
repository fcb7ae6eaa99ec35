//! What the text form shows beside sources.

/// Whether something is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Show {
    /// It is not.
    #[default]
    No,
    /// It is.
    Yes,
}

impl From<bool> for Show {
    /// Whether it was asked for.
    fn from(asked: bool) -> Self {
        if asked { Self::Yes } else { Self::No }
    }
}

/// What the text form shows of that which it hides by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextOptions {
    /// Outputs, in place and readable.
    pub outputs: Show,
    /// The ids of cells.
    pub ids: Show,
    /// Execution counts.
    pub counts: Show,
    /// Metadata that tools write, and the nbformat version.
    pub tool_metadata: Show,
    /// The last line, with digests of all that is hidden by default. Without it nothing is hashed.
    pub hidden_line: Show,
}

impl Default for TextOptions {
    /// The form that git compares: nothing but the hidden line.
    fn default() -> Self {
        Self { outputs: Show::No, ids: Show::No, counts: Show::No, tool_metadata: Show::No, hidden_line: Show::Yes }
    }
}
