//! The `cellwise` command.

mod cli;

use std::process::ExitCode;

use clap::Parser as _;
use cli::exit::Exit;

#[derive(clap::Parser)]
#[command(version, about)]
enum Command {
    Install(cli::install::Args),
    Uninstall(cli::uninstall::Args),
}

#[allow(clippy::print_stderr)]
fn main() -> ExitCode {
    let result = match Command::parse() {
        Command::Install(args) => cli::install::run(&args),
        Command::Uninstall(args) => cli::uninstall::run(&args),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("cellwise: {error:#}");
            Exit::Failure.into()
        }
    }
}
