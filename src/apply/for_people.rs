//! Telling the diff for people from a strict patch: it holds a moved cell against itself, and says in notes what has no
//! lines, so that applying its hunks alone would leave moves out without a word.

use crate::text::push_visible;

use super::hunks::{Hunk, Line, Sign};

/// A hunk with what its first line says.
pub(super) struct HeadedHunk<'p> {
    pub(super) hunk: Hunk<'p>,
    /// First line and length, before and after.
    pub(super) ranges: [(usize, usize); 2],
    /// What stands behind `@@`.
    pub(super) heading: &'p [u8],
}

/// Whether `line`, above the `diff --git` of a file called `name`, is a note about it: `n.ipynb: cell 3: moved from 5`.
pub(super) fn is_note(line: &[u8], name: &[u8]) -> bool {
    let mut shown = Vec::new();
    push_visible(name, &mut shown);
    let text = line.strip_prefix(shown.as_slice()).and_then(|rest| rest.strip_prefix(b": "));
    let Some(text) = text else { return false };
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    match digits {
        0 => [&b"cell "[..], b"cells ", b"notebook: "].iter().any(|subject| text.starts_with(subject)),
        digits => text[digits..].starts_with(b" cells: "),
    }
}

/// Whether hunks can be those of a strict patch: ascending on both sides, and a moved cell in them as a whole.
pub(super) fn are_strict(hunks: &[HeadedHunk<'_>]) -> bool {
    let ascending = |side: usize| {
        hunks.windows(2).all(|pair| {
            let [(start, len), (next, _)] = [pair[0].ranges[side], pair[1].ranges[side]];
            next >= start.saturating_add(len)
        })
    };
    ascending(0) && ascending(1) && hunks.iter().all(|hunk| !is_moved(hunk.heading) || begins_a_cell(&hunk.hunk.lines))
}

/// Whether a heading says that the cell stands elsewhere: `cell 5 code, moved from 9`.
fn is_moved(heading: &[u8]) -> bool {
    let words = memchr::memmem::find(heading, b", moved from ");
    words.is_some_and(|at| {
        heading.trim_ascii_start().starts_with(b"cell") && heading[at + 13..].first().is_some_and(u8::is_ascii_digit)
    })
}

/// Whether the first changed line is a cell's header, and all of a cell comes or goes with it. The line of digests,
/// which goes before a cell comes behind the last one, is no part of it.
fn begins_a_cell(lines: &[Line<'_>]) -> bool {
    let is_digests = |line: &Line<'_>| line.text.starts_with(b"# hidden:");
    let mut changed = lines.iter().skip_while(|line| line.sign == Sign::Context || is_digests(line));
    let Some(header) = changed.next().filter(|line| is_header(line)) else { return false };
    let mut rest = changed.clone();
    rest.find(|line| line.sign != header.sign || line.text.is_empty()).is_some_and(|end| end.sign == header.sign)
        || comes_before_another(
            changed.take_while(|line| line.sign != Sign::Context).filter(|line| line.sign == Sign::Added),
        )
}

/// Whether the new lines that stand for an old header are a cell and the header of the next.
fn comes_before_another<'l>(mut added: impl Iterator<Item = &'l Line<'l>>) -> bool {
    added.next().is_some_and(is_header)
        && added.find(|line| is_header(line) || line.text.is_empty()).is_some_and(|end| end.text.is_empty())
        && added.any(is_header)
}

fn is_header(line: &Line<'_>) -> bool {
    line.text.starts_with(b"# %% ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_name_the_file_and_its_cells() {
        for note in ["n: cell 3: moved from 5", "n: cells 2-6 and 9: x", "n: 12 cells: x", "n: notebook: id of 1 cell"]
        {
            assert!(is_note(note.as_bytes(), b"n"), "{note}");
        }
        for other in ["m: cell 3: x", "n: 12 notes: x", "n: a fix", "From: n", "cellwise: n: not a notebook"] {
            assert!(!is_note(other.as_bytes(), b"n"), "{other}");
        }
    }

    #[test]
    fn a_moved_cell_is_whole_or_not() {
        let lines = |text: &'static str| -> Vec<Line<'static>> {
            let sign = |line: &str| match line.as_bytes()[0] {
                b'-' => Sign::Removed,
                b'+' => Sign::Added,
                _ => Sign::Context,
            };
            text.lines().map(|line| Line { sign: sign(line), text: &line.as_bytes()[1..] }).collect()
        };
        assert!(begins_a_cell(&lines(" \n+# %% code\n+x\n+\n # %% code")));
        assert!(begins_a_cell(&lines("-# %% code\n-\n+# %% raw\n+\n")));
        assert!(begins_a_cell(&lines(" \n-# hidden: ids 123456\n+# %% code\n+x\n+\n+# hidden: ids 654321")));
        assert!(begins_a_cell(&lines("-# %% code\n+# %% raw\n+x\n+\n+# %% raw\n y\n ")));
        for part in [
            "-# %% code\n+# %% raw\n+\n y\n ",
            " x\n-y\n+z",
            "-# %% code\n+# %% code tags: a\n x\n ",
            "-# %% raw\n-x\n+# %% code\n+y\n ",
            " x",
        ] {
            assert!(!begins_a_cell(&lines(part)), "{part}");
        }
    }
}
