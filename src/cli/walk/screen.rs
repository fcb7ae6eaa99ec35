//! A conflict on the screen.

use cellwise::git::settings::Stdout;
use cellwise::render::{ConflictView, Extent};

use crate::cli::pager::Printer;
use crate::cli::screen::Screen;
use crate::cli::{colour, output, show};

/// Lines around what is shown of a conflict and its heading: a blank one, the prompt, and one for the cursor.
const FRAME: usize = 3;

impl Screen {
    /// Shows a conflict; `true` if not all of it fits. What cannot be printed is not worth the end of the walk.
    pub(super) fn show(&self, heading: &str, view: &ConflictView<'_, '_>) -> bool {
        let shown = view.show(extent(heading), &self.palette);
        let mut out = b"\n".to_vec();
        self.push(&self.palette.meta, heading, &mut out);
        out.extend_from_slice(&shown.text);
        output::write(&out).ok();
        shown.is_cut
    }

    pub(super) fn show_proposal(&self, view: &ConflictView<'_, '_>, source: &[u8]) {
        output::write(&view.show_proposal(source, extent(""), &self.palette).text).ok();
    }

    /// Shows all of a conflict through the pager.
    pub(super) fn page(&self, heading: &str, view: &ConflictView<'_, '_>) {
        let mut printer = Printer::new();
        let palette = colour::palette(&printer.settings());
        let mut out = Vec::new();
        self.push(&palette.meta, heading, &mut out);
        out.extend_from_slice(&view.show(Extent::Whole, &palette).text);
        printer.print(&out).ok();
    }
}

/// What fits below a heading: all, where nobody looks at a screen.
fn extent(heading: &str) -> Extent {
    match (show::stdout(), terminal_size::terminal_size()) {
        (Stdout::Terminal, size) => {
            let rows = size.map_or(24, |(_, rows)| usize::from(rows.0));
            let columns = output::columns().max(1);
            let used = FRAME + heading.chars().count().div_ceil(columns);
            Extent::Screen { rows: rows.saturating_sub(used).max(6), columns }
        }
        (Stdout::Other, _) => Extent::Whole,
    }
}
