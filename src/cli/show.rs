//! `cellwise show`

use std::ffi::OsStr;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use cellwise::file::Input;
use cellwise::git::command;
use cellwise::git::settings::Stdout;
use cellwise::notebook::Notebook;
use cellwise::render::{Palette, show};
use cellwise::text::{TextOptions, text_form_with};

use super::examples;
use super::exit::Exit;
use super::pager::{Paging, Printer};
use super::{colour, notebooks, output};

/// Print notebooks as text, the way git diff and git blame see them
#[derive(clap::Args)]
#[command(after_long_help = examples::SHOW)]
pub(crate) struct Args {
    /// Show outputs too: text by lines, images and other data by type, size and digest
    #[arg(short, long)]
    outputs: bool,
    /// Notebooks or folders; `REV:PATH` for one in a commit, `-` for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    colour: colour::Args,
    #[command(flatten)]
    paging: Paging,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let mut printer = args.paging.printer();
    let mut settings = printer.settings();
    args.colour.apply(&mut settings);
    let palette = colour::palette(&settings);
    let options = TextOptions { outputs: args.outputs.into(), ..TextOptions::default() };
    let files = notebooks::expand(&args.paths)?;
    let mut exit = Exit::Done;
    for file in &files {
        if let Err(error) = show_one(file, files.len(), &options, &palette, &mut printer) {
            output::complain_of(file, &error);
            exit = Exit::Failure;
        }
    }
    Ok(exit)
}

/// A file, or `REV:PATH` where there is none of that name.
fn opened(file: &Path) -> anyhow::Result<Input> {
    let spelled = file.as_os_str().to_string_lossy();
    if !spelled.contains(':') || spelled.starts_with('-') || file.is_absolute() || file.exists() {
        return notebooks::open(file);
    }
    Ok(Input::Buffer(command::run(Path::new(""), [OsStr::new("cat-file"), OsStr::new("blob"), file.as_os_str()])?))
}

fn show_one(
    file: &Path,
    of: usize,
    options: &TextOptions,
    palette: &Palette,
    printer: &mut Printer,
) -> anyhow::Result<()> {
    let input = opened(file)?;
    let notebook = Notebook::read(&input)?;
    let mut out = Vec::new();
    if of > 1 {
        palette.push_line(&palette.meta, format!("==> {} <==", output::name(file)).as_bytes(), &mut out);
    }
    let language = notebook.language().unwrap_or_default();
    show(&text_form_with(&notebook, options), &language, palette, &mut out);
    printer.print(&out)
}

/// Whether stdout is a terminal.
pub(super) fn stdout() -> Stdout {
    if std::io::stdout().is_terminal() { Stdout::Terminal } else { Stdout::Other }
}
