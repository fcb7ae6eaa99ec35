//! Printing through a pager, for the commands that a person types. What git calls never pages: git does that itself.

use std::env;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cellwise::git::command;
use cellwise::git::settings::{Environment, Settings, Stdout};

use super::{output, show};

/// The options of a command that may page.
#[derive(clap::Args)]
pub(super) struct Paging {
    /// Print straight to the terminal, without a pager
    #[arg(long)]
    no_pager: bool,
}

impl Paging {
    /// Gets ready to print: through git's pager if stdout is a terminal.
    pub(super) fn printer(&self) -> Printer {
        let pager = if self.no_pager || show::stdout() == Stdout::Other { None } else { of_git() };
        Printer { way: pager.map_or(Way::Plain, Way::Chosen) }
    }
}

/// Where a command prints. Dropping it waits until the reader has left the pager.
pub(super) struct Printer {
    way: Way,
}

enum Way {
    Plain,
    /// The pager starts with the first byte, so nothing to say starts none.
    Chosen(String),
    Running(Pager),
}

impl Printer {
    /// The user's git settings, with colours as for this way of printing.
    pub(super) fn settings(&self) -> Settings {
        let mut environment = Environment::of_process();
        let stdout = match self.way {
            Way::Plain => show::stdout(),
            Way::Chosen(_) | Way::Running(_) => {
                environment.pager_in_use = Some("true".to_owned());
                Stdout::Other
            }
        };
        Settings::read(Path::new(""), &environment, stdout)
    }

    /// Prints; a reader who has left is a quiet end.
    pub(super) fn print(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        if let Way::Chosen(line) = &self.way
            && !bytes.is_empty()
        {
            // A pager that does not start is no reason to show nothing.
            self.way = Pager::start(line).map_or(Way::Plain, Way::Running);
        }
        match &mut self.way {
            Way::Running(pager) => pager.print(bytes),
            Way::Plain | Way::Chosen(_) => return output::write(bytes),
        }
        Ok(())
    }
}

/// A pager that runs.
struct Pager {
    child: Child,
    /// Ctrl-C goes to the pager too, which goes on. So must we, or the shell would read the same keys as it.
    interrupted: Arc<AtomicBool>,
}

impl Pager {
    /// Starts it as git does.
    fn start(line: &str) -> io::Result<Self> {
        let interrupted = Arc::new(AtomicBool::new(false));
        let mut pager = if needs_shell(line) { shell(line) } else { Command::new(line) };
        for (name, value) in [("LESS", "FRX"), ("LV", "-c")] {
            if env::var_os(name).is_none() {
                pager.env(name, value);
            }
        }
        let child = pager.env("GIT_PAGER_IN_USE", "true").stdin(Stdio::piped()).spawn()?;
        signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::clone(&interrupted))?;
        Ok(Self { child, interrupted })
    }

    /// Hands it bytes, until its reader has seen enough.
    fn print(&mut self, bytes: &[u8]) {
        let has_left = match &mut self.child.stdin {
            _ if self.interrupted.load(Ordering::Relaxed) => true,
            Some(stdin) => stdin.write_all(bytes).is_err(),
            None => false,
        };
        if has_left {
            self.child.stdin = None;
        }
    }
}

impl Drop for Pager {
    fn drop(&mut self) {
        // Closes its input first. How it ends is its own affair.
        self.child.wait().ok();
    }
}

/// What git pages with: `GIT_PAGER`, `core.pager`, `PAGER` or its own choice; `None` for nothing.
fn of_git() -> Option<String> {
    let line = command::run(Path::new(""), ["var", "GIT_PAGER"]).ok()?;
    let line = String::from_utf8(line).ok()?.trim().to_owned();
    (!line.is_empty() && line != "cat").then_some(line)
}

/// Whether git would give the line to a shell.
fn needs_shell(line: &str) -> bool {
    line.contains(|character: char| "|&;<>()$`\\\"' \t\n*?[#~=%".contains(character))
}

fn shell(line: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", line]);
    shell
}
