//! `cellwise uninstall`

use std::fmt::Write as _;

use cellwise::git::install::{CACHE_REF, Plan};

use super::examples;
use super::exit::Exit;
use super::install::ScopeArgs;
use super::{install_report, output};

/// Put back what was there before `cellwise install`
#[derive(clap::Args)]
#[command(after_long_help = examples::UNINSTALL)]
pub(crate) struct Args {
    #[command(flatten)]
    scope: ScopeArgs,
    /// Say what would be changed, and change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let plan = Plan::uninstall(args.scope.place()?, args.scope.share())?;
    let stays = plan.stays_shared()?;
    if !args.dry_run {
        plan.apply()?;
    }
    let mut text = report(&plan, args);
    if let Some(path) = stays {
        _ = writeln!(
            text,
            "\n{}\n  keeps its lines, which others may rely on; cellwise uninstall --share takes them out",
            output::name(&path)
        );
    }
    output::write(text.as_bytes())?;
    Ok(Exit::Done)
}

fn report(plan: &Plan, args: &Args) -> String {
    let whose = install_report::whose(plan.place.scope);
    if !plan.is_due() {
        return format!("cellwise is not installed for {whose}; nothing had to be changed.\n");
    }
    let mut text = if args.dry_run {
        "This would be changed; nothing has been.\n".to_owned()
    } else {
        format!("git reads the notebooks of {whose} as it did before cellwise.\n")
    };
    text += &config(plan);
    for file in [Some(&plan.attributes), plan.shared.as_ref()].into_iter().flatten().filter(|file| file.is_due()) {
        _ = writeln!(text, "\n{}\n  without the lines of cellwise", output::name(&file.path));
    }
    for hook in plan.guard.hooks.iter().filter(|hook| hook.file.is_due()) {
        _ = writeln!(text, "\n{}\n  without the lines of cellwise", output::name(&hook.file.path));
    }
    if plan.drops_cache {
        _ = writeln!(text, "\n{CACHE_REF} is removed");
    }
    text
}

fn config(plan: &Plan) -> String {
    let mut text = String::new();
    for change in plan.changes.iter().filter(|change| change.is_due()) {
        match change.wanted.as_slice() {
            [] => _ = writeln!(text, "  {} is removed", change.key),
            values => _ = writeln!(text, "  {} = {} (as before)", change.key, output::visible(&values.join(", "))),
        }
    }
    if text.is_empty() {
        return text;
    }
    format!("\n{}\n{text}", output::name(&plan.config.path))
}
