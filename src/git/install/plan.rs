//! What install or uninstall would change, and doing it.

use std::path::PathBuf;

use super::attributes;
use super::config::{self, Values};
use super::file_plan::FilePlan;
use super::guard::{self, GuardPlan};
use super::lines::{self, CACHE_REF, DRIVER_LINE, KEYS, NAME, RECURSIVE};
use super::options::{Asked, Filter, Options, Share};
use super::others::{self, AllScopes, InForce, Overruled};
use super::place::{Place, Scope};
use super::record;
use super::tool::Tool;
use super::transaction::{Lock, Transaction};
use super::{Aim, InstallError};
use crate::git::command;

/// What happens to one key of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The key, as `git config` takes it.
    pub key: &'static str,
    /// What is there now.
    pub now: Vec<String>,
    /// What stood there before cellwise, and stands there again after uninstalling.
    pub earlier: Vec<String>,
    /// What will be there.
    pub wanted: Vec<String>,
}

impl Change {
    /// Whether anything has to be written.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.now != self.wanted
    }
}

/// What would change in one scope.
#[derive(Debug)]
pub struct Plan {
    /// Where.
    pub place: Place,
    /// How cellwise will be installed, or was.
    pub options: Options,
    /// Every key that cellwise decides about.
    pub changes: Vec<Change>,
    /// The configuration.
    pub config: FilePlan,
    /// The attributes file that nobody tracks.
    pub attributes: FilePlan,
    /// The tracked `.gitattributes`, if it takes part.
    pub shared: Option<FilePlan>,
    /// The hooks of the guard.
    pub guard: GuardPlan,
    /// Values elsewhere that win over this installation.
    pub overruled: Vec<Overruled>,
    /// The attributes of notebooks as they are now.
    pub in_force: InForce,
    /// Whether git has cached texts. They go in any case: another program may have made them, or none that ran.
    pub drops_cache: bool,
    aim: Aim,
}

impl Plan {
    /// What installing `tool` at `place` would change.
    ///
    /// # Errors
    /// The files cannot be read, or there is nothing to share in.
    pub fn install(place: Place, tool: &Tool, asked: Asked, share: Share) -> Result<Self, InstallError> {
        let now = Values::read(&place.config)?;
        let all = AllScopes::read(&place)?;
        let around = all.around(place.scope);
        let guarded = guard::installed(&place, &now)?;
        let found = Options::in_force(&now, &around);
        // Its keys may be gone, and what git is asked to do would silently not be done.
        let filter = found.filter.or(named_filter(&place)?);
        let options = asked.over(Options { guard: guarded, filter, ..found });
        let mut changes = changes(&place, &now)?;
        for (key, value) in lines::wanted(&tool.named(options.program), options, &around) {
            for change in changes.iter_mut().filter(|change| change.key == key) {
                change.wanted = value.iter().cloned().collect();
            }
        }
        let guard = GuardPlan::install(&place, &tool.named(options.program), options.guard)?;
        for (key, values) in &guard.entries {
            for change in changes.iter_mut().filter(|change| change.key == *key) {
                change.wanted.clone_from(values);
            }
        }
        let decided: Vec<Change> = changes.iter().filter(|change| options.decides(change.key)).cloned().collect();
        let overruled = all.overruling(place.scope, &decided);
        Self::with(place, options, changes, share, Aim::Install).map(|plan| Self { overruled, guard, ..plan })
    }

    /// What uninstalling from `place` would change.
    ///
    /// # Errors
    /// The files cannot be read.
    pub fn uninstall(place: Place, share: Share) -> Result<Self, InstallError> {
        let now = Values::read(&place.config)?;
        let (options, changes) = (Options::of(&now), changes(&place, &now)?);
        Self::with(place, options, changes, share, Aim::Uninstall)
    }

    fn with(
        place: Place,
        options: Options,
        changes: Vec<Change>,
        share: Share,
        aim: Aim,
    ) -> Result<Self, InstallError> {
        let shared = match share {
            Share::No => None,
            Share::Yes => Some(shared(&place, aim)?),
        };
        Ok(Self {
            options,
            config: config(&place, &changes, aim)?,
            attributes: FilePlan::attributes(&place.attributes, place.attributes_record(), aim, options.filter)?,
            shared,
            guard: GuardPlan::uninstall(&place)?,
            overruled: Vec::new(),
            in_force: InForce::find(place.dir())?,
            drops_cache: has_cache(&place)?,
            aim,
            changes,
            place,
        })
    }

    /// Whether there is anything to write.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.drops_cache || self.guard.is_due() || self.files().any(FilePlan::is_due)
    }

    /// The `.gitattributes` of the work tree, if our lines are in it and stay there.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn stays_shared(&self) -> Result<Option<PathBuf>, InstallError> {
        match &self.place.work_tree {
            Some(tree) if self.shared.is_none() => {
                let plan = FilePlan::attributes(&tree.attributes(), tree.record(), Aim::Uninstall, Filter::None)?;
                Ok(plan.is_due().then_some(plan.path))
            }
            _ => Ok(None),
        }
    }

    /// The submodules that have notebooks and no driver for them.
    ///
    /// # Errors
    /// git cannot be run.
    pub fn uncovered_submodules(&self) -> Result<Vec<String>, InstallError> {
        others::submodules(&self.place)
    }

    /// The attributes of notebooks once the plan was applied.
    ///
    /// # Errors
    /// git cannot be run.
    pub fn in_force_after(&self) -> Result<InForce, InstallError> {
        InForce::find(self.place.dir())
    }

    /// Whether the files can be written, as far as that is known before.
    ///
    /// # Errors
    /// One is no file that keeps anything, or somebody has written it since the plan was made.
    pub fn check(&self) -> Result<(), InstallError> {
        self.files().try_for_each(FilePlan::check)?;
        self.guard.check()
    }

    /// Writes all of it or nothing.
    ///
    /// # Errors
    /// git or the system refuses, or somebody else is writing.
    pub fn apply(&self) -> Result<(), InstallError> {
        if self.aim == Aim::Install && !self.is_due() && !self.guard.forgets() {
            return Ok(());
        }
        self.write_files()?;
        if self.drops_cache {
            command::run(self.place.dir(), ["update-ref", "-d", CACHE_REF])?;
        }
        Ok(())
    }

    fn write_files(&self) -> Result<(), InstallError> {
        let _lock = self.config.is_due().then(|| Lock::take(&self.config.path)).transpose()?;
        self.check()?;
        Transaction::run(|transaction| {
            match self.aim {
                Aim::Install => self.files().try_for_each(|file| file.install(transaction))?,
                Aim::Uninstall => self.files().try_for_each(|file| file.uninstall(transaction))?,
            }
            self.guard.write(transaction)
        })?;
        self.guard.remove_folders();
        if self.aim == Aim::Uninstall {
            self.files().for_each(FilePlan::remove_folders);
        }
        Ok(())
    }

    fn files(&self) -> impl Iterator<Item = &FilePlan> {
        [&self.config, &self.attributes].into_iter().chain(&self.shared)
    }
}

/// The tracked file never gets the filter: it would stop everybody who has no cellwise.
fn shared(place: &Place, aim: Aim) -> Result<FilePlan, InstallError> {
    let tree = place.work_tree.as_ref().ok_or(InstallError::NoWorkTree)?;
    let path = tree.attributes();
    if path.is_symlink() {
        return Err(InstallError::Linked(path));
    }
    FilePlan::attributes(&path, tree.record(), aim, Filter::None)
}

/// The filter that our lines in the attributes name.
fn named_filter(place: &Place) -> Result<Filter, InstallError> {
    let text = record::read(&place.attributes)?.unwrap_or_default();
    Ok(if attributes::has_filter(&text) { Filter::Clean } else { Filter::None })
}

/// git keeps its cache in each repository; that of others is theirs.
fn has_cache(place: &Place) -> Result<bool, InstallError> {
    if place.scope != Scope::Local {
        return Ok(false);
    }
    let output = command::output(place.dir(), &["rev-parse", "--verify", "--quiet", CACHE_REF])?;
    Ok(output.status.success())
}

/// The configuration file. Unless it is as install left it, the earlier one is made from it entry by entry.
fn config(place: &Place, changes: &[Change], aim: Aim) -> Result<FilePlan, InstallError> {
    let record = place.config_record();
    let now = record::read(&place.config)?;
    let edited = |to: fn(&Change) -> &Vec<String>| {
        let due = changes.iter().filter(|change| &change.now != to(change));
        let edits: Vec<(&str, &[String])> = due.map(|change| (change.key, to(change).as_slice())).collect();
        config::edited(now.as_deref(), &edits)
    };
    let before = record::read(&record.before())?;
    let earlier = match record.is_as_left(now.as_deref())? {
        true => before,
        false => edited(|change| &change.earlier)?.filter(|rest| !is_ours_alone(rest, &before, &now)),
    };
    let wanted = match aim {
        Aim::Install => edited(|change| &change.wanted)?,
        Aim::Uninstall => earlier.clone(),
    };
    Ok(FilePlan { path: place.config.clone(), record, now, earlier, wanted, moved_behind: None })
}

/// Whether a file whose `rest` without our entries is empty was made by install, as far as anybody knows.
fn is_ours_alone(rest: &[u8], before: &Option<Vec<u8>>, now: &Option<Vec<u8>>) -> bool {
    rest.is_empty() && before.is_none() && now.as_deref() != Some(rest)
}

/// For every key what is there now and what was there before cellwise; wanted is the latter, as for uninstall.
fn changes(place: &Place, now: &Values) -> Result<Vec<Change>, InstallError> {
    let record = place.config_record();
    let left = Values::read(&record.left())?;
    let before = Values::read(&record.before())?;
    let mut changes: Vec<Change> =
        KEYS.iter().chain(&guard::KEYS).map(|key| change(key, now, &left, &before)).collect();
    drop_half_section(&mut changes, &before);
    Ok(changes)
}

/// A value that is neither as install left it nor looks like ours is somebody's later decision and stays.
fn change(key: &'static str, now: &Values, left: &Values, before: &Values) -> Change {
    let values = now.get(key);
    let is_ours = left.get(key) == values || lines::looks_ours(now, key);
    let knows_before = *left != Values::default() || *before != Values::default();
    let earlier = match (is_ours, knows_before) {
        (true, true) => before.get(key),
        (true, false) if lines::looks_ours(now, key) => Vec::new(),
        _ => values.clone(),
    };
    Change { key, now: values, wanted: earlier.clone(), earlier }
}

/// A merge section with a name but without a driver is fatal to every merge, so it goes altogether, unless it is
/// somebody else's: it was such before cellwise, or it is not touched.
fn drop_half_section(changes: &mut [Change], before: &Values) {
    let Some(driver) = changes.iter().find(|change| change.key == DRIVER_LINE).cloned() else { return };
    if !driver.earlier.is_empty() {
        return;
    }
    let had_none = before.get(DRIVER_LINE).is_empty();
    for change in changes.iter_mut().filter(|change| [NAME, RECURSIVE].contains(&change.key)) {
        let is_untouched = driver.now.is_empty() && change.now == change.earlier;
        let was_such = had_none && before.get(change.key) == change.earlier;
        if !is_untouched && !was_such {
            change.earlier.clear();
            change.wanted.clear();
        }
    }
}
