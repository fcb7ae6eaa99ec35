//! Notebooks as people make them, and what people do to them.
//!
//! A [`Book`] is what a notebook means, a [`Layout`] how its file looks; [`Book::write`] brings the two together.

use std::fmt::Write as _;

/// A place among things of which nobody knows yet how many there are: 0 is the first, the highest number the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct At(pub(crate) u16);

impl At {
    /// The place among `len` things; 0 if there are none.
    pub(crate) const fn index(self, len: usize) -> usize {
        (self.0 as usize * len) >> u16::BITS
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
    pub(crate) fn set(members: &mut Vec<(String, Self)>, key: &str, value: Self) {
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
pub(crate) fn split_lines(text: &str) -> Json {
    Json::List(text.split_inclusive('\n').map(|line| Json::Text(line.to_owned())).collect())
}

pub(crate) fn number(value: u32) -> Json {
    Json::Raw(value.to_string())
}

pub(crate) fn object(members: &[(&str, Json)]) -> Json {
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
    pub(crate) fn change_kind(&mut self) {
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

    pub(crate) fn insert(&mut self, at: usize, mut cell: Cell) {
        while self.cells.iter().any(|other| other.id == cell.id) {
            cell.id.push('x');
        }
        self.cells.insert(at, cell);
    }

    /// Cuts a cell in two before one of its lines; the new second half was not run.
    fn split(&mut self, at: usize, line: At) {
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

    pub(crate) fn apply(&mut self, edit: &Edit) {
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
            Edit::Split(at, line) => self.split(at.index(self.cells.len()), *line),
            Edit::Join(at) => self.join(at.index(self.cells.len())),
            Edit::ChangeKind(at) => {
                let at = at.index(self.cells.len());
                self.cells[at].change_kind();
            }
            Edit::Lines(at, line, change) => {
                let at = at.index(self.cells.len());
                edit_lines(&mut self.cells[at].source, *line, change);
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

pub(crate) fn new_id(seed: u32, index: u32) -> String {
    format!("{:08x}", (seed + 1).wrapping_mul(0x9e37_79b9).wrapping_add(index.wrapping_mul(0x85eb_ca6b)))
}

pub(crate) fn edit_lines(source: &mut String, at: At, change: &LineChange) {
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
    Lines(At, At, LineChange),
    Insert(At, Cell),
    Delete(At),
    /// From where, how many cells, and where to.
    Move(At, usize, At),
    /// A copy and paste, with an id of its own.
    Copy(At, At),
    /// Cuts a cell in two before a line.
    Split(At, At),
    /// Appends the next cell to a cell.
    Join(At),
    /// Makes Markdown of code, and code of Markdown.
    ChangeKind(At),
    Run(At, u32),
    RunAll(u32),
    ClearAll,
    CellMetadata(At, &'static str, Json),
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

pub(crate) const SOURCES: [&str; 20] = [
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

pub(crate) const LINES: [&str; 12] = [
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
