//! What came of it: counts, what did not hold, what took longest.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::history::{Job, Step};

/// A law that did not hold.
pub(crate) struct Find {
    /// Its words.
    pub(crate) law: &'static str,
    /// What the panic said.
    pub(crate) message: String,
}

/// All that is counted.
#[derive(Default)]
pub(crate) struct Tally {
    counts: BTreeMap<&'static str, usize>,
    broken: BTreeMap<&'static str, usize>,
    slowest: Vec<(Duration, usize, String)>,
}

/// How many of the slowest are told.
const SLOWEST: usize = 5;

impl Tally {
    /// One more of its kind.
    pub(crate) fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    /// What one step took, over so many bytes.
    pub(crate) fn took(&mut self, time: Duration, bytes: usize, place: String) {
        self.slowest.push((time, bytes, place));
        self.slowest.sort_by_key(|(time, ..)| std::cmp::Reverse(*time));
        self.slowest.truncate(SLOWEST);
    }

    /// A law was broken.
    pub(crate) fn broke(&mut self, find: &Find) {
        *self.broken.entry(find.law).or_default() += 1;
    }

    /// Whether every law held.
    pub(crate) fn is_clean(&self) -> bool {
        self.broken.is_empty()
    }

    /// All of it as lines.
    pub(crate) fn summary(&self) -> String {
        let counts = self.counts.iter().map(|(what, count)| format!("{count:8} {what}\n"));
        let slow = self.slowest.iter().map(|(time, bytes, place)| {
            format!("{:8.0} ms for {:.1} MB: {place}\n", time.as_secs_f64() * 1e3, *bytes as f64 / 1e6)
        });
        let broken = self.broken.iter().map(|(law, count)| format!("{count:8} times broken: {law}\n"));
        let end = if self.is_clean() { "every law held\n" } else { "" };
        counts.chain(slow).chain(broken).chain([end.to_owned()]).collect()
    }
}

/// Writes the versions of a step into a folder of its own, named as those of a golden case.
pub(crate) fn save(folder: &Path, job: &Job, files: &[Vec<u8>]) -> io::Result<()> {
    let names: &[&str] = match job.step {
        Step::Revision(_) => &["notebook"],
        Step::Diff(_) => &["before", "after"],
        Step::Merge(..) => &["base", "ours", "theirs"],
    };
    let last = job.step.objects().last().copied().unwrap_or_default().get(..8).unwrap_or_default().to_owned();
    let case = folder.join(format!("{}-{last}", job.commit.get(..8).unwrap_or_default()));
    fs::create_dir_all(&case)?;
    for (name, file) in names.iter().zip(files) {
        fs::write(case.join(name).with_extension("ipynb"), file)?;
    }
    Ok(())
}

/// A bar on the terminal; nothing elsewhere.
pub(crate) struct Bar {
    title: String,
    total: usize,
    done: usize,
    due: Option<Instant>,
}

const WIDTH: usize = 30;

impl Bar {
    /// Of `total` steps.
    pub(crate) fn new(title: String, total: usize) -> Self {
        Self { title, total, done: 0, due: io::stderr().is_terminal().then(Instant::now) }
    }

    /// One more is done.
    #[allow(clippy::print_stderr)]
    pub(crate) fn step(&mut self) {
        self.done += 1;
        let last = self.done == self.total;
        if self.due.is_some_and(|due| last || Instant::now() >= due) {
            self.due = Some(Instant::now() + Duration::from_millis(100));
            let full = WIDTH * self.done / self.total.max(1);
            let bar = format!("{}{}", "#".repeat(full), ".".repeat(WIDTH - full));
            eprint!("\r{} [{bar}] {}/{}{}", self.title, self.done, self.total, if last { "\n" } else { "" });
        }
    }
}
