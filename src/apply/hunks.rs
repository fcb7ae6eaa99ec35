//! Hunks applied to lines.

use memchr::memmem::Finder;

use super::Misfit;

/// A hunk of a unified diff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hunk<'p> {
    /// Its line in the patch, from 1.
    pub(super) line: usize,
    /// How many old lines stand before it, by its own word.
    pub(super) start: usize,
    /// Its lines.
    pub(super) lines: Vec<Line<'p>>,
}

/// A line of a hunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'p> {
    pub(super) sign: Sign,
    /// Without its sign and newline.
    pub(super) text: &'p [u8],
}

/// What a hunk says of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// It stays.
    Context,
    /// It goes.
    Removed,
    /// It comes.
    Added,
}

impl<'p> Hunk<'p> {
    /// Its lines without the line of digests, which says nothing that could be applied.
    fn shown(&self) -> impl Iterator<Item = &Line<'p>> {
        self.lines.iter().filter(|line| !is_hidden_line(line.text))
    }

    /// Whether it changes a line that can be seen.
    pub(super) fn changes(&self) -> bool {
        self.shown().any(|line| line.sign != Sign::Context)
    }
}

/// Whether this is the last line of a text form, of digests.
pub(super) fn is_hidden_line(line: &[u8]) -> bool {
    line.starts_with(b"# hidden:")
}

/// A line of the new text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NewLine<'t> {
    /// Without its newline.
    pub(super) text: &'t [u8],
    /// Which of the old lines it is; `None` if the patch put it in.
    pub(super) from: Option<usize>,
}

/// The old text, for looking hunks up in it.
struct OldText<'t> {
    lines: &'t [&'t [u8]],
    /// All lines, each behind a newline, and one more at the end.
    joined: Vec<u8>,
    /// Where each line's newline stands in `joined`.
    starts: Vec<usize>,
}

impl<'t> OldText<'t> {
    fn new(lines: &'t [&'t [u8]]) -> Self {
        let (mut joined, mut starts) = (Vec::new(), Vec::with_capacity(lines.len()));
        for line in lines {
            starts.push(joined.len());
            joined.push(b'\n');
            joined.extend_from_slice(line);
        }
        joined.push(b'\n');
        Self { lines, joined, starts }
    }

    /// Where `old` stands, at `expected` or else in the one place behind `from` that has these lines.
    fn place(&self, old: &[&[u8]], from: usize, expected: usize, line: usize) -> Result<usize, Misfit> {
        let fits = |at: usize| self.lines.get(at..at + old.len()) == Some(old);
        if expected >= from && fits(expected) {
            return Ok(expected);
        }
        if old.is_empty() {
            return Err(Misfit::Hunk { line });
        }
        let mut wanted: Vec<u8> = old.iter().flat_map(|line| [b"\n", *line].concat()).collect();
        wanted.push(b'\n');
        let finder = Finder::new(&wanted);
        let begin = self.starts.get(from).copied().unwrap_or(self.joined.len());
        let found = finder.find(&self.joined[begin..]).ok_or(Misfit::Hunk { line })? + begin;
        match finder.find(&self.joined[found + 1..]) {
            Some(_) => Err(Misfit::Ambiguous { line }),
            None => Ok(self.starts.partition_point(|start| *start < found)),
        }
    }
}

/// The new lines. Both texts are without the line of digests, which is left out of the hunks too.
///
/// A hunk goes where it says, counting from where the one before it went; where its lines are not there, to the only
/// place behind it that has them.
pub(super) fn apply_hunks<'t>(old: &'t [&'t [u8]], hunks: &'t [Hunk<'t>]) -> Result<Vec<NewLine<'t>>, Misfit> {
    let text = OldText::new(old);
    let mut new = Vec::with_capacity(old.len());
    let keep = |range: std::ops::Range<usize>| range.map(|index| NewLine { text: old[index], from: Some(index) });
    let (mut at, mut said) = (0, 0);
    for hunk in hunks.iter().filter(|hunk| hunk.changes()) {
        let lines: Vec<&[u8]> = hunk.shown().filter(|line| line.sign != Sign::Added).map(|line| line.text).collect();
        let expected = at + hunk.start.checked_sub(said).ok_or(Misfit::Hunk { line: hunk.line })?;
        let start = text.place(&lines, at, expected, hunk.line)?;
        new.extend(keep(at..start));
        at = start;
        for line in hunk.shown() {
            match line.sign {
                Sign::Added => new.push(NewLine { text: line.text, from: None }),
                Sign::Context => new.push(NewLine { text: line.text, from: Some(at) }),
                Sign::Removed => {}
            }
            at += usize::from(line.sign != Sign::Added);
        }
        said = hunk.start + lines.len();
    }
    new.extend(keep(at..old.len()));
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hunk(start: usize, lines: &[&'static str]) -> Hunk<'static> {
        let line = |text: &&'static str| Line {
            sign: match text.as_bytes()[0] {
                b'-' => Sign::Removed,
                b'+' => Sign::Added,
                _ => Sign::Context,
            },
            text: &text.as_bytes()[1..],
        };
        Hunk { line: 7, start, lines: lines.iter().map(line).collect() }
    }

    fn applied(old: &str, hunks: &[Hunk<'_>]) -> Result<String, Misfit> {
        let old: Vec<&[u8]> = old.split(' ').map(str::as_bytes).collect();
        let new = apply_hunks(&old, hunks)?;
        assert!(new.iter().all(|line| line.from.is_none_or(|from| old[from] == line.text)));
        let new: Vec<&[u8]> = new.iter().map(|line| line.text).collect();
        Ok(String::from_utf8(new.join(&b' ')).unwrap())
    }

    #[test]
    fn hunks_go_where_they_say() {
        let hunks = [hunk(0, &["+0", " a"]), hunk(2, &["-c", "+x", "+y"])];
        assert_eq!(applied("a b c d", &hunks).unwrap(), "0 a b x y d");
        assert_eq!(applied("a b", &[hunk(1, &["+x"])]).unwrap(), "a x b");
    }

    #[test]
    fn or_to_the_one_place_that_has_their_lines() {
        assert_eq!(applied("n n a b c", &[hunk(0, &[" a", "-b"]), hunk(2, &["-c"])]).unwrap(), "n n a");
        assert_eq!(applied("n a b a b", &[hunk(0, &[" a", "-b"])]), Err(Misfit::Ambiguous { line: 7 }));
        assert_eq!(applied("a b a b", &[hunk(2, &[" a", "-b"])]).unwrap(), "a b a");
        for misfit in [hunk(0, &["-x"]), hunk(9, &["+x"]), hunk(3, &[" c", " d"])] {
            let hunks = [misfit, hunk(3, &["+z"])];
            assert!(applied("a b", &hunks[..1]).is_err() || !hunks[0].changes());
        }
    }

    #[test]
    fn the_line_of_digests_is_not_compared() {
        let hunks = [hunk(1, &[" b", "-c", "-# hidden: outputs 1", "+# hidden:"])];
        assert_eq!(applied("a b c", &hunks).unwrap(), "a b");
        assert!(!hunk(1, &[" zzz", "-# hidden: outputs 1", "+# hidden:"]).changes());
    }
}
