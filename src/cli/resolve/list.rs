//! What is open, for people and for programs.

use cellwise::git::operation::Operation;
use cellwise::notebook::Notebook;
use cellwise::render::{ConflictView, ListedConflict, ListedNotebook, conflict_document, conflict_list};
use cellwise::resolve::{open_conflicts, texts};

use super::super::exit::Exit;
use super::super::output;
use super::conflicted::Conflicted;
use super::{Resolving, has_both_sides};

impl Resolving {
    /// Says what is open.
    pub(super) fn list(&self, files: &[anyhow::Result<Conflicted>], json: bool) -> anyhow::Result<Exit> {
        let (mut exit, mut listed) = (Exit::Done, Vec::new());
        for file in files {
            match file.as_ref().map(|file| (file, self.listed(file))) {
                Ok((_, Ok(notebook))) => {
                    listed.push(notebook);
                    continue;
                }
                Ok((file, Err(error))) => output::complain_of(&file.path, &error),
                Err(error) => output::complain(&output::reasons(error)),
            }
            exit = Exit::Failure;
        }
        let open = listed.iter().any(|notebook| !notebook.conflicts.is_empty());
        let unfinished = open || listed.iter().any(|notebook| notebook.text_markers);
        let operation = self.work_tree.as_ref().map(|(operation, _)| operation);
        let mut out = Vec::new();
        if json {
            let words = operation.map(|operation| &operation.words);
            conflict_document(operation.and_then(|operation| operation.kind.name()), words, &listed, &mut out);
        } else {
            listed.iter().for_each(|notebook| conflict_list(notebook, output::columns(), &mut out));
            if let Some(Operation { words, .. }) = operation.filter(|_| open) {
                let line = format!("ours: {}; theirs: {}", words.ours, words.theirs);
                out.extend_from_slice(output::visible(&line).as_bytes());
                out.push(b'\n');
            }
        }
        output::write(&out)?;
        if open && !json {
            output::complain(
                "settle them one by one with `cellwise resolve -i`, or all with --ours, --theirs, --union or --base \
                 (--cell N: one)",
            );
        }
        Ok(exit.max(if unfinished { Exit::Found } else { Exit::Done }))
    }

    pub(super) fn listed(&self, file: &Conflicted) -> anyhow::Result<ListedNotebook> {
        has_both_sides(file)?;
        let options = self.options(file)?;
        let remerge = file.remerge(&options);
        let work = self.notebook(file, &remerge)?;
        let notebook = Notebook::read(&work)?;
        let conflicts = open_conflicts(&notebook).into_iter().map(|open| {
            let remerge = remerge.as_ref().ok();
            let view = ConflictView { notebook: &notebook, open: &open, remerge, sides: &options.labels };
            let (title, texts) = (view.title(), texts(&notebook, &open, remerge));
            ListedConflict { open, title, texts }
        });
        Ok(ListedNotebook {
            path: file.name(),
            unmerged: file.is_unmerged(),
            stale_records: file.holds_stale_records(),
            text_markers: file.holds_text_markers(),
            conflicts: conflicts.collect(),
        })
    }
}
