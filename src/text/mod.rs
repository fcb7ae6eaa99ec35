//! Stage 4: the text form, the notebook as lines.
//!
//! One text for textconv, diff, show, blame and grep, so that their line numbers agree. A person's part stands
//! in the open: for each cell a header (`# %% code`), its source, and the metadata that people write. All that
//! tools write is one last line of digests, so that a change of it is seen and does not drown the rest.
//! `docs/text-form.md` describes it for users.

mod by_cell;
mod digest;
mod form;
mod hidden;
mod mask;
mod options;
mod outputs;
mod parts;
mod read_line;
mod size;
mod terminal;
mod visible;
mod word;

pub use by_cell::{CellTexts, have_same_text};
pub use form::{TextForm, text_form, text_form_in_pieces, text_form_with};
pub use hidden::layout_words;
pub use options::{Show, TextOptions};
pub use outputs::{OutputContent, ReadableOutput, readable_displays, readable_outputs, readable_streams};
pub use parts::{Part, TailPart, parts, tail_parts};
pub use read_line::{read_json, read_line};
pub use size::{Pixels, Size};
pub use visible::{push_line, push_visible};
pub use word::word;

/// The version of the text form, raised whenever the text of any notebook changes: git may keep the texts
/// (`cachetextconv`), and begins anew when this number in the configured command is another.
pub const TEXT_FORM_VERSION: u32 = 1;
