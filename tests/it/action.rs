//! The scripts of `action.yml`, with the variables that a job gives them.

use std::fs;
use std::path::Path;

use crate::nb;
use crate::repo::{Repo, Run};

/// Runs `action/run` in the clone `job` beside the repository; what it wrote into the summary.
fn run(repo: &Repo, event: &str, base: &str) -> (Run, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("action/run");
    let [summary, temp] = ["summary.md", "temp"].map(|name| repo.outside(name));
    fs::create_dir_all(&temp).unwrap();
    fs::write(&summary, "").unwrap();
    let run = repo.sh(&format!(
        "cd ../job && CELLWISE_CHECK=true CELLWISE_DIFF=true CELLWISE_BASE='{base}' GITHUB_EVENT_NAME={event} \
         RUNNER_TEMP='{}' GITHUB_STEP_SUMMARY='{}' bash '{}'",
        temp.display(),
        summary.display(),
        script.display()
    ));
    (run, fs::read_to_string(&summary).unwrap())
}

/// A clone of one commit, as actions/checkout makes it.
fn check_out(repo: &Repo, reference: &str) {
    let lines = format!(
        "git init -q ../job && cd ../job && git fetch -q --depth=1 'file://{}' {reference} && git checkout -q FETCH_HEAD && \
         git remote add origin 'file://{}'",
        repo.path().display(),
        repo.path().display()
    );
    repo.sh(&lines).ok();
}

#[test]
fn a_pull_request_is_compared_with_what_it_is_merged_into() {
    let repo = Repo::new();
    repo.git(["config", "uploadpack.allowAnySHA1InWant", "true"]).ok();
    repo.write("n.ipynb", nb::sources(&["x = 1"])).commit("base");
    repo.git(["checkout", "-q", "-b", "topic"]).ok();
    repo.write("n.ipynb", nb::sources(&["x = 2"])).commit("edit");
    let base = repo.git(["rev-parse", "main"]).ok();
    repo.git(["checkout", "-q", "main"]).ok();
    // The target moves on after the event.
    repo.write("other.ipynb", nb::sources(&["y"])).commit("other");
    repo.git(["checkout", "-q", "--detach"]).ok();
    repo.git(["merge", "-q", "topic"]).ok();
    repo.git(["update-ref", "refs/pull/1/merge", "HEAD"]).ok();
    check_out(&repo, "refs/pull/1/merge");
    let (told, summary) = run(&repo, "pull_request", base.trim());
    told.exits(0);
    let expected = "## Notebooks\n\n### `n.ipynb`\n\n#### `cell 1 code`\n\n```diff\n@@ -2 +2 @@\n-x = 1\n+x = 2\n```\n";
    assert_eq!(summary, expected);
    let (told, summary) = run(&repo, "push", base.trim());
    told.exits(0);
    assert!(summary.contains("### `other.ipynb`, new"), "{summary}");
}

#[test]
fn a_conflict_fails_the_job_and_a_missing_base_does_not() {
    let repo = Repo::installed();
    repo.write("n.ipynb", nb::sources(&["x = 1"])).commit("base");
    repo.git(["checkout", "-q", "-b", "topic"]).ok();
    repo.write("n.ipynb", nb::sources(&["x = 2"])).commit("theirs");
    repo.git(["checkout", "-q", "main"]).ok();
    repo.write("n.ipynb", nb::sources(&["x = 3"])).commit("ours");
    check_out(&repo, "HEAD");
    for base in ["", "0000000000000000000000000000000000000000", "--output=x", "missing"] {
        let (told, summary) = run(&repo, "push", base);
        let told = told.exits(0);
        assert!(told.stderr.contains("nothing to compare with"), "{told:?}");
        assert_eq!(summary, "");
    }
    repo.git(["merge", "-q", "topic"]).exits(1);
    repo.commit("with a conflict");
    repo.sh("cd ../job && git fetch -q origin HEAD && git checkout -q FETCH_HEAD").ok();
    let (told, summary) = run(&repo, "push", "HEAD^");
    let told = told.exits(1);
    assert!(told.stdout.starts_with("::error file=n.ipynb,line="), "{told:?}");
    assert!(summary.contains("### `n.ipynb`"), "{summary}");
}
