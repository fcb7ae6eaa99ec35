//! Every way in which git asks for a diff of notebooks: which of its commands show the text form and which the raw
//! file, and that cellwise never stands in the way of one.

use std::fs;
use std::path::Path;

use crate::nb::sources;
use crate::repo::{Repo, Run, git_version, labels};

const NAME: &str = "n.ipynb";

/// Nine lines of source, one of which changes: small enough for git to see a rename.
fn version(changed: &str) -> String {
    sources(&[&format!("1\n2\n3\n4\n{changed}\n6\n7\n8\n9"), &"a cell that stays\n".repeat(20)])
}

/// Two commits: `old`, `new`; `newer` in the work tree.
fn changed() -> Repo {
    let repo = Repo::installed();
    repo.write(NAME, version("old")).commit("first").write(NAME, version("new")).commit("second");
    repo.write(NAME, version("newer"));
    repo
}

/// Who made a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// The diff command: its headings name the cell.
    Command,
    /// git, from the text form.
    Textconv,
    /// git, from the file.
    Raw,
}

/// By the line that changes, which stands alone in a text form and in quotes in JSON.
#[track_caller]
fn by(patch: &str) -> By {
    if patch.contains("@@ cell 1 code") {
        By::Command
    } else if patch.lines().any(|line| line.trim_start_matches([' ', '+', '-', '|', '*']).starts_with("new")) {
        By::Textconv
    } else {
        assert!(patch.contains("\"new"), "{patch}");
        By::Raw
    }
}

#[test]
fn scenario_01_each_command_reads_what_it_should() {
    let repo = changed();
    let rows: &[(&str, By)] = &[
        ("diff", By::Command),
        ("diff --no-textconv", By::Command),
        ("diff -R", By::Command),
        ("diff --raw -p", By::Command),
        ("diff --stat -p", By::Command),
        ("diff -w --word-diff -U9 --color-moved", By::Command),
        ("diff HEAD~ HEAD -- .", By::Command),
        ("diff HEAD:n.ipynb n.ipynb", By::Command),
        ("diff --merge-base HEAD~ HEAD", By::Command),
        ("diff --no-ext-diff", By::Textconv),
        ("diff --no-ext-diff -w", By::Textconv),
        ("diff --no-ext-diff --no-textconv", By::Raw),
        ("show", By::Textconv),
        ("show --ext-diff", By::Command),
        ("log -p -1", By::Textconv),
        ("log -p -1 --follow n.ipynb", By::Textconv),
        ("log -p -1 --ext-diff", By::Command),
        ("log -p -1 --graph", By::Textconv),
        ("log -p -1 --no-textconv", By::Raw),
        ("reflog -p -1", By::Textconv),
        ("format-patch -1 --stdout", By::Raw),
        ("diff-tree -p HEAD", By::Raw),
        ("diff-tree -p --textconv HEAD", By::Textconv),
        ("diff-index -p --ext-diff HEAD", By::Command),
        ("diff-files -p", By::Raw),
    ];
    for (line, expected) in rows {
        let patch = repo.sh(&format!("git {line}")).ok();
        assert_eq!(by(&patch), *expected, "{line}: {patch}");
    }
    repo.git(["stash", "-q"]).ok();
    for (line, expected) in [("", By::Raw), ("--textconv", By::Textconv), ("--ext-diff", By::Command)] {
        let patch = repo.sh(&format!("git stash show -p {line}")).ok();
        assert_eq!(by(&patch), expected, "{line}: {patch}");
    }
}

#[test]
fn scenario_01_numbers_and_names_are_those_of_the_file() {
    let repo = changed();
    repo.write("o.ipynb", "{}").git(["add", "-N", "."]).ok();
    for option in ["--stat", "--numstat", "--shortstat", "--dirstat", "--name-only", "--name-status", "--summary"] {
        let plain = repo.git(["diff", option, "--no-ext-diff", "--no-textconv"]).ok();
        assert_eq!(repo.git(["diff", option]).ok(), plain, "{option}");
    }
    repo.git(["diff", "--check"]).exits(0);
}

#[test]
fn a_mailed_patch_applies() {
    let repo = changed();
    repo.git(["stash", "-q"]).ok();
    repo.sh("git format-patch -q -1 --stdout >../p && git reset -q --hard HEAD~ && git am -q ../p").ok();
    assert_eq!(repo.read(NAME), version("new"));
}

#[test]
fn other_diff_programs_do_not_come_first() {
    let repo = changed();
    repo.git(["config", "diff.external", "echo OTHER"]).ok();
    assert_eq!(by(&repo.git(["diff"]).ok()), By::Command);
    assert_eq!(by(&repo.sh("GIT_EXTERNAL_DIFF='echo OTHER' git diff").ok()), By::Command);
}

#[test]
fn scenario_01_two_files_are_compared_by_the_attributes_of_the_repository() {
    let repo = changed();
    repo.write("../a.ipynb", version("old")).write("../b.ipynb", version("new"));
    let inside = repo.git(["diff", "--no-index", "../a.ipynb", NAME]).exits(1);
    assert_eq!(by(&inside.stdout), By::Command);
    let outside = repo.outside("home");
    let run = repo.run(Path::new("git"), &outside, ["diff", "--no-index", "../a.ipynb", "../b.ipynb"]).exits(1);
    assert_eq!(by(&run.stdout), By::Raw);
}

#[test]
fn scenario_05_added_and_deleted_notebooks_turn_around() {
    let repo = changed();
    repo.write(NAME, version("new"));
    repo.git(["mv", NAME, "m.ipynb"]).ok();
    let options = ["--no-renames", "--staged"];
    let forth = repo.git(["diff", options[0], options[1]]).ok();
    let back = repo.git(["diff", options[0], options[1], "-R"]).ok();
    assert!(forth.contains("--- a/n.ipynb\n+++ /dev/null\n") && forth.contains("--- /dev/null\n+++ b/m.ipynb\n"));
    // git does not say that it turns the sides around, so the prefixes stay.
    assert!(back.contains("--- a/m.ipynb\n+++ /dev/null\n") && back.contains("--- /dev/null\n+++ b/n.ipynb\n"));
    assert_eq!(forth.matches("\n+new\n").count(), back.matches("\n-new\n").count());
}

#[cfg(unix)]
#[test]
fn scenario_05_a_rename_may_change_the_mode_too() {
    use std::os::unix::fs::PermissionsExt as _;
    let repo = changed();
    repo.git(["mv", NAME, "m.ipynb"]).ok();
    fs::set_permissions(repo.path().join("m.ipynb"), fs::Permissions::from_mode(0o755)).unwrap();
    repo.git(["add", "-A"]).ok();
    let ours = repo.git(["diff", "--staged"]).ok();
    let git = repo.git(["diff", "--staged", "--no-ext-diff"]).ok();
    let head = |patch: &str| patch.lines().take_while(|line| !line.starts_with("@@")).map(str::to_owned).collect();
    let (ours, git): (Vec<String>, Vec<String>) = (head(&ours), head(&git));
    assert_eq!(ours, git);
    assert!(ours.contains(&"old mode 100644".to_owned()) && ours.contains(&"rename to m.ipynb".to_owned()), "{ours:?}");
}

#[test]
fn the_names_have_the_prefixes_of_git() {
    let repo = changed();
    let heads = |options: &[&str], more: &[&str]| -> Vec<String> {
        let patch = repo.git([options, &["diff", "HEAD~", "HEAD"], more].concat()).ok();
        let named = |line: &&str| ["diff --git ", "--- ", "+++ "].iter().any(|start| line.starts_with(start));
        patch.lines().filter(named).map(str::to_owned).collect()
    };
    let settings = ["diff.noprefix=true", "diff.mnemonicPrefix=true", "diff.srcPrefix=old/", "diff.dstPrefix=x y/"];
    // git before 2.45 does not know the last two.
    let known = if git_version() >= [2, 45, 0] { settings.len() } else { 2 };
    for setting in &settings[..known] {
        assert_eq!(heads(&["-c", setting], &[]), heads(&["-c", setting], &["--no-ext-diff"]), "{setting}");
    }
}

#[test]
fn scenario_01_unmerged_paths_are_shown_in_every_way() {
    let repo = Repo::installed();
    repo.write(NAME, version("base")).commit("base");
    repo.git(["checkout", "-q", "-b", "side"]).ok();
    repo.write(NAME, version("new theirs")).commit("theirs");
    repo.git(["checkout", "-q", "main"]).ok();
    repo.write(NAME, version("new ours")).write("z.ipynb", version("old")).commit("ours");
    repo.git(["merge", "-q", "side"]).exits(1);
    repo.write("z.ipynb", version("new"));
    let (ours, _) = labels("HEAD", "side");
    for line in ["diff", "diff --cc", "diff --ours", "diff --theirs", "diff --base", "diff HEAD"] {
        let Run { stdout, stderr, .. } = repo.sh(&format!("git {line}")).exits(0);
        assert!(stdout.contains(&format!("+<<<<<<< {ours}\n")), "{line}: {stdout}");
        assert!(stdout.contains("\n+new\n") && stderr.is_empty(), "{line}: {stdout}{stderr}");
    }
    assert!(repo.git(["diff", "--cached"]).ok().contains("* Unmerged path n.ipynb\n"));
    repo.git(["diff", "--exit-code"]).exits(1);
    repo.git(["add", "-A"]).ok();
    repo.git(["commit", "-q", "-m", "merge"]).ok();
    assert!(repo.git(["show"]).ok().contains("++# UNRESOLVED "));
}

#[test]
fn scenario_18_no_unreadable_file_ends_the_diff() {
    let old: [(&str, &[u8]); 5] = [
        ("1.ipynb", b"\0\x01binary"),
        ("2.ipynb", b"{\"cells\": \"\xe9\"}"),
        ("3.ipynb", b""),
        ("4.ipynb", b"[]"),
        ("5.ipynb", b"{\"cells\": ["),
    ];
    let repo = Repo::installed();
    old.iter().for_each(|(name, file)| _ = repo.write(name, file));
    repo.write("z.ipynb", version("old")).commit("old");
    old.iter().for_each(|(name, file)| _ = repo.write(name, [file, &b"\xff\n"[..]].concat()));
    repo.write("z.ipynb", version("new"));
    for line in ["diff", "diff HEAD", "diff --no-ext-diff"] {
        let Run { stdout, .. } = repo.sh(&format!("git {line}")).exits(0);
        for (name, _) in old {
            assert!(stdout.contains(&format!("diff --git a/{name} b/{name}\n")), "{line}: {stdout}");
        }
        assert!(stdout.contains("\n+new\n"), "{line}: {stdout}");
    }
    repo.commit("new");
    assert!(repo.git(["log", "-p"]).exits(0).stdout.contains("\n+new\n"));
}

#[test]
fn a_repository_named_by_variables_is_read_from_anywhere() {
    let repo = changed();
    repo.git(["config", "diff.context", "0"]).ok();
    let (top, dir) = (repo.path().display(), repo.path().join(".git"));
    let variables = format!("cd / && export GIT_DIR='{}' GIT_WORK_TREE='{top}' &&", dir.display());
    let here = repo.git(["diff"]).ok();
    assert!(here.contains("@@ -6 +6 @@ cell 1 code"), "{here}");
    assert_eq!(repo.sh(&format!("{variables} git diff")).ok(), here);
    let by_option = repo.sh(&format!("cd / && git --git-dir='{}' --work-tree='{top}' diff", dir.display())).ok();
    assert_eq!(by_option, here);
    let log = repo.git(["log", "-p"]).ok();
    assert_eq!(repo.sh(&format!("{variables} git log -p")).ok(), log);
    let staged = repo.git(["diff", "--staged", "HEAD~"]).ok();
    assert_eq!(repo.sh(&format!("{variables} git diff --staged HEAD~")).ok(), staged);
}

#[test]
fn a_check_of_what_is_staged_works_from_anywhere() {
    let repo = Repo::installed();
    repo.write("sub/bad.ipynb", "<<<<<<< a\n{}\n=======\n{}\n>>>>>>> b\n").write(NAME, version("new"));
    repo.git(["add", "-A"]).ok();
    let here = repo.cellwise(["check", "--staged"]).exits(1);
    assert!(here.stdout.contains("bad.ipynb"), "{here:?}");
    let (top, dir) = (repo.path().display(), repo.path().join(".git"));
    let there = repo.sh(&format!("cd / && GIT_DIR='{}' GIT_WORK_TREE='{top}' cellwise check --staged", dir.display()));
    assert_eq!(there.code, 1, "{there:?}");
    assert!(there.stdout.contains("bad.ipynb") && there.stderr == here.stderr, "{there:?}");
}

#[test]
fn a_bare_repository_is_named_by_its_folder() {
    let repo = changed();
    repo.git(["clone", "-q", "--bare", ".", "../bare.git"]).ok();
    let bare = repo.outside("bare.git");
    repo.run(Path::new(env!("CARGO_BIN_EXE_cellwise")), &bare, ["install"]).ok();
    repo.run(Path::new("git"), &bare, ["config", "diff.context", "0"]).ok();
    let patch = repo.sh(&format!("cd / && GIT_DIR='{}' git diff HEAD~ HEAD", bare.display())).ok();
    assert!(patch.contains("@@ -6 +6 @@ cell 1 code"), "{patch}");
}

#[test]
fn a_linked_worktree_is_as_good() {
    let repo = changed();
    repo.git(["config", "diff.context", "0"]).ok();
    repo.git(["worktree", "add", "-q", "../linked"]).ok();
    fs::write(repo.outside("linked").join(NAME), version("newer")).unwrap();
    let patch = repo.run(Path::new("git"), &repo.outside("linked"), ["diff"]).ok();
    assert_eq!(patch, repo.git(["diff"]).ok());
    assert!(patch.contains("@@ -6 +6 @@ cell 1 code"), "{patch}");
}

#[test]
fn scenario_06_quiet_and_exit_code_agree_with_what_is_shown() {
    let repo = changed();
    for line in ["diff --quiet", "diff --exit-code", "diff --quiet HEAD~", "diff --exit-code HEAD~ HEAD"] {
        repo.sh(&format!("git {line}")).exits(1);
    }
    repo.git(["add", NAME]).ok();
    for line in ["diff --quiet", "diff --exit-code", "diff --exit-code HEAD HEAD"] {
        assert_eq!(repo.sh(&format!("git {line}")).ok(), "");
    }
    repo.git(["diff", "--staged", "--quiet"]).exits(1);
}

#[test]
fn scenario_07_a_dumb_terminal_gets_no_colours() {
    let repo = changed();
    for line in ["TERM=dumb git diff", "TERM=xterm git diff", "NO_COLOR=1 git -c color.ui=always diff"] {
        assert!(!repo.sh(line).ok().contains('\u{1b}'), "{line}");
    }
}

#[test]
fn scenario_07_a_reader_who_leaves_early_ends_a_diff_of_many() {
    let repo = Repo::installed();
    let name = |number: usize| format!("{number:02}.ipynb");
    (0..20).for_each(|number| _ = repo.write(&name(number), version("old")));
    repo.commit("old");
    let long = sources(&[&"a line of code\n".repeat(5_000)]);
    (0..20).for_each(|number| _ = repo.write(&name(number), &long));
    let run = repo.sh("git diff | head -n 1");
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("diff --git a/00.ipynb b/00.ipynb\n", ""));
}

#[test]
fn scenario_08_a_difftool_sees_every_kind_of_change() {
    let repo = changed();
    repo.write("new.ipynb", version("new")).git(["add", "-A"]).ok();
    repo.git(["rm", "-q", "-f", NAME]).ok();
    let shown = repo.git(["difftool", "-y", "--staged", "--no-renames", "-x", "echo TOOL"]).ok();
    assert_eq!(shown.matches("TOOL ").count(), 2, "{shown}");
    assert!(shown.contains("/dev/null"), "{shown}");
    repo.git(["config", "difftool.mine.cmd", "exit 3"]).ok();
    repo.git(["difftool", "-y", "--staged", "-t", "mine"]).exits(0);
    let trusted = repo.git(["difftool", "-y", "--staged", "-t", "mine", "--trust-exit-code"]);
    assert_ne!(trusted.code, 0);
    let folders = repo.git(["difftool", "-d", "--staged", "-x", "ls"]).ok();
    assert!(folders.contains("new.ipynb"), "{folders}");
}
