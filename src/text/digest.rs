//! Digests of what the text form hides.

use std::fmt;

use xxhash_rust::xxh3::Xxh3;

/// A digest over a sequence of byte strings: 24 bits, for people to see that something changed.
///
/// xxh3 is a fixed algorithm, so the digest is the same on every machine and in every release.
#[derive(Default)]
pub(super) struct Digest {
    state: Option<Box<Xxh3>>,
    /// What is still to be hashed: small pieces are cheaper together.
    waiting: Vec<u8>,
}

/// From this length on a byte string is hashed where it lies.
const LARGE: usize = 512;

impl Digest {
    /// Adds one byte string; where one ends counts.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        if bytes.len() < LARGE {
            self.waiting.extend_from_slice(bytes);
            return;
        }
        let state = self.state.get_or_insert_with(|| Box::new(Xxh3::new()));
        state.update(&self.waiting);
        state.update(bytes);
        self.waiting.clear();
    }

    /// Whether nothing was added.
    pub(super) fn is_empty(&self) -> bool {
        self.state.is_none() && self.waiting.is_empty()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut state = self.state.as_deref().cloned().unwrap_or_else(Xxh3::new);
        state.update(&self.waiting);
        write!(formatter, "{:06x}", state.digest() >> 40)
    }
}
