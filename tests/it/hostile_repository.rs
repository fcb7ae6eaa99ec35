//! A repository that means harm: nothing in it may run a program, reach what lies outside, or steer a terminal.
//! `docs/security.md` names these tests.

#![allow(clippy::panic, clippy::unwrap_used)]

use std::fs;
use std::time::{Duration, Instant};

use cellwise::config::{Config, Dialect, keys};
use serde_json::json;

use crate::nb::{code, notebook, sources};
use crate::repo::Repo;

/// The file that every attack tries to make.
const HARM: &str = "harm";

/// A repository with one notebook that was edited, in conflict with nothing.
fn edited(name: &str) -> Repo {
    let repo = Repo::new();
    repo.write(name, sources(&["x = 1"])).commit("one").write(name, sources(&["x = 2"]));
    repo
}

fn harm(repo: &Repo) -> String {
    format!("touch '{}'", repo.outside(HARM).display())
}

#[track_caller]
fn unharmed(repo: &Repo) {
    assert!(!repo.outside(HARM).exists(), "the repository ran a program");
}

/// What people type, and what git calls.
const COMMANDS: [&[&str]; 8] = [
    &["diff"],
    &["diff", "HEAD"],
    &["check"],
    &["check", "--staged"],
    &["clean", "--check", "."],
    &["config"],
    &["resolve", "--ours"],
    &["doctor"],
];

#[test]
fn no_key_of_the_configuration_names_a_program_or_a_path() {
    for key in keys() {
        for word in ["command", "program", "pager", "editor", "hook", "path", "file", "tool", "exec", "run"] {
            assert!(!key.path.split(['.', '-']).any(|part| part == word), "{}", key.path);
        }
    }
    let repo = edited("n.ipynb");
    let harm = harm(&repo);
    let names = ["pager", "editor", "command", "external", "textconv", "driver", "hook"];
    let keys: String = names.iter().map(|name| format!("{name} = {}\n", json!(harm))).collect();
    repo.write("cellwise.toml", format!("{keys}[merge]\n{keys}[clean]\n{keys}"));
    COMMANDS.iter().for_each(|command| drop(repo.cellwise(*command)));
    unharmed(&repo);
}

#[test]
fn a_configuration_with_a_mistake_in_each_line_is_read_at_once() {
    let start = Instant::now();
    let text: String = (0..100_000).map(|number| format!("k{number}=1\n")).collect();
    assert!(text.len() <= 1 << 20);
    let (_, problems) = Config::parse(&text, Dialect::Cellwise).unwrap();
    assert_eq!((problems.len(), problems.last().unwrap().line), (100_000, Some(100_000)));
    // As long as it takes here, with a hundred times that in hand for a busy machine.
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
    let deep = format!("a = {}", "[".repeat(500_000));
    assert_eq!(Config::parse(&deep, Dialect::Cellwise).unwrap().1.len(), 1);
}

#[cfg(unix)]
#[test]
fn a_configuration_that_is_no_plain_file_does_not_count() {
    let repo = edited("n.ipynb");
    for make in ["mkfifo cellwise.toml", "ln -s /dev/zero cellwise.toml", "mkdir cellwise.toml"] {
        repo.sh(make).ok();
        // It ends.
        repo.cellwise(["check", "n.ipynb"]).exits(0);
        assert!(repo.cellwise(["config"]).ok().starts_with("# no cellwise.toml"));
        repo.sh("rm -r cellwise.toml").ok();
    }
}

/// Every row of the table names a test, and there is such a test.
#[test]
fn the_documented_tests_are_there() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/security.md")).unwrap();
    let rows: Vec<&str> =
        page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| --")).skip(1).collect();
    assert!(rows.len() > 15);
    for row in rows {
        let tests = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        for test in tests.split(", ").map(|test| test.trim_matches('`')) {
            let (module, name) = (test.split("::").next().unwrap(), test.rsplit("::").next().unwrap());
            let file = fs::read_to_string(root.join("tests/it").join(module).with_extension("rs")).unwrap_or_default();
            assert!(file.contains(&format!("fn {name}()")), "{row}");
        }
    }
}

#[test]
fn a_configuration_puts_nothing_raw_on_the_terminal() {
    let repo = edited("n.ipynb");
    repo.write("cellwise.toml", "\"\\u001b]0;x\\u0007\\u202e\" = 1\n[merge]\noutputs = \"\\u009b31m\"\n");
    for command in [&["config"][..], &["check"], &["clean", "--check", "n.ipynb"]] {
        let run = repo.cellwise(command);
        harmless(&run.stdout);
        harmless(&run.stderr);
    }
    assert!(repo.cellwise(["config"]).stderr.contains("unknown key"));
}

#[track_caller]
fn harmless(text: &str) {
    let steers = |c: char| (c.is_control() && c != '\n' && c != '\t') || c == '\u{202e}';
    assert!(!text.contains(steers), "{text:?}");
}

#[test]
fn attributes_only_name_drivers() {
    let repo = edited("n.ipynb");
    repo.write(".gitattributes", "*.ipynb diff=harm merge=harm filter=harm\n");
    // What a repository cannot bring along is the configuration that gives them a command; a file that looks so is data.
    repo.write(".gitconfig", format!("[diff \"harm\"]\n\tcommand = {}\n", harm(&repo)));
    repo.cellwise(["install"]).ok();
    COMMANDS.iter().for_each(|command| drop(repo.cellwise(*command)));
    drop((repo.git(["diff"]), repo.git(["add", "-A"])));
    unharmed(&repo);
}

#[test]
fn attributes_of_a_repository_do_not_switch_an_installation_off() {
    let repo = Repo::installed();
    repo.write(".gitattributes", "*.ipynb -diff -merge\nsub/*.ipynb binary\n").write("n.ipynb", sources(&["x = 1"]));
    repo.commit("one").write("n.ipynb", sources(&["x = 2"]));
    assert!(repo.git(["diff"]).ok().contains("-x = 1\n+x = 2\n"));
    // Written for everyone, the installation stands behind what a repository says.
    let repo = Repo::new();
    repo.cellwise(["install", "--global"]).ok();
    repo.write(".gitattributes", "*.ipynb -diff\n").write("n.ipynb", sources(&["x = 1"])).commit("one");
    assert!(repo.git(["diff", "--stat", "HEAD"]).exits(0).stdout.is_empty());
    let doctor = repo.cellwise(["doctor"]);
    assert_eq!(doctor.code, 1, "{doctor:?}");
}

#[cfg(unix)]
#[test]
fn names_that_look_like_options_or_patterns_are_names() {
    let names = ["--output=harm.ipynb", "-n.ipynb", ":(exclude)n.ipynb", "\u{1b}[31m.ipynb", "a\nb.ipynb", "*.ipynb"];
    let repo = Repo::new();
    let file = |x: u32| notebook(&[crate::nb::ran("a", &format!("x = {x}"), x, "1\n")]);
    let write_all = |x: u32| {
        for name in names {
            repo.write(name, file(x));
        }
    };
    write_all(1);
    repo.commit("one");
    write_all(2);
    let before: Vec<_> = fs::read_dir(repo.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    let (diff, head) = (repo.cellwise(["diff"]).ok(), repo.cellwise(["diff", "HEAD"]).ok());
    assert_eq!([diff.matches("\n+x = 2").count(), head.matches("\n+x = 2").count()], [names.len(); 2]);
    let clean = repo.cellwise(["clean", "."]).ok();
    assert_eq!(clean.lines().filter(|line| line.ends_with("cleaned (1 output)")).count(), names.len(), "{clean}");
    assert!(names.iter().all(|name| repo.read(name).contains("\"outputs\": []")));
    [&diff, &head, &clean].into_iter().for_each(|text| harmless(text));
    let after: Vec<_> = fs::read_dir(repo.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(before.len(), after.len());
}

#[cfg(unix)]
#[test]
fn an_editor_gets_a_file_whose_name_no_notebook_chooses() {
    let repo = Repo::new();
    let file = |x: u32| {
        let cell = code("../../harm", &format!("x = {x}"));
        let mut file: serde_json::Value = serde_json::from_str(&notebook(&[cell])).unwrap();
        file["metadata"]["language_info"]["file_extension"] = "/../../harm; touch harm".into();
        file.to_string()
    };
    repo.write("n.ipynb", file(1)).commit("base").git(["checkout", "-q", "-b", "side"]).ok();
    repo.write("n.ipynb", file(3)).commit("side").git(["checkout", "-q", "main"]).ok();
    repo.cellwise(["install"]).ok();
    repo.write("n.ipynb", file(2)).commit("main").git(["merge", "-q", "side"]).exits(1);
    let seen = repo.outside("seen");
    repo.git(["config", "core.editor", &format!("printf '%s' >'{}' ", seen.display())]).ok();
    drop(repo.cellwise_reading("e\n", ["resolve", "-i"]));
    let name = fs::read_to_string(&seen).unwrap();
    let name = std::path::Path::new(&name);
    assert_eq!(name.parent().unwrap().canonicalize().unwrap(), std::env::temp_dir().canonicalize().unwrap());
    assert!(name.file_name().unwrap().to_str().unwrap().starts_with("cellwise-cell-") && !repo.has(HARM));
}

#[test]
fn a_record_of_a_conflict_cannot_ask_for_memory() {
    let repo = Repo::new();
    for size in ["0", "4294967295", "18446744073709551615", "1e300", "-1"] {
        let record = json!({"cellwise": {"conflict": 1, "kind": "source", "role": "cell", "marker_size": "SIZE"}});
        let mut cell = code("a", "<<<<<<< a\nx\n=======\ny\n>>>>>>> b");
        cell["metadata"] = record;
        repo.write("n.ipynb", notebook(&[cell]).replace("\"SIZE\"", size));
        for command in [&["check", "n.ipynb"][..], &["show", "n.ipynb"], &["clean", "--check", "n.ipynb"]] {
            assert!(repo.cellwise(command).code <= 1, "{size} {command:?}");
        }
    }
}

#[cfg(unix)]
mod of_another_owner {
    use super::*;
    use crate::repo::git_version;

    /// What a person types who is in such a repository, and what git refuses then.
    const REFUSED: [&str; 5] = ["check", "check --staged", "resolve --ours", "install", "doctor"];

    fn armed() -> Repo {
        let repo = edited("n.ipynb");
        let harm = harm(&repo);
        for key in ["core.pager", "core.editor", "core.fsmonitor", "diff.external", "filter.harm.clean"] {
            repo.git(["config", key, &harm]).ok();
        }
        repo.write(".gitattributes", "*.ipynb filter=harm\n");
        repo
    }

    #[track_caller]
    #[allow(clippy::print_stderr)]
    fn assert_refused(repo: &Repo, before: &str, lines: &[&str]) {
        if lacks_the_check() {
            eprintln!("left out: this git asks for no owner");
            return;
        }
        repo.sh(&format!("{before} git status")).exits(128);
        for line in lines {
            let run = repo.sh(&format!("{before} cellwise {line}"));
            assert!(run.code > 1 && run.stderr.contains("dubious ownership"), "{line}: {run:?}");
            assert!(run.stderr.contains("safe.directory") && run.stderr.lines().count() == 1, "{line}: {run:?}");
        }
    }

    /// The check came with git 2.35.2.
    fn lacks_the_check() -> bool {
        git_version() < [2, 36, 0]
    }

    /// git has a variable for its own tests that makes everybody somebody else: for this one no one need be root.
    #[test]
    fn is_refused_by_what_asks_git() {
        let repo = edited("n.ipynb");
        assert_refused(&repo, "GIT_TEST_ASSUME_DIFFERENT_OWNER=1", &REFUSED);
        assert!(!repo.read(".git/config").contains("jupyternotebook"));
    }

    /// Only root can give a repository away.
    #[test]
    fn is_refused_as_git_refuses_it() {
        let repo = armed();
        for path in [repo.path().to_owned(), repo.path().join(".git")] {
            if let Err(error) = std::os::unix::fs::chown(path, Some(65534), None) {
                assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied);
                eprintln!("left out: giving a repository away is for root");
                return;
            }
        }
        assert_refused(&repo, "unset SUDO_UID;", &[&REFUSED[..], &["diff", "diff HEAD"]].concat());
        if !lacks_the_check() {
            assert_eq!(repo.cellwise(["check", "HEAD"]).code, 129);
            drop((repo.cellwise(["clean", "."]), repo.cellwise(["show", "n.ipynb"])));
            unharmed(&repo);
            assert!(!repo.read(".git/config").contains("jupyternotebook"));
        }
        // Who names it as safe has said that it is.
        repo.git(["config", "--global", "safe.directory", "*"]).ok();
        assert_eq!(repo.cellwise(["check", "--staged"]).ok(), "");
    }

    #[test]
    fn outside_of_a_repository_it_is_one_line_too() {
        let repo = Repo::new();
        fs::create_dir(repo.outside("none")).unwrap();
        let run = repo.sh("cd ../none && cellwise check --staged").exits(129);
        assert!(run.stderr.contains("not a git repository") && run.stderr.lines().count() == 1, "{run:?}");
        assert!(run.stderr.len() < 150, "{run:?}");
    }
}

/// A folder of a work tree that is a bare repository itself brings a configuration of its own. Who has forbidden git to
/// use such (`safe.bareRepository`) has forbidden it to cellwise: no program of it runs.
#[cfg(unix)]
#[test]
#[allow(clippy::print_stderr)]
fn a_bare_repository_that_was_committed_runs_nothing() {
    if crate::repo::git_version() < [2, 38, 0] {
        eprintln!("left out: this git has no safe.bareRepository");
        return;
    }
    let repo = edited("n.ipynb");
    repo.git(["init", "-q", "--bare", "inner"]).ok();
    let config = format!("{}[core]\n\tpager = {1}\n\tfsmonitor = {1}\n", repo.read("inner/config"), harm(&repo));
    repo.write("inner/config", config).write("inner/n.ipynb", sources(&["x = 1"]));
    repo.git(["config", "--global", "safe.bareRepository", "explicit"]).ok();
    COMMANDS.iter().for_each(|command| drop(repo.cellwise_in("inner", *command)));
    unharmed(&repo);
}
