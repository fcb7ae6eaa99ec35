//! Stage 4: the text form, the notebook as lines.
//!
//! One text for textconv, diff, show, blame and grep, so that their line numbers agree. A person's part stands
//! in the open: for each cell a header (`# %% code`), its source, and the metadata that people write. All that
//! tools write is one last line of digests, so that a change of it is seen and does not drown the rest.
//! `docs/text-form.md` describes it for users.

mod digest;
mod form;
mod read_line;
mod visible;

pub use form::{TextForm, text_form};
pub use read_line::{read_json, read_line};
pub use visible::{push_line, push_visible};
