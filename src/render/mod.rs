//! Stage 9: what people and programs read. Everything is written to a buffer or a writer that the caller gives.

mod ascii;
mod cell_report;
mod diff_report;
mod header;
mod merge_line;
mod merge_report;
mod palette;
mod patch;
mod show;

pub use diff_report::DiffReport;
pub use header::{FileHeader, FileSide, Quoting, push_quoted_path};
pub use merge_line::merge_line;
pub use merge_report::{MERGE_REPORT_VERSION, MergeReport, Method, merge_report};
pub use palette::Palette;
pub use patch::{PatchOptions, patch, text_patch, visible_text};
pub use show::show;
