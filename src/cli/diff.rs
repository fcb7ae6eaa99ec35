//! `cellwise diff`

use std::path::{Path, PathBuf};

use cellwise::diff::{DiffOptions, Whitespace};
use cellwise::git::revisions::{Area, Change, Comparison, Content, Repository, Side, Status};
use cellwise::git::settings::Compared;
use cellwise::render::{FileSide, Quoting, Syntax, WordDiff, push_quoted_path};

use super::compare::{Format, Look, Report};
use super::exit::Exit;
use super::pager::Paging;
use super::{colour, diff_files, parts};

/// Show what changed in notebooks, cell by cell
///
/// Without arguments: what is not staged yet. With one revision: what changed since; with two, or A..B: what changed
/// between them. Two files are compared with each other; so are two folders with `--no-index` or outside a repository.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Revisions, then files or folders; or two files, `-` for standard input
    #[arg(value_name = "REV | PATH")]
    arguments: Vec<String>,
    /// Files or folders
    #[arg(last = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Compare with what is staged
    #[arg(long, visible_alias = "cached")]
    staged: bool,
    /// Compare two files or folders, whatever git knows of them
    #[arg(long, conflicts_with = "staged")]
    no_index: bool,
    /// In which form
    #[arg(long, value_enum, default_value_t, hide_default_value = true)]
    format: Format,
    /// For programs: the same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// A line for each file, with its cells and lines
    #[arg(long, conflicts_with_all = ["format", "json"])]
    stat: bool,
    /// Lines of context around a change
    #[arg(short = 'U', long, value_name = "N")]
    unified: Option<usize>,
    /// Show changed words instead of changed lines
    #[arg(long, value_name = "MODE", value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "plain")]
    word_diff: Option<WordDiffMode>,
    /// Colour the code of unchanged lines, where there are colours
    #[arg(long)]
    syntax: bool,
    /// Ignore white space altogether
    #[arg(short = 'w', long)]
    ignore_all_space: bool,
    /// Ignore how much white space there is
    #[arg(short = 'b', long)]
    ignore_space_change: bool,
    /// Ignore white space at the end of lines
    #[arg(long)]
    ignore_space_at_eol: bool,
    #[command(flatten)]
    parts: parts::Args,
    #[command(flatten)]
    colour: colour::Args,
    #[command(flatten)]
    paging: Paging,
    /// Exit with 1 if there are differences
    #[arg(long)]
    exit_code: bool,
    /// Print nothing; exit with 1 if there are differences
    #[arg(short, long)]
    quiet: bool,
}

/// How changed words are shown: git's modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum WordDiffMode {
    /// By [-removed-]{+added+}
    Plain,
    /// By colours alone
    Color,
    /// For programs, one stretch a line
    Porcelain,
    /// Not
    None,
}

impl WordDiffMode {
    fn mode(self) -> Option<WordDiff> {
        match self {
            Self::Plain => Some(WordDiff::Plain),
            Self::Color => Some(WordDiff::Color),
            Self::Porcelain => Some(WordDiff::Porcelain),
            Self::None => None,
        }
    }
}

impl Args {
    fn format(&self) -> Format {
        match (self.json, self.stat) {
            (true, _) => Format::Json,
            (_, true) => Format::Stat,
            _ => self.format,
        }
    }

    fn options(&self) -> DiffOptions {
        let whitespace = match self {
            Self { ignore_all_space: true, .. } => Whitespace::Ignored,
            Self { ignore_space_change: true, .. } => Whitespace::IgnoredAmount,
            Self { ignore_space_at_eol: true, .. } => Whitespace::IgnoredAtEnd,
            _ => Whitespace::Kept,
        };
        DiffOptions { parts: self.parts.parts(), whitespace, ..DiffOptions::default() }
    }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let mut printer = args.paging.printer();
    let mut settings = printer.settings();
    settings.context = args.unified.or(settings.context);
    args.colour.apply(&mut settings);
    let word_diff = args.word_diff.and_then(WordDiffMode::mode);
    let syntax = if args.syntax { Syntax::Coloured } else { Syntax::Plain };
    let look = |settings| Look { format: args.format(), diff: args.options(), word_diff, syntax, settings };
    let mut differs = false;
    let mut print = |bytes: &[u8]| if args.quiet { Ok(()) } else { printer.print(bytes) };
    if let Some((before, after)) = two_paths(args) {
        settings.compared = Compared::Files;
        let mut report = Report::new(look(settings));
        diff_files::push(before, after, &mut report)?;
        differs |= !report.is_empty();
        print(&report.finish())?;
    } else {
        anyhow::ensure!(!args.no_index, "--no-index compares two files or folders: name both");
        let changes = Changes::of(args)?;
        settings.compared = Compared::of(&changes.comparison);
        let mut report = Report::new(look(settings));
        for change in &changes.list {
            push_change(&changes.repository, change, &mut report)?;
            differs |= !report.is_empty();
            print(&report.take())?;
        }
        print(&report.finish())?;
    }
    Ok(if differs && (args.exit_code || args.quiet) { Exit::Found } else { Exit::Done })
}

/// Two files that exist are compared with each other, unless `--` makes them paths. Two folders are where git, too,
/// would not take them for paths of a repository.
fn two_paths(args: &Args) -> Option<(&Path, &Path)> {
    let (before, after) = match (args.arguments.as_slice(), args.paths.as_slice()) {
        ([before, after], []) if !args.staged => (Path::new(before), Path::new(after)),
        ([], [before, after]) if args.no_index => (before.as_path(), after.as_path()),
        _ => return None,
    };
    // A pipe or a device can be read too.
    let is_file = |path: &Path| path == Path::new("-") || (path.exists() && !path.is_dir());
    let are_folders = || before.is_dir() && after.is_dir() && is_outside(before, after);
    (args.no_index || (is_file(before) && is_file(after)) || are_folders()).then_some((before, after))
}

/// Whether one of two folders is outside the work tree, or there is none.
fn is_outside(before: &Path, after: &Path) -> bool {
    let repository = Repository::discover(Path::new(".")).ok();
    let top = repository.as_ref().and_then(Repository::top).and_then(|top| top.canonicalize().ok());
    top.is_none_or(|top| {
        [before, after].iter().any(|path| path.canonicalize().is_ok_and(|path| !path.starts_with(&top)))
    })
}

/// What differs in a repository.
struct Changes {
    repository: Repository,
    comparison: Comparison,
    list: Vec<Change>,
}

impl Changes {
    fn of(args: &Args) -> anyhow::Result<Self> {
        let repository = Repository::discover(Path::new("."))?;
        let (revisions, mut paths) = match args.paths.as_slice() {
            [] => repository.split(&args.arguments)?,
            _ => (args.arguments.clone(), Vec::new()),
        };
        paths.extend(args.paths.iter().cloned());
        let area = if args.staged { Area::Index } else { Area::WorkTree };
        let comparison = Comparison::of(&revisions, area)?;
        let list = repository.changes(&comparison, &paths)?;
        Ok(Self { repository, comparison, list })
    }
}

fn push_change(repository: &Repository, change: &Change, report: &mut Report) -> anyhow::Result<()> {
    if change.status == Status::Unmerged {
        report.add_unmerged(&change.after.path);
        // Nothing is staged until it is settled.
        if change.after.content == Content::Absent {
            return Ok(());
        }
    }
    let extended = match change.status {
        Status::Renamed => format!(
            "rename from {}\nrename to {}\n",
            quoted(&change.before.path, report.quoting()),
            quoted(&change.after.path, report.quoting())
        ),
        _ => String::new(),
    };
    let (before, after) = (repository.read(&change.before)?, repository.read(&change.after)?);
    let (old, new) = (side(&change.before), side(&change.after));
    if !changes_type(change) {
        report.add([&*before, &*after], [old, new], extended.as_bytes());
        return Ok(());
    }
    // A file in a link's place, or the other way: one goes, one comes, as in git.
    let missing = |side: &FileSide| FileSide { path: side.path.clone(), ..FileSide::default() };
    report.add([&*before, b""], [old.clone(), missing(&new)], b"");
    report.add([b"", &*after], [missing(&old), new], b"");
    Ok(())
}

/// Whether what was a file is a symbolic link now, or the other way.
fn changes_type(change: &Change) -> bool {
    const TYPE: u32 = 0o170_000;
    let exists = |side: &Side| side.content != Content::Absent;
    exists(&change.before) && exists(&change.after) && (change.before.mode ^ change.after.mode) & TYPE != 0
}

/// A path as the lines of a patch have it.
fn quoted(path: &Path, quoting: Quoting) -> String {
    let mut out = Vec::new();
    push_quoted_path("", path.as_os_str().as_encoded_bytes(), quoting, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

fn side(side: &Side) -> FileSide {
    FileSide {
        path: side.path.as_os_str().as_encoded_bytes().to_vec(),
        mode: (side.content != Content::Absent).then(|| format!("{:06o}", side.mode)),
        oid: side.oid.clone().unwrap_or_default(),
    }
}
