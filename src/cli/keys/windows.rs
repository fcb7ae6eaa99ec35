//! The console of Windows.

use std::io;

use console::Term;

use super::Key;

/// A console. Its mode stays as it is: keys are read as events.
pub(in crate::cli) struct Terminal {
    console: Term,
}

impl Terminal {
    /// That of this process.
    pub(super) fn open() -> io::Result<Self> {
        Ok(Self { console: Term::stdout() })
    }

    /// Waits for a key.
    pub(super) fn key(&mut self) -> Key {
        match self.console.read_key() {
            Ok(console::Key::Char('\u{3}')) | Ok(console::Key::CtrlC) => Key::Interrupt,
            Ok(console::Key::Char('\u{4}' | '\u{1a}')) => Key::End,
            Ok(console::Key::Char(key @ '!'..='~')) => Key::Character(key),
            Ok(_) => Key::Other,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Key::Interrupt,
            Err(_) => Key::End,
        }
    }

    /// Does `work`, which may run another program here.
    pub(super) fn lend<T>(&mut self, work: impl FnOnce() -> T) -> T {
        work()
    }
}
