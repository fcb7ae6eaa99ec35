//! The guard: hooks that stop an unresolved notebook from being committed.
//!
//! git 2.54 and later takes hooks from its configuration, beside whatever other tools have put into the hooks folder.
//! For an older git the guard is a block at the beginning of the hooks of this repository. Hooks that are shared
//! with other repositories, tracked, or no shell scripts are left alone, and the user is told what to add.

mod script;

use std::fs;
use std::path::{Path, PathBuf};

use super::InstallError;
use super::config::Values;
use super::file_plan::FilePlan;
use super::options::{Guard, Program};
use super::place::{self, Place, Scope};
use super::record::{self, Record};
use super::tool::Tool;
use super::transaction::Transaction;
use crate::git::command;

pub use script::Event;
pub(in crate::git) use script::holds_block;

/// The first git that reads hooks from its configuration.
const WITH_CONFIGURED_HOOKS: (u32, u32) = (2, 54);

/// The hooks of the configuration: the keys of the command and of its events, and these. What a commit, a merge and a
/// rebase look for differs, so they have commands of their own.
const CONFIGURED: [(&str, &str, &[Event]); 3] = [
    ("hook.cellwise.command", "hook.cellwise.event", &[Event::PreCommit]),
    ("hook.cellwise-merge.command", "hook.cellwise-merge.event", &[Event::PreMergeCommit, Event::PreApplypatch]),
    ("hook.cellwise-rebase.command", "hook.cellwise-rebase.event", &[Event::PrepareCommitMsg]),
];

/// All keys of the configuration that the guard may need.
pub(super) const KEYS: [&str; 6] =
    [CONFIGURED[0].0, CONFIGURED[0].1, CONFIGURED[1].0, CONFIGURED[1].1, CONFIGURED[2].0, CONFIGURED[2].1];

/// Whether the values of `key` are ours by their looks.
pub(super) fn looks_ours(values: &Values, key: &str) -> bool {
    let row = CONFIGURED.iter().find(|(command, event, _)| [*command, *event].contains(&key));
    row.is_some_and(|(command, _, _)| values.get(command).iter().any(|value| script::looks_ours(value)))
}

/// Why a hook is not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// `core.hooksPath` names a folder that is not this repository's own.
    Elsewhere,
    /// The hook, or the folder, is a symbolic link, so others may share it.
    Linked,
    /// The hook is no shell script.
    OtherLanguage,
    /// Somebody has taken the hook's permission to run.
    Off,
}

/// A hook that the user has to change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByHand {
    /// When git runs it.
    pub event: Event,
    /// The file.
    pub path: PathBuf,
    /// Why it is left to the user.
    pub why: Why,
    /// The line to put at its beginning, in shell.
    pub line: String,
    /// What the line runs, for other languages.
    pub command: String,
}

/// A hook of this repository.
#[derive(Debug)]
pub struct Hook {
    /// The file with the hook.
    pub file: FilePlan,
    /// The line that it gets, or `None` if it loses ours.
    pub line: Option<String>,
}

/// Where the guard stands, and where it is to stand.
#[derive(Debug, Default)]
pub struct GuardPlan {
    /// The hooks that get our block, or lose it.
    pub hooks: Vec<Hook>,
    /// The hooks that are left to the user.
    pub by_hand: Vec<ByHand>,
    /// The values of [`KEYS`].
    pub(super) entries: Vec<(&'static str, Vec<String>)>,
}

impl GuardPlan {
    /// What guarding commits at `place` needs, or what is to go if they are not guarded any more.
    pub(super) fn install(place: &Place, tool: &Tool, guard: Guard) -> Result<Self, InstallError> {
        if guard == Guard::None {
            return Self::uninstall(place);
        }
        if place.scope == Scope::Local && place.work_tree.is_none() {
            return Err(InstallError::NothingToGuard);
        }
        match (takes_configured_hooks(command::version(place.dir())?), place.scope) {
            (true, _) => Ok(Self { entries: entries(tool), ..Self::uninstall(place)? }),
            (false, Scope::Local) => Self::in_files(place, tool),
            (false, _) => Err(InstallError::NoConfiguredHooks),
        }
    }

    /// What takes the guard out of the hooks of `place`; none of other scopes has any.
    pub(super) fn uninstall(place: &Place) -> Result<Self, InstallError> {
        let mut plan = Self::default();
        if place.scope == Scope::Local {
            let folder = own_folder(place)?;
            for event in Event::ALL {
                let hook = Hook::removed(place, event, &folder.join(event.name()))?;
                plan.hooks.extend(Some(hook).filter(|hook| hook.file.is_due() || hook.file.record.left().exists()));
            }
        }
        Ok(plan)
    }

    fn in_files(place: &Place, tool: &Tool) -> Result<Self, InstallError> {
        let own = own_folder(place)?;
        let folder = command::hooks_folder(place.dir())?.unwrap_or_else(|| own.clone());
        let is_own = real(&folder) == real(&own) && real(&own).starts_with(real(own.parent().unwrap_or(&own)));
        // Our own hooks stay where git does not look now: it will again, and nobody has to think of the guard then.
        let mut plan = Self::default();
        for event in Event::ALL {
            let path = folder.join(event.name());
            let why = if is_own { obstacle(&path)? } else { Some(Why::Elsewhere) };
            match why {
                None => plan.hooks.push(Hook::guarded(place, event, &path, tool)?),
                Some(why) => plan.by_hand.extend(ByHand::unless_done(event, by_author(&path), why, tool)),
            }
        }
        Ok(plan)
    }

    /// Whether a hook is to be written.
    pub(super) fn is_due(&self) -> bool {
        self.hooks.iter().any(|hook| hook.file.is_due())
    }

    /// Whether there is a record to be forgotten of hooks that are gone already.
    pub(super) fn forgets(&self) -> bool {
        self.hooks.iter().any(|hook| hook.line.is_none())
    }

    /// Fails if somebody has written a hook since it was read.
    pub(super) fn check(&self) -> Result<(), InstallError> {
        self.hooks.iter().try_for_each(|hook| hook.file.check())
    }

    /// Writes the hooks with their records.
    pub(super) fn write(&self, transaction: &mut Transaction) -> Result<(), InstallError> {
        self.hooks.iter().try_for_each(|hook| hook.write(transaction))
    }

    /// Removes the folders that install made for hooks that are gone.
    pub(super) fn remove_folders(&self) {
        self.hooks.iter().filter(|hook| hook.line.is_none()).for_each(|hook| hook.file.remove_folders());
    }
}

/// Whether a git of this version runs hooks of its configuration.
pub(in crate::git) fn takes_configured_hooks(version: (u32, u32)) -> bool {
    version >= WITH_CONFIGURED_HOOKS
}

/// Whether install has put the guard into hooks of a repository and has not been asked to take it out since: the
/// record stays when somebody else removes the hooks. `record` is the folder of [`Place::record`].
pub(in crate::git) fn is_recorded(record: &Path) -> bool {
    Event::ALL.iter().any(|event| Record::new(record, event.name()).left().exists())
}

/// Whether commits are guarded at `place`, whose configuration holds `values`, or should be.
pub(super) fn installed(place: &Place, values: &Values) -> Result<Guard, InstallError> {
    let configured = KEYS.iter().any(|key| looks_ours(values, key));
    let is_guarded = configured || is_recorded(&place.record) || GuardPlan::uninstall(place)?.is_due();
    Ok(if is_guarded { Guard::Hooks } else { Guard::None })
}

fn entries(tool: &Tool) -> Vec<(&'static str, Vec<String>)> {
    let rows = CONFIGURED.iter().flat_map(|(command, event, events)| {
        let names = events.iter().map(|event| event.name().to_owned()).collect();
        [(*command, vec![script::command(tool, events[0])]), (*event, names)]
    });
    rows.collect()
}

impl ByHand {
    /// `None` if the hook calls the guard already. A script that others share finds the program on their PATH.
    fn unless_done(event: Event, path: PathBuf, why: Why, tool: &Tool) -> Option<Self> {
        let is_done = why != Why::Off && fs::read(&path).is_ok_and(|script| script::calls_guard(&script));
        let tool = match why {
            Why::Elsewhere | Why::Linked => tool.named(Program::OnPath),
            Why::OtherLanguage | Why::Off => tool.clone(),
        };
        let (line, command) = (script::line(&tool, event), script::check(&tool, event));
        (!is_done).then_some(Self { event, path, why, line, command })
    }
}

impl Hook {
    fn guarded(place: &Place, event: Event, path: &Path, tool: &Tool) -> Result<Self, InstallError> {
        let (mut file, line) = (Self::removed(place, event, path)?.file, script::line(tool, event));
        file.wanted = Some(script::with_block(file.earlier.as_deref(), &line));
        Ok(Self { file, line: Some(line) })
    }

    fn removed(place: &Place, event: Event, path: &Path) -> Result<Self, InstallError> {
        let record = Record::new(&place.record, event.name());
        // What is no file is not our hook.
        let now = if path.is_file() { record::read(path)? } else { None };
        let earlier = before(&record, now.as_deref())?;
        let file =
            FilePlan { path: path.to_owned(), record, now, wanted: earlier.clone(), earlier, moved_behind: None };
        Ok(Self { file, line: None })
    }

    fn write(&self, transaction: &mut Transaction) -> Result<(), InstallError> {
        match self.line {
            Some(_) => self.file.install(transaction)?,
            None => self.file.uninstall(transaction)?,
        }
        match (&self.file.now, &self.file.wanted) {
            (None, Some(_)) => make_executable(&self.file.path),
            _ => Ok(()),
        }
    }
}

/// A hook as it would be without cellwise, `None` for no file.
fn before(record: &Record, now: Option<&[u8]>) -> Result<Option<Vec<u8>>, InstallError> {
    let before = record::read(&record.before())?;
    if record.is_as_left(now)? {
        return Ok(before);
    }
    let rest = now.map(script::without_block);
    let had_block = rest.as_deref() != now;
    Ok(rest.filter(|rest| !(had_block && before.is_none() && script::is_bare(rest))))
}

/// Why the hook at `path`, in the repository's own folder, cannot be written.
fn obstacle(path: &Path) -> Result<Option<Why>, InstallError> {
    if path.is_symlink() {
        return Ok(Some(Why::Linked));
    }
    let Some(script) = record::read(path)? else { return Ok(None) };
    Ok(match (script::is_shell(&script), is_executable(path)) {
        (_, false) => Some(Why::Off),
        (false, true) => Some(Why::OtherLanguage),
        (true, true) => None,
    })
}

/// The hook that its author edits: husky's `.husky/_/pre-commit` is made anew by each `npm install`, and runs
/// `.husky/pre-commit`.
fn by_author(path: &Path) -> PathBuf {
    let (folder, name) = (path.parent(), path.file_name());
    let husky = folder.filter(|folder| folder.ends_with(".husky/_")).and_then(Path::parent);
    match (husky, name) {
        (Some(husky), Some(name)) => husky.join(name),
        _ => path.to_owned(),
    }
}

/// The folder of hooks that belongs to this repository and its linked work trees alone.
fn own_folder(place: &Place) -> Result<PathBuf, InstallError> {
    Ok(place::git_path(place.dir(), &["--git-common-dir"])?.join("hooks"))
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(_: &Path) -> bool {
    true
}

/// Whoever may read it may run it.
#[cfg(unix)]
fn make_executable(path: &Path) -> Result<(), InstallError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path).map_err(InstallError::folder(path))?.permissions().mode();
    let permissions = fs::Permissions::from_mode(mode | ((mode & 0o444) >> 2));
    fs::set_permissions(path, permissions).map_err(InstallError::folder(path))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> Result<(), InstallError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_git_that_knows_configured_hooks_gets_them() {
        for (version, takes) in [((2, 31), false), ((2, 53), false), ((2, 54), true), ((3, 0), true)] {
            assert_eq!(takes_configured_hooks(version), takes, "{version:?}");
        }
    }

    #[test]
    fn every_event_is_configured_once() {
        let entries = entries(&Tool::at(Path::new("/x/cellwise")).unwrap());
        assert_eq!(entries.iter().map(|(key, _)| *key).collect::<Vec<_>>(), KEYS);
        let mut events: Vec<_> =
            entries.iter().filter(|(key, _)| key.ends_with("event")).flat_map(|(_, v)| v).collect();
        let mut all = Event::ALL.map(Event::name).to_vec();
        events.sort();
        all.sort_unstable();
        assert_eq!(events, all);
        assert!(entries.iter().all(|(key, values)| key.ends_with("event") || script::looks_ours(&values[0])));
    }
}
