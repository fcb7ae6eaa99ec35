//! `cellwise diff-driver`, called by git for `git diff` (gitattributes(5), "Defining an external diff driver").

use std::ffi::{OsStr, OsString};
use std::path::Path;

use cellwise::diff::DiffOptions;
use cellwise::file::Input;
use cellwise::git::settings::{Colour, Environment, Settings};
use cellwise::render::{FileHeader, FileSide, Palette, PatchOptions};

use super::compare::{Format, Report};
use super::exit::Exit;
use super::{output, show};

/// Compare two versions (called by git as `diff.jupyternotebook.command`)
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What git hands over: PATH OLD-FILE OLD-ID OLD-MODE NEW-FILE NEW-ID NEW-MODE, and after a rename the new path
    /// and its headers; only PATH if it is unmerged
    #[arg(last = true, required = true, value_name = "ARGUMENT")]
    arguments: Vec<OsString>,
}

/// Always exits 0 once something was printed: any other answer would end git's whole command.
pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let mut out = Vec::new();
    match args.arguments.as_slice() {
        [path] => {
            out.extend_from_slice(b"* Unmerged path ");
            out.extend_from_slice(output::name(Path::new(path)).as_bytes());
            out.push(b'\n');
        }
        [path, old_file, old_id, old_mode, new_file, new_id, new_mode, rest @ ..] => {
            let settings = Settings::read(Path::new(""), &Environment::of_process(), show::stdout());
            let (new_path, extended) = match rest {
                [new_path, extended, ..] => (new_path, extended.as_os_str()),
                _ => (path, OsStr::new("")),
            };
            let before = side(path, old_id, old_mode);
            let after = side(new_path, new_id, new_mode);
            let (header, options) = dressed(before, after, extended, settings);
            let (old, new) = (open(old_file)?, open(new_file)?);
            let mut report = Report::new(Format::Terminal, DiffOptions::default(), None);
            report.add(&old, &new, &header, &options);
            out = report.finish(&options.palette);
        }
        other => anyhow::bail!("git hands over 1, 7 or 9 arguments, not {}", other.len()),
    }
    output::write(&out)?;
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

/// The header and options that follow the user's git settings.
pub(super) fn dressed(
    before: FileSide,
    after: FileSide,
    extended: &OsStr,
    settings: Settings,
) -> (FileHeader, PatchOptions) {
    let mut header = FileHeader::new(before, after);
    header.extended = extended.as_encoded_bytes().to_vec();
    header.prefixes = settings.prefixes();
    header.quoting = settings.quoting;
    let palette = match settings.colour {
        Colour::On => settings.palette,
        Colour::Off => Palette::default(),
    };
    let context = settings.context.unwrap_or(PatchOptions::default().context);
    (header, PatchOptions { context, palette, word_diff: None })
}

fn open(file: &OsStr) -> anyhow::Result<Input> {
    if file == "/dev/null" {
        return Ok(Input::Buffer(Vec::new()));
    }
    Ok(Input::open(Path::new(file))?)
}
