//! The entries of git's configuration: from its files where they are plain, by libgit2 where it reads the same as git,
//! and else by a `git` process.

use std::env;
use std::path::Path;

use git2::{Config, ConfigEntry, ConfigLevel, ErrorCode, Repository, RepositoryOpenFlags};

use super::plain;
use super::system::{self, SystemFile};
use crate::git::command;

/// Keys in git's spelling (lower case but for the subsection) and their values, in git's order: later ones win.
pub(super) type Entries = Vec<(String, String)>;

/// What [`super::Settings`] looks at.
const PATTERN: &str = concat!(
    r"^(color\.(ui|diff|pager|diff\..*|diff-highlight\..*)",
    r"|diff\.(color\..*|context|interhunkcontext|relative|noprefix|mnemonicprefix|srcprefix|dstprefix)",
    r"|core\.quotepath|merge\.conflictstyle)$"
);

/// The configuration that git has in `dir`; none if there is no telling.
pub(super) fn read(dir: &Path) -> Entries {
    if let Some(entries) = in_process(dir) {
        return entries;
    }
    from_list(&command::run(dir, ["config", "-z", "--get-regexp", PATTERN]).unwrap_or_default())
}

/// Reads what `git config -z` prints: `key LF value NUL`, without the LF for a bare key, which means true.
pub(super) fn from_list(list: &[u8]) -> Entries {
    let text = String::from_utf8_lossy(list);
    let entries = text.split('\0').filter(|entry| !entry.is_empty());
    entries
        .map(|entry| entry.split_once('\n').unwrap_or((entry, "true")))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// The same without a process; `None` where only git knows.
fn in_process(dir: &Path) -> Option<Entries> {
    if environment_says_more(dir) {
        return None;
    }
    let system = match system::file() {
        SystemFile::None => None,
        SystemFile::At(path) => Some(path),
        SystemFile::Unknown => return None,
    };
    from_files(dir, system.as_deref()).or_else(|| by_libgit2(dir, system.as_deref()))
}

fn from_files(dir: &Path, system: Option<&Path>) -> Option<Entries> {
    if env::var_os("GIT_DIR").is_some() {
        return None;
    }
    let mut entries = Entries::new();
    if let Some(system) = system {
        plain::push(system, &mut entries)?;
    }
    entries.extend(plain::read(dir)?);
    Some(entries)
}

fn by_libgit2(dir: &Path, system: Option<&Path>) -> Option<Entries> {
    let mut entries = Entries::new();
    if let Some(system) = system {
        push(&Config::open(system).ok()?, &mut entries)?;
    }
    push(&config(dir)?, &mut entries)?;
    Some(entries)
}

/// That of the repository around `dir`, or the user's alone.
fn config(dir: &Path) -> Option<Config> {
    if env::var_os("GIT_DIR").is_some() {
        return Repository::open_from_env().ok()?.config().ok();
    }
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    match Repository::open_ext(dir, RepositoryOpenFlags::empty(), &[] as &[&Path]) {
        Ok(repository) => repository.config().ok(),
        Err(error) if error.code() == ErrorCode::NotFound && dir.is_dir() => Config::open_default().ok(),
        Err(_) => None,
    }
}

/// `None` if an entry means something that libgit2 does not know.
fn push(config: &Config, entries: &mut Entries) -> Option<()> {
    let mut iterator = config.entries(None).ok()?;
    while let Some(entry) = iterator.next() {
        let entry = entry.ok()?;
        let (key, value) = text(entry);
        if is_beyond_libgit2(&key, &value) {
            return None;
        }
        // libgit2 has its own idea of where the system's file lies.
        if entry.level() != ConfigLevel::System {
            entries.push((key, value));
        }
    }
    Some(())
}

fn text(entry: &ConfigEntry<'_>) -> (String, String) {
    let value = if entry.has_value() { entry.value_bytes() } else { b"true" };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(entry.name_bytes()), text(value))
}

/// An include on a condition (libgit2 knows some of them, and reads those differently behind symbolic links), or of
/// a path that git expands and libgit2 takes as it is.
fn is_beyond_libgit2(key: &str, value: &str) -> bool {
    let expands = || value.starts_with("%(") || (value.starts_with('~') && !value.starts_with("~/"));
    key.starts_with("includeif.") || (key == "include.path" && expands())
}

/// Variables that make git read something else than libgit2 would.
fn environment_says_more(dir: &Path) -> bool {
    const ELSEWHERE: [&str; 9] = [
        "GIT_CONFIG",
        "GIT_CONFIG_PARAMETERS",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_SYSTEM",
        "GIT_COMMON_DIR",
        "GIT_CEILING_DIRECTORIES",
        "GIT_DISCOVERY_ACROSS_FILESYSTEM",
        "GIT_TEST_ASSUME_DIFFERENT_OWNER",
    ];
    let is_empty = |name| env::var_os(name).is_some_and(|value| value.is_empty());
    ELSEWHERE.iter().any(|name| env::var_os(name).is_some())
        // Empty, they mean another thing to each.
        || ["XDG_CONFIG_HOME", "HOME", "GIT_DIR"].into_iter().any(is_empty)
        || env::var_os("HOME").is_none()
        // git counts GIT_DIR from `dir`, libgit2 from the working directory.
        || (!dir.as_os_str().is_empty() && env::var_os("GIT_DIR").is_some())
}
