//! Sections cut to the size of a screen, and painted.

use std::ops::Range;

use unicode_width::UnicodeWidthChar as _;

use crate::render::lines::push_marked_line;
use crate::render::palette::Palette;
use crate::text::push_visible;

use super::Extent;
use super::rows::{Row, character_start};
use super::sections::Section;

/// Appends the sections as they fit: whole, or the `brief` ones, or these with lines left out; `true` if any were.
pub(super) fn paint_fitting(
    whole: Vec<Section>,
    brief: impl FnOnce() -> Vec<Section>,
    extent: Extent,
    palette: &Palette,
    out: &mut Vec<u8>,
) -> bool {
    let whole = with_signs(whole, palette);
    let brief = || with_signs(brief(), palette);
    let Extent::Screen { rows, columns } = extent else { return paint(&whole, Width::Any, palette, out) };
    if wrapped_height(&whole, columns, rows) <= rows {
        return paint(&whole, Width::Any, palette, out);
    }
    // A full line would wrap in some terminals; the sign takes one.
    let width = Width::Cut(columns.saturating_sub(2).max(8));
    if height(&whole) <= rows {
        return paint(&whole, width, palette, out);
    }
    let brief = Some(brief()).filter(|brief| !brief.is_empty() && height(brief) < height(&whole)).unwrap_or(whole);
    paint(&cut(brief, rows), width, palette, out);
    true
}

/// The sections with signs around changed words, where no colour tells them.
fn with_signs(mut sections: Vec<Section>, palette: &Palette) -> Vec<Section> {
    if palette.is_plain() {
        sections.iter_mut().flat_map(|section| &mut section.rows).for_each(Row::add_word_signs);
    }
    sections
}

/// How wide lines may be.
#[derive(Clone, Copy)]
enum Width {
    /// The terminal wraps them.
    Any,
    /// Longer ones are cut.
    Cut(usize),
}

fn paint(sections: &[Section], width: Width, palette: &Palette, out: &mut Vec<u8>) -> bool {
    let cut: Vec<bool> = sections.iter().map(|section| section.paint(width, palette, out)).collect();
    cut.contains(&true)
}

/// How many lines of a terminal the sections take, or more than `most`.
fn wrapped_height(sections: &[Section], columns: usize, most: usize) -> usize {
    let rows = |text: &[u8]| match text.len() > MOST_BYTES * columns * most {
        true => most + 1,
        false => (1 + width_of(text)).div_ceil(columns.max(1)),
    };
    let of_row = |row: &Row| if let Row::Line { text, .. } = row { rows(text) } else { 1 };
    let titles = sections.iter().filter(|section| !section.title.is_empty());
    let titles: usize = titles.map(|section| rows(section.title.as_bytes())).sum();
    sections.iter().flat_map(|section| &section.rows).take(most + 1).map(of_row).sum::<usize>() + titles
}

fn height(sections: &[Section]) -> usize {
    sections.iter().map(Section::height).sum()
}

/// Cuts the longest sections first, then whole sections at the end.
fn cut(sections: Vec<Section>, rows: usize) -> Vec<Section> {
    let longest = sections.iter().map(|section| section.rows.len()).max().unwrap_or(0);
    let lines = |most: usize| sections.iter().map(|section| section.height_at_most(most)).sum::<usize>();
    let most = (0..=longest.min(rows)).rev().find(|most| lines(*most) <= rows).unwrap_or(0);
    let mut left = rows.saturating_sub(1);
    let (mut kept, mut left_out) = (Vec::new(), 0);
    let all_fit = lines(most) <= rows;
    for section in sections {
        let section = section.at_most(most);
        match left.checked_sub(section.height()) {
            _ if all_fit => kept.push(section),
            Some(rest) if left_out == 0 => {
                left = rest;
                kept.push(section);
            }
            _ => left_out += section.height() + section.left_out,
        }
    }
    if left_out > 0 {
        kept.push(Section { title: String::new(), rows: Vec::new(), left_out });
    }
    kept
}

impl Section {
    fn height(&self) -> usize {
        usize::from(!self.title.is_empty()) + self.rows.len() + usize::from(self.left_out > 0)
    }

    fn height_at_most(&self, most: usize) -> usize {
        // A line that tells of one line takes as much room as that one.
        let rows = if self.rows.len() <= most + 1 { self.rows.len() } else { most + 1 };
        usize::from(!self.title.is_empty()) + rows
    }

    fn at_most(mut self, most: usize) -> Self {
        if self.rows.len() > most + 1 {
            let gone = self.rows.split_off(most);
            let lines = |row: &Row| if let Row::Same(lines) = row { *lines } else { 1 };
            self.left_out = gone.iter().map(lines).sum();
        }
        self
    }

    /// Appends its lines; `true` if one was too long.
    fn paint(&self, width: Width, palette: &Palette, out: &mut Vec<u8>) -> bool {
        if !self.title.is_empty() {
            let line = Cut::new(self.title.as_bytes(), &[], width);
            palette.push_line(&palette.frag, &line.text, out);
        }
        let mut is_cut = false;
        for row in &self.rows {
            match row {
                Row::Same(lines) => push_count(*lines, "the same", palette, out),
                Row::Line { sign, text, marks } => {
                    let line = Cut::new(text, marks, width);
                    is_cut |= line.is_cut;
                    push_marked_line(*sign, &line.text, &line.marks, palette, out);
                }
            }
        }
        if self.left_out > 0 {
            push_count(self.left_out, "more", palette, out);
        }
        is_cut
    }
}

/// `… 40 lines more`
fn push_count(lines: usize, what: &str, palette: &Palette, out: &mut Vec<u8>) {
    let lines = if lines == 1 { "1 line".to_owned() } else { format!("{lines} lines") };
    palette.push_line(&palette.frag, format!("  … {lines} {what}").as_bytes(), out);
}

/// A line as a terminal can be given it, cut to a width around its first mark.
struct Cut {
    text: Vec<u8>,
    marks: Vec<Range<usize>>,
    is_cut: bool,
}

impl Cut {
    fn new(line: &[u8], marks: &[Range<usize>], width: Width) -> Self {
        let whole = Self { text: Vec::new(), marks: Vec::new(), is_cut: false };
        let fits = |columns: &usize| line.len() <= MOST_BYTES * columns && width_of(line) <= *columns;
        let columns = match width {
            Width::Cut(columns) if !fits(&columns) => columns,
            Width::Cut(_) | Width::Any => return whole.shown(line, 0..line.len(), marks),
        };
        let room = columns - 1;
        let first = marks.first().map_or(0, |mark| mark.start);
        let before = if width_of(&line[..first.min(MOST_BYTES * columns)]) <= room / 2 { 0 } else { first };
        let start = character_start(line, before.saturating_sub(room / 3));
        let mut cut = Self { is_cut: true, ..whole };
        if start > 0 {
            cut.text.extend_from_slice("…".as_bytes());
        }
        let end = character_start(line, start.saturating_add(MOST_BYTES * columns));
        cut = cut.shown(line, start..end, marks);
        cut.end_at(room, end == line.len());
        cut
    }

    /// Appends a part of a line with all control characters visible, and its marks.
    fn shown(mut self, line: &[u8], part: Range<usize>, marks: &[Range<usize>]) -> Self {
        let mut at = part.start;
        for mark in marks {
            let (start, end) = (mark.start.clamp(at, part.end), mark.end.clamp(at, part.end));
            push_visible(&line[at..start], &mut self.text);
            let begin = self.text.len();
            push_visible(&line[start..end], &mut self.text);
            if begin < self.text.len() {
                self.marks.push(begin..self.text.len());
            }
            at = end;
        }
        push_visible(&line[at..part.end], &mut self.text);
        self
    }

    /// Cuts what is wider than `room`, and says so.
    fn end_at(&mut self, room: usize, is_end: bool) {
        let text = String::from_utf8_lossy(&self.text).into_owned();
        let mut width = 0;
        let fits = |(_, character): &(usize, char)| {
            width += width_of_character(*character);
            width <= room
        };
        let end = text.char_indices().take_while(fits).last().map_or(0, |(at, last)| at + last.len_utf8());
        if end == text.len() && is_end {
            return;
        }
        self.text = text.as_bytes()[..end].to_vec();
        self.marks.retain(|mark| mark.start < end);
        self.marks.iter_mut().for_each(|mark| mark.end = mark.end.min(end));
        self.text.extend_from_slice("…".as_bytes());
    }
}

/// No character takes more bytes for each column, but for those that pile marks on one letter.
const MOST_BYTES: usize = 8;

/// How many columns a line takes once its control characters are visible.
fn width_of(line: &[u8]) -> usize {
    let mut shown = Vec::new();
    push_visible(line, &mut shown);
    String::from_utf8_lossy(&shown).chars().map(width_of_character).sum()
}

/// A tab takes eight columns at most.
fn width_of_character(character: char) -> usize {
    if character == '\t' { 8 } else { character.width().unwrap_or(0) }
}
