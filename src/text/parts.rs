//! What each line of a text form is.

/// What a line of a cell is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// `# %% code`, and `# UNRESOLVED` behind it.
    Header,
    /// A line of the source.
    Source,
    /// An attachment.
    Attachment,
    /// Metadata.
    Metadata,
    /// An output, or a line of one.
    Output,
    /// The id.
    Id,
    /// The execution count.
    Count,
    /// Another member of the cell.
    Detail,
    /// The blank line that ends the cell.
    Blank,
}

/// What a line behind the cells is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TailPart {
    /// `# %% notebook`.
    Header,
    /// Metadata of the notebook.
    Metadata,
    /// Another member of the notebook.
    Detail,
    /// The blank line behind these.
    Blank,
    /// The line of digests.
    Hidden,
}

/// What each line of one cell is; the lines are all of the cell's, with their newlines or without.
///
/// The escapes of sources and outputs make it certain.
#[must_use]
pub fn parts<'l>(lines: impl Iterator<Item = &'l [u8]>) -> Vec<Part> {
    let mut parts = Vec::new();
    for line in lines {
        let part = match (parts.last(), detail(line)) {
            (None, _) => Part::Header,
            (Some(Part::Header), None) if parts.len() == 1 && line.starts_with(b"# UNRESOLVED") => Part::Header,
            (_, Some(detail)) => part_of(detail),
            (Some(Part::Output), None) => Part::Output,
            _ => Part::Source,
        };
        parts.push(part);
    }
    if let [_, .., last] = parts.as_mut_slice() {
        *last = Part::Blank;
    }
    parts
}

/// What each line behind the cells is, with its newline or without.
#[must_use]
pub fn tail_parts<'l>(lines: impl Iterator<Item = &'l [u8]>) -> Vec<TailPart> {
    let part = |line: &[u8]| match detail(line) {
        Some(detail) if is_path(detail, b"metadata") => TailPart::Metadata,
        Some(_) => TailPart::Detail,
        None if line.starts_with(b"# hidden:") => TailPart::Hidden,
        None if line.starts_with(b"# %%") => TailPart::Header,
        None => TailPart::Blank,
    };
    lines.map(part).collect()
}

/// What stands behind the sign of a detail.
fn detail(line: &[u8]) -> Option<&[u8]> {
    line.strip_prefix(b"    # %% ")
}

fn part_of(detail: &[u8]) -> Part {
    let names: [(&[u8], Part); 6] = [
        (b"source", Part::Source),
        (b"attachments", Part::Attachment),
        (b"metadata", Part::Metadata),
        (b"output", Part::Output),
        (b"id", Part::Id),
        (b"execution_count", Part::Count),
    ];
    names.iter().find(|(name, _)| is_path(detail, name)).map_or(Part::Detail, |(_, part)| *part)
}

/// Whether a detail is called `name`, or is within it.
fn is_path(detail: &[u8], name: &[u8]) -> bool {
    detail.strip_prefix(name).is_some_and(|rest| matches!(rest.first(), Some(b' ' | b'.')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notebook::Notebook;
    use crate::text::{Show, TextForm, TextOptions, text_form_with};

    const ALL: TextOptions = TextOptions {
        outputs: Show::Yes,
        ids: Show::Yes,
        counts: Show::Yes,
        tool_metadata: Show::Yes,
        hidden_line: Show::Yes,
    };

    fn text_of(file: &str, options: &TextOptions) -> TextForm {
        text_form_with(&Notebook::read(file.as_bytes()).unwrap(), options)
    }

    fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
        text.split_inclusive(|byte| *byte == b'\n')
    }

    /// A source and an output that spell every line of the text form's own.
    const LINES: &str = r##"# %% code\n\n    # %% output stdout\n    # %% id 3\n# UNRESOLVED\n    x\n# hidden: x\n\n"##;

    fn odd() -> String {
        let cell = |members: &str| {
            format!(
                r#"{{"cell_type": "code", "metadata": {{"tags": ["t"], "slideshow": 1, "scrolled": true}}, {members}}}"#
            )
        };
        let stream = format!(r#"{{"output_type": "stream", "name": "stdout", "text": "{LINES}"}}"#);
        let named = r#"{"output_type": "stream", "name": "true\u001b # %% x", "text": ["\n"]}, {"output_type": "stream", "name": "empty"}"#;
        let cells = [
            cell(&format!(r#""source": "{LINES}", "id": "a", "execution_count": 4, "outputs": [{stream}, {named}]"#)),
            cell(r#""source": null, "output": 5, "ids": 6, "id": null, "metadata.x": 7, "execution_counts": 8"#),
            cell(r#""source": [], "attachments": {"f": {"image/png": "aa"}}, "execution_count": 1, "outputs": {}"#),
            "{}".to_owned(),
        ];
        format!(r#"{{"cells": [{}], "metadata": {{"title": "x", "kernelspec": 1}}, "more": 2}}"#, cells.join(","))
    }

    #[test]
    fn every_line_is_what_it_is() {
        use Part::{Attachment, Blank, Count, Detail, Header, Id, Metadata, Output, Source};
        let text = text_of(&odd(), &ALL);
        let expected: [&[Part]; 4] = [
            &[&[Header][..], &[Source; 9], &[Metadata; 2], &[Id, Count], &[Output; 11], &[Blank]].concat(),
            &[Header, Source, Metadata, Metadata, Detail, Detail, Detail, Detail, Id, Blank],
            &[Header, Metadata, Metadata, Attachment, Count, Blank],
            &[Header, Blank],
        ];
        for (cell, expected) in expected.iter().enumerate() {
            let found = parts(lines(text.cell(cell)));
            assert_eq!(found, **expected, "{}", String::from_utf8_lossy(text.cell(cell)));
        }
        let tail = tail_parts(lines(text.tail()));
        assert_eq!(
            tail,
            [
                TailPart::Header,
                TailPart::Metadata,
                TailPart::Metadata,
                TailPart::Detail,
                TailPart::Blank,
                TailPart::Hidden
            ]
        );
    }

    #[test]
    fn without_what_was_asked_for_the_text_is_the_default_one() {
        let (all, plain) = (
            text_of(&odd(), &ALL),
            text_of(&odd(), &TextOptions { tool_metadata: Show::Yes, ..TextOptions::default() }),
        );
        for cell in 0..all.cells.len() {
            let found = parts(lines(all.cell(cell)));
            let asked = [Part::Output, Part::Id, Part::Count];
            let rest = lines(all.cell(cell)).zip(found).filter(|(_, part)| !asked.contains(part)).map(|(line, _)| line);
            assert_eq!(rest.collect::<Vec<_>>().concat(), plain.cell(cell));
        }
        assert_eq!(all.tail(), plain.tail());
    }
}
