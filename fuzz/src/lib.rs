//! The targets of `tests/targets`, for libFuzzer: each binary is one of them.

// Some of it is for the tests alone.
#![allow(dead_code, unused_imports)]

#[path = "../../tests/it/patch.rs"]
mod patch;
#[path = "../../tests/targets/mod.rs"]
mod targets;

/// Runs the target of this name on `input`; a law that does not hold is a panic.
pub fn run(name: &str, input: &[u8]) {
    let target = targets::TARGETS.iter().find(|(known, _)| *known == name);
    let (_, target) = target.unwrap_or_else(|| panic!("no target is called {name}"));
    target(input);
}
