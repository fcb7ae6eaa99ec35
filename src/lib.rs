//! A git diff and merge driver for Jupyter notebooks.

pub mod align;
pub mod diff;
pub mod json;
pub mod merge;
pub mod normalize;
pub mod notebook;
pub mod render;
pub mod text;
