//! `cellwise install --cache`: git keeps the text forms, and drops them when they may be out of date.

use std::fs;

use crate::doctor::{copy_of_program, found, found_in};
use crate::nb::sources;
use crate::repo::Repo;

const REF: &str = "refs/notes/textconv/jupyternotebook";
const TEXTCONV: &str = "diff.jupyternotebook.textconv";

/// Two versions of a notebook, cached by `install --cache`.
fn cached() -> Repo {
    let repo = Repo::new();
    repo.cellwise(["install", "--cache"]).ok();
    repo.write("n.ipynb", sources(&["x = 1"])).commit("old").write("n.ipynb", sources(&["x = 2"])).commit("new");
    repo
}

/// What `log -p` shows, what it says besides, and how often it asked for a text.
fn log(repo: &Repo) -> (String, String, usize) {
    let run = repo.sh("GIT_TRACE=2 git log -p").exits(0);
    let (traced, said): (Vec<&str>, Vec<&str>) = run.stderr.lines().partition(|line| line.contains("trace: "));
    let asked =
        traced.iter().filter(|line| line.contains("trace: run_command: ") && line.contains(" textconv ")).count();
    (run.stdout, said.join("\n"), asked)
}

fn has_cache(repo: &Repo) -> bool {
    repo.git(["rev-parse", "--verify", "--quiet", REF]).code == 0
}

fn line(repo: &Repo) -> String {
    repo.git(["config", TEXTCONV]).ok().trim_end().to_owned()
}

#[test]
fn the_second_log_is_served_from_the_cache() {
    let repo = cached();
    let (first, said, asked) = log(&repo);
    assert!(first.contains("-x = 1\n+x = 2\n") && asked > 0, "{first}");
    assert_eq!(said, "");
    assert_eq!(log(&repo), (first.clone(), String::new(), 0));
    repo.cellwise(["install", "--no-cache"]).ok();
    assert!(!has_cache(&repo));
    // Without the option every log asks.
    for _ in 0..2 {
        let (again, said, asked) = log(&repo);
        assert_eq!((again, said), (first.clone(), String::new()));
        assert!(asked > 0);
    }
}

#[test]
fn another_version_of_the_text_form_drops_the_cache() {
    let repo = cached();
    let (first, _, asked) = log(&repo);
    let ours = line(&repo);
    assert!(ours.contains(" textconv --text-form=1 -- "), "{ours}");
    for other in ["0", "999999999999", "x"] {
        repo.git(["config", TEXTCONV, &ours.replace("=1 ", &format!("={other} "))]).ok();
        let (again, said, asked_again) = log(&repo);
        assert_eq!((&again, asked_again), (&first, asked), "{other}");
        assert!(said.starts_with("cellwise: ") && said.contains("`cellwise install --cache`"), "{said}");
    }
    repo.cellwise(["install", "--cache"]).ok();
    assert!(!has_cache(&repo));
    assert_eq!(line(&repo), ours);
    assert_eq!(log(&repo), (first, String::new(), asked));
}

#[test]
fn installing_again_empties_a_cache_of_raw_files() {
    let repo = cached();
    let ours = line(&repo);
    // The program is gone for a while: git goes on, and caches what it is given.
    repo.git(["config", TEXTCONV, "f() { /no/such/program textconv || cat <\"$1\"; }; f"]).ok();
    assert!(log(&repo).0.contains("\"cells\""));
    assert!(has_cache(&repo));
    repo.git(["config", TEXTCONV, &ours]).ok();
    let report = repo.cellwise(["install", "--cache"]).ok();
    assert!(report.contains(&format!("{REF} (removed)")), "{report}");
    assert!(!has_cache(&repo));
    assert!(repo.cellwise(["install", "--cache"]).ok().contains("already"));
}

#[test]
fn doctor_finds_what_was_cached_while_the_program_was_gone() {
    for (conversion, noted) in [("false", &[][..]), ("true", &["line-ends"])] {
        let repo = Repo::new();
        repo.git(["config", "core.autocrlf", conversion]).ok();
        let (program, away) = (copy_of_program(&repo, "bin"), repo.outside("away"));
        let cellwise = |args: &[&str]| repo.run(&program, repo.path(), args);
        cellwise(&["install", "--cache"]).exits(0);
        repo.write("broken.ipynb", "{").write("n.ipynb", sources(&["x = 1"])).commit("old");
        let (shown, ..) = log(&repo);
        assert!(shown.contains("+x = 1\n"), "{shown}");
        assert_eq!(found(&cellwise(&["doctor", "--json"])).ids(), noted);
        repo.write("n.ipynb", sources(&["x = 2"])).commit("new");
        fs::rename(&program, &away).unwrap();
        log(&repo);
        fs::rename(&away, &program).unwrap();
        assert!(log(&repo).0.contains("\"cells\""));
        let doctor = found(&cellwise(&["doctor", "--json"]));
        assert_eq!(doctor.ids(), [&["cache-raw"], noted].concat());
        repo.sh(doctor.cure("cache-raw")).ok();
        assert_eq!(found(&cellwise(&["doctor", "--json"])).ids(), noted);
        assert!(log(&repo).0.contains("-x = 1\n+x = 2\n"));
    }
}

#[test]
fn doctor_passes_over_a_cache_that_git_drops() {
    let repo = cached();
    let ours = line(&repo);
    repo.git(["config", TEXTCONV, &ours.replacen("textconv", "no-such-command", 1)]).ok();
    assert!(log(&repo).0.contains("\"cells\""));
    repo.git(["config", TEXTCONV, &ours]).ok();
    assert_eq!(found_in(&repo, "").ids(), [""; 0]);
}

#[test]
fn install_says_what_the_cache_means() {
    let repo = Repo::new();
    let report = repo.cellwise(["install", "--cache"]).ok();
    assert_eq!(report.lines().filter(|line| line.contains(REF)).count(), 1, "{report}");
    assert!(report.contains("push --mirror"), "{report}");
    assert!(!Repo::new().cellwise(["install"]).ok().contains(REF));
}

#[test]
fn a_dry_run_keeps_the_cache() {
    let repo = cached();
    log(&repo);
    for args in [&["install", "--cache", "--dry-run"][..], &["uninstall", "--dry-run"]] {
        let report = repo.cellwise(args).ok();
        assert!(report.contains(REF), "{report}");
        assert!(has_cache(&repo));
    }
}

#[test]
fn uninstalling_removes_the_ref_and_restores_every_byte() {
    for own in ["", "[diff \"jupyternotebook\"]\n\ttextconv = cat\n\tcachetextconv = false ; mine\n"] {
        let repo = Repo::new();
        repo.write("n.ipynb", sources(&["x = 1"])).commit("old").write("n.ipynb", sources(&["x = 2"])).commit("new");
        repo.write(".git/config", repo.read(".git/config") + own);
        let before = (repo.bytes(".git/config"), repo.git(["for-each-ref"]).ok());
        repo.cellwise(["install", "--cache"]).ok();
        log(&repo);
        assert!(has_cache(&repo));
        let report = repo.cellwise(["uninstall"]).ok();
        assert!(report.contains(&format!("{REF} is removed")), "{report}");
        assert_eq!((repo.bytes(".git/config"), repo.git(["for-each-ref"]).ok()), before);
        assert!(!repo.has(".git/cellwise"));
    }
}

#[test]
fn a_lost_record_is_no_obstacle_to_the_cache() {
    let repo = Repo::new();
    let before = repo.bytes(".git/config");
    repo.cellwise(["install", "--cache"]).ok();
    fs::remove_dir_all(repo.path().join(".git/cellwise")).unwrap();
    repo.cellwise(["uninstall"]).ok();
    assert_eq!(repo.bytes(".git/config"), before);
}
