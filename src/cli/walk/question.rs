//! Which answers a conflict has.

use cellwise::merge::Sides;
use cellwise::notebook::Role;
use cellwise::resolve::{Take, settle, suggest_words};

use super::super::keys::Answers;
use super::Turn;

/// What a key stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Take(Take),
    Words,
    Edit,
    Skip,
    Undo,
    Page,
    Quit,
    Help,
}

/// Every answer, in the order of the prompt: its key, and what it does.
const ANSWERS: [(char, Answer, &str); 11] = [
    ('o', Answer::Take(Take::Ours), "take ours"),
    ('t', Answer::Take(Take::Theirs), "take theirs"),
    ('b', Answer::Take(Take::Base), "take the base: what both sides began with"),
    ('u', Answer::Take(Take::Union), "take both, ours first"),
    ('w', Answer::Words, "take the words of both: shows them and asks"),
    ('e', Answer::Edit, "edit the cell in your editor"),
    ('s', Answer::Skip, "skip: leave this conflict open"),
    ('z', Answer::Undo, "undo the last answer"),
    ('p', Answer::Page, "show all of it in the pager"),
    ('q', Answer::Quit, "quit; what is settled stays so"),
    ('?', Answer::Help, "this help"),
];

/// The answers that one conflict has. `is_cut`: whether the screen did not hold all; `undo`: whether there was an answer
/// before.
pub(super) fn answers(turn: &Turn<'_>, is_cut: bool, undo: bool) -> Answers<Answer> {
    let applies = |answer: Answer| match answer {
        Answer::Take(take) => settle(turn.notebook, turn.open, turn.remerge, take).is_ok(),
        Answer::Words => turn.remerge.is_some_and(|remerge| suggest_words(turn.notebook, turn.open, remerge).is_some()),
        Answer::Edit => {
            let cell = turn.notebook.cells.get(turn.open.cell - 1);
            cell.and_then(|cell| cell.record()).is_some_and(|record| record.role == Role::Cell)
        }
        Answer::Undo => undo,
        Answer::Page => is_cut,
        Answer::Skip | Answer::Quit | Answer::Help => true,
    };
    let Sides { ours, theirs, .. } = turn.view.sides;
    let words = |answer: Answer, words: &str| match answer {
        Answer::Take(Take::Ours) if !ours.is_empty() => format!("{words}: {ours}"),
        Answer::Take(Take::Theirs) if !theirs.is_empty() => format!("{words}: {theirs}"),
        _ => words.to_owned(),
    };
    let answers = ANSWERS.into_iter().filter(|(_, answer, _)| applies(*answer));
    answers.map(|(key, answer, said)| (key, answer, words(answer, said))).collect()
}
