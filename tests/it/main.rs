//! The integration tests: one crate, so that it links once and its modules share their helpers.

// A helper that fails fails its test.
#![allow(clippy::panic, clippy::unwrap_used)]

mod cases;
mod install;
mod laws;
mod layers;
mod merge_file;
mod notebooks;
mod repo;
mod revisions;
