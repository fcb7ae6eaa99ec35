//! cellwise: a git diff and merge driver for Jupyter notebooks.
//!
//! The library is a flow of stages. Each is a module that knows only those before it, reads no file, no
//! environment and no configuration, and prints nothing: values in, values out.
//!
//! ```text
//! bytes ─ json ─ notebook ─┬─ normalize::clean ─────────────── bytes
//!                          ├─ text ───────────┬─ render::show ─ bytes
//!                          └─ align ─┬─ diff ─┴─ render::terminal, patch, stat ─ bytes
//!                                    ├─ merge ─┬────────────── bytes
//!                                    │         └─ render::merge_line, merge_report ─ bytes
//!                                    ├─ render::diff_report ─── JSON ─ apply ─ bytes
//!                                    └─ pick ────────────────── bytes
//! ```
//!
//! # Reading
//!
//! A [`notebook::Notebook`] is a view of the file's bytes; nothing is decoded that nobody asks for.
//!
//! ```
//! use cellwise::notebook::Notebook;
//!
//! let file = br#"{"cells": [{"cell_type": "code", "execution_count": 3, "outputs": [], "metadata": {},
//!     "source": ["x = 1\n", "x"]}], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}"#;
//! let notebook = Notebook::read(file)?;
//! assert_eq!(notebook.cells[0].source_text(), b"x = 1\nx");
//! # Ok::<(), cellwise::notebook::ReadError>(())
//! ```
//!
//! # Cleaning and showing
//!
//! [`normalize::clean`] gives edits of the file's text, [`text::text_form`] the lines that people read.
//!
//! ```
//! # use cellwise::notebook::Notebook;
//! use cellwise::normalize::{CleanOptions, clean};
//! use cellwise::text::text_form;
//!
//! # let file = br#"{"cells": [{"cell_type": "code", "execution_count": 3, "outputs": [], "metadata": {},
//! #     "source": ["x = 1\n", "x"]}], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}"#;
//! # let notebook = Notebook::read(file)?;
//! let cleaned = clean(&notebook, &CleanOptions::default());
//! assert_eq!(cleaned.edits.len(), 1); // the count becomes null
//! assert!(text_form(&notebook).bytes.starts_with(b"# %% code\nx = 1\nx\n\n"));
//! # Ok::<(), cellwise::notebook::ReadError>(())
//! ```
//!
//! # Comparing and merging
//!
//! [`align::align`] says which cell is which; [`diff::diff`] and [`merge::merge`] build on it.
//!
//! ```
//! # use cellwise::notebook::Notebook;
//! use cellwise::merge::{MergeOptions, merge};
//!
//! let file = |first: &str, last: &str| format!(
//!     r#"{{"cells": [{{"cell_type": "raw", "metadata": {{}}, "source": "{first}"}},
//!                    {{"cell_type": "raw", "metadata": {{}}, "source": "{last}"}}],
//!         "metadata": {{}}, "nbformat": 4, "nbformat_minor": 4}}"#
//! );
//! let (base, ours, theirs) = (file("a = 1", "b = 1"), file("a = 2", "b = 1"), file("a = 1", "b = 2"));
//! let [base, ours, theirs] = [&base, &ours, &theirs].map(|file| Notebook::read(file.as_bytes()).unwrap());
//! let outcome = merge(Some(&base), &ours, &theirs, &MergeOptions::default()).unwrap();
//! assert_eq!(outcome.conflicts, []);
//! assert_eq!(outcome.bytes, file("a = 2", "b = 2").as_bytes());
//! ```
//!
//! # Patches
//!
//! [`render::DiffReport`] tells as JSON what changed, and [`apply::Patch`] makes the new file of that and the old one; it
//! reads unified diffs of text forms too.
//!
//! ```
//! use cellwise::apply::Patch;
//! use cellwise::render::{DiffReport, FileHeader, FileSide};
//!
//! let before = br#"{"cells": [{"cell_type": "raw", "metadata": {}, "source": "x"}], "nbformat": 4}"#;
//! let after = br#"{"cells": [{"cell_type": "raw", "metadata": {}, "source": "y"}], "nbformat": 4}"#;
//! let side = || FileSide { path: b"n.ipynb".to_vec(), mode: Some("100644".to_owned()), oid: String::new() };
//! let mut report = DiffReport::default();
//! report.push(&FileHeader::new(side(), side()), before, after);
//! let document = report.finish();
//! let patch = Patch::read(&document)?;
//! assert_eq!(patch.files[0].apply(before), Ok(Some(after.to_vec())));
//! # Ok::<(), cellwise::apply::PatchError>(())
//! ```
//!
//! # Choosing
//!
//! [`pick::Changes`] writes one version with some of the changes of another, which is how cells are staged.
//!
//! ```
//! use cellwise::notebook::Notebook;
//! use cellwise::pick::{CellName, Changes};
//!
//! let file = |first: &str, last: &str| format!(
//!     r#"{{"cells": [{{"cell_type": "raw", "metadata": {{}}, "source": "{first}"}},
//!                    {{"cell_type": "raw", "metadata": {{}}, "source": "{last}"}}],
//!         "metadata": {{}}, "nbformat": 4, "nbformat_minor": 4}}"#
//! );
//! let (staged, new) = (file("a = 1", "b = 1"), file("a = 2", "b = 2"));
//! let [old, new] = [&staged, &new].map(|file| Notebook::read(file.as_bytes()).unwrap());
//! let changes = Changes::of(&old, &new);
//! let second = changes.item_of(CellName::New(2));
//! let written = changes.with(|item| Some(item) == second).unwrap();
//! assert_eq!(written, file("a = 1", "b = 2").as_bytes());
//! ```
//!
//! # The world outside
//!
//! Only [`mod@file`] and [`git`] touch files, the environment and other programs; the command itself is the binary's.
//! [`config`] reads the text of what a project configures.

pub mod json;
pub mod notebook;
pub mod normalize;
pub mod text;
pub mod align;
pub mod diff;
pub mod merge;
pub mod apply;
pub mod pick;
pub mod resolve;
pub mod render;

pub mod config;
pub mod file;
pub mod git;
