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
