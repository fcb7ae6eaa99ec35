//! Uninstalling restores what was there, after any installs and uninstalls in any scopes.

use std::fs;
use std::path::PathBuf;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::notebooks::check;
use crate::repo::Repo;

/// What a configuration may end in before install. Git writes its own part of the repository's before it.
const CONFIGS: [&str; 9] = [
    "",
    "; a comment without an end",
    "[user]\r\n\tname = someone\r\n\temail = a@b.c\r\n",
    "[diff \"jupyternotebook\"]\n\tcommand = git-nbdiffdriver diff\n[merge \"jupyternotebook\"]\n\
     \tdriver = git-nbmergedriver merge %O %A %B %L %P\n\tname = jupyter notebook merge driver\n",
    "[Diff \"jupyternotebook\"] # odd\n  TextConv = cat ; mine\n  cachetextconv\n\n[include]\n\tpath = none\n",
    "[filter \"cellwise\"]\n\tclean = cellwise clean\n\trequired\n[diff \"jupyternotebook\"]\n\ttrustExitCode = true",
    "[merge \"jupyternotebook\"]\n\tdriver = one %A\n\tdriver = \"two \\\"%A\\\"\"\n\trecursive = binary\n",
    "[merge \"jupyternotebook\"]\n\tname = half\n",
    "[filter \"nbstripout\"]\n\tclean = nbstripout\n\tsmudge = cat\n\trequired = true\n[core]\n\tautocrlf = false\n",
];

/// What an attributes file may hold before install; the first stands for no file.
const ATTRIBUTES: [Option<&str>; 6] = [
    None,
    Some(""),
    Some("*.ipynb filter=nbstripout\r\n*.ipynb diff=ipynb\r\n"),
    Some("\n*.ipynb\tdiff=jupyternotebook\n\n*.ipynb\tmerge=jupyternotebook\n"),
    Some("# no newline"),
    Some("*.ipynb diff=jupyternotebook merge=jupyternotebook"),
];

const OPTIONS: [&str; 8] =
    ["--filter", "--no-filter", "--cache", "--no-cache", "--no-command", "--command", "--use-path", "--no-use-path"];

/// The files of a repository and of its user, of each the content.
#[derive(Debug, Clone)]
struct Before {
    configs: [&'static str; 2],
    attributes: [Option<&'static str>; 3],
}

fn before() -> impl Strategy<Value = Before> {
    let config = || select(&CONFIGS[..]);
    let attributes = || select(&ATTRIBUTES[..]);
    ([config(), config()], [attributes(), attributes(), attributes()])
        .prop_map(|(configs, attributes)| Before { configs, attributes })
}

const FILES: [&str; 5] =
    [".git/config", "../home/.gitconfig", ".git/info/attributes", ".gitattributes", "../home/config/git/attributes"];

impl Before {
    fn make(&self) -> Repo {
        let repo = Repo::init(&["--template="]);
        let [local, global] = self.configs;
        repo.write(FILES[0], repo.read(FILES[0]) + local);
        if !global.is_empty() {
            repo.write(FILES[1], global);
        }
        for (path, text) in FILES[2..].iter().zip(self.attributes) {
            if let Some(text) = text {
                repo.write(path, text);
            }
        }
        repo
    }
}

/// Every file and folder but git's objects, with its bytes.
fn state(repo: &Repo) -> Vec<(PathBuf, Option<Vec<u8>>)> {
    let mut found = Vec::new();
    let mut folders = vec![repo.outside("")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("objects") {
                folders.push(path.clone());
            }
            found.push((path.clone(), fs::read(&path).ok()));
        }
    }
    found.sort();
    found
}

/// A command line of install or uninstall.
fn command() -> impl Strategy<Value = Vec<&'static str>> {
    let scope = select(vec![None, None, Some("--global"), Some("--share")]);
    let options = subsequence(&OPTIONS[..], 0..3);
    (prop::bool::weighted(0.7), scope, options).prop_map(|(installs, scope, options)| match installs {
        true => ["install"].into_iter().chain(scope).chain(options).collect(),
        false => ["uninstall"].into_iter().chain(scope).collect(),
    })
}

fn uninstall_all(repo: &Repo) {
    repo.cellwise(["uninstall", "--global"]).ok();
    repo.cellwise(["uninstall", "--share"]).ok();
}

#[test]
fn after_any_commands_uninstalling_restores_every_byte() {
    check(12, &(before(), vec(command(), 1..6)), |(before, commands)| {
        let repo = before.make();
        let untouched = state(&repo);
        for command in &commands {
            repo.cellwise(command).ok();
        }
        uninstall_all(&repo);
        prop_assert_eq!(state(&repo), untouched);
        Ok(())
    });
}

#[test]
fn the_same_install_again_writes_nothing() {
    check(8, &(before(), vec(command(), 0..3), command()), |(before, commands, last)| {
        let repo = before.make();
        for command in commands.iter().chain([&last]) {
            repo.cellwise(command).ok();
        }
        let once = state(&repo);
        let report = repo.cellwise(&last).ok();
        prop_assert_eq!(state(&repo), once);
        prop_assert!(report.contains("already") || report.contains("is not installed"), "{}", report);
        Ok(())
    });
}

/// What others do between two commands of ours.
fn others(repo: &Repo, number: usize) {
    let key = format!("other{number}.key");
    repo.git(["config", &key, "a \"value\""]).ok();
    repo.git(["config", "--global", &key, "b"]).ok();
    for path in &FILES[2..] {
        let mut text = if repo.has(path) { repo.read(path) } else { String::new() };
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        repo.write(path, text + &format!("*.x{number} binary\n"));
    }
}

/// What git reads from the files, in no order: an entry that comes back may stand elsewhere.
fn entries(repo: &Repo) -> Vec<Vec<String>> {
    let sorted = |text: String, separator: char| {
        let mut lines: Vec<String> = text.split(separator).map(|line| line.trim_end().to_owned()).collect();
        lines.retain(|line| !line.is_empty());
        lines.sort();
        lines
    };
    let config =
        |path: &str| sorted(repo.git(["config", "-z", "--no-includes", "--file", path, "--list"]).stdout, '\0');
    let text = |path: &&str| sorted(if repo.has(path) { repo.read(path) } else { String::new() }, '\n');
    [config(FILES[0]), config(FILES[1])].into_iter().chain(FILES[2..].iter().map(text)).collect()
}

#[test]
fn what_others_write_in_between_stays_and_nothing_of_ours_does() {
    // A key without a value comes back as `true`, so it is left out here.
    let valued = before().prop_filter("bare keys", |before| {
        before.configs.iter().all(|config| ![CONFIGS[4], CONFIGS[5]].contains(config))
    });
    check(8, &(valued, vec(command(), 2..5)), |(before, commands)| {
        let (repo, twin) = (before.make(), before.make());
        for (number, command) in commands.iter().enumerate() {
            repo.cellwise(command).ok();
            others(&repo, number);
            others(&twin, number);
        }
        uninstall_all(&repo);
        prop_assert_eq!(entries(&repo), entries(&twin));
        prop_assert!(!repo.has(".git/cellwise") && !repo.has("../home/.gitconfig.cellwise"));
        Ok(())
    });
}
