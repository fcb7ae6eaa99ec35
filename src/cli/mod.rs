//! The command line: one file for each subcommand, and what they share.

mod apply;
mod check;
mod clean;
mod clean_files;
mod clean_options;
mod colour;
mod compare;
mod config;
mod diff;
mod diff_files;
mod diff_driver;
mod exit;
mod fallible;
mod install;
mod merge;
mod merge_driver;
mod merge_options;
mod notebooks;
mod output;
mod parts;
mod pager;
mod show;
mod textconv;
mod uninstall;
mod words;
mod work_tree;

use clap::{Parser, Subcommand};

use exit::Exit;

/// Make git understand Jupyter notebooks: read diffs like code review, merge cell by cell
#[derive(Parser)]
#[command(version, about, disable_help_subcommand = true, arg_required_else_help = true)]
#[command(after_help = "Begin with `cellwise install` in a repository. Every command has its own --help.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Install(install::Args),
    Uninstall(uninstall::Args),
    Diff(diff::Args),
    Apply(apply::Args),
    Show(show::Args),
    Merge(merge::Args),
    Check(check::Args),
    Clean(clean::Args),
    Config(config::Args),
    #[command(hide = true)]
    Textconv(textconv::Args),
    #[command(hide = true)]
    DiffDriver(diff_driver::Args),
    #[command(hide = true)]
    MergeDriver(merge_driver::Args),
}

/// Runs what was typed. What goes wrong is said in one line on stderr.
pub(crate) fn run() -> Exit {
    let Cli { command } = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return output::usage(&error),
    };
    let result = fallible::guarded(|| match command {
        Command::Install(args) => install::run(&args),
        Command::Uninstall(args) => uninstall::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Apply(args) => apply::run(&args),
        Command::Show(args) => show::run(&args),
        Command::Merge(args) => merge::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Clean(args) => clean::run(&args),
        Command::Config(args) => config::run(&args),
        Command::Textconv(args) => textconv::run(&args),
        Command::DiffDriver(args) => diff_driver::run(&args),
        Command::MergeDriver(args) => merge_driver::run(&args),
    });
    result.unwrap_or_else(|error| {
        output::complain(&output::reasons(&error));
        Exit::Failure
    })
}
