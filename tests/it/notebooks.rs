//! Notebooks as people make them, and what people do to them, for the laws: strategies for `targets::model`.
//!
//! Strategies begin at [`book`], [`edits`] and [`layout`].

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};

pub(crate) use crate::targets::model::{At, Book, Cell, Edit, Json, Kind, Layout, LineChange, USUAL};
use crate::targets::model::{LINES, SOURCES, edit_lines, new_id, number, object};

/// Runs `law` on `cases` values of `strategy`, the same ones each time.
///
/// `CELLWISE_CASES` multiplies the number and `CELLWISE_SEED` chooses others, for whoever wants to search longer.
pub(crate) fn check<S: Strategy>(cases: u32, strategy: &S, law: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse().ok());
    let config = Config {
        cases: cases * number("CELLWISE_CASES").unwrap_or(1) as u32,
        rng_seed: RngSeed::Fixed(number("CELLWISE_SEED").unwrap_or(1)),
        failure_persistence: None,
        max_shrink_iters: 4000,
        ..Config::default()
    };
    if let Err(error) = TestRunner::new(config).run(strategy, law) {
        panic!("{error}");
    }
}

/// A place among things.
pub(crate) fn at() -> impl Strategy<Value = At> {
    any::<u16>().prop_map(At)
}

/// A line that may stand elsewhere too, or one of its own.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![select(LINES.as_slice()).prop_map(str::to_owned), "[a-z]{3,8} = [0-9]{1,4}"]
}

/// A source that people would write.
pub(crate) fn source() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(SOURCES.as_slice()).prop_map(str::to_owned),
        2 => prop::collection::vec(line(), 1..8).prop_map(|lines| lines.join("\n")),
    ]
}

fn cell_metadata() -> impl Strategy<Value = (&'static str, Json)> {
    let tags = prop::collection::vec(select(vec!["parameters", "slow", "übung", "hide-input"]), 0..3);
    prop_oneof![
        tags.prop_map(|tags| ("tags", Json::List(tags.into_iter().map(|tag| Json::Text(tag.to_owned())).collect()))),
        any::<bool>().prop_map(|value| ("collapsed", Json::Raw(value.to_string()))),
        select(vec!["slide", "skip"])
            .prop_map(|kind| ("slideshow", object(&[("slide_type", Json::Text(kind.to_owned()))]))),
        (0..4u32).prop_map(|value| ("mine", number(value))),
        any::<bool>().prop_map(|value| ("jupyter", object(&[("outputs_hidden", Json::Raw(value.to_string()))]))),
    ]
}

/// Python of this minor version.
fn language(minor: u32) -> Json {
    object(&[("name", Json::Text("python".to_owned())), ("version", Json::Text(format!("3.{minor}.1")))])
}

fn notebook_metadata() -> impl Strategy<Value = (&'static str, Json)> {
    let kernel = |name: &str| {
        object(&[
            ("display_name", Json::Text(name.to_owned())),
            ("language", Json::Text("python".to_owned())),
            ("name", Json::Text("python3".to_owned())),
        ])
    };
    prop_oneof![
        (7..13u32).prop_map(|minor| ("language_info", language(minor))),
        select(vec!["Python 3", "Python 3 (ipykernel)", ".venv"]).prop_map(move |name| ("kernelspec", kernel(name))),
        select(vec!["A", "B"]).prop_map(|title| ("title", Json::Text(title.to_owned()))),
        (0..3u32).prop_map(|value| ("toc-autonumbering", number(value))),
    ]
}

prop_compose! {
    /// A cell with an id of its own.
    fn cell()(
        id in "[0-9a-f]{8}",
        is_code in prop::bool::weighted(0.7),
        source in source(),
        run in prop::option::of(1..9u32),
        metadata in prop::collection::vec(cell_metadata(), 0..2),
    ) -> Cell {
        let kind = if is_code { Kind::Code } else { Kind::Markdown };
        let mut cell = Cell { id, kind, source, outputs: Vec::new(), count: None, metadata: Vec::new() };
        run.into_iter().for_each(|run| cell.run(run));
        metadata.into_iter().for_each(|(key, value)| Json::set(&mut cell.metadata, key, value));
        cell
    }
}

/// A cell that stands in no notebook that [`book`] makes.
pub(crate) fn new_cell() -> impl Strategy<Value = Cell> {
    (cell(), "new_[a-z]{6}").prop_map(|(cell, line)| Cell { source: format!("{line}\n{}", cell.source), ..cell })
}

/// A notebook of up to `cells` cells.
pub(crate) fn book(cells: usize) -> impl Strategy<Value = Book> {
    let cells = prop::collection::vec(cell(), 0..=cells);
    let metadata = prop::collection::vec(notebook_metadata(), 0..4);
    (select(vec![2, 4, 5, 5, 5]), cells, metadata).prop_map(|(minor, cells, metadata)| {
        let mut book = Book { minor, cells: Vec::new(), metadata: Vec::new() };
        for cell in cells {
            book.insert(book.cells.len(), cell);
        }
        metadata.into_iter().for_each(|(key, value)| Json::set(&mut book.metadata, key, value));
        book
    })
}

/// One edit.
fn edit() -> impl Strategy<Value = Edit> {
    let change = prop_oneof![
        3 => line().prop_map(LineChange::Replace),
        2 => line().prop_map(LineChange::Insert),
        1 => Just(LineChange::Delete),
    ];
    prop_oneof![
        8 => (at(), at(), change).prop_map(|(cell, line, change)| Edit::Lines(cell, line, change)),
        3 => (at(), cell()).prop_map(|(at, cell)| Edit::Insert(at, cell)),
        2 => at().prop_map(Edit::Delete),
        2 => (at(), 1..=2usize, at()).prop_map(|(from, len, to)| Edit::Move(from, len, to)),
        1 => (at(), at()).prop_map(|(from, to)| Edit::Copy(from, to)),
        1 => (at(), at()).prop_map(|(cell, line)| Edit::Split(cell, line)),
        1 => at().prop_map(Edit::Join),
        1 => at().prop_map(Edit::ChangeKind),
        2 => (at(), 1..30u32).prop_map(|(at, run)| Edit::Run(at, run)),
        2 => (1..30u32).prop_map(Edit::RunAll),
        1 => Just(Edit::ClearAll),
        2 => (at(), cell_metadata()).prop_map(|(at, (key, value))| Edit::CellMetadata(at, key, value)),
        1 => notebook_metadata().prop_map(|(key, value)| Edit::NotebookMetadata(key, value)),
        1 => prop_oneof![Just(Edit::Renumber), (0..3u32).prop_map(Edit::NewIds), (0..3u32).prop_map(Edit::Minor5)],
    ]
}

/// One of the things that tools change without being asked.
fn tool_edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        (30..60u32).prop_map(Edit::RunAll),
        (at(), 30..60u32).prop_map(|(at, run)| Edit::Run(at, run)),
        Just(Edit::ClearAll),
        Just(Edit::Renumber),
        (3..6u32).prop_map(Edit::NewIds),
        (3..6u32).prop_map(Edit::Minor5),
        (7..13u32).prop_map(|minor| Edit::NotebookMetadata("language_info", language(minor))),
        (at(), any::<bool>()).prop_map(|(at, value)| Edit::CellMetadata(at, "collapsed", Json::Raw(value.to_string()))),
    ]
}

/// What a side does in which a person changed nothing.
pub(crate) fn tool_edits() -> impl Strategy<Value = Vec<Edit>> {
    prop::collection::vec(tool_edit(), 1..4)
}

/// What one side does.
pub(crate) fn edits() -> impl Strategy<Value = Vec<Edit>> {
    prop::collection::vec(edit(), 0..5)
}

/// How a file may look.
pub(crate) fn layout() -> impl Strategy<Value = Layout> {
    let indent = select(vec![Some(" "), Some("  "), Some("    "), Some("\t"), None]);
    let newline = prop_oneof![4 => Just("\n"), 1 => Just("\r\n")];
    let rarely = || prop::bool::weighted(0.1);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), rarely(), any::<bool>(), rarely());
    let any_layout = (indent, newline, flags).prop_map(|(indent, newline, flags)| Layout {
        indent,
        newline,
        spaced: flags.0,
        ascii: flags.1,
        final_newline: flags.2,
        bom: flags.3,
        source_as_string: flags.4,
        other_order: flags.5,
    });
    prop_oneof![1 => Just(USUAL), 2 => any_layout]
}

/// The three versions of a merge.
#[derive(Debug, Clone)]
pub(crate) struct Versions {
    pub(crate) base: Book,
    pub(crate) ours: Book,
    pub(crate) theirs: Book,
}

/// What both sides have in common beside the base.
#[derive(Debug, Clone)]
enum Shared {
    Nothing,
    /// Both made these changes first.
    Edits(Vec<Edit>),
    /// Ours took over the first changes of theirs, up to this one.
    Picked(At),
    /// Both put in the same cell, or nearly so: the place, the cell, a line that theirs adds, and how much is alike.
    Insertion(At, Cell, String, u8),
}

fn shared() -> impl Strategy<Value = Shared> {
    prop_oneof![
        4 => Just(Shared::Nothing),
        1 => edits().prop_map(Shared::Edits),
        1 => at().prop_map(Shared::Picked),
        3 => (at(), cell(), line(), 0..4u8)
            .prop_map(|(at, cell, line, likeness)| Shared::Insertion(at, cell, line, likeness)),
    ]
}

/// A base and what two sides made of it, who may have some of it in common.
pub(crate) fn versions() -> impl Strategy<Value = Versions> {
    (book(6), edits(), edits(), shared()).prop_map(|(base, ours, theirs, shared)| {
        let both = match &shared {
            Shared::Edits(edits) => base.edited(edits),
            _ => base.clone(),
        };
        let picked = match &shared {
            Shared::Picked(count) => &theirs[..count.index(theirs.len() + 1)],
            _ => &[],
        };
        let (mut ours, mut theirs) = (both.edited(picked).edited(&ours), both.edited(&theirs));
        if let Shared::Insertion(at, cell, line, likeness) = shared {
            let mut other = cell.clone();
            ours.apply(&Edit::Insert(at, cell));
            other.id = if likeness == 0 { other.id } else { new_id(7, u32::from(likeness)) };
            if likeness > 1 {
                other.run(u32::from(likeness) * 5);
            }
            if likeness > 2 {
                other.source = format!("{}\n{line}", other.source);
            }
            theirs.apply(&Edit::Insert(at, other));
        }
        Versions { base, ours, theirs }
    })
}

/// Edits of different cells, which have nothing to do with each other.
#[derive(Debug, Clone)]
pub(crate) struct Apart {
    pub(crate) versions: Versions,
    /// What comes of them together.
    pub(crate) together: Book,
}

/// What a tool does to all ids of a side when it saves.
fn ids_anew() -> impl Strategy<Value = Option<Edit>> {
    prop_oneof![
        2 => Just(None),
        2 => Just(Some(Edit::Renumber)),
        1 => (0..3u32).prop_map(|seed| Some(Edit::NewIds(seed))),
    ]
}

/// A cell of lines that stand nowhere else.
fn telling_cell() -> impl Strategy<Value = Cell> {
    let lines = prop::collection::vec("[a-z]{6} = [0-9]{4}", 4..8);
    (cell(), lines).prop_map(|(cell, lines)| Cell { source: lines.join("\n"), ..cell })
}

/// Each side edits a line in cells of its own; ours also puts one in and moves one, theirs deletes one that ours did
/// not edit; and a tool may give either side, or all, ids of its own.
pub(crate) fn apart() -> impl Strategy<Value = Apart> {
    let edited = (select(vec!["nobody", "ours", "theirs"]), at(), "[a-z]{5} = [0-9]{5}");
    let cells = prop::collection::vec((telling_cell(), edited), 2..8);
    let ours = (prop::option::of((at(), telling_cell())), prop::option::of((at(), at())));
    let minor = select(vec![4, 5, 5, 5]);
    (minor, cells, ours, prop::option::of(at()), [ids_anew(), ids_anew(), ids_anew()]).prop_map(
        |(minor, cells, (inserted, moved), deleted, [base_ids, our_ids, their_ids])| {
            let mut base = Book { minor, cells: Vec::new(), metadata: Vec::new() };
            cells.iter().for_each(|(cell, _)| base.insert(base.cells.len(), cell.clone()));
            base_ids.iter().for_each(|edit| base.apply(edit));
            let (mut ours, mut theirs, mut both) = (base.clone(), base.clone(), base.clone());
            for (index, (_, (who, line, text))) in cells.iter().enumerate() {
                let change = LineChange::Replace(text.clone());
                let edit = |book: &mut Book| edit_lines(&mut book.cells[index].source, *line, &change);
                match *who {
                    "ours" => [&mut ours, &mut both].into_iter().for_each(edit),
                    "theirs" => [&mut theirs, &mut both].into_iter().for_each(edit),
                    _ => {}
                }
            }
            let deleted = deleted.map(|at| at.index(cells.len())).filter(|at| cells[*at].1.0 != "ours");
            if let Some(at) = deleted {
                theirs.cells.remove(at);
                both.cells[at].source.clear();
            }
            let moved = moved.map(|(from, to)| Edit::Move(from, 1, to));
            let inserted = inserted.map(|(at, cell)| Edit::Insert(at, cell));
            for edit in moved.iter().chain(&inserted) {
                ours.apply(edit);
                both.apply(edit);
            }
            both.cells.retain(|cell| !cell.source.is_empty());
            our_ids.iter().for_each(|edit| ours.apply(edit));
            their_ids.iter().for_each(|edit| theirs.apply(edit));
            Apart { versions: Versions { base, ours, theirs }, together: both }
        },
    )
}
