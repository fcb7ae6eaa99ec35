//! `cellwise diff`

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use cellwise::diff::DiffOptions;
use cellwise::git::revisions::{Area, Change, Comparison, Content, Folder, Repository, Side, Status};
use cellwise::git::settings::{Compared, Direction, PathsFrom, Settings};
use cellwise::render::{FileSide, Quoting, push_quoted_path};

use super::compare::{Look, Report};
use super::diff_options::{Form, Lines};
use super::examples;
use super::exit::Exit;
use super::pager::Paging;
use super::{colour, dashes, diff_files, parts};

/// Show what changed in notebooks, cell by cell
///
/// Without arguments: what is not staged yet. With one revision: what changed since; with two, or A..B: what changed
/// between them; with `REV^!`: what it changed. `REV:path` is one file, held against another or against a file here. Two
/// files are compared with each other; so are two folders with `--no-index` or outside a repository.
#[derive(clap::Args)]
#[command(after_long_help = examples::DIFF)]
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
    /// Only what is in this folder, with paths from there; in PATH, which is a path from the top
    #[arg(
        long,
        value_name = "PATH",
        num_args = 0..=1,
        require_equals = true,
        overrides_with_all = ["relative", "no_relative"],
        hide_short_help = true
    )]
    #[allow(clippy::option_option, reason = "the option need not have a value")]
    relative: Option<Option<OsString>>,
    /// All of the repository, whatever diff.relative says
    #[arg(long, overrides_with_all = ["relative", "no_relative"], hide_short_help = true)]
    no_relative: bool,
    /// Swap the two sides
    #[arg(short = 'R')]
    reverse: bool,
    /// Exit with 1 if there are differences
    #[arg(long)]
    exit_code: bool,
    /// Print nothing; exit with 1 if there are differences
    #[arg(short, long)]
    quiet: bool,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    lines: Lines,
    #[command(flatten)]
    parts: parts::Args,
    #[command(flatten)]
    colour: colour::Args,
    #[command(flatten)]
    paging: Paging,
}

impl Args {
    fn direction(&self) -> Direction {
        if self.reverse { Direction::Reverse } else { Direction::Forward }
    }

    fn folder(&self, repository: &Repository, configured: PathsFrom) -> Folder {
        match (&self.relative, configured) {
            (Some(Some(path)), _) => Folder::named(path),
            (Some(None), _) => repository.here(),
            (None, PathsFrom::Here) if !self.no_relative => repository.here(),
            (None, _) => Folder::default(),
        }
    }

    fn look(&self, settings: Settings) -> Look {
        let whitespace = self.lines.whitespace();
        let diff = DiffOptions { parts: self.parts.parts(), whitespace, ..DiffOptions::default() };
        let (word_diff, syntax) = (self.lines.word_diff(), self.lines.syntax());
        Look { format: self.form.format(), diff, word_diff, syntax, settings }
    }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let mut printer = args.paging.printer();
    let mut settings = printer.settings();
    settings.direction = args.direction();
    args.lines.apply(&mut settings);
    args.colour.apply(&mut settings);
    let mut differs = false;
    let mut print = |bytes: &[u8]| if args.quiet { Ok(()) } else { printer.print(bytes) };
    if let Some(paths) = two_paths(args) {
        settings.compared = Compared::Files;
        let [before, after] = args.direction().of(paths);
        let mut report = Report::new(args.look(settings));
        diff_files::push(before, after, &mut report)?;
        differs |= !report.is_empty();
        print(&report.finish())?;
    } else {
        anyhow::ensure!(!args.no_index, "--no-index compares two files or folders: name both");
        let changes = Changes::of(args, settings.paths_from)?;
        settings.compared = Compared::of(&changes.comparison);
        let mut report = Report::new(args.look(settings));
        for change in &changes.list {
            push_change(&changes.repository, change, args.direction(), &mut report)?;
            differs |= !report.is_empty();
            print(&report.take())?;
        }
        print(&report.finish())?;
    }
    Ok(if differs && (args.exit_code || args.quiet) { Exit::Found } else { Exit::Done })
}

/// Two files that exist are compared with each other, unless `--` makes them paths. Two folders are where git, too,
/// would not take them for paths of a repository.
fn two_paths(args: &Args) -> Option<[&Path; 2]> {
    let (before, after) = match (args.arguments.as_slice(), args.paths.as_slice()) {
        ([before, after], []) if !args.staged && (args.no_index || !dashes::are_last()) => {
            (Path::new(before), Path::new(after))
        }
        ([], [before, after]) if args.no_index => (before.as_path(), after.as_path()),
        _ => return None,
    };
    // A pipe or a device can be read too.
    let is_file = |path: &Path| path == Path::new("-") || (path.exists() && !path.is_dir());
    let are_folders = || before.is_dir() && after.is_dir() && is_outside(before, after);
    (args.no_index || (is_file(before) && is_file(after)) || are_folders()).then_some([before, after])
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
    fn of(args: &Args, paths_from: PathsFrom) -> anyhow::Result<Self> {
        let repository = Repository::discover(Path::new("."))?;
        let folder = args.folder(&repository, paths_from);
        let repository = repository.within(folder);
        let (revisions, mut paths) = match args.paths.as_slice() {
            [] if !dashes::are_last() => repository.split(&args.arguments)?,
            _ => (args.arguments.clone(), Vec::new()),
        };
        paths.extend(args.paths.iter().cloned());
        let area = if args.staged { Area::Index } else { Area::WorkTree };
        let comparison = repository.comparison(&revisions, area)?;
        let mut list = repository.changes(&comparison, &paths)?;
        if args.reverse {
            list.sort_by(|one, other| one.before.path.cmp(&other.before.path));
        }
        Ok(Self { repository, comparison, list })
    }
}

fn push_change(
    repository: &Repository,
    change: &Change,
    direction: Direction,
    report: &mut Report,
) -> anyhow::Result<()> {
    if change.status == Status::Unmerged {
        report.add_unmerged(repository.shown(&change.after.path));
        // Nothing is staged until it is settled.
        if change.after.content == Content::Absent {
            return Ok(());
        }
    }
    let [before, after] = direction.of([&change.before, &change.after]);
    let [old, new] = [before, after].map(|side| file_side(repository, side));
    let (before, after) = (repository.read(before)?, repository.read(after)?);
    if report.lists_names() || !changes_type(change) {
        let extended = rename(change.similarity, [&old, &new], report.quoting());
        report.add([&*before, &*after], [old, new], extended.as_bytes());
        return Ok(());
    }
    // A file in a link's place, or the other way: one goes, one comes, as in git.
    let missing = |side: &FileSide| FileSide { path: side.path.clone(), ..FileSide::default() };
    report.add([&*before, b""], [old.clone(), missing(&new)], b"");
    report.add([b"", &*after], [missing(&old), new], b"");
    Ok(())
}

/// git's lines about a file that was renamed; nothing of one that was not.
fn rename(similarity: Option<u8>, [before, after]: [&FileSide; 2], quoting: Quoting) -> String {
    let Some(percent) = similarity else { return String::new() };
    let [before, after] = [before, after].map(|side| quoted(&side.path, quoting));
    format!("similarity index {percent}%\nrename from {before}\nrename to {after}\n")
}

/// Whether what was a file is a symbolic link now, or the other way.
fn changes_type(change: &Change) -> bool {
    const TYPE: u32 = 0o170_000;
    let exists = |side: &Side| side.content != Content::Absent;
    exists(&change.before) && exists(&change.after) && (change.before.mode ^ change.after.mode) & TYPE != 0
}

/// A path as the lines of a patch have it.
fn quoted(path: &[u8], quoting: Quoting) -> String {
    let mut out = Vec::new();
    push_quoted_path("", path, quoting, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

fn file_side(repository: &Repository, side: &Side) -> FileSide {
    FileSide {
        path: repository.shown(&side.path).as_os_str().as_encoded_bytes().to_vec(),
        mode: (side.content != Content::Absent).then(|| format!("{:06o}", side.mode)),
        oid: side.oid.clone().unwrap_or_default(),
    }
}
