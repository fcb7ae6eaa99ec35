//! Which old cell a new one was.

use std::collections::{HashMap, VecDeque};

use crate::align::{CompareBy, align_cells};
use crate::json::text::{Escapes, escape};
use crate::notebook::Notebook;

use super::Misfit;
use super::hunks::NewLine;
use super::page::{Page, Section};

/// An old text form and what a patch made of it, by lines and by cells.
pub(super) struct Pages<'t> {
    /// The old lines.
    pub(super) old_lines: &'t [&'t [u8]],
    /// The old cells.
    pub(super) old: &'t Page,
    /// The new lines, and which old ones they are.
    pub(super) new_lines: &'t [NewLine<'t>],
    /// The new lines' texts.
    pub(super) new_texts: &'t [&'t [u8]],
    /// The new cells.
    pub(super) new: &'t Page,
}

impl Pages<'_> {
    /// Whether a new cell says what an old one says.
    pub(super) fn same(&self, old: &Section, new: &Section) -> bool {
        self.old_lines[old.lines.clone()] == self.new_texts[new.lines.clone()]
    }

    /// The old cell that each new one is, by index.
    ///
    /// The patch tells: a new cell is the one that most of its lines come from. A cell that goes in one place and comes
    /// in another is found by its text, changed or not.
    pub(super) fn partners(&self, notebook: &Notebook<'_>) -> Result<Vec<Option<usize>>, Misfit> {
        let mut partners =
            Partners { of_new: vec![None; self.new.cells.len()], is_taken: vec![false; self.old.cells.len()] };
        self.by_lines(&mut partners);
        self.by_equal_text(&mut partners);
        self.by_similar_text(notebook, &mut partners)?;
        Ok(partners.of_new)
    }

    fn by_lines(&self, partners: &mut Partners) {
        let old_cell = |line: usize| self.old.cells.partition_point(|section| section.lines.end <= line);
        let mut found: Vec<(usize, usize, usize)> = Vec::new();
        for (new, section) in self.new.cells.iter().enumerate() {
            // A blank line tells nothing.
            let lines = &self.new_lines[section.lines.start..section.lines.end - 1];
            let from = lines.iter().filter_map(|line| line.from).map(old_cell);
            let mut counts: HashMap<usize, usize> = HashMap::new();
            from.for_each(|old| *counts.entry(old).or_default() += 1);
            let mut counts: Vec<_> = counts.into_iter().filter(|(old, _)| *old < self.old.cells.len()).collect();
            counts.sort_unstable();
            found.extend(counts.into_iter().map(|(old, count)| (count, new, old)));
        }
        found.sort_by_key(|(count, new, old)| (usize::MAX - count, *new, *old));
        found.into_iter().for_each(|(_, new, old)| partners.pair(old, new));
    }

    fn by_equal_text(&self, partners: &mut Partners) {
        let mut known: HashMap<&[&[u8]], VecDeque<usize>> = HashMap::new();
        for old in partners.free_old() {
            known.entry(&self.old_lines[self.old.cells[old].lines.clone()]).or_default().push_back(old);
        }
        for new in partners.free_new() {
            let text = &self.new_texts[self.new.cells[new].lines.clone()];
            if let Some(old) = known.get_mut(text).and_then(VecDeque::pop_front) {
                partners.pair(old, new);
            }
        }
    }

    fn by_similar_text(&self, notebook: &Notebook<'_>, partners: &mut Partners) -> Result<(), Misfit> {
        let (old, new) = (partners.free_old(), partners.free_new());
        if old.is_empty() || new.is_empty() {
            return Ok(());
        }
        let mut file = b"{\"cells\": [".to_vec();
        for (place, index) in new.iter().enumerate() {
            let section = &self.new.cells[*index];
            let kind = section.header(self.new_texts)?.kind.unwrap_or_else(|| b"null".to_vec());
            file.extend_from_slice(if place == 0 { b"{\"cell_type\": " } else { b", {\"cell_type\": " });
            file.extend_from_slice(&kind);
            file.extend_from_slice(b", \"source\": ");
            escape(&section.source_text(self.new_texts)?, Escapes::Minimal, &mut file);
            file.push(b'}');
        }
        file.extend_from_slice(b"]}");
        let new_cells = Notebook::read(&file)?.cells;
        let old_cells: Vec<_> = old.iter().map(|index| notebook.cells[*index].clone()).collect();
        for pair in align_cells(&old_cells, &new_cells, CompareBy::Text).pairs() {
            partners.pair(old[pair.before], new[pair.after]);
        }
        Ok(())
    }
}

struct Partners {
    of_new: Vec<Option<usize>>,
    is_taken: Vec<bool>,
}

impl Partners {
    /// Pairs two cells that have no partner yet.
    fn pair(&mut self, old: usize, new: usize) {
        if !self.is_taken[old] && self.of_new[new].is_none() {
            (self.is_taken[old], self.of_new[new]) = (true, Some(old));
        }
    }

    fn free_old(&self) -> Vec<usize> {
        (0..self.is_taken.len()).filter(|old| !self.is_taken[*old]).collect()
    }

    fn free_new(&self) -> Vec<usize> {
        (0..self.of_new.len()).filter(|new| self.of_new[*new].is_none()).collect()
    }
}
