//! `cellwise merge-driver`, called by git for merges (gitattributes(5), "Defining a custom merge driver").

use std::ffi::OsString;
use std::path::Path;

use cellwise::file::{self, Input};
use cellwise::merge::{MergeOptions, Sides};

use super::exit::Exit;
use super::merge::merge_files;
use super::output;

/// Merge into %A (called by git as `merge.jupyternotebook.driver`)
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The length of conflict markers (%L)
    #[arg(long, default_value_t = 7)]
    marker_size: usize,
    /// %O %A %B %P %S %X %Y: base, ours, theirs, the path, and what git calls the three versions
    #[arg(last = true, num_args = 3..=7, value_name = "ARGUMENT")]
    arguments: Vec<OsString>,
}

/// Exits with 0 or 1 once %A is written. Any other end leaves it untouched, and the configured line goes on with
/// git's own line merge.
pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let [base, ours, theirs, rest @ ..] = args.arguments.as_slice() else {
        anyhow::bail!("git hands over three files at least");
    };
    let given = |index: usize| rest.get(index).map(|text| text.to_string_lossy().into_owned());
    let path = given(0).unwrap_or_else(|| ours.to_string_lossy().into_owned());
    let labels =
        Sides { base: label(given(1), "base"), ours: label(given(2), "ours"), theirs: label(given(3), "theirs") };
    let options = MergeOptions { labels, marker_size: args.marker_size, ..MergeOptions::default() };
    let ours = Path::new(ours);
    let files = Sides {
        base: Input::open(Path::new(base))?,
        ours: Input::owned(ours)?,
        theirs: Input::open(Path::new(theirs))?,
    };
    let merged = merge_files(&files.as_ref().map(|file| &**file), &options)?;
    if merged.bytes != *files.ours {
        file::replace(ours, &merged.bytes)?;
    }
    // The base of a criss-cross merge is made by a merge of its own, of which nobody need hear.
    if options.labels.ours.starts_with("Temporary merge branch") {
        return Ok(merged.exit());
    }
    Ok(merged.report(&output::name(Path::new(&path))))
}

/// git before 2.44 hands over the literal placeholder.
fn label(given: Option<String>, default: &str) -> String {
    given
        .filter(|label| !label.is_empty() && !matches!(label.as_str(), "%S" | "%X" | "%Y"))
        .unwrap_or(default.to_owned())
}
