//! What install or uninstall would change, and doing it.

use std::fs;
use std::path::Path;

use super::InstallError;
use super::attributes::{has_block, with_block, without_block};
use super::config::{ConfigFile, Values};
use super::lines::{self, CACHE_REF, DRIVER_LINE, KEYS, NAME, Options, RECURSIVE};
use super::place::Place;
use super::record::{self, Record};
use super::tool::Tool;
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

/// A value of another scope that git obeys instead of this installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overruled {
    /// The key.
    pub key: String,
    /// Where the other value stands: `worktree`, `global`, `system`, `command`.
    pub scope: String,
    /// The other value.
    pub value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aim {
    Install,
    Uninstall,
}

/// What would change in one scope.
#[derive(Debug)]
pub struct Plan {
    /// Where.
    pub place: Place,
    /// Every key that cellwise decides about.
    pub changes: Vec<Change>,
    /// Values elsewhere that win over this installation.
    pub overruled: Vec<Overruled>,
    /// Whether git has cached texts. They go in any case: another program may have made them, or none that ran.
    pub drops_cache: bool,
    aim: Aim,
    config_as_left: bool,
    attributes_now: Option<Vec<u8>>,
    attributes_earlier: Option<Vec<u8>>,
    attributes_wanted: Option<Vec<u8>>,
}

impl Plan {
    /// What installing `tool` at `place` would change.
    ///
    /// # Errors
    /// The files cannot be read.
    pub fn install(place: Place, tool: &Tool, options: Options) -> Result<Self, InstallError> {
        let mut plan = Self::uninstall(place)?;
        plan.aim = Aim::Install;
        for (key, value) in lines::wanted(tool, options) {
            for change in plan.changes.iter_mut().filter(|change| change.key == key) {
                change.wanted = value.iter().cloned().collect();
            }
        }
        let earlier = plan.attributes_earlier.as_deref().unwrap_or_default();
        plan.attributes_wanted = Some(with_block(earlier));
        plan.overruled = overruled(&plan.place, &plan.changes)?;
        Ok(plan)
    }

    /// What uninstalling from `place` would change.
    ///
    /// # Errors
    /// The files cannot be read.
    pub fn uninstall(place: Place) -> Result<Self, InstallError> {
        let config = record::read(&place.config)?;
        let config_as_left = Record::config(&place.record).is_as_left(config.as_deref())?;
        let attributes_now = record::read(&place.attributes)?;
        let attributes_earlier = attributes_before(&place, attributes_now.as_deref())?;
        Ok(Self {
            changes: changes(&place)?,
            drops_cache: has_cache(&place)?,
            overruled: Vec::new(),
            aim: Aim::Uninstall,
            config_as_left,
            attributes_now,
            attributes_wanted: attributes_earlier.clone(),
            attributes_earlier,
            place,
        })
    }

    /// Whether the attributes file changes.
    #[must_use]
    pub fn attributes_due(&self) -> bool {
        self.attributes_now != self.attributes_wanted
    }

    /// Whether there is anything to write.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.attributes_due() || self.drops_cache || self.changes.iter().any(Change::is_due)
    }

    /// Writes it.
    ///
    /// # Errors
    /// git or the system refuses. The record is written first, so that whatever was done can be undone by
    /// uninstalling.
    pub fn apply(&self) -> Result<(), InstallError> {
        if self.drops_cache {
            command::run(self.place.dir(), ["update-ref", "-d", CACHE_REF])?;
        }
        match self.aim {
            Aim::Install if self.is_due() => self.apply_install(),
            Aim::Install => Ok(()),
            Aim::Uninstall => self.apply_uninstall(),
        }
    }

    fn apply_install(&self) -> Result<(), InstallError> {
        record::make_folder(&self.place.record)?;
        let config = Record::config(&self.place.record);
        if !self.config_as_left {
            self.record_config(&config)?;
        }
        let attributes = Record::attributes(&self.place.record);
        record::write(&attributes.before(), self.attributes_earlier.as_deref())?;

        self.put_values()?;
        record::write(&config.left(), record::read(&self.place.config)?.as_deref())?;

        self.make_attributes_folder(&attributes)?;
        record::write(&self.place.attributes, self.attributes_wanted.as_deref())?;
        record::write(&attributes.left(), self.attributes_wanted.as_deref())
    }

    /// Records the configuration as it would be without cellwise: the present one, and where that has our
    /// entries (of a lost record, or with changes by others since), a copy with the earlier values put back.
    fn record_config(&self, config: &Record) -> Result<(), InstallError> {
        record::write(&config.left(), None)?;
        let before = record::read(&self.place.config)?;
        record::write(&config.before(), before.as_deref())?;
        let copy = ConfigFile::at(&config.before());
        for change in self.changes.iter().filter(|change| change.now != change.earlier) {
            copy.put(change.key, &change.earlier)?;
        }
        Ok(())
    }

    fn put_values(&self) -> Result<(), InstallError> {
        let config = self.place.config_file();
        for change in self.changes.iter().filter(|change| change.is_due()) {
            config.put(change.key, &change.wanted)?;
        }
        Ok(())
    }

    fn make_attributes_folder(&self, attributes: &Record) -> Result<(), InstallError> {
        match self.place.attributes.parent() {
            Some(folder) if !folder.exists() => {
                fs::create_dir_all(folder).map_err(InstallError::folder(folder))?;
                record::write(&attributes.made_folder(), Some(b""))
            }
            _ => Ok(()),
        }
    }

    fn apply_uninstall(&self) -> Result<(), InstallError> {
        let config = Record::config(&self.place.record);
        if self.config_as_left {
            record::write(&self.place.config, record::read(&config.before())?.as_deref())?;
        } else {
            self.put_values()?;
        }
        let attributes = Record::attributes(&self.place.record);
        if self.attributes_due() {
            record::write(&self.place.attributes, self.attributes_wanted.as_deref())?;
        }
        if attributes.made_folder().exists() {
            remove_if_empty(self.place.attributes.parent());
        }
        config.forget()?;
        attributes.forget()?;
        remove_if_empty(Some(&self.place.record));
        Ok(())
    }
}

fn has_cache(place: &Place) -> Result<bool, InstallError> {
    let output = command::output(place.dir(), &["rev-parse", "--verify", "--quiet", CACHE_REF])?;
    Ok(output.status.success())
}

fn remove_if_empty(folder: Option<&Path>) {
    if let Some(folder) = folder {
        // A folder in which others keep something stays, and that is no fault.
        fs::remove_dir(folder).ok();
    }
}

/// For every key what is there now and what was there before cellwise; wanted is the latter, as for uninstall.
fn changes(place: &Place) -> Result<Vec<Change>, InstallError> {
    let record = Record::config(&place.record);
    let now = place.config_file().values()?;
    let left = ConfigFile::at(&record.left()).values()?;
    let before = ConfigFile::at(&record.before()).values()?;
    let mut changes: Vec<Change> = KEYS.iter().map(|key| change(key, &now, &left, &before)).collect();
    drop_half_section(&mut changes);
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

/// A merge section with a name but without a driver is fatal to every merge, so it goes altogether.
fn drop_half_section(changes: &mut [Change]) {
    let has_driver = |change: &Change| change.key == DRIVER_LINE && !change.earlier.is_empty();
    if changes.iter().any(has_driver) {
        return;
    }
    for change in changes.iter_mut().filter(|change| [NAME, RECURSIVE].contains(&change.key)) {
        change.earlier.clear();
        change.wanted.clear();
    }
}

/// The attributes file as it would be without cellwise, `None` for no file.
fn attributes_before(place: &Place, now: Option<&[u8]>) -> Result<Option<Vec<u8>>, InstallError> {
    let record = Record::attributes(&place.record);
    let before = record::read(&record.before())?;
    if record.is_as_left(now)? {
        return Ok(before);
    }
    let rest = now.map(without_block);
    let was_ours_alone = rest.as_ref().is_some_and(Vec::is_empty) && now.is_some_and(has_block);
    Ok(if was_ours_alone && before.is_none() { None } else { rest })
}

/// Values of other scopes that git takes instead of those planned for this one.
fn overruled(place: &Place, changes: &[Change]) -> Result<Vec<Overruled>, InstallError> {
    let pattern = format!(r"^(diff|merge)\.{}\.", lines::DRIVER);
    let args = ["config", "-z", "--show-scope", "--get-regexp", &pattern];
    let output = command::output(place.dir(), &args)?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut fields = text.split('\0');
    let mut others = Vec::new();
    while let (Some(scope), Some(entry)) = (fields.next(), fields.next()) {
        let (key, value) = entry.split_once('\n').unwrap_or((entry, ""));
        let planned = changes.iter().find(|change| change.key == key);
        if planned.is_some_and(|change| wins(scope, place.scope(), &change.wanted)) {
            others.push(Overruled { key: key.to_owned(), scope: scope.to_owned(), value: value.to_owned() });
        }
    }
    Ok(others)
}

/// Whether a value of scope `other` wins over `wanted` in scope `here`: git reads scopes in this order, the
/// last value counts, and nothing in a nearer scope can unset one from afar.
fn wins(other: &str, here: &str, wanted: &[String]) -> bool {
    const ORDER: [&str; 5] = ["system", "global", "local", "worktree", "command"];
    let rank = |scope: &str| ORDER.iter().position(|name| *name == scope);
    match wanted {
        [] => other != here,
        _ => rank(other) > rank(here),
    }
}
