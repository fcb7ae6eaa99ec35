//! The user's git settings that matter for what cellwise prints, read by one `git config`.
//!
//! Nothing here fails: without git, without a repository or with a broken configuration the defaults hold.

use std::env;
use std::path::Path;

use crate::merge::ConflictStyle;
use crate::render::{Palette, Quoting};

use super::command;

/// Whether standard output is a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stdout {
    /// A person reads along.
    Terminal,
    /// A file or a pipe (git's pager is a pipe too).
    Other,
}

/// What the environment says about colour.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Environment {
    /// `NO_COLOR`, if not empty.
    pub no_color: Option<String>,
    /// `CLICOLOR_FORCE`, if neither empty nor `0`.
    pub force_color: Option<String>,
    /// `TERM`.
    pub term: Option<String>,
    /// `GIT_PAGER_IN_USE`: git writes to its own pager.
    pub pager_in_use: Option<String>,
}

impl Environment {
    /// That of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let filled = |name| env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            no_color: filled("NO_COLOR"),
            force_color: filled("CLICOLOR_FORCE").filter(|value| value != "0"),
            term: env::var("TERM").ok(),
            pager_in_use: filled("GIT_PAGER_IN_USE"),
        }
    }

    fn is_dumb(&self) -> bool {
        self.term.as_deref().is_none_or(|term| term == "dumb")
    }
}

/// Whether to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Colour {
    /// Yes.
    On,
    /// No.
    #[default]
    Off,
}

/// The slot of a palette that git calls `color.diff.<name>`.
fn slot<'p>(palette: &'p mut Palette, name: &str) -> Option<&'p mut String> {
    Some(match name {
        "meta" => &mut palette.meta,
        "frag" => &mut palette.frag,
        "func" => &mut palette.func,
        "old" => &mut palette.old,
        "new" => &mut palette.new,
        "context" | "plain" => &mut palette.context,
        _ => return None,
    })
}

/// The prefixes of file names in a diff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Prefix {
    /// `a/` and `b/`.
    #[default]
    Standard,
    /// None (`diff.noprefix`).
    None,
}

/// The settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Whether to colour a diff.
    pub colour: Colour,
    /// With which sequences.
    pub palette: Palette,
    /// `diff.context`: lines around a change.
    pub context: Option<usize>,
    /// `diff.noprefix`.
    pub prefix: Prefix,
    /// `core.quotePath`.
    pub quoting: Quoting,
    /// `merge.conflictStyle`; `None` where git has none that is known here.
    pub conflict_style: Option<ConflictStyle>,
}

const PATTERN: &str =
    r"^(color\.(ui|diff|pager|diff\..*)|diff\.(color\..*|context|noprefix)|core\.quotepath|merge\.conflictstyle)$";

impl Default for Settings {
    /// git's own: no colour until something speaks for it.
    fn default() -> Self {
        Self {
            colour: Colour::Off,
            palette: Palette::git(),
            context: None,
            prefix: Prefix::Standard,
            quoting: Quoting::Ascii,
            conflict_style: None,
        }
    }
}

impl Settings {
    /// The settings that git has in `dir`.
    #[must_use]
    pub fn read(dir: &Path, environment: &Environment, stdout: Stdout) -> Self {
        let list = command::run(dir, ["config", "-z", "--get-regexp", PATTERN]).unwrap_or_default();
        Self::from_list(&list, environment, stdout)
    }

    /// The same from what `git config -z` printed: `key LF value NUL`, later ones win.
    fn from_list(list: &[u8], environment: &Environment, stdout: Stdout) -> Self {
        let mut settings = Self::default();
        let mut when = When::default();
        let text = String::from_utf8_lossy(list);
        for entry in text.split('\0').filter(|entry| !entry.is_empty()) {
            // A key without `=` means true.
            let (key, value) = entry.split_once('\n').unwrap_or((entry, "true"));
            when.take(key, value);
            settings.take(key, value);
        }
        settings.colour = when.decide(environment, stdout);
        settings
    }

    fn take(&mut self, key: &str, value: &str) {
        match key {
            "diff.context" => self.context = value.parse().ok(),
            "core.quotepath" => self.quoting = if is_true(value) { Quoting::Ascii } else { Quoting::Special },
            "diff.noprefix" => self.prefix = if is_true(value) { Prefix::None } else { Prefix::Standard },
            "merge.conflictstyle" => self.conflict_style = conflict_style(value),
            _ => self.take_slot(key, value),
        }
    }

    fn take_slot(&mut self, key: &str, value: &str) {
        let name = key.strip_prefix("color.diff.").or_else(|| key.strip_prefix("diff.color."));
        let slot = name.and_then(|name| slot(&mut self.palette, name));
        if let (Some(slot), Some(sequence)) = (slot, sequence(value)) {
            *slot = sequence;
        }
    }
}

fn conflict_style(value: &str) -> Option<ConflictStyle> {
    match value {
        "merge" => Some(ConflictStyle::Merge),
        "diff3" => Some(ConflictStyle::Diff3),
        "zdiff3" => Some(ConflictStyle::Zdiff3),
        _ => None,
    }
}

/// git's reading of a boolean.
fn is_true(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    matches!(value.as_str(), "true" | "yes" | "on") || value.parse::<i64>().is_ok_and(|number| number != 0)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Never,
    Auto,
    Always,
}

impl Wish {
    /// As git reads `color.ui`: a plain `true` means `auto`.
    fn of(value: &str) -> Self {
        match value.to_ascii_lowercase().as_str() {
            "never" => Self::Never,
            "always" => Self::Always,
            "auto" => Self::Auto,
            other if is_true(other) => Self::Auto,
            _ => Self::Never,
        }
    }
}

/// The settings that decide about colour.
#[derive(Debug, Default)]
struct When {
    diff: Option<Wish>,
    ui: Option<Wish>,
    pager: Option<Wish>,
}

impl When {
    fn take(&mut self, key: &str, value: &str) {
        match key {
            "color.diff" | "diff.color" => self.diff = Some(Wish::of(value)),
            "color.ui" => self.ui = Some(Wish::of(value)),
            "color.pager" => self.pager = Some(Wish::of(value)),
            _ => {}
        }
    }

    /// `NO_COLOR` first, then `CLICOLOR_FORCE`, then git's rules as in its `want_color` and `check_auto_color`.
    fn decide(&self, environment: &Environment, stdout: Stdout) -> Colour {
        if environment.no_color.is_some() {
            return Colour::Off;
        }
        if environment.force_color.is_some() {
            return Colour::On;
        }
        match self.diff.or(self.ui).unwrap_or(Wish::Auto) {
            Wish::Never => Colour::Off,
            Wish::Always => Colour::On,
            Wish::Auto => self.automatic(environment, stdout),
        }
    }

    fn automatic(&self, environment: &Environment, stdout: Stdout) -> Colour {
        let to_pager = environment.pager_in_use.as_deref().is_some_and(is_true) && self.pager != Some(Wish::Never);
        if (stdout == Stdout::Terminal || to_pager) && !environment.is_dumb() { Colour::On } else { Colour::Off }
    }
}

/// The escape sequence of a git colour such as `bold red #202020`; `None` if git would not know it.
fn sequence(value: &str) -> Option<String> {
    let mut codes = Vec::new();
    let mut attributes = Vec::new();
    let mut colours = 0;
    for word in value.split_ascii_whitespace() {
        let word = word.to_ascii_lowercase();
        if word == "reset" {
            // git writes the reset as an empty parameter in front.
            codes.insert(0, String::new());
        } else if let Some(code) = attribute(&word) {
            attributes.push(code);
        } else {
            let base = *[30, 40].get(colours)?;
            colours += 1;
            codes.extend(colour(&word, base)?);
        }
    }
    attributes.sort_unstable();
    attributes.dedup();
    let at = usize::from(codes.first().is_some_and(String::is_empty));
    codes.splice(at..at, attributes.iter().map(u8::to_string));
    Some(match codes.is_empty() {
        true => String::new(),
        false => format!("\x1b[{}m", codes.join(";")),
    })
}

fn attribute(word: &str) -> Option<u8> {
    let (word, on) = match word.strip_prefix("no") {
        Some(rest) => (rest.strip_prefix('-').unwrap_or(rest), false),
        None => (word, true),
    };
    let (code, off) = match word {
        "bold" => (1, 22),
        "dim" => (2, 22),
        "italic" => (3, 23),
        "ul" => (4, 24),
        "blink" => (5, 25),
        "reverse" => (7, 27),
        "strike" => (9, 29),
        _ => return None,
    };
    Some(if on { code } else { off })
}

/// The parameter of a colour on a foreground (30) or background (40); the inner `None` is git's `normal`.
fn colour(word: &str, base: u32) -> Option<Option<String>> {
    const NAMES: [&str; 8] = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
    let index = |name: &str| NAMES.iter().position(|known| *known == name);
    if word == "normal" || word == "-1" {
        return Some(None);
    }
    if word == "default" {
        return Some(Some((base + 9).to_string()));
    }
    if let Some(digits) = word.strip_prefix('#') {
        return rgb(digits).map(|[red, green, blue]| Some(format!("{};2;{red};{green};{blue}", base + 8)));
    }
    let number = match word.strip_prefix("bright").and_then(index) {
        Some(bright) => bright + 8,
        None => index(word).or_else(|| word.parse().ok())?,
    };
    match u8::try_from(number).ok()? {
        plain @ 0..=7 => Some(Some((base + u32::from(plain)).to_string())),
        bright @ 8..=15 => Some(Some((base + 52 + u32::from(bright)).to_string())),
        other => Some(Some(format!("{};5;{other}", base + 8))),
    }
}

/// `rrggbb`, or `rgb` with each digit doubled.
fn rgb(digits: &str) -> Option<[u8; 3]> {
    let digits: Vec<u8> = digits
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    match digits.as_slice() {
        [r, g, b] => Some([r * 17, g * 17, b * 17]),
        [r, s, g, h, b, c] => Some([r * 16 + s, g * 16 + h, b * 16 + c]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn terminal() -> Environment {
        Environment { term: Some("xterm".to_owned()), ..Environment::default() }
    }

    fn colour_with(list: &str, environment: &Environment, stdout: Stdout) -> Colour {
        Settings::from_list(list.as_bytes(), environment, stdout).colour
    }

    #[test]
    fn colours_are_written_as_git_writes_them() {
        for value in [
            "bold red",
            "reset",
            "reset red",
            "normal blue",
            "default",
            "#ff0000 bold",
            "brightred ul",
            "nobold red",
            "no-dim",
            "200 3",
            "10",
            "",
            "normal",
            "red bold ul strike reverse",
            "white brightblack",
        ] {
            let output = Command::new("git")
                .args(["-c", &format!("color.x={value}"), "config", "--get-color", "color.x"])
                .output()
                .unwrap();
            if !output.status.success() && ["reset red", "default"].contains(&value) {
                // git before 2.35 does not know these, and stops at them whatever it was asked.
                continue;
            }
            assert_eq!(sequence(value), Some(String::from_utf8(output.stdout).unwrap()), "{value}");
        }
        assert_eq!(sequence("redd"), None);
        assert_eq!(sequence("red green blue"), None);
        assert_eq!(sequence("#ff"), None);
        assert_eq!(sequence("300"), None);
    }

    #[test]
    fn colour_follows_the_terminal_and_the_pager() {
        let on_pager = Environment { pager_in_use: Some("true".to_owned()), ..terminal() };
        assert_eq!(colour_with("", &terminal(), Stdout::Terminal), Colour::On);
        assert_eq!(colour_with("", &terminal(), Stdout::Other), Colour::Off);
        assert_eq!(colour_with("", &on_pager, Stdout::Other), Colour::On);
        assert_eq!(colour_with("color.pager\nfalse\0", &on_pager, Stdout::Other), Colour::Off);
        assert_eq!(colour_with("", &Environment::default(), Stdout::Terminal), Colour::Off);
    }

    #[test]
    fn the_nearer_setting_wins() {
        let always = "color.ui\nalways\0";
        assert_eq!(colour_with(always, &terminal(), Stdout::Other), Colour::On);
        let never = "color.ui\nalways\0color.diff\nfalse\0";
        assert_eq!(colour_with(never, &terminal(), Stdout::Terminal), Colour::Off);
        assert_eq!(colour_with("color.ui\0", &terminal(), Stdout::Other), Colour::Off);
    }

    #[test]
    fn the_environment_has_the_last_word() {
        let none = Environment { no_color: Some("1".to_owned()), force_color: Some("1".to_owned()), ..terminal() };
        assert_eq!(colour_with("color.ui\nalways\0", &none, Stdout::Terminal), Colour::Off);
        let forced = Environment { no_color: None, ..none };
        assert_eq!(colour_with("color.ui\nnever\0", &forced, Stdout::Other), Colour::On);
    }

    #[test]
    fn unknown_values_are_the_defaults() {
        let list = "color.diff.old\nblurple\0color.diff.plain\nblue\0diff.context\nmany\0merge.conflictstyle\nx\0";
        let settings = Settings::from_list(list.as_bytes(), &terminal(), Stdout::Other);
        let expected =
            Settings { palette: Palette { context: "\x1b[34m".to_owned(), ..Palette::git() }, ..Settings::default() };
        assert_eq!(settings, expected);
    }

    #[test]
    fn prefixes_context_and_style_are_read() {
        let list = "diff.context\n5\0diff.noprefix\ntrue\0merge.conflictstyle\nzdiff3\0";
        let settings = Settings::from_list(list.as_bytes(), &terminal(), Stdout::Other);
        assert_eq!((settings.context, settings.prefix), (Some(5), Prefix::None));
        assert_eq!(settings.conflict_style, Some(ConflictStyle::Zdiff3));
    }

    #[test]
    fn without_a_repository_there_are_defaults() {
        let missing = Settings::read(Path::new("/no/such/dir"), &terminal(), Stdout::Other);
        assert_eq!(missing, Settings::default());
    }
}
