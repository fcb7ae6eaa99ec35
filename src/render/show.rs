//! A notebook read in the terminal.

use crate::text::TextForm;

use super::code::{colours, push_coloured, without_newline};
use super::palette::Palette;

/// Appends the text form: its headers and its last line in the colours of a diff's headings, sources in those of
/// their language where it is known. `language` is the notebook's, as its kernel names it.
pub fn show(text: &TextForm, language: &str, palette: &Palette, out: &mut Vec<u8>) {
    for cell in 0..text.cells.len() {
        push_cell(text.cell(cell), language, palette, out);
    }
    lines(text.tail()).for_each(|line| push_line(without_newline(line), palette, out));
}

fn push_cell(cell: &[u8], language: &str, palette: &Palette, out: &mut Vec<u8>) {
    // Without colours nobody sees them.
    let colours = if palette.is_plain() { Vec::new() } else { colours(cell, language) };
    for (index, line) in lines(cell).enumerate() {
        match colours.get(index) {
            Some(colours) if !colours.is_empty() => push_coloured(without_newline(line), colours, palette, out),
            _ => push_line(without_newline(line), palette, out),
        }
    }
}

fn push_line(line: &[u8], palette: &Palette, out: &mut Vec<u8>) {
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

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|byte| *byte == b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notebook::Notebook;
    use crate::text::text_form;

    fn shown(source: &str, palette: &Palette) -> String {
        let file = format!(
            r#"{{"cells": [{{"cell_type": "code", "source": "{source}"}}], "metadata": {{"language_info": {{"name": "python"}}}},
                "nbformat": 4, "nbformat_minor": 4}}"#
        );
        let notebook = Notebook::read(file.as_bytes()).unwrap();
        let mut out = Vec::new();
        show(&text_form(&notebook), &notebook.language().unwrap_or_default(), palette, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn code_is_coloured_in_the_language_of_the_kernel_or_of_a_magic() {
        assert!(shown("import x", &Palette::git()).contains("\n\u{1b}[35mimport\u{1b}[m x\n"));
        assert!(shown("%%bash\\nfi\\nimport x", &Palette::git()).contains("\n\u{1b}[35mfi\u{1b}[m\nimport x\n"));
    }

    #[test]
    fn without_colours_it_is_the_text_form() {
        assert!(shown("import x", &Palette::default()).starts_with("# %% code\nimport x\n"));
    }
}
