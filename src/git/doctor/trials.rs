//! Running the configured lines on a notebook, as git would: here, and as a desktop program would have git do it.
//!
//! Only lines that call cellwise are run.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::DoctorError;
use super::config::Entry;
use super::drivers::install_again;
use super::facts::Facts;
use super::finding::{Finding, shell_quoted};
use super::kinds::{
    DIFF_COMMAND_FAILS, DIFFTOOL_FAILS, FILTER_CLEAN_FAILS, FILTER_PROCESS_FAILS, Kind, MERGE_DRIVER_FAILS, NEEDS_PATH,
    TEXTCONV_FAILS,
};
use super::run::{Ended, Surroundings, run};
use super::sample::Sample;
use crate::git::install::{self, DRIVER, FILTER};
use crate::notebook::Notebook;

/// A line of git's configuration that calls cellwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    Textconv,
    Command,
    Merge,
    Clean,
    Process,
    Difftool,
    Mergetool,
}

impl Line {
    const ALL: [Self; 7] =
        [Self::Textconv, Self::Command, Self::Merge, Self::Clean, Self::Process, Self::Difftool, Self::Mergetool];

    fn key(self) -> String {
        match self {
            Self::Textconv => format!("diff.{DRIVER}.textconv"),
            Self::Command => format!("diff.{DRIVER}.command"),
            Self::Merge => format!("merge.{DRIVER}.driver"),
            Self::Clean => format!("filter.{FILTER}.clean"),
            Self::Process => format!("filter.{FILTER}.process"),
            Self::Difftool => "difftool.cellwise.cmd".to_owned(),
            Self::Mergetool => "mergetool.cellwise.cmd".to_owned(),
        }
    }

    fn kind(self) -> &'static Kind {
        match self {
            Self::Textconv => &TEXTCONV_FAILS,
            Self::Command => &DIFF_COMMAND_FAILS,
            Self::Merge => &MERGE_DRIVER_FAILS,
            Self::Clean => &FILTER_CLEAN_FAILS,
            Self::Process => &FILTER_PROCESS_FAILS,
            Self::Difftool | Self::Mergetool => &DIFFTOOL_FAILS,
        }
    }

    /// What git falls back to, or does.
    fn consequence(self) -> &'static str {
        match self {
            Self::Textconv => "does not give the text of a notebook",
            Self::Command => "does not answer git diff",
            Self::Merge => "does not merge two notebooks that can be merged",
            Self::Clean => "does not clean a notebook",
            Self::Process => "does not speak git's filter protocol",
            Self::Difftool | Self::Mergetool => "does not answer git difftool",
        }
    }
}

/// The lines that count and call cellwise.
pub(super) fn ours(facts: &Facts) -> Vec<(Line, &Entry)> {
    let lines = Line::ALL.into_iter().filter_map(|line| Some((line, facts.config.get(&line.key())?)));
    lines.filter(|(_, entry)| install::is_ours(&entry.key, &entry.value) || entry.value.contains("cellwise")).collect()
}

pub(super) fn check(facts: &Facts) -> Result<Vec<Finding>, DoctorError> {
    let lines = ours(facts);
    if lines.is_empty() {
        return Ok(Vec::new());
    }
    let folder = tempfile::tempdir().map_err(DoctorError::Temporary)?;
    let here = Surroundings::here(&facts.dir)?;
    let desktop = Surroundings::desktop(folder.path(), &facts.dir)?;
    let mut findings = Vec::new();
    let mut by_path = Vec::new();
    // A merge tool asks people.
    for (line, entry) in lines.into_iter().filter(|(line, _)| *line != Line::Mergetool) {
        let trial = Trial { line, entry, folder: &folder };
        if let Some(said) = trial.fails(&here)? {
            let message = format!("{} {}{said}", entry.key, line.consequence());
            findings.push(Finding::new(line.kind(), message, install_again(facts)).at(entry.origin()));
        } else if let Some(said) = trial.fails(&desktop)? {
            by_path.push((entry, said));
        }
    }
    findings.extend(needs_path(facts, &by_path));
    Ok(findings)
}

/// One finding for all lines: they name the same program.
fn needs_path(facts: &Facts, lines: &[(&Entry, String)]) -> Option<Finding> {
    let (entry, said) = lines.first()?;
    let keys: Vec<String> = lines.iter().map(|(entry, _)| entry.key.clone()).collect();
    let message = format!(
        "{} gives no answer where the PATH is short, as in desktop programs{said}",
        super::finding::some_of(&keys)
    );
    let command = format!("{} --no-use-path", install_again(facts));
    Some(Finding::new(&NEEDS_PATH, message, command).at(entry.origin()))
}

/// One line on the sample.
struct Trial<'t> {
    line: Line,
    entry: &'t Entry,
    folder: &'t TempDir,
}

impl Trial<'_> {
    /// `None` if it answers as it should, else `: ` with what it said, if it said something.
    fn fails(&self, around: &Surroundings) -> Result<Option<String>, DoctorError> {
        let sample = Sample::new();
        let (ended, answers) = match self.line {
            Line::Textconv => self.textconv(&sample, around)?,
            Line::Command => self.command(&sample, around)?,
            Line::Merge => self.merge(&sample, around)?,
            Line::Clean => self.clean(&sample, around)?,
            Line::Process => self.process(&sample, around)?,
            Line::Difftool | Line::Mergetool => self.difftool(&sample, around)?,
        };
        let said = if ended.said.is_empty() { String::new() } else { format!(": {}", ended.said) };
        Ok((!answers || ended.code != Some(0)).then_some(said))
    }

    fn file(&self, name: &str, text: &str) -> Result<PathBuf, DoctorError> {
        let path = self.folder.path().join(name);
        fs::write(&path, text).map_err(DoctorError::Temporary)?;
        Ok(path)
    }

    fn textconv(&self, sample: &Sample, around: &Surroundings) -> Result<(Ended, bool), DoctorError> {
        let file = self.file("sample.ipynb", &sample.base)?;
        let ended = run(&self.entry.value, &[&file.to_string_lossy()], b"", around)?;
        let answers = has_line(&ended.stdout, "a = 1");
        Ok((ended, answers))
    }

    fn command(&self, sample: &Sample, around: &Surroundings) -> Result<(Ended, bool), DoctorError> {
        let before = self.file("before.ipynb", &sample.base)?;
        let after = self.file("after.ipynb", &sample.ours)?;
        let (before, after) = (before.to_string_lossy(), after.to_string_lossy());
        let zeros = "0".repeat(40);
        let args = ["sample.ipynb", &before, &zeros, "100644", &after, &zeros, "100644"];
        let ended = run(&self.entry.value, &args, b"", around)?;
        let answers = has_line(&ended.stdout, "+a = 2");
        Ok((ended, answers))
    }

    /// git sets variables of the shell, and no arguments.
    fn difftool(&self, sample: &Sample, around: &Surroundings) -> Result<(Ended, bool), DoctorError> {
        let [local, remote] = [("local", &sample.base), ("remote", &sample.ours)].map(|(name, text)| {
            self.file(&format!("{name}.ipynb"), text).map(|path| shell_quoted(&path.to_string_lossy()))
        });
        let line = format!("LOCAL={} REMOTE={} MERGED=sample.ipynb; {}", local?, remote?, self.entry.value);
        let ended = run(&line, &[], b"", around)?;
        let answers = has_line(&ended.stdout, "+a = 2");
        Ok((ended, answers))
    }

    fn merge(&self, sample: &Sample, around: &Surroundings) -> Result<(Ended, bool), DoctorError> {
        let base = self.file("base", &sample.base)?;
        let ours = self.file("ours", &sample.ours)?;
        let theirs = self.file("theirs", &sample.theirs)?;
        let word = |path: &Path| shell_quoted(&path.to_string_lossy());
        let (base, theirs) = (word(&base), word(&theirs));
        let values = [
            ('O', base.as_str()),
            ('A', &word(&ours)),
            ('B', &theirs),
            ('L', "7"),
            ('P', "sample.ipynb"),
            ('S', "base"),
            ('X', "ours"),
            ('Y', "theirs"),
        ];
        let ended = run(&expanded(&self.entry.value, &values), &[], b"", around)?;
        let merged = fs::read(ours).map_err(DoctorError::Temporary)?;
        let sources = Notebook::read(&merged)
            .map(|notebook| notebook.cells.iter().map(|cell| cell.source_text()).collect::<Vec<_>>());
        let answers = sources.is_ok_and(|sources| sources == [b"a = 2", b"b = 2"]);
        Ok((ended, answers))
    }

    /// What is cleaned is a matter of options, so any notebook with these cells will do.
    fn clean(&self, sample: &Sample, around: &Surroundings) -> Result<(Ended, bool), DoctorError> {
        let line = expanded(&self.entry.value, &[('f', "sample.ipynb")]);
        let ended = run(&line, &[], sample.base.as_bytes(), around)?;
        let answers = Notebook::read(&ended.stdout).is_ok_and(|notebook| notebook.cells.len() == 2);
        Ok((ended, answers))
    }

    fn process(&self, sample: &Sample, around: &Surroundings) -> Result<(Ended, bool), DoctorError> {
        let mut said = lists(&[&["git-filter-client", "version=2"], &["capability=clean", "capability=smudge"]]);
        said.extend(lists(&[&["command=clean", "pathname=sample.ipynb"]]));
        said.extend(packet(sample.base.as_bytes()));
        said.extend(b"0000");
        let ended = run(&self.entry.value, &[], &said, around)?;
        let has = |part: &str| memchr::memmem::find(&ended.stdout, part.as_bytes()).is_some();
        let answers = ["git-filter-server", "capability=clean", "status=success", "a = 1"].into_iter().all(has);
        Ok((ended, answers))
    }
}

fn has_line(text: &[u8], line: &str) -> bool {
    text.split(|byte| *byte == b'\n').any(|found| found == line.as_bytes())
}

/// `line` with `%O` and the like in place, as git puts them.
fn expanded(line: &str, values: &[(char, &str)]) -> String {
    let mut text = String::new();
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character != '%' {
            text.push(character);
            continue;
        }
        let Some(name) = characters.next() else {
            text.push('%');
            break;
        };
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => text.push_str(value),
            None if name == '%' => text.push('%'),
            None => text.extend(['%', name]),
        }
    }
    text
}

/// Lists of git's protocol, each with its flush.
fn lists(lists: &[&[&str]]) -> Vec<u8> {
    let list = |list: &&[&str]| {
        let packets = list.iter().flat_map(|entry| packet(format!("{entry}\n").as_bytes()));
        packets.chain(*b"0000").collect::<Vec<u8>>()
    };
    lists.iter().flat_map(list).collect()
}

fn packet(bytes: &[u8]) -> Vec<u8> {
    [format!("{:04x}", bytes.len() + 4).as_bytes(), bytes].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_expanded_as_git_does() {
        assert_eq!(expanded("50%% %O %X %", &[('O', "base")]), "50% base %X %");
    }

    #[test]
    fn lists_end_in_a_flush() {
        assert_eq!(lists(&[&["version=2"]]), b"000eversion=2\n0000");
    }
}
