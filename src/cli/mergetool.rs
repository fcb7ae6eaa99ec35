//! `cellwise mergetool`, called by git as `mergetool.cellwise.cmd`, and by jj with `--merge`.

use std::fs;
use std::path::{Path, PathBuf};

use cellwise::file::{self, Input};
use cellwise::merge::{MergeOptions, Sides};
use cellwise::notebook::Notebook;
use cellwise::resolve::labels;

use super::exit::Exit;
use super::merge::Merged;
use super::output;
use super::resolve::Conflicted;
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
    let file = Conflicted::given(&args.merged, files)?;
    let remerge = file.remerge(&file.options(&MergeOptions::default().labels)?);
    let name = args.name();
    let bytes = match &remerge {
        // Nobody has merged it yet: another system's, or a file that git calls binary.
        Ok(remerge) if args.merge || start.is_empty() || file.is_a_version(remerge) => remerge.outcome.bytes.clone(),
        _ => file.conflicted(&remerge)?.to_vec(),
    };
    if bytes != start {
        file::replace_unchanged(&args.merged, start, &bytes)?;
    }
    let outcome = remerge.as_ref().ok().map(|remerge| &remerge.outcome).filter(|_| args.merge);
    if outcome.is_some_and(|outcome| matches!(Merged::from(outcome.clone()).report(&name), Exit::Done)) {
        return Ok(Ended::Settled);
    }
    let sides = labels(&Notebook::read(&bytes)?).map(Option::unwrap_or_default);
    let mut save = |old: &[u8], new: &[u8]| Ok(file::replace_unchanged(&args.merged, old, new)?);
    Walk { name: &name, bytes, remerge: remerge.as_ref().ok(), sides: &sides, save: &mut save }.run()
}

/// Lets git put back what is settled by now, if anything is: its backup becomes what the file is.
fn keep(args: &Args, start: &[u8]) {
    if fs::read(&args.merged).is_ok_and(|now| now == start) {
        return;
    }
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
