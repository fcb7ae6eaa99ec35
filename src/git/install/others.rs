//! What others have configured for notebooks.

use std::path::Path;

use super::InstallError;
use super::config::Values;
use super::lines;
use super::place::{Place, Scope};
use super::plan::Change;
use crate::git::command;

/// A value of another scope that git obeys instead of this installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overruled {
    /// The key.
    pub key: String,
    /// Where the other value stands: `worktree`, `local`, `global`, `system`, `command`.
    pub scope: String,
    /// The other value.
    pub value: String,
}

/// The attributes that git finds for a notebook here; `None` where it finds none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InForce {
    /// `diff=`
    pub diff: Option<String>,
    /// `merge=`
    pub merge: Option<String>,
    /// `filter=`
    pub filter: Option<String>,
}

impl InForce {
    /// Asks git about a notebook in `dir`. Outside a repository there is no answer.
    pub(super) fn find(dir: &Path) -> Result<Self, InstallError> {
        let output = command::output(dir, &["check-attr", "-z", "diff", "merge", "filter", "--", "any.ipynb"])?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let fields: Vec<&str> = text.split('\0').collect();
        let value = |name: &str| {
            let triple = fields.chunks_exact(3).find(|triple| triple[1] == name)?;
            (triple[2] != "unspecified").then(|| triple[2].to_owned())
        };
        Ok(Self { diff: value("diff"), merge: value("merge"), filter: value("filter") })
    }
}

/// The entries for notebooks that git finds from all scopes, in the order in which it reads them.
#[derive(Debug)]
pub(super) struct AllScopes(Vec<Overruled>);

impl AllScopes {
    /// Asks git in the place's directory.
    pub(super) fn read(place: &Place) -> Result<Self, InstallError> {
        let pattern = r"^((diff|merge)\.jupyternotebook|(filter|difftool|mergetool)\.cellwise)\.";
        let output = command::output(place.dir(), &["config", "-z", "--show-scope", "--get-regexp", pattern])?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut fields = text.split('\0');
        let mut entries = Vec::new();
        while let (Some(scope), Some(entry)) = (fields.next(), fields.next()) {
            let (key, value) = entry.split_once('\n').unwrap_or((entry, "true"));
            entries.push(Overruled { key: key.to_owned(), scope: scope.to_owned(), value: value.to_owned() });
        }
        Ok(Self(entries))
    }

    /// The values of the scopes around `here`, as git would see them without it.
    pub(super) fn around(&self, here: Scope) -> Values {
        let wider = self.0.iter().filter(|entry| rank(&entry.scope) < rank(here.name()));
        Values::last(wider.map(|entry| (entry.key.clone(), entry.value.clone())))
    }

    /// Values that git takes instead of those planned for `here`. An installation of cellwise in a nearer scope is
    /// none, and neither is what cellwise does not decide about.
    pub(super) fn overruling(self, here: Scope, changes: &[Change]) -> Vec<Overruled> {
        let counts = |entry: &Overruled| {
            let planned = changes.iter().find(|change| change.key == entry.key);
            let is_other = |change: &Change| {
                change.wanted.first() != Some(&entry.value)
                    && !lines::looks_ours(&Values::last([(entry.key.clone(), entry.value.clone())]), &entry.key)
            };
            planned.is_some_and(|change| wins(&entry.scope, here, &change.wanted) && is_other(change))
        };
        self.0.into_iter().filter(counts).collect()
    }
}

/// Whether a value of scope `other` wins over `wanted` in scope `here`: the last value that git reads counts, and
/// nothing in a nearer scope can unset one from afar.
fn wins(other: &str, here: Scope, wanted: &[String]) -> bool {
    match wanted {
        [] => other != here.name(),
        _ => rank(other) > rank(here.name()),
    }
}

/// The place of a scope in the order in which git reads them.
fn rank(scope: &str) -> Option<usize> {
    ["system", "global", "local", "worktree", "command"].iter().position(|name| *name == scope)
}

/// How many submodules are looked at.
const SUBMODULES: usize = 100;

/// The submodules that have notebooks but no merge driver for them: what is configured in a repository does not
/// count in those inside it.
pub(super) fn submodules(place: &Place) -> Result<Vec<String>, InstallError> {
    let Some(top) = place.work_tree.as_ref().map(|tree| &tree.top).filter(|top| top.join(".gitmodules").exists())
    else {
        return Ok(Vec::new());
    };
    let args = ["config", "--file", ".gitmodules", "-z", "--get-regexp", r"^submodule\..*\.path$"];
    let list = command::output(top, &args)?.stdout;
    let text = String::from_utf8_lossy(&list).into_owned();
    let paths = text.split('\0').filter_map(|entry| entry.split_once('\n')).map(|(_, path)| path);
    let mut found = Vec::new();
    for path in paths.take(SUBMODULES) {
        if top.join(path).join(".git").exists() && is_uncovered(&top.join(path))? {
            found.push(path.to_owned());
        }
    }
    Ok(found)
}

fn is_uncovered(submodule: &Path) -> Result<bool, InstallError> {
    let notebooks = command::output(submodule, &["ls-files", "-z", "--", ":(icase)*.ipynb"])?;
    let driver = command::output(submodule, &["config", "--get", lines::DRIVER_LINE])?;
    Ok(!notebooks.stdout.is_empty() && driver.stdout.is_empty())
}
