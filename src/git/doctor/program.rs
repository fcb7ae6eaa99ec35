//! The program that a configured line calls.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A program, as a line names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Program {
    /// The word of the line, without its quotes.
    pub(super) name: String,
    /// The file, if there is one that can be run.
    pub(super) file: Option<PathBuf>,
}

impl Program {
    /// The program of a line; `expanded` is [`Percent::Doubled`] where git expands `%O` and the like first.
    pub(super) fn of(line: &str, percent: Percent) -> Option<Self> {
        let rest = match line.find("t=") {
            Some(at) if at == 0 || line[..at].ends_with([' ', ';', '{']) => &line[at + 2..],
            _ => line.strip_prefix("f() { ").unwrap_or(line),
        };
        let name = match percent {
            Percent::Doubled => word(rest).replace("%%", "%"),
            Percent::Single => word(rest),
        };
        (!name.is_empty()).then(|| Self { file: runnable(&name), name })
    }

    /// What it calls itself: `cellwise 0.1.0`.
    pub(super) fn version(&self) -> Option<String> {
        self.file.as_deref().and_then(version)
    }
}

/// How a percent sign stands in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Percent {
    /// As it is.
    Single,
    /// Twice.
    Doubled,
}

/// What the program at `file` calls itself.
pub(super) fn version(file: &Path) -> Option<String> {
    let output = Command::new(file).arg("--version").stdin(Stdio::null()).output().ok()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = said.lines().next().filter(|_| output.status.success())?;
    Some(line.to_owned())
}

/// The first word of a shell line, as the shell reads it.
fn word(line: &str) -> String {
    let Some(quoted) = line.strip_prefix('"') else {
        return line.split([' ', ';']).next().unwrap_or_default().to_owned();
    };
    let mut word = String::new();
    let mut characters = quoted.chars();
    while let Some(character) = characters.next().filter(|character| *character != '"') {
        match character {
            '\\' => word.extend(characters.next()),
            other => word.push(other),
        }
    }
    word
}

/// A name without a slash is looked up on the PATH.
fn runnable(name: &str) -> Option<PathBuf> {
    if name.contains('/') {
        return Some(PathBuf::from(name)).filter(|path| is_runnable(path));
    }
    let folders = env::var_os("PATH").unwrap_or_default();
    let name = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&folders).map(|folder| folder.join(&name)).find(|path| is_runnable(path))
}

/// Whether the system would run the file.
pub(super) fn is_runnable(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    {
        path.is_file()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_of_every_line_is_found() {
        let name = |line: &str| Program::of(line, Percent::Single).unwrap().name;
        assert_eq!(name(r#"f() { "/a b/c\"d" textconv -- "$1" 2>/dev/null || cat <"$1"; }; f"#), "/a b/c\"d");
        assert_eq!(
            name(r#"f() { test -z "$GIT" || exec git x; t="/bin/c"; test -x "$t" && "$t" diff-driver; }; f"#),
            "/bin/c"
        );
        assert_eq!(name("cellwise merge-driver --marker-size=%L -- %O"), "cellwise");
        assert_eq!(name(r#"t=cellwise; command -v "$t""#), "cellwise");
        assert_eq!(Program::of(r#""/50%%/c" merge-driver"#, Percent::Doubled).unwrap().name, "/50%/c");
        assert_eq!(Program::of("", Percent::Single), None);
    }
}
