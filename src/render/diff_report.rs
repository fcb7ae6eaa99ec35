//! What changed in notebooks, for programs: one JSON document (`docs/json.md`) from which the new files can be made of
//! the old ones.

use crate::align::align;
use crate::apply::{DIFF_VERSION, Patch, digest, file_end};
use crate::json::{Member, Style};
use crate::notebook::Notebook;

use super::ascii::ascii_string;
use super::cell_report::{CellReport, Detail, Members, ONE_LINE, changed_members, set_and_unset};
use super::{FileHeader, FileSide};

/// The document, growing file by file.
#[derive(Debug, Clone, Default)]
pub struct DiffReport {
    files: Vec<Vec<u8>>,
}

impl DiffReport {
    /// Adds what changed from `before` to `after`, the bytes of the two sides of `header`; a side without a file has
    /// none.
    ///
    /// Of notebooks it is told cell by cell, with what is needed to make `after` of `before`. Where that would not give
    /// `after` byte for byte, the file's whole text is added.
    pub fn push(&mut self, header: &FileHeader, before: &[u8], after: &[u8]) {
        let pair = match (side_notebook(&header.before, before), side_notebook(&header.after, after)) {
            (Ok(old), Ok(new)) => Ok((old, new)),
            (Err(error), _) | (_, Err(error)) => Err(error),
        };
        let file = File { header, before, after };
        let entry = match &pair {
            Ok((old, new)) if header.before.mode.is_some() && header.after.mode.is_some() => {
                let parts = file.of_cells(old, new, Detail::Parts);
                if file.is_rebuilt_from(&parts) { parts } else { file.of_cells(old, new, Detail::Facts) }
            }
            Ok((old, new)) => file.of_cells(old, new, Detail::Facts),
            Err(error) => file.unread(error),
        };
        self.files.push(entry);
    }

    /// Whether no file was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The document, with a newline at its end.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        document(&self.files)
    }
}

fn document(files: &[Vec<u8>]) -> Vec<u8> {
    let mut out = format!("{{\n  \"version\": {DIFF_VERSION},\n  \"files\": [").into_bytes();
    for (index, file) in files.iter().enumerate() {
        out.extend_from_slice(if index == 0 { b"\n    " } else { b",\n    " });
        out.extend_from_slice(file);
    }
    out.extend_from_slice(if files.is_empty() { b"]\n}\n" } else { b"\n  ]\n}\n" });
    out
}

/// The notebook of a side: one without cells where there is no file, or nothing in it.
fn side_notebook<'b>(side: &FileSide, bytes: &'b [u8]) -> Result<Notebook<'b>, String> {
    match side.mode.as_deref() {
        Some("120000") => Err("it is a symbolic link".to_owned()),
        Some(_) if !bytes.is_empty() => Notebook::read(bytes).map_err(|error| error.to_string()),
        _ => Ok(Notebook { bytes: b"", members: Vec::new(), cells: Vec::new(), lists: Vec::new() }),
    }
}

struct File<'f> {
    header: &'f FileHeader,
    before: &'f [u8],
    after: &'f [u8],
}

impl File<'_> {
    /// The entry of a file whose sides are notebooks.
    fn of_cells(&self, old: &Notebook<'_>, new: &Notebook<'_>, detail: Detail) -> Vec<u8> {
        let alignment = align(old, new);
        self.entry(|members| {
            members.raw("error", "null");
            members.raw(
                "cells",
                CellReport { old, new, alignment: &alignment, style: Style::of(self.before), detail }.list(),
            );
            members.raw("notebook", notebook_changes(old, new, detail));
            let (old_end, end) = (file_end(self.before), file_end(self.after));
            let is_told = detail == Detail::Parts && old_end != end;
            members.raw("end", if is_told { ascii_string(end) } else { "null".to_owned() });
            let text = detail == Detail::Facts && self.header.after.mode.is_some();
            members.raw("text", if text { ascii_string(self.after) } else { "null".to_owned() });
        })
    }

    /// The entry of a file of which a side is no notebook, and why.
    fn unread(&self, error: &str) -> Vec<u8> {
        let is_link = self.header.after.mode.as_deref() == Some("120000");
        let text = str::from_utf8(self.after).ok().filter(|_| !is_link && self.header.after.mode.is_some());
        self.entry(|members| {
            members.raw("error", ascii_string(error.as_bytes()));
            members.raw("cells", "[]");
            members.raw("notebook", "null");
            members.raw("end", "null");
            members.raw("text", text.map_or("null".to_owned(), |text| ascii_string(text.as_bytes())));
        })
    }

    fn entry(&self, rest: impl FnOnce(&mut Members<'_>)) -> Vec<u8> {
        let mut out = Vec::new();
        let mut members = Members::new(&mut out, ["\n      ", ",\n      ", "\n    "]);
        members.raw("status", format!("\"{}\"", self.status()));
        members.raw("before", version(&self.header.before, self.before));
        members.raw("after", version(&self.header.after, self.after));
        rest(&mut members);
        members.end();
        out
    }

    fn status(&self) -> &'static str {
        let is_renamed = || {
            self.header.extended.starts_with(b"rename from ")
                || memchr::memmem::find(&self.header.extended, b"\nrename from ").is_some()
        };
        match (&self.header.before.mode, &self.header.after.mode) {
            (None, _) => "added",
            (_, None) => "deleted",
            _ if is_renamed() => "renamed",
            _ => "modified",
        }
    }

    /// Whether the document says all of the new file.
    fn is_rebuilt_from(&self, entry: &[u8]) -> bool {
        let document = document(&[entry.to_vec()]);
        let applied = Patch::read(&document).ok().and_then(|patch| patch.files.first()?.apply(self.before).ok()?);
        applied.is_some_and(|applied| applied == self.after)
    }
}

/// A side's path, mode, id and digest; `null` if it has no file.
fn version(side: &FileSide, bytes: &[u8]) -> String {
    let Some(mode) = &side.mode else { return "null".to_owned() };
    let oid = if side.oid.is_empty() { "null".to_owned() } else { ascii_string(side.oid.as_bytes()) };
    format!(
        "{{\"path\": {}, \"mode\": {}, \"oid\": {oid}, \"digest\": \"{}\"}}",
        ascii_string(&side.path),
        ascii_string(mode.as_bytes()),
        digest(bytes)
    )
}

/// What changed in the notebook's own members.
fn notebook_changes(old: &Notebook<'_>, new: &Notebook<'_>, detail: Detail) -> String {
    let (old, new) = (own_members(old), own_members(new));
    let changed = changed_members(&old, &new, detail);
    if changed.is_empty() {
        return "null".to_owned();
    }
    let mut out = Vec::new();
    let mut members = Members::new(&mut out, ONE_LINE);
    members.names("changed", changed.iter().map(Vec::as_slice));
    let parts = (detail == Detail::Parts).then(|| set_and_unset(&old, &new)).flatten();
    parts.iter().for_each(|parts| members.changes(parts));
    members.end();
    String::from_utf8_lossy(&out).into_owned()
}

/// The members of a notebook without those that hold its cells.
fn own_members<'a>(notebook: &Notebook<'a>) -> Vec<Member<'a>> {
    notebook.members.iter().filter(|member| !member.is("worksheets")).copied().collect()
}
