//! End-to-end tests and laws, one crate so that it links once.

mod install;
mod repo;
mod revisions;
