//! What `cellwise install` and `uninstall` say of the guard.

use std::fmt::Write as _;

use cellwise::git::install::{ByHand, Guard, Plan, Why};

use super::output;

/// The hooks that are written, each with the line that goes into it.
pub(super) fn dry_run(plan: &Plan) -> String {
    let mut text = String::new();
    for hook in plan.guard.hooks.iter().filter(|hook| hook.file.is_due()) {
        let line = hook.line.as_deref().map_or_else(|| "without the lines of cellwise".to_owned(), output::visible);
        _ = writeln!(text, "  {}\n    {line}", output::name(&hook.file.path));
    }
    text
}

/// The hooks that were written.
pub(super) fn done(plan: &Plan) -> String {
    let mut text = String::new();
    for hook in plan.guard.hooks.iter().filter(|hook| hook.file.is_due()) {
        let what = if hook.line.is_some() { "looks for conflicts first" } else { "without the lines of cellwise" };
        _ = writeln!(text, "  {}\n    {what}", output::name(&hook.file.path));
    }
    text
}

/// What the guard means, and the way past it.
pub(super) fn meaning(plan: &Plan) -> String {
    if plan.options.guard == Guard::None {
        return String::new();
    }
    let is_configured = plan.changes.iter().any(|change| change.key.starts_with("hook.") && !change.wanted.is_empty());
    let off = if is_configured { "hook.cellwise-rebase.enabled=false" } else { "core.hooksPath=/dev/null" };
    let when = if plan.guard.by_hand.is_empty() { "" } else { ", once the hooks below do it" };
    format!(
        "Guarded{when}: commit, merge, cherry-pick, rebase and am stop while a notebook has unresolved conflicts.
  commit it all the same:   git commit --no-verify (in a rebase: git -c {off} rebase --continue)
"
    )
}

/// The hooks that the user has to change, with what to put where.
pub(super) fn by_hand(plan: &Plan) -> String {
    let mut text = String::new();
    let mut told = None;
    for hook in &plan.guard.by_hand {
        if told != Some(hook.why) {
            _ = writeln!(text, "\nNot guarded: {}", reason(hook.why));
            told = Some(hook.why);
        }
        _ = writeln!(text, "  {}\n    {}", output::name(&hook.path), line(hook));
    }
    text
}

fn reason(why: Why) -> &'static str {
    match why {
        Why::Elsewhere => {
            "core.hooksPath leads to hooks that others share. Put these lines at the beginning of the files (each a \
             script for sh that can be executed):"
        }
        Why::Linked => {
            "a symbolic link, whose target may be tracked or shared. Put the line at the beginning of the file:"
        }
        Why::OtherLanguage => "no shell script. Have it run this, and end with 1 if it does:",
        Why::Off => "git runs no hook that is not executable. Make it so and install again, or remove it:",
    }
}

fn line(hook: &ByHand) -> String {
    output::visible(if hook.why == Why::OtherLanguage { &hook.command } else { &hook.line })
}
