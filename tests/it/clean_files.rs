//! `cellwise clean` with its options, and on many files.

#![allow(clippy::unwrap_used)]

use std::fs;

use crate::nb::{cells, code, markdown, notebook, ran};
use crate::repo::{Repo, Run};

fn dirty() -> String {
    notebook(&[markdown("t", "# Title"), ran("a", "1 + 1", 7, "2\n")])
}

fn clean() -> String {
    notebook(&[markdown("t", "# Title"), code("a", "1 + 1")])
}

fn with(files: &[&str]) -> Repo {
    let repo = Repo::new();
    for file in files {
        repo.write(file, dirty());
    }
    repo
}

fn outputs(run: &Run) -> usize {
    cells(run.stdout.as_bytes())
        .iter()
        .filter(|cell| cell["outputs"].as_array().is_some_and(|all| !all.is_empty()))
        .count()
}

#[test]
fn many_files_are_summed_up() {
    let repo = with(&["a.ipynb", "b.ipynb", "sub/c.ipynb"]);
    repo.write("d.ipynb", clean()).commit("all");
    let check = repo.cellwise(["clean", "--check", "."]).exits(1);
    let lines = ["a.ipynb", "b.ipynb", "sub/c.ipynb"].map(|name| format!("{name}: would be cleaned (1 output)\n"));
    assert_eq!(check.stdout, lines.concat() + "3 of 4 notebooks would be cleaned, 3 outputs to drop\n");
    let said = repo.cellwise(["clean", "."]).ok();
    assert_eq!(said, check.stdout.replace("would be cleaned", "cleaned").replace("to drop", "dropped"));
    assert_eq!(repo.cellwise(["clean", "."]).ok(), "0 of 4 notebooks cleaned, 0 outputs dropped\n");
    assert_eq!(repo.cellwise(["clean", "--check", "-q", "."]).ok(), "");
}

#[test]
fn quiet_is_all_but_errors() {
    let repo = with(&["a.ipynb", "b.ipynb"]);
    repo.write("bad.ipynb", "{");
    let run = repo.cellwise(["clean", "--quiet", "bad.ipynb", "a.ipynb", "b.ipynb"]).exits(129);
    assert_eq!((run.stdout.as_str(), run.stderr.lines().count()), ("", 1));
    assert_eq!((repo.read("a.ipynb"), repo.read("b.ipynb")), (clean(), clean()));
    let run = repo.cellwise(["clean", "bad.ipynb", "a.ipynb"]).exits(129);
    assert_eq!(run.stdout, "0 of 2 notebooks cleaned, 0 outputs dropped, 1 failed\n");
}

#[test]
fn hundreds_of_files_are_told_in_their_order() {
    let names: Vec<String> = (0..300).map(|number| format!("n{number:03}.ipynb")).collect();
    let repo = with(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let run = repo.cellwise(std::iter::once("clean").chain(names.iter().map(String::as_str))).exits(0);
    let told: Vec<&str> = run.stdout.lines().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(told[..300], names);
    assert_eq!((told[300], run.stderr.as_str()), ("300 of 300 notebooks cleaned, 300 outputs dropped", ""));
    assert!(names.iter().all(|name| repo.read(name) == clean()));
}

#[test]
fn patterns_stand_for_what_git_tracks() {
    let repo = with(&["a.ipynb", "sub/b.ipynb", "sub/deep/c.ipynb", "other.txt"]);
    repo.commit("all").write("new.ipynb", dirty());
    let checked = |args: &[&str]| -> Vec<String> {
        let run = repo.cellwise([&["clean", "--check"], args].concat());
        let lines = run.stdout.lines().filter(|line| line.contains(": would"));
        lines.map(|line| line.split(':').next().unwrap().to_owned()).collect()
    };
    assert_eq!(checked(&["**/*.ipynb"]), ["a.ipynb", "sub/b.ipynb", "sub/deep/c.ipynb"]);
    assert_eq!(checked(&["*.ipynb"]), ["a.ipynb"]);
    assert_eq!(checked(&["sub/**"]), ["sub/b.ipynb", "sub/deep/c.ipynb"]);
    assert_eq!(checked(&["--untracked", "*"]), ["a.ipynb", "new.ipynb"]);
    assert_eq!(checked(&["--untracked", "."]), ["a.ipynb", "new.ipynb", "sub/b.ipynb", "sub/deep/c.ipynb"]);
    assert_eq!(checked(&["sub/b.ipynb", "sub", "**/b.ipynb"]), ["sub/b.ipynb", "sub/deep/c.ipynb"]);
    let run = repo.cellwise(["clean", "no*.ipynb"]).exits(129);
    assert_eq!(run.stderr, "cellwise: no notebook fits `no*.ipynb`\n");
    // A file of that name is no pattern.
    repo.write("[x].ipynb", dirty());
    assert_eq!(checked(&["[x].ipynb"]), ["[x].ipynb"]);
}

#[test]
fn without_a_repository_what_is_ignored_stays() {
    let repo = Repo::new();
    let folder = repo.outside("plain");
    for name in ["a.ipynb", "sub/b.IPYNB", "out/c.ipynb", ".ipynb_checkpoints/a.ipynb", "sub/t.txt"] {
        let file = folder.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, dirty()).unwrap();
    }
    fs::write(folder.join(".gitignore"), "out/\n").unwrap();
    let cellwise = std::path::Path::new(env!("CARGO_BIN_EXE_cellwise"));
    for (paths, found) in [(".", "a.ipynb sub/b.IPYNB"), ("*.ipynb", "a.ipynb"), ("sub/*", "sub/b.IPYNB")] {
        let run = repo.run(cellwise, &folder, ["clean", "--check", paths]).exits(1);
        let lines = run.stdout.lines().filter_map(|line| Some(line.split_once(": would")?.0));
        assert_eq!(lines.collect::<Vec<_>>().join(" "), found, "{run:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_and_its_file_are_one() {
    let repo = with(&["a.ipynb"]);
    std::os::unix::fs::symlink("a.ipynb", repo.path().join("link.ipynb")).unwrap();
    repo.commit("both");
    let said = repo.cellwise(["clean", "."]).ok();
    assert_eq!(said, "a.ipynb: cleaned (1 output)\n");
    assert!(repo.path().join("link.ipynb").is_symlink());
    assert_eq!(repo.read("link.ipynb"), clean());
}

#[cfg(unix)]
#[test]
fn a_pipe_is_no_file_to_clean() {
    let repo = with(&[]);
    repo.sh("mkfifo p.ipynb").exits(0);
    let run = repo.cellwise(["clean", "p.ipynb"]).exits(129);
    assert_eq!(run.stderr, "cellwise: p.ipynb: not a regular file\n");
}

#[cfg(unix)]
#[test]
fn folders_and_patterns_follow_no_links() {
    use std::os::unix::fs::symlink;
    let repo = with(&["sub/a.ipynb"]);
    let (out, folder) = (repo.outside("out.ipynb"), repo.outside("folder"));
    fs::write(&out, dirty()).unwrap();
    symlink(&out, repo.path().join("sub/link.ipynb")).unwrap();
    repo.write("moved/m.ipynb", dirty()).commit("all");
    // A folder of the repository that is a link to another now: git goes on listing what it tracks.
    fs::rename(repo.path().join("moved"), &folder).unwrap();
    symlink(&folder, repo.path().join("moved")).unwrap();
    for paths in [".", "**/*.ipynb"] {
        repo.write("sub/a.ipynb", dirty());
        assert_eq!(repo.cellwise(["clean", paths]).ok(), "sub/a.ipynb: cleaned (1 output)\n");
        assert_eq!([fs::read_to_string(&out).unwrap(), repo.read("moved/m.ipynb")], [dirty(), dirty()]);
    }
    fs::rename(repo.path().join(".git"), repo.outside("git")).unwrap();
    repo.write("sub/a.ipynb", dirty());
    assert_eq!(repo.cellwise(["clean", "."]).ok(), "sub/a.ipynb: cleaned (1 output)\n");
    assert_eq!(fs::read_to_string(&out).unwrap(), dirty());
    // What somebody types is what they mean.
    repo.cellwise(["clean", "sub/link.ipynb"]).exits(0);
    assert_eq!(fs::read_to_string(&out).unwrap(), clean());
}

#[test]
fn options_are_those_of_nbstripout() {
    let repo = Repo::new();
    let reading = |args: &[&str]| repo.cellwise_reading(dirty(), [&["clean"], args].concat());
    assert_eq!(outputs(&reading(&["--keep-output-type", "stream:stdout error"]).exits(0)), 1);
    assert_eq!(outputs(&reading(&["--keep-output", "--drop-output-type=stream"]).exits(0)), 0);
    assert_eq!(outputs(&reading(&["--max-size", "1k"]).exits(0)), 1);
    assert_eq!(outputs(&reading(&["--max-size", "3"]).exits(0)), 0);
    let run = reading(&["--extra-keys", "metadata.kernelspec metadata.language_info", "--drop-tagged-cells", "x y"]);
    assert!(run.exits(0).stdout.contains("\"metadata\": {},\n \"nbformat\""));
    assert!(!reading(&["--strip-kernel"]).ok().contains("kernelspec"));
    assert!(!reading(&["--only-keys", "metadata.language_info.name"]).ok().contains("version"));
    assert!(reading(&["--ids", "sequential"]).ok().contains("\"id\": \"1\""));
    assert!(reading(&["--ids=drop"]).ok().contains("\"nbformat_minor\": 4"));
    for (args, said) in [
        (&["--max-size", "big"][..], "it takes sizes such as 300, 10k or 5M"),
        (&["--extra-keys", "metadata.a b"], "`b`: it takes `metadata.KEY` and `cell.metadata.KEY`"),
        (&["--preset", "colb"], "`colb`: did you mean \"colab\"?"),
        (&["--ids", "gone"], "possible values: keep, drop, sequential"),
    ] {
        let run = reading(args).exits(2);
        assert!(run.stderr.contains(said) && run.stdout.is_empty(), "{run:?}");
    }
}

#[test]
fn a_file_that_only_nbstripout_would_lay_out_otherwise_is_left() {
    let repo = Repo::new();
    let wide = clean()
        .replace("\n ", "\n  ")
        .replace("\"id\": \"a\"", "\"id\": \"1\"")
        .replace("\"id\": \"t\"", "\"id\": \"0\"");
    repo.write("n.ipynb", &wide);
    assert_eq!(repo.cellwise(["clean", "--like=nbstripout", "n.ipynb"]).ok(), "");
    assert_eq!(repo.read("n.ipynb"), wide);
    repo.cellwise(["clean", "--like=nbstripout", "--check", "n.ipynb"]).exits(0);
    // The filter writes that layout in any case.
    assert_ne!(repo.cellwise_reading(&wide, ["clean", "--like=nbstripout"]).ok(), wide);
}

#[test]
fn standard_input_is_cleaned_alone() {
    let repo = with(&["a.ipynb"]);
    for args in [&["clean", "-", "a.ipynb"][..], &["clean", "a.ipynb", "--path=b.ipynb"], &["clean", "-", "-"]] {
        let run = repo.cellwise_reading(dirty(), args).exits(2);
        assert_eq!(run.stderr, "cellwise: clean: standard input is cleaned alone, without other paths\n");
    }
    assert_eq!(repo.read("a.ipynb"), dirty());
}

#[test]
fn the_help_names_every_tool() {
    let help = Repo::new().cellwise(["clean", "--help"]).ok();
    let words: Vec<&str> = help.split([' ', ',', '\n']).collect();
    assert!(cellwise::normalize::tools().iter().all(|tool| words.contains(tool)), "{help}");
}

#[test]
fn a_folder_without_notebooks_is_said_to_have_none() {
    let repo = Repo::new();
    repo.write("folder/new.ipynb", "{}");
    let said = repo.cellwise(["clean", "folder"]).exits(0).stdout;
    assert_eq!(said, "no notebooks there that git tracks (--untracked takes the others too)\n");
}
