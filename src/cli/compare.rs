//! Two files to what is printed about their difference: shared by `diff` and the diff driver.

use std::mem;
use std::path::{Path, PathBuf};

use cellwise::diff::{DiffOptions, diff};
use cellwise::git::command;
use cellwise::git::revisions::is_notebook;
use cellwise::git::settings::Settings;
use cellwise::notebook::{Notebook, ReadError};
use cellwise::render::{
    DiffReport, Ending, FileHeader, FileSide, FileStat, Listing, MarkdownReport, PatchOptions, Quoting, Syntax,
    WordDiff, patch, push_name, push_unmerged_name, stat, terminal, text_changes, text_patch,
};
use cellwise::text::Show;

use super::{colour, output};

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
    /// For a review or a job's summary: headings, lists and fenced blocks, at most 1 MB
    Markdown,
    /// A line for each file, with its cells and lines
    #[value(skip)]
    Stat,
    /// The names of files
    #[value(skip)]
    Names(Listing, Ending),
}

/// How differences are printed.
pub(super) struct Look {
    pub(super) format: Format,
    pub(super) diff: DiffOptions,
    /// Changed words instead of changed lines.
    pub(super) word_diff: Option<WordDiff>,
    /// Code in colours.
    pub(super) syntax: Syntax,
    /// The user's git settings, as far as the command line does not say otherwise.
    pub(super) settings: Settings,
}

/// How a patch is written, by git's settings.
pub(super) fn patch_options(settings: &Settings) -> PatchOptions {
    let usual = PatchOptions::default();
    let context = settings.context.unwrap_or(usual.context);
    let inter_hunk_context = settings.inter_hunk_context.unwrap_or_default();
    PatchOptions { context, inter_hunk_context, palette: colour::palette(settings), ..usual }
}

/// The differences of some files, one after another.
pub(super) struct Report {
    diff: DiffOptions,
    format: Format,
    patch: PatchOptions,
    settings: Settings,
    stats: Vec<FileStat>,
    json: DiffReport,
    markdown: MarkdownReport,
    out: Vec<u8>,
}

/// GitHub takes a summary of 1 MiB, and the job may have more to say.
const MARKDOWN_LIMIT: usize = 1_000_000;

impl Report {
    pub(super) fn new(look: Look) -> Self {
        let Look { format, diff, word_diff, syntax, settings } = look;
        let hidden_line = if format == Format::Patch { Show::Yes } else { Show::No };
        let patch = PatchOptions { word_diff, syntax, ..patch_options(&settings) };
        let diff = DiffOptions { hidden_line, ..diff };
        let markdown = MarkdownReport::new(&patch, MARKDOWN_LIMIT);
        let (stats, json) = (Vec::new(), DiffReport::default());
        Self { diff, format, patch, settings, stats, json, markdown, out: Vec::new() }
    }

    /// Adds two versions of a file. A side without a file, by its mode, has no bytes. `extended` has git's lines about
    /// a rename or copy.
    ///
    /// A side that is no notebook makes it a plain diff of lines; a line before it says why.
    pub(super) fn add(&mut self, [before, after]: [&[u8]; 2], sides: [FileSide; 2], extended: &[u8]) {
        let header = &self.header(sides, extended);
        match self.format {
            Format::Json if before == after && header.is_silent() => return,
            Format::Json => return self.json.push(header, before, after),
            _ => {}
        }
        let old = read(before, &header.before.mode, None);
        let known = old.as_ref().ok().and_then(Option::as_ref);
        let new = read(after, &header.after.mode, known);
        match (old, new) {
            (Ok(old), Ok(new)) => {
                let found = diff(old.as_ref(), new.as_ref(), &self.diff);
                match self.format {
                    Format::Markdown => self.markdown.push(&found, header),
                    Format::Patch => patch(&found, header, &self.patch, &mut self.out),
                    Format::Stat => self.stats.extend(FileStat::of(&found, header)),
                    Format::Names(..) => self.add_name(FileStat::of(&found, header).is_some(), header),
                    Format::Terminal | Format::Json => terminal(&found, header, &self.patch, &mut self.out),
                }
            }
            (old, new) => self.add_text([before, after], &[old.err(), new.err()], header),
        }
    }

    fn add_text(&mut self, [before, after]: [&[u8]; 2], faults: &[Option<Fault>; 2], header: &FileHeader) {
        match self.format {
            Format::Stat => return self.stats.extend(FileStat::of_text(&text_changes(before, after), header)),
            Format::Names(..) => return self.add_name(before != after || !header.is_silent(), header),
            Format::Markdown => return self.markdown.push_text([before, after], &fault_lines(faults, header), header),
            _ => {}
        }
        let mut text = Vec::new();
        text_patch(before, after, header, &self.patch, &mut text);
        // Of files that are equal there is nothing to say.
        if !text.is_empty() {
            for line in fault_lines(faults, header) {
                self.out.extend_from_slice(format!("cellwise: {line}\n").as_bytes());
            }
        }
        self.out.extend_from_slice(&text);
    }

    fn add_name(&mut self, differs: bool, header: &FileHeader) {
        if let Format::Names(listing, ending) = self.format
            && differs
        {
            push_name(header, listing, ending, &mut self.out);
        }
    }

    /// The header that follows the user's git settings.
    fn header(&self, [before, after]: [FileSide; 2], extended: &[u8]) -> FileHeader {
        let mut header = FileHeader::new(before, after);
        header.extended = extended.to_vec();
        header.prefixes = self.settings.prefixes();
        header.quoting = self.settings.quoting;
        header
    }

    /// Adds git's line about a path that a merge has left open.
    pub(super) fn add_unmerged(&mut self, path: &Path) {
        match self.format {
            // It has no word for it.
            Format::Json => {}
            Format::Names(listing, ending) => {
                let side = FileSide { path: path.as_os_str().as_encoded_bytes().to_vec(), ..FileSide::default() };
                push_unmerged_name(&self.header([side.clone(), side], b""), listing, ending, &mut self.out);
            }
            Format::Markdown => self.markdown.push_unmerged(path.as_os_str().as_encoded_bytes()),
            _ => self.out.extend_from_slice(format!("* Unmerged path {}\n", output::name(path)).as_bytes()),
        }
    }

    /// Whether only names of files are printed.
    pub(super) fn lists_names(&self) -> bool {
        matches!(self.format, Format::Names(..))
    }

    /// How paths are written.
    pub(super) fn quoting(&self) -> Quoting {
        self.settings.quoting
    }

    /// What there is to print by now.
    pub(super) fn take(&mut self) -> Vec<u8> {
        mem::take(&mut self.out)
    }

    /// Whether something is left to print.
    pub(super) fn is_empty(&self) -> bool {
        self.out.is_empty() && self.stats.is_empty() && self.json.is_empty() && self.markdown.is_empty()
    }

    /// The rest of what there is to print.
    pub(super) fn finish(mut self) -> Vec<u8> {
        match self.format {
            Format::Json => return self.json.finish(),
            Format::Markdown => return self.markdown.finish(),
            _ => {}
        }
        if !self.stats.is_empty() {
            stat(&self.stats, output::columns(), &self.patch.palette, &mut self.out);
        }
        self.out
    }
}

/// The notebook of a side; `None` where the side has no file or nothing in it. `known` is the other side's.
fn read<'b>(
    bytes: &'b [u8],
    mode: &Option<String>,
    known: Option<&Notebook<'_>>,
) -> Result<Option<Notebook<'b>>, Fault> {
    let read = |bytes| known.map_or_else(|| Notebook::read(bytes), |known| Notebook::read_version(bytes, known));
    match mode.as_deref() {
        None => Ok(None),
        Some(_) if bytes.is_empty() => Ok(None),
        Some("120000" | "160000") => Err(Fault::NoFile),
        Some(_) => read(bytes).map(Some).map_err(Fault::Unreadable),
    }
}

/// Why a side is compared by lines.
enum Fault {
    /// A symbolic link, whose text is a path, or a submodule, whose text is a commit.
    NoFile,
    Unreadable(ReadError),
}

fn path_of(side: &FileSide) -> PathBuf {
    command::path(side.path.clone())
}

/// A line for each side that is no notebook, if that is worth one; which side, where both have a file. What is true of
/// both is said once, and nothing of files that nobody takes for notebooks.
fn fault_lines(faults: &[Option<Fault>; 2], header: &FileHeader) -> Vec<String> {
    let reason = |fault: &Option<Fault>| match fault {
        Some(Fault::Unreadable(error)) => Some(error.to_string()),
        Some(Fault::NoFile) | None => None,
    };
    let [old, new] = faults.each_ref().map(reason);
    let (before, after) = (&header.before, &header.after);
    if ![before, after].iter().any(|side| is_notebook(&path_of(side))) {
        return Vec::new();
    }
    let line = |side: &FileSide, which: &str, reason: &str| {
        let path = output::name(&path_of(side));
        format!("{path}{which}: {reason}; compared as plain text")
    };
    let is_one_file = before.path == after.path && before.mode.is_some() && after.mode.is_some();
    match (old, new) {
        (Some(old), Some(new)) if is_one_file && old == new => vec![line(after, "", &new)],
        (old, new) => {
            let which = |word| if is_one_file { word } else { "" };
            let old = old.map(|reason| line(before, which(" (before)"), &reason));
            let new = new.map(|reason| line(after, which(" (after)"), &reason));
            [old, new].into_iter().flatten().collect()
        }
    }
}
