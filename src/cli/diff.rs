//! `cellwise diff`

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use cellwise::file::Input;
use cellwise::git::revisions::{Area, Change, Comparison, Content, Repository, Side, Status};
use cellwise::git::settings::{Environment, Settings};
use cellwise::render::{FileSide, Quoting, push_quoted_path};

use super::compare::compare;
use super::diff_driver::dressed;
use super::exit::Exit;
use super::{output, show};

/// Show what changed in notebooks, cell by cell
///
/// Without arguments: what is not staged yet. With one revision: what changed since; with two, or A..B: what changed
/// between them. Two files are compared with each other.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Revisions, then files or folders
    #[arg(value_name = "REV | PATH")]
    arguments: Vec<String>,
    /// Files or folders
    #[arg(last = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Compare with what is staged
    #[arg(long, visible_alias = "cached")]
    staged: bool,
    /// Lines of context around a change
    #[arg(short = 'U', long, value_name = "N")]
    unified: Option<usize>,
    /// Exit with 1 if there are differences
    #[arg(long)]
    exit_code: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let mut settings = Settings::read(Path::new(""), &Environment::of_process(), show::stdout());
    settings.context = args.unified.or(settings.context);
    let mut out = Vec::new();
    match two_files(args) {
        Some((before, after)) => push_files(before, after, settings, &mut out)?,
        None => push_changes(args, &settings, &mut out)?,
    }
    output::write(&out)?;
    Ok(if args.exit_code && !out.is_empty() { Exit::Found } else { Exit::Done })
}

/// Two files that exist are compared with each other, unless `--` makes them paths.
fn two_files(args: &Args) -> Option<(&Path, &Path)> {
    match (args.arguments.as_slice(), args.paths.as_slice(), args.staged) {
        ([before, after], [], false) => {
            let (before, after) = (Path::new(before), Path::new(after));
            // A pipe or a device can be read too.
            let is_file = |path: &Path| path.exists() && !path.is_dir();
            (is_file(before) && is_file(after)).then_some((before, after))
        }
        _ => None,
    }
}

fn push_files(before: &Path, after: &Path, settings: Settings, out: &mut Vec<u8>) -> anyhow::Result<()> {
    // As in git diff --no-index, `a/` and `b/` stand in the place of a leading slash.
    let named = |path: &Path| path.strip_prefix("/").unwrap_or(path).as_os_str().as_encoded_bytes().to_vec();
    let side = |path: &Path| FileSide {
        path: named(path),
        mode: (path != Path::new("/dev/null")).then(|| "100644".to_owned()),
        oid: String::new(),
    };
    let read = |path: &Path| {
        if path == Path::new("/dev/null") { Ok(Input::Buffer(Vec::new())) } else { Input::open(path) }
    };
    let (mut old, mut new) = (side(before), side(after));
    // A missing side is named like the other one.
    match (&old.mode, &new.mode) {
        (None, Some(_)) => old.path.clone_from(&new.path),
        (Some(_), None) => new.path.clone_from(&old.path),
        _ => {}
    }
    let (header, options) = dressed(old, new, OsStr::new(""), settings);
    compare(&read(before)?, &read(after)?, &header, &options, out);
    Ok(())
}

fn push_changes(args: &Args, settings: &Settings, out: &mut Vec<u8>) -> anyhow::Result<()> {
    let repository = Repository::discover(Path::new("."))?;
    let (revisions, mut paths) =
        if args.paths.is_empty() { repository.split(&args.arguments)? } else { (args.arguments.clone(), Vec::new()) };
    paths.extend(args.paths.iter().cloned());
    let area = if args.staged { Area::Index } else { Area::WorkTree };
    for change in repository.changes(&Comparison::of(&revisions, area)?, &paths)? {
        push_change(&repository, &change, settings.clone(), out)?;
    }
    Ok(())
}

fn push_change(repository: &Repository, change: &Change, settings: Settings, out: &mut Vec<u8>) -> anyhow::Result<()> {
    if change.status == Status::Unmerged {
        out.extend_from_slice(format!("* Unmerged path {}\n", output::name(&change.after.path)).as_bytes());
        // Nothing is staged until it is settled.
        if change.after.content == Content::Absent {
            return Ok(());
        }
    }
    let extended = match change.status {
        Status::Renamed => format!(
            "rename from {}\nrename to {}\n",
            quoted(&change.before.path, settings.quoting),
            quoted(&change.after.path, settings.quoting)
        ),
        _ => String::new(),
    };
    let (before, after) = (repository.read(&change.before)?, repository.read(&change.after)?);
    let (old, new) = (side(&change.before), side(&change.after));
    if !changes_type(change) {
        let (header, options) = dressed(old, new, OsStr::new(&extended), settings);
        compare(&before, &after, &header, &options, out);
        return Ok(());
    }
    // A file in a link's place, or the other way: one goes, one comes, as in git.
    let missing = |side: &FileSide| FileSide { path: side.path.clone(), ..FileSide::default() };
    let (gone, come) = ((old.clone(), missing(&new)), (missing(&old), new));
    for (sides, before, after) in [(gone, &*before, &b""[..]), (come, &b""[..], &*after)] {
        let (header, options) = dressed(sides.0, sides.1, OsStr::new(""), settings.clone());
        compare(before, after, &header, &options, out);
    }
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
