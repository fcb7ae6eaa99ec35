//! How a merge is to be done: what was asked for, then what the project configures, then git's settings and the
//! defaults.

use std::path::{Path, PathBuf};

use anyhow::bail;
use cellwise::config::{Config, MergeSection};
use cellwise::git::command;
use cellwise::git::project::{self, ConfigFile};
use cellwise::git::settings::{Environment, Settings, Stdout};
use cellwise::merge::{ConflictStyle, InsertPolicy, MergeOptions, OutputsPolicy, Sides};

use super::output;

/// What a caller asks of a merge.
pub(super) struct Wishes {
    pub(super) labels: Sides<String>,
    pub(super) marker_size: usize,
    pub(super) outputs: Option<OutputsPolicy>,
    pub(super) insert: Option<InsertPolicy>,
    pub(super) style: Option<ConflictStyle>,
    pub(super) project: Project,
}

/// Whose configuration counts, and what becomes of mistakes in it.
pub(super) enum Project {
    /// That of a file that somebody named: a mistake ends the command.
    File(PathBuf),
    /// The same while a merge is open, which may have left the configuration itself in conflict: a mistake is a warning.
    Conflicted(PathBuf),
    /// That of a path of git's: a mistake is a warning.
    Tracked(PathBuf),
    /// The same where nobody need hear of it: a merge that only makes a base.
    Base(PathBuf),
}

/// What was wished for, made up with what is configured.
pub(super) struct Plan {
    pub(super) options: MergeOptions,
    configured_style: Option<ConflictStyle>,
    asked_style: Option<ConflictStyle>,
}

impl Wishes {
    /// Looks the configuration up. Only a typed command can fail.
    pub(super) fn plan(&self) -> anyhow::Result<Plan> {
        let section = self.project.config()?.merge;
        let MergeSection { conflict_style, .. } = section;
        let mut options = section.options();
        options.labels.clone_from(&self.labels);
        options.marker_size = self.marker_size;
        options.outputs = self.outputs.unwrap_or(options.outputs);
        options.insert = self.insert.unwrap_or(options.insert);
        options.style = self.style.unwrap_or_default();
        Ok(Plan { options, configured_style: conflict_style, asked_style: self.style })
    }
}

impl Plan {
    /// How conflicts are written. git does not hand its style to drivers, so it is asked for, and only now that
    /// there is a conflict.
    pub(super) fn style(&self) -> ConflictStyle {
        let of_git = || Settings::read(Path::new(""), &Environment::of_process(), Stdout::Other).conflict_style;
        self.asked_style.or_else(of_git).or(self.configured_style).unwrap_or_default()
    }
}

impl Project {
    fn config(&self) -> anyhow::Result<Config> {
        let found = match self {
            Self::File(file) | Self::Conflicted(file) => project::config_for(file),
            Self::Tracked(path) | Self::Base(path) => project::config_for_tracked(path),
        };
        let Some(found) = found else { return Ok(Config::default()) };
        if let (Self::File(_), Some(mistake)) = (self, mistake(&found)) {
            bail!(mistake);
        }
        if let (Self::File(_) | Self::Conflicted(_) | Self::Tracked(_), Some(warning)) = (self, warning(&found)) {
            output::complain(&warning);
        }
        Ok(found.config)
    }
}

/// The least length of git's markers.
pub(super) const USUAL_MARKERS: usize = 7;

/// The length of markers that the attributes of `path`, which counts from the current folder, ask for.
pub(super) fn marker_size_of(path: &str) -> usize {
    let answer = command::run(Path::new(""), ["check-attr", "-z", "conflict-marker-size", "--", path]);
    // `PATH NUL conflict-marker-size NUL VALUE NUL`
    let value = answer.ok().and_then(|answer| String::from_utf8(answer.split(|&byte| byte == 0).nth(2)?.to_vec()).ok());
    value.and_then(|value| value.parse().ok()).unwrap_or(USUAL_MARKERS)
}

/// What somebody must correct: the first mistake, with its place.
pub(super) fn mistake(found: &ConfigFile) -> Option<String> {
    let at = found.problems.iter().position(|problem| problem.is_mistake())?;
    Some(said(found, at))
}

/// One line about all that does not hold.
pub(super) fn warning(found: &ConfigFile) -> Option<String> {
    let others = found.problems.len().checked_sub(1)?;
    let more = if others > 0 { format!(" (and {others} more)") } else { String::new() };
    Some(format!("{}{more}; the default holds", said(found, 0)))
}

/// `cellwise.toml:3: unknown key …`
pub(super) fn said(found: &ConfigFile, index: usize) -> String {
    let problem = &found.problems[index];
    let line = problem.line.map(|line| format!(":{line}")).unwrap_or_default();
    format!("{}{line}: {problem}", output::name(&found.path))
}
