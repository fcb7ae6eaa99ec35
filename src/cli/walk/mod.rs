//! The walk over the conflicts of a notebook: each is shown, a key says what becomes of it, and the file is written.
//!
//! Only lines are printed, one after another, as `git add -p` does: it works in any terminal, and what was shown stays.

mod editor;
mod history;
mod question;
mod screen;

use cellwise::merge::Sides;
use cellwise::notebook::Notebook;
use cellwise::render::ConflictView;
use cellwise::resolve::{OpenConflict, Remerge, open_conflicts, settle, suggest_words, write_source};

use editor::Edited;
use history::History;
use question::{Answer, answers};

use super::keys::{Answers, Key, Keyboard};
use super::screen::Screen;

/// Writes a file: the bytes that it should hold still, and the new ones.
pub(super) type Save<'w> = dyn FnMut(&[u8], &[u8]) -> anyhow::Result<()> + 'w;

/// A conflicted notebook on its way through the walk.
pub(super) struct Walk<'w> {
    /// As messages name it.
    pub(super) name: &'w str,
    /// The file now.
    pub(super) bytes: Vec<u8>,
    /// The merge that left the conflicts, where git has the versions.
    pub(super) remerge: Option<&'w Remerge<'w>>,
    /// What the sides are, in a few plain words (`your branch main`, `commit 1a2b3c4 (Fix plot), which is picked`).
    pub(super) sides: &'w Sides<String>,
    /// Puts new bytes in the place of the old ones, on disk.
    pub(super) save: &'w mut Save<'w>,
}

/// How a walk ended. What was settled is on disk in each case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// No conflict is open.
    Settled,
    /// So many are open: they were skipped.
    Left(usize),
    /// So many are open: somebody had enough, or there is nobody to answer.
    Quit(usize),
    /// The same by Ctrl-C.
    Interrupted(usize),
}

impl Walk<'_> {
    /// Asks about each conflict that is open, and writes the file after each answer.
    ///
    /// # Errors
    /// The file could not be written; it is as it was after the answer before.
    pub(super) fn run(&mut self) -> anyhow::Result<Ended> {
        let of = Notebook::read(&self.bytes).map(|notebook| open_conflicts(&notebook).len())?;
        let mut stroll =
            Stroll { keyboard: Keyboard::open(), screen: Screen::new(), history: History::default(), passed: 0, of };
        let ended = stroll.run(self)?;
        stroll.screen.say(&tally(self.name, of, ended));
        Ok(ended)
    }
}

/// `analysis.ipynb: 3 of 5 conflicts settled`
fn tally(name: &str, of: usize, ended: Ended) -> String {
    match ended {
        Ended::Settled if of == 0 => format!("{name}: nothing is open"),
        Ended::Settled if of == 1 => format!("{name}: the conflict is settled"),
        Ended::Settled => format!("{name}: all {of} conflicts are settled"),
        Ended::Left(open) | Ended::Quit(open) | Ended::Interrupted(open) => {
            format!("{name}: {} of {of} conflicts settled, {open} left", of.saturating_sub(open))
        }
    }
}

/// A walk under way.
struct Stroll {
    keyboard: Keyboard,
    screen: Screen,
    history: History,
    /// How many of the open conflicts were skipped: they stand before the others.
    passed: usize,
    /// How many were open at first.
    of: usize,
}

/// What an answer leads to.
enum Step {
    /// The file gets these bytes.
    Put(Vec<u8>),
    Skip,
    Undo,
    End(Ended),
}

impl Stroll {
    fn run(&mut self, walk: &mut Walk<'_>) -> anyhow::Result<Ended> {
        loop {
            match self.step(walk)? {
                Step::Put(bytes) => {
                    (walk.save)(&walk.bytes, &bytes)?;
                    self.history.push(&walk.bytes, &bytes, self.passed);
                    walk.bytes = bytes;
                }
                Step::Skip => {
                    self.history.push(&walk.bytes, &walk.bytes, self.passed);
                    self.passed += 1;
                }
                Step::Undo => self.undo(walk)?,
                Step::End(ended) => return Ok(ended),
            }
        }
    }

    fn undo(&mut self, walk: &mut Walk<'_>) -> anyhow::Result<()> {
        let Some((bytes, passed)) = self.history.pop(&walk.bytes) else { return Ok(()) };
        if bytes != walk.bytes {
            (walk.save)(&walk.bytes, &bytes)?;
        }
        (walk.bytes, self.passed) = (bytes, passed);
        Ok(())
    }

    /// Shows the next conflict and asks until an answer leads on.
    fn step(&mut self, walk: &Walk<'_>) -> anyhow::Result<Step> {
        let notebook = Notebook::read(&walk.bytes)?;
        let all = open_conflicts(&notebook);
        let Some(open) = all.get(self.passed) else {
            return Ok(Step::End(if all.is_empty() { Ended::Settled } else { Ended::Left(all.len()) }));
        };
        let number = self.of.saturating_sub(all.len()) + self.passed + 1;
        let view = ConflictView { notebook: &notebook, open, remerge: walk.remerge, sides: walk.sides };
        let heading = format!("{}: conflict {number} of {}: {}", walk.name, self.of.max(number), view.title());
        let is_cut = self.screen.show(&heading, &view);
        let undo = !self.history.is_empty();
        let turn = Turn { notebook: &notebook, open, remerge: walk.remerge, view, heading };
        let answers = answers(&turn, is_cut, undo);
        loop {
            self.screen.ask(&format!("Take [{}]? ", answers.keys()));
            let step = match self.keyboard.key() {
                Key::End => {
                    self.screen.say("");
                    Some(Step::End(Ended::Quit(all.len())))
                }
                Key::Interrupt => Some(Step::End(Ended::Interrupted(all.len()))),
                Key::Again => {
                    self.screen.show(&turn.heading, &turn.view);
                    continue;
                }
                Key::Other => self.answer(&turn, &answers, None, all.len()),
                Key::Character(character) => {
                    self.screen.echo(character);
                    self.answer(&turn, &answers, answers.answer(character), all.len())
                }
            };
            match step {
                Some(Step::End(Ended::Interrupted(open))) => {
                    self.screen.say("");
                    return Ok(Step::End(Ended::Interrupted(open)));
                }
                Some(step) => return Ok(step),
                None => {}
            }
        }
    }

    /// What an answer leads to; `None` for one more question.
    fn answer(
        &mut self,
        turn: &Turn<'_>,
        answers: &Answers<Answer>,
        answer: Option<Answer>,
        open: usize,
    ) -> Option<Step> {
        match answer {
            Some(Answer::Take(take)) => {
                let settled = settle(turn.notebook, turn.open, turn.remerge, take);
                settled.map(Step::Put).map_err(|reason| self.screen.complain(&reason.to_string())).ok()
            }
            Some(Answer::Words) => self.propose(turn),
            Some(Answer::Edit) => self.edit(turn, open),
            Some(Answer::Skip) => Some(Step::Skip),
            Some(Answer::Undo) => Some(Step::Undo),
            Some(Answer::Quit) => Some(Step::End(Ended::Quit(open))),
            Some(Answer::Page) => {
                self.keyboard.lend(|| self.screen.page(&turn.heading, &turn.view));
                None
            }
            Some(Answer::Help) | None => {
                self.screen.say(&answers.help());
                None
            }
        }
    }

    /// Shows both sides' words in one, and takes them if that is wanted.
    fn propose(&mut self, turn: &Turn<'_>) -> Option<Step> {
        let source = suggest_words(turn.notebook, turn.open, turn.remerge?)?;
        self.screen.show_proposal(&turn.view, &source);
        self.screen.ask("Take these lines [y,n]? ");
        let Key::Character(character) = self.keyboard.key() else {
            self.screen.say("");
            return None;
        };
        self.screen.echo(character);
        if character != 'y' {
            return None;
        }
        let written = write_source(turn.notebook, turn.open, turn.remerge, &source);
        written.map(Step::Put).map_err(|reason| self.screen.complain(&reason.to_string())).ok()
    }

    fn edit(&mut self, turn: &Turn<'_>, open: usize) -> Option<Step> {
        let cell = turn.notebook.cells.get(turn.open.cell - 1)?;
        let source = cell.source_text();
        let edited = self.keyboard.lend(|| editor::edit(&source, &editor::extension(turn.notebook, cell)));
        let edited = match edited {
            Ok(Edited::Text(text)) => text,
            Ok(Edited::Same) => {
                self.screen.complain("nothing was changed; the conflict stays open");
                return None;
            }
            Ok(Edited::Interrupted) => return Some(Step::End(Ended::Interrupted(open))),
            Err(error) => {
                self.screen.complain(&format!("{error:#}; nothing was changed"));
                return None;
            }
        };
        match write_source(turn.notebook, turn.open, turn.remerge, &edited) {
            Ok(bytes) => {
                if is_open_in(&bytes, turn.open) {
                    self.screen.complain("markers are left in the cell: it is written, and the conflict stays open");
                }
                Some(Step::Put(bytes))
            }
            Err(reason) => {
                self.screen.complain(&reason.to_string());
                None
            }
        }
    }
}

/// Whether the cell of a conflict waits for somebody still.
fn is_open_in(bytes: &[u8], open: &OpenConflict) -> bool {
    let notebook = Notebook::read(bytes).ok();
    let cell = notebook.as_ref().and_then(|notebook| notebook.cells.get(open.cell - 1));
    cell.is_some_and(|cell| cell.unresolved().is_some())
}

/// The conflict that is asked about.
struct Turn<'t> {
    notebook: &'t Notebook<'t>,
    open: &'t OpenConflict,
    remerge: Option<&'t Remerge<'t>>,
    view: ConflictView<'t, 't>,
    heading: String,
}
