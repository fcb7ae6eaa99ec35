//! The walk over conflicts, key by key on a real terminal.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::nb::{cells, code, markdown, notebook, source, sources};
use crate::repo::Repo;
use crate::terminal::Terminal;

const TOOL: &[&str] = &["mergetool", "base.ipynb", "ours.ipynb", "theirs.ipynb", "n.ipynb"];
const SCREEN: [u16; 2] = [24, 80];

/// A notebook `n.ipynb` in the midst of a merge, and its versions.
fn conflicted(base: &str, ours: &str, theirs: &str) -> Repo {
    let repo = Repo::new();
    repo.write("base.ipynb", base).write("ours.ipynb", ours).write("theirs.ipynb", theirs);
    let labels = ["-L", "main", "-L", "old", "-L", "side"];
    let merge = ["merge", "base.ipynb", "ours.ipynb", "theirs.ipynb", "-o", "n.ipynb"];
    repo.cellwise([&merge[..], &labels].concat()).exits(1);
    repo
}

/// Three cells in which different words and the same word collide, and one that ours deleted.
fn several() -> Repo {
    let file =
        |cells: &[(&str, &str)]| notebook(&cells.iter().map(|(id, source)| code(id, source)).collect::<Vec<_>>());
    conflicted(
        &file(&[("a", "import os\nx = f(1, k=2)\nx"), ("b", "y = 1"), ("c", "z = 1\nz + 1"), ("d", "end")]),
        &file(&[("a", "import os\nx = f(3, k=2)\nx"), ("b", "y = 2"), ("d", "end")]),
        &file(&[("a", "import os\nx = f(1, k=4)\nx"), ("b", "y = 3"), ("c", "z = 1\nz + 2"), ("d", "end")]),
    )
}

fn walk_with(repo: &Repo, size: [u16; 2], variables: &[(&str, &str)]) -> Terminal {
    Terminal::run(repo, size, env!("CARGO_BIN_EXE_cellwise"), TOOL, variables)
}

fn walk(repo: &Repo) -> Terminal {
    walk_with(repo, SCREEN, &[("NO_COLOR", "1")])
}

fn all_sources(repo: &Repo) -> Vec<String> {
    cells(&repo.bytes("n.ipynb")).iter().map(source).collect()
}

#[test]
fn each_key_settles_its_conflict_and_the_file_is_written_at_once() {
    let repo = several();
    let mut terminal = walk(&repo);
    let seen = terminal.wait("]? ");
    assert!(seen.contains("n.ipynb: conflict 1 of 3: cell 1, both sides edited the same lines"), "{seen}");
    for line in ["base (b)", "-x = f(1, k=2)", "ours (o): main", "+x = f(3, k=2)", "theirs (t): side"] {
        assert!(seen.contains(&format!("\n{line}\n")), "{line}: {seen}");
    }
    assert!(seen.ends_with("Take [o,t,b,u,w,e,s,q,?]? "), "{seen}");
    let seen = terminal.answer("o");
    assert_eq!(all_sources(&repo)[0], "import os\nx = f(3, k=2)\nx");
    assert!(seen.contains("conflict 2 of 3: cell 2"), "{seen}");
    let seen = terminal.answer("t");
    assert_eq!(all_sources(&repo)[1], "y = 3");
    assert!(seen.contains("conflict 3 of 3: cell 3, deleted by ours, edited by theirs"), "{seen}");
    assert!(seen.contains("ours (o): main (deleted)") && seen.contains("-z + 1\n+z + 2"), "{seen}");
    let (seen, status) = {
        terminal.keys("t");
        terminal.end()
    };
    assert!(seen.contains("n.ipynb: all 3 conflicts are settled") && status.code() == Some(0), "{seen}");
    assert_eq!(all_sources(&repo), ["import os\nx = f(3, k=2)\nx", "y = 3", "z = 1\nz + 2", "end"]);
    assert!(!repo.read("n.ipynb").contains("cellwise"));
}

#[test]
fn base_both_and_the_words_of_both() {
    let repo = several();
    let mut terminal = walk(&repo);
    terminal.wait("]? ");
    let seen = terminal.keys("w").wait("[y,n]? ");
    assert!(seen.contains("+x = f(3, k=4)"), "{seen}");
    terminal.answer("n");
    assert!(repo.read("n.ipynb").contains("<<<<<<<"), "nothing was taken");
    terminal.keys("w").wait("[y,n]? ");
    terminal.answer("y");
    assert_eq!(all_sources(&repo)[0], "import os\nx = f(3, k=4)\nx");
    terminal.answer("u");
    assert_eq!(all_sources(&repo)[1], "y = 2\ny = 3");
    terminal.keys("b");
    assert_eq!(terminal.end().1.code(), Some(0));
    assert_eq!(all_sources(&repo)[2], "z = 1\nz + 1");
}

#[test]
fn undo_goes_back_over_conflicts_and_skips() {
    let repo = several();
    let before = repo.bytes("n.ipynb");
    let mut terminal = walk(&repo);
    terminal.wait("]? ");
    terminal.answer("o");
    let after_one = repo.bytes("n.ipynb");
    let seen = terminal.answer("s");
    assert!(seen.contains("conflict 3 of 3"), "{seen}");
    let seen = terminal.answer("z");
    assert!(seen.contains("conflict 2 of 3") && repo.bytes("n.ipynb") == after_one, "{seen}");
    let seen = terminal.answer("z");
    assert!(seen.contains("conflict 1 of 3") && repo.bytes("n.ipynb") == before, "{seen}");
    assert!(seen.ends_with("[o,t,b,u,w,e,s,q,?]? "), "there is nothing more to undo: {seen}");
    let (_, status) = {
        terminal.keys("q");
        terminal.end()
    };
    assert_eq!(status.code(), Some(1));
    assert_eq!(repo.bytes("n.ipynb"), before);
}

#[test]
fn what_was_settled_stays_when_somebody_quits() {
    for (key, code, said) in
        [("q", 1, "1 of 3 conflicts settled, 2 left"), ("\u{4}", 1, "2 left"), ("\u{3}", 130, "2 left")]
    {
        let repo = several();
        let mut terminal = walk(&repo);
        terminal.wait("]? ");
        terminal.answer("t");
        let settled = repo.bytes("n.ipynb");
        terminal.keys(key).wait(said);
        let (seen, status) = terminal.end();
        assert_eq!((status.code(), &repo.bytes("n.ipynb")), (Some(code), &settled), "{key:?}: {seen}");
    }
}

#[test]
fn skipped_conflicts_are_left() {
    let repo = several();
    let before = repo.bytes("n.ipynb");
    let mut terminal = walk(&repo);
    terminal.wait("]? ");
    terminal.keys("sss").wait("n.ipynb: 0 of 3 conflicts settled, 3 left");
    assert_eq!(terminal.end().1.code(), Some(1));
    assert_eq!(repo.bytes("n.ipynb"), before);
}

#[test]
fn other_keys_destroy_nothing() {
    let repo = several();
    let before = repo.bytes("n.ipynb");
    let mut terminal = walk(&repo);
    terminal.wait("]? ");
    for key in ["x", "O", "z", "\r", " ", "\u{1b}[A", "\u{1b}[3~", "\u{1b}OB", "\u{1b}[1;5D", "é", "?", "p"] {
        let seen = terminal.answer(key);
        assert!(seen.contains("o - take ours: main\nt - take theirs: side\n"), "{key:?}: {seen}");
    }
    assert_eq!(repo.bytes("n.ipynb"), before);
    terminal.keys("q");
    terminal.end();
}

#[test]
fn signals_leave_the_terminal_as_it_was() {
    for (signal, number) in [("INT", None), ("TERM", Some(15)), ("HUP", Some(1))] {
        let repo = several();
        let mut terminal = walk(&repo);
        terminal.wait("]? ");
        assert!(!terminal.is_as_it_was(), "keys come at once");
        repo.sh(&format!("kill -{signal} {}", terminal.id())).ok();
        let id = terminal.id();
        while number.is_some() && !is_over(id) {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        if number.is_none() {
            terminal.wait("3 left");
        }
        while !is_over(id) {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        assert!(terminal.is_as_it_was(), "{signal}");
        let status = terminal.end().1;
        let by = std::os::unix::process::ExitStatusExt::signal(&status);
        assert_eq!((by, status.code()), (number, if number.is_none() { Some(130) } else { None }), "{signal}");
    }
}

/// Whether a process has ended, though nobody has asked for its end yet.
fn is_over(id: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    status.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with('Z'))
}

/// An editor: a script.
fn editor(repo: &Repo, script: &str) -> String {
    let path = repo.outside("editor");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    format!("sh '{}'", path.display())
}

#[test]
fn a_cell_in_the_editor() {
    let repo = several();
    let script = editor(&repo, "case $1 in *.py) ;; *) exit 9;; esac; printf 'by hand\\nx\\n' >\"$1\"");
    let mut terminal = walk_with(&repo, SCREEN, &[("GIT_EDITOR", &script), ("NO_COLOR", "1")]);
    terminal.wait("]? ");
    let seen = terminal.answer("e");
    assert!(seen.contains("conflict 2 of 3"), "{seen}");
    assert_eq!(all_sources(&repo)[0], "by hand\nx");
    terminal.keys("q");
    terminal.end();
}

#[test]
fn an_editor_that_fails_changes_nothing() {
    for (script, said) in [
        ("echo x >\"$1\"; exit 1", "failed"),
        ("true", "nothing was changed"),
        ("rm \"$1\"", "cannot read what was edited"),
        ("printf '\\377' >\"$1\"", "not UTF-8"),
    ] {
        let repo = several();
        let before = repo.bytes("n.ipynb");
        let script = editor(&repo, script);
        let mut terminal = walk_with(&repo, SCREEN, &[("GIT_EDITOR", &script), ("NO_COLOR", "1")]);
        terminal.wait("]? ");
        let seen = terminal.answer("e");
        assert!(seen.contains(said) && repo.bytes("n.ipynb") == before, "{seen}");
        terminal.keys("q");
        terminal.end();
    }
}

#[test]
fn markers_that_the_editor_left_keep_a_conflict_open() {
    let repo = several();
    let script = editor(&repo, "sed -i 's/import os/import sys/' \"$1\"");
    let mut terminal = walk_with(&repo, SCREEN, &[("GIT_EDITOR", &script), ("NO_COLOR", "1")]);
    terminal.wait("]? ");
    let seen = terminal.answer("e");
    assert!(seen.contains("markers are left") && seen.contains("conflict 1 of 3"), "{seen}");
    assert!(all_sources(&repo)[0].starts_with("import sys\n<<<<<<<"));
    terminal.answer("o");
    assert_eq!(all_sources(&repo)[0], "import sys\nx = f(3, k=2)\nx");
    terminal.keys("q");
    terminal.end();
}

#[test]
fn ctrl_c_while_the_editor_runs() {
    let repo = several();
    let before = repo.bytes("n.ipynb");
    let script = editor(&repo, "echo EDITING; sleep 60");
    let mut terminal = walk_with(&repo, SCREEN, &[("GIT_EDITOR", &script), ("NO_COLOR", "1")]);
    terminal.wait("]? ");
    terminal.keys("e").wait("EDITING");
    assert!(terminal.is_as_it_was(), "the editor has the terminal");
    // A shell may lose a signal while it starts a program.
    std::thread::sleep(std::time::Duration::from_millis(500));
    terminal.keys("\u{3}").wait("3 left");
    assert_eq!(terminal.end().1.code(), Some(130));
    assert_eq!(repo.bytes("n.ipynb"), before);
}

#[test]
fn a_notebook_that_another_program_changed_is_not_written_over() {
    let repo = several();
    let mut terminal = walk(&repo);
    terminal.wait("]? ");
    let changed = repo.read("n.ipynb").replace("end", "END");
    repo.write("n.ipynb", &changed);
    terminal.keys("o");
    let (seen, status) = terminal.end();
    assert!(seen.contains("changed meanwhile") && status.code() == Some(129), "{seen}");
    assert_eq!(repo.read("n.ipynb"), changed);
}

#[test]
fn answers_come_from_a_pipe_too() {
    let repo = several();
    let run = repo.cellwise_reading("nonsense\n\nt\nu\no\n", TOOL).exits(0);
    assert!(run.stdout.contains("all 3 conflicts are settled") && !run.stdout.contains('\u{1b}'), "{}", run.stdout);
    assert_eq!(all_sources(&repo), ["import os\nx = f(1, k=4)\nx", "y = 2\ny = 3", "end"]);
    let repo = several();
    let run = repo.cellwise_reading("t\nu", TOOL).exits(1);
    assert!(run.stdout.contains("2 of 3 conflicts settled, 1 left"), "{}", run.stdout);
}

#[test]
fn long_versions_are_cut_to_the_screen_and_shown_whole_in_the_pager() {
    let lines = |word: &str| (0..60).map(|line| format!("{word} {line}\n")).collect::<String>();
    let repo = conflicted(&sources(&["x"]), &sources(&[&lines("ours")]), &sources(&[&lines("theirs")]));
    for size in [[24, 80], [24, 40], [12, 30]] {
        let mut terminal = walk_with(&repo, size, &[("NO_COLOR", "1"), ("GIT_PAGER", "cat")]);
        terminal.wait("]? ");
        let screen = terminal.screen();
        assert!(screen.contains("n.ipynb: conflict 1 of 1"), "the heading is on the screen: {screen}");
        assert!(screen.contains("lines more") && screen.contains("theirs (t)"), "{screen}");
        let seen = terminal.answer("p");
        assert!(seen.contains("+ours 59") && seen.contains("+theirs 59"), "{seen}");
        terminal.keys("q");
        terminal.end();
    }
}

#[test]
fn lines_of_a_million_characters() {
    let long = |word: &str| format!("{}{word}{}", "a b ".repeat(125_000), " c".repeat(250_000));
    let repo = conflicted(&sources(&[&long("base")]), &sources(&[&long("OURS")]), &sources(&[&long("THEIRS")]));
    let mut terminal = walk(&repo);
    let seen = terminal.wait("]? ");
    assert!(seen.len() < 2000 && seen.contains("OURS") && seen.contains("THEIRS"), "{}", &seen[..seen.len().min(2000)]);
    terminal.keys("t");
    assert_eq!(terminal.end().1.code(), Some(0));
    assert_eq!(all_sources(&repo), [long("THEIRS")]);
}

#[test]
fn control_characters_never_reach_the_terminal() {
    let text = |word: &str| format!("\u{1b}]0;{word}\u{7}\u{9b}2J\u{202e}{word}\r");
    let cell = |word: &str, metadata: Value| {
        let mut cell = markdown("a", &text(word));
        cell["metadata"] = metadata;
        notebook(&[cell])
    };
    let value = |word: &str| json!({"\u{1b}[31mkey": text(word)});
    let repo = conflicted(&cell("base", value("base")), &cell("ours", value("ours")), &cell("theirs", value("theirs")));
    repo.cellwise([
        "merge",
        "base.ipynb",
        "ours.ipynb",
        "theirs.ipynb",
        "-o",
        "n.ipynb",
        "-L",
        "\u{1b}[2Jmain",
        "-L",
        "b",
        "-L",
        "\u{9b}t",
    ])
    .exits(1);
    let mut terminal = walk(&repo);
    terminal.wait("]? ");
    terminal.answer("?");
    terminal.answer("s");
    terminal.keys("q").wait("left");
    let written = String::from_utf8_lossy(&terminal.written).into_owned();
    let raw = |character: char| character.is_control() && !"\r\n".contains(character) || character == '\u{202e}';
    assert!(!written.contains(raw), "{written:?}");
    assert!(written.contains("\\u{1b}]0;ours"), "{written}");
    terminal.end();
}

#[test]
fn colours_mark_the_words() {
    let repo = several();
    let mut terminal = walk_with(&repo, SCREEN, &[]);
    let seen = terminal.wait("]");
    assert!(seen.contains("\u{1b}[32m+x = f(\u{1b}[m\u{1b}[32m\u{1b}[7m3\u{1b}[m"), "{seen:?}");
    terminal.keys("q");
    terminal.end();
    for variables in [[("NO_COLOR", "1")], [("TERM", "dumb")]] {
        let mut terminal = walk_with(&repo, SCREEN, &variables);
        let seen = terminal.wait("]? ");
        assert!(!seen.contains('\u{1b}'), "{seen:?}");
        terminal.keys("q");
        terminal.end();
    }
}

#[test]
fn values_and_different_cells() {
    let file = |slide: &str, (id, new): (&str, &str)| {
        let mut first = markdown("a", "kept");
        first["metadata"] = json!({"slideshow": {"slide_type": slide}});
        let mut cells = vec![first, code("b", "end")];
        if !new.is_empty() {
            cells.insert(1, code(id, new));
        }
        notebook(&cells)
    };
    let repo = conflicted(
        &file("skip", ("", "")),
        &file("slide", ("m", "import numpy\nplot()")),
        &file("notes", ("n", "1 + 1 == 2")),
    );
    let mut terminal = walk(&repo);
    let seen = terminal.wait("]? ");
    assert!(seen.contains("conflict 1 of 2: cell 1, both sides changed the same metadata of the next cell"), "{seen}");
    assert!(seen.contains("-slideshow.slide_type: \"skip\"\n") && seen.contains("+slideshow.slide_type: \"notes\"\n"));
    assert!(seen.ends_with("Take [o,t,b,s,q,?]? "), "{seen}");
    let seen = terminal.answer("t");
    assert!(seen.contains("different cells in the same place") && seen.contains("+# %% code\n+1 + 1 == 2"), "{seen}");
    terminal.keys("u");
    assert_eq!(terminal.end().1.code(), Some(0));
    assert_eq!(all_sources(&repo), ["kept", "import numpy\nplot()", "1 + 1 == 2", "end"]);
    assert!(repo.read("n.ipynb").contains("\"notes\""));
}

#[test]
fn killed_at_any_moment_the_file_is_whole() {
    let repo = several();
    let original = repo.bytes("n.ipynb");
    let mut terminal = walk(&repo);
    terminal.wait("]? ");
    terminal.answer("o");
    let settled = repo.bytes("n.ipynb");
    terminal.keys("q");
    terminal.end();
    let path: &Path = &repo.path().join("n.ipynb");
    for round in 0..40_u64 {
        fs::write(path, &original).unwrap();
        let mut terminal = walk(&repo);
        terminal.wait("]? ");
        terminal.keys(&"oz".repeat(30));
        std::thread::sleep(std::time::Duration::from_micros(round * 377));
        repo.sh(&format!("kill -9 {}", terminal.id())).ok();
        terminal.end();
        let now = fs::read(path).unwrap();
        assert!(now == original || now == settled, "round {round}: {}", String::from_utf8_lossy(&now));
    }
}
