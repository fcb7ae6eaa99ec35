//! What a merge tells: the line for people, and `--json` as `docs/json.md` documents it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use cellwise::merge::{ChoiceKind, InsertPolicy, MergeOptions};
use cellwise::notebook::Notebook;
use cellwise::render::{MergeReport, Method, merge_line};

use crate::git_merge::branches;
use crate::nb::{code, markdown, notebook, ran, sources};
use crate::repo::{Repo, Run};

const NAME: &str = "n.ipynb";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn documented() -> String {
    fs::read_to_string(root().join("docs/json.md")).unwrap()
}

/// Merges three files with `--json` into `n.ipynb`.
fn merge(files: [&str; 3]) -> (Repo, Run) {
    let repo = Repo::new();
    repo.write("base", files[0]).write("ours", files[1]).write("theirs", files[2]);
    let run = repo.cellwise(["merge", "base", "ours", "theirs", "--json", "-o", NAME]);
    (repo, run)
}

/// The document, which must be as documented.
#[track_caller]
fn document(run: &Run) -> Value {
    assert!(run.stdout.is_ascii() && run.stdout.ends_with("}\n"), "{run:?}");
    let value: Value = serde_json::from_str(&run.stdout).unwrap();
    for (list, table) in [("conflicts", "### `conflicts`"), ("choices", "### `choices`"), ("stale", "### `stale`")] {
        value[list].as_array().unwrap().iter().for_each(|entry| assert_documented(entry, table));
    }
    assert_documented(&value, "## `cellwise merge --json`");
    value
}

/// Whether an object has the members of the table under `heading`, of the types that it names.
#[track_caller]
fn assert_documented(object: &Value, heading: &str) {
    let rows = rows(heading, "member");
    let members = object.as_object().unwrap();
    assert_eq!(members.len(), rows.len(), "{heading}: {object}");
    for row in rows {
        let value = &members[&row[0]];
        let kind = match value {
            Value::Null => "null",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "list",
            Value::Bool(_) | Value::Object(_) => "something else",
        };
        assert!(row[1].split(" or ").any(|word| word == kind), "{heading}: {} is {kind}", row[0]);
    }
}

/// The rows of the table that follows `heading` in the documentation and begins with a column `first`.
fn rows(heading: &str, first: &str) -> Vec<Vec<String>> {
    let text = documented();
    let lines = text.lines().skip_while(|line| *line != heading);
    let table =
        lines.skip_while(|line| !line.starts_with(&format!("| {first} |"))).take_while(|line| line.starts_with('|'));
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).skip(1).collect();
    let rows: Vec<_> = table.skip(2).map(cells).collect();
    assert!(!rows.is_empty(), "{heading}");
    rows
}

#[test]
fn every_kind_of_choice_is_documented() {
    let documented: Vec<String> = rows("### `choices`", "what").into_iter().map(|row| row[0].clone()).collect();
    assert_eq!(documented, ChoiceKind::all().map(ChoiceKind::name).collect::<Vec<_>>());
}

#[test]
fn the_documented_example_is_what_comes_out() {
    let files = ["base", "ours", "theirs"].map(|side| root().join("examples").join(side).join("report.ipynb"));
    let [base, ours, theirs] = files.map(|file| fs::read_to_string(file).unwrap());
    let repo = Repo::new();
    repo.write("base", base).write("ours", ours).write("theirs", theirs);
    let run = repo.cellwise(["merge", "base", "ours", "theirs", "--json", "-o", "report.ipynb"]).exits(1);
    assert!(documented().contains(&format!("```json\n{}```\n", run.stdout)), "{}", run.stdout);
    document(&run);
}

#[test]
fn what_a_rule_settled_is_told() {
    let file = |count: u32, printed: &str, last: &str| {
        notebook(&[ran("a", "run()", count, printed), markdown("b", "text"), code("c", last)])
    };
    let (repo, run) = merge([&file(1, "1\n", "x"), &file(5, "5\n", "x"), &file(9, "9\n", "y")]);
    assert_eq!(repo.read(NAME), file(5, "5\n", "y"));
    let choice = json!({"what": "outputs", "cell": 1, "deleted_cell": null, "id": "a", "taken": "ours", "path": null});
    let wanted = json!({"version": 1, "path": NAME, "result": "clean", "method": "cells", "reason": null,
                        "conflicts": [], "still_open": 0, "choices": [choice], "stale": []});
    assert_eq!(document(&run), wanted);
    assert_eq!(run.exits(0).stderr, "cellwise: n.ipynb: merged; settled by rule: outputs of cell 1 (ours)\n");
}

#[test]
fn members_stand_in_the_documented_order() {
    let (_repo, run) = merge([&sources(&["x = 0"]), &sources(&["x = 1"]), &sources(&["x = 2"])].map(String::as_str));
    let top: Vec<&str> = run.stdout.lines().filter_map(|line| line.strip_prefix("  \"")?.split('"').next()).collect();
    let documented: Vec<String> =
        rows("## `cellwise merge --json`", "member").into_iter().map(|row| row[0].clone()).collect();
    assert_eq!(top, documented);
}

#[test]
fn conflicts_are_told_with_their_cells() {
    let file = |lines: [&str; 2]| sources(&["import os", &format!("# first\n{}\n# last", lines[0]), "mid", lines[1]]);
    let theirs = sources(&["import os", "# first\nx = 2\n# last", "mid"]);
    let (repo, run) = merge([&file(["x = 0", "last()"]), &file(["x = 1", "last(1)"]), &theirs]);
    let told = document(&run);
    assert_eq!(told["result"], "conflicts");
    let conflicts = json!([{"number": 1, "kind": "source", "cell": 2, "last_cell": 2, "id": "b"},
                           {"number": 2, "kind": "delete/edit", "cell": 4, "last_cell": 7, "id": "conflict-2-begin"}]);
    assert_eq!(told["conflicts"], conflicts);
    run.exits(1);
    // As an earlier conflict that nobody has settled yet, it is told in the next merge.
    let open = repo.read(NAME);
    repo.write("base", &open).write("ours", &open).write("theirs", open.replace("\"mid\"", "\"middle\""));
    repo.write("ours", open.replace("import os", "import sys"));
    let run = repo.cellwise(["merge", "base", "ours", "theirs", "--json", "-o", NAME]).exits(0);
    let told = document(&run);
    assert_eq!((&told["result"], &told["still_open"]), (&json!("clean"), &json!(2)));
}

#[test]
fn what_is_merged_by_lines_says_why() {
    let (repo, run) = merge(["1\n", "2\n", "3\n"]);
    let told = document(&run);
    assert_eq!((&told["method"], &told["result"]), (&json!("lines"), &json!("conflicts")));
    let reason = told["reason"].as_str().unwrap();
    assert!(reason.starts_with("the base: not a notebook") && run.stderr.contains(reason), "{run:?}");
    assert!(repo.read(NAME).starts_with("<<<<<<< ours\n"));
    run.exits(1);
    let (_repo, run) = merge(["1\n2\n3\n4\n", "0\n2\n3\n4\n", "1\n2\n3\n5\n"]);
    assert_eq!(document(&run)["result"], "clean");
    run.exits(0);
}

#[test]
fn a_side_that_nobody_else_touched_is_trivial() {
    let (base, theirs) = (sources(&["a"]), sources(&["b"]));
    let (repo, run) = merge([&base, &base, &theirs]);
    let told = document(&run);
    assert_eq!((&told["method"], &told["choices"], &told["stale"]), (&json!("trivial"), &json!([]), &json!([])));
    assert_eq!((run.exits(0).stderr.as_str(), repo.read(NAME)), ("", theirs));
}

#[test]
fn json_needs_a_file_for_the_notebook() {
    let repo = Repo::new();
    repo.write("base", sources(&["a"])).write("ours", sources(&["b"])).write("theirs", sources(&["c"]));
    let run = repo.cellwise(["merge", "base", "ours", "theirs", "--json"]).exits(2);
    assert!(run.stdout.is_empty() && run.stderr.contains("--output <OUT>"), "{run:?}");
    let run = repo.cellwise(["merge", "base", "missing", "theirs", "--json", "-o", NAME]).exits(129);
    assert!(run.stdout.is_empty() && !repo.has(NAME), "{run:?}");
}

#[test]
fn odd_ids_make_no_odd_document() {
    let file = |id: &str, count: u32| notebook(&[ran("ID", "run()", count, &format!("{count}\n"))]).replace("ID", id);
    let ids = ["\\ud83d", "\\u001b[31m\\u202e\\u009b", "é\\u007f"];
    for id in ids {
        let (_repo, run) = merge([&file(id, 1), &file(id, 2), &file(id, 3)]);
        let told = document(&run);
        let told = told["choices"][0]["id"].as_str().unwrap();
        let wanted = serde_json::from_str::<String>(&format!("\"{id}\""));
        assert_eq!(told.trim_matches('\u{fffd}'), wanted.unwrap_or_default());
    }
    // An id that is none at all.
    let [base, ours, theirs] = [1, 2, 3].map(|count| file("a", count).replace("\"a\"", "17"));
    let (_repo, run) = merge([&base, &ours, &theirs]);
    assert_eq!(document(&run)["choices"][0]["id"], Value::Null);
}

#[test]
fn a_merge_that_leaves_outputs_behind_says_so() {
    let below = |count: u32| {
        let cell = |id: &str, at: u32| ran(id, &format!("show({at})"), count + at, &format!("{count}\n"));
        vec![code("a", "load()"), cell("b", 1), markdown("c", "text"), cell("d", 2)]
    };
    let with_import = [vec![code("e", "import csv")], below(1)].concat();
    let repo = branches(notebook(&below(1)), notebook(&below(5)), notebook(&with_import));
    let run = repo.git(["merge", "-q", "-m", "m", "side"]).exits(0);
    assert_eq!(run.stderr, "cellwise: n.ipynb: merged; outputs of 2 cells may be out of date\n");
}

#[test]
fn cells_that_stand_behind_ours_without_a_conflict_are_told() {
    let file =
        |cell: Option<Value>| notebook(&[Some(code("a", "import os")), cell].into_iter().flatten().collect::<Vec<_>>());
    let files = [file(None), file(Some(code("b", "ours()"))), file(Some(markdown("c", "Theirs.")))];
    let [base, ours, theirs] = files.each_ref().map(|file| Notebook::read(file.as_bytes()).unwrap());
    let options = MergeOptions { insert: InsertPolicy::Union, ..MergeOptions::default() };
    let outcome = cellwise::merge::merge(Some(&base), &ours, &theirs, &options).unwrap();
    let report = MergeReport { choices: outcome.choices, method: Method::Cells, ..MergeReport::default() };
    let said = "n: merged; settled by rule: place of cell 3 (ours)";
    assert_eq!(merge_line("n", &report).unwrap(), said);
}

#[test]
fn the_line_stays_short() {
    let file = |version: u32, printed: &str| {
        let cells: Vec<Value> = (0..9)
            .map(|at| {
                let mut cell = ran(&format!("c{at}"), &format!("show({at})"), version + at, printed);
                cell["metadata"] = json!({"papermill": {"start": version, "end": version}, "collapsed": version});
                cell["id"] = json!(format!("c{at}-{version}"));
                cell
            })
            .collect();
        let mut file: Value = serde_json::from_str(&notebook(&cells)).unwrap();
        file["metadata"]["kernelspec"] = json!({"display_name": version, "language": "python", "name": version});
        file["metadata"]["colab"] = json!({"version": version});
        file["metadata"]["toc"] = json!({"version": version});
        file["metadata"]["widgets"] = json!({"version": version});
        file.to_string()
    };
    let repo = branches(file(1, "1\n"), file(2, "2\n"), file(3, "3\n"));
    let run = repo.git(["merge", "-q", "-m", "m", "side"]).exits(0);
    let said = "cellwise: n.ipynb: merged; settled by rule: outputs of 9 cells (ours), colab (ours), \
                kernelspec (ours), toc (ours), widgets (ours) and 3 more\n";
    assert_eq!(run.stderr, said);
}
