//! `cellwise install --print`: the lines for version control that is not git.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::Command;

use toml::de::DeTable;

use crate::nb::{cells, notebook, ran, source, sources};
use crate::repo::{Repo, Run};
use crate::terminal::Terminal;

#[test]
fn printing_writes_nothing_and_needs_no_repository() {
    let repo = Repo::new();
    let outside = repo.outside("nowhere");
    fs::create_dir(&outside).unwrap();
    let cellwise = Path::new(env!("CARGO_BIN_EXE_cellwise"));
    for system in ["jj", "hg", "sl"] {
        let lines = repo.run(cellwise, &outside, ["install", "--print", system]).ok();
        assert!(lines.contains(env!("CARGO_BIN_EXE_cellwise")), "{lines}");
        let by_name = repo.run(cellwise, &outside, ["install", "--print", system, "--use-path"]).ok();
        assert!(!by_name.contains('/') || !by_name.contains(env!("CARGO_BIN_EXE_cellwise")), "{by_name}");
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
        repo.run(cellwise, &outside, ["install", "--print", system, "--guard"]).exits(2);
    }
    repo.run(cellwise, &outside, ["install", "--print", "cvs"]).exits(2);
}

/// What jj runs for `key` of the printed lines: each variable is replaced wherever it stands in an argument.
fn jj_runs(repo: &Repo, key: &str, variables: &[(&str, &str)]) -> Run {
    let lines = repo.cellwise(["install", "--print", "jj"]).ok();
    let table = DeTable::parse(&lines).unwrap();
    let tools = table.get_ref()["merge-tools"].get_ref().as_table().unwrap();
    let tool = tools["cellwise"].get_ref().as_table().unwrap();
    let arguments = tool[key].get_ref().as_array().unwrap().iter().map(|argument| {
        let argument = argument.get_ref().as_str().unwrap().to_owned();
        variables.iter().fold(argument, |argument, (name, value)| argument.replace(name, value))
    });
    repo.run(Path::new(tool["program"].get_ref().as_str().unwrap()), repo.path(), arguments)
}

/// As jj lays them out: inputs that cannot be written, and an output that is there and empty.
fn jj_merges(base: &str, left: &str, right: &str) -> (Run, String) {
    let repo = Repo::new();
    for (name, text) in [("base_n.ipynb", base), ("left_n.ipynb", left), ("right_n.ipynb", right)] {
        repo.write(name, text);
        let path = repo.path().join(name);
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(path, permissions).unwrap();
    }
    repo.write("output_n.ipynb", "");
    let names = ["base", "left", "right", "output"].map(|role| (format!("${role}"), format!("{role}_n.ipynb")));
    let variables: Vec<(&str, &str)> = names.iter().map(|(name, file)| (name.as_str(), file.as_str())).collect();
    let run = jj_runs(&repo, "merge-args", &variables);
    (run, repo.read("output_n.ipynb"))
}

#[test]
fn jj_gets_a_merge_or_a_refusal() {
    let (base, left) = (sources(&["a = 1", "x = 1"]), sources(&["a = 2", "x = 1"]));
    let (run, output) = jj_merges(&base, &left, &sources(&["a = 1", "x = 3"]));
    assert_eq!((run.code, output), (0, sources(&["a = 2", "x = 3"])));
    // Exit 1 cancels in jj, which throws the output away.
    let (run, _) = jj_merges(&base, &left, &sources(&["a = 3", "x = 1"]));
    assert_eq!(run.code, 1, "{run:?}");
    // A file that both sides added has an empty base.
    let (run, output) = jj_merges("", &left, &left);
    assert_eq!((run.code, output), (0, left));
}

#[test]
fn jj_gets_a_diff_of_any_file() {
    let repo = Repo::new();
    repo.write("left/n.ipynb", sources(&["x = 1"])).write("right/n.ipynb", sources(&["x = 2"]));
    repo.write("left/new.ipynb", "").write("right/new.ipynb", sources(&["new"]));
    repo.write("left/t.txt", "old\n").write("right/t.txt", "new\n");
    for (name, lines) in [("n.ipynb", ["-x = 1", "+x = 2"]), ("new.ipynb", ["+new", "+"]), ("t.txt", ["-old", "+new"])]
    {
        let (left, right) = (format!("left/{name}"), format!("right/{name}"));
        let shown = jj_runs(&repo, "diff-args", &[("always", "never"), ("$left", &left), ("$right", &right)]).ok();
        assert!(lines.iter().all(|line| shown.contains(line)), "{shown}");
    }
}

/// A repository of jj with the printed lines, or `None` where there is no jj.
struct Jujutsu(Repo);

impl Jujutsu {
    // A test that was left out should say so.
    #[allow(clippy::print_stderr)]
    fn new() -> Option<Self> {
        if Command::new("jj").arg("--version").output().is_err() {
            eprintln!("left out: jj is not on the PATH");
            return None;
        }
        let repo = Repo::new();
        let lines = repo.cellwise(["install", "--print", "jj"]).ok();
        let own = "user.name = \"someone\"\nuser.email = \"someone@example.org\"\nui.paginate = \"never\"\n";
        fs::write(repo.outside("jj.toml"), format!("{own}{lines}")).unwrap();
        let jj = Self(repo);
        jj.run(&["git", "init", "--colocate"]).ok();
        Some(jj)
    }

    fn run(&self, args: &[&str]) -> Run {
        let mut command = Command::new("jj");
        command.args(args).current_dir(self.0.path());
        self.0.environment(&mut command);
        command.env("JJ_CONFIG", self.0.outside("jj.toml"));
        Run::of(&command.output().unwrap())
    }

    /// A working copy in which two changes of the same notebook meet.
    fn merged(&self, [base, ours, theirs]: [&str; 3]) {
        let from_base = "subject(exact:base)";
        for (name, from, file) in [("base", "root()", base), ("ours", from_base, ours), ("theirs", from_base, theirs)] {
            self.run(&["new", from, "-m", name]).ok();
            self.0.write("sub/n.ipynb", file).write("t.txt", format!("{name}\n"));
        }
        self.run(&["new", "subject(exact:ours)", "subject(exact:theirs)"]).ok();
    }

    /// The paths that are in conflict.
    fn conflicts(&self) -> Vec<String> {
        let listed = self.run(&["resolve", "--list"]).stdout;
        listed.lines().filter_map(|line| Some(line.split("  ").next()?.to_owned())).collect()
    }
}

#[test]
fn jj_shows_notebooks_cell_by_cell() {
    let Some(jj) = Jujutsu::new() else { return };
    jj.merged([&sources(&["x = 1"]), &sources(&["x = 2"]), &sources(&["x = 3"])]);
    let shown = jj.run(&["diff", "-r", "subject(exact:ours)", "--tool", "cellwise", "glob:**/*.ipynb"]).ok();
    // Colours are for jj's terminal.
    let parts = [" cell 1 code\n", "\u{1b}[31m-x = ", "\u{1b}[32m+x = "];
    assert!(parts.iter().all(|part| shown.contains(part)) && !shown.contains("t.txt"), "{shown:?}");
    let all = jj.run(&["diff", "-r", "subject(exact:ours)", "--tool", "cellwise"]).ok();
    assert!(all.contains("t.txt"), "{all}");
}

#[test]
fn jj_resolves_what_cells_settle() {
    let Some(jj) = Jujutsu::new() else { return };
    // Both sides ran the notebook again, which collides in lines and not in cells.
    let run = |source: &str, count| notebook(&[ran("a", source, count, &format!("{count}\n"))]);
    jj.merged([&run("x = 1", 1), &run("x = 1", 2), &run("x = 3", 3)]);
    assert_eq!(jj.conflicts(), ["sub/n.ipynb", "t.txt"]);
    jj.run(&["resolve", "--tool", "cellwise", "sub/n.ipynb"]).ok();
    assert_eq!(jj.conflicts(), ["t.txt"]);
    let merged = jj.0.bytes("sub/n.ipynb");
    assert_eq!(source(&cells(&merged)[0]), "x = 3");
}

#[test]
fn jj_keeps_a_conflict_for_a_person() {
    let Some(jj) = Jujutsu::new() else { return };
    jj.merged([&sources(&["x = 1"]), &sources(&["x = 2"]), &sources(&["x = 3"])]);
    let before = jj.0.read("sub/n.ipynb");
    let run = jj.run(&["resolve", "--tool", "cellwise", "sub/n.ipynb"]);
    assert!(run.code != 0 && run.stderr.contains("1 conflict: cell 1"), "{run:?}");
    assert_eq!(jj.conflicts(), ["sub/n.ipynb", "t.txt"]);
    assert_eq!(jj.0.read("sub/n.ipynb"), before);
    // Settled by hand.
    jj.0.write("sub/n.ipynb", sources(&["x = 5"]));
    assert_eq!(jj.conflicts(), ["t.txt"]);
}

#[test]
fn jj_asks_about_each_conflict() {
    let Some(jj) = Jujutsu::new() else { return };
    jj.merged(
        [["x = 1", "y = 1"], ["x = 2", "y = 2"], ["x = 3", "y = 3"]]
            .map(|cells| sources(&cells))
            .each_ref()
            .map(String::as_str),
    );
    let before = jj.0.read("sub/n.ipynb");
    let config = jj.0.outside("jj.toml");
    let variables = [("JJ_CONFIG", config.to_str().unwrap()), ("NO_COLOR", "1")];
    let resolve = || {
        let args = ["resolve", "--tool", "cellwise", "sub/n.ipynb"];
        let mut terminal = Terminal::run(&jj.0, [40, 100], "jj", &args, &variables);
        let seen = terminal.wait("]? ");
        assert!(seen.contains("sub/n.ipynb: conflict 1 of 2: cell 1"), "{seen}");
        terminal
    };
    // jj keeps all answers or none.
    let mut terminal = resolve();
    terminal.answer("o");
    terminal.keys("q");
    let (seen, status) = terminal.end();
    assert!(status.code() != Some(0) && seen.contains("1 of 2 conflicts settled, 1 left"), "{seen}");
    assert_eq!((jj.conflicts(), jj.0.read("sub/n.ipynb")), (vec!["sub/n.ipynb".into(), "t.txt".into()], before));
    let mut terminal = resolve();
    terminal.answer("o");
    terminal.keys("t");
    let (seen, status) = terminal.end();
    assert_eq!(status.code(), Some(0), "{seen}");
    assert_eq!((jj.conflicts(), jj.0.read("sub/n.ipynb")), (vec!["t.txt".into()], sources(&["x = 2", "y = 3"])));
}

/// A repository of Mercurial with the printed lines, or `None` where there is no Mercurial.
struct Mercurial(Repo);

impl Mercurial {
    // A test that was left out should say so.
    #[allow(clippy::print_stderr)]
    fn new() -> Option<Self> {
        if Command::new("hg").arg("--version").output().is_err() {
            eprintln!("left out: hg is not on the PATH");
            return None;
        }
        let repo = Repo::new();
        let lines = repo.cellwise(["install", "--print", "hg"]).ok();
        // What becomes of text files is another tool's business.
        repo.write(".hg-lines", format!("{lines}[ui]\nusername = someone\nmerge = :merge3\n"));
        let hg = Self(repo);
        hg.run(&["init"]).ok();
        Some(hg)
    }

    fn run(&self, args: &[&str]) -> Run {
        let mut command = Command::new("hg");
        command.args(args).current_dir(self.0.path());
        self.0.environment(&mut command);
        command.env("HGRCPATH", self.0.path().join(".hg-lines")).env("HGPLAIN", "1");
        Run::of(&command.output().unwrap())
    }

    fn commit(&self, sources_of: &[&str], text: &str) {
        self.0.write("sub/n.ipynb", sources(sources_of)).write("t.txt", text);
        self.run(&["commit", "-q", "-A", "-m", text, "-I", "sub", "-I", "t.txt"]).ok();
    }
}

#[test]
fn mercurial_merges_notebooks_by_cells_and_shows_diffs() {
    let Some(hg) = Mercurial::new() else { return };
    hg.commit(&["a = 1", "x = 1"], "base\n");
    hg.commit(&["a = 2", "x = 1"], "ours\n");
    hg.run(&["update", "-q", "0"]).ok();
    hg.commit(&["a = 1", "x = 3"], "base\ntheirs\n");
    let shown = hg.run(&["cellwise", "-r", "0", "sub/n.ipynb"]);
    assert!(shown.stdout.contains("@@ cell 2 code\n-x = 1\n+x = 3\n"), "{shown:?}");
    hg.run(&["merge", "-q"]);
    let list = hg.run(&["resolve", "--list"]).ok();
    assert_eq!(list, "R sub/n.ipynb\nU t.txt\n", "notebooks alone come to cellwise");
    let merged = hg.0.read("sub/n.ipynb");
    assert!(merged == sources(&["a = 2", "x = 3"]) && hg.0.read("t.txt").contains("<<<<<<<"), "{merged}");
}

#[test]
fn mercurial_keeps_a_conflict_for_a_person() {
    let Some(hg) = Mercurial::new() else { return };
    hg.commit(&["a = 1"], "one\n");
    hg.commit(&["a = 2"], "two\n");
    hg.run(&["update", "-q", "0"]).ok();
    hg.commit(&["a = 3"], "one\n\n");
    let run = hg.run(&["merge"]).exits(1);
    assert!(hg.run(&["resolve", "--list"]).ok().contains("U sub/n.ipynb"), "{run:?}");
    let left = hg.0.read("sub/n.ipynb");
    for part in ["<<<<<<< working copy", ">>>>>>> merge rev", "\"cellwise\""] {
        assert!(left.contains(part), "{part}: {left}");
    }
    hg.0.cellwise(["check", "sub/n.ipynb"]).exits(1);
    hg.0.cellwise(["resolve", "--theirs", "sub/n.ipynb"]).exits(0);
    assert_eq!(hg.0.read("sub/n.ipynb"), sources(&["a = 2"]));
    hg.0.write("t.txt", "two\n");
    hg.run(&["resolve", "-q", "--mark", "sub/n.ipynb", "t.txt"]).ok();
    hg.run(&["commit", "-q", "-m", "merged"]).ok();
}
