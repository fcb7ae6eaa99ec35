//! Notebooks that somebody made to do harm, and every command: nothing raw reaches a terminal, no command crashes or takes
//! long, memory stays within a multiple of the file, and what a person wrote is not taken for what a merge left.

use std::fs;
#[cfg(target_os = "linux")]
use std::process::{Command, Stdio};
#[cfg(target_os = "linux")]
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::nb::{cells, code, markdown, notebook, source, sources};
use crate::repo::{Repo, Run};

/// What a terminal would act on, each beside a word that tells it again.
const RAW: [&str; 8] =
    ["\u{1b}]0;t\u{7}", "\u{1b}[2J", "\u{9b}31m", "\u{202e}o", "\u{2066}i", "\u{85}n", "\r", "\u{7f}d"];

fn hostile(word: &str) -> String {
    format!("{word}{}{word}", RAW.concat())
}

/// A notebook with it wherever a string may stand.
fn escapes(word: &str, count: u32) -> Vec<u8> {
    let bad = hostile(word);
    let outputs = json!([
        {"output_type": "stream", "name": bad, "text": [bad, "\n"]},
        {"output_type": "display_data", "metadata": {bad.clone(): bad}, "data": {"text/plain": bad, bad.clone(): bad}},
        {"output_type": "error", "ename": bad, "evalue": bad, "traceback": [bad]},
    ]);
    let attachments = json!({bad.clone(): {bad.clone(): "aGk="}});
    let metadata = json!({bad.clone(): bad, "tags": [bad], "vscode": {"languageId": bad}});
    let first = json!({"cell_type": "code", "id": bad, "execution_count": count, "metadata": metadata,
        "outputs": outputs, "source": [bad, "\n", word]});
    let mut second = markdown(&format!("{bad}2"), &format!("# {bad}\n{word}"));
    second["attachments"] = attachments;
    second["metadata"] = json!({bad.clone(): {bad.clone(): bad}, "name": bad});
    let third = json!({"cell_type": bad, "id": "../../../etc/passwd", "metadata": {}, "source": bad});
    let metadata = json!({bad.clone(): bad, "kernelspec": {"name": bad, "language": bad, "display_name": bad},
        "language_info": {"name": bad, "version": bad}});
    let file = json!({"cells": [first, second, third], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5,
        bad.clone(): bad});
    serde_json::to_vec_pretty(&file).unwrap()
}

/// The names of notebooks that are hostile themselves.
const NAMES: [&str; 2] = ["a\nb\u{1b}[2J\u{202e}.ipynb", "plain.ipynb"];

/// Every command that reads notebooks, for `$N`, a notebook in the work tree, with `$B $O $T` beside it.
const COMMANDS: [&str; 40] = [
    "diff",
    "diff -- \"$N\"",
    "diff --format=patch",
    "diff --format=json",
    "diff --format=markdown",
    "diff --stat",
    "diff --name-only",
    "diff --name-status",
    "diff -s",
    "diff -o",
    "diff -a",
    "diff -m",
    "diff -i",
    "diff -d",
    "diff -S -O",
    "diff -w",
    "diff -R -U0",
    "diff --word-diff",
    "diff --word-diff=porcelain",
    "diff --syntax",
    "diff \"$B\" \"$T\"",
    "show -- \"$N\"",
    "show --outputs -- \"$N\"",
    "textconv \"$N\"",
    "diff-driver -- \"$N\" \"$B\" 0000000 100644 \"$T\" 0000000 100644",
    FILE,
    "merge --json \"$B\" \"$O\" \"$T\" -o merged.ipynb",
    "merge \"$B\" \"$O\" \"$T\" -o merged.ipynb",
    "merge \"$B\" \"$O\" \"$T\" -L \"$L\" -L \"$L\" -L \"$L\" -o merged.ipynb",
    "resolve",
    "resolve --json",
    "resolve merged.ipynb",
    "resolve --json merged.ipynb",
    "check",
    "check --json",
    "check --format=github",
    "clean --check .",
    "clean .",
    "doctor",
    "config -- \"$N\"",
];

/// What it prints is a file, byte for byte.
const FILE: &str = "merge \"$B\" \"$O\" \"$T\"";

/// A repository with three versions of a notebook, the last two unmerged.
fn repo_with(name: &str, versions: [&[u8]; 3]) -> Repo {
    let repo = Repo::installed();
    repo.write("B.ipynb", versions[0]).write("O.ipynb", versions[1]).write("T.ipynb", versions[2]);
    repo.write(name, versions[0]).commit("base").git(["checkout", "-q", "-b", "side"]).ok();
    repo.write(name, versions[2]).commit("side").git(["checkout", "-q", "main"]).ok();
    repo.write(name, versions[1]).commit("main").git(["merge", "side"]);
    repo
}

fn run(repo: &Repo, name: &str, line: &str) -> Run {
    let label = hostile("label").replace('\r', "");
    let set = format!("export N='{name}' B=B.ipynb O=O.ipynb T=T.ipynb L='{label}'");
    repo.sh(&format!("{set}; exec timeout 60 cellwise {line}"))
}

/// The first character that a terminal would act on; our own colours are none.
fn raw(text: &str) -> Option<char> {
    let bidi = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().find(|c| (c.is_control() && !matches!(c, '\n' | '\t')) || bidi(*c))
}

#[test]
fn nothing_raw_reaches_a_terminal() {
    let versions = [escapes("one", 1), escapes("two", 2), escapes("three", 3)];
    for name in NAMES {
        let repo = repo_with(name, versions.each_ref().map(Vec::as_slice));
        for line in ["show -\"$N\"", "\"$N\"", "diff --format=\"$N\"", "diff -U\"$N\""] {
            let said = run(&repo, name, line).exits(2).stderr;
            assert_eq!(raw(&said), None, "{line}: {said:?}");
        }
        for line in COMMANDS {
            let run = run(&repo, name, line);
            assert!([0, 1].contains(&run.code), "{name:?} {line}: {run:?}");
            assert!(
                line == FILE || raw(&run.stdout).is_none(),
                "{name:?} {line}: {:?} in {:?}",
                raw(&run.stdout),
                run.stdout
            );
            assert_eq!(raw(&run.stderr), None, "{name:?} {line}: {:?}", run.stderr);
        }
        // In colours there is nothing but colours.
        for line in ["diff", "diff --syntax --word-diff", "diff --stat", "show -o -- \"$N\""] {
            let stdout = run(&repo, name, &line.replacen(' ', " --color=always ", 1)).stdout;
            assert_eq!(raw(&without_colours(&stdout)), None, "{line}: {stdout:?}");
        }
    }
}

/// `text` without `ESC [ … m`.
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |mut out, part| {
        let numbers = part.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(part.len());
        match part[numbers..].strip_prefix('m') {
            Some(rest) => out.push_str(rest),
            None => out.push_str("\u{1b}["),
        }
        out
    })
}

#[test]
fn messages_about_what_is_no_notebook_are_one_line_without_raw_characters() {
    let name = NAMES[0];
    let bad = hostile("x");
    let files = [
        bad.clone().into_bytes(),
        format!("{{\"cells\": [], \"{bad}\": ").into_bytes(),
        serde_json::to_vec(&json!({"cells": [{"cell_type": bad, "source": {bad.clone(): 1}}], bad.clone(): 1}))
            .unwrap(),
        serde_json::to_vec(&json!({"cells": bad})).unwrap(),
        b"\xff\xfe\x1b[2J".to_vec(),
        Vec::new(),
    ];
    for file in files {
        let repo = Repo::new();
        repo.write("B.ipynb", sources(&["x"]))
            .write("T.ipynb", sources(&["y"]))
            .write(name, sources(&["x"]))
            .commit("one");
        repo.write(name, &file).write("O.ipynb", &file);
        for line in COMMANDS.iter().chain(&["apply \"$N\"", "clean -- \"$N\"", "resolve -- \"$N\"", "check -- \"$N\""])
        {
            let run = run(&repo, name, line);
            assert!([0, 1, 129].contains(&run.code), "{line}: {run:?}");
            assert!(*line == FILE || raw(&run.stdout).is_none(), "{line}: {run:?}");
            assert_eq!(raw(&run.stderr), None, "{line}: {run:?}");
            assert!(run.stderr.lines().all(|line| line.starts_with("cellwise: ")), "{line}: {run:?}");
        }
        assert_eq!(repo.bytes(name), file);
    }
}

#[test]
fn configuration_and_its_messages_show_nothing_raw() {
    let repo = Repo::new();
    let bad = hostile("x").replace('\r', "");
    repo.write("n.ipynb", sources(&["x"]));
    for text in [format!("\"{bad}\" = 1"), format!("[clean]\n\"{bad}\" = 1\npreset = [\"{bad}\"]"), bad] {
        repo.write("cellwise.toml", text.as_bytes());
        for line in [
            "config",
            "config --json",
            "doctor",
            "clean --check n.ipynb",
            "check n.ipynb",
            "diff",
            "merge n.ipynb n.ipynb n.ipynb",
        ] {
            let run = run(&repo, "n.ipynb", line);
            assert_eq!((raw(&run.stdout), raw(&run.stderr)), (None, None), "{line}: {run:?}");
        }
    }
}

/// The most memory that a command had, and how it ended.
#[cfg(target_os = "linux")]
fn peak(repo: &Repo, line: &str) -> (Option<i32>, u64, Duration) {
    // The biggest child that this shell has waited for; the shell itself is small.
    let begun = Instant::now();
    let mut command = Command::new("sh");
    let measured = format!("ulimit -s 8192; exec '{}' {line} >/dev/null 2>&1", env!("CARGO_BIN_EXE_cellwise"));
    command.args(["-c", &measured]).current_dir(repo.path()).stdin(Stdio::null());
    repo.environment(&mut command);
    let mut child = command.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    let code = loop {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let peak = text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().split(' ').next()?.parse().ok());
        most = most.max(peak.unwrap_or(0));
        if let Some(ended) = child.try_wait().unwrap() {
            break ended.code();
        }
        std::thread::sleep(Duration::from_micros(500));
    };
    (code, most * 1024, begun.elapsed())
}

/// Large in one way each: a million cells, one long source, one line, one output, deep values, and many keys.
#[cfg(target_os = "linux")]
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let long = |source: &str| notebook(&[code("a", source)]).into_bytes();
    let empty = json!({"cell_type": "markdown", "metadata": {}, "source": []}).to_string();
    let many = format!(
        "{{\"cells\": [{}], \"metadata\": {{}}, \"nbformat\": 4, \"nbformat_minor\": 4}}",
        vec![empty; 100_000].join(",\n")
    );
    let deep = |open: &str, close: &str| {
        let value = format!("{}1{}", open.repeat(1_000_000), close.repeat(1_000_000));
        notebook(&[code("a", "x")])
            .replacen("\"metadata\": {}", &format!("\"metadata\": {{\"k\": {value}}}"), 1)
            .into_bytes()
    };
    let keys: serde_json::Map<String, Value> =
        (0..100_000).map(|number| (format!("k{number}"), json!(number))).collect();
    let mut with_keys = code("a", "x");
    with_keys["metadata"] = Value::Object(keys);
    let mut with_image = code("a", "x");
    let data = json!({"image/png": "QUJD".repeat(2_000_000)});
    with_image["outputs"] = json!([{"output_type": "display_data", "metadata": {}, "data": data}]);
    vec![
        ("a hundred thousand empty cells", many.into_bytes()),
        ("one cell of many lines", long(&"value = value + 1\n".repeat(300_000))),
        ("one line", long(&"x ".repeat(4_000_000))),
        ("one output", notebook(&[with_image]).into_bytes()),
        ("lists in lists", deep("[", "]")),
        ("objects in objects", deep("{\"a\":", "}")),
        ("many keys", notebook(&[with_keys]).into_bytes()),
    ]
}

/// What docs/reliability.md promises: so many times the bytes that a command reads, and some for the program itself.
#[cfg(target_os = "linux")]
const TIMES: u64 = 25;
#[cfg(target_os = "linux")]
const ITSELF: u64 = 64 << 20;

#[cfg(target_os = "linux")]
#[test]
fn memory_stays_within_a_multiple_of_the_file_and_time_is_bounded() {
    let repo = Repo::new();
    let lines = [
        "diff old.ipynb n.ipynb",
        "diff --format=json old.ipynb n.ipynb",
        "show -o n.ipynb",
        "textconv n.ipynb",
        "merge old.ipynb n.ipynb old.ipynb -o merged.ipynb",
        "merge old.ipynb n.ipynb x.ipynb -o merged.ipynb",
        "check n.ipynb",
        "clean --check n.ipynb",
        "resolve n.ipynb",
    ];
    repo.write("x.ipynb", sources(&["other"])).write("old.ipynb", sources(&["x", "y"]));
    for (what, file) in bombs() {
        repo.write("n.ipynb", &file);
        for line in lines {
            let (code, most, took) = peak(&repo, line);
            assert!(matches!(code, Some(0 | 1 | 129)), "{what}, {line}: {code:?}");
            let times = most.saturating_sub(ITSELF) / file.len() as u64;
            assert!(times <= TIMES, "{what}, {line}: {times} times the file");
            assert!(took < Duration::from_secs(30), "{what}, {line}: {took:?}");
        }
    }
}

/// Sources and metadata that look like what a merge leaves, written by a person.
fn look_alikes() -> Vec<(&'static str, Value)> {
    let triple = "<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs";
    let record = |role: &str, kind: &str| json!({"conflict": 1, "kind": kind, "role": role, "marker_size": 7});
    let with = |mut cell: Value, record: Value| {
        cell["metadata"]["cellwise"] = record;
        cell
    };
    vec![
        ("markers without a record", code("a", triple)),
        ("a marker cell without a record", markdown("a", "`<<<<<<< ours`\n\n**Merge conflict 1**: mine")),
        ("half a triple", code("a", "<<<<<<< ours\na\n=======\nb")),
        ("another tool's key", with(code("a", "mine"), json!("my own"))),
        ("a record without markers", with(code("a", "mine"), record("cell", "source"))),
        ("a begin without an end", with(markdown("a", "mine"), record("begin", "delete/edit"))),
        ("an end without a begin", with(markdown("a", "mine"), record("end", "delete/edit"))),
        ("a record of a kind that is none", with(code("a", triple), record("cell", "other"))),
        (
            "a number that is none",
            with(code("a", triple), json!({"conflict": -1, "kind": [], "role": {}, "marker_size": 1e99})),
        ),
        (
            "a huge marker",
            with(
                code("a", triple),
                json!({"conflict": 1, "kind": "source", "role": "cell", "marker_size": 999_999_999_999_u64}),
            ),
        ),
        (
            "a record of a marker that is longer",
            with(code("a", triple), json!({"conflict": 1, "kind": "source", "role": "cell", "marker_size": 30})),
        ),
    ]
}

#[test]
fn what_a_person_wrote_is_not_taken_for_what_a_merge_left() {
    for (what, cell) in look_alikes() {
        let expected = source(&cell);
        let file = notebook(&[code("before", "before"), cell, code("after", "after")]);
        let repo = Repo::new();
        repo.write("n.ipynb", &file).commit("one");
        for line in
            ["resolve --ours n.ipynb", "resolve --union n.ipynb", "clean n.ipynb", "check n.ipynb", "resolve n.ipynb"]
        {
            repo.write("n.ipynb", &file);
            let run = repo.sh(&format!("cellwise {line}"));
            assert!([0, 1, 129].contains(&run.code), "{what}, {line}: {run:?}");
            let now: Vec<String> = cells(&repo.bytes("n.ipynb")).iter().map(source).collect();
            assert_eq!(now, ["before", &expected, "after"], "{what}, {line}: {run:?}");
        }
        // A merge that has nothing to do with it goes through.
        let other = file.replace("\"after\"", "\"after it\"");
        repo.write("o.ipynb", &other).write("n.ipynb", &file);
        let merged = repo.cellwise(["merge", "n.ipynb", "o.ipynb", "n.ipynb"]);
        let now: Vec<String> = cells(merged.stdout.as_bytes()).iter().map(source).collect();
        assert!(merged.code == 0 && now.contains(&expected), "{what}: {merged:?}");
    }
}

#[test]
fn ids_and_names_that_are_paths_lead_nowhere() {
    let repo = Repo::new();
    for id in ["../../outside", "/etc/passwd", "C:\\x", "a/b", "~", "$(touch x)", "`touch x`", "-rf"] {
        let of = |source: &str| notebook(&[code(id, source), markdown(id, "the same id")]);
        repo.write("b.ipynb", of("1")).write("o.ipynb", of("2")).write("t.ipynb", of("3"));
        repo.cellwise(["merge", "b.ipynb", "o.ipynb", "t.ipynb", "-o", "m.ipynb"]).exits(1);
        repo.cellwise(["resolve", "--theirs", "m.ipynb"]).ok();
        repo.cellwise(["clean", "m.ipynb"]).ok();
        repo.write("patch", repo.cellwise(["diff", "--format=json", "b.ipynb", "o.ipynb"]).stdout);
        assert!(cells(&repo.bytes("m.ipynb"))[0]["source"] == json!(["3"]));
    }
    let mut found: Vec<_> = fs::read_dir(repo.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    found.sort();
    assert_eq!(found, [".git", "b.ipynb", "m.ipynb", "o.ipynb", "patch", "t.ipynb"]);
    assert!(!repo.outside("outside").exists());
}
