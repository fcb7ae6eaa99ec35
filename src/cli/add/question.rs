//! What is asked about a change, and which answers there are: git's letters.

use std::ops::Range;

use cellwise::pick::Item;

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

/// The question about one of the changes of a file.
pub(super) struct Question {
    at: usize,
    count: usize,
    what: String,
}

impl Question {
    /// About the change with index `at` of `items`.
    pub(super) fn new(items: &[Item], at: usize) -> Self {
        Self { at, count: items.len(), what: items.get(at).map(what).unwrap_or_default() }
    }

    fn answers(&self) -> impl Iterator<Item = (char, Answer, &'static str)> {
        let (first, last) = (self.at == 0, self.at + 1 == self.count);
        ANSWERS.into_iter().filter(move |(_, answer, _)| match answer {
            Answer::Back => !first,
            Answer::Next => !last,
            _ => true,
        })
    }

    /// `(2/5) Stage cell 7 [y,n,q,a,d,K,J,?]? `
    pub(super) fn prompt(&self) -> String {
        let keys: Vec<String> = self.answers().map(|(key, ..)| key.to_string()).collect();
        format!("({}/{}) Stage {} [{}]? ", self.at + 1, self.count, self.what, keys.join(","))
    }

    /// What a key stands for here, if anything.
    pub(super) fn answer(&self, typed: char) -> Option<Answer> {
        self.answers().find(|(key, ..)| *key == typed).map(|(_, answer, _)| answer)
    }

    /// One line for each key.
    pub(super) fn help(&self) -> String {
        let lines: Vec<String> = self.answers().map(|(key, _, words)| format!("{key} - {words}")).collect();
        lines.join("\n")
    }
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
