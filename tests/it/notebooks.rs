//! Notebooks as people make them, and what people do to them, for the laws.
//!
//! A [`Book`] is what a notebook means, a [`Layout`] how its file looks; [`Book::write`] brings the two together.
//! Strategies begin at [`book`], [`edits`] and [`layout`].

use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};

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

/// A JSON value whose members keep their order and whose numbers keep their spelling.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    /// Anything, as it is to be spelled.
    Raw(String),
    /// A string.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// An object.
    Object(Vec<(String, Self)>),
}

/// How a file is laid out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Layout {
    /// One level of indentation; `None` for one line.
    pub(crate) indent: Option<&'static str>,
    /// The line ends.
    pub(crate) newline: &'static str,
    /// Whether there is white space behind `:` and, on one line, `,`.
    pub(crate) spaced: bool,
    /// Whether what is not ASCII is escaped.
    pub(crate) ascii: bool,
    /// Whether the file ends in a newline.
    pub(crate) final_newline: bool,
    /// Whether the file begins with a byte order mark.
    pub(crate) bom: bool,
    /// Whether a source is one string and no list of lines.
    pub(crate) source_as_string: bool,
    /// Whether the members of objects stand in another order than nbformat's.
    pub(crate) other_order: bool,
}

/// nbformat's own layout.
pub(crate) const USUAL: Layout = Layout {
    indent: Some(" "),
    newline: "\n",
    spaced: true,
    ascii: false,
    final_newline: true,
    bom: false,
    source_as_string: false,
    other_order: false,
};

/// What a cell is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Code.
    Code,
    /// Markdown.
    Markdown,
}

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cell {
    /// Written from nbformat 4.5 on.
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) source: String,
    pub(crate) outputs: Vec<Json>,
    pub(crate) count: Option<u32>,
    pub(crate) metadata: Vec<(String, Json)>,
}

/// A notebook of nbformat 4.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Book {
    pub(crate) minor: u32,
    pub(crate) cells: Vec<Cell>,
    pub(crate) metadata: Vec<(String, Json)>,
}

impl Json {
    /// Puts the key where it sorts, or replaces its value.
    fn set(members: &mut Vec<(String, Self)>, key: &str, value: Self) {
        match members.iter_mut().find(|(known, _)| known == key) {
            Some(member) => member.1 = value,
            None => members.push((key.to_owned(), value)),
        }
        members.sort_by(|one, other| one.0.cmp(&other.0));
    }

    /// How many values this is, itself and those in it.
    pub(crate) fn count(&self) -> usize {
        1 + match self {
            Self::Raw(_) | Self::Text(_) => 0,
            Self::List(items) => items.iter().map(Self::count).sum(),
            Self::Object(members) => members.iter().map(|(_, value)| value.count()).sum(),
        }
    }

    /// The value number `index` of those that [`Json::count`] counts, depth first.
    pub(crate) fn nth_mut(&mut self, index: usize) -> Option<&mut Self> {
        let Some(mut rest) = index.checked_sub(1) else {
            return Some(self);
        };
        let inner: Vec<&mut Self> = match self {
            Self::Raw(_) | Self::Text(_) => Vec::new(),
            Self::List(items) => items.iter_mut().collect(),
            Self::Object(members) => members.iter_mut().map(|(_, value)| value).collect(),
        };
        for value in inner {
            let count = value.count();
            if rest < count {
                return value.nth_mut(rest);
            }
            rest -= count;
        }
        None
    }

    /// The file that holds this value.
    pub(crate) fn file(&self, layout: &Layout) -> Vec<u8> {
        let mut out = String::new();
        if layout.bom {
            out.push('\u{feff}');
        }
        self.write(layout, 0, &mut out);
        if layout.final_newline {
            out.push_str(layout.newline);
        }
        out.into_bytes()
    }

    fn write(&self, layout: &Layout, depth: usize, out: &mut String) {
        match self {
            Self::Raw(raw) => out.push_str(raw),
            Self::Text(text) => write_string(text, layout, out),
            Self::List(items) if items.is_empty() => out.push_str("[]"),
            Self::Object(members) if members.is_empty() => out.push_str("{}"),
            Self::List(items) => write_all(items, ['[', ']'], layout, depth, out, |item, out| {
                item.write(layout, depth + 1, out);
            }),
            Self::Object(members) => {
                let mut members: Vec<&(String, Self)> = members.iter().collect();
                if layout.other_order {
                    members.reverse();
                }
                write_all(&members, ['{', '}'], layout, depth, out, |(key, value), out| {
                    write_string(key, layout, out);
                    out.push_str(if layout.spaced { ": " } else { ":" });
                    value.write(layout, depth + 1, out);
                });
            }
        }
    }
}

fn write_all<T>(
    items: &[T],
    [open, close]: [char; 2],
    layout: &Layout,
    depth: usize,
    out: &mut String,
    write: impl Fn(&T, &mut String),
) {
    let line = |depth: usize| {
        let indent = layout.indent.map(|indent| layout.newline.to_owned() + &indent.repeat(depth));
        indent.unwrap_or_default()
    };
    let comma = if layout.indent.is_none() && layout.spaced { ", " } else { "," };
    out.push(open);
    for (index, item) in items.iter().enumerate() {
        out.push_str(if index > 0 { comma } else { "" });
        out.push_str(&line(depth + 1));
        write(item, out);
    }
    out.push_str(&line(depth));
    out.push(close);
}

fn write_string(text: &str, layout: &Layout, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            _ if character < ' ' || (layout.ascii && !character.is_ascii()) => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let written = write!(out, "\\u{unit:04x}");
                    debug_assert!(written.is_ok(), "writing to memory");
                }
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}

/// The lines of a text as nbformat writes them: each but the last with its newline.
fn split_lines(text: &str) -> Json {
    Json::List(text.split_inclusive('\n').map(|line| Json::Text(line.to_owned())).collect())
}

fn number(value: u32) -> Json {
    Json::Raw(value.to_string())
}

fn object(members: &[(&str, Json)]) -> Json {
    Json::Object(members.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
}

impl Cell {
    fn json(&self, minor: u32, layout: &Layout) -> Json {
        let kind = if self.kind == Kind::Code { "code" } else { "markdown" };
        let mut members = vec![("cell_type", Json::Text(kind.to_owned()))];
        if self.kind == Kind::Code {
            members.push(("execution_count", self.count.map_or(Json::Raw("null".to_owned()), number)));
        }
        if minor >= 5 {
            members.push(("id", Json::Text(self.id.clone())));
        }
        members.push(("metadata", Json::Object(self.metadata.clone())));
        if self.kind == Kind::Code {
            members.push(("outputs", Json::List(self.outputs.clone())));
        }
        let source = if layout.source_as_string { Json::Text(self.source.clone()) } else { split_lines(&self.source) };
        members.push(("source", source));
        object(&members)
    }

    /// What running the cell leaves; `run` tells one run from another.
    pub(crate) fn run(&mut self, run: u32) {
        if self.kind != Kind::Code {
            return;
        }
        self.count = Some(run);
        let stream = object(&[
            ("name", Json::Text("stdout".to_owned())),
            ("output_type", Json::Text("stream".to_owned())),
            ("text", split_lines(&format!("run {run}\ndone in 0.{run} s\n"))),
        ]);
        let text = split_lines(&format!("<Figure {run}>"));
        let result = object(&[
            ("data", object(&[("image/png", Json::Text("iVBORw0KGgo=".to_owned())), ("text/plain", text)])),
            ("execution_count", number(run)),
            ("metadata", Json::Object(Vec::new())),
            ("output_type", Json::Text("execute_result".to_owned())),
        ]);
        self.outputs = match (self.source.len() + run as usize) % 3 {
            0 => Vec::new(),
            1 => vec![stream],
            _ => vec![stream, result],
        };
    }
}

impl Cell {
    fn change_kind(&mut self) {
        self.kind = if self.kind == Kind::Code { Kind::Markdown } else { Kind::Code };
        (self.outputs, self.count) = (Vec::new(), None);
    }
}

impl Book {
    /// The notebook as a JSON value.
    pub(crate) fn json(&self, layout: &Layout) -> Json {
        object(&[
            ("cells", Json::List(self.cells.iter().map(|cell| cell.json(self.minor, layout)).collect())),
            ("metadata", Json::Object(self.metadata.clone())),
            ("nbformat", number(4)),
            ("nbformat_minor", number(self.minor)),
        ])
    }

    /// The notebook's file.
    pub(crate) fn write(&self, layout: &Layout) -> Vec<u8> {
        self.json(layout).file(layout)
    }

    /// A copy in which all code was run again.
    pub(crate) fn run_again(&self, run: u32) -> Self {
        let mut book = self.clone();
        book.apply(&Edit::RunAll(run));
        book
    }

    /// A copy with `edits` made, in order.
    pub(crate) fn edited(&self, edits: &[Edit]) -> Self {
        let mut book = self.clone();
        edits.iter().for_each(|edit| book.apply(edit));
        book
    }

    fn insert(&mut self, at: usize, mut cell: Cell) {
        while self.cells.iter().any(|other| other.id == cell.id) {
            cell.id.push('x');
        }
        self.cells.insert(at, cell);
    }

    /// Cuts a cell in two before one of its lines; the new second half was not run.
    fn split(&mut self, at: usize, line: &Index) {
        let lines: Vec<&str> = self.cells[at].source.split('\n').collect();
        let (head, tail) = lines.split_at(line.index(lines.len()));
        let (head, tail) = (head.join("\n"), tail.join("\n"));
        let id = format!("{}s", self.cells[at].id);
        let half = Cell { id, source: tail, outputs: Vec::new(), count: None, ..self.cells[at].clone() };
        self.cells[at].source = head;
        self.insert(at + 1, half);
    }

    /// Appends the next cell of the same type to a cell.
    fn join(&mut self, at: usize) {
        if self.cells.get(at + 1).is_some_and(|next| next.kind == self.cells[at].kind) {
            let next = self.cells.remove(at + 1);
            self.cells[at].source = format!("{}\n{}", self.cells[at].source, next.source);
        }
    }

    fn apply(&mut self, edit: &Edit) {
        match edit {
            Edit::Insert(at, cell) => self.insert(at.index(self.cells.len() + 1), cell.clone()),
            Edit::RunAll(run) => (0..).zip(&mut self.cells).for_each(|(index, cell)| cell.run(run + index)),
            Edit::ClearAll => self.cells.iter_mut().for_each(|cell| {
                cell.count = None;
                cell.outputs.clear();
            }),
            Edit::Renumber => {
                (0..).zip(&mut self.cells).for_each(|(index, cell): (u32, _)| cell.id = index.to_string());
            }
            Edit::NewIds(seed) => (0..).zip(&mut self.cells).for_each(|(index, cell)| cell.id = new_id(*seed, index)),
            Edit::NotebookMetadata(key, value) => Json::set(&mut self.metadata, key, value.clone()),
            Edit::Minor5(seed) if self.minor < 5 => {
                self.minor = 5;
                self.apply(&Edit::NewIds(*seed));
            }
            _ if self.cells.is_empty() => {}
            Edit::Delete(at) => drop(self.cells.remove(at.index(self.cells.len()))),
            Edit::Move(from, len, to) => {
                let from = from.index(self.cells.len());
                let section: Vec<Cell> = self.cells.drain(from..(from + len).min(self.cells.len())).collect();
                let to = to.index(self.cells.len() + 1);
                self.cells.splice(to..to, section);
            }
            Edit::Copy(from, to) => {
                let copy = self.cells[from.index(self.cells.len())].clone();
                self.insert(to.index(self.cells.len() + 1), copy);
            }
            Edit::Split(at, line) => self.split(at.index(self.cells.len()), line),
            Edit::Join(at) => self.join(at.index(self.cells.len())),
            Edit::ChangeKind(at) => {
                let at = at.index(self.cells.len());
                self.cells[at].change_kind();
            }
            Edit::Lines(at, line, change) => {
                let at = at.index(self.cells.len());
                edit_lines(&mut self.cells[at].source, line, change);
            }
            Edit::Run(at, run) => {
                let at = at.index(self.cells.len());
                self.cells[at].run(*run);
            }
            Edit::CellMetadata(at, key, value) => {
                let at = at.index(self.cells.len());
                Json::set(&mut self.cells[at].metadata, key, value.clone());
            }
            Edit::Minor5(_) => {}
        }
    }
}

fn new_id(seed: u32, index: u32) -> String {
    format!("{:08x}", (seed + 1).wrapping_mul(0x9e37_79b9).wrapping_add(index.wrapping_mul(0x85eb_ca6b)))
}

fn edit_lines(source: &mut String, at: &Index, change: &LineChange) {
    let mut lines: Vec<&str> = source.split('\n').collect();
    match change {
        LineChange::Replace(line) => {
            let at = at.index(lines.len());
            lines[at] = line;
        }
        LineChange::Insert(line) => lines.insert(at.index(lines.len() + 1), line),
        LineChange::Delete => drop(lines.remove(at.index(lines.len()))),
    }
    *source = lines.join("\n");
}

/// What somebody does to a notebook.
#[derive(Debug, Clone)]
pub(crate) enum Edit {
    Lines(Index, Index, LineChange),
    Insert(Index, Cell),
    Delete(Index),
    /// From where, how many cells, and where to.
    Move(Index, usize, Index),
    /// A copy and paste, with an id of its own.
    Copy(Index, Index),
    /// Cuts a cell in two before a line.
    Split(Index, Index),
    /// Appends the next cell to a cell.
    Join(Index),
    /// Makes Markdown of code, and code of Markdown.
    ChangeKind(Index),
    Run(Index, u32),
    RunAll(u32),
    ClearAll,
    CellMetadata(Index, &'static str, Json),
    NotebookMetadata(&'static str, Json),
    Renumber,
    NewIds(u32),
    /// Raises a notebook of nbformat 4.4 to 4.5.
    Minor5(u32),
}

/// What somebody does to a line.
#[derive(Debug, Clone)]
pub(crate) enum LineChange {
    Replace(String),
    Insert(String),
    Delete,
}

const SOURCES: [&str; 20] = [
    "import numpy as np\nimport pandas as pd\nimport matplotlib.pyplot as plt",
    "df = pd.read_csv('data/train.csv')\ndf.head()",
    "def normalise(x):\n    \"\"\"Scale to mean 0 and variance 1.\"\"\"\n    mean = x.mean()\n    std = x.std()\n    \n    return (x - mean) / std\n",
    "for epoch in range(10):\n    loss = train(model, loader)\n    print(epoch, loss)\n\nmodel.eval()",
    "plt.plot(history['loss'], label='loss')\nplt.legend()\nplt.show()",
    "x = 1",
    "",
    "df.describe()",
    "# Results\n\nThe model reaches **0.93** – naïve baselines: 0.71.\n\n- first\n- second",
    "## Données\n\n数据来自传感器 📈",
    "Title\n=======\n\ntext",
    "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> side",
    "# %% code\nprint('jupytext')\n# hidden: outputs 123456",
    "print(\"\\u001b[1m\")  \u{1b}[0m\r\nprint('C:\\\\temp\\\\n')",
    "\n\n",
    "%%bash\nls -l",
    "x = [\n    1,\n    2,\n    3,\n]\n",
    "model = Sequential([\n    Dense(64, activation='relu'),\n    Dense(1),\n])\nmodel.compile(optimizer='adam', loss='mse')",
    "plt.show()",
    "assert normalise(df['x']).abs().max() < 4\t# sanity",
];

const LINES: [&str; 12] = [
    "x = 1",
    "x = 2",
    "",
    "    return x",
    "print(x)",
    "import seaborn as sns",
    "plt.show()",
    "======= and more",
    "- third",
    "# %% markdown",
    "été = 'ø'",
    "y = np.sin(x) * 0.5",
];

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
    let at = any::<Index>;
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
    let at = any::<Index>;
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
    Picked(Index),
    /// Both put in the same cell, or nearly so: the place, the cell, a line that theirs adds, and how much is alike.
    Insertion(Index, Cell, String, u8),
}

fn shared() -> impl Strategy<Value = Shared> {
    prop_oneof![
        4 => Just(Shared::Nothing),
        1 => edits().prop_map(Shared::Edits),
        1 => any::<Index>().prop_map(Shared::Picked),
        3 => (any::<Index>(), cell(), line(), 0..4u8)
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
    let at = any::<Index>;
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
                let edit = |book: &mut Book| edit_lines(&mut book.cells[index].source, line, &change);
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
