//! The lines of the guard, in hooks and in git's configuration.

use super::super::block::{self, BLOCK_END, BLOCK_START};
use super::super::tool::Tool;

/// A hook that git runs before it concludes a commit. No single one is run on every way to a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// `git commit`, `merge --continue`, `cherry-pick --continue`, `revert --continue`.
    PreCommit,
    /// A merge without conflicts, which commits at once.
    PreMergeCommit,
    /// Every commit, and the only hook of `rebase --continue`.
    PrepareCommitMsg,
    /// `am --continue`, `rebase --apply --continue`.
    PreApplypatch,
}

impl Event {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::PreCommit, Self::PreMergeCommit, Self::PrepareCommitMsg, Self::PreApplypatch];

    /// The hook's name in git.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PreMergeCommit => "pre-merge-commit",
            Self::PrepareCommitMsg => "prepare-commit-msg",
            Self::PreApplypatch => "pre-applypatch",
        }
    }

    /// What has to be true before there is anything to look at. Outside a rebase `pre-commit` has looked already,
    /// unless the user said `--no-verify`, which this hook is not told.
    fn condition(self) -> &'static str {
        match self {
            Self::PrepareCommitMsg => "! test -d \"$(git rev-parse --git-path rebase-merge)\" || ",
            _ => "",
        }
    }

    /// The words after the program's name. A merge and a rebase bring what others have committed, perhaps without
    /// the filter, and it is not theirs to clean it.
    fn arguments(self) -> &'static str {
        match self {
            Self::PreCommit => CHECK,
            _ => "check --staged --conflicts-only",
        }
    }
}

const CHECK: &str = "check --staged";

const GONE: &str = "echo 'cellwise is gone: nobody looks for unresolved conflicts in the notebooks of this commit. \
    Install it again and run `cellwise install`, or take it out of the hooks.' >&2";

/// Ends in 1 if there are conflicts. That the program is gone, or could not look and says why, is no reason to make
/// commits impossible.
fn look(tool: &Tool, event: Event) -> String {
    format!(
        "t={}; if {}; then \"$t\" {} || test $? -ne 1; else {GONE}; fi",
        tool.shell_word(),
        tool.found(),
        event.arguments()
    )
}

/// The line of a hook in shell, which goes on if all is well, also under `set -e`.
pub(super) fn line(tool: &Tool, event: Event) -> String {
    format!("{}( {} ) || exit 1", event.condition(), look(tool, event))
}

/// The value of `hook.<name>.command`. git puts the arguments of the hook behind it.
pub(super) fn command(tool: &Tool, event: Event) -> String {
    format!("f() {{ {}{{ {}; }}; }}; f", event.condition(), look(tool, event))
}

/// What the hook runs, in words.
pub(super) fn check(tool: &Tool, event: Event) -> String {
    format!("{} {}", tool.shell_word(), event.arguments())
}

/// Whether a value of `hook.<name>.command` is ours by its looks.
pub(super) fn looks_ours(command: &str) -> bool {
    command.contains("cellwise is gone") && command.contains(CHECK)
}

/// Whether a script calls the guard, in our words or in those of its author.
pub(super) fn calls_guard(script: &[u8]) -> bool {
    let has = |word: &str| memchr::memmem::find(script, word.as_bytes()).is_some();
    has("cellwise") && has(CHECK)
}

/// Whether install has put the guard into a script.
pub(in crate::git) fn holds_block(script: &[u8]) -> bool {
    without_block(script) != script
}

const SHEBANG: &str = "#!/bin/sh\n";

/// `script` with `line` in front of everything but its first `#!` line: what a script does behind may end it.
/// `script` has no block.
pub(super) fn with_block(script: Option<&[u8]>, line: &str) -> Vec<u8> {
    let script = script.unwrap_or(SHEBANG.as_bytes());
    let first = if script.starts_with(b"#!") { script.iter().position(|&byte| byte == b'\n') } else { None };
    let (head, rest) = match first {
        Some(newline) => script.split_at(newline + 1),
        None if script.starts_with(b"#!") => (script, &b""[..]),
        None => (&b""[..], script),
    };
    let mut whole = head.to_vec();
    if !head.is_empty() && !head.ends_with(b"\n") {
        whole.push(b'\n');
    }
    whole.extend_from_slice(format!("{BLOCK_START}\n{line}\n{BLOCK_END}\n").as_bytes());
    whole.extend_from_slice(rest);
    whole
}

/// `script` without our lines.
pub(super) fn without_block(script: &[u8]) -> Vec<u8> {
    block::without(script, calls_guard)
}

/// Whether nothing but what we would have put around our lines is left.
pub(super) fn is_bare(script: &[u8]) -> bool {
    script == SHEBANG.as_bytes()
}

/// Whether a shell runs this script. git runs one without a `#!` line by the shell too.
pub(super) fn is_shell(script: &[u8]) -> bool {
    if memchr::memchr(0, script).is_some() {
        return false;
    }
    let first = script.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let Some(line) = first.strip_prefix(b"#!") else { return true };
    let line = String::from_utf8_lossy(line).into_owned();
    let name = |word: &str| word.rsplit(['/', '\\']).next().unwrap_or_default().trim_end_matches(".exe").to_owned();
    let mut words = line.split_whitespace();
    let program = match words.next().map(name).as_deref() {
        Some("env") => words.find(|word| !word.starts_with('-') && !word.contains('=')).map(name),
        other => other.map(str::to_owned),
    };
    program.is_some_and(|program| ["sh", "bash", "dash", "ash", "ksh", "mksh", "zsh"].contains(&program.as_str()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use super::super::super::options::Program;
    use super::*;

    #[test]
    fn the_block_stands_first_and_comes_off_again() {
        for script in ["#!/bin/sh\nset -e\nexit 0\n", "echo no first line\n", "#!/usr/bin/env bash\n", "#!/bin/sh\n\n"]
        {
            let whole = with_block(Some(script.as_bytes()), "cellwise check --staged");
            let text = String::from_utf8(whole.clone()).unwrap();
            let before = text.split(BLOCK_START).next().unwrap();
            assert!(before.is_empty() || before.lines().count() == 1, "{text}");
            assert_eq!(without_block(&whole), script.as_bytes());
        }
        assert_eq!(without_block(&with_block(Some(b"#!/bin/sh"), "x")), b"#!/bin/sh\n");
        assert!(is_bare(&without_block(&with_block(None, "x"))));
    }

    #[test]
    fn a_block_that_lost_its_end_takes_nothing_with_it() {
        let script = format!("#!/bin/sh\n{BLOCK_START}\ncellwise check --staged\nmine\n");
        assert_eq!(without_block(script.as_bytes()), b"#!/bin/sh\nmine\n");
        let script = format!("a\n{BLOCK_START}\nmine\n");
        assert_eq!(without_block(script.as_bytes()), script.as_bytes());
        let ours = format!("{BLOCK_START}\ncellwise check --staged\n{BLOCK_END}\n");
        assert_eq!(without_block(format!("{script}{ours}").as_bytes()), script.as_bytes());
        assert_eq!(without_block(b"a\n"), b"a\n");
    }

    #[test]
    fn scripts_of_a_shell_are_told_from_others() {
        for script in
            ["#!/bin/sh\n", "#! /bin/bash -e\n", "#!/usr/bin/env -S VAR=1 zsh\n", "echo\n", "", "#!C:/x/sh.exe\n"]
        {
            assert!(is_shell(script.as_bytes()), "{script}");
        }
        for script in ["#!/usr/bin/env python3\n", "#!/usr/bin/fish\n", "\u{7f}ELF\0\n", "#!\n", "#!/usr/bin/env\n"] {
            assert!(!is_shell(script.as_bytes()), "{script}");
        }
    }

    /// The exit code of a hook whose program ends in `code`.
    fn run(options: &[&str], program: &str) -> i32 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it's a \"tool\"");
        std::fs::write(&path, format!("#!/bin/sh\n{program}\n")).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        let script = format!("{}\nexit 7", line(&Tool::at(&path).unwrap(), Event::PreCommit));
        let status = Command::new("sh").args(options).args(["-c", &script]).status().unwrap();
        let command = command(&Tool::at(&path).unwrap(), Event::PreApplypatch);
        let configured =
            Command::new("sh").args(["-c", &format!("{command} \"$@\""), "x", "argument"]).status().unwrap();
        assert_eq!(configured.success(), status.code() == Some(7));
        status.code().unwrap()
    }

    #[test]
    fn only_what_was_found_stops_a_commit() {
        for options in [&[][..], &["-e"], &["-eu"]] {
            assert_eq!(run(options, "exit 1"), 1);
            for other in ["exit 0", "exit 2", "exit 129", "kill -9 $$"] {
                assert_eq!(run(options, other), 7, "{other}");
            }
        }
    }

    #[test]
    fn a_program_that_is_gone_stops_nothing() {
        let gone = Tool::at(Path::new("/no/such/cellwise")).unwrap();
        for tool in [&gone, &gone.named(Program::OnPath)] {
            for event in [Event::PreCommit, Event::PreMergeCommit] {
                let script = format!("PATH=/no; {}\nexit 7", line(tool, event));
                let output = Command::new("/bin/sh").args(["-ec", &script]).output().unwrap();
                assert_eq!(output.status.code(), Some(7));
                assert!(String::from_utf8_lossy(&output.stderr).starts_with("cellwise is gone"));
            }
        }
    }
}
