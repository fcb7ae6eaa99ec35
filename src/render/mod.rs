//! Stage 8: what people and programs read. Everything is written to a buffer or a writer that the caller gives.

mod header;
mod palette;
mod patch;
mod show;

pub use header::{FileHeader, FileSide, Quoting, push_quoted_path};
pub use palette::Palette;
pub use patch::{PatchOptions, patch, text_patch, visible_text};
pub use show::show;
