//! `git mergetool -t cellwise`, with real git on a real terminal; and the tool as other version control calls it.

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

/// Walks over both conflicts, and expects git to stage what comes of it.
fn settles(name: &str, options: &[&str]) {
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
    let keeps = !options.contains(&"mergetool.keepBackup=false");
    assert_eq!(repo.has(&format!("{name}.orig")), keeps);
    repo.git(["commit", "-q", "--no-edit"]).ok();
}

#[test]
fn scenario_22_git_stages_what_was_settled_with_and_without_a_backup() {
    // git's own script finds no file whose name git prints in quotes.
    for name in ["n.ipynb", "a folder/it's $HOME; `x`.ipynb"] {
        settles(name, &[]);
        settles(name, &["-c", "mergetool.keepBackup=false"]);
    }
}

#[test]
fn scenario_22_what_was_settled_before_is_staged() {
    let repo = merging("n.ipynb");
    let settled = sources(&["x = 2", "y = 3"]);
    repo.write("n.ipynb", &settled);
    let (seen, status) = mergetool(&repo, &[]).end();
    assert_eq!(status.code(), Some(0), "{seen}");
    assert!(seen.contains("n.ipynb: nothing is open"), "{seen}");
    assert!(!unmerged(&repo) && repo.read("n.ipynb") == settled, "{seen}");
}

#[test]
fn scenario_21_a_path_leads_mergetool_past_rerere() {
    settles("n.ipynb", &["-c", "rerere.enabled=true"]);
    settles("n.ipynb", &["-c", "rerere.enabled=true", "-c", "rerere.autoUpdate=true"]);
}

#[test]
fn scenario_22_half_of_the_work_is_kept_and_not_staged() {
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
fn scenario_22_a_notebook_that_both_added_has_no_base() {
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

#[test]
fn other_version_control_has_the_merge_made_first() {
    let repo = Repo::new();
    for (name, cells) in [("base", ["x = 1", "y = 1"]), ("left", ["x = 2", "y = 2"]), ("right", ["x = 3", "y = 1"])] {
        repo.write(name, sources(&cells));
    }
    repo.write("output", "");
    let tool = |right, size| {
        let args = ["mergetool", "--merge", "--name", "sub/n.ipynb", "base", "left", right, "output"];
        Terminal::run(&repo, size, env!("CARGO_BIN_EXE_cellwise"), &args, &[("NO_COLOR", "1")])
    };
    let mut terminal = tool("right", [24, 80]);
    let seen = terminal.wait("]? ");
    assert!(seen.contains("sub/n.ipynb: conflict 1 of 1: cell 1"), "{seen}");
    terminal.keys("q");
    let (seen, status) = terminal.end();
    assert_eq!(status.code(), Some(1), "{seen}");
    assert!(!seen.contains("git"), "{seen}");
    // The file was written before the first question.
    let mut terminal = tool("right", [24, 80]);
    terminal.wait("]? ");
    terminal.keys("\u{3}").wait("1 left");
    assert_eq!(terminal.end().1.code(), Some(130));
    let mut terminal = tool("right", [24, 80]);
    terminal.wait("]? ");
    terminal.keys("t");
    assert_eq!(terminal.end().1.code(), Some(0));
    assert_eq!(repo.read("output"), sources(&["x = 3", "y = 2"]));
    // Nothing is asked where the cells settle it.
    repo.write("clean", sources(&["x = 1", "y = 1", "z"]));
    let (seen, status) = tool("clean", [24, 80]).end();
    assert_eq!((seen.trim(), status.code()), ("", Some(0)));
    assert_eq!(repo.read("output"), sources(&["x = 2", "y = 2", "z"]));
}
