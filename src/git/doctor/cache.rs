//! What git has cached where the program was gone.
//!
//! The line of textconv then gives the file as it is, for git would end its whole command otherwise, and git caches
//! whatever a line gives that ends well. From then on it asks no program any more.

use super::facts::Facts;
use super::finding::Finding;
use super::kinds::CACHE_RAW;
use super::{Contents, DoctorError};
use crate::git::batch::{self, For};
use crate::git::command;
use crate::git::install::{self, CACHE_REF, DRIVER};
use crate::notebook::Notebook;

pub(super) fn check(facts: &Facts, contents: &Contents<'_>) -> Result<Option<Finding>, DoctorError> {
    if !is_used(facts)? {
        return Ok(None);
    }
    let list = command::run(&facts.dir, ["notes", &format!("--ref={CACHE_REF}"), "list"])?;
    let list = String::from_utf8_lossy(&list);
    let texts = in_order(&list);
    let texts = &texts[..texts.len().min(contents.limit.unwrap_or(usize::MAX))];
    let mut is_raw = false;
    if !texts.is_empty() {
        // A text form is no notebook, and what is no notebook is cached as it is with reason.
        batch::read_each(&facts.dir, texts, For::Look, |_, text| {
            is_raw |= text.is_ok_and(|text| Notebook::read(&text).is_ok());
        })?;
    }
    let message = "git has cached notebooks as the JSON they are, while the program was gone, and goes on to show that";
    Ok(is_raw
        .then(|| Finding::new(&CACHE_RAW, message, format!("git update-ref -d {CACHE_REF}")).at(CACHE_REF.to_owned())))
}

/// Whether git reads the cache: it is switched on, and was made with the line that is configured now.
fn is_used(facts: &Facts) -> Result<bool, DoctorError> {
    let is_on = facts.repository.is_some() && facts.config.get_true(&format!("diff.{DRIVER}.cachetextconv")).is_some();
    let line = facts.driver("diff", "textconv").filter(|line| install::is_ours(&line.key, &line.value));
    let Some(line) = line.filter(|_| is_on) else { return Ok(false) };
    let made_with = command::run(&facts.dir, ["for-each-ref", "--format=%(contents:subject)", CACHE_REF])?;
    Ok(String::from_utf8_lossy(&made_with).trim() == line.value.trim())
}

/// The objects of the texts: first those that are the stored notebook itself, byte for byte, as raw ones are unless
/// line ends are converted.
fn in_order(list: &str) -> Vec<&str> {
    let mut pairs: Vec<(&str, &str)> = list.lines().filter_map(|line| line.split_once(' ')).collect();
    pairs.sort_by_key(|(text, notebook)| text != notebook);
    pairs.into_iter().map(|(text, _)| text).collect()
}
