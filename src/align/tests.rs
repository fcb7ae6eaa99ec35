use super::*;

/// A notebook from `id:source` (or only `source`) for each cell; all are code.
fn notebook(cells: &[&str]) -> String {
    let cell = |text: &&str| {
        let (id, source) = text.split_once(':').unwrap_or(("", text));
        let id = if id.is_empty() { String::new() } else { format!("\"id\": \"{id}\", ") };
        format!("{{\"cell_type\": \"code\", {id}\"source\": [\"{source}\"]}}")
    };
    let cells: Vec<String> = cells.iter().map(cell).collect();
    format!("{{\"cells\": [{}]}}", cells.join(", "))
}

/// For each cell of `after` its partner, with `!` if it moved, or `+`.
fn aligned(before: &[&str], after: &[&str]) -> String {
    let (before, after) = (notebook(before), notebook(after));
    let (before, after) = (Notebook::read(before.as_bytes()).unwrap(), Notebook::read(after.as_bytes()).unwrap());
    let alignment = align(&before, &after);
    let partner = |cell| match alignment.to_before(cell) {
        Some(partner) if alignment.is_moved(cell) => format!("{partner}!"),
        Some(partner) => partner.to_string(),
        None => "+".to_owned(),
    };
    (0..after.cells.len()).map(partner).collect::<Vec<_>>().join(" ")
}

#[test]
fn equal_cells_are_paired_in_order() {
    assert_eq!(aligned(&["import numpy", "x = 1", "plot(x)"], &["import numpy", "new stuff", "plot(x)"]), "0 + 2");
}

#[test]
fn an_edited_cell_is_known_by_its_words() {
    let (old, new) = ("df = load(path); df.head()", "df = load(path, index=0); df.head()");
    assert_eq!(aligned(&["a first cell", old], &["something else here", new]), "+ 1");
    assert_eq!(aligned(&["x = 1"], &["x = 2"]), "0");
    assert_eq!(aligned(&["import pandas"], &["model.fit(data)"]), "+");
}

#[test]
fn an_id_pairs_unlike_cells_only_if_ids_have_proved_right() {
    let before = ["a:import numpy as np", "b:print(result)", "c:the end of it"];
    assert_eq!(aligned(&before, &["a:import numpy as np", "b:model.fit(data)", "c:the end of it"]), "0 1 2");
    let renumbered = ["0:import numpy as np", "1:print(result)", "2:the end of it", "3:another"];
    let shifted = ["0:brand new", "1:import numpy as np", "2:print(result)", "3:the end of it", "4:another"];
    assert_eq!(aligned(&renumbered, &shifted), "+ 0 1 2 3");
}

#[test]
fn an_id_tells_equal_cells_apart() {
    assert_eq!(aligned(&["a:show()", "b:show()", "c:show()"], &["a:show()", "c:show()"]), "0 2");
}

#[test]
fn a_blank_cell_that_was_written_in_is_known_by_its_id() {
    let before = ["a:import pandas", "b:", "c:print(result)"];
    assert_eq!(aligned(&before, &["a:import pandas", "b:# test", "n:", "c:print(result)"]), "0 1 + 2");
    assert_eq!(aligned(&before, &["a:import pandas", "n:# test", "m:", "c:print(result)"]), "0 + 1 2");
    let emptied = ["a:import pandas", "b:"];
    assert_eq!(aligned(&["a:import pandas", "b:# test", "n:"], &emptied), "0 1");
    let moved = ["a:import pandas", "b:print(result)", "c:"];
    assert_eq!(aligned(&before, &moved), "0 2 +", "a blank cell is no sign of a move");
}

#[test]
fn an_id_tells_what_became_of_a_template_only_if_ids_have_proved_right() {
    let before = ["a:import numpy as np", "e:raise NotImplementedError()", "b:print(result)", "c:the end of it"];
    let answered = ["a:import numpy as np", "e:mean = 3", "b:print(result)", "c:the end of it"];
    let copied = [&answered[..], &["f:raise NotImplementedError()"]].concat();
    assert_eq!(aligned(&before, &copied), "0 1 2 3 +");
    let renumbered = ["0:raise NotImplementedError()", "1:import numpy as np", "2:print(result)", "3:the end of it"];
    let moved = ["0:mean = 3", "1:x = 4", "2:import numpy as np", "3:print(result)", "4:the end of it"];
    let moved = [&moved[..], &["5:raise NotImplementedError()"]].concat();
    assert_eq!(aligned(&renumbered, &moved), "+ + 1 2 3 0!");
}

#[test]
fn a_cell_and_its_copy_are_told_apart_by_id_where_it_was_only_extended() {
    let (before, after) = (["s:show()"], ["s:plot(heights, weights); show(all)", "t:show()"]);
    assert_eq!(aligned(&before, &after), "+ 0", "its line is gone");
    let extended = "s:plot(heights, weights)\\nshow()";
    assert_eq!(aligned(&before, &[extended, "t:show()"]), "0 +");
    assert_eq!(aligned(&before, &["t:show()", extended]), "+ 0");
    assert_eq!(aligned(&["s:x"], &["s:plot(heights, weights)\\nx", "t:x"]), "+ 0", "it says too little");
}

#[test]
fn a_moved_cell_is_found_even_if_it_was_edited() {
    let cells = ["import numpy as np", "x = np.arange(10)", "y = np.sin(x)", "plot(x, y)"];
    assert_eq!(aligned(&cells, &[cells[3], cells[0], cells[1], cells[2]]), "3! 0 1 2");
    let long = "result = simulate(model, steps=100, seed=1)";
    let edited = "result = simulate(model, steps=200, seed=1)";
    assert_eq!(aligned(&[long, cells[0], cells[1]], &[cells[0], cells[1], edited]), "1 2 0!");
}

#[test]
fn layout_does_not_hide_equal_cells() {
    let one = "{\"cells\": [{\"cell_type\":\"code\",\"source\":[\"a = 1\\n\",\"b\"]}]}";
    let other = "{\n \"cells\": [\n  {\n   \"cell_type\": \"code\",\n   \"source\": \"a = 1\\nb\"\n  }\n ]\n}";
    let (one, other) = (Notebook::read(one.as_bytes()).unwrap(), Notebook::read(other.as_bytes()).unwrap());
    assert_eq!(align(&one, &other).to_after(0), Some(0));
}

#[test]
fn a_notebook_in_which_all_changed_is_done_in_time() {
    let cell = |index: usize, word: &str| format!("{word}: value_{index} = compute({index}, other_{index})");
    let before: Vec<String> = (0..3000).map(|index| cell(index, "old")).collect();
    let mut after: Vec<String> = (0..3000).map(|index| cell(index, "new")).collect();
    after.rotate_left(1000);
    let (before, after): (Vec<&str>, Vec<&str>) =
        (before.iter().map(String::as_str).collect(), after.iter().map(String::as_str).collect());
    let (before, after) = (notebook(&before), notebook(&after));
    let (before, after) = (Notebook::read(before.as_bytes()).unwrap(), Notebook::read(after.as_bytes()).unwrap());
    let alignment = align(&before, &after);
    assert_eq!(alignment.pairs().count(), 3000);
    assert_eq!(alignment.to_after(1500), Some(500));
}

/// For each split cell its parts and where they meet, from sources with `|` between their lines.
fn found_splits(before: &[&str], after: &[&str]) -> Vec<String> {
    let file = |cells: &[&str]| {
        let cells: Vec<String> = cells.iter().map(|text| text.replace('|', "\\n")).collect();
        notebook(&cells.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let (before, after) = (file(before), file(after));
    let (before, after) = (Notebook::read(before.as_bytes()).unwrap(), Notebook::read(after.as_bytes()).unwrap());
    let found = splits(&before.cells, &after.cells, &align(&before, &after));
    found.iter().map(|Split { whole, parts, cuts }| format!("{whole}: {parts:?} at {cuts:?}")).collect()
}

#[test]
fn a_split_is_told_with_its_cuts() {
    let whole = "import os|import sys||x = load(os.path)|y = clean(x)";
    let parts = ["first cell", "import os|import sys", "x = load(os.path)|y = clean(x)", "last cell"];
    let found = found_splits(&["first cell", whole, "last cell"], &parts);
    assert_eq!(found, ["1: [1, 2] at [2..3]"]);
    let edited = ["import os|import re", "x = load(os.path, 3)|y = clean(x)"];
    assert_eq!(found_splits(&[whole], &edited), ["0: [0, 1] at [2..3]"]);
}

#[test]
fn a_cell_with_all_its_lines_was_not_split() {
    assert_eq!(found_splits(&["a = load()|show(a)"], &["a = load()|show(a)", "show(a)"]), [""; 0]);
    assert_eq!(found_splits(&["a = load()|show(a)"], &["a = load(3)|show(a)", "fit(a)|more(a)"]), [""; 0]);
}

#[test]
fn many_new_cells_around_an_edited_one_are_no_parts() {
    let after: Vec<String> = (0..40).map(|index| format!("new_{index} = other({index})")).collect();
    let mut after: Vec<&str> = after.iter().map(String::as_str).collect();
    after[20] = "import os|import sys, re|run(os)";
    assert_eq!(found_splits(&["import os|import sys|run(os)"], &after), [""; 0]);
}
