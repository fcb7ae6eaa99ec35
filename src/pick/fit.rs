//! A cell of the newer version as it stands in the older version's file: in its layout, and with an id of its own if that
//! file has ids.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::json::{self, MemberChange, ObjectText, Style, splice};
use crate::merge::{FreeIds, cell_depth, content_id, id_text};
use crate::notebook::Notebook;

/// How cells of one version are written into the file of another.
#[derive(Debug)]
pub(super) struct Fit<'n> {
    old: &'n Notebook<'n>,
    new: &'n Notebook<'n>,
    /// The older file's layout.
    pub(super) style: Style<'n>,
    layout: Layout,
    ids: Ids,
    depth: usize,
}

/// How the two files are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    Same,
    Other,
}

/// What becomes of ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ids {
    /// Both formats have them, or neither.
    Kept,
    /// Only the newer version's format has them.
    Dropped,
    /// Only the older version's format has them.
    Made,
}

/// The ids that cells of a file have.
pub(super) struct OwnIds {
    /// Those that are taken by now.
    taken: HashSet<String>,
    /// Where others come from, which are in neither version.
    free: FreeIds,
}

impl<'n> Fit<'n> {
    pub(super) fn new(old: &'n Notebook<'n>, new: &'n Notebook<'n>) -> Self {
        let style = Style::of(old.bytes);
        let is_same = style.same_layout(&Style::of(new.bytes));
        let ids = match (old.version().has_ids(), new.version().has_ids()) {
            (false, true) => Ids::Dropped,
            (true, false) => Ids::Made,
            _ => Ids::Kept,
        };
        let layout = if is_same { Layout::Same } else { Layout::Other };
        Self { old, new, style, layout, ids, depth: cell_depth(old) }
    }

    /// Whether the file keeps its format, since the other one's would need other ids.
    pub(super) fn keeps_version(&self) -> bool {
        self.ids != Ids::Kept
    }

    /// Whether a cell of the newer version, fitted in, is what the older one is.
    pub(super) fn is_same(&self, before: usize, after: usize) -> bool {
        let (old, new) = (&self.old.cells[before], &self.new.cells[after]);
        let old = self.old.cell_bytes(old);
        if self.layout == Layout::Same && self.ids == Ids::Kept {
            return old == self.new.cell_bytes(new);
        }
        let (old, new) = (String::from_utf8_lossy(old), self.fitted(after, Some(before)));
        json::same(&old, &String::from_utf8_lossy(&new))
    }

    /// A value in the older file's layout, as it stands at `depth`.
    pub(super) fn laid_out(&self, raw: &str, depth: usize) -> Vec<u8> {
        if self.layout == Layout::Same {
            return raw.as_bytes().to_vec();
        }
        let mut out = Vec::with_capacity(raw.len());
        self.style.lay_out(raw, depth, &mut out);
        out
    }

    /// The cell `after` of the newer version, which the older one has as `before`.
    fn fitted(&self, after: usize, before: Option<usize>) -> Cow<'n, [u8]> {
        let cell = &self.new.cells[after];
        let bytes = self.new.cell_bytes(cell);
        let bytes = match self.layout {
            Layout::Same => Cow::Borrowed(bytes),
            Layout::Other => self.laid_out(&String::from_utf8_lossy(bytes), self.depth).into(),
        };
        match self.ids {
            Ids::Dropped if cell.id().is_some() => self.with_id(&bytes, None).into(),
            Ids::Made if cell.id().is_none() => {
                let known = before.and_then(|before| self.old.cells[before].id()).map(str::to_owned);
                let id = known.unwrap_or_else(|| format!("\"{}\"", content_id(&bytes)));
                self.with_id(&bytes, Some(id)).into()
            }
            _ => bytes,
        }
    }

    /// The ids that are taken if these cells of the older version stay.
    pub(super) fn own_ids(&self, staying: impl Iterator<Item = usize>) -> OwnIds {
        let ids = self.old.cells.iter().chain(&self.new.cells).filter_map(|cell| cell.id());
        let taken = staying.filter_map(|cell| self.old.cells[cell].id().and_then(id_text)).collect();
        OwnIds { taken, free: FreeIds::new(ids.map(str::to_owned)) }
    }

    /// As it is fitted in, with an id that no other cell has: its own, or the one that it had before, or a new one.
    pub(super) fn with_own_id(&self, after: usize, before: Option<usize>, ids: &mut OwnIds) -> Cow<'n, [u8]> {
        let bytes = self.fitted(after, before);
        let own = match self.ids {
            Ids::Dropped => return bytes,
            Ids::Kept => self.new.cells[after].id().and_then(id_text),
            Ids::Made => json::find(&json::members(&String::from_utf8_lossy(&bytes)), "id").and_then(id_text),
        };
        let Some(own) = own else { return bytes };
        if ids.taken.insert(own) {
            return bytes;
        }
        let known = before.and_then(|before| self.old.cells[before].id());
        let known = known.filter(|id| id_text(id).is_some_and(|id| ids.taken.insert(id))).map(str::to_owned);
        let id = known.unwrap_or_else(|| {
            let id = ids.free.take(&content_id(&bytes));
            ids.taken.extend(id_text(&id));
            id
        });
        self.with_id(&bytes, Some(id)).into()
    }

    /// The cell's text with this id (JSON text), or without one.
    fn with_id(&self, bytes: &[u8], id: Option<String>) -> Vec<u8> {
        let raw = String::from_utf8_lossy(bytes);
        let members = json::members(&raw);
        let change = MemberChange { key: "\"id\"".to_owned(), value: id.map(String::into_bytes) };
        let edits = ObjectText::whole(&raw, &members).changes(&[change], &self.style, self.depth);
        let mut out = Vec::with_capacity(raw.len() + 24);
        splice(raw.as_bytes(), 0..raw.len(), &edits, &mut out);
        out
    }
}
