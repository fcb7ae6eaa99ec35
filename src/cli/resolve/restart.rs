//! The conflicts written anew.

use anyhow::bail;
use cellwise::git::unmerged::IndexState;
use cellwise::resolve::{HandWork, hand_work};

use super::super::exit::Exit;
use super::super::output;
use super::conflicted::Conflicted;
use super::{Resolving, has_both_sides};

impl Resolving {
    /// Writes the conflicts anew.
    pub(super) fn restart(&self, file: &mut Conflicted, force: bool) -> anyhow::Result<Exit> {
        has_both_sides(file)?;
        let options = self.options(file)?;
        let remerge = file.remerge(&options);
        // A file that cannot be taken apart says so better.
        file.conflicted(&remerge).map(drop).or_else(|error| if file.bytes.is_some() { Err(error) } else { Ok(()) })?;
        let remerge = remerge.map_err(anyhow::Error::msg)?;
        let lost = file.notebook().map(|notebook| hand_work(&notebook, &remerge)).unwrap_or_default();
        if !lost.is_none() {
            self.give_up(file, &lost, force)?;
        }
        let (bytes, conflicts) = (remerge.outcome.bytes.clone(), remerge.outcome.conflicts.len());
        if let (Some((_, work_tree)), Some(entry)) = (&self.work_tree, &file.entry)
            && entry.state == IndexState::Staged
        {
            work_tree.unstage(&entry.path)?;
        }
        file.write(bytes)?;
        let said = match conflicts {
            0 => "merged by cells, without conflicts; `git add` it".to_owned(),
            1 => "1 conflict, as the merge has left it".to_owned(),
            _ => format!("{conflicts} conflicts, as the merge has left them"),
        };
        output::complain(&format!("{}: {said}", file.name()));
        Ok(if conflicts == 0 { Exit::Done } else { Exit::Found })
    }

    /// Saves a file that somebody has worked on, if that is to go.
    fn give_up(&self, file: &Conflicted, lost: &HandWork, force: bool) -> anyhow::Result<()> {
        match &self.work_tree {
            Some((_, work_tree)) if force => {
                let id = work_tree.save(file.bytes.as_deref().unwrap_or_default())?;
                output::complain(&format!("{}: as it was: git cat-file blob {id}", file.name()));
                Ok(())
            }
            _ => bail!("{}; --force begins again all the same, and saves the file as it is as a blob", would_go(lost)),
        }
    }
}

/// `cells 3 and 7 were edited by hand`
fn would_go(work: &HandWork) -> String {
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
