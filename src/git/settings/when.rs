//! Whether to colour, by the environment and the configuration.

use super::{Colour, Environment, Stdout};

/// git's reading of a boolean.
pub(super) fn is_true(value: &str) -> bool {
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
pub(super) struct When {
    diff: Option<Wish>,
    ui: Option<Wish>,
    pager: Option<Wish>,
}

impl When {
    pub(super) fn take(&mut self, key: &str, value: &str) {
        match key {
            "color.diff" | "diff.color" => self.diff = Some(Wish::of(value)),
            "color.ui" => self.ui = Some(Wish::of(value)),
            "color.pager" => self.pager = Some(Wish::of(value)),
            _ => {}
        }
    }

    /// `NO_COLOR` first, then `CLICOLOR_FORCE`, then git's rules as in its `want_color` and `check_auto_color`.
    pub(super) fn decide(&self, environment: &Environment, stdout: Stdout) -> Colour {
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
