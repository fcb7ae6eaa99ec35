//! The source of a cell in the colours of its language.

use std::ops::Range;

use crate::text::{Part, parts};

use super::palette::Palette;
use super::syntax::Highlighter;

/// Which bytes of a line to colour, ascending, and the escape sequence that begins each colour.
pub(super) type LineColours = Vec<(Range<usize>, &'static str)>;

/// The colours of each line of a cell's text form; none but in its source. `language` is the notebook's.
pub(super) fn colours(cell: &[u8], language: &str) -> Vec<LineColours> {
    let lines = || cell.split_inclusive(|byte| *byte == b'\n').map(without_newline);
    let Some(mut highlighter) = highlighter(lines(), language) else { return Vec::new() };
    let colour = |(line, part)| if part == Part::Source { highlighter.line(line) } else { Vec::new() };
    lines().zip(parts(lines())).map(colour).collect()
}

/// What colours the source of a cell.
fn highlighter<'l>(mut lines: impl Iterator<Item = &'l [u8]>, language: &str) -> Option<Highlighter> {
    let header = lines.next()?;
    if header.starts_with(b"# %% markdown") {
        return Highlighter::new("markdown");
    }
    // `%%bash` and the like hand the cell to another language.
    let magic = lines.next().and_then(|line| line.strip_prefix(b"%%")).and_then(|line| str::from_utf8(line).ok());
    let name = magic.and_then(|line| line.split_whitespace().next());
    let known = name.and_then(Highlighter::new);
    header.starts_with(b"# %% code").then(|| known.or_else(|| Highlighter::new(language))).flatten()
}

/// Appends an unchanged line in its colours, and a newline.
pub(super) fn push_coloured(line: &[u8], colours: &[(Range<usize>, &str)], palette: &Palette, out: &mut Vec<u8>) {
    let mut at = 0;
    for (range, colour) in colours {
        if at < range.start {
            palette.push_text(&[&palette.context], &line[at..range.start], out);
        }
        palette.push_text(&[colour], &line[range.clone()], out);
        at = range.end;
    }
    palette.push_line(&palette.context, &line[at..], out);
}

pub(super) fn without_newline(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\n").unwrap_or(line)
}
