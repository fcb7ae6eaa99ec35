//! What a project configures for its merges: `cellwise.toml` and `pyproject.toml`, with real git.

#![allow(clippy::unwrap_used)]

use serde_json::Value;

use crate::git_merge::{branches, diverge};
use crate::nb::{cells, code, notebook, ran, source, sources};
use crate::repo::{Repo, Run, git_version};

const NAME: &str = "n.ipynb";
const THEIRS: &str = "[merge]\noutputs = \"theirs\"\n";

/// Both sides ran the same code, with different results.
fn reran() -> [String; 3] {
    [(1, "base\n"), (5, "ours\n"), (9, "theirs\n")]
        .map(|(count, printed)| notebook(&[ran("a", "run()", count, printed)]))
}

/// A repository whose sides ran `n.ipynb` again, with files that both have.
fn reran_with(files: &[(&str, &str)]) -> Repo {
    let repo = Repo::installed();
    for (path, text) in files {
        repo.write(path, text);
    }
    let [base, ours, theirs] = reran();
    diverge(&repo, NAME, [base.as_bytes(), ours.as_bytes(), theirs.as_bytes()]);
    repo
}

fn merged(repo: &Repo) -> Run {
    repo.git(["merge", "-q", "-m", "m", "side"]).exits(0)
}

/// What cellwise had to say.
fn said(run: &Run) -> Vec<&str> {
    run.stderr.lines().filter(|line| line.starts_with("cellwise: ")).collect()
}

fn counts(file: &[u8]) -> Vec<Value> {
    cells(file).iter().map(|cell| cell["execution_count"].clone()).collect()
}

#[test]
fn outputs_are_whose_the_project_wants() {
    let [_, ours, theirs] = reran();
    for (policy, taken, expected) in
        [("ours", "ours", &ours), ("theirs", "theirs", &theirs), ("matching", "ours", &ours)]
    {
        let repo = reran_with(&[("cellwise.toml", &format!("[merge]\noutputs = '{policy}'\n"))]);
        let line = format!("cellwise: n.ipynb: merged; settled by rule: outputs of cell 1 ({taken})");
        assert_eq!(said(&merged(&repo)), [line]);
        assert_eq!(&repo.read(NAME), expected);
    }
    let repo = reran_with(&[("pyproject.toml", "[tool.cellwise.merge]\noutputs = 'clear'\n")]);
    merged(&repo);
    let left = &cells(&repo.bytes(NAME))[0];
    assert_eq!((&left["outputs"], &left["execution_count"]), (&Value::Array(Vec::new()), &Value::Null));
}

#[test]
fn the_file_nearest_to_the_notebook_counts() {
    let repo = Repo::installed();
    repo.write("cellwise.toml", "[merge]\noutputs = 'theirs'\n");
    repo.write("sub/pyproject.toml", "[tool.cellwise]\n").write("other/pyproject.toml", "[tool.other]\n");
    let [base, ours, theirs] = reran();
    let all = ["n.ipynb", "sub/deep/n.ipynb", "other/n.ipynb"];
    let write =
        |version: &str, message: &str| all.iter().fold(&repo, |repo, name| repo.write(name, version)).commit(message);
    write(&base, "base").git(["checkout", "-q", "-b", "side"]).ok();
    write(&theirs, "theirs").git(["checkout", "-q", "main"]).ok();
    write(&ours, "ours");
    merged(&repo);
    assert_eq!(all.map(|name| repo.read(name)), [theirs.clone(), ours, theirs]);
}

#[test]
fn a_configuration_in_conflict_stops_no_merge() {
    let repo = Repo::installed();
    let [base, ours, theirs] = reran();
    let configured = |name: &str| format!("[project]\nname = '{name}'\n\n[tool.cellwise.merge]\noutputs = 'theirs'\n");
    let write = |file: &str, name: &str| repo.write(NAME, file).write("pyproject.toml", configured(name)).commit(name);
    write(&base, "base").git(["checkout", "-q", "-b", "side"]).ok();
    write(&theirs, "side").git(["checkout", "-q", "main"]).ok();
    write(&ours, "main").git(["merge", "-q", "side"]).exits(1);
    let status = repo.git(["status", "--porcelain"]).ok();
    // git before 2.34 writes each file at once, so the driver may have met the markers already.
    if git_version() >= [2, 34, 0] {
        assert_eq!((status.as_str(), repo.read(NAME)), ("M  n.ipynb\nUU pyproject.toml\n", theirs.clone()));
    } else {
        assert!(status.ends_with("UU pyproject.toml\n") && !status.contains("UU n.ipynb"), "{status}");
    }
    // Merging once more meets the markers.
    for (name, file) in [("base", base), ("ours", ours.clone()), ("theirs", theirs)] {
        repo.write(name, file);
    }
    let driver = ["merge-driver", "--", "base", "ours", "theirs", "n.ipynb"];
    let run = repo.cellwise(driver).exits(0);
    assert_eq!(
        said(&run)[0],
        "cellwise: pyproject.toml:2: has git's conflict markers: settle them first; the default holds"
    );
    assert_eq!((said(&run).len(), repo.read("ours")), (2, ours));
    let run = repo.cellwise(["merge", "base", "ours", "theirs"]).exits(129);
    assert_eq!(
        (run.stderr.as_str(), run.stdout.as_str()),
        ("cellwise: pyproject.toml:2: has git's conflict markers: settle them first\n", "")
    );
}

#[test]
fn a_project_of_others_in_conflict_is_none_of_our_business() {
    let repo = reran_with(&[("pyproject.toml", "[project]\n<<<<<<< HEAD\nname = 'x'\n=======\n>>>>>>> side\n")]);
    assert_eq!(said(&merged(&repo)).len(), 1);
}

#[test]
fn mistakes_are_one_warning_and_the_default() {
    for (text, expected) in [
        ("[merge]\noutputz = 'theirs'\n", ":2: unknown key `outputz`: did you mean `outputs`?; the default holds"),
        (
            "[merge]\noutputs = 'their'\n",
            ":2: `outputs` cannot be \"their\": did you mean \"theirs\"?; the default holds",
        ),
        ("x = 1\n[y]\nz = 3\n[merge]\n", ":1: unknown key `x` (and 1 more); the default holds"),
        (
            "<<<<<<< HEAD\n[merge]\noutputs = 'theirs'\n",
            ":1: has git's conflict markers: settle them first; the default holds",
        ),
    ] {
        let repo = reran_with(&[("cellwise.toml", text)]);
        let run = merged(&repo);
        assert_eq!(said(&run)[0], format!("cellwise: cellwise.toml{expected}"));
        assert_eq!((said(&run).len(), repo.read(NAME)), (2, reran()[1].clone()));
    }
    let repo = reran_with(&[("cellwise.toml", &(THEIRS.to_owned() + "words = 3\n[later]\n"))]);
    assert_eq!(
        said(&merged(&repo))[0],
        "cellwise: cellwise.toml:3: unknown key `words` (and 1 more); the default holds"
    );
    assert_eq!(repo.read(NAME), reran()[2], "what is known is obeyed");
}

#[test]
fn the_merge_that_makes_a_base_is_silent() {
    let line = |text: &str| sources(&["import os", text, "end"]);
    let repo = Repo::installed();
    repo.write("cellwise.toml", "x = 1\n");
    diverge(&repo, NAME, [line("x = 0").as_bytes(), line("x = 1").as_bytes(), line("x = 2").as_bytes()]);
    repo.git(["tag", "ours"]).ok();
    for (branch, other, text) in [("main", "side", "x = 1"), ("side", "ours", "x = 2")] {
        repo.git(["checkout", "-q", branch]).ok();
        repo.git(["merge", "-q", other]).exits(1);
        repo.write(NAME, line(text)).commit("settled");
    }
    repo.git(["checkout", "-q", "main"]).ok();
    let run = repo.git(["merge", "-q", "side"]).exits(1);
    assert_eq!(said(&run).len(), 2, "{run:?}");
}

#[test]
fn a_linked_work_tree_has_its_own_files() {
    let repo = reran_with(&[("cellwise.toml", THEIRS)]);
    let linked = repo.outside("linked");
    repo.git(["worktree", "add", "-q", "-b", "third", linked.to_str().unwrap(), "main"]).ok();
    // Not what lies beside it, or in the main work tree.
    repo.write("cellwise.toml", "x = 1\n").write("../cellwise.toml", "x = 1\n");
    let run = repo.run("git".as_ref(), &linked, ["merge", "-q", "-m", "m", "side"]).exits(0);
    assert_eq!(said(&run).len(), 1, "{run:?}");
    assert_eq!(std::fs::read_to_string(linked.join(NAME)).unwrap(), reran()[2]);
}

#[test]
fn without_a_work_tree_the_defaults_hold() {
    if git_version() < [2, 38, 0] {
        // `merge-tree --write-tree` is not there yet.
        return;
    }
    let repo = reran_with(&[("cellwise.toml", THEIRS)]);
    let bare = repo.outside("bare.git");
    repo.git(["clone", "-q", "--bare", ".", bare.to_str().unwrap()]).ok();
    let git = |args: &[&str]| repo.run("git".as_ref(), &bare, args);
    let driver = repo.git(["config", "merge.jupyternotebook.driver"]).ok();
    git(&["config", "merge.jupyternotebook.name", "x"]).ok();
    git(&["config", "merge.jupyternotebook.driver", driver.trim()]).ok();
    std::fs::create_dir_all(bare.join("info")).unwrap();
    std::fs::write(bare.join("info/attributes"), "*.ipynb merge=jupyternotebook\n").unwrap();
    repo.write("../cellwise.toml", THEIRS);
    for dir in [&bare, &bare.join("refs")] {
        let tree = repo.run("git".as_ref(), dir, ["merge-tree", "--write-tree", "main", "side"]).ok();
        let left = git(&["show", &format!("{}:{NAME}", tree.trim())]).ok();
        assert_eq!(counts(left.as_bytes()), [5]);
    }
}

#[test]
fn noise_of_the_project_holds_up_no_merge() {
    let with = |timing: u32, last: &str| {
        let mut cell = ran("a", "run()", 1, "1\n");
        cell["metadata"]["timing"] = timing.into();
        notebook(&[cell, ran("b", last, 2, "2\n")])
    };
    let sides = [with(1, "x"), with(2, "x"), with(3, "y")];
    let repo = branches(&sides[0], &sides[1], &sides[2]);
    repo.git(["merge", "-q", "side"]).exits(1);
    repo.git(["reset", "-q", "--hard"]).ok();
    repo.write("cellwise.toml", "[merge]\nnoise = ['cell.metadata.timing']\n");
    merged(&repo);
    assert_eq!(repo.read(NAME), with(2, "y"));
}

mod documentation {
    use cellwise::config::{Config, Dialect, Key, Takes, keys};
    use cellwise::normalize::tools;

    const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/configuration.md");

    fn page() -> String {
        std::fs::read_to_string(PAGE).unwrap()
    }

    /// The table of all keys, as the code has them.
    fn table() -> String {
        let row = |key: &Key| {
            format!(
                "| `{}` | `{}` | {} | {} |\n",
                key.path,
                key.default,
                values(key.takes),
                key.help.trim().replace('|', "\\|")
            )
        };
        let head = "| key | default | values | what it does |\n| --- | --- | --- | --- |\n";
        head.to_owned() + &keys().iter().map(row).collect::<String>()
    }

    /// What a key takes, as the documentation says it.
    fn values(takes: Takes) -> String {
        match takes {
            Takes::Word(words) => {
                words().iter().map(|[word, _]| format!("`\"{word}\"`")).collect::<Vec<_>>().join(", ")
            }
            Takes::Flag => "`true`, `false`".to_owned(),
            Takes::Size => "a number of characters, or `\"10k\"`".to_owned(),
            Takes::Keys => "a list of keys of metadata".to_owned(),
            Takes::Types => "a list of types of outputs".to_owned(),
            Takes::Tags => "a list of tags".to_owned(),
            Takes::Tools => "a list of tools".to_owned(),
        }
    }

    #[test]
    fn names_every_key_its_default_and_its_values() {
        let page = page();
        let start = page.find("| key |").unwrap();
        let written = &page[start..start + page[start..].find("\n\n").unwrap() + 1];
        if std::env::var_os("CELLWISE_BLESS").is_some() {
            std::fs::write(PAGE, page.replace(written, &table())).unwrap();
            return;
        }
        assert_eq!(written, table(), "CELLWISE_BLESS=1 cargo test --test it project writes the table anew");
        for key in keys() {
            let section = page.split(&format!("\n### `{}`\n", key.path)).nth(1).expect(key.path);
            let section = section.split("\n#").next().unwrap();
            let words = match key.takes {
                Takes::Word(words) => words().iter().map(|[word, _]| format!("\"{word}\"")).collect(),
                Takes::Tools => tools().iter().map(ToString::to_string).collect(),
                _ => Vec::new(),
            };
            for word in words {
                assert!(section.contains(&format!("`{word}`")), "{}: {word}", key.path);
            }
            let option = key.path.strip_prefix("clean.").map(|name| format!("`--{name}"));
            assert!(option.is_none_or(|option| section.contains(&option)), "{}", key.path);
        }
    }

    #[test]
    fn has_examples_that_hold() {
        let page = page();
        let examples: Vec<&str> =
            page.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
        let [own, pyproject] = examples[..] else { unreachable!("two examples: {examples:?}") };
        let (config, problems) = Config::parse(own, Dialect::Cellwise).unwrap();
        assert_eq!((problems, config.merge.noise.len(), config.clean.max_size), (Vec::new(), 2, Some(10_000)));
        let (same, problems) = Config::parse(pyproject, Dialect::Pyproject).unwrap();
        assert_eq!((same.merge, same.clean, problems), (config.merge, config.clean, Vec::new()));
    }
}

#[test]
fn no_text_makes_reading_a_configuration_fail() {
    use cellwise::config::{Config, Dialect};
    use proptest::prelude::*;
    let tokens =
        ["[", "]", "[[", "merge", "tool.cellwise", ".", "=", "\"", "'''", "noise", "{", "}", ",", "\n", "#", "é"];
    let soup = prop::collection::vec(prop::sample::select(tokens.to_vec()), 0..40).prop_map(|tokens| tokens.concat());
    crate::notebooks::check(300, &prop_oneof![soup, any::<String>()], |text| {
        let problems = Dialect::ALL.iter().filter_map(|dialect| Some(Config::parse(&text, *dialect)?.1));
        let lines: Vec<_> = problems.flatten().map(|problem| problem.line).collect();
        prop_assert!(lines.iter().all(|line| (1..=text.lines().count() + 1).contains(&line.unwrap_or(0))));
        Ok(())
    });
    let deep = "a = ".to_owned() + &"[".repeat(100_000);
    assert_eq!(Config::parse(&deep, Dialect::Cellwise).unwrap().1.len(), 1);
}

mod typed {
    use super::*;

    const FILES: [&str; 4] = ["merge", "base", "ours", "theirs"];

    fn three([base, ours, theirs]: [String; 3]) -> Repo {
        let repo = Repo::new();
        repo.write("base", base).write("ours", ours).write("theirs", theirs);
        repo
    }

    fn collision() -> Repo {
        three(["x = 0", "x = 1\nend", "x = 2\nend"].map(|line| sources(&[line])))
    }

    fn merge(repo: &Repo, options: &[&str]) -> Run {
        repo.cellwise([&FILES, options].concat())
    }

    /// The one cell that a merge with these options leaves, in conflict.
    #[track_caller]
    fn marked(repo: &Repo, options: &[&str]) -> String {
        source(&cells(merge(repo, options).exits(1).stdout.as_bytes())[0])
    }

    #[test]
    fn outputs_are_whose_one_asks_for() {
        let repo = three(reran());
        for (policy, count) in
            [("ours", 5.into()), ("theirs", 9.into()), ("matching", 5.into()), ("clear", Value::Null)]
        {
            let run = merge(&repo, &["--outputs", policy]).exits(0);
            assert_eq!(counts(run.stdout.as_bytes()), [count]);
        }
    }

    #[test]
    fn cells_in_one_place_stay_both_if_one_asks_for_it() {
        let file = |added: &[Value]| notebook(&[&[code("a", "import os")], added].concat());
        let repo = three([file(&[]), file(&[code("b", "plot(x)")]), file(&[code("c", "model.fit(y)")])]);
        merge(&repo, &[]).exits(1);
        let left = merge(&repo, &["--insert", "union"]).ok();
        assert_eq!(
            cells(left.as_bytes()).iter().map(source).collect::<Vec<_>>(),
            ["import os", "plot(x)", "model.fit(y)"]
        );
    }

    #[test]
    fn markers_are_as_one_asks_for() {
        let repo = collision();
        let plain = "<<<<<<< ours\nx = 1\n=======\nx = 2\n>>>>>>> theirs\nend";
        assert_eq!(marked(&repo, &[]), plain);
        let zdiff3 = "<<<<<<< ours\nx = 1\n||||||| base\nx = 0\n=======\nx = 2\n>>>>>>> theirs\nend";
        assert_eq!(marked(&repo, &["--conflict", "zdiff3"]), zdiff3);
        assert_eq!(marked(&repo, &["--conflict=diff3", "--marker-size=9"]).matches("|||||||||").count(), 1);
        let named = marked(&repo, &["-L", "mine", "--conflict", "zdiff3", "-L", "old"]);
        assert_eq!(named, zdiff3.replace(" ours", " mine").replace(" base", " old"));
        assert_eq!(
            marked(&repo, &["-L", "-a", "-L", "b", "-L", "c"]),
            plain.replace("ours", "-a").replace("theirs", "c")
        );
    }

    #[test]
    fn a_merge_by_lines_is_marked_alike() {
        let repo = three(["1\n", "2\n", "3\n"].map(str::to_owned));
        let run = merge(&repo, &["--conflict", "diff3", "-L", "a", "-L", "b", "--marker-size", "3"]).exits(1);
        assert_eq!(run.stdout, "<<< a\n2\n||| b\n1\n===\n3\n>>> theirs\n");
        repo.git(["config", "merge.conflictStyle", "diff3"]).ok();
        assert_eq!(
            merge(&repo, &["--conflict", "merge"]).exits(1).stdout,
            "<<<<<<< ours\n2\n=======\n3\n>>>>>>> theirs\n"
        );
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let repo = collision();
        let labels = ["-L", "a", "-L", "b", "-L", "c", "-L", "d"];
        for options in
            [&["--outputs", "both"][..], &["--conflict", ""], &["--marker-size", "0"], &["--insert"], &labels]
        {
            let run = merge(&repo, options).exits(2);
            assert!(run.stdout.is_empty() && !run.stderr.is_empty(), "{run:?}");
        }
    }

    #[test]
    fn what_is_typed_counts_before_what_is_configured() {
        let repo = three(reran());
        repo.write("cellwise.toml", "[merge]\noutputs = 'clear'\n");
        assert_eq!(counts(merge(&repo, &[]).ok().as_bytes()), [Value::Null]);
        assert_eq!(counts(merge(&repo, &["--outputs", "theirs"]).ok().as_bytes()), [9]);
        assert_eq!(counts(merge(&repo, &["--outputs", "matching"]).ok().as_bytes()), [5]);
    }

    #[test]
    fn the_style_is_typed_or_gits_or_the_projects() {
        let repo = collision();
        let has_base = |options: &[&str]| marked(&repo, options).contains("|||||||");
        repo.write("cellwise.toml", "[merge]\nconflict-style = 'diff3'\n");
        assert!(has_base(&[]) && !has_base(&["--conflict", "merge"]));
        repo.git(["config", "merge.conflictStyle", "merge"]).ok();
        assert!(!has_base(&[]) && has_base(&["--conflict", "diff3"]));
    }

    #[test]
    fn the_configuration_is_that_of_ours() {
        let [base, ours, theirs] = reran();
        let repo = Repo::new();
        repo.write("sub/base", base).write("sub/ours", ours).write("theirs", theirs);
        repo.write("sub/cellwise.toml", THEIRS).write("../cellwise.toml", "x\n");
        let run = repo.cellwise(["merge", "sub/base", "sub/ours", "theirs"]).exits(0);
        assert_eq!(counts(run.stdout.as_bytes()), [9]);
        let run = repo.cellwise_in("sub", ["merge", "base", "../theirs", "ours"]).exits(0);
        assert_eq!((counts(run.stdout.as_bytes()), said(&run).len()), (vec![9.into()], 1));
    }

    #[test]
    fn a_mistake_is_named_and_nothing_written() {
        let repo = three(reran());
        repo.write("cellwise.toml", "[later]\n\n[merge]\noutputz = 'ours'\n");
        let run = merge(&repo, &["-o", "out"]).exits(129);
        assert_eq!(run.stderr, "cellwise: cellwise.toml:4: unknown key `outputz`: did you mean `outputs`?\n");
        assert!(!repo.has("out"));
        // Of a later version's keys there is a warning, and where nothing is to be merged not even that.
        repo.write("cellwise.toml", "[later]\n");
        let run = merge(&repo, &[]).exits(0);
        assert_eq!(said(&run)[0], "cellwise: cellwise.toml:1: unknown key `later`; the default holds");
        let run = repo.cellwise(["merge", "base", "base", "theirs"]).exits(0);
        assert_eq!((run.stdout, run.stderr.as_str()), (reran()[2].clone(), ""));
    }
}
