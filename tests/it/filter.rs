//! The clean filter with real git: what is staged, what is refused, and what the other commands do under it.

#![allow(clippy::unwrap_used)]

use std::fs::{self, File};
use std::time::SystemTime;

use crate::nb::{code, notebook, ran, sources};
use crate::repo::Repo;

const NAME: &str = "n.ipynb";

/// A notebook that was run, and what is to be stored of it.
fn run(source: &str, count: u32) -> String {
    notebook(&[ran("a", source, count, "a secret\n")])
}

fn clean(source: &str) -> String {
    notebook(&[code("a", source)])
}

impl Repo {
    /// An empty repository with the drivers and the filter.
    pub(crate) fn filtering() -> Self {
        let repo = Self::installed();
        repo.filter();
        repo
    }

    /// Configures the filter, and the drivers as they are with it.
    pub(crate) fn filter(&self) {
        let tool = env!("CARGO_BIN_EXE_cellwise");
        for (key, value) in [
            ("filter.cellwise.process", format!("'{tool}' filter-process")),
            ("filter.cellwise.clean", format!("'{tool}' clean --path=%f")),
            ("filter.cellwise.smudge", "cat".to_owned()),
            ("filter.cellwise.required", "true".to_owned()),
            ("diff.jupyternotebook.command", format!("'{tool}' diff-driver --clean --")),
            ("diff.jupyternotebook.textconv", format!("'{tool}' textconv --clean --")),
        ] {
            self.git(["config", key, &value]).ok();
        }
        self.attributes("*.ipynb diff=jupyternotebook merge=jupyternotebook filter=cellwise\n*.zpln filter=cellwise\n");
    }

    /// The attributes of this repository, in the place of those it had.
    pub(crate) fn attributes(&self, lines: &str) {
        fs::write(self.path().join(".git/info/attributes"), lines).unwrap();
    }

    /// What is staged or committed under a name such as `:n.ipynb`.
    #[track_caller]
    pub(crate) fn stored(&self, name: &str) -> String {
        self.git(["cat-file", "blob", name]).ok()
    }
}

#[test]
fn scenario_23_what_is_staged_is_clean_and_the_file_stays() {
    let repo = Repo::filtering();
    repo.write(NAME, run("x = 1", 3)).git(["add", NAME]).ok();
    assert_eq!(repo.stored(":n.ipynb"), clean("x = 1"));
    assert_eq!(repo.read(NAME), run("x = 1", 3));
    assert_eq!(repo.git(["status", "--short"]).ok(), "A  n.ipynb\n");
}

#[test]
fn a_mistake_in_the_configuration_lets_nothing_through_that_the_project_drops() {
    let repo = Repo::filtering();
    let secret = notebook(&[code("a", "x")]).replace("\"metadata\": {}", "\"metadata\": {\"mine\": 1}");
    let sound = "[clean]\nextra-keys = ['cell.metadata.mine']\n";
    repo.write("cellwise.toml", sound).commit("one");
    let markers = format!("<<<<<<< a\n=======\n>>>>>>> b\n{sound}");
    for (broken, which) in [(markers, "staged"), ("[clean]\nextra-key = []\n".to_owned(), "committed")] {
        repo.write("cellwise.toml", broken);
        if which == "committed" {
            repo.git(["add", "cellwise.toml"]).ok();
        }
        let name = format!("{which}.ipynb");
        let run = repo.write(&name, &secret).git(["add", &name]).exits(0);
        assert!(run.stderr.contains(&format!("; the file holds as it is {which}\n")), "{run:?}");
        assert_eq!(repo.stored(&format!(":{name}")), notebook(&[code("a", "x")]));
    }
}

#[test]
fn the_filter_and_the_diffs_clean_as_the_project_configures_it() {
    let repo = Repo::filtering();
    repo.write("cellwise.toml", "[clean]\nkeep-output = true\n").write(NAME, run("x = 1", 3)).git(["add", "."]).ok();
    let kept = run("x = 1", 3).replace("\"execution_count\": 3", "\"execution_count\": null");
    assert_eq!(repo.stored(":n.ipynb"), kept);
    repo.git(["config", "--unset", "filter.cellwise.process"]).ok();
    repo.write("m.ipynb", run("x = 1", 3)).git(["add", "m.ipynb"]).ok();
    assert_eq!(repo.stored(":m.ipynb"), kept, "file by file too");
    repo.commit("one").write(NAME, run("x = 1", 14));
    assert_eq!(repo.git(["diff", "--no-ext-diff"]).ok(), "", "only a count is another");
    assert_eq!(repo.git(["diff"]).ok(), "");
    repo.write(NAME, run("x = 1", 14).replace("a secret", "another"));
    assert!(repo.git(["diff"]).ok().contains("stdout"), "an output that will be stored");
}

#[test]
fn a_mistake_in_the_configuration_is_said_once_and_leaks_nothing() {
    let repo = Repo::filtering();
    repo.write("cellwise.toml", "[clean\nkeep-output = true\n");
    repo.write(NAME, run("x = 1", 3)).write("m.ipynb", run("y = 1", 3));
    let said = repo.git(["add", "."]).exits(0).stderr;
    assert_eq!(said.matches("cellwise.toml").count(), 1, "{said}");
    assert_eq!(repo.stored(":n.ipynb"), clean("x = 1"));
    assert_eq!(repo.stored(":m.ipynb"), clean("y = 1"));
}

#[test]
fn scenario_23_another_run_is_no_change() {
    let repo = Repo::filtering();
    repo.write(NAME, run("x = 1", 3)).commit("one").write(NAME, run("x = 1", 14));
    for diff in
        [&["diff"][..], &["diff", "HEAD"], &["diff", "--no-ext-diff"], &["diff", "--stat"], &["diff", "--quiet"]]
    {
        assert_eq!(repo.git(diff).exits(0).stdout, "", "{diff:?}");
    }
    repo.git(["add", NAME]).ok();
    assert_eq!(repo.git(["status", "--short"]).ok(), "");
}

#[test]
fn scenario_23_a_checkout_gives_what_is_stored() {
    let repo = Repo::filtering();
    repo.write(NAME, run("x = 1", 3)).write("e.ipynb", "").write("z.zpln", "text").commit("one");
    repo.write(NAME, run("x = 2", 4)).commit("two");
    repo.git(["checkout", "-q", "HEAD~", "--", NAME]).ok();
    assert_eq!(repo.read(NAME), clean("x = 1"));
    for file in [NAME, "e.ipynb", "z.zpln"] {
        fs::remove_file(repo.path().join(file)).unwrap();
    }
    repo.git(["checkout", "-q", "-f", "HEAD"]).ok();
    assert_eq!(
        [repo.read(NAME), repo.read("e.ipynb"), repo.read("z.zpln")],
        [clean("x = 2"), String::new(), "text".to_owned()]
    );
}

#[test]
fn scenario_23_one_process_cleans_all_files() {
    let repo = Repo::filtering();
    let counted = format!("echo started >>.git/count; exec '{}' filter-process", env!("CARGO_BIN_EXE_cellwise"));
    repo.git(["config", "filter.cellwise.process", &counted]).ok();
    let names: Vec<String> = (0..40).map(|number| format!("folder {}/ü{number}.ipynb", number % 3)).collect();
    for name in &names {
        repo.write(name, run("x = 1", 3));
    }
    repo.git(["add", "-A"]).ok();
    assert_eq!(repo.read(".git/count"), "started\n");
    for name in &names {
        assert_eq!(repo.stored(&format!(":{name}")), clean("x = 1"));
    }
}

#[test]
fn scenario_23_an_unreadable_notebook_is_refused_and_the_index_stays() {
    let repo = Repo::filtering();
    repo.write(NAME, run("x = 1", 3)).write("b.ipynb", run("y = 1", 4)).commit("one");
    let before = repo.git(["ls-files", "-s"]).ok();
    repo.write(NAME, run("x = 2", 5)).write("b.ipynb", "{\"cells\": [\n{\"outputs\": [\"a secret\"");
    let refused = repo.git(["add", "-A"]).exits(128);
    let lines: Vec<&str> = refused.stderr.lines().collect();
    assert!(lines[0].starts_with("cellwise: b.ipynb: not a notebook: line 2, column "), "{lines:?}");
    assert_eq!(lines[1..], ["fatal: b.ipynb: clean filter 'cellwise' failed"]);
    assert_eq!(repo.git(["ls-files", "-s"]).ok(), before);
    repo.git(["commit", "-q", "-a", "-m", "two"]).exits(128);
    assert_eq!(repo.git(["log", "--format=%s"]).ok(), "one\n");
    // The way out.
    repo.git(["checkout", "--", "b.ipynb"]).ok();
    repo.git(["add", "-A"]).ok();
}

#[test]
fn scenario_23_an_unreadable_notebook_that_git_has_already_is_no_obstacle() {
    let repo = Repo::installed();
    let broken = "{\"cells\": [\n";
    repo.write(NAME, run("x = 1", 3)).write("b.ipynb", broken).commit("one").filter();
    let touch = || {
        let file = File::options().write(true).open(repo.path().join("b.ipynb")).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    };
    for command in
        [&["status", "--short"][..], &["diff"], &["add", "b.ipynb"], &["checkout", "-q", "-b", "side"], &["stash"]]
    {
        touch();
        let run = repo.git(command).exits(0);
        assert_eq!(run.stderr, "", "{command:?}");
    }
    repo.write("b.ipynb", "{\"cells\" ; [\n").git(["add", "b.ipynb"]).exits(128);
    assert_eq!(repo.stored(":b.ipynb"), broken);
    // The way out where git looks into the file before it lets go of it.
    fs::remove_file(repo.path().join("b.ipynb")).unwrap();
    repo.git(["checkout", "--", "b.ipynb"]).ok();
}

#[test]
fn scenario_23_without_the_program_nothing_is_staged() {
    let repo = Repo::filtering();
    repo.git(["config", "filter.cellwise.process", "/no/such/program filter-process"]).ok();
    let refused = repo.write(NAME, run("x = 1", 3)).git(["add", NAME]).exits(128);
    assert!(refused.stderr.contains("/no/such/program"), "{}", refused.stderr);
    assert_eq!(repo.git(["ls-files", "-s"]).ok(), "");
}

#[test]
fn scenario_23_what_is_no_notebook_passes() {
    let repo = Repo::filtering();
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935\nsize 12345\n";
    let files = [
        ("e.ipynb", ""),
        ("p.ipynb", pointer),
        ("z.zpln", "{\"paragraphs\": [{\"results\": 1}]}"),
        ("t.zpln", "text\n"),
    ];
    for (name, content) in files {
        repo.write(name, content);
    }
    // Named otherwise, and a notebook.
    repo.write("n.zpln", run("x = 1", 3));
    let added = repo.git(["add", "-A"]).exits(0);
    assert_eq!(added.stderr, "");
    for (name, content) in files {
        assert_eq!(repo.stored(&format!(":{name}")), content);
    }
    assert_eq!(repo.stored(":n.zpln"), clean("x = 1"));
}

#[test]
fn a_file_with_markers_of_git_passes_with_a_warning() {
    let repo = Repo::filtering();
    let marked = run("x = 1", 3).replacen('\n', "\n<<<<<<< HEAD\n", 1);
    let added = repo.write(NAME, &marked).git(["add", NAME]).exits(0);
    assert_eq!(repo.stored(":n.ipynb"), marked);
    let expected = "cellwise: n.ipynb: line 2: unresolved git conflict markers between the lines of the JSON; \
        stored as it is, with its outputs\n";
    assert!(added.stderr.starts_with(expected), "{}", added.stderr);
    // Once git has it, there is no news in it.
    let file = File::options().write(true).open(repo.path().join(NAME)).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    assert_eq!(repo.git(["status", "--short"]).exits(0).stderr, "");
}

#[test]
#[ignore = "takes 2 GiB of sparse file, 1 GiB of memory and some seconds"]
fn scenario_23_a_file_of_more_than_2_gib_is_refused() {
    let repo = Repo::filtering();
    File::create(repo.path().join(NAME)).unwrap().set_len((2 << 30) + 4096).unwrap();
    let refused = repo.git(["add", NAME]).exits(128);
    let expected = "cellwise: n.ipynb: larger than 1 GiB, so no notebook that could be cleaned\n\
        fatal: n.ipynb: clean filter 'cellwise' failed\n";
    assert_eq!(refused.stderr, expected);
}

#[test]
fn a_stash_takes_sources_and_drops_outputs() {
    let repo = Repo::filtering();
    repo.write(NAME, run("x = 1", 3)).commit("one").write(NAME, run("x = 2", 4));
    repo.git(["stash", "-q"]).ok();
    assert_eq!(repo.read(NAME), clean("x = 1"));
    repo.git(["stash", "pop", "-q"]).ok();
    assert_eq!(repo.read(NAME), clean("x = 2"));
}

#[test]
fn staging_hunks_works() {
    let repo = Repo::filtering();
    repo.write(NAME, run("x = 1", 3)).commit("one").write(NAME, run("x = 2", 4));
    let staged = repo.sh("printf 'y\\n' | git add -p");
    if staged.stderr.contains("NO_PERL") {
        return; // An old git without its scripts.
    }
    staged.ok();
    assert_eq!(repo.stored(":n.ipynb"), clean("x = 2"));
    assert_eq!(repo.read(NAME), run("x = 2", 4));
    assert_eq!(repo.git(["diff"]).ok(), "");
}

#[test]
fn archives_and_work_trees_have_what_is_stored() {
    let repo = Repo::filtering();
    repo.write(NAME, run("x = 1", 3)).commit("one");
    let archive = repo.sh("git archive HEAD | tar -xOf - n.ipynb").ok();
    assert_eq!(archive, clean("x = 1"));
    let other = repo.outside("other");
    repo.git(["worktree", "add", "-q", other.to_str().unwrap()]).ok();
    assert_eq!(fs::read_to_string(other.join(NAME)).unwrap(), clean("x = 1"));
    fs::write(other.join(NAME), run("x = 2", 5)).unwrap();
    repo.git(["-C", other.to_str().unwrap(), "commit", "-q", "-a", "-m", "two"]).ok();
    assert_eq!(repo.stored("other:n.ipynb"), clean("x = 2"));
}

/// Two cells, of which the first was run.
fn two(first: &str, second: &str, count: u32) -> String {
    notebook(&[ran("a", first, count, &format!("secret {count}\n")), code("b", second)])
}

#[test]
fn scenario_26_branches_from_before_the_filter_merge_renormalized() {
    let repo = Repo::installed();
    repo.write(NAME, two("x = 1", "y = 1", 3)).commit("base");
    repo.git(["checkout", "-q", "-b", "side"]).ok();
    repo.write(NAME, two("x = 1", "y = 2", 4)).commit("side");
    repo.git(["checkout", "-q", "main"]).ok();
    repo.filter();
    repo.git(["add", "--renormalize", "."]).ok();
    repo.commit("clean");
    assert!(!repo.stored("HEAD:n.ipynb").contains("secret") && repo.stored("side:n.ipynb").contains("secret 4"));
    repo.write(NAME, two("x = 2", "y = 1", 5)).commit("main");
    repo.git(["-c", "merge.renormalize=true", "merge", "-q", "--no-edit", "side"]).ok();
    assert_eq!(repo.stored("HEAD:n.ipynb"), sources(&["x = 2", "y = 2"]));
    assert_eq!(repo.git(["status", "--short"]).ok(), "");
}

#[test]
fn scenario_26_branches_with_outputs_merge_without_renormalizing_too() {
    let repo = Repo::installed();
    repo.write(NAME, two("x = 1", "y = 1", 3)).commit("base");
    repo.git(["checkout", "-q", "-b", "side"]).ok();
    repo.write(NAME, two("x = 1", "y = 2", 4)).commit("side");
    repo.git(["checkout", "-q", "main"]).ok();
    repo.filter();
    repo.write(NAME, two("x = 2", "y = 1", 5)).commit("main");
    repo.git(["merge", "-q", "--no-edit", "side"]).ok();
    let merged = repo.stored("HEAD:n.ipynb");
    assert!(merged.contains("x = 2") && merged.contains("y = 2") && !merged.contains("<<<<"), "{merged}");
}
