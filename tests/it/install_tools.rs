//! The tools that `cellwise install` writes: `git difftool -t cellwise` and `git mergetool -t cellwise`.

#![allow(clippy::unwrap_used)]

use crate::doctor::{cured, found_in, with_notebook};
use crate::git_merge::branches;
use crate::nb::sources;
use crate::repo::Repo;

const DIFFTOOL: [&str; 4] = ["difftool", "-y", "-t", "cellwise"];

fn difftool(repo: &Repo, more: &[&str]) -> String {
    repo.git([&DIFFTOOL[..], more].concat()).ok()
}

#[test]
fn installing_writes_tools_and_makes_none_the_tool_for_all_files() {
    let repo = Repo::new();
    repo.git(["config", "mergetool.cellwise.cmd", "mine"]).ok();
    repo.git(["config", "mergetool.prompt", "true"]).ok();
    let before = repo.read(".git/config");
    repo.cellwise(["install"]).ok();
    let listed = repo.git(["config", "--local", "--get-regexp", r"^(difftool|mergetool|diff\.tool|merge\.tool)"]).ok();
    let program = env!("CARGO_BIN_EXE_cellwise");
    let lines = [
        format!(r#"mergetool.cellwise.cmd "{program}" mergetool -- "$BASE" "$LOCAL" "$REMOTE" "$MERGED""#),
        "mergetool.cellwise.trustexitcode true".to_owned(),
        "mergetool.cellwise.hideresolved false".to_owned(),
        "mergetool.prompt true".to_owned(),
        format!(r#"difftool.cellwise.cmd "{program}" difftool -- "$LOCAL" "$REMOTE" "$MERGED""#),
    ];
    let (mut listed, mut lines) =
        (listed.lines().collect::<Vec<_>>(), lines.iter().map(String::as_str).collect::<Vec<_>>());
    listed.sort_unstable();
    lines.sort_unstable();
    assert_eq!(listed, lines);
    let installed = repo.read(".git/config");
    repo.cellwise(["install"]).ok();
    assert_eq!(repo.read(".git/config"), installed);
    repo.cellwise(["uninstall"]).ok();
    assert_eq!(repo.read(".git/config"), before);
}

#[test]
fn scenario_08_our_difftool_shows_every_kind_of_change() {
    let repo = with_notebook();
    repo.write("-dash n.ipynb", sources(&["a = 1"])).write("gone.ipynb", sources(&["gone"])).write("t.txt", "old\n");
    repo.commit("more").write("t.txt", "new\n");
    for name in ["n.ipynb", "-dash n.ipynb", "sub/new.ipynb"] {
        repo.write(name, sources(&["a = 2"]));
    }
    repo.git(["add", "-N", "."]).ok();
    std::fs::remove_file(repo.path().join("gone.ipynb")).unwrap();
    let changes = [
        "diff --git a/-dash n.ipynb b/-dash n.ipynb\n--- a/-dash n.ipynb\t\n",
        "deleted file mode 100644\n--- a/gone.ipynb\n+++ /dev/null\n",
        "diff --git a/n.ipynb b/n.ipynb\n--- a/n.ipynb\n+++ b/n.ipynb\n@@ -2 +2 @@ cell 1 code\n-a = 1\n+a = 2\n",
        "new file mode 100644\n--- /dev/null\n+++ b/sub/new.ipynb\n",
        "--- a/t.txt\n+++ b/t.txt\n@@ -1 +1 @@\n-old\n+new\n",
    ];
    // Once for each file, and once for two folders that git fills.
    for options in [&["--no-renames"][..], &["--no-renames", "-d"], &["--no-renames", "-d", "--no-symlinks"]] {
        let shown = difftool(&repo, options);
        for change in changes {
            assert!(shown.contains(change), "{options:?}: {change}: {shown}");
        }
        assert_eq!(shown.matches("diff --git ").count(), changes.len(), "{options:?}: {shown}");
    }
    let sub = repo.path().join("sub");
    let shown = repo.run("git".as_ref(), &sub, [&DIFFTOOL[..], &["--", "new.ipynb"]].concat()).ok();
    assert!(shown.contains("+++ b/sub/new.ipynb\n"), "{shown}");
    // Those that are staged, and commits.
    repo.commit("changed");
    assert_eq!(difftool(&repo, &[]), "");
    assert!(difftool(&repo, &["HEAD~", "HEAD", "--", "n.ipynb"]).contains("-a = 1\n+a = 2\n"));
}

#[test]
fn scenario_22_a_merge_tool_that_is_gone_leaves_the_conflict() {
    let [base, ours, theirs] = ["x = 0", "x = 1", "x = 2"].map(|line| sources(&[line]));
    let repo = branches(base, ours, theirs);
    repo.git(["merge", "-q", "side"]).exits(1);
    let conflict = repo.bytes("n.ipynb");
    repo.git(["config", "mergetool.cellwise.cmd", "'/no such/cellwise' mergetool -- \"$BASE\" \"$MERGED\""]).ok();
    repo.git(["mergetool", "-t", "cellwise", "--", "n.ipynb"]).exits(1);
    assert_eq!(repo.bytes("n.ipynb"), conflict);
    assert_eq!(repo.git(["status", "--porcelain", "--untracked-files=no"]).ok(), "UU n.ipynb\n");
}

#[test]
fn doctor_misses_tools_and_tries_the_one_that_asks_nobody() {
    let repo = with_notebook();
    repo.git(["config", "--remove-section", "mergetool.cellwise"]).ok();
    let found = cured(&repo, &["lines-differ"]);
    assert!(found.get("lines-differ")["message"].as_str().unwrap().contains("mergetool.cellwise.cmd"));
    let line = repo.git(["config", "difftool.cellwise.cmd"]).ok();
    repo.git(["config", "difftool.cellwise.cmd", &line.trim_end().replace("difftool", "difftoll")]).ok();
    repo.write("n.ipynb", sources(&["a = 2"]));
    let shown = repo.git(DIFFTOOL);
    assert!(!shown.stdout.contains("a = 2") && shown.stderr.contains("difftoll"), "{shown:?}");
    let found = cured(&repo, &["lines-differ", "difftool-fails"]);
    assert!(found.get("difftool-fails")["message"].as_str().unwrap().contains("difftoll"));
    found.is_at("difftool-fails", ".git/config (local)");
    assert!(difftool(&repo, &[]).contains("+a = 2\n"));
    assert_eq!(found_in(&repo, "").ids(), [""; 0]);
}
