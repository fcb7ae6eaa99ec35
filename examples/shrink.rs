//! Makes notebooks small that show a failure: takes out cells, lines, outputs and keys as long as a command goes on failing.
//!
//! `cargo run --example shrink -- base.ipynb ours.ipynb theirs.ipynb -- COMMAND…`
//!
//! The command runs in the folder `shrunk/`, where copies of the notebooks lie under their names. As with `git bisect run`
//! it fails if it ends in another code than 0; what changes that code is put back. The bytes of what stays stay as they are.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program")]

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::{env, fs, io};

use cellwise::json::{Edit, elements, find, members, position, removals, splice};

/// What nbformat asks for stays, or the failure would soon be that the files are no notebooks.
const NEEDED: &str = "cells metadata nbformat nbformat_minor cell_type id source outputs execution_count output_type \
                      name text data";

/// How deep values are looked into: an output's data lies six deep.
const DEPTH: usize = 8;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let mut parts = arguments.splitn(2, |argument| argument == "--");
    let (files, command) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if files.is_empty() || command.is_empty() {
        eprintln!("usage: shrink NOTEBOOK... -- COMMAND...");
        return ExitCode::from(2);
    }
    match shrink(files, command, Path::new("shrunk")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("shrink: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Leaves copies of the notebooks in a folder, as small as they can be for the command to fail there as it does at first.
pub(crate) fn shrink(notebooks: &[String], command: &[String], folder: &Path) -> io::Result<()> {
    Trial::begin(notebooks, command, folder)?.shrink()
}

/// The notebooks as small as they are by now, and the command that has to fail.
struct Trial<'a> {
    folder: &'a Path,
    names: Vec<PathBuf>,
    files: Vec<String>,
    command: &'a [String],
    code: Option<i32>,
}

impl<'a> Trial<'a> {
    /// Copies the notebooks and lets the command fail once.
    fn begin(paths: &[String], command: &'a [String], folder: &'a Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let names = paths.iter().map(|path| folder.join(Path::new(path).file_name().unwrap_or_default())).collect();
        let files = paths.iter().map(fs::read_to_string).collect::<io::Result<_>>()?;
        let mut trial = Self { folder, names, files, command, code: None };
        trial.write(&trial.files)?;
        trial.code = trial.run()?;
        if trial.code == Some(0) {
            return Err(io::Error::other("the command does not fail"));
        }
        Ok(trial)
    }

    fn shrink(mut self) -> io::Result<()> {
        loop {
            let before = self.size();
            self.take_out_everywhere()?;
            for file in 0..self.files.len() {
                let mut list = 0;
                while list < lists(&self.files[file]).len() {
                    self.thin_out(file, list)?;
                    list += 1;
                }
            }
            println!("{} bytes", self.size());
            if self.size() == before {
                return self.write(&self.files);
            }
        }
    }

    /// Takes out what stands in several places in all of them: a cell, a line, a key.
    fn take_out_everywhere(&mut self) -> io::Result<()> {
        let mut counts = BTreeMap::new();
        for part in self.files.iter().flat_map(|file| lists(file).into_iter().flat_map(|list| list.parts)) {
            *counts.entry(part.1.clone()).or_insert(0) += 1;
        }
        let mut known: Vec<String> = counts.into_iter().filter(|(_, count)| *count > 1).map(|(name, _)| name).collect();
        known.sort_by_key(|name| usize::MAX - name.len());
        for name in known {
            self.attempt(|_, _, part| *part == name)?;
        }
        Ok(())
    }

    /// Takes out of one list what can go: all of it, then halves, then single parts.
    fn thin_out(&mut self, file: usize, list: usize) -> io::Result<()> {
        let count = |trial: &Self| lists(&trial.files[file]).get(list).map_or(0, |list| list.parts.len());
        let mut chunk = count(self);
        while chunk > 0 {
            let mut first = 0;
            while first < count(self) {
                let parts = &lists(&self.files[file])[list].parts;
                let last = (first + chunk).min(parts.len()) - 1;
                let span = parts[first].0.start..parts[last].0.end;
                if !self.attempt(|of, place, _| of == file && span.start <= place.start && place.end <= span.end)? {
                    first += chunk;
                }
            }
            chunk /= 2;
        }
        Ok(())
    }

    /// Takes out the parts that go; keeps that if the command fails as before. `goes` is given the file, where the part
    /// stands in it, and its name.
    fn attempt(&mut self, goes: impl Fn(usize, &Range<usize>, &String) -> bool) -> io::Result<bool> {
        let without = |(index, file): (usize, &String)| without(file, |place, name| goes(index, place, name));
        let smaller: Vec<String> = self.files.iter().enumerate().map(without).collect();
        if smaller == self.files {
            return Ok(false);
        }
        self.write(&smaller)?;
        let fails = self.run()? == self.code;
        if fails {
            self.files = smaller;
        }
        Ok(fails)
    }

    fn write(&self, files: &[String]) -> io::Result<()> {
        self.names.iter().zip(files).try_for_each(|(name, file)| fs::write(name, file))
    }

    fn run(&self) -> io::Result<Option<i32>> {
        let mut command = Command::new(&self.command[0]);
        command.args(&self.command[1..]).current_dir(self.folder).stdin(Stdio::null());
        Ok(command.stdout(Stdio::null()).stderr(Stdio::null()).status()?.code())
    }

    fn size(&self) -> usize {
        self.files.iter().map(String::len).sum()
    }
}

/// A list or an object.
struct List {
    whole: Range<usize>,
    /// Where each element or member stands, and what it is called: a cell by its id, all else by its text.
    parts: Vec<(Range<usize>, String)>,
}

/// All lists and objects of a file, each before those in it.
fn lists(file: &str) -> Vec<List> {
    let mut found = Vec::new();
    push_lists(file, file.trim(), DEPTH, &mut found);
    found
}

fn push_lists(file: &str, value: &str, depth: usize, found: &mut Vec<List>) {
    let start = position(file.as_bytes(), value);
    let span = |from: &str, to: &str| position(file.as_bytes(), from)..position(file.as_bytes(), to) + to.len();
    let of_member = |key, value| (span(key, value), format!("{key}: {value}"));
    let (parts, values): (Vec<_>, Vec<&str>) = match value.as_bytes().first() {
        Some(b'{') => members(value).iter().map(|one| (of_member(one.key, one.value), one.value)).unzip(),
        Some(b'[') => elements(value).iter().map(|one| ((span(one, one), name(one)), *one)).unzip(),
        _ => return,
    };
    found.push(List { whole: start..start + value.len(), parts });
    if depth > 0 {
        values.iter().for_each(|value| push_lists(file, value, depth - 1, found));
    }
}

fn name(element: &str) -> String {
    let id = if element.starts_with('{') { find(&members(element), "id").map(str::to_owned) } else { None };
    id.unwrap_or_else(|| element.to_owned())
}

/// Whether a part is a member that stays.
fn is_needed(name: &str) -> bool {
    name.strip_prefix('"')
        .and_then(|rest| rest.split_once("\": "))
        .is_some_and(|(key, _)| NEEDED.split(' ').any(|needed| needed == key))
}

/// A file without the parts that go.
fn without(file: &str, goes: impl Fn(&Range<usize>, &String) -> bool) -> String {
    let mut edits: Vec<Edit> = Vec::new();
    for List { whole, parts } in lists(file) {
        let spans: Vec<Range<usize>> = parts.iter().map(|(span, _)| span.clone()).collect();
        edits.extend(removals(whole, &spans, |index| {
            !is_needed(&parts[index].1) && goes(&parts[index].0, &parts[index].1)
        }));
    }
    edits.sort_by_key(|edit| (edit.span.start, usize::MAX - edit.span.end));
    // What lies in a part that goes has gone with it.
    edits.dedup_by(|next, edit| next.span.start < edit.span.end);
    let mut out = Vec::new();
    splice(file.as_bytes(), 0..file.len(), &edits, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}
