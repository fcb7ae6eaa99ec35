//! Stage 10: what people and programs read. Everything is written to a buffer or a writer that the caller gives.

mod ascii;
mod cell_report;
mod code;
mod conflict;
mod conflict_list;
mod diff_report;
mod header;
mod heading;
mod hunks;
mod lines;
mod merge_line;
mod merge_report;
mod names;
mod notes;
mod palette;
mod patch;
mod plain;
mod show;
mod stat;
mod terminal;
mod syntax;
mod word_diff;

pub use ascii::ascii;
pub use conflict::{ConflictView, Extent, ShownConflict};
pub use conflict_list::{
    CONFLICT_LIST_VERSION, ListedConflict, ListedNotebook, conflict_document, conflict_list, what_happened,
};
pub use diff_report::DiffReport;
pub use header::{FileHeader, FileSide, Quoting, push_quoted_path};
pub use lines::push_marked_line;
pub use merge_line::merge_line;
pub use merge_report::{MERGE_REPORT_VERSION, MergeReport, Method, merge_report};
pub use names::{Ending, Listing, push_name, push_unmerged_name};
pub use palette::Palette;
pub use patch::{PatchOptions, Syntax, patch};
pub use plain::{text_changes, text_patch, visible_text};
pub use show::show;
pub use stat::{FileStat, stat};
pub use syntax::Highlighter;
pub use terminal::terminal;
pub use word_diff::{WordDiff, push_word_context, push_word_diff};
