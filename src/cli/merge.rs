//! `cellwise merge`, and what it shares with the merge driver.

use std::path::{Path, PathBuf};

use cellwise::file::{self, Input};
use cellwise::git::merge_file::{Labels, LineDiff, Markers, text_merge_bytes};
use cellwise::merge::{
    ConflictStyle, InsertPolicy, MergeOptions, MergeOutcome, OutputsPolicy, Sides, merge, merge_unread,
};
use cellwise::notebook::{Notebook, ReadError};
use cellwise::render::{MergeReport, Method, merge_line, merge_report};

use super::examples;
use super::exit::Exit;
use super::merge_options::{Plan, Project, Wishes};
use super::output;
use super::words::word;

/// Merge two versions of a notebook cell by cell
///
/// The result goes to standard output, or to OUT. Exits with 1 if conflicts are left in it; it is a notebook that
/// opens all the same.
#[derive(clap::Args)]
#[command(after_long_help = examples::MERGE)]
pub(crate) struct Args {
    /// The version that both sides began with; an empty file or /dev/null for none
    base: PathBuf,
    /// Our version: the result has its layout
    ours: PathBuf,
    /// Their version
    theirs: PathBuf,
    /// Write the result to this file
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Tell what was done as JSON on standard output (docs/json.md); needs --output
    #[arg(long, requires = "output")]
    json: bool,
    /// How conflicts in a source are written [default: git's merge.conflictStyle, then cellwise.toml's, then merge]
    #[arg(long, value_name = "STYLE", value_parser = word::<ConflictStyle>())]
    conflict: Option<ConflictStyle>,
    /// The length of conflict markers; longer where a source has lines that look like one
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..))]
    marker_size: u16,
    /// What a version is called in markers: once for ours, then base, then theirs [default: the names of the files]
    #[arg(short = 'L', value_name = "LABEL", allow_hyphen_values = true)]
    labels: Vec<String>,
    /// Whose outputs stay below code that both sides ran again [default: that of cellwise.toml, then matching]
    #[arg(long, value_name = "SIDE", value_parser = word::<OutputsPolicy>())]
    outputs: Option<OutputsPolicy>,
    /// What becomes of different cells in one place [default: that of cellwise.toml, then conflict]
    #[arg(long, value_name = "HOW", value_parser = word::<InsertPolicy>())]
    insert: Option<InsertPolicy>,
}

impl Args {
    fn wishes(&self) -> Wishes {
        let label = |index: usize, path: &Path| self.labels.get(index).cloned().unwrap_or_else(|| output::name(path));
        Wishes {
            labels: Sides { base: label(1, &self.base), ours: label(0, &self.ours), theirs: label(2, &self.theirs) },
            marker_size: self.marker_size.into(),
            outputs: self.outputs,
            insert: self.insert,
            style: self.conflict,
            project: Project::File(self.ours.clone()),
        }
    }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    if args.labels.len() > 3 {
        output::complain("merge: there are three versions, so -L can be given three times: ours, base, theirs");
        return Ok(Exit::Usage);
    }
    args.output.as_deref().map_or(Ok(()), file::refuse_read_only)?;
    // A file that is written, under whatever name, is not mapped.
    let open = if args.output.is_some() { Input::owned } else { Input::open };
    let files = Sides { base: open(&args.base)?, ours: open(&args.ours)?, theirs: open(&args.theirs)? };
    let merged = merge_files(&files.as_ref().map(|file| &**file), &args.wishes())?;
    match &args.output {
        Some(path) => file::replace(path, &merged.bytes)?,
        None => output::write(&merged.bytes)?,
    }
    if let (Some(path), true) = (&args.output, args.json) {
        let mut document = Vec::new();
        merge_report(&path.to_string_lossy(), &merged.report, &mut document);
        output::write(&document)?;
    }
    Ok(merged.report(&output::name(args.output.as_deref().unwrap_or(&args.ours))))
}

/// A merged file, and what there is to say about it.
pub(super) struct Merged {
    pub(super) bytes: Vec<u8>,
    report: MergeReport,
}

impl From<MergeOutcome> for Merged {
    fn from(outcome: MergeOutcome) -> Self {
        let MergeOutcome { bytes, conflicts, choices, stale, still_open } = outcome;
        Self { bytes, report: MergeReport { method: Method::Cells, conflicts, still_open, choices, stale } }
    }
}

impl Merged {
    /// Says on stderr what a person must know, in one line, and how the command ends.
    pub(super) fn report(&self, name: &str) -> Exit {
        if let Some(line) = merge_line(name, &self.report) {
            output::complain(&line);
        }
        self.exit()
    }

    /// How the command ends: 1 if conflicts are left.
    pub(super) fn exit(&self) -> Exit {
        if self.report.has_conflicts() { Exit::Found } else { Exit::Done }
    }
}

/// Merges three files; what cannot be read as a notebook is merged by lines, as git would.
pub(super) fn merge_files(files: &Sides<&[u8]>, wishes: &Wishes) -> anyhow::Result<Merged> {
    if let Some(bytes) = merge_unread(files) {
        return Ok(Merged { bytes: bytes.to_vec(), report: MergeReport::default() });
    }
    match merge_notebooks(files, &wishes.plan()?) {
        Ok(outcome) => Ok(outcome.into()),
        Err(reason) => {
            let Sides { base, ours, theirs } = wishes.labels.as_ref();
            let markers = Markers {
                labels: Labels { base, ours, theirs },
                size: wishes.marker_size,
                style: wishes.style,
                diff: LineDiff::Usual,
            };
            let text = text_merge_bytes(files.base, files.ours, files.theirs, markers)?;
            let method = Method::Lines { reason, conflicts: text.conflicts };
            Ok(Merged { bytes: text.bytes, report: MergeReport { method, ..MergeReport::default() } })
        }
    }
}

fn merge_notebooks(files: &Sides<&[u8]>, plan: &Plan) -> Result<MergeOutcome, String> {
    let named = |side: &'static str| move |error: ReadError| format!("{side}: {error}");
    let base = if files.base.is_empty() { None } else { Some(files.base) };
    let base = base.map(Notebook::read).transpose().map_err(named("the base"))?;
    // What a side has of the base is not read again.
    let read = |bytes| base.as_ref().map_or_else(|| Notebook::read(bytes), |base| Notebook::read_version(bytes, base));
    let ours = read(files.ours).map_err(named("our side"))?;
    let theirs = read(files.theirs).map_err(named("their side"))?;
    let merged =
        |options: &MergeOptions| merge(base.as_ref(), &ours, &theirs, options).map_err(|error| error.to_string());
    let outcome = merged(&plan.options)?;
    if outcome.conflicts.is_empty() {
        return Ok(outcome);
    }
    match plan.style() {
        style if style == plan.options.style => Ok(outcome),
        style => merged(&MergeOptions { style, ..plan.options.clone() }),
    }
}
