//! Scenarios of diffs: what searches and lists, odd names, exit codes and tools of others.

#![allow(clippy::unwrap_used)]

use crate::nb::sources;
use crate::repo::{Repo, git_version};

const NAME: &str = "n.ipynb";

/// A notebook whose last cell is one line, which stands alone in a text form and in quotes in JSON.
fn file(line: &str) -> String {
    sources(&["import os", line])
}

/// Two commits of `n.ipynb`, with `x = 1` and `x = 2`.
fn committed() -> Repo {
    let repo = Repo::installed();
    repo.write(NAME, file("x = 1")).commit("one").write(NAME, file("x = 2")).commit("two");
    repo
}

#[test]
fn scenario_01_searches_read_the_text_form_unless_told_otherwise() {
    let repo = committed();
    // What is searched, and how many commits or lines it is found in.
    let rows = [
        ("log --format=%s -G '^x = 2$'", "two\n"),
        ("log --format=%s -G '^x = 2$' --no-textconv", ""),
        ("log --format=%s -S '\"x = 2\"'", ""),
        ("log --format=%s -S '\"x = 2\"' --no-textconv", "two\n"),
        ("grep -h --textconv '^x = 2$'", "x = 2\n"),
        ("grep -h '^x = 2$' || :", ""),
        ("grep -h '\"x = 2\"'", "    \"x = 2\"\n"),
    ];
    for (line, expected) in rows {
        assert_eq!(repo.sh(&format!("git {line}")).ok(), expected, "{line}");
    }
}

#[test]
fn scenario_01_contents_are_raw_unless_text_is_asked_for() {
    let repo = committed();
    let text = repo.text_of(file("x = 2"));
    assert_eq!(repo.git(["cat-file", "--textconv", "HEAD:n.ipynb"]).ok(), text);
    assert_eq!(repo.git(["cat-file", "-p", "HEAD:n.ipynb"]).ok(), file("x = 2"));
    let batch = "echo \"$(git rev-parse HEAD:n.ipynb) n.ipynb\" | git cat-file --batch --textconv";
    assert!(repo.sh(batch).ok().ends_with(&format!("\n{text}\n")));
    for (line, expected) in [
        ("blame -s n.ipynb", text.lines().count()),
        ("annotate n.ipynb", text.lines().count()),
        ("blame -s --no-textconv n.ipynb", file("x = 2").lines().count()),
    ] {
        assert_eq!(repo.sh(&format!("git {line}")).ok().lines().count(), expected, "{line}");
    }
}

#[test]
fn scenario_01_patches_of_patches_and_of_merges_are_of_the_text_form() {
    let repo = committed();
    repo.git(["checkout", "-q", "-b", "side", "HEAD~"]).ok();
    repo.write(NAME, file("x = 3")).commit("two");
    let patches = repo.git(["range-diff", "--creation-factor=100", "main~..main", "side~..side"]).ok();
    assert!(patches.contains("\n    -+x = 2\n    ++x = 3\n"), "{patches}");
    if git_version() < [2, 35, 0] {
        return; // No `--remerge-diff` yet.
    }
    repo.git(["merge", "-q", "main"]).exits(1);
    repo.write(NAME, file("x = 23")).commit("settled");
    let settled = repo.git(["log", "-p", "-1", "--remerge-diff"]).ok();
    assert!(settled.contains("\n-x = 3\n-=======\n-x = 2\n") && settled.contains("\n+x = 23\n"), "{settled}");
}

#[test]
fn scenario_01_hunks_are_shown_and_staged_as_they_stand_in_the_file() {
    let repo = committed();
    repo.write(NAME, file("x = 3"));
    for line in ["echo q | git checkout -p", "echo q | git stash -p", "echo y | git add -p", "echo q | git reset -p"] {
        let shown = repo.sh(line);
        if shown.stderr.contains("NO_PERL") {
            return; // An old git without its scripts.
        }
        assert!(shown.stdout.contains("\"x = 3\"\n"), "{line}: {shown:?}");
    }
    assert_eq!(repo.stored(":n.ipynb"), file("x = 3"));
}

#[test]
fn scenario_01_without_the_command_the_options_of_git_are_obeyed() {
    let repo = committed();
    repo.cellwise(["install", "--no-command"]).ok();
    repo.write(NAME, file("x  =  2"));
    assert!(repo.git(["diff"]).ok().contains("\n-x = 2\n+x  =  2\n"));
    assert!(!repo.git(["diff", "-w"]).ok().contains("x  =  2"), "white space is ignored");
    repo.write(NAME, file("x = 4"));
    assert!(repo.git(["diff", "--word-diff"]).ok().contains("x = [-2-]{+4+}\n"));
    assert_eq!(repo.git(["diff", "--output=../patch"]).ok(), "");
    assert!(repo.read("../patch").contains("\n-x = 2\n+x = 4\n"));
    for option in ["--exit-code", "--quiet"] {
        repo.git(["diff", option]).exits(1);
    }
    repo.write(NAME, file("x = 2"));
    for option in ["--exit-code", "--quiet"] {
        assert_eq!(repo.git(["diff", option]).ok(), "");
    }
}

#[test]
fn scenario_03_any_name_is_blamed_searched_and_handed_to_a_tool() {
    let names = ["a b", "it's", "q\"uote", "new\nline", "größe", "-dash", "%A%P", "$(id)`id`"];
    let names = names.map(|name| format!("{name}.ipynb"));
    let repo = Repo::installed();
    names.iter().for_each(|name| _ = repo.write(name, file("x = 1")));
    repo.commit("old");
    names.iter().for_each(|name| _ = repo.write(name, file("x = 2")));
    repo.git(["config", "difftool.mine.cmd", "echo tool; cmp -s -- \"$REMOTE\" \"$MERGED\" && cat -- \"$LOCAL\""]).ok();
    for name in &names {
        let blamed = repo.git(["blame", "-s", "--", name]).ok();
        assert!(blamed.lines().any(|line| line.starts_with("00000000 ") && line.ends_with(") x = 2")), "{blamed}");
        assert_eq!(repo.git(["grep", "-h", "--textconv", "^x = ", "--", name]).ok(), "x = 2\n", "{name}");
        let shown = repo.git(["show", "--textconv", &format!("HEAD:{name}")]).ok();
        assert_eq!(shown, repo.text_of(file("x = 1")), "{name}");
        let tool = repo.git(["difftool", "-y", "-t", "mine", "--", name]).ok();
        assert_eq!(tool, format!("tool\n{}", file("x = 1")), "{name}");
    }
}

/// The exit codes of the two ways to ask whether something differs.
fn codes(repo: &Repo, setting: &str) -> [i32; 2] {
    ["--exit-code", "--quiet"].map(|option| repo.git(["-c", setting, "diff", option]).code)
}

#[test]
fn scenario_06_programs_of_others_may_tell_by_their_exit_code() {
    let repo = committed();
    let setting = "diff.trustExitCode=true";
    assert_eq!(codes(&repo, setting), [0, 0]);
    repo.write(NAME, file("x = 3"));
    assert_eq!(codes(&repo, setting), [1, 1]);
}

#[test]
fn scenario_06_install_keeps_git_from_asking_our_exit_code() {
    let setting = "diff.jupyternotebook.trustExitCode";
    let repo = Repo::new();
    repo.git(["config", setting, "true"]).ok();
    repo.cellwise(["install"]).ok();
    repo.write(NAME, file("x = 1")).commit("one").write(NAME, file("x = 2"));
    assert_eq!(codes(&repo, "core.abbrev=7"), [1, 1]);
    // With it, 0 says that nothing differs; git before 2.46 does not know it.
    let deceived = if git_version() >= [2, 46, 0] { 0 } else { 1 };
    assert_eq!(codes(&repo, &format!("{setting}=true")), [deceived, deceived]);
    // From farther away it cannot be unset, and is contradicted.
    repo.git(["config", "--global", setting, "true"]).ok();
    assert_eq!(codes(&repo, "core.abbrev=7"), [deceived, deceived]);
    repo.cellwise(["install"]).ok();
    assert_eq!(codes(&repo, "core.abbrev=7"), [1, 1]);
    // From nearer it wins, so that much is said.
    repo.git(["config", setting, "true"]).ok();
    let report = repo.cellwise(["install", "--global"]).ok();
    assert!(report.contains("git config --local --unset-all diff.jupyternotebook.trustexitcode"), "{report}");
}

#[cfg(unix)]
#[test]
fn scenario_08_an_editor_that_git_knows_gets_both_files() {
    let repo = committed();
    repo.write(NAME, file("x = 3"));
    // It stands in for vimdiff, whose last two arguments are the files.
    let editor = "#!/bin/sh\nfor file; do before=$after; after=$file; done\ncat \"$before\" \"$after\"\n";
    repo.write("../script", editor).sh("cp ../script ../editor && chmod +x ../editor").exits(0);
    let path = repo.outside("editor");
    repo.git(["config", "difftool.vimdiff.path", path.to_str().unwrap()]).ok();
    let shown = repo.git(["difftool", "-y", "-t", "vimdiff"]).ok();
    assert_eq!(shown, file("x = 2") + &file("x = 3"));
    let asked = repo.sh("echo n | git difftool -t vimdiff").ok();
    assert!(asked.contains("Launch 'vimdiff' [Y/n]?") && !asked.contains("x = 3"), "{asked}");
}
