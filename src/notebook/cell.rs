//! One cell.

use std::borrow::Cow;
use std::ops::Range;

use crate::json::{self, Member, text};

/// What a cell is (`cell_type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CellKind<'a> {
    /// Source that a kernel runs; has outputs and a count.
    Code,
    /// Text in Markdown.
    Markdown,
    /// Text that nbconvert passes through.
    Raw,
    /// Any other type, as the raw JSON value (nbformat 3 has `"heading"` and `"html"`); empty if missing.
    Other(&'a str),
}

impl CellKind<'_> {
    /// The type's name, as people know it.
    #[must_use]
    pub fn name(&self) -> Cow<'_, str> {
        match self {
            Self::Code => "code".into(),
            Self::Markdown => "markdown".into(),
            Self::Raw => "raw".into(),
            Self::Other(raw) if raw.starts_with('"') => match text::decode(raw) {
                Cow::Borrowed(name) => String::from_utf8_lossy(name),
                Cow::Owned(name) => String::from_utf8_lossy(&name).into_owned().into(),
            },
            Self::Other("") => "cell".into(),
            Self::Other(raw) => (*raw).into(),
        }
    }
}

/// A cell: its raw members and where it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell<'a> {
    /// From `{` to behind `}`, as byte offsets of the file.
    pub span: Range<usize>,
    /// All members in file order, unknown ones too.
    pub members: Vec<Member<'a>>,
}

impl<'a> Cell<'a> {
    /// The raw value of the member `name`.
    #[must_use]
    #[inline]
    pub fn get(&self, name: &str) -> Option<&'a str> {
        json::find(&self.members, name)
    }

    /// The cell's type.
    #[must_use]
    pub fn kind(&self) -> CellKind<'a> {
        let raw = self.get("cell_type").unwrap_or_default();
        match raw {
            r#""code""# => CellKind::Code,
            r#""markdown""# => CellKind::Markdown,
            r#""raw""# => CellKind::Raw,
            raw if raw.starts_with('"') && raw.contains('\\') => match &*text::decode(raw) {
                b"code" => CellKind::Code,
                b"markdown" => CellKind::Markdown,
                b"raw" => CellKind::Raw,
                _ => CellKind::Other(raw),
            },
            raw => CellKind::Other(raw),
        }
    }

    /// The id, raw; nbformat 4.5 and later have one. In a broken notebook it may be no string.
    #[must_use]
    pub fn id(&self) -> Option<&'a str> {
        self.get("id")
    }

    /// The member that holds the source: `source`, or `input` in code cells of nbformat 2 and 3.
    #[must_use]
    pub fn source_member(&self) -> Option<Member<'a>> {
        let last = |name: &str| self.members.iter().rev().find(|member| member.is(name)).copied();
        last("source").or_else(|| last("input"))
    }

    /// The source as the file spells it: a string or a list of strings.
    #[must_use]
    pub fn source(&self) -> Option<&'a str> {
        self.source_member().map(|member| member.value)
    }

    /// The source's text (UTF-8, lone surrogates as WTF-8: see [`text`]); empty if there is none.
    #[must_use]
    pub fn source_text(&self) -> Vec<u8> {
        let raw = self.source().unwrap_or_default();
        let mut out = Vec::with_capacity(raw.len());
        text::decode_multiline(raw, &mut out);
        out
    }

    /// The outputs, raw: a list.
    #[must_use]
    pub fn outputs(&self) -> Option<&'a str> {
        self.get("outputs")
    }

    /// The count, raw: a number or `null` (`prompt_number` in nbformat 2 and 3).
    #[must_use]
    pub fn execution_count(&self) -> Option<&'a str> {
        self.get("execution_count").or_else(|| self.get("prompt_number"))
    }

    /// The metadata, raw: an object.
    #[must_use]
    pub fn metadata(&self) -> Option<&'a str> {
        self.get("metadata")
    }

    /// The tags: the strings of `metadata.tags`.
    #[must_use]
    pub fn tags(&self) -> Vec<Cow<'a, [u8]>> {
        let metadata = self.metadata().filter(|raw| raw.contains("tags"));
        let tags = metadata.and_then(|raw| json::find(&json::members(raw), "tags"));
        let tags = tags.map(json::elements).unwrap_or_default();
        tags.into_iter().filter(|tag| tag.starts_with('"')).map(text::decode).collect()
    }

    /// Whether the source is empty or white space.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        // The first letter tells, long before a long source is decoded.
        let raw = self.source().unwrap_or_default().as_bytes();
        let first = raw.iter().position(|byte| !b"[\", \t\r\n]".contains(byte));
        match first {
            Some(at) if raw[at] != b'\\' && raw[..at].contains(&b'"') => false,
            _ => self.source_text().iter().all(u8::is_ascii_whitespace),
        }
    }
}
