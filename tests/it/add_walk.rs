//! The walk over changed cells, key by key on a real terminal.

use crate::nb::sources;
use crate::repo::Repo;
use crate::terminal::Terminal;

const SCREEN: [u16; 2] = [24, 80];

fn changed() -> Repo {
    let repo = Repo::new();
    repo.write("n.ipynb", sources(&["x = 1", "y = 1", "z = 1"])).commit("base");
    repo.write("n.ipynb", sources(&["x = 2", "y = 2", "z = 2"]));
    repo
}

fn walk(repo: &Repo) -> Terminal {
    Terminal::run(repo, SCREEN, env!("CARGO_BIN_EXE_cellwise"), &["add", "-p"], &[("NO_COLOR", "1")])
}

#[test]
fn one_key_each_and_nothing_is_staged_before_the_last() {
    let repo = changed();
    let before = repo.stored(":n.ipynb");
    let mut terminal = walk(&repo);
    let seen = terminal.wait("]? ");
    assert!(seen.contains("-x = 1\n+x = 2\n(1/3) Stage cell 1 [y,n,q,a,d,J,?]? "), "{seen}");
    let seen = terminal.answer("y");
    assert!(seen.starts_with("y\n") && seen.contains("(2/3) Stage cell 2"), "{seen}");
    for key in ["x", "\r", "\u{1b}[A", "é"] {
        assert!(terminal.answer(key).contains("y - stage this change\n"), "{key:?}");
    }
    terminal.answer("n");
    assert_eq!(repo.stored(":n.ipynb"), before);
    terminal.keys("y");
    let (seen, status) = terminal.end();
    assert!(seen.ends_with("n.ipynb: staged 2 of 3 changed cells\n") && status.code() == Some(0), "{seen}");
    assert_eq!(repo.stored(":n.ipynb"), sources(&["x = 2", "y = 1", "z = 2"]));
}

#[test]
fn how_it_can_be_left() {
    for (key, code, staged) in [("q", 0, "x = 2"), ("\u{4}", 0, "x = 2"), ("\u{3}", 130, "x = 1")] {
        let repo = changed();
        let mut terminal = walk(&repo);
        terminal.wait("]? ");
        terminal.answer("y");
        terminal.keys(key);
        let (seen, status) = terminal.end();
        assert_eq!(status.code(), Some(code), "{key:?}: {seen}");
        assert_eq!(repo.stored(":n.ipynb"), sources(&[staged, "y = 1", "z = 1"]), "{key:?}");
    }
}

#[test]
fn colours_are_there_on_a_terminal() {
    let repo = changed();
    let mut terminal = Terminal::run(&repo, SCREEN, env!("CARGO_BIN_EXE_cellwise"), &["add", "-p"], &[]);
    let seen = terminal.wait("]?");
    assert!(seen.contains("\u{1b}[31m-") && seen.contains("\u{1b}[1m(1/3) Stage cell 1"), "{seen:?}");
    terminal.keys("q");
    terminal.end();
}

#[test]
fn what_somebody_else_stages_meanwhile_stays() {
    let repo = changed();
    let other = sources(&["something else"]);
    let mut terminal = walk(&repo);
    terminal.wait("]? ");
    let blob = repo.write("other", &other).git(["hash-object", "-w", "other"]).ok();
    repo.git(["update-index", "--cacheinfo", &format!("100644,{},n.ipynb", blob.trim())]).ok();
    terminal.keys("a");
    let (seen, status) = terminal.end();
    let said = "n.ipynb: it was staged by somebody else meanwhile; nothing was changed: run it again";
    assert!(seen.contains(said) && status.code() == Some(129), "{seen}");
    assert_eq!(repo.stored(":n.ipynb"), other);
}

#[test]
fn a_signal_stages_nothing() {
    let repo = changed();
    let before = repo.stored(":n.ipynb");
    let mut terminal = walk(&repo);
    terminal.wait("]? ");
    terminal.answer("y");
    assert!(!terminal.is_as_it_was(), "keys come at once");
    repo.sh(&format!("kill -TERM {}", terminal.id())).ok();
    let (_, status) = terminal.end();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(15));
    assert_eq!(repo.stored(":n.ipynb"), before);
}
