//! The files that a command works on.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use cellwise::file::Input;
use cellwise::git::revisions::is_notebook;
use cellwise::git::{command, outside};

use super::output;

/// Which notebooks a folder or a pattern stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    /// Those that git tracks.
    Tracked,
    /// Also those that it neither tracks nor ignores.
    Untracked,
}

/// The notebooks that `paths` name: files as they are, of a folder or a pattern those that git tracks. Links are followed
/// only where somebody typed them.
pub(super) fn expand(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    expand_to(paths, Within::Tracked)
}

/// As [`expand`], with more of a folder. Outside of a repository a folder stands for all that is not ignored in it.
pub(super) fn expand_to(paths: &[PathBuf], within: Within) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(of_folder(path, within)?);
        } else if let Some(pattern) = pattern(path) {
            files.extend(of_pattern(pattern, within)?);
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

/// The same files without those that another path names already, perhaps through a link.
pub(super) fn distinct(files: Vec<PathBuf>) -> Vec<PathBuf> {
    if files.len() < 2 {
        return files;
    }
    let mut known = HashSet::new();
    let is_new = |file: &PathBuf| fs::canonicalize(file).map_or(true, |target| known.insert(target));
    let mut files = files;
    files.retain(is_new);
    files
}

/// Whether two paths are one file, there or not.
pub(super) fn same_path(one: &Path, other: &Path) -> bool {
    let place = |path: &Path| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some((folder.canonicalize().ok()?, path.file_name()?.to_owned()))
    };
    one == other || place(one).is_some_and(|one| Some(one) == place(other))
}

/// Whether a path has wildcards that no shell has expanded, and there is no file of that name.
pub(super) fn is_pattern(path: &Path) -> bool {
    pattern(path).is_some()
}

fn pattern(path: &Path) -> Option<&str> {
    let spelled = path.to_str().filter(|spelled| spelled.contains(['*', '?', '[']))?;
    path.symlink_metadata().is_err().then_some(spelled)
}

fn of_folder(folder: &Path, within: Within) -> anyhow::Result<Vec<PathBuf>> {
    match listed(folder, ":(icase)*.ipynb", within) {
        Ok(names) => {
            let files = names.into_iter().filter(|name| is_file_of(folder, name)).map(|name| folder.join(name));
            Ok(files.map(without_dot).collect())
        }
        Err(_) if !in_repository(folder) => outside(folder),
        Err(error) => Err(error)
            .with_context(|| format!("{}: git cannot list the notebooks in this folder", output::name(folder))),
    }
}

/// The notebooks that a pattern fits, as git's `:(glob)`: `**` crosses folders and `*` does not.
fn of_pattern(pattern: &str, within: Within) -> anyhow::Result<Vec<PathBuf>> {
    let here = Path::new("");
    let mut files: Vec<PathBuf> = match listed(here, &format!(":(glob){pattern}"), within) {
        Ok(names) => names.into_iter().filter(|name| is_file_of(here, name)).collect(),
        Err(_) if !in_repository(Path::new(".")) => {
            let (folder, rest) = fixed_part(pattern);
            let names = outside::list(folder, Some(&format!(":(glob){rest}")))?;
            let found = names.into_iter().filter(|name| !is_hidden(name) && is_file_of(folder, name));
            found.map(|name| folder.join(name)).map(without_dot).collect()
        }
        Err(error) => return Err(error).with_context(|| format!("git cannot list what `{pattern}` fits")),
    };
    files.retain(|file| is_notebook(file));
    if files.is_empty() {
        bail!("no notebook fits `{}`", output::visible(pattern));
    }
    Ok(files)
}

/// What git lists in `folder`, relative to it.
fn listed(folder: &Path, pathspec: &str, within: Within) -> anyhow::Result<Vec<PathBuf>> {
    let list = |options: &[&str]| -> anyhow::Result<Vec<PathBuf>> {
        let list = command::run(folder, [&["ls-files", "-z"], options, &["--", pathspec]].concat())?;
        let names = list.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        Ok(names.map(|name| command::path(name.to_vec())).collect())
    };
    let mut files = list(&["--cached"])?;
    if within == Within::Untracked {
        files.extend(list(&["--others", "--exclude-standard"])?.into_iter().filter(|file| !is_checkpoint(file)));
        files.sort();
    }
    // Unmerged notebooks are listed once for each side.
    files.dedup();
    Ok(files)
}

/// Whether `name` is a file in `folder` that no link leads to: what a link leads to may be of another project.
fn is_file_of(folder: &Path, name: &Path) -> bool {
    let is_link = |part: &Path| folder.join(part).is_symlink();
    let within = |part: &&Path| !part.as_os_str().is_empty();
    folder.join(name).is_file() && !name.ancestors().take_while(within).any(is_link)
}

/// Whether Jupyter keeps it for itself.
fn is_checkpoint(file: &Path) -> bool {
    file.components().any(|part| part.as_os_str() == ".ipynb_checkpoints")
}

/// Whether git's failure is about a repository that is there.
fn in_repository(folder: &Path) -> bool {
    let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    folder.ancestors().any(|above| above.join(".git").exists())
}

/// The notebooks below `folder`, which is in no repository, that neither a `.gitignore` nor a dot at the beginning of a
/// name hides. Of a repository below it, what counts in it.
fn outside(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for name in outside::list(folder, None)? {
        let path = folder.join(&name);
        if path.join(".git").exists() {
            files.extend(of_folder(&path, Within::Untracked)?);
        } else if !is_hidden(&name) && is_notebook(&name) && is_file_of(folder, &name) {
            files.push(without_dot(path));
        }
    }
    files.sort();
    Ok(files)
}

/// The folder with which a pattern begins, and the rest.
fn fixed_part(pattern: &str) -> (&Path, &str) {
    let wild = pattern.find(['*', '?', '[']).unwrap_or(pattern.len());
    match pattern[..wild].rfind('/') {
        Some(slash) => (Path::new(&pattern[..=slash]), &pattern[slash + 1..]),
        None => (Path::new("."), pattern),
    }
}

/// A path without `./` in front.
fn without_dot(path: PathBuf) -> PathBuf {
    path.strip_prefix("./").map(Path::to_owned).unwrap_or(path)
}

fn is_hidden(name: &Path) -> bool {
    name.components().any(|part| part.as_os_str().as_encoded_bytes().starts_with(b"."))
}

/// Reads a file, or stdin for `-`.
pub(super) fn open(path: &Path) -> anyhow::Result<Input> {
    Ok(if path == Path::new("-") { Input::stdin()? } else { Input::open(path)? })
}
