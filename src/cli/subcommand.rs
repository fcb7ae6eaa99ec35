//! A subcommand: its name, its options, and what it does.

use clap::{ArgMatches, Command};

use super::exit::Exit;

type Run = dyn Fn(&ArgMatches) -> anyhow::Result<Exit>;

/// One row of the table of subcommands.
pub(super) struct Subcommand {
    /// As it is typed.
    pub(super) name: &'static str,
    hidden: bool,
    options: fn(Command) -> Command,
    run: Box<Run>,
}

impl Subcommand {
    /// `run` takes the options of `A`.
    pub(super) fn new<A: clap::Args + 'static>(name: &'static str, run: fn(&A) -> anyhow::Result<Exit>) -> Self {
        Self {
            name,
            hidden: false,
            options: A::augment_args,
            run: Box::new(move |matches| run(&A::from_arg_matches(matches)?)),
        }
    }

    /// Left out of the help: git calls it.
    pub(super) fn hidden(self) -> Self {
        Self { hidden: true, ..self }
    }

    /// Whether it is left out of the help.
    pub(super) fn is_hidden(&self) -> bool {
        self.hidden
    }

    /// It as clap sees it. Its options are built when it has been typed: those of all subcommands would take as
    /// long as the diff of a small notebook.
    pub(super) fn command(&self) -> Command {
        Command::new(self.name).hide(self.hidden).defer(self.options)
    }

    /// Does it.
    pub(super) fn run(&self, matches: &ArgMatches) -> anyhow::Result<Exit> {
        (self.run)(matches)
    }
}
