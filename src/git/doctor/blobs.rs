//! Reading what git stores, many contents with one process.

use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;
use std::process::Stdio;

use super::DoctorError;
use super::notebooks;
use crate::git::command::{self, GitError};

/// Gives `look` the place in `names` and the bytes of each object, `None` where it is not on this machine.
/// `git cat-file --batch` prints `ID blob SIZE LF CONTENT LF`, or `NAME missing LF`.
pub(super) fn read(
    dir: &Path,
    names: &[String],
    mut look: impl FnMut(usize, Option<&[u8]>),
) -> Result<(), DoctorError> {
    let input: String = names.iter().map(|name| format!("{name}\n")).collect();
    let mut git = command::git(dir);
    git.args(["cat-file", "--batch"]).stdin(notebooks::input(input.as_bytes())?);
    // Nothing is fetched for a look.
    git.env("GIT_NO_LAZY_FETCH", "1").stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = git.spawn().map_err(GitError::NotStarted)?;
    if let Some(stdout) = child.stdout.take() {
        let mut stdout = BufReader::new(stdout);
        for index in 0..names.len() {
            look(index, next(&mut stdout).map_err(GitError::NotStarted)?.as_deref());
        }
    }
    child.wait().map_err(GitError::NotStarted)?;
    Ok(())
}

fn next(stdout: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut head = String::new();
    stdout.read_line(&mut head)?;
    let Some(size) = head.trim_end().rsplit(' ').next().and_then(|size| size.parse::<u64>().ok()) else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    stdout.take(size).read_to_end(&mut bytes)?;
    stdout.read_line(&mut String::new())?;
    Ok(Some(bytes))
}
