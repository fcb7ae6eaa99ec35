//! Three-way merges.

use std::collections::{BTreeMap, HashSet};

use arbitrary::Unstructured;
use cellwise::json::text;
use cellwise::merge::{
    ChoiceKind, MergeOptions, MergeOutcome, OutputsPolicy, Sides, Subject, Taken, merge, merge_unread,
};
use cellwise::notebook::{Cell, CellKind, Notebook};

use super::made::{self, Merge};
use super::{keep_merge, read, shown, source_lines, sources, texts};

/// Base, ours and theirs; no base if it is empty.
pub(crate) type Files<'f> = [&'f [u8]; 3];

/// Three versions of a made-up notebook.
pub(super) fn target(input: &[u8]) {
    let Merge { files, options } = made::merge(&mut Unstructured::new(input));
    let files = files.each_ref().map(Vec::as_slice);
    keep_merge(files);
    a_side_alone_is_the_result(files, &options);
    the_result_is_a_notebook(files, &options);
    no_line_is_lost_and_none_is_made_up(files, &options);
    outputs_leave_sources_alone(files, &options);
    the_answer_is_mirrored(files);
    what_is_told_is_mirrored(files);
    what_is_told_is_there(files);
    each_conflict_is_found_again(files);
}

/// Any three files: a notebook in which no line is lost, or the reason why not.
pub(super) fn bytes_target(input: &[u8]) {
    let files = texts::<3>(input);
    keep_merge(files);
    let [base, ours, theirs] = files.map(|file| Notebook::read(file).ok());
    let (Some(ours), Some(theirs)) = (ours, theirs) else { return };
    if base.is_none() && !files[0].is_empty() {
        return;
    }
    let options = MergeOptions::default();
    let Ok(outcome) = merge(base.as_ref(), &ours, &theirs, &options) else { return };
    read(&outcome.bytes);
    assert_eq!(merge(base.as_ref(), &ours, &theirs, &options).as_ref(), Ok(&outcome));
    a_side_alone_is_the_result(files, &options);
    no_line_is_lost(files, &outcome);
    if let Ok(mirrored) = merge(base.as_ref(), &theirs, &ours, &options) {
        read(&mirrored.bytes);
        no_line_is_lost(files, &mirrored);
    }
}

pub(crate) fn merged_with(options: &MergeOptions, base: &[u8], ours: &[u8], theirs: &[u8]) -> MergeOutcome {
    let base = (!base.is_empty()).then(|| read(base));
    merge(base.as_ref(), &read(ours), &read(theirs), options).expect("notebooks that go together")
}

fn merged([base, ours, theirs]: Files<'_>) -> MergeOutcome {
    merged_with(&MergeOptions::default(), base, ours, theirs)
}

fn mirrored([base, ours, theirs]: Files<'_>) -> MergeOutcome {
    merged([base, theirs, ours])
}

pub(crate) fn conflict_kinds(outcome: &MergeOutcome) -> Vec<&'static str> {
    let mut kinds: Vec<_> = outcome.conflicts.iter().map(|conflict| conflict.kind.name()).collect();
    kinds.sort_unstable();
    kinds
}

/// `merge(b, x, b) = merge(b, b, x) = merge(b, x, x) = x`, byte for byte.
pub(crate) fn a_side_alone_is_the_result([base, ours, theirs]: Files<'_>, options: &MergeOptions) {
    let merged = |base, ours, theirs| shown(&merged_with(options, base, ours, theirs).bytes);
    if !base.is_empty() {
        assert_eq!(merged(base, ours, base), shown(ours));
        assert_eq!(merged(base, base, theirs), shown(theirs));
    }
    assert_eq!(merged(base, ours, ours), shown(ours));
    assert_eq!(merge_unread(&Sides { base, ours, theirs: ours }), Some(ours));
}

/// Whichever outputs are asked for, sources and conflicts are the same.
pub(crate) fn outputs_leave_sources_alone([base, ours, theirs]: Files<'_>, options: &MergeOptions) {
    let usual = MergeOptions { outputs: OutputsPolicy::default(), ..options.clone() };
    let [one, other] = [&usual, options].map(|options| merged_with(options, base, ours, theirs));
    assert_eq!(sources(&one.bytes), sources(&other.bytes));
    assert_eq!(one.conflicts, other.conflicts);
}

/// With the sides swapped there are the same conflicts, and without any the same cells.
pub(crate) fn the_answer_is_mirrored(files: Files<'_>) {
    let (one, other) = (merged(files), mirrored(files));
    let [mut kinds, mut mirrored_kinds] = [&one, &other].map(conflict_kinds);
    // What stands between two deleted cells makes two conflicts of one, and where it stands may be ours to say.
    if [&one, &other].into_iter().any(|outcome| has(outcome, ChoiceKind::Position)) {
        kinds.dedup();
        mirrored_kinds.dedup();
    }
    assert_eq!(kinds, mirrored_kinds);
    if one.conflicts.is_empty() {
        let [one, other] = [one, other].map(|outcome| {
            // In which order equals stand is ours to say, and which empty lines stand at a cut; how many empty cells
            // nobody minds.
            let cells = sources(&outcome.bytes).into_iter().map(|(kind, source)| (kind, source.trim().to_owned()));
            let mut cells: Vec<_> = cells.filter(|(_, source)| !source.is_empty()).collect();
            cells.sort();
            cells
        });
        assert_eq!(one, other);
    }
}

/// How often each thing was settled, and how often for ours and for theirs, but for the kinds that are ours to say.
fn settled(outcome: &MergeOutcome) -> BTreeMap<(ChoiceKind, Vec<String>), [usize; 3]> {
    let mut settled: BTreeMap<_, [usize; 3]> = BTreeMap::new();
    for choice in outcome.choices.iter().filter(|choice| !OURS_TO_SAY.contains(&choice.kind)) {
        let counts = settled.entry((choice.kind, choice.path.clone())).or_default();
        counts[0] += 1;
        counts[1] += usize::from(choice.taken == Taken::Ours);
        counts[2] += usize::from(choice.taken == Taken::Theirs);
    }
    settled
}

/// Where equals stand is ours to say, and so is which of two ids a new cell gets.
const OURS_TO_SAY: [ChoiceKind; 2] = [ChoiceKind::Position, ChoiceKind::RepeatedId];

fn has(outcome: &MergeOutcome, kind: ChoiceKind) -> bool {
    outcome.choices.iter().any(|choice| choice.kind == kind)
}

/// With the sides swapped, what was settled for ours is settled for theirs.
pub(crate) fn what_is_told_is_mirrored(files: Files<'_>) {
    let (one, other) = (merged(files), mirrored(files));
    let is_blank = |file: &[u8]| sources(file).iter().any(|(_, source)| source.trim().is_empty());
    // Of two that changed their order, it is not told where an empty one stands.
    if !is_blank(files[1]) && !is_blank(files[2]) {
        assert_eq!(has(&one, ChoiceKind::Position), has(&other, ChoiceKind::Position));
    }
    // Where two cells have one id, it is ours to say which of them it is, and with it what was settled of either.
    if [&one, &other].into_iter().any(|outcome| has(outcome, ChoiceKind::RepeatedId)) {
        return;
    }
    let (settled_one, settled_other) = (settled(&one), settled(&other));
    assert!(settled_one.keys().eq(settled_other.keys()), "{settled_one:?} {settled_other:?}");
    for (what, counts) in &settled_one {
        let mirrored = settled_other[what];
        assert_eq!(counts[0], mirrored[0], "{what:?}");
        // What is theirs' on one way is ours' on the other; what is ours' may be so for want of a better.
        assert!(counts[2] <= mirrored[1] && mirrored[2] <= counts[1], "{what:?}");
    }
    let mut kinds = one.choices.iter().map(|choice| choice.kind);
    // Places and runs may be ours' for want of a better, and of equal cells which one is which.
    let same_order = sources(&one.bytes) == sources(&other.bytes) && counts(&one.bytes) == counts(&other.bytes);
    if one.conflicts.is_empty() && same_order && kinds.all(|kind| kind > ChoiceKind::Position) {
        assert_eq!(one.stale.len(), other.stale.len());
    }
}

fn counts(file: &[u8]) -> Vec<Option<String>> {
    read(file).cells.iter().map(|cell| cell.execution_count().map(str::to_owned)).collect()
}

/// What is told of a cell is told of one that is there.
pub(crate) fn what_is_told_is_there(files: Files<'_>) {
    let [_, ours, theirs] = files;
    let outcome = merged(files);
    let notebook = read(&outcome.bytes);
    let id = |cell: usize| notebook.cells[cell - 1].id().map(|raw| shown(&text::decode(raw)));
    for choice in &outcome.choices {
        match choice.subject {
            Subject::Notebook => assert_eq!(choice.id, None),
            Subject::Cell(cell) => assert_eq!(choice.id, id(cell)),
            Subject::Deleted(cell) => {
                let kept = [theirs, ours][usize::from(choice.taken == Taken::Theirs)];
                assert!(cell <= read(kept).cells.len());
            }
        }
    }
    for stale in &outcome.stale {
        assert_eq!(stale.id, id(stale.cell));
        let outputs = notebook.cells[stale.cell - 1].outputs();
        assert!(outputs.is_some_and(|outputs| outputs != "[]"));
    }
}

/// Every line that a side added or kept is in the result, and none is that no side has.
pub(crate) fn no_line_is_lost_and_none_is_made_up(files: Files<'_>, options: &MergeOptions) {
    let [base, ours, theirs] = files;
    let outcome = merged_with(options, base, ours, theirs);
    no_line_is_lost(files, &outcome);
    let (our_lines, their_lines) = (source_lines(ours), source_lines(theirs));
    let markers = !outcome.conflicts.is_empty();
    for line in source_lines(&outcome.bytes).keys() {
        let known = our_lines.contains_key(line) || their_lines.contains_key(line);
        assert!(known || markers, "made up: {}", shown(line));
    }
}

fn no_line_is_lost([base, ours, theirs]: Files<'_>, outcome: &MergeOutcome) {
    let base_lines = if base.is_empty() { BTreeMap::new() } else { source_lines(base) };
    let (our_lines, their_lines) = (source_lines(ours), source_lines(theirs));
    let result = source_lines(&outcome.bytes);
    for line in our_lines.keys().chain(their_lines.keys()) {
        let times = base_lines.get(line).copied().unwrap_or(0);
        let kept_by_both = our_lines.contains_key(line) && their_lines.contains_key(line);
        if times == 0 || (times == 1 && kept_by_both) {
            assert!(result.contains_key(line), "lost: {}", shown(line));
        }
    }
}

/// The result is the same each time, and a notebook that nbformat takes: the higher version, unique ids from 4.5 on,
/// and in each cell the members of its type.
pub(crate) fn the_result_is_a_notebook([base, ours, theirs]: Files<'_>, options: &MergeOptions) {
    let outcome = merged_with(options, base, ours, theirs);
    assert_eq!(merged_with(options, base, ours, theirs), outcome);
    let text = shown(&outcome.bytes);
    let value: serde_json::Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).expect("JSON");
    assert!(value["nbformat"] == 4);
    let notebook = read(&outcome.bytes);
    assert_eq!(notebook.version(), read(ours).version().max(read(theirs).version()));
    let ids: Vec<&str> = notebook.cells.iter().filter_map(Cell::id).collect();
    let unique: HashSet<&&str> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len());
    let wanted = if notebook.version().has_ids() { notebook.cells.len() } else { 0 };
    assert_eq!(ids.len(), wanted);
    for cell in &notebook.cells {
        let is_code = cell.kind() == CellKind::Code;
        assert_eq!(cell.get("outputs").is_some(), is_code);
        assert_eq!(cell.get("execution_count").is_some(), is_code);
        assert!(cell.source().is_some() && cell.metadata().is_some());
    }
}

/// The conflicts that are told are those that the file itself tells of.
pub(crate) fn each_conflict_is_found_again(files: Files<'_>) {
    let outcome = merged(files);
    let notebook = read(&outcome.bytes);
    let records = notebook.cells.iter().enumerate().filter_map(|(index, cell)| Some((index + 1, cell.unresolved()?)));
    let mut found: BTreeMap<usize, (usize, &str)> = BTreeMap::new();
    for (cell, record) in records {
        found.entry(record.number).or_insert((cell, record.kind.name()));
    }
    let told: Vec<_> = outcome.conflicts.iter().map(|conflict| (conflict.cell, conflict.kind.name())).collect();
    assert_eq!(found.keys().copied().collect::<Vec<_>>(), (1..=told.len()).collect::<Vec<_>>());
    assert_eq!(found.into_values().collect::<Vec<_>>(), told);
}
