//! A notebook read in the terminal.

use crate::text::{Part, TextForm, parts};

use super::palette::Palette;
use super::syntax::Highlighter;

/// Appends the text form: its headers and its last line in the colours of a diff's headings, sources in those of
/// their language where it is known. `language` is the notebook's, as its kernel names it.
pub fn show(text: &TextForm, language: &str, palette: &Palette, out: &mut Vec<u8>) {
    for cell in 0..text.cells.len() {
        push_cell(text.cell(cell), language, palette, out);
    }
    lines(text.tail()).for_each(|line| push_line(without_newline(line), palette, out));
}

fn push_cell(cell: &[u8], language: &str, palette: &Palette, out: &mut Vec<u8>) {
    // Without colours nobody sees what a highlighter finds.
    let mut highlighter = if palette.is_plain() { None } else { highlighter(cell, language) };
    for (line, part) in lines(cell).zip(parts(lines(cell))) {
        let line = without_newline(line);
        match &mut highlighter {
            Some(highlighter) if part == Part::Source => push_source(line, highlighter, palette, out),
            _ => push_line(line, palette, out),
        }
    }
}

/// What colours the source of a cell.
fn highlighter(cell: &[u8], language: &str) -> Option<Highlighter> {
    let mut lines = lines(cell).map(without_newline);
    let header = lines.next()?;
    if header.starts_with(b"# %% markdown") {
        return Highlighter::new("markdown");
    }
    // `%%bash` and the like hand the cell to another language.
    let magic = lines.next().and_then(|line| line.strip_prefix(b"%%")).and_then(|line| str::from_utf8(line).ok());
    let name = magic.and_then(|line| line.split_whitespace().next());
    let known = name.and_then(Highlighter::new);
    header.starts_with(b"# %% code").then(|| known.or_else(|| Highlighter::new(language))).flatten()
}

fn push_source(line: &[u8], highlighter: &mut Highlighter, palette: &Palette, out: &mut Vec<u8>) {
    let mut at = 0;
    for (range, colour) in highlighter.line(line) {
        palette.push_text(&[&palette.context], &line[at..range.start], out);
        palette.push_text(&[colour], &line[range.clone()], out);
        at = range.end;
    }
    palette.push_line(&palette.context, &line[at..], out);
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

fn without_newline(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\n").unwrap_or(line)
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
