//! Settling what a merge has left to a person.

pub mod text_markers;
