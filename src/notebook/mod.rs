//! Stage 2: a notebook and its cells, as a view of the file's bytes.
//!
//! A [`Notebook`] holds nothing of its own: each cell is the list of its raw members in file order, unknown
//! keys among them, and its place in the file. What the names mean is nbformat's
//! (<https://nbformat.readthedocs.io/en/latest/format_description.html>), for nbformat 4 and for the older
//! 2 and 3, whose cells stand in worksheets and call their source `input` and their count `prompt_number`.

mod cell;
mod conflict;
mod output;
mod read;
mod upgrade;

pub use cell::{Cell, CellKind};
pub use conflict::{ConflictKind, RECORD_KEY, Record, Role, holds_markers, holds_records, marker_size_for};
pub use output::{Output, OutputKind};
pub use read::{Notebook, ReadError, Version};
pub use upgrade::upgrade;
