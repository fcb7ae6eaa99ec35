//! The lines before the hunks, as `git diff` writes them.

use crate::text::push_visible;

use super::palette::Palette;

/// One side of a compared file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileSide {
    /// The path as git names it, in bytes and with `/`.
    pub path: Vec<u8>,
    /// git's mode (`100644`), octal digits; `None` if this side has no file.
    pub mode: Option<String>,
    /// The blob's id, whole; empty if it is not known.
    pub oid: String,
}

/// What a diff is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileHeader {
    /// The older side.
    pub before: FileSide,
    /// The newer side.
    pub after: FileSide,
    /// git's lines about a rename or copy, each ended (`similarity index 98%` and so on).
    pub extended: Vec<u8>,
    /// What stands before the paths: `a/` and `b/`, or nothing.
    pub prefixes: (String, String),
    /// How the paths are written.
    pub quoting: Quoting,
}

/// Which paths are quoted (`core.quotePath`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Quoting {
    /// All but plain ASCII.
    #[default]
    Ascii,
    /// Only those with a quote, a backslash or something that a terminal would not show.
    Special,
}

/// How many digits of an id are shown.
const SHORT_OID: usize = 7;

impl FileHeader {
    /// A header with git's usual prefixes.
    #[must_use]
    pub fn new(before: FileSide, after: FileSide) -> Self {
        let prefixes = ("a/".to_owned(), "b/".to_owned());
        Self { before, after, extended: Vec::new(), prefixes, quoting: Quoting::default() }
    }

    /// Whether it has nothing to say but that the content differs.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.before.mode == self.after.mode && self.extended.is_empty()
    }

    /// Appends the line `diff --git a/n.ipynb b/n.ipynb`.
    pub fn push_git_line(&self, palette: &Palette, out: &mut Vec<u8>) {
        let (old, new) = (self.name(&self.prefixes.0, &self.before), self.name(&self.prefixes.1, &self.after));
        palette.push_line(&palette.meta, &[b"diff --git ", old.as_slice(), b" ", &new].concat(), out);
    }

    /// Appends the lines from `diff --git` to the one before `index`; see [git-diff's extended headers][doc].
    ///
    /// [doc]: https://git-scm.com/docs/git-diff#generate_patch_text_with_p
    pub fn push_extended(&self, palette: &Palette, out: &mut Vec<u8>) {
        self.push_git_line(palette, out);
        let mut line = |text: String| palette.push_line(&palette.meta, text.as_bytes(), out);
        match (&self.before.mode, &self.after.mode) {
            (Some(old), Some(new)) if old != new => {
                line(format!("old mode {old}"));
                line(format!("new mode {new}"));
            }
            (None, Some(new)) => line(format!("new file mode {new}")),
            (Some(old), None) => line(format!("deleted file mode {old}")),
            _ => {}
        }
        let extended = self.extended.split(|byte| *byte == b'\n').filter(|text| !text.is_empty());
        extended.for_each(|text| palette.push_line(&palette.meta, text, out));
    }

    /// Appends the header of a file that has no hunks, so that git finds it, and the next one.
    ///
    /// Behind a lone `diff --git` git takes the next header for this one's. An `index` line is enough, with zeros for an
    /// id that nobody knows, as in git's raw diffs; but it must be told by `---` and `+++` if the names are not the same.
    pub fn push_without_hunks(&self, palette: &Palette, out: &mut Vec<u8>) {
        self.push_git_line(palette, out);
        if self.before.path != self.after.path {
            return self.push_names(palette, out);
        }
        let id = |side: &FileSide| side.oid.get(..SHORT_OID).unwrap_or("0000000").to_owned();
        let mode = self.after.mode.as_deref().unwrap_or_default();
        let line = format!("index {}..{} {mode}", id(&self.before), id(&self.after));
        palette.push_line(&palette.meta, line.trim_end().as_bytes(), out);
    }

    /// Appends the `index` line, which says that the content differs.
    pub fn push_index(&self, palette: &Palette, out: &mut Vec<u8>) {
        if let Some(index) = self.index_line() {
            palette.push_line(&palette.meta, index.as_bytes(), out);
        }
    }

    /// Appends the `---` and `+++` lines.
    pub fn push_names(&self, palette: &Palette, out: &mut Vec<u8>) {
        let [old, new] = self.existing();
        palette.push_line(&palette.meta, &[b"--- ", old.as_slice(), tab_after(&old)].concat(), out);
        palette.push_line(&palette.meta, &[b"+++ ", new.as_slice(), tab_after(&new)].concat(), out);
    }

    /// Appends the line that stands for the hunks of a binary file.
    pub fn push_binary(&self, palette: &Palette, out: &mut Vec<u8>) {
        let [old, new] = self.existing();
        let line = [b"Binary files ", old.as_slice(), b" and ", &new, b" differ"].concat();
        palette.push_line(&palette.context, &line, out);
    }

    /// The names of both sides, `/dev/null` for a missing one.
    fn existing(&self) -> [Vec<u8>; 2] {
        let sides = [(&self.prefixes.0, &self.before), (&self.prefixes.1, &self.after)];
        sides
            .map(|(prefix, side)| side.mode.as_ref().map_or_else(|| b"/dev/null".to_vec(), |_| self.name(prefix, side)))
    }

    fn name(&self, prefix: &str, side: &FileSide) -> Vec<u8> {
        let mut name = Vec::new();
        push_quoted_path(prefix, &side.path, self.quoting, &mut name);
        name
    }

    /// `index 1234567..89abcde 100644`; none if git has named the ids itself, or one of them is unknown.
    fn index_line(&self) -> Option<String> {
        let (old, new) = (&self.before.oid, &self.after.oid);
        let unknown = |side: &FileSide| side.mode.is_some() && side.oid.is_empty();
        let is_named = self.extended.split(|byte| *byte == b'\n').any(|line| line.starts_with(b"index "));
        if unknown(&self.before) || unknown(&self.after) || old == new || is_named {
            return None;
        }
        let short = |oid: &str| {
            if oid.is_empty() { "0".repeat(SHORT_OID) } else { oid.chars().take(SHORT_OID).collect() }
        };
        let mode = self.before.mode.as_ref().filter(|mode| Some(*mode) == self.after.mode.as_ref());
        let mode = mode.map(|mode| format!(" {mode}")).unwrap_or_default();
        Some(format!("index {}..{}{mode}", short(old), short(new)))
    }
}

/// git ends a name with a tab where it holds a space, so that other programs find its end.
fn tab_after(name: &[u8]) -> &'static [u8] {
    if name.contains(&b' ') { b"\t" } else { b"" }
}

/// Appends a path as git writes it: quoted like a C string if it holds a quote, a backslash, a control character
/// or, by `quoting`, a byte outside ASCII; else as it is.
pub fn push_quoted_path(prefix: &str, path: &[u8], quoting: Quoting, out: &mut Vec<u8>) {
    let odd = |byte: &u8| *byte < 0x20 || *byte >= 0x7f || matches!(byte, b'"' | b'\\');
    let special = || path.iter().any(|byte| byte.is_ascii() && odd(byte)) || !is_visible(path);
    if !path.iter().any(odd) || (quoting == Quoting::Special && !special()) {
        out.extend_from_slice(prefix.as_bytes());
        out.extend_from_slice(path);
        return;
    }
    out.push(b'"');
    out.extend_from_slice(prefix.as_bytes());
    for byte in path {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\t' => out.extend_from_slice(b"\\t"),
            byte if odd(byte) => out.extend_from_slice(format!("\\{byte:03o}").as_bytes()),
            byte => out.push(*byte),
        }
    }
    out.push(b'"');
}

/// Whether all of a path is text that a terminal shows.
fn is_visible(path: &[u8]) -> bool {
    let mut shown = Vec::with_capacity(path.len());
    push_visible(path, &mut shown);
    shown == path && std::str::from_utf8(path).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_names_are_quoted_as_git_quotes_them() {
        let quoted_by = |path: &str, quoting| {
            let mut out = Vec::new();
            push_quoted_path("a/", path.as_bytes(), quoting, &mut out);
            String::from_utf8(out).unwrap()
        };
        let quoted = |path| quoted_by(path, Quoting::Ascii);
        assert_eq!(quoted_by("é.ipynb", Quoting::Special), "a/é.ipynb");
        assert_eq!(quoted_by("é\u{202e}", Quoting::Special), r#""a/\303\251\342\200\256""#);
        assert_eq!(quoted("d/plain name.ipynb"), "a/d/plain name.ipynb");
        assert_eq!(quoted("é\"\n\u{1b}.ipynb"), r#""a/\303\251\"\n\033.ipynb""#);
    }
}
