//! Times commands in turn (A B C A B C …), so that what else the machine does meets all of them alike.
//!
//! ```text
//! pairs RUNS STDIN -- COMMAND… -- [--before LINE] COMMAND… -- …
//! ```
//!
//! `STDIN` is the file that each command reads as its standard input; `LINE` is run by `sh` before each run of its
//! command and not timed. Prints a line for each command: the median of its times in milliseconds, the median of its
//! ratios to the first command, and the same two for the time that processors spent on it and all that it started.
//! A command that ends in anything but 0 or 1 ends it all: what fails is quick.

#![allow(clippy::print_stdout)]

use std::env;
use std::fs::File;
use std::io;
use std::process::{Command, Stdio};
use std::time::Instant;

struct Timed {
    before: Option<String>,
    words: Vec<String>,
    wall: Vec<f64>,
    cpu: Vec<f64>,
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let mut parts = arguments.split(|word| word == "--");
    let Some([runs, stdin]) = parts.next() else { return Err(usage()) };
    let runs: usize = runs.parse().map_err(|_| usage())?;
    let mut commands = parts.map(Timed::new).collect::<Option<Vec<Timed>>>().ok_or_else(usage)?;
    // The first round warms caches up and does not count.
    for round in 0..=runs {
        for command in &mut commands {
            let (wall, cpu) = command.run(stdin)?;
            if round > 0 {
                command.wall.push(wall);
                command.cpu.push(cpu);
            }
        }
    }
    let first = commands.first().ok_or_else(usage)?;
    for command in &commands {
        println!("{} {}", figures(&command.wall, &first.wall), figures(&command.cpu, &first.cpu));
    }
    Ok(())
}

/// The median in milliseconds, and that of the ratios to `first`.
fn figures(seconds: &[f64], first: &[f64]) -> String {
    let ratios = seconds.iter().zip(first).map(|(one, first)| one / first).collect();
    format!("{:.3} {:.3}", median(seconds.to_vec()) * 1000.0, median(ratios))
}

fn usage() -> io::Error {
    io::Error::other("usage: pairs RUNS STDIN -- COMMAND... -- [--before LINE] COMMAND... -- ...")
}

impl Timed {
    fn new(words: &[String]) -> Option<Self> {
        let (before, words) = match words {
            [option, line, words @ ..] if option == "--before" => (Some(line.clone()), words),
            words => (None, words),
        };
        (!words.is_empty()).then(|| Self { before, words: words.to_vec(), wall: Vec::new(), cpu: Vec::new() })
    }

    /// The seconds that passed, and those that processors spent.
    fn run(&self, stdin: &str) -> io::Result<(f64, f64)> {
        if let Some(line) = &self.before {
            let status = Command::new("sh").args(["-c", line]).stdin(Stdio::null()).status()?;
            if !status.success() {
                return Err(io::Error::other(format!("{line}: {status}")));
            }
        }
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).stdin(File::open(stdin)?).stdout(Stdio::null()).stderr(Stdio::null());
        let (start, spent) = (Instant::now(), spent_on_children()?);
        let status = command.status()?;
        let seconds = (start.elapsed().as_secs_f64(), spent_on_children()? - spent);
        match status.code() {
            Some(0 | 1) => Ok(seconds),
            _ => Err(io::Error::other(format!("{}: {status}", self.words.join(" ")))),
        }
    }
}

/// The seconds that processors have spent on processes which we have waited for, and on theirs.
#[cfg(unix)]
#[allow(unsafe_code)]
fn spent_on_children() -> io::Result<f64> {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the call fills in the structure it is given, and says by 0 that it has; zeros are a valid one.
    let usage = unsafe {
        if libc::getrusage(libc::RUSAGE_CHILDREN, usage.as_mut_ptr()) != 0 {
            return Err(io::Error::last_os_error());
        }
        usage.assume_init()
    };
    // The microseconds are 64 bits wide on one system and 32 on another.
    #[allow(clippy::cast_lossless)]
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    Ok(seconds(usage.ru_utime) + seconds(usage.ru_stime))
}

#[cfg(not(unix))]
fn spent_on_children() -> io::Result<f64> {
    Err(io::ErrorKind::Unsupported.into())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
