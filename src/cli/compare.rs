//! Two files to what is printed about their difference: shared by `diff` and the diff driver.

use std::path::Path;

use cellwise::diff::{DiffOptions, diff};
use cellwise::notebook::{Notebook, ReadError};
use cellwise::render::{
    FileHeader, FileStat, Palette, PatchOptions, WordDiff, patch, stat, terminal, text_changes, text_patch,
};
use cellwise::text::Show;

use super::output;

/// In which form a difference is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(super) enum Format {
    /// For people: each cell held against itself, moves and runs in a line each
    #[default]
    Terminal,
    /// A strict patch of the text form, for `cellwise apply`
    Patch,
    /// For programs: docs/json.md
    Json,
    /// A line for each file, with its cells and lines
    #[value(skip)]
    Stat,
}

/// The differences of some files, as they are to be printed.
pub(super) struct Report {
    format: Format,
    options: DiffOptions,
    /// How changed words are shown instead of lines.
    word_diff: Option<WordDiff>,
    stats: Vec<FileStat>,
    out: Vec<u8>,
}

impl Report {
    pub(super) fn new(format: Format, options: DiffOptions, word_diff: Option<WordDiff>) -> Self {
        let hidden_line = if format == Format::Patch { Show::Yes } else { Show::No };
        Self { format, options: DiffOptions { hidden_line, ..options }, word_diff, stats: Vec::new(), out: Vec::new() }
    }

    /// Whether there is anything to print.
    pub(super) fn differs(&self) -> bool {
        !self.out.is_empty() || !self.stats.is_empty()
    }

    /// Adds two versions of a file. A side without a file, by `header`, has no bytes.
    ///
    /// A side that is no notebook makes it a plain diff of lines; a line before it says why.
    pub(super) fn add(&mut self, before: &[u8], after: &[u8], header: &FileHeader, options: &PatchOptions) {
        let options = &PatchOptions { word_diff: self.word_diff, ..options.clone() };
        match (read(before, &header.before.mode), read(after, &header.after.mode)) {
            (Ok(old), Ok(new)) => {
                let found = diff(old.as_ref(), new.as_ref(), &self.options);
                match self.format {
                    Format::Patch => patch(&found, header, options, &mut self.out),
                    Format::Stat => self.stats.extend(FileStat::of(&found, header)),
                    Format::Terminal | Format::Json => terminal(&found, header, options, &mut self.out),
                }
            }
            (old, new) if self.format == Format::Stat => {
                let changes = text_changes(before, after);
                if !changes.is_empty() || old.is_ok() != new.is_ok() {
                    self.stats.push(FileStat::of_text(&changes, header));
                }
            }
            (old, new) => self.add_text([before, after], [old.err(), new.err()], header, options),
        }
    }

    fn add_text(
        &mut self,
        [before, after]: [&[u8]; 2],
        [old, new]: [Option<Fault>; 2],
        header: &FileHeader,
        options: &PatchOptions,
    ) {
        let mut text = Vec::new();
        text_patch(before, after, header, options, &mut text);
        // Of files that are equal there is nothing to say.
        let faults = [(old, &header.before), (new, &header.after)].into_iter().filter(|_| !text.is_empty());
        for (fault, side) in faults.filter_map(|(fault, side)| fault.map(|fault| (fault, side))) {
            push_fault(&side.path, &fault, &mut self.out);
        }
        self.out.extend_from_slice(&text);
    }

    /// Adds a line that is no difference.
    pub(super) fn push_line(&mut self, line: &str) {
        self.out.extend_from_slice(line.as_bytes());
        self.out.push(b'\n');
    }

    /// What is to be printed, of all files.
    pub(super) fn finish(mut self, palette: &Palette) -> Vec<u8> {
        stat(&self.stats, output::columns(), palette, &mut self.out);
        self.out
    }
}

/// The notebook of a side; `None` where the side has no file or nothing in it.
fn read<'b>(bytes: &'b [u8], mode: &Option<String>) -> Result<Option<Notebook<'b>>, Fault> {
    match mode.as_deref() {
        None => Ok(None),
        Some(_) if bytes.is_empty() => Ok(None),
        Some("120000") => Err(Fault::Link),
        Some(_) => Notebook::read(bytes).map(Some).map_err(Fault::Unreadable),
    }
}

/// Why a side is compared by lines.
enum Fault {
    /// A symbolic link: its text is a path.
    Link,
    Unreadable(ReadError),
}

fn push_fault(path: &[u8], fault: &Fault, out: &mut Vec<u8>) {
    if let Fault::Unreadable(error) = fault {
        let path = output::name(Path::new(String::from_utf8_lossy(path).as_ref()));
        out.extend_from_slice(format!("cellwise: {path}: {error}; compared as plain text\n").as_bytes());
    }
}
