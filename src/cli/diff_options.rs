//! Options of `cellwise diff`: in which form the differences are printed, and which lines count.

use cellwise::diff::Whitespace;
use cellwise::git::settings::Settings;
use cellwise::render::{Ending, Listing, Syntax, WordDiff};

use super::compare::Format;

#[derive(clap::Args)]
#[group(skip)]
#[command(next_help_heading = "Form")]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub(super) struct Form {
    /// In which form
    #[arg(long, value_enum, default_value_t, hide_default_value = true, group = "form")]
    format: Format,
    /// For programs: the same as --format json
    #[arg(long, group = "form")]
    json: bool,
    /// A line for each file, with its cells and lines
    #[arg(long, group = "form")]
    stat: bool,
    /// Only the names of files
    #[arg(long, groups = ["form", "listing"])]
    name_only: bool,
    /// Only the names of files, with git's letters: A, D, M, R, T, U
    #[arg(long, groups = ["form", "listing"])]
    name_status: bool,
    /// End names with NUL, and quote none
    #[arg(short = 'z', requires = "listing")]
    nul: bool,
}

impl Form {
    pub(super) fn format(&self) -> Format {
        let ending = if self.nul { Ending::Nul } else { Ending::Line };
        match self {
            Self { json: true, .. } => Format::Json,
            Self { stat: true, .. } => Format::Stat,
            Self { name_only: true, .. } => Format::Names(Listing::Names, ending),
            Self { name_status: true, .. } => Format::Names(Listing::Statuses, ending),
            _ => self.format,
        }
    }
}

#[derive(clap::Args)]
#[group(skip)]
#[command(next_help_heading = "Lines")]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub(super) struct Lines {
    /// Lines of context around a change
    #[arg(short = 'U', long, value_name = "N")]
    unified: Option<usize>,
    /// Join hunks of a cell that have up to N lines between them
    #[arg(long, value_name = "N", hide_short_help = true)]
    inter_hunk_context: Option<usize>,
    /// Show changed words instead of changed lines
    #[arg(long, value_name = "MODE", value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "plain")]
    word_diff: Option<WordDiffMode>,
    /// Colour the code of unchanged lines, where there are colours
    #[arg(long)]
    syntax: bool,
    /// Ignore white space altogether
    #[arg(short = 'w', long)]
    ignore_all_space: bool,
    /// Ignore how much white space there is
    #[arg(short = 'b', long, hide_short_help = true)]
    ignore_space_change: bool,
    /// Ignore white space at the end of lines
    #[arg(long, hide_short_help = true)]
    ignore_space_at_eol: bool,
}

/// How changed words are shown: git's modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum WordDiffMode {
    /// By [-removed-]{+added+}
    Plain,
    /// By colours alone
    Color,
    /// For programs, one stretch a line
    Porcelain,
    /// Not
    None,
}

impl Lines {
    /// What was typed has the last word.
    pub(super) fn apply(&self, settings: &mut Settings) {
        settings.context = self.unified.or(settings.context);
        settings.inter_hunk_context = self.inter_hunk_context.or(settings.inter_hunk_context);
    }

    pub(super) fn word_diff(&self) -> Option<WordDiff> {
        match self.word_diff? {
            WordDiffMode::Plain => Some(WordDiff::Plain),
            WordDiffMode::Color => Some(WordDiff::Color),
            WordDiffMode::Porcelain => Some(WordDiff::Porcelain),
            WordDiffMode::None => None,
        }
    }

    pub(super) fn syntax(&self) -> Syntax {
        if self.syntax { Syntax::Coloured } else { Syntax::Plain }
    }

    pub(super) fn whitespace(&self) -> Whitespace {
        match self {
            Self { ignore_all_space: true, .. } => Whitespace::Ignored,
            Self { ignore_space_change: true, .. } => Whitespace::IgnoredAmount,
            Self { ignore_space_at_eol: true, .. } => Whitespace::IgnoredAtEnd,
            _ => Whitespace::Kept,
        }
    }
}
