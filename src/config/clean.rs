//! The section `[clean]`, and what it makes of [`CleanOptions`].

use toml::Spanned;
use toml::de::DeValue;

use crate::normalize::{CleanOptions, Ids, InitCells, Keep, KeyOptions, Like, NoiseKey, OnClean, OutputType};

use super::keys::Key;
use super::reader::Reader;
use super::value::{Preset, Value};

/// Makes a section of rows `/// HELP`, `FIELD: TYPE = "KEY", DEFAULT;`. A row is all that there is to say of an option:
/// it gives the key of the configuration and the option of the command line.
macro_rules! section {
    ($(#[$about:meta])* $name:ident in $table:literal { $($(#[doc = $help:literal])+ $field:ident: $type:ty = $key:literal, $default:literal;)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct $name {
            $($(#[doc = $help])+ pub $field: Option<$type>,)*
        }

        impl $name {
            /// Its keys, each an option of the command line too.
            pub const KEYS: &[Key] = &[$(Key {
                path: concat!($table, ".", $key),
                default: $default,
                takes: <$type as Value>::TAKES,
                help: concat!($($help),+),
            }),*];

            /// What is said here, and for the rest what `other` says. A list takes the place of another whole.
            #[must_use]
            pub fn or(self, other: Self) -> Self {
                Self { $($field: self.$field.or(other.$field)),* }
            }

            /// Adds what is typed for the option `name`.
            ///
            /// # Errors
            /// What it takes instead.
            pub fn add(&mut self, name: &str, typed: &str) -> Result<(), String> {
                match name {
                    $($key => {
                        let typed = <$type as Value>::parse(typed)?;
                        self.$field = Some(match self.$field.take() {
                            Some(earlier) => earlier.and(typed),
                            None => typed,
                        });
                    })*
                    _ => return Err("no such option".to_owned()),
                }
                Ok(())
            }

            /// Takes the value of the key `name`.
            pub(super) fn read(&mut self, reader: &mut Reader<'_>, name: &str, value: &Spanned<DeValue<'_>>) {
                match name {
                    $($key => self.$field = Value::read(reader, $key, value),)*
                    _ => {}
                }
            }
        }
    };
}

section! {
    /// The section `[clean]`: what is configured. The command line fills one too, which comes first ([`Self::or`]).
    CleanSection in "clean" {
        /// Keep outputs, but for cells with `keep_output: false`
        keep_output: bool = "keep-output", "false";
        /// Keep execution counts
        keep_count: bool = "keep-count", "false";
        /// Keep outputs of a type everywhere: `error`, `stream:stderr`; with --keep-output, only these
        keep_output_type: Vec<OutputType> = "keep-output-type", "[]";
        /// Drop outputs of a type everywhere, also where cells ask to keep theirs
        drop_output_type: Vec<OutputType> = "drop-output-type", "[]";
        /// Keep outputs of at most so many characters: 300, 10k, 5M
        max_size: usize = "max-size", "0";
        /// Take no notice of `init_cell`
        strip_init_cells: bool = "strip-init-cells", "false";
        /// Drop these keys too: "metadata.a cell.metadata.b"; a last `*` stands for any ending
        extra_keys: Vec<NoiseKey> = "extra-keys", "[]";
        /// Keep these keys
        keep_metadata_keys: Vec<NoiseKey> = "keep-metadata-keys", "[]";
        /// Keep these keys alone: where one of the notebook, or one of cells, is named, all others go
        only_keys: Vec<NoiseKey> = "only-keys", "[]";
        /// Drop what tools write: vscode, colab, papermill, pycharm, nteract, jupyterlab, nbextensions, databricks, azure,
        /// bento, or all
        preset: Vec<Preset> = "preset", "[]";
        /// Drop the kernel's name and the version of the language
        strip_kernel: bool = "strip-kernel", "false";
        /// Drop cells whose source is white space
        drop_empty_cells: bool = "drop-empty-cells", "false";
        /// Drop cells with one of these tags
        drop_tagged_cells: Vec<String> = "drop-tagged-cells", "[]";
        /// What becomes of cell ids
        ids: Ids = "ids", "\"keep\"";
        /// Whose bytes are written
        like: Like = "like", "\"cellwise\"";
    }
}

impl CleanSection {
    /// Cleaning as said here, and with the defaults for the rest.
    #[must_use]
    pub fn options(self) -> CleanOptions {
        let keep = |everywhere| if everywhere == Some(true) { Keep::Everywhere } else { Keep::WhereAsked };
        let drop = |drops| if drops == Some(true) { OnClean::Drop } else { OnClean::Keep };
        CleanOptions {
            keep_outputs: keep(self.keep_output),
            keep_counts: keep(self.keep_count),
            init_cells: if self.strip_init_cells == Some(true) { InitCells::Strip } else { InitCells::Keep },
            keep_types: self.keep_output_type.unwrap_or_default(),
            drop_types: self.drop_output_type.unwrap_or_default(),
            max_size: self.max_size.unwrap_or_default(),
            keys: KeyOptions {
                extra: self.extra_keys.unwrap_or_default(),
                keep: self.keep_metadata_keys.unwrap_or_default(),
                only: self.only_keys.unwrap_or_default(),
                tools: Preset::tools(&self.preset.unwrap_or_default()),
                kernel: drop(self.strip_kernel),
            },
            empty_cells: drop(self.drop_empty_cells),
            dropped_tags: self.drop_tagged_cells.unwrap_or_default(),
            ids: self.ids,
            like: self.like.unwrap_or_default(),
        }
    }
}
