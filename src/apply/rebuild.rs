//! A notebook edited so that its text form becomes what a patch makes of it.

use std::borrow::Cow;

use crate::json::{MemberChange, Style};
use crate::merge::{FreeIds, cell_depth, content_id, members_with_cells, write_source};
use crate::notebook::{Cell, Notebook, Version};
use crate::text::text_form;

use super::Misfit;
use super::details::{Attachments, detail_changes, detail_paths};
use super::edits::{NewCell, PathChange, changed_notebook, changed_object, member_changes};
use super::hunks::{Hunk, apply_hunks, is_hidden_line};
use super::order::ordered;
use super::page::{Header, Page, Section, quoted};
use super::partner::Pages;

/// What a notebook begins with that a patch adds.
const BLANK: &[u8] = b"{\n \"cells\": [],\n \"metadata\": {},\n \"nbformat\": 4,\n \"nbformat_minor\": 5\n}\n";

const METADATA: &str = "\"metadata\"";

/// What becomes of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is new.
    Added,
    /// It is edited.
    Edited,
    /// It goes.
    Deleted,
}

/// The file `old` with the hunks of a patch applied to its text form.
///
/// Cells that no line changes in keep their bytes, the others their id, outputs and count, as when they are edited in
/// Jupyter.
pub(super) fn rebuild(old: &[u8], hunks: &[Hunk<'_>], fate: Fate) -> Result<Vec<u8>, Misfit> {
    let is_empty = old.trim_ascii().is_empty();
    if fate == Fate::Edited && !hunks.iter().any(Hunk::changes) {
        return Ok(old.to_vec());
    }
    let notebook = Notebook::read(if is_empty { BLANK } else { old })?;
    let form = text_form(&notebook);
    let old_lines = if is_empty { Vec::new() } else { shown_lines(&form.bytes) };
    let new_lines = apply_hunks(&old_lines, hunks)?;
    if fate == Fate::Deleted {
        let line = hunks.first().map_or(1, |hunk| hunk.line);
        return if new_lines.is_empty() { Ok(Vec::new()) } else { Err(Misfit::Hunk { line }) };
    }
    let new_texts: Vec<&[u8]> = new_lines.iter().map(|line| line.text).collect();
    let (old_page, new_page) = (Page::read(&old_lines)?, Page::read(&new_texts)?);
    if old_page.cells.len() != notebook.cells.len() {
        return Err(Misfit::NotRebuilt { line: 1 });
    }
    let pages =
        Pages { old_lines: &old_lines, old: &old_page, new_lines: &new_lines, new_texts: &new_texts, new: &new_page };
    let new = Rebuild::new(&notebook, &pages).file()?.ok_or(Misfit::NotRebuilt { line: 1 })?;
    match first_difference(&new, &new_texts) {
        Some(line) => Err(Misfit::NotRebuilt { line }),
        None => Ok(new),
    }
}

/// The lines of a text form without the last, of digests.
fn shown_lines(form: &[u8]) -> Vec<&[u8]> {
    let lines = form.strip_suffix(b"\n").unwrap_or(form).split(|byte| *byte == b'\n');
    lines.filter(|line| !is_hidden_line(line)).collect()
}

/// The first line, from 1, in which the text form of `file` is not `lines`.
fn first_difference(file: &[u8], lines: &[&[u8]]) -> Option<usize> {
    let Ok(notebook) = Notebook::read(file) else { return Some(1) };
    let form = text_form(&notebook);
    let found = shown_lines(&form.bytes);
    let same = found.iter().zip(lines).take_while(|(one, other)| one == other).count();
    (same < found.len().max(lines.len())).then_some(same + 1)
}

struct Rebuild<'r, 'a> {
    notebook: &'r Notebook<'a>,
    pages: &'r Pages<'r>,
    style: Style<'a>,
    /// The depth of a cell in the file.
    depth: usize,
    version: Version,
    attachments: Attachments<'r, 'a>,
}

impl<'r, 'a> Rebuild<'r, 'a> {
    fn new(notebook: &'r Notebook<'a>, pages: &'r Pages<'r>) -> Self {
        Self {
            notebook,
            pages,
            style: Style::of(notebook.bytes),
            depth: cell_depth(notebook),
            version: notebook.version(),
            attachments: Attachments::new(notebook, pages.old_lines, pages.old),
        }
    }

    /// The new file; `None` if the old one has no one list that cells could be added to.
    fn file(&self) -> Result<Option<Vec<u8>>, Misfit> {
        let ids = self.notebook.cells.iter().filter_map(Cell::id).map(str::to_owned);
        let mut ids = FreeIds::new(ids);
        let partners = self.pages.partners(self.notebook)?;
        let mut cells = Vec::with_capacity(partners.len());
        for (section, before) in self.pages.new.cells.iter().zip(partners) {
            let bytes = match before {
                Some(index) => self.edited(index, section)?,
                None => self.added(section, &mut ids)?.into(),
            };
            cells.push(NewCell { before, bytes });
        }
        Ok(changed_notebook(self.notebook, &cells, &self.notebook_changes()?, &self.style))
    }

    fn notebook_changes(&self) -> Result<Vec<MemberChange>, Misfit> {
        let pages = self.pages;
        let details = |section: &Option<Section>| section.as_ref().map_or(0..0, |section| section.details.clone());
        let (old, new) = (details(&pages.old.notebook), details(&pages.new.notebook));
        let (old_lines, lines) = (&pages.old_lines[old], &pages.new_texts[new.clone()]);
        if old_lines == lines || self.notebook.lists.is_empty() {
            return Ok(Vec::new());
        }
        let changes = detail_changes(old_lines, lines, new.start + 1)?;
        let mut changes = member_changes(&members_with_cells(self.notebook), &changes, &self.style, 0);
        // Only the metadata has keys whose order is often another.
        let place = changes.iter().position(|change| change.key == METADATA);
        let changed = place.map(|index| changes.remove(index));
        let value =
            changed.map_or_else(|| self.notebook.metadata().map(|raw| raw.as_bytes().to_vec()), |change| change.value);
        let paths = detail_paths(lines);
        let paths: Vec<&[Vec<u8>]> =
            paths.iter().filter(|path| path[0] == *b"metadata").map(|path| &path[1..]).collect();
        let value = value.map(|value| ordered(&String::from_utf8_lossy(&value), &paths).unwrap_or(value));
        if place.is_some() || value.is_some() {
            changes.push(MemberChange { key: METADATA.to_owned(), value });
        }
        Ok(changes)
    }

    /// What an old cell becomes.
    fn edited(&self, index: usize, new: &Section) -> Result<Cow<'r, [u8]>, Misfit> {
        let (cell, old) = (&self.notebook.cells[index], &self.pages.old.cells[index]);
        let bytes: &'r [u8] = &self.notebook.bytes[cell.span.clone()];
        if self.pages.same(old, new) {
            return Ok(bytes.into());
        }
        let texts = self.pages.new_texts;
        let (header, new_header) = (old.header(self.pages.old_lines)?, new.header(texts)?);
        let mut changes = Vec::new();
        if header.kind != new_header.kind {
            changes.extend(self.kind_changes(&new_header));
        }
        if self.pages.old_lines[old.source.clone()] != texts[new.source.clone()] {
            changes.push(self.source_change(Some(cell), &new_header, &new.source_text(texts)?));
        }
        changes.extend(self.below_source(
            &header.tags,
            &self.pages.old_lines[old.details.clone()],
            new,
            &new_header,
        )?);
        let raw = String::from_utf8_lossy(bytes);
        Ok(self.in_order(changed_object(&raw, &changes, &self.style, self.depth), new).into())
    }

    /// A cell of another type has other members.
    fn kind_changes(&self, header: &Header) -> Vec<PathChange> {
        let kind = PathChange { path: vec![b"cell_type".to_vec()], value: header.kind.clone() };
        let run = if is_code(header) {
            vec![PathChange::of(self.count_key(), "null"), PathChange::of("outputs", "[]")]
        } else {
            ["execution_count", "prompt_number", "outputs"].map(PathChange::removal).into()
        };
        [vec![kind], run].concat()
    }

    fn source_change(&self, cell: Option<&Cell<'_>>, header: &Header, text: &[u8]) -> PathChange {
        let known = cell.and_then(Cell::source_member);
        let key = known.map_or_else(|| self.source_key(header).into(), |member| member.name().into_owned());
        let like = known.map_or("[]", |member| member.value);
        let value = write_source(text, like, &[like], &self.style, self.depth + 1);
        PathChange { path: vec![key], value: Some(value) }
    }

    /// Changes of tags, attachments and metadata.
    fn below_source(
        &self,
        tags: &[Vec<u8>],
        details: &[&[u8]],
        new: &Section,
        header: &Header,
    ) -> Result<Vec<PathChange>, Misfit> {
        let lines = &self.pages.new_texts[new.details.clone()];
        let mut changes = Vec::new();
        if tags != header.tags {
            let quoted: Vec<Vec<u8>> = header.tags.iter().map(|tag| quoted(tag)).collect();
            let value = (!quoted.is_empty()).then(|| [b"[", quoted.join(&b", "[..]).as_slice(), b"]"].concat());
            changes.push(PathChange { path: vec![b"metadata".to_vec(), b"tags".to_vec()], value });
        }
        changes.extend(detail_changes(details, lines, new.details.start + 1)?);
        if let Some(value) = self.attachments.change(details, lines)? {
            changes.push(PathChange { path: vec![b"attachments".to_vec()], value });
        }
        Ok(changes)
    }

    /// A cell that was not there, with no outputs, and an id made from what it holds where cells have ids.
    fn added(&self, new: &Section, ids: &mut FreeIds) -> Result<Vec<u8>, Misfit> {
        let header = new.header(self.pages.new_texts)?;
        let mut changes: Vec<PathChange> =
            header.kind.iter().map(|kind| PathChange::of("cell_type", kind.clone())).collect();
        if is_code(&header) {
            changes.push(PathChange::of(self.count_key(), "null"));
            changes.push(PathChange::of("outputs", "[]"));
        }
        if is_code(&header) && self.version.major < 4 {
            changes.push(PathChange::of("language", "\"python\""));
        }
        changes.push(PathChange::of("metadata", "{}"));
        changes.push(self.source_change(None, &header, &new.source_text(self.pages.new_texts)?));
        changes.extend(self.below_source(&[], &[], new, &header)?);
        let write = |changes: &[PathChange]| changed_object("{}", changes, &self.style, self.depth);
        if self.version.has_ids() {
            let id = content_id(&write(&changes));
            changes.push(PathChange::of("id", ids.take(&id)));
        }
        self.sort(&mut changes, &header);
        Ok(self.in_order(write(&changes), new))
    }

    /// A cell with its metadata in the order of the patch's lines.
    fn in_order(&self, cell: Vec<u8>, new: &Section) -> Vec<u8> {
        let paths = detail_paths(&self.pages.new_texts[new.details.clone()]);
        let paths: Vec<&[Vec<u8>]> = paths.iter().map(Vec::as_slice).collect();
        ordered(&String::from_utf8_lossy(&cell), &paths).unwrap_or(cell)
    }

    /// Puts members in the order that they have in a cell of the file, else as nbformat does.
    fn sort(&self, changes: &mut [PathChange], header: &Header) {
        changes.sort_by(|one, other| one.path[0].cmp(&other.path[0]));
        let kind = header.kind.as_deref();
        let is_like = |cell: &&Cell<'_>| cell.get("cell_type").map(str::as_bytes) == kind;
        let like = self.notebook.cells.iter().find(is_like).or(self.notebook.cells.first());
        let Some(like) = like.filter(|cell| !cell.members.is_sorted_by(|one, other| one.key <= other.key)) else {
            return;
        };
        let place = |change: &PathChange| like.members.iter().position(|member| *member.name() == *change.path[0]);
        changes.sort_by_key(|change| place(change).unwrap_or(like.members.len()));
    }

    fn count_key(&self) -> &'static str {
        if self.version.major < 4 { "prompt_number" } else { "execution_count" }
    }

    fn source_key(&self, header: &Header) -> &'static str {
        if self.version.major < 4 && is_code(header) { "input" } else { "source" }
    }
}

fn is_code(header: &Header) -> bool {
    header.kind.as_deref() == Some(b"\"code\"")
}
