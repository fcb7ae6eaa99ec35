//! Stage 4: the text form, the notebook as lines.
//!
//! One text for textconv, diff, show, blame and grep, so that their line numbers agree. A person's part stands
//! in the open: for each cell a header (`# %% code`), its source, and the metadata that people write. All that
//! tools write is one last line of digests, so that a change of it is seen and does not drown the rest.
//! `docs/text-form.md` describes it for users.

mod digest;
mod form;
mod options;
mod parts;
mod visible;

pub use form::{TextForm, layout_words, text_form};
pub use options::{Show, TextOptions};
pub use parts::{Part, TailPart, parts, tail_parts};
pub use visible::{push_line, push_visible};
/// placeholder
pub fn text_form_with(n: &crate::notebook::Notebook<'_>, o: &TextOptions) -> TextForm {
    let mut t = text_form(n);
    if o.hidden_line == Show::No {
        let at = t.bytes.len() - t.bytes.split_inclusive(|b| *b == b'\n').next_back().unwrap().len();
        t.bytes.truncate(at);
    }
    t
}
