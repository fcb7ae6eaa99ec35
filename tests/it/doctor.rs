//! `cellwise doctor`: each fault is made in a real repository, named, and gone once its cure was run.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::nb;
use crate::repo::{Repo, Run};

/// What `doctor` found.
pub(crate) struct Found(Vec<Value>);

/// The findings for the folder `dir` of the work tree.
#[track_caller]
pub(crate) fn found_in(repo: &Repo, dir: &str) -> Found {
    let run = repo.cellwise_in(dir, ["doctor", "--json"]);
    found(&run)
}

#[track_caller]
pub(crate) fn found(run: &Run) -> Found {
    let document: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"));
    assert_eq!(document["version"], 1);
    let findings = document["findings"].as_array().unwrap().clone();
    let faults = findings.iter().any(|finding| finding["level"] == "fault");
    assert_eq!(run.code, i32::from(faults), "{}", run.stdout);
    Found(findings)
}

impl Found {
    pub(crate) fn ids(&self) -> Vec<&str> {
        self.0.iter().map(|finding| finding["id"].as_str().unwrap()).collect()
    }

    #[track_caller]
    pub(crate) fn get(&self, id: &str) -> &Value {
        let finding = self.0.iter().find(|finding| finding["id"] == id);
        finding.unwrap_or_else(|| panic!("no {id}: {:#?}", self.0))
    }

    /// The command that cures `id`.
    #[track_caller]
    pub(crate) fn cure(&self, id: &str) -> &str {
        self.get(id)["command"].as_str().unwrap()
    }

    #[track_caller]
    pub(crate) fn is_at(&self, id: &str, place: &str) {
        let origin = self.get(id)["where"].as_str().unwrap();
        assert!(origin.contains(place), "{origin}");
    }
}

/// `ids` are found, the cure of the first is run, and nothing is left.
#[track_caller]
pub(crate) fn cured(repo: &Repo, ids: &[&str]) -> Found {
    let before = found_in(repo, "");
    assert_eq!(before.ids(), ids);
    repo.sh(before.cure(ids[0])).ok();
    assert_eq!(found_in(repo, "").ids(), [""; 0]);
    before
}

/// cellwise is installed, and there is a notebook.
pub(crate) fn with_notebook() -> Repo {
    let repo = Repo::installed();
    repo.write("n.ipynb", nb::sources(&["a = 1"])).commit("one");
    repo
}

/// A copy of the program outside of the repository, in a folder whose name needs quotes.
pub(crate) fn copy_of_program(repo: &Repo, name: &str) -> std::path::PathBuf {
    let copy = repo.outside(name).join("cellwise");
    repo.copy_program(&copy);
    copy
}

#[test]
fn a_good_setup_is_said_in_one_line() {
    let repo = with_notebook();
    for options in [&["install"][..], &["install", "--filter", "--cache"], &["install", "--no-command"]] {
        repo.cellwise(options.iter().copied()).ok();
        let said = repo.cellwise(["doctor"]).ok();
        assert!(said.starts_with("No faults. Looked at git ") && said.ends_with(", 1 tracked notebook.\n"), "{said}");
        assert_eq!(said.lines().count(), 1);
    }
}

#[test]
fn doctor_changes_nothing() {
    let repo = with_notebook();
    repo.write("n.ipynb", nb::sources(&["a = 2"])).git(["config", "core.autocrlf", "true"]).ok();
    let state =
        || repo.sh("find . ../home -type f -exec cksum {} + | sort; ls -lR --time-style=full-iso .git | cksum").ok();
    let before = state();
    repo.cellwise(["doctor", "--all"]);
    assert_eq!(state(), before);
}

#[test]
fn scenario_28_a_colleague_without_the_driver() {
    let repo = Repo::new();
    repo.write(".gitattributes", "*.ipynb diff=jupyternotebook\n*.ipynb merge=jupyternotebook\n");
    repo.write("n.ipynb", nb::sources(&["a = 1"])).commit("one");
    let found = cured(&repo, &["not-installed", "driver-missing", "driver-missing"]);
    found.is_at("driver-missing", ".gitattributes:1");
}

#[test]
fn another_program_is_named() {
    let repo = Repo::new();
    repo.git(["config", "merge.jupyternotebook.driver", "git-nbmergedriver merge %O %A %B %L %P"]).ok();
    repo.write(".gitattributes", "*.ipynb merge=jupyternotebook\n").commit("one");
    let found = cured(&repo, &["not-installed"]);
    assert!(found.get("not-installed")["message"].as_str().unwrap().contains("git-nbmergedriver"));
    found.is_at("not-installed", ".git/config (local)");
}

#[test]
fn values_that_are_nearer_are_named_with_their_scope() {
    let repo = with_notebook();
    repo.git(["config", "extensions.worktreeConfig", "true"]).ok();
    repo.git(["config", "--worktree", "merge.jupyternotebook.driver", "false"]).ok();
    let found = cured(&repo, &["overruled"]);
    found.is_at("overruled", "config.worktree (worktree)");
    // Of no file.
    let found =
        found_in_sh(&repo, "GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=diff.jupyternotebook.textconv GIT_CONFIG_VALUE_0=cat");
    assert_eq!(found.ids(), ["overruled"]);
    assert!(found.get("overruled")["advice"].as_str().unwrap().contains("git's -c"));
}

/// The findings with more variables in the environment.
#[track_caller]
fn found_in_sh(repo: &Repo, variables: &str) -> Found {
    found(&repo.sh(&format!("{variables} cellwise doctor --json")))
}

#[test]
fn what_was_taken_out_of_the_configuration_comes_back() {
    let repo = with_notebook();
    repo.git(["config", "--unset", "diff.jupyternotebook.textconv"]).ok();
    cured(&repo, &["lines-differ"]);
    repo.git(["config", "diff.jupyternotebook.trustExitCode", "true"]).ok();
    cured(&repo, &["lines-differ"]);
    repo.git(["config", "--unset", "merge.jupyternotebook.driver"]).ok();
    let found = found_in(&repo, "");
    assert_eq!(found.ids(), ["driver-without-line", "lines-differ"]);
    repo.sh(found.cure("driver-without-line")).ok();
    assert_eq!(found_in(&repo, "").ids(), [""; 0]);
}

#[test]
fn a_program_that_was_moved_is_named() {
    let repo = with_notebook();
    let copy = copy_of_program(&repo, "a b");
    repo.run(&copy, repo.path(), ["install", "--filter"]).ok();
    let found = cured(&repo, &["other-program"]);
    assert!(found.get("other-program")["message"].as_str().unwrap().contains("(cellwise "));
    repo.run(&copy, repo.path(), ["install", "--filter"]).ok();
    fs::remove_file(&copy).unwrap();
    let found = cured(&repo, &["program-gone"]);
    assert!(found.get("program-gone")["message"].as_str().unwrap().contains("a b/cellwise"));
}

#[test]
fn another_version_on_the_path_is_named() {
    let repo = with_notebook();
    repo.write("../bin/cellwise", "#!/bin/sh\necho cellwise 99.0.0\n");
    repo.sh("chmod +x ../bin/cellwise").ok();
    let run = repo.sh("c=$(command -v cellwise); PATH=$PWD/../bin:$PATH \"$c\" doctor --json").ok();
    assert!(run.contains("\"other-on-path\"") && run.contains("cellwise 99.0.0"), "{run}");
}

#[test]
fn every_line_is_run() {
    let lines = [
        (
            "diff.jupyternotebook.textconv",
            "f() { cellwise textconv --no-such -- \"$1\" || cat <\"$1\"; }; f",
            "textconv-fails",
        ),
        ("diff.jupyternotebook.command", "cellwise no-such", "diff-command-fails"),
        ("merge.jupyternotebook.driver", "cellwise merge-driver %O", "merge-driver-fails"),
        ("filter.cellwise.clean", "cellwise clean --no-such", "filter-clean-fails"),
        ("filter.cellwise.process", "cellwise textconv", "filter-process-fails"),
    ];
    let repo = with_notebook();
    repo.sh("cellwise install --filter --use-path").ok();
    for (key, line, id) in lines {
        let value = repo.git(["config", "--get", key]).ok();
        repo.git(["config", key, line]).ok();
        let found = found(&repo.sh("cellwise doctor --json"));
        let message = found.get(id)["message"].as_str().unwrap();
        assert!(message.contains(key) && message.contains("error:"), "{message}");
        found.is_at(id, ".git/config (local)");
        repo.git(["config", key, value.trim_end_matches('\n')]).ok();
    }
    let found = found(&repo.sh("cellwise doctor --json"));
    assert_eq!(found.ids(), ["needs-path"]);
    repo.sh(found.cure("needs-path")).ok();
    assert_eq!(found_in(&repo, "").ids(), [""; 0]);
}

#[test]
fn a_cache_of_an_older_text_form_is_named() {
    let repo = with_notebook();
    repo.git(["config", "diff.jupyternotebook.cachetextconv", "true"]).ok();
    cured(&repo, &["cache-version"]);
    let line = repo.git(["config", "--get", "diff.jupyternotebook.textconv"]).ok();
    assert!(line.contains(" --text-form="), "{line}");
    repo.git(["config", "diff.jupyternotebook.textconv", &line.trim_end().replace("--text-form=", "--text-form=9")])
        .ok();
    cured(&repo, &["cache-version"]);
}

#[test]
fn without_a_repository_only_what_is_global_is_looked_at() {
    let repo = Repo::new();
    let outside = repo.outside("elsewhere");
    fs::create_dir(&outside).unwrap();
    let look = || found(&repo.run(Path::new(env!("CARGO_BIN_EXE_cellwise")), &outside, ["doctor", "--json"]));
    assert_eq!(look().ids(), ["no-repository"]);
    repo.cellwise(["install", "--global"]).ok();
    assert_eq!(look().ids(), ["no-repository"]);
    repo.git(["config", "--global", "merge.jupyternotebook.driver", "/no/such/cellwise merge-driver"]).ok();
    assert_eq!(look().ids()[..1], ["program-gone"]);
}

#[test]
fn what_cannot_be_looked_at_is_a_failure() {
    let repo = Repo::new();
    repo.write(".git/config", "[core\n");
    let run = repo.cellwise(["doctor"]).exits(129);
    assert!(run.stderr.starts_with("cellwise: git ") && run.stdout.is_empty(), "{run:?}");
}

#[test]
fn nothing_of_a_configuration_reaches_a_terminal_raw() {
    let repo = with_notebook();
    repo.git(["config", "--global", "merge.tool", "\u{1b}[31m"]).ok();
    repo.write("\u{9b}A.IPYNB", "{}").commit("two");
    for options in [&["doctor"][..], &["doctor", "--json"]] {
        let said = repo.cellwise(options.iter().copied()).stdout;
        assert!(!said.contains(['\u{1b}', '\u{9b}']), "{said:?}");
    }
}

#[test]
fn every_id_is_documented() {
    let page = include_str!("../../docs/doctor.md");
    for kind in cellwise::git::doctor::KINDS {
        let heading = format!("\n### `{}` ({})\n", kind.id, kind.level.name());
        assert!(page.contains(&heading), "{heading}");
    }
    assert_eq!(page.matches("\n### `").count(), cellwise::git::doctor::KINDS.len());
}
