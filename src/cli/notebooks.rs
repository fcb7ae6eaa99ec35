//! The files that a command works on.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use cellwise::file::Input;
use cellwise::git::command;

/// The notebooks that `paths` name: files as they are, of a folder those that git tracks in it.
pub(super) fn expand(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(tracked(path)?);
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn tracked(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let list = command::run(folder, ["ls-files", "-z", "--", ":(icase)*.ipynb"])
        .with_context(|| format!("{}: git cannot list the notebooks in this folder", folder.display()))?;
    let names = list.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    let mut files: Vec<PathBuf> =
        names.map(|name| folder.join(command::path(name.to_vec()))).filter(|file| file.exists()).collect();
    // Unmerged notebooks are listed once for each side.
    files.dedup();
    Ok(files.into_iter().map(|file| file.strip_prefix("./").map(Path::to_owned).unwrap_or(file)).collect())
}

/// Reads a file, or stdin for `-`.
pub(super) fn open(path: &Path) -> anyhow::Result<Input> {
    Ok(if path == Path::new("-") { Input::stdin()? } else { Input::open(path)? })
}
