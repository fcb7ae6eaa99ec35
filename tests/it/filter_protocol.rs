//! git's filter protocol, spoken with `cellwise::git::filter` and with the command: any bytes, and what git sends.

#![allow(clippy::unwrap_used)]

use std::borrow::Cow;

use cellwise::git::filter::{File, ProtocolError, TooLarge, serve};
use proptest::prelude::*;

use crate::repo::Repo;
use crate::targets::is_whole;

/// Contents above this are too large for the filter that the tests run.
const MAX: usize = 100_000;

/// Upper case, so that an answer is seen; files called `bad` are refused.
fn shout<'c>(file: &File<'c>) -> Option<Cow<'c, [u8]>> {
    let content = match file.content {
        Ok(content) => content.to_ascii_uppercase(),
        Err(TooLarge) => b"too large".to_vec(),
    };
    (file.path != b"bad").then_some(Cow::Owned(content))
}

fn answers(stream: &[u8]) -> (Result<(), ProtocolError>, Vec<u8>) {
    let mut out = Vec::new();
    (serve(stream, &mut out, MAX, shout), out)
}

/// What git sends: each word a packet, `|` a flush.
fn stream(words: &[&str]) -> Vec<u8> {
    words
        .iter()
        .flat_map(|word| if *word == "|" { b"0000".to_vec() } else { packet(format!("{word}\n").as_bytes()) })
        .collect()
}

fn packet(data: &[u8]) -> Vec<u8> {
    [format!("{:04x}", data.len() + 4).as_bytes(), data].concat()
}

fn packets(content: &[u8]) -> Vec<u8> {
    content.chunks(65_516).flat_map(packet).chain(*b"0000").collect()
}

const HELLO: [&str; 7] =
    ["git-filter-client", "version=2", "|", "capability=clean", "capability=smudge", "capability=delay", "|"];

pub(crate) fn hello() -> Vec<u8> {
    stream(&HELLO)
}

fn welcome() -> Vec<u8> {
    stream(&["git-filter-server", "version=2", "|", "capability=clean", "capability=smudge", "|"])
}

pub(crate) fn request(command: &str, path: &str, content: &[u8]) -> Vec<u8> {
    let head = stream(&[&format!("command={command}"), &format!("pathname={path}"), "|"]);
    [head, packets(content)].concat()
}

fn success(content: &[u8]) -> Vec<u8> {
    [stream(&["status=success", "|"]), packets(content), b"0000".to_vec()].concat()
}

fn refusal() -> Vec<u8> {
    stream(&["status=error", "|"])
}

#[test]
fn files_are_answered_one_after_another() {
    let large = vec![b'x'; 65_517];
    let asked = [
        hello(),
        request("clean", "a", b"one"),
        request("smudge", "bad", b"two"),
        request("clean", "bad", b""),
        request("clean", "b", &large),
        request("clean", "c", b""),
    ]
    .concat();
    let (ended, out) = answers(&asked);
    ended.unwrap();
    let expected =
        [welcome(), success(b"ONE"), success(b"two"), refusal(), success(&large.to_ascii_uppercase()), success(b"")];
    assert!(out == expected.concat(), "{}", String::from_utf8_lossy(&out[..200]));
}

#[test]
fn what_later_gits_may_say_is_passed_over() {
    let asked = [
        stream(&[
            "git-filter-client",
            "version=2",
            "version=42",
            "|",
            "capability=smudge",
            "capability=not-yet-invented",
            "|",
        ]),
        stream(&["command=list_available_blobs", "|"]),
        request("dream", "a", b"one"),
        stream(&["command=smudge", "pathname=a=b\u{1b}", "ref=main", "treeish=1", "new=key", "|"]),
        packets(b"two"),
        stream(&["|"]),
    ];
    let (ended, out) = answers(&asked.concat());
    ended.unwrap();
    let hello = stream(&["git-filter-server", "version=2", "|", "capability=smudge", "|"]);
    assert_eq!(out, [hello, refusal(), refusal(), success(b"two"), refusal()].concat());
}

#[test]
fn what_is_too_large_to_clean_is_dropped_and_still_checked_out() {
    let large = vec![b'x'; MAX + 1];
    let asked =
        [hello(), request("clean", "a", &large), request("smudge", "a", &large), request("clean", "a", &large[1..])];
    let (ended, out) = answers(&asked.concat());
    ended.unwrap();
    let expected = [welcome(), success(b"too large"), success(&large), success(&large[1..].to_ascii_uppercase())];
    assert!(out == expected.concat());
}

#[test]
fn what_is_not_the_protocol_is_said_in_a_line() {
    let cut = request("clean", "a", b"one");
    let typed = "this is called by git, as filter.cellwise.process (`cellwise help filter-process`)";
    for (stream, said) in [
        (b"GET / HTTP/1.1\r\n".to_vec(), "no packet can begin with \"GET \""),
        (stream(&["git-upload-pack", "version=2", "|"]), typed),
        (stream(&["git-filter-client", "version=3", "|"]), "this git does not speak version 2 of the filter protocol"),
        (Vec::new(), typed),
        (stream(&["git-filter-client"]), "git ended in the middle of a file"),
        ([hello(), cut[..cut.len() - 4].to_vec()].concat(), "git ended in the middle of a file"),
        ([hello(), cut[..cut.len() - 6].to_vec()].concat(), "git ended in the middle of a file"),
    ] {
        assert_eq!(answers(&stream).0.unwrap_err().to_string(), said);
    }
}

#[test]
fn the_command_ends_quietly_with_git_and_with_a_line_otherwise() {
    let repo = Repo::new();
    let notebook = br#"{"cells": [{"cell_type": "code", "execution_count": 1}]}"#;
    let asked = [hello(), request("clean", "a.ipynb", notebook)].concat();
    let answered = repo.cellwise_reading(asked, ["filter-process"]).exits(0);
    let cleaned = success(br#"{"cells": [{"cell_type": "code", "execution_count": null}]}"#);
    assert_eq!(answered.stdout.as_bytes(), [welcome(), cleaned].concat());
    assert_eq!(answered.stderr, "");
    let odd = repo.cellwise_reading("\u{1b}[2J", ["filter-process"]).exits(129);
    assert_eq!(odd.stderr, "cellwise: filter-process: no packet can begin with \"\\u{1b}[2J\"\n");
    let name = [hello(), request("clean", "a\u{1b}[2J\n.ipynb", b"{")].concat();
    let refused = repo.cellwise_reading(name, ["filter-process"]).exits(0);
    assert_eq!(refused.stdout.as_bytes(), [welcome(), refusal()].concat());
    assert!(refused.stderr.starts_with("cellwise: a\\u{1b}[2J\\n.ipynb: not a notebook: "), "{}", refused.stderr);
    assert_eq!(refused.stderr.lines().count(), 1);
}

/// A conversation with some files.
fn conversation() -> impl Strategy<Value = Vec<(bool, String, Vec<u8>)>> {
    let content = prop_oneof![prop::collection::vec(any::<u8>(), 0..200), Just(vec![b'z'; 70_000])];
    prop::collection::vec((any::<bool>(), "[a-z/=. \u{e9}]{0,8}", content), 0..5)
}

fn spoken(files: &[(bool, String, Vec<u8>)]) -> Vec<u8> {
    let command = |clean: bool| if clean { "clean" } else { "smudge" };
    let requests = files.iter().map(|(clean, path, content)| request(command(*clean), path, content));
    [vec![hello()], requests.collect()].concat().concat()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_file_gets_its_answer(files in conversation()) {
        let (ended, out) = answers(&spoken(&files));
        prop_assert!(ended.is_ok());
        let answer = |(clean, path, content): &(bool, String, Vec<u8>)| match (clean, path.as_str()) {
            (true, "bad") => refusal(),
            (true, _) => success(&content.to_ascii_uppercase()),
            (false, _) => success(content),
        };
        let expected = [vec![welcome()], files.iter().map(answer).collect()].concat().concat();
        prop_assert!(out == expected);
    }

    /// It ends, with an answer or an error, and what it said until then are whole packets.
    #[test]
    fn any_bytes_end_without_a_panic(greets in any::<bool>(), bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let stream = if greets { [hello(), bytes].concat() } else { bytes };
        prop_assert!(is_whole(&answers(&stream).1));
    }

    #[test]
    fn a_spoiled_conversation_ends_without_a_panic(
        files in conversation(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut stream = spoken(&files);
        for (at, byte) in changes {
            let at = at.index(stream.len());
            stream[at] = byte;
        }
        stream.truncate(cut.index(stream.len()) + 1);
        prop_assert!(is_whole(&answers(&stream).1));
    }
}
