//! `cellwise clean`

use std::io::{IsTerminal as _, stdin};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use cellwise::file::Input;

use super::clean_files::{Job, Mode, Say, clean_files};
use super::clean_options::{Strip, Typed};
use super::examples;
use super::exit::Exit;
use super::filtered::{Cleaner, STREAM, pass_markers};
use super::notebooks::{self, Within};
use super::output;

/// Strip outputs, execution counts and noise from notebooks
///
/// Nothing else is touched. Files are changed in place; without PATH, or with `-`, standard input is cleaned to standard output. A cell keeps
/// its outputs if it has the tag `keep_output`, or `keep_output` or `init_cell` in its metadata.
#[derive(clap::Args)]
#[command(after_long_help = examples::CLEAN)]
pub(crate) struct Args {
    /// Notebooks, folders (what git tracks in them) or patterns such as '**/*.ipynb'
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Change nothing; exit with 1 if something would change
    #[arg(long)]
    check: bool,
    /// In folders and for patterns, also notebooks that git neither tracks nor ignores
    #[arg(long)]
    untracked: bool,
    /// Say nothing but errors
    #[arg(short, long)]
    quiet: bool,
    #[command(flatten)]
    strip: Strip,
    /// Whose content standard input is (%f of git's filters): its configuration holds
    #[arg(long, value_name = "PATH", hide = true)]
    path: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let is_stream = |path: &PathBuf| [STREAM, "/dev/stdin"].iter().any(|stream| path == Path::new(stream));
    if args.paths.is_empty() && args.path.is_none() && stdin().is_terminal() {
        output::complain("clean: which notebooks? Name files or folders, or `-` to clean standard input");
        return Ok(Exit::Usage);
    }
    if args.paths.iter().all(is_stream) && args.paths.len() < 2 {
        return clean_stream(args);
    }
    if args.path.is_some() || args.paths.iter().any(is_stream) {
        output::complain("clean: standard input is cleaned alone, without other paths");
        return Ok(Exit::Usage);
    }
    let within = if args.untracked { Within::Untracked } else { Within::Tracked };
    let mut typed = Typed::new(args.strip.section.clone());
    let files = notebooks::expand_to(&args.paths, within)?;
    let jobs: Vec<Job> = notebooks::distinct(files)
        .into_iter()
        .map(|path| Ok(Job { options: typed.options(&path)?, path }))
        .collect::<anyhow::Result<_>>()?;
    let mode = if args.check { Mode::Check } else { Mode::InPlace };
    clean_files(&jobs, mode, if args.quiet { Say::Errors } else { Say::All })
}

/// Standard input to standard output, as git's clean filter wants it. A broken configuration does not stop it.
fn clean_stream(args: &Args) -> anyhow::Result<Exit> {
    let input = Input::stdin()?;
    let path = args.path.as_deref().unwrap_or(Path::new(STREAM));
    let mut cleaner = Cleaner::new(args.strip.section.clone());
    if args.check {
        let dirty = cleaner.dirty(&input, path).or_else(|error| pass_markers(error, path).map(|()| None));
        let holds_noise = dirty.with_context(|| output::name(path))?.is_some_and(|dirty| dirty.holds_noise());
        return Ok(if holds_noise { Exit::Found } else { Exit::Done });
    }
    match cleaner.answer(&input, path).with_context(|| output::name(path))? {
        Some(dirty) => output::write_pieces(dirty.pieces())?,
        None => output::write(&input)?,
    }
    Ok(Exit::Done)
}
