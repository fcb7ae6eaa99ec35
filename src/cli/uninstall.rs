//! `cellwise uninstall`

use std::fmt::Write as _;
use std::path::Path;

use cellwise::git::install::{CACHE_REF, Place, Plan};

use super::exit::Exit;
use super::output;

/// Put back what was there before `cellwise install`
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Say what would be changed, and change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let plan = Plan::uninstall(Place::repository(Path::new("."))?)?;
    if !args.dry_run {
        plan.apply()?;
    }
    output::write(report(&plan, args).as_bytes())?;
    Ok(Exit::Done)
}

fn report(plan: &Plan, args: &Args) -> String {
    if !plan.is_due() {
        return "cellwise is not installed in this repository; nothing had to be changed.\n".to_owned();
    }
    let mut text = if args.dry_run {
        "This would be changed; nothing has been.\n".to_owned()
    } else {
        "git reads the notebooks of this repository as it did before cellwise.\n".to_owned()
    };
    text += &config(plan);
    if plan.attributes_due() {
        let path = output::visible(&plan.place.attributes.to_string_lossy());
        _ = writeln!(text, "\n{path}\n  without the lines of cellwise");
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
    format!("\n{}\n{text}", output::visible(&plan.place.config.to_string_lossy()))
}
