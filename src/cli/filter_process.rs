//! `cellwise filter-process`, called by git as `filter.cellwise.process`.

use std::borrow::Cow;
use std::io::{self, BufReader, BufWriter, ErrorKind};
use std::path::Path;

use cellwise::git::command;
use cellwise::git::filter::{self, File, ProtocolError, Stored};
use cellwise::notebook::ReadError;

use super::exit::Exit;
use super::{fallible, filtered, output};

/// Clean all the notebooks that one git command stages (called by git as `filter.cellwise.process`)
#[derive(clap::Args)]
pub(crate) struct Args {}

/// No notebook is larger; git keeps a file in memory too.
const MAX_FILE: usize = 1 << 30;

/// As much as a packet holds, so that one read or write takes one.
const BUFFER: usize = 64 * 1024;

pub(crate) fn run(_: &Args) -> anyhow::Result<Exit> {
    let input = BufReader::with_capacity(BUFFER, io::stdin().lock());
    let output = BufWriter::with_capacity(BUFFER, io::stdout().lock());
    match filter::serve(input, output, MAX_FILE, clean) {
        // git was interrupted.
        Err(ProtocolError::Connection(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(Exit::Done),
        ended => ended.map(|()| Exit::Done).map_err(|error| anyhow::Error::new(error).context("filter-process")),
    }
}

/// What git is to store; what cannot be stored is said in one line, and git ends with a line of its own.
fn clean<'c>(file: &File<'c>) -> Option<Cow<'c, [u8]>> {
    let path = command::path(file.path.to_vec());
    fallible::guarded(|| cleaned(file, &path)).map_err(|error| output::complain_of(&path, &error)).ok()
}

fn cleaned<'c>(file: &File<'c>, path: &Path) -> anyhow::Result<Cow<'c, [u8]>> {
    let Ok(content) = file.content else {
        anyhow::bail!("larger than 1 GiB, so no notebook that could be cleaned");
    };
    match filtered::cleaned(content, path) {
        // git looks at files that nobody has edited, too, and to refuse what it has already keeps nothing out.
        Err(_) if Stored::here().staged(path).is_some_and(|staged| staged == content) => Ok(Cow::Borrowed(content)),
        Err(error @ ReadError::ConflictMarkers { .. }) => {
            output::complain(&format!("{}: {error}; stored as it is, with its outputs", output::name(path)));
            Ok(Cow::Borrowed(content))
        }
        cleaned => Ok(cleaned?),
    }
}
