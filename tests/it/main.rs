//! The integration tests: one crate, so that it links once and its modules share their helpers.

// A helper that fails fails its test.
#![allow(clippy::panic, clippy::unwrap_used)]

#[cfg(unix)]
mod action;
mod add;
#[cfg(unix)]
mod add_walk;
mod apply;
mod cases;
mod check;
mod clean_files;
#[cfg(unix)]
mod clean_in_place;
mod clean_laws;
#[cfg(unix)]
mod coming_from;
mod commands;
mod completions;
mod config;
mod corpus;
mod diff_arguments;
mod diff_laws;
mod diff_lines;
mod diff_options;
#[cfg(unix)]
mod docs;
mod doctor;
mod doctor_contents;
mod doctor_places;
mod doctor_ways;
#[cfg(unix)]
mod faults;
mod filter;
mod filter_diff;
#[cfg(unix)]
mod filter_faults;
mod filter_protocol;
mod fuzz_seeds;
mod git_diff;
mod git_diff_ways;
mod git_merge;
mod git_merge_odd;
mod git_merge_ways;
mod guard;
#[cfg(unix)]
mod guard_hooks;
mod hostile_repository;
#[cfg(unix)]
mod hostile_notebooks;
mod install;
mod install_cache;
mod install_filter;
mod install_laws;
mod install_refused;
mod install_scopes;
mod install_tools;
mod laws;
mod layers;
mod lost_records;
mod markdown;
mod merge_file;
mod merge_large;
mod merge_report;
#[cfg(unix)]
mod mergetool;
#[cfg(unix)]
mod mistakes;
mod nb;
mod notebooks;
mod operation;
#[cfg(unix)]
mod other_vcs;
#[cfg(unix)]
mod pager;
mod patch;
mod pick_laws;
mod project;
#[cfg(unix)]
mod promises;
#[cfg(unix)]
mod release;
mod repo;
mod resolve;
mod resolve_laws;
mod resolve_text;
mod revisions;
mod scenarios;
mod settings;
#[cfg(unix)]
mod shrinking;
#[path = "../targets/mod.rs"]
mod targets;
#[cfg(unix)]
mod terminal;
mod text_markers;
mod unmerged;
#[cfg(unix)]
mod walk;
mod words;
