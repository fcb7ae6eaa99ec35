//! Which notebooks differ: libgit2 and the git executable must give the same answer.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use cellwise::git::revisions::{Area, Change, Comparison, Content, Repository, RevisionError, Status};

use crate::repo::Repo;

/// `STATUS before -> after (where after is)` of each change, the same from both ways of asking.
#[track_caller]
fn changes_in(repo: &Repo, folder: &str, revisions: &[&str], area: Area, paths: &[&str]) -> Vec<String> {
    let dir = repo.path().join(folder);
    let revisions: Vec<String> = revisions.iter().map(ToString::to_string).collect();
    let comparison = Comparison::of(&revisions, area).unwrap();
    let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
    let [one, other] = [Repository::discover(&dir), Repository::through_executable(&dir)].map(|repository| {
        let repository = repository.unwrap();
        let changes = repository.changes(&comparison, &paths).unwrap();
        for change in &changes {
            repository.read(&change.before).unwrap();
            repository.read(&change.after).unwrap();
        }
        changes
    });
    assert_eq!(one, other, "libgit2 and git disagree");
    one.iter().map(shown).collect()
}

#[track_caller]
fn changes(repo: &Repo, revisions: &[&str], area: Area) -> Vec<String> {
    changes_in(repo, "", revisions, area, &[])
}

fn shown(change: &Change) -> String {
    let side = |side: &cellwise::git::revisions::Side| match side.content {
        Content::Absent => "-".to_owned(),
        Content::Blob => side.path.display().to_string(),
        Content::WorkTree(_) => format!("{}*", side.path.display()),
    };
    format!("{:?} {} {}", change.status, side(&change.before), side(&change.after))
}

fn lines(count: usize) -> String {
    (0..count).map(|line| format!("line {line}\n")).collect()
}

/// Two commits, then a staged and an unstaged change.
fn history() -> Repo {
    let repo = Repo::new();
    repo.write("a.ipynb", lines(30)).write("sub/B.IPYNB", "b\n");
    repo.write("gone.ipynb", "gone\n").write("x.txt", "x\n").commit("one");
    repo.git(["tag", "v1"]).ok();
    repo.git(["mv", "a.ipynb", "sub/moved.ipynb"]).ok();
    fs::remove_file(repo.path().join("gone.ipynb")).unwrap();
    repo.write("sub/moved.ipynb", lines(31)).write("x.txt", "y\n").commit("two");
    repo.write("staged.ipynb", "staged\n");
    repo.git(["add", "-A"]).ok();
    repo.write("sub/B.IPYNB", "bb\n").write("untracked.ipynb", "u\n");
    repo
}

#[test]
fn every_comparison_lists_its_notebooks() {
    let repo = history();
    assert_eq!(changes(&repo, &[], Area::WorkTree), ["Modified sub/B.IPYNB sub/B.IPYNB*"]);
    assert_eq!(changes(&repo, &[], Area::Index), ["Added - staged.ipynb"]);
    let moved = "Renamed a.ipynb sub/moved.ipynb";
    let between = ["Deleted gone.ipynb -", moved];
    assert_eq!(changes(&repo, &["v1", "HEAD"], Area::WorkTree), between);
    assert_eq!(changes(&repo, &["v1.."], Area::WorkTree), between);
    assert_eq!(changes(&repo, &["v1"], Area::Index), ["Deleted gone.ipynb -", "Added - staged.ipynb", moved]);
    assert_eq!(
        changes(&repo, &["v1"], Area::WorkTree),
        [
            "Deleted gone.ipynb -",
            "Added - staged.ipynb*",
            "Modified sub/B.IPYNB sub/B.IPYNB*",
            "Renamed a.ipynb sub/moved.ipynb*"
        ]
    );
}

#[test]
fn three_dots_start_at_the_common_ancestor() {
    let repo = history();
    repo.git(["stash", "-q", "-u"]).ok();
    repo.git(["checkout", "-q", "-b", "topic", "v1"]).ok();
    repo.write("topic.ipynb", "t\n").commit("topic");
    let expected = ["Added - topic.ipynb"];
    assert_eq!(changes(&repo, &["main...topic"], Area::WorkTree), expected);
    assert_eq!(changes(&repo, &["main..."], Area::WorkTree), expected);
}

#[test]
fn pathspecs_count_from_the_folder() {
    let repo = history();
    let of = |folder, paths| changes_in(&repo, folder, &["v1"], Area::Index, paths);
    assert_eq!(of("", &["sub"]), ["Added - sub/moved.ipynb"]);
    assert_eq!(of("sub", &["."]), ["Added - sub/moved.ipynb"]);
    assert_eq!(of("sub", &["../staged.ipynb"]), ["Added - staged.ipynb"]);
    assert_eq!(of("sub", &[":/gone*"]), ["Deleted gone.ipynb -"]);
    assert_eq!(of("sub", &[]).len(), 3);
    assert_eq!(of("", &["*.ipynb", ":!sub"]).len(), 3);
}

#[test]
fn both_sides_can_be_read() {
    let repo = history();
    let dir = repo.path();
    for repository in [Repository::discover(dir), Repository::through_executable(dir)] {
        let repository = repository.unwrap();
        let comparison = Comparison::of(&[], Area::WorkTree).unwrap();
        let changes = repository.changes(&comparison, &[]).unwrap();
        assert_eq!(&*repository.read(&changes[0].before).unwrap(), b"b\n");
        assert_eq!(&*repository.read(&changes[0].after).unwrap(), b"bb\n");
        assert_eq!(changes[0].before.mode, 0o100_644);
        assert_eq!(changes[0].before.oid.as_ref().map(String::len), Some(40));
        assert_eq!(changes[0].after.oid, None);
    }
}

#[test]
fn before_the_first_commit_everything_staged_is_new() {
    let repo = Repo::new();
    repo.write("a.ipynb", "a\n");
    repo.git(["add", "-A"]).ok();
    assert_eq!(changes(&repo, &[], Area::Index), ["Added - a.ipynb"]);
}

#[test]
fn unmerged_notebooks_are_reported_as_such() {
    let repo = Repo::new();
    repo.write("a.ipynb", "1\n").commit("base");
    repo.git(["checkout", "-q", "-b", "side"]).ok();
    repo.write("a.ipynb", "2\n").commit("theirs");
    repo.git(["checkout", "-q", "main"]).ok();
    repo.write("a.ipynb", "3\n").commit("ours");
    repo.git(["merge", "-q", "side"]).exits(1);
    assert_eq!(changes(&repo, &[], Area::WorkTree), ["Unmerged a.ipynb a.ipynb*"]);
    assert_eq!(changes(&repo, &[], Area::Index), ["Unmerged a.ipynb -"]);
    assert_eq!(changes(&repo, &["HEAD"], Area::WorkTree), ["Unmerged a.ipynb a.ipynb*"]);
    assert_eq!(changes(&repo, &["HEAD~", "HEAD"], Area::WorkTree), ["Modified a.ipynb a.ipynb"]);
}

#[test]
fn modes_and_links_are_seen() {
    let repo = Repo::new();
    repo.write("a.ipynb", "a\n").write("b.ipynb", "b\n").commit("one");
    repo.git(["update-index", "--chmod=+x", "a.ipynb"]).ok();
    #[cfg(unix)]
    {
        fs::remove_file(repo.path().join("b.ipynb")).unwrap();
        std::os::unix::fs::symlink("a.ipynb", repo.path().join("b.ipynb")).unwrap();
        assert_eq!(changes(&repo, &["HEAD"], Area::WorkTree).last().unwrap(), "TypeChanged b.ipynb b.ipynb*");
    }
    assert_eq!(changes(&repo, &[], Area::Index), ["Modified a.ipynb a.ipynb"]);
}

#[test]
fn staged_and_changed_back_is_no_difference() {
    let repo = Repo::new();
    repo.write("a.ipynb", "1\n").commit("one");
    repo.write("a.ipynb", "2\n").git(["add", "-A"]).ok();
    assert_eq!(changes(&repo, &["HEAD"], Area::WorkTree), ["Modified a.ipynb a.ipynb*"]);
    repo.write("a.ipynb", "1\n");
    assert!(changes(&repo, &["HEAD"], Area::WorkTree).is_empty());
    assert_eq!(changes(&repo, &[], Area::Index).len(), 1);
}

#[test]
fn index_and_files_may_tell_different_stories() {
    let repo = Repo::new();
    for name in ["untracked", "removed", "moved", "chmod", "link", "same"] {
        repo.write(&format!("{name}.ipynb"), name.repeat(20)).write("x.txt", name);
    }
    repo.commit("one");
    repo.git(["rm", "-q", "--cached", "untracked.ipynb"]).ok();
    fs::remove_file(repo.path().join("removed.ipynb")).unwrap();
    fs::rename(repo.path().join("moved.ipynb"), repo.path().join("to.ipynb")).unwrap();
    repo.git(["update-index", "--chmod=+x", "chmod.ipynb"]).ok();
    repo.write("gone.ipynb", "added, then removed\n").write("x.txt", "y");
    repo.git(["add", "gone.ipynb", "x.txt"]).ok();
    fs::remove_file(repo.path().join("gone.ipynb")).unwrap();
    // Rewritten with the same bytes: the time stamp alone is no change.
    repo.write("same.ipynb", "same".repeat(20));
    let deleted = ["Deleted moved.ipynb -", "Deleted removed.ipynb -"];
    assert_eq!(changes(&repo, &["HEAD"], Area::WorkTree), [&deleted[..], &["Deleted untracked.ipynb -"]].concat());
    assert_eq!(
        changes(&repo, &[], Area::WorkTree),
        ["Modified chmod.ipynb chmod.ipynb*", "Deleted gone.ipynb -", deleted[0], deleted[1]]
    );
    assert_eq!(
        changes(&repo, &[], Area::Index),
        ["Modified chmod.ipynb chmod.ipynb", "Added - gone.ipynb", "Deleted untracked.ipynb -"]
    );
}

#[test]
fn line_ends_that_git_converts_are_no_difference() {
    let repo = Repo::new();
    repo.git(["config", "core.autocrlf", "true"]).ok();
    repo.write("a.ipynb", "1\n2\n").commit("one");
    repo.write("a.ipynb", "1\r\n2\r\n");
    assert!(changes(&repo, &[], Area::WorkTree).is_empty());
    assert!(changes(&repo, &["HEAD"], Area::WorkTree).is_empty());
}

#[cfg(unix)]
#[test]
fn names_of_any_kind_come_through() {
    let repo = Repo::new();
    let names =
        ["a b.ipynb", "-dash.ipynb", "q\"uote.ipynb", "new\nline.ipynb", "\u{e9}\u{1f600}.ipynb", "b[1]*.ipynb"];
    for name in names {
        repo.write(name, "1\n");
    }
    repo.git(["add", "-A"]).ok();
    assert_eq!(changes(&repo, &[], Area::Index).len(), names.len());
    for name in names.map(|name| format!("./{name}")) {
        assert_eq!(changes_in(&repo, "", &[], Area::Index, &[&name]).len(), 1, "{name}");
    }
}

#[test]
fn an_intended_addition_is_an_addition() {
    let repo = Repo::new();
    repo.write("a.ipynb", "a\n").commit("one");
    repo.write("new.ipynb", "n\n");
    repo.git(["add", "-N", "new.ipynb"]).ok();
    assert_eq!(changes(&repo, &[], Area::WorkTree), ["Added - new.ipynb*"]);
    assert!(changes(&repo, &[], Area::Index).is_empty());
    assert_eq!(changes(&repo, &["HEAD"], Area::WorkTree), ["Added - new.ipynb*"]);
}

#[test]
fn what_a_filter_makes_equal_is_equal() {
    let repo = Repo::new();
    repo.git(["config", "filter.upper.clean", "tr a-z A-Z"]).ok();
    repo.write(".gitattributes", "*.ipynb filter=upper\n").write("a.ipynb", "abc\n").commit("one");
    repo.write("a.ipynb", "ABC\n");
    assert!(changes(&repo, &[], Area::WorkTree).is_empty());
    repo.write("a.ipynb", "abcd\n");
    assert_eq!(changes(&repo, &[], Area::WorkTree), ["Modified a.ipynb a.ipynb*"]);
}

#[test]
fn repositories_that_libgit2_refuses_answer_too() {
    for options in [&["--object-format=sha256"][..], &["--ref-format=reftable"]] {
        let version = Repo::new().git(["init", "-q", "probe"].iter().chain(options));
        if version.code != 0 {
            continue;
        }
        let repo = Repo::init(options);
        repo.write("a.ipynb", "1\n").commit("one");
        repo.write("a.ipynb", "2\n").commit("two");
        assert_eq!(changes(&repo, &["HEAD~", "HEAD"], Area::WorkTree), ["Modified a.ipynb a.ipynb"]);
        assert!(changes(&repo, &[], Area::WorkTree).is_empty());
    }
}

#[test]
fn a_sparse_index_is_no_obstacle() {
    let repo = Repo::new();
    repo.write("in/a.ipynb", "1\n").write("out/b.ipynb", "1\n").commit("one");
    repo.write("out/b.ipynb", "2\n").commit("two");
    repo.git(["sparse-checkout", "set", "--cone", "--sparse-index", "in"]).ok();
    repo.write("in/a.ipynb", "2\n");
    assert_eq!(changes(&repo, &[], Area::WorkTree), ["Modified in/a.ipynb in/a.ipynb*"]);
    // What is not checked out is read from the index.
    assert_eq!(
        changes(&repo, &["HEAD~"], Area::WorkTree),
        ["Modified in/a.ipynb in/a.ipynb*", "Modified out/b.ipynb out/b.ipynb"]
    );
}

#[test]
fn a_bare_repository_compares_revisions_only() {
    let repo = Repo::new();
    repo.write("a.ipynb", "1\n").commit("one");
    repo.write("a.ipynb", "2\n").commit("two");
    repo.git(["clone", "-q", "--bare", ".", "../bare.git"]).ok();
    assert_eq!(changes_in(&repo, "../bare.git", &["HEAD~", "HEAD"], Area::WorkTree, &[]), ["Modified a.ipynb a.ipynb"]);
    let bare = Repository::discover(&repo.outside("bare.git")).unwrap();
    assert!(matches!(bare.changes(&Comparison::Unstaged, &[]), Err(RevisionError::Bare)));
}

#[test]
fn arguments_are_split_as_git_splits_them() {
    let repo = history();
    repo.git(["branch", "x.txt"]).ok();
    let repository = Repository::discover(repo.path()).unwrap();
    let split = |arguments: &[&str]| {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        repository.split(&arguments).map_err(|error| error.to_string())
    };
    let (revisions, paths) = split(&["v1", "HEAD", "sub", "*.ipynb"]).unwrap();
    assert_eq!((revisions, paths), (vec!["v1".into(), "HEAD".into()], vec!["sub".into(), "*.ipynb".into()]));
    assert_eq!(split(&["v1..main"]).unwrap().0, ["v1..main"]);
    assert!(split(&["x.txt"]).unwrap_err().contains("both a revision and a file"));
    assert!(split(&["v1", "nosuch"]).unwrap_err().starts_with("`nosuch` is neither"));
    assert!(split(&["sub", "nosuch"]).unwrap_err().starts_with("`nosuch` is neither"));
}

#[test]
fn unknown_revisions_are_named() {
    let repo = history();
    let repository = Repository::discover(repo.path()).unwrap();
    for revisions in [&["nosuch"][..], &["HEAD", "nosuch"], &["HEAD...nosuch"], &["--output=nosuch"]] {
        let revisions: Vec<String> = revisions.iter().map(ToString::to_string).collect();
        let comparison = Comparison::of(&revisions, Area::WorkTree).unwrap();
        let error = repository.changes(&comparison, &[]).unwrap_err().to_string();
        assert!(error.contains("nosuch`"), "{error}");
    }
    assert!(!repo.has("nosuch"));
}

#[test]
fn unrelated_histories_have_no_common_ancestor() {
    let repo = history();
    repo.git(["checkout", "-q", "--orphan", "island"]).ok();
    repo.commit("island");
    let repository = Repository::discover(repo.path()).unwrap();
    let comparison = Comparison::of(&["main...island".to_owned()], Area::WorkTree).unwrap();
    let error = repository.changes(&comparison, &[]).unwrap_err();
    assert!(matches!(error, RevisionError::NoMergeBase { .. }), "{error}");
}

#[test]
fn no_repository_is_said_so() {
    let folder = tempfile::tempdir().unwrap();
    for found in [Repository::discover(folder.path()), Repository::through_executable(folder.path())] {
        let Err(error) = found else { panic!("found one") };
        assert!(matches!(error, RevisionError::NoRepository(_)), "{error}");
    }
    assert!(Repository::discover(Path::new("/no/such/folder")).is_err());
}

#[test]
fn a_status_is_one_of_gits() {
    // Renames keep both names, so that a caller can say from where.
    let repo = history();
    let repository = Repository::discover(repo.path()).unwrap();
    let comparison = Comparison::of(&["v1".to_owned()], Area::Index).unwrap();
    let changes = repository.changes(&comparison, &[]).unwrap();
    let renamed: Vec<&Change> = changes.iter().filter(|change| change.status == Status::Renamed).collect();
    assert_eq!(renamed.len(), 1);
    assert_ne!(renamed[0].before.path, renamed[0].after.path);
}
