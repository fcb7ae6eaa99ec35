//! A git diff and merge driver for Jupyter notebooks.

pub mod json;
pub mod normalize;
pub mod notebook;
