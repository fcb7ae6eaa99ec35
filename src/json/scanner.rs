//! Where JSON values end: one pass over a text, which decodes nothing and recurses nowhere.
//!
//! Most of what cellwise reads are outputs that nobody asks for, so how fast it skips strings is how fast it is. That is
//! why this is not `serde_json`, which is several times slower on long strings; but `serde_json` says what is wrong with a
//! text at which the scanner stops, and its tests hold both to the same grammar.

use std::ops::Range;

/// A place in a text. Each step goes over white space and then one thing; `None` says that something else stands there.
pub(super) struct Scanner<'a> {
    bytes: &'a [u8],
    /// The same, where it is known to be UTF-8. Else what is read is checked when it has just been passed over, while the
    /// processor still has it at hand: a file of its own is fetched from memory once.
    text: Option<&'a str>,
    at: usize,
    /// What closes the brackets that [`Scanner::value`] is in: a value may be nested deeper than the call stack.
    open: Vec<u8>,
}

impl<'a> Scanner<'a> {
    /// At the beginning of a text.
    pub(super) fn new(text: &'a str) -> Self {
        Self { text: Some(text), ..Self::of_bytes(text.as_bytes(), 0) }
    }

    /// At the offset `at` of what may be a text.
    pub(super) fn of_bytes(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, text: None, at, open: Vec::new() }
    }

    /// Reads an object, calling `member` with each raw key; it has to read the value.
    pub(super) fn object(&mut self, mut member: impl FnMut(&mut Self, &'a str) -> Option<()>) -> Option<()> {
        self.take(b'{')?;
        if self.next()? == b'}' {
            return self.take(b'}');
        }
        loop {
            let key = self.key()?;
            member(self, key)?;
            if self.is_last(b'}')? {
                return Some(());
            }
        }
    }

    /// Reads a list, calling `element` at each element; it has to read it.
    pub(super) fn list(&mut self, mut element: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.take(b'[')?;
        if self.next()? == b']' {
            return self.take(b']');
        }
        loop {
            element(self)?;
            if self.is_last(b']')? {
                return Some(());
            }
        }
    }

    /// Reads a value of any kind.
    pub(super) fn value(&mut self) -> Option<&'a str> {
        let start = self.start()?;
        loop {
            if self.begin()? && self.end()? {
                return self.slice(start..self.at);
            }
        }
    }

    /// The offset up to which the text has been read.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The offset at which the next value begins.
    pub(super) fn start(&mut self) -> Option<usize> {
        self.next().map(|_| self.at)
    }

    /// Whether nothing but white space is left.
    pub(super) fn is_done(&mut self) -> bool {
        self.next().is_none()
    }

    /// Reads a value that holds no other, or the beginning of one that does, up to its first element: then `false`.
    fn begin(&mut self) -> Option<bool> {
        let close = match self.next()? {
            b'"' => return self.string().map(|()| true),
            b'{' => b'}',
            b'[' => b']',
            _ => return self.word_or_number().map(|()| true),
        };
        self.at += 1;
        if self.next()? == close {
            self.at += 1;
            return Some(true);
        }
        self.open.push(close);
        if close == b'}' {
            self.skip_key()?;
        }
        Some(false)
    }

    /// Behind a value: closes what it is the last of, and says whether nothing is open any more.
    fn end(&mut self) -> Option<bool> {
        while let Some(&close) = self.open.last() {
            if !self.is_last(close)? {
                if close == b'}' {
                    self.skip_key()?;
                }
                return Some(false);
            }
            self.open.pop();
        }
        Some(true)
    }

    /// Reads what follows an element: `close`, or a comma.
    #[inline]
    fn is_last(&mut self, close: u8) -> Option<bool> {
        let byte = self.next()?;
        self.at += 1;
        match byte {
            b',' => Some(false),
            _ if byte == close => Some(true),
            _ => None,
        }
    }

    /// Reads a key and its colon.
    #[inline]
    fn key(&mut self) -> Option<&'a str> {
        let start = self.start()?;
        let end = self.skip_key()?;
        self.slice(start..end)
    }

    /// Reads a key and its colon; gives where the key ends.
    #[inline]
    fn skip_key(&mut self) -> Option<usize> {
        if self.next()? != b'"' {
            return None;
        }
        self.string()?;
        let end = self.at;
        self.take(b':')?;
        Some(end)
    }

    #[inline]
    fn slice(&self, span: Range<usize>) -> Option<&'a str> {
        match self.text {
            Some(text) => text.get(span),
            None => simdutf8::basic::from_utf8(self.bytes.get(span)?).ok(),
        }
    }

    #[inline]
    fn take(&mut self, wanted: u8) -> Option<()> {
        let found = self.next()? == wanted;
        self.at += usize::from(found);
        found.then_some(())
    }

    /// The byte behind the white space.
    #[inline]
    fn next(&mut self) -> Option<u8> {
        loop {
            match self.byte()? {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                byte => return Some(byte),
            }
        }
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Reads the string that opens here.
    #[inline]
    fn string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            self.at = end_of_plain(self.bytes, self.at);
            match self.byte()? {
                b'"' => break self.at += 1,
                b'\\' => self.escape()?,
                _ => return None,
            }
        }
        Some(())
    }

    #[inline]
    fn escape(&mut self) -> Option<()> {
        let bytes = self.bytes;
        self.at += match bytes.get(self.at + 1)? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 2,
            b'u' if bytes.get(self.at + 2..self.at + 6)?.iter().all(u8::is_ascii_hexdigit) => 6,
            _ => return None,
        };
        Some(())
    }

    fn word_or_number(&mut self) -> Option<()> {
        // The last three are Python's, which JSON does not have.
        const WORDS: [&str; 6] = ["null", "true", "false", "NaN", "Infinity", "-Infinity"];
        let rest = self.bytes.get(self.at..)?;
        match WORDS.iter().find(|word| rest.starts_with(word.as_bytes())) {
            Some(word) => self.at += word.len(),
            None => self.number()?,
        }
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        self.at += usize::from(self.byte()? == b'-');
        match self.byte()? {
            b'0' => self.at += 1,
            _ => self.digits()?,
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.byte(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Some(())
    }

    /// Reads one digit or more.
    fn digits(&mut self) -> Option<()> {
        let digits = self.bytes[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += digits;
        (digits > 0).then_some(())
    }
}

/// The first byte from `at` on that is not plain text of a string: a quote, a backslash or a control character.
///
/// Long strings are figures, so plain text is passed over in blocks, which the compiler compares at once, and in larger
/// ones where a string turns out to be long; short ones are lines of source, so what ends one is found by words.
#[inline]
fn end_of_plain(bytes: &[u8], mut at: usize) -> usize {
    while is_plain::<32>(bytes, at) {
        at += 32;
        while is_plain::<64>(bytes, at) {
            at += 64;
        }
    }
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let marks = marks(u64::from_le_bytes(*word));
        if marks != 0 {
            return at + marks.trailing_zeros() as usize / 8;
        }
        at += word.len();
    }
    at + bytes[at..].iter().take_while(|byte| !ends_plain(**byte)).count()
}

/// Whether the next `N` bytes are plain text.
#[inline]
fn is_plain<const N: usize>(bytes: &[u8], at: usize) -> bool {
    let block = bytes.get(at..).and_then(<[u8]>::first_chunk::<N>);
    block.is_some_and(|block| !block.iter().fold(false, |found, byte| found | ends_plain(*byte)))
}

fn ends_plain(byte: u8) -> bool {
    byte < b' ' || byte == b'"' || byte == b'\\'
}

/// The eight bytes of `word` that [`ends_plain`] holds for, their highest bits set; those above the lowest are not exact
/// (Mycroft's search for a zero byte).
fn marks(word: u64) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    let below = |word: u64, bound: u8| word.wrapping_sub(ONES * u64::from(bound)) & !word;
    let is = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    (below(word, b' ') | is(b'"') | is(b'\\')) & (ONES << 7)
}
