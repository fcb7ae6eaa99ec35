//! What the machine can do to a command that writes. docs/reliability.md has the table; a row names its test here.
//!
//! However a command ends, each file is as it was or as it would have become, and a command that says it is done has done
//! it.

use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
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

/// Runs a line of shell with the work tree on a disk of its own that has `room` KiB left, and brings what it leaves back.
/// `None` where nobody may mount anything.
#[cfg(target_os = "linux")]
#[allow(clippy::print_stderr)]
fn on_a_full_disk(repo: &Repo, room: u32, line: &str) -> Option<Run> {
    if repo.sh("unshare -rm sh -c 'mount -t tmpfs none .'").code != 0 {
        eprintln!("left out: no disk of our own, since `unshare -rm` and a mount are refused here");
        return None;
    }
    // 16 MiB are more than enough for the files; the rest is filled up.
    let on_it = format!(
        "mount -t tmpfs -o size=16m none . && cd \"$PWD\" && cp -a ../before/. . || exit 99
        head -c {room}k /dev/zero >.git/room; cat /dev/zero >.git/fill 2>../filled; rm .git/room
        {line}
        code=$?; rm .git/fill; cp -a . ../after && exit $code"
    );
    repo.write("../on-it", on_it);
    let run = repo.sh("cp -a . ../before && mkdir ../after && unshare -rm sh ../on-it");
    assert!(fs::read_to_string(repo.outside("filled")).unwrap().contains("No space left on device"));
    let back = "find . -mindepth 1 -delete && cp -a ../after/. . && rm -rf ../after ../before ../on-it ../filled";
    repo.sh(back).ok();
    Some(run)
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_file_and_nothing_beside_it() {
    let scene = Scene::new();
    for writer in WRITERS {
        let (_, finished) = scene.finished(writer);
        let link = format!("ln {} .git/hard; ", writer.target);
        for (room, link) in [(0, ""), (4, ""), (200, ""), (0, &*link), (200, &*link)] {
            let repo = scene.again();
            let line = format!("{link}cellwise {}; code=$?; rm -f .git/hard; (exit $code)", writer.line);
            let Some(run) = on_a_full_disk(repo, room, &line) else { return };
            let now = state(repo);
            scene.assert_whole(&now, &finished, writer);
            // Of the index git says only that it could not be locked or written.
            let words = if writer.line.starts_with("add") { "" } else { "No space" };
            let is_said = run.code == 129 && run.stderr.starts_with("cellwise: ") && run.stderr.contains(words);
            assert!(is_said || (run.code == 0 && now == finished), "{writer:?} {room} {run:?}");
            assert!(room > 0 || now == scene.before, "{writer:?} {run:?}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_and_the_filter_lose_nothing() {
    let scene = Scene::new();
    let repo = scene.again();
    repo.cellwise(["install", "--filter"]).ok();
    let before = state(repo);
    for line in ["git add dirty.ipynb", "cellwise clean <dirty.ipynb >.git/cleaned", "git add ."] {
        let Some(run) = on_a_full_disk(repo, 0, line) else { return };
        assert!(run.code == 128 || run.code == 129, "{line}: {run:?}");
        assert!(run.stderr.contains("No space left on device"), "{line}: {run:?}");
        fs::remove_file(repo.path().join(".git/cleaned")).ok();
        assert!(state(repo) == before, "{line}: {run:?}");
    }
}

/// A file with two names is written in place. Whoever is killed then leaves the file whole, or its old bytes beside it.
#[test]
fn killed_while_the_file_itself_is_written_the_old_bytes_are_there() {
    let repo = Repo::new();
    let mut cell = ran("a", "x", 7, "1\n");
    cell["attachments"] = json!({"a": {"image/png": "A".repeat(24 << 20)}});
    let dirty = notebook(&[cell]).into_bytes();
    repo.write("n.ipynb", &dirty).sh("ln n.ipynb ../hard").ok();
    let cleaned = repo.cellwise_reading(&dirty, ["clean"]).ok().into_bytes();
    let copies = || fs::read_dir(repo.path()).unwrap().map(|entry| entry.unwrap().path());
    let copy = || copies().find(|path| path.to_string_lossy().contains("/.cellwise-old-"));
    let mut seen = 0;
    for wait in [0, 2, 4, 8, 16, 32] {
        let mut child = started(&repo, "clean n.ipynb");
        let whole = |path: &Path| fs::metadata(path).is_ok_and(|file| file.len() == dirty.len() as u64);
        while child.try_wait().unwrap().is_none() && !copy().is_some_and(|copy| whole(&copy)) {
            std::thread::yield_now();
        }
        sleep(Duration::from_millis(wait));
        child.kill().unwrap();
        child.wait().unwrap();
        let now = repo.bytes("n.ipynb");
        assert!(now == fs::read(repo.outside("hard")).unwrap(), "it is still one file");
        let Some(kept) = copy() else {
            assert!(now == cleaned || now == dirty, "half a file and nothing beside it");
            fs::write(repo.path().join("n.ipynb"), &dirty).unwrap();
            continue;
        };
        seen += 1;
        assert!(fs::read(&kept).unwrap() == dirty, "the old bytes");
        assert!(repo.git(["status", "--short"]).ok().contains("?? .cellwise-old-"));
        // What docs/reliability.md says to do.
        repo.sh("cat .cellwise-old-* >n.ipynb && rm .cellwise-old-*").ok();
        assert!(repo.bytes("n.ipynb") == dirty);
    }
    assert!(seen > 0);
    repo.cellwise(["clean", "n.ipynb"]).ok();
    assert!(fs::read(repo.outside("hard")).unwrap() == cleaned && copy().is_none());
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
        // Nor has the file room to grow: its old bytes go back.
        scene.again();
        mode(scene.repo.path(), 0o555);
        let run = person(&format!("sh -c 'ulimit -f 1; exec ../cellwise {}'", writer.line));
        mode(scene.repo.path(), 0o755);
        assert!(run.code != 0 && state(&scene.repo) == scene.before, "{writer:?} {run:?}");
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
