//! The conflicts written anew.

use anyhow::{anyhow, bail};
use cellwise::git::command::shell_quoted;
use cellwise::git::unmerged::IndexState;
use cellwise::merge::Sides;
use cellwise::notebook::Notebook;
use cellwise::resolve::{HandWork, Remerge, hand_work};

use super::super::exit::Exit;
use super::super::output;
use super::conflicted::Conflicted;
use super::{Resolving, has_both_sides, warn_of_text};

impl Resolving {
    /// Writes the conflicts anew.
    pub(super) fn restart(&self, file: &mut Conflicted, force: bool) -> anyhow::Result<Exit> {
        has_both_sides(file)?;
        let options = self.options(file)?;
        let remerge = file.remerge(&options);
        if file.holds_text_markers() {
            // Why it cannot be taken apart, if so.
            file.conflicted(&remerge)?;
            warn_of_text(file);
        }
        let remerge = remerge.map_err(|reason| cannot_begin_again(file, &reason))?;
        if let Some(lost) = would_go(file, &remerge) {
            self.give_up(file, &lost, force)?;
        }
        let conflicts = remerge.outcome.conflicts.len();
        let bytes = self.checked_out(file, &remerge.outcome.bytes)?;
        // The file first: where it cannot be written, the index stays as it is.
        file.write(bytes)?;
        if let (Some((_, work_tree)), Some(entry)) = (&self.work_tree, &file.entry)
            && entry.state == IndexState::Staged
        {
            work_tree.unstage(entry)?;
        }
        let said = match conflicts {
            0 => "merged by cells, without conflicts; `git add` it".to_owned(),
            1 => "1 conflict, as the merge has left it".to_owned(),
            _ => format!("{conflicts} conflicts, as the merge has left them"),
        };
        output::complain(&format!("{}: {said}", file.name()));
        Ok(if conflicts == 0 { Exit::Done } else { Exit::Found })
    }

    /// Saves a file that somebody has worked on, if that is to go.
    fn give_up(&self, file: &Conflicted, lost: &str, force: bool) -> anyhow::Result<()> {
        match &self.work_tree {
            Some((_, work_tree)) if force => {
                let id = work_tree.save(file.bytes.as_deref().unwrap_or_default())?;
                output::complain(&format!("{}: as it was: git cat-file blob {id}", file.name()));
                Ok(())
            }
            _ => bail!("{lost}; --force begins again all the same, and saves the file as it is as a blob"),
        }
    }
}

/// Where git has the versions and they are no notebooks, it can write its own conflict anew.
fn cannot_begin_again(file: &Conflicted, reason: &str) -> anyhow::Error {
    match &file.entry {
        // git cannot either where a version has another name.
        Some(entry) if Sides { base: true, ours: true, theirs: true } == entry.stages.as_ref().map(Option::is_some) => {
            let name = shell_quoted(&file.name());
            anyhow!("{reason}; `git checkout -m {name}` writes git's conflict between its lines anew")
        }
        _ => anyhow!("{reason}"),
    }
}

/// What somebody has made of the file that beginning again would throw away, in words; `None` if nothing.
fn would_go(file: &Conflicted, remerge: &Remerge<'_>) -> Option<String> {
    let bytes = file.bytes.as_deref().filter(|_| !file.holds_text_markers() && !file.is_a_version(remerge))?;
    match Notebook::read(bytes) {
        Ok(notebook) => Some(hand_work(&notebook, remerge)).filter(|work| !work.is_none()).map(|work| in_words(&work)),
        Err(error) => Some(format!("somebody has edited it: {error}")),
    }
}

/// `cells 3 and 7 were edited by hand`
fn in_words(work: &HandWork) -> String {
    let mut said = Vec::new();
    match work.edited.as_slice() {
        [] => {}
        [cell] => said.push(format!("cell {cell} was edited by hand")),
        cells => {
            let cells: Vec<String> = cells.iter().map(ToString::to_string).collect();
            said.push(format!("cells {} were edited by hand", cells.join(", ")));
        }
    }
    match work.deleted {
        0 => {}
        1 => said.push("a cell was deleted".to_owned()),
        many => said.push(format!("{many} cells were deleted")),
    }
    if work.moved {
        said.push("cells were moved".to_owned());
    }
    if work.notebook {
        said.push("the notebook's metadata was edited".to_owned());
    }
    said.join(", ")
}
