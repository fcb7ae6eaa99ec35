//! Two files to the text of their diff: shared by `diff` and the diff driver.

use cellwise::align::align;
use cellwise::diff::{Lines, diff};
use cellwise::notebook::{Notebook, ReadError};
use cellwise::render::{FileHeader, PatchOptions, patch, text_patch};
use cellwise::text::text_form;

use super::output;

/// Appends the diff of two files to `out`. A side without a file, by `header`, has no bytes.
///
/// A side that is no notebook makes it a plain diff of lines; a line before it says why.
pub(super) fn compare(before: &[u8], after: &[u8], header: &FileHeader, options: &PatchOptions, out: &mut Vec<u8>) {
    match (read(before, &header.before.mode), read(after, &header.after.mode)) {
        (Ok(old), Ok(new)) => {
            let empty = Notebook { bytes: b"", members: Vec::new(), cells: Vec::new(), lists: Vec::new() };
            let lines = |notebook: &Option<Notebook<'_>>| {
                notebook.as_ref().map_or_else(Lines::none, |notebook| Lines::new(text_form(notebook)))
            };
            let alignment = align(old.as_ref().unwrap_or(&empty), new.as_ref().unwrap_or(&empty));
            patch(&diff(lines(&old), lines(&new), &alignment), header, options, out);
        }
        (old, new) => {
            let mut text = Vec::new();
            text_patch(before, after, header, options, &mut text);
            let faults = [(old.err(), &header.before), (new.err(), &header.after)];
            // Of files that are equal there is nothing to say.
            let faults = faults.into_iter().filter(|_| !text.is_empty());
            for (fault, side) in faults.filter_map(|(fault, side)| fault.map(|fault| (fault, side))) {
                push_fault(&side.path, &fault, out);
            }
            out.extend_from_slice(&text);
        }
    }
}

/// The notebook of a side; `None` where the side has no file or nothing in it.
fn read<'b>(bytes: &'b [u8], mode: &Option<String>) -> Result<Option<Notebook<'b>>, Fault> {
    match mode.as_deref() {
        None => Ok(None),
        Some(_) if bytes.is_empty() => Ok(None),
        Some("120000") => Err(Fault::Link),
        Some(_) => Notebook::read(bytes).map(Some).map_err(Fault::Unreadable),
    }
}

/// Why a side is compared by lines.
enum Fault {
    /// A symbolic link: its text is a path.
    Link,
    Unreadable(ReadError),
}

fn push_fault(path: &[u8], fault: &Fault, out: &mut Vec<u8>) {
    if let Fault::Unreadable(error) = fault {
        let path = output::name(std::path::Path::new(String::from_utf8_lossy(path).as_ref()));
        out.extend_from_slice(format!("cellwise: {path}: {error}; compared as plain text\n").as_bytes());
    }
}
