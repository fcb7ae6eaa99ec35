//! A git diff and merge driver for Jupyter notebooks.
pub mod file;
pub mod git;
pub mod json;
