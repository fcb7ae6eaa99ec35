//! What the machine can do to a command that writes. docs/reliability.md has the table; a row names its test here.
//!
//! However a command ends, each file is as it was or as it would have become, and a command that says it is done has done
//! it.

use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::git_merge::diverge;
use crate::install_refused::Person;
use crate::nb::{markdown, notebook, ran, sources};
use crate::repo::{Repo, Run};

/// A command that writes, and the file that it is to write.
#[derive(Debug, Clone, Copy)]
struct Writer {
    line: &'static str,
    target: &'static str,
}

const fn writer(line: &'static str, target: &'static str) -> Writer {
    Writer { line, target }
}

/// Every command that writes a notebook into a file.
const NOTEBOOKS: [Writer; 7] = [
    writer("clean dirty.ipynb", "dirty.ipynb"),
    writer("merge base.ipynb ours.ipynb theirs.ipynb -o out.ipynb", "out.ipynb"),
    writer("merge-driver --marker-size=7 -- base.ipynb ours.ipynb theirs.ipynb n.ipynb", "ours.ipynb"),
    writer("mergetool --merge base.ipynb ours.ipynb theirs.ipynb out.ipynb", "out.ipynb"),
    writer("apply patch", "applied.ipynb"),
    writer("apply patch -o out.ipynb", "out.ipynb"),
    writer("resolve --theirs n.ipynb", "n.ipynb"),
];

/// All that write, with those that write git's files.
const WRITERS: [Writer; 9] = {
    let [one, two, three, four, five, six, seven] = NOTEBOOKS;
    let install = writer("install --filter", ".git/config");
    [one, two, three, four, five, six, seven, writer("add --cell 1 picked.ipynb", ".git/index"), install]
};

/// A notebook that is larger than any limit here.
fn large(source: &str, count: u32) -> String {
    let mut end = markdown("t", "the end");
    end["attachments"] = json!({"a": {"image/png": "A".repeat(300_000)}});
    notebook(&[ran("a", source, count, &format!("{count}\n")), markdown("m", "between"), end])
}

/// The bytes of every file that matters, by name.
type State = BTreeMap<String, Vec<u8>>;

/// A repository in the midst of a merge, with a file for each of [`WRITERS`], that can be had again and again.
struct Scene {
    repo: Repo,
    before: State,
}

impl Scene {
    fn new() -> Self {
        let repo = Repo::installed();
        repo.write("applied.ipynb", large("x = 1", 1)).write("picked.ipynb", sources(&["x", "y"])).commit("files");
        // What is settled is no side's file as a whole: that could not be told from a merge that nobody has begun.
        let versions = ["x = 1\ny\nz = 1", "x = 2\ny\nz = 2", "x = 3\ny\nz = 1"].map(|source| large(source, 1));
        diverge(&repo, "n.ipynb", versions.each_ref().map(String::as_bytes));
        repo.git(["merge", "side"]).exits(1);
        repo.cellwise(["uninstall"]).ok();
        repo.write("applied.ipynb", large("x = 2", 1)).write("picked.ipynb", sources(&["x2", "y"]));
        let patch = repo.cellwise(["diff", "--format=json", "applied.ipynb"]).ok();
        repo.write("applied.ipynb", large("x = 1", 1)).write("../patch.json", patch);
        repo.sh("mv ../patch.json patch").ok();
        repo.write("base.ipynb", large("x = 1\ny\nz = 1", 1)).write("dirty.ipynb", large("x", 7));
        repo.write("ours.ipynb", large("x = 2\ny\nz = 1", 1)).write("theirs.ipynb", large("x = 1\ny\nz = 3", 1));
        repo.write("out.ipynb", sources(&["what there was"]));
        // The files may be somebody else's, in one test.
        repo.git(["config", "--global", "safe.directory", "*"]).ok();
        repo.sh("cp -a . ../sealed").ok();
        let before = state(&repo);
        Self { repo, before }
    }

    /// As it was in the beginning.
    fn again(&self) -> &Repo {
        let line = "chmod -R u+w . && find . -mindepth 1 -maxdepth 1 -exec rm -rf {} + && cp -a ../sealed/. .";
        self.repo.sh(line).ok();
        &self.repo
    }

    /// How the command ends and what it leaves behind when nothing happens to it.
    fn finished(&self, writer: Writer) -> (i32, State) {
        let repo = self.again();
        let run = repo.sh(&format!("cellwise {}", writer.line)).exits(0);
        let after = state(repo);
        assert_ne!(after, self.before, "{writer:?} {run:?}");
        (run.code, after)
    }

    /// Runs a command with a line of shell before it, and holds what is left against both states.
    fn fails_or_is_done(&self, writer: Writer, finished: &State, before: &str) -> Run {
        let run = self.again().sh(&format!("{before}; exec cellwise {}", writer.line));
        let now = state(&self.repo);
        self.assert_whole(&now, finished, writer);
        assert!(run.code != 0 || now == *finished, "{writer:?} says that it is done: {run:?}");
        run
    }

    /// Each file is as it was or as it was to become, and there is no other.
    #[track_caller]
    fn assert_whole(&self, now: &State, finished: &State, writer: Writer) {
        for name in now.keys().chain(self.before.keys()) {
            let bytes = now.get(name);
            assert!(bytes == self.before.get(name) || bytes == finished.get(name), "{writer:?} left {name}");
        }
    }
}

/// What there is outside git's objects and logs.
fn state(repo: &Repo) -> State {
    let line = "find . -type f -not -path './.git/objects/*' -not -path './.git/logs/*' -not -path './.git/index'";
    let mut state: State =
        repo.sh(line).ok().lines().map(|name| (name.to_owned(), fs::read(repo.path().join(name)).unwrap())).collect();
    // The file has times in it.
    state.insert("index".to_owned(), repo.git(["ls-files", "--stage"]).ok().into_bytes());
    state
}

#[test]
fn no_room_leaves_the_file_and_nothing_beside_it() {
    let scene = Scene::new();
    for writer in WRITERS {
        let (_, finished) = scene.finished(writer);
        for handler in ["", "trap '' XFSZ; "] {
            // A file may not be larger than a block: what writes more fails as on a full disk.
            let run = scene.fails_or_is_done(writer, &finished, &format!("{handler}ulimit -f 1"));
            let is_said = run.code == 129 && run.stderr.starts_with("cellwise: ");
            // A temporary file without a name may be the first that is too large: the system ends us then.
            let is_ended = run.code == -1 && handler.is_empty() && writer.line.starts_with("add");
            assert!(is_said || is_ended, "{writer:?} {run:?}");
            assert_eq!(state(&scene.repo), scene.before, "{writer:?} {run:?}");
        }
    }
}

#[test]
fn no_room_where_the_file_itself_is_written_puts_it_back() {
    let scene = Scene::new();
    for writer in NOTEBOOKS {
        scene.again().sh(&format!("ln {0} hard && cp -a {0} ../was", writer.target)).ok();
        let run = scene.repo.sh(&format!("ulimit -f 1; exec cellwise {}", writer.line)).exits(129);
        assert!(run.stderr.contains("File too large"), "{writer:?} {run:?}");
        scene.repo.sh(&format!("cmp {0} ../was && cmp hard ../was", writer.target)).ok();
    }
}

/// Runs a command on a small disk of its own that has room for so many KiB; what is left lies in `../left`. `None` where
/// nothing may be mounted.
#[cfg(target_os = "linux")]
fn on_a_small_disk(repo: &Repo, line: &str, room: u32) -> Option<Run> {
    let script = format!(
        "rm -rf ../left ../disk && mkdir ../left ../disk && mount -t tmpfs -o size=32m none ../disk || exit 77
        mkdir ../disk/work && cp -a . ../disk/work && cd ../disk/work || exit 78
        dd if=/dev/zero of=../filler bs=4k 2>/dev/null; truncate -s -{room}K ../filler || exit 78
        cellwise {line}; code=$?
        cp -a . ../../left/ || exit 78
        exit $code"
    );
    let run = repo.sh(&format!("unshare -rm sh -c '{script}'"));
    assert_ne!(run.code, 78, "{line} {run:?}");
    let is_refused = run.code == 77 || (run.code != 0 && run.stderr.contains("unshare"));
    (!is_refused).then_some(run)
}

/// [`state`] of what [`on_a_small_disk`] has left.
#[cfg(target_os = "linux")]
fn left(repo: &Repo) -> State {
    repo.sh("find . -mindepth 1 -maxdepth 1 -exec rm -rf {} + && cp -a ../left/. .").ok();
    state(repo)
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_really_full_leaves_all_as_it_was() {
    let scene = Scene::new();
    for writer in WRITERS {
        let (_, finished) = scene.finished(writer);
        // None at all, less than the notebook, and enough of it.
        for room in [0, 8, 200, 8000] {
            let Some(run) = on_a_small_disk(scene.again(), writer.line, room) else {
                eprintln!("left out: nothing can be mounted here");
                return;
            };
            let now = left(&scene.repo);
            let is_done = run.code == 0 && now == finished;
            let is_said = run.code == 129 && run.stderr.starts_with("cellwise: ") && run.stderr.lines().count() == 1;
            assert!(is_done || (is_said && now == scene.before), "{writer:?} with {room} KiB: {run:?}");
            assert!(is_done || room < 8000, "{writer:?} {run:?}");
            assert!(is_said || room > 0, "{writer:?} {run:?}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_really_full_keeps_what_has_two_names() {
    let scene = Scene::new();
    for writer in NOTEBOOKS {
        for room in [0, 8, 200] {
            scene.again().sh(&format!("ln {0} hard && cp {0} ../was", writer.target)).ok();
            let Some(run) = on_a_small_disk(&scene.repo, writer.line, room) else {
                eprintln!("left out: nothing can be mounted here");
                return;
            };
            scene.repo.sh("cd ../left && ls -A | grep -q ^.cellwise-").exits(1);
            scene.repo.sh(&format!("cd ../left && cmp hard {}", writer.target)).ok();
            assert_eq!(run.code, 129, "{writer:?} with {room} KiB: {run:?}");
            assert!(run.stderr.contains("No space left on device"), "{writer:?} {run:?}");
            scene.repo.sh("cmp ../left/hard ../was").ok();
        }
    }
}

/// The one write that no rename makes whole: there is always a file with the old bytes or the new ones.
#[test]
fn killed_while_the_file_itself_is_written_there_is_a_copy() {
    let repo = Repo::new();
    let mut end = markdown("t", "the end");
    end["attachments"] = json!({"a": {"image/png": "A".repeat(40_000_000)}});
    let old = notebook(&[ran("a", "x", 1, "1\n"), end]);
    repo.write("clean.ipynb", &old).cellwise(["clean", "clean.ipynb"]).ok();
    let new = fs::read(repo.path().join("clean.ipynb")).unwrap();
    let mut copies = 0;
    // While the copy is written, and from when it is whole on.
    for enough in [0, old.len() / 2, old.len(), old.len(), old.len(), old.len()] {
        repo.write("n.ipynb", &old).sh("rm -f .cellwise-* hard && ln n.ipynb hard").ok();
        let mut child = started(&repo, "clean n.ipynb");
        let has_enough =
            || scratch(&repo).iter().any(|file| file.metadata().is_ok_and(|file| file.len() >= enough as u64));
        while child.try_wait().unwrap().is_none() && !has_enough() {}
        child.kill().unwrap();
        child.wait().unwrap();
        let now = fs::read(repo.path().join("n.ipynb")).unwrap();
        let has_copy = scratch(&repo).iter().any(|copy| fs::read(copy).unwrap() == old.as_bytes());
        assert!(now == old.as_bytes() || now == new || has_copy, "after {enough}: {} bytes", now.len());
        copies += usize::from(has_copy);
    }
    assert!(copies > 0, "no copy was ever seen");
}

/// The files that a command has beside its target, or has left there.
fn scratch(repo: &Repo) -> Vec<PathBuf> {
    let files = fs::read_dir(repo.path()).unwrap().map(|file| file.unwrap());
    let ours = files.filter(|file| file.file_name().to_string_lossy().starts_with(".cellwise-"));
    ours.map(|file| file.path()).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_that_is_full_is_an_error() {
    let scene = Scene::new();
    for line in ["merge base.ipynb ours.ipynb theirs.ipynb -o /dev/full", "apply patch -o /dev/full"] {
        let run = scene.again().sh(&format!("cellwise {line}")).exits(129);
        assert_eq!(run.stderr, "cellwise: cannot write /dev/full: No space left on device\n");
    }
    let stdout = ["diff applied.ipynb", "check", "resolve", "doctor", "config", "completions bash"];
    for line in stdout {
        scene.again().write("applied.ipynb", sources(&["other"]));
        let run = scene.repo.sh(&format!("cellwise {line} >/dev/full"));
        assert!(run.code == 129 && run.stderr.contains("No space left on device"), "{line}: {run:?}");
    }
}

#[test]
fn few_handles_are_enough_or_an_error() {
    let scene = Scene::new();
    for writer in WRITERS {
        let (_, finished) = scene.finished(writer);
        let mut done = 0;
        for handles in [4, 5, 6, 8, 12] {
            let run = scene.fails_or_is_done(writer, &finished, &format!("ulimit -n {handles}"));
            assert!(!run.stderr.contains("changed meanwhile"), "{writer:?} {run:?}");
            assert!(run.code == 0 || !run.stderr.is_empty(), "{writer:?} with {handles}: {run:?}");
            done += usize::from(run.code == 0);
        }
        assert!(done > 0, "{writer:?}");
    }
}

#[test]
fn closed_streams_change_nothing() {
    let scene = Scene::new();
    for writer in WRITERS {
        let finished = scene.finished(writer);
        for closed in ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"] {
            let run = scene.again().sh(&format!("cellwise {} {closed}", writer.line));
            assert_eq!((run.code, state(&scene.repo)), finished, "{writer:?} {closed}");
        }
    }
}

/// Starts a command in a process group of its own.
fn started(repo: &Repo, line: &str) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cellwise"));
    command.args(line.split(' ')).current_dir(repo.path()).process_group(0);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    repo.environment(&mut command);
    command.spawn().unwrap()
}

#[test]
fn killed_at_any_moment_each_file_is_whole_and_running_it_again_finishes() {
    const ROUNDS: u32 = 8;
    let scene = Scene::new();
    let mut killed = 0;
    for writer in WRITERS {
        scene.again();
        let begun = Instant::now();
        started(&scene.repo, writer.line).wait().unwrap();
        let (takes, finished) = (begun.elapsed(), state(&scene.repo));
        for round in 0..ROUNDS {
            let mut child = started(scene.again(), writer.line);
            sleep(takes * round / ROUNDS);
            // The group, with the git that it runs.
            Command::new("kill")
                .args(["-9", "--", &format!("-{}", child.id())])
                .stderr(Stdio::null())
                .status()
                .unwrap();
            killed += usize::from(child.wait().unwrap().signal() == Some(9));
            // What is left lies where `git status` shows it, or is a lock that git names.
            let left = "find . -name '.cellwise-*' -delete; find .git -name '*.lock' -delete";
            scene.repo.sh(left).ok();
            let now: State = state(&scene.repo).into_iter().filter(|(name, _)| !is_scratch(name)).collect();
            scene.assert_whole(&now, &finished, writer);
            if now != finished {
                scene.repo.sh(&format!("cellwise {}", writer.line)).ok();
                let again: State = state(&scene.repo).into_iter().filter(|(name, _)| !is_scratch(name)).collect();
                assert_eq!(again.keys().collect::<Vec<_>>(), finished.keys().collect::<Vec<_>>(), "{writer:?}");
                assert!(again == finished, "{writer:?} in round {round}");
            }
        }
    }
    assert!(killed > 10, "{killed}");
}

/// What a command that was killed leaves in git's own folder for itself.
fn is_scratch(name: &str) -> bool {
    name.starts_with("./.git/cellwise/") && name.contains(".tmp")
}

#[test]
fn two_at_once_leave_one_of_their_results() {
    let scene = Scene::new();
    for writer in WRITERS {
        let (_, finished) = scene.finished(writer);
        let repo = scene.again();
        let mut children: Vec<Child> = (0..4).map(|_| started(repo, writer.line)).collect();
        let codes: Vec<_> = children.iter_mut().map(|child| child.wait().unwrap().code()).collect();
        assert!(codes.contains(&Some(0)), "{writer:?} {codes:?}");
        assert!(state(repo) == finished, "{writer:?} {codes:?}");
    }
}

#[test]
fn a_folder_or_a_pipe_in_the_place_of_the_file_stays_one() {
    let scene = Scene::new();
    for writer in NOTEBOOKS {
        scene.again().sh(&format!("rm {0} && mkdir {0} && touch {0}/in", writer.target)).ok();
        let run = scene.repo.sh(&format!("timeout 20 cellwise {}", writer.line));
        assert!(scene.repo.has(&format!("{}/in", writer.target)), "{writer:?} {run:?}");
        // A folder is one to clean all notebooks in, of which there are none; and a name of those to settle.
        assert!(run.code == 129 || run.code == 1 || writer.line.starts_with("clean"), "{writer:?} {run:?}");
        assert!(run.code == 0 || run.stderr.starts_with("cellwise: "), "{writer:?} {run:?}");
    }
    for line in ["clean p", "resolve --ours p"] {
        let run = scene.again().sh(&format!("mkfifo p; timeout 20 cellwise {line}")).exits(129);
        assert_eq!(run.stderr, "cellwise: p: not a regular file\n", "{line}");
    }
    // A pipe that was named as the place of the result is written to, as a shell does.
    let line =
        "mkfifo p; cat p >got & cellwise merge base.ipynb ours.ipynb theirs.ipynb -o p; wait; test -p p; cat got";
    let piped = scene.again().sh(line).ok();
    assert_eq!(piped, scene.repo.cellwise(["merge", "base.ipynb", "ours.ipynb", "theirs.ipynb"]).ok());
}

#[test]
fn a_file_that_may_not_be_read_or_written_stays_as_it_is() {
    let Scene { repo, before } = Scene::new();
    let Some(person) = Person::new(repo) else { return };
    let (repo, prefix) = person.apart();
    let scene = Scene { repo, before };
    let person = |line: &str| scene.repo.sh(&format!("{prefix}{line}"));
    for writer in NOTEBOOKS {
        let target = scene.again().path().join(writer.target);
        let mode = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        for bits in [0o000, 0o444] {
            scene.again();
            mode(&target, bits);
            let run = person(&format!("../cellwise {}", writer.line));
            mode(&target, 0o644);
            let is_replaced = bits == 0o444 && writer.line.starts_with("merge") && run.code == 0;
            assert!(is_replaced || run.code == 129 || run.code == 1, "{writer:?} {bits:o} {run:?}");
            assert!(is_replaced || state(&scene.repo) == scene.before, "{writer:?} {bits:o} {run:?}");
        }
        // A folder that takes no new file: the file itself can be written.
        scene.again();
        mode(scene.repo.path(), 0o555);
        let run = person(&format!("../cellwise {}", writer.line));
        mode(scene.repo.path(), 0o755);
        assert_eq!(run.code, 0, "{writer:?} {run:?}");
        // Neither.
        scene.again();
        mode(scene.repo.path(), 0o555);
        mode(&target, 0o444);
        let run = person(&format!("../cellwise {}", writer.line));
        mode(&target, 0o644);
        mode(scene.repo.path(), 0o755);
        assert!(run.code == 129 || run.code == 1, "{writer:?} {run:?}");
        assert!(state(&scene.repo) == scene.before, "{writer:?} {run:?}");
    }
}

#[test]
fn a_locked_index_keeps_what_was_settled() {
    let scene = Scene::new();
    let repo = scene.again();
    repo.write(".git/index.lock", "");
    let run = repo.cellwise(["resolve", "--theirs", "n.ipynb"]).exits(129);
    assert!(run.stderr.contains("another git command is running"), "{run:?}");
    let now = state(repo);
    assert_eq!(now.get("index"), scene.before.get("index"));
    assert_ne!(now.get("./n.ipynb"), scene.before.get("./n.ipynb"), "what was settled stays");
    fs::remove_file(repo.path().join(".git/index.lock")).unwrap();
    repo.cellwise(["resolve", "--theirs", "n.ipynb"]).ok();
    assert_eq!(repo.git(["ls-files", "-u"]).ok(), "");
}

/// Runs a line that opens what stands before the pipe `p`, does `meanwhile`, and lets it go on with `rest` in the pipe.
fn held_up(repo: &Repo, line: &str, meanwhile: impl FnOnce(), rest: &[u8]) -> Run {
    repo.sh("mkfifo p").ok();
    let mut command = Command::new("sh");
    command.args(["-c", line]).current_dir(repo.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
    repo.environment(&mut command);
    command.env("CW", env!("CARGO_BIN_EXE_cellwise"));
    let child = command.spawn().unwrap();
    // Opening waits for the reader, who has opened all before it.
    let mut pipe = File::options().write(true).open(repo.path().join("p")).unwrap();
    meanwhile();
    pipe.write_all(rest).ok();
    drop(pipe);
    let run = Run::of(&child.wait_with_output().unwrap());
    fs::remove_file(repo.path().join("p")).unwrap();
    run
}

#[test]
fn a_mapped_file_that_is_cut_short_ends_in_gits_own_answer() {
    let scene = Scene::new();
    let repo = scene.again();
    let ours = repo.bytes("ours.ipynb");
    let cut =
        |length| File::options().write(true).open(repo.path().join("base.ipynb")).unwrap().set_len(length).unwrap();
    for length in [0, 5000] {
        scene.again();
        // As git calls it: what ends in neither 0 nor 1 is git's to answer, with %A as it was.
        let line = "\"$CW\" merge-driver -- base.ipynb p theirs.ipynb n.ipynb; r=$?; test $r -gt 128; echo $?";
        let run = held_up(repo, line, || cut(length), &ours);
        assert_eq!(run.stdout, "0\n", "{run:?}");
        scene.again();
        let run =
            held_up(repo, "\"$CW\" diff --no-index base.ipynb p; test $? -gt 128", || cut(length), &ours).exits(0);
        assert_eq!(run.stdout, "", "half an answer is none");
    }
    // Whole pages that are still there are read as they are: a file that ends too early, at worst.
    scene.again();
    let run = held_up(repo, "\"$CW\" diff --no-index base.ipynb p", || cut(ours.len() as u64 - 10), &ours);
    assert!(!run.stderr.is_empty() || run.code == 0, "{run:?}");
}

#[test]
fn a_file_that_vanishes_is_named() {
    let scene = Scene::new();
    let repo = scene.again();
    let ours = repo.bytes("ours.ipynb");
    let gone = |name: &'static str| move || fs::remove_file(repo.path().join(name)).unwrap();
    let line = "\"$CW\" merge base.ipynb p theirs.ipynb -o out.ipynb";
    let run = held_up(repo, line, gone("theirs.ipynb"), &ours).exits(129);
    assert_eq!(run.stderr, "cellwise: cannot read theirs.ipynb: No such file or directory\n");
    // One that is open already can be read to its end.
    scene.again();
    held_up(repo, line, gone("base.ipynb"), &ours).exits(0);
    let (old, new) = (scene.before["./out.ipynb"].clone(), repo.bytes("out.ipynb"));
    assert!(old != new && new.starts_with(b"{"));
}

#[test]
#[ignore = "takes 2 GiB of sparse file, 2 GiB of memory and a minute"]
fn a_file_of_2_gib_is_an_error_of_one_line() {
    let repo = Repo::new();
    File::create(repo.path().join("n.ipynb")).unwrap().set_len((2 << 30) + 4096).unwrap();
    for line in ["clean n.ipynb", "show n.ipynb"] {
        let begun = Instant::now();
        let run = repo.sh(&format!("cellwise {line}"));
        assert!(run.code == 129 && run.stderr.lines().count() == 1, "{line}: {run:?}");
        assert!(begun.elapsed() < Duration::from_secs(60), "{line}: {:?}", begun.elapsed());
    }
    assert_eq!(fs::metadata(repo.path().join("n.ipynb")).unwrap().len(), (2 << 30) + 4096);
}
