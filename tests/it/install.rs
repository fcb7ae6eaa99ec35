//! `cellwise install` and `uninstall`: what is written, and that all of it goes away again.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::repo::{Repo, Run, git_version};

const CONFIG: &str = ".git/config";
const ATTRIBUTES: &str = ".git/info/attributes";
const BLOCK: &str =
    "# >>> cellwise\n*.[iI][pP][yY][nN][bB] diff=jupyternotebook merge=jupyternotebook\n# <<< cellwise\n";

const NBDIME: &str = "[diff \"jupyternotebook\"]\n\tcommand = git-nbdiffdriver diff\n\
    [merge \"jupyternotebook\"]\n\tdriver = git-nbmergedriver merge %O %A %B %L %P\n\
    \tname = jupyter notebook merge driver\n; a comment\n[user]\n    name = someone\n";
const NBDIME_ATTRIBUTES: &str = "*.ipynb\tdiff=jupyternotebook\n*.ipynb\tmerge=jupyternotebook";

impl Repo {
    /// The value that git finds for `key`.
    fn config(&self, key: &str) -> String {
        let found = self.git(["config", "--get", key]);
        found.stdout.strip_suffix('\n').unwrap_or_default().to_owned()
    }

    /// Every file under `.git` that install might touch, with its bytes.
    fn state(&self) -> Vec<(String, Option<Vec<u8>>)> {
        let state = |path: &str| (path.to_owned(), fs::read(self.path().join(path)).ok());
        let mut names = vec![CONFIG.to_owned(), ATTRIBUTES.to_owned()];
        for entry in fs::read_dir(self.path().join(".git")).unwrap() {
            names.push(format!(".git/{}", entry.unwrap().file_name().to_string_lossy()));
        }
        names.sort();
        names.iter().map(|name| state(name)).collect()
    }

    fn append(&self, path: &str, text: &str) {
        let mut bytes = self.bytes(path);
        bytes.extend_from_slice(text.as_bytes());
        self.write(path, bytes);
    }

    fn with_nbdime() -> Self {
        let repo = Self::new();
        repo.append(CONFIG, NBDIME);
        repo.write(ATTRIBUTES, NBDIME_ATTRIBUTES);
        repo
    }
}

fn tool() -> String {
    format!("\"{}\"", env!("CARGO_BIN_EXE_cellwise"))
}

#[test]
fn installing_writes_the_drivers_and_the_attributes() {
    let repo = Repo::new();
    let report = repo.cellwise(["install"]).ok();
    let tool = tool();
    let command = repo.config("diff.jupyternotebook.command");
    assert!(
        command.starts_with(&format!("f() {{ test -z \"$GIT_DIFFTOOL_TRUST_EXIT_CODE\" || exec git difftool--helper \"$@\"; t={tool}; test -x \"$t\" && \"$t\" diff-driver -- \"$@\" || ")),
        "{command}"
    );
    assert_eq!(
        repo.config("diff.jupyternotebook.textconv"),
        format!("f() {{ {tool} textconv -- \"$1\" 2>/dev/null || cat <\"$1\"; }}; f")
    );
    assert_eq!(
        repo.config("merge.jupyternotebook.driver"),
        format!(
            "{tool} merge-driver --marker-size=%L -- %O %A %B %P %S %X %Y; r=$?; test $r -le 1 || \
             {{ git merge-file --marker-size=%L -L ours -L base -L theirs %A %O %B; r=$?; \
             test $r -le 127 || r=1; }}; exit $r"
        )
    );
    assert_eq!(repo.config("merge.jupyternotebook.name"), "cell by cell (cellwise)");
    assert_eq!(repo.read(ATTRIBUTES), BLOCK);
    for part in [CONFIG, ATTRIBUTES, "--no-ext-diff --no-textconv", "cellwise uninstall"] {
        assert!(report.contains(part), "{part}: {report}");
    }
}

#[test]
fn the_diff_command_can_be_left_out() {
    let repo = Repo::with_nbdime();
    let before = repo.state();
    repo.cellwise(["install", "--no-command"]).ok();
    assert_eq!(repo.config("diff.jupyternotebook.command"), "");
    assert!(repo.config("diff.jupyternotebook.textconv").contains("textconv"));
    repo.cellwise(["install", "--command"]).ok();
    assert!(repo.config("diff.jupyternotebook.command").contains("diff-driver"));
    repo.cellwise(["uninstall"]).ok();
    assert_eq!(repo.state(), before);
}

#[test]
fn scenario_02_uninstalling_restores_every_byte() {
    let plain = Repo::new();
    let without_info = Repo::init(&["--template="]);
    let with_attributes = Repo::new();
    with_attributes.write(ATTRIBUTES, "*.png binary\n");
    for repo in [plain, without_info, with_attributes, Repo::with_nbdime()] {
        let before = repo.state();
        repo.cellwise(["install"]).ok();
        assert_ne!(repo.state(), before);
        repo.cellwise(["uninstall"]).ok();
        assert_eq!(repo.state(), before);
    }
}

#[test]
fn scenario_02_earlier_drivers_are_named_and_come_back() {
    let repo = Repo::with_nbdime();
    let report = repo.cellwise(["install"]).ok();
    assert!(report.contains("diff.jupyternotebook.command = git-nbdiffdriver diff"), "{report}");
    assert_eq!(repo.read(ATTRIBUTES), format!("{NBDIME_ATTRIBUTES}\n{BLOCK}"));
    let report = repo.cellwise(["uninstall"]).ok();
    assert!(report.contains("git-nbdiffdriver diff (as before)"), "{report}");
}

#[test]
fn scenario_06_a_trusted_exit_code_of_a_wider_scope_is_contradicted() {
    let repo = Repo::installed();
    repo.write("n.ipynb", crate::nb::sources(&["x = 1"])).commit("one");
    repo.write("n.ipynb", crate::nb::sources(&["x = 2"]));
    let before = repo.state();
    assert_eq!(repo.config("diff.jupyternotebook.trustExitCode"), "");
    repo.git(["config", "--global", "diff.jupyternotebook.trustExitCode", "yes"]).ok();
    // The diff command answers and ends in 0, which git takes for no difference.
    let trusts = git_version() >= [2, 46, 0];
    repo.git(["diff", "--exit-code"]).exits(i32::from(!trusts));
    repo.cellwise(["install"]).ok();
    repo.git(["diff", "--exit-code"]).exits(1);
    repo.git(["diff", "--quiet"]).exits(1);
    let installed = repo.state();
    repo.cellwise(["install"]).ok();
    assert_eq!(repo.state(), installed);
    assert_eq!(repo.git(["config", "--local", "diff.jupyternotebook.trustExitCode"]).ok(), "false\n");
    // Nothing has to be contradicted any more.
    repo.git(["config", "--global", "--unset", "diff.jupyternotebook.trustExitCode"]).ok();
    repo.cellwise(["install"]).ok();
    assert_eq!(repo.state(), before);
    repo.cellwise(["uninstall"]).ok();
    assert_eq!(repo.config("diff.jupyternotebook.trustExitCode"), "");
}

#[test]
fn entries_that_would_spoil_the_answers_are_set_aside() {
    let repo = Repo::new();
    repo.git(["config", "diff.jupyternotebook.cachetextconv", "true"]).ok();
    repo.git(["config", "diff.jupyternotebook.trustExitCode", "true"]).ok();
    repo.git(["config", "diff.jupyternotebook.wordRegex", "x"]).ok();
    repo.cellwise(["install"]).ok();
    assert_eq!(repo.config("diff.jupyternotebook.cachetextconv"), "");
    assert_eq!(repo.config("diff.jupyternotebook.wordRegex"), "x");
    repo.git(["config", "other.key", "kept"]).ok();
    repo.cellwise(["uninstall"]).ok();
    assert_eq!(repo.config("diff.jupyternotebook.cachetextconv"), "true");
    assert_eq!(repo.config("diff.jupyternotebook.trustExitCode"), "true");
    assert_eq!(repo.config("other.key"), "kept");
}

#[test]
fn scenario_02_twice_is_once() {
    let repo = Repo::with_nbdime();
    let before = repo.state();
    repo.cellwise(["install"]).ok();
    let once = repo.state();
    let report = repo.cellwise(["install"]).ok();
    assert!(report.contains("already"), "{report}");
    assert_eq!(repo.state(), once);
    repo.cellwise(["uninstall"]).ok();
    assert_eq!(repo.state(), before);
    let report = repo.cellwise(["uninstall"]).ok();
    assert!(report.contains("not installed"), "{report}");
    assert_eq!(repo.state(), before);
}

#[test]
fn a_dry_run_writes_nothing() {
    let repo = Repo::with_nbdime();
    let before = repo.state();
    let report = repo.cellwise(["install", "--dry-run"]).ok();
    assert!(report.contains("merge.jupyternotebook.driver = "), "{report}");
    assert_eq!(repo.state(), before);
    repo.cellwise(["install"]).ok();
    let installed = repo.state();
    let report = repo.cellwise(["uninstall", "--dry-run"]).ok();
    assert!(report.contains("git-nbdiffdriver diff (as before)"), "{report}");
    assert_eq!(repo.state(), installed);
}

#[test]
fn changes_by_others_survive_uninstalling() {
    let repo = Repo::with_nbdime();
    repo.cellwise(["install"]).ok();
    repo.git(["remote", "add", "origin", "https://example.org/x"]).ok();
    repo.append(ATTRIBUTES, "*.zip binary\n");
    repo.cellwise(["uninstall"]).ok();
    assert_eq!(repo.config("remote.origin.url"), "https://example.org/x");
    assert_eq!(repo.config("diff.jupyternotebook.command"), "git-nbdiffdriver diff");
    assert_eq!(repo.config("merge.jupyternotebook.name"), "jupyter notebook merge driver");
    for gone in ["diff.jupyternotebook.textconv", "merge.jupyternotebook.recursive"] {
        assert_eq!(repo.config(gone), "");
    }
    assert_eq!(repo.read(ATTRIBUTES), format!("{NBDIME_ATTRIBUTES}\n*.zip binary\n"));
    assert!(!repo.has(".git/cellwise"));
}

#[test]
fn changes_by_others_between_two_installs_survive_byte_for_byte() {
    let repo = Repo::new();
    repo.cellwise(["install"]).ok();
    repo.git(["config", "some.key", "value"]).ok();
    repo.append(ATTRIBUTES, "*.ipynb diff=ipynb\n");
    repo.cellwise(["install"]).ok();
    assert_eq!(repo.read(ATTRIBUTES), format!("*.ipynb diff=ipynb\n{BLOCK}"));
    // The second install found the configuration complete; the third one moves it.
    repo.cellwise(["install", "--no-command"]).ok();
    repo.cellwise(["uninstall"]).ok();
    assert_eq!(repo.config("some.key"), "value");
    assert!(!repo.read(CONFIG).contains("jupyternotebook"), "{}", repo.read(CONFIG));
    assert_eq!(repo.read(ATTRIBUTES), "*.ipynb diff=ipynb\n");
}

#[test]
fn a_later_decision_for_another_tool_stays() {
    let repo = Repo::new();
    repo.cellwise(["install"]).ok();
    repo.git(["config", "merge.jupyternotebook.driver", "other %A"]).ok();
    repo.cellwise(["uninstall"]).ok();
    assert_eq!(repo.config("merge.jupyternotebook.driver"), "other %A");
    assert_eq!(repo.config("diff.jupyternotebook.textconv"), "");
}

#[test]
fn no_half_merge_section_is_left() {
    let repo = Repo::with_nbdime();
    repo.cellwise(["install"]).ok();
    repo.git(["config", "--unset", "merge.jupyternotebook.driver"]).ok();
    repo.cellwise(["uninstall"]).ok();
    assert_eq!(repo.git(["config", "--get-regexp", r"^merge\."]).stdout, "");
    assert_eq!(repo.config("diff.jupyternotebook.command"), "git-nbdiffdriver diff");
}

#[test]
fn a_half_merge_section_of_somebody_else_stays() {
    let repo = Repo::new();
    repo.append(CONFIG, "[merge \"jupyternotebook\"]\n\tname = theirs\n");
    let before = repo.state();
    let report = repo.cellwise(["uninstall"]).ok();
    assert!(report.contains("is not installed"), "{report}");
    assert_eq!(repo.state(), before);
    repo.cellwise(["install"]).ok();
    repo.git(["config", "some.key", "value"]).ok();
    repo.cellwise(["install"]).ok();
    repo.cellwise(["uninstall"]).ok();
    assert_eq!(repo.config("merge.jupyternotebook.name"), "theirs");
    // A name that came later, for our driver, goes with it.
    let repo = Repo::new();
    repo.cellwise(["install"]).ok();
    repo.git(["config", "merge.jupyternotebook.name", "renamed"]).ok();
    repo.cellwise(["uninstall"]).ok();
    assert_eq!(repo.git(["config", "--get-regexp", r"^merge\."]).stdout, "");
}

#[test]
fn a_lost_record_is_no_obstacle() {
    let repo = Repo::new();
    repo.write(ATTRIBUTES, "*.png binary\n");
    let before = repo.state();
    repo.cellwise(["install"]).ok();
    fs::remove_dir_all(repo.path().join(".git/cellwise")).unwrap();
    repo.cellwise(["install", "--no-command"]).ok();
    fs::remove_dir_all(repo.path().join(".git/cellwise")).unwrap();
    repo.cellwise(["uninstall"]).ok();
    assert_eq!(repo.state(), before);
}

#[test]
fn a_locked_configuration_is_an_error_that_leaves_no_trace() {
    let repo = Repo::with_nbdime();
    let before = repo.state();
    repo.write(".git/config.lock", "");
    let run = repo.cellwise(["install"]).exits(129);
    assert!(run.stderr.contains("could not lock"), "{}", run.stderr);
    fs::remove_file(repo.path().join(".git/config.lock")).unwrap();
    assert_eq!(repo.read(ATTRIBUTES), NBDIME_ATTRIBUTES);
    repo.cellwise(["uninstall"]).ok();
    assert_eq!(repo.state(), before);
}

#[test]
fn a_subfolder_is_as_good_as_the_top() {
    let repo = Repo::new();
    repo.write("a/b/x.txt", "");
    let before = repo.state();
    repo.cellwise_in("a/b", ["install"]).ok();
    assert_eq!(repo.read(ATTRIBUTES), BLOCK);
    repo.cellwise_in("a", ["uninstall"]).ok();
    assert_eq!(repo.state(), before);
}

#[test]
fn a_linked_worktree_installs_for_all() {
    let repo = Repo::new();
    repo.commit("one");
    repo.git(["worktree", "add", "-q", "../linked"]).ok();
    let before = repo.state();
    repo.cellwise_in("../linked", ["install"]).ok();
    assert_eq!(repo.read(ATTRIBUTES), BLOCK);
    assert!(!repo.has(".git/worktrees/linked/info/attributes"));
    let check = ["check-attr", "merge", "--", "a.ipynb"];
    assert!(repo.git(check).ok().contains("jupyternotebook"));
    repo.cellwise_in("../linked", ["uninstall"]).ok();
    assert_eq!(repo.state(), before);
}

#[test]
fn a_bare_repository_works_too() {
    let repo = Repo::init(&["--bare", "sub/bare.git"]);
    let config = repo.bytes("sub/bare.git/config");
    repo.cellwise_in("sub/bare.git", ["install"]).ok();
    assert_eq!(repo.read("sub/bare.git/info/attributes"), BLOCK);
    repo.cellwise_in("sub/bare.git", ["uninstall"]).ok();
    assert_eq!(repo.bytes("sub/bare.git/config"), config);
    assert!(!repo.has("sub/bare.git/info/attributes"));
}

#[test]
fn outside_a_repository_it_says_what_to_do() {
    let repo = Repo::new();
    let nowhere = repo.outside("nowhere");
    fs::create_dir(&nowhere).unwrap();
    let run = repo.run(Path::new(env!("CARGO_BIN_EXE_cellwise")), &nowhere, ["install"]);
    let run = run.exits(129);
    assert!(run.stderr.contains("git init"), "{}", run.stderr);
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
}

#[test]
fn another_scope_that_wins_is_reported() {
    let repo = Repo::new();
    let key = "diff.jupyternotebook.command";
    repo.git(["config", "--global", key, "git-nbdiffdriver diff"]).ok();
    assert!(!repo.cellwise(["install"]).ok().contains("warning"));
    let report = repo.cellwise(["install", "--no-command"]).ok();
    let cure = format!("git config --global --unset-all {key}");
    assert!(report.contains("warning") && report.contains(&cure), "{report}");
}

/// A stand-in for cellwise at a path that a shell, git and a configuration file all like to misread.
#[cfg(unix)]
mod odd_paths {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn copy_of_cellwise(repo: &Repo, folder: &str) -> std::path::PathBuf {
        let folder = repo.outside(folder);
        fs::create_dir_all(&folder).unwrap();
        let copy = folder.join("cellwise");
        copy_program(Path::new(env!("CARGO_BIN_EXE_cellwise")), &copy);
        copy
    }

    /// Puts a script there that answers as each driver would, with a word that shows it has run.
    fn stand_in(path: &Path) {
        let script = "#!/bin/sh\ncase $1 in textconv) echo TEXT; cat \"$3\";; diff-driver) echo DIFF \"$3\";;\n\
            merge-driver) echo MERGED >\"$5\";; esac\n";
        put_script(path, script);
    }

    fn put_script(path: &Path, script: &str) {
        let text = path.with_extension("sh");
        fs::write(&text, script).unwrap();
        fs::set_permissions(&text, fs::Permissions::from_mode(0o755)).unwrap();
        copy_program(&text, path);
    }

    fn both_sides_changed(repo: &Repo) {
        repo.write("n b.ipynb", "1\n").commit("base");
        repo.git(["checkout", "-q", "-b", "side"]).ok();
        repo.write("n b.ipynb", "2\n").commit("theirs");
        repo.git(["checkout", "-q", "main"]).ok();
        repo.write("n b.ipynb", "3\n").commit("ours");
    }

    #[test]
    fn scenario_04_any_path_of_the_program_works() {
        for folder in ["a b", "it's", "q\"uote", "$HOME `id`", "100%A%O", "back\\slash"] {
            let repo = Repo::new();
            both_sides_changed(&repo);
            let before = (repo.bytes(CONFIG), repo.has(ATTRIBUTES));
            let program = copy_of_cellwise(&repo, folder);
            repo.run(&program, repo.path(), ["install"]).exits(0);
            stand_in(&program);
            assert_eq!(repo.git(["diff", "HEAD~"]).ok(), "DIFF n b.ipynb\n", "{folder}");
            assert!(repo.git(["log", "-p", "-1"]).ok().contains(" TEXT\n"), "{folder}");
            repo.git(["merge", "-q", "-m", "m", "side"]).ok();
            assert_eq!(repo.read("n b.ipynb"), "MERGED\n", "{folder}");
            repo.cellwise(["uninstall"]).ok();
            assert_eq!((repo.bytes(CONFIG), repo.has(ATTRIBUTES)), before, "{folder}");
        }
    }

    #[test]
    fn a_moved_program_is_found_after_installing_again() {
        let repo = Repo::with_nbdime();
        let before = repo.state();
        let old = copy_of_cellwise(&repo, "old");
        repo.run(&old, repo.path(), ["install"]).exits(0);
        repo.cellwise(["install"]).ok();
        assert!(repo.config("merge.jupyternotebook.driver").starts_with(&tool()));
        repo.cellwise(["uninstall"]).ok();
        assert_eq!(repo.state(), before);
    }

    #[test]
    fn scenario_19_a_driver_that_dies_leaves_the_answer_to_git() {
        for ending in ["exit 2", "exit 101", "exit 129", "kill -9 $$"] {
            let repo = Repo::new();
            both_sides_changed(&repo);
            let program = copy_of_cellwise(&repo, "bin");
            repo.run(&program, repo.path(), ["install"]).exits(0);
            put_script(&program, &format!("#!/bin/sh\n{ending}\n"));
            git_answers_in_text(&repo);
        }
    }
}

/// Copies a program by another process: a file that this one has just written may be open in a child that
/// another test is starting, and cannot be executed until that is gone.
fn copy_program(from: &Path, to: &Path) {
    fs::remove_file(to).ok();
    let done = Command::new("cp").args([from, to]).status().unwrap();
    assert!(done.success());
}

/// Diff, log and merge of `n b.ipynb` come out as without any driver, and nothing is lost.
fn git_answers_in_text(repo: &Repo) {
    let diff = repo.git(["diff", "HEAD~"]).exits(0);
    assert!(diff.stdout.contains("-1\n+3\n"), "{}", diff.stdout);
    assert!(diff.stderr.contains("plain text follows"), "{}", diff.stderr);
    let log = repo.git(["log", "-p", "-1"]).exits(0);
    assert!(log.stdout.contains("-1\n+3\n") && log.stderr.is_empty(), "{log:?}");
    repo.git(["merge", "-q", "side"]).exits(1);
    assert_eq!(repo.read("n b.ipynb"), "<<<<<<< ours\n3\n=======\n2\n>>>>>>> theirs\n");
    let unmerged = repo.git(["diff", "--ours"]).exits(0);
    assert!(unmerged.stdout.contains("* Unmerged path n b.ipynb"), "{unmerged:?}");
}

/// A repository whose cellwise has gone, with a branch `side` that changed the same line.
fn without_program() -> Repo {
    let repo = Repo::new();
    repo.write("n b.ipynb", "1\n").write("z.txt", "1\n").commit("base");
    repo.git(["checkout", "-q", "-b", "side"]).ok();
    repo.write("n b.ipynb", "2\n").commit("theirs");
    repo.git(["checkout", "-q", "main"]).ok();
    repo.write("n b.ipynb", "3\n").write("z.txt", "2\n").commit("ours");
    let program = repo.outside("gone cellwise");
    copy_program(Path::new(env!("CARGO_BIN_EXE_cellwise")), &program);
    repo.run(&program, repo.path(), ["install"]).exits(0);
    fs::remove_file(&program).unwrap();
    repo
}

#[test]
fn scenario_04_a_missing_program_leaves_the_answer_to_git() {
    let repo = without_program();
    let diff = repo.git(["diff", "HEAD~"]).ok();
    assert!(diff.contains("b/z.txt"), "later files must not be lost: {diff}");
    git_answers_in_text(&repo);
}

#[test]
fn scenario_04_without_the_program_added_and_deleted_files_are_shown() {
    let repo = without_program();
    repo.write("new.ipynb", "new\n");
    fs::remove_file(repo.path().join("n b.ipynb")).unwrap();
    repo.git(["add", "-A"]).ok();
    let Run { stdout, .. } = repo.git(["diff", "--cached", "--no-renames"]).exits(0);
    assert!(stdout.contains("+++ /dev/null") && stdout.contains("--- /dev/null"), "{stdout}");
    assert!(stdout.contains("+new\n") && stdout.contains("-3\n"), "{stdout}");
}

#[test]
fn scenario_04_without_the_program_bare_and_distant_repositories_are_shown() {
    let repo = without_program();
    repo.git(["clone", "-q", "--bare", ".", "../bare.git"]).ok();
    let bare = repo.outside("bare.git");
    for file in ["config", "info/attributes"] {
        fs::copy(repo.path().join(".git").join(file), bare.join(file)).unwrap();
    }
    let bare = bare.to_str().unwrap().to_owned();
    repo.git(["--git-dir", &bare, "config", "core.bare", "true"]).ok();
    let inside = repo.git(["-C", &bare, "diff", "HEAD~", "HEAD"]).ok();
    let work = repo.path().to_str().unwrap();
    let git_dir = format!("{work}/.git");
    let args = ["-C", "/", "--git-dir", &git_dir, "--work-tree", work, "diff", "HEAD~"];
    for diff in [inside, repo.git(args).ok(), repo.git(["diff", "--relative", "HEAD~"]).ok()] {
        assert!(diff.contains("-1\n+3\n") && diff.contains("b/z.txt"), "{diff}");
    }
}

#[test]
fn scenario_04_without_the_program_a_clean_merge_is_clean() {
    let repo = without_program();
    let lines = |first: &str, last: &str| format!("{first}\n2\n3\n4\n5\n6\n7\n{last}\n");
    repo.write("c.ipynb", lines("1", "8")).commit("base");
    repo.git(["checkout", "-q", "-b", "other"]).ok();
    repo.write("c.ipynb", lines("1", "theirs")).commit("theirs");
    repo.git(["checkout", "-q", "main"]).ok();
    repo.write("c.ipynb", lines("ours", "8")).commit("ours");
    repo.git(["merge", "-q", "-m", "m", "other"]).exits(0);
    assert_eq!(repo.read("c.ipynb"), lines("ours", "theirs"));
}

#[test]
fn scenario_03_any_name_of_a_notebook_works() {
    let repo = Repo::installed();
    let names = [
        "a b.ipynb",
        "it's.ipynb",
        "q\"uote.ipynb",
        "new\nline.ipynb",
        "é.ipynb",
        "-dash.ipynb",
        "%A%P.ipynb",
        "$(id)`id`.ipynb",
    ];
    let book = |first: &str, last: &str| crate::nb::sources(&[first, "m = 1", last]);
    let commit = |first: &str, last: &str, message: &str| {
        for name in names {
            repo.write(name, book(first, last));
        }
        repo.commit(message);
    };
    commit("a = 1", "z = 1", "base");
    repo.git(["checkout", "-q", "-b", "side"]).ok();
    commit("a = 2", "z = 1", "theirs");
    repo.git(["checkout", "-q", "main"]).ok();
    commit("a = 1", "z = 2", "ours");
    for diff in [repo.git(["diff", "HEAD~"]), repo.git(["log", "-p", "-1"])] {
        let diff = diff.exits(0);
        assert_eq!(diff.stdout.matches("-z = 1\n+z = 2\n").count(), names.len(), "{}", diff.stdout);
        assert_eq!(diff.stderr, "");
    }
    repo.git(["merge", "-q", "-m", "m", "side"]).ok();
    for name in names {
        assert_eq!(repo.bytes(name), book("a = 2", "z = 2").as_ref() as &[u8], "{name}");
    }
}

#[test]
fn binary_sides_are_an_ordinary_conflict() {
    let repo = without_program();
    repo.write("b.ipynb", "a\0\n").commit("base");
    repo.git(["checkout", "-q", "-b", "other"]).ok();
    repo.write("b.ipynb", "b\0\n").commit("theirs");
    repo.git(["checkout", "-q", "main"]).ok();
    repo.write("b.ipynb", "c\0\n").commit("ours");
    repo.git(["merge", "-q", "other"]).exits(1);
    assert_eq!(repo.git(["ls-files", "-u", "b.ipynb"]).ok().lines().count(), 3);
}

#[test]
fn hunk_headings_name_the_cell_or_the_definition() {
    let repo = Repo::new();
    let body = "1\n2\n3\n4\n5\n";
    let text = format!(
        "# %% code\n{body}a\n# %% markdown tags: a, b\n{body}b\n## Heading\n{body}c\n    \
         async def f(x):\n{body}d\n#no heading\n{body}e\n# hidden: outputs 1\n{body}f\n"
    );
    repo.write("n.ipynb", &text).commit("one");
    repo.cellwise(["install", "--no-command"]).ok();
    repo.write(
        "n.ipynb",
        ["a", "b", "c", "d", "e", "f"]
            .iter()
            .fold(text, |text, letter| text.replace(&format!("5\n{letter}\n"), &format!("5\n{letter}x\n"))),
    );
    let diff = repo.git(["diff", "-U0"]).ok();
    let headings: Vec<&str> = diff.lines().filter_map(|line| line.split(" @@ ").nth(1)).collect();
    assert_eq!(
        headings,
        [
            "# %% code",
            "# %% markdown tags: a, b",
            "## Heading",
            "async def f(x):",
            "async def f(x):",
            "async def f(x):"
        ]
    );
}

#[test]
fn comments_of_others_that_look_like_our_marks_stay() {
    let comment = "# >>> cellwise: notes of mine\n# >>> cellwise\n";
    let (attributes, hook) = (format!("{comment}*.md text\n"), format!("{comment}echo mine\n"));
    let repo = Repo::new();
    repo.write(".git/info/attributes", &attributes).write(".git/hooks/pre-commit", &hook);
    repo.sh("chmod +x .git/hooks/pre-commit").ok();
    repo.cellwise(["install", "--guard"]).ok();
    // Whoever writes behind them leaves it to the marks to say what is ours.
    for (file, more) in [(".git/info/attributes", "*.txt text\n"), (".git/hooks/pre-commit", "echo more\n")] {
        repo.write(file, repo.read(file) + more);
    }
    repo.cellwise(["install", "--guard"]).ok();
    repo.cellwise(["uninstall"]).ok();
    assert_eq!(repo.read(".git/info/attributes"), attributes + "*.txt text\n");
    assert_eq!(repo.read(".git/hooks/pre-commit"), hook + "echo more\n");
}
