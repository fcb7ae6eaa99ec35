//! What a merge did, for people: one line.

use std::collections::{HashMap, HashSet};

use crate::merge::{Choice, ChoiceKind, Conflict, StaleCell, Subject, Taken};

use super::merge_report::{MergeReport, Method};

/// More than this many conflicts or choices of different things are only counted.
const NAMED: usize = 5;

/// What a person should know of the merge of `name`; `None` if nothing.
#[must_use]
pub fn merge_line(name: &str, report: &MergeReport) -> Option<String> {
    if let Method::Lines { reason, conflicts } = &report.method {
        let then = if *conflicts { "conflicts are marked in its text" } else { "without conflicts" };
        return Some(format!("{name}: merged line by line, {then}: {reason}"));
    }
    let conflicts = (!report.conflicts.is_empty()).then(|| listed(&report.conflicts));
    let still_open = (report.still_open > 0).then(|| {
        format!("{} from an earlier merge still open (see cellwise check)", counted(report.still_open, "conflict"))
    });
    let merged = if conflicts.is_none() { "merged; " } else { "" };
    let said = [conflicts, still_open, settled(&report.choices), stale(&report.stale)];
    let said: Vec<String> = said.into_iter().flatten().collect();
    (!said.is_empty()).then(|| format!("{name}: {merged}{}", said.join("; ")))
}

/// `2 conflicts: cell 4 (source), cell 9 (delete/edit)`
fn listed(conflicts: &[Conflict]) -> String {
    let places = conflicts.iter().map(|conflict| format!("cell {} ({})", conflict.cell, conflict.kind.name()));
    format!("{}: {}", counted(conflicts.len(), "conflict"), some_of(places.collect()))
}

/// `settled by rule: outputs of 3 cells (2 ours, 1 emptied), language_info (theirs)`
fn settled(choices: &[Choice]) -> Option<String> {
    let mut groups: Vec<(Heading<'_>, Vec<&Choice>)> = Vec::new();
    let mut places = HashMap::new();
    let mut told = HashSet::new();
    // A count without outputs is nothing that anybody would look up.
    for choice in choices.iter().filter(|choice| choice.kind != ChoiceKind::ExecutionCount) {
        let heading = Heading::of(choice);
        let place = *places.entry(heading).or_insert_with(|| {
            groups.push((heading, Vec::new()));
            groups.len() - 1
        });
        // A cell counts once, however many of its keys are settled.
        if told.insert((place, choice.subject)) {
            groups[place].1.push(choice);
        }
    }
    groups.sort_by_key(|(heading, _)| heading.kind);
    let phrases: Vec<String> = groups.iter().map(|(heading, group)| heading.phrase(group)).collect();
    (!phrases.is_empty()).then(|| format!("settled by rule: {}", some_of(phrases)))
}

/// `outputs of 3 cells may be out of date`
fn stale(cells: &[StaleCell]) -> Option<String> {
    match cells {
        [] => None,
        [only] => Some(format!("outputs of cell {} may be out of date", only.cell)),
        cells => Some(format!("outputs of {} cells may be out of date", cells.len())),
    }
}

/// Choices that are told together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Heading<'c> {
    kind: ChoiceKind,
    /// What they settled, in the singular.
    what: &'c str,
    /// Whether they are about cells, and not about the notebook.
    of_cells: bool,
}

impl<'c> Heading<'c> {
    fn of(choice: &'c Choice) -> Self {
        let what = match choice.kind {
            ChoiceKind::Outputs => "outputs",
            ChoiceKind::ExecutionCount => "execution_count",
            ChoiceKind::Id => "id",
            ChoiceKind::NewId | ChoiceKind::RepeatedId => "new id",
            ChoiceKind::WhiteSpace => "white space",
            ChoiceKind::Position => "place",
            ChoiceKind::Deletion => "deletion",
            ChoiceKind::NbformatMinor => "nbformat_minor",
            // `kernelspec` says enough of `metadata.kernelspec.display_name`.
            ChoiceKind::Metadata => {
                choice.path.iter().map(String::as_str).find(|key| *key != "metadata").unwrap_or("metadata")
            }
        };
        // Both kinds of new id are one to people.
        let kind = if choice.kind == ChoiceKind::RepeatedId { ChoiceKind::NewId } else { choice.kind };
        Self { kind, what, of_cells: choice.subject != Subject::Notebook }
    }

    /// `outputs of cell 4 (ours)`, `ids of 3 cells (2 base, 1 ours)`
    fn phrase(&self, group: &[&Choice]) -> String {
        let what = self.what;
        let subject = match group {
            _ if !self.of_cells => what.to_owned(),
            [Choice { subject: Subject::Cell(cell), .. }] => format!("{what} of cell {cell}"),
            [_] => format!("{what} of 1 cell"),
            many => format!("{} of {} cells", self.plural(), many.len()),
        };
        format!("{subject}{}", taken(group))
    }

    fn plural(&self) -> String {
        let plural = matches!(self.kind, ChoiceKind::Outputs | ChoiceKind::Metadata | ChoiceKind::WhiteSpace);
        format!("{}{}", self.what, if plural { "" } else { "s" })
    }
}

/// What became of outputs that neither side has.
const EMPTIED: &str = "emptied";

/// ` (ours)`, ` (2 ours, 1 emptied)`; nothing where nobody had a value.
fn taken(group: &[&Choice]) -> String {
    let in_order = ["ours", "theirs", "base", EMPTIED].into_iter();
    let counts = in_order.map(|word| (word, group.iter().filter(|choice| taken_word(choice) == Some(word)).count()));
    let counts: Vec<(&str, usize)> = counts.filter(|(_, count)| *count > 0).collect();
    match counts.as_slice() {
        [] => String::new(),
        [(word, _)] => format!(" ({word})"),
        counts => {
            let parts: Vec<String> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
            format!(" ({})", parts.join(", "))
        }
    }
}

fn taken_word(choice: &Choice) -> Option<&'static str> {
    match (choice.taken, choice.kind) {
        (Taken::Neither, ChoiceKind::Outputs) => Some(EMPTIED),
        (taken, _) => taken.name(),
    }
}

/// The first of these, and how many more there are.
fn some_of(mut phrases: Vec<String>) -> String {
    let more = phrases.len().saturating_sub(NAMED);
    phrases.truncate(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", phrases.join(", "))
}

/// `1 conflict`, `2 conflicts`
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
