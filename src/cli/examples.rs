//! The examples at the end of each command's `--help`. A test runs every line of them.

pub(super) const INSTALL: &str = "\
Examples:
  cellwise install                  git reads notebooks here, for you alone
  cellwise install --share --guard  attributes for the team, hooks for yourself
  cellwise install --filter         and outputs stay out of commits
  cellwise install --dry-run        only see what would be written";

pub(super) const UNINSTALL: &str = "\
Examples:
  cellwise uninstall            git shows notebooks as JSON again
  cellwise uninstall --dry-run  only see what would be put back";

pub(super) const DOCTOR: &str = "\
Examples:
  cellwise doctor         what is wrong, and what cures it
  cellwise doctor --json  the same for a program";

pub(super) const DIFF: &str = "\
Examples:
  cellwise diff                              what is not staged yet
  cellwise diff --staged --stat              what the next commit has, in short
  cellwise diff HEAD~1 -- report.ipynb       what changed since a revision
  cellwise diff -o                           changed outputs alone, by lines
  cellwise diff old.ipynb report.ipynb       two files, tracked or not
  cellwise diff --format patch >work.patch   for `cellwise apply`";

pub(super) const ADD: &str = "\
Examples:
  cellwise diff                          see the changes and their cells
  cellwise add --cell 3 report.ipynb     stage what changed in cell 3
  cellwise add --cell 2,4-5 report.ipynb
  cellwise add --cell old5 report.ipynb  stage that the old cell 5 was deleted
  cellwise add -p                        decide cell by cell, in all notebooks
  git add -N new.ipynb                   so that a new one can be staged by cells";

pub(super) const APPLY: &str = "\
Examples:
  cellwise diff --format patch >work.patch  a change that reads like a diff
  cellwise diff --json >work.json           the same, to the byte
  cellwise apply --check work.json          whether it fits here
  git stash && cellwise apply work.json     make the change again";

pub(super) const SHOW: &str = "\
Examples:
  cellwise show report.ipynb           its cells, in the pager
  cellwise show -o report.ipynb        with their outputs
  cellwise show HEAD:./report.ipynb    as it was committed, in git's spelling";

pub(super) const MERGE: &str = "\
Examples:
  cellwise merge base.ipynb ours.ipynb theirs.ipynb >merged.ipynb
  cellwise merge -o merged.ipynb /dev/null ours.ipynb theirs.ipynb
  cellwise merge --insert union base.ipynb ours.ipynb theirs.ipynb

In a repository `git merge` does this by itself after `cellwise install`.";

pub(super) const RESOLVE: &str = "\
Examples:
  cellwise resolve                                what is open
  cellwise resolve -i                             settle it conflict by conflict
  cellwise resolve --theirs --cell 2 report.ipynb
  cellwise resolve --union report.ipynb           both sides of all the rest
  cellwise resolve --restart report.ipynb         begin again";

pub(super) const CHECK: &str = "\
Examples:
  cellwise check            the notebooks below this folder
  cellwise check --staged   before a commit; `install --guard` does it for you
  cellwise check HEAD~1     a revision
  cellwise check --format github";

pub(super) const CLEAN: &str = "\
Examples:
  cellwise clean report.ipynb                  in place
  cellwise clean --check .                     exit with 1 if there is noise
  cellwise clean --keep-output report.ipynb    execution counts and noise alone
  cellwise clean --preset colab '**/*.ipynb'
  cellwise clean <report.ipynb >clean.ipynb";

pub(super) const CONFIG: &str = "\
Examples:
  cellwise config               what holds in this folder, and where it is said
  cellwise config report.ipynb  what holds for a notebook";

pub(super) const COMPLETIONS: &str = "\
Examples:
  cellwise completions bash >completions.bash
  cellwise completions fish >completions.fish";
