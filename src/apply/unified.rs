//! A unified diff, as `cellwise diff` and git write it, read strictly.

use super::for_people::{HeadedHunk, are_strict, is_note};
use super::hunks::{Hunk, Line, Sign};
use super::{Body, FilePatch, Misfit, PatchError};

/// Reads all files of a patch. What stands before the first `diff --git`, and between files, is for people.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<FilePatch<'_>>, PatchError> {
    let lines = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let mut reader = Reader { lines, at: 0, read: 0 };
    let mut files = Vec::new();
    while let Some(line) = reader.next() {
        if let Some(names) = line.strip_prefix(b"diff --git ") {
            files.push(reader.file(names)?);
            reader.read = reader.at;
        } else if line.starts_with(b"diff --cc ") || line.starts_with(b"diff --combined ") {
            return Err(reader.fault("a combined diff, of several old versions, cannot be applied"));
        } else if line.starts_with(b"@@ -") {
            return Err(reader.fault("a hunk that belongs to no file"));
        }
    }
    if files.is_empty() { Err(PatchError::Unknown) } else { Ok(files) }
}

struct Reader<'p> {
    /// With their newlines.
    lines: Vec<&'p [u8]>,
    /// How many of them have been read.
    at: usize,
    /// How many stand before the end of the last file.
    read: usize,
}

/// The lines before the hunks of a file.
#[derive(Default)]
struct Header<'p> {
    /// `---` and `+++`.
    names: [Option<Vec<u8>>; 2],
    /// `rename from` and `rename to`, which have no prefix.
    renamed: [Option<Vec<u8>>; 2],
    is_new: bool,
    is_deleted: bool,
    /// `new file mode` or `new mode`.
    mode: Option<&'p [u8]>,
    is_link: bool,
    is_binary: bool,
    /// A text form ends in a newline, so a file that does not is none.
    is_text: bool,
}

const DEV_NULL: &[u8] = b"/dev/null";
/// git's mode of a symbolic link.
const LINK: &[u8] = b"120000";

impl<'p> Reader<'p> {
    fn peek(&self) -> Option<&'p [u8]> {
        let line = self.lines.get(self.at)?;
        Some(line.strip_suffix(b"\n").unwrap_or(line))
    }

    fn next(&mut self) -> Option<&'p [u8]> {
        let line = self.peek()?;
        self.at += 1;
        Some(line)
    }

    /// What is wrong with the line that was read last.
    fn fault(&self, reason: &'static str) -> PatchError {
        PatchError::Line { line: self.at, reason }
    }

    /// The file whose `diff --git` line was read, `names` being the rest of it.
    fn file(&mut self, git_line: &[u8]) -> Result<FilePatch<'p>, PatchError> {
        let above = self.at - 1;
        let mut header = self.header()?;
        let mut hunks = Vec::new();
        while let Some(ranges) = self.peek().and_then(|line| line.strip_prefix(b"@@ -")) {
            self.at += 1;
            hunks.push(self.hunk(ranges, &mut header)?);
        }
        self.expect_end(&hunks)?;
        let unread = || self.fault("the names of the file cannot be read");
        let names = header.names(git_line).ok_or_else(unread)?;
        let [before, after] = header.paths(&names, git_line).ok_or_else(unread)?;
        let body = match &header {
            Header { is_link: true, .. } => Body::Refused(Misfit::Text("it is a symbolic link")),
            Header { is_binary: true, .. } => Body::Refused(Misfit::NothingToApply("it is binary")),
            Header { is_text: true, .. } => {
                Body::Refused(Misfit::Text("the patch has it as plain text, not as a notebook"))
            }
            _ if self.has_notes(above, &names) || !are_strict(&hunks) => Body::Refused(Misfit::ForPeople),
            _ => Body::Hunks(hunks.into_iter().map(|hunk| hunk.hunk).collect()),
        };
        let mode = header.mode.and_then(octal);
        Ok(FilePatch { before, after, mode, body })
    }

    /// Whether notes for people stand right above the line with index `at`, which begins a file with these names.
    fn has_notes(&self, at: usize, names: &[Vec<u8>; 2]) -> bool {
        let name = |path: &[u8]| path.rsplit(|byte| *byte == b'/').next().unwrap_or_default().to_vec();
        let names = [name(&names[0]), name(&names[1])];
        let lines = self.lines[self.read..at].iter().rev().take_while(|line| !line.trim_ascii().is_empty());
        lines.into_iter().any(|line| names.iter().any(|name| is_note(line, name)))
    }

    fn header(&mut self) -> Result<Header<'p>, PatchError> {
        let mut header = Header::default();
        while let Some(line) = self.peek().filter(|line| !line.starts_with(b"@@ -") && !line.starts_with(b"diff ")) {
            self.at += 1;
            let name = |prefix: &[u8]| line.strip_prefix(prefix);
            if let Some(mode) = name(b"new file mode ") {
                (header.is_new, header.is_link, header.mode) = (true, mode == LINK, Some(mode));
            } else if let Some(mode) = name(b"deleted file mode ") {
                (header.is_deleted, header.is_link) = (true, mode == LINK);
            } else if let Some(mode) = name(b"new mode ") {
                header.mode = Some(mode);
            } else if let Some(index) = name(b"index ") {
                header.is_link |= index.ends_with(b" 120000");
            } else if let Some(from) = name(b"rename from ") {
                header.renamed[0] = Some(self.name(from)?);
            } else if let Some(to) = name(b"rename to ") {
                header.renamed[1] = Some(self.name(to)?);
            } else if name(b"copy from ").is_some() {
                return Err(self.fault("copies are not known here"));
            } else if let Some(old) = name(b"--- ") {
                header.names[0] = Some(self.name(old)?);
                let new = self.next().and_then(|line| line.strip_prefix(b"+++ "));
                let new = new.ok_or_else(|| self.fault("`+++` was to follow `---`"))?;
                header.names[1] = Some(self.name(new)?);
                return Ok(header);
            } else if name(b"Binary files ").is_some() || name(b"GIT binary patch").is_some() {
                header.is_binary = true;
                return Ok(header);
            } else if ![&b"old mode "[..], b"similarity index ", b"dissimilarity index "]
                .iter()
                .any(|known| line.starts_with(known))
            {
                // A line for people: the file has no hunks.
                return Ok(header);
            }
        }
        Ok(header)
    }

    /// A name, which may be quoted, and which git ends with a tab if it holds a space.
    fn name(&self, text: &[u8]) -> Result<Vec<u8>, PatchError> {
        if text.starts_with(b"\"") {
            let read = unquoted(text).filter(|(_, rest)| rest.is_empty() || *rest == b"\t");
            return read.map(|(name, _)| name).ok_or_else(|| self.fault("a name with wrong quotes"));
        }
        Ok(text.strip_suffix(b"\t").unwrap_or(text).to_vec())
    }

    /// The hunk of which `ranges` is what follows `@@ -`.
    fn hunk(&mut self, ranges: &'p [u8], header: &mut Header<'_>) -> Result<HeadedHunk<'p>, PatchError> {
        let (before, after, heading) = hunk_ranges(ranges).ok_or_else(|| self.fault("not the first line of a hunk"))?;
        let mut hunk = Hunk { line: self.at, start: first(before), lines: Vec::new() };
        let mut left = [before.1, after.1];
        while left != [0, 0] {
            let line = self.next().ok_or_else(|| self.fault("the patch ends within a hunk"))?;
            let (sign, takes) = match line.first() {
                Some(b' ') => (Sign::Context, [1, 1]),
                // Some mail programs take the space at an empty line's end away.
                None => (Sign::Context, [1, 1]),
                Some(b'-') => (Sign::Removed, [1, 0]),
                Some(b'+') => (Sign::Added, [0, 1]),
                // No newline at the end of the file.
                Some(b'\\') => {
                    header.is_text = true;
                    continue;
                }
                _ => return Err(self.fault("a line of a hunk begins with a space, `-` or `+`")),
            };
            for (left, takes) in left.iter_mut().zip(takes) {
                *left = left.checked_sub(takes).ok_or_else(|| self.fault("the hunk has more lines than it says"))?;
            }
            hunk.lines.push(Line { sign, text: line.get(1..).unwrap_or_default() });
        }
        if self.peek().is_some_and(|line| line.starts_with(b"\\ ")) {
            self.at += 1;
            header.is_text = true;
        }
        Ok(HeadedHunk { hunk, ranges: [before, after], heading })
    }

    /// A hunk that is longer than it says would lose lines.
    fn expect_end(&mut self, hunks: &[HeadedHunk<'_>]) -> Result<(), PatchError> {
        match self.peek() {
            Some(line)
                if !hunks.is_empty() && line != b"-- " && line.first().is_some_and(|sign| b"+- \\".contains(sign)) =>
            {
                self.at += 1;
                Err(self.fault("the hunk has more lines than it says"))
            }
            _ => Ok(()),
        }
    }
}

impl Header<'_> {
    /// The names of both sides, with their prefixes but in a rename.
    fn names(&self, git_line: &[u8]) -> Option<[Vec<u8>; 2]> {
        match (&self.renamed, &self.names) {
            ([Some(from), Some(to)], _) => Some([from.clone(), to.clone()]),
            (_, [Some(old), Some(new)]) => Some([old.clone(), new.clone()]),
            _ => git_names(git_line),
        }
    }

    /// Both paths without their prefixes; `None` for a side that has no file.
    fn paths(&self, [old, new]: &[Vec<u8>; 2], git_line: &[u8]) -> Option<[Option<Vec<u8>>; 2]> {
        if let [Some(_), Some(_)] = &self.renamed {
            return Some([Some(old.clone()), Some(new.clone())]);
        }
        let prefix = if has_prefixes(git_line) { Prefix::Some } else { Prefix::None };
        let path = |name: &[u8], missing: bool| match name {
            _ if missing => Some(None),
            DEV_NULL => Some(None),
            name => Some(Some(without(prefix, name)?)),
        };
        let [before, after] = [path(old, self.is_new)?, path(new, self.is_deleted)?];
        // Two files that were compared have two names, but only a rename gives a file another one.
        Some(match (before, after) {
            (Some(before), Some(_)) => [Some(before.clone()), Some(before)],
            sides => sides.into(),
        })
    }
}

#[derive(Clone, Copy)]
enum Prefix {
    Some,
    None,
}

/// A name without its first folder, which is git's `a/` or `b/`.
fn without(prefix: Prefix, name: &[u8]) -> Option<Vec<u8>> {
    match prefix {
        Prefix::None => Some(name.to_vec()),
        Prefix::Some => memchr::memchr(b'/', name).map(|slash| name[slash + 1..].to_vec()),
    }
}

/// Whether names have git's prefixes (`diff.noprefix`): then the two are never the same.
fn has_prefixes(git_line: &[u8]) -> bool {
    let middle = git_line.len() / 2;
    let halves = || git_line[..middle] == git_line[middle + 1..];
    !(git_line.len() % 2 == 1 && git_line[middle] == b' ' && halves())
}

/// The two names of a `diff --git` line, which stand there unquoted with all their spaces.
fn git_names(line: &[u8]) -> Option<[Vec<u8>; 2]> {
    if line.starts_with(b"\"") {
        let (old, rest) = unquoted(line)?;
        let rest = rest.strip_prefix(b" ")?;
        let new = if rest.starts_with(b"\"") { unquoted(rest)?.0 } else { rest.to_vec() };
        return Some([old, new]);
    }
    // But for the prefixes they are the same.
    let same = |at: &usize| {
        let (old, new) = (&line[..*at], &line[*at + 1..]);
        let path = |name: &[u8]| memchr::memchr(b'/', name).map(|slash| name[slash..].to_vec());
        old == new || (path(old).is_some() && path(old) == path(new))
    };
    let middle = memchr::memchr_iter(b' ', line).filter(|at| at.abs_diff(line.len() / 2) <= 8).find(same);
    // Two files that were compared: one space alone can stand between their names.
    let only = || memchr::memchr(b' ', line).filter(|at| memchr::memrchr(b' ', line) == Some(*at));
    let at = middle.or_else(only).or_else(|| memchr::memmem::find(line, b" b/"))?;
    Some([line[..at].to_vec(), line[at + 1..].to_vec()])
}

/// The text of a name in git's quotes, and what follows it.
fn unquoted(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut out = Vec::new();
    let mut rest = text.strip_prefix(b"\"")?;
    loop {
        let (byte, tail) = rest.split_first()?;
        rest = tail;
        match byte {
            b'"' => return Some((out, rest)),
            b'\\' => {
                let (escape, tail) = rest.split_first()?;
                rest = tail;
                out.push(match escape {
                    b'n' => b'\n',
                    b't' => b'\t',
                    b'r' => b'\r',
                    b'a' => 7,
                    b'b' => 8,
                    b'f' => 12,
                    b'v' => 11,
                    b'"' | b'\\' => *escape,
                    b'0'..=b'3' => {
                        let digits = rest.get(..2)?;
                        rest = &rest[2..];
                        let octal = [&[*escape], digits].concat();
                        u8::from_str_radix(str::from_utf8(&octal).ok()?, 8).ok()?
                    }
                    _ => return None,
                });
            }
            byte => out.push(*byte),
        }
    }
}

/// First line and length.
type Lines = (usize, usize);

/// `1,4 +1,5 @@ heading` as two ranges, and the heading.
fn hunk_ranges(text: &[u8]) -> Option<(Lines, Lines, &[u8])> {
    let end = memchr::memmem::find(text, b" @@")?;
    let ranges = str::from_utf8(&text[..end]).ok()?;
    let (before, after) = ranges.split_once(" +")?;
    let range = |text: &str| {
        let (line, len) = text.split_once(',').unwrap_or((text, "1"));
        Some((line.parse().ok()?, len.parse().ok()?))
    };
    Some((range(before)?, range(after)?, &text[end + 3..]))
}

/// A mode of git's.
fn octal(digits: &[u8]) -> Option<u32> {
    u32::from_str_radix(str::from_utf8(digits).ok()?, 8).ok()
}

/// How many lines stand before a range. Of an empty one its number names the line before it.
fn first((line, len): (usize, usize)) -> usize {
    if len == 0 { line } else { line.saturating_sub(1) }
}
