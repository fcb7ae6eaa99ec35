//! The JSON diff (`docs/json.md`): reading it and applying it.

use std::borrow::Cow;
use std::collections::HashSet;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::json::{self, Member, MemberChange, ObjectText, Style, splice};
use crate::merge::cell_depth;
use crate::notebook::{Cell, Notebook};

use super::edits::{NewCell, changed_notebook};
use super::{Body, FilePatch, Misfit, PatchError, digest};

/// The version of the document's schema. It is raised if a member goes or means something else.
pub const DIFF_VERSION: u32 = 1;

#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

#[derive(Deserialize)]
struct Document<'p> {
    #[serde(borrow)]
    files: Vec<FileChange<'p>>,
}

/// What a document says of one file, as far as applying needs it.
#[derive(Debug, Deserialize)]
pub(super) struct FileChange<'p> {
    before: Option<Version>,
    after: Option<Version>,
    status: String,
    error: Option<String>,
    #[serde(borrow)]
    cells: Vec<CellChange<'p>>,
    #[serde(borrow)]
    notebook: Option<ObjectChange<'p>>,
    end: Option<String>,
    #[serde(borrow)]
    text: Option<Cow<'p, str>>,
}

#[derive(Debug, Deserialize)]
struct Version {
    path: String,
    mode: Option<String>,
    digest: String,
}

/// What stands behind a notebook's last `}`: a newline, or nothing.
pub(crate) fn file_end(file: &[u8]) -> &[u8] {
    memchr::memrchr(b'}', file).map_or(b"", |close| &file[close + 1..])
}

/// An entry of `cells`: a run of old cells, a deleted one, or a new one in one of three ways.
#[derive(Debug, Deserialize)]
struct CellChange<'p> {
    what: String,
    before: Option<usize>,
    count: Option<usize>,
    #[serde(borrow)]
    set: Option<&'p RawValue>,
    #[serde(borrow)]
    unset: Option<&'p RawValue>,
    #[serde(borrow)]
    cell: Option<&'p RawValue>,
    cell_text: Option<String>,
}

/// New values of the notebook's own members.
#[derive(Debug, Deserialize)]
struct ObjectChange<'p> {
    #[serde(borrow)]
    set: Option<&'p RawValue>,
    #[serde(borrow)]
    unset: Option<&'p RawValue>,
}

/// Reads a document.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<FilePatch<'_>>, PatchError> {
    let said = |error: serde_json::Error| PatchError::Json(json::SyntaxError::from(error).to_string());
    // A later schema may have other types, so its version is looked at first.
    let Versioned { version } = serde_json::from_slice(bytes).map_err(said)?;
    if version != u64::from(DIFF_VERSION) {
        return Err(PatchError::Version(version));
    }
    let Document { files } = serde_json::from_slice(bytes).map_err(said)?;
    Ok(files.into_iter().map(file_patch).collect())
}

fn file_patch(change: FileChange<'_>) -> FilePatch<'_> {
    let path = |version: &Option<Version>| version.as_ref().map(|version| version.path.clone().into_bytes());
    let (before, mut after) = (path(&change.before), path(&change.after));
    // Two files that were compared have two names, but only a rename gives a file another one.
    if before.is_some() && after.is_some() && change.status != "renamed" {
        after.clone_from(&before);
    }
    let mode = |version: &Option<Version>| u32::from_str_radix(version.as_ref()?.mode.as_ref()?, 8).ok();
    let (old, new) = (mode(&change.before), mode(&change.after));
    FilePatch { before, after, mode: new.filter(|_| old != new), body: Body::Document(Box::new(change)) }
}

impl FileChange<'_> {
    /// The new file; nothing where it goes.
    pub(super) fn apply(&self, old: &[u8]) -> Result<Vec<u8>, Misfit> {
        let fits = |version: &Option<Version>, file: &[u8]| match version {
            Some(version) => version.digest == digest(file),
            None => file.is_empty(),
        };
        if !fits(&self.before, old) {
            let is_new = self.after.is_some() && fits(&self.after, old);
            return Err(if is_new { Misfit::Applied } else { Misfit::OtherVersion });
        }
        if self.after.is_none() {
            return Ok(Vec::new());
        }
        let new = match &self.text {
            Some(text) => text.as_bytes().to_vec(),
            None if self.error.is_some() => {
                return Err(Misfit::NothingToApply("it was not a text, or a symbolic link"));
            }
            None => self.rebuilt(old).ok_or(Misfit::Damaged)?,
        };
        if fits(&self.after, &new) { Ok(new) } else { Err(Misfit::Damaged) }
    }

    /// The old file with the changes made; `None` if they do not fit it.
    fn rebuilt(&self, old: &[u8]) -> Option<Vec<u8>> {
        let notebook = Notebook::read(old).ok()?;
        let style = Style::of(old);
        let mut cells = Vec::with_capacity(notebook.cells.len());
        for change in &self.cells {
            change.push(&notebook, &style, &mut cells)?;
        }
        let changes = self.notebook.as_ref().map(|change| member_changes(change.set, change.unset));
        let mut new = changed_notebook(&notebook, &cells, &changes.unwrap_or_default(), &style)?;
        if let Some(end) = &self.end {
            new.truncate(new.len() - file_end(&new).len());
            new.extend_from_slice(end.as_bytes());
        }
        Some(new)
    }
}

impl CellChange<'_> {
    /// Appends the cells that the entry stands for.
    fn push<'b>(&'b self, old: &Notebook<'b>, style: &Style, cells: &mut Vec<NewCell<'b>>) -> Option<()> {
        if self.what == "deleted" {
            return Some(());
        }
        if let Some(text) = self.cell.map(RawValue::get).or(self.cell_text.as_deref()) {
            let before = self.before.and_then(|before| before.checked_sub(1));
            cells.push(NewCell { before, bytes: text.as_bytes().into() });
            return Some(());
        }
        let first = self.before?.checked_sub(1)?;
        if self.what == "kept" {
            for index in first..first.checked_add(self.count?)? {
                let bytes = old.cell_bytes(old.cells.get(index)?).into();
                cells.push(NewCell { before: Some(index), bytes });
            }
            return Some(());
        }
        let cell = old.cells.get(first)?;
        let bytes = changed_cell(old, cell, &member_changes(self.set, self.unset), style);
        cells.push(NewCell { before: Some(first), bytes: bytes.into() });
        Some(())
    }
}

/// The text of a cell with `changes` of its members made.
fn changed_cell(notebook: &Notebook<'_>, cell: &Cell<'_>, changes: &[MemberChange], style: &Style) -> Vec<u8> {
    let (bytes, span) = (notebook.bytes, cell.span.clone());
    let object = ObjectText { bytes, start: span.start, end: span.end, members: &cell.members };
    let mut out = Vec::with_capacity(span.len());
    splice(bytes, span, &object.changes(changes, style, cell_depth(notebook)), &mut out);
    out
}

/// What makes the object with members `old` the one with members `new`, as `set` and `unset` have it: members that are
/// new or have other values, and keys that are gone.
pub(crate) fn difference<'m>(old: &'m [Member<'_>], new: &'m [Member<'_>]) -> (Vec<&'m Member<'m>>, Vec<&'m str>) {
    let known: HashSet<(&str, &str)> = old.iter().map(|member| (member.key, member.value)).collect();
    let left: HashSet<_> = new.iter().map(Member::name).collect();
    let set = new.iter().filter(|member| !known.contains(&(member.key, member.value)));
    let gone = old.iter().filter(|member| !left.contains(&member.name())).map(|member| member.key);
    (set.collect(), gone.collect())
}

/// Whether the [`difference`] of two cells makes the new one's text of the old one's, in a file of layout `style`.
pub(crate) fn is_spliced(old: (&Notebook<'_>, &Cell<'_>), new: (&Notebook<'_>, &Cell<'_>), style: &Style) -> bool {
    let (set, gone) = difference(&old.1.members, &new.1.members);
    let removals = gone.into_iter().map(|key| MemberChange { key: key.to_owned(), value: None });
    let given = set.iter().map(|member| MemberChange { key: member.key.to_owned(), value: Some(member.value.into()) });
    changed_cell(old.0, old.1, &removals.chain(given).collect::<Vec<_>>(), style) == new.0.cell_bytes(new.1)
}

/// `set` is an object of new values, `unset` a list of keys.
fn member_changes(set: Option<&RawValue>, unset: Option<&RawValue>) -> Vec<MemberChange> {
    let set = set.map(|set| json::members(set.get())).unwrap_or_default();
    let unset = unset.map(|unset| json::elements(unset.get())).unwrap_or_default();
    let removed = unset.into_iter().filter(|key| key.starts_with('"'));
    let removed = removed.map(|key| MemberChange { key: key.to_owned(), value: None });
    let given = |Member { key, value }: Member<'_>| MemberChange { key: key.to_owned(), value: Some(value.into()) };
    removed.chain(set.into_iter().map(given)).collect()
}
