//! `cellwise doctor`: what git stores of notebooks.

use crate::doctor::{cured, found, found_in, with_notebook};
use crate::nb;
use crate::repo::{Repo, git_version};

/// Two branches that changed one line, each in its way; `main` is checked out.
fn two_sides(repo: &Repo) {
    repo.git(["checkout", "-q", "-b", "side"]).ok();
    repo.write("n.ipynb", nb::sources(&["a = 2"])).commit("side");
    repo.git(["checkout", "-q", "main"]).ok();
    repo.write("n.ipynb", nb::sources(&["a = 3"])).commit("main");
}

#[test]
fn open_merges_and_conflicts_that_were_staged_are_named() {
    let repo = with_notebook();
    two_sides(&repo);
    repo.git(["merge", "-q", "side"]).exits(1);
    let open = found_in(&repo, "");
    assert_eq!(open.ids(), ["unmerged"]);
    assert_eq!(open.get("unmerged")["advice"], "settle it with cellwise resolve n.ipynb, which stages it");
    repo.git(["add", "n.ipynb"]).ok();
    let staged = found_in(&repo, "");
    assert_eq!(staged.ids(), ["conflicts-staged"]);
    let advice = "settle them with cellwise resolve n.ipynb, then git add n.ipynb";
    assert_eq!(staged.get("conflicts-staged")["advice"], advice);
    repo.git(["commit", "-q", "-m", "merged"]).ok();
    assert_eq!(found_in(&repo, "").ids(), ["conflicts-staged"]);
    repo.write("n.ipynb", nb::sources(&["a = 5"])).commit("settled");
    assert_eq!(found_in(&repo, "").ids(), [""; 0]);
}

#[test]
fn markers_between_the_lines_are_named() {
    let repo = Repo::new();
    repo.write("n.ipynb", nb::sources(&["a = 1"])).commit("one");
    two_sides(&repo);
    repo.git(["merge", "-q", "side"]).exits(1);
    repo.commit("markers");
    repo.cellwise(["install"]).ok();
    let found = found_in(&repo, "");
    assert_eq!(found.ids(), ["markers-staged"]);
    let advice = "settle them with cellwise resolve n.ipynb, then git add n.ipynb";
    assert_eq!(found.get("markers-staged")["advice"], advice);
    repo.cellwise(["resolve", "--ours", "n.ipynb"]).exits(0);
    repo.git(["add", "n.ipynb"]).ok();
    assert_eq!(found_in(&repo, "").ids(), [""; 0]);
}

#[test]
fn files_that_a_killed_command_left_are_named() {
    let repo = with_notebook();
    // What people call their own files is theirs.
    repo.write("sub/.cellwise-old-a1B2c3", "old")
        .write(".cellwise-notes", "mine")
        .write("sub/.cellwise-old-is", "mine");
    let found = found_in(&repo, "");
    assert_eq!(found.ids(), ["left-copy"]);
    let advice =
        "if a file beside it is cut short, cat sub/.cellwise-old-a1B2c3 into it; then rm sub/.cellwise-old-a1B2c3";
    assert_eq!(found.get("left-copy")["advice"], advice);
    repo.sh("rm sub/.cellwise-old-*").ok();
    repo.write("sub dir/.cellwise-Zz0Zz0", "new");
    cured(&repo, &["left-temporary"]);
    assert!(!repo.has("sub dir/.cellwise-Zz0Zz0") && repo.has(".cellwise-notes"));
}

#[test]
fn a_blob_that_git_cannot_read_hides_no_other() {
    let repo = with_notebook();
    repo.write("a.ipynb", nb::sources(&["broken"])).commit("broken");
    let id = repo.git(["rev-parse", "HEAD:a.ipynb"]).ok();
    two_sides(&repo);
    repo.git(["merge", "-q", "side"]).exits(1);
    repo.git(["add", "n.ipynb"]).ok();
    let (folder, file) = id.trim().split_at(2);
    let object = repo.path().join(".git/objects").join(folder).join(file);
    std::fs::remove_file(&object).unwrap();
    std::fs::write(&object, "no object").unwrap();
    let run = repo.cellwise(["doctor", "--json"]).exits(1);
    assert_eq!(found(&run).ids(), ["conflicts-staged"]);
    assert_eq!(run.stderr, "");
}

#[test]
fn notebooks_from_before_the_filter_are_named() {
    let repo = with_notebook();
    repo.write("out.ipynb", nb::notebook(&[nb::ran("a", "print(1)", 1, "1\n")])).commit("two");
    assert_eq!(found_in(&repo, "").ids(), [""; 0]);
    repo.cellwise(["install", "--filter"]).ok();
    let ids = ["not-normalized", "renormalize"];
    // Not advised where it does harm.
    let found = cured(&repo, if git_version() >= [2, 34, 0] { &ids } else { &ids[..1] });
    let message = found.get("not-normalized")["message"].as_str().unwrap();
    assert!(message.contains("out.ipynb;"), "{message}");
}

#[test]
fn of_many_notebooks_the_first_are_read_and_the_rest_on_demand() {
    let repo = with_notebook();
    for number in 0..210 {
        repo.write(&format!("many/{number:03}.ipynb"), nb::sources(&["a"]));
    }
    repo.write("z.ipynb", "{\n<<<<<<< a\n1\n=======\n2\n>>>>>>> b\n}\n").commit("many");
    let said = repo.cellwise(["doctor"]).ok();
    assert!(said.contains("212 tracked notebooks (not the contents of 12, which --all reads too)."), "{said}");
    let all = repo.cellwise(["doctor", "--all", "--json"]);
    assert!(all.stdout.contains("\"unread\": 0"), "{}", all.stdout);
    assert_eq!(found(&all).ids(), ["markers-staged"]);
}

#[test]
fn links_and_folders_are_no_notebooks() {
    let repo = with_notebook();
    repo.write("folder.ipynb/readme", "x");
    repo.sh("ln -s nowhere link.ipynb").ok();
    repo.commit("two");
    let said = repo.cellwise(["doctor"]).ok();
    assert!(said.contains("1 tracked notebook."), "{said}");
}
