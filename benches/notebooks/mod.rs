//! Made-up notebooks for measuring: the same ones at every run, in the layout that Jupyter writes.

use std::fmt::Write as _;

/// Numbers that look random and are the same everywhere (`SplitMix64`).
pub(crate) struct Dice(u64);

impl Dice {
    /// Dice that give the numbers of `seed`.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap_or(0)
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

/// Whether cells have ids: nbformat 4.5 has them, 4.4 has none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ids {
    /// As nbformat 4.5.
    Given,
    /// As nbformat 4.4.
    Absent,
}

/// What a notebook looks like.
pub(crate) struct Shape {
    /// How many cells it has.
    pub(crate) cells: usize,
    /// How many lines a source has at most; half of that at least.
    pub(crate) lines: usize,
    /// Each how manyth code cell shows a figure.
    pub(crate) figure_each: usize,
    /// The bytes of a figure, in base64.
    pub(crate) figure_bytes: usize,
    /// Whether cells have ids.
    pub(crate) ids: Ids,
}

/// A notebook that is still to be written as JSON.
#[derive(Clone)]
pub(crate) struct Notebook {
    cells: Vec<Cell>,
    ids: Ids,
}

#[derive(Clone)]
struct Cell {
    id: u64,
    kind: Kind,
    source: Vec<String>,
}

#[derive(Clone)]
enum Kind {
    Markdown,
    Code { count: usize, output: Output },
}

#[derive(Clone)]
enum Output {
    Stream(String),
    Figure(String),
}

/// Which side of a merge a notebook is: the two edit different cells.
#[derive(Clone, Copy)]
pub(crate) enum Side {
    /// The version that is merged into.
    Ours,
    /// The version that is merged.
    Theirs,
}

impl Notebook {
    /// A notebook of `shape` with what `dice` give.
    pub(crate) fn new(shape: &Shape, dice: &mut Dice) -> Self {
        let mut codes = 0;
        let cells = (0..shape.cells).map(|index| {
            let id = dice.next();
            let lines = shape.lines / 2 + dice.below(shape.lines / 2 + 1);
            if index % 4 == 0 {
                return Cell { id, kind: Kind::Markdown, source: prose(lines / 3 + 1, dice) };
            }
            codes += 1;
            let output = if codes % shape.figure_each == 0 {
                Output::Figure(base64(shape.figure_bytes, dice))
            } else {
                Output::Stream(format!("{} rows, {} ms", dice.below(100_000), dice.below(1000)))
            };
            Cell { id, kind: Kind::Code { count: codes, output }, source: (0..lines).map(|_| code(dice)).collect() }
        });
        Self { cells: cells.collect(), ids: shape.ids }
    }

    /// A notebook of one code cell with these lines.
    pub(crate) fn of_lines(source: Vec<String>) -> Self {
        let output = Output::Stream("done".to_owned());
        Self { cells: vec![Cell { id: 1, kind: Kind::Code { count: 1, output }, source }], ids: Ids::Given }
    }

    /// The notebook with a line changed in one of twenty cells, none of them a cell that the other side changes.
    pub(crate) fn edited(&self, side: Side, dice: &mut Dice) -> Self {
        let mut edited = self.clone();
        let first = match side {
            Side::Ours => 3,
            Side::Theirs => 8,
        };
        for cell in edited.cells.iter_mut().skip(first).step_by(20) {
            cell.change_line(dice);
        }
        edited
    }

    /// The notebook with a line changed in each of `count` stretches of its first source.
    pub(crate) fn with_lines_edited(&self, count: usize, side: Side) -> Self {
        let mut edited = self.clone();
        let source = &mut edited.cells[0].source;
        let step = (source.len() / count).max(1);
        let first = match side {
            Side::Ours => step / 3,
            Side::Theirs => 2 * step / 3,
        };
        for line in source.iter_mut().skip(first).step_by(step) {
            line.push_str("  # edited");
        }
        edited
    }

    /// The notebook with one character in the middle of its first line changed.
    pub(crate) fn with_character_edited(&self) -> Self {
        let mut edited = self.clone();
        let line = &mut edited.cells[0].source[0];
        let middle = line.len() / 2;
        line.replace_range(middle..=middle, "#");
        edited
    }

    /// The notebook after all cells have run again: other counts, and other texts.
    pub(crate) fn run_again(&self, dice: &mut Dice) -> Self {
        let mut again = self.clone();
        for cell in &mut again.cells {
            let Kind::Code { count, output } = &mut cell.kind else { continue };
            *count += 40;
            if let Output::Stream(text) = output {
                *text = format!("{} rows, {} ms", dice.below(100_000), dice.below(1000));
            }
        }
        again
    }

    /// The notebook with another first figure, of the same size.
    pub(crate) fn with_other_figure(&self, dice: &mut Dice) -> Self {
        let mut edited = self.clone();
        let image = edited.cells.iter_mut().find_map(|cell| match &mut cell.kind {
            Kind::Code { output: Output::Figure(image), .. } => Some(image),
            _ => None,
        });
        if let Some(image) = image {
            *image = base64(image.len() / 4 * 3, dice);
        }
        edited
    }

    /// The notebook with a line changed in every source, and its last third moved to the front.
    pub(crate) fn turned_over(&self, dice: &mut Dice) -> Self {
        let mut turned = self.clone();
        for cell in &mut turned.cells {
            cell.change_line(dice);
        }
        turned.cells.rotate_right(self.cells.len() / 3);
        turned
    }

    /// The notebook's file.
    pub(crate) fn json(&self) -> String {
        let mut text = String::from("{\n \"cells\": [");
        for (index, cell) in self.cells.iter().enumerate() {
            text.push_str(if index == 0 { "\n" } else { ",\n" });
            cell.write(self.ids, &mut text);
        }
        text.push_str(if self.cells.is_empty() { "]" } else { "\n ]" });
        text.push_str(METADATA);
        text.push_str(match self.ids {
            Ids::Given => "5\n}\n",
            Ids::Absent => "4\n}\n",
        });
        text
    }
}

const METADATA: &str = r#",
 "metadata": {
  "kernelspec": {
   "display_name": "Python 3",
   "language": "python",
   "name": "python3"
  },
  "language_info": {
   "name": "python",
   "version": "3.11.2"
  }
 },
 "nbformat": 4,
 "nbformat_minor": "#;

impl Cell {
    fn change_line(&mut self, dice: &mut Dice) {
        let line = dice.below(self.source.len());
        self.source[line] = code(dice);
    }

    fn write(&self, ids: Ids, text: &mut String) {
        let kind = match &self.kind {
            Kind::Markdown => "markdown",
            Kind::Code { .. } => "code",
        };
        let _ = write!(text, "  {{\n   \"cell_type\": \"{kind}\",\n");
        if let Kind::Code { count, .. } = &self.kind {
            let _ = writeln!(text, "   \"execution_count\": {count},");
        }
        if ids == Ids::Given {
            let _ = writeln!(text, "   \"id\": \"{:016x}\",", self.id);
        }
        text.push_str("   \"metadata\": {},\n");
        if let Kind::Code { output, .. } = &self.kind {
            output.write(text);
        }
        text.push_str("   \"source\": [\n");
        for (index, line) in self.source.iter().enumerate() {
            let last = index + 1 == self.source.len();
            let line = line.replace('\\', "\\\\").replace('"', "\\\"");
            let _ = writeln!(text, "    \"{line}{}", if last { "\"" } else { "\\n\"," });
        }
        text.push_str("   ]\n  }");
    }
}

impl Output {
    fn write(&self, text: &mut String) {
        let _ = match self {
            Self::Stream(line) => writeln!(
                text,
                "   \"outputs\": [\n    {{\n     \"name\": \"stdout\",\n     \"output_type\": \"stream\",\n     \
                 \"text\": [\n      \"{line}\\n\"\n     ]\n    }}\n   ],"
            ),
            Self::Figure(image) => writeln!(
                text,
                "   \"outputs\": [\n    {{\n     \"data\": {{\n      \"image/png\": \"{image}\",\n      \
                 \"text/plain\": [\n       \"<Figure size 640x480 with 1 Axes>\"\n      ]\n     }},\n     \
                 \"metadata\": {{}},\n     \"output_type\": \"display_data\"\n    }}\n   ],"
            ),
        };
    }
}

const NAMES: [&str; 16] = [
    "frame", "rows", "model", "score", "train", "sample", "weights", "labels", "batch", "table", "prices", "dates",
    "counts", "errors", "grid", "path",
];
const CALLS: [&str; 12] = [
    "load",
    "fit",
    "merge_on",
    "group_by",
    "plot",
    "predict",
    "mean",
    "drop_missing",
    "normalise",
    "split",
    "describe",
    "to_csv",
];
const WORDS: [&str; 16] = [
    "the",
    "model",
    "shows",
    "that",
    "prices",
    "of",
    "each",
    "region",
    "rise",
    "with",
    "size",
    "and",
    "we",
    "therefore",
    "look",
    "closer",
];

/// A line of Python.
pub(crate) fn code(dice: &mut Dice) -> String {
    let (name, other, call) = (dice.pick(&NAMES), dice.pick(&NAMES), dice.pick(&CALLS));
    let number = dice.below(10_000);
    match dice.below(6) {
        0 => format!("    {name} = {other}.{call}(\"{name}_{number}\", axis={})", number % 2),
        1 => format!("for {name} in {other}[:{number}]:"),
        2 => format!("    if {name}.{call}() > {number}:  # {other} first"),
        3 => format!("{name}_{number} = {other}.{call}()"),
        4 => format!("print(f'{name}: {{{other}:.{}f}}', {number})", number % 5),
        _ => format!("{name}.{call}({other}, {number}, key=lambda item: item.{call})"),
    }
}

fn prose(lines: usize, dice: &mut Dice) -> Vec<String> {
    let heading = format!("## {} {}", dice.pick(&NAMES), dice.below(1000));
    let line = |dice: &mut Dice| (0..12).map(|_| dice.pick(&WORDS)).collect::<Vec<_>>().join(" ");
    let mut text = vec![heading];
    text.extend((1..lines).map(|_| line(dice)));
    text
}

/// As many letters as `bytes` bytes take in base64.
fn base64(bytes: usize, dice: &mut Dice) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letters = bytes.div_ceil(3) * 4;
    let mut text = String::with_capacity(letters + 10);
    text.push_str("iVBORw0KGgo");
    while text.len() < letters {
        let bits = dice.next();
        // Ten letters of six bits are in one number.
        text.extend((0..10).map(|place| char::from(LETTERS[usize::try_from(bits >> (6 * place) & 63).unwrap_or(0)])));
    }
    text.truncate(letters);
    text
}
