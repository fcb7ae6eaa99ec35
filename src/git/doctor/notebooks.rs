//! The notebooks that git tracks, with their attributes.

use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::path::Path;

use super::DoctorError;
use crate::git::command;

/// The attributes that are asked for, in this order.
pub(super) const ATTRIBUTES: [&str; 7] = ["diff", "merge", "filter", "text", "eol", "crlf", "working-tree-encoding"];

/// A notebook that git tracks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tracked {
    /// From the top of the work tree, with `/`.
    pub(super) path: Vec<u8>,
    /// What is staged of it; `None` while it is unmerged.
    pub(super) staged: Option<String>,
    /// The values of [`ATTRIBUTES`]; `None` where nothing is specified.
    pub(super) attributes: Vec<Option<String>>,
}

impl Tracked {
    /// A notebook that there might be.
    pub(super) fn imagined(path: &str) -> Self {
        Self { path: path.into(), staged: None, attributes: Vec::new() }
    }

    /// The name for messages.
    pub(super) fn name(&self) -> String {
        String::from_utf8_lossy(&self.path).into_owned()
    }

    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let at = ATTRIBUTES.iter().position(|known| *known == name)?;
        self.attributes.get(at)?.as_deref()
    }

    /// Whether `*.ipynb` is not its name.
    pub(super) fn is_capital(&self) -> bool {
        !self.path.ends_with(b".ipynb")
    }
}

/// The notebooks in the index, from the top of the work tree `top`.
pub(super) fn tracked(top: &Path) -> Result<Vec<Tracked>, DoctorError> {
    let list = command::run(top, ["ls-files", "-s", "-z", "--", ":(top,icase)*.ipynb"])?;
    let mut notebooks: Vec<Tracked> = list.split(|byte| *byte == 0).filter_map(tracked_one).collect();
    // An unmerged one is listed once for each side.
    notebooks.dedup_by(|later, earlier| later.path == earlier.path);
    Ok(notebooks)
}

/// Reads `MODE ID STAGE TAB PATH`. Links and submodules are no notebooks.
fn tracked_one(entry: &[u8]) -> Option<Tracked> {
    let tab = memchr::memchr(b'\t', entry)?;
    let head = str::from_utf8(&entry[..tab]).ok()?;
    let mut words = head.split(' ');
    let (mode, id, stage) = (words.next()?, words.next()?, words.next()?);
    mode.starts_with("100").then(|| Tracked {
        path: entry[tab + 1..].to_vec(),
        staged: (stage == "0").then(|| id.to_owned()),
        attributes: Vec::new(),
    })
}

/// Asks git for the attributes of all `notebooks` at once.
pub(super) fn add_attributes(dir: &Path, notebooks: &mut [Tracked]) -> Result<(), DoctorError> {
    let paths: Vec<u8> = notebooks.iter().flat_map(|notebook| [notebook.path.as_slice(), b"\0"].concat()).collect();
    let args: Vec<_> = ["check-attr", "-z", "--stdin"].iter().chain(&ATTRIBUTES).map(Into::into).collect();
    let answer = command::run_reading(dir, &args, Some(input(&paths)?), &[])?;
    let values = answer.split(|byte| *byte == 0).skip(2).step_by(3).map(|value| match value {
        b"unspecified" => None,
        value => Some(String::from_utf8_lossy(value).into_owned()),
    });
    let mut values = values.fuse();
    for notebook in notebooks {
        notebook.attributes = values.by_ref().take(ATTRIBUTES.len()).collect();
    }
    Ok(())
}

/// A file with these bytes for a child to read, which cannot block as a pipe can.
pub(super) fn input(bytes: &[u8]) -> Result<File, DoctorError> {
    let written = tempfile::tempfile().and_then(|mut file| {
        file.write_all(bytes)?;
        file.rewind()?;
        Ok(file)
    });
    written.map_err(DoctorError::Temporary)
}
