//! Digests of what the text form hides.

use std::fmt;

use xxhash_rust::xxh3::Xxh3;

/// A digest over a sequence of byte strings: 24 bits, for people to see that something changed.
///
/// xxh3 is a fixed algorithm, so the digest is the same on every machine and in every release.
#[derive(Default)]
pub(super) struct Digest {
    state: Option<Box<Xxh3>>,
}

impl Digest {
    /// Adds one byte string; where one ends counts.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        let state = self.state.get_or_insert_with(|| Box::new(Xxh3::new()));
        state.update(&(bytes.len() as u64).to_le_bytes());
        state.update(bytes);
    }

    /// Whether nothing was added.
    pub(super) fn is_empty(&self) -> bool {
        self.state.is_none()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digest = self.state.as_ref().map_or(0, |state| state.digest());
        write!(formatter, "{:06x}", digest >> 40)
    }
}
