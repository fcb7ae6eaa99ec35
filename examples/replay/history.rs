//! What a repository's history has of notebooks: found with a few runs of git, read through one that stays.

use std::collections::HashSet;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// What is replayed: versions of one notebook, named by their objects.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    /// One revision.
    Revision(String),
    /// A revision and the next one.
    Diff([String; 2]),
    /// The version that both sides began with, if there is one, and both sides.
    Merge(Option<String>, [String; 2]),
}

/// A step, and where it was found.
#[derive(Debug)]
pub(crate) struct Job {
    /// What is replayed.
    pub(crate) step: Step,
    /// The commit that made it.
    pub(crate) commit: String,
    /// The notebook's path.
    pub(crate) path: String,
}

impl Step {
    /// The names of its objects; an empty one for a base that is missing.
    pub(crate) fn objects(&self) -> Vec<&str> {
        match self {
            Self::Revision(oid) => vec![oid],
            Self::Diff(both) => both.iter().map(String::as_str).collect(),
            Self::Merge(base, [ours, theirs]) => vec![base.as_deref().unwrap_or(""), ours, theirs],
        }
    }
}

/// Every notebook that a commit wrote, once each.
pub(crate) fn revisions(repo: &Path) -> io::Result<Vec<Job>> {
    let changes = changes(repo)?;
    Ok(once(changes.into_iter().map(|change| change.job(|[_, after]| Step::Revision(after)))))
}

/// Every change of a notebook by a commit with one parent, once each.
pub(crate) fn diffs(repo: &Path) -> io::Result<Vec<Job>> {
    let changes = changes(repo)?.into_iter().filter(|change| !is_null(&change.objects[0]));
    Ok(once(changes.map(|change| change.job(Step::Diff))))
}

/// Every merge of two commits that have a notebook in two versions, neither of which is the base's.
pub(crate) fn merges(repo: &Path) -> io::Result<Vec<Job>> {
    let format = "--format=%H %P";
    let merges = ["log", "--all", "--full-history", "--min-parents=2", "--max-parents=2", format, "--", "*.ipynb"];
    let merges = run(repo, &merges, "")?;
    let merges: Vec<[&str; 3]> = merges.lines().filter_map(|line| split(line, ' ')).collect();
    // "B A" on its input is taken as a commit B whose one parent is A.
    let input: String = merges.iter().flat_map(|[_, ours, theirs]| [*theirs, " ", *ours, "\n"]).collect();
    let differ = ["diff-tree", "--stdin", "--always", "-r", "--no-renames", "--no-abbrev", "--", "*.ipynb"];
    let differ = run(repo, &differ, &input)?;
    let mut found = Vec::new();
    let (mut next, mut merge) = (merges.iter(), None);
    for line in differ.lines() {
        if !line.starts_with(':') {
            let [commit, ours, theirs] = next.next().ok_or(io::ErrorKind::InvalidData)?;
            merge = Some((commit, merge_base(repo, ours, theirs)));
        }
        let change = merge.as_ref().and_then(|(commit, base)| Some((base, Change::read(commit, line)?)));
        if let Some((base, change)) = change.filter(|(_, change)| !change.objects.iter().any(|object| is_null(object)))
        {
            found.push((format!("{base}:{}", change.path), change));
        }
    }
    with_bases(repo, found)
}

/// The changes between two sides as merges, where both sides changed what the base has.
fn with_bases(repo: &Path, found: Vec<(String, Change)>) -> io::Result<Vec<Job>> {
    let names: String = found.iter().flat_map(|(base, _)| [base, "\n"]).collect();
    let bases = run(repo, &["cat-file", "--batch-check=%(objectname)"], &names)?;
    let jobs = bases.lines().zip(found).filter_map(|(base, (_, change))| {
        let base = (!base.contains(' ')).then(|| base.to_owned());
        let both_changed = !change.objects.iter().any(|side| Some(side) == base.as_ref());
        both_changed.then(|| change.job(|sides| Step::Merge(base, sides)))
    });
    Ok(once(jobs))
}

/// The best common ancestor, or the empty name; of several git names the best first.
fn merge_base(repo: &Path, ours: &str, theirs: &str) -> String {
    let bases = run(repo, &["merge-base", ours, theirs], "").unwrap_or_default();
    bases.lines().next().unwrap_or_default().to_owned()
}

/// A line of `git log --raw`: a file that became another.
struct Change {
    commit: String,
    objects: [String; 2],
    path: String,
}

impl Change {
    /// `:MODE MODE OBJECT OBJECT STATUS TAB PATH`; `None` for anything else, and for what is no plain file afterwards.
    fn read(commit: &str, line: &str) -> Option<Self> {
        let (facts, path) = line.strip_prefix(':')?.split_once('\t')?;
        let [_, mode, before, after, _] = split(facts, ' ')?;
        let objects = [before.to_owned(), after.to_owned()];
        mode.starts_with("100").then(|| Self { commit: commit.to_owned(), objects, path: path.to_owned() })
    }

    fn job(self, step: impl FnOnce([String; 2]) -> Step) -> Job {
        Job { step: step(self.objects), commit: self.commit, path: self.path }
    }
}

fn changes(repo: &Path) -> io::Result<Vec<Change>> {
    let log = ["log", "--all", "--format=%H", "--raw", "--no-renames", "--no-abbrev", "--", "*.ipynb"];
    let log = run(repo, &log, "")?;
    let mut commit = "";
    let changes = log.lines().filter_map(|line| {
        let change = Change::read(commit, line);
        if !line.is_empty() && !line.starts_with(':') {
            commit = line;
        }
        change
    });
    Ok(changes.collect())
}

fn once(jobs: impl Iterator<Item = Job>) -> Vec<Job> {
    let mut seen = HashSet::new();
    jobs.filter(|job| seen.insert(job.step.clone())).collect()
}

fn split<const N: usize>(line: &str, at: char) -> Option<[&str; N]> {
    line.split(at).collect::<Vec<_>>().try_into().ok()
}

fn is_null(object: &str) -> bool {
    object.bytes().all(|byte| byte == b'0')
}

fn git(repo: &Path) -> Command {
    let mut git = Command::new("git");
    git.arg("-C").arg(repo).env("GIT_NO_LAZY_FETCH", "1").stdin(Stdio::piped()).stdout(Stdio::piped());
    git
}

/// What git prints; file names that are not UTF-8 are only shown.
fn run(repo: &Path, args: &[&str], input: &str) -> io::Result<String> {
    let mut child = git(repo).args(args).spawn()?;
    let stdin = child.stdin.take();
    let input = input.to_owned();
    // It may begin to answer before all is asked.
    let writer = std::thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(input.as_bytes())));
    let output = child.wait_with_output()?;
    writer.join().ok();
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// One `git cat-file --batch` that answers for as long as it is kept.
pub(crate) struct Objects {
    git: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Objects {
    /// Of this repository.
    pub(crate) fn of(repo: &Path) -> io::Result<Self> {
        let mut git = git(repo).args(["cat-file", "--batch"]).spawn()?;
        let (ask, answers) = (git.stdin.take(), git.stdout.take());
        let (Some(ask), Some(answers)) = (ask, answers) else { return Err(io::ErrorKind::BrokenPipe.into()) };
        Ok(Self { git, ask, answers: BufReader::new(answers) })
    }

    /// An object's bytes, empty for the empty name; `None` if the repository lacks it.
    pub(crate) fn read(&mut self, object: &str) -> io::Result<Option<Vec<u8>>> {
        if object.is_empty() {
            return Ok(Some(Vec::new()));
        }
        writeln!(self.ask, "{object}")?;
        let mut head = String::new();
        self.answers.read_line(&mut head)?;
        let Some(size) = head.trim_end().rsplit(' ').next().and_then(|size| size.parse::<usize>().ok()) else {
            return Ok(None);
        };
        let mut bytes = vec![0; size + 1];
        self.answers.read_exact(&mut bytes)?;
        bytes.pop();
        Ok(Some(bytes))
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        self.git.kill().ok();
        self.git.wait().ok();
    }
}
