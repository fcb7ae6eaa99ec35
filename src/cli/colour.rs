//! Options about colour, and where they lead.

use cellwise::git::settings::{Colour, Settings};
use cellwise::render::Palette;

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum When {
    Always,
    Never,
    /// As git would: on a terminal, by its settings
    Auto,
}

#[derive(clap::Args)]
#[group(skip)]
#[command(next_help_heading = "Terminal")]
pub(super) struct Args {
    /// When to colour; without it by git's settings
    #[arg(long, value_name = "WHEN", value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "always")]
    color: Option<When>,
    /// The same as --color=never
    #[arg(long, conflicts_with = "color", hide_short_help = true)]
    no_color: bool,
}

impl Args {
    /// What was typed has the last word.
    pub(super) fn apply(&self, settings: &mut Settings) {
        match self.color {
            _ if self.no_color => settings.colour = Colour::Off,
            Some(When::Always) => settings.colour = Colour::On,
            Some(When::Never) => settings.colour = Colour::Off,
            Some(When::Auto) | None => {}
        }
    }
}

/// The colours to use.
pub(super) fn palette(settings: &Settings) -> Palette {
    match settings.colour {
        Colour::On => settings.palette.clone(),
        Colour::Off => Palette::default(),
    }
}
