//! Files that a command leaves beside a notebook if it is killed while it writes.

use super::DoctorError;
use super::facts::Facts;
use super::finding::{Finding, shell_quoted, some_of};
use super::kinds::{LEFT_COPY, LEFT_TEMPORARY};
use crate::file::{OLD_PREFIX, TEMPORARY_PREFIX};
use crate::git::command;

pub(super) fn check(facts: &Facts) -> Result<Vec<Finding>, DoctorError> {
    if facts.repository.as_ref().is_none_or(|repository| repository.top.is_none()) {
        return Ok(Vec::new());
    }
    let pathspec = format!(":(top,glob)**/{TEMPORARY_PREFIX}*");
    let list = command::run(&facts.dir, ["ls-files", "-z", "--others", "--exclude-standard", "--", &pathspec])?;
    let names = list.split(|byte| *byte == 0).filter(|name| is_ours(name));
    let names = names.map(|name| String::from_utf8_lossy(name).into_owned());
    let (copies, temporaries): (Vec<_>, Vec<_>) = names.partition(|name| file_name(name).starts_with(OLD_PREFIX));
    Ok([copy(&copies), temporary(&temporaries)].into_iter().flatten().collect())
}

/// The characters that the names of temporary files end in.
const RANDOM: usize = 6;

/// Whether a file has a name that no person gives it.
fn is_ours(path: &[u8]) -> bool {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let random = [OLD_PREFIX, TEMPORARY_PREFIX].iter().find_map(|prefix| name.strip_prefix(prefix.as_bytes()));
    random.is_some_and(|random| random.len() == RANDOM && random.iter().all(u8::is_ascii_alphanumeric))
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

fn copy(names: &[String]) -> Option<Finding> {
    let first = shell_quoted(names.first()?);
    let message = format!("a command was killed while it wrote into a file; what that held is in {}", some_of(names));
    let advice = format!("if a file beside it is cut short, cat {first} into it; then rm {first}");
    Some(Finding::advising(&LEFT_COPY, message, advice))
}

fn temporary(names: &[String]) -> Option<Finding> {
    let message = format!("a command was killed before it put a new file in place: {}", some_of(names));
    let words: Vec<String> = names.iter().map(|name| shell_quoted(name)).collect();
    (!names.is_empty()).then(|| Finding::new(&LEFT_TEMPORARY, message, format!("rm {}", words.join(" "))))
}
