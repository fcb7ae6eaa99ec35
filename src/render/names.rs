//! `--name-only` and `--name-status`: a line for each file, as git writes it.

use super::header::{FileHeader, FileSide, push_quoted_path};

/// What is listed of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// Its name, the newer one.
    Names,
    /// What became of it, as a letter, and its name; of a renamed file both.
    Statuses,
}

/// How an entry and its fields end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Tabs and a newline; names are quoted where they have to be.
    Line,
    /// NUL, and names as they are (`-z`).
    Nul,
}

/// Appends the entry of a file that differs: `M`, TAB and its path, or the like.
pub fn push_name(header: &FileHeader, listing: Listing, ending: Ending, out: &mut Vec<u8>) {
    let named = |side: &FileSide| name(side, header, ending);
    let status = status(header);
    let fields = match listing {
        Listing::Names => vec![named(&header.after)],
        // Of two files that are compared with each other git tells the older one.
        Listing::Statuses if !status.starts_with(['R', 'C']) => vec![status.into_bytes(), named(&header.before)],
        Listing::Statuses => vec![status.into_bytes(), named(&header.before), named(&header.after)],
    };
    push_fields(&fields, ending, out);
}

/// Appends the entry of a path that a merge has left open.
pub fn push_unmerged_name(header: &FileHeader, listing: Listing, ending: Ending, out: &mut Vec<u8>) {
    let name = name(&header.after, header, ending);
    match listing {
        Listing::Names => push_fields(&[name], ending, out),
        Listing::Statuses => push_fields(&[b"U".to_vec(), name], ending, out),
    }
}

fn name(side: &FileSide, header: &FileHeader, ending: Ending) -> Vec<u8> {
    if ending == Ending::Nul {
        return side.path.clone();
    }
    let mut name = Vec::new();
    push_quoted_path("", &side.path, header.quoting, &mut name);
    name
}

fn push_fields(fields: &[Vec<u8>], ending: Ending, out: &mut Vec<u8>) {
    let (between, end): (&[u8], _) = if ending == Ending::Line { (b"\t", b'\n') } else { (b"\0", 0) };
    out.extend_from_slice(&fields.join(between));
    out.push(end);
}

/// git's letter for what became of a file, with the similarity of one that was renamed or copied.
fn status(header: &FileHeader) -> String {
    let value = |start: &str| {
        let extended = std::str::from_utf8(&header.extended).unwrap_or_default();
        extended.lines().find_map(|line| line.strip_prefix(start))
    };
    let moved = |letter: char| {
        let percent = value("similarity index ").and_then(|value| value.trim_end_matches('%').parse::<u8>().ok());
        format!("{letter}{:03}", percent.unwrap_or_default())
    };
    let is = |letter: &str| letter.to_owned();
    match (&header.before.mode, &header.after.mode) {
        (None, _) => is("A"),
        (_, None) => is("D"),
        _ if value("rename from ").is_some() => moved('R'),
        _ if value("copy from ").is_some() => moved('C'),
        // The first digits say what it is: a file, a link, a submodule.
        (Some(old), Some(new)) if old.get(..3) != new.get(..3) => is("T"),
        _ => is("M"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(path: &str, mode: Option<&str>) -> FileSide {
        FileSide { path: path.into(), mode: mode.map(str::to_owned), oid: String::new() }
    }

    fn entry(header: &FileHeader, listing: Listing, ending: Ending) -> String {
        let mut out = Vec::new();
        push_name(header, listing, ending, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn letters_are_those_of_git() {
        let file = Some("100644");
        for (old, new, letter) in [
            (None, file, "A"),
            (file, None, "D"),
            (file, file, "M"),
            (file, Some("100755"), "M"),
            (Some("120000"), file, "T"),
        ] {
            let header = FileHeader::new(side("n", old), side("n", new));
            assert_eq!(entry(&header, Listing::Statuses, Ending::Line), format!("{letter}\tn\n"));
        }
    }

    #[test]
    fn a_renamed_file_has_two_names() {
        let mut header = FileHeader::new(side("ä", Some("100644")), side("b", Some("100644")));
        header.extended = b"similarity index 96%\nrename from ...\nrename to b\n".to_vec();
        assert_eq!(entry(&header, Listing::Statuses, Ending::Line), "R096\t\"\\303\\244\"\tb\n");
        assert_eq!(entry(&header, Listing::Statuses, Ending::Nul), "R096\0ä\0b\0");
        assert_eq!(entry(&header, Listing::Names, Ending::Nul), "b\0");
    }
}
