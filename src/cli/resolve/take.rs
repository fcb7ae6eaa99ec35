//! A side, both or the base, taken of what is open.

use anyhow::bail;
use cellwise::notebook::Notebook;
use cellwise::resolve::{OpenConflict, Take, open_conflicts, settle_all};

use super::super::exit::Exit;
use super::super::output;
use super::conflicted::Conflicted;
use super::{Put, Resolving, has_both_sides};

impl Resolving {
    /// Settles what is open with one side.
    pub(super) fn take(&self, file: &mut Conflicted, take: Take, cell: Option<usize>) -> anyhow::Result<Exit> {
        has_both_sides(file)?;
        let options = self.options(file)?;
        let remerge = file.remerge(&options);
        let work = self.notebook(file, &remerge)?;
        let notebook = Notebook::read(&work)?;
        let open = open_conflicts(&notebook);
        if let Some(cell) = cell.filter(|cell| !open.iter().any(|open| holds(open, *cell))) {
            bail!("no conflict is open in cell {cell} (cellwise resolve lists them)");
        }
        if open.is_empty() && !file.waits() {
            output::complain(&format!("{}: nothing is open", file.name()));
            return Ok(Exit::Done);
        }
        let wanted = |open: &OpenConflict| cell.is_none_or(|cell| holds(open, cell));
        let (settled, left) = settle_all(notebook.bytes, remerge.as_ref().ok(), take, wanted);
        let before = open.len();
        for (open, reason) in &left {
            output::complain(&format!("{}: cell {}: {reason}", file.name(), open.cell));
        }
        self.finish(file, &settled, before)
    }

    /// Writes the settled file, and says what was done.
    pub(super) fn finish(&self, file: &mut Conflicted, settled: &[u8], before: usize) -> anyhow::Result<Exit> {
        let left = open_conflicts(&Notebook::read(settled)?).len();
        let was_waiting_for_git = file.is_unmerged();
        let put = self.put(file, settled)?;
        let done = match before.saturating_sub(left) {
            0 => "nothing settled".to_owned(),
            1 => "1 conflict settled".to_owned(),
            many => format!("{many} conflicts settled"),
        };
        let done = match before {
            0 if file.holds_text_markers() => "nothing was open between git's markers, they are gone".to_owned(),
            0 if was_waiting_for_git => "nothing is open".to_owned(),
            0 => "nothing was open, the record of what was settled by hand is gone".to_owned(),
            _ => done,
        };
        let rest = match (left, put) {
            (0, Put::Staged) => ", staged".to_owned(),
            (0, Put::Written) => String::new(),
            (left, _) => format!(", {left} left"),
        };
        output::complain(&format!("{}: {done}{rest}", file.name()));
        Ok(if left == 0 { Exit::Done } else { Exit::Found })
    }
}

fn holds(open: &OpenConflict, cell: usize) -> bool {
    (open.cell..=open.last_cell).contains(&cell)
}
