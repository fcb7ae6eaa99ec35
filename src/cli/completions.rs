//! `cellwise completions`

use clap_complete::Shell;

use super::examples;
use super::exit::Exit;
use super::output;

/// Print the completions for a shell
///
/// For bash, in `~/.bashrc`: eval "$(cellwise completions bash)"
#[derive(clap::Args)]
#[command(after_long_help = examples::COMPLETIONS)]
pub(crate) struct Args {
    /// For which shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::typed_by_people(), "cellwise", &mut script);
    output::write(&script)?;
    Ok(Exit::Done)
}
