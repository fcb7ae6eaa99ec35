//! Writes the notebooks that `benches/run` measures on: `cargo run --example workloads -- DIR [FAMILY...]`.
//!
//! The same bytes at every run. Families are folders with the files `base.ipynb`, `ours.ipynb` and `theirs.ipynb`;
//! `repository` is a stream for `git fast-import` instead (see [`history`]).

#[path = "notebooks/mod.rs"]
mod notebooks;

use std::env;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use notebooks::{Dice, Ids, Notebook, Shape, Side, code};

/// One family: its name, and how to make it.
type Family = (&'static str, fn() -> [Notebook; 3]);

const FAMILIES: [Family; 11] = [
    ("empty", || of(&shape(0))),
    ("S", || of(&Shape { lines: 14, ..shape(30) })),
    ("M", || rerun(&Shape { figure_each: 5, figure_bytes: 44_000, ..shape(200) })),
    ("L", || rerun(&Shape { figure_each: 15, figure_bytes: 1_480_000, ..shape(500) })),
    ("XL", || of(&shape(2000))),
    ("X1", || of(&shape(1000))),
    ("X5", || of(&shape(5000))),
    ("H1", || hard(1000)),
    ("H5", || hard(5000)),
    ("lines", || long_cell(20_000)),
    ("line", || long_line(2_000_000)),
];

/// The notebooks of the repository, and how many lie in one folder.
const FILES: usize = 1000;
const FOLDER: usize = 50;
/// Its commits before the tip, and how many notebooks each of them changes.
const COMMITS: usize = 60;
const CHANGED: usize = 7;
/// How many notebooks its tip changes, and how many each side of its merge.
const TIP: usize = 200;
const MERGED: usize = 100;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let Some((dir, wanted)) = arguments.split_first() else {
        return Err(io::Error::other("usage: workloads DIR [FAMILY...]"));
    };
    let dir = Path::new(dir);
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|family| family == name);
    for (name, make) in FAMILIES.iter().filter(|(name, _)| is_wanted(name)) {
        family(&dir.join(name), &make())?;
    }
    // Only by its name: a gigabyte is not for every disk.
    if wanted.iter().any(|family| family == "huge") {
        family(&dir.join("huge"), &rerun(&Shape { figure_each: 15, figure_bytes: 15_000_000, ..shape(500) }))?;
    }
    if is_wanted("repository") {
        history(&mut BufWriter::new(File::create(dir.join("repository"))?))?;
    }
    Ok(())
}

fn family(dir: &Path, versions: &[Notebook; 3]) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    for (name, version) in ["base.ipynb", "ours.ipynb", "theirs.ipynb"].iter().zip(versions) {
        fs::write(dir.join(name), version.json())?;
    }
    Ok(())
}

fn shape(cells: usize) -> Shape {
    Shape { cells, lines: 34, figure_each: usize::MAX, figure_bytes: 0, ids: Ids::Given }
}

/// Sources of different cells edited on both sides.
fn of(shape: &Shape) -> [Notebook; 3] {
    let mut dice = Dice::new(shape.cells as u64);
    let base = Notebook::new(shape, &mut dice);
    let ours = base.edited(Side::Ours, &mut dice);
    let theirs = base.edited(Side::Theirs, &mut dice);
    [base, ours, theirs]
}

/// As [`of`], and one figure of ours is another.
fn rerun(shape: &Shape) -> [Notebook; 3] {
    let mut dice = Dice::new(shape.cells as u64);
    let [base, ours, theirs] = of(shape);
    [base, ours.with_other_figure(&mut dice), theirs]
}

/// Every source edited, a third of the cells moved, no ids; theirs edits only some.
fn hard(cells: usize) -> [Notebook; 3] {
    let mut dice = Dice::new(cells as u64);
    let base = Notebook::new(&Shape { ids: Ids::Absent, ..shape(cells) }, &mut dice);
    let ours = base.turned_over(&mut dice);
    let theirs = base.edited(Side::Theirs, &mut dice);
    [base, ours, theirs]
}

fn long_cell(lines: usize) -> [Notebook; 3] {
    let mut dice = Dice::new(lines as u64);
    let base = Notebook::of_lines((0..lines).map(|_| code(&mut dice)).collect());
    let [ours, theirs] = [Side::Ours, Side::Theirs].map(|side| base.with_lines_edited(100, side));
    [base, ours, theirs]
}

fn long_line(bytes: usize) -> [Notebook; 3] {
    let mut dice = Dice::new(bytes as u64);
    let mut line = String::with_capacity(bytes + 100);
    while line.len() < bytes {
        line.push_str(&code(&mut dice));
    }
    let base = Notebook::of_lines(vec![line]);
    let ours = base.with_character_edited();
    [base.clone(), ours, base]
}

/// A history of notebooks of 50 KB as a stream for `git fast-import`: `COMMITS` commits, of which each changes
/// `CHANGED` notebooks, a tip (`main`) that changes `TIP`, and on it two branches, `ours` and `theirs`, that both change
/// the same `MERGED` notebooks in different cells.
fn history(out: &mut impl Write) -> io::Result<()> {
    let mut dice = Dice::new(1);
    let small = Shape { lines: 12, figure_each: 6, figure_bytes: 15_000, ..shape(16) };
    let mut files: Vec<Notebook> = (0..FILES).map(|_| Notebook::new(&small, &mut dice)).collect();
    commit(out, "main", "import", &files, 0..FILES)?;
    for number in 0..COMMITS {
        let first = number * CHANGED;
        edit(&mut files[first..first + CHANGED], &mut dice);
        commit(out, "main", &format!("work {number}"), &files, first..first + CHANGED)?;
    }
    edit(&mut files[..TIP], &mut dice);
    commit(out, "main", "tip", &files, 0..TIP)?;
    for (branch, side) in [("ours", Side::Ours), ("theirs", Side::Theirs)] {
        writeln!(out, "reset refs/heads/{branch}\nfrom refs/heads/main\n")?;
        let edited: Vec<Notebook> = files[..MERGED].iter().map(|file| file.edited(side, &mut dice)).collect();
        commit(out, branch, branch, &edited, 0..MERGED)?;
    }
    writeln!(out, "done")
}

fn edit(files: &mut [Notebook], dice: &mut Dice) {
    for file in files {
        *file = file.edited(Side::Ours, dice).run_again(dice);
    }
}

/// Writes a commit that sets the notebooks at `changed` to what `files` has there.
fn commit(
    out: &mut impl Write,
    branch: &str,
    message: &str,
    files: &[Notebook],
    changed: std::ops::Range<usize>,
) -> io::Result<()> {
    writeln!(out, "commit refs/heads/{branch}\ncommitter bench <bench@example.org> 1700000000 +0000")?;
    writeln!(out, "data {}\n{message}", message.len())?;
    for index in changed {
        let json = files[index].json();
        writeln!(out, "M 100644 inline {:02}/{index:04}.ipynb\ndata {}\n{json}", index / FOLDER, json.len())?;
    }
    writeln!(out)
}
