//! Replays what a repository's history did to notebooks, and holds every law against it:
//!
//! ```sh
//! cargo run --release --example replay -- --save /tmp/finds REPO…
//! ```
//!
//! Every revision is read, shown and cleaned, every change of one commit compared and applied, every merge that had
//! work to do made again. What does not hold is told with its commit and path, and ends in exit code 1. For
//! maintainers; nothing of a repository is changed, and no notebook of it belongs into this one.

use std::cell::RefCell;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use cellwise::notebook::Notebook;
use clap::Parser;

use history::{Job, Objects, Step};
use real_laws::Law;
use tally::{Bar, Find, Tally, save};

mod history;
mod real_laws;
mod tally;

// What the tests have: real notebooks are held to it too.
#[allow(dead_code, unused_imports, clippy::panic, clippy::unwrap_used, clippy::wildcard_imports)]
#[path = "../../tests/it/diff_lines.rs"]
mod diff_lines;
#[allow(dead_code, unused_imports, clippy::panic, clippy::unwrap_used, clippy::wildcard_imports)]
#[path = "../../tests/it/notebooks.rs"]
mod notebooks;
#[allow(dead_code, unused_imports)]
#[path = "../../tests/it/patch.rs"]
mod patch;
#[allow(dead_code, unused_imports, clippy::panic, clippy::unwrap_used, clippy::wildcard_imports)]
#[path = "../../tests/targets/mod.rs"]
mod targets;

/// Replay what histories did to notebooks, and check every law.
#[derive(Parser)]
struct Options {
    /// Only the merges, or the diffs, or the revisions; all of them if none is named
    #[arg(long)]
    merges: bool,
    #[arg(long)]
    diffs: bool,
    #[arg(long)]
    revisions: bool,
    /// At most so many of each, spread evenly over the history
    #[arg(long)]
    limit: Option<usize>,
    /// So many at once
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// Leave out versions of more than so many megabytes
    #[arg(long, default_value_t = 50)]
    max_size: usize,
    /// Write the versions of each find into a folder of this folder
    #[arg(long)]
    save: Option<PathBuf>,
    /// Repositories, bare ones too
    #[arg(required = true)]
    repos: Vec<PathBuf>,
}

/// What is slower than this for each megabyte is a find.
const PER_MEGABYTE: Duration = Duration::from_secs(2);
const SLOW: &str = "takes its time";

type Listed = fn(&Path) -> io::Result<Vec<Job>>;

fn main() -> io::Result<ExitCode> {
    let options = Options::parse();
    panic::set_hook(Box::new(|panic| SAID.set(panic.to_string())));
    let tally = Mutex::new(Tally::default());
    let all = !(options.merges || options.diffs || options.revisions);
    let kinds: [(bool, &str, Listed); 3] = [
        (options.revisions, "revisions", history::revisions),
        (options.diffs, "diffs", history::diffs),
        (options.merges, "merges", history::merges),
    ];
    for repo in &options.repos {
        for (_, name, list) in kinds.iter().filter(|(asked, ..)| all || *asked) {
            let jobs = spread(list(repo)?, options.limit);
            replay(repo, name, &jobs, &options, &tally)?;
        }
    }
    let tally = tally.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    print(&tally.summary());
    Ok(ExitCode::from(u8::from(!tally.is_clean())))
}

/// Evenly chosen ones.
fn spread(jobs: Vec<Job>, limit: Option<usize>) -> Vec<Job> {
    let step = jobs.len().div_ceil(limit.unwrap_or(usize::MAX).max(1)).max(1);
    jobs.into_iter().step_by(step).collect()
}

fn replay(repo: &Path, name: &str, jobs: &[Job], options: &Options, tally: &Mutex<Tally>) -> io::Result<()> {
    let next = AtomicUsize::new(0);
    let bar = Mutex::new(Bar::new(format!("{} {name}", repo.display()), jobs.len()));
    let work = || -> io::Result<()> {
        let mut objects = Objects::of(repo)?;
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let files = job.step.objects().into_iter().map(|object| objects.read(object)).collect::<io::Result<_>>()?;
            one(repo, job, files, options, tally);
            locked(&bar, Bar::step);
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..options.jobs.max(1)).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or(Err(io::ErrorKind::Other.into())))
    })
}

fn locked<T>(value: &Mutex<T>, with: impl FnOnce(&mut T)) {
    with(&mut value.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
}

/// Holds the laws of one step against it.
fn one(repo: &Path, job: &Job, files: Option<Vec<Vec<u8>>>, options: &Options, tally: &Mutex<Tally>) {
    let Some(files) = files else { return locked(tally, |tally| tally.count("left out: the object is not there")) };
    if files.iter().any(|file| file.len() > options.max_size * 1_000_000) {
        return locked(tally, |tally| tally.count("left out: too large"));
    }
    let versions: Vec<&[u8]> = files.iter().map(Vec::as_slice).collect();
    let mut finds = Vec::new();
    let mut readable = None;
    finds.extend(held("is a notebook or an error", || readable = Some(is_readable(&versions))));
    if readable == Some(true) {
        let place = format!("{} {} {}", repo.display(), job.commit, job.path);
        let (time, bytes) = (Instant::now(), files.iter().map(Vec::len).sum::<usize>());
        let mut counted = "";
        finds.extend(held("is done", || counted = done(&job.step, &versions)));
        let time = time.elapsed();
        if time > PER_MEGABYTE * u32::try_from(bytes.div_ceil(1_000_000)).unwrap_or(u32::MAX) {
            finds.push(Find { law: SLOW, message: format!("{time:?} for {bytes} bytes") });
        }
        finds.extend(laws_of(&job.step).iter().filter_map(|(law, check)| held(law, || check(&versions))));
        locked(tally, |tally| {
            tally.count(counted);
            tally.took(time, bytes, place);
        });
    } else {
        locked(tally, |tally| tally.count("left out: no notebook"));
    }
    finds.iter().for_each(|find| tell(repo, job, find, tally));
    if let (Some(folder), false) = (&options.save, finds.is_empty()) {
        save(folder, job, &files).unwrap_or_else(|error| print(&format!("{}: {error}\n", folder.display())));
    }
}

fn laws_of(step: &Step) -> &'static [Law] {
    match step {
        Step::Revision(_) => real_laws::OF_REVISIONS,
        Step::Diff(_) => real_laws::OF_DIFFS,
        Step::Merge(..) => real_laws::OF_MERGES,
    }
}

/// A missing base, which is empty, does not count.
fn is_readable(versions: &[&[u8]]) -> bool {
    let is_missing_base = |index: usize| index == 0 && versions.len() == 3 && versions[0].is_empty();
    versions.iter().enumerate().all(|(index, file)| is_missing_base(index) || Notebook::read(file).is_ok())
}

/// Does once what users do, and says what came of it.
fn done(step: &Step, versions: &[&[u8]]) -> &'static str {
    match step {
        Step::Revision(_) => {
            real_laws::shown_once(versions[0]);
            "revisions"
        }
        Step::Diff(_) => {
            let (before, after) = (Notebook::read(versions[0]), Notebook::read(versions[1]));
            drop(before.ok().zip(after.ok()).map(|(before, after)| real_laws::shown(&before, &after)));
            "diffs"
        }
        Step::Merge(..) => match real_laws::merged(versions) {
            Ok(outcome) if outcome.conflicts.is_empty() => "merges, clean",
            Ok(_) => "merges, with conflicts",
            Err(_) => "merges that are left to git's lines",
        },
    }
}

thread_local! {
    /// What the last panic said.
    static SAID: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The find, if `check` panics.
fn held(law: &'static str, check: impl FnOnce()) -> Option<Find> {
    panic::catch_unwind(AssertUnwindSafe(check)).err().map(|_| Find { law, message: SAID.take() })
}

fn tell(repo: &Path, job: &Job, find: &Find, tally: &Mutex<Tally>) {
    // A whole notebook may stand in it.
    let message: String = find.message.chars().take(600).collect();
    let Job { commit, path, step } = job;
    print(&format!("{}\n  {}\n  {commit} {path:?}\n  {:?}\n  {message:?}\n", find.law, repo.display(), step.objects()));
    locked(tally, |tally| tally.broke(find));
}

#[allow(clippy::print_stdout)]
fn print(text: &str) {
    print!("{text}");
}
