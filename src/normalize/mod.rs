//! Stage 3: what counts as noise.
//!
//! One table ([`rules`]) says for every known key whether `clean` drops it, whether the text form shows it, and
//! how a merge settles it; a [`Policy`] may have further rows. [`clean`] is the first user of the table; the text form
//! and the merge are the others.

mod asks;
mod cells;
mod clean;
mod keys;
mod nbstripout;
mod options;
mod outputs;
mod policy;

pub use clean::{Change, Cleaned, clean};
pub use options::{CleanOptions, Ids, InitCells, Keep, KeyOptions, Like, OutputType, parse_size};
pub use policy::{MergeRule, NoiseKey, OnClean, Place, Policy, Rule, Shown, rules, tools};
