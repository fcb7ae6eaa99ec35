//! The scenarios in which versions of git differ, once more with each other git of this machine.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Those in which git's answer has changed between versions.
const DEPEND_ON_VERSION: [&str; 7] =
    ["scenario_06_", "scenario_09_", "scenario_13_", "scenario_19_", "scenario_20_", "scenario_23_", "scenario_29_"];

/// Folders with further gits, beside those of the PATH; written as a PATH is.
const GITS: &str = "CELLWISE_GITS";

/// Where a git of the system stands, whatever comes before it on the PATH.
const USUAL: [&str; 4] = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", "/opt/local/bin"];

/// What `git version` says; `None` if there is no git in the folder.
fn version_in(folder: &Path) -> Option<String> {
    let output = Command::new(folder.join("git")).arg("version").output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn folders(variable: &str) -> Vec<PathBuf> {
    env::var_os(variable).map(|value| env::split_paths(&value).collect()).unwrap_or_default()
}

/// The first folder of each version that is not that of the git which all other tests run.
fn other_gits() -> BTreeMap<String, PathBuf> {
    let named = folders(GITS);
    for folder in &named {
        assert!(version_in(folder).is_some(), "{GITS} names {}, where no git runs", folder.display());
    }
    let on_path = folders("PATH");
    let first = on_path.iter().find_map(|folder| version_in(folder));
    let mut found = BTreeMap::new();
    for folder in named.into_iter().chain(on_path).chain(USUAL.map(PathBuf::from)) {
        if let Some(version) = version_in(&folder).filter(|version| Some(version) != first.as_ref()) {
            found.entry(version).or_insert(folder);
        }
    }
    found
}

/// Runs this very program again with another git in front of the PATH; how many tests passed.
fn passed_with(folder: &Path) -> Result<usize, String> {
    let path = env::join_paths([folder.to_owned()].into_iter().chain(folders("PATH"))).unwrap();
    let mut tests = Command::new(env::current_exe().unwrap());
    tests.args(DEPEND_ON_VERSION).env("PATH", path).env_remove("GIT_EXEC_PATH");
    let output = tests.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let passed = said.split(" passed;").next().and_then(|head| head.rsplit(' ').next()?.parse().ok());
    passed.filter(|_| output.status.success()).ok_or(said)
}

#[test]
fn scenarios_that_depend_on_the_version_hold_with_every_git() {
    let gits = other_gits();
    if gits.is_empty() {
        println!("No git but the first on the PATH; {GITS} may name folders of others.");
    }
    for (version, folder) in gits {
        let passed = passed_with(&folder).unwrap_or_else(|said| panic!("{version} of {}:\n{said}", folder.display()));
        assert!(passed > 0, "{version}: no scenario was run");
        println!("{version} of {}: {passed} scenarios passed", folder.display());
    }
}
