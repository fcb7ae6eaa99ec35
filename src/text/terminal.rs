//! What a terminal would show in the end: colours taken out, progress bars at their last state.

use std::borrow::Cow;
use std::collections::VecDeque;

/// How many lines up a program can write again, as in a terminal of that height.
const HEIGHT: usize = 50;
/// How far to the right a program can jump by an escape sequence.
const WIDTH: usize = 1000;

/// The text that is left of `text` once a terminal has acted on its escape sequences, carriage returns and
/// backspaces. Other control characters stay.
pub(super) fn settled(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr3(0x1b, b'\r', 0x08, text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut screen =
        Screen { done: Vec::with_capacity(text.len()), rows: VecDeque::from([Vec::new()]), ..Screen::default() };
    let text = String::from_utf8_lossy(text);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\n' => screen.new_line(),
            '\r' => screen.column = 0,
            '\u{8}' => screen.column = screen.column.saturating_sub(1),
            '\u{1b}' => {
                let (sequence, rest) = Sequence::read(characters.clone());
                characters = rest;
                screen.act(&sequence);
            }
            _ => screen.put(character),
        }
    }
    screen.finish().into()
}

/// An escape sequence: the character that says what it does, and its first number.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sequence {
    /// The last character of a CSI sequence; `None` for all that a terminal does not write text by.
    action: Option<char>,
    number: Option<usize>,
}

impl Sequence {
    /// Reads what follows an ESC, and gives what follows the sequence.
    ///
    /// A sequence that is not ended ends with its line at the latest, so that it hides no more than that.
    fn read<I: Iterator<Item = char> + Clone>(mut rest: std::iter::Peekable<I>) -> (Self, std::iter::Peekable<I>) {
        let sequence = match rest.next_if(|character| ('\u{20}'..='\u{7e}').contains(character)) {
            Some('[') => Self::control(&mut rest),
            Some(']' | 'P' | 'X' | '^' | '_') => Self::string(&mut rest),
            Some('\u{20}'..='\u{2f}') => {
                while rest.next_if(|character| ('\u{20}'..='\u{2f}').contains(character)).is_some() {}
                rest.next_if(|character| ('\u{30}'..='\u{7e}').contains(character));
                Self::default()
            }
            _ => Self::default(),
        };
        (sequence, rest)
    }

    /// CSI: parameters and one letter.
    fn control<I: Iterator<Item = char>>(rest: &mut std::iter::Peekable<I>) -> Self {
        let mut parameters = String::new();
        while let Some(character) = rest.next_if(|character| ('\u{20}'..='\u{3f}').contains(character)) {
            parameters.push(character);
        }
        let number = parameters.split(';').next().and_then(|first| first.parse().ok());
        Self { action: rest.next_if(|character| ('\u{40}'..='\u{7e}').contains(character)), number }
    }

    /// OSC and its like: a text up to BEL or ESC `\`.
    fn string<I: Iterator<Item = char> + Clone>(rest: &mut std::iter::Peekable<I>) -> Self {
        while rest.next_if(|character| !matches!(character, '\u{7}' | '\u{1b}' | '\n' | '\r')).is_some() {}
        let mut ahead = rest.clone();
        if [ahead.next(), ahead.next()] == [Some('\u{1b}'), Some('\\')] {
            *rest = ahead;
        } else {
            rest.next_if_eq(&'\u{7}');
        }
        Self::default()
    }
}

/// The last lines, which can still be written over.
#[derive(Default)]
struct Screen {
    /// The lines above, each with its newline.
    done: Vec<u8>,
    rows: VecDeque<Vec<char>>,
    row: usize,
    column: usize,
}

impl Screen {
    fn put(&mut self, character: char) {
        let row = &mut self.rows[self.row];
        if row.len() < self.column {
            row.resize(self.column, ' ');
        }
        match row.get_mut(self.column) {
            Some(place) => *place = character,
            None => row.push(character),
        }
        self.column += 1;
    }

    fn new_line(&mut self) {
        self.row += 1;
        self.column = 0;
        if self.row == self.rows.len() {
            self.rows.push_back(Vec::new());
        }
        if self.rows.len() > HEIGHT {
            self.scroll();
        }
    }

    /// The uppermost line is out of reach.
    fn scroll(&mut self) {
        let row = self.rows.pop_front().unwrap_or_default();
        self.done.extend_from_slice(row.into_iter().collect::<String>().as_bytes());
        self.done.push(b'\n');
        self.row -= 1;
    }

    fn act(&mut self, sequence: &Sequence) {
        let number = sequence.number.unwrap_or(0);
        let steps = number.max(1);
        match sequence.action {
            Some('A') => self.row = self.row.saturating_sub(steps),
            Some('B') => self.row = self.row.saturating_add(steps).min(self.rows.len() - 1),
            Some('C') => self.column = self.column.saturating_add(steps).min(WIDTH.max(self.column)),
            Some('D') => self.column = self.column.saturating_sub(steps),
            Some('G') => self.column = (steps - 1).min(WIDTH),
            Some('K') => self.erase(number),
            _ => {}
        }
    }

    /// Erases from here to the end of the line, from its beginning to here, or all of it.
    fn erase(&mut self, which: usize) {
        let row = &mut self.rows[self.row];
        match which {
            0 => row.truncate(self.column),
            1 => row.iter_mut().take(self.column + 1).for_each(|character| *character = ' '),
            _ => row.clear(),
        }
    }

    fn finish(mut self) -> Vec<u8> {
        for (index, row) in self.rows.iter().enumerate() {
            if index > 0 {
                self.done.push(b'\n');
            }
            self.done.extend_from_slice(row.iter().collect::<String>().as_bytes());
        }
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        String::from_utf8(settled(text.as_bytes()).into_owned()).unwrap()
    }

    #[test]
    fn escape_sequences_go_and_their_text_stays() {
        for (text, left) in [
            ("plain ", "plain "),
            ("\u{1b}[0;31mred\u{1b}[0m!", "red!"),
            ("\u{1b}[38;5;9mx\u{1b}[m", "x"),
            ("\u{1b}]0;title\u{7}x", "x"),
            ("\u{1b}]8;;http://a.b\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
            ("\u{1b}(Bx\u{1b}=y\u{1b}7", "xy"),
            ("\u{1b}", ""),
            ("\u{1b}[", ""),
            ("\u{1b}[31", ""),
            ("a\u{1b}\u{1b}[1mb", "ab"),
            ("a\u{1b}]0;t\u{1b}[1mb", "ab"),
        ] {
            assert_eq!(shown(text), left, "{text:?}");
        }
    }

    #[test]
    fn a_sequence_without_an_end_hides_no_more_than_its_line() {
        assert_eq!(shown("a\u{1b}]0;never\nb\nc"), "a\nb\nc");
        assert_eq!(shown("a\u{1b}[12\nb"), "a\nb");
    }

    #[test]
    fn what_is_written_over_is_gone() {
        for (text, left) in [
            ("a\rb\n", "b\n"),
            ("10%\r20%\r100%\ndone", "100%\ndone"),
            ("long line\rshort\n", "shortline\n"),
            ("long line\r\u{1b}[Kshort\n", "short\n"),
            ("a\r\nb\r\n", "a\nb\n"),
            ("abc\u{8}\u{8}X", "aXc"),
            ("\u{8}é\u{8}e", "e"),
            ("one\ntwo\u{1b}[A\rONE\n", "ONE\ntwo"),
            ("x\u{1b}[3Cy", "x   y"),
            ("x\u{1b}[2Kz", " z"),
        ] {
            assert_eq!(shown(text), left, "{text:?}");
        }
    }

    #[test]
    fn numbers_of_any_size_do_no_harm() {
        for action in ["A", "B", "C", "D", "G", "K"] {
            let text = format!("a\nb\u{1b}[99999999999999999999{action}c\u{1b}[18446744073709551615{action}d");
            assert!(shown(&text).len() < 3000, "{action}");
        }
        let lines: String = (0..200).map(|line| format!("{line}\r{line}\n")).collect();
        assert_eq!(shown(&lines), (0..200).map(|line| format!("{line}\n")).collect::<String>());
    }
}
