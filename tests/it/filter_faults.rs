//! The filter when something happens to it, to git, or to the pipes between them. The filter is required: what it does not
//! answer is not staged.

#![allow(clippy::unwrap_used)]

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::filter_protocol::{hello, request};
use crate::nb::{notebook, ran};
use crate::repo::{Repo, Run};

const TOOL: &str = env!("CARGO_BIN_EXE_cellwise");
const NOTEBOOKS: usize = 300;

/// A repository with as many notebooks with outputs, of which none is staged.
fn many() -> Repo {
    let repo = Repo::filtering();
    for number in 0..NOTEBOOKS {
        repo.write(&format!("{number:03}.ipynb"), notebook(&[ran("a", "x", 7, "a secret\n")]));
    }
    repo
}

/// Stages all with another filter process: a line of shell.
fn add(repo: &Repo, process: &str) -> Run {
    repo.write("../filter", process);
    repo.git(["config", "filter.cellwise.process", &format!("sh '{}'", repo.outside("filter").display())]).ok();
    repo.git(["add", "."])
}

/// Nothing is staged if git says that it failed, everything if not, and never an output.
#[track_caller]
fn assert_all_or_nothing(repo: &Repo, run: &Run) {
    let staged = repo.git(["ls-files", "-s"]).ok().lines().count();
    assert_eq!(staged, if run.code == 0 { NOTEBOOKS } else { 0 }, "{run:?}");
    assert_eq!(repo.git(["grep", "-l", "--cached", "secret"]).exits(1).stdout, "");
    assert_eq!(repo.sh("grep -l secret *.ipynb").ok().lines().count(), NOTEBOOKS, "the files stay");
    assert!(!repo.has(".git/index.lock"));
}

/// All is staged as soon as the filter works again.
fn assert_works_again(repo: &Repo) {
    let run = add(repo, &format!("exec '{TOOL}' filter-process"));
    assert_eq!((run.code, &*run.stderr), (0, ""));
    assert_all_or_nothing(repo, &run);
}

#[test]
fn a_filter_that_is_killed_stages_nothing() {
    let repo = many();
    // After so many bytes of its answers; 10 are not even a greeting.
    for bytes in [10, 1000, 20_000, 60_000] {
        let killed = format!(
            "sh -c 'echo $$ >\"{0}\"; exec \"{TOOL}\" filter-process' |
            {{ dd bs=1 count={bytes} 2>/dev/null; kill -9 $(cat '{0}'); }}",
            repo.outside("pid").display()
        );
        let run = add(&repo, &killed).exits(128);
        // In the greeting git ends with other words than in the midst of the files.
        assert!(run.stderr.contains("fatal: "), "{run:?}");
        assert_all_or_nothing(&repo, &run);
    }
    assert_works_again(&repo);
}

#[test]
fn a_stream_that_is_cut_off_stages_nothing_and_is_a_line() {
    let repo = many();
    for bytes in [3, 100, 50_001] {
        let run = add(&repo, &format!("dd bs=1 count={bytes} 2>/dev/null | '{TOOL}' filter-process")).exits(128);
        assert_eq!(run.stderr.matches("cellwise: filter-process: ").count(), 1, "{run:?}");
        assert_all_or_nothing(&repo, &run);
    }
    assert_works_again(&repo);
}

#[test]
fn few_handles_are_enough_for_the_filter_or_stage_nothing() {
    let repo = many();
    let mut done = 0;
    for handles in [3, 4, 5, 6, 8, 12] {
        let run = add(&repo, &format!("ulimit -n {handles}; exec '{TOOL}' filter-process"));
        assert!(run.code == 0 || run.code == 128, "{handles}: {run:?}");
        assert_all_or_nothing(&repo, &run);
        done += usize::from(run.code == 0);
        repo.git(["rm", "-rq", "--cached", "--ignore-unmatch", "."]).ok();
    }
    assert!(done > 0);
    assert_works_again(&repo);
}

fn spoken_to(repo: &Repo) -> Child {
    let mut command = Command::new(TOOL);
    command.arg("filter-process").current_dir(repo.path());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    repo.environment(&mut command);
    command.spawn().unwrap()
}

/// Waits for the end, which must come.
#[track_caller]
fn ends(child: &mut Child) -> i32 {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code().unwrap();
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "it goes on without git");
        sleep(Duration::from_millis(5));
    }
}

fn conversation() -> Vec<u8> {
    let dirty = notebook(&[ran("a", "x", 7, "a secret\n")]);
    [hello(), request("clean", "a.ipynb", dirty.as_bytes()), request("clean", "b.ipynb", dirty.as_bytes())].concat()
}

#[test]
fn a_git_that_is_gone_ends_the_filter() {
    let repo = Repo::new();
    let whole = conversation();
    for length in [0, 2, 30, hello().len(), whole.len() - 5, whole.len()] {
        // Killed, it closes both pipes at once; nobody reads what is said then.
        let mut child = spoken_to(&repo);
        child.stdin.take().unwrap().write_all(&whole[..length]).unwrap();
        drop(child.stdout.take());
        let code = ends(&mut child);
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(code == 0 && said.is_empty() || code == 129 && said.lines().count() == 1, "{length}: {code} {said}");
    }
}

#[test]
fn a_slow_git_gets_the_same_answers() {
    let repo = Repo::new();
    let whole = conversation();
    let at_once = repo.cellwise_reading(&whole, ["filter-process"]).ok().into_bytes();
    for size in [1, 7, 1000] {
        let mut child = spoken_to(&repo);
        let mut stdin = child.stdin.take().unwrap();
        for part in whole.chunks(size) {
            stdin.write_all(part).unwrap();
            stdin.flush().unwrap();
            sleep(Duration::from_micros(200));
        }
        drop(stdin);
        let mut answer = Vec::new();
        let mut stdout = child.stdout.take().unwrap();
        let mut byte = [0; 3];
        while let Ok(read @ 1..) = stdout.read(&mut byte) {
            answer.extend_from_slice(&byte[..read]);
        }
        assert_eq!(ends(&mut child), 0);
        assert!(answer == at_once && answer.len() > 200, "{size}");
    }
}
