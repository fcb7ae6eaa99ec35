//! git's long-running filter: one process that converts all files of one git command (gitattributes(5)).
//!
//! ```text
//! git> git-filter-client, version=2, flush          us> git-filter-server, version=2, flush
//! git> capability=clean, …, flush                   us> capability=clean, capability=smudge, flush
//! then for each file:
//! git> command=clean, pathname=a.ipynb, flush, content, flush
//! us>  status=success, flush, content, flush, flush     or     status=error, flush
//! ```
//!
//! [`serve`] speaks it over any reader and writer. What cleaning means is its caller's business.

mod packet;
mod work_tree;

use std::borrow::Cow;
use std::io::{self, ErrorKind, Read, Write};

use packet::{Packet, Packets, write_content, write_list};

pub use work_tree::Stored;

/// The filter's name in attributes and configuration.
pub const FILTER: &str = "cellwise";

/// A file that git wants cleaned.
#[derive(Debug, Clone, Copy)]
pub struct File<'c> {
    /// Its path from the top of the work tree, with `/`.
    pub path: &'c [u8],
    /// Its bytes.
    pub content: Result<&'c [u8], TooLarge>,
}

/// A content is larger than its reader takes; it was dropped while it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge;

/// Why the conversation ended before git ended it.
#[derive(Debug, thiserror::Error)]
pub enum ProtocolError {
    /// A packet begins with something that is no length.
    #[error("no packet can begin with {:?}", String::from_utf8_lossy(.0))]
    Length([u8; 4]),
    /// The stream ended within a list or a content.
    #[error("git ended in the middle of a file")]
    Cut,
    /// The first words are not git's.
    #[error("this is called by git, as filter.{FILTER}.process (`cellwise help filter-process`)")]
    NotGit,
    /// git does not offer version 2.
    #[error("this git does not speak version 2 of the filter protocol")]
    Version,
    /// Reading or writing failed.
    #[error("the connection to git failed: {0}")]
    Connection(io::Error),
}

impl From<io::Error> for ProtocolError {
    fn from(error: io::Error) -> Self {
        if error.kind() == ErrorKind::UnexpectedEof { Self::Cut } else { Self::Connection(error) }
    }
}

/// Answers git until it closes `input`. `output` is flushed after each answer.
///
/// `clean` gives what git is to store, or `None` if the file must not be stored; it is the one to say why. Of a
/// content above `max_clean` bytes it gets [`TooLarge`]. A smudged file is what git has stored, of any size: without an
/// answer a required filter would cost the user the file. Keys, capabilities and commands of later gits are passed over.
///
/// # Errors
/// What comes is not git's protocol, or the connection fails.
pub fn serve(
    input: impl Read,
    mut output: impl Write,
    max_clean: usize,
    mut clean: impl for<'c> FnMut(&File<'c>) -> Option<Cow<'c, [u8]>>,
) -> Result<(), ProtocolError> {
    let mut packets = Packets::new(input);
    greet(&mut packets, &mut output)?;
    let (mut request, mut buffer) = (Request::default(), Vec::new());
    while request.read(&mut packets)? {
        let limit = match request.command {
            Command::Clean => max_clean,
            Command::Smudge => usize::MAX,
            Command::Unknown => 0,
        };
        let whole = if request.has_path { read_content(&mut packets, limit, &mut buffer)? } else { Err(TooLarge) };
        let content = whole.map(|()| buffer.as_slice());
        let answer = match request.command {
            Command::Clean => clean(&File { path: &request.path, content }),
            Command::Smudge => content.ok().map(Cow::Borrowed),
            Command::Unknown => None,
        };
        reply(&mut output, answer.as_deref())?;
    }
    Ok(())
}

/// The handshake: versions, then capabilities.
fn greet(packets: &mut Packets<impl Read>, output: &mut impl Write) -> Result<(), ProtocolError> {
    let (mut is_git, mut is_version_2) = (false, false);
    let mut is_silent = true;
    let heard = packets.list(|line| {
        is_silent = false;
        is_git |= line == b"git-filter-client";
        is_version_2 |= line == b"version=2";
    });
    match heard {
        // Who types the command has nothing to say.
        Err(ProtocolError::Cut) if is_silent => return Err(ProtocolError::NotGit),
        heard => heard?,
    }
    match (is_git, is_version_2) {
        (true, true) => {}
        (true, false) => return Err(ProtocolError::Version),
        (false, _) => return Err(ProtocolError::NotGit),
    }
    write_list(output, &["git-filter-server", "version=2"])?;
    output.flush()?;
    // git must have offered what we take.
    let mut taken = Vec::new();
    packets.list(|line| match line {
        b"capability=clean" => taken.push("capability=clean"),
        b"capability=smudge" => taken.push("capability=smudge"),
        _ => {}
    })?;
    taken.dedup();
    write_list(output, &taken)?;
    output.flush()?;
    Ok(())
}

/// What git asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Command {
    Clean,
    Smudge,
    #[default]
    Unknown,
}

/// The keys before a content.
#[derive(Default)]
struct Request {
    command: Command,
    /// Whether there is a path: a content follows then.
    has_path: bool,
    path: Vec<u8>,
}

impl Request {
    /// Reads the next request in the place of this one; `false` if git has closed the stream.
    fn read(&mut self, packets: &mut Packets<impl Read>) -> Result<bool, ProtocolError> {
        (self.command, self.has_path) = (Command::Unknown, false);
        self.path.clear();
        match packets.next()? {
            Packet::End => return Ok(false),
            Packet::Flush => return Ok(true),
            Packet::Data(line) => self.take(line.strip_suffix(b"\n").unwrap_or(line)),
        }
        packets.list(|line| self.take(line))?;
        Ok(true)
    }

    fn take(&mut self, line: &[u8]) {
        if let Some(command) = line.strip_prefix(b"command=") {
            self.command = match command {
                b"clean" => Command::Clean,
                b"smudge" => Command::Smudge,
                _ => Command::Unknown,
            };
        } else if let Some(path) = line.strip_prefix(b"pathname=") {
            self.has_path = true;
            self.path.clear();
            self.path.extend_from_slice(path);
        }
    }
}

/// Reads a content into `buffer`; what is above `limit` is read and dropped.
fn read_content(
    packets: &mut Packets<impl Read>,
    limit: usize,
    buffer: &mut Vec<u8>,
) -> Result<Result<(), TooLarge>, ProtocolError> {
    buffer.clear();
    let mut whole = Ok(());
    loop {
        match packets.next()? {
            Packet::Data(data) if whole.is_ok() && data.len() <= limit - buffer.len() => buffer.extend_from_slice(data),
            Packet::Data(_) => {
                whole = Err(TooLarge);
                *buffer = Vec::new();
            }
            Packet::Flush => return Ok(whole),
            Packet::End => return Err(ProtocolError::Cut),
        }
    }
}

fn reply(output: &mut impl Write, answer: Option<&[u8]>) -> io::Result<()> {
    match answer {
        Some(content) => {
            write_list(output, &["status=success"])?;
            write_content(output, content)?;
            // Nothing has changed about that status.
            write_list(output, &[])?;
        }
        None => write_list(output, &["status=error"])?,
    }
    output.flush()
}
