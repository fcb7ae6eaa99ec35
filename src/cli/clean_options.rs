//! What `clean` keeps and drops: what was asked for, then what the project configures, then the defaults.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::bail;
use cellwise::config::{CleanSection, Config, Key, Takes};
use cellwise::git::filter::Stored;
use cellwise::git::project::{self, ConfigFile};
use cellwise::normalize::CleanOptions;
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command, FromArgMatches};

use super::merge_options::{mistake, warning};
use super::output;

/// The options that `clean` shares with the configuration: one for each key. A list may be given in one argument or in
/// several.
#[derive(Debug, Clone, Default)]
pub(super) struct Strip {
    /// What was asked for.
    pub(super) section: CleanSection,
}

impl clap::Args for Strip {
    fn augment_args(command: Command) -> Command {
        let heading = "What is kept and dropped [default: what cellwise.toml says]";
        command.next_help_heading(heading).args(CleanSection::KEYS.iter().map(option))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Strip {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut strip = Self::default();
        strip.update_from_arg_matches(matches)?;
        Ok(strip)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for name in CleanSection::KEYS.iter().map(Key::name) {
            for typed in matches.get_many::<String>(name).into_iter().flatten() {
                let wrong = |hint| clap::Error::raw(ErrorKind::ValueValidation, hint);
                self.section.add(name, typed).map_err(wrong)?;
            }
        }
        Ok(())
    }
}

/// The option of a key.
fn option(key: &'static Key) -> Arg {
    let name = key.name();
    let check = move |typed: &str| CleanSection::default().add(name, typed).map(|()| typed.to_owned());
    let option = Arg::new(name).long(name).help(key.help.trim());
    match key.takes {
        Takes::Flag => {
            let flag = option.num_args(0..=1).require_equals(true).default_missing_value("true");
            flag.value_name("BOOL").value_parser(["true", "false"]).hide_possible_values(true)
        }
        Takes::Word(words) => {
            let explained = words().into_iter().map(|[word, meaning]| PossibleValue::new(word).help(meaning));
            option.value_name("WORD").value_parser(PossibleValuesParser::new(explained))
        }
        Takes::Size => option.value_name("SIZE").value_parser(check),
        Takes::Keys => option.value_name("KEYS").value_parser(check).action(ArgAction::Append),
        Takes::Types => option.value_name("TYPE[:NAME]").value_parser(check).action(ArgAction::Append),
        Takes::Tags => option.value_name("TAGS").value_parser(check).action(ArgAction::Append),
        Takes::Tools => option.value_name("TOOLS").value_parser(check).action(ArgAction::Append),
    }
}

/// How a path of git's is cleaned in its project, where `asked` comes first, and a line about what is wrong in the
/// configuration. With a mistake in it the file counts as it is staged or committed, so that what a project drops goes
/// also while a merge has left markers there; if it is no better, what is wrong has its default. Never fails: for the
/// filter, textconv and the diff command.
pub(super) fn of_project(asked: CleanSection, path: &Path) -> (CleanOptions, Option<String>) {
    let Some(found) = project::config_for_tracked(path) else { return (asked.options(), None) };
    let sound = mistake(&found).and_then(|line| Some((line, sound_version(&found)?)));
    let (config, line) = match sound {
        Some((line, (config, which))) => (config, Some(format!("{line}; the file holds as it is {which}"))),
        None => {
            let line = warning(&found);
            (found.config, line)
        }
    };
    (asked.or(config.clean).options(), line)
}

/// The configuration as git has it, without mistakes, and where that is.
fn sound_version(found: &ConfigFile) -> Option<(Config, &'static str)> {
    let read = |text: Option<Vec<u8>>, which| Some((found.version(&text?)?, which));
    read(Stored::here().staged(&found.path), "staged").or_else(|| read(Stored::committed(&found.path), "committed"))
}

/// The options for files that somebody typed: one look at the configuration for each folder.
pub(super) struct Typed {
    asked: CleanSection,
    folders: HashMap<PathBuf, Arc<CleanOptions>>,
    warned: HashSet<String>,
}

impl Typed {
    pub(super) fn new(asked: CleanSection) -> Self {
        Self { asked, folders: HashMap::new(), warned: HashSet::new() }
    }

    /// The options for a file. A mistake in its configuration is an error.
    pub(super) fn options(&mut self, file: &Path) -> anyhow::Result<Arc<CleanOptions>> {
        let folder = file.parent().unwrap_or(Path::new("")).to_owned();
        if let Some(known) = self.folders.get(&folder) {
            return Ok(Arc::clone(known));
        }
        let found = project::config_for(file);
        if let Some(found) = &found {
            self.judge(found)?;
        }
        let configured = found.map(|found| found.config.clean).unwrap_or_default();
        let options = Arc::new(self.asked.clone().or(configured).options());
        self.folders.insert(folder, Arc::clone(&options));
        Ok(options)
    }

    fn judge(&mut self, found: &ConfigFile) -> anyhow::Result<()> {
        if let Some(mistake) = mistake(found) {
            bail!(mistake);
        }
        if let Some(line) = warning(found)
            && self.warned.insert(line.clone())
        {
            output::complain(&line);
        }
        Ok(())
    }
}
