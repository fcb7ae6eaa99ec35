//! What `clean` keeps and drops: what was asked for, then what the project configures, then the defaults.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::bail;
use cellwise::config::{CleanSection, Config, Item, Preset, tools_of};
use cellwise::git::filter::Stored;
use cellwise::git::project::{self, ConfigFile};
use cellwise::normalize::{CleanOptions, Ids, Like, NoiseKey, OutputType, parse_size};

use super::merge_options::{mistake, warning};
use super::output;
use super::words::word;

/// The options that `clean` shares with the configuration. A list may be given in one argument or in several.
#[derive(clap::Args, Default)]
#[command(next_help_heading = "What is kept and dropped [default: what cellwise.toml says]")]
pub(super) struct Strip {
    /// Keep outputs, but for cells with `keep_output: false`
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    keep_output: Option<bool>,
    /// Keep execution counts
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    keep_count: Option<bool>,
    /// Keep outputs of a type everywhere: `error`, `stream:stderr`; with --keep-output, only these
    #[arg(long, value_name = "TYPE[:NAME]", value_parser = list::<OutputType>)]
    keep_output_type: Vec<List<OutputType>>,
    /// Drop outputs of a type everywhere, also where cells ask to keep theirs
    #[arg(long, value_name = "TYPE[:NAME]", value_parser = list::<OutputType>)]
    drop_output_type: Vec<List<OutputType>>,
    /// Keep outputs of at most so many characters: 300, 10k, 5M
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_size: Option<usize>,
    /// Take no notice of `init_cell`
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    strip_init_cells: Option<bool>,
    /// Drop these keys too: "metadata.a cell.metadata.b"; a last `*` stands for any ending
    #[arg(long, value_name = "KEYS", value_parser = list::<NoiseKey>)]
    extra_keys: Vec<List<NoiseKey>>,
    /// Keep these keys
    #[arg(long, value_name = "KEYS", value_parser = list::<NoiseKey>)]
    keep_metadata_keys: Vec<List<NoiseKey>>,
    /// Keep these keys alone: where one of the notebook, or one of cells, is named, all others go
    #[arg(long, value_name = "KEYS", value_parser = list::<NoiseKey>)]
    only_keys: Vec<List<NoiseKey>>,
    /// Drop what tools write: vscode, colab, papermill, pycharm, nteract, jupyterlab, nbextensions, databricks, azure,
    /// bento, or all
    #[arg(long, value_name = "TOOLS", value_parser = list::<Preset>)]
    preset: Vec<List<Preset>>,
    /// Drop the kernel's name and the version of the language
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    strip_kernel: Option<bool>,
    /// Drop cells whose source is white space
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    drop_empty_cells: Option<bool>,
    /// Drop cells with one of these tags
    #[arg(long, value_name = "TAGS", value_parser = list::<String>)]
    drop_tagged_cells: Vec<List<String>>,
    /// What becomes of cell ids
    #[arg(long, value_name = "HOW", value_parser = word::<Ids>())]
    ids: Option<Ids>,
    /// Whose bytes are written
    #[arg(long, value_name = "TOOL", value_parser = word::<Like>())]
    like: Option<Like>,
}

/// One argument of an option that can be given again.
#[derive(Debug, Clone)]
struct List<T>(Vec<T>);

/// Reads items with spaces or commas between them.
fn list<T: Item>(spelled: &str) -> Result<List<T>, String> {
    let items = spelled.split([' ', ',', '\t', '\n']).filter(|item| !item.is_empty());
    items
        .map(|item| T::parse(item).ok_or_else(|| format!("`{item}`: {}", T::hint(item))))
        .collect::<Result<_, _>>()
        .map(List)
}

fn size(spelled: &str) -> Result<usize, &'static str> {
    parse_size(spelled).ok_or("it takes sizes such as 300, 10k or 5M")
}

/// All items of an option; `None` if it was not given.
fn all<T: Clone>(lists: &[List<T>]) -> Option<Vec<T>> {
    (!lists.is_empty()).then(|| lists.iter().flat_map(|list| list.0.clone()).collect())
}

impl Strip {
    /// What was asked for.
    pub(super) fn section(&self) -> CleanSection {
        CleanSection {
            keep_output: self.keep_output,
            keep_count: self.keep_count,
            keep_output_type: all(&self.keep_output_type),
            drop_output_type: all(&self.drop_output_type),
            max_size: self.max_size,
            strip_init_cells: self.strip_init_cells,
            extra_keys: all(&self.extra_keys),
            keep_metadata_keys: all(&self.keep_metadata_keys),
            only_keys: all(&self.only_keys),
            preset: all(&self.preset).map(|presets| tools_of(&presets)),
            strip_kernel: self.strip_kernel,
            drop_empty_cells: self.drop_empty_cells,
            drop_tagged_cells: all(&self.drop_tagged_cells),
            ids: self.ids,
            like: self.like,
        }
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
