//! `--word-diff`: changed words within running text, as git writes them.

use crate::diff::word_changes;

use super::palette::Palette;

/// How words are told from each other; see [git-diff][doc].
///
/// [doc]: https://git-scm.com/docs/git-diff#Documentation/git-diff.txt---word-diffltmodegt
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordDiff {
    /// `[-old-]{+new+}`, in colours if there are any.
    Plain,
    /// By colours alone.
    Color,
    /// One stretch a line, behind its sign; a line `~` for each newline of the text.
    Porcelain,
}

/// What stands around a stretch of text.
struct Frame<'p> {
    colour: &'p str,
    before: &'static [u8],
    after: &'static [u8],
    newline: &'static [u8],
}

impl WordDiff {
    fn frame(self, sign: u8, palette: &Palette) -> Frame<'_> {
        let colour = match sign {
            b'-' => &palette.old,
            b'+' => &palette.new,
            _ => &palette.context,
        };
        let (before, after): (&[u8], &[u8]) = match (self, sign) {
            (Self::Plain, b'-') => (b"[-", b"-]"),
            (Self::Plain, b'+') => (b"{+", b"+}"),
            (Self::Porcelain, b'-') => (b"-", b"\n"),
            (Self::Porcelain, b'+') => (b"+", b"\n"),
            (Self::Porcelain, _) => (b" ", b"\n"),
            _ => (b"", b""),
        };
        let newline: &[u8] = if self == Self::Porcelain { b"~\n" } else { b"\n" };
        Frame { colour, before, after, newline }
    }
}

impl Frame<'_> {
    /// Appends a text that may run over several lines.
    fn push(&self, text: &[u8], palette: &Palette, out: &mut Vec<u8>) {
        for (index, line) in text.split(|byte| *byte == b'\n').enumerate() {
            if index > 0 {
                out.extend_from_slice(self.newline);
            }
            if !line.is_empty() {
                let end = self.after.strip_suffix(b"\n").unwrap_or(self.after);
                palette.push_text(&[self.colour], &[self.before, line, end].concat(), out);
                out.extend_from_slice(&self.after[end.len()..]);
            }
        }
    }
}

/// Appends a block of removed lines and the added lines that take its place, without their newlines, word by word.
///
/// White space is that of the added lines: what changed in it alone is not shown.
pub fn push_word_diff(removed: &[&[u8]], added: &[&[u8]], mode: WordDiff, palette: &Palette, out: &mut Vec<u8>) {
    let text = |lines: &[&[u8]]| lines.iter().flat_map(|line| [*line, b"\n"]).collect::<Vec<_>>().concat();
    let (old, new) = (text(removed), text(added));
    let frame = |sign| mode.frame(sign, palette);
    let mut at = 0;
    for change in word_changes(&old, &new) {
        frame(b' ').push(&new[at..change.added.start], palette, out);
        frame(b'-').push(&old[change.removed], palette, out);
        at = change.added.end;
        frame(b'+').push(&new[change.added], palette, out);
    }
    frame(b' ').push(&new[at..], palette, out);
}

/// Appends an unchanged line, given without its newline.
pub fn push_word_context(line: &[u8], mode: WordDiff, palette: &Palette, out: &mut Vec<u8>) {
    let frame = mode.frame(b' ', palette);
    match mode {
        WordDiff::Porcelain => palette.push_line(frame.colour, &[b" ", line].concat(), out),
        WordDiff::Plain | WordDiff::Color => frame.push(line, palette, out),
    }
    out.extend_from_slice(frame.newline);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(old: &'static str, new: &'static str, mode: WordDiff, palette: &Palette) -> String {
        let mut out = Vec::new();
        let bytes = |text: &'static str| text.lines().map(str::as_bytes).collect::<Vec<_>>();
        push_word_diff(&bytes(old), &bytes(new), mode, palette, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn each_mode_is_gits() {
        let (old, new) = ("the old value\nstays\n", "the new value\nreally stays\n");
        let plain = "the [-old-]{+new+} value\n{+really+} stays\n";
        assert_eq!(diff(old, new, WordDiff::Plain, &Palette::default()), plain);
        assert_eq!(
            diff(old, new, WordDiff::Porcelain, &Palette::default()),
            " the \n-old\n+new\n  value\n~\n+really\n  stays\n~\n",
        );
        assert_eq!(
            diff(old, new, WordDiff::Color, &Palette::git()),
            "the \u{1b}[31mold\u{1b}[m\u{1b}[32mnew\u{1b}[m value\n\u{1b}[32mreally\u{1b}[m stays\n",
        );
    }

    #[test]
    fn what_has_nothing_in_common_is_one_change() {
        assert_eq!(
            diff("x = 1\ny\n", "import os\n", WordDiff::Plain, &Palette::default()),
            "[-x = 1-]\n[-y-]\n{+import os+}\n"
        );
        assert_eq!(diff("", "x\n", WordDiff::Plain, &Palette::default()), "{+x+}\n");
        assert_eq!(diff("x\n", "", WordDiff::Porcelain, &Palette::default()), "-x\n~\n");
    }
}
