//! Other version control over the same files: it reads neither git's attributes nor its drivers.

use std::path::{self, Path, PathBuf};
use std::process::{Command, Stdio};

use super::facts::Facts;
use super::finding::Finding;
use super::kinds::OTHER_VCS;

/// A system, as far as it matters here.
struct System {
    /// Its program, and its name for `cellwise install --print`.
    program: &'static str,
    /// The folder that makes a repository of it.
    folder: &'static str,
    /// What asks it for our tool.
    question: &'static [&'static str],
    /// A shell word for the configuration of the repository.
    config: &'static str,
}

const SYSTEMS: [System; 3] = [
    System {
        program: "jj",
        folder: ".jj",
        question: &["config", "list", "merge-tools.cellwise.program"],
        config: "\"$(jj config path --repo)\"",
    },
    System {
        program: "hg",
        folder: ".hg",
        question: &["config", "merge-tools.cellwise.executable"],
        config: "\"$(hg root)/.hg/hgrc\"",
    },
    System {
        program: "sl",
        folder: ".sl",
        question: &["config", "merge-tools.cellwise.executable"],
        config: "\"$(sl root)/.sl/config\"",
    },
];

pub(super) fn check(facts: &Facts) -> Option<Finding> {
    let dir = path::absolute(&facts.dir).ok()?;
    SYSTEMS.iter().find_map(|system| system.lacks_us(&dir))
}

impl System {
    /// A finding if `dir` is in a repository of the system that does not know cellwise.
    fn lacks_us(&self, dir: &Path) -> Option<Finding> {
        let folder: PathBuf = dir.ancestors().map(|above| above.join(self.folder)).find(|folder| folder.is_dir())?;
        if self.answer(dir)? {
            return None;
        }
        let name = self.program;
        let message = format!("{name} does not know cellwise: it shows and merges notebooks as plain text");
        let command = format!("cellwise install --print {name} >>{}", self.config);
        Some(Finding::new(&OTHER_VCS, message, command).at(folder.display().to_string()))
    }

    /// Whether it tells of our tool; `None` where the program is not there to be asked.
    fn answer(&self, dir: &Path) -> Option<bool> {
        let mut program = Command::new(self.program);
        program.args(self.question).current_dir(dir).stdin(Stdio::null());
        let output = program.env("HGPLAIN", "1").output().ok()?;
        Some(!output.stdout.trim_ascii().is_empty())
    }
}
