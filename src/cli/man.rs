//! `cellwise man`, for whoever packs cellwise.

use std::path::PathBuf;
use std::{fs, iter};

use anyhow::Context as _;
use clap_mangen::Man;

use super::exit::Exit;

/// What each page says below.
const SOURCE: &str = concat!("cellwise ", env!("CARGO_PKG_VERSION"));

/// Write the manual pages into a folder
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The folder; it is made if it is not there
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let named = || args.folder.display().to_string();
    fs::create_dir_all(&args.folder).with_context(named)?;
    let mut command = super::typed_by_people();
    command.build();
    for command in iter::once(&command).chain(command.get_subcommands()) {
        let page = Man::new(command.clone()).source(SOURCE).manual("cellwise");
        page.generate_to(&args.folder).with_context(named)?;
    }
    Ok(Exit::Done)
}
