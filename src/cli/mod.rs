//! The subcommands, one file each.

pub(crate) mod exit;
pub(crate) mod install;
pub(crate) mod uninstall;
