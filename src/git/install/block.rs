//! Our lines between two marks, in a file that others write too.
//!
//! A block is what stands from a first mark to the next last one. Somebody may have taken the last mark away: then only
//! a line behind the first that is surely ours goes with it, and a first mark alone is anybody's comment.

/// First line of a block.
pub const BLOCK_START: &str = "# >>> cellwise";
/// Last line of a block.
pub const BLOCK_END: &str = "# <<< cellwise";

/// How many of `lines` are a block that starts at the first one.
pub(super) fn length(lines: &[&[u8]], is_ours: fn(&[u8]) -> bool) -> usize {
    let is = |line: &&[u8], text: &str| line.trim_ascii() == text.as_bytes();
    if !is(&lines[0], BLOCK_START) {
        return 0;
    }
    let rest = &lines[1..];
    let next_start = rest.iter().position(|line| is(line, BLOCK_START)).unwrap_or(rest.len());
    match rest[..next_start].iter().position(|line| is(line, BLOCK_END)) {
        Some(end) => end + 2,
        None if rest.first().is_some_and(|line| is_ours(line)) => 2,
        None => 0,
    }
}

/// `text` without any block.
pub(super) fn without(text: &[u8], is_ours: fn(&[u8]) -> bool) -> Vec<u8> {
    let lines: Vec<&[u8]> = text.split_inclusive(|&byte| byte == b'\n').collect();
    let mut kept = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < lines.len() {
        let skipped = length(&lines[at..], is_ours);
        if skipped == 0 {
            kept.extend_from_slice(lines[at]);
        }
        at += skipped.max(1);
    }
    kept
}
