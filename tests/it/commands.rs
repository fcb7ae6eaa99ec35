//! The commands that people type.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::nb::{code, markdown, notebook, ran, sources};
use crate::patch::{apply, fits};
use crate::repo::{Repo, Run};

const NAME: &str = "n.ipynb";

/// A notebook with an output and a count, and the same without.
fn dirty_and_clean() -> (String, String) {
    let clean = [markdown("t", "# Title"), code("a", "1 + 1")];
    (notebook(&[markdown("t", "# Title"), ran("a", "1 + 1", 7, "2\n")]), notebook(&clean))
}

fn said(run: &Run) -> String {
    format!("{}{}", run.stdout, run.stderr)
}

mod every_command {
    use super::*;

    const COMMANDS: [&str; 12] = [
        "install",
        "uninstall",
        "diff",
        "apply",
        "show",
        "merge",
        "check",
        "clean",
        "config",
        "textconv",
        "diff-driver",
        "merge-driver",
    ];

    #[test]
    fn has_help() {
        let repo = Repo::new();
        for command in COMMANDS {
            let help = repo.cellwise([command, "--help"]).ok();
            assert!(help.contains(&format!("Usage: cellwise {command}")), "{help}");
        }
        let help = repo.cellwise(["--help"]).ok();
        COMMANDS[..8].iter().for_each(|command| assert!(help.contains(&format!("  {command} ")), "{help}"));
        assert!(!help.contains("merge-driver"), "plumbing is for git: {help}");
        assert_eq!(repo.cellwise(["--version"]).ok(), format!("cellwise {}\n", env!("CARGO_PKG_VERSION")));
    }

    /// Each line of the examples as it is typed, without what is said of it.
    fn examples(help: &str) -> Vec<String> {
        let lines = help.lines().skip_while(|line| *line != "Examples:").skip(1);
        let lines = lines.map_while(|line| line.strip_prefix("  "));
        lines.map(|line| line.split("  ").next().unwrap().to_owned()).collect()
    }

    /// A repository in the middle of a merge with two conflicts, and files of all the names that examples have.
    fn repository_of_examples() -> Repo {
        let repo = Repo::installed();
        let [base, ours, theirs] = ["0", "1", "2"].map(|side| {
            sources(&[
                &format!("x = {side}"),
                &format!("y = {side}"),
                "third = load()",
                "fourth = plot()",
                "fifth",
                "print(sixth)",
            ])
        });
        for (name, text) in [("base.ipynb", &base), ("ours.ipynb", &ours), ("theirs.ipynb", &theirs)] {
            repo.write(name, text);
        }
        repo.write("old.ipynb", &base).write("report.ipynb", &base).commit("base");
        repo.git(["checkout", "-q", "-b", "side"]).ok();
        repo.write("report.ipynb", &theirs).commit("theirs").git(["checkout", "-q", "main"]).ok();
        repo.write("report.ipynb", &ours).commit("ours");
        repo
    }

    #[test]
    fn has_examples_that_run() {
        let home = repository_of_examples();
        let top = home.cellwise(["--help"]).ok();
        let listed =
            top.lines().skip_while(|line| *line != "Commands:").skip(1).map_while(|line| line.strip_prefix("  "));
        let commands: Vec<&str> = listed.map(|line| line.split(' ').next().unwrap()).collect();
        assert!(commands.len() > 12, "{top}");
        for command in commands.into_iter().filter(|command| *command != "help") {
            let repo = repository_of_examples();
            match command {
                "resolve" => drop(repo.git(["merge", "side"]).exits(1)),
                _ => drop(
                    repo.write(
                        "report.ipynb",
                        sources(&["x = 1", "y = 3", "third = load(1)", "fourth = plot(1)", "print(sixth, 1)"]),
                    )
                    .write("new.ipynb", sources(&["n"])),
                ),
            }
            let typed = examples(&repo.cellwise(["help", command]).ok());
            assert!(typed.len() > 1, "{command}");
            for line in typed {
                let run = repo.sh(&format!("{{ {line}; }} </dev/null"));
                // 1: something was found.
                assert!(run.code <= 1 && !run.stderr.contains("error"), "{line}: {run:?}");
            }
        }
    }

    #[test]
    fn fits_the_screen() {
        let repo = Repo::new();
        let help = repo.sh("COLUMNS=80 cellwise -h").ok();
        assert!(help.lines().count() <= 24, "{help}");
        for command in COMMANDS {
            for help in [format!("cellwise {command} -h"), format!("cellwise help {command}")] {
                let text = repo.sh(&format!("COLUMNS=80 {help}")).ok();
                assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
            }
        }
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        let repo = Repo::new();
        for args in [&["frobnicate"][..], &["diff", "--frobnicate"], &["merge", "a"], &["show"], &["textconv"], &[]] {
            let run = repo.cellwise(args).exits(2);
            assert!(run.stdout.is_empty() && run.stderr.contains("Usage"), "{run:?}");
        }
    }

    #[test]
    fn ends_quietly_when_nobody_listens() {
        let repo = Repo::new();
        let long: String = "line of text\n".repeat(20_000);
        repo.write(NAME, sources(&["x"])).commit("old").write(NAME, sources(&[&long]));
        let commands = ["show n.ipynb", "diff", "diff --staged HEAD", "textconv n.ipynb", "clean <n.ipynb", "--help"];
        for command in commands {
            let run = repo.sh(&format!("{{ cellwise {command}; echo $? >code; }} | head -n 1 >first"));
            assert_eq!((run.stderr.as_str(), repo.read("code").as_str()), ("", "0\n"), "{command}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn says_when_its_answer_could_not_be_written() {
        let repo = Repo::new();
        repo.write(NAME, sources(&["x"]).trim_end());
        for command in ["show n.ipynb", "textconv n.ipynb", "clean <n.ipynb", "merge n.ipynb n.ipynb n.ipynb"] {
            let run = repo.sh(&format!("cellwise {command} >/dev/full")).exits(129);
            assert_eq!(run.stderr, "cellwise: cannot write standard output: No space left on device\n", "{command}");
        }
    }
}

mod diff {
    use super::*;

    fn history() -> Repo {
        let repo = Repo::new();
        repo.write(NAME, sources(&["one"])).write("sub/m.ipynb", sources(&["one"])).commit("first");
        repo.git(["tag", "v1"]).ok();
        repo.write(NAME, sources(&["two"])).commit("second");
        repo.write(NAME, sources(&["three"])).git(["add", NAME]).ok();
        repo.write(NAME, sources(&["four"])).write("sub/m.ipynb", sources(&["four"]));
        repo
    }

    #[test]
    fn compares_what_it_is_asked_to() {
        let repo = history();
        for (args, before, after) in [
            (&["--", "n.ipynb"][..], "three", "four"),
            (&["n.ipynb"], "three", "four"),
            (&["HEAD", "n.ipynb"], "two", "four"),
            (&["--staged"], "two", "three"),
            (&["--cached", "v1"], "one", "three"),
            (&["v1", "HEAD"], "one", "two"),
            (&["v1..HEAD"], "one", "two"),
            (&["v1.."], "one", "two"),
            (&["v1", "--", "n.ipynb"], "one", "four"),
            (&["sub"], "one", "four"),
            (&["v1", "--", "sub", "n.ipynb"], "one", "four"),
        ] {
            let patch = repo.cellwise([&["diff"], args].concat()).ok();
            assert!(patch.contains(&format!("-{before}\n+{after}\n")), "{args:?}: {patch}");
        }
        assert_eq!(repo.cellwise(["diff"]).ok().matches("diff --git ").count(), 2);
        assert_eq!(repo.cellwise(["diff", "v1", "HEAD", "--", "sub"]).ok(), "");
        let inside = repo.cellwise_in("sub", ["diff", "m.ipynb"]).ok();
        assert!(inside.starts_with("diff --git a/sub/m.ipynb b/sub/m.ipynb\n"), "{inside}");
    }

    #[test]
    fn compares_two_files_anywhere() {
        let repo = history();
        let folder = repo.outside("home");
        let (old, new) = (sources(&["a\nb\nc\nd\ne", "f"]), sources(&["a\nb\nC\nd\ne", "f", "g"]));
        fs::write(folder.join("old.ipynb"), &old).unwrap();
        fs::write(folder.join("new.ipynb"), &new).unwrap();
        let cellwise = |args: &[&str]| repo.run(env!("CARGO_BIN_EXE_cellwise").as_ref(), &folder, args);
        for options in [&["diff", "--format=patch"][..], &["diff", "--format=patch", "-U0"]] {
            let patch = cellwise(&[options, &["old.ipynb", "new.ipynb"]].concat()).ok();
            assert_eq!(apply(&patch, &repo.text_of(&old)), repo.text_of(&new), "{patch}");
        }
        let shown = cellwise(&["diff", "-U", "100", "old.ipynb", "new.ipynb"]).ok();
        fits(&shown, &repo.text_of(&old), &repo.text_of(&new));
        assert!(shown.contains("-c\n+C\n"), "{shown}");
        let added = cellwise(&["diff", "--format=patch", "/dev/null", "new.ipynb"]).ok();
        assert_eq!(apply(&added, ""), repo.text_of(&new));
        assert!(added.contains("new file mode 100644\n") && added.contains("b/new.ipynb\n"), "{added}");
        assert_eq!(cellwise(&["diff", "--exit-code", "old.ipynb", "old.ipynb"]).ok(), "");
    }

    #[test]
    fn exit_code_is_for_those_who_ask() {
        let repo = history();
        repo.cellwise(["diff"]).exits(0);
        repo.cellwise(["diff", "--exit-code"]).exits(1);
        repo.cellwise(["diff", "--exit-code", "v1", "HEAD", "--", "sub"]).exits(0);
    }

    #[test]
    fn equal_files_are_equal_even_if_they_are_no_notebooks() {
        let repo = Repo::new();
        for file in ["{", "", "a\0"] {
            repo.write("a.ipynb", file).write("b.ipynb", file);
            assert_eq!(repo.cellwise(["diff", "--exit-code", "a.ipynb", "b.ipynb"]).ok(), "");
        }
    }

    #[test]
    fn what_is_no_notebook_is_compared_by_lines() {
        let repo = Repo::new();
        repo.write("a.ipynb", "{1\n").write("b.ipynb", "{2\n");
        let patch = repo.cellwise(["diff", "a.ipynb", "b.ipynb"]).ok();
        assert!(patch.contains("-{1\n+{2\n") && patch.matches("compared as plain text\n").count() == 2, "{patch}");
        repo.write("a.ipynb", "\0").write("b.ipynb", "\0\0");
        let patch = repo.cellwise(["diff", "a.ipynb", "b.ipynb"]).ok();
        assert!(patch.ends_with("Binary files a/a.ipynb and b/b.ipynb differ\n"), "{patch}");
    }

    #[test]
    fn a_renamed_notebook_is_one_file_with_its_names_quoted() {
        let repo = Repo::new();
        repo.write("ä b.ipynb", sources(&["one", "two", "three"])).commit("old");
        repo.git(["mv", "ä b.ipynb", "c d.ipynb"]).ok();
        let ours = repo.cellwise(["diff", "--staged"]).ok();
        assert!(ours.contains("rename from \"\\303\\244 b.ipynb\"\nrename to c d.ipynb\n"), "{ours}");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_in_the_place_of_a_link_is_one_gone_and_one_come() {
        let repo = Repo::new();
        std::os::unix::fs::symlink("x.ipynb", repo.path().join(NAME)).unwrap();
        repo.commit("link");
        fs::remove_file(repo.path().join(NAME)).unwrap();
        repo.write(NAME, sources(&["one"]));
        let patch = repo.cellwise(["diff"]).ok();
        let heads: Vec<&str> = patch.lines().filter(|line| line.contains("file mode")).collect();
        assert_eq!(heads, ["deleted file mode 120000", "new file mode 100644"]);
        assert!(patch.contains("-x.ipynb\n") && patch.contains("+# %% code\n+one\n"), "{patch}");
    }

    #[test]
    fn of_an_unmerged_notebook_nothing_is_staged() {
        let [base, ours, theirs] = ["x = 0", "x = 1", "x = 2"].map(|line| sources(&[line]));
        let repo = crate::git_merge::branches(base, ours, theirs);
        repo.git(["merge", "-q", "side"]).exits(1);
        assert_eq!(repo.cellwise(["diff", "--staged"]).ok(), "* Unmerged path n.ipynb\n");
        let diff = repo.cellwise(["diff"]).ok();
        assert!(diff.starts_with("* Unmerged path n.ipynb\ndiff --git ") && diff.contains("+# UNRESOLVED"), "{diff}");
    }

    #[test]
    fn mistakes_are_named_in_one_line() {
        let repo = history();
        for (args, named) in [
            (&["no-such"][..], "no-such"),
            (&["v1", "v2"], "v2"),
            (&["v1...v2", "--", "n.ipynb"], "v2"),
            (&["a", "b"], "a"),
        ] {
            let run = repo.cellwise([&["diff"], args].concat()).exits(129);
            assert!(run.stdout.is_empty() && run.stderr.contains(named), "{run:?}");
            assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
        }
        let outside = repo.run(env!("CARGO_BIN_EXE_cellwise").as_ref(), &repo.outside("home"), ["diff"]).exits(129);
        assert_eq!(outside.stderr.lines().count(), 1, "{outside:?}");
        assert!(outside.stderr.contains("is not in a git repository"), "{outside:?}");
    }
}

mod show {
    use super::*;

    #[test]
    fn prints_the_text_form() {
        let repo = Repo::new();
        let file = sources(&["x = 1", "y"]);
        repo.write(NAME, &file);
        let text = repo.text_of(&file);
        assert_eq!(repo.cellwise(["show", NAME]).ok(), text);
        assert_eq!(repo.cellwise_reading(&file, ["show", "-"]).ok(), text);
        assert_eq!(text.lines().next(), Some("# %% code"));
    }

    #[test]
    fn outputs_are_shown_on_request() {
        let repo = Repo::new();
        let file = notebook(&[ran("a", "print(1)", 3, "\u{1b}[31m1\u{1b}[m\n")]);
        repo.write(NAME, &file);
        let text = repo.cellwise(["show", "--outputs", NAME]).ok();
        assert!(text.starts_with("# %% code\nprint(1)\n    # %% output stdout\n    1\n\n"), "{text}");
        assert_eq!(repo.cellwise(["show", "-o", NAME]).ok(), text);
        assert_eq!(repo.cellwise_reading(&file, ["textconv", "--outputs", "-"]).ok(), text);
        assert_ne!(repo.cellwise(["show", NAME]).ok(), text);
    }

    #[test]
    fn git_shows_outputs_if_it_is_told_to() {
        let repo = Repo::installed();
        repo.write(NAME, notebook(&[ran("a", "x", 1, "before\n")])).commit("one");
        repo.write(NAME, notebook(&[ran("a", "x", 2, "after\n")])).commit("two");
        let textconv = format!("diff.jupyternotebook.textconv={} textconv --outputs", env!("CARGO_BIN_EXE_cellwise"));
        let shown = repo.git(["-c", &textconv, "log", "-p", "-1"]).ok();
        assert!(shown.contains("\n-    before\n+    after\n"), "{shown}");
    }

    #[test]
    fn several_notebooks_go_into_one_file() {
        let repo = Repo::new();
        repo.write("a.ipynb", sources(&["a"])).write("b.ipynb", sources(&["b"]));
        repo.sh("cellwise show a.ipynb b.ipynb >../out").ok();
        assert_eq!(repo.read("../out"), repo.cellwise(["show", "a.ipynb", "b.ipynb"]).ok());
        assert!(repo.read("../out").contains("# %% code\na\n") && repo.read("../out").contains("# %% code\nb\n"));
    }

    #[test]
    fn a_folder_means_the_notebooks_that_git_tracks_in_it() {
        let repo = Repo::new();
        repo.write("a.ipynb", sources(&["a"])).write("sub/é b.ipynb", sources(&["b"])).commit("both");
        repo.write("untracked.ipynb", sources(&["c"]));
        let all = repo.cellwise(["show", "."]).ok();
        assert!(all.starts_with("==> a.ipynb <==\n") && all.contains("==> sub/é b.ipynb <==\n"), "{all}");
        assert!(!all.contains("untracked"), "{all}");
        assert_eq!(repo.cellwise(["show", "sub"]).ok(), repo.text_of(sources(&["b"])));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_name_that_is_no_utf_8_is_a_name() {
        use std::os::unix::ffi::OsStrExt as _;
        let repo = Repo::new();
        let name = std::ffi::OsStr::from_bytes(b"\xff.ipynb");
        fs::write(repo.path().join(name), sources(&["a"])).unwrap();
        repo.commit("odd");
        assert_eq!(repo.cellwise(["show", "."]).ok(), repo.text_of(sources(&["a"])));
    }

    #[test]
    fn what_cannot_be_shown_does_not_hide_the_rest() {
        let repo = Repo::new();
        repo.write("a.ipynb", "{").write("b.ipynb", sources(&["b"]));
        let run = repo.cellwise(["show", "a.ipynb", "missing.ipynb", "b.ipynb"]).exits(129);
        assert!(run.stdout.contains("# %% code\nb\n"), "{run:?}");
        let faults: Vec<&str> = run.stderr.lines().collect();
        assert!(faults[0].starts_with("cellwise: a.ipynb: not a notebook: line 1"), "{faults:?}");
        assert_eq!(faults[1..], ["cellwise: cannot read missing.ipynb: No such file or directory"]);
    }
}

mod clean {
    use super::*;

    #[test]
    fn files_are_cleaned_in_place_and_streams_to_stdout() {
        let (dirty, clean) = dirty_and_clean();
        let repo = Repo::new();
        repo.write(NAME, &dirty);
        assert_eq!(repo.cellwise(["clean", NAME]).ok(), "n.ipynb: cleaned (1 output)\n");
        assert_eq!(repo.read(NAME), clean);
        for args in [&["clean"][..], &["clean", "-"]] {
            assert_eq!(repo.cellwise_reading(&dirty, args).ok(), clean);
            assert_eq!(repo.cellwise_reading(&clean, args).ok(), clean);
        }
    }

    #[test]
    fn check_says_what_would_change_and_changes_nothing() {
        let (dirty, clean) = dirty_and_clean();
        let repo = Repo::new();
        repo.write(NAME, &dirty).write("c.ipynb", &clean);
        let run = repo.cellwise(["clean", "--check", NAME, "c.ipynb"]).exits(1);
        let sum = "1 of 2 notebooks would be cleaned, 1 output to drop\n";
        assert_eq!(said(&run), format!("n.ipynb: would be cleaned (1 output)\n{sum}"));
        assert_eq!(repo.read(NAME), dirty);
        repo.cellwise(["clean", "--check", "c.ipynb"]).exits(0);
        for (file, code) in [(dirty.as_str(), 1), (&clean, 0), ("", 0), (POINTER, 0)] {
            assert_eq!(said(&repo.cellwise_reading(file, ["clean", "--check"]).exits(code)), "");
        }
    }

    #[test]
    fn outputs_and_counts_can_be_kept() {
        let (dirty, _) = dirty_and_clean();
        let repo = Repo::new();
        let kept = repo.cellwise_reading(&dirty, ["clean", "--keep-output"]).ok();
        assert_eq!(kept, dirty.replace("\"execution_count\": 7", "\"execution_count\": null"));
        assert_eq!(repo.cellwise_reading(&dirty, ["clean", "--keep-output", "--keep-count"]).ok(), dirty);
    }

    #[cfg(unix)]
    #[test]
    fn a_clean_file_is_not_touched() {
        use std::os::unix::fs::MetadataExt as _;
        let (_, clean) = dirty_and_clean();
        let repo = Repo::new();
        repo.write(NAME, &clean);
        let state = || {
            let file = fs::metadata(repo.path().join(NAME)).unwrap();
            (file.ino(), file.mtime(), file.mtime_nsec(), file.mode())
        };
        let before = state();
        assert_eq!(said(&repo.cellwise(["clean", NAME])), "");
        assert_eq!(state(), before);
    }

    #[test]
    fn a_folder_is_cleaned_as_far_as_git_tracks_it() {
        let (dirty, clean) = dirty_and_clean();
        let repo = Repo::new();
        repo.write("sub/a.ipynb", &dirty).write("sub/B.IPYNB", &dirty).commit("dirty");
        repo.write("sub/untracked.ipynb", &dirty);
        repo.cellwise(["clean", "sub"]).ok();
        assert_eq!((repo.read("sub/a.ipynb"), repo.read("sub/B.IPYNB")), (clean.clone(), clean));
        assert_eq!(repo.read("sub/untracked.ipynb"), dirty);
    }

    #[cfg(unix)]
    #[test]
    fn links_modes_and_read_only_folders_stay() {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
        let (dirty, clean) = dirty_and_clean();
        let repo = Repo::new();
        repo.write("sub/a.ipynb", &dirty);
        let (file, folder, link) = ("sub/a.ipynb", "sub", "link.ipynb");
        let path = |name: &str| repo.path().join(name);
        let mode = |name: &str, mode| fs::set_permissions(path(name), fs::Permissions::from_mode(mode)).unwrap();
        symlink(file, path(link)).unwrap();
        mode(file, 0o754);
        mode(folder, 0o555);
        let run = repo.cellwise(["clean", link]);
        mode(folder, 0o755);
        run.exits(0);
        assert!(path(link).is_symlink());
        assert_eq!(repo.read(file), clean);
        assert_eq!(fs::metadata(path(file)).unwrap().mode() & 0o777, 0o754);
        assert_eq!(fs::read_dir(path(folder)).unwrap().count(), 1);
    }

    #[test]
    fn an_unreadable_file_is_named_and_left_alone() {
        let (dirty, clean) = dirty_and_clean();
        let repo = Repo::new();
        for bad in ["{\"cells\": [", "[]", "{}", "<<<<<<< HEAD\n{}\n", "\u{0}\u{1}", "\"cells\""] {
            repo.write("bad.ipynb", bad).write(NAME, &dirty);
            let run = repo.cellwise(["clean", "bad.ipynb", NAME]).exits(129);
            assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
            assert!(run.stderr.starts_with("cellwise: bad.ipynb: "), "{run:?}");
            assert!(run.stderr.matches("line 1").count() <= 1, "{run:?}");
            assert_eq!((repo.read("bad.ipynb").as_str(), repo.read(NAME)), (bad, clean.clone()));
        }
        let run = repo.cellwise_reading("{\"cells\"", ["clean"]).exits(129);
        assert!(run.stderr.starts_with("cellwise: standard input: not a notebook: line 1, column 8: "), "{run:?}");
        assert_eq!(run.stderr.matches("line 1").count(), 1, "{run:?}");
    }

    #[test]
    fn what_is_not_utf_8_is_left_byte_for_byte() {
        let (dirty, _) = dirty_and_clean();
        let latin_1 =
            dirty.into_bytes().iter().map(|byte| if *byte == b'T' { 0xe9 } else { *byte }).collect::<Vec<_>>();
        let repo = Repo::new();
        repo.write(NAME, &latin_1);
        let run = repo.cellwise(["clean", NAME]).exits(129);
        assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
        assert!(run.stderr.starts_with("cellwise: n.ipynb: "), "{run:?}");
        assert_eq!(repo.bytes(NAME), latin_1);
        assert_eq!(repo.cellwise_reading(&latin_1, ["clean"]).exits(129).stdout, "");
    }

    pub(super) const POINTER: &str = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n";

    #[test]
    fn what_is_no_notebook_yet_passes() {
        let repo = Repo::new();
        for file in [POINTER, "", "\n"] {
            assert_eq!(repo.cellwise_reading(file, ["clean"]).ok(), file);
            repo.write(NAME, file);
            assert_eq!(said(&repo.cellwise(["clean", NAME]).exits(0)), "");
            assert_eq!(repo.read(NAME), file);
        }
        let marked = "{\n<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> x\n}\n";
        let run = repo.cellwise_reading(marked, ["clean"]).exits(0);
        assert!(run.stdout == marked && run.stderr.contains("passed through as it is"), "{run:?}");
    }

    #[test]
    fn works_as_a_filter_of_git() {
        let (dirty, clean) = dirty_and_clean();
        let repo = Repo::new();
        repo.git(["config", "filter.x.clean", &format!("'{}' clean", env!("CARGO_BIN_EXE_cellwise"))]).ok();
        repo.write(".gitattributes", "*.ipynb filter=x\n").write(NAME, &dirty).commit("clean");
        assert_eq!(repo.git(["show", "HEAD:n.ipynb"]).ok(), clean);
        assert_eq!(repo.git(["status", "--porcelain"]).ok(), "");
    }
}

mod check {
    use super::*;

    const MARKED: &str = "{\n<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> x\n}\n";

    #[test]
    fn finds_the_markers_of_git() {
        let repo = Repo::new();
        repo.write(NAME, MARKED).write("fine.ipynb", sources(&["<<<<<<< HEAD"])).commit("marked");
        let line = "n.ipynb:2: git conflict markers between the lines of the JSON\n";
        for args in [&["check"][..], &["check", NAME], &["check", "fine.ipynb", NAME], &["check", "."]] {
            assert_eq!(repo.cellwise(args).exits(1).stdout, line);
        }
        repo.cellwise(["check", "fine.ipynb"]).exits(0);
        assert_eq!(repo.cellwise(["check", "--staged"]).ok(), "", "nothing is staged since the commit");
        repo.write("staged.ipynb", MARKED).git(["add", "staged.ipynb"]).ok();
        fs::remove_file(repo.path().join("staged.ipynb")).unwrap();
        assert_eq!(repo.cellwise(["check", "--staged"]).exits(1).stdout, line.replace("n.ipynb", "staged.ipynb"));
        repo.cellwise(["check", "--staged", "fine.ipynb"]).exits(0);
    }

    #[test]
    fn a_conflict_of_several_cells_is_one_line() {
        let repo = Repo::new();
        repo.write("base", sources(&["x = 1", "y = 1"]));
        repo.write("ours", sources(&["x = 1"])).write("theirs", sources(&["x = 1", "y = 2"]));
        repo.cellwise(["merge", "base", "ours", "theirs", "-o", NAME]).exits(1);
        let line = "n.ipynb: cell 2: unresolved conflict 1 (delete/edit)\n";
        assert_eq!(repo.cellwise(["check", NAME]).exits(1).stdout, line);
    }

    /// A marker cell of a conflict between two new cells.
    fn marker(number: usize, role: &str) -> Value {
        let mut cell = markdown(&format!("{role}{number}"), role);
        cell["metadata"]["cellwise"] =
            json!({"conflict": number, "kind": "insert/insert", "marker_size": 7, "role": role});
        cell
    }

    #[test]
    fn a_conflict_within_another_is_one_and_so_is_the_outer() {
        let repo = Repo::new();
        let nested = |first: &str, last: &str| {
            notebook(&[
                code("a", first),
                marker(2, "begin"),
                marker(1, "begin"),
                marker(1, "middle"),
                marker(1, "end"),
                marker(2, "end"),
                code("z", last),
            ])
        };
        repo.write("base", nested("a", "z")).write("ours", nested("a = 1", "z")).write("theirs", nested("a", "z = 1"));
        let report = repo.cellwise(["merge", "--json", "-o", NAME, "base", "ours", "theirs"]).ok();
        assert!(report.contains("\"still_open\": 2,"), "{report}");
        let lines = "n.ipynb: cell 2: unresolved conflict 2 (insert/insert)\n\
                     n.ipynb: cell 3: unresolved conflict 1 (insert/insert)\n";
        assert_eq!(repo.cellwise(["check", NAME]).exits(1).stdout, lines);
    }

    #[test]
    fn a_missing_file_does_not_hide_a_conflict() {
        let repo = Repo::new();
        repo.write(NAME, MARKED);
        let run = repo.cellwise(["check", "missing.ipynb", NAME]).exits(129);
        assert!(run.stdout.starts_with("n.ipynb:2: "), "{run:?}");
        assert!(run.stderr.starts_with("cellwise: cannot read missing.ipynb: No such file or directory\n"), "{run:?}");
        assert!(run.stderr.contains("\ncellwise: settle markers with `cellwise resolve PATH`"), "{run:?}");
    }
}

mod merge {
    use super::*;

    #[test]
    fn conflicts_that_a_side_brought_along_are_said() {
        let repo = Repo::new();
        repo.write("base", sources(&["x = 1", "y = 1"]));
        repo.write("ours", sources(&["x = 2", "y = 1"])).write("theirs", sources(&["x = 3", "y = 1"]));
        repo.cellwise(["merge", "base", "ours", "theirs", "-o", "open"]).exits(1);
        repo.write("theirs", sources(&["x = 1", "y = 2"]));
        let run = repo.cellwise(["merge", "base", "open", "theirs", "-o", NAME]).exits(0);
        let said = "cellwise: n.ipynb: merged; 1 conflict from an earlier merge still open (see cellwise check)\n";
        assert_eq!(run.stderr, said);
    }

    #[test]
    fn conflicts_that_a_side_brought_along_into_nbformat_4_are_said() {
        let old = |minor| {
            let cell =
                r#"{"cell_type": "code", "input": ["x = 1"], "language": "python", "metadata": {}, "outputs": []}"#;
            let sheet = format!(r#"{{"cells": [{cell}], "metadata": {{}}}}"#);
            format!(r#"{{"metadata": {{}}, "nbformat": 3, "nbformat_minor": {minor}, "worksheets": [{sheet}]}}"#)
        };
        let repo = Repo::new();
        repo.write("base", sources(&["x = 1"]));
        repo.write("ours", sources(&["x = 2"])).write("theirs", sources(&["x = 3"]));
        repo.cellwise(["merge", "base", "ours", "theirs", "-o", "open"]).exits(1);
        repo.write("base", old(0)).write("ours", old(1));
        let run = repo.cellwise(["merge", "base", "ours", "open", "-o", NAME]).exits(0);
        let said = "cellwise: n.ipynb: merged; 1 conflict from an earlier merge still open (see cellwise check)\n";
        assert_eq!(run.stderr, said);
    }

    fn three(repo: &Repo, base: &str, ours: &str, theirs: &str) {
        repo.write("base", base).write("ours", ours).write("theirs", theirs);
    }

    #[test]
    fn the_result_goes_where_it_is_wanted() {
        let repo = Repo::new();
        three(&repo, &sources(&["a", "z"]), &sources(&["A", "z"]), &sources(&["a", "Z"]));
        let merged = sources(&["A", "Z"]);
        assert_eq!(repo.cellwise(["merge", "base", "ours", "theirs"]).ok(), merged);
        let run = repo.cellwise(["merge", "base", "ours", "theirs", "-o", "out"]).exits(0);
        assert_eq!((said(&run).as_str(), repo.read("out")), ("", merged.clone()));
        repo.cellwise(["merge", "base", "ours", "theirs", "--output", "ours"]).exits(0);
        assert_eq!(repo.read("ours"), merged);
    }

    #[test]
    fn conflicts_are_named_and_exit_with_1() {
        let repo = Repo::new();
        three(&repo, &sources(&["x = 0"]), &sources(&["x = 1"]), &sources(&["x = 2"]));
        let run = repo.cellwise(["merge", "base", "ours", "theirs"]).exits(1);
        assert_eq!(run.stderr, "cellwise: ours: 1 conflict: cell 1 (source)\n");
        assert!(run.stdout.contains("<<<<<<< ours\\n") && run.stdout.contains(">>>>>>> theirs"), "{run:?}");
    }

    #[test]
    fn no_base_is_an_empty_one() {
        let repo = Repo::new();
        three(&repo, "", &sources(&["a", "b"]), &sources(&["a", "b", "c"]));
        for base in ["base", "/dev/null"] {
            assert_eq!(repo.cellwise(["merge", base, "ours", "theirs"]).ok(), sources(&["a", "b", "c"]));
        }
    }

    #[test]
    fn what_cannot_be_merged_is_said_and_nothing_written() {
        let repo = Repo::new();
        three(&repo, "1\n", "2\n", "3\n");
        let run = repo.cellwise(["merge", "base", "missing", "theirs", "-o", "out"]).exits(129);
        assert_eq!(run.stderr, "cellwise: cannot read missing: No such file or directory\n");
        let run = repo.cellwise(["merge", "base", "ours", "theirs", "-o", "no/such/out"]).exits(129);
        assert!(run.stderr.contains("cannot write no/such/out"), "{run:?}");
        three(&repo, "1\0", "2\0", "3\0");
        let run = repo.cellwise(["merge", "base", "ours", "theirs", "-o", "out"]).exits(129);
        assert!(run.stderr.contains("cannot be merged as text"), "{run:?}");
        assert!(!repo.has("out"));
    }

    #[test]
    fn text_is_merged_by_lines() {
        let repo = Repo::new();
        three(&repo, "1\n", "2\n", "3\n");
        let run = repo.cellwise(["merge", "base", "ours", "theirs"]).exits(1);
        assert_eq!(run.stdout, "<<<<<<< ours\n2\n=======\n3\n>>>>>>> theirs\n");
        assert!(run.stderr.contains("merged line by line, conflicts are marked in its text: "), "{run:?}");
    }
}

mod textconv {
    use super::*;

    #[test]
    fn rubbish_is_shown_as_it_is() {
        let repo = Repo::new();
        for rubbish in ["", "{\"cells\": [", "[1, 2]\n", "null", "text\r\n\r\nmore", "<<<<<<< x\n", "{\"cells\": {}}"] {
            assert_eq!(repo.text_of(rubbish), rubbish);
        }
        let run = repo.cellwise_reading(b"\xff\xfe\x00{", ["textconv", "-"]).exits(0);
        assert_eq!(run.stderr, "");
    }

    #[test]
    fn a_missing_file_is_an_error() {
        let run = Repo::new().cellwise(["textconv", "no\u{1b}.ipynb"]).exits(129);
        assert_eq!(run.stderr, "cellwise: cannot read no\\u{1b}.ipynb: No such file or directory\n");
    }

    #[test]
    fn a_dash_is_a_name_behind_two() {
        let repo = Repo::new();
        repo.write("-x.ipynb", sources(&["x"]));
        assert!(repo.cellwise(["textconv", "--", "-x.ipynb"]).ok().starts_with("# %% code\nx\n"));
    }
}

#[test]
fn clean_waits_for_nobody() {
    // Nothing on stdin at all: the command must end, whatever it says.
    let mut command = Command::new(env!("CARGO_BIN_EXE_cellwise"));
    let run = command.arg("clean").stdin(Stdio::null()).output().unwrap();
    assert_eq!(run.status.code(), Some(0));
}
