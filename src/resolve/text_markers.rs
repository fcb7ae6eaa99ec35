//! git's own markers between the lines of a file: the versions it was made of.
//!
//! So it looks where git merged a notebook as text: before cellwise was installed, by `-s resolve` or an octopus merge,
//! at a colleague's without it, or committed so. Replacing each conflict by one side's lines gives that side with all
//! that merged cleanly, and a merge of those by cells has the same conflicts and no others.

use crate::merge::{Side, Sides};
use crate::notebook::{Notebook, ReadError};

use super::commas::mended;

/// The shortest markers that are looked for: git's own.
const USUAL_SIZE: usize = 7;

/// What a file between markers consists of, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'b> {
    /// Whole lines without a conflict.
    Clean(&'b [u8]),
    /// A conflict.
    Conflict(Hunk<'b>),
}

/// One conflict: whole lines, without the markers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hunk<'b> {
    /// The line of its first marker, from 1.
    pub line: usize,
    /// The lines of ours.
    pub ours: &'b [u8],
    /// The lines of the base; `None` in the style `merge`, which does not show them.
    pub base: Option<&'b [u8]>,
    /// The lines of theirs.
    pub theirs: &'b [u8],
    /// What stands beside its markers; empty where nothing does.
    pub labels: Sides<&'b [u8]>,
}

impl<'b> Hunk<'b> {
    /// The lines of one side.
    #[must_use]
    pub fn of(&self, side: Side) -> &'b [u8] {
        match side {
            Side::Ours => self.ours,
            Side::Theirs => self.theirs,
        }
    }
}

/// A file that was taken apart at its markers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextMarkers<'b> {
    /// How long the markers are; 7 if there are none.
    pub marker_size: usize,
    /// The whole file but its markers.
    pub pieces: Vec<Piece<'b>>,
    file: &'b [u8],
}

/// Markers that do not make sense, most often because a person has edited some away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MarkerError {
    /// The file ends in a conflict, or the next one begins in it.
    #[error("line {line}: the conflict that begins here has no end (`>>>>>>>`)")]
    NoEnd {
        /// The line of its first marker, from 1.
        line: usize,
    },
    /// A marker that no conflict has in this place.
    #[error("line {line}: a conflict marker that belongs to no conflict, or to none in this place")]
    Stray {
        /// Its line, from 1.
        line: usize,
    },
}

/// A version that is no notebook: git's line merge has cut through a cell, say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} of the conflicts cannot be read: {error}", name = if *.side == Side::Ours { "our side" } else { "their side" })]
pub struct UnreadableSide {
    /// Which one.
    pub side: Side,
    /// What is wrong with it. Lines count in the file with the markers.
    pub error: ReadError,
}

/// Notebooks that a file with markers was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions {
    /// The base with what either side changed cleanly; `None` where it is not shown or no notebook.
    pub base: Option<Vec<u8>>,
    /// Ours with what theirs changed cleanly.
    pub ours: Vec<u8>,
    /// Theirs with what ours changed cleanly.
    pub theirs: Vec<u8>,
}

impl<'b> TextMarkers<'b> {
    /// Takes a file apart at git's markers, which are of one length all over it; longer ones, such as those of an
    /// earlier merge in a base, are content, and so is `=======` outside of conflicts. No markers: one clean piece.
    ///
    /// # Errors
    /// A conflict without its end, or markers out of order.
    pub fn read(file: &'b [u8]) -> Result<Self, MarkerError> {
        let marker_size = first_size(file).unwrap_or(USUAL_SIZE);
        let mut reader = Reader { file, size: marker_size, clean: 0, open: None, pieces: Vec::new() };
        let mut start = 0;
        for (index, line) in file.split_inclusive(|&byte| byte == b'\n').enumerate() {
            reader.line(Line { number: index + 1, start, end: start + line.len() })?;
            start += line.len();
        }
        Ok(Self { marker_size, pieces: reader.finish()?, file })
    }

    /// The conflicts in order.
    pub fn hunks(&self) -> impl Iterator<Item = &Hunk<'b>> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Clean(_) => None,
            Piece::Conflict(hunk) => Some(hunk),
        })
    }

    /// The labels of the first conflict; the base's is `None` where the style shows no base.
    #[must_use]
    pub fn labels(&self) -> Option<Sides<Option<&'b [u8]>>> {
        let Hunk { labels, base, .. } = self.hunks().next()?;
        Some(Sides { base: base.map(|_| labels.base), ours: Some(labels.ours), theirs: Some(labels.theirs) })
    }

    /// The file with one side's lines in each conflict: what `git merge-file --ours` or `--theirs` would have given.
    /// (Behind a file's last line git puts a newline that no side need have had.)
    #[must_use]
    pub fn side(&self, side: Side) -> Vec<u8> {
        self.with(|hunk| hunk.of(side))
    }

    /// The file with the base's lines in each conflict; `None` where one does not show them. In the style `zdiff3`
    /// lines that both sides put around a conflict stand in it, too.
    #[must_use]
    pub fn base(&self) -> Option<Vec<u8>> {
        self.hunks().all(|hunk| hunk.base.is_some()).then(|| self.with(|hunk| hunk.base.unwrap_or_default()))
    }

    /// The versions as notebooks that can be merged, with commas where they lack them.
    ///
    /// # Errors
    /// Ours or theirs is no notebook.
    pub fn versions(&self) -> Result<Versions, UnreadableSide> {
        let readable = |side| {
            let bytes = self.side(side);
            let error = Notebook::read(&bytes).err();
            let error = error.map(|error| UnreadableSide { side, error: self.placed(error, side) });
            error.map_or_else(|| Ok(bytes.clone()), |error| with_commas(&bytes).ok_or(error))
        };
        let base =
            self.base().and_then(|base| if Notebook::read(&base).is_ok() { Some(base) } else { with_commas(&base) });
        Ok(Versions { base, ours: readable(Side::Ours)?, theirs: readable(Side::Theirs)? })
    }

    fn with(&self, lines: impl Fn(&Hunk<'b>) -> &'b [u8]) -> Vec<u8> {
        let mut version = Vec::with_capacity(self.file.len());
        for piece in &self.pieces {
            version.extend_from_slice(match piece {
                Piece::Clean(clean) => clean,
                Piece::Conflict(hunk) => lines(hunk),
            });
        }
        version
    }

    /// The same error with the line of the file with markers.
    fn placed(&self, error: ReadError, side: Side) -> ReadError {
        match error {
            ReadError::Syntax(mut error) => {
                error.line = self.line_of(error.line, side);
                ReadError::Syntax(error)
            }
            ReadError::ConflictMarkers { line } => ReadError::ConflictMarkers { line: self.line_of(line, side) },
            other => other,
        }
    }

    /// Where line `number` of a side stands in the file with markers, from 1.
    fn line_of(&self, number: usize, side: Side) -> usize {
        let count = |lines: &[u8]| memchr::memchr_iter(b'\n', lines).count();
        let (mut left, mut at) = (number, 1);
        for piece in &self.pieces {
            let (skipped, lines, behind) = match piece {
                Piece::Clean(clean) => (0, count(clean), 0),
                Piece::Conflict(Hunk { ours, base, theirs, .. }) => {
                    let base = base.map_or(0, |base| count(base) + 1);
                    match side {
                        Side::Ours => (1, count(ours), base + 1 + count(theirs) + 1),
                        Side::Theirs => (1 + count(ours) + base + 1, count(theirs), 1),
                    }
                }
            };
            if left <= lines {
                return at + skipped + left - 1;
            }
            left -= lines;
            at += skipped + lines + behind;
        }
        at + left - 1
    }
}

/// A notebook that only lacked commas, or had too many.
fn with_commas(bytes: &[u8]) -> Option<Vec<u8>> {
    Some(mended(bytes)).filter(|mended| Notebook::read(mended).is_ok())
}

/// A line by its place.
#[derive(Debug, Clone, Copy)]
struct Line {
    number: usize,
    start: usize,
    end: usize,
}

/// A conflict whose end has not been read. Offsets are those behind its markers.
#[derive(Debug, Clone, Copy)]
struct Open<'b> {
    line: usize,
    labels: Sides<&'b [u8]>,
    ours: usize,
    /// Where ours end and the base begins.
    base: Option<(usize, usize)>,
    /// Where what stands before theirs ends, and theirs begin.
    theirs: Option<(usize, usize)>,
}

struct Reader<'b> {
    file: &'b [u8],
    size: usize,
    /// Where the clean piece before the next conflict begins.
    clean: usize,
    open: Option<Open<'b>>,
    pieces: Vec<Piece<'b>>,
}

impl<'b> Reader<'b> {
    fn line(&mut self, line: Line) -> Result<(), MarkerError> {
        let Some((character, label)) = marker(&self.file[line.start..line.end], self.size) else { return Ok(()) };
        let stray = Err(MarkerError::Stray { line: line.number });
        match (character, &mut self.open) {
            (b'<', Some(open)) => Err(MarkerError::NoEnd { line: open.line }),
            (b'<', None) => {
                self.push_clean(line.start);
                let labels = Sides { ours: label, ..Sides::default() };
                self.open = Some(Open { line: line.number, labels, ours: line.end, base: None, theirs: None });
                Ok(())
            }
            (b'|', Some(open)) if open.base.is_none() && open.theirs.is_none() => {
                open.labels.base = label;
                open.base = Some((line.start, line.end));
                Ok(())
            }
            (b'=', Some(open)) if open.theirs.is_none() => {
                open.theirs = Some((line.start, line.end));
                Ok(())
            }
            (b'>', Some(open)) => match open.theirs {
                Some(theirs) => {
                    let open = Open { labels: Sides { theirs: label, ..open.labels }, ..*open };
                    self.close(open, theirs, line);
                    Ok(())
                }
                None => stray,
            },
            // A heading's underline in Markdown, where the file is no JSON.
            (b'=', None) => Ok(()),
            _ => stray,
        }
    }

    fn close(&mut self, open: Open<'b>, theirs: (usize, usize), end: Line) {
        let ours_end = open.base.map_or(theirs.0, |(end, _)| end);
        self.pieces.push(Piece::Conflict(Hunk {
            line: open.line,
            ours: &self.file[open.ours..ours_end],
            base: open.base.map(|(_, start)| &self.file[start..theirs.0]),
            theirs: &self.file[theirs.1..end.start],
            labels: open.labels,
        }));
        self.open = None;
        self.clean = end.end;
    }

    fn push_clean(&mut self, end: usize) {
        if self.clean < end {
            self.pieces.push(Piece::Clean(&self.file[self.clean..end]));
        }
    }

    fn finish(mut self) -> Result<Vec<Piece<'b>>, MarkerError> {
        if let Some(open) = self.open {
            return Err(MarkerError::NoEnd { line: open.line });
        }
        self.push_clean(self.file.len());
        Ok(self.pieces)
    }
}

/// The length of the first marker that begins a conflict.
fn first_size(file: &[u8]) -> Option<usize> {
    file.split(|&byte| byte == b'\n').find_map(|line| {
        let size = line.iter().take_while(|&&byte| byte == b'<').count();
        (size >= USUAL_SIZE && marker(line, size).is_some()).then_some(size)
    })
}

/// The character of a marker of `size` characters, and what stands beside it; `None` for any other line.
fn marker(line: &[u8], size: usize) -> Option<(u8, &[u8])> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let character = *line.first().filter(|first| b"<|=>".contains(first))?;
    let run = line.iter().take_while(|&&byte| byte == character).count();
    match line.get(size) {
        _ if run != size => None,
        None => Some((character, &[])),
        Some(b' ') => Some((character, &line[size + 1..])),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(file: &str) -> [Option<String>; 3] {
        let found = TextMarkers::read(file.as_bytes()).unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        [found.base().map(text), Some(text(found.side(Side::Ours))), Some(text(found.side(Side::Theirs)))]
    }

    fn some(texts: [&str; 2]) -> [Option<String>; 3] {
        [None, Some(texts[0].to_owned()), Some(texts[1].to_owned())]
    }

    const DIFF3: &str = "1\n<<<<<<< HEAD\na\n||||||| 15462c6\nb\n=======\nc\n>>>>>>> my side\n2\n";

    #[test]
    fn both_sides_and_the_base_are_found() {
        assert_eq!(versions("1\n<<<<<<< x\na\n=======\nc\n>>>>>>> y\n2\n"), some(["1\na\n2\n", "1\nc\n2\n"]));
        let all = ["1\nb\n2\n", "1\na\n2\n", "1\nc\n2\n"].map(|text| Some(text.to_owned()));
        assert_eq!(versions(DIFF3), all);
        let found = TextMarkers::read(DIFF3.as_bytes()).unwrap();
        let labels = Sides { base: Some(&b"15462c6"[..]), ours: Some(b"HEAD"), theirs: Some(b"my side") };
        assert_eq!(found.labels(), Some(labels));
        assert_eq!(found.hunks().map(|hunk| hunk.line).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn one_hunk_without_a_base_leaves_none() {
        let mixed = format!("{DIFF3}<<<<<<< x\n=======\nc\n>>>>>>> y\n");
        assert_eq!(versions(&mixed), some(["1\na\n2\n", "1\nc\n2\nc\n"]));
    }

    #[test]
    fn markers_may_be_longer_end_in_crlf_and_have_no_label() {
        let file = "1\r\n<<<<<<<<<\r\na\r\n=========\r\n>>>>>>>>> y\r\n";
        assert_eq!(versions(file), some(["1\r\na\r\n", "1\r\n"]));
        assert_eq!(TextMarkers::read(file.as_bytes()).unwrap().labels().unwrap().theirs, Some(&b"y"[..]));
        assert_eq!(versions("<<<<<<< x\na\n=======\nb\n>>>>>>> y"), some(["a\n", "b\n"]));
    }

    #[test]
    fn longer_markers_are_content() {
        let inner = "<<<<<<<<< Temporary merge branch 1\np\n=========\nq\n>>>>>>>>> Temporary merge branch 2\n";
        let file = format!("<<<<<<< x\na\n||||||| merged common ancestors\n{inner}=======\nc\n>>>>>>> y\n");
        assert_eq!(versions(&file), [Some(inner.to_owned()), Some("a\n".to_owned()), Some("c\n".to_owned())]);
    }

    #[test]
    fn a_lone_underline_is_content() {
        for file in ["", "Title\n=======\ntext\n", "Title\n=======", "<<<<<<<x\n", " <<<<<<< x\n", "<<<<<<\n"] {
            let found = TextMarkers::read(file.as_bytes()).unwrap();
            assert_eq!(found.hunks().count(), 0, "{file}");
            assert_eq!(found.side(Side::Ours), file.as_bytes());
        }
        assert_eq!(
            versions("T\n=======\n<<<<<<< x\na\n=======\nb\n>>>>>>> y\n"),
            some(["T\n=======\na\n", "T\n=======\nb\n"])
        );
    }

    #[test]
    fn markers_out_of_order_are_told_by_their_line() {
        let error = |file: &str| TextMarkers::read(file.as_bytes()).unwrap_err();
        assert_eq!(error("1\n<<<<<<< x\na\n=======\nb\n"), MarkerError::NoEnd { line: 2 });
        assert_eq!(error("<<<<<<< x\na\n<<<<<<< x\n"), MarkerError::NoEnd { line: 1 });
        for (file, line) in [
            ("1\n>>>>>>> y\n", 2),
            ("||||||| b\n", 1),
            ("<<<<<<< x\n>>>>>>> y\n", 2),
            ("<<<<<<< x\n=======\n=======\n", 3),
            ("<<<<<<< x\n=======\n||||||| b\n", 3),
        ] {
            assert_eq!(error(file), MarkerError::Stray { line }, "{file}");
        }
    }

    #[test]
    fn the_side_that_is_no_notebook_is_named_by_its_line() {
        let file = "{\"cells\": [\n<<<<<<< x\n{}\n=======\n{]\n>>>>>>> y\n]}\n";
        let error = TextMarkers::read(file.as_bytes()).unwrap().versions().unwrap_err();
        assert_eq!(error.side, Side::Theirs);
        let expected =
            "their side of the conflicts cannot be read: not a notebook: line 5, column 2: key must be a string";
        assert_eq!(error.to_string(), expected);
        let readable = file.replace("{]", "{} {},");
        let versions = TextMarkers::read(readable.as_bytes()).unwrap().versions().unwrap();
        assert_eq!(Notebook::read(&versions.theirs).unwrap().cells.len(), 2);
    }
}
