//! What holds for `clean` whatever is asked of it.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use cellwise::json;
use cellwise::normalize::{
    CleanOptions, Ids, InitCells, Keep, KeyOptions, Like, NoiseKey, OnClean, OutputType, clean, tools,
};
use cellwise::notebook::Notebook;

use crate::notebooks::{book, check, layout};
use crate::targets::cleaning_again_changes_nothing;

fn keys() -> impl Strategy<Value = Vec<NoiseKey>> {
    let spelled = [
        "metadata.kernelspec",
        "metadata.kernelspec.name",
        "metadata.keep_output",
        "metadata.language_info.v*",
        "cell.metadata.tags",
        "cell.metadata.keep_output",
        "cell.metadata.init_cell",
        "cell.metadata.collapsed",
        "cell.metadata.cellwise",
        "cell.metadata.mine",
        "cell.metadata.mine.deep.x",
        "cell.metadata.mine.deep",
        "cell.metadata.vscode",
        "cell.metadata.c*",
    ];
    let keys = subsequence(spelled.to_vec(), 0..4);
    keys.prop_map(|keys| keys.into_iter().map(|key| NoiseKey::parse(key).expect("a key")).collect())
}

fn types() -> impl Strategy<Value = Vec<OutputType>> {
    let spelled = ["stream", "stream:stderr", "error", "execute_result", "display_data", "pyout"];
    let types = subsequence(spelled.to_vec(), 0..3);
    types.prop_map(|types| types.into_iter().map(|of| OutputType::parse(of).expect("a type")).collect())
}

fn key_options() -> impl Strategy<Value = KeyOptions> {
    let on_clean = || select(vec![OnClean::Keep, OnClean::Drop]);
    let some_tools = subsequence(tools(), 0..3);
    (keys(), keys(), keys(), some_tools, on_clean()).prop_map(|(extra, keep, only, tools, kernel)| KeyOptions {
        extra,
        keep,
        only,
        tools,
        kernel,
    })
}

fn options() -> impl Strategy<Value = CleanOptions> {
    let keep = || select(vec![Keep::WhereAsked, Keep::Everywhere]);
    let ids = select(vec![None, Some(Ids::Keep), Some(Ids::Drop), Some(Ids::Sequential)]);
    let like = select(vec![Like::Cellwise, Like::Cellwise, Like::Nbstripout]);
    let init_cells = select(vec![InitCells::Keep, InitCells::Strip]);
    let empty_cells = select(vec![OnClean::Keep, OnClean::Drop]);
    let dropped_tags = subsequence(vec!["a".to_owned(), "parameters".to_owned(), "hide".to_owned()], 0..2);
    let outputs = (keep(), keep(), types(), types(), select(vec![0, 8, 30, 200]));
    (outputs, key_options(), (init_cells, empty_cells, dropped_tags, ids, like)).prop_map(
        |((keep_outputs, keep_counts, keep_types, drop_types, max_size), keys, rest)| {
            let (init_cells, empty_cells, dropped_tags, ids, like) = rest;
            // nbstripout counts the counts that it empties: an output may grow beyond the size by being cleaned.
            let max_size = if like == Like::Nbstripout { 0 } else { max_size };
            CleanOptions {
                keep_outputs,
                keep_counts,
                init_cells,
                keep_types,
                drop_types,
                max_size,
                keys,
                empty_cells,
                dropped_tags,
                ids,
                like,
            }
        },
    )
}

/// Cells with what made-up notebooks have too seldom: keys that ask for outputs, and keys within keys.
const CELLS: [&str; 6] = [
    r#"{"cell_type": "code", "metadata": {"keep_output": true, "mine": {"deep": {"x": 1}}}, "execution_count": 3,
       "outputs": [{"output_type": "execute_result", "execution_count": 1, "data": {"text/plain": "14 characters!"}}]}"#,
    r#"{"cell_type": "code", "id": "x", "metadata": {"tags": ["keep_output", "a"], "vscode": {"languageId": "x", "y": {}}},
       "outputs": [{"output_type": "stream", "name": "stderr", "text": ["a\n", "b"]}, {}], "source": "x"}"#,
    r#"{"cell_type": "code", "metadata": {"init_cell": true, "mine": {"deep": {}}}, "outputs": [{"output_type": "error"}],
       "outputs": [3], "source": " "}"#,
    r#"{}"#,
    r#"{"cell_type": "markdown", "id": 3, "id": "y", "metadata": {"cellwise": 3, "jupyter": {"source_hidden": true}}}"#,
    r#"{"metadata": {"cellwise": {"conflict": 1, "kind": "source", "marker_size": 7, "role": "begin"}}, "source": []}"#,
];

fn odd_file() -> impl Strategy<Value = Vec<u8>> {
    let cells = subsequence(CELLS.to_vec(), 0..=CELLS.len());
    let metadata = select(vec![r#"{}"#, r#"{"keep_output": true, "kernelspec": {"name": 1}}"#, "3"]);
    (cells, metadata, 4..6u8).prop_map(|(cells, metadata, minor)| {
        let cells = cells.join(",\n");
        format!(r#"{{"cells": [{cells}], "metadata": {metadata}, "nbformat": 4, "nbformat_minor": {minor}}}"#)
            .into_bytes()
    })
}

fn file() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![(book(4), layout()).prop_map(|(book, layout)| book.write(&layout)), odd_file()]
}

#[test]
fn what_is_clean_stays_as_it_is() {
    check(400, &(file(), options()), |(file, options)| {
        cleaning_again_changes_nothing(&file, &options);
        Ok(())
    });
}

#[test]
fn with_all_kept_only_the_noise_goes() {
    let everything =
        CleanOptions { keep_outputs: Keep::Everywhere, keep_counts: Keep::Everywhere, ..CleanOptions::default() };
    check(100, &(book(4), layout()), |(mut book, layout)| {
        book.metadata.retain(|(key, _)| !key.starts_with("orig_nbformat"));
        for cell in &mut book.cells {
            cell.metadata.retain(|(key, _)| key != "collapsed");
        }
        let file = book.write(&layout);
        let notebook = Notebook::read(&file).expect("a notebook");
        prop_assert_eq!(clean(&notebook, &everything).edits, []);
        Ok(())
    });
}

#[test]
fn nbstripouts_layout_says_the_same() {
    let like = CleanOptions {
        keep_outputs: Keep::Everywhere,
        keep_counts: Keep::Everywhere,
        ids: Some(Ids::Keep),
        like: Like::Nbstripout,
        ..CleanOptions::default()
    };
    let own = CleanOptions { like: Like::Cellwise, ..like.clone() };
    check(100, &(book(4), layout()), |(book, layout)| {
        let file = book.write(&layout);
        let notebook = Notebook::read(&file).expect("a notebook");
        let [like, own] = [&like, &own].map(|options| clean(&notebook, options).bytes(&notebook));
        let sources = |file: &[u8]| -> Vec<Vec<u8>> {
            Notebook::read(file).expect("a notebook").cells.iter().map(|cell| cell.source_text()).collect()
        };
        prop_assert_eq!(sources(&like), sources(&own));
        let ids = |file: &[u8]| -> Vec<Option<String>> {
            let cells = Notebook::read(file).expect("a notebook").cells;
            cells.iter().map(|cell| cell.id().map(str::to_owned)).collect()
        };
        prop_assert_eq!(ids(&like), ids(&own));
        let metadata = |file: &[u8]| Notebook::read(file).expect("a notebook").metadata().map(str::to_owned);
        let same = match (metadata(&like), metadata(&own)) {
            (Some(one), Some(other)) => json::same(&one, &other),
            (one, other) => one == other,
        };
        prop_assert!(same);
        Ok(())
    });
}
