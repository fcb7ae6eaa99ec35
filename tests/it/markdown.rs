//! `cellwise diff --format markdown`: what a reader of Markdown makes of it.

use comrak::nodes::NodeValue;
use comrak::{Arena, Options, parse_document};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use cellwise::diff::{DiffOptions, diff};
use cellwise::notebook::Notebook;
use cellwise::render::{FileHeader, FileSide, MarkdownReport, PatchOptions};

use crate::nb;
use crate::notebooks::check;
use crate::repo::Repo;

/// A text that would like to be Markdown.
fn hostile() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "`",
        "``",
        "```",
        "````diff",
        "~~~",
        "\n",
        "\n\n",
        "    ",
        "\t",
        " ",
        "\r",
        "\\",
        "a",
        "b",
        "# x",
        "- ",
        "> ",
        "---",
        "***",
        "__x__",
        "<b>",
        "</code></pre>",
        "<!--",
        "-->",
        "<script>",
        "[x](https://example.org)",
        "![x](y)",
        "[x]: y",
        "https://example.org",
        "@someone",
        "&lt;",
        "|",
        "|-|",
        "$x$",
        "\u{1b}[31m",
        "\u{202e}",
        "\u{2028}",
        "\u{85}",
        "é",
    ];
    let long = prop_oneof![Just("`".repeat(90)), Just("`".repeat(300)), Just("x".repeat(1500))];
    vec(prop_oneof![9 => select(PIECES).prop_map(str::to_owned).boxed(), 1 => long.boxed()], 0..12)
        .prop_map(|pieces| pieces.concat())
}

/// Everything that stands outside of code, and each kind of node but those of headings, lists and code.
fn outside_of_code(markdown: &str) -> (Vec<String>, Vec<String>) {
    let mut options = Options::default();
    let extension = &mut options.extension;
    (extension.autolink, extension.table, extension.strikethrough) = (true, true, true);
    (extension.footnotes, extension.tasklist, extension.math_dollars) = (true, true, true);
    let arena = Arena::new();
    let (mut texts, mut others) = (Vec::new(), Vec::new());
    for node in parse_document(&arena, markdown, &options).descendants() {
        match &node.data.borrow().value {
            NodeValue::Text(text) => texts.push(text.to_string()),
            NodeValue::Document | NodeValue::Heading(_) | NodeValue::List(_) | NodeValue::Item(_) => {}
            NodeValue::Paragraph | NodeValue::Code(_) | NodeValue::CodeBlock(_) | NodeValue::Emph => {}
            other => others.push(format!("{other:?}")),
        }
    }
    (texts, others)
}

/// What the report itself says outside of code.
fn is_ours(text: &str) -> bool {
    let words = [", new", ", deleted", " -> ", " more", "Binary files differ"];
    words.iter().any(|word| text.starts_with(word)) || text.starts_with(|first: char| first.is_ascii_digit())
}

fn report(before: &str, after: &str, paths: [&str; 2], limit: usize) -> String {
    let [before, after] = [before, after].map(str::as_bytes);
    let [old, new] = [before, after].map(|file| Notebook::read(file).unwrap());
    let side =
        |path: &str| FileSide { path: path.as_bytes().to_vec(), mode: Some("100644".to_owned()), oid: String::new() };
    let header = FileHeader::new(side(paths[0]), side(paths[1]));
    let mut report = MarkdownReport::new(&PatchOptions::default(), limit);
    report.push(&diff(Some(&old), Some(&new), &DiffOptions::default()), &header);
    report.push_text([before, after], &[paths[0].to_owned()], &header);
    String::from_utf8(report.finish()).unwrap()
}

#[test]
fn nothing_of_a_notebook_is_markdown() {
    let texts = vec(hostile(), 8);
    check(400, &texts, |texts| {
        let [old, new, more, tag, key, value, path, other] = &texts[..] else { unreachable!() };
        let mut cell = nb::markdown("a", new);
        cell["metadata"] = json!({ "tags": [tag], key: value });
        let before = nb::notebook(&[nb::markdown("a", old), nb::ran("b", "x", 1, value)]);
        let after = nb::notebook(&[cell, nb::code("c", more), nb::ran("b", "x", 2, tag)]);
        let markdown = report(&before, &after, [path, other], 1_000_000);
        let (texts, others) = outside_of_code(&markdown);
        prop_assert_eq!(others, Vec::<String>::new(), "{}", markdown);
        prop_assert!(texts.iter().all(|text| is_ours(text)), "{:?}\n{}", texts, markdown);
        Ok(())
    });
}

#[test]
fn no_report_is_longer_than_its_limit() {
    check(100, &(hostile(), hostile(), 300_usize..3000), |(old, new, limit)| {
        let [before, after] = [&old, &new].map(|text| nb::sources(&[text, text]));
        let markdown = report(&before, &after, [&old, &new], limit);
        prop_assert!(markdown.len() <= limit, "{} > {}", markdown.len(), limit);
        Ok(())
    });
}

#[test]
fn changes_in_a_repository_are_told() {
    let repo = Repo::new();
    repo.write("n.ipynb", nb::sources(&["x = 1", "y"])).write("old.ipynb", nb::sources(&["a", "b"]));
    repo.write("t.txt", "one\n").write("broken.ipynb", "{").commit("base");
    repo.write("n.ipynb", nb::sources(&["x = 2", "y"])).write("new.ipynb", nb::sources(&["z"]));
    repo.write("broken.ipynb", "{\n\"").write("t.txt", "two\n");
    repo.git(["mv", "old.ipynb", "moved.ipynb"]).ok();
    repo.commit("edit");
    let shown = repo.cellwise(["diff", "--format", "markdown", "--color=always", "HEAD^", "HEAD"]).ok();
    let headings: Vec<&str> = shown.lines().filter(|line| line.starts_with('#')).collect();
    let expected = [
        "### `broken.ipynb`",
        "### `old.ipynb` -> `moved.ipynb`",
        "### `n.ipynb`",
        "#### `cell 1 code`",
        "### `new.ipynb`, new",
        "#### `cell 1 code, new`",
    ];
    assert_eq!(headings, expected, "{shown}");
    assert!(shown.contains("- `broken.ipynb (before): ") && shown.contains("-x = 1\n+x = 2\n"), "{shown}");
    assert!(!shown.contains('\u{1b}') && shown.ends_with("```\n"), "{shown}");
    repo.cellwise(["diff", "--format", "markdown", "--exit-code", "HEAD"]).exits(0);
}
