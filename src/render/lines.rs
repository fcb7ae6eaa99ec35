//! Lines with their changed words.

use std::ops::Range;

use super::palette::Palette;

/// Appends a line of a diff: its sign (`-`, `+` or a space), the text without its newline, and a newline.
///
/// `marks` are ascending ranges of `line` whose words changed. Without colours they leave no trace.
pub fn push_marked_line(sign: u8, line: &[u8], marks: &[Range<usize>], palette: &Palette, out: &mut Vec<u8>) {
    let (colour, word) = match sign {
        b'-' => (&palette.old, &palette.old_word),
        b'+' => (&palette.new, &palette.new_word),
        _ => (&palette.context, &palette.context),
    };
    let mut text = vec![sign];
    let mut at = 0;
    for mark in marks {
        text.extend_from_slice(&line[at..mark.start]);
        palette.push_text(&[colour], &text, out);
        palette.push_text(&[colour, word], &line[mark.clone()], out);
        text.clear();
        at = mark.end;
    }
    text.extend_from_slice(&line[at..]);
    if !text.is_empty() {
        palette.push_text(&[colour], &text, out);
    }
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(sign: u8, text: &str, marks: &[Range<usize>], palette: &Palette) -> String {
        let mut out = Vec::new();
        push_marked_line(sign, text.as_bytes(), marks, palette, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn without_colours_a_line_is_itself() {
        assert_eq!(line(b'-', "a b c", &[0..1, 4..5], &Palette::default()), "-a b c\n");
        assert_eq!(line(b' ', "a", &[], &Palette::git()), " a\n");
    }

    #[test]
    fn marks_stand_in_the_colour_of_their_line() {
        let (red, reverse, end) = ("\u{1b}[31m", "\u{1b}[7m", "\u{1b}[m");
        let palette = Palette::git();
        assert_eq!(line(b'-', "ab", &[], &palette), format!("{red}-ab{end}\n"));
        let marked = format!("{red}-{end}{red}{reverse}a{end}{red} b {end}{red}{reverse}c{end}\n");
        assert_eq!(line(b'-', "a b c", &[0..1, 4..5], &palette), marked);
        assert_eq!(line(b'+', "", &[], &palette), "\u{1b}[32m+\u{1b}[m\n");
    }

    #[test]
    fn a_line_without_a_colour_can_have_marks() {
        let palette = Palette { new: String::new(), ..Palette::git() };
        assert_eq!(line(b'+', "a b c", &[0..1, 4..5], &palette), "+\u{1b}[7ma\u{1b}[m b \u{1b}[7mc\u{1b}[m\n");
    }
}
