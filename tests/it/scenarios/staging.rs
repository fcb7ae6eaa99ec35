//! Scenario 29: staging of chosen cells, beside all that git does when it stages.

#![allow(clippy::unwrap_used)]

use std::fs;

#[cfg(unix)]
use crate::nb::{cells, source};
use crate::nb::{code, notebook, ran, sources};
use crate::repo::Repo;

const NAME: &str = "n.ipynb";
const BEFORE: [&str; 3] = ["import os", "x = 1", "print(x)"];
const AFTER: [&str; 3] = ["import os, sys", "x = 1", "print(x + 1)"];
/// The change of the first cell and no other.
const FIRST: [&str; 3] = ["import os, sys", "x = 1", "print(x)"];

/// What is staged under [`NAME`].
fn staged(repo: &Repo) -> String {
    repo.stored(":n.ipynb")
}

/// The sources of a file's cells.
#[cfg(unix)]
fn texts(file: impl AsRef<[u8]>) -> Vec<String> {
    cells(file.as_ref()).iter().map(source).collect()
}

/// A repository with two changes that are not staged.
fn changed() -> Repo {
    let repo = Repo::new();
    repo.write(NAME, sources(&BEFORE)).commit("base");
    repo.write(NAME, sources(&AFTER));
    repo
}

#[cfg(unix)]
fn mode(repo: &Repo) -> String {
    repo.git(["ls-files", "--stage", NAME]).ok()[..6].to_owned()
}

#[test]
fn scenario_29_the_chosen_cell_is_staged_and_no_other() {
    let repo = changed();
    let said = repo.cellwise(["add", "--cell", "1", NAME]).ok();
    assert_eq!(said, "n.ipynb: staged 1 of 2 changed cells\n");
    assert_eq!(staged(&repo), sources(&FIRST));
    assert_eq!(repo.read(NAME), sources(&AFTER));
    assert_eq!(repo.git(["status", "--short"]).ok(), "MM n.ipynb\n");
    repo.cellwise(["add", "--cell", "3", NAME]).ok();
    assert_eq!(repo.git(["status", "--short"]).ok(), "M  n.ipynb\n", "git sees no difference");
}

#[test]
#[cfg(unix)]
fn scenario_29_the_executable_bit_of_the_index_stays() {
    use std::os::unix::fs::PermissionsExt as _;
    let repo = changed();
    let permissions = |bits| fs::set_permissions(repo.path().join(NAME), fs::Permissions::from_mode(bits)).unwrap();
    permissions(0o755);
    repo.cellwise(["add", "--cell", "1", NAME]).ok();
    assert_eq!((mode(&repo).as_str(), staged(&repo)), ("100644", sources(&FIRST)));
    let blob = repo.git(["rev-parse", &format!(":{NAME}")]).ok();
    repo.git(["update-index", "--cacheinfo", &format!("100755,{},{NAME}", blob.trim())]).ok();
    permissions(0o644);
    repo.cellwise(["add", "--cell", "3", NAME]).ok();
    assert_eq!((mode(&repo).as_str(), staged(&repo)), ("100755", sources(&AFTER)));
    let only_mode = repo.cellwise_reading("y\n", ["add", "-p"]).ok();
    assert_eq!(only_mode, "", "a mode is no cell");
}

#[test]
fn scenario_29_a_new_notebook_by_cells_after_its_name() {
    let repo = Repo::new();
    repo.commit("empty").write(NAME, sources(&AFTER));
    let refused = repo.cellwise(["add", "--cell", "1", NAME]).exits(129);
    assert!(refused.stderr.contains("`git add -N`"), "{}", refused.stderr);
    repo.git(["add", "-N", NAME]).ok();
    let said = repo.cellwise_reading("n\ny\nn\n", ["add", "-p"]).ok();
    assert!(said.starts_with("diff --git a/n.ipynb b/n.ipynb\nnew file mode 100644\n--- /dev/null\n"), "{said}");
    assert_eq!(staged(&repo), notebook(&[code("b", "x = 1")]));
    assert_eq!(repo.git(["status", "--short"]).ok(), "AM n.ipynb\n");
    repo.cellwise_reading("a\n", ["add", "-p"]).ok();
    assert_eq!((staged(&repo), repo.git(["status", "--short"]).ok()), (sources(&AFTER), "A  n.ipynb\n".to_owned()));
}

#[test]
#[cfg(unix)]
fn scenario_29_a_new_notebook_has_the_mode_of_its_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let repo = Repo::new();
    repo.write(NAME, sources(&AFTER)).git(["add", "-N", NAME]).ok();
    fs::set_permissions(repo.path().join(NAME), fs::Permissions::from_mode(0o755)).unwrap();
    repo.cellwise(["add", "--cell", "2,3", NAME]).ok();
    assert_eq!((mode(&repo).as_str(), texts(staged(&repo))), ("100755", vec!["x = 1".into(), "print(x + 1)".into()]));
}

#[test]
fn scenario_29_line_ends_are_those_of_the_repository() {
    let crlf = |file: &str| file.replace('\n', "\r\n");
    let repo = Repo::new();
    repo.git(["config", "core.autocrlf", "true"]).ok();
    repo.write(NAME, sources(&BEFORE)).commit("stored with LF");
    repo.write(NAME, crlf(&sources(&AFTER)));
    let said = repo.cellwise(["add", "--cell", "1", NAME]).ok();
    assert_eq!((said.as_str(), staged(&repo)), ("n.ipynb: staged 1 of 2 changed cells\n", sources(&FIRST)));
    assert_eq!(repo.read(NAME), crlf(&sources(&AFTER)));

    let repo = Repo::new();
    repo.write(NAME, crlf(&sources(&BEFORE))).commit("stored with CR LF");
    // What is stored so stays so, though git would store a new file with LF.
    repo.git(["config", "core.autocrlf", "true"]).ok();
    repo.write(NAME, crlf(&sources(&AFTER)));
    repo.cellwise(["add", "--cell", "1", NAME]).ok();
    assert_eq!(staged(&repo), crlf(&sources(&FIRST)));
}

#[test]
fn scenario_29_another_encoding_is_not_stored() {
    let repo = Repo::new();
    repo.write(".gitattributes", "*.ipynb text working-tree-encoding=UTF-16LE eol=lf\n");
    let encoded = |file: &str| file.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    repo.write(NAME, encoded(&sources(&BEFORE))).commit("base");
    repo.write(NAME, encoded(&sources(&AFTER)));
    repo.cellwise(["add", "--cell", "1", NAME]).ok();
    assert_eq!(staged(&repo), sources(&FIRST));
}

#[test]
fn scenario_29_the_filter_drops_what_it_drops() {
    let repo = Repo::filtering();
    let file = |texts: &[&str; 3], count: u32| {
        let ids = ["a", "b", "c"].iter().zip(texts);
        notebook(&ids.map(|(id, text)| ran(id, text, count, "a secret\n")).collect::<Vec<_>>())
    };
    repo.write(NAME, file(&BEFORE, 1)).commit("base");
    assert_eq!(staged(&repo), sources(&BEFORE));
    repo.write(NAME, file(&AFTER, 2));
    let said = repo.cellwise(["add", "--cell", "3", NAME]).ok();
    assert_eq!(said, "n.ipynb: staged 1 of 2 changed cells\n", "a run is no change");
    assert_eq!(staged(&repo), sources(&["import os", "x = 1", "print(x + 1)"]));
    assert_eq!(repo.read(NAME), file(&AFTER, 2));

    // Nor with line ends that git leaves alone.
    let crlf = |file: String| file.replace('\n', "\r\n");
    repo.git(["config", "core.autocrlf", "false"]).ok();
    repo.write(NAME, crlf(file(&BEFORE, 1))).commit("with CR LF");
    repo.git(["config", "core.autocrlf", "true"]).ok();
    repo.write(NAME, crlf(file(&AFTER, 2)));
    repo.cellwise(["add", "--cell", "1", NAME]).ok();
    assert_eq!(staged(&repo), crlf(sources(&FIRST)));
}

#[test]
fn scenario_29_a_filter_that_fails_stages_nothing() {
    let repo = changed();
    repo.git(["config", "filter.broken.clean", "false"]).ok();
    repo.git(["config", "filter.broken.required", "true"]).ok();
    repo.attributes("*.ipynb filter=broken\n");
    let refused = repo.cellwise(["add", "--cell", "1", NAME]).exits(129);
    assert!(refused.stderr.contains("clean filter 'broken' failed"), "{}", refused.stderr);
    assert_eq!(staged(&repo), sources(&BEFORE));
}

#[test]
fn scenario_29_an_unmerged_notebook_is_refused() {
    let repo = changed();
    repo.git(["checkout", "-q", "-b", "side"]).ok();
    repo.commit("one side").git(["checkout", "-q", "main"]).ok();
    repo.write(NAME, sources(&["import sys", "x = 1", "print(x)"])).commit("other side");
    repo.git(["merge", "-q", "side"]).exits(1);
    let (entries, file) = (repo.git(["ls-files", "--stage"]).ok(), repo.bytes(NAME));
    for args in [&["add", "--cell", "1", NAME][..], &["add", "-p"], &["add", "-p", NAME]] {
        let refused = repo.cellwise_reading("y\n", args).exits(129);
        assert!(refused.stderr.contains("`cellwise resolve` settles that first"), "{}", refused.stderr);
        assert_eq!((refused.stderr.lines().count(), refused.stdout.as_str()), (1, ""));
    }
    assert_eq!((repo.git(["ls-files", "--stage"]).ok(), repo.bytes(NAME)), (entries, file));
}

#[test]
fn scenario_29_a_locked_index_stays_as_it_is() {
    let repo = changed();
    let index = repo.bytes(".git/index");
    repo.write(".git/index.lock", "");
    let refused = repo.cellwise(["add", "--cell", "1", NAME]).exits(129);
    assert!(refused.stderr.starts_with("cellwise: n.ipynb: another git command is running"), "{}", refused.stderr);
    assert_eq!((refused.stderr.lines().count(), refused.stdout.as_str()), (1, ""));
    assert_eq!(repo.bytes(".git/index"), index);
    fs::remove_file(repo.path().join(".git/index.lock")).unwrap();
    assert_eq!(staged(&repo), sources(&BEFORE));
}

#[test]
fn scenario_29_another_index_by_its_variable() {
    let repo = changed();
    // git counts it from the top, wherever it is started.
    let tool = env!("CARGO_BIN_EXE_cellwise");
    repo.write("sub/here", "");
    repo.sh(&format!("cp .git/index other && cd sub && GIT_INDEX_FILE=other '{tool}' add --cell 1 ../{NAME}")).ok();
    assert_eq!(staged(&repo), sources(&BEFORE), "the usual index is as it was");
    let other = repo.sh(&format!("GIT_INDEX_FILE=other git cat-file blob :{NAME}")).ok();
    assert_eq!(other, sources(&FIRST));
}

#[test]
fn scenario_29_a_file_as_old_as_the_index() {
    let repo = changed();
    // Same size, same time: git compares the bytes, for the index is no younger.
    let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
    let set =
        |path: &str| fs::File::options().write(true).open(repo.path().join(path)).unwrap().set_modified(time).unwrap();
    repo.write(NAME, sources(&["x = 1"]));
    set(NAME);
    repo.git(["-c", "core.trustctime=false", "add", NAME]).ok();
    repo.git(["config", "core.trustctime", "false"]).ok();
    repo.write(NAME, sources(&["x = 2"]));
    set(NAME);
    set(".git/index");
    repo.cellwise(["add", "--cell", "1", NAME]).ok();
    assert_eq!(staged(&repo), sources(&["x = 2"]));
}
