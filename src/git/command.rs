//! Running the `git` executable.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Why git gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is no git.
    #[error("git is not on the PATH: install git 2.31 or later")]
    Missing,
    /// The system could not start it.
    #[error("git could not be started: {0}")]
    NotStarted(io::Error),
    /// It ran and failed.
    #[error("git {command}: {message}")]
    Failed {
        /// The subcommand, such as `rev-parse`.
        command: String,
        /// Its exit code, or `None` if a signal ended it.
        code: Option<i32>,
        /// What git said last, without its `fatal: `.
        message: String,
    },
}

/// Runs `git -C dir args…` and gives what it printed.
///
/// # Errors
/// git is missing or exits with anything but 0; the error carries git's own words.
pub fn run<A: AsRef<OsStr>>(dir: &Path, args: impl IntoIterator<Item = A>) -> Result<Vec<u8>, GitError> {
    let args: Vec<A> = args.into_iter().collect();
    let output = output(dir, &args)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(failure(&args, &output))
}

/// Runs `git -C dir args…` with a file for it to read and with more variables, and gives what it printed.
///
/// # Errors
/// As [`run`].
pub(super) fn run_reading(
    dir: &Path,
    args: &[OsString],
    input: Option<File>,
    variables: &[(&str, OsString)],
) -> Result<Vec<u8>, GitError> {
    let mut git = git(dir);
    // Whether a conversion can be undone is not asked here: nothing of it stays.
    git.args(["-c", "core.safecrlf=false"]).args(args);
    git.envs(variables.iter().map(|(name, value)| (name, value)));
    if let Some(input) = input {
        git.stdin(input);
    }
    let output = finish(&mut git)?;
    if output.status.success() { Ok(output.stdout) } else { Err(failure(args, &output)) }
}

/// Runs `git -C dir args…` and gives its exit code and output, whatever they are.
///
/// # Errors
/// git is missing or cannot be started.
pub fn output<A: AsRef<OsStr>>(dir: &Path, args: &[A]) -> Result<Output, GitError> {
    finish(git(dir).args(args))
}

/// Asks `git rev-parse` about the repository around `dir`: one line, or `None` if there is no repository.
pub(super) fn rev_parse(dir: &Path, questions: &[&str]) -> Result<Option<Vec<u8>>, GitError> {
    let args = [&["rev-parse"], questions].concat();
    // Only its words tell "no repository" from "not yours" or "not readable", so they must not be translated.
    let output = finish(git(dir).args(&args).env("LC_ALL", "C"))?;
    if output.status.success() {
        return Ok(Some(line(output.stdout)));
    }
    match failure(&args, &output) {
        GitError::Failed { message, .. } if message.starts_with("not a git repository") => Ok(None),
        other => Err(other),
    }
}

/// `git -C dir`, ready for its arguments.
pub(super) fn git(dir: &Path) -> Command {
    let mut git = Command::new("git");
    if !dir.as_os_str().is_empty() {
        git.arg("-C").arg(dir);
    }
    git.stdin(Stdio::null());
    git
}

fn finish(git: &mut Command) -> Result<Output, GitError> {
    git.output().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => GitError::Missing,
        _ => GitError::NotStarted(error),
    })
}

/// The error for a run that ended badly.
pub(super) fn failure<A: AsRef<OsStr>>(args: &[A], output: &Output) -> GitError {
    let command = args.first().map_or_else(String::new, |name| name.as_ref().to_string_lossy().into_owned());
    GitError::Failed { command, code: output.status.code(), message: last_words(&output.stderr) }
}

/// The last message of `stderr`: one line, or more where git goes on after its `fatal:` with what to do.
fn last_words(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let text = text.trim_end();
    for start in ["fatal: ", "error: "] {
        if let Some(at) = text.rfind(start) {
            return text[at + start.len()..].to_owned();
        }
    }
    match text.lines().last() {
        Some(line) => line.to_owned(),
        None => "it failed without a word".to_owned(),
    }
}

/// The one line that a plumbing command printed, without its newline (a path may end in white space).
pub(super) fn line(mut stdout: Vec<u8>) -> Vec<u8> {
    if stdout.ends_with(b"\n") {
        stdout.pop();
    }
    stdout
}

/// A path as git writes it.
#[must_use]
pub fn path(bytes: Vec<u8>) -> PathBuf {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStringExt as _;
        PathBuf::from(OsString::from_vec(bytes))
    }
    #[cfg(not(unix))]
    {
        PathBuf::from(String::from_utf8_lossy(&bytes).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_carries_the_words_of_git() {
        let folder = tempfile::tempdir().unwrap();
        let error = run(folder.path(), ["cat-file", "-p", "no-such"]).unwrap_err();
        assert!(matches!(&error, GitError::Failed { code: Some(128), .. }), "{error}");
        assert!(error.to_string().starts_with("git cat-file: "), "{error}");
    }

    #[test]
    fn advice_after_the_fault_is_kept() {
        assert_eq!(last_words(b"hint: x\nfatal: no\ndo this\n"), "no\ndo this");
        assert_eq!(last_words(b"usage\nlast\n"), "last");
        assert_eq!(last_words(b""), "it failed without a word");
    }
}
