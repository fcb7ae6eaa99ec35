//! Cells as somebody types them: the numbers that `cellwise diff` shows.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// Which version's cells are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// Those of the file.
    New,
    /// Those that were staged.
    Old,
}

/// A cell, or several that follow each other; counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CellNames {
    pub(super) of: Of,
    pub(super) numbers: RangeInclusive<usize>,
}

impl FromStr for CellNames {
    type Err = String;

    /// `3`, `4-6`, `old5`, `old 5-7`.
    fn from_str(typed: &str) -> Result<Self, String> {
        let (of, numbers) = match typed.trim().strip_prefix("old") {
            Some(numbers) => (Of::Old, numbers),
            None => (Of::New, typed),
        };
        let number = |text: &str| text.trim().parse().ok().filter(|number| *number > 0);
        let (first, last) = numbers.split_once('-').unwrap_or((numbers, numbers));
        match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => Ok(Self { of, numbers: first..=last }),
            _ => Err("a cell is a number from 1 (3), a range (4-6), or an old cell that is gone (old5)".to_owned()),
        }
    }
}

impl fmt::Display for CellNames {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let old = if self.of == Of::Old { "old " } else { "" };
        match (self.numbers.start(), self.numbers.end()) {
            (first, last) if first == last => write!(formatter, "{old}cell {first}"),
            (first, last) => write!(formatter, "{old}cells {first}-{last}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_typed_as_a_diff_names_them() {
        let said = |typed: &str| typed.parse::<CellNames>().map(|names| names.to_string());
        for (typed, name) in
            [("3", "cell 3"), (" 4-6", "cells 4-6"), ("old5", "old cell 5"), ("old 5-7", "old cells 5-7")]
        {
            assert_eq!(said(typed).as_deref(), Ok(name), "{typed}");
        }
        for wrong in ["", "0", "x", "3-", "-3", "6-4", "old", "new3", "1-2-3", "99999999999999999999999"] {
            assert!(said(wrong).is_err(), "{wrong}");
        }
    }
}
