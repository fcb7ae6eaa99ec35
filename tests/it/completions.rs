//! `cellwise completions` and `cellwise man`.

use std::fs;
#[cfg(unix)]
use std::path::Path;

use crate::repo::Repo;

/// The subcommands that the help lists.
fn listed(repo: &Repo) -> Vec<String> {
    let help = repo.cellwise(["-h"]).ok();
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    commands.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
}

#[test]
fn every_shell_knows_every_command_and_no_hidden_one() {
    let repo = Repo::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = repo.cellwise(["completions", shell]).ok();
        for name in listed(&repo) {
            assert!(script.contains(&name), "{shell}: {name}");
        }
        assert!(script.contains("word-diff") && !script.contains("merge-driver"), "{shell}");
    }
    repo.cellwise(["completions", "tcsh"]).exits(2);
}

/// What bash offers for the last of these words.
#[cfg(unix)]
fn offered(repo: &Repo, words: &[&str]) -> Vec<String> {
    let line = format!(
        "eval \"$('{}' completions bash)\"; COMP_WORDS=({}); COMP_CWORD={}; _cellwise cellwise \"$1\" \"$2\"; \
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        env!("CARGO_BIN_EXE_cellwise"),
        words.join(" "),
        words.len() - 1
    );
    let (last, before) = (words[words.len() - 1], words[words.len() - 2]);
    repo.run(Path::new("bash"), repo.path(), ["-c", &line, "bash", last, before])
        .ok()
        .lines()
        .map(str::to_owned)
        .collect()
}

#[cfg(unix)]
#[test]
fn bash_completes_commands_options_and_words() {
    let repo = Repo::new();
    assert_eq!(offered(&repo, &["cellwise", "res"]), ["resolve"]);
    assert_eq!(offered(&repo, &["cellwise", "diff", "--word"]), ["--word-diff"]);
    assert_eq!(offered(&repo, &["cellwise", "diff", "--format", "m"]), ["markdown"]);
}

#[test]
fn every_command_has_a_page() {
    let repo = Repo::new();
    repo.cellwise(["man", "share/man1"]).ok();
    let page = |name: &str| fs::read_to_string(repo.path().join("share/man1").join(name)).unwrap();
    for name in listed(&repo) {
        assert!(page(&format!("cellwise-{name}.1")).contains(&format!(".TH cellwise-{name} 1 ")), "{name}");
    }
    assert!(page("cellwise.1").contains("cellwise 0"));
    assert!(!repo.has("share/man1/cellwise-man.1"));
}
