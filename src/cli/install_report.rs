//! What `cellwise install` says.

use std::fmt::Write as _;

use cellwise::git::install::{
    Asked, BLOCK_LINE, CACHE_REF, Cache, Change, DRIVER, DiffCommand, FILTER, FilePlan, Filter, Guard, Plan, Program,
    Scope, Tool, block_line,
};

use super::{guard_report, output};

/// What would be written, to the last word.
pub(super) fn dry_run(plan: &Plan) -> String {
    let head = match plan.is_due() {
        true => "This would be written; nothing has been.\n",
        false => "Installed already: nothing would be written.\n",
    };
    let entries = in_config(plan, |change| match change.wanted.as_slice() {
        [] => format!("{} is removed", change.key),
        values => format!("{} = {}", change.key, output::visible(&values.join(", "))),
    });
    let cache = if plan.drops_cache { format!("  {CACHE_REF} is deleted\n") } else { String::new() };
    format!("{head}{entries}{}{cache}", in_attributes(plan) + &guard_report::dry_run(plan))
}

/// What was written, and what that means.
pub(super) fn done(plan: &Plan) -> anyhow::Result<String> {
    let head = match plan.is_due() {
        true => format!("git reads the notebooks of {} with cellwise now. Written:\n", whose(plan.place.scope)),
        false => "cellwise was installed already; nothing had to be written.\n".to_owned(),
    };
    let entries = in_config(plan, |change| match change.wanted.first() {
        Some(_) => change.key.to_owned(),
        None => format!("{} (removed)", change.key),
    });
    let cache = if plan.drops_cache { format!("  {CACHE_REF} (removed)\n") } else { String::new() };
    let files = in_attributes(plan) + &guard_report::done(plan);
    let guard = guard_report::meaning(plan);
    Ok(format!("{head}{entries}{files}{cache}{}{guard}{}", meaning(plan)?, submodules(plan)?))
}

/// The repositories of a scope.
pub(super) fn whose(scope: Scope) -> &'static str {
    match scope {
        Scope::Local => "this repository",
        Scope::Global => "all your repositories",
        Scope::System => "all repositories on this machine",
    }
}

fn in_config(plan: &Plan, line: impl Fn(&Change) -> String) -> String {
    let due = plan.changes.iter().filter(|change| change.is_due());
    let lines: Vec<String> = due.map(|change| format!("    {}\n", line(change))).collect();
    if lines.is_empty() {
        return String::new();
    }
    format!("  {}\n{}", output::name(&plan.config.path), lines.concat())
}

fn in_attributes(plan: &Plan) -> String {
    let mut text = String::new();
    let entry = |file: &FilePlan, line: &str| format!("  {}\n    {line}\n{}", output::name(&file.path), moved(file));
    if plan.attributes.is_due() {
        text += &entry(&plan.attributes, block_line(plan.options.filter));
    }
    if let Some(shared) = plan.shared.as_ref().filter(|shared| shared.is_due()) {
        text += &entry(shared, BLOCK_LINE);
        text += "    (commit it; whoever has no cellwise gets git's text diff and merge)\n";
    }
    text
}

/// Exceptions between the old place and the new one count no more, so nobody may miss it.
fn moved(file: &FilePlan) -> String {
    let Some(line) = &file.moved_behind else { return String::new() };
    format!(
        "    (moved behind `{}`, which took all notebooks away: look whether exceptions before it still count)\n",
        output::visible(line)
    )
}

fn meaning(plan: &Plan) -> anyhow::Result<String> {
    let mut text = "
What changes: git diff, log -p, show and blame show notebooks as text; merges happen cell by cell.
  the raw JSON again:       git diff --no-ext-diff --no-textconv
  a patch for git apply:    git diff --no-ext-diff --no-textconv --binary
  a search in all of it:    git log -S TEXT --no-textconv
"
    .to_owned();
    if plan.options.cache == Cache::Kept {
        _ = writeln!(
            text,
            "  kept by git:              {CACHE_REF} (seen by log --all, sent by push --mirror); install again after an update"
        );
    }
    let stays = || -> anyhow::Result<bool> { Ok(plan.in_force_after()?.filter.as_deref() == Some(FILTER)) };
    text += match plan.options.filter {
        Filter::Clean => FILTERED,
        Filter::None if stays()? => "Staging cleans as before, by a filter that was not configured here.\n",
        Filter::None if drops_filter(plan) => "Nothing is cleaned any more: outputs are committed again.\n",
        Filter::None => "",
    };
    Ok(text)
}

const FILTERED: &str =
    "Staging cleans: outputs and counts are not committed, and checkout, stash and reset --hard drop them.
  clean what is committed:  git add --renormalize . (and merge branches with -X renormalize until they are cleaned too)
";

fn drops_filter(plan: &Plan) -> bool {
    let is_part = |change: &&Change| ["filter.cellwise.process", "filter.cellwise.clean"].contains(&change.key);
    plan.changes.iter().filter(is_part).any(|change| change.is_due() && change.wanted.is_empty())
}

fn submodules(plan: &Plan) -> anyhow::Result<String> {
    let paths: Vec<String> = plan.uncovered_submodules()?.iter().map(|path| output::visible(path)).collect();
    if paths.is_empty() {
        return Ok(String::new());
    }
    Ok(format!(
        "\nNot covered: the notebooks of submodules ({}), which git configures by themselves.\n  \
         git submodule foreach --recursive 'cellwise install'\n",
        paths.join(", ")
    ))
}

/// The options that were not typed and stay in force.
pub(super) fn kept(plan: &Plan, asked: Asked) -> String {
    let options = [
        (
            "--no-command",
            "--command",
            asked.diff_command.is_none() && plan.options.diff_command == DiffCommand::LeftOut,
        ),
        ("--filter", "--no-filter", asked.filter.is_none() && plan.options.filter == Filter::Clean),
        ("--guard", "--no-guard", asked.guard.is_none() && plan.options.guard == Guard::Hooks),
        ("--cache", "--no-cache", asked.cache.is_none() && plan.options.cache == Cache::Kept),
        ("--use-path", "--no-use-path", asked.program.is_none() && plan.options.program == Program::OnPath),
    ];
    let mut text = String::new();
    for (option, opposite, _) in options.iter().filter(|(_, _, is_kept)| *is_kept) {
        _ = writeln!(text, "Kept from the earlier install: {option} ({opposite} ends it)");
    }
    text
}

/// What was there before, so that nobody wonders where their nbdime went, or what nbstripout does now.
pub(super) fn earlier(plan: &Plan) -> String {
    let replaced = plan.changes.iter().filter(|change| !change.earlier.is_empty() && change.earlier != change.wanted);
    let mut text = String::new();
    for change in replaced {
        for value in &change.earlier {
            _ = writeln!(text, "  {} = {}", change.key, output::visible(value));
        }
    }
    if !text.is_empty() {
        text = format!("\nThis was there before; cellwise uninstall puts it back:\n{text}");
    }
    match plan.place.scope {
        Scope::Local => text + &gives_way(plan),
        // What the repository around has is nearer, and stays.
        Scope::Global | Scope::System => text,
    }
}

fn gives_way(plan: &Plan) -> String {
    let mut text = String::new();
    if let Some(diff) = plan.in_force.diff.as_deref().filter(|diff| *diff != DRIVER) {
        _ = writeln!(
            text,
            "\ndiff={} was in force for notebooks; diff={DRIVER} comes in its place.",
            output::visible(diff)
        );
    }
    if let Some(filter) = plan.in_force.filter.as_deref().filter(|filter| *filter != FILTER) {
        let filter = output::visible(filter);
        _ = match plan.options.filter {
            Filter::None => {
                writeln!(text, "\nfilter={filter} stays in force for notebooks: git commits what it leaves.")
            }
            Filter::Clean => {
                writeln!(text, "\nfilter={filter} was in force for notebooks; filter={FILTER} comes in its place.")
            }
        };
    }
    text
}

/// What stands in the way of this installation.
pub(super) fn warnings(plan: &Plan, tool: &Tool) -> anyhow::Result<String> {
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
    if plan.options.program == Program::OnPath {
        text += &on_path(tool);
    }
    if plan.place.scope != Scope::Local && plan.is_due() {
        text += &hidden(plan)?;
    }
    Ok(text)
}

fn cure(key: &str, scope: &str) -> String {
    match scope {
        "command" => "leave out git's -c option (or GIT_CONFIG_* in the environment)".to_owned(),
        _ => format!("git config --{scope} --unset-all {key}"),
    }
}

fn on_path(tool: &Tool) -> String {
    match tool.another_on_path() {
        None => String::new(),
        Some(None) => {
            "\nwarning: there is no cellwise on the PATH, so git shows and merges notebooks as plain text\n".to_owned()
        }
        Some(Some(other)) => format!("\nwarning: the PATH leads git to another cellwise: {}\n", output::name(&other)),
    }
}

/// Attributes of the repository around, which are nearer than those for everybody.
fn hidden(plan: &Plan) -> anyhow::Result<String> {
    let now = plan.in_force_after()?;
    let mut text = String::new();
    let filter = now.filter.filter(|_| plan.options.filter == Filter::Clean);
    for (name, value, ours) in [("diff", now.diff, DRIVER), ("merge", now.merge, DRIVER), ("filter", filter, FILTER)] {
        if let Some(value) = value.filter(|value| value != ours) {
            _ = writeln!(
                text,
                "\nwarning: in this repository {name}={} is nearer and counts. To win here: cellwise install",
                output::visible(&value)
            );
        }
    }
    Ok(text)
}

/// The way on, and the way back.
pub(super) fn next(plan: &Plan) -> String {
    let option = match plan.place.scope {
        Scope::Local if plan.shared.is_some() => " --share",
        Scope::Local => "",
        Scope::Global => " --global",
        Scope::System => " --system",
    };
    format!("\nNext: change a notebook and run git diff. To take it all back: cellwise uninstall{option}\n")
}
