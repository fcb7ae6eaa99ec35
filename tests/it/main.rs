//! End-to-end tests and laws, one crate so that it links once.

mod commands;
mod corpus;
mod git_diff;
mod git_merge;
mod git_merge_odd;
mod install;
mod nb;
mod patch;
mod repo;
mod revisions;
