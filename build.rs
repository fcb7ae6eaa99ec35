//! How the program is linked where git starts it most: see "Start-up" in docs/design.md.

use std::env;
use std::path::{Path, PathBuf};

/// Which functions lie side by side, for the linker: `.ci/start-order` writes it.
const ORDER: &str = "start.ld";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={ORDER}");
    if is_glibc() && is_release() && is_default_linker() {
        println!("cargo:rustc-link-arg-bins=-T{}/{ORDER}", env::var("CARGO_MANIFEST_DIR").unwrap_or_default());
    }
    if is_glibc()
        && let Some(unwinder) = unwinder()
        && let Some(folder) = unwinder.parent()
    {
        println!("cargo:rustc-link-search=native={}", folder.display());
        println!("cargo:rustc-link-lib=static:-bundle=gcc_eh");
    }
}

/// Whether this is built for the glibc of x86-64: only there was it tried.
fn is_glibc() -> bool {
    let target = |name: &str| env::var(format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    let features = target("FEATURE");
    let is_static = features.split(',').any(|feature| feature == "crt-static");
    [target("ARCH"), target("OS"), target("ENV")] == ["x86_64", "linux", "gnu"] && !is_static
}

fn is_release() -> bool {
    env::var("PROFILE").is_ok_and(|profile| profile == "release")
}

/// Whether nobody asks for a linker: not all others know such a script.
fn is_default_linker() -> bool {
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    env::var_os("RUSTC_LINKER").is_none() && !flags.contains("link")
}

/// The C compiler's own unwinder. With it in the program, the loader need not look for `libgcc_s.so.1` at each start.
fn unwinder() -> Option<PathBuf> {
    let mut compiler = cc::Build::new().cargo_metadata(false).try_get_compiler().ok()?.to_command();
    let output = compiler.arg("-print-file-name=libgcc_eh.a").output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?;
    // A compiler that has none says the bare name.
    let path = Path::new(path.trim());
    path.is_absolute().then(|| path.to_owned())
}
