//! One conflict after the other, by keys.

use cellwise::file;
use cellwise::notebook::Notebook;
use cellwise::resolve::open_conflicts;

use super::super::exit::Exit;
use super::super::output;
use super::super::walk::{Ended, Walk};
use super::conflicted::Conflicted;
use super::{Put, Resolving, has_both_sides};

impl Resolving {
    /// Walks over the conflicts of one notebook after another, until somebody has enough.
    pub(super) fn walk_all(&self, files: &mut [anyhow::Result<Conflicted>]) -> anyhow::Result<Exit> {
        let mut stopped = None;
        let exit = self.each(files, |file| match stopped {
            Some(exit) => Ok(exit),
            None => {
                let ended = self.walk(file)?;
                stopped = match ended {
                    Ended::Interrupted(_) => Some(Exit::Interrupted),
                    Ended::Quit(_) => Some(Exit::Found),
                    Ended::Left(_) | Ended::Settled => None,
                };
                Ok(match ended {
                    Ended::Settled => Exit::Done,
                    _ => stopped.unwrap_or(Exit::Found),
                })
            }
        })?;
        Ok(exit)
    }

    /// Walks over the conflicts of a notebook. A file with git's text markers becomes one first.
    fn walk(&self, file: &mut Conflicted) -> anyhow::Result<Ended> {
        has_both_sides(file)?;
        let options = self.options(file)?;
        let start = self.notebook(file, &file.remerge(&options))?;
        let before = open_conflicts(&Notebook::read(&start)?).len();
        if before == 0 {
            if file.waits() {
                self.finish(file, &start, before)?;
            } else {
                output::complain(&format!("{}: nothing is open", file.name()));
            }
            return Ok(Ended::Settled);
        }
        file.write(start.clone())?;
        let words = match &self.work_tree {
            Some((operation, _)) => operation.words.clone(),
            None => file.labels().map(Option::unwrap_or_default),
        };
        let (name, path) = (file.name(), file.path.clone());
        file::refuse_read_only(&path)?;
        let mut save = |old: &[u8], new: &[u8]| Ok(file::replace_unchanged(&path, old, new)?);
        let remerge = file.remerge(&options);
        let mut walk =
            Walk { name: &name, bytes: start, remerge: remerge.as_ref().ok(), sides: &words, save: &mut save };
        let ended = walk.run()?;
        let bytes = walk.bytes;
        file.bytes = Some(bytes.clone());
        if matches!(ended, Ended::Settled) && self.put(file, &bytes)? == Put::Staged {
            output::complain(&format!("{name}: staged"));
        }
        Ok(ended)
    }
}
