//! `cellwise difftool`, called by `git difftool -t cellwise` once for each file, and once for all with `-d`
//! (git-difftool(1), "difftool.<tool>.cmd").

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use cellwise::diff::DiffOptions;
use cellwise::render::Syntax;
use walkdir::WalkDir;

use super::compare::{Format, Look, Report};
use super::diff_files::{self, NOTHING};
use super::exit::Exit;
use super::pager::Printer;

/// Compare two files or folders (called by git as `difftool.cellwise.cmd`)
#[derive(clap::Args)]
pub(crate) struct Args {
    /// What was: a file, /dev/null or a folder
    #[arg(value_name = "LOCAL")]
    local: PathBuf,
    /// What is: a file, /dev/null or a folder
    #[arg(value_name = "REMOTE")]
    remote: PathBuf,
    /// The name of the file in the repository; nothing for folders
    // An empty argument is no path to clap.
    #[arg(value_name = "MERGED", default_value = "")]
    merged: OsString,
}

impl Args {
    /// What the file is called: as in the repository, or as the side is that is there.
    fn name(&self) -> &OsStr {
        match self.merged.is_empty() {
            false => &self.merged,
            true if self.remote == Path::new(NOTHING) => self.local.as_os_str(),
            true => self.remote.as_os_str(),
        }
    }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let mut printer = Printer::under_difftool();
    let settings = printer.settings();
    let (diff, syntax) = (DiffOptions::default(), Syntax::Plain);
    let mut report = Report::new(Look { format: Format::Terminal, diff, word_diff: None, syntax, settings });
    let (local, remote) = (&args.local, &args.remote);
    if local.is_dir() && remote.is_dir() {
        push_folders(local, remote, &mut report)?;
    } else {
        diff_files::push_versions(local, remote, args.name(), &mut report)?;
    }
    printer.print(&report.finish())?;
    Ok(Exit::Done)
}

/// git puts into the two folders what differs, of all files and nothing else.
fn push_folders(local: &Path, remote: &Path, report: &mut Report) -> anyhow::Result<()> {
    let (old, new) = (files(local)?, files(remote)?);
    for name in old.union(&new) {
        let file = |known: &BTreeSet<PathBuf>, folder: &Path| match known.contains(name) {
            true => folder.join(name),
            false => PathBuf::from(NOTHING),
        };
        diff_files::push_versions(&file(&old, local), &file(&new, remote), name.as_os_str(), report)?;
    }
    Ok(())
}

/// The files in a folder, by their path in it. Those of the work tree are there as links.
fn files(folder: &Path) -> anyhow::Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    for entry in WalkDir::new(folder).follow_links(true) {
        let entry = entry?;
        if entry.file_type().is_file() {
            found.insert(entry.path().strip_prefix(folder)?.to_owned());
        }
    }
    Ok(found)
}
