//! A notebook read in the terminal.

use crate::text::TextForm;

use super::palette::Palette;

/// Appends the text form, its headers and its last line in the colours of a diff's headings.
pub fn show(text: &TextForm, palette: &Palette, out: &mut Vec<u8>) {
    for line in text.bytes.split_inclusive(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let colour = if line.starts_with(b"# %% ") {
            &palette.meta
        } else if line.starts_with(b"# UNRESOLVED") {
            &palette.old
        } else if line.starts_with(b"    # %% ") || line.starts_with(b"# hidden:") {
            &palette.frag
        } else {
            &palette.context
        };
        palette.push_line(colour, line, out);
    }
}
