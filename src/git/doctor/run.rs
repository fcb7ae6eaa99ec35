//! Running a configured line as git runs it.

use std::env;
use std::ffi::OsString;
use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::DoctorError;
use super::notebooks;
use crate::git::command;

/// What a line has to answer within.
const PATIENCE: Duration = Duration::from_secs(20);

/// From where git would run a line.
#[derive(Debug, Clone)]
pub(super) struct Surroundings {
    dir: PathBuf,
    path: OsString,
}

impl Surroundings {
    /// The repository at `dir` and the PATH of this process, with git's own programs in front, as git puts them.
    pub(super) fn here(dir: &Path) -> Result<Self, DoctorError> {
        let own = env::var_os("PATH").unwrap_or_default();
        Ok(Self { dir: dir.to_owned(), path: joined(dir, env::split_paths(&own).collect())? })
    }

    /// Another folder, and the PATH that a desktop starts its programs with.
    pub(super) fn desktop(dir: &Path, repository: &Path) -> Result<Self, DoctorError> {
        let system = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"].map(PathBuf::from).to_vec();
        Ok(Self { dir: dir.to_owned(), path: joined(repository, system)? })
    }
}

fn joined(dir: &Path, mut folders: Vec<PathBuf>) -> Result<OsString, DoctorError> {
    folders.insert(0, command::path(command::line(command::run(dir, ["--exec-path"])?)));
    Ok(env::join_paths(folders).unwrap_or_default())
}

/// How a line ended.
#[derive(Debug)]
pub(super) struct Ended {
    /// The exit code; `None` if it was ended.
    pub(super) code: Option<i32>,
    pub(super) stdout: Vec<u8>,
    /// The first line on stderr.
    pub(super) said: String,
}

/// Runs `sh -c 'LINE "$@"' LINE args…` with `input` to read.
pub(super) fn run(line: &str, args: &[&str], input: &[u8], around: &Surroundings) -> Result<Ended, DoctorError> {
    let temporary = || tempfile::tempfile().map_err(DoctorError::Temporary);
    let (mut stdout, mut stderr) = (temporary()?, temporary()?);
    let copy = |file: &File| file.try_clone().map_err(DoctorError::Temporary);
    let script = if args.is_empty() { line.to_owned() } else { format!("{line} \"$@\"") };
    let mut shell = Command::new(shell());
    shell.args(["-c", script.as_str(), line]).args(args).current_dir(&around.dir).env("PATH", &around.path);
    // Under `git difftool` the line would call its helper; colours would have to be read past.
    shell.env_remove("GIT_DIFFTOOL_TRUST_EXIT_CODE").env("NO_COLOR", "1");
    shell.stdin(notebooks::input(input)?).stdout(Stdio::from(copy(&stdout)?)).stderr(Stdio::from(copy(&stderr)?));
    let status = shell.spawn().and_then(wait).map_err(DoctorError::Temporary)?;
    let mut said = String::from_utf8_lossy(&content(&mut stderr)?).lines().next().unwrap_or_default().to_owned();
    if status.is_none() {
        said = format!("no answer within {} seconds", PATIENCE.as_secs());
    }
    Ok(Ended { code: status.and_then(|status| status.code()), stdout: content(&mut stdout)?, said })
}

/// git has the path of its shell built in. The PATH of the line must not decide about it.
fn shell() -> &'static str {
    if Path::new("/bin/sh").exists() { "/bin/sh" } else { "sh" }
}

/// How it ended; `None` if it had to be ended.
fn wait(mut child: Child) -> std::io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        sleep(Duration::from_millis(1));
    }
}

fn content(file: &mut File) -> Result<Vec<u8>, DoctorError> {
    let mut bytes = Vec::new();
    let read = file.rewind().and_then(|()| file.read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(DoctorError::Temporary)
}
