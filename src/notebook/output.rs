//! One output of a code cell.

use crate::json::{self, Member};

/// An output, as a view of its raw members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output<'a> {
    /// All members in file order.
    pub members: Vec<Member<'a>>,
}

impl<'a> Output<'a> {
    /// The outputs of the raw list `outputs`.
    #[must_use]
    pub fn list(outputs: &'a str) -> Vec<Self> {
        json::elements(outputs).into_iter().map(|raw| Self { members: json::members(raw) }).collect()
    }

    /// The count of an `execute_result`, raw (`prompt_number` in nbformat 2 and 3).
    #[must_use]
    pub fn execution_count(&self) -> Option<&'a str> {
        json::find(&self.members, "execution_count").or_else(|| json::find(&self.members, "prompt_number"))
    }
}
