//! What the user can choose.

use super::config::Values;
use super::{filter, lines};

/// Whether `git diff` is answered by cellwise itself or by git from the text form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DiffCommand {
    /// cellwise answers `git diff`: moved cells, output changes, each cell against its own partner.
    #[default]
    Registered,
    /// git answers from the text form, and its own options (`-w`, `--word-diff`) work.
    LeftOut,
}

/// Whether git keeps the text forms of committed notebooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cache {
    /// git asks for the text each time.
    #[default]
    None,
    /// git keeps it in [`CACHE_REF`](super::CACHE_REF).
    Kept,
}

/// Whether notebooks are cleaned when they are staged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Filter {
    /// git stores notebooks as they are, or as another filter leaves them.
    #[default]
    None,
    /// git stores what `cellwise clean` leaves.
    Clean,
}

/// Whether commits are guarded by hooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Guard {
    /// git commits notebooks as they are.
    #[default]
    None,
    /// Hooks stop a commit of a notebook with conflicts.
    Hooks,
}

/// How git finds the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Program {
    /// By its full path.
    #[default]
    FullPath,
    /// By its name, on the PATH of whoever runs git.
    OnPath,
}

/// Whether the tracked `.gitattributes` takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Share {
    /// It stays as it is.
    #[default]
    No,
    /// The lines go to the `.gitattributes` at the top of the work tree, or out of it.
    Yes,
}

/// How cellwise is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Who answers `git diff`.
    pub diff_command: DiffCommand,
    /// Whether `log -p` and the like are served from a cache.
    pub cache: Cache,
    /// Whether staging cleans.
    pub filter: Filter,
    /// Whether commits are guarded.
    pub guard: Guard,
    /// How the lines name the program.
    pub program: Program,
}

/// What the user asked for this time. What is left open stays as it is installed, so that installing again
/// after an update takes nothing away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asked {
    /// Who answers `git diff`.
    pub diff_command: Option<DiffCommand>,
    /// Whether `log -p` and the like are served from a cache.
    pub cache: Option<Cache>,
    /// Whether staging cleans.
    pub filter: Option<Filter>,
    /// Whether commits are guarded.
    pub guard: Option<Guard>,
    /// How the lines name the program.
    pub program: Option<Program>,
}

impl Asked {
    /// The options that hold where `installed` is there already.
    pub(super) fn over(self, installed: Options) -> Options {
        Options {
            diff_command: self.diff_command.unwrap_or(installed.diff_command),
            cache: self.cache.unwrap_or(installed.cache),
            filter: self.filter.unwrap_or(installed.filter),
            guard: self.guard.unwrap_or(installed.guard),
            program: self.program.unwrap_or(installed.program),
        }
    }
}

impl Filter {
    /// Clean if one of the two is.
    pub(super) fn or(self, other: Self) -> Self {
        if self == Self::Clean { self } else { other }
    }
}

impl Options {
    /// Whether an installation with these options has an opinion on `key`.
    pub(super) fn decides(self, key: &str) -> bool {
        self.filter == Filter::Clean || !key.starts_with("filter.")
    }

    /// The options that are in force: of this place if cellwise is installed in it, else of the scopes around it.
    /// Their filter is not repeated; it works here too.
    pub(super) fn in_force(here: &Values, around: &Values) -> Self {
        let own = [lines::TEXTCONV, lines::DRIVER_LINE, lines::FILTER_PROCESS, lines::FILTER_CLEAN];
        match own.iter().any(|key| lines::looks_ours(here, key)) {
            true => Self::of(here),
            false => Self { filter: Filter::None, ..Self::of(around) },
        }
    }

    /// The options by which `values` were installed, each read off its own lines; the default where these are
    /// not ours.
    pub(super) fn of(values: &Values) -> Self {
        let ours = |key| lines::looks_ours(values, key);
        let without_command = ours(lines::TEXTCONV) && values.get(lines::COMMAND).is_empty();
        let cached = ours(lines::CACHE) && values.get(lines::CACHE) == ["true"];
        let by_name = values.get(lines::DRIVER_LINE).iter().any(|line| line.starts_with("cellwise "));
        Self {
            diff_command: if without_command { DiffCommand::LeftOut } else { DiffCommand::Registered },
            cache: if cached { Cache::Kept } else { Cache::None },
            filter: if filter::is_in(values) { Filter::Clean } else { Filter::None },
            // It stands in hooks, too, which are no values.
            guard: Guard::None,
            program: if by_name { Program::OnPath } else { Program::FullPath },
        }
    }
}
