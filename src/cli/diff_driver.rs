//! `cellwise diff-driver`, called by git for `git diff` (gitattributes(5), "Defining an external diff driver").

use std::ffi::{OsStr, OsString};
use std::path::Path;

use cellwise::diff::DiffOptions;
use cellwise::file::Input;
use cellwise::git::settings::{Environment, Settings};
use cellwise::render::{FileSide, Syntax};

use super::compare::{Format, Look, Report};
use super::exit::Exit;
use super::filtered::Filter;
use super::{output, show};

/// Compare two versions (called by git as `diff.jupyternotebook.command`)
///
/// git hands over a path, and for each side a file, its hash and its mode (gitattributes(5), GIT_EXTERNAL_DIFF in git(1));
/// for an unmerged path only the path, and for a renamed one what changed beside it. A side that is no notebook is compared
/// as the text it is. Exits with 0 where there is an answer, as git would end its whole command at any other.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Show files of the work tree as the filter will store them
    #[arg(long)]
    clean: bool,
    /// What git hands over: PATH OLD-FILE OLD-ID OLD-MODE NEW-FILE NEW-ID NEW-MODE, and after a rename the new path
    /// and its headers; only PATH if it is unmerged
    #[arg(last = true, required = true, value_name = "ARGUMENT")]
    arguments: Vec<OsString>,
}

/// Always exits 0 once something was printed: any other answer would end git's whole command.
pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let settings = Settings::read(Path::new(""), &Environment::of_process(), show::stdout());
    let (diff, syntax) = (DiffOptions::default(), Syntax::Plain);
    let look = Look { format: Format::Terminal, diff, word_diff: None, syntax, settings };
    let mut report = Report::new(look);
    match args.arguments.as_slice() {
        [path] => report.add_unmerged(Path::new(path)),
        [path, old_file, old_id, old_mode, new_file, new_id, new_mode, rest @ ..] => {
            let (new_path, extended) = match rest {
                [new_path, extended, ..] => (new_path, extended.as_os_str()),
                _ => (path, OsStr::new("")),
            };
            let sides = [side(path, old_id, old_mode), side(new_path, new_id, new_mode)];
            let filter = Filter::from(args.clean);
            let [before, after] = [open(old_file, &sides[0], filter)?, open(new_file, &sides[1], filter)?];
            report.add([&before, &after], sides, extended.as_encoded_bytes());
        }
        other => anyhow::bail!("git hands over 1, 7 or 9 arguments, not {}", other.len()),
    }
    output::write(&report.finish())?;
    Ok(Exit::Done)
}

/// The side that git describes by its id and mode; `.` stands for what is not there, zeros for an unknown id.
fn side(path: &OsStr, id: &OsStr, mode: &OsStr) -> FileSide {
    let id = id.to_string_lossy();
    FileSide {
        path: path.as_encoded_bytes().to_vec(),
        mode: (mode != ".").then(|| mode.to_string_lossy().into_owned()),
        oid: if id.bytes().all(|byte| matches!(byte, b'0' | b'.')) { String::new() } else { id.into_owned() },
    }
}

fn open(file: &OsStr, side: &FileSide, filter: Filter) -> anyhow::Result<Input> {
    if file == "/dev/null" {
        return Ok(Input::Buffer(Vec::new()));
    }
    filter.open(file, Some(side.oid.as_str()).filter(|id| !id.is_empty()))
}
