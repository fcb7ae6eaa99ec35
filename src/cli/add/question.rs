//! What is asked about a change, and which answers there are: git's letters.

use std::ops::Range;

use cellwise::pick::Item;

use super::super::keys::Answers;

/// What a key stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Stage,
    Leave,
    Quit,
    StageRest,
    LeaveRest,
    Back,
    Next,
    Help,
}

/// Every answer, in the order of the prompt: its key, and what it does.
const ANSWERS: [(char, Answer, &str); 8] = [
    ('y', Answer::Stage, "stage this change"),
    ('n', Answer::Leave, "do not stage this change"),
    ('q', Answer::Quit, "quit; do not stage this change nor any that is left"),
    ('a', Answer::StageRest, "stage this change and all later ones in the file"),
    ('d', Answer::LeaveRest, "do not stage this change nor any later one in the file"),
    ('K', Answer::Back, "go back to the change before"),
    ('J', Answer::Next, "leave this change undecided, see the next one"),
    ('?', Answer::Help, "this help"),
];

/// The question about the change with index `at` of the `items` of a file: `(2/5) Stage cell 7 [y,n,q,a,d,K,J,?]? `
pub(super) fn prompt(items: &[Item], at: usize) -> String {
    let what = items.get(at).map(what).unwrap_or_default();
    format!("({}/{}) Stage {what} [{}]? ", at + 1, items.len(), answers(items, at).keys())
}

/// The answers to it.
pub(super) fn answers(items: &[Item], at: usize) -> Answers<Answer> {
    let applies = |answer: &Answer| match answer {
        Answer::Back => at > 0,
        Answer::Next => at + 1 < items.len(),
        _ => true,
    };
    ANSWERS.into_iter().filter(|(_, answer, _)| applies(answer)).collect()
}

/// `cell 3`, `new cell 3`, `the deletion of old cell 3`, `the metadata`.
fn what(item: &Item) -> String {
    match item {
        Item::Metadata => "the metadata".to_owned(),
        Item::Layout => "the format or layout of all the rest".to_owned(),
        Item::Whole => "all of it, in another format".to_owned(),
        Item::Cells { before, after } if after.is_empty() => format!("the deletion of old {}", cells(before)),
        Item::Cells { before, after } if before.is_empty() => format!("new {}", cells(after)),
        Item::Cells { after, .. } => cells(after),
    }
}

fn cells(cells: &Range<usize>) -> String {
    match cells.len() {
        1 => format!("cell {}", cells.end),
        _ => format!("cells {}-{}", cells.start + 1, cells.end),
    }
}
