//! How far a long job is, for those who wait.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// A line on the terminal as git writes it: `Cleaning notebooks:  42% (655/1560)`. It comes only after a moment, to a
/// terminal, and leaves nothing behind.
pub(super) struct Progress {
    title: &'static str,
    total: usize,
    done: usize,
    /// When the line may be written next; `None` if nobody sees it.
    due: Option<Instant>,
    /// How wide the line is that stands there.
    shown: usize,
}

const MOMENT: Duration = Duration::from_millis(500);
const TICK: Duration = Duration::from_millis(100);

impl Progress {
    /// Of `total` steps.
    pub(super) fn new(title: &'static str, total: usize) -> Self {
        let due = io::stderr().is_terminal().then(|| Instant::now() + MOMENT);
        Self { title, total, done: 0, due, shown: 0 }
    }

    /// One that nobody sees.
    pub(super) fn silent() -> Self {
        Self { title: "", total: 0, done: 0, due: None, shown: 0 }
    }

    /// One step more is done.
    pub(super) fn step(&mut self) {
        self.done += 1;
        if self.due.is_some_and(|due| Instant::now() >= due) {
            self.due = Some(Instant::now() + TICK);
            let (done, total) = (self.done, self.total);
            let line = format!("{}: {:3}% ({done}/{total})", self.title, done * 100 / total.max(1));
            write(&format!("\r{line}"));
            self.shown = line.len();
        }
    }

    /// Takes the line away, before something else is printed or at the end.
    pub(super) fn clear(&mut self) {
        if self.shown > 0 {
            write(&format!("\r{:width$}\r", "", width = self.shown));
            self.shown = 0;
        }
    }
}

/// Nobody can be told if that fails.
fn write(text: &str) {
    io::stderr().lock().write_all(text.as_bytes()).ok();
}
