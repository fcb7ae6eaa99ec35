//! The table of noise: data, one row a key.

/// Where a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the notebook's `metadata`.
    Notebook,
    /// In a cell's `metadata`.
    Cell,
}

/// What `clean` does with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnClean {
    /// Dropped always.
    Drop,
    /// Kept.
    Keep,
}

/// Whether the text form shows a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// In its place, so that a diff shows a change of it.
    Yes,
    /// Only as part of the digest in the last line.
    No,
}

/// How a merge settles a key that both sides changed differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeRule {
    /// Ours, whole.
    Ours,
    /// Key by key, and ours where both changed one key.
    OursByKey,
    /// The side with the higher `version`, whole.
    HigherVersion,
    /// A list as a set: what either side added is in, what either side removed is out.
    Set,
    /// Key by key, and a conflict where both changed one key.
    Conflict,
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Where the key stands.
    pub place: Place,
    /// The path from `metadata`, joined by dots; a last `*` stands for any ending.
    pub path: &'static str,
    /// What `clean` does.
    pub clean: OnClean,
    /// Whether the text form shows it.
    pub shown: Shown,
    /// How a merge settles it.
    pub merge: MergeRule,
}

const fn hidden(place: Place, path: &'static str, clean: OnClean, merge: MergeRule) -> Rule {
    Rule { place, path, clean, shown: Shown::No, merge }
}

const fn dropped(place: Place, path: &'static str) -> Rule {
    hidden(place, path, OnClean::Drop, MergeRule::Ours)
}

const fn tool(place: Place, path: &'static str) -> Rule {
    hidden(place, path, OnClean::Keep, MergeRule::Ours)
}

const fn shown(place: Place, path: &'static str, merge: MergeRule) -> Rule {
    Rule { place, path, clean: OnClean::Keep, shown: Shown::Yes, merge }
}

/// All rows. A longer path beats a shorter one; what no row names is [`OTHER`].
const RULES: &[Rule] = &[
    // What Jupyter and its extensions write about one run or one view.
    dropped(Place::Notebook, "widgets"),
    dropped(Place::Notebook, "signature"),
    dropped(Place::Notebook, "orig_nbformat*"),
    dropped(Place::Cell, "trusted"),
    dropped(Place::Cell, "collapsed"),
    dropped(Place::Cell, "scrolled"),
    dropped(Place::Cell, "hidden"),
    dropped(Place::Cell, "heading_collapsed"),
    dropped(Place::Cell, "ExecuteTime"),
    dropped(Place::Cell, "execution"),
    // The kernel: written by whoever ran the notebook last.
    hidden(Place::Notebook, "language_info", OnClean::Keep, MergeRule::HigherVersion),
    hidden(Place::Notebook, "kernelspec", OnClean::Keep, MergeRule::OursByKey),
    // Keys of single tools.
    tool(Place::Notebook, "vscode"),
    tool(Place::Notebook, "interpreter"),
    tool(Place::Notebook, "colab*"),
    tool(Place::Notebook, "accelerator"),
    tool(Place::Notebook, "papermill"),
    tool(Place::Notebook, "nteract"),
    tool(Place::Notebook, "toc*"),
    tool(Place::Notebook, "varInspector"),
    tool(Place::Notebook, "celltoolbar"),
    tool(Place::Notebook, "application/vnd.databricks*"),
    tool(Place::Notebook, "microsoft"),
    tool(Place::Notebook, "azureml"),
    tool(Place::Cell, "vscode"),
    tool(Place::Cell, "colab*"),
    tool(Place::Cell, "outputId"),
    tool(Place::Cell, "executionInfo"),
    tool(Place::Cell, "papermill"),
    tool(Place::Cell, "pycharm"),
    tool(Place::Cell, "nteract"),
    tool(Place::Cell, "toc*"),
    tool(Place::Cell, "jupyter.outputs_hidden"),
    tool(Place::Cell, "jupyter.source_hidden"),
    tool(Place::Cell, "application/vnd.databricks*"),
    tool(Place::Cell, "microsoft"),
    // What people write. The language of a cell is code, not a view.
    shown(Place::Cell, "vscode.languageId", MergeRule::Conflict),
    shown(Place::Cell, "tags", MergeRule::Set),
];

/// What no row names: somebody wrote it, so it is shown and never settled silently.
const OTHER: Rule = shown(Place::Notebook, "", MergeRule::Conflict);

/// All rows of the table, for documentation and tests.
#[must_use]
pub fn rules() -> &'static [Rule] {
    RULES
}

/// The row for the key at `path` (names from `metadata` down); the longest match counts.
#[must_use]
pub fn rule_for(place: Place, path: &[&[u8]]) -> Rule {
    let fits = |rule: &&Rule| rule.place == place && covers(rule.path, path);
    RULES.iter().filter(fits).max_by_key(|rule| rule.path.len()).copied().unwrap_or(Rule { place, ..OTHER })
}

/// Whether a rule's path names `path` or something above it.
fn covers(rule: &str, path: &[&[u8]]) -> bool {
    let mut names = path.iter();
    rule.split('.').all(|wanted| {
        names.next().is_some_and(|name| match wanted.strip_suffix('*') {
            Some(beginning) => name.starts_with(beginning.as_bytes()),
            None => *name == wanted.as_bytes(),
        })
    })
}

/// Whether some row speaks of a key below `path`, so that the value must be opened to be judged.
#[must_use]
pub(crate) fn is_divided(place: Place, path: &[&[u8]]) -> bool {
    RULES.iter().any(|rule| {
        rule.place == place
            && rule.path.split('.').count() > path.len()
            && rule.path.split('.').zip(path).all(|(wanted, name)| *name == wanted.as_bytes())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(place: Place, path: &str) -> Rule {
        let names: Vec<_> = path.split('.').map(str::as_bytes).collect();
        rule_for(place, &names)
    }

    #[test]
    fn the_longest_row_counts() {
        assert_eq!(rule(Place::Cell, "vscode.languageId").shown, Shown::Yes);
        assert_eq!(rule(Place::Cell, "vscode.interpreter.hash").shown, Shown::No);
        assert_eq!(rule(Place::Cell, "jupyter.outputs_hidden").shown, Shown::No);
        assert_eq!(rule(Place::Cell, "jupyter").shown, Shown::Yes);
    }

    #[test]
    fn a_star_stands_for_any_ending() {
        assert_eq!(rule(Place::Notebook, "orig_nbformat_minor").clean, OnClean::Drop);
        assert_eq!(rule(Place::Cell, "colab_type").shown, Shown::No);
    }

    #[test]
    fn unknown_keys_are_shown_and_conflict() {
        let unknown = rule(Place::Cell, "slideshow");
        assert_eq!((unknown.clean, unknown.shown, unknown.merge), (OnClean::Keep, Shown::Yes, MergeRule::Conflict));
        assert_eq!(rule(Place::Notebook, "collapsed").shown, Shown::Yes);
    }

    #[test]
    fn only_keys_with_rows_below_are_divided() {
        assert!(is_divided(Place::Cell, &[b"vscode"]));
        assert!(is_divided(Place::Cell, &[b"jupyter"]));
        assert!(!is_divided(Place::Cell, &[b"tags"]));
        assert!(!is_divided(Place::Notebook, &[b"jupyter"]));
    }
}
