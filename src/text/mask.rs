//! What differs from run to run and says nothing: memory addresses, the kernel's temporary files, its counts.

use std::borrow::Cow;

use memchr::memmem;

/// What begins something masked, and how many of the bytes that follow are to go; 0 if it is something else.
type Mark = (&'static str, fn(before: &[u8], rest: &[u8]) -> usize);

const MARKS: [Mark; 5] = [
    ("0x", address),
    ("Cell In[", |_, rest| run(rest, u8::is_ascii_digit)),
    ("Input In [", |_, rest| run(rest, u8::is_ascii_digit)),
    ("<ipython-input-", |_, rest| run(rest, |byte| byte.is_ascii_hexdigit() || *byte == b'-')),
    ("ipykernel_", |_, rest| run(rest, |byte| byte.is_ascii_digit() || matches!(byte, b'/' | b'\\'))),
];

/// Digits of an address behind `at `, as Python writes it.
const SHORTEST_ADDRESS: usize = 6;
/// Digits of an address elsewhere: a shorter number is as likely a colour or a set of flags.
const SHORTEST_ANYWHERE: usize = 9;
/// Digits of the longest address: a longer number is a digest.
const LONGEST_ADDRESS: usize = 16;

fn address(before: &[u8], rest: &[u8]) -> usize {
    let digits = run(rest, u8::is_ascii_hexdigit);
    let shortest = if before.ends_with(b"at ") { SHORTEST_ADDRESS } else { SHORTEST_ANYWHERE };
    if (shortest..=LONGEST_ADDRESS).contains(&digits) { digits } else { 0 }
}

/// How many bytes at the beginning are such ones.
fn run(bytes: &[u8], such: impl Fn(&u8) -> bool) -> usize {
    bytes.iter().position(|byte| !such(byte)).unwrap_or(bytes.len())
}

/// `text` with an ellipsis in place of the digits of memory addresses (`0x…`) and of what ipykernel counts
/// (`Cell In[…]`, `<ipython-input-…>`, `/tmp/ipykernel_…`).
pub(super) fn masked(text: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    let mut places: Vec<(usize, usize)> = Vec::new();
    for (mark, length) in MARKS {
        for at in memmem::find_iter(&text, mark) {
            let start = at + mark.len();
            places.push((start, start + length(&text[..at], &text[start..])));
        }
    }
    places.retain(|(start, end)| start < end);
    if places.is_empty() {
        return text;
    }
    places.sort_unstable();
    let mut out = Vec::with_capacity(text.len());
    let mut done = 0;
    for (start, end) in places {
        out.extend_from_slice(&text[done..start]);
        out.extend_from_slice("…".as_bytes());
        done = end;
    }
    out.extend_from_slice(&text[done..]);
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        String::from_utf8(masked(text.as_bytes().into()).into_owned()).unwrap()
    }

    #[test]
    fn addresses_and_counts_are_masked() {
        for (text, left) in [
            ("<A at 0x7f8b1c0d5e50>, <B at 0x7F8b1c>", "<A at 0x…>, <B at 0x…>"),
            ("<environment: 0x55d5c8a0b1f8>", "<environment: 0x…>"),
            ("Cell In[12], line 1", "Cell In[…], line 1"),
            ("Input In [3], in <cell line: 1>()", "Input In […], in <cell line: 1>()"),
            ("<ipython-input-5-9a8b7c> in <module>", "<ipython-input-…> in <module>"),
            ("/tmp/ipykernel_812/3141.py:1: UserWarning", "/tmp/ipykernel_….py:1: UserWarning"),
            (r"C:\Temp\ipykernel_59\24.py", r"C:\Temp\ipykernel_….py"),
        ] {
            assert_eq!(shown(text), left);
        }
    }

    #[test]
    fn other_numbers_stay() {
        let digest = format!("0x{}", "ab".repeat(20));
        for text in
            ["0xff8800", "0xdeadbeef", "at 0x1f", "0x", "In [5]", "ipykernel_launcher.py", "Cell In[]", "x[0]", &digest]
        {
            assert_eq!(shown(text), text);
        }
    }
}
