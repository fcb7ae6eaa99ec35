//! Options that say which parts of a notebook are compared; the letters are nbdime's.

use cellwise::diff::{Detail, Parts};

/// Small letters: only these parts, all of them by lines. Capitals: all but these.
#[derive(clap::Args)]
#[group(skip)]
#[command(next_help_heading = "Parts (a small letter: only this, by lines; a capital: all but this)")]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub(super) struct Args {
    /// Sources of cells
    #[arg(short, long)]
    sources: bool,
    /// Outputs of code cells
    #[arg(short, long)]
    outputs: bool,
    /// Attachments of cells
    #[arg(short, long)]
    attachments: bool,
    /// Metadata, that of tools too
    #[arg(short, long)]
    metadata: bool,
    /// Ids of cells
    #[arg(short, long)]
    id: bool,
    /// Execution counts and other details
    #[arg(short, long)]
    details: bool,
    /// Not the sources
    #[arg(short = 'S', long, conflicts_with_all = ONLY, hide_short_help = true)]
    ignore_sources: bool,
    /// Not the outputs
    #[arg(short = 'O', long, conflicts_with_all = ONLY, hide_short_help = true)]
    ignore_outputs: bool,
    /// Not the attachments
    #[arg(short = 'A', long, conflicts_with_all = ONLY, hide_short_help = true)]
    ignore_attachments: bool,
    /// Not the metadata
    #[arg(short = 'M', long, conflicts_with_all = ONLY, hide_short_help = true)]
    ignore_metadata: bool,
    /// Not the ids
    #[arg(short = 'I', long, conflicts_with_all = ONLY, hide_short_help = true)]
    ignore_id: bool,
    /// Not the details
    #[arg(short = 'D', long, conflicts_with_all = ONLY, hide_short_help = true)]
    ignore_details: bool,
}

/// What cannot stand beside a capital: "only these" and "all but these" together say nothing.
const ONLY: [&str; 6] = ["sources", "outputs", "attachments", "metadata", "id", "details"];

impl Args {
    pub(super) fn parts(&self) -> Parts {
        let only = [self.sources, self.outputs, self.attachments, self.metadata, self.id, self.details];
        let without = [
            self.ignore_sources,
            self.ignore_outputs,
            self.ignore_attachments,
            self.ignore_metadata,
            self.ignore_id,
            self.ignore_details,
        ];
        let chosen = only.contains(&true);
        let start = if chosen { Parts::all(Detail::LeftOut) } else { Parts::default() };
        let switches = if chosen { only } else { without };
        let detail = if chosen { Detail::Shown } else { Detail::LeftOut };
        let set = |on: bool, usual: Detail| if on { detail } else { usual };
        let [sources, outputs, attachments, metadata, ids, details] = switches;
        Parts {
            sources: set(sources, start.sources),
            outputs: set(outputs, start.outputs),
            attachments: set(attachments, start.attachments),
            metadata: set(metadata, start.metadata),
            ids: set(ids, start.ids),
            details: set(details, start.details),
        }
    }
}
