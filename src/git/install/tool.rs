//! The program that the configured lines call.

use std::env;
use std::path::{Path, PathBuf};

use super::InstallError;
use super::options::Program;

/// What the program is called on the PATH.
const NAME: &str = "cellwise";

/// A cellwise program, ready to stand in a line that a shell reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    path: PathBuf,
    plain: String,
    word: String,
}

impl Tool {
    /// The running program.
    ///
    /// # Errors
    /// The system does not say where it is, or its path is not UTF-8.
    pub fn running() -> Result<Self, InstallError> {
        let path = env::current_exe().map_err(|error| InstallError::Tool(error.to_string()))?;
        Self::at(&path)
    }

    /// The program at `path`.
    ///
    /// # Errors
    /// The path is not UTF-8.
    pub fn at(path: &Path) -> Result<Self, InstallError> {
        let Some(text) = path.to_str() else {
            return Err(InstallError::Tool(format!("{} is not UTF-8", path.display())));
        };
        // git runs the lines with a shell on Windows too, and there a backslash is an escape.
        let text = if cfg!(windows) { text.replace('\\', "/") } else { text.to_owned() };
        Ok(Self { path: path.to_owned(), word: quoted(&text), plain: text })
    }

    /// The same program as the lines are to name it.
    #[must_use]
    pub fn named(&self, program: Program) -> Self {
        match program {
            Program::FullPath => self.clone(),
            Program::OnPath => Self { path: self.path.clone(), plain: NAME.to_owned(), word: NAME.to_owned() },
        }
    }

    /// What is called, where no shell reads it.
    #[must_use]
    pub fn plain(&self) -> &str {
        &self.plain
    }

    /// One word of a shell line.
    #[must_use]
    pub fn shell_word(&self) -> &str {
        &self.word
    }

    /// The same where git expands `%O` and the like before the shell sees the line.
    #[must_use]
    pub fn placeholder_safe(&self) -> String {
        self.word.replace('%', "%%")
    }

    /// A shell command that ends in 0 if the program in `$t` can be run. Not every shell's `command -v` looks
    /// at the file behind a path.
    pub(super) fn found(&self) -> &'static str {
        match self.word.as_str() {
            NAME => "command -v \"$t\" >/dev/null",
            _ => "test -x \"$t\"",
        }
    }

    /// The program that the PATH leads to, if it is another one: `Some(None)` if there is none.
    #[must_use]
    pub fn another_on_path(&self) -> Option<Option<PathBuf>> {
        let folders = env::var_os("PATH").unwrap_or_default();
        let name = format!("{NAME}{}", env::consts::EXE_SUFFIX);
        let found = env::split_paths(&folders).map(|folder| folder.join(&name)).find(|path| path.is_file());
        let real = |path: &Path| path.canonicalize().ok();
        match found {
            Some(path) if real(&path) == real(&self.path) => None,
            other => Some(other),
        }
    }
}

/// `text` in double quotes, with a backslash before the four characters that keep a meaning in there.
fn quoted(text: &str) -> String {
    let mut word = String::with_capacity(text.len() + 2);
    word.push('"');
    for character in text.chars() {
        if matches!(character, '"' | '\\' | '$' | '`') {
            word.push('\\');
        }
        word.push(character);
    }
    word.push('"');
    word
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_shell_reads_back_any_path() {
        for path in ["/usr/bin/cellwise", "/a b/it's", "/q\"uote/$HOME/`id`/\\n", "/100%/%O!/*~#;&"] {
            let tool = Tool::at(Path::new(path)).unwrap();
            let script = format!("printf %s {}", tool.shell_word());
            let output = Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), path);
        }
    }

    #[test]
    fn percent_signs_are_doubled_for_git() {
        let tool = Tool::at(Path::new("/50%/x")).unwrap();
        assert_eq!(tool.placeholder_safe(), "\"/50%%/x\"");
    }
}
