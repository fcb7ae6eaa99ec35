//! What is said to somebody who made a mistake: one line that says what is wrong, where, and what to do.

use crate::nb::sources;
use crate::repo::{Repo, Run};

const USAGE: i32 = 2;
const FAILED: i32 = 129;

/// What was typed, how it ends, and words of the one line that is said.
type Mistake = (&'static str, i32, &'static [&'static str]);

/// In a repository with a notebook, a broken one and a text, all committed.
const IN_A_REPOSITORY: [Mistake; 28] = [
    ("diff nosuch.ipynb", FAILED, &["`nosuch.ipynb` is neither a revision nor a file here", "git branch -a", "`--`"]),
    ("diff HEAD~9", FAILED, &["`HEAD~9` is neither a revision nor a file here", "git log --oneline"]),
    ("check nosuch", FAILED, &["`nosuch` is neither a revision nor a file here"]),
    ("show nosuch.ipynb", FAILED, &["cannot read nosuch.ipynb: No such file or directory"]),
    ("show text", FAILED, &["text: not a notebook: line 1, column 1"]),
    ("show cut.ipynb", FAILED, &["cut.ipynb: not a notebook: line 1, column 11", "ends in the middle of a list"]),
    ("show HEAD:nosuch.ipynb", FAILED, &["cellwise: HEAD:nosuch.ipynb: git cat-file: "]),
    ("show nosuch:n.ipynb", FAILED, &["cellwise: nosuch:n.ipynb: git cat-file: "]),
    ("show '*.nb'", FAILED, &["no notebook fits `*.nb`"]),
    ("clean nosuch.ipynb", FAILED, &["cannot read nosuch.ipynb: No such file or directory"]),
    ("clean cut.ipynb", FAILED, &["cut.ipynb: not a notebook: line 1, column 11"]),
    ("clean --like nosuch n.ipynb", USAGE, &["'nosuch'", "[possible values: "]),
    ("merge n.ipynb n.ipynb", USAGE, &["<THEIRS>"]),
    ("merge --outputs mine n.ipynb n.ipynb n.ipynb", USAGE, &["'mine'", "[possible values: "]),
    ("merge nosuch n.ipynb n.ipynb", FAILED, &["cannot read nosuch: No such file or directory"]),
    ("resolve --ours", 0, &["no notebook is unmerged", "`cellwise check` looks for"]),
    ("resolve --ours --theirs", USAGE, &["'--ours' cannot be used with '--theirs'"]),
    ("resolve --ours nosuch.ipynb", FAILED, &["nosuch.ipynb"]),
    ("apply nosuch.patch", FAILED, &["cannot read nosuch.patch: No such file or directory"]),
    ("apply text", FAILED, &["text"]),
    ("add", USAGE, &["which cells?", "`cellwise add --cell 3 PATH`", "`cellwise add -p`"]),
    ("add --cell 3 nosuch.ipynb", FAILED, &["nosuch.ipynb"]),
    ("add --cell 9 n.ipynb", FAILED, &["n.ipynb: nothing to stage"]),
    ("config merge.outputs", FAILED, &["`merge.outputs` is a key", "`cellwise config | grep merge.outputs`"]),
    ("install --local --global", USAGE, &["'--local' cannot be used with '--global'"]),
    ("install --print svn", USAGE, &["'svn'", "[possible values: jj, hg, sl]"]),
    ("merge-driver", FAILED, &["called by git, with three files", "`cellwise help merge-driver`"]),
    ("filter-process </dev/null", FAILED, &["called by git", "`cellwise help filter-process`"]),
];

const OUTSIDE_OF_ONE: [Mistake; 6] = [
    ("install", FAILED, &["is not in a git repository", "`git init`", "--global"]),
    ("uninstall", FAILED, &["is not in a git repository"]),
    ("diff", FAILED, &["is not in a git repository", "name two files to compare"]),
    ("resolve", FAILED, &["is not in a git repository", "no merge to settle"]),
    ("show HEAD:n.ipynb", FAILED, &["HEAD:n.ipynb", "not a git repository"]),
    ("check --staged", FAILED, &["not a git repository"]),
];

fn repo() -> Repo {
    let repo = Repo::new();
    repo.write("n.ipynb", sources(&["x = 1", "y = 1"])).write("text", "hi\n").write("cut.ipynb", "{\"cells\": [");
    repo.commit("base");
    repo.sh("mkdir ../outside").ok();
    repo
}

/// One line, but for what clap adds: the usage, and where there is more help.
#[track_caller]
fn assert_helps(line: &str, code: i32, words: &[&str], run: &Run) {
    assert_eq!((run.code, &*run.stdout), (code, ""), "{line}: {run:?}");
    let paragraphs: Vec<&str> = run.stderr.split("\n\n").collect();
    let (first, rest) = paragraphs.split_first().unwrap_or((&"", &[]));
    let is_usage = first.starts_with("error: ");
    assert!(is_usage && code == USAGE || first.starts_with("cellwise: "), "{line}: {run:?}");
    assert!(is_usage || (first.lines().count() == 1 && rest.is_empty()), "{line}: {run:?}");
    assert!(!is_usage || run.stderr.contains("--help"), "{line}: {run:?}");
    for word in words {
        assert!(first.contains(word), "{line}: no {word:?} in {first}");
    }
    for jargon in ["os error", "fatal: ", "panicked", "Error {", "Err(", "::"] {
        assert!(!run.stderr.contains(jargon), "{line}: {run:?}");
    }
    assert!(first.len() < 250, "{line}: {first}");
}

#[test]
fn each_is_answered_in_one_line_that_helps() {
    let repo = repo();
    let before = repo.sh("cat n.ipynb text cut.ipynb .git/config .git/index | git hash-object --stdin").ok();
    for (line, code, words) in IN_A_REPOSITORY {
        assert_helps(line, code, words, &repo.sh(&format!("cellwise {line}")));
    }
    for (line, code, words) in OUTSIDE_OF_ONE {
        assert_helps(line, code, words, &repo.sh(&format!("cd ../outside && cellwise {line}")));
    }
    let after = repo.sh("cat n.ipynb text cut.ipynb .git/config .git/index | git hash-object --stdin").ok();
    assert_eq!(before, after, "nobody's mistake writes anything");
    assert_eq!(repo.git(["status", "--short"]).ok(), "");
}

#[test]
fn a_revision_of_a_notebook_is_shown() {
    let repo = repo();
    repo.write("n.ipynb", sources(&["x = 2"]));
    let shown = |argument: &str| repo.cellwise(["show", argument]).ok();
    assert_eq!(shown("HEAD:n.ipynb"), shown(":n.ipynb"));
    assert!(shown("HEAD:./n.ipynb").contains("x = 1\n") && shown("n.ipynb").contains("x = 2\n"));
}

#[test]
fn a_slip_of_the_fingers_is_understood() {
    let repo = repo();
    for (typed, meant) in [("dif", "diff"), ("instal", "install"), ("resovle", "resolve"), ("diff --colour", "--color")]
    {
        let run = repo.sh(&format!("cellwise {typed}")).exits(USAGE);
        assert!(run.stderr.contains("tip: ") && run.stderr.contains(&format!("'{meant}'")), "{run:?}");
    }
}

#[test]
fn a_broken_notebook_that_is_compared_is_text_and_said_so() {
    // It stands where the diff is read: in the pager.
    let diff = repo().cellwise(["diff", "n.ipynb", "cut.ipynb"]).ok();
    let (said, text) = diff.split_once('\n').unwrap_or_default();
    assert!(said.starts_with("cellwise: cut.ipynb: not a notebook: line 1, column 11: "), "{diff}");
    assert!(said.ends_with("compared as plain text") && text.starts_with("diff --git "), "{diff}");
    assert!(text.contains("+{\"cells\": ["), "{diff}");
}
