//! The configuration of plain set-ups, read from its files: what most people have, and what a diff of a small notebook
//! should not set libgit2 up for.
//!
//! Anything beyond a repository with its `.git` folder and files without includes is left to others: then the answer
//! is `None`.

use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::{env, iter};

use super::entries::Entries;

/// The entries of the user's files and of the repository around `dir`. `GIT_DIR` is not set, `HOME` is.
pub(super) fn read(dir: &Path) -> Option<Entries> {
    let mut entries = Entries::new();
    let home = PathBuf::from(env::var_os("HOME")?);
    let user = env::var_os("XDG_CONFIG_HOME").map_or_else(|| home.join(".config"), PathBuf::from);
    for file in [user.join("git/config"), home.join(".gitconfig")] {
        push(&file, &mut entries)?;
    }
    if let Some(repository) = repository(dir)? {
        push(&repository.join("config"), &mut entries)?;
    }
    Some(entries)
}

/// Adds the entries of a file, if there is one. `None` if they mean more than they say.
pub(super) fn push(file: &Path, entries: &mut Entries) -> Option<()> {
    let text = match fs::read(file) {
        Ok(text) => text,
        Err(error) if is_missing(&error) => return Some(()),
        Err(_) => return None,
    };
    let beyond = |key: &str| ["include.", "includeif.", "extensions."].iter().any(|begin| key.starts_with(begin));
    for entry in parse(&text) {
        entries.push(entry.filter(|(key, _)| !beyond(key))?);
    }
    Some(())
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// The `.git` folder of the repository around `dir`; the inner `None` outside of any. Of a bare repository, a linked
/// worktree, or one that git might not trust, only others know.
#[expect(clippy::option_option, reason = "not known is not the same as none")]
fn repository(dir: &Path) -> Option<Option<PathBuf>> {
    let start = if dir.as_os_str().is_empty() { env::current_dir() } else { dir.canonicalize() }.ok()?;
    let device = device(&fs::metadata(&start).ok()?);
    for folder in start.ancestors() {
        let is_own = |found: &Metadata| is_own(found) && self::device(found) == device;
        let git = folder.join(".git");
        match fs::metadata(&git) {
            Ok(found) if found.is_dir() => {
                let whole = ["HEAD", "objects", "refs"].iter().all(|name| git.join(name).exists());
                let trusted = is_own(&found) && fs::metadata(folder).is_ok_and(|folder| is_own(&folder));
                return (whole && trusted).then_some(Some(git));
            }
            Err(error) if is_missing(&error) && is_no_repository(folder) => {}
            _ => return None,
        }
    }
    Some(None)
}

/// Whether a folder is surely no bare repository.
fn is_no_repository(folder: &Path) -> bool {
    fs::symlink_metadata(folder.join("HEAD")).is_err_and(|error| is_missing(&error))
}

/// Whether a file belongs to who runs this.
#[cfg(unix)]
fn is_own(file: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    file.uid() == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn is_own(_: &Metadata) -> bool {
    false
}

/// The file system that a file lies on: git searches on one only.
#[cfg(unix)]
fn device(file: &Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    file.dev()
}

#[cfg(not(unix))]
fn device(_: &Metadata) -> u64 {
    0
}

/// The entries of a file as git-config(1) describes it; `None` for one that cannot be read, or that goes on in the
/// next line.
fn parse(text: &[u8]) -> impl Iterator<Item = Option<(String, String)>> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut lines = text.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let mut section = None;
    iter::from_fn(move || {
        loop {
            let mut line = lines.next()?.trim_ascii_start();
            if line.first() == Some(&b'[') {
                let Some((name, rest)) = header(line) else { return Some(None) };
                (section, line) = (Some(name), rest.trim_ascii_start());
            }
            if !matches!(line.first(), None | Some(b'#' | b';')) {
                return Some(section.as_deref().and_then(|section| entry(section, line)));
            }
        }
    })
}

/// `[section]`, `[section "Subsection"]` or the old `[section.subsection]`: the keys' beginning, and the rest of the line.
fn header(line: &[u8]) -> Option<(String, &[u8])> {
    let end = line.iter().position(|byte| matches!(byte, b']' | b'"' | b' ' | b'\t'))?;
    let (name, rest) = line.split_at(end);
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    if !name[1..].iter().all(is_name) {
        return None;
    }
    let name = str::from_utf8(&name[1..]).ok()?.to_ascii_lowercase();
    if let Some(rest) = rest.strip_prefix(b"]") {
        return Some((name, rest));
    }
    let quoted = rest.trim_ascii_start().strip_prefix(b"\"")?;
    let end = quoted.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
    let rest = quoted[end..].strip_prefix(b"\"]")?;
    Some((format!("{name}.{}", str::from_utf8(&quoted[..end]).ok()?), rest))
}

/// `key = value`, or a bare key, which means true.
fn entry(section: &str, line: &[u8]) -> Option<(String, String)> {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    let end = line.iter().position(|byte| !is_name(byte)).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    if !name.first()?.is_ascii_alphabetic() {
        return None;
    }
    let key = format!("{section}.{}", str::from_utf8(name).ok()?.to_ascii_lowercase());
    match rest.trim_ascii_start() {
        [] => Some((key, "true".to_owned())),
        [b'=', raw @ ..] => Some((key, value(raw.trim_ascii())?)),
        _ => None,
    }
}

/// A value without its quotes, escapes and comment.
fn value(raw: &[u8]) -> Option<String> {
    let (mut out, mut filled, mut quoted) = (Vec::with_capacity(raw.len()), 0, false);
    let mut bytes = raw.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => quoted = !quoted,
            b'#' | b';' if !quoted => break,
            b'\\' => out.push(match bytes.next()? {
                b'n' => b'\n',
                b't' => b'\t',
                b'b' => 0x08,
                escaped @ (b'"' | b'\\') => *escaped,
                _ => return None,
            }),
            0 => return None,
            byte => out.push(*byte),
        }
        if quoted || !byte.is_ascii_whitespace() {
            filled = out.len();
        }
    }
    out.truncate(filled);
    if quoted { None } else { Some(String::from_utf8_lossy(&out).into_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    /// What both read of a file; they must agree where the reader has an answer.
    fn read(text: &str) -> Option<Vec<(String, String)>> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config");
        fs::write(&file, text).unwrap();
        let entries: Option<Vec<_>> = parse(text.as_bytes()).collect();
        let git = Command::new("git").args(["config", "-z", "--list", "--file"]).arg(&file).output().unwrap();
        if let Some(entries) = &entries {
            assert!(git.status.success(), "{text:?}");
            assert_eq!(*entries, super::super::entries::from_list(&git.stdout), "{text:?}");
        }
        entries
    }

    #[test]
    fn files_are_read_as_git_reads_them() {
        for text in [
            "",
            "\u{feff}[a]\n\tb = c\n",
            "[a]\r\n\tb = c \r\n\tbare\r\n",
            "[A] B-c=1 # comment\n; comment\n # comment\n\td = ; nothing\n",
            "[a \"Sub. #]section\"]\n\tb = x y  z  \n[a.Old]\n c=d\n[a]\n",
            "[a]\n b = \"  spaces \" and # comment\n c = \"#\\t\\\"\\\\\" ; x\n d = \"one\"\" two\"  \n e = a\\nb\\bc\n",
            "[alias]\n\tx = !f() { echo \\\"$1\\\"; }; f\n\ty = größe\n",
            "[a]\n\tb =\n\tc = \"\"\n\td = \"\" \n\te = x \"\" \n",
            "[a \"\"]\n\tb = 1\n",
        ] {
            assert!(read(text).is_some(), "{text:?}");
        }
    }

    #[test]
    fn what_is_broken_or_goes_on_is_left_to_others() {
        for text in [
            "a = b\n",
            "[a\n b = c\n",
            "[a b]\n",
            "[a]\n\tb = \"c\n",
            "[a]\n\tb = c \\\n d\n",
            "[a]\n\tb = \\x\n",
            "[a]\n\t1 = c\n",
            "[a]\n\tb c\n",
            "[a]\n\tb ; comment\n",
            "[a \"sub\" ]\n",
            "[a \"s\\\"\"]\n\tb = 1\n",
            "[a]\n\tb = \0\n",
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }
}
