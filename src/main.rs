//! The `cellwise` command.

fn main() {}
