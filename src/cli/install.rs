//! `cellwise install`

use std::path::Path;

use cellwise::git::install::{Asked, Cache, DiffCommand, Filter, Guard, Place, Plan, Program, Scope, Share, Tool};

use super::examples;
use super::exit::Exit;
use super::print::{self, System};
use super::{guard_report, install_report, output};

/// Make git read notebooks in this repository
///
/// Options of an earlier install stay in force unless they are typed anew; each has an opposite.
#[derive(clap::Args)]
#[command(after_long_help = examples::INSTALL)]
pub(crate) struct Args {
    #[command(flatten)]
    scope: ScopeArgs,
    /// Clean notebooks as they are staged, so that no outputs are committed
    #[arg(long, overrides_with = "no_filter")]
    filter: bool,
    /// Commit notebooks as they are again
    #[arg(long, hide_short_help = true)]
    no_filter: bool,
    /// Stop commits of notebooks with unresolved conflicts, by hooks
    #[arg(long, overrides_with = "no_guard")]
    guard: bool,
    /// Take the hooks away again
    #[arg(long, hide_short_help = true)]
    no_guard: bool,
    /// Leave `git diff` to git, so that its own options (-w, --word-diff) work on notebooks
    #[arg(long, overrides_with = "command")]
    no_command: bool,
    /// Let cellwise answer `git diff` again
    #[arg(long, hide_short_help = true)]
    command: bool,
    /// Let git keep the texts of committed notebooks, so that log -p and blame need not make them again
    #[arg(long, overrides_with = "no_cache")]
    cache: bool,
    /// Let git ask for the texts each time again
    #[arg(long, hide_short_help = true)]
    no_cache: bool,
    /// Have git find cellwise on the PATH, and not where this program lies now
    #[arg(long, overrides_with = "no_use_path")]
    use_path: bool,
    /// Have git call this program by its full path again
    #[arg(long, hide_short_help = true)]
    no_use_path: bool,
    /// Print the lines for the configuration of other version control, and write nothing
    #[arg(
        long,
        value_name = "VCS",
        value_enum,
        conflicts_with_all = ["local", "global", "system", "share", "filter", "guard", "no_command", "cache", "dry_run"]
    )]
    print: Option<System>,
    /// Say what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// Whom an installation is for.
#[derive(clap::Args)]
pub(crate) struct ScopeArgs {
    /// For this repository; what is meant without a scope
    #[arg(long, hide_short_help = true)]
    local: bool,
    /// For all your repositories
    #[arg(long, conflicts_with = "local")]
    global: bool,
    /// For everybody on this machine
    #[arg(long, conflicts_with_all = ["local", "global"])]
    system: bool,
    /// The attributes in the tracked .gitattributes too, for the whole team
    #[arg(long, conflicts_with_all = ["global", "system"])]
    share: bool,
}

impl ScopeArgs {
    pub(crate) fn place(&self) -> anyhow::Result<Place> {
        let scope = match self {
            Self { global: true, .. } => Scope::Global,
            Self { system: true, .. } => Scope::System,
            _ => Scope::Local,
        };
        Ok(Place::of(scope, Path::new("."))?)
    }

    pub(crate) fn share(&self) -> Share {
        if self.share { Share::Yes } else { Share::No }
    }
}

impl Args {
    fn asked(&self) -> Asked {
        Asked {
            diff_command: typed((self.command, DiffCommand::Registered), (self.no_command, DiffCommand::LeftOut)),
            cache: typed((self.cache, Cache::Kept), (self.no_cache, Cache::None)),
            filter: typed((self.filter, Filter::Clean), (self.no_filter, Filter::None)),
            guard: typed((self.guard, Guard::Hooks), (self.no_guard, Guard::None)),
            program: typed((self.use_path, Program::OnPath), (self.no_use_path, Program::FullPath)),
        }
    }
}

/// The choice of the two that was typed.
fn typed<T>(one: (bool, T), other: (bool, T)) -> Option<T> {
    [one, other].into_iter().find_map(|(typed, choice)| typed.then_some(choice))
}

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let tool = Tool::running()?;
    if let Some(system) = args.print {
        let program = args.asked().program.unwrap_or_default();
        output::write(print::lines(system, &tool.named(program)).as_bytes())?;
        return Ok(Exit::Done);
    }
    let plan = Plan::install(args.scope.place()?, &tool, args.asked(), args.scope.share())?;
    plan.check()?;
    let mut text = if args.dry_run {
        install_report::dry_run(&plan)
    } else {
        plan.apply()?;
        install_report::done(&plan)?
    };
    text += &install_report::kept(&plan, args.asked());
    text += &guard_report::by_hand(&plan);
    text += &install_report::earlier(&plan);
    text += &install_report::warnings(&plan, &tool)?;
    if !args.dry_run {
        text += &install_report::next(&plan);
    }
    output::write(text.as_bytes())?;
    Ok(Exit::Done)
}
