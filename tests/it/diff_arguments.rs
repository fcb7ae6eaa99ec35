//! What `cellwise diff` makes of its arguments, held against what `git diff` makes of the same.

#![allow(clippy::unwrap_used)]

use std::fs;

use crate::nb::sources;
use crate::repo::Repo;

/// Three commits, the last one a merge; a notebook renamed and edited, one with an odd name, one that only git calls
/// different, and a changed file.
fn history() -> Repo {
    let repo = Repo::new();
    let long = ["one", "two", "three", "four"];
    repo.write("a.ipynb", sources(&["a", "x"]))
        .write("b.ipynb", sources(&long))
        .write("c.ipynb", sources(&["moved", "as it is"]));
    repo.write("ä\tü.ipynb", sources(&["u"])).write("sub/gone.ipynb", sources(&["gone"])).write("x.txt", "x\n");
    repo.commit("one").git(["tag", "v1"]).ok();
    repo.git(["mv", "b.ipynb", "sub/b.ipynb"]).ok();
    repo.git(["mv", "c.ipynb", "sub/c.ipynb"]).ok();
    repo.write("sub/b.ipynb", sources(&["one", "two", "three", "for"])).write("a.ipynb", sources(&["aa", "x"]));
    fs::remove_file(repo.path().join("sub/gone.ipynb")).unwrap();
    repo.write("ä\tü.ipynb", sources(&["v"])).commit("two").git(["tag", "v2"]).ok();
    repo.git(["checkout", "-q", "-b", "side", "v1"]).ok();
    repo.write("new.ipynb", sources(&["new"])).commit("side");
    repo.git(["checkout", "-q", "main"]).ok();
    repo.git(["merge", "-q", "side", "-m", "merge"]).ok();
    repo.write("a.ipynb", sources(&["aaa", "x"]));
    repo
}

/// What git prints for `git diff args…`, and what cellwise does.
fn both(repo: &Repo, args: &[&str]) -> [String; 2] {
    let git = repo.git([&["diff", "--no-ext-diff", "--no-textconv"], args].concat());
    let ours = repo.cellwise([&["diff"], args].concat()).ok();
    [git.stdout, ours]
}

#[test]
fn names_and_letters_are_those_of_git() {
    let repo = history();
    for typed in [
        "",
        "HEAD",
        "v1",
        "v1 v2",
        "v1..v2",
        "v1...side",
        "--staged v1",
        "HEAD~1^!",
        "HEAD~1^@",
        "HEAD~1^-",
        "HEAD^@",
        "^v1 v2",
        "v2 ^v1",
        ":/one",
        "v1:a.ipynb v2:a.ipynb",
        "v1:b.ipynb a.ipynb",
        "v1:b.ipynb v2:a.ipynb",
        ":a.ipynb a.ipynb",
        "v1:sub v2:sub",
        "v1 -- sub",
        "--no-index a.ipynb sub/b.ipynb",
    ] {
        for listing in ["--name-only", "--name-status"] {
            for more in [&[][..], &["-z"], &["-R"]] {
                // git fails to read the file on the older side.
                if more == ["-R"] && typed.ends_with(" a.ipynb") {
                    continue;
                }
                let args: Vec<&str> =
                    [listing].into_iter().chain(more.to_owned()).chain(typed.split_whitespace()).collect();
                let [git, ours] = both(&repo, &args);
                assert_eq!(git, ours, "{args:?}");
            }
        }
    }
    assert!(repo.cellwise(["diff", "--name-status", "v1", "v2"]).ok().contains("R100\tc.ipynb\tsub/c.ipynb\n"));
}

#[test]
fn what_stands_before_dashes_is_a_revision() {
    let repo = history();
    // Names of files too.
    repo.git(["tag", "a.ipynb", "v1"]).ok();
    repo.git(["tag", "new.ipynb", "v2"]).ok();
    for typed in ["a.ipynb --", "a.ipynb new.ipynb --", "--staged a.ipynb --", "--no-index a.ipynb new.ipynb --", "--"]
    {
        let typed: Vec<&str> = typed.split(' ').collect();
        let [git, ours] = both(&repo, &[&["--name-status"], typed.as_slice()].concat());
        assert_eq!(git, ours, "{typed:?}");
        assert_ne!(ours, "", "{typed:?}");
    }
    assert!(repo.cellwise(["diff", "a.ipynb"]).exits(129).stderr.contains("behind it for the revision"));
    assert!(repo.cellwise(["diff", "mian", "--"]).exits(129).stderr.contains("mian"));
}

#[test]
fn only_what_differs_is_named() {
    let repo = history();
    repo.write("sub/b.ipynb", sources(&["one", "two", "three", "f o r"])).write("x.txt", "y\n");
    assert_eq!(repo.cellwise(["diff", "--name-only"]).ok(), "a.ipynb\nsub/b.ipynb\n");
    assert_eq!(repo.cellwise(["diff", "--name-only", "-w"]).ok(), "a.ipynb\n");
    assert_eq!(repo.cellwise(["diff", "--name-status", "-S"]).ok(), "");
    repo.cellwise(["diff", "--name-only", "--exit-code"]).exits(1);
    for wrong in
        [&["-z"][..], &["--name-only", "--stat"], &["--name-only", "--name-status"], &["--name-only", "--json"]]
    {
        repo.cellwise([&["diff"], wrong].concat()).exits(2);
    }
}

#[test]
fn an_open_merge_is_named_as_such() {
    let repo = Repo::new();
    repo.write("n.ipynb", "1\n").commit("base").git(["checkout", "-q", "-b", "side"]).ok();
    repo.write("n.ipynb", "2\n").commit("theirs").git(["checkout", "-q", "main"]).ok();
    repo.write("n.ipynb", "3\n").commit("ours").git(["merge", "-q", "side"]).exits(1);
    for args in
        [&["--name-status"][..], &["--name-only", "-z"], &["--name-status", "-R"], &["--name-status", "--staged"]]
    {
        let [git, ours] = both(&repo, args);
        assert_eq!(git, ours, "{args:?}");
    }
}

/// The headers of a diff, without the ids that cellwise does not ask for.
fn headers(diff: &str) -> Vec<&str> {
    let starts = ["diff --git", "similarity", "rename", "new file", "deleted", "--- ", "+++ "];
    diff.lines().filter(|line| starts.iter().any(|start| line.starts_with(start))).collect()
}

#[test]
fn files_of_revisions_are_compared_under_the_names_that_git_gives() {
    let repo = history();
    for mnemonic in ["false", "true"] {
        repo.git(["config", "diff.mnemonicPrefix", mnemonic]).ok();
        for typed in [
            "v1:a.ipynb v2:a.ipynb",
            "v1:b.ipynb v2:a.ipynb",
            "v1:a.ipynb a.ipynb",
            "v1:b.ipynb -- a.ipynb",
            ":a.ipynb a.ipynb",
            "v1 v2",
            "-R v1 v2",
            "-R HEAD",
            "-R --staged v1",
            "-R v1:b.ipynb v2:a.ipynb",
        ] {
            let args: Vec<&str> = typed.split(' ').collect();
            let [git, ours] = both(&repo, &args);
            assert_eq!(headers(&git), headers(&ours), "{typed}");
        }
    }
    let diff = repo.cellwise(["diff", "v1:a.ipynb", "a.ipynb"]).ok();
    assert!(diff.contains("\n-a\n+aaa\n"), "{diff}");
    let inside = repo.cellwise_in("sub", ["diff", "v1:./../a.ipynb", "../a.ipynb"]).ok();
    assert_eq!(inside, diff);
    let renamed = repo.cellwise(["diff", "v1", "v2", "--", "b.ipynb", "sub/b.ipynb"]).ok();
    assert!(renamed.contains("%\nrename from b.ipynb\nrename to sub/b.ipynb\nindex "), "{renamed}");
    assert_eq!(repo.cellwise(["diff", "v1:b.ipynb", "v1:b.ipynb"]).ok(), "");
}

#[test]
fn what_cannot_be_compared_is_said_in_a_line() {
    let repo = history();
    for (typed, words) in [
        ("v1:a.ipynb -", "can be compared with another file"),
        ("HEAD^!", "names 3 commits"),
        ("v1^@", "names no commit"),
        ("nosuch^!", "neither a revision nor a file"),
        ("v1:nosuch a.ipynb", "neither a revision nor a file"),
        ("v1:a.ipynb", "name one file to compare it with"),
        ("v1:a.ipynb a.ipynb x.txt", "name one file to compare it with"),
        ("v1:a.ipynb v2:a.ipynb x.txt", "without a path"),
        ("v1:a.ipynb v2", "is one file and `v2` is none"),
        ("--staged v1:a.ipynb", "is one file"),
        ("a.ipynb v1:a.ipynb", "stand before files"),
        ("v1:a.ipynb sub", "not a regular file"),
        ("v1 v2 HEAD", "not more"),
    ] {
        let run = repo.cellwise([&["diff"], typed.split(' ').collect::<Vec<_>>().as_slice()].concat()).exits(129);
        assert!(run.stderr.contains(words) && run.stderr.lines().count() == 1, "{typed}: {run:?}");
    }
}

#[test]
fn the_sides_are_swapped_on_request() {
    let repo = history();
    repo.git(["config", "diff.noprefix", "true"]).ok();
    for form in [&[][..], &["--format=patch"], &["--json"], &["--stat"]] {
        let diff = |args: &[&str]| repo.cellwise([&["diff"], form, args].concat()).ok();
        assert_eq!(diff(&["-R", "v1", "v2"]), diff(&["v2", "v1"]), "{form:?}");
        assert_eq!(diff(&["-R", "--no-index", "a.ipynb", "new.ipynb"]), diff(&["--no-index", "new.ipynb", "a.ipynb"]));
    }
    repo.git(["config", "diff.noprefix", "false"]).ok();
    let diff = repo.cellwise(["diff", "-R"]).ok();
    assert!(diff.contains("--- b/a.ipynb\n+++ a/a.ipynb\n") && diff.contains("\n-aaa\n+aa\n"), "{diff}");
}

#[test]
fn hunks_are_joined_where_git_joins_them() {
    let lines = |changed: &[usize]| {
        let line = |number| format!("{number}{}\n", if changed.contains(&number) { "!" } else { "" });
        sources(&[&(0..40).map(line).collect::<String>()])
    };
    let repo = Repo::installed();
    repo.write("n.ipynb", lines(&[])).commit("old").write("n.ipynb", lines(&[5, 14, 25, 37]));
    let hunks = |diff: &str| diff.lines().filter(|line| line.starts_with("@@")).count();
    let mut known = Vec::new();
    for between in 0..8 {
        let number = between.to_string();
        let option = format!("--inter-hunk-context={between}");
        let wanted = hunks(&repo.git(["diff", "--no-ext-diff", &option]).ok());
        assert_eq!(hunks(&repo.cellwise(["diff", &option]).ok()), wanted, "{option}");
        assert_eq!(hunks(&repo.cellwise(["diff", "--format=patch", &option]).ok()), wanted, "{option}");
        repo.git(["config", "diff.interHunkContext", &number]).ok();
        assert_eq!(hunks(&repo.cellwise(["diff"]).ok()), wanted, "{option}");
        assert_eq!(hunks(&repo.git(["diff"]).ok()), wanted, "{option}");
        known.push(wanted);
    }
    assert_eq!((known[0], known[7]), (4, 1), "{known:?}");
    assert_eq!(hunks(&repo.cellwise(["diff", "--inter-hunk-context=18446744073709551615"]).ok()), 1);
}

#[test]
fn the_side_that_is_no_notebook_is_named() {
    let repo = Repo::new();
    repo.write("n.ipynb", "{\n").commit("old").write("n.ipynb", "[]\n");
    let diff = repo.cellwise(["diff"]).ok();
    let told: Vec<&str> = diff.lines().take_while(|line| line.starts_with("cellwise: ")).collect();
    assert!(
        told[0].starts_with("cellwise: n.ipynb (before): ") && told[1].starts_with("cellwise: n.ipynb (after): "),
        "{diff}"
    );
    repo.write("n.ipynb", sources(&["x"]));
    assert!(repo.cellwise(["diff"]).ok().starts_with("cellwise: n.ipynb (before): "));
    assert!(repo.cellwise(["diff", "-R"]).ok().starts_with("cellwise: n.ipynb (after): "));
    // Where names tell the sides apart, or there is one side only, nothing more is to be said.
    repo.write("other.ipynb", "[]\n");
    let two = repo.cellwise(["diff", "other.ipynb", "n.ipynb"]).ok();
    assert!(two.starts_with("cellwise: other.ipynb: "), "{two}");
    repo.git(["add", "other.ipynb"]).ok();
    assert!(repo.cellwise(["diff", "--staged", "other.ipynb"]).ok().starts_with("cellwise: other.ipynb: "));
}

#[test]
fn of_what_nobody_takes_for_a_notebook_nothing_is_said() {
    let repo = Repo::new();
    repo.write("a.txt", "old\n").write("b.txt", "new\n").write("n.ipynb", sources(&["x"]));
    assert!(repo.cellwise(["diff", "a.txt", "b.txt"]).ok().starts_with("diff --git a/a.txt b/b.txt\n"));
    let [local, remote, merged] = ["a.txt", "b.txt", "t.txt"];
    assert!(repo.cellwise(["difftool", local, remote, merged]).ok().starts_with("diff --git a/t.txt b/t.txt\n"));
    assert!(repo.cellwise(["difftool", local, remote, "t.ipynb"]).ok().starts_with("cellwise: t.ipynb (before): "));
    // One of them should have been a notebook.
    assert!(repo.cellwise(["diff", "a.txt", "n.ipynb"]).ok().starts_with("cellwise: a.txt: "));
}

#[test]
fn renames_are_found_as_the_setting_says() {
    let repo = history();
    for (setting, same_as) in [("false", "false"), ("no", "false"), ("true", "true"), ("copies", "true")] {
        repo.git(["config", "diff.renames", setting]).ok();
        for typed in [&["v1", "v2"][..], &["v1"], &["--staged", "v1"]] {
            let listing = ["diff", "--no-ext-diff", "--no-textconv", "--name-status"];
            let git = repo.git([&["-c", &format!("diff.renames={same_as}")], &listing[..], typed].concat()).ok();
            let ours = repo.cellwise([&["diff", "--name-status"], typed].concat()).ok();
            assert_eq!(git, ours, "{setting} {typed:?}");
        }
    }
    repo.git(["config", "diff.renames", "copies"]).ok();
    repo.write("a.ipynb", sources(&["edited", "x"])).write("copy.ipynb", repo.git(["show", "HEAD:a.ipynb"]).ok());
    repo.git(["add", "-A"]).ok();
    assert_eq!(repo.cellwise(["diff", "--name-status", "--staged"]).ok(), "M\ta.ipynb\nA\tcopy.ipynb\n");
}

/// What git and cellwise print in `folder`.
fn both_in(repo: &Repo, folder: &str, args: &[&str]) -> [String; 2] {
    let git = repo.git([&["-C", folder, "diff", "--no-ext-diff", "--no-textconv"], args].concat());
    let ours = repo.cellwise_in(folder, [&["diff"], args].concat()).ok();
    [git.stdout, ours]
}

#[test]
fn a_folder_is_compared_alone_as_in_git() {
    let repo = history();
    repo.write("sub/deep/d.ipynb", sources(&["d"])).write("sub/b.ipynb", sources(&["edited"]));
    repo.git(["add", "sub/deep"]).ok();
    for folder in [".", "sub", "sub/deep"] {
        for relative in
            ["--relative", "--relative=sub", "--relative=sub/", "--relative=", "--relative=no", "--no-relative"]
        {
            for typed in ["", "v1", "v1 v2", "--staged v1", "v1 -- :/a.ipynb :/sub", "HEAD:a.ipynb :sub/b.ipynb"] {
                let args: Vec<&str> = ["--name-status", relative].into_iter().chain(typed.split_whitespace()).collect();
                let [git, ours] = both_in(&repo, folder, &args);
                assert_eq!(git, ours, "{folder}: {args:?}");
            }
        }
    }
    for last in [["--relative", "--no-relative"], ["--no-relative", "--relative"], ["--relative", "--relative=no"]] {
        let [git, ours] = both_in(&repo, "sub", &[&["--name-status", "v1"], &last[..]].concat());
        assert_eq!(git, ours, "{last:?}");
    }
    let header =
        |text: &str| text.lines().filter(|line| line.starts_with("diff ")).map(str::to_owned).collect::<Vec<_>>();
    let [git, ours] = both_in(&repo, "sub", &["--relative", "v1"]);
    assert!(!header(&git).is_empty());
    assert_eq!(header(&git), header(&ours));
}

#[test]
fn a_folder_is_compared_alone_where_the_setting_says_so() {
    let repo = history();
    for setting in ["true", "false", "yes"] {
        repo.git(["config", "diff.relative", setting]).ok();
        for args in [
            &["v1"][..],
            &["v1", "--no-relative"],
            &["v1", "--relative"],
            &["--staged", "v1"],
            &["v1:a.ipynb", "v2:a.ipynb"],
        ] {
            for folder in [".", "sub"] {
                let [git, ours] = both_in(&repo, folder, &[&["--name-only"], args].concat());
                assert_eq!(git, ours, "{setting} {folder}: {args:?}");
            }
        }
    }
    repo.git(["config", "diff.relative", "true"]).ok();
    repo.sh("git clone -q --bare . ../bare.git && git -C ../bare.git config diff.relative true").ok();
    let [git, ours] = both_in(&repo, "../bare.git", &["--name-only", "v1", "v2"]);
    assert_eq!(git, ours);
    assert!(ours.contains("sub/b.ipynb"));
}

#[test]
fn a_file_of_the_folder_alone_is_read_where_it_lies() {
    let repo = Repo::new();
    repo.write("n.ipynb", sources(&["top"])).write("sub/n.ipynb", sources(&["old"])).commit("one");
    repo.write("n.ipynb", sources(&["other"])).write("sub/n.ipynb", sources(&["new"]));
    let shown = repo.cellwise_in("sub", ["diff", "--relative"]).ok();
    assert!(shown.contains("+++ b/n.ipynb\n") && shown.contains("-old\n+new\n") && !shown.contains("other"), "{shown}");
    assert_eq!(repo.cellwise(["diff", "--relative=sub"]).ok(), shown);
}
