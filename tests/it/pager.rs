//! What a person at a terminal gets: a pager, and colours for it. The terminal is a real pseudo-terminal.

use std::io::Read as _;

use pty_process::blocking::{Command, open};

use crate::nb::sources;
use crate::repo::Repo;

/// Runs cellwise on a terminal; what appears there, and its exit code.
fn at_terminal(repo: &Repo, args: &[&str], variables: &[(&str, &str)]) -> (String, Option<i32>) {
    run_at_terminal(repo, env!("CARGO_BIN_EXE_cellwise"), args, variables)
}

fn run_at_terminal(repo: &Repo, program: &str, args: &[&str], variables: &[(&str, &str)]) -> (String, Option<i32>) {
    let (mut terminal, side) = open().unwrap();
    let mut plain = std::process::Command::new(program);
    repo.environment(&mut plain);
    let mut command = Command::new(program).args(args).current_dir(repo.path());
    for (name, value) in plain.get_envs() {
        command = match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    for name in ["LESS", "LV", "PAGER", "GIT_PAGER"] {
        command = command.env_remove(name);
    }
    let mut child = command.env("TERM", "xterm").envs(variables.iter().copied()).spawn(side).unwrap();
    let mut seen = Vec::new();
    // Linux ends a terminal that nobody writes to any more with an error.
    terminal.read_to_end(&mut seen).ok();
    let code = child.wait().unwrap().code();
    (String::from_utf8_lossy(&seen).replace("\r\n", "\n"), code)
}

fn repo() -> Repo {
    let repo = Repo::new();
    repo.write("n.ipynb", sources(&["x = 1"]));
    repo
}

const SHOW: &[&str] = &["show", "n.ipynb"];
const MARKING: &str = "sed s/^/PAGED:/";

#[test]
fn a_terminal_gets_the_pager_that_git_would_take() {
    let repo = repo();
    let paged = |variables: &[(&str, &str)]| at_terminal(&repo, SHOW, variables).0.contains("PAGED:");
    assert!(paged(&[("PAGER", MARKING)]));
    repo.git(["config", "core.pager", "cat"]).ok();
    assert!(!paged(&[("PAGER", MARKING)]));
    assert!(paged(&[("GIT_PAGER", MARKING)]));
    repo.git(["config", "core.pager", MARKING]).ok();
    assert!(paged(&[]));
    assert!(!paged(&[("GIT_PAGER", "")]) && !paged(&[("GIT_PAGER", "cat")]));
    let without = at_terminal(&repo, &["show", "--no-pager", "n.ipynb"], &[("GIT_PAGER", MARKING)]).0;
    assert!(without.contains("# %% code") && !without.contains("PAGED:"), "{without}");
}

#[test]
fn a_pipe_gets_none() {
    let said = repo().sh("GIT_PAGER='sed s/^/PAGED:/' cellwise show n.ipynb").ok();
    assert!(said.contains("x = 1") && !said.contains("PAGED:"), "{said}");
}

#[test]
fn the_pager_gets_the_colours_of_a_terminal() {
    let repo = repo();
    let coloured = |variables: &[(&str, &str)]| at_terminal(&repo, SHOW, variables).0.contains("\u{1b}[");
    assert!(coloured(&[("GIT_PAGER", MARKING)]));
    assert!(coloured(&[("GIT_PAGER", "cat")]));
    assert!(!coloured(&[("GIT_PAGER", MARKING), ("TERM", "dumb")]));
    assert!(!coloured(&[("GIT_PAGER", MARKING), ("NO_COLOR", "1")]));
    repo.git(["config", "color.pager", "false"]).ok();
    assert!(!coloured(&[("GIT_PAGER", MARKING)]));
    assert!(coloured(&[("GIT_PAGER", "cat")]));
}

#[test]
fn the_pager_is_set_up_as_git_does() {
    let repo = repo();
    let pager = "cat >/dev/null; echo \"<$LESS|$LV|$GIT_PAGER_IN_USE>\"";
    assert_eq!(at_terminal(&repo, SHOW, &[("GIT_PAGER", pager)]).0, "<FRX|-c|true>\n");
    assert_eq!(at_terminal(&repo, SHOW, &[("GIT_PAGER", pager), ("LESS", "S")]).0, "<S|-c|true>\n");
}

#[test]
fn a_pager_that_fails_or_leaves_early_is_no_fault() {
    let repo = repo();
    repo.write("long.ipynb", sources(&[&"a line of code\n".repeat(50_000)]));
    let (seen, code) = at_terminal(&repo, &["show", "long.ipynb"], &[("GIT_PAGER", "head -n 1; exit 3")]);
    assert_eq!((seen.lines().count(), code), (1, Some(0)), "{seen}");
}

#[test]
fn a_pager_that_is_missing_loses_nothing() {
    let repo = repo();
    let line = "a line of code\n";
    repo.write("long.ipynb", sources(&[&line.repeat(200_000)]));
    let broken =
        ["no-such-pager", "no-such-pager -R", "A=1 no-such-pager", "/etc/passwd -R", "cat | no-such-pager", "less 'x"];
    for pager in broken {
        let (seen, code) = at_terminal(&repo, &["show", "--no-color", "n.ipynb"], &[("GIT_PAGER", pager)]);
        assert!(seen.contains("# %% code") && seen.contains("x = 1") && code == Some(0), "{pager}: {seen}");
        assert!(!seen.starts_with("# %%"), "{pager}: the fault is told");
        let (seen, code) = at_terminal(&repo, &["show", "--no-color", "long.ipynb"], &[("GIT_PAGER", pager)]);
        assert_eq!((seen.matches(line).count(), code), (200_000, Some(0)), "{pager}");
    }
    // One that was there, and has said no, is not overruled.
    for pager in ["exit 1", "exit 2", "cat >/dev/null; exit 2"] {
        assert_eq!(at_terminal(&repo, SHOW, &[("GIT_PAGER", pager)]), (String::new(), Some(0)), "{pager}");
    }
}

#[test]
fn faults_are_said_and_start_no_pager() {
    let repo = repo();
    repo.write("bad.ipynb", "{");
    let (seen, code) = at_terminal(&repo, &["show", "bad.ipynb"], &[("GIT_PAGER", "echo PAGED")]);
    assert!(seen.starts_with("cellwise: bad.ipynb: ") && !seen.contains("PAGED") && code == Some(129), "{seen}");
}

#[test]
fn ctrl_c_belongs_to_the_pager() {
    let repo = repo();
    // The pager interrupts us and goes on; whoever called us must not get the terminal back before it is done.
    let pager = "cat >/dev/null; kill -INT $PPID; sleep 0.3; echo done";
    assert_eq!(at_terminal(&repo, SHOW, &[("GIT_PAGER", pager)]), ("done\n".to_owned(), Some(0)));
}

/// Arguments of git and variables.
type Row<'r> = (&'r [&'r str], &'r [(&'r str, &'r str)]);

#[test]
fn scenario_07_git_pages_for_its_drivers_and_they_colour_as_git_does() {
    let repo = Repo::installed();
    repo.write("n.ipynb", sources(&["kept\ngone"])).write("n.txt", "kept\ngone\n").commit("old");
    repo.write("n.ipynb", sources(&["kept"])).write("n.txt", "kept\n");
    let rows: &[Row<'_>] = &[
        (&["diff"], &[("GIT_PAGER", MARKING)]),
        (&["-c", "pager.diff=cat", "diff"], &[("GIT_PAGER", MARKING)]),
        (&["-c", "pager.diff=false", "diff"], &[("GIT_PAGER", MARKING)]),
        (&["--no-pager", "diff"], &[("GIT_PAGER", MARKING)]),
        (&["-c", "color.pager=false", "diff"], &[("GIT_PAGER", MARKING)]),
        (&["-c", "color.ui=never", "diff"], &[("GIT_PAGER", MARKING)]),
        (&["-c", "color.diff=always", "diff"], &[("GIT_PAGER", MARKING), ("TERM", "dumb")]),
        (&["diff"], &[("GIT_PAGER", MARKING), ("TERM", "dumb")]),
        (&["diff"], &[("GIT_PAGER", "cat")]),
    ];
    for (args, variables) in rows {
        let (seen, code) = run_at_terminal(&repo, "git", args, variables);
        // One line of the notebook, one of the other file.
        let gone: Vec<&str> = seen.lines().filter(|line| line.contains("-gone")).collect();
        assert!(gone.len() == 2 && gone[0] == gone[1], "{args:?} {variables:?}: {seen:?}");
        assert_eq!(code, Some(0));
    }
    let (seen, _) = run_at_terminal(&repo, "git", &["diff"], &[("GIT_PAGER", MARKING), ("NO_COLOR", "1")]);
    assert!(seen.contains("PAGED:-gone"), "{seen:?}");
}

#[test]
fn a_difftool_pages_though_git_sets_an_empty_pager_for_it() {
    let repo = Repo::installed();
    repo.write("n.ipynb", sources(&["x = 1"])).commit("one").write("n.ipynb", sources(&["x = 2"]));
    let args = ["difftool", "-y", "-t", "cellwise"];
    let (seen, code) = run_at_terminal(&repo, "git", &args, &[("PAGER", MARKING)]);
    assert!(seen.contains("PAGED:") && code == Some(0), "{seen}");
    repo.git(["config", "core.pager", "cat"]).ok();
    let (seen, _) = run_at_terminal(&repo, "git", &args, &[("PAGER", MARKING)]);
    assert!(seen.contains("diff --git a/n.ipynb") && !seen.contains("PAGED:"), "{seen}");
}
