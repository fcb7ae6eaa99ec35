//! Lines of a text form as cells.

use std::ops::Range;

use crate::json::{self, text};
use crate::text::{read_json, read_line};

use super::Misfit;

/// The cells of a text form, and what it says of the notebook.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// The cells in order.
    pub(super) cells: Vec<Section>,
    /// What stands behind them, if anything does.
    pub(super) notebook: Option<Section>,
}

/// A cell, by its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    /// All of its lines, from the header to the blank line.
    pub(super) lines: Range<usize>,
    /// Those of the source.
    pub(super) source: Range<usize>,
    /// Those of attachments and metadata.
    pub(super) details: Range<usize>,
}

const HEADER: &[u8] = b"# %% ";

impl Page {
    /// Finds the cells in `lines`, which are without the line of digests.
    pub(super) fn read(lines: &[&[u8]]) -> Result<Self, Misfit> {
        let starts = lines.iter().enumerate().filter(|(_, line)| line.starts_with(HEADER)).map(|(index, _)| index);
        let mut starts: Vec<usize> = starts.collect();
        if starts.first().copied().unwrap_or(lines.len()) > 0 {
            return Err(Misfit::Line { line: 1, reason: "belongs to no cell" });
        }
        starts.push(lines.len());
        let sections = starts.windows(2).map(|pair| Section::read(lines, pair[0]..pair[1]));
        let mut page = Self { cells: sections.collect::<Result<_, _>>()?, notebook: None };
        let is_notebook = |section: &Section| {
            lines[section.lines.start] == b"# %% notebook" && section.source.is_empty() && !section.details.is_empty()
        };
        if page.cells.last().is_some_and(is_notebook) {
            page.notebook = page.cells.pop();
        }
        Ok(page)
    }
}

impl Section {
    fn read(lines: &[&[u8]], own: Range<usize>) -> Result<Self, Misfit> {
        let last = own.end - 1;
        if own.len() < 2 || !lines[last].is_empty() {
            return Err(Misfit::Line { line: own.end + 1, reason: "has no blank line before it, where a cell ends" });
        }
        let is_detail = |line: &&[u8]| line.starts_with(b"    # %% ");
        let details = lines[own.start..last].iter().rev().take_while(|line| is_detail(line)).count();
        let details = last - details..last;
        let open = lines[own.start + 1].starts_with(b"# UNRESOLVED");
        let source = own.start + 1 + usize::from(open)..details.start;
        match source.clone().find(|index| is_detail(&lines[*index])) {
            Some(index) => Err(Misfit::Line { line: index + 1, reason: "is metadata within a source" }),
            None => Ok(Self { lines: own, source, details }),
        }
    }

    /// The text of the source.
    pub(super) fn source_text(&self, lines: &[&[u8]]) -> Result<Vec<u8>, Misfit> {
        let mut out = Vec::new();
        for index in self.source.clone() {
            let reason = "has a backslash that stands for nothing";
            let line = read_line(lines[index]).ok_or(Misfit::Line { line: index + 1, reason })?;
            out.extend_from_slice(&line);
            out.push(b'\n');
        }
        out.pop();
        Ok(out)
    }

    /// What its first line says.
    pub(super) fn header(&self, lines: &[&[u8]]) -> Result<Header, Misfit> {
        let line = self.lines.start;
        Header::read(&lines[line][HEADER.len()..])
            .ok_or(Misfit::Line { line: line + 1, reason: "is no header of a cell" })
    }
}

/// The first line of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    /// The JSON text of the type; `None` if the cell has none.
    pub(super) kind: Option<Vec<u8>>,
    /// The tags.
    pub(super) tags: Vec<Vec<u8>>,
}

impl Header {
    fn read(text: &[u8]) -> Option<Self> {
        const TAGS: &[u8] = b" tags: ";
        let (kind, rest) = match text.strip_prefix(b"?") {
            Some(raw) => {
                let end = memchr::memmem::find(raw, TAGS).unwrap_or(raw.len());
                (Some(read_json(&raw[..end])?).filter(|raw| !raw.is_empty()), &raw[end..])
            }
            None => {
                let (name, rest) = word(text)?;
                (Some(quoted(&name)), rest)
            }
        };
        if kind.as_ref().is_some_and(|kind| !is_json(kind)) {
            return None;
        }
        let tags = if rest.is_empty() { Vec::new() } else { words(rest.strip_prefix(TAGS)?)? };
        Some(Self { kind, tags })
    }
}

/// Words with commas between them.
fn words(mut text: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut words = Vec::new();
    loop {
        let (next, rest) = word(text)?;
        words.push(next);
        match rest {
            b"" => return Some(words),
            rest => text = rest.strip_prefix(b", ")?,
        }
    }
}

/// A name at the beginning of `text`, a plain word or in quotes, and what follows it.
pub(super) fn word(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    word_of(text, b"-_./+:")
}

/// As [`word`]; besides letters and digits, a plain word has those of `also`.
pub(super) fn word_of<'t>(shown: &'t [u8], also: &[u8]) -> Option<(Vec<u8>, &'t [u8])> {
    if shown.starts_with(b"\"") {
        let end = text::end_of_string(shown, 0);
        let raw = read_json(shown.get(..end)?)?;
        let raw = str::from_utf8(&raw).ok().filter(|raw| is_json(raw.as_bytes()))?;
        return Some((text::decode(raw).into_owned(), &shown[end..]));
    }
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || also.contains(byte);
    let end = shown.iter().position(|byte| !plain(byte)).unwrap_or(shown.len());
    (end > 0).then(|| (shown[..end].to_vec(), &shown[end..]))
}

/// Whether `raw` is one JSON value.
pub(super) fn is_json(raw: &[u8]) -> bool {
    let list = str::from_utf8(raw).map(|raw| format!("[{raw}\n]"));
    list.is_ok_and(|list| json::elements(&list).len() == 1)
}

/// A name as a JSON string.
pub(super) fn quoted(name: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    text::escape(name, text::Escapes::Minimal, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read() {
        let read = |text: &str| Header::read(text.as_bytes());
        let header = |kind: &str, tags: &[&str]| Header {
            kind: (!kind.is_empty()).then(|| kind.as_bytes().to_vec()),
            tags: tags.iter().map(|tag| tag.as_bytes().to_vec()).collect(),
        };
        assert_eq!(read("code"), Some(header("\"code\"", &[])));
        assert_eq!(read("code tags: a, \"b, c\", \"\\u{7f}\""), Some(header("\"code\"", &["a", "b, c", "\u{7f}"])));
        assert_eq!(read("?3 tags: x"), Some(header("3", &["x"])));
        assert_eq!(read("?"), Some(header("", &[])));
        for wrong in ["", "code tags:", "code tags: ", "code tags: a,b", "code x", "\"a", "?{", "? 3,4"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn lines_that_are_no_text_form_are_refused() {
        let read = |text: &str| Page::read(&text.split('\n').map(str::as_bytes).collect::<Vec<_>>());
        assert!(read("# %% code\nx\n    # %% metadata.a 1\n").is_ok());
        for (wrong, line) in
            [("x\n# %% code\n", 1), ("# %% code\nx", 3), ("# %% code", 2), ("# %% code\n    # %% metadata.a 1\nx\n", 2)]
        {
            let Err(Misfit::Line { line: at, .. }) = read(wrong) else { panic!("{wrong}") };
            assert_eq!(at, line, "{wrong}");
        }
    }
}
