//! Escape sequences for the parts of a diff.

use owo_colors::Style;

/// The escape sequence before each part, ready to be written; all empty for no colour.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Palette {
    /// `diff --git`, `---` and `+++` lines.
    pub meta: String,
    /// `@@ … @@`.
    pub frag: String,
    /// The heading after `@@`.
    pub func: String,
    /// Removed lines.
    pub old: String,
    /// Added lines.
    pub new: String,
    /// Lines that moved away (`color.diff.oldMoved`).
    pub old_moved: String,
    /// Lines that moved here (`color.diff.newMoved`).
    pub new_moved: String,
    /// A changed word within a removed line, behind what [`old`](Self::old) begins with.
    pub old_word: String,
    /// A changed word within an added line, behind what [`new`](Self::new) begins with.
    pub new_word: String,
    /// Unchanged lines.
    pub context: String,
    /// What ends each of them.
    pub reset: String,
}

impl Palette {
    /// git's own colours.
    #[must_use]
    pub fn git() -> Self {
        let sequence = |style: Style| style.prefix_formatter().to_string();
        Self {
            meta: sequence(Style::new().bold()),
            frag: sequence(Style::new().cyan()),
            func: String::new(),
            old: sequence(Style::new().red()),
            new: sequence(Style::new().green()),
            old_moved: sequence(Style::new().magenta().bold()),
            new_moved: sequence(Style::new().cyan().bold()),
            old_word: sequence(Style::new().reversed()),
            new_word: sequence(Style::new().reversed()),
            context: String::new(),
            reset: "\x1b[m".to_owned(),
        }
    }

    /// Whether it has no colours.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// Appends one line: `text` without its newline, in the colour `colour`, and a newline.
    pub fn push_line(&self, colour: &str, text: &[u8], out: &mut Vec<u8>) {
        self.push_text(&[colour], text, out);
        out.push(b'\n');
    }

    /// Appends a part of a line in colours, each of which adds to those before it.
    pub fn push_text(&self, colours: &[&str], text: &[u8], out: &mut Vec<u8>) {
        let start = out.len();
        colours.iter().for_each(|colour| out.extend_from_slice(colour.as_bytes()));
        let is_coloured = out.len() > start;
        out.extend_from_slice(text);
        if is_coloured {
            out.extend_from_slice(self.reset.as_bytes());
        }
    }
}
