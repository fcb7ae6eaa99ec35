//! What is typed: one key each on a terminal, one line each from anywhere else.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _};

mod answers;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

pub(super) use answers::Answers;
#[cfg(unix)]
use unix::Terminal;
#[cfg(windows)]
use windows::Terminal;

/// What was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// A letter, digit or sign.
    Character(char),
    /// Anything else: an arrow, an empty line, a line of several letters.
    Other,
    /// Ctrl-D, or nobody types any more.
    End,
    /// Ctrl-C.
    Interrupt,
    /// The program was stopped and goes on: the screen may show something else.
    #[cfg_attr(not(unix), allow(dead_code))]
    Again,
}

/// Where answers come from. Dropping it leaves the terminal as it was.
pub(super) enum Keyboard {
    Terminal(Terminal),
    Lines,
}

impl Keyboard {
    /// Standard input.
    pub(super) fn open() -> Self {
        let terminal = if io::stdin().is_terminal() { Terminal::open().ok() } else { None };
        terminal.map_or(Self::Lines, Self::Terminal)
    }

    /// Waits for an answer.
    pub(super) fn key(&mut self) -> Key {
        match self {
            Self::Terminal(terminal) => terminal.key(),
            Self::Lines => line().unwrap_or(Key::End),
        }
    }

    /// Does `work` while the terminal is as it was: it may run another program on it.
    pub(super) fn lend<T>(&mut self, work: impl FnOnce() -> T) -> T {
        match self {
            Self::Terminal(terminal) => terminal.lend(work),
            Self::Lines => work(),
        }
    }
}

/// No answer is longer.
const LONGEST: u64 = 1 << 10;

fn line() -> io::Result<Key> {
    let mut line = Vec::new();
    io::stdin().lock().take(LONGEST).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(Key::End);
    }
    Ok(match line.trim_ascii() {
        [key @ b'!'..=b'~'] => Key::Character(char::from(*key)),
        _ => Key::Other,
    })
}
