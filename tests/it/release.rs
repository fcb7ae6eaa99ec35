//! What comes with a release is as its pages and recipes say.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::nb;
use crate::repo::Repo;

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What follows `key = ` in a file of the project, without quotes.
fn value(file: &str, key: &str, equals: &str) -> String {
    let text = fs::read_to_string(project().join(file)).unwrap();
    let value = text.lines().find_map(|line| line.trim().strip_prefix(key)?.strip_prefix(equals));
    value.unwrap_or_else(|| panic!("{file}: no {key}")).trim_matches('"').to_owned()
}

/// A name of `[package.metadata.binstall]` for Linux, with the words of its templates filled in.
fn filled_in(key: &str) -> String {
    let words = [
        ("{ name }", "cellwise"),
        ("{ version }", env!("CARGO_PKG_VERSION")),
        ("{ target }", "x86_64-unknown-linux-musl"),
        ("{ archive-suffix }", ".tar.gz"),
        ("{ bin }", "cellwise"),
        ("{ binary-ext }", ""),
        ("{ repo }", "https://example.org/cellwise"),
    ];
    words.iter().fold(value("Cargo.toml", key, " = "), |text, (word, value)| text.replace(word, value))
}

#[test]
fn binstall_finds_the_archive_and_the_program_in_it() {
    let repo = Repo::new();
    repo.write("share/man/man1/cellwise.1", "").write("cellwise", "the program");
    let [share, program, out] = ["share", "cellwise", "out"].map(|name| repo.path().join(name).display().to_string());
    let archive = project().join(".ci/archive").display().to_string();
    repo.run(Path::new("bash"), repo.path(), [&*archive, "x86_64-unknown-linux-musl", &program, &share, &out]).ok();
    let url = filled_in("pkg-url");
    let (tag, file) =
        url.strip_prefix("https://example.org/cellwise/releases/download/").unwrap().split_once('/').unwrap();
    assert_eq!(tag, format!("v{}", env!("CARGO_PKG_VERSION")));
    let listed = repo.sh(&format!("cd out && sha256sum -c {file}.sha256 >&2; tar -tzf {file}")).ok();
    assert!(listed.lines().any(|line| line == filled_in("bin-dir")), "{listed}");
    assert!(listed.contains("/share/man/man1/cellwise.1") && listed.contains("/LICENSE-MIT"), "{listed}");
}

#[test]
fn every_recipe_has_the_version_of_the_package() {
    assert_eq!(value("conda/recipe.yaml", "version", ": "), env!("CARGO_PKG_VERSION"));
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
    repo.write("bin/cargo", "#!/bin/sh\n");
    repo.copy_program(&repo.path().join("target/release/cellwise"));
    repo.git(["config", "--global", "merge.conflictStyle", "diff3"]).ok();
    let script = project().join("examples/run");
    let line = format!(
        "before=$(cat \"$HOME/.gitconfig\"); chmod +x bin/cargo; PATH=$PWD/bin:$PATH CARGO_TARGET_DIR=$PWD/target bash '{}' && \
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
