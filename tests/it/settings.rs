//! git's settings as `cellwise diff` follows them: read in process, and by the git executable, with the same answer.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::nb::sources;
use crate::repo::{Repo, Run, git_version};

/// How the settings are read.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// As it comes.
    Either,
    /// There is no git to ask.
    InProcess,
    /// With a variable that libgit2 does not know.
    Executable,
}

/// A repository with two notebooks to compare.
fn repo() -> Repo {
    let repo = Repo::new();
    let lines = |changed: &str| sources(&[&format!("1\n2\n3\n4\n{changed}\n6\n7\n8\n9\n")]);
    repo.write("größe.ipynb", lines("old")).write("b.ipynb", lines("new"));
    repo
}

fn diff(repo: &Repo, dir: &Path, way: Way, variables: &[(&str, &Path)]) -> String {
    let top = repo.path();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cellwise"));
    command.arg("diff").args([top.join("größe.ipynb"), top.join("b.ipynb")]).current_dir(dir).env("TERM", "xterm");
    repo.environment(&mut command);
    match way {
        Way::Either => {}
        Way::InProcess => _ = command.env("PATH", "/nowhere"),
        Way::Executable => _ = command.env("GIT_CONFIG_COUNT", "0"),
    }
    command.envs(variables.iter().copied());
    Run::of(&command.output().unwrap()).ok()
}

/// What both ways say of it; they must agree.
#[track_caller]
fn both(repo: &Repo, dir: &Path, variables: &[(&str, &Path)]) -> String {
    let [in_process, executable] = [Way::InProcess, Way::Executable].map(|way| diff(repo, dir, way, variables));
    assert_eq!(in_process, executable);
    executable
}

const COLOURED: &str = "[color]\n\tui = always\n";

fn home(repo: &Repo, file: &str, text: &str) -> PathBuf {
    let path = repo.outside("home").join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path
}

fn local(repo: &Repo, text: &str) {
    repo.write(".git/config", repo.read(".git/config") + text);
}

#[test]
fn every_file_of_git_is_read() {
    let repo = repo();
    assert!(!both(&repo, repo.path(), &[]).contains('\u{1b}'));
    home(&repo, "config/git/config", &format!("{COLOURED}[color \"diff\"]\n\told = blue\n\tnew = cyan\n"));
    let said = both(&repo, repo.path(), &[]);
    assert!(said.contains("\u{1b}[34m-old") && said.contains("\u{1b}[36m+new"), "{said:?}");
    home(&repo, ".gitconfig", "[color \"diff\"]\n\told = yellow\n\tmeta = 10\n");
    let said = both(&repo, repo.path(), &[]);
    assert!(said.contains("\u{1b}[33m-old") && said.contains("\u{1b}[92mdiff --git"), "{said:?}");
    local(&repo, "[color \"diff\"]\n\told = magenta\n\told = white\n");
    assert!(both(&repo, repo.path(), &[]).contains("\u{1b}[37m-old"));
    // Outside the repository its own file does not count.
    assert!(both(&repo, &repo.outside("home"), &[]).contains("\u{1b}[33m-old"));
}

#[test]
fn the_file_format_is_read_as_git_reads_it() {
    let cases = [
        ("[diff]\n\tnoprefix\n", "diff --git größe", "core.quotepath=false"),
        ("[diff]\n\tnoprefix = no\n# noprefix = yes\n", "--- \"a/", ""),
        ("[DIFF]\n\tContext = 1 # lines\n", "@@ -5,3 +5,3 @@", ""),
        ("[diff] context = 0\n", "@@ -6 +6 @@", ""),
        ("[diff]\n\tcontext = 9\n[diff]\n\tcontext = 1\n", "@@ -5,3 +5,3 @@", ""),
        ("[core]\n\tquotePath = off\n", "--- a/", ""),
        ("[color]\n\tui = always\n[color \"diff\"]\n\told = \"bold \\\n  blue\"\n", "\u{1b}[1;34m-old", ""),
        ("[color]\n\tui = always\n[color.diff]\n\told = blue\n", "\u{1b}[34m-old", ""),
        ("[color]\n\tui = always\n[color \"Diff\"]\n\told = blue\n", "\u{1b}[31m-old", ""),
        ("[diff]\n\tsrcPrefix = x/\n\tdstPrefix =\n", "+++ ", ""),
    ];
    for (text, expected, more) in cases {
        let repo = repo();
        local(&repo, text);
        if let Some((key, value)) = more.split_once('=') {
            repo.git(["config", key, value]).ok();
        }
        let said = both(&repo, repo.path(), &[]).replace(&repo.path().to_string_lossy()[1..], "");
        assert!(said.replace("/größe", "größe").contains(expected), "{text}: {said:?}");
    }
}

#[test]
fn included_files_are_read() {
    let repo = repo();
    let one = home(&repo, "one", &format!("{COLOURED}[color \"diff\"]\n\told = blue\n\tnew = blue\n"));
    home(&repo, "two", "[color \"diff\"]\n\tnew = cyan\n");
    let text = format!("[include]\n\tpath = {}\n\tpath = ~/two\n\tpath = no-such-file\n", one.display());
    local(&repo, &format!("{text}[color \"diff\"]\n\told = yellow\n"));
    let said = both(&repo, repo.path(), &[]);
    assert!(said.contains("\u{1b}[33m-old") && said.contains("\u{1b}[36m+new"), "{said:?}");
}

#[test]
fn what_only_git_knows_is_asked_of_git() {
    let repo = repo();
    let one = home(&repo, "one", &format!("{COLOURED}[color \"diff\"]\n\told = blue\n"));
    local(&repo, "[remote \"origin\"]\n\turl = https://example.org/x\n");
    let top = repo.path().display();
    let expansion = format!("[include]\n\tpath = %(prefix)/../../../../../../..{}\n", one.display());
    let conditions =
        [format!("gitdir:{top}/"), "gitdir:work/".to_owned(), "hasconfig:remote.*.url:https://**".to_owned()];
    let texts = conditions.map(|condition| format!("[includeIf \"{condition}\"]\n\tpath = {}\n", one.display()));
    for text in texts.iter().chain([&expansion]) {
        home(&repo, ".gitconfig", text);
        let [either, executable] = [Way::Either, Way::Executable].map(|way| diff(&repo, repo.path(), way, &[]));
        assert_eq!(either, executable, "{text}");
        // `%(prefix)` may lie anywhere; and git before 2.36 does not know hasconfig.
        if text.contains("gitdir:") {
            assert!(either.contains("\u{1b}[34m-old"), "{text}: {either:?}");
        }
    }
}

#[test]
fn a_worktree_has_its_own_settings() {
    let repo = repo();
    repo.commit("both");
    repo.git(["config", "extensions.worktreeConfig", "true"]).ok();
    repo.git(["config", "color.ui", "always"]).ok();
    repo.git(["worktree", "add", "-q", "../linked"]).ok();
    let linked = repo.outside("linked");
    repo.run(Path::new("git"), &linked, ["config", "--worktree", "color.diff.old", "blue"]).ok();
    assert!(both(&repo, repo.path(), &[]).contains("\u{1b}[31m-old"));
    assert!(both(&repo, &linked, &[]).contains("\u{1b}[34m-old"));
    // git tells the commands that it runs in a linked worktree where they are.
    let dir = repo.path().join(".git/worktrees/linked");
    let home = repo.outside("home");
    assert!(both(&repo, &home, &[("GIT_DIR", &dir)]).contains("\u{1b}[34m-old"));
    assert!(both(&repo, repo.path(), &[("GIT_DIR", &dir), ("GIT_WORK_TREE", &linked)]).contains("\u{1b}[34m-old"));
}

#[test]
fn variables_of_git_have_their_say() {
    let repo = repo();
    let file = home(&repo, "one", &format!("{COLOURED}[color \"diff\"]\n\told = blue\n"));
    for name in ["GIT_CONFIG_GLOBAL", "GIT_CONFIG"] {
        let said = diff(&repo, repo.path(), Way::Either, &[(name, &file)]);
        // git before 2.32 does not know the first.
        let has_its_say = name == "GIT_CONFIG" || git_version() >= [2, 32, 0];
        assert_eq!(said.contains("\u{1b}[34m-old"), has_its_say, "{name}: {said:?}");
    }
    let said =
        repo.sh("git -c color.ui=always -c color.diff.old=blue -c alias.x='!cellwise diff größe.ipynb b.ipynb' x");
    assert!(said.stdout.contains("\u{1b}[34m-old"), "{said:?}");
}

#[test]
fn a_broken_configuration_leaves_the_defaults() {
    let repo = repo();
    let plain = both(&repo, repo.path(), &[]);
    local(&repo, "[color\n\tui = always\n");
    assert_eq!(both(&repo, repo.path(), &[]), plain);
}

#[test]
fn numbers_are_read_as_git_reads_them() {
    let repo = repo();
    let lines = |changed: &str| sources(&[&format!("{changed}\n2\n3\n4\n{changed}\n6\n7\n8\n9\n")]);
    repo.write("größe.ipynb", lines("old")).write("b.ipynb", lines("new"));
    local(&repo, "[diff]\n\tcontext = 0\n");
    let hunks = |said: &str| said.lines().filter(|line| line.starts_with("@@")).count();
    assert_eq!(hunks(&both(&repo, repo.path(), &[])), 2);
    local(&repo, "[diff]\n\tinterHunkContext = 1k\n");
    assert_eq!(hunks(&both(&repo, repo.path(), &[])), 1);
}
