//! `cellwise doctor`: attributes, filters and settings, and the kinds of repositories.

use std::fs;
use std::path::Path;

use crate::doctor::{cured, found, found_in, with_notebook};
use crate::nb;
use crate::repo::Repo;

fn append(repo: &Repo, file: &str, line: &str) {
    let text = if repo.has(file) { repo.read(file) } else { String::new() };
    repo.write(file, text + line);
}

#[test]
fn nbstripout_installed_later_takes_the_diff() {
    let repo = with_notebook();
    repo.git(["config", "filter.nbstripout.clean", "cat"]).ok();
    repo.git(["config", "filter.nbstripout.required", "true"]).ok();
    repo.git(["config", "diff.ipynb.textconv", "cat"]).ok();
    append(&repo, ".git/info/attributes", "*.ipynb filter=nbstripout\n*.zpln filter=nbstripout\n*.ipynb diff=ipynb\n");
    cured(&repo, &["diff-attribute"]).is_at("diff-attribute", "attributes:6");
}

#[test]
fn attributes_that_switch_the_drivers_off_are_named_with_their_line() {
    for (line, ids) in [
        ("*.ipynb -diff", &["diff-attribute"][..]),
        ("*.ipynb diff", &["diff-attribute"]),
        ("*.ipynb merge=union", &["merge-attribute"]),
        ("*.ipynb binary", &["diff-attribute", "merge-attribute"]),
        ("*.ipynb merge=gone", &["driver-missing"]),
        ("n.ipynb !diff", &["diff-attribute"]),
    ] {
        let repo = with_notebook();
        append(&repo, ".git/info/attributes", &format!("{line}\n"));
        cured(&repo, ids).is_at(ids[0], ".git/info/attributes:4");
    }
}

#[test]
fn a_nested_file_wins_over_a_global_installation() {
    let repo = Repo::new();
    repo.cellwise(["install", "--global"]).ok();
    repo.write("sub/n.ipynb", nb::sources(&["a"])).write("sub/.gitattributes", "\n*.ipynb merge=text\n").commit("one");
    let found = found_in(&repo, "sub");
    assert_eq!(found.ids(), ["merge-attribute"]);
    found.is_at("merge-attribute", "sub/.gitattributes:2");
    repo.sh("cellwise install").ok();
    assert_eq!(found_in(&repo, "").ids(), [""; 0]);
}

#[test]
fn names_in_capitals_get_a_line_of_their_own() {
    let repo = with_notebook();
    repo.git(["config", "core.ignoreCase", "false"]).ok();
    repo.write(".git/info/attributes", "*.ipynb diff=jupyternotebook merge=jupyternotebook\n");
    repo.write("N.IPYNB", nb::sources(&["a"])).commit("two");
    cured(&repo, &["capitals"]);
}

#[test]
fn encodings_and_line_ends_are_named() {
    let repo = with_notebook();
    append(&repo, ".gitattributes", "*.ipynb working-tree-encoding=UTF-16LE\n");
    cured(&repo, &["working-tree-encoding"]).is_at("working-tree-encoding", ".gitattributes:1");
    repo.git(["config", "core.autocrlf", "true"]).ok();
    cured(&repo, &["line-ends"]).is_at("line-ends", ".git/config (local)");
    let repo = with_notebook();
    append(&repo, ".gitattributes", "*.ipynb text eol=crlf\n");
    cured(&repo, &["line-ends"]).is_at("line-ends", ".gitattributes:1");
}

#[test]
fn git_lfs_is_named() {
    let repo = with_notebook();
    repo.git(["config", "filter.lfs.clean", "cat"]).ok();
    repo.git(["config", "filter.lfs.required", "true"]).ok();
    append(&repo, ".gitattributes", "*.ipynb filter=lfs diff=lfs merge=lfs -text\n");
    let found = found_in(&repo, "");
    assert_eq!(found.ids(), ["lfs"]);
    found.is_at("lfs", ".gitattributes:1");
    assert!(found.get("lfs")["advice"].as_str().unwrap().contains("git lfs untrack"));
}

#[test]
fn a_filter_without_a_section_is_named() {
    let repo = with_notebook();
    append(&repo, ".gitattributes", "*.ipynb filter=cellwise\n");
    cured(&repo, &["filter-missing"]).is_at("filter-missing", ".gitattributes:1");
}

#[test]
fn a_filter_that_may_fail_unheard_is_named() {
    let repo = with_notebook();
    append(&repo, ".git/info/attributes", "*.ipynb filter=own\n");
    repo.git(["config", "--global", "filter.own.clean", "cat"]).ok();
    let found = cured(&repo, &["filter-not-required"]);
    assert_eq!(found.cure("filter-not-required"), "git config --global filter.own.required true");
    // Of our own filter install knows it, too.
    repo.cellwise(["install", "--filter"]).ok();
    repo.git(["config", "filter.cellwise.required", "false"]).ok();
    assert!(found_in(&repo, "").ids().contains(&"filter-not-required"));
}

#[test]
fn two_filters_for_one_notebook_are_named() {
    let repo = with_notebook();
    repo.cellwise(["install", "--filter"]).ok();
    repo.git(["config", "filter.nbstripout.clean", "cat"]).ok();
    append(&repo, ".gitattributes", "*.ipynb filter=nbstripout\n");
    let found = found_in(&repo, "");
    assert_eq!(found.ids(), ["two-filters"]);
    found.is_at("two-filters", ".gitattributes:1");
    append(&repo, ".git/info/attributes", "*.ipynb filter=nbstripout\n");
    repo.git(["config", "filter.nbstripout.required", "true"]).ok();
    let found = found_in(&repo, "");
    assert_eq!(found.ids(), ["filter-attribute", "two-filters"]);
    repo.sh(found.cure("filter-attribute")).ok();
}

#[test]
fn notebooks_that_somebody_keeps_from_the_filter_are_no_fault() {
    let repo = with_notebook();
    repo.cellwise(["install", "--filter"]).ok();
    append(&repo, ".git/info/attributes", "*.ipynb -filter\n");
    assert_eq!(found_in(&repo, "").ids(), [""; 0]);
}

#[test]
fn settings_that_spoil_notebooks_are_named() {
    let repo = with_notebook();
    repo.git(["config", "diff.jupyternotebook.binary", "true"]).ok();
    cured(&repo, &["binary"]);
    repo.git(["config", "--global", "pull.twohead", "resolve"]).ok();
    cured(&repo, &["merge-strategy"]);
    repo.git(["config", "rerere.enabled", "true"]).ok();
    repo.git(["config", "merge.tool", "vimdiff"]).ok();
    let found = found_in(&repo, "");
    assert_eq!(found.ids(), ["rerere", "text-tool"]);
    assert_eq!(repo.cellwise(["doctor"]).code, 0);
}

#[test]
fn what_nbdime_leaves_is_named() {
    let repo = with_notebook();
    repo.git(["config", "difftool.nbdime.cmd", "git-nbdifftool diff"]).ok();
    repo.git(["config", "difftool.prompt", "false"]).ok();
    cured(&repo, &["nbdime-leftovers"]);
    assert!(!repo.read(".git/config").contains("prompt"));
}

#[test]
fn hooks_that_git_does_not_run_are_named() {
    let repo = with_notebook();
    repo.write(".git/hooks/pre-commit", "#!/bin/sh\ncellwise check --staged || exit 1\n");
    let found = cured(&repo, &["hook-not-executable"]);
    found.is_at("hook-not-executable", "hooks/pre-commit");
    repo.git(["config", "core.hooksPath", ".husky"]).ok();
    let found = found_in(&repo, "");
    assert_eq!(found.ids(), ["hooks-path"]);
    found.is_at("hooks-path", ".git/config (local)");
}

#[test]
fn a_linked_work_tree_shares_the_setup() {
    let repo = with_notebook();
    repo.git(["worktree", "add", "-q", "../linked"]).ok();
    assert_eq!(found_in(&repo, "../linked").ids(), [""; 0]);
    let own = repo.path().join(".git/worktrees/linked/info");
    fs::create_dir_all(&own).unwrap();
    fs::write(own.join("attributes"), "*.ipynb diff=x\n").unwrap();
    let before = found_in(&repo, "../linked");
    assert_eq!(before.ids(), ["worktree-attributes"]);
    repo.sh(&format!("cd ../linked && {}", before.cure("worktree-attributes"))).ok();
    assert_eq!(found_in(&repo, "../linked").ids(), [""; 0]);
}

#[test]
fn a_bare_repository_has_attributes_too() {
    let repo = with_notebook();
    repo.sh("git clone -q --bare . ../bare.git").ok();
    let before = found_in(&repo, "../bare.git");
    assert_eq!(before.ids(), ["not-installed"]);
    repo.sh(&format!("cd ../bare.git && {}", before.cure("not-installed"))).ok();
    assert_eq!(found_in(&repo, "../bare.git").ids(), [""; 0]);
    fs::write(repo.outside("bare.git").join("info/attributes"), "").unwrap();
    let before = found_in(&repo, "../bare.git");
    assert_eq!(before.ids(), ["diff-attribute", "merge-attribute"]);
    repo.sh(&format!("cd ../bare.git && {}", before.cure("diff-attribute"))).ok();
    assert_eq!(found_in(&repo, "../bare.git").ids(), [""; 0]);
}

#[test]
fn scenario_30_submodules_with_notebooks() {
    let (repo, inner) = (with_notebook(), with_notebook());
    let url = inner.path().display().to_string();
    repo.git(["-c", "protocol.file.allow=always", "submodule", "add", "-q", &url, "in ner"]).ok();
    repo.commit("submodule");
    let found = cured(&repo, &["submodules"]);
    assert!(found.get("submodules")["message"].as_str().unwrap().contains("in ner"));
}

#[test]
fn scenario_30_repositories_that_libgit2_refuses() {
    for options in [&["--object-format=sha256"][..], &["--ref-format=reftable"]] {
        let knows = repo_knows(options);
        if !knows {
            continue;
        }
        let repo = Repo::init(options);
        repo.write("n.ipynb", nb::sources(&["a"])).commit("one");
        cured(&repo, &["not-installed"]);
    }
}

/// Whether this git has the option of `init`.
fn repo_knows(options: &[&str]) -> bool {
    let repo = Repo::new();
    let args = ["init", "-q"].iter().chain(options).chain(&["../probe"]);
    repo.git(args).code == 0
}

#[test]
fn scenario_30_global_installations_cover_all() {
    let repo = Repo::new();
    repo.cellwise(["install", "--global"]).ok();
    repo.write("n.ipynb", nb::sources(&["a"])).commit("one");
    assert_eq!(found_in(&repo, "").ids(), [""; 0]);
    repo.git(["config", "--global", "--unset", "diff.jupyternotebook.xfuncname"]).ok();
    let found = cured(&repo, &["lines-differ"]);
    assert_eq!(found.cure("lines-differ"), "cellwise install --global");
}

#[test]
fn the_folder_of_the_repository_does_not_matter() {
    let repo = with_notebook();
    repo.write("deep/er/m.ipynb", nb::sources(&["a"])).commit("two");
    let run = repo.run(Path::new(env!("CARGO_BIN_EXE_cellwise")), &repo.path().join("deep/er"), ["doctor", "--json"]);
    assert!(run.stdout.contains("\"notebooks\": 2"), "{}", run.stdout);
    assert_eq!(found(&run).ids(), [""; 0]);
}

#[test]
fn a_guard_is_found_where_git_looks() {
    let repo = with_notebook();
    repo.cellwise(["install", "--guard"]).ok();
    assert_eq!(found_in(&repo, "").ids(), [""; 0]);
    if !repo.has(".git/hooks/pre-commit") {
        return; // A git that knows hooks of the configuration.
    }
    repo.git(["config", "core.hooksPath", ".husky"]).ok();
    assert_eq!(found_in(&repo, "").ids(), ["hooks-path"]);
    repo.write(".husky/pre-commit", "#!/bin/sh\ncellwise check --staged\n").sh("chmod +x .husky/*").ok();
    assert_eq!(found_in(&repo, "").ids(), [""; 0]);
}

#[test]
fn hooks_of_the_guard_that_are_gone_are_named() {
    let repo = with_notebook();
    repo.cellwise(["install", "--guard"]).ok();
    if !repo.has(".git/hooks/pre-commit") {
        return; // A git that knows hooks of the configuration.
    }
    for lost in ["rm .git/hooks/pre-commit", "printf 'exit 0\\n' >.git/hooks/prepare-commit-msg"] {
        repo.sh(lost).ok();
        cured(&repo, &["guard-incomplete"]).is_at("guard-incomplete", "hooks");
    }
    repo.sh("rm .git/hooks/pre-commit .git/hooks/pre-merge-commit .git/hooks/prepare-commit-msg").ok();
    let found = cured(&repo, &["guard-incomplete"]);
    assert!(found.get("guard-incomplete")["message"].to_string().contains("pre-commit and 2 more"));
}

#[test]
fn a_guard_of_which_no_hook_is_left_is_named_until_it_is_given_up() {
    let repo = with_notebook();
    let hooks = || repo.sh("cd .git/hooks && ls && cat *").ok();
    repo.sh("rm -f .git/hooks/*").ok();
    repo.cellwise(["install", "--guard"]).ok();
    if !repo.has(".git/hooks/pre-commit") {
        return; // A git that knows hooks of the configuration.
    }
    let guarded = hooks();
    for lost in ["rm .git/hooks/*", "sed -i '/cellwise/d' .git/hooks/*", "rm -r .git/hooks"] {
        repo.sh(lost).ok();
        let found = cured(&repo, &["guard-incomplete"]);
        assert!(found.get("guard-incomplete")["message"].to_string().contains("pre-commit and 3 more"));
        assert_eq!(hooks(), guarded, "{lost}");
    }
    repo.sh("rm .git/hooks/*").ok();
    assert!(repo.cellwise(["install", "--dry-run"]).ok().contains("hooks/pre-commit"));
    repo.cellwise(["install"]).ok();
    assert_eq!(hooks(), guarded);
    repo.sh("rm .git/hooks/*").ok();
    repo.cellwise(["install", "--no-guard"]).ok();
    assert_eq!(found_in(&repo, "").ids(), [""; 0]);
    repo.cellwise(["install"]).ok();
    assert!(!repo.has(".git/hooks/pre-commit"));
}

#[test]
fn a_guard_that_was_removed_is_named_where_other_hooks_are_run() {
    let repo = with_notebook();
    repo.cellwise(["install", "--guard"]).ok();
    if !repo.has(".git/hooks/pre-commit") {
        return; // A git that knows hooks of the configuration.
    }
    repo.git(["config", "core.hooksPath", ".husky/_"]).ok();
    repo.sh("rm .git/hooks/*").ok();
    let found = found_in(&repo, "");
    assert_eq!(found.ids(), ["guard-incomplete"]);
    found.is_at("guard-incomplete", ".husky/_");
    assert!(repo.sh(found.cure("guard-incomplete")).ok().contains(".husky/pre-commit"));
    repo.cellwise(["uninstall"]).ok();
    assert!(!repo.has(".git/cellwise"));
}

#[test]
fn a_driver_that_was_taken_out_of_the_configuration_is_put_back() {
    let repo = with_notebook();
    repo.git(["config", "--remove-section", "diff.jupyternotebook"]).ok();
    let attributes = repo.read(".git/info/attributes");
    let found = cured(&repo, &["lines-differ", "driver-missing"]);
    assert_eq!(found.cure("driver-missing"), "cellwise install");
    assert_eq!(repo.read(".git/info/attributes"), attributes);
}

#[test]
fn hooks_that_a_linked_work_tree_does_not_find_are_named() {
    let repo = with_notebook();
    repo.git(["config", "core.hooksPath", ".git/hooks"]).ok();
    repo.cellwise(["install", "--guard"]).ok();
    if !repo.has(".git/hooks/pre-commit") {
        return; // A git that knows hooks of the configuration.
    }
    repo.git(["worktree", "add", "-q", "../linked"]).ok();
    let linked = |args: &[&str]| repo.run(Path::new(env!("CARGO_BIN_EXE_cellwise")), &repo.outside("linked"), args);
    assert_eq!(found(&linked(&["doctor", "--json"])).ids(), ["hooks-path"]);
    let run = linked(&["install", "--guard"]).exits(0);
    assert!(run.stdout.contains(".git/hooks/pre-commit"), "{run:?}");
    repo.git(["config", "core.hooksPath", &format!("{}/.git/hooks", repo.path().display())]).ok();
    assert_eq!(found(&linked(&["doctor", "--json"])).ids(), [""; 0]);
}
