//! `cellwise install --global`, `--system` and `--share`, and repositories that are not plain ones.

use std::fs;
use std::path::{Path, PathBuf};

use crate::nb::sources;
use crate::repo::{Repo, Run, git_version};

const LINE: &str = "*.[iI][pP][yY][nN][bB] diff=jupyternotebook merge=jupyternotebook";
const BLOCK: &str =
    "# >>> cellwise\n*.[iI][pP][yY][nN][bB] diff=jupyternotebook merge=jupyternotebook\n# <<< cellwise\n";
const GITCONFIG: &str = "home/.gitconfig";
const XDG: &str = "home/config/git/attributes";

impl Repo {
    /// All files in the home folder, with their bytes.
    fn home(&self) -> Vec<(PathBuf, Option<Vec<u8>>)> {
        let mut found = Vec::new();
        let mut folders = vec![self.outside("home")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path.clone());
                }
                found.push((path.clone(), fs::read(&path).ok()));
            }
        }
        found.sort();
        found
    }

    fn read_outside(&self, name: &str) -> String {
        fs::read_to_string(self.outside(name)).unwrap()
    }

    fn write_outside(&self, name: &str, text: &str) {
        let path = self.outside(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn anywhere(&self, args: &[&str]) -> Run {
        self.run(Path::new(env!("CARGO_BIN_EXE_cellwise")), &self.outside(""), args)
    }

    /// What `git check-attr` says of a notebook.
    fn attribute(&self, name: &str) -> String {
        let said = self.git(["check-attr", name, "--", "any.ipynb"]).ok();
        said.trim_end().rsplit(' ').next().unwrap_or_default().to_owned()
    }
}

#[test]
fn a_global_install_serves_every_repository_and_goes_away() {
    let repo = Repo::new();
    let before = repo.home();
    let report = repo.anywhere(&["install", "--global"]).ok();
    assert!(report.contains("all your repositories") && report.contains("uninstall --global"), "{report}");
    assert_eq!(repo.read_outside(XDG), BLOCK);
    assert!(repo.read_outside(GITCONFIG).contains("merge-driver"));
    assert_eq!(repo.attribute("merge"), "jupyternotebook");
    repo.write("n.ipynb", sources(&["x = 1"])).commit("one").write("n.ipynb", sources(&["x = 2"]));
    assert!(repo.git(["diff"]).ok().contains("cell 1 code"));
    assert!(!repo.has(".git/cellwise"));
    assert!(repo.anywhere(&["install", "--global"]).ok().contains("already"));
    repo.anywhere(&["uninstall", "--global"]).ok();
    assert_eq!(repo.home(), before);
}

#[test]
fn a_global_install_writes_the_files_that_git_reads() {
    let repo = Repo::new();
    repo.write_outside(GITCONFIG, "[core]\r\n\tattributesFile = ~/my attributes\r\n; end");
    repo.write_outside("home/my attributes", "*.zip binary\r\n");
    let before = repo.home();
    repo.anywhere(&["install", "--global"]).ok();
    assert_eq!(repo.read_outside("home/my attributes"), format!("*.zip binary\r\n{}", BLOCK.replace('\n', "\r\n")));
    assert_eq!(repo.attribute("diff"), "jupyternotebook");
    repo.anywhere(&["uninstall", "--global"]).ok();
    assert_eq!(repo.home(), before);
}

#[test]
fn a_configuration_in_the_xdg_folder_is_used_if_it_is_the_only_one() {
    let repo = Repo::new();
    repo.write_outside("home/config/git/config", "[user]\n\tname = x\n");
    let before = repo.home();
    repo.anywhere(&["install", "--global"]).ok();
    assert!(repo.read_outside("home/config/git/config").contains("jupyternotebook"));
    assert!(!repo.outside(GITCONFIG).exists());
    repo.anywhere(&["uninstall", "--global"]).ok();
    assert_eq!(repo.home(), before);
}

#[test]
fn a_named_global_file_is_used_by_a_git_that_knows_it() {
    let repo = Repo::new();
    let line = "export GIT_CONFIG_GLOBAL=\"$PWD/../named\"; cellwise install --global && git config --global --list";
    assert!(repo.sh(line).ok().contains("merge.jupyternotebook.driver="));
    let expected = if git_version() >= [2, 32, 0] { "named" } else { GITCONFIG };
    assert!(repo.read_outside(expected).contains("jupyternotebook"));
}

#[test]
fn a_linked_global_file_stays_a_link() {
    let repo = Repo::new();
    repo.write_outside("home/dotfiles/gitconfig", "[user]\n\tname = x\n");
    #[cfg(unix)]
    std::os::unix::fs::symlink("dotfiles/gitconfig", repo.outside(GITCONFIG)).unwrap();
    let before = repo.home();
    repo.anywhere(&["install", "--global"]).ok();
    repo.anywhere(&["uninstall", "--global"]).ok();
    assert_eq!(repo.home(), before);
}

#[test]
fn without_a_home_it_says_so() {
    let repo = Repo::new();
    let run = repo.sh("unset HOME XDG_CONFIG_HOME; cellwise install --global").exits(129);
    assert!(run.stderr.contains("HOME is not set"), "{}", run.stderr);
}

/// git's own attributes file cannot be put elsewhere, so nothing is written here.
#[test]
fn the_system_scope_names_its_files() {
    let repo = Repo::new();
    let line =
        "unset GIT_CONFIG_NOSYSTEM; export GIT_CONFIG_SYSTEM=\"$PWD/../system\"; cellwise install --system --dry-run";
    let run = repo.sh(line);
    if git_version() >= [2, 42, 0] {
        let attributes = repo.git(["var", "GIT_ATTR_SYSTEM"]).ok();
        let report = run.ok();
        assert!(report.contains(attributes.trim_end()) && report.contains("/system\n"), "{report}");
    } else {
        assert!(run.exits(129).stderr.contains("since version 2.42"));
    }
    let run = repo.sh("GIT_CONFIG_NOSYSTEM=1 cellwise install --system").exits(129);
    assert!(run.stderr.contains("GIT_CONFIG_NOSYSTEM"), "{}", run.stderr);
}

#[test]
fn scopes_do_not_touch_each_other() {
    let repo = Repo::new();
    let before = (repo.home(), repo.bytes(".git/config"));
    repo.cellwise(["install", "--global"]).ok();
    let global = repo.home();
    assert!(!repo.cellwise(["install"]).ok().contains("warning"));
    repo.cellwise(["uninstall"]).ok();
    assert_eq!(repo.home(), global);
    assert_eq!(repo.bytes(".git/config"), before.1);
    repo.cellwise(["install"]).ok();
    assert!(!repo.cellwise(["install", "--global", "--no-command"]).ok().contains("warning"));
    repo.cellwise(["uninstall", "--global"]).ok();
    assert!(repo.git(["config", "--local", "diff.jupyternotebook.command"]).ok().contains("diff-driver"));
    repo.cellwise(["uninstall"]).ok();
    assert_eq!((repo.home(), repo.bytes(".git/config")), before);
}

#[test]
fn a_repository_follows_the_options_around_it() {
    let repo = Repo::new();
    repo.cellwise(["install", "--global", "--filter", "--cache", "--no-command"]).ok();
    let report = repo.cellwise(["install"]).ok();
    assert!(!report.contains("warning"), "{report}");
    let textconv = repo.git(["config", "--local", "diff.jupyternotebook.textconv"]).ok();
    assert!(textconv.contains(" textconv --text-form=") && textconv.contains(" --clean "), "{textconv}");
    assert_ne!(repo.git(["config", "--local", "diff.jupyternotebook.command"]).code, 0);
    assert_eq!(repo.read(".git/info/attributes"), BLOCK);
    assert_eq!(repo.attribute("filter"), "cellwise");
    let report = repo.cellwise(["install", "--no-filter"]).ok();
    assert!(report.contains("Staging cleans as before"), "{report}");
}

#[test]
fn nearer_attributes_are_reported() {
    let repo = Repo::new();
    repo.write(".git/info/attributes", "*.ipynb diff=ipynb\n");
    let report = repo.cellwise(["install", "--global"]).ok();
    assert!(report.contains("in this repository diff=ipynb is nearer"), "{report}");
    assert!(!repo.anywhere(&["install", "--global", "--cache"]).ok().contains("warning"));
}

#[test]
fn shared_attributes_stay_until_they_are_unshared() {
    for earlier in [None, Some(""), Some("*.zip binary\r\n# end"), Some(LINE)] {
        let repo = Repo::new();
        if let Some(text) = earlier {
            repo.write(".gitattributes", text);
        }
        repo.write("sub/x.txt", "");
        let report = repo.cellwise_in("sub", ["install", "--share", "--filter"]).ok();
        assert!(report.contains("commit it"), "{report}");
        let shared = repo.read(".gitattributes");
        assert!(shared.contains(LINE) && !shared.contains("filter="), "{shared}");
        assert_eq!(shared.contains('\r'), earlier.is_some_and(|text| text.contains('\r')));
        assert!(repo.cellwise(["install", "--share"]).ok().contains("already"));
        let report = repo.cellwise(["uninstall"]).ok();
        assert!(report.contains("uninstall --share"), "{report}");
        assert_eq!(repo.read(".gitattributes"), shared);
        repo.cellwise_in("sub", ["uninstall", "--share"]).ok();
        assert_eq!(repo.has(".gitattributes"), earlier.is_some());
        assert!(earlier.is_none_or(|text| repo.read(".gitattributes") == text));
        assert!(!repo.has(".git/cellwise"));
    }
}

#[test]
fn a_clone_of_shared_attributes_can_unshare_them() {
    let repo = Repo::new();
    repo.write(".gitattributes", "*.zip binary\n");
    repo.cellwise(["install", "--share"]).ok();
    repo.commit("share");
    repo.git(["clone", "-q", ".", "../clone"]).ok();
    repo.cellwise_in("../clone", ["uninstall", "--share"]).ok();
    assert_eq!(repo.read("../clone/.gitattributes"), "*.zip binary\n");
}

#[test]
fn each_work_tree_shares_its_own_file() {
    let repo = Repo::new();
    repo.commit("one");
    repo.git(["worktree", "add", "-q", "../linked"]).ok();
    repo.write(".gitattributes", "a");
    repo.cellwise(["install", "--share"]).ok();
    repo.cellwise_in("../linked", ["install", "--share"]).ok();
    repo.cellwise(["uninstall", "--share"]).ok();
    assert_eq!(repo.read("../linked/.gitattributes"), BLOCK);
    repo.cellwise_in("../linked", ["uninstall", "--share"]).ok();
    assert!(!repo.has("../linked/.gitattributes") && !repo.has(".git/worktrees/linked/cellwise"));
    assert_eq!(repo.read(".gitattributes"), "a");
}

#[test]
fn sharing_needs_a_file_of_ones_own() {
    let bare = Repo::init(&["--bare", "bare.git"]);
    let run = bare.cellwise_in("bare.git", ["install", "--share"]).exits(129);
    assert!(run.stderr.contains("no work tree"), "{}", run.stderr);
    #[cfg(unix)]
    {
        let repo = Repo::new();
        std::os::unix::fs::symlink("../elsewhere", repo.path().join(".gitattributes")).unwrap();
        let run = repo.cellwise(["install", "--share"]).exits(129);
        assert!(run.stderr.contains("symbolic link") && !repo.outside("elsewhere").exists(), "{}", run.stderr);
        assert!(!repo.has(".git/cellwise"));
    }
}

#[test]
fn a_git_dir_from_the_environment_counts() {
    let repo = Repo::new();
    let before = repo.bytes(".git/config");
    let at = "d=$PWD; cd / && GIT_DIR=\"$d/.git\" GIT_WORK_TREE=\"$d\" cellwise";
    repo.sh(&format!("{at} install --share")).ok();
    assert_eq!((repo.read(".git/info/attributes"), repo.read(".gitattributes")), (BLOCK.into(), BLOCK.into()));
    repo.sh(&format!("{at} uninstall --share")).ok();
    assert_eq!((repo.bytes(".git/config"), repo.has(".gitattributes")), (before, false));
    // As in a hook of git: relative to the work tree.
    repo.sh("GIT_DIR=.git cellwise install").ok();
    assert_eq!(repo.read(".git/info/attributes"), BLOCK);
}

#[test]
fn somebody_elses_repository_is_refused_in_one_line() {
    if git_version() < [2, 36, 0] {
        return; // It asks nobody whose it is, or cannot be made to think that it is not ours.
    }
    let repo = Repo::new();
    let run = repo.sh("GIT_TEST_ASSUME_DIFFERENT_OWNER=1 cellwise install").exits(129);
    assert!(run.stderr.contains("safe.directory"), "{}", run.stderr);
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    assert!(!repo.has(".git/cellwise"));
}

#[test]
fn a_write_that_fails_takes_the_others_back() {
    let repo = Repo::init(&["--template="]);
    // The configuration is written before this is found in the way.
    repo.write(".git/cellwise/attributes.made-folder/x", "");
    let before = repo.bytes(".git/config");
    let run = repo.cellwise(["install"]).exits(129);
    assert!(run.stderr.contains("made-folder"), "{}", run.stderr);
    assert_eq!(repo.bytes(".git/config"), before);
    assert!(!repo.has(".git/info") && !repo.has(".git/config.lock") && !repo.has(".git/cellwise/config.left"));
}

#[test]
fn a_record_that_cannot_be_made_stops_all() {
    let repo = Repo::new();
    repo.write(".git/cellwise", "somebody's file");
    let before = repo.bytes(".git/config");
    let run = repo.cellwise(["install"]).exits(129);
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    assert_eq!(repo.bytes(".git/config"), before);
    assert!(!repo.has(".git/info/attributes"));
}

#[test]
fn a_locked_configuration_keeps_uninstall_out_too() {
    let repo = Repo::installed();
    let before = repo.bytes(".git/config");
    repo.write(".git/config.lock", "");
    let run = repo.cellwise(["uninstall"]).exits(129);
    assert!(run.stderr.contains("config.lock exists"), "{}", run.stderr);
    assert_eq!((repo.bytes(".git/config"), repo.read(".git/info/attributes")), (before, BLOCK.into()));
    assert!(repo.has(".git/config.lock"));
}

#[test]
fn scenario_27_a_branch_without_attributes_is_merged_by_cells_too() {
    let repo = Repo::new();
    let book = |first: &str, last: &str| sources(&[first, "m = 1", last]);
    repo.write("n.ipynb", book("a = 1", "z = 1")).commit("base");
    repo.git(["checkout", "-q", "-b", "old"]).ok();
    repo.write("n.ipynb", book("a = 2", "z = 1")).commit("theirs");
    repo.git(["checkout", "-q", "main"]).ok();
    repo.cellwise(["install", "--share"]).ok();
    repo.write("n.ipynb", book("a = 1", "z = 2")).commit("ours, and the attributes");
    // The branch that is checked out has no .gitattributes; then, in a rebase, the commit that is replayed.
    let merge = "git checkout -q old && git merge -q -m m main";
    for line in [merge, "git reset -q --hard HEAD~ && git rebase -q main old"] {
        let run = repo.sh(line).exits(0);
        assert_eq!(run.stderr, "", "{line}");
        assert_eq!(repo.read("n.ipynb"), book("a = 2", "z = 2"), "{line}");
    }
}

#[test]
fn scenario_28_a_colleague_without_the_driver_gets_text_until_installing() {
    let repo = Repo::new();
    repo.cellwise(["install", "--share"]).ok();
    repo.write("n.ipynb", sources(&["x = 1"])).commit("base");
    repo.git(["checkout", "-q", "-b", "side"]).ok();
    repo.write("n.ipynb", sources(&["x = 2"])).commit("theirs");
    repo.git(["checkout", "-q", "main"]).ok();
    repo.write("n.ipynb", sources(&["x = 3"])).commit("ours");
    repo.cellwise(["uninstall"]).ok();
    assert!(repo.git(["diff", "HEAD~"]).ok().contains("\"x = 3\""));
    repo.git(["merge", "-q", "side"]).exits(1);
    assert!(repo.read("n.ipynb").contains("\n<<<<<<< "), "markers between the lines of JSON");
    repo.cellwise(["install"]).ok();
    repo.git(["checkout", "-q", "-m", "n.ipynb"]).ok();
    let merged = repo.read("n.ipynb");
    assert!(!merged.contains("\n<<<<<<< ") && merged.contains("<<<<<<< "), "markers in one cell: {merged}");
}

/// A submodule `sub` with a notebook.
fn with_submodule() -> Repo {
    let repo = Repo::new();
    repo.git(["init", "-q", "-b", "main", "../inner"]).ok();
    repo.write("../inner/n.ipynb", sources(&["x = 1"]));
    repo.git(["-C", "../inner", "add", "-A"]).ok();
    repo.git(["-C", "../inner", "commit", "-q", "-m", "one"]).ok();
    repo.git(["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../inner", "a sub"]).ok();
    repo
}

#[test]
fn scenario_30_submodules_are_covered_by_their_own_install_or_a_global_one() {
    let repo = with_submodule();
    let report = repo.cellwise(["install"]).ok();
    assert!(report.contains("submodules (a sub)") && report.contains("git submodule foreach"), "{report}");
    let config = repo.bytes(".git/modules/a sub/config");
    repo.sh("git submodule --quiet foreach --recursive 'cellwise install'").ok();
    assert_eq!(repo.read(".git/modules/a sub/info/attributes"), BLOCK);
    assert!(!repo.cellwise(["install", "--cache"]).ok().contains("submodule"));
    repo.cellwise_in("a sub", ["uninstall"]).ok();
    assert_eq!(repo.bytes(".git/modules/a sub/config"), config);
    repo.cellwise(["install", "--global"]).ok();
    assert!(!repo.cellwise(["install", "--no-cache"]).ok().contains("submodule"));
    assert!(repo.git(["-C", "a sub", "check-attr", "diff", "n.ipynb"]).ok().contains("jupyternotebook"));
}

#[test]
fn scenario_30_configurations_by_work_tree_and_by_folder_are_reported() {
    let repo = Repo::new();
    let key = "diff.jupyternotebook.command";
    repo.git(["config", "extensions.worktreeConfig", "true"]).ok();
    repo.git(["config", "--worktree", key, "other"]).ok();
    let report = repo.cellwise(["install"]).ok();
    assert!(report.contains(&format!("git config --worktree --unset-all {key}")), "{report}");
    repo.write_outside("home/more", "[merge \"jupyternotebook\"]\n\tname = x\n\tdriver = other\n");
    let folder = repo.path().to_str().unwrap().to_owned();
    repo.write_outside(GITCONFIG, &format!("[includeIf \"gitdir:{folder}/\"]\n\tpath = more\n"));
    let before = repo.home();
    // The included file comes before our entries, in the same scope.
    repo.cellwise(["install", "--global"]).ok();
    assert!(repo.read_outside(GITCONFIG).contains("includeIf"));
    repo.cellwise(["uninstall", "--global"]).ok();
    assert_eq!(repo.home(), before);
}

#[test]
fn scenario_30_repositories_of_other_formats_go_through_git() {
    let mut formats = vec!["--object-format=sha256"];
    if git_version() >= [2, 45, 0] {
        formats.push("--ref-format=reftable");
    }
    for format in formats {
        let repo = Repo::init(&[format]);
        let before = repo.bytes(".git/config");
        repo.cellwise(["install", "--cache"]).ok();
        repo.write("n.ipynb", sources(&["x = 1"])).commit("one").write("n.ipynb", sources(&["x = 2"]));
        assert!(repo.git(["diff"]).ok().contains("cell 1 code"), "{format}");
        repo.git(["log", "-p"]).ok();
        repo.cellwise(["uninstall"]).ok();
        assert_eq!(repo.bytes(".git/config"), before, "{format}");
        assert!(!repo.has(".git/cellwise"));
    }
}

#[test]
fn scenario_30_a_global_install_reaches_submodules_work_trees_and_included_files() {
    let repo = with_submodule();
    repo.cellwise(["install", "--global"]).ok();
    repo.write("n.ipynb", sources(&["x = 1"])).commit("one");
    repo.git(["worktree", "add", "-q", "--detach", "../linked"]).ok();
    let shows = |folder: &str| {
        repo.write(&format!("{folder}/n.ipynb"), sources(&["x = 2"]));
        repo.git(["-C", folder, "diff"]).ok().contains("cell 1 code\n-x = 1\n+x = 2\n")
    };
    for folder in [".", "a sub", "../linked"] {
        assert!(shows(folder), "{folder}");
    }
    // The same lines in a file that is included for one repository only, as people share their settings.
    fs::rename(repo.outside(GITCONFIG), repo.outside("home/lines")).unwrap();
    let folder = repo.path().display().to_string();
    repo.write_outside(GITCONFIG, &format!("[includeIf \"gitdir:{folder}/.git\"]\n\tpath = lines\n"));
    assert!(shows(".") && !shows("a sub"));
    let said = repo.cellwise(["doctor"]).ok();
    assert!(said.starts_with("No faults."), "{said}");
}

#[test]
fn scenario_30_a_sparse_index_is_no_obstacle() {
    let repo = Repo::new();
    for folder in ["a", "b/c"] {
        repo.write(&format!("{folder}/n.ipynb"), sources(&["x = 1", "m", "z = 1"]));
    }
    repo.commit("base").git(["checkout", "-q", "-b", "side"]).ok();
    let (theirs, ours) = (sources(&["x = 1", "m", "z = 2"]), sources(&["x = 2", "m", "z = 1"]));
    repo.write("a/n.ipynb", &theirs).write("b/c/n.ipynb", &theirs).commit("theirs");
    repo.git(["checkout", "-q", "main"]).ok();
    repo.write("a/n.ipynb", &ours).write("b/c/n.ipynb", &ours).commit("ours");
    repo.git(["sparse-checkout", "init", "--cone"]).ok();
    // Before 2.32 git knows no such index.
    repo.git(["config", "index.sparse", "true"]).ok();
    repo.git(["sparse-checkout", "set", "a"]).ok();
    assert!(!repo.has("b"));
    repo.cellwise(["install"]).ok();
    for line in ["git diff HEAD~", "cellwise diff HEAD~", "git diff HEAD~ -- b"] {
        assert!(repo.sh(line).ok().contains("-x = 1\n+x = 2\n"), "{line}");
    }
    repo.git(["merge", "-q", "-m", "m", "side"]).ok();
    let merged = sources(&["x = 2", "m", "z = 2"]);
    assert_eq!((repo.read("a/n.ipynb"), repo.git(["show", "HEAD:b/c/n.ipynb"]).ok()), (merged.clone(), merged));
    let said = repo.cellwise(["doctor"]).ok();
    assert!(said.starts_with("No faults."), "{said}");
}
