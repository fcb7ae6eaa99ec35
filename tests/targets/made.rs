//! Notebooks made of the bytes of a fuzzer: the same kinds of cells, edits and layouts as the strategies of `tests/it`.

use arbitrary::{Result, Unstructured};
use cellwise::merge::{ConflictStyle, InsertPolicy, MergeOptions, OutputsPolicy};
use cellwise::normalize::{NoiseKey, Policy};

use super::model::{
    At, Book, Cell, Edit, Json, Kind, LINES, Layout, LineChange, SOURCES, USUAL, new_id, number, object,
};

/// A merge: base (empty if both sides added the file), ours and theirs, and how they are to be merged.
#[derive(Debug)]
pub(crate) struct Merge {
    pub(crate) files: [Vec<u8>; 3],
    pub(crate) options: MergeOptions,
}

/// Two versions of a notebook.
pub(crate) fn pair(bytes: &mut Unstructured<'_>) -> [Vec<u8>; 2] {
    let made = |bytes: &mut Unstructured<'_>| -> Result<[Vec<u8>; 2]> {
        let (one, other) = layouts(bytes)?;
        let book = book(bytes, 6)?;
        let after = book.edited(&edits(bytes)?);
        Ok([book.write(&one), after.write(&other)])
    };
    made(bytes).unwrap_or_default()
}

/// A merge of two versions that come from one base, with some changes in common.
pub(crate) fn merge(bytes: &mut Unstructured<'_>) -> Merge {
    try_merge(bytes).unwrap_or_else(|_| {
        let file = Book { minor: 5, cells: Vec::new(), metadata: Vec::new() }.write(&USUAL);
        Merge { files: [file.clone(), file.clone(), file], options: MergeOptions::default() }
    })
}

fn try_merge(bytes: &mut Unstructured<'_>) -> Result<Merge> {
    let options = options(bytes)?;
    let has_base = !bytes.ratio(1u8, 10u8)?;
    let ((one, other), base_layout) = (layouts(bytes)?, layout(bytes)?);
    let base = book(bytes, 6)?;
    let both = if bytes.ratio(1u8, 6u8)? { base.edited(&edits(bytes)?) } else { base.clone() };
    let (mut ours, mut theirs) = (both.edited(&edits(bytes)?), both.edited(&edits(bytes)?));
    if bytes.ratio(1u8, 4u8)? {
        let (at, cell) = (at(bytes)?, cell(bytes)?);
        theirs.apply(&Edit::Insert(at, like(bytes, &cell)?));
        ours.apply(&Edit::Insert(at, cell));
    }
    let usual = one == other;
    let base = base.write(if usual { &one } else { &base_layout });
    let files = [if has_base { base } else { Vec::new() }, ours.write(&one), theirs.write(&other)];
    Ok(Merge { files, options })
}

/// A cell that is the same or nearly so.
fn like(bytes: &mut Unstructured<'_>, cell: &Cell) -> Result<Cell> {
    let mut other = cell.clone();
    match bytes.int_in_range(0..=3u8)? {
        0 => {}
        1 => other.id = new_id(7, 1),
        2 => other.run(20),
        _ => other.source = format!("{}\n{}", other.source, line(bytes)?),
    }
    Ok(other)
}

fn options(bytes: &mut Unstructured<'_>) -> Result<MergeOptions> {
    use OutputsPolicy::{Clear, Matching, Ours, Theirs};
    let outputs = *bytes.choose(&[Matching, Ours, Theirs, Clear])?;
    let insert = *bytes.choose(&[InsertPolicy::Conflict, InsertPolicy::Union])?;
    let style = *bytes.choose(&[ConflictStyle::Merge, ConflictStyle::Diff3, ConflictStyle::Zdiff3])?;
    let noise: &[&str] =
        bytes.choose(&[&[][..], &["cell.metadata.slide*"], &["metadata.title", "metadata.kernelspec.name"]])?;
    let policy = Policy::with_noise(noise.iter().filter_map(|key| NoiseKey::parse(key)).collect());
    Ok(MergeOptions { outputs, insert, style, policy, ..MergeOptions::default() })
}

fn at(bytes: &mut Unstructured<'_>) -> Result<At> {
    Ok(At(u16::from(bytes.arbitrary::<u8>()?) << 8))
}

/// Two layouts, mostly nbformat's own.
fn layouts(bytes: &mut Unstructured<'_>) -> Result<(Layout, Layout)> {
    Ok(match bytes.int_in_range(0..=5u8)? {
        0 => (layout(bytes)?, layout(bytes)?),
        1 => {
            let one = layout(bytes)?;
            (one.clone(), one)
        }
        _ => (USUAL, USUAL),
    })
}

fn layout(bytes: &mut Unstructured<'_>) -> Result<Layout> {
    let flags = bytes.arbitrary::<u8>()?;
    let is = |bit: u8| flags & 1 << bit != 0;
    Ok(Layout {
        indent: *bytes.choose(&[Some(" "), Some("  "), Some("    "), Some("\t"), None])?,
        newline: if is(0) && is(1) { "\r\n" } else { "\n" },
        spaced: !is(2),
        ascii: is(3),
        final_newline: !is(4),
        bom: is(5) && is(6),
        source_as_string: is(7),
        other_order: is(1) && is(6),
    })
}

fn line(bytes: &mut Unstructured<'_>) -> Result<String> {
    const OWN: u8 = 2;
    Ok(match bytes.int_in_range(0..=OWN)? {
        OWN => format!("v{} = {}", bytes.arbitrary::<u8>()?, bytes.arbitrary::<u8>()?),
        _ => (*bytes.choose(&LINES)?).to_owned(),
    })
}

fn lines(bytes: &mut Unstructured<'_>) -> Result<String> {
    let count = bytes.int_in_range(1..=7usize)?;
    Ok((0..count).map(|_| line(bytes)).collect::<Result<Vec<_>>>()?.join("\n"))
}

fn source(bytes: &mut Unstructured<'_>) -> Result<String> {
    if bytes.arbitrary()? { Ok((*bytes.choose(&SOURCES)?).to_owned()) } else { lines(bytes) }
}

fn cell(bytes: &mut Unstructured<'_>) -> Result<Cell> {
    let kind = if bytes.ratio(2u8, 3u8)? { Kind::Code } else { Kind::Markdown };
    let id = format!("{:04x}", bytes.arbitrary::<u16>()?);
    let source = source(bytes)?;
    let mut cell = Cell { id, kind, source, outputs: Vec::new(), count: None, metadata: Vec::new() };
    let run = bytes.int_in_range(0..=8u32)?;
    if run > 0 {
        cell.run(run);
    }
    for _ in 0..bytes.int_in_range(0..=2u8)? {
        let (key, value) = cell_metadata(bytes)?;
        Json::set(&mut cell.metadata, key, value);
    }
    Ok(cell)
}

fn cell_metadata(bytes: &mut Unstructured<'_>) -> Result<(&'static str, Json)> {
    let text = |text: &str| Json::Text(text.to_owned());
    Ok(match bytes.int_in_range(0..=5u8)? {
        0 => {
            let tags = ["parameters", "slow", "\u{fc}bung", "hide-input"];
            let first = bytes.choose_index(tags.len())?;
            let end = bytes.int_in_range(first..=tags.len())?;
            ("tags", Json::List(tags[first..end].iter().map(|tag| text(tag)).collect()))
        }
        1 => ("collapsed", Json::Raw(bytes.arbitrary::<bool>()?.to_string())),
        2 => ("slideshow", object(&[("slide_type", text(bytes.choose(&["slide", "skip"])?))])),
        3 => ("mine", number(u32::from(bytes.arbitrary::<u8>()? % 4))),
        4 => ("mine", object(&[(bytes.choose(&["a", "b"])?, number(bytes.int_in_range(0..=2)?))])),
        _ => ("jupyter", object(&[("outputs_hidden", Json::Raw(bytes.arbitrary::<bool>()?.to_string()))])),
    })
}

fn notebook_metadata(bytes: &mut Unstructured<'_>) -> Result<(&'static str, Json)> {
    let text = |text: &str| Json::Text(text.to_owned());
    Ok(match bytes.int_in_range(0..=3u8)? {
        0 => {
            let version = format!("3.{}.1", bytes.int_in_range(7..=13u8)?);
            ("language_info", object(&[("name", text("python")), ("version", text(&version))]))
        }
        1 => {
            let name = bytes.choose(&["Python 3", "Python 3 (ipykernel)", ".venv"])?;
            ("kernelspec", object(&[("display_name", text(name)), ("name", text("python3"))]))
        }
        2 => ("title", text(bytes.choose(&["A", "B"])?)),
        _ => ("toc-autonumbering", number(bytes.int_in_range(0..=2)?)),
    })
}

fn book(bytes: &mut Unstructured<'_>, most: usize) -> Result<Book> {
    let minor = *bytes.choose(&[5, 4, 2])?;
    let mut book = Book { minor, cells: Vec::new(), metadata: Vec::new() };
    for _ in 0..bytes.int_in_range(0..=most)? {
        book.insert(book.cells.len(), cell(bytes)?);
    }
    for _ in 0..bytes.int_in_range(0..=2u8)? {
        let (key, value) = notebook_metadata(bytes)?;
        Json::set(&mut book.metadata, key, value);
    }
    Ok(book)
}

fn edits(bytes: &mut Unstructured<'_>) -> Result<Vec<Edit>> {
    let count = bytes.int_in_range(0..=5u8)?;
    (0..count).map(|_| edit(bytes)).collect()
}

fn edit(bytes: &mut Unstructured<'_>) -> Result<Edit> {
    Ok(match bytes.int_in_range(0..=19u8)? {
        0..=5 => Edit::Lines(at(bytes)?, at(bytes)?, line_change(bytes)?),
        6 | 7 => Edit::Insert(at(bytes)?, cell(bytes)?),
        8 => Edit::Delete(at(bytes)?),
        9 => Edit::Move(at(bytes)?, bytes.int_in_range(1..=2)?, at(bytes)?),
        10 => Edit::Copy(at(bytes)?, at(bytes)?),
        11 => Edit::Split(at(bytes)?, at(bytes)?),
        12 => Edit::Join(at(bytes)?),
        13 => Edit::ChangeKind(at(bytes)?),
        14 => Edit::Run(at(bytes)?, bytes.int_in_range(1..=30)?),
        15 => Edit::RunAll(bytes.int_in_range(1..=30)?),
        16 => Edit::ClearAll,
        17 => {
            let (key, value) = cell_metadata(bytes)?;
            Edit::CellMetadata(at(bytes)?, key, value)
        }
        18 => {
            let (key, value) = notebook_metadata(bytes)?;
            Edit::NotebookMetadata(key, value)
        }
        _ => match bytes.int_in_range(0..=2u8)? {
            0 => Edit::Renumber,
            1 => Edit::NewIds(bytes.int_in_range(0..=2)?),
            _ => Edit::Minor5(bytes.int_in_range(0..=2)?),
        },
    })
}

fn line_change(bytes: &mut Unstructured<'_>) -> Result<LineChange> {
    Ok(match bytes.int_in_range(0..=5u8)? {
        0..=2 => LineChange::Replace(line(bytes)?),
        3 | 4 => LineChange::Insert(line(bytes)?),
        _ => LineChange::Delete,
    })
}
