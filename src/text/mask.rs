//! What differs from run to run and says nothing: memory addresses, the kernel's temporary files, its counts.

use std::borrow::Cow;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use memchr::memmem::Finder;

/// What begins something masked, and how many of the bytes that follow are to go; 0 if it is something else.
type Mark = (&'static str, fn(before: &[u8], rest: &[u8]) -> usize);

const MARKS: [Mark; 5] = [
    ("0x", address),
    ("Cell In[", |_, rest| run(rest, u8::is_ascii_digit)),
    ("Input In [", |_, rest| run(rest, u8::is_ascii_digit)),
    ("<ipython-input-", |_, rest| run(rest, |byte| byte.is_ascii_hexdigit() || *byte == b'-')),
    ("ipykernel_", temporary_file),
];

/// To prepare a search takes longer than to search a short output.
static FINDERS: LazyLock<[Finder<'static>; MARKS.len()]> = LazyLock::new(|| MARKS.map(|(mark, _)| Finder::new(mark)));

/// How many digits an address has: fewer are a small number, more are a digest.
const ADDRESS: RangeInclusive<usize> = 6..=16;
/// What stands before the address in R's `<environment: 0x55d5c8a0b1f8>`.
const NAMES_IN_R: [&[u8]; 3] = [b"<environment: ", b"<bytecode: ", b"<pointer: "];
/// How far before its address a `repr` begins at most.
const LONGEST_REPR: usize = 1000;

/// The digits of the address of an object, as its `repr` has it: `<A object at 0x7f8b1c0d5e50>`. Any other number may
/// be what somebody wanted to see.
fn address(before: &[u8], rest: &[u8]) -> usize {
    let digits = run(rest, u8::is_ascii_hexdigit);
    let is_of_object = || before.ends_with(b" at ") && is_in_repr(before);
    if ADDRESS.contains(&digits) && (NAMES_IN_R.iter().any(|name| before.ends_with(name)) || is_of_object()) {
        digits
    } else {
        0
    }
}

/// Whether the line that ends here has a `<` before a letter that is still open.
fn is_in_repr(before: &[u8]) -> bool {
    let mut closed = 0;
    let mut next = b' ';
    for byte in before.iter().rev().take(LONGEST_REPR).take_while(|byte| **byte != b'\n') {
        match byte {
            b'>' => closed += 1,
            b'<' if closed > 0 => closed -= 1,
            b'<' if next.is_ascii_alphabetic() || next == b'_' => return true,
            _ => {}
        }
        next = *byte;
    }
    false
}

/// What is another in each run of `/tmp/ipykernel_812/3141.py`, the name of the file that a cell stands in for Python.
fn temporary_file(before: &[u8], rest: &[u8]) -> usize {
    let process = run(rest, u8::is_ascii_digit);
    let slashes = run(&rest[process..], |byte| matches!(byte, b'/' | b'\\'));
    let cell = process + slashes;
    let end = cell + run(&rest[cell..], u8::is_ascii_digit);
    let is_path = before.ends_with(b"/") || before.ends_with(b"\\");
    if is_path && process > 0 && slashes > 0 && end > cell && rest[end..].starts_with(b".py") { end } else { 0 }
}

/// How many bytes at the beginning are such ones.
fn run(bytes: &[u8], such: impl Fn(&u8) -> bool) -> usize {
    bytes.iter().position(|byte| !such(byte)).unwrap_or(bytes.len())
}

/// `text` with an ellipsis in place of the digits of the addresses of objects (`0x…`) and of what ipykernel counts
/// (`Cell In[…]`, `<ipython-input-…>`, `/tmp/ipykernel_…`).
pub(super) fn masked(text: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    let mut places: Vec<(usize, usize)> = Vec::new();
    for (finder, (mark, length)) in FINDERS.iter().zip(MARKS) {
        for at in finder.find_iter(&text) {
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
            ("<function <lambda> at 0x7f8b1c0d5e50>", "<function <lambda> at 0x…>"),
            (
                "<bound method A.f of <__main__.A object at 0x000001F2A3B4C5D6>>",
                "<bound method A.f of <__main__.A object at 0x…>>",
            ),
            ("[<_A at 0x7f8b1c; to 'B' at 0x7f8b1d>]", "[<_A at 0x…; to 'B' at 0x…>]"),
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
        let digest = format!("<A at 0x{}>", "ab".repeat(20));
        for text in [
            "0xff8800",
            "0xdeadbeef",
            "<A at 0x1f>",
            "0x",
            "mask = 0x1ffffffff",
            "hex(n) = 0x2dfdc1c35",
            "crc64 0x1234567890abcdef",
            "10x1000000000",
            "<A at 10x1000000000>",
            "fault at 0x401000",
            "<module> fault at 0x401000",
            "<pre>fault at 0x401000",
            "a <5 at 0x401000",
            "<A\nat 0x401000",
            "In [5]",
            "ipykernel_launcher.py",
            "ipykernel_6.29",
            "/ipykernel_6/",
            "ipykernel_6/7.py",
            "Cell In[]",
            "x[0]",
            &digest,
        ] {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn very_many_addresses_on_one_line_are_no_trouble() {
        let text = " at 0x7f8b1c0d5e50".repeat(20_000);
        assert_eq!(shown(&text), text);
    }
}
