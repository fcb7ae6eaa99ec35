//! `cellwise config`, and what `clean` and git's filter make of the configuration.

#![allow(clippy::unwrap_used)]

use serde_json::Value;

use cellwise::config::keys;

use crate::nb::{cells, notebook, ran};
use crate::repo::Repo;

const NAME: &str = "n.ipynb";

fn dirty() -> String {
    notebook(&[ran("a", "1 + 1", 7, "2\n")])
}

fn has_output(file: &[u8]) -> bool {
    !cells(file)[0]["outputs"].as_array().unwrap().is_empty()
}

#[test]
fn clean_obeys_the_nearest_file_and_the_command_line_first() {
    let repo = Repo::new();
    repo.write("cellwise.toml", "[clean]\nkeep-output = true\n").write("sub/cellwise.toml", "");
    let names = [NAME, "sub/a.ipynb", "sub/b.ipynb", "other/c.ipynb"];
    for name in names {
        repo.write(name, dirty());
    }
    repo.cellwise([&["clean"], &names[..]].concat()).ok();
    assert_eq!(names.map(|name| has_output(&repo.bytes(name))), [true, false, false, true]);
    repo.cellwise(["clean", "--keep-output=false", NAME]).ok();
    assert!(!has_output(&repo.bytes(NAME)));
    for (path, kept) in [("--path=n.ipynb", true), ("--path=sub/n.ipynb", false), ("--path=gone/n.ipynb", true)] {
        let run = repo.cellwise_reading(dirty(), ["clean", path]);
        assert_eq!(has_output(run.ok().as_bytes()), kept, "{path}");
    }
    assert!(has_output(repo.cellwise_reading(dirty(), ["clean"]).ok().as_bytes()));
}

#[test]
fn a_mistake_stops_a_typed_clean_before_anything_is_written() {
    let repo = Repo::new();
    repo.write("a.ipynb", dirty()).write("sub/b.ipynb", dirty());
    repo.write("sub/cellwise.toml", "[clean]\nkeep-outputs = true\n");
    let run = repo.cellwise(["clean", "a.ipynb", "sub/b.ipynb"]).exits(129);
    assert_eq!(run.stderr, "cellwise: sub/cellwise.toml:2: unknown key `keep-outputs`: did you mean `keep-output`?\n");
    assert_eq!((repo.read("a.ipynb"), repo.read("sub/b.ipynb")), (dirty(), dirty()));
    // What a later version may know is a warning, once for all folders.
    repo.write("cellwise.toml", "[clean]\nsomething-new = 1\n").write("sub/cellwise.toml", "");
    repo.write("c/c.ipynb", dirty()).write("d/d.ipynb", dirty());
    let run = repo.cellwise(["clean", "c/c.ipynb", "d/d.ipynb"]).exits(0);
    assert_eq!(run.stderr, "cellwise: cellwise.toml:2: unknown key `something-new`; the default holds\n");
}

/// A repository whose filter is `clean --path=%f`.
fn filtered() -> Repo {
    let repo = Repo::new();
    let clean = format!("'{}' clean --path=%f", env!("CARGO_BIN_EXE_cellwise"));
    repo.git(["config", "filter.x.clean", &clean]).ok();
    repo.git(["config", "filter.x.required", "true"]).ok();
    repo.write(".gitattributes", "*.ipynb filter=x\n");
    repo
}

#[test]
fn the_filter_obeys_the_project_and_takes_names_as_they_are() {
    let repo = filtered();
    repo.write("pyproject.toml", "[tool.cellwise.clean]\nkeep-output = true\n").write("sub/cellwise.toml", "");
    for name in ["-a b'.ipynb", "sub/b.ipynb"] {
        repo.write(name, dirty());
    }
    repo.commit("all");
    let committed = |name: &str| repo.git(["show", &format!("HEAD:{name}")]).ok();
    assert!(has_output(committed("-a b'.ipynb").as_bytes()));
    assert!(!has_output(committed("sub/b.ipynb").as_bytes()));
}

#[test]
fn a_broken_file_is_a_warning_of_the_filter() {
    let repo = filtered();
    for (text, said) in [
        ("[clean]\nkeep_outptu = true\n", "2: unknown key `keep_outptu`: did you mean `keep-output`?"),
        ("[clean]\nkeep-outputs = true\n", "2: unknown key `keep-outputs`: did you mean `keep-output`?"),
        ("[clean\n", "1: "),
        ("clean = 3\n", "1: `clean` must be a table, not a number"),
    ] {
        repo.write("cellwise.toml", text)
            .write(NAME, dirty().replace("1 + 1", text.trim_end().split('\n').next_back().unwrap()));
        let run = repo.git(["add", NAME]).exits(0);
        let line = format!("cellwise: cellwise.toml:{said}");
        assert!(run.stderr.starts_with(&line) && run.stderr.ends_with("; the default holds\n"), "{run:?}");
        assert!(!has_output(repo.git(["show", ":n.ipynb"]).ok().as_bytes()));
    }
}

#[test]
fn a_conflict_in_the_configuration_itself_stops_no_filter() {
    let repo = filtered();
    let configured = |size: u32| format!("[tool.cellwise.clean]\nmax-size = {size}\n");
    repo.write("pyproject.toml", configured(1)).write(NAME, dirty()).commit("base");
    repo.git(["checkout", "-q", "-b", "side"]).ok();
    repo.write("pyproject.toml", configured(2)).commit("side");
    repo.git(["checkout", "-q", "main"]).ok();
    repo.write("pyproject.toml", configured(3)).commit("main");
    repo.git(["merge", "-q", "side"]).exits(1);
    assert!(repo.read("pyproject.toml").contains("<<<<<<< "));
    repo.write(NAME, dirty().replace("1 + 1", "2 + 2"));
    let run = repo.git(["add", NAME]).exits(0);
    let said = "pyproject.toml:2: has git's conflict markers: settle them first; the file holds as it is committed\n";
    assert_eq!(run.stderr, format!("cellwise: {said}"));
    assert!(!has_output(repo.git(["show", ":n.ipynb"]).ok().as_bytes()));
    let run = repo.cellwise(["clean", NAME]).exits(129);
    assert_eq!(run.stderr, "cellwise: pyproject.toml:2: has git's conflict markers: settle them first\n");
    let run = repo.cellwise(["config"]).exits(1);
    assert_eq!(run.stderr, "cellwise: pyproject.toml:2: has git's conflict markers: settle them first\n");
}

#[test]
fn config_shows_every_setting_and_its_origin() {
    let repo = Repo::new();
    let shown = repo.cellwise(["config"]).ok();
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines[0], "# no cellwise.toml, and no pyproject.toml with [tool.cellwise]");
    let defaults: Vec<String> = keys().iter().map(|key| format!("{} = {}  # default", key.path, key.default)).collect();
    assert_eq!(lines[1..], defaults);

    repo.write("sub/cellwise.toml", "[merge]\ninsert = 'union'\n[clean]\nmax-size = '1k'\npreset = [\n'all' ]\n");
    for path in ["sub", "sub/n.ipynb", "sub/gone.ipynb"] {
        let shown = repo.cellwise(["config", path]).ok();
        for line in [
            "# sub/cellwise.toml",
            "merge.insert = \"union\"  # sub/cellwise.toml:2",
            "clean.max-size = 1000  # sub/cellwise.toml:4",
            "clean.preset = [\"all\"]  # sub/cellwise.toml:5",
            "clean.ids = \"keep\"  # default",
        ] {
            assert!(shown.lines().any(|shown| shown == line), "{line}\n{shown}");
        }
    }
}

#[test]
fn what_is_shown_can_be_configured() {
    let repo = Repo::new();
    repo.write(
        "cellwise.toml",
        "[clean]\ndrop-tagged-cells = ['a\"b', 'c\\d', \"\\u001b[31m\\u009b\"]\nids = 'drop'\n",
    );
    let shown = repo.cellwise(["config"]).ok();
    assert!(!shown.chars().any(|letter| letter.is_control() && letter != '\n'), "{shown:?}");
    repo.write("cellwise.toml", &shown);
    let again = repo.cellwise(["config"]).ok();
    let values = |shown: &str| -> Vec<String> {
        shown.lines().map(|line| line.split("  # ").next().unwrap().to_owned()).collect()
    };
    assert_eq!(values(&again)[1..], values(&shown)[1..]);
}

#[test]
fn what_comes_from_elsewhere_is_named() {
    let repo = Repo::new();
    repo.git(["config", "merge.conflictStyle", "diff3"]).ok();
    repo.write("cellwise.toml", "[merge]\nconflict-style = 'merge'\n[clean]\nlike = 'nbstripout'\n");
    let shown = repo.cellwise(["config"]).ok();
    assert!(shown.contains("\nmerge.conflict-style = \"diff3\"  # git's merge.conflictStyle\n"), "{shown}");
    assert!(shown.contains("\nclean.ids = \"sequential\"  # clean.like\n"), "{shown}");
}

#[test]
fn config_speaks_json() {
    let repo = Repo::new();
    repo.write("cellwise.toml", "[clean]\nkeep-count = true\npreset = ['vscod', 'colab']\n[later]\n");
    let run = repo.cellwise(["config", "--json", NAME]).exits(1);
    assert_eq!(run.stderr, "");
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&document["version"], &document["file"]), (&1.into(), &"cellwise.toml".into()));
    let settings = document["settings"].as_array().unwrap();
    let named: Vec<&str> = settings.iter().map(|setting| setting["key"].as_str().unwrap()).collect();
    assert_eq!(named, keys().iter().map(|key| key.path).collect::<Vec<_>>());
    let setting = |key: &str| settings.iter().find(|setting| setting["key"] == key).unwrap();
    let expected = serde_json::json!({"key": "clean.preset", "value": ["colab"], "origin": "file", "line": 3});
    assert_eq!(*setting("clean.preset"), expected);
    assert_eq!(setting("merge.insert")["origin"], "default");
    let mistakes: Vec<bool> =
        document["problems"].as_array().unwrap().iter().map(|problem| problem["mistake"] == true).collect();
    assert_eq!(mistakes, [true, false]);
    repo.write("cellwise.toml", "[later]\n");
    repo.cellwise(["config"]).exits(0);
}
