//! `cellwise mergetool`, called by git as `mergetool.cellwise.cmd`, and by jj with `--merge`.

use std::fs;
use std::path::{Path, PathBuf};

use cellwise::file::{self, Input};
use cellwise::merge::{MergeOptions, Sides};
use cellwise::notebook::{Notebook, ReadError};
use cellwise::resolve::{Remerge, labels, versions_to_merge};

use super::conflicted::options_of;
use super::exit::Exit;
use super::merge::Merged;
use super::output;
use super::walk::{Ended, Walk};

/// Settle the conflicts of a notebook one by one (called by git mergetool)
#[derive(clap::Args)]
pub(crate) struct Args {
    /// $BASE $LOCAL $REMOTE $MERGED
    base: PathBuf,
    local: PathBuf,
    remote: PathBuf,
    merged: PathBuf,
    /// Merge them first: nobody has, and MERGED is only where the result goes
    #[arg(long)]
    merge: bool,
    /// What the notebook is called, where MERGED is a temporary file
    #[arg(long, value_name = "PATH", requires = "merge")]
    name: Option<PathBuf>,
}

impl Args {
    /// The notebook in messages.
    fn name(&self) -> String {
        output::name(self.name.as_ref().unwrap_or(&self.merged))
    }
}

/// git stages the file if this ends in 0; else it puts its backup in the place of the file.
pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let start = Input::owned(&args.merged)?.to_vec();
    let ended = settle(args, &start);
    if !args.merge && !matches!(ended, Ok(Ended::Settled)) {
        keep(args, &start);
    }
    Ok(match ended? {
        Ended::Settled => Exit::Done,
        Ended::Left(_) | Ended::Quit(_) => Exit::Found,
        Ended::Interrupted(_) => Exit::Interrupted,
    })
}

fn settle(args: &Args, start: &[u8]) -> anyhow::Result<Ended> {
    let version = |path: &Path| -> anyhow::Result<Option<Vec<u8>>> {
        let bytes = Input::owned(path)?;
        Ok((!bytes.is_empty()).then(|| bytes.to_vec()))
    };
    let files = Sides { base: version(&args.base)?, ours: version(&args.local)?, theirs: version(&args.remote)? };
    let versions = versions_to_merge(files);
    let notebook = Notebook::read(start).ok();
    let shown = notebook.as_ref().map(labels).unwrap_or_default();
    let options = options_of(&args.merged, notebook.as_ref(), shown, &MergeOptions::default().labels)?;
    let merged = versions.as_ref().map_err(Clone::clone).and_then(|versions| Remerge::new(versions, &options));
    let name = args.name();
    let is_text = matches!(Notebook::read(start), Err(ReadError::ConflictMarkers { .. }));
    let bytes = match args.merge || is_text {
        true => written(args, start, merged.as_ref().map_err(Clone::clone)?)?,
        false => start.to_vec(),
    };
    let outcome = merged.as_ref().ok().map(|merged| &merged.outcome).filter(|_| args.merge);
    if outcome.is_some_and(|outcome| matches!(Merged::from(outcome.clone()).report(&name), Exit::Done)) {
        return Ok(Ended::Settled);
    }
    let sides = labels(&Notebook::read(&bytes)?).map(Option::unwrap_or_default);
    let mut save = |old: &[u8], new: &[u8]| Ok(file::replace_unchanged(&args.merged, old, new)?);
    Walk { name: &name, bytes, remerge: merged.as_ref().ok(), sides: &sides, save: &mut save }.run()
}

/// The merge in the place of git's text markers, or of what else is there.
fn written(args: &Args, start: &[u8], remerge: &Remerge<'_>) -> anyhow::Result<Vec<u8>> {
    file::replace_unchanged(&args.merged, start, &remerge.outcome.bytes)?;
    Ok(remerge.outcome.bytes.clone())
}

/// Lets git put back what is settled by now: its backup becomes what the file is.
fn keep(args: &Args, start: &[u8]) {
    let name = output::name(&args.merged);
    let kept =
        backup(&args.local).filter(|backup| fs::read(backup).is_ok_and(|bytes| bytes == start)).is_some_and(|backup| {
            fs::read(&args.merged).is_ok_and(|now| file::replace_unchanged(&backup, start, &now).is_ok())
        });
    output::complain(&match kept {
        true => {
            format!("{name}: what you have settled stays, though git calls it failed; git mergetool goes on with it")
        }
        false => format!("{name}: git puts it back as it was; `cellwise resolve -i` keeps what is settled"),
    });
}

/// Where git keeps the file as it was: beside `$LOCAL`, under a like name (git-mergetool.sh).
fn backup(local: &Path) -> Option<PathBuf> {
    let name = local.file_name()?.to_str()?;
    let (stem, rest) = name.rsplit_once("_LOCAL_")?;
    Some(local.with_file_name(format!("{stem}_BACKUP_{rest}")))
}
