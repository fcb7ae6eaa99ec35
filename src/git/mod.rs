//! The edge to git: its executable, its configuration, its revisions.
//!
//! Reading goes through libgit2 where that can open the repository. What must run filters or obey `-c`
//! settings, and every repository that libgit2 refuses, goes through the `git` executable ([`command`]).
//! The drivers that git calls hardly need this: git hands them files.

pub mod adding;
mod attribute_line;
mod batch;
pub mod command;
pub mod doctor;
pub mod filter;
pub mod install;
pub mod merge_file;
pub mod operation;
pub mod outside;
pub mod project;
pub mod revisions;
pub mod settings;
pub mod staged;
pub mod unmerged;
