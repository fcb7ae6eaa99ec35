//! Scratch repositories: real git, no configuration but their own, fixed names and dates.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;

/// What a command gave.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code().unwrap_or(-1), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// The same run, which must have ended in `code`.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}{}", self.stdout, self.stderr);
        self
    }

    /// What it printed; it must have ended in 0.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        self.exits(0).stdout
    }
}

/// The git that the tests run: `[2, 39, 5]`.
pub(crate) fn git_version() -> [u32; 3] {
    static VERSION: OnceLock<[u32; 3]> = OnceLock::new();
    *VERSION.get_or_init(|| {
        let output = Command::new("git").arg("version").output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        // Vendors add words: `git version 2.39.5 (Apple Git-154)`.
        let mut numbers = said.trim_start_matches("git version ").split(|c: char| !c.is_ascii_digit());
        let mut number = || numbers.next().and_then(|number| number.parse().ok());
        let [Some(major), Some(minor)] = [number(), number()] else { panic!("{said}") };
        [major, minor, number().unwrap_or(0)]
    })
}

/// What stands beside the markers of a merge whose sides git calls `ours` and `theirs`: git before 2.44 does not
/// tell a merge driver, which has its own words for them then.
pub(crate) fn labels(ours: impl Into<String>, theirs: impl Into<String>) -> (String, String) {
    if git_version() >= [2, 44, 0] { (ours.into(), theirs.into()) } else { ("ours".to_owned(), "theirs".to_owned()) }
}

/// A repository in a folder of its own, which goes away with it.
pub(crate) struct Repo {
    folder: TempDir,
    work: PathBuf,
}

impl Repo {
    /// An empty repository on branch `main`.
    pub(crate) fn new() -> Self {
        Self::init(&[])
    }

    /// An empty repository in which cellwise is installed.
    pub(crate) fn installed() -> Self {
        let repo = Self::new();
        repo.cellwise(["install"]).ok();
        repo
    }

    /// An empty repository made by `git init` with these options.
    pub(crate) fn init(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let work = folder.path().canonicalize().unwrap().join("work");
        fs::create_dir_all(folder.path().join("home")).unwrap();
        fs::create_dir_all(&work).unwrap();
        let repo = Self { folder, work };
        let init = [&["init", "-q", "-b", "main"], options].concat();
        repo.git(init).ok();
        repo
    }

    /// The top of the work tree.
    pub(crate) fn path(&self) -> &Path {
        &self.work
    }

    /// A folder outside the repository that goes away with it.
    pub(crate) fn outside(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    /// Writes a file, with its folders.
    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> &Self {
        let path = self.work.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }

    /// Reads a file as text.
    #[track_caller]
    pub(crate) fn read(&self, path: &str) -> String {
        String::from_utf8_lossy(&self.bytes(path)).into_owned()
    }

    /// Reads a file.
    #[track_caller]
    pub(crate) fn bytes(&self, path: &str) -> Vec<u8> {
        fs::read(self.work.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Whether there is such a file or folder.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.work.join(path).exists()
    }

    /// Runs git at the top.
    pub(crate) fn git<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Run {
        self.run(Path::new("git"), &self.work, args)
    }

    /// Stages everything and commits it.
    pub(crate) fn commit(&self, message: &str) -> &Self {
        self.git(["add", "-A"]).ok();
        self.git(["commit", "-q", "--allow-empty", "-m", message]).ok();
        self
    }

    /// Runs cellwise at the top.
    pub(crate) fn cellwise<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Run {
        self.cellwise_in("", args)
    }

    /// Runs cellwise in a folder of the work tree.
    pub(crate) fn cellwise_in<A: AsRef<OsStr>>(&self, folder: &str, args: impl IntoIterator<Item = A>) -> Run {
        self.run(Path::new(env!("CARGO_BIN_EXE_cellwise")), &self.work.join(folder), args)
    }

    /// Runs cellwise at the top with `stdin`.
    pub(crate) fn cellwise_reading<A: AsRef<OsStr>>(
        &self,
        stdin: impl AsRef<[u8]>,
        args: impl IntoIterator<Item = A>,
    ) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cellwise"));
        command.args(args).current_dir(&self.work);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        self.environment(&mut command);
        let mut child = command.spawn().unwrap();
        // A command that has heard enough closes the pipe.
        child.stdin.take().unwrap().write_all(stdin.as_ref()).ok();
        Run::of(&child.wait_with_output().unwrap())
    }

    /// The text form of a notebook, by `cellwise textconv`.
    pub(crate) fn text_of(&self, file: impl AsRef<[u8]>) -> String {
        self.cellwise_reading(file, ["textconv", "-"]).ok()
    }

    /// Runs a line of shell at the top, with the folder of cellwise in front of the PATH.
    pub(crate) fn sh(&self, line: &str) -> Run {
        let mut command = Command::new("sh");
        command.args(["-c", line]).current_dir(&self.work);
        self.environment(&mut command);
        let folder = Path::new(env!("CARGO_BIN_EXE_cellwise")).parent().unwrap().to_owned();
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.env("PATH", std::env::join_paths([folder].into_iter().chain(std::env::split_paths(&path))).unwrap());
        Run::of(&command.output().unwrap())
    }

    /// A copy of cellwise at a path. Another process writes it: a test that starts a program at that moment would
    /// inherit a file of ours that is open for writing, and no system runs such a file.
    pub(crate) fn copy_program(&self, to: &Path) {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        self.run(Path::new("cp"), &self.work, [Path::new(env!("CARGO_BIN_EXE_cellwise")), to]).ok();
    }

    /// Runs any program, in the same environment.
    pub(crate) fn run<A: AsRef<OsStr>>(&self, program: &Path, dir: &Path, args: impl IntoIterator<Item = A>) -> Run {
        let mut command = Command::new(program);
        command.args(args).current_dir(dir);
        self.environment(&mut command);
        Run::of(&command.output().unwrap())
    }

    /// Gives a command this repository's environment: an empty home, no system configuration, fixed people and
    /// dates, and nothing of git's that the caller of the tests may have set.
    pub(crate) fn environment(&self, command: &mut Command) {
        let home = self.folder.path().join("home");
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_CONFIG_PARAMETERS", "NO_COLOR"] {
            command.env_remove(name);
        }
        command.env("HOME", &home).env("XDG_CONFIG_HOME", home.join("config"));
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("LC_ALL", "C");
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "A U Thor");
            command.env(format!("GIT_{role}_EMAIL"), "author@example.org");
            command.env(format!("GIT_{role}_DATE"), "2026-01-01T00:00:00+0000");
        }
    }
}
