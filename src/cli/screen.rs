//! What a walk over cells prints: lines, one after another.

use std::path::Path;

use cellwise::git::settings::{Environment, Settings};
use cellwise::render::Palette;
use cellwise::text::push_visible;

use super::{colour, output, show};

/// Where a walk prints.
pub(super) struct Screen {
    /// The colours of git's settings.
    pub(super) palette: Palette,
}

impl Screen {
    pub(super) fn new() -> Self {
        Self::with(&Settings::read(Path::new(""), &Environment::of_process(), show::stdout()))
    }

    /// With the colours of these settings.
    pub(super) fn with(settings: &Settings) -> Self {
        Self { palette: colour::palette(settings) }
    }

    /// Prints a question, with no newline.
    pub(super) fn ask(&self, question: &str) {
        let mut out = Vec::new();
        self.palette.push_text(&[&self.palette.meta], question.trim_end().as_bytes(), &mut out);
        out.push(b' ');
        output::write(&out).ok();
    }

    /// Prints the key that was typed, behind the question.
    pub(super) fn echo(&self, key: char) {
        self.say(&key.to_string());
    }

    /// Prints lines.
    pub(super) fn say(&self, lines: &str) {
        let mut out = Vec::new();
        self.push("", lines, &mut out);
        output::write(&out).ok();
    }

    /// Prints a line that somebody should not miss.
    pub(super) fn complain(&self, line: &str) {
        let mut out = Vec::new();
        self.push(&self.palette.old, line, &mut out);
        output::write(&out).ok();
    }

    /// Appends lines in a colour of the palette.
    pub(super) fn push(&self, colour: &str, text: &str, out: &mut Vec<u8>) {
        let mut visible = Vec::new();
        push_visible(text.as_bytes(), &mut visible);
        self.palette.push_line(colour, &visible, out);
    }
}
