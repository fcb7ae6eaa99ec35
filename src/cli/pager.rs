//! Printing through a pager, for the commands that a person types. What git calls never pages: git does that itself.

use std::env;
use std::io::{self, Write as _};
use std::mem;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cellwise::file::reason;
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
        if self.no_pager { Printer { way: Way::Plain } } else { Printer::new() }
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
    /// Through git's pager if stdout is a terminal.
    pub(super) fn new() -> Self {
        Self::on_terminal(of_git)
    }

    /// Prints under `git difftool`, which sets an empty `GIT_PAGER` for its own sake and leaves the terminal to the tool.
    pub(super) fn under_difftool() -> Self {
        Self::on_terminal(of_git_without_variable)
    }

    fn on_terminal(pager: fn() -> Option<String>) -> Self {
        let pager = if show::stdout() == Stdout::Other { None } else { pager() };
        Self { way: pager.map_or(Way::Plain, Way::Chosen) }
    }

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
            self.way = Pager::start(line).map_or_else(|error| without_pager(line, &error), Way::Running);
        }
        let Way::Running(pager) = &mut self.way else { return output::write(bytes) };
        pager.print(bytes);
        Ok(())
    }
}

/// A pager that does not start is no reason to show nothing.
fn without_pager(line: &str, error: &io::Error) -> Way {
    output::complain(&format!("cannot run the pager {line}: {}", reason(error)));
    Way::Plain
}

/// A pager that runs.
struct Pager {
    child: Child,
    /// Ctrl-C goes to the pager too, which goes on. So must we, or the shell would read the same keys as it.
    interrupted: Arc<AtomicBool>,
    line: String,
    /// What it was given, as long as it may turn out that there is no such program.
    given: Vec<u8>,
    reader: Reader,
}

/// What is known of the program behind a pager's line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    /// Perhaps there is none: a shell starts it, and that is there.
    Unknown,
    /// It reads.
    Known,
    /// There is none: all goes to stdout.
    Missing,
}

/// More than all pipes between us and a program that is missing could hold.
const ONLY_READ: usize = 1 << 20;
/// How much it is given at once.
const CHUNK: usize = 1 << 16;

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
        let reader = if needs_shell(line) { Reader::Unknown } else { Reader::Known };
        Ok(Self { child, interrupted, line: line.to_owned(), given: Vec::new(), reader })
    }

    /// Hands it bytes, until its reader has seen enough.
    fn print(&mut self, bytes: &[u8]) {
        for bytes in bytes.chunks(CHUNK) {
            if self.reader == Reader::Missing {
                output::write(bytes).ok();
                continue;
            }
            self.keep(bytes);
            let has_left = match &mut self.child.stdin {
                _ if self.interrupted.load(Ordering::Relaxed) => true,
                Some(stdin) => stdin.write_all(bytes).is_err(),
                None => false,
            };
            if has_left {
                self.end();
            }
        }
    }

    /// Keeps what may have to be printed once more.
    fn keep(&mut self, bytes: &[u8]) {
        if self.given.len() > ONLY_READ {
            self.given = Vec::new();
            self.reader = Reader::Known;
        }
        if self.reader == Reader::Unknown {
            self.given.extend_from_slice(bytes);
        }
    }

    /// Closes its input and waits for its end, which is its own affair; but if there was no such program, its line's
    /// shell has said so, and nobody has read a word.
    fn end(&mut self) {
        self.child.stdin = None;
        let code = self.child.wait().ok().and_then(|status| status.code());
        if self.reader == Reader::Unknown {
            let is_missing = code.is_some_and(|code| never_ran(code, &self.line));
            self.reader = if is_missing { Reader::Missing } else { Reader::Known };
        }
        if self.reader == Reader::Missing {
            output::write(&mem::take(&mut self.given)).ok();
        }
    }
}

impl Drop for Pager {
    fn drop(&mut self) {
        self.end();
    }
}

/// Whether a shell that ended with `code` has not found the program of its line, or may not run it, or has not understood
/// the line.
fn never_ran(code: i32, line: &str) -> bool {
    const NOT_UNDERSTOOD: i32 = 2;
    let mut check = Command::new("sh");
    check.args(["-n", "-c", line]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match code {
        126 | 127 => true,
        NOT_UNDERSTOOD => check.status().is_ok_and(|status| !status.success()),
        _ => false,
    }
}

/// What git pages with: `GIT_PAGER`, `core.pager`, `PAGER` or its own choice; `None` for nothing.
fn of_git() -> Option<String> {
    chosen(command::run(Path::new(""), ["var", "GIT_PAGER"]).ok()?)
}

/// The same whatever `GIT_PAGER` says.
fn of_git_without_variable() -> Option<String> {
    let mut git = Command::new("git");
    let output = git.args(["var", "GIT_PAGER"]).env_remove("GIT_PAGER").stderr(Stdio::null()).output().ok()?;
    chosen(output.stdout)
}

fn chosen(line: Vec<u8>) -> Option<String> {
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
