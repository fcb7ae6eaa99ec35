//! Reading what git stores, many objects with one process.

use std::io::{self, BufRead, Read as _};
use std::path::Path;
use std::process::Stdio;

use super::command::{self, GitError};

/// What the objects are read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    /// To be worked on: a partial clone fetches what it lacks, and git's own complaints are seen.
    Use,
    /// To be looked at: nothing is fetched (git 2.45 and later), and git says nothing.
    Look,
}

/// Hands the bytes of each of the objects called `names` to `visit`, with its place among them, one after the other. One
/// that git does not have or cannot read is handed over as an error, and does not stop the others.
///
/// # Errors
/// git cannot be run.
pub(super) fn read_each(
    dir: &Path,
    names: &[&str],
    purpose: For,
    mut visit: impl FnMut(usize, Result<Vec<u8>, GitError>),
) -> Result<(), GitError> {
    let mut read = 0;
    while read < names.len() {
        let input: String = names[read..].iter().flat_map(|name| [name, "\n"]).collect();
        let ended = command::stream(&mut git(dir, purpose), input.as_bytes(), |answers| {
            while read < names.len() {
                visit(read, answer(answers)?);
                read += 1;
            }
            Ok(())
        });
        let Err(error) = ended else { break };
        // git is gone, at the object that it could not read if it ran at all.
        if read == names.len() || !matches!(error, GitError::Failed { .. }) {
            return Err(error);
        }
        visit(read, Err(error));
        read += 1;
    }
    Ok(())
}

fn git(dir: &Path, purpose: For) -> std::process::Command {
    let mut git = command::git(dir);
    git.args(["cat-file", "--batch", "--buffer"]);
    if purpose == For::Look {
        git.env("GIT_NO_LAZY_FETCH", "1").stderr(Stdio::null());
    }
    git
}

/// Reads one answer: `OID TYPE SIZE LF BYTES LF`, or `NAME missing LF`.
fn answer(answers: &mut dyn BufRead) -> io::Result<Result<Vec<u8>, GitError>> {
    let mut head = String::new();
    answers.read_line(&mut head)?;
    let head = head.trim_end();
    let Some(size) = head.rsplit(' ').next().and_then(|size| size.parse::<u64>().ok()) else {
        let message = head.to_owned();
        return match head {
            "" => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(Err(GitError::Failed { command: "cat-file".to_owned(), code: None, message })),
        };
    };
    let mut bytes = Vec::new();
    let read = answers.take(size + 1).read_to_end(&mut bytes)?;
    // The newline behind the object.
    bytes.pop();
    if read as u64 == size + 1 { Ok(Ok(bytes)) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_read_answer_by_answer() {
        let mut answers: &[u8] = b"aaaa blob 3\nx\ny\ncccc missing\nbbbb blob 0\n\n";
        assert_eq!(answer(&mut answers).unwrap().unwrap(), b"x\ny");
        assert_eq!(answer(&mut answers).unwrap().unwrap_err().to_string(), "git cat-file: cccc missing");
        assert_eq!(answer(&mut answers).unwrap().unwrap(), b"");
        for mut cut in [&b"aaaa blob 30\nx\n"[..], b""] {
            assert!(answer(&mut cut).is_err());
        }
    }
}
