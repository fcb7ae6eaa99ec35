//! `git mergetool -t cellwise`, with real git on a real terminal.

use crate::git_merge::diverge;
use crate::nb::{cells, source, sources};
use crate::repo::Repo;
use crate::terminal::Terminal;

/// Makes cellwise a merge tool of this repository.
fn with_tool(repo: &Repo) {
    let tool = format!("'{}' mergetool \"$BASE\" \"$LOCAL\" \"$REMOTE\" \"$MERGED\"", env!("CARGO_BIN_EXE_cellwise"));
    repo.git(["config", "mergetool.cellwise.cmd", &tool]).ok();
    repo.git(["config", "mergetool.cellwise.trustExitCode", "true"]).ok();
    repo.git(["config", "mergetool.cellwise.hideResolved", "false"]).ok();
}

/// A repository in the midst of a merge in which two cells of a notebook collide.
fn merging(name: &str) -> Repo {
    let repo = Repo::installed();
    with_tool(&repo);
    let versions = [["x = 1", "y = 1"], ["x = 2", "y = 2"], ["x = 3", "y = 3"]].map(|cells| sources(&cells));
    let [base, ours, theirs] = versions.each_ref().map(String::as_bytes);
    diverge(&repo, name, [base, ours, theirs]);
    repo.git(["merge", "side"]).exits(1);
    repo
}

fn mergetool(repo: &Repo, options: &[&str]) -> Terminal {
    let args = [options, &["mergetool", "-t", "cellwise", "--", "*.ipynb"]].concat();
    Terminal::run(repo, [24, 80], "git", &args, &[("NO_COLOR", "1")])
}

fn all_sources(repo: &Repo, name: &str) -> Vec<String> {
    cells(&repo.bytes(name)).iter().map(source).collect()
}

fn unmerged(repo: &Repo) -> bool {
    !repo.git(["ls-files", "-u"]).ok().is_empty()
}

#[test]
fn git_stages_what_was_settled() {
    // git's own script finds no file whose name git prints in quotes.
    for name in ["n.ipynb", "a folder/it's $HOME; `x`.ipynb"] {
        for options in [&[][..], &["-c", "rerere.enabled=true"], &["-c", "mergetool.keepBackup=false"]] {
            let repo = merging(name);
            let mut terminal = mergetool(&repo, options);
            let seen = terminal.wait("]? ");
            assert!(seen.contains("conflict 1 of 2: cell 1"), "{seen}");
            terminal.answer("o");
            terminal.keys("t");
            let (seen, status) = terminal.end();
            assert_eq!(status.code(), Some(0), "{seen}");
            assert_eq!(all_sources(&repo, name), ["x = 2", "y = 3"]);
            assert!(!unmerged(&repo), "{seen}");
            let keeps = options != ["-c", "mergetool.keepBackup=false"];
            assert_eq!(repo.has(&format!("{name}.orig")), keeps);
            repo.git(["commit", "-q", "--no-edit"]).ok();
        }
    }
}

#[test]
fn half_of_the_work_is_kept_and_not_staged() {
    for (key, end) in [("q", 1), ("s", 1)] {
        let repo = merging("n.ipynb");
        let mut terminal = mergetool(&repo, &[]);
        terminal.wait("]? ");
        terminal.answer("o");
        terminal.keys(key);
        let (seen, status) = terminal.end();
        assert_eq!(status.code(), Some(end), "{seen}");
        assert!(seen.contains("what you have settled stays"), "{seen}");
        assert!(unmerged(&repo) && all_sources(&repo, "n.ipynb")[0] == "x = 2", "{seen}");
        let mut terminal = mergetool(&repo, &[]);
        let seen = terminal.wait("]? ");
        assert!(seen.contains("conflict 1 of 1: cell 2"), "{seen}");
        terminal.keys("t");
        assert_eq!(terminal.end().1.code(), Some(0));
        assert!(!unmerged(&repo));
    }
}

#[test]
fn ctrl_c_keeps_what_was_settled() {
    let repo = merging("n.ipynb");
    let mut terminal = mergetool(&repo, &[]);
    terminal.wait("]? ");
    terminal.answer("o");
    terminal.keys("\u{3}").wait("1 left");
    let (seen, status) = terminal.end();
    assert!(!status.success(), "{seen}");
    assert!(unmerged(&repo) && all_sources(&repo, "n.ipynb")[0] == "x = 2", "{seen}");
}

#[test]
fn a_notebook_that_both_added_has_no_base() {
    let repo = Repo::installed();
    with_tool(&repo);
    repo.write("x.txt", "").commit("base");
    repo.git(["checkout", "-q", "-b", "side"]).ok();
    repo.write("n.ipynb", sources(&["x = 3\nsame\nlines"])).commit("theirs");
    repo.git(["checkout", "-q", "main"]).ok();
    repo.write("n.ipynb", sources(&["x = 2\nsame\nlines"])).commit("ours");
    repo.git(["merge", "side"]).exits(1);
    let mut terminal = mergetool(&repo, &[]);
    let seen = terminal.wait("]? ");
    assert!(seen.ends_with("Take [o,t,u,e,s,q,?]? "), "there is no base to take: {seen}");
    terminal.keys("t");
    assert_eq!(terminal.end().1.code(), Some(0));
    assert_eq!(all_sources(&repo, "n.ipynb"), ["x = 3\nsame\nlines"]);
}

#[test]
fn text_markers_become_a_notebook_first() {
    let repo = merging("n.ipynb");
    // What git's own merge leaves.
    repo.git(["-c", "merge.jupyternotebook.driver=git merge-file %A %O %B", "checkout", "-m", "--", "n.ipynb"]).ok();
    assert!(repo.read("n.ipynb").contains("\n<<<<<<<"));
    let mut terminal = mergetool(&repo, &[]);
    let seen = terminal.wait("]? ");
    assert!(seen.contains("conflict 1 of 2: cell 1"), "{seen}");
    assert_eq!(cells(&repo.bytes("n.ipynb")).len(), 2);
    terminal.answer("b");
    terminal.keys("u");
    assert_eq!(terminal.end().1.code(), Some(0));
    assert_eq!(all_sources(&repo, "n.ipynb"), ["x = 1", "y = 2\ny = 3"]);
}
