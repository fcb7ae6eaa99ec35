//! What changed in the outputs of a cell, in a few words.

use std::fmt;
use std::hash::Hash;
use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput, Interner};

use crate::notebook::{Output, OutputKind};
use crate::text::{OutputContent, Pixels, ReadableOutput, Size, readable_displays, readable_outputs, readable_streams};

use super::line_changes::line_changes;

/// Texts longer than this are told by their sizes, not by their lines.
const LONGEST_TEXT: usize = 10 << 20;

/// One thing that changed in the outputs of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutputChange {
    /// All outputs went.
    Cleared,
    /// A text has other lines.
    Lines {
        /// The name of a stream, a mime type, or `error` and the exception's name.
        what: String,
        /// How many lines came.
        added: usize,
        /// How many lines went.
        removed: usize,
    },
    /// An image or other data, or a text too long to be compared, is another.
    Data {
        /// Its mime type, or the name of a stream.
        what: String,
        /// What it was.
        before: Measure,
        /// What it is.
        after: Measure,
    },
    /// Another exception than before.
    Error {
        /// The name of the exception before.
        before: String,
        /// The name of the exception now.
        after: String,
    },
    /// An output that was not there.
    Added {
        /// The name of a stream, a mime type, or `error` and the exception's name.
        what: String,
        /// How large it is.
        extent: Extent,
    },
    /// An output that is gone.
    Removed {
        /// The name of a stream, a mime type, or `error` and the exception's name.
        what: String,
        /// How large it was.
        extent: Extent,
    },
}

/// How large data is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    /// How many bytes.
    pub size: Size,
    /// Width and height, of an image.
    pub pixels: Option<Pixels>,
}

impl fmt::Display for Measure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(pixels) = self.pixels {
            write!(formatter, "{pixels} ")?;
        }
        write!(formatter, "{}", self.size)
    }
}

/// How large an output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// So many lines of text.
    Lines(usize),
    /// So much data.
    Data(Measure),
    /// A widget, of no size.
    None,
}

impl Extent {
    fn of(content: &OutputContent) -> Self {
        match content {
            OutputContent::Text(text) => Self::Lines(lines(text).count()),
            OutputContent::Data { size, pixels, .. } => Self::Data(Measure { size: *size, pixels: *pixels }),
            OutputContent::Widget => Self::None,
        }
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lines(1) => write!(formatter, " 1 line"),
            Self::Lines(lines) => write!(formatter, " {lines} lines"),
            Self::Data(measure) => write!(formatter, " {measure}"),
            Self::None => Ok(()),
        }
    }
}

impl OutputChange {
    /// What it says behind the words `new:` and `gone:`; an error needs no size.
    fn described(what: &str, extent: Extent) -> String {
        if what.starts_with(ERROR) { what.to_owned() } else { format!("{what}{extent}") }
    }
}

impl fmt::Display for OutputChange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cleared => write!(formatter, "outputs cleared"),
            Self::Lines { what, added, removed } => {
                write!(formatter, "{what}")?;
                if *added > 0 {
                    write!(formatter, " +{added}")?;
                }
                if *removed > 0 {
                    write!(formatter, " -{removed}")?;
                }
                write!(formatter, "{}", if [*added, *removed].iter().max() == Some(&1) { " line" } else { " lines" })
            }
            Self::Data { what, before, after } if before.to_string() == after.to_string() => {
                write!(formatter, "{what} {after} changed")
            }
            Self::Data { what, before, after } if before.pixels == after.pixels => {
                write!(formatter, "{what} {} -> {}", before.size, after.size)
            }
            Self::Data { what, before, after } => write!(formatter, "{what} {before} -> {after}"),
            Self::Error { before, after } => write!(formatter, "error {before} -> {after}"),
            Self::Added { what, extent } => write!(formatter, "new: {}", Self::described(what, *extent)),
            Self::Removed { what, extent } => write!(formatter, "gone: {}", Self::described(what, *extent)),
        }
    }
}

/// How many changes one line tells of.
const LONGEST_LINE: usize = 6;

/// Changes on one line: `stdout +3 -1 lines, gone: stderr 2 lines, new: error KeyError, image/png 640x480 13.2 kB`.
#[must_use]
pub fn output_changes_line(changes: &[OutputChange]) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut group = "";
    // The last one takes no more room than its number.
    let told = if changes.len() > LONGEST_LINE + 1 { LONGEST_LINE } else { changes.len() };
    for change in &changes[..told] {
        let words = change.to_string();
        let next = ["new: ", "gone: "].into_iter().find(|next| words.starts_with(next)).unwrap_or_default();
        // `new: ` stands once before all that is new.
        let said = if next == group { &words[next.len()..] } else { &words };
        parts.push(said.to_owned());
        group = next;
    }
    if changes.len() > told {
        parts.push(format!("{} more", changes.len() - told));
    }
    parts.join(", ")
}

/// What a person would call a change between two raw lists of outputs (`[]` for none): first what is another, then
/// what went, then what came.
///
/// How streams are cut into chunks and where these stand among the other outputs, addresses, colours, earlier states of a progress bar, counts and the metadata of
/// outputs are none; nor is the order of keys.
#[must_use]
pub fn output_changes(before: &str, after: &str) -> Vec<OutputChange> {
    if before == after {
        return Vec::new();
    }
    let [before, after] = readable([before, after]);
    if after.is_empty() && !before.is_empty() {
        return vec![OutputChange::Cleared];
    }
    let mut found = Found::default();
    // What is the same stays out of the way of what only has the same name.
    for (gone, come) in hunks(&before, &after) {
        found.between(&before[gone], &after[come]);
    }
    found.in_order()
}

/// Both lists as people read them. Where only the time decided which stream came first, it says nothing: streams that
/// are the same as a whole are told as a whole.
fn readable(outputs: [&str; 2]) -> [Vec<ReadableOutput>; 2] {
    let outputs = outputs.map(Output::list);
    let [before, after] = &outputs;
    let streams = [before, after].map(|outputs| readable_streams(outputs));
    let differ = streams[0] != streams[1];
    let mut streams = streams.into_iter();
    outputs.map(|outputs| match streams.next().unwrap_or_default() {
        // All is read already.
        one if one.len() == 1 && outputs.iter().all(|output| output.kind() == OutputKind::Stream) => one,
        _ if differ => readable_outputs(&outputs),
        streams => streams.into_iter().chain(readable_displays(&outputs)).collect(),
    })
}

/// What an error's name begins with.
const ERROR: &str = "error ";

#[derive(Default)]
struct Found {
    other: Vec<OutputChange>,
    removed: Vec<OutputChange>,
    added: Vec<OutputChange>,
}

impl Found {
    /// Outputs of which none is the same: those of one name are paired in order.
    fn between(&mut self, before: &[ReadableOutput], after: &[ReadableOutput]) {
        let (mut next_before, mut next_after) = (0, 0);
        let ends = (before.len()..before.len(), after.len()..after.len());
        for (gone, come) in hunks(&names(before), &names(after)).into_iter().chain([ends]) {
            let same = before[next_before..gone.start].iter().zip(&after[next_after..come.start]);
            same.for_each(|(before, after)| self.pair(before, after));
            let removed = before[gone.clone()].iter().map(|output| (output.name.clone(), Extent::of(&output.content)));
            self.removed.extend(removed.map(|(what, extent)| OutputChange::Removed { what, extent }));
            let added = after[come.clone()].iter().map(|output| (output.name.clone(), Extent::of(&output.content)));
            self.added.extend(added.map(|(what, extent)| OutputChange::Added { what, extent }));
            (next_before, next_after) = (gone.end, come.end);
        }
    }

    fn pair(&mut self, before: &ReadableOutput, after: &ReadableOutput) {
        let what = after.name.clone();
        match (&before.content, &after.content) {
            (one, other) if one == other && before.name == after.name => {}
            _ if before.name != after.name => {
                let [before, after] = [before, after].map(|error| error.name.trim_start_matches(ERROR).to_owned());
                self.other.push(OutputChange::Error { before, after });
            }
            (OutputContent::Text(one), OutputContent::Text(other)) if one.len().max(other.len()) <= LONGEST_TEXT => {
                self.lines(what, one, other);
            }
            (one, other) => {
                let [before, after] = [measure(one), measure(other)];
                self.other.push(OutputChange::Data { what, before, after });
            }
        }
    }

    /// Adds up what changed in texts of one name.
    fn lines(&mut self, what: String, before: &[u8], after: &[u8]) {
        let changes = line_changes(lines(before), lines(after));
        let (come, gone) =
            changes.iter().fold((0, 0), |(come, gone), change| (come + change.after.len(), gone + change.before.len()));
        let known = self.other.iter_mut().find_map(|change| match change {
            OutputChange::Lines { what: known, added, removed } if *known == what => Some((added, removed)),
            _ => None,
        });
        match known {
            Some((added, removed)) => (*added, *removed) = (*added + come, *removed + gone),
            None => self.other.push(OutputChange::Lines { what, added: come, removed: gone }),
        }
    }

    fn in_order(self) -> Vec<OutputChange> {
        let Self { other, removed, added } = self;
        other.into_iter().chain(removed).chain(added).collect()
    }
}

/// What pairs outputs: all errors are of one name.
fn names(outputs: &[ReadableOutput]) -> Vec<&str> {
    outputs.iter().map(|output| if output.name.starts_with(ERROR) { ERROR } else { &output.name }).collect()
}

fn measure(content: &OutputContent) -> Measure {
    match content {
        OutputContent::Text(text) => Measure { size: Size(text.len()), pixels: None },
        OutputContent::Data { size, pixels, .. } => Measure { size: *size, pixels: *pixels },
        OutputContent::Widget => Measure { size: Size(0), pixels: None },
    }
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n').filter(|_| !text.is_empty())
}

/// The stretches in which two lists differ.
fn hunks<T: Eq + Hash>(before: &[T], after: &[T]) -> Vec<(Range<usize>, Range<usize>)> {
    let mut input: InternedInput<&T> =
        InternedInput { before: Vec::new(), after: Vec::new(), interner: Interner::new(before.len() + after.len()) };
    input.update_before(before.iter());
    input.update_after(after.iter());
    let diff = Diff::compute(Algorithm::Myers, &input);
    let range = |range: Range<u32>| range.start as usize..range.end as usize;
    diff.hunks().map(|hunk| (range(hunk.before), range(hunk.after))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(before: &str, after: &str) -> String {
        output_changes_line(&output_changes(&format!("[{before}]"), &format!("[{after}]")))
    }

    fn stream(name: &str, text: &str) -> String {
        format!(r#"{{"output_type": "stream", "name": "{name}", "text": "{text}"}}"#)
    }

    fn stdout(text: &str) -> String {
        stream("stdout", text)
    }

    fn shown(mime: &str, data: &str) -> String {
        format!(r#"{{"output_type": "display_data", "data": {{"{mime}": {data}}}, "metadata": {{}}}}"#)
    }

    fn error(name: &str, traceback: &str) -> String {
        format!(r#"{{"output_type": "error", "ename": "{name}", "evalue": "", "traceback": ["{traceback}"]}}"#)
    }

    const GIF: &str = "R0lGODlhAwACAPAA";
    const WIDER_GIF: &str = "R0lGODlhBAACAPAAAAAA";

    #[test]
    fn a_run_that_says_the_same_is_no_change() {
        let result = |count: u8, more: &str| {
            format!(
                r#"{{"output_type": "execute_result", "execution_count": {count}, "data": {{"text/plain": "<A at 0x7f00{count}a0b1c>\n1"}}, "metadata": {{{more}}}}}"#
            )
        };
        for (before, after) in [
            (stdout("a\\nb\\n"), format!("{},{}", stdout("a\\n"), stdout("b\\n"))),
            (stdout("10%\\r100%"), stdout("5%\\r50%\\r100%")),
            (stdout("\\u001b[31mred\\u001b[0m"), stdout("red")),
            (result(1, ""), result(2, r#""scrolled": true"#)),
            (stdout(""), stdout("\\n")),
            (
                [stdout("a\\n"), stream("stderr", "w\\n"), stdout("b\\n")].join(","),
                [stdout("a\\nb\\n"), stream("stderr", "w\\n")].join(","),
            ),
            (
                [stdout("10%\\r"), shown("text/plain", "\"x\""), stdout("100%")].join(","),
                [shown("text/plain", "\"x\""), stdout("100%")].join(","),
            ),
        ] {
            assert_eq!(line(&before, &after), "", "{after}");
        }
    }

    #[test]
    fn changes_are_few_words() {
        let pair = |one: &str, other: &str| format!("{one},{other}");
        let gif = |data: &str| shown("image/gif", &format!("\"{data}\""));
        for (before, after, said) in [
            (stdout("a\\nb"), stdout("a\\nc\\nd"), "stdout +2 -1 lines"),
            (stdout("a"), stdout("b"), "stdout +1 -1 line"),
            (stdout("a"), stdout("a\\nb"), "stdout +1 line"),
            (stdout("a"), String::new(), "outputs cleared"),
            (String::new(), pair(&stdout("a\\nb"), &gif(GIF)), "new: stdout 2 lines, image/gif 3x2 12 B"),
            (stdout("a"), pair(&stdout("a"), &error("KeyError", "x")), "new: error KeyError"),
            (error("KeyError", "x"), error("TypeError", "y"), "error KeyError -> TypeError"),
            (error("KeyError", "x"), error("KeyError", "y"), "error KeyError +1 -1 line"),
            (error("KeyError", "x"), stdout("a"), "gone: error KeyError, new: stdout 1 line"),
            (gif(GIF), gif(WIDER_GIF), "image/gif 3x2 12 B -> 4x2 15 B"),
            (gif(GIF), gif("R0lGODlhAwACAPAB"), "image/gif 3x2 12 B changed"),
            (gif(GIF), pair(&gif(WIDER_GIF), &gif(GIF)), "new: image/gif 4x2 15 B"),
            (shown("a/b", r#"{"x": 1}"#), shown("a/b", r#"{"x": 12345}"#), "a/b 8 B -> 12 B"),
            (pair(&stdout("a"), &stream("stderr", "w")), stdout("b"), "stdout +1 -1 line, gone: stderr 1 line"),
            (stdout("\\u001b]0;x\\u0007"), stdout("\\u0000"), "stdout +1 line"),
            (
                [stdout("a\\n"), stream("stderr", "w"), stdout("b"), gif(GIF)].join(","),
                [stdout("a\\nb"), stream("stderr", "w"), gif(WIDER_GIF)].join(","),
                "image/gif 3x2 12 B -> 4x2 15 B",
            ),
            (pair(&stdout("a"), &gif(GIF)), stdout("a"), "gone: image/gif 3x2 12 B"),
            (stdout("mask = 0x1ffffffff"), stdout("mask = 0x3ffffffff"), "stdout +1 -1 line"),
            (shown("application/json", "1"), shown("application/json", r#""1""#), "application/json 1 B -> 3 B"),
        ] {
            assert_eq!(line(&before, &after), said);
        }
    }

    #[test]
    fn texts_of_one_name_are_added_up_and_a_line_has_an_end() {
        let many = |text: &str| {
            let outputs: Vec<String> =
                (0..20).map(|index| format!("{},{}", stdout(text), shown(&format!("a/{index}"), text))).collect();
            outputs.join(",")
        };
        let said = line(&many("1"), &many("22"));
        assert!(said.starts_with("stdout +20 -20 lines, a/0 1 B -> 2 B, ") && said.ends_with(", 15 more"), "{said}");
    }

    #[test]
    fn what_is_no_list_of_outputs_does_no_harm() {
        assert_eq!(output_changes("null", "{}"), []);
        assert_eq!(output_changes_line(&output_changes("[3]", "[4]")), "unknown 1 B changed");
    }
}
