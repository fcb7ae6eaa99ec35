//! `cellwise install --filter`: what is configured, and that nothing is lost or leaks once the program is gone.

use std::fs;
use std::process::Command;

use crate::nb::sources;
use crate::repo::Repo;

const BLOCK: &str = "# >>> cellwise\n*.[iI][pP][yY][nN][bB] diff=jupyternotebook merge=jupyternotebook filter=cellwise\n# <<< cellwise\n";
/// As `nbstripout --install` writes it.
const NBSTRIPOUT: &str = "[filter \"nbstripout\"]\n\tclean = \\\"/usr/bin/python3\\\" -m nbstripout\n\tsmudge = cat\n\
    \trequired = true\n[diff \"ipynb\"]\n\ttextconv = \\\"/usr/bin/python3\\\" -m nbstripout -t\n";
const NBSTRIPOUT_ATTRIBUTES: &str = "*.ipynb filter=nbstripout\n*.zpln filter=nbstripout\n*.ipynb diff=ipynb\n";
/// A notebook with an output.
const EXECUTED: &str = r#"{"cells":[{"cell_type":"code","metadata":{},"execution_count":1,"outputs":[{"output_type":"stream",
    "name":"stdout","text":["SECRET"]}],"source":"x"}],"nbformat":4,"nbformat_minor":4,"metadata":{}}"#;

fn config(repo: &Repo, key: &str) -> String {
    repo.git(["config", "--get", key]).stdout.trim_end().to_owned()
}

fn attribute(repo: &Repo, name: &str) -> String {
    let said = repo.git(["check-attr", name, "--", "any.ipynb"]).ok();
    said.trim_end().rsplit(' ').next().unwrap_or_default().to_owned()
}

#[test]
fn the_filter_is_required_and_the_drivers_clean() {
    let repo = Repo::new();
    let report = repo.cellwise(["install", "--filter"]).ok();
    assert!(report.contains("git add --renormalize"), "{report}");
    let tool = format!("\"{}\"", env!("CARGO_BIN_EXE_cellwise"));
    assert!(
        config(&repo, "filter.cellwise.process")
            .starts_with(&format!("f() {{ t={tool}; if test -x \"$t\"; then \"$t\" filter-process; "))
    );
    let clean = config(&repo, "filter.cellwise.clean");
    assert!(
        clean.starts_with(&format!("t={tool}; test -x ")) && clean.ends_with("; \"$t\" clean --path=%f"),
        "{clean}"
    );
    assert_eq!(config(&repo, "filter.cellwise.smudge"), "cat");
    assert_eq!(config(&repo, "filter.cellwise.required"), "true");
    assert!(config(&repo, "diff.jupyternotebook.textconv").contains(&format!("{tool} textconv --clean -- \"$1\" ")));
    assert!(config(&repo, "diff.jupyternotebook.command").contains("\"$t\" diff-driver --clean -- \"$@\" "));
    assert_eq!(repo.read(".git/info/attributes"), BLOCK);
}

#[test]
fn options_stay_until_their_opposite_is_typed() {
    let repo = Repo::new();
    let before = repo.bytes(".git/config");
    repo.cellwise(["install", "--filter", "--cache", "--no-command", "--use-path"]).ok();
    let installed = (repo.bytes(".git/config"), repo.read(".git/info/attributes"));
    let report = repo.sh("cellwise install").ok();
    for kept in ["--filter (--no-filter", "--cache (--no-cache", "--no-command (--command", "--use-path (--no-use-path"]
    {
        assert!(report.contains(kept), "{kept}: {report}");
    }
    assert_eq!((repo.bytes(".git/config"), repo.read(".git/info/attributes")), installed);
    let report = repo.cellwise(["install", "--no-filter", "--no-cache", "--command", "--no-use-path"]).ok();
    assert!(report.contains("outputs are committed again") && !report.contains("Kept"), "{report}");
    let plain = Repo::new();
    plain.cellwise(["install"]).ok();
    let entries = |repo: &Repo| {
        let list = repo.git(["config", "--local", "--list"]).ok();
        let mut lines: Vec<String> = list.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(entries(&repo), entries(&plain));
    assert_eq!(repo.bytes(".git/info/attributes"), plain.bytes(".git/info/attributes"));
    repo.cellwise(["uninstall"]).ok();
    assert_eq!(repo.bytes(".git/config"), before);
}

#[test]
fn a_filter_made_by_hand_stays_without_the_option_and_comes_back_after_it() {
    let repo = Repo::new();
    repo.git(["config", "filter.cellwise.clean", "cellwise clean"]).ok();
    repo.git(["config", "filter.cellwise.required", "true"]).ok();
    repo.write(".git/info/attributes", "*.ipynb filter=cellwise\n");
    let before = (repo.bytes(".git/config"), repo.read(".git/info/attributes"));
    repo.cellwise(["install"]).ok();
    assert_eq!(config(&repo, "filter.cellwise.clean"), "cellwise clean");
    repo.cellwise(["install", "--filter"]).ok();
    assert!(config(&repo, "filter.cellwise.clean").contains("--path=%f"));
    repo.cellwise(["install", "--no-filter"]).ok();
    assert_eq!(config(&repo, "filter.cellwise.clean"), "cellwise clean");
    assert_eq!(config(&repo, "filter.cellwise.process"), "");
    repo.cellwise(["uninstall"]).ok();
    assert_eq!((repo.bytes(".git/config"), repo.read(".git/info/attributes")), before);
}

#[test]
fn nbstripout_goes_on_cleaning() {
    let repo = Repo::new();
    let config_before = repo.read(".git/config") + NBSTRIPOUT;
    repo.write(".git/config", &config_before).write(".git/info/attributes", NBSTRIPOUT_ATTRIBUTES);
    let report = repo.cellwise(["install"]).ok();
    assert!(report.contains("filter=nbstripout stays in force"), "{report}");
    assert!(report.contains("diff=ipynb was in force"), "{report}");
    let in_force = || (attribute(&repo, "diff"), attribute(&repo, "filter"));
    assert_eq!(in_force(), ("jupyternotebook".into(), "nbstripout".into()));
    // nbstripout once more: its lines come last, and take the diff.
    repo.write(".git/info/attributes", repo.read(".git/info/attributes") + "*.ipynb diff=ipynb\n");
    assert_eq!(attribute(&repo, "diff"), "ipynb");
    repo.cellwise(["install"]).ok();
    assert_eq!(in_force(), ("jupyternotebook".into(), "nbstripout".into()));
    let report = repo.cellwise(["install", "--filter"]).ok();
    assert!(report.contains("filter=cellwise comes in its place"), "{report}");
    assert_eq!(attribute(&repo, "filter"), "cellwise");
    repo.cellwise(["uninstall"]).ok();
    assert_eq!(repo.read(".git/config"), config_before);
    assert_eq!(repo.read(".git/info/attributes"), format!("{NBSTRIPOUT_ATTRIBUTES}*.ipynb diff=ipynb\n"));
}

#[test]
fn an_exception_behind_the_block_counts_after_another_install() {
    let repo = Repo::new();
    repo.cellwise(["install", "--filter"]).ok();
    repo.write(".git/info/attributes", repo.read(".git/info/attributes") + "examples/*.ipynb -filter\n");
    let exempt = |repo: &Repo| repo.git(["check-attr", "filter", "examples/n.ipynb"]).ok().contains(": unset");
    assert!(exempt(&repo));
    for options in [&["install"][..], &["install", "--no-filter"], &["install", "--filter"]] {
        let report = repo.cellwise(options).ok();
        assert!(exempt(&repo) && !report.contains("moved behind"), "{report}");
    }
    repo.write(".git/info/attributes", repo.read(".git/info/attributes") + "*.ipynb diff=ipynb\nsub/* -filter\n");
    let report = repo.cellwise(["install"]).ok();
    assert!(report.contains("moved behind `*.ipynb diff=ipynb`"), "{report}");
    assert_eq!(attribute(&repo, "diff"), "jupyternotebook");
    assert!(repo.read(".git/info/attributes").ends_with(&format!("{BLOCK}sub/* -filter\n")));
    repo.cellwise(["uninstall"]).ok();
    let rest = "examples/*.ipynb -filter\n*.ipynb diff=ipynb\nsub/* -filter\n";
    assert_eq!(repo.read(".git/info/attributes"), rest);
}

#[test]
fn names_in_capitals_are_cleaned_too() {
    let repo = Repo::new();
    repo.git(["config", "core.ignoreCase", "false"]).ok();
    // As an earlier version left it.
    let block = BLOCK.replace("*.[iI][pP][yY][nN][bB]", "*.ipynb").replace(" filter=cellwise", "");
    repo.write(".git/info/attributes", block);
    repo.cellwise(["install", "--filter"]).ok();
    assert_eq!(repo.read(".git/info/attributes"), BLOCK);
    for name in ["a.IPYNB", "sub/b.Ipynb", "c.ipynb"] {
        for (attribute, value) in [("diff", "jupyternotebook"), ("merge", "jupyternotebook"), ("filter", "cellwise")] {
            assert_eq!(repo.git(["check-attr", attribute, name]).ok(), format!("{name}: {attribute}: {value}\n"));
        }
    }
    repo.write("a.IPYNB", EXECUTED).git(["add", "."]).ok();
    assert!(!repo.git(["show", ":a.IPYNB"]).ok().contains("SECRET"));
    repo.cellwise(["uninstall"]).ok();
    assert!(!repo.has(".git/info/attributes"));
}

#[test]
fn what_is_left_of_the_filter_is_made_whole_again() {
    let keys = ["process", "clean", "smudge", "required"];
    let without: [&[&str]; 4] = [&["process"], &["clean"], &["process", "clean"], &keys];
    for gone in without {
        let repo = Repo::new();
        let before = repo.bytes(".git/config");
        repo.cellwise(["install", "--filter"]).ok();
        let list = |repo: &Repo| keys.map(|key| config(repo, &format!("filter.cellwise.{key}")));
        let whole = list(&repo);
        for key in gone {
            repo.git(["config", "--unset", &format!("filter.cellwise.{key}")]).ok();
        }
        let report = repo.cellwise(["install"]).ok();
        assert!(report.contains("--filter (--no-filter"), "{report}");
        assert_eq!((list(&repo), repo.read(".git/info/attributes")), (whole, BLOCK.to_owned()));
        repo.git(["config", "--unset", &format!("filter.cellwise.{}", gone[0])]).ok();
        let report = repo.cellwise(["install", "--no-filter"]).ok();
        assert!(report.contains("outputs are committed again"), "{report}");
        repo.cellwise(["uninstall"]).ok();
        assert_eq!(repo.bytes(".git/config"), before);
    }
}

#[test]
fn a_name_that_the_path_does_not_lead_to_is_reported() {
    let repo = Repo::new();
    assert!(!repo.sh("cellwise install --use-path").ok().contains("warning"));
    assert!(config(&repo, "merge.jupyternotebook.driver").starts_with("cellwise merge-driver "));
    let report = repo.sh("c=$(command -v cellwise); PATH=$(dirname \"$(command -v git)\"):/bin \"$c\" install").ok();
    assert!(report.contains("no cellwise on the PATH"), "{report}");
    let other = "mkdir ../bin; cp \"$(command -v cat)\" ../bin/cellwise; c=$(command -v cellwise); PATH=$PWD/../bin:$PATH \"$c\" install";
    let report = repo.sh(other).ok();
    assert!(report.contains("another cellwise: ") && report.contains("/bin/cellwise\n"), "{report}");
}

#[test]
fn a_name_that_is_gone_leaves_the_answer_to_git() {
    let repo = Repo::new();
    repo.write("n.ipynb", "1\n").write("z.txt", "1\n").commit("one").write("n.ipynb", "2\n").write("z.txt", "2\n");
    repo.sh("cellwise install --use-path").ok();
    let diff = repo.git(["diff"]).exits(0);
    assert!(diff.stdout.contains("-1\n+2\n") && diff.stdout.contains("b/z.txt"), "{}", diff.stdout);
    assert!(diff.stderr.contains("plain text follows") && !diff.stderr.contains("diff-driver"), "{}", diff.stderr);
}

/// Notebooks that a shell could spoil, by name.
fn odd_files() -> Vec<(&'static str, Vec<u8>)> {
    let large = (0..200_000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    vec![
        ("large.ipynb", large),
        ("empty.ipynb", vec![]),
        ("a b'\"$x.ipynb", b"{}\0\0\n\n\n".to_vec()),
        ("one.ipynb", b"%s".to_vec()),
    ]
}

/// Notebooks are committed, and then there is no program that could filter.
fn without_filter(program: &str) -> Repo {
    let repo = Repo::new();
    for (name, bytes) in odd_files() {
        repo.write(name, bytes);
    }
    // git reads files again that are as young as its index, and cannot without the filter.
    repo.sh("touch -t 202001010000 *.ipynb").ok();
    repo.commit("one");
    lose_program(&repo, program);
    repo
}

/// Installs the filter of a program that is gone then, or replaced by this one.
fn lose_program(repo: &Repo, program: &str) {
    let copy = repo.outside("the program");
    assert!(Command::new("cp").arg(env!("CARGO_BIN_EXE_cellwise")).arg(&copy).status().unwrap().success());
    repo.run(&copy, repo.path(), ["install", "--filter"]).ok();
    fs::remove_file(&copy).unwrap();
    if !program.is_empty() {
        repo.write_program(&copy, program);
    }
}

impl Repo {
    /// Puts a program there by another process, so that no child of another test holds it open.
    fn write_program(&self, path: &std::path::Path, text: &str) {
        fs::write(self.outside("text"), text).unwrap();
        let line = format!("cp ../text '{0}' && chmod +x '{0}'", path.display());
        self.sh(&line).ok();
    }
}

#[test]
fn scenario_04_without_the_program_checkout_loses_nothing_and_add_leaks_nothing() {
    // Gone; too old to know the command; not for this machine.
    for program in ["", "#!/bin/sh\nexit 2\n", "#!/no/such/shell\n", "\0\0\0"] {
        let repo = without_filter(program);
        for (name, _) in odd_files() {
            fs::remove_file(repo.path().join(name)).unwrap();
        }
        let run = repo.git(["checkout", "--", "."]).exits(0);
        assert!(run.stderr.contains("cellwise is gone or too old"), "{program:?}: {}", run.stderr);
        for (name, bytes) in odd_files() {
            assert_eq!(repo.bytes(name), bytes, "{program:?}: {name}");
        }
        repo.write("new.ipynb", "output").write("one.ipynb", "longer than it was");
        for name in ["new.ipynb", "one.ipynb"] {
            let run = repo.git(["add", name]);
            assert_ne!(run.code, 0, "{program:?}");
            assert!(run.stderr.contains("cellwise is gone or too old"), "{program:?}: {}", run.stderr);
        }
        assert_eq!(repo.git(["diff", "--cached", "--name-only"]).ok(), "");
        assert_eq!(repo.read("new.ipynb"), "output");
        // As the message says.
        repo.git(["config", "filter.cellwise.required", "false"]).ok();
        repo.git(["add", "new.ipynb"]).ok();
        assert_eq!(repo.git(["show", ":new.ipynb"]).ok(), "output");
        repo.cellwise(["uninstall"]).ok();
        assert!(!repo.read(".git/config").contains("cellwise"), "{}", repo.read(".git/config"));
    }
}

#[test]
fn without_the_program_other_branches_can_be_checked_out() {
    let repo = without_filter("");
    repo.git(["checkout", "-q", "-b", "other", "HEAD"]).ok();
    repo.git(["rm", "-q", "--cached", "one.ipynb", "large.ipynb"]).ok();
    fs::remove_file(repo.path().join("one.ipynb")).unwrap();
    fs::remove_file(repo.path().join("large.ipynb")).unwrap();
    repo.git(["commit", "-q", "-m", "two"]).ok();
    repo.git(["checkout", "-q", "main"]).ok();
    for (name, bytes) in odd_files() {
        assert_eq!(repo.bytes(name), bytes, "{name}");
    }
}

#[test]
fn without_the_program_diffs_are_plain_text() {
    for program in ["", "#!/bin/sh\nexit 2\n"] {
        let repo = Repo::new();
        for x in ["1", "2"] {
            repo.write("n.ipynb", sources(&[&format!("x = {x}")])).commit(x);
        }
        lose_program(&repo, program);
        for args in [&["diff", "HEAD~1", "HEAD"][..], &["log", "-p", "--ext-diff"], &["log", "-p"]] {
            let run = repo.git(args).exits(0);
            assert!(run.stdout.contains("x = 2"), "{program:?} {args:?}: {run:?}");
        }
        let run = repo.git(["diff", "HEAD~1", "HEAD"]);
        assert!(run.stderr.ends_with("cellwise gave no answer, plain text follows\n"), "{program:?}: {run:?}");
    }
}

#[test]
fn the_clean_line_alone_says_what_is_wrong() {
    let repo = without_filter("");
    repo.git(["config", "--unset", "filter.cellwise.process"]).ok();
    repo.write("new.ipynb", "output");
    let run = repo.git(["add", "new.ipynb"]).exits(128);
    assert!(run.stderr.contains("cellwise is gone or too old"), "{}", run.stderr);
    fs::remove_file(repo.path().join("one.ipynb")).unwrap();
    repo.git(["checkout", "--", "one.ipynb"]).ok();
    assert_eq!(repo.read("one.ipynb"), "%s");
}
