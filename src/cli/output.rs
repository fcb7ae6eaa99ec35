//! Writing to stdout and stderr.

use std::io::{self, ErrorKind, IoSlice, Write};
use std::path::Path;

use cellwise::file::FileError;
use cellwise::text::push_visible;

use super::exit::Exit;

/// Writes to stdout; a closed pipe is a quiet end.
pub(super) fn write(bytes: &[u8]) -> anyhow::Result<()> {
    write_pieces([bytes].into_iter())
}

/// Writes pieces to stdout, one behind the other, without a copy of them all.
pub(super) fn write_pieces<'p>(pieces: impl Iterator<Item = &'p [u8]>) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    let mut slices: Vec<IoSlice<'_>> = pieces.filter(|piece| !piece.is_empty()).map(IoSlice::new).collect();
    let written = slices.chunks_mut(AT_ONCE).try_for_each(|slices| write_slices(slices, &mut stdout));
    // What is left in the buffer at the end would fail unheard.
    match written.and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(FileError::Write { path: "standard output".into(), error }.into())
        }
        _ => Ok(()),
    }
}

/// Systems take no more pieces in one call.
const AT_ONCE: usize = 1024;

fn write_slices(mut slices: &mut [IoSlice<'_>], out: &mut impl Write) -> io::Result<()> {
    while !slices.is_empty() {
        match out.write_vectored(slices) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => IoSlice::advance_slices(&mut slices, written),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// How wide the terminal is; where there is none, as git.
pub(super) fn columns() -> usize {
    let typed = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let measured = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    typed.or_else(measured).unwrap_or(80)
}

/// Says one line on stderr. Nobody can be told if that fails.
pub(super) fn complain(line: &str) {
    let mut out = b"cellwise: ".to_vec();
    push_visible(line.replace('\n', " ").as_bytes(), &mut out);
    out.push(b'\n');
    io::stderr().lock().write_all(&out).ok();
}

/// Says what is wrong with one file of several.
pub(super) fn complain_of(path: &Path, error: &anyhow::Error) {
    match error.downcast_ref::<FileError>() {
        // It names its file.
        Some(error) => complain(&error.to_string()),
        None => complain(&format!("{}: {}", name(path), reasons(error))),
    }
}

/// What went wrong and why, without a reason that the words before it end in already.
pub(super) fn reasons(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for reason in error.chain().map(ToString::to_string) {
        match text.as_str() {
            "" => text = reason,
            said if said.ends_with(&reason) => {}
            _ => text = format!("{text}: {reason}"),
        }
    }
    text
}

/// A path as it can be shown: control characters visible, `-` as what it means.
pub(super) fn name(path: &Path) -> String {
    if path == Path::new("-") {
        return "standard input".to_owned();
    }
    visible(&path.to_string_lossy())
}

/// Prints what clap has to say: help and version to stdout, a usage error to stderr. It repeats what was typed, which
/// may be the name of a file.
pub(super) fn usage(error: &clap::Error) -> Exit {
    let text = error.render().to_string();
    let mut shown = Vec::new();
    push_visible(text.as_bytes(), &mut shown);
    if shown == text.as_bytes() {
        error.print().ok();
    } else {
        io::stderr().lock().write_all(&shown).ok();
    }
    if error.use_stderr() { Exit::Usage } else { Exit::Done }
}

/// `text` on one line, with control characters as escapes.
pub(super) fn visible(text: &str) -> String {
    let mut out = Vec::new();
    push_visible(text.replace('\n', "\\n").as_bytes(), &mut out);
    String::from_utf8_lossy(&out).into_owned()
}
