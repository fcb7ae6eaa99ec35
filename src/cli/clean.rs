//! `cellwise clean`

use std::io::{IsTerminal as _, stdin};
use std::path::{Path, PathBuf};

use cellwise::file::{self, Input};
use cellwise::normalize::{CleanOptions, Keep, clean};
use cellwise::notebook::{Notebook, ReadError};

use super::exit::Exit;
use super::{notebooks, output};

/// Strip outputs, execution counts and noise from notebooks, and touch nothing else
///
/// Files are changed in place; without PATH, or with `-`, standard input is cleaned to standard output. A cell keeps
/// its outputs if it has the tag `keep_output`, or `keep_output` or `init_cell` in its metadata.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Notebooks or folders
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Change nothing; exit with 1 if something would change
    #[arg(long)]
    check: bool,
    /// Keep outputs
    #[arg(long)]
    keep_output: bool,
    /// Keep execution counts
    #[arg(long)]
    keep_count: bool,
}

impl Args {
    fn options(&self) -> CleanOptions {
        let keep = |everywhere| if everywhere { Keep::Everywhere } else { Keep::WhereAsked };
        CleanOptions {
            keep_outputs: keep(self.keep_output),
            keep_counts: keep(self.keep_count),
            ..CleanOptions::default()
        }
    }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let piped = args.paths.is_empty() || args.paths == [Path::new("-")];
    if args.paths.is_empty() && stdin().is_terminal() {
        output::complain("clean: which notebooks? Name files or folders, or `-` to clean standard input");
        return Ok(Exit::Usage);
    }
    if piped {
        return clean_stream(args);
    }
    let mut exit = Exit::Done;
    for path in notebooks::expand(&args.paths)? {
        match clean_file(&path, args) {
            Ok(Exit::Done) => {}
            Ok(found) => exit = if exit == Exit::Failure { exit } else { found },
            Err(error) => {
                output::complain_of(&path, &error);
                exit = Exit::Failure;
            }
        }
    }
    Ok(exit)
}

/// Standard input to standard output, as git's clean filter wants it.
fn clean_stream(args: &Args) -> anyhow::Result<Exit> {
    let input = Input::stdin()?;
    if passes(&input) {
        return pass(&input, args);
    }
    let notebook = match Notebook::read(&input) {
        Ok(notebook) => notebook,
        Err(error @ ReadError::ConflictMarkers { .. }) => {
            output::complain(&format!("standard input: {error}; passed through as it is"));
            return pass(&input, args);
        }
        Err(error) => return Err(anyhow::Error::new(error).context("standard input")),
    };
    let cleaned = clean(&notebook, &args.options());
    if cleaned.edits.is_empty() {
        return pass(&input, args);
    }
    if args.check {
        return Ok(Exit::Found);
    }
    output::write(&cleaned.bytes(&notebook))?;
    Ok(Exit::Done)
}

/// The same bytes; `--check` prints none.
fn pass(input: &[u8], args: &Args) -> anyhow::Result<Exit> {
    if !args.check {
        output::write(input)?;
    }
    Ok(Exit::Done)
}

/// Whether there is nothing to clean: nothing, or the pointer that git-lfs keeps in a file's place.
fn passes(input: &[u8]) -> bool {
    input.iter().all(u8::is_ascii_whitespace) || input.starts_with(b"version https://git-lfs.github.com/spec/")
}

fn clean_file(path: &Path, args: &Args) -> anyhow::Result<Exit> {
    let input = Input::owned(path)?;
    if passes(&input) {
        return Ok(Exit::Done);
    }
    let notebook = Notebook::read(&input)?;
    let cleaned = clean(&notebook, &args.options());
    if cleaned.edits.is_empty() {
        return Ok(Exit::Done);
    }
    if args.check {
        output::write(
            format!("{}: would be cleaned{}\n", output::name(path), dropped(cleaned.outputs_dropped(&notebook)))
                .as_bytes(),
        )?;
        return Ok(Exit::Found);
    }
    file::replace(path, &cleaned.bytes(&notebook))?;
    output::write(
        format!("{}: cleaned{}\n", output::name(path), dropped(cleaned.outputs_dropped(&notebook))).as_bytes(),
    )?;
    Ok(Exit::Done)
}

/// ` (3 outputs)`
fn dropped(outputs: usize) -> String {
    match outputs {
        0 => String::new(),
        1 => " (1 output)".to_owned(),
        many => format!(" ({many} outputs)"),
    }
}
