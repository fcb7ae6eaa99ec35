//! `cellwise check`

use std::path::{Path, PathBuf};

use anyhow::bail;
use cellwise::git::revisions::{Repository, RevisionError, is_notebook};

use super::check_found::{Found, What, conflicts};
use super::check_merged::Merged;
use super::check_report::{Format, Outcome, Root};
use super::check_staged::{Looked, check_staged, check_tree};
use super::examples;
use super::exit::Exit;
use super::parallel::in_parallel;
use super::{dashes, notebooks, output};

/// Find unresolved merge conflicts in notebooks
///
/// Without arguments: in all notebooks that git tracks below this folder. With a revision: in all that it has. Exits with
/// 1 if there are any. With --staged also notebooks that the filter of cellwise should have cleaned.
#[derive(clap::Args)]
#[command(after_long_help = examples::CHECK)]
pub(crate) struct Args {
    /// A revision, then notebooks or folders
    #[arg(value_name = "REV | PATH")]
    arguments: Vec<PathBuf>,
    /// Notebooks or folders
    #[arg(last = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Look at what the next commit would change instead of the files
    #[arg(long)]
    staged: bool,
    /// Do not look for what the filter should have cleaned: a merge brings what others have committed
    #[arg(long, requires = "staged", hide_short_help = true)]
    conflicts_only: bool,
    /// In which form it is told
    #[arg(long, value_enum, default_value_t, hide_default_value = true, group = "form")]
    format: Format,
    /// For programs: the same as --format json
    #[arg(long, group = "form")]
    json: bool,
}

impl Args {
    fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let place = Place::of(args)?;
    let outcome = place.check()?;
    output::write(outcome.told(args.format(), &place.root()).as_bytes())?;
    for (path, error) in &outcome.unread {
        output::complain_of(path, error);
    }
    if args.format() != Format::Json {
        hints(&outcome.found).into_iter().for_each(output::complain);
    }
    Ok(match &outcome {
        Outcome { unread, .. } if !unread.is_empty() => Exit::Failure,
        Outcome { found, .. } if !found.is_empty() => Exit::Found,
        _ => Exit::Done,
    })
}

/// How to go on.
fn hints(found: &[Found]) -> Vec<&'static str> {
    let hint = |what: &What| match what {
        What::Conflict(_) | What::Unmerged => {
            "settle conflicts with `cellwise resolve PATH`, or in Jupyter and then `git add`"
        }
        What::LeftOver { .. } => "edit the markers out, or begin again with `cellwise resolve --restart PATH`",
        What::Broken { .. } => "begin again with `git checkout -m -- PATH`, or mend it by hand",
        What::Markers { .. } => "settle markers with `cellwise resolve PATH`",
        What::Uncleaned { .. } => "to clean what is staged: git add --renormalize PATH",
    };
    let mut hints = Vec::new();
    for found in found {
        let hint = hint(&found.what);
        if !hints.contains(&hint) {
            hints.push(hint);
        }
    }
    hints
}

/// Where is looked.
enum Place {
    Files(Vec<PathBuf>),
    Index(Vec<PathBuf>, Looked),
    Tree(String, Vec<PathBuf>),
}

impl Place {
    fn of(args: &Args) -> anyhow::Result<Self> {
        let looked = if args.conflicts_only { Looked::Conflicts } else { Looked::Uncleaned };
        let Typed { revision, mut paths } = Typed::of(args)?;
        paths.extend(args.paths.iter().cloned());
        match revision {
            Some(revision) if args.staged => {
                let revision = output::visible(&revision.name);
                bail!("--staged looks at what the next commit changes, and not at `{revision}`")
            }
            Some(revision) => Ok(Self::Tree(revision.tree, paths)),
            None if args.staged => Ok(Self::Index(paths, looked)),
            None => Ok(Self::Files(paths)),
        }
    }

    fn check(&self) -> anyhow::Result<Outcome> {
        match self {
            Self::Files(paths) => check_files(paths),
            Self::Index(paths, looked) => check_staged(paths, *looked),
            Self::Tree(tree, paths) => check_tree(tree, paths),
        }
    }

    fn root(&self) -> Root {
        if let Self::Files(_) = self { Root::Here } else { Root::Top }
    }
}

/// A revision that was named, and the id of its tree.
struct Revision {
    name: String,
    tree: String,
}

/// What was typed before a `--`.
struct Typed {
    revision: Option<Revision>,
    paths: Vec<PathBuf>,
}

impl Typed {
    /// Tells a revision from paths by git's rule: what stands before `--` is one, and without `--` it comes first. A
    /// notebook that is not there is a path, so that it hides none of the others.
    fn of(args: &Args) -> anyhow::Result<Self> {
        let arguments: Vec<String> = args.arguments.iter().map(|argument| argument.to_string_lossy().into()).collect();
        let all_paths = || Ok(Self { revision: None, paths: args.arguments.clone() });
        let Some(first) = arguments.first().filter(|first| *first != "-") else { return all_paths() };
        let Ok(repository) = Repository::discover(Path::new(".")) else { return all_paths() };
        let (revisions, paths) = if args.paths.is_empty() && !dashes::are_last() {
            match repository.split(&arguments[..1]) {
                Ok((revisions, _)) if revisions.is_empty() => return all_paths(),
                Err(RevisionError::Unknown { .. }) if is_notebook(Path::new(first)) => return all_paths(),
                first => first?,
            };
            repository.split(&arguments)?
        } else {
            (arguments, Vec::new())
        };
        let [name] = revisions.as_slice() else {
            bail!("check looks at one revision: name one, then notebooks or folders");
        };
        let revision = Revision { name: name.clone(), tree: repository.tree(name)? };
        Ok(Self { revision: Some(revision), paths })
    }
}

/// A file that cannot be opened hides none of the others.
fn check_files(paths: &[PathBuf]) -> anyhow::Result<Outcome> {
    let here = [PathBuf::from(".")];
    let files = notebooks::expand(if paths.is_empty() { &here } else { paths })?;
    let is_bare = || Repository::discover(Path::new(".")).is_ok_and(|repository| repository.top().is_none());
    if files.is_empty() && is_bare() {
        bail!("there is no work tree here: name a revision (cellwise check HEAD)");
    }
    let mut outcome = Outcome::default();
    in_parallel(
        &files,
        |file| notebooks::open(file).map(|bytes| conflicts(&bytes)),
        |file, looked| {
            match looked {
                Ok(found) => {
                    outcome.checked += 1;
                    outcome.found.extend(found.into_iter().map(|what| Found { path: file.clone(), what }));
                }
                Err(error) => outcome.unread.push((file.clone(), error)),
            }
            Ok(())
        },
    )?;
    let of_merge = if paths.is_empty() { &here } else { paths };
    if let Some(merged) = Merged::below(of_merge) {
        merged.add_to(&mut outcome);
    }
    Ok(outcome)
}
