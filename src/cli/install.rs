//! `cellwise install`

use std::fmt::Write as _;
use std::path::Path;

use cellwise::git::install::{BLOCK_LINE, CACHE_REF, Cache, Change, DiffCommand, Options, Place, Plan, Tool};

use super::exit::Exit;
use super::output;

/// Make git read notebooks in this repository
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Leave `git diff` to git, so that its own options (-w, --word-diff) work on notebooks
    #[arg(long)]
    no_command: bool,
    /// Let git keep the texts of committed notebooks, so that log -p and blame need not make them again
    #[arg(long)]
    cache: bool,
    /// Say what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

impl Args {
    fn options(&self) -> Options {
        Options {
            diff_command: if self.no_command { DiffCommand::LeftOut } else { DiffCommand::Registered },
            cache: if self.cache { Cache::Kept } else { Cache::None },
        }
    }
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let place = Place::repository(Path::new("."))?;
    let plan = Plan::install(place, &Tool::running()?, args.options())?;
    let text = if args.dry_run {
        dry_run(&plan)
    } else {
        plan.apply()?;
        report(&plan, args.options().cache)
    };
    output::write(text.as_bytes())?;
    Ok(Exit::Done)
}

fn dry_run(plan: &Plan) -> String {
    let mut text = match plan.is_due() {
        true => "This would be written; nothing has been.\n".to_owned(),
        false => "Installed already: nothing would be written.\n".to_owned(),
    };
    text += &in_config(plan, |change| match change.wanted.first() {
        Some(value) => format!("{} = {}", change.key, output::visible(value)),
        None => format!("{} is removed", change.key),
    });
    if plan.drops_cache {
        _ = writeln!(text, "  {CACHE_REF} is deleted");
    }
    text + &in_attributes(plan) + &earlier(plan) + &overruled(plan)
}

fn report(plan: &Plan, cache: Cache) -> String {
    let mut text = match plan.is_due() {
        true => "git reads the notebooks of this repository with cellwise now. Written:\n".to_owned(),
        false => "cellwise was installed already; nothing had to be written.\n".to_owned(),
    };
    text += &in_config(plan, |change| match change.wanted.first() {
        Some(_) => change.key.to_owned(),
        None => format!("{} (removed)", change.key),
    });
    text += &in_attributes(plan);
    if plan.drops_cache {
        _ = writeln!(text, "  {CACHE_REF} (removed)");
    }
    text += "
What changes: git diff, log -p, show and blame show notebooks as text; merges happen cell by cell.
  the raw JSON again:       git diff --no-ext-diff --no-textconv
  a patch for git apply:    git diff --no-ext-diff --no-textconv --binary
  a search in all of it:    git log -S TEXT --no-textconv
";
    if cache == Cache::Kept {
        _ = writeln!(
            text,
            "  kept by git:              {CACHE_REF} (seen by log --all, sent by push --mirror); install again after an update"
        );
    }
    text += &earlier(plan);
    text += &overruled(plan);
    text + "\nNext: change a notebook and run git diff. To take it all back: cellwise uninstall\n"
}

fn in_config(plan: &Plan, line: impl Fn(&Change) -> String) -> String {
    let due = plan.changes.iter().filter(|change| change.is_due());
    let lines: Vec<String> = due.map(|change| format!("    {}\n", line(change))).collect();
    if lines.is_empty() {
        return String::new();
    }
    format!("  {}\n{}", output::visible(&plan.place.config.to_string_lossy()), lines.concat())
}

fn in_attributes(plan: &Plan) -> String {
    if !plan.attributes_due() {
        return String::new();
    }
    let path = plan.place.attributes.to_string_lossy();
    format!("  {}\n    {BLOCK_LINE}\n", output::visible(&path))
}

/// What was there before, so that nobody wonders where their nbdime went.
fn earlier(plan: &Plan) -> String {
    let replaced = plan.changes.iter().filter(|change| !change.earlier.is_empty() && change.earlier != change.wanted);
    let mut text = String::new();
    for change in replaced {
        for value in &change.earlier {
            _ = writeln!(text, "  {} = {}", change.key, output::visible(value));
        }
    }
    if text.is_empty() {
        return text;
    }
    format!("\nThis was there before; cellwise uninstall puts it back:\n{text}")
}

fn overruled(plan: &Plan) -> String {
    let mut text = String::new();
    for other in &plan.overruled {
        let (key, scope) = (&other.key, &other.scope);
        _ = writeln!(
            text,
            "\nwarning: git obeys another value of {key}, from its {scope} configuration: {}\n  \
             To remove it: {}",
            output::visible(&other.value),
            cure(key, scope)
        );
    }
    text
}

fn cure(key: &str, scope: &str) -> String {
    match scope {
        "command" => "leave out git's -c option (or GIT_CONFIG_* in the environment)".to_owned(),
        _ => format!("git config --{scope} --unset-all {key}"),
    }
}
