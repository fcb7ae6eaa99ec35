//! What the pages promise and no other module holds.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::nb;
use crate::repo::Repo;

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The page names what goes, and nothing else goes.
#[test]
fn clean_takes_out_the_keys_that_its_page_names() {
    let page = fs::read_to_string(project().join("docs/clean.md")).unwrap();
    let (_, list) = page.split_once("the notebook's").unwrap();
    let (list, _) = list.split_once('.').unwrap();
    let (of_notebook, of_cells) = list.split_once("a cell's").unwrap();
    let [of_notebook, of_cells] = [of_notebook, of_cells].map(|list| list.split('`').skip(1).step_by(2));
    let with = |keys: &mut dyn Iterator<Item = &str>| {
        keys.chain(["kept"]).map(|key| (key.to_owned(), json!({"a": 1}))).collect::<Map<_, _>>()
    };
    let mut cell = nb::code("a", "x");
    cell["metadata"] = with(&mut { of_cells }).into();
    let mut notebook: Value = serde_json::from_str(&nb::notebook(&[cell])).unwrap();
    notebook["metadata"] = with(&mut { of_notebook }).into();
    let cleaned = Repo::new().cellwise_reading(notebook.to_string(), ["clean"]).ok();
    let cleaned: Value = serde_json::from_str(&cleaned).unwrap();
    let kept = json!({"kept": {"a": 1}});
    assert_eq!([&cleaned["metadata"], &cleaned["cells"][0]["metadata"]], [&kept, &kept]);
    assert!(notebook["metadata"].as_object().unwrap().len() > 3, "the page was read");
}

/// The script builds in release; here a `cargo` that does nothing leaves it the program of the tests.
#[test]
fn the_example_runs_to_its_end_and_leaves_the_configuration_alone() {
    let repo = Repo::new();
    repo.sh("mkdir bin && echo '#!/bin/sh' >bin/cargo && chmod +x bin/cargo").ok();
    repo.copy_program(&repo.path().join("target/release/cellwise"));
    repo.git(["config", "--global", "merge.conflictStyle", "diff3"]).ok();
    let script = project().join("examples/run");
    let line = format!(
        "before=$(cat \"$HOME/.gitconfig\"); PATH=$PWD/bin:$PATH CARGO_TARGET_DIR=$PWD/target bash '{}' && \
         test \"$before\" = \"$(cat \"$HOME/.gitconfig\")\"",
        script.display()
    );
    let said = repo.sh(&line).ok();
    let shown =
        ["@@ -", "analysis.ipynb: merged", "report.ipynb: 1 conflict", "report.ipynb: 1 conflict settled, staged"];
    for part in shown {
        assert!(said.contains(part), "{part}:\n{said}");
    }
}

/// A clone whose branch `side`, from where there is no filter, has outputs; on `main` the filter is on.
fn with_outputs_elsewhere() -> Repo {
    let repo = Repo::installed();
    repo.write("n.ipynb", nb::sources(&["x = 1"])).commit("base");
    repo.git(["switch", "-qc", "side"]).ok();
    repo.write("n.ipynb", nb::notebook(&[nb::ran("a", "x = 2", 3, "secret\n")])).commit("side");
    repo.sh("git format-patch -1 --stdout >../side.patch").ok();
    repo.git(["switch", "-q", "main"]).ok();
    repo.cellwise(["install", "--filter"]).ok();
    repo
}

/// `docs/filter.md`: what git takes from elsewhere is not cleaned, and `clean --check` finds it.
#[test]
fn what_gets_past_the_filter_is_found_by_a_check() {
    for way in
        ["git merge -q side", "git cherry-pick side", "git am -q ../side.patch", "git apply --index ../side.patch"]
    {
        let repo = with_outputs_elsewhere();
        repo.sh(way).ok();
        assert!(repo.stored(":n.ipynb").contains("secret"), "{way}");
        let checked = repo.cellwise(["clean", "--check", "."]).exits(1);
        assert!(checked.stdout.starts_with("n.ipynb: would be cleaned"), "{way}: {}", checked.stdout);
    }
}

/// `docs/filter.md`, on what the filter costs.
#[test]
fn a_stash_of_a_new_run_is_empty_and_takes_the_outputs() {
    let repo = Repo::new();
    repo.cellwise(["install", "--filter"]).ok();
    repo.write("n.ipynb", nb::sources(&["x = 1"])).commit("base");
    repo.write("n.ipynb", nb::notebook(&[nb::ran("a", "x = 1", 3, "secret\n")]));
    assert_eq!(repo.git(["diff"]).ok(), "");
    repo.git(["stash"]).ok();
    assert_eq!(repo.git(["diff", "--raw", "HEAD", "stash@{0}"]).ok(), "");
    assert_eq!(repo.read("n.ipynb"), nb::sources(&["x = 1"]));
}

/// `docs/filter.md`: a line behind those of cellwise, which another install leaves where it is.
#[test]
fn a_line_of_the_repository_turns_the_filter_off() {
    let repo = Repo::new();
    repo.cellwise(["install", "--filter"]).ok();
    repo.sh("echo 'examples/*.ipynb -filter' >>.git/info/attributes").ok();
    repo.cellwise(["install"]).ok();
    let notebook = nb::notebook(&[nb::ran("a", "x = 1", 3, "shown\n")]);
    repo.write("n.ipynb", &notebook).write("examples/n.ipynb", &notebook).commit("both");
    assert!(!repo.stored("HEAD:n.ipynb").contains("shown"));
    assert_eq!(repo.stored("HEAD:examples/n.ipynb"), notebook);
}

/// `docs/guard.md`: a commit that no hook sees is found by a check of the revision.
#[test]
fn what_is_committed_without_hooks_is_found_in_the_revision() {
    let repo = Repo::new();
    repo.cellwise(["install", "--guard"]).ok();
    repo.write("n.ipynb", nb::sources(&["x = 1"])).commit("base");
    repo.git(["switch", "-qc", "side"]).ok();
    repo.write("n.ipynb", nb::sources(&["x = 2"])).commit("side").git(["switch", "-q", "main"]).ok();
    repo.write("n.ipynb", nb::sources(&["x = 3"])).commit("main").git(["merge", "-q", "side"]).exits(1);
    repo.git(["add", "n.ipynb"]).ok();
    repo.git(["commit", "-qm", "stopped"]).exits(1);
    let commit = repo.sh("git commit-tree -m past $(git write-tree) -p HEAD -p side").ok();
    repo.cellwise(["check", commit.trim()]).exits(1);
}

/// `docs/doctor.md`: the line of `git difftool -t cellwise` is tried.
#[test]
fn a_difftool_that_does_not_answer_is_a_warning() {
    let repo = Repo::installed();
    repo.write("n.ipynb", nb::sources(&["x = 1"])).commit("base");
    let line = format!("\"{}\" difftool --no-such-option", env!("CARGO_BIN_EXE_cellwise"));
    repo.git(["config", "difftool.cellwise.cmd", &line]).ok();
    let said = repo.cellwise(["doctor"]).stdout;
    assert!(said.contains("warning (difftool-fails)"), "{said}");
}
