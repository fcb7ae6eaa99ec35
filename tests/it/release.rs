//! What a release holds is called as those call it who look for it.

use std::fs;
use std::path::Path;

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
    let listed = repo
        .sh(&format!(
            "cd out && {{ sha256sum -c {file}.sha256 || shasum -a 256 -c {file}.sha256; }} >&2 && tar -tzf {file}"
        ))
        .ok();
    assert!(listed.lines().any(|line| line == filled_in("bin-dir")), "{listed}");
    assert!(listed.contains("/share/man/man1/cellwise.1") && listed.contains("/LICENSE-MIT"), "{listed}");
}

#[test]
fn every_recipe_has_the_version_of_the_package() {
    assert_eq!(value("conda/recipe.yaml", "version", ": "), env!("CARGO_PKG_VERSION"));
}
