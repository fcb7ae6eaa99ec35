//! The integration tests: one crate, so that it links once and its modules share their helpers.

mod cases;
mod laws;
mod layers;
mod merge_file;
mod notebooks;
