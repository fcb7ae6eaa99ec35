//! The user's git settings that matter for what cellwise prints.
//!
//! They are read in this process where libgit2 sees what git sees (`entries`), and by one `git config` elsewhere: a
//! process costs more than all the rest of a small diff. Nothing here fails: without git, without a repository or with
//! a broken configuration the defaults hold.

mod entries;
mod plain;
mod sequence;
mod system;
mod when;

use std::env;
use std::path::Path;

use git2::Config;

use crate::merge::ConflictStyle;
use crate::render::{Palette, Quoting};

use super::revisions::Comparison;
use entries::Entries;
use sequence::sequence;
use when::{When, is_true};

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

/// What is compared with what, as far as git's prefixes tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compared {
    /// Two commits, or nobody says: git does not tell its external diff commands.
    #[default]
    Unknown,
    /// The index with the work tree.
    IndexAndWorkTree,
    /// A commit with the index.
    CommitAndIndex,
    /// A commit with the work tree.
    CommitAndWorkTree,
    /// A blob with a file of the work tree.
    BlobAndWorkTree,
    /// Two files.
    Files,
}

/// Which side is shown as the older one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// That which is.
    #[default]
    Forward,
    /// The other (`-R`).
    Reverse,
}

impl Direction {
    /// A pair in this direction.
    #[must_use]
    pub fn of<T>(self, [before, after]: [T; 2]) -> [T; 2] {
        match self {
            Self::Forward => [before, after],
            Self::Reverse => [after, before],
        }
    }
}

impl Compared {
    /// What `comparison` compares.
    #[must_use]
    pub fn of(comparison: &Comparison) -> Self {
        match comparison {
            Comparison::Unstaged => Self::IndexAndWorkTree,
            Comparison::Staged(_) => Self::CommitAndIndex,
            Comparison::Since(_) => Self::CommitAndWorkTree,
            Comparison::BlobWithFile(_) => Self::BlobAndWorkTree,
            Comparison::Between(..) | Comparison::SinceMergeBase(..) | Comparison::Blobs(..) => Self::Unknown,
        }
    }
}

/// Where shown paths begin, and which part of the repository is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PathsFrom {
    /// At its top, with everything.
    #[default]
    Top,
    /// In the folder where the command was typed, with what is in it.
    Here,
}

/// How the prefixes of file names are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Naming {
    /// Two fixed ones.
    #[default]
    Fixed,
    /// By what is compared (`diff.mnemonicPrefix`).
    Mnemonic,
}

/// The prefixes of file names in a diff.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Prefixes {
    /// `diff.noprefix`, which wins over the rest.
    left_out: bool,
    naming: Naming,
    /// `diff.srcPrefix` and `diff.dstPrefix`.
    fixed: (String, String),
}

impl Default for Prefixes {
    fn default() -> Self {
        Self { left_out: false, naming: Naming::Fixed, fixed: ("a/".to_owned(), "b/".to_owned()) }
    }
}

impl Prefixes {
    /// As git's `repo_diff_setup` and `diff_set_mnemonic_prefix` choose them.
    fn of(&self, compared: Compared) -> (String, String) {
        let (before, after) = match (self.naming, compared) {
            _ if self.left_out => ("", ""),
            (Naming::Fixed, _) => return self.fixed.clone(),
            (Naming::Mnemonic, Compared::Unknown) => ("a/", "b/"),
            (Naming::Mnemonic, Compared::IndexAndWorkTree) => ("i/", "w/"),
            (Naming::Mnemonic, Compared::CommitAndIndex) => ("c/", "i/"),
            (Naming::Mnemonic, Compared::CommitAndWorkTree) => ("c/", "w/"),
            (Naming::Mnemonic, Compared::BlobAndWorkTree) => ("o/", "w/"),
            (Naming::Mnemonic, Compared::Files) => ("1/", "2/"),
        };
        (before.to_owned(), after.to_owned())
    }

    fn take(&mut self, key: &str, value: &str) {
        match key {
            "diff.noprefix" => self.left_out = is_true(value),
            "diff.mnemonicprefix" => self.naming = if is_true(value) { Naming::Mnemonic } else { Naming::Fixed },
            "diff.srcprefix" => value.clone_into(&mut self.fixed.0),
            "diff.dstprefix" => value.clone_into(&mut self.fixed.1),
            _ => {}
        }
    }
}

/// The slot of a palette that git calls `key`.
fn slot<'p>(palette: &'p mut Palette, key: &str) -> Option<&'p mut String> {
    match key {
        // The names are those of git's contrib/diff-highlight.
        "color.diff-highlight.oldhighlight" => return Some(&mut palette.old_word),
        "color.diff-highlight.newhighlight" => return Some(&mut palette.new_word),
        _ => {}
    }
    let name = key.strip_prefix("color.diff.").or_else(|| key.strip_prefix("diff.color."))?;
    Some(match name {
        "meta" => &mut palette.meta,
        "frag" => &mut palette.frag,
        "func" => &mut palette.func,
        "old" => &mut palette.old,
        "new" => &mut palette.new,
        "oldmoved" => &mut palette.old_moved,
        "newmoved" => &mut palette.new_moved,
        "context" | "plain" => &mut palette.context,
        _ => return None,
    })
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
    /// `diff.interHunkContext`: how many more lines between two changes make no second hunk.
    pub inter_hunk_context: Option<usize>,
    /// `diff.relative`.
    pub paths_from: PathsFrom,
    /// What is compared; whoever knows it says so, for the prefixes.
    pub compared: Compared,
    /// Which side is shown first, which swaps the prefixes too.
    pub direction: Direction,
    prefixes: Prefixes,
    /// `core.quotePath`.
    pub quoting: Quoting,
    /// `merge.conflictStyle`; `None` where git has none that is known here.
    pub conflict_style: Option<ConflictStyle>,
}

impl Default for Settings {
    /// git's own: no colour until something speaks for it.
    fn default() -> Self {
        Self {
            colour: Colour::Off,
            palette: Palette::git(),
            context: None,
            inter_hunk_context: None,
            paths_from: PathsFrom::default(),
            compared: Compared::default(),
            direction: Direction::default(),
            prefixes: Prefixes::default(),
            quoting: Quoting::Ascii,
            conflict_style: None,
        }
    }
}

impl Settings {
    /// The settings that git has in `dir`.
    #[must_use]
    pub fn read(dir: &Path, environment: &Environment, stdout: Stdout) -> Self {
        Self::from_entries(&entries::read(dir), environment, stdout)
    }

    /// The same from the entries of a configuration.
    fn from_entries(entries: &Entries, environment: &Environment, stdout: Stdout) -> Self {
        let mut settings = Self::default();
        let mut when = When::default();
        for (key, value) in entries {
            when.take(key, value);
            settings.take(key, value);
        }
        settings.colour = when.decide(environment, stdout);
        settings
    }

    /// What stands before the paths of both sides: `a/` and `b/`, or what is configured.
    #[must_use]
    pub fn prefixes(&self) -> (String, String) {
        let (before, after) = self.prefixes.of(self.compared);
        self.direction.of([before, after]).into()
    }

    fn take(&mut self, key: &str, value: &str) {
        match key {
            "diff.context" => self.context = number(value),
            "diff.interhunkcontext" => self.inter_hunk_context = number(value),
            "diff.relative" => self.paths_from = if is_true(value) { PathsFrom::Here } else { PathsFrom::Top },
            "core.quotepath" => self.quoting = if is_true(value) { Quoting::Ascii } else { Quoting::Special },
            "merge.conflictstyle" => self.conflict_style = conflict_style(value),
            _ => {
                self.prefixes.take(key, value);
                self.take_colour(key, value);
            }
        }
    }

    fn take_colour(&mut self, key: &str, value: &str) {
        if let (Some(slot), Some(sequence)) = (slot(&mut self.palette, key), sequence(value)) {
            *slot = sequence;
        }
    }
}

/// A number of lines, which git lets end in `k`, `m` or `g`.
fn number(value: &str) -> Option<usize> {
    usize::try_from(Config::parse_i64(value).ok()?).ok()
}

fn conflict_style(value: &str) -> Option<ConflictStyle> {
    match value {
        "merge" => Some(ConflictStyle::Merge),
        "diff3" => Some(ConflictStyle::Diff3),
        "zdiff3" => Some(ConflictStyle::Zdiff3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terminal() -> Environment {
        Environment { term: Some("xterm".to_owned()), ..Environment::default() }
    }

    fn colour_with(list: &str, environment: &Environment, stdout: Stdout) -> Colour {
        Settings::from_entries(&entries::from_list(list.as_bytes()), environment, stdout).colour
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
        let settings = Settings::from_entries(&entries::from_list(list.as_bytes()), &terminal(), Stdout::Other);
        let expected =
            Settings { palette: Palette { context: "\x1b[34m".to_owned(), ..Palette::git() }, ..Settings::default() };
        assert_eq!(settings, expected);
    }

    #[test]
    fn context_and_style_are_read() {
        let list = "diff.context\n5\0diff.interhunkcontext\n1k\0merge.conflictstyle\nzdiff3\0";
        let settings = Settings::from_entries(&entries::from_list(list.as_bytes()), &terminal(), Stdout::Other);
        assert_eq!((settings.context, settings.inter_hunk_context), (Some(5), Some(1024)));
        assert_eq!(settings.conflict_style, Some(ConflictStyle::Zdiff3));
    }

    fn prefixes_with(list: &str, compared: Compared) -> (String, String) {
        let mut settings = Settings::from_entries(&entries::from_list(list.as_bytes()), &terminal(), Stdout::Other);
        settings.compared = compared;
        settings.prefixes()
    }

    #[test]
    fn prefixes_are_chosen_as_git_chooses_them() {
        let pair = |before: &str, after: &str| (before.to_owned(), after.to_owned());
        let mnemonic = "diff.mnemonicprefix\0diff.srcprefix\nx/\0";
        for (compared, before, after) in [
            (Compared::Unknown, "a/", "b/"),
            (Compared::IndexAndWorkTree, "i/", "w/"),
            (Compared::CommitAndIndex, "c/", "i/"),
            (Compared::CommitAndWorkTree, "c/", "w/"),
            (Compared::BlobAndWorkTree, "o/", "w/"),
            (Compared::Files, "1/", "2/"),
        ] {
            assert_eq!(prefixes_with(mnemonic, compared), pair(before, after));
            assert_eq!(prefixes_with("diff.srcprefix\nx/\0diff.dstprefix\n\0", compared), pair("x/", ""));
            assert_eq!(prefixes_with("diff.mnemonicprefix\0diff.noprefix\ntrue\0", compared), pair("", ""));
        }
    }

    #[test]
    fn words_have_the_colours_of_diff_highlight() {
        let list = "color.diff-highlight.oldhighlight\nbold\0color.diff-highlight.newhighlight\nul\0";
        let settings = Settings::from_entries(&entries::from_list(list.as_bytes()), &terminal(), Stdout::Other);
        let words = (settings.palette.old_word.as_str(), settings.palette.new_word.as_str());
        assert_eq!(words, ("\x1b[1m", "\x1b[4m"));
    }

    #[test]
    fn without_a_repository_there_are_defaults() {
        let missing = Settings::read(Path::new("/no/such/dir"), &terminal(), Stdout::Other);
        assert_eq!(missing, Settings::default());
    }
}
