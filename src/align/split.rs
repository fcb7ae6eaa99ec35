//! Cells whose lines stand in several neighbouring cells of the other version: split, or, read backwards, joined.

use std::ops::Range;

use imara_diff::{Algorithm, Diff, Interner};

use crate::notebook::Cell;

use super::Alignment;
use super::lines::{LineBag, filled_lines, is_blank, lines};

/// A cell of one version that is several cells of the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The one cell, from 0.
    pub whole: usize,
    /// The cells that hold its lines, in their order; what stands between them is new, too (a heading, say).
    pub parts: Vec<usize>,
    /// Between each part and the next: where they meet in the whole, as a range of its lines. The range has the
    /// blank lines that belong to neither and is empty if there are none.
    pub cuts: Vec<Range<usize>>,
}

/// How many cells on either side of a cell may be parts of the same whole.
const REACH: usize = 8;
/// A cell must have lost so many lines that a new one is a part of it even if it has more lines of its own.
const SEVERAL: usize = 3;

/// Cells of `before` that were split.
#[must_use]
pub fn splits(before: &[Cell<'_>], after: &[Cell<'_>], alignment: &Alignment) -> Vec<Split> {
    Search { wholes: before, parts: after, to_part: &alignment.before, to_whole: &alignment.after }.run()
}

/// Cells of `after` that were joined from several of `before`: `whole` is the joined cell.
#[must_use]
pub fn joins(before: &[Cell<'_>], after: &[Cell<'_>], alignment: &Alignment) -> Vec<Split> {
    Search { wholes: after, parts: before, to_part: &alignment.after, to_whole: &alignment.before }.run()
}

struct Search<'s, 'c> {
    wholes: &'s [Cell<'c>],
    parts: &'s [Cell<'c>],
    to_part: &'s [Option<usize>],
    to_whole: &'s [Option<usize>],
}

impl Search<'_, '_> {
    fn run(&self) -> Vec<Split> {
        (0..self.wholes.len()).filter_map(|whole| self.split(whole)).collect()
    }

    fn split(&self, whole: usize) -> Option<Split> {
        let known = self.to_part[whole];
        let stretch = match known {
            Some(part) => self.free_around(part),
            None => self.between_neighbours(whole)?,
        };
        let may_belong = |part: &usize| {
            self.to_whole[*part].is_none()
                && self.parts[*part].kind() == self.wholes[whole].kind()
                && !self.parts[*part].is_blank()
        };
        let candidates: Vec<usize> = stretch.filter(may_belong).collect();
        if candidates.len() + usize::from(known.is_some()) < 2 {
            return None;
        }
        let text = self.wholes[whole].source_text();
        let parts = self.making_up(&text, known, &candidates).or_else(|| self.belonging(&text, known, &candidates))?;
        let cuts = self.cuts(&text, &parts)?;
        Some(Split { whole, parts, cuts })
    }

    /// The stretch of cells without a partner around one that has one, as far as parts are looked for.
    fn free_around(&self, part: usize) -> Range<usize> {
        let free = |part: &usize| self.to_whole[*part].is_none();
        let left = (0..part).rev().take(REACH).take_while(free).count();
        let right = (part + 1..self.parts.len()).take(REACH).take_while(free).count();
        part - left..part + 1 + right
    }

    /// The cells without a partner that stand where an unpaired cell stood, if they are the only candidates.
    fn between_neighbours(&self, whole: usize) -> Option<Range<usize>> {
        let start = match whole.checked_sub(1) {
            Some(previous) => self.to_part[previous]? + 1,
            None => 0,
        };
        let end = match self.to_part.get(whole + 1) {
            Some(next) => (*next)?,
            None => self.parts.len(),
        };
        let new = start..end.max(start);
        // A cell that was moved in among them has its own place, and is nothing that was put between parts.
        let is_free = |part: usize| self.to_whole[part].is_none();
        ((2..=REACH).contains(&new.len()) && new.clone().all(is_free)).then_some(new)
    }

    /// Neighbours among the candidates, with the `known` part, that together are `text` line by line: then the shortest of
    /// them is a part.
    fn making_up(&self, text: &[u8], known: Option<usize>, candidates: &[usize]) -> Option<Vec<usize>> {
        let mut cells: Vec<usize> = candidates.iter().copied().chain(known).collect();
        cells.sort_unstable();
        let texts: Vec<Vec<u8>> = cells.iter().map(|part| self.parts[*part].source_text()).collect();
        let counts: Vec<usize> = texts.iter().map(|text| filled_lines(text).count()).collect();
        let wanted = filled_lines(text).count();
        let is_it = |run: &Range<usize>| {
            known.is_none_or(|known| cells[run.clone()].contains(&known))
                && counts[run.clone()].iter().sum::<usize>() == wanted
                && texts[run.clone()].iter().flat_map(|text| filled_lines(text)).eq(filled_lines(text))
        };
        let runs = (0..cells.len()).flat_map(|first| (first + 2..=cells.len()).map(move |end| first..end));
        runs.into_iter().find(is_it).map(|run| cells[run].to_vec())
    }

    /// The `known` part and those of the candidates, nearest first, that mostly hold lines of `text` which the others do
    /// not, or most of those.
    fn belonging(&self, text: &[u8], known: Option<usize>, candidates: &[usize]) -> Option<Vec<usize>> {
        let mut rest = LineBag::new(text);
        if let Some(part) = known {
            rest.take(&self.parts[part].source_text());
        }
        let mut nearest = candidates.to_vec();
        nearest.sort_by_key(|part| (part.abs_diff(known.unwrap_or(0)), *part));
        let mut parts: Vec<usize> = known.into_iter().collect();
        for part in nearest {
            let text = self.parts[part].source_text();
            let shared = rest.clone().take(&text);
            let mostly = shared.found * 2 >= shared.all || (rest.len >= SEVERAL && shared.found * 2 >= rest.len);
            if mostly && shared.is_telling() {
                rest.take(&text);
                parts.push(part);
            }
        }
        parts.sort_unstable();
        (parts.len() > 1).then_some(parts)
    }

    /// Where the parts meet in the whole; `None` if they are too unlike it, or it cannot be said.
    fn cuts(&self, text: &[u8], parts: &[usize]) -> Option<Vec<Range<usize>>> {
        let texts: Vec<Vec<u8>> = parts.iter().map(|part| self.parts[*part].source_text()).collect();
        let whole: Vec<&[u8]> = lines(text).collect();
        let mut joined: Vec<&[u8]> = Vec::new();
        let mut ends = Vec::new();
        for text in &texts {
            joined.extend(lines(text));
            ends.push(joined.len());
        }
        let kept = kept_lines(&whole, &joined);
        let mut told = kept.iter().filter(|(line, _)| !is_blank(whole[*line]));
        let starts = [0].iter().chain(&ends);
        let mut parts = starts.zip(&ends).map(|(start, end)| *start..*end);
        let filled = whole.iter().filter(|line| !is_blank(line)).count();
        if told.clone().count() * 2 < filled || parts.any(|part| !told.any(|(_, line)| part.contains(line))) {
            return None;
        }
        let (_, inner) = ends.split_last()?;
        inner.iter().map(|end| cut(&whole, &joined, &kept, *end)).collect()
    }
}

/// Where the boundary at line `end` of the `joined` parts lies in the whole.
fn cut(whole: &[&[u8]], joined: &[&[u8]], kept: &[(usize, usize)], end: usize) -> Option<Range<usize>> {
    let behind = kept.partition_point(|(_, line)| *line < end);
    let (last, next) = (*kept.get(behind.checked_sub(1)?)?, *kept.get(behind)?);
    let filled = |lines: &[&[u8]], from: usize| -> Vec<usize> {
        (0..lines.len()).filter(|line| !is_blank(lines[*line])).map(|line| from + line).collect()
    };
    let changed = filled(&whole[last.0 + 1..next.0], last.0 + 1);
    let before = filled(&joined[last.1 + 1..end], 0).len();
    let after = filled(&joined[end..next.1], 0).len();
    // How many of the lines that were changed here belong to the part before.
    let first = match (before, after) {
        (_, 0) => changed.len(),
        (0, _) => 0,
        (before, after) if before + after == changed.len() => before,
        _ if changed.is_empty() => 0,
        _ => return None,
    };
    let from = first.checked_sub(1).map_or(last.0, |line| changed[line]) + 1;
    let to = changed.get(first).copied().unwrap_or(next.0);
    let blank_before = whole[..from].iter().rev().take_while(|line| is_blank(line)).count();
    let blank_behind = whole[to..].iter().take_while(|line| is_blank(line)).count();
    Some(from - blank_before..to + blank_behind)
}

/// The lines that two texts have in common, in order.
fn kept_lines(before: &[&[u8]], after: &[&[u8]]) -> Vec<(usize, usize)> {
    let mut interner = Interner::new(before.len() + after.len());
    let mut tokens = |lines: &[&[u8]]| lines.iter().map(|line| interner.intern(line.to_vec())).collect::<Vec<_>>();
    let (old, new) = (tokens(before), tokens(after));
    let mut diff = Diff::default();
    diff.compute_with(Algorithm::Histogram, &old, &new, interner.num_tokens());
    let kept = (0..before.len()).filter(|line| !diff.is_removed(*line as u32));
    kept.zip((0..after.len()).filter(|line| !diff.is_added(*line as u32))).collect()
}
