//! How large something is, for people.

use std::fmt;

/// A number of bytes, shown as `13.2 kB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Size(pub usize);

impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes @ 0..1000 => write!(formatter, "{bytes} B"),
            bytes @ 1000..1_000_000 => write!(formatter, "{}.{} kB", bytes / 1000, bytes % 1000 / 100),
            bytes => write!(formatter, "{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
        }
    }
}

/// Width and height of an image, shown as `640x480`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pixels {
    /// How wide it is.
    pub width: usize,
    /// How high it is.
    pub height: usize,
}

impl fmt::Display for Pixels {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}x{}", self.width, self.height)
    }
}

impl Pixels {
    /// Reads the header of a PNG, JPEG, GIF, WebP or BMP file.
    pub(super) fn of_image(file: &[u8]) -> Option<Self> {
        let size = imagesize::blob_size(file).ok()?;
        Some(Self { width: size.width, height: size.height })
    }

    /// Reads the `width` and `height` of an SVG, or its `viewBox` where these are no lengths.
    pub(super) fn of_svg(file: &[u8]) -> Option<Self> {
        let start = memchr::memmem::find(file, b"<svg")?;
        let end = memchr::memchr(b'>', &file[start..])?;
        let tag = str::from_utf8(&file[start..start + end]).ok()?;
        let given = attribute(tag, "width").zip(attribute(tag, "height"));
        let given = given.and_then(|(width, height)| length(width).zip(length(height)));
        let (width, height) = given.or_else(|| {
            let mut numbers = attribute(tag, "viewBox")?.split([' ', ',']).filter(|number| !number.is_empty());
            length(numbers.nth(2)?).zip(length(numbers.next()?))
        })?;
        Some(Self { width, height })
    }
}

/// The value of an attribute of an XML tag.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = tag;
    while let Some((before, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let quote = after.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        let (value, behind) = after[1..].split_once(quote)?;
        if before.split_whitespace().last() == Some(name) {
            return Some(value);
        }
        rest = behind;
    }
    None
}

/// A length in whole units, whichever they are; a percentage is none.
fn length(text: &str) -> Option<usize> {
    let number = text.trim().trim_end_matches(|character: char| character.is_ascii_alphabetic());
    let number: f64 = number.parse().ok()?;
    (1.0..1e6).contains(&number).then_some(number.round() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn svg(text: &str) -> Option<String> {
        Pixels::of_svg(text.as_bytes()).map(|pixels| pixels.to_string())
    }

    #[test]
    fn sizes_are_short() {
        let shown = [0, 999, 1000, 13_245, 1_000_000, 25_350_000].map(|bytes| Size(bytes).to_string());
        assert_eq!(shown, ["0 B", "999 B", "1.0 kB", "13.2 kB", "1.0 MB", "25.3 MB"]);
    }

    #[test]
    fn the_size_of_an_svg_is_in_its_tag() {
        for (text, size) in [
            (
                r#"<?xml version="1.0"?><svg height="345.6pt" version="1.1" width="460.8pt" viewBox="0 0 1 1">"#,
                Some("461x346"),
            ),
            (r#"<svg width='10px' height = '20'>"#, Some("10x20")),
            (r#"<svg width="100%" height="100%" viewBox="0 0 300,150">"#, Some("300x150")),
            (r#"<svg stroke-width="2" viewBox="0 0">"#, None),
            ("<svg", None),
            (r#"<svg width="1e99" height="-3">"#, None),
            ("<svg width=é>", None),
        ] {
            assert_eq!(svg(text).as_deref(), size, "{text}");
        }
    }

    #[test]
    fn a_file_cut_short_has_no_size_and_does_no_harm() {
        let gif = b"GIF89a\x03\x00\x02\x00\xf0\x00\x00";
        assert_eq!(Pixels::of_image(gif), Some(Pixels { width: 3, height: 2 }));
        let heads: [&[u8]; 5] = [
            gif,
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0",
            b"\xff\xd8\xff\xe0\xff\xff",
            b"RIFF\xff\xff\xff\xffWEBPVP8 ",
            b"BM\xff\xff",
        ];
        for head in heads {
            for end in 0..head.len().min(8) {
                assert_eq!(Pixels::of_image(&head[..end]), None);
            }
            assert!(Pixels::of_image(head).is_none_or(|pixels| pixels.width <= 0xffff));
        }
    }
}
