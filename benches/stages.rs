//! The stages alone, in-process: `cargo bench`. Names after `--` choose some: `cargo bench -- merge`.

// The rest of it is for the workloads.
#[allow(dead_code)]
mod notebooks;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};

use cellwise::align::align;
use cellwise::diff::{DiffOptions, diff};
use cellwise::merge::{MergeOptions, merge};
use cellwise::notebook::Notebook as View;
use notebooks::{Dice, Ids, Notebook, Shape, Side};

const CELLS: [usize; 4] = [10, 100, 1000, 5000];

fn main() {
    divan::main();
}

/// The files of base, ours and theirs.
fn files(cells: usize) -> [String; 3] {
    let shape = Shape { cells, lines: 24, figure_each: usize::MAX, figure_bytes: 0, ids: Ids::Given };
    let mut dice = Dice::new(cells as u64);
    let base = Notebook::new(&shape, &mut dice);
    let [ours, theirs] = [Side::Ours, Side::Theirs].map(|side| base.edited(side, &mut dice));
    [base, ours, theirs].map(|version| version.json())
}

/// The notebooks of base, ours and theirs.
fn views(files: &[String; 3]) -> [View<'_>; 3] {
    files.each_ref().map(|file| View::read(file.as_bytes()).expect("what was made is a notebook"))
}

#[divan::bench(args = CELLS)]
fn json(bencher: Bencher<'_, '_>, cells: usize) {
    let [base, ..] = files(cells);
    bencher.counter(BytesCount::of_str(&base)).bench_local(|| View::read(black_box(base.as_bytes())).is_ok());
}

#[divan::bench(args = CELLS)]
fn alignment(bencher: Bencher<'_, '_>, cells: usize) {
    let files = files(cells);
    let [base, ours, _] = views(&files);
    bencher.bench_local(|| align(black_box(&base), black_box(&ours)));
}

#[divan::bench(args = CELLS)]
fn differences(bencher: Bencher<'_, '_>, cells: usize) {
    let files = files(cells);
    let [base, ours, _] = views(&files);
    bencher.bench_local(|| diff(Some(black_box(&base)), Some(black_box(&ours)), &DiffOptions::default()));
}

#[divan::bench(args = CELLS)]
fn merging(bencher: Bencher<'_, '_>, cells: usize) {
    let files = files(cells);
    let [base, ours, theirs] = views(&files);
    bencher.bench_local(|| merge(Some(&base), black_box(&ours), &theirs, &MergeOptions::default()));
}
