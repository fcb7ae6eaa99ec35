//! `cellwise textconv`, called by git for `log -p`, `show`, `blame` and the like.

use std::path::PathBuf;

use cellwise::notebook::Notebook;
use cellwise::render::visible_text;
use cellwise::text::{TEXT_FORM_VERSION, TextOptions, text_form_in_pieces};

use super::exit::Exit;
use super::filtered::Filter;
use super::{notebooks, output};

/// Print a notebook as text (called by git as `diff.jupyternotebook.textconv`)
///
/// git compares these texts where it does not call the diff driver: in `git log -p`, `show`, `blame`, `grep --textconv`,
/// and with options that a driver is not told of. docs/text-form.md describes the text. What is no notebook is printed as it
/// is.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Show outputs too, as `cellwise show --outputs`
    #[arg(long)]
    outputs: bool,
    /// Show a file of the work tree as the filter will store it
    #[arg(long)]
    clean: bool,
    /// The notebook; `-` for standard input
    file: PathBuf,
    /// The version of the text form that git caches
    #[arg(long, value_name = "VERSION")]
    text_form: Option<String>,
}

/// What is no notebook is printed as the text it is: any other answer than 0 would end git's whole command.
pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    if args.text_form.as_ref().is_some_and(|version| *version != TEXT_FORM_VERSION.to_string()) {
        output::complain("git's cache holds texts of another version: `cellwise install --cache` empties it");
    }
    let input = match args.file.as_os_str() {
        file if file == "-" => notebooks::open(&args.file)?,
        file => Filter::from(args.clean).open(file, None)?,
    };
    let options = TextOptions { outputs: args.outputs.into(), ..TextOptions::default() };
    match Notebook::read(&input) {
        Ok(notebook) => text_form_in_pieces(&notebook, &options, output::write)?,
        Err(_) => output::write(&visible_text(&input))?,
    }
    Ok(Exit::Done)
}
