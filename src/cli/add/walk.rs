//! The walk over the changes of a notebook: each is shown, and a key says whether it is staged. Nothing is staged before
//! the last answer, as with `git add -p`.

use std::collections::BTreeSet;
use std::path::Path;

use cellwise::diff::DiffOptions;
use cellwise::git::adding::{Staging, State, Unstaged};
use cellwise::git::settings::{Environment, Settings};
use cellwise::pick::{ChangeDiffs, Changes, Item};
use cellwise::render::{FileHeader, FileSide, PatchOptions, terminal_part};

use super::super::compare::patch_options;
use super::super::keys::{Answers, Key, Keyboard};
use super::super::screen::Screen;
use super::super::{output, show};
use super::question::{Answer, answers, prompt};
use super::versions::Versions;

/// How the walk over a file ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// All is decided, and staged.
    Done,
    /// Somebody had enough, or there is nobody to answer; what was chosen until then is staged.
    Quit,
    /// By Ctrl-C: nothing of this file is staged.
    Interrupted,
}

/// What becomes of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    Undecided,
    Stage,
    Leave,
}

/// A walk over files.
pub(super) struct Stroll {
    keyboard: Keyboard,
    screen: Screen,
    settings: Settings,
    options: PatchOptions,
}

impl Stroll {
    pub(super) fn new() -> Self {
        let settings = Settings::read(Path::new(""), &Environment::of_process(), show::stdout());
        let (screen, options) = (Screen::with(&settings), patch_options(&settings));
        Self { keyboard: Keyboard::open(), screen, settings, options }
    }

    /// Asks about each change of a file, and stages those that were wanted.
    ///
    /// # Errors
    /// Its cells cannot be staged one by one, or git refuses; the index is as it was.
    pub(super) fn walk(&mut self, staging: &Staging, file: &Unstaged) -> anyhow::Result<Ended> {
        let versions = Versions::read(staging, file)?;
        let (old, new) = versions.notebooks()?;
        let changes = Changes::of(&old, &new);
        let mut choices = vec![Choice::Undecided; changes.items().len()];
        let ended = self.ask_all(&changes, &self.header(file), &mut choices);
        let chosen = choices.iter().enumerate().filter(|(_, choice)| **choice == Choice::Stage);
        let chosen: BTreeSet<usize> = chosen.map(|(item, _)| item).collect();
        if ended != Ended::Interrupted && !chosen.is_empty() {
            let said = versions.stage(staging, file, &changes, &chosen)?;
            output::write(said.as_bytes())?;
        }
        Ok(ended)
    }

    /// The header that stands above the changes of a file. What becomes of its mode is not asked.
    fn header(&self, file: &Unstaged) -> FileHeader {
        let path = file.path.as_os_str().as_encoded_bytes().to_vec();
        let mode = Some(format!("{:06o}", file.mode));
        let after = FileSide { path, mode, oid: String::new() };
        let is_new = file.state == State::Intended;
        let before = FileSide { mode: after.mode.clone().filter(|_| !is_new), ..after.clone() };
        let mut header = FileHeader::new(before, after);
        (header.prefixes, header.quoting) = (self.settings.prefixes(), self.settings.quoting);
        header
    }

    fn ask_all(&mut self, changes: &Changes<'_>, header: &FileHeader, choices: &mut [Choice]) -> Ended {
        let mut diffs = ChangeDiffs::new(changes, &DiffOptions::default());
        let mut shown = Vec::new();
        header.push_extended(&self.options.palette, &mut shown);
        header.push_names(&self.options.palette, &mut shown);
        let mut at = 0;
        while at < choices.len() {
            if changes.items()[at] == Item::Layout && choices[..at].iter().any(|choice| *choice != Choice::Stage) {
                // It comes only with all the rest.
                return Ended::Done;
            }
            terminal_part(diffs.of(at), header, &self.options, &mut shown);
            let answer = self.ask(&prompt(changes.items(), at), &answers(changes.items(), at), &shown);
            shown.clear();
            match answer {
                Ok(Answer::Stage) => choices[at] = Choice::Stage,
                Ok(Answer::Leave) => choices[at] = Choice::Leave,
                Ok(Answer::Quit) => return Ended::Quit,
                Ok(Answer::StageRest) => return decide(&mut choices[at..], Choice::Stage),
                Ok(Answer::LeaveRest) => return decide(&mut choices[at..], Choice::Leave),
                Ok(Answer::Next | Answer::Help) => {}
                Ok(Answer::Back) => {
                    at = at.saturating_sub(1);
                    continue;
                }
                Err(ended) => return ended,
            }
            at += 1;
        }
        Ended::Done
    }

    /// Shows a change and asks until there is an answer.
    fn ask(&mut self, prompt: &str, answers: &Answers<Answer>, shown: &[u8]) -> Result<Answer, Ended> {
        output::write(shown).ok();
        loop {
            self.screen.ask(prompt);
            let answer = match self.keyboard.key() {
                Key::End => {
                    self.screen.say("");
                    return Err(Ended::Quit);
                }
                Key::Interrupt => {
                    self.screen.say("");
                    return Err(Ended::Interrupted);
                }
                Key::Again => {
                    output::write(shown).ok();
                    continue;
                }
                Key::Other => None,
                Key::Character(character) => {
                    self.screen.echo(character);
                    answers.answer(character)
                }
            };
            match answer {
                Some(Answer::Help) | None => self.screen.say(&answers.help()),
                Some(answer) => return Ok(answer),
            }
        }
    }
}

/// Decides about a change and all later ones about which nobody has.
fn decide(choices: &mut [Choice], choice: Choice) -> Ended {
    let (first, later) = choices.split_at_mut(1);
    first.fill(choice);
    later.iter_mut().filter(|choice| **choice == Choice::Undecided).for_each(|undecided| *undecided = choice);
    Ended::Done
}
