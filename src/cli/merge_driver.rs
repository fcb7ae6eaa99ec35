//! `cellwise merge-driver`, called by git for merges (gitattributes(5), "Defining a custom merge driver").

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use cellwise::file::{self, Input};
use cellwise::merge::Sides;

use super::exit::Exit;
use super::merge::merge_files;
use super::merge_options::{Project, USUAL_MARKERS, Wishes, marker_size_of};
use super::output;

/// Merge into %A (called by git as `merge.jupyternotebook.driver`)
///
/// git writes three versions into files: %O is the base, %A ours, %B theirs. The result is written into %A. Exits with 0
/// if nothing is open in it and with 1 if there are conflicts, which git then calls unmerged; what cannot be merged ends in
/// 129 and leaves %A as it is, and the line that `cellwise install` configures goes on with git's own line merge. Each
/// rebase, cherry-pick, revert and stash pop merges so. docs/merging.md has the rules.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The length of conflict markers (%L)
    #[arg(long, default_value_t = USUAL_MARKERS)]
    marker_size: usize,
    /// %O %A %B %P %S %X %Y: base, ours, theirs, the path, and what git calls the three versions
    #[arg(last = true, num_args = 3..=7, value_name = "ARGUMENT")]
    arguments: Vec<OsString>,
}

/// Exits with 0 or 1 once %A is written. Any other end leaves it untouched, and the configured line goes on with
/// git's own line merge.
pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let [base, ours, theirs, rest @ ..] = args.arguments.as_slice() else {
        anyhow::bail!("this is called by git, with three files at least (`cellwise help merge-driver`)");
    };
    let given = |index: usize| rest.get(index).map(|text| text.to_string_lossy().into_owned());
    let path = given(0).unwrap_or_else(|| ours.to_string_lossy().into_owned());
    let names =
        Sides { base: given(1), ours: given(2), theirs: given(3) }.map(|name| name.filter(|name| is_name(name)));
    let inner = makes_a_base(names.ours.as_deref(), args.marker_size, &path);
    let or = |name: Option<String>, default: &str| name.unwrap_or_else(|| default.to_owned());
    let labels =
        Sides { base: or(names.base, "base"), ours: or(names.ours, "ours"), theirs: or(names.theirs, "theirs") };
    let project = if inner { Project::Base } else { Project::Tracked };
    let project = project(rest.first().map_or_else(PathBuf::new, PathBuf::from));
    let wishes = Wishes { labels, marker_size: args.marker_size, outputs: None, insert: None, style: None, project };
    let ours = Path::new(ours);
    let files = Sides {
        base: Input::open(Path::new(base))?,
        ours: Input::owned(ours)?,
        theirs: Input::open(Path::new(theirs))?,
    };
    let merged = merge_files(&files.as_ref().map(|file| &**file), &wishes)?;
    if merged.bytes != *files.ours {
        file::hand_over(ours, &merged.bytes)?;
    }
    Ok(if inner { merged.exit() } else { merged.report(&output::name(Path::new(&path))) })
}

/// git before 2.44 hands over the literal placeholder.
fn is_name(given: &str) -> bool {
    !given.is_empty() && !matches!(given, "%S" | "%X" | "%Y")
}

/// Whether this merge only makes the base of a criss-cross merge: nobody need hear of it. git tells by the name
/// of our side; without names (before 2.44) by markers that are longer by two for each level.
fn makes_a_base(ours: Option<&str>, marker_size: usize, path: &str) -> bool {
    match ours {
        Some(name) => name.starts_with("Temporary merge branch"),
        None => marker_size >= USUAL_MARKERS + 2 && marker_size >= marker_size_of(path) + 2,
    }
}
