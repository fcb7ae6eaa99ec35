//! Where the git on the PATH has the system's configuration: the place is built into it.

use std::env;
use std::path::{Path, PathBuf};

use super::when::is_true;

/// The system's configuration file.
pub(super) enum SystemFile {
    /// git reads none.
    None,
    /// git reads this one.
    At(PathBuf),
    /// Only git knows.
    Unknown,
}

/// What git reads.
pub(super) fn file() -> SystemFile {
    if env::var("GIT_CONFIG_NOSYSTEM").is_ok_and(|value| is_true(&value)) {
        return SystemFile::None;
    }
    let git = env::var_os("PATH")
        .and_then(|path| env::split_paths(&path).map(|dir| dir.join(NAME)).find(|git| git.is_file()));
    // Without a git nobody else can tell either.
    let Some(git) = git else { return at(PathBuf::from(ETC)) };
    let resolved = git.canonicalize().ok();
    let places = [Some(git.as_path()), resolved.as_deref()].map(|git| git.and_then(of_program));
    match places {
        [Some(named), Some(resolved)] if named == resolved => at(named),
        // Packagers link a program from a common folder, and which of the two it was built for is not to be seen.
        [Some(named), Some(resolved)] if !named.exists() && !resolved.exists() => SystemFile::None,
        _ => SystemFile::Unknown,
    }
}

const NAME: &str = if cfg!(windows) { "git.exe" } else { "git" };
const ETC: &str = "/etc/gitconfig";

fn at(path: PathBuf) -> SystemFile {
    if path.exists() { SystemFile::At(path) } else { SystemFile::None }
}

/// By the prefix that git was built for: `etc/gitconfig` below it, and `/etc/gitconfig` where that is `/usr`.
fn of_program(git: &Path) -> Option<PathBuf> {
    let folder = git.parent()?;
    // git puts its own folder in front of the PATH of what it runs.
    let own = ["libexec/git-core", "lib/git-core"].iter().any(|end| folder.ends_with(end));
    let prefix = match own {
        true => folder.parent()?.parent()?,
        false if folder.ends_with("bin") => folder.parent()?,
        false => return None,
    };
    let is_common = [Path::new("/"), Path::new("/usr")].contains(&prefix);
    Some(if is_common { PathBuf::from(ETC) } else { prefix.join("etc/gitconfig") })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_file_lies_where_git_was_built_for() {
        for (git, file) in [
            ("/usr/bin/git", Some("/etc/gitconfig")),
            ("/bin/git", Some("/etc/gitconfig")),
            ("/usr/lib/git-core/git", Some("/etc/gitconfig")),
            ("/usr/local/libexec/git-core/git", Some("/usr/local/etc/gitconfig")),
            ("/opt/homebrew/bin/git", Some("/opt/homebrew/etc/gitconfig")),
            ("/opt/git/git", None),
        ] {
            assert_eq!(of_program(Path::new(git)), file.map(PathBuf::from), "{git}");
        }
    }
}
