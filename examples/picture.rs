//! Draws what `git diff` prints with cellwise: `cargo run --example picture` writes `docs/picture.svg`.
//!
//! Other arguments are a file to write and a command of cellwise's, run in `examples/`:
//! `cargo run --example picture -- report.svg diff base/report.ipynb ours/report.ipynb`

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

use anstyle::{Color, RgbColor};
use anstyle_svg::{Palette, Term};
use git2::{ObjectType, Oid};

/// The picture of the front page, and the notebook whose versions in `base/` and `theirs/` it compares.
const PICTURE: &str = "docs/picture.svg";
const NOTEBOOK: &str = "analysis.ipynb";

/// The width that a line of 80 columns takes.
const WIDTH: usize = 80 * 42 / 5;

const BACKGROUND: RgbColor = RgbColor(0x16, 0x1b, 0x22);
const FOREGROUND: RgbColor = RgbColor(0xd0, 0xd7, 0xde);

/// A terminal's sixteen colours: black, red, green, yellow, blue, magenta, cyan, white, and then bright.
const COLOURS: Palette = Palette([
    RgbColor(0x48, 0x4f, 0x58),
    RgbColor(0xff, 0x7b, 0x72),
    RgbColor(0x56, 0xd3, 0x64),
    RgbColor(0xe3, 0xb3, 0x41),
    RgbColor(0x79, 0xc0, 0xff),
    RgbColor(0xd2, 0xa8, 0xff),
    RgbColor(0x76, 0xe3, 0xea),
    RgbColor(0xb1, 0xba, 0xc4),
    RgbColor(0x6e, 0x76, 0x81),
    RgbColor(0xff, 0xa1, 0x98),
    RgbColor(0x7e, 0xe7, 0x87),
    RgbColor(0xf2, 0xcc, 0x60),
    RgbColor(0xa5, 0xd6, 0xff),
    RgbColor(0xe2, 0xc5, 0xff),
    RgbColor(0xb3, 0xf0, 0xff),
    RgbColor(0xff, 0xff, 0xff),
]);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (file, typed, command) = match arguments.split_first() {
        Some((file, command)) => (file.as_str(), format!("cellwise {}", command.join(" ")), command.to_vec()),
        None => (PICTURE, format!("git diff main colleague {NOTEBOOK}"), as_git_calls(project)?),
    };
    let text = format!("\u{1b}[1m$ {typed}\u{1b}[m\n{}", run(project, &command)?.trim_end());
    let terminal = Term::new()
        .palette(COLOURS)
        .fg_color(Color::Rgb(FOREGROUND))
        .bg_color(Color::Rgb(BACKGROUND))
        .min_width_px(WIDTH);
    fs::write(project.join(file), terminal.render_svg(&text))?;
    Ok(())
}

/// The command that `git diff` runs for the notebook; so no repository is needed.
fn as_git_calls(project: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut command = ["diff-driver", "--", NOTEBOOK].map(str::to_owned).to_vec();
    for side in ["base", "theirs"] {
        let file = format!("{side}/{NOTEBOOK}");
        let id = Oid::hash_object(ObjectType::Blob, &fs::read(project.join("examples").join(&file))?)?;
        command.extend([file, id.to_string(), "100644".to_owned()]);
    }
    Ok(command)
}

/// What cellwise prints in `examples/`, in colours that no configuration has changed.
fn run(project: &Path, arguments: &[String]) -> Result<String, Box<dyn Error>> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut cellwise = Command::new(cargo);
    cellwise.args(["run", "--quiet", "--manifest-path"]).arg(project.join("Cargo.toml")).arg("--").args(arguments);
    cellwise.current_dir(project.join("examples")).env("CLICOLOR_FORCE", "1").env_remove("NO_COLOR");
    cellwise.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    let output = cellwise.output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}
