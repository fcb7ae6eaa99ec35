//! What `cellwise check` learns from git of a merge where the notebooks do not say it themselves.

use std::path::{Path, PathBuf};

use cellwise::git::unmerged::{IndexState, UnmergedPath, WorkTree};
use cellwise::merge::Sides;
use cellwise::notebook::{Notebook, ReadError};
use cellwise::resolve::left_over;

use super::check_found::{Found, What, marks_in_strings, may_be_left_over};
use super::check_report::Outcome;
use super::notebooks::{self, same_path};

/// The notebooks of which the index has the versions that were merged.
pub(super) struct Merged {
    work_tree: WorkTree,
    entries: Vec<UnmergedPath>,
}

impl Merged {
    /// Those below `paths`; `None` if there are none. Where git cannot tell, the notebooks speak for themselves.
    pub(super) fn below(paths: &[PathBuf]) -> Option<Self> {
        let work_tree = WorkTree::around(Path::new(".")).ok()?;
        let entries = work_tree.unmerged(paths).ok().filter(|entries| !entries.is_empty())?;
        Some(Self { work_tree, entries })
    }

    /// Adds to what was found in files those that a commit of all would take, and a side would be lost.
    pub(super) fn add_to(&self, outcome: &mut Outcome) {
        for entry in &self.entries {
            if outcome.found.iter().any(|found| same_path(&found.path, &entry.typed)) {
                continue;
            }
            let file = notebooks::open(&entry.typed).ok();
            let whats = self.of(entry, file.as_deref());
            outcome.found.extend(whats.into_iter().map(|what| Found { path: entry.typed.clone(), what }));
        }
    }

    /// What is wrong with bytes that are staged at `path`, from the top, though they do not say it.
    pub(super) fn staged(&self, path: &Path, bytes: &[u8]) -> Vec<What> {
        let entry = self.entries.iter().find(|entry| entry.path == path);
        entry.map(|entry| self.of(entry, Some(bytes))).unwrap_or_default()
    }

    fn of(&self, entry: &UnmergedPath, file: Option<&[u8]>) -> Vec<What> {
        let is_unmerged = entry.state == IndexState::Unmerged;
        let unmerged = || if is_unmerged { vec![What::Unmerged] } else { Vec::new() };
        let (Some(file), Ok(stages)) = (file, self.work_tree.read(entry)) else { return unmerged() };
        match Notebook::read(file) {
            Ok(notebook) => {
                let versions: Vec<&[u8]> = each(&stages).flatten().collect();
                let left: Vec<What> =
                    left_over(&notebook, &versions).into_iter().map(|cell| What::LeftOver { cell }).collect();
                if left.is_empty() && is_a_version(file, &stages) { unmerged() } else { left }
            }
            // An empty file may be what a side has.
            Err(ReadError::Empty) => unmerged(),
            Err(error) => vec![What::Broken { error: error.to_string() }],
        }
    }
}

/// Whether a notebook may need git's word: quick, and sure where it says no.
pub(super) fn is_suspect(bytes: &[u8]) -> bool {
    may_be_left_over(bytes) || marks_in_strings(bytes) || Notebook::read(bytes).is_err()
}

fn each(stages: &Sides<Option<Vec<u8>>>) -> impl Iterator<Item = Option<&[u8]>> {
    [&stages.ours, &stages.theirs, &stages.base].into_iter().map(Option::as_deref)
}

/// Whether a file is what one version has, or one side has no such file: then nobody has merged it.
fn is_a_version(file: &[u8], stages: &Sides<Option<Vec<u8>>>) -> bool {
    let plain = |bytes: &[u8]| bytes.iter().copied().filter(|byte| *byte != b'\r').collect::<Vec<_>>();
    let file = plain(file);
    stages.ours.is_none() || stages.theirs.is_none() || each(stages).flatten().any(|version| plain(version) == file)
}
