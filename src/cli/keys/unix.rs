//! A terminal that hands over each key at once.
//!
//! Keys that send signals go on doing so: Ctrl-C is SIGINT wherever it is typed. A signal wakes whoever waits for a key, who
//! puts the terminal back before the program ends or stops.

use std::io::{self, Read as _, Stdin, stdin};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use cellwise::file::leave_signals;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGTSTP};
use signal_hook::{flag, low_level};

use super::Key;

/// A terminal without line editing and echo.
pub(in crate::cli) struct Terminal {
    stdin: Stdin,
    /// How it was.
    before: Termios,
    /// The signal that came last, or 0.
    signal: Arc<AtomicUsize>,
    /// Readable when one came.
    wake: UnixStream,
    /// Whether another program has the terminal, so that signals do what they always do.
    lent: Arc<AtomicBool>,
}

impl Terminal {
    /// That of standard input.
    pub(super) fn open() -> io::Result<Self> {
        let stdin = stdin();
        let before = tcgetattr(&stdin)?;
        leave_signals();
        let (wake, waker) = UnixStream::pair()?;
        wake.set_nonblocking(true)?;
        let (signal, lent) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        for number in [SIGINT, SIGTERM, SIGHUP, SIGTSTP] {
            if number != SIGINT {
                flag::register_conditional_default(number, Arc::clone(&lent))?;
            }
            flag::register_usize(number, Arc::clone(&signal), usize::try_from(number).unwrap_or(0))?;
            low_level::pipe::register(number, waker.try_clone()?)?;
        }
        let terminal = Self { stdin, before, signal, wake, lent };
        terminal.listen()?;
        Ok(terminal)
    }

    /// Turns line editing and echo off.
    fn listen(&self) -> io::Result<()> {
        let mut mode = self.before.clone();
        mode.local_modes -= LocalModes::ICANON | LocalModes::ECHO;
        mode.special_codes[SpecialCodeIndex::VMIN] = 1;
        mode.special_codes[SpecialCodeIndex::VTIME] = 0;
        Ok(tcsetattr(&self.stdin, OptionalActions::Now, &mode)?)
    }

    fn restore(&self) {
        tcsetattr(&self.stdin, OptionalActions::Now, &self.before).ok();
    }

    /// Waits for a key or a signal.
    pub(super) fn key(&mut self) -> Key {
        loop {
            if let Some(key) = self.signalled() {
                return key;
            }
            match self.wait(None) {
                Ok(true) => {}
                Ok(false) => continue,
                Err(_) => return Key::End,
            }
            return match self.byte() {
                None | Some(CTRL_D) => Key::End,
                Some(CTRL_C) => Key::Interrupt,
                Some(key @ b'!'..=b'~') => Key::Character(char::from(key)),
                Some(ESCAPE) => {
                    self.skip_sequence();
                    Key::Other
                }
                Some(first) => {
                    self.skip_character(first);
                    Key::Other
                }
            };
        }
    }

    /// Whether a byte can be read; `false` after a signal, or when the time is over.
    fn wait(&self, time: Option<&Timespec>) -> io::Result<bool> {
        let (keys, wake) = (self.stdin.as_fd(), self.wake.as_fd());
        let mut both = [PollFd::new(&keys, PollFlags::IN), PollFd::new(&wake, PollFlags::IN)];
        match poll(&mut both, time) {
            Err(Errno::INTR) => Ok(false),
            Err(error) => Err(error.into()),
            Ok(_) => Ok(both[1].revents().is_empty() && !both[0].revents().is_empty()),
        }
    }

    /// One byte, past any buffer; `None` at the end.
    fn byte(&self) -> Option<u8> {
        let mut byte = [0];
        match rustix::io::read(&self.stdin, &mut byte) {
            Ok(1) => Some(byte[0]),
            _ => None,
        }
    }

    /// Reads the rest of a character of several bytes (UTF-8 says by the first how many).
    fn skip_character(&self, first: u8) {
        for _ in 1..first.leading_ones() {
            if self.wait(Some(&SAME_KEY)).is_ok_and(|is_there| is_there) {
                self.byte();
            }
        }
    }

    /// Reads the rest of what an arrow or another special key sends, so that none of it counts as a key.
    fn skip_sequence(&self) {
        let next = || self.wait(Some(&SAME_KEY)).is_ok_and(|is_there| is_there).then(|| self.byte()).flatten();
        match next() {
            Some(b'[') => while next().is_some_and(|byte| !(0x40..=0x7e).contains(&byte)) {},
            Some(b'O') => drop(next()),
            _ => {}
        }
    }

    /// What the signals since the last key ask for.
    fn signalled(&mut self) -> Option<Key> {
        while matches!(self.wake.read(&mut [0; 64]), Ok(1..)) {}
        match i32::try_from(self.signal.swap(0, Ordering::SeqCst)).unwrap_or(0) {
            0 => None,
            SIGINT => Some(Key::Interrupt),
            signal => {
                self.restore();
                low_level::emulate_default_handler(signal).ok();
                // Only what was stopped comes back.
                self.listen().ok();
                Some(Key::Again)
            }
        }
    }

    /// Does `work` while the terminal is as it was. A Ctrl-C meanwhile is the other program's.
    pub(super) fn lend<T>(&mut self, work: impl FnOnce() -> T) -> T {
        self.restore();
        self.lent.store(true, Ordering::SeqCst);
        let done = work();
        self.lent.store(false, Ordering::SeqCst);
        self.signal.store(0, Ordering::SeqCst);
        self.listen().ok();
        done
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.restore();
    }
}

const CTRL_C: u8 = 3;
const CTRL_D: u8 = 4;
const ESCAPE: u8 = 0x1b;
/// Bytes that follow sooner belong to the same key, also over a slow line.
const SAME_KEY: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
