//! Standard input for who is asked and answers in turn: looked at for a moment before it is slept on.
//!
//! git hands a file to its filter in five pieces and then sleeps until the answer comes. A filter that sleeps between the
//! pieces has git wake it at each, and waking takes longer than cleaning. Git goes on within microseconds, so it pays to
//! stay awake that long: `git status` of a thousand touched notebooks takes a fifth less.

use std::io::{self, Read, StdinLock};

/// Standard input.
pub(super) fn stdin() -> impl Read {
    Attentive(io::stdin().lock())
}

struct Attentive<'l>(StdinLock<'l>);

impl Read for Attentive<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        #[cfg(unix)]
        look(&self.0);
        self.0.read(buffer)
    }
}

/// Looks whether there is something to read, until there is or [`AWAKE`] is over.
#[cfg(unix)]
fn look(input: &StdinLock<'_>) {
    use std::thread;
    use std::time::{Duration, Instant};

    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    /// Longer than git takes to read a file of some pages, much shorter than it takes to compress one.
    const AWAKE: Duration = Duration::from_micros(50);
    const AT_ONCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

    let began = Instant::now();
    let is_silent = || poll(&mut [PollFd::new(input, PollFlags::IN)], Some(&AT_ONCE)) == Ok(0);
    while is_silent() && began.elapsed() < AWAKE {
        // Where there is but one processor, git needs it.
        thread::yield_now();
    }
}
