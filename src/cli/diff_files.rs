//! `cellwise diff OLD NEW`: files and folders that are compared with each other, with no repository in between.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use cellwise::file::Input;
use cellwise::git::revisions::is_notebook;
use cellwise::render::FileSide;
use walkdir::WalkDir;

use super::compare::Report;
use super::notebooks;

/// Stands for no file.
pub(super) const NOTHING: &str = "/dev/null";

/// Adds the difference of two files, or of the notebooks in two folders.
pub(super) fn push(before: &Path, after: &Path, report: &mut Report) -> anyhow::Result<()> {
    match (before.is_dir(), after.is_dir()) {
        (false, false) => push_files(before, after, report),
        (true, true) => push_folders(before, after, report),
        // As git: a file beside a folder is compared with the file of its name in there.
        (true, false) => push_files(&before.join(after.file_name().unwrap_or_default()), after, report),
        (false, true) => push_files(before, &after.join(before.file_name().unwrap_or_default()), report),
    }
}

/// Adds the difference of two files that are versions of the one called `name`; either may be missing.
pub(super) fn push_versions(before: &Path, after: &Path, name: &OsStr, report: &mut Report) -> anyhow::Result<()> {
    let sides = [before, after].map(|path| FileSide { path: name.as_encoded_bytes().to_vec(), ..side(path, report) });
    report.add([&*read(before)?, &*read(after)?], sides, b"");
    Ok(())
}

fn push_files(before: &Path, after: &Path, report: &mut Report) -> anyhow::Result<()> {
    let [mut old, mut new] = [before, after].map(|path| side(path, report));
    // A missing side is named like the other one.
    match (&old.mode, &new.mode) {
        (None, Some(_)) => old.path.clone_from(&new.path),
        (Some(_), None) => new.path.clone_from(&old.path),
        _ => {}
    }
    report.add([&*read(before)?, &*read(after)?], [old, new], b"");
    Ok(())
}

fn push_folders(before: &Path, after: &Path, report: &mut Report) -> anyhow::Result<()> {
    let (old, new) = (inside(before)?, inside(after)?);
    for name in old.union(&new) {
        let file = |known: &BTreeSet<PathBuf>, folder: &Path| match known.contains(name) {
            true => folder.join(name),
            false => PathBuf::from(NOTHING),
        };
        push_files(&file(&old, before), &file(&new, after), report)?;
    }
    Ok(())
}

/// The notebooks in a folder, by their path in it; Jupyter's checkpoints and git's own folder are none.
fn inside(folder: &Path) -> anyhow::Result<BTreeSet<PathBuf>> {
    let skipped = |name: &OsStr| name == ".git" || name == ".ipynb_checkpoints";
    let entries = WalkDir::new(folder).into_iter().filter_entry(|entry| !skipped(entry.file_name()));
    let mut found = BTreeSet::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_type().is_file() && is_notebook(entry.path()) {
            found.insert(entry.path().strip_prefix(folder)?.to_owned());
        }
    }
    Ok(found)
}

fn side(path: &Path, report: &Report) -> FileSide {
    // As in git diff --no-index, `a/` and `b/` stand in the place of a leading slash.
    let inner = path.strip_prefix("/").ok().filter(|_| !report.lists_names());
    let named = inner.unwrap_or(path);
    FileSide {
        path: named.as_os_str().as_encoded_bytes().to_vec(),
        mode: (path != Path::new(NOTHING)).then(|| "100644".to_owned()),
        oid: String::new(),
    }
}

fn read(path: &Path) -> anyhow::Result<Input> {
    if path == Path::new(NOTHING) { Ok(Input::Buffer(Vec::new())) } else { notebooks::open(path) }
}
