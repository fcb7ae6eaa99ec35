//! The text form.

use cellwise::notebook::Notebook;
use cellwise::text::{Show, TextForm, TextOptions, parts, text_form, text_form_with};

use super::{keep_case, shown, steers_a_terminal};

/// The text form of any notebook, with outputs and without.
pub(super) fn target(file: &[u8]) {
    keep_case(&[("input.ipynb", file)]);
    let Ok(notebook) = Notebook::read(file) else { return };
    is_lines_of_text(&notebook, &text_form(&notebook));
    is_lines_of_text(&notebook, &everything(&notebook));
}

/// The text form with all that can be asked for.
pub(crate) fn everything(notebook: &Notebook<'_>) -> TextForm {
    let (yes, hidden_line) = (Show::Yes, Show::Yes);
    text_form_with(notebook, &TextOptions { outputs: yes, ids: yes, counts: yes, tool_metadata: yes, hidden_line })
}

/// It is UTF-8 that steers no terminal, each cell has its lines, and each line is known for what it is.
pub(crate) fn is_lines_of_text(notebook: &Notebook<'_>, form: &TextForm) {
    let text = std::str::from_utf8(&form.bytes).expect("UTF-8");
    assert!(text.ends_with('\n') && !steers_a_terminal(text), "{text}");
    assert_eq!(form.cells.len(), notebook.cells.len());
    let mut start = 0;
    for (index, range) in form.cells.iter().enumerate() {
        assert_eq!(range.start, start, "cells that are not one behind another");
        start = range.end;
        let cell = form.cell(index);
        assert!(cell.starts_with(b"# %% ") && cell.ends_with(b"\n"), "{}", shown(cell));
        let lines = || cell.split_inclusive(|byte| *byte == b'\n');
        assert_eq!(parts(lines()).len(), lines().count());
    }
}
