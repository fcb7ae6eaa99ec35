//! Running the `git` executable.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek as _, Write as _};
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

/// Runs `git` (of [`git`], with its arguments) with `input` to read and hands `read` what it prints as it comes; what git
/// complains of goes to our stderr, unless that is set otherwise.
///
/// # Errors
/// As [`run`], or git printed what cannot be read.
pub(super) fn stream<T>(
    git: &mut Command,
    input: &[u8],
    read: impl FnOnce(&mut dyn BufRead) -> io::Result<T>,
) -> Result<T, GitError> {
    let command = subcommand(git);
    let failed = |code, message| GitError::Failed { command, code, message };
    let mut file = tempfile::tempfile().map_err(GitError::NotStarted)?;
    file.write_all(input).and_then(|()| file.rewind()).map_err(GitError::NotStarted)?;
    let mut child = git.stdin(file).stdout(Stdio::piped()).spawn().map_err(not_started)?;
    let Some(stdout) = child.stdout.take() else {
        return Err(failed(None, "it has no output".to_owned()));
    };
    let result = read(&mut BufReader::new(stdout));
    let status = child.wait().map_err(GitError::NotStarted)?;
    match result {
        Ok(value) if status.success() => Ok(value),
        Ok(_) => Err(failed(status.code(), "it failed".to_owned())),
        Err(error) => Err(failed(status.code(), error.to_string())),
    }
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

/// The folder of the hooks that git runs for the repository around `dir`, a whole path; `None` if there is no repository.
pub(super) fn hooks_folder(dir: &Path) -> Result<Option<PathBuf>, GitError> {
    match rev_parse(dir, &["--path-format=absolute", "--git-path", "hooks"]) {
        // In a linked work tree `core.hooksPath = .git/hooks` leads into a file.
        Err(GitError::Failed { message, .. }) if message.starts_with("Invalid path") => {
            let folder = rev_parse(dir, &["--git-path", "hooks"])?.map(path);
            Ok(folder.map(|folder| std::path::absolute(dir.join(&folder)).unwrap_or(folder)))
        }
        found => Ok(found?.map(path)),
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

/// Which subcommand it runs.
fn subcommand(git: &Command) -> String {
    let mut args = git.get_args();
    let first = args.next();
    let name = if first == Some(OsStr::new("-C")) { args.nth(1) } else { first };
    name.unwrap_or_default().to_string_lossy().into_owned()
}

fn finish(git: &mut Command) -> Result<Output, GitError> {
    git.output().map_err(not_started)
}

fn not_started(error: io::Error) -> GitError {
    match error.kind() {
        io::ErrorKind::NotFound => GitError::Missing,
        _ => GitError::NotStarted(error),
    }
}

/// The version of git, such as `(2, 47)`; `(0, 0)` if it does not say.
pub(super) fn version(dir: &Path) -> Result<(u32, u32), GitError> {
    Ok(parse_version(&String::from_utf8_lossy(&run(dir, ["version"])?)))
}

/// The version in git's words. Vendors add more: `git version 2.39.5 (Apple Git-154)`, `git version 2.54.rc1`.
pub(super) fn parse_version(said: &str) -> (u32, u32) {
    let mut numbers = said.trim_start_matches("git version ").split('.').map_while(|part| part.trim().parse().ok());
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
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
    let is_said = |line: &&str| !line.starts_with("hint: ");
    match text.lines().rfind(is_said).or(text.lines().last()) {
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
        String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()).into()
    }
}

/// `text` as one word of a shell.
#[must_use]
pub fn shell_quoted(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+:@%,=".contains(&byte);
    match !text.is_empty() && text.bytes().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
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
    fn the_version_is_read_as_vendors_write_it() {
        for (said, version) in [
            ("git version 2.39.5 (Apple Git-154)\n", (2, 39)),
            ("git version 2.54.0.rc1.12.gabc\n", (2, 54)),
            ("git version 3.0\n", (3, 0)),
            ("nonsense", (0, 0)),
        ] {
            assert_eq!(parse_version(said), version, "{said}");
        }
    }

    #[test]
    fn advice_after_the_fault_is_kept() {
        assert_eq!(last_words(b"hint: x\nfatal: no\ndo this\n"), "no\ndo this");
        assert_eq!(last_words(b"usage\nlast\n"), "last");
        assert_eq!(last_words(b""), "it failed without a word");
    }
}
