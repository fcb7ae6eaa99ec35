//! `cellwise filter-process`, called by git as `filter.cellwise.process`.

use std::borrow::Cow;
use std::io::{self, BufReader, BufWriter, ErrorKind};

use anyhow::bail;
use cellwise::git::command;
use cellwise::git::filter::{self, File, ProtocolError, TooLarge};

use super::exit::Exit;
use super::filtered::Cleaner;
use super::{attentive, fallible, output};

/// Clean all the notebooks that one git command stages (called by git as `filter.cellwise.process`)
///
/// It speaks git's protocol for filters that run as long as git does (gitattributes(5)), on standard input and output:
/// each notebook is cleaned as its project configures it, what is none passes through, and what git checks out stays as it
/// is stored. `git add` fails for a file that cannot be cleaned, so that nothing is committed uncleaned.
#[derive(clap::Args)]
pub(crate) struct Args {}

/// No notebook is larger; git keeps a file in memory too.
const MAX_FILE: usize = 1 << 30;

/// As much as a packet holds, so that one read or write takes one.
const BUFFER: usize = 64 * 1024;

pub(crate) fn run(_: &Args) -> anyhow::Result<Exit> {
    let input = BufReader::with_capacity(BUFFER, attentive::stdin());
    let output = BufWriter::with_capacity(BUFFER, io::stdout().lock());
    let mut cleaner = Cleaner::default();
    match filter::serve(input, output, MAX_FILE, |file| clean(&mut cleaner, file)) {
        // git was interrupted.
        Err(ProtocolError::Connection(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(Exit::Done),
        ended => ended.map(|()| Exit::Done).map_err(|error| anyhow::Error::new(error).context("filter-process")),
    }
}

/// What git is to store; what cannot be stored is said in one line, and git ends with a line of its own.
fn clean<'c>(cleaner: &mut Cleaner, file: &File<'c>) -> Option<Cow<'c, [u8]>> {
    let path = command::path(file.path.to_vec());
    let cleaned = || match file.content {
        Ok(content) => {
            let dirty = cleaner.answer(content, &path)?;
            Ok(dirty.map_or(Cow::Borrowed(content), |dirty| Cow::Owned(dirty.cleaned())))
        }
        Err(TooLarge) => bail!("larger than 1 GiB, so no notebook that could be cleaned"),
    };
    fallible::guarded(cleaned).map_err(|error| output::complain_of(&path, &error)).ok()
}
