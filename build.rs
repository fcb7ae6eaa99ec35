//! How the program is linked where git starts it most: see "Start-up" in docs/design.md.

use std::path::PathBuf;
use std::{env, fs, io};

/// Which functions lie side by side, for the linker: `.ci/start-order` writes it.
const ORDER: &str = "start.ld";

/// Set by who packages libgit2 as a library of its own, which no static program can use.
const LIBGIT2: &str = "LIBGIT2_NO_VENDOR";

/// Flags with which rustc or its linker would not do what is asked for here, or need not.
const FLAGS: [&str; 6] = ["link", "-L", "relocation-model", "prefer-dynamic", "crt-static", "sanitizer"];

/// `shared` for who packages cellwise with the C library of a distribution.
const LINK: &str = "CELLWISE_LINK";

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={ORDER}");
    println!("cargo:rerun-if-env-changed={LINK}");
    println!("cargo:rerun-if-env-changed={LIBGIT2}");
    if !is_glibc() || !is_usual_link() {
        return Ok(());
    }
    if is_release() {
        println!("cargo:rustc-link-arg-bins=-T{}/{ORDER}", variable("CARGO_MANIFEST_DIR"));
    }
    let is_shared = variable(LINK) == "shared" || env::var_os(LIBGIT2).is_some();
    if is_shared { Ok(()) } else { link_statically() }
}

/// Whether this is built for the glibc of x86-64, in the usual way: only there was it tried.
fn is_glibc() -> bool {
    let target = |name: &str| variable(&format!("CARGO_CFG_TARGET_{name}"));
    let is_static = target("FEATURE").split(',').any(|feature| feature == "crt-static");
    [target("ARCH"), target("OS"), target("ENV")] == ["x86_64", "linux", "gnu"] && !is_static
}

/// Whether nobody asks for a linker or another way to link: not all linkers know such scripts.
fn is_usual_link() -> bool {
    let flags = variable("CARGO_ENCODED_RUSTFLAGS");
    env::var_os("RUSTC_LINKER").is_none() && !FLAGS.iter().any(|flag| flags.contains(flag))
}

fn is_release() -> bool {
    variable("PROFILE") == "release"
}

/// Has the program, and nothing else of this package, linked with archives where rustc asks for shared libraries: in a
/// folder where the linker looks before the system's there are scripts of their names that lead it to the archives.
///
/// Where the C library has no archive, or is older than 2.34 and so in several parts, that holds for the unwinder alone.
fn link_statically() -> io::Result<()> {
    let folder = PathBuf::from(variable("OUT_DIR")).join("archives");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir(&folder)?;
    let Ok(compiler) = cc::Build::new().cargo_metadata(false).try_get_compiler() else { return Ok(()) };
    let file = |name: &str| file_of(&compiler, name);
    let Some(unwinder) = file("libgcc_eh.a") else { return Ok(()) };
    let (libraries, archives) = match ["libc.a", "libm.a", "libgcc.a", "rcrt1.o"].map(file) {
        [Some(c), Some(m), Some(gcc), Some(_)] if file("libpthread.so").is_none() => {
            println!("cargo:rustc-link-arg-bins=-static-pie");
            (&["gcc_s", "c", "m"][..], vec![unwinder, c, m, gcc])
        }
        _ => (&["gcc_s"][..], vec![unwinder]),
    };
    let names: Vec<String> = archives.iter().map(|archive| format!("\"{}\"", archive.display())).collect();
    for library in libraries {
        fs::write(folder.join(format!("lib{library}.so")), format!("GROUP({})\n", names.join(" ")))?;
    }
    // When the compiler is replaced, its archives may lie elsewhere.
    archives.iter().for_each(|archive| println!("cargo:rerun-if-changed={}", archive.display()));
    println!("cargo:rustc-link-arg-bins=-L{}", folder.display());
    Ok(())
}

/// A file that the C compiler has for programs to be linked with; one that has none says the bare name.
fn file_of(compiler: &cc::Tool, name: &str) -> Option<PathBuf> {
    let output = compiler.to_command().arg(format!("-print-file-name={name}")).output().ok()?;
    let path = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    path.is_absolute().then_some(path)
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}
