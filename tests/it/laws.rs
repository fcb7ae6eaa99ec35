//! The laws that hold for every notebook (`docs/design.md`).

use std::collections::HashSet;

use proptest::prelude::*;
use proptest::sample::{Index, select};

use cellwise::align::align;
use cellwise::json::{self, Style, text};
use cellwise::merge::{ConflictStyle, InsertPolicy, MergeOptions, MergeOutcome, OutputsPolicy, merge};
use cellwise::normalize::{CleanOptions, NoiseKey, Policy, clean};
use cellwise::notebook::{CellKind, Notebook};
use cellwise::text::{Part, TextForm, parts, text_form};

use crate::notebooks::{
    Apart, Book, Edit, Json, Kind, Layout, USUAL, Versions, apart, at, book, check, edits, layout, new_cell,
    tool_edits, versions,
};
use crate::targets::text_form::{everything, is_lines_of_text};
use crate::targets::{is_read_as_serde_json_reads_it, is_written_as_it_was_read, sources};

fn read(file: &[u8]) -> Notebook<'_> {
    Notebook::read(file).expect("a notebook")
}

fn shown(file: &[u8]) -> String {
    String::from_utf8_lossy(file).into_owned()
}

/// The JSON text of a file, without what may stand around it.
fn value_of(file: &[u8]) -> String {
    shown(file).trim_start_matches('\u{feff}').trim_ascii().to_owned()
}

fn text_of(file: &[u8]) -> Vec<u8> {
    text_form(&read(file)).bytes
}

fn full_text_of(file: &[u8]) -> TextForm {
    everything(&read(file))
}

fn lines_of(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|byte| *byte == b'\n')
}

fn cleaned(file: &[u8]) -> Vec<u8> {
    let notebook = read(file);
    clean(&notebook, &CleanOptions::default()).bytes(&notebook)
}

pub(crate) mod bytes {
    use super::*;

    #[test]
    fn what_is_read_is_written_byte_for_byte() {
        check(120, &(book(5), layout()), |(book, layout)| {
            is_written_as_it_was_read(&book.write(&layout));
            Ok(())
        });
    }

    #[test]
    fn odd_files_are_written_byte_for_byte_too() {
        for file in ODD_FILES {
            is_written_as_it_was_read(file.as_bytes());
            is_written_as_it_was_read(format!("\u{feff}{file}\r\n").as_bytes());
        }
    }

    #[test]
    fn no_bytes_make_a_panic() {
        let mutated =
            (book(3), layout(), any::<Index>(), any::<u8>(), 0..3u8).prop_map(|(book, layout, at, byte, how)| {
                let mut file = book.write(&layout);
                let at = at.index(file.len());
                match how {
                    0 => file.truncate(at),
                    1 => file[at] = byte,
                    _ => file.insert(at, byte),
                }
                file
            });
        let tokens =
            ["{", "}", "[", "]", ",", ":", "\"", "\\", "\"cells\"", "\"source\"", "NaN", "1e9", "null", " ", "\n"];
        let soup =
            prop::collection::vec(select(tokens.to_vec()), 0..30).prop_map(|tokens| tokens.concat().into_bytes());
        let noise = prop::collection::vec(any::<u8>(), 0..60);
        let other = book(3).prop_map(|book| book.write(&USUAL));
        check(150, &(prop_oneof![4 => mutated, 1 => soup, 1 => noise], other), |(file, other)| {
            use_all(&file, &other);
            Ok(())
        });
    }

    #[test]
    fn odd_files_make_no_panic() {
        let other = ODD_FILES[0];
        ODD_FILES.iter().for_each(|file| use_all(file.as_bytes(), other.as_bytes()));
        for shape in ODD_SHAPES {
            use_all(shape.as_bytes(), other.as_bytes());
            use_all(shape.as_bytes(), shape.replace("x", "y").as_bytes());
        }
    }

    fn use_all(file: &[u8], other: &[u8]) {
        let Ok(notebook) = Notebook::read(file) else { return };
        let other = read(other);
        drop((text_form(&notebook), align(&notebook, &other), align(&other, &notebook)));
        let cleaned = clean(&notebook, &CleanOptions::default()).bytes(&notebook);
        assert!(Notebook::read(&cleaned).is_ok(), "clean broke {}", shown(file));
        for sides in [[&notebook, &other, &other], [&other, &notebook, &other], [&other, &other, &notebook]] {
            for base in [Some(sides[0]), None] {
                if let Ok(outcome) = merge(base, sides[1], sides[2], &MergeOptions::default()) {
                    assert!(Notebook::read(&outcome.bytes).is_ok(), "merge broke {}", shown(file));
                }
            }
        }
    }

    /// Notebooks with everything that stops simpler readers.
    pub(crate) const ODD_FILES: [&str; 6] = [
        r#"{"cells": [{"cell_type": "code", "source": "x", "metadata": {}, "outputs": [], "execution_count": NaN}], "nbformat": 4, "nbformat_minor": 4, "metadata": {}}"#,
        r#"{"metadata": {"a": NaN, "b": [Infinity, -Infinity, "NaN"]}, "cells": [ ], "nbformat": 4}"#,
        r#"{"cells": [{"source": ["\ud800"], "\udfff": 1, "cell_type": "markdown", "metadata": {"\ud83d": "\ud83d"}}]}"#,
        r#"{"cells": [{"source": "a", "source": "b", "cell_type": "raw"}], "nbformat": 4, "nbformat": 4, "x": 123456789012345678901234567890, "y": 1E400}"#,
        r#"{"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": ["x"], "language": "python", "outputs": [], "prompt_number": 3}], "metadata": {}}], "metadata": {"name": "n"}}"#,
        r#"{"c\u0065lls": [{"c\u0065ll_type": "c\u006fde", "s\u006furce": "x"}], "\u006ebformat": 4}"#,
    ];

    /// Values where another kind is expected.
    pub(crate) const ODD_SHAPES: [&str; 9] = [
        r#"{"cells": [{}, {}, {}]}"#,
        r#"{"cells": [{"cell_type": 3, "source": {"x": 1}, "metadata": [], "outputs": {}, "id": null, "attachments": "x"}], "metadata": 3, "nbformat": "x"}"#,
        r#"{"cells": [{"cell_type": "code", "source": ["x", 3], "metadata": null, "outputs": [3, null, []]}], "nbformat": 4, "nbformat_minor": 99}"#,
        r#"{"cells": [{"cell_type": "code", "source": null, "metadata": {"tags": "x", "cellwise": "x"}}], "nbformat": 4, "nbformat_minor": 5}"#,
        r#"{"cells": [{"cell_type": "code", "metadata": {"tags": [1, "x", null], "cellwise": {"conflict": 1, "kind": "source", "role": "cell", "marker_size": 0}}}], "metadata": []}"#,
        r#"{"worksheets": [], "nbformat": 3}"#,
        r#"{"worksheets": [{"cells": []}, {"x": 1}, {"cells": [{"cell_type": "x"}]}], "nbformat": 3}"#,
        r#"{"worksheets": [{"cells": [{"cell_type": "heading", "level": 99999999999, "source": "x"}]}], "nbformat": 3}"#,
        r#"{"cells": [{"cell_type": "code", "outputs": [{"output_type": "x", "data": 3}], "source": "x"}], "worksheets": [{"cells": []}], "nbformat": 3}"#,
    ];
}

mod json_text {
    use super::*;

    fn escaped(text: &[u8], escapes: text::Escapes) -> String {
        let mut out = Vec::new();
        text::escape(text, escapes, &mut out);
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn values_end_where_serde_json_says() {
        let token = select(vec![
            "{", "}", "[", "]", ",", ":", " ", "\n", "\t", "null", "true", "fals", "0", "-", "12", ".", "e", "E+",
            "\"", "\"a\"", "\"a\":", "\\", "\\n", "\\u00e9", "\\u00g", "\\ud800", "é", "\u{1}", "\u{7f}", "\u{a0}",
        ]);
        let tokens = prop::collection::vec(token.clone(), 0..12).prop_map(|tokens| tokens.concat());
        let string = ("[a-zé/]{0,90}", token.clone(), "[a-zé/]{0,90}")
            .prop_map(|(one, token, other)| format!("\"{one}{token}{other}\""));
        let number = "-?[0-9]{0,3}(\\.[0-9]{0,2})?([eE][+-]?[0-9]{0,2})?";
        check(2000, &prop_oneof![tokens, string, number], |text| {
            is_read_as_serde_json_reads_it(text.as_bytes());
            Ok(())
        });
        // One thing more in a text that is a value, or one character less.
        check(400, &(book(2), layout(), any::<Index>(), token), |(book, layout, place, token)| {
            let value = value_of(&book.json(&layout).file(&layout));
            let at = value.floor_char_boundary(place.index(value.len()));
            let next = value.ceil_char_boundary(at + 1);
            for (rest, put) in [(at, ""), (at, token), (next, "")] {
                is_read_as_serde_json_reads_it([&value[..at], put, &value[rest..]].concat().as_bytes());
            }
            Ok(())
        });
    }

    #[test]
    fn strings_are_decoded_as_serde_json_decodes_them() {
        let piece = prop_oneof![
            any::<char>().prop_filter("plain", |c| *c >= ' ' && !['"', '\\'].contains(c)).prop_map(String::from),
            select(vec!["\\n", "\\\"", "\\\\", "\\/", "\\b", "\\f", "\\r", "\\t"]).prop_map(str::to_owned),
            any::<char>().prop_map(|c| c
                .encode_utf16(&mut [0; 2])
                .iter()
                .map(|unit| format!("\\u{unit:04X}"))
                .collect()),
        ];
        check(200, &prop::collection::vec(piece, 0..12), |pieces| {
            let raw = format!("\"{}\"", pieces.concat());
            let oracle: String = serde_json::from_str(&raw).expect("a JSON string");
            prop_assert_eq!(&*text::decode(&raw), oracle.as_bytes());
            Ok(())
        });
    }

    #[test]
    fn decoding_undoes_escaping() {
        check(200, &(any::<String>(), any::<bool>()), |(text, ascii)| {
            let escapes = if ascii { text::Escapes::Ascii } else { text::Escapes::Minimal };
            let raw = escaped(text.as_bytes(), escapes);
            prop_assert_eq!(&*text::decode(&raw), text.as_bytes());
            prop_assert_eq!(serde_json::from_str::<String>(&raw).expect("a JSON string"), text);
            prop_assert!(!ascii || raw.is_ascii());
            Ok(())
        });
    }

    #[test]
    fn lone_surrogates_are_decoded_and_escaped_again() {
        check(200, &prop::collection::vec(any::<u16>(), 0..8), |units| {
            let raw: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let decoded = text::decode(&format!("\"{raw}\"")).into_owned();
            let again = escaped(&decoded, text::Escapes::Ascii);
            prop_assert_eq!(&*text::decode(&again), decoded.as_slice());
            prop_assert!(again.is_ascii());
            Ok(())
        });
    }

    #[test]
    fn a_file_laid_out_in_its_own_style_is_unchanged() {
        check(100, &(book(4), layout()), |(book, layout)| {
            let file = book.json(&layout).file(&Layout { bom: false, final_newline: false, ..layout });
            let mut out = Vec::new();
            Style::of(&file).lay_out(std::str::from_utf8(&file).expect("UTF-8"), 0, &mut out);
            prop_assert_eq!(shown(&out), shown(&file));
            Ok(())
        });
    }

    #[test]
    fn layout_is_no_part_of_a_value() {
        check(80, &(book(3), layout(), layout()), |(book, one, other)| {
            let value = book.json(&USUAL);
            let [one, other] = [one, other].map(|layout| value_of(&value.file(&layout)));
            prop_assert!(json::same(&one, &one));
            prop_assert!(json::same(&one, &other));
            Ok(())
        });
    }
}

mod cleaning {
    use super::*;

    #[test]
    fn a_clean_file_has_no_trace_of_a_run_and_stays_as_it_is() {
        check(100, &(book(5), layout()), |(book, layout)| {
            let file = book.write(&layout);
            let clean = cleaned(&file);
            prop_assert_eq!(shown(&cleaned(&clean)), shown(&clean));
            let notebook = read(&clean);
            for cell in notebook.cells.iter().filter(|cell| cell.kind() == CellKind::Code) {
                prop_assert_eq!(cell.outputs(), Some("[]"));
                prop_assert_eq!(cell.execution_count(), Some("null"));
            }
            prop_assert_eq!(sources(&clean), sources(&file));
            // Without outputs and counts only noise is left to go.
            let mut bare = book;
            bare.metadata.retain(|(key, _)| !key.starts_with("orig_nbformat"));
            for cell in &mut bare.cells {
                (cell.outputs, cell.count) = (Vec::new(), None);
                cell.metadata.retain(|(key, _)| key != "collapsed");
            }
            let bare = bare.write(&layout);
            prop_assert_eq!(shown(&cleaned(&bare)), shown(&bare));
            let [one, other] = [&clean, &bare].map(|file| value_of(file));
            prop_assert!(json::same(&one, &other));
            Ok(())
        });
    }
}

mod showing {
    use super::*;

    #[test]
    fn no_control_character_gets_through() {
        check(80, &(book(5), layout()), |(book, layout)| {
            let file = book.write(&layout);
            is_lines_of_text(&read(&file), &text_form(&read(&file)));
            Ok(())
        });
    }

    #[test]
    fn a_run_changes_only_the_last_line() {
        check(80, &(book(5), 30..60u32), |(book, run)| {
            let [before, after] = [&book, &book.run_again(run)].map(|book| text_of(&book.write(&USUAL)));
            let without_last =
                |text: &[u8]| text.split(|byte| *byte == b'\n').rev().skip(2).map(shown).collect::<Vec<_>>();
            prop_assert_eq!(without_last(&before), without_last(&after));
            let has_code = book.cells.iter().any(|cell| cell.kind == Kind::Code);
            prop_assert_eq!(before != after, has_code);
            Ok(())
        });
    }

    #[test]
    fn outputs_keep_their_place_and_bring_no_control_character() {
        check(80, &(book(5), 30..60u32, layout()), |(book, run, layout)| {
            let file = book.run_again(run).write(&layout);
            let (full, plain) = (full_text_of(&file), text_form(&read(&file)));
            is_lines_of_text(&read(&file), &full);
            for cell in 0..full.cells.len() {
                let found = parts(lines_of(full.cell(cell)));
                let of = |part| lines_of(full.cell(cell)).zip(&found).filter(move |(_, is)| **is == part);
                let in_plain = parts(lines_of(plain.cell(cell)));
                let source = lines_of(plain.cell(cell)).zip(&in_plain).filter(|(_, is)| **is == Part::Source);
                prop_assert!(of(Part::Source).map(|(line, _)| line).eq(source.map(|(line, _)| line)));
                let outputs = read(&file).cells[cell].outputs().is_some_and(|raw| raw != "[]");
                prop_assert_eq!(of(Part::Output).count() > 0, outputs);
            }
            Ok(())
        });
    }

    #[test]
    fn a_cell_at_the_top_changes_no_line_of_the_others() {
        check(80, &(book(5), new_cell(), layout()), |(book, cell, layout)| {
            let mut more = book.clone();
            more.cells.insert(0, cell);
            let [before, after] = [&book, &more].map(|book| full_text_of(&book.write(&layout)));
            let first = after.cells.first().map_or(0, |cell| cell.end);
            let end = |text: &TextForm| text.cells.last().map_or(0, |cell| cell.end);
            prop_assert_eq!(shown(&before.bytes[..end(&before)]), shown(&after.bytes[first..end(&after)]));
            let without_digests = |text: &TextForm| shown(text.tail()).split("# hidden:").next().map(str::to_owned);
            prop_assert_eq!(without_digests(&before), without_digests(&after));
            Ok(())
        });
    }

    /// Whichever way a source is stored: only nbformat 3 and old tools write one as a string.
    #[test]
    fn an_edited_source_changes_only_its_lines() {
        check(80, &(book(5), at(), layout()), |(book, at, layout)| {
            if book.cells.is_empty() {
                return Ok(());
            }
            let mut other = book.clone();
            let at = at.index(book.cells.len());
            other.cells[at].source.insert_str(0, "edited\n");
            let [before, after] = [&book, &other].map(|book| text_form(&read(&book.write(&layout))));
            for cell in (0..book.cells.len()).filter(|cell| *cell != at) {
                prop_assert_eq!(shown(before.cell(cell)), shown(after.cell(cell)));
            }
            prop_assert_eq!(shown(before.tail()), shown(after.tail()));
            Ok(())
        });
    }

    #[test]
    fn a_source_line_is_a_line_of_the_text() {
        check(80, &(book(4), edits()), |(book, edits)| {
            let other = book.edited(&edits);
            let [one, other] = [&book, &other].map(|book| book.write(&USUAL));
            prop_assert!(sources(&one) == sources(&other) || text_of(&one) != text_of(&other));
            Ok(())
        });
    }

    /// Other values of the same kind and of another.
    fn variants(value: &Json) -> Vec<Json> {
        let raw = |text: &str| Json::Raw(text.to_owned());
        let mut variants = match value {
            Json::Raw(text) => vec![Json::Raw(format!("{text}1")), raw("false"), raw("7")],
            Json::Text(text) => vec![
                Json::Text(format!("{text}x")),
                Json::Text(format!("\n{text}")),
                Json::Text(format!("{text}\n")),
                Json::Text(format!("\\{text}")),
                Json::Text(format!("{text} ")),
                Json::List(vec![value.clone()]),
            ],
            Json::List(items) => {
                let mut longer = items.clone();
                longer.push(Json::Text("more".to_owned()));
                let mut empty = items.clone();
                empty.push(Json::Text(String::new()));
                vec![Json::List(longer), Json::List(empty), Json::Object(Vec::new())]
            }
            Json::Object(members) => {
                let mut more = members.clone();
                more.push(("zz".to_owned(), Json::Raw("null".to_owned())));
                let fewer = members.iter().skip(1).cloned().collect();
                vec![Json::Object(more), Json::Object(fewer), Json::List(Vec::new())]
            }
        };
        variants.push(raw("null"));
        variants.push(Json::Text(String::new()));
        variants.retain(|variant| variant != value && *variant != Json::Raw("null1".to_owned()));
        variants.retain(|variant| !matches!(variant, Json::Raw(text) if text.ends_with("e1")));
        variants
    }

    #[test]
    fn any_other_value_gives_another_text() {
        check(300, &(book(4), at(), at()), |(book, at, which)| {
            let value = book.json(&USUAL);
            let mut other = value.clone();
            let Some(inner) = other.nth_mut(at.index(value.count())) else {
                return Ok(());
            };
            let variants = variants(inner);
            *inner = variants[which.index(variants.len())].clone();
            let (one, other) = (value.file(&USUAL), other.file(&USUAL));
            let Ok(notebook) = Notebook::read(&other) else {
                return Ok(());
            };
            prop_assert_ne!(shown(&text_of(&one)), shown(&text_form(&notebook).bytes), "{}", shown(&other));
            Ok(())
        });
    }

    #[test]
    fn the_layout_is_told_too() {
        check(80, &(book(3), layout(), layout()), |(book, one, other)| {
            let told = |layout: &Layout| {
                let one_line = layout.indent.is_none();
                (
                    layout.indent,
                    layout.newline == "\r\n" && !one_line,
                    one_line && layout.spaced,
                    layout.bom,
                    layout.final_newline,
                )
            };
            let other = Layout { source_as_string: one.source_as_string, other_order: one.other_order, ..other };
            let [first, second] = [&one, &other].map(|layout| text_of(&book.write(layout)));
            prop_assert!(told(&one) == told(&other) || first != second);
            Ok(())
        });
    }
}

mod aligning {
    use super::*;

    #[test]
    fn a_notebook_aligns_with_itself() {
        check(80, &(book(7), layout()), |(book, layout)| {
            let (one, other) = (book.write(&USUAL), book.write(&layout));
            let alignment = align(&read(&one), &read(&other));
            for cell in 0..book.cells.len() {
                prop_assert_eq!(alignment.to_after(cell), Some(cell));
                prop_assert!(!alignment.is_moved(cell));
            }
            Ok(())
        });
    }

    #[test]
    fn no_cell_has_two_partners() {
        check(100, &versions(), |Versions { ours, theirs, .. }| {
            let [one, other] = [&ours, &theirs].map(|book| book.write(&USUAL));
            let alignment = align(&read(&one), &read(&other));
            let pairs: Vec<_> = alignment.pairs().collect();
            let befores: HashSet<_> = pairs.iter().map(|pair| pair.before).collect();
            prop_assert_eq!(befores.len(), pairs.len());
            for pair in &pairs {
                prop_assert_eq!(alignment.to_after(pair.before), Some(pair.after));
                prop_assert_eq!(alignment.to_before(pair.after), Some(pair.before));
            }
            let stay: Vec<_> = pairs.iter().filter(|pair| !alignment.is_moved(pair.after)).collect();
            prop_assert!(stay.is_sorted_by_key(|pair| pair.before) && stay.is_sorted_by_key(|pair| pair.after));
            Ok(())
        });
    }
}

pub(crate) mod merging {
    use crate::targets::merge as targets;
    use crate::targets::merge::{conflict_kinds, merged_with};

    use super::*;

    fn merged(base: &[u8], ours: &[u8], theirs: &[u8]) -> MergeOutcome {
        merged_with(&MergeOptions::default(), base, ours, theirs)
    }

    /// A base and two sides; shown as text.
    #[derive(Clone)]
    pub(crate) struct Files(pub(crate) [Vec<u8>; 3]);

    impl Files {
        pub(crate) fn parts(&self) -> [&[u8]; 3] {
            self.0.each_ref().map(Vec::as_slice)
        }
    }

    impl std::fmt::Debug for Files {
        fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            let files = self.0.each_ref().map(|file| shown(file));
            formatter.write_str(&files.join("\n--\n"))
        }
    }

    /// The three files, ours and theirs perhaps in other layouts; the base may be missing.
    pub(crate) fn files() -> impl Strategy<Value = Files> {
        let layouts = prop_oneof![2 => Just([USUAL, USUAL, USUAL]), 1 => [layout(), layout(), layout()]];
        (versions(), layouts, prop::bool::weighted(0.1)).prop_map(|(versions, layouts, added)| {
            let books = [&versions.base, &versions.ours, &versions.theirs];
            let mut files = [0, 1, 2].map(|index| books[index].write(&layouts[index]));
            if added {
                files[0].clear();
            }
            Files(files)
        })
    }

    /// Any way to merge.
    pub(crate) fn options() -> impl Strategy<Value = MergeOptions> {
        use OutputsPolicy::{Clear, Matching, Ours, Theirs};
        let outputs = select(vec![Matching, Ours, Theirs, Clear]);
        let insert = select(vec![InsertPolicy::Conflict, InsertPolicy::Union]);
        let style = select(vec![ConflictStyle::Merge, ConflictStyle::Diff3, ConflictStyle::Zdiff3]);
        let noise = prop::sample::subsequence(
            vec!["cell.metadata.slide*", "metadata.title", "metadata.kernelspec.name"],
            0..=3,
        );
        (outputs, insert, style, noise).prop_map(|(outputs, insert, style, noise)| {
            let noise = noise.iter().filter_map(|key| NoiseKey::parse(key)).collect();
            MergeOptions { outputs, insert, style, policy: Policy::with_noise(noise), ..MergeOptions::default() }
        })
    }

    #[test]
    fn a_side_that_nobody_else_touched_is_the_result() {
        check(60, &(files(), options()), |(files, options)| {
            targets::a_side_alone_is_the_result(files.parts(), &options);
            Ok(())
        });
    }

    /// What a merge leaves of runs: source, outputs and count of each cell that is not empty, in no order.
    fn runs(outcome: &MergeOutcome) -> Vec<String> {
        let file: serde_json::Value = serde_json::from_str(&value_of(&outcome.bytes)).expect("JSON");
        let cells = file["cells"].as_array().expect("cells").iter();
        let mut runs: Vec<String> =
            cells.map(|cell| format!("{} {} {}", cell["source"], cell["outputs"], cell["execution_count"])).collect();
        runs.retain(|run| !run.starts_with("[] "));
        runs.sort();
        runs
    }

    #[test]
    fn asking_for_a_sides_outputs_gives_them_on_either_side() {
        use OutputsPolicy::{Ours, Theirs};
        check(150, &versions(), |versions| {
            let [base, ours, theirs] =
                [&versions.base, &versions.ours, &versions.theirs].map(|book| book.write(&USUAL));
            for (asked, mirrored) in [(Ours, Theirs), (Theirs, Ours)] {
                let with = |outputs| MergeOptions { outputs, ..MergeOptions::default() };
                let one = merged_with(&with(asked), &base, &ours, &theirs);
                let other = merged_with(&with(mirrored), &base, &theirs, &ours);
                prop_assert!(!one.conflicts.is_empty() || runs(&one) == runs(&other));
            }
            Ok(())
        });
    }

    #[test]
    fn however_outputs_are_chosen_the_sources_are_the_same() {
        check(100, &(files(), options()), |(files, options)| {
            targets::outputs_leave_sources_alone(files.parts(), &options);
            Ok(())
        });
    }

    #[test]
    fn swapping_the_sides_mirrors_the_answer() {
        check(200, &files(), |files| {
            targets::the_answer_is_mirrored(files.parts());
            Ok(())
        });
    }

    #[test]
    fn swapping_the_sides_mirrors_what_is_told() {
        check(200, &files(), |files| {
            targets::what_is_told_is_mirrored(files.parts());
            Ok(())
        });
    }

    #[test]
    fn what_is_told_is_there() {
        check(200, &files(), |files| {
            targets::what_is_told_is_there(files.parts());
            Ok(())
        });
    }

    #[test]
    fn a_run_of_everything_is_out_of_date_below_new_code() {
        check(60, &(book(6), 30..60u32), |(book, run)| {
            let mut edited = book.clone();
            let code = edited.cells.iter().position(|cell| cell.kind == Kind::Code && !cell.source.trim().is_empty());
            let Some(first) = code else { return Ok(()) };
            edited.cells[first].source.push_str("\nadded_below()");
            let [base, ran, edited] = [&book, &book.run_again(run), &edited].map(|book| book.write(&USUAL));
            let outcome = merged(&base, &ran, &edited);
            let notebook = read(&outcome.bytes);
            let has_outputs = |cell: &usize| notebook.cells[*cell].outputs().is_some_and(|raw| raw != "[]");
            let below: Vec<usize> =
                (first + 1..notebook.cells.len()).filter(has_outputs).map(|cell| cell + 1).collect();
            prop_assert_eq!(outcome.stale.iter().map(|stale| stale.cell).collect::<Vec<_>>(), below);
            Ok(())
        });
    }

    #[test]
    fn no_line_is_lost_and_none_is_made_up() {
        check(250, &(files(), options()), |(files, options)| {
            targets::no_line_is_lost_and_none_is_made_up(files.parts(), &options);
            Ok(())
        });
    }

    #[test]
    fn the_result_is_a_notebook() {
        check(200, &(files(), options()), |(files, options)| {
            targets::the_result_is_a_notebook(files.parts(), &options);
            Ok(())
        });
    }

    #[test]
    fn each_conflict_is_found_again() {
        check(200, &files(), |files| {
            targets::each_conflict_is_found_again(files.parts());
            Ok(())
        });
    }

    #[test]
    fn the_result_is_in_ours_layout() {
        check(150, &(versions(), layout(), layout()), |(versions, layout, other)| {
            // How strings and objects are spelled is kept, so it must be alike.
            let Layout { source_as_string, ascii, other_order, .. } = layout;
            let other = Layout { source_as_string, ascii, other_order, ..other };
            let Versions { base, ours, theirs } = &versions;
            let [base, ours, like_ours] = [base, ours, theirs].map(|book| book.write(&layout));
            if base == ours || base == like_ours || ours == like_ours {
                return Ok(());
            }
            let outcome = merged(&base, &ours, &theirs.write(&other));
            prop_assert_eq!(shown(&outcome.bytes), shown(&merged(&base, &ours, &like_ours).bytes));
            Ok(())
        });
    }

    #[test]
    fn a_side_that_only_tools_touched_never_conflicts() {
        let layouts = prop_oneof![1 => Just((USUAL, USUAL)), 1 => (layout(), layout())];
        check(250, &(book(6), edits(), tool_edits(), layouts), |(book, edits, tools, (one, other))| {
            let touched = book.edited(&tools).write(&other);
            let (base, edited) = (book.write(&one), book.edited(&edits).write(&one));
            for outcome in [merged(&base, &touched, &edited), merged(&base, &edited, &touched)] {
                prop_assert_eq!(conflict_kinds(&outcome), Vec::<&str>::new());
                prop_assert_eq!(sources(&outcome.bytes), sources(&edited));
            }
            Ok(())
        });
    }

    #[test]
    fn the_same_change_on_both_sides_is_made_once() {
        check(200, &(book(6), edits(), prop::option::of(1..30u32)), |(book, edits, run)| {
            let changed = book.edited(&edits);
            let (base, ours) = (book.write(&USUAL), changed.write(&USUAL));
            let theirs = run.map_or_else(|| changed.clone(), |run| changed.run_again(run)).write(&USUAL);
            for outcome in [merged(&base, &ours, &theirs), merged(&base, &theirs, &ours)] {
                prop_assert_eq!(conflict_kinds(&outcome), Vec::<&str>::new());
                prop_assert_eq!(sources(&outcome.bytes), sources(&ours));
            }
            Ok(())
        });
    }

    #[test]
    fn a_cell_that_both_put_in_stands_once() {
        let run = || prop::option::of(1..30u32);
        check(200, &(book(6), at(), new_cell(), [run(), run()], tool_edits()), |(book, at, cell, runs, tools)| {
            let side = |id: &str, run: Option<u32>| {
                let mut cell = cell.clone();
                cell.id = id.to_owned();
                run.into_iter().for_each(|run| cell.run(run));
                book.edited(&[Edit::Insert(at, cell)])
            };
            let (ours, theirs) = (side("ours", runs[0]), side("theirs", runs[1]).edited(&tools));
            let outcome = merged(&book.write(&USUAL), &ours.write(&USUAL), &theirs.write(&USUAL));
            prop_assert_eq!(conflict_kinds(&outcome), Vec::<&str>::new());
            prop_assert_eq!(sources(&outcome.bytes), sources(&ours.write(&USUAL)));
            Ok(())
        });
    }

    #[test]
    fn edits_of_different_cells_all_arrive_where_they_belong() {
        check(250, &apart(), |Apart { versions, together }| {
            let [base, ours, theirs] =
                [&versions.base, &versions.ours, &versions.theirs].map(|book| book.write(&USUAL));
            let outcome = merged(&base, &ours, &theirs);
            prop_assert_eq!(conflict_kinds(&outcome), Vec::<&str>::new());
            prop_assert_eq!(sources(&outcome.bytes), sources(&together.write(&USUAL)));
            Ok(())
        });
    }

    #[test]
    fn nothing_at_all_merges() {
        let empty = Book { minor: 5, cells: Vec::new(), metadata: Vec::new() }.write(&USUAL);
        assert_eq!(merged(&[], &empty, &empty).bytes, empty);
    }
}
