//! git's filter protocol.

use std::borrow::Cow;

use cellwise::git::filter::{File, serve};

use super::steers_a_terminal;

/// Contents above this are too large to clean.
const MAX: usize = 1000;

/// What git says first.
const HELLO: &[u8] = b"0015git-filter-client\n000eversion=2\n00000015capability=clean\n0016capability=smudge\n0000";

/// Any packets, with git's greeting before them and without.
pub(super) fn target(input: &[u8]) {
    ends(input);
    ends(&[HELLO, input].concat());
}

/// It ends, with an answer or an error, and what it said until then are whole packets.
fn ends(stream: &[u8]) {
    let mut out = Vec::new();
    if let Err(error) = serve(stream, &mut out, MAX, shout) {
        let line = error.to_string();
        assert!(!line.contains('\n') && !steers_a_terminal(&line), "{line:?}");
    }
    assert!(is_whole(&out), "{}", super::shown(&out));
}

/// Upper case, so that an answer is seen; files called `bad` are refused.
fn shout<'c>(file: &File<'c>) -> Option<Cow<'c, [u8]>> {
    let content = file.content.unwrap_or(b"too large");
    assert!(content.len() <= MAX, "a content that is too large");
    (file.path != b"bad").then(|| Cow::Owned(content.to_ascii_uppercase()))
}

/// Whether `stream` is packets and nothing else.
pub(crate) fn is_whole(mut stream: &[u8]) -> bool {
    while !stream.is_empty() {
        let length = stream.get(..4).and_then(|header| usize::from_str_radix(str::from_utf8(header).ok()?, 16).ok());
        let Some(rest) = length.and_then(|length| stream.get(length.max(4)..)) else { return false };
        stream = rest;
    }
    true
}
