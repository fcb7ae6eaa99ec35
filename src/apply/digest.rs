//! Digests that tell one version of a file from another.

use xxhash_rust::xxh3::xxh3_128;

/// The digest of a file in a JSON diff: `xxh3-128:` and 32 digits in hexadecimal, the most significant first.
///
/// It finds accidents. It is no proof against somebody who makes two files of one digest on purpose.
#[must_use]
pub fn digest(file: &[u8]) -> String {
    format!("xxh3-128:{:032x}", xxh3_128(file))
}
