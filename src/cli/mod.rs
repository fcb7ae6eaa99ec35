//! The command line: one file for each subcommand, and what they share.

mod add;
mod apply;
mod attentive;
mod check;
mod check_found;
mod check_merged;
mod check_report;
mod check_staged;
mod clean;
mod clean_files;
mod clean_options;
mod colour;
mod compare;
mod completions;
mod config;
mod dashes;
mod diff;
mod diff_files;
mod difftool;
mod doctor;
mod diff_driver;
mod diff_options;
mod examples;
mod exit;
mod fallible;
mod filter_process;
mod filtered;
mod guard_report;
mod install;
mod install_report;
mod keys;
mod man;
mod merge;
mod merge_driver;
mod merge_options;
mod mergetool;
mod notebooks;
mod output;
mod parallel;
mod parts;
mod pager;
mod progress;
mod print;
mod resolve;
mod screen;
mod show;
mod subcommand;
mod textconv;
mod uninstall;
mod walk;
mod words;
mod work_tree;

use clap::error::ErrorKind;
use clap::{ArgMatches, Command};

use exit::Exit;
use subcommand::Subcommand;

/// Every subcommand, in the order of the help.
fn subcommands() -> Vec<Subcommand> {
    vec![
        Subcommand::new("install", install::run),
        Subcommand::new("uninstall", uninstall::run),
        Subcommand::new("doctor", doctor::run),
        Subcommand::new("diff", diff::run),
        Subcommand::new("add", add::run),
        Subcommand::new("apply", apply::run),
        Subcommand::new("show", show::run),
        Subcommand::new("merge", merge::run),
        Subcommand::new("resolve", resolve::run),
        Subcommand::new("check", check::run),
        Subcommand::new("clean", clean::run),
        Subcommand::new("config", config::run),
        Subcommand::new("completions", completions::run),
        Subcommand::new("textconv", textconv::run).hidden(),
        Subcommand::new("diff-driver", diff_driver::run).hidden(),
        Subcommand::new("difftool", difftool::run).hidden(),
        Subcommand::new("filter-process", filter_process::run).hidden(),
        Subcommand::new("man", man::run).hidden(),
        Subcommand::new("merge-driver", merge_driver::run).hidden(),
        Subcommand::new("mergetool", mergetool::run).hidden(),
    ]
}

/// The command with all that the help lists.
fn typed_by_people() -> Command {
    command(subcommands().iter().filter(|subcommand| !subcommand.is_hidden()))
}

const ABOUT: &str = "\
Make git understand Jupyter notebooks: read diffs, merge cell by cell.
Begin with `cellwise install`; `cellwise help COMMAND` has examples.";

fn command<'s>(subcommands: impl IntoIterator<Item = &'s Subcommand>) -> Command {
    Command::new("cellwise")
        .version(env!("CARGO_PKG_VERSION"))
        .about(ABOUT)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands(subcommands.into_iter().map(Subcommand::command))
}

/// What was typed. The help lists what every subcommand is for, so only the help builds them all.
fn parse(subcommands: &[Subcommand]) -> Result<ArgMatches, clap::Error> {
    command(subcommands).try_get_matches().or_else(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let mut whole = command(subcommands);
            whole.build();
            whole.try_get_matches()
        }
        _ => Err(error),
    })
}

/// Runs what was typed. What goes wrong is said in one line on stderr.
pub(crate) fn run() -> Exit {
    let subcommands = subcommands();
    let matches = match parse(&subcommands) {
        Ok(matches) => matches,
        Err(error) => return output::usage(&error),
    };
    let typed = matches.subcommand().and_then(|(name, matches)| {
        let subcommand = subcommands.iter().find(|subcommand| subcommand.name == name)?;
        Some((subcommand, matches))
    });
    let Some((subcommand, matches)) = typed else {
        return Exit::Usage;
    };
    fallible::guarded(|| subcommand.run(matches)).unwrap_or_else(|error| {
        output::complain(&output::reasons(&error));
        Exit::Failure
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        command(&subcommands()).debug_assert();
    }
}
