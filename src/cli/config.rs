//! `cellwise config`

use std::path::{Path, PathBuf};

use anyhow::bail;
use cellwise::config::{Word, Worded, keys};
use cellwise::git::project::{self, ConfigFile};
use cellwise::git::settings::{Environment, Settings, Stdout};
use cellwise::normalize::{Ids, Like};
use serde_json::{Value, json};

use super::examples;
use super::exit::Exit;
use super::merge_options::said;
use super::output;

/// Show the settings that hold for a notebook, and their origins
///
/// Exits with 1 if something in the configuration does not hold.
#[derive(clap::Args)]
#[command(after_long_help = examples::CONFIG)]
pub(crate) struct Args {
    /// A notebook or a folder
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
    /// Show them as JSON
    #[arg(long)]
    json: bool,
}

/// A setting that holds.
struct Effective {
    key: &'static str,
    /// As TOML, which is JSON too.
    value: String,
    origin: Origin,
}

/// Where a setting comes from.
enum Origin {
    Default,
    /// A line of the configuration.
    File(usize),
    /// Another setting of the configuration.
    Key(&'static str),
    /// A setting of git's.
    Git(&'static str),
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    if let Some(key) = keys().iter().find(|key| args.path.as_os_str() == key.path && !args.path.exists()) {
        bail!("`{0}` is a key, and this takes a path: `cellwise config | grep {0}` shows its value", key.path);
    }
    let file = if args.path.is_dir() { args.path.join("notebook.ipynb") } else { args.path.clone() };
    let found = project::config_for(&file);
    let settings: Vec<Effective> = keys().iter().map(|key| effective(key.path, key.default, found.as_ref())).collect();
    let text = if args.json { as_json(found.as_ref(), &settings)? } else { as_text(found.as_ref(), &settings) };
    output::write(text.as_bytes())?;
    let problems = found.as_ref().map(|found| found.problems.as_slice()).unwrap_or_default();
    if let Some(found) = found.as_ref().filter(|_| !args.json) {
        (0..problems.len()).for_each(|index| output::complain(&said(found, index)));
    }
    let mistaken = problems.iter().any(cellwise::config::Problem::is_mistake);
    Ok(if mistaken { Exit::Found } else { Exit::Done })
}

fn effective(key: &'static str, default: &str, found: Option<&ConfigFile>) -> Effective {
    let config = found.map(|found| &found.config);
    let setting = config.and_then(|config| config.settings.iter().rev().find(|setting| setting.key == key));
    if key == "merge.conflict-style"
        && let Some(style) = Settings::read(Path::new(""), &Environment::of_process(), Stdout::Other).conflict_style
    {
        return Effective { key, value: spelled(style), origin: Origin::Git("merge.conflictStyle") };
    }
    match setting {
        Some(setting) => Effective { key, value: setting.value.clone(), origin: Origin::File(setting.line) },
        None if key == "clean.ids" && config.is_some_and(|config| config.clean.like == Some(Like::Nbstripout)) => {
            Effective { key, value: spelled(Ids::Sequential), origin: Origin::Key("clean.like") }
        }
        None => Effective { key, value: default.to_owned(), origin: Origin::Default },
    }
}

/// A word as TOML spells it.
fn spelled<W: Worded + PartialEq>(value: W) -> String {
    let is_it = |word: &&Word<W>| word.value == value;
    W::WORDS.iter().find(is_it).map(|word| format!("\"{}\"", word.name)).unwrap_or_default()
}

fn as_text(found: Option<&ConfigFile>, settings: &[Effective]) -> String {
    let file = found.map(|found| output::name(&found.path));
    let none = || "no cellwise.toml, and no pyproject.toml with [tool.cellwise]".to_owned();
    let mut text = format!("# {}\n", file.clone().unwrap_or_else(none));
    for Effective { key, value, origin } in settings {
        let origin = match origin {
            Origin::Default => "default".to_owned(),
            Origin::File(line) => format!("{}:{line}", file.as_deref().unwrap_or_default()),
            Origin::Key(key) => (*key).to_owned(),
            Origin::Git(name) => format!("git's {name}"),
        };
        text.push_str(&format!("{key} = {}  # {origin}\n", escaped(value)));
    }
    text
}

/// A value in which TOML's escapes stand for what a terminal would act on.
fn escaped(value: &str) -> String {
    let escape = |letter: char| match letter {
        letter if output::visible(letter.encode_utf8(&mut [0; 4])).starts_with('\\') && letter != '\\' => {
            format!("\\U{:08x}", u32::from(letter))
        }
        letter => letter.to_string(),
    };
    value.chars().map(escape).collect()
}

fn as_json(found: Option<&ConfigFile>, settings: &[Effective]) -> anyhow::Result<String> {
    let file = found.map(|found| found.path.to_string_lossy().into_owned());
    let entry = |setting: &Effective| -> anyhow::Result<Value> {
        let (origin, line) = match setting.origin {
            Origin::Default => ("default".to_owned(), None),
            Origin::File(line) => ("file".to_owned(), Some(line)),
            Origin::Key(key) => (key.to_owned(), None),
            Origin::Git(name) => (format!("git {name}"), None),
        };
        let value: Value = serde_json::from_str(&setting.value)?;
        Ok(json!({"key": setting.key, "value": value, "origin": origin, "line": line}))
    };
    let problems = found.map(|found| found.problems.as_slice()).unwrap_or_default();
    let problem = |problem: &cellwise::config::Problem| json!({"line": problem.line, "message": problem.to_string(), "mistake": problem.is_mistake()});
    let document = json!({
        "version": 1,
        "file": file,
        "settings": settings.iter().map(entry).collect::<anyhow::Result<Vec<_>>>()?,
        "problems": problems.iter().map(problem).collect::<Vec<_>>(),
    });
    Ok(format!("{}\n", serde_json::to_string_pretty(&document)?))
}
