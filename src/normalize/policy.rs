//! The table of noise: data, one row a key. A [`Policy`] is the table with what a user adds to it.

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
    /// Key by key, and ours where both changed one key; whole where the sides have different `name`s: that of the side
    /// that changed it, else ours.
    OursByKey,
    /// The side with the higher `version`, whole; where the sides have different `name`s, as above.
    HigherVersion,
    /// A list as a set: what either side added is in, what either side removed is out.
    Set,
    /// Key by key, and a conflict where both changed one key.
    Conflict,
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule<'p> {
    /// Where the key stands.
    pub place: Place,
    /// The path from `metadata`, joined by dots; a last `*` stands for any ending.
    pub path: &'p str,
    /// What `clean` does.
    pub clean: OnClean,
    /// Whether the text form shows it.
    pub shown: Shown,
    /// How a merge settles it.
    pub merge: MergeRule,
}

const fn hidden(place: Place, path: &str, clean: OnClean, merge: MergeRule) -> Rule<'_> {
    Rule { place, path, clean, shown: Shown::No, merge }
}

const fn dropped(place: Place, path: &str) -> Rule<'_> {
    hidden(place, path, OnClean::Drop, MergeRule::Ours)
}

const fn tool(place: Place, path: &str) -> Rule<'_> {
    hidden(place, path, OnClean::Keep, MergeRule::Ours)
}

const fn shown(place: Place, path: &str, merge: MergeRule) -> Rule<'_> {
    Rule { place, path, clean: OnClean::Keep, shown: Shown::Yes, merge }
}

/// All rows. A longer path beats a shorter one; what no row names is [`OTHER`].
const RULES: &[Rule<'static>] = &[
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
    // Our own record of a conflict: the text form says what is open in words.
    tool(Place::Cell, "cellwise"),
    // The kernel: written by whoever ran the notebook last.
    hidden(Place::Notebook, "language_info", OnClean::Keep, MergeRule::HigherVersion),
    hidden(Place::Notebook, "kernelspec", OnClean::Keep, MergeRule::OursByKey),
    // Keys of single tools.
    tool(Place::Notebook, "vscode"),
    tool(Place::Notebook, "interpreter"),
    tool(Place::Notebook, "colab*"),
    tool(Place::Notebook, "accelerator"),
    tool(Place::Notebook, "papermill"),
    tool(Place::Notebook, "pycharm"),
    tool(Place::Notebook, "nteract"),
    tool(Place::Notebook, "toc*"),
    tool(Place::Notebook, "varInspector"),
    tool(Place::Notebook, "celltoolbar"),
    tool(Place::Notebook, "latex_envs"),
    tool(Place::Notebook, "nav_menu"),
    tool(Place::Notebook, "application/vnd.databricks*"),
    tool(Place::Notebook, "microsoft"),
    tool(Place::Notebook, "azureml"),
    tool(Place::Cell, "vscode"),
    tool(Place::Cell, "colab*"),
    // Colab's own id of a cell, beside nbformat's.
    tool(Place::Cell, "id"),
    tool(Place::Cell, "outputId"),
    tool(Place::Cell, "executionInfo"),
    tool(Place::Cell, "papermill"),
    tool(Place::Cell, "pycharm"),
    tool(Place::Cell, "nteract"),
    tool(Place::Cell, "toc*"),
    tool(Place::Cell, "code_folding"),
    // When and by which request Bento ran the cell.
    tool(Place::Cell, "executionStartTime"),
    tool(Place::Cell, "executionStopTime"),
    tool(Place::Cell, "requestMsgId"),
    tool(Place::Cell, "serverExecutionDuration"),
    tool(Place::Cell, "outputsInitialized"),
    tool(Place::Cell, "jupyter.outputs_hidden"),
    tool(Place::Cell, "jupyter.source_hidden"),
    tool(Place::Cell, "application/vnd.databricks*"),
    tool(Place::Cell, "microsoft"),
    // What people write. The language of a cell is code, not a view.
    shown(Place::Cell, "vscode.languageId", MergeRule::Conflict),
    shown(Place::Cell, "tags", MergeRule::Set),
];

/// Values that say what their absence says (nbformat's format description, "Cell metadata"; in nbformat 3 Jupyter
/// gave every notebook an empty name, which nbformat's upgrade drops).
const DEFAULTS: &[(Place, &str, &str)] =
    &[(Place::Cell, "deletable", "true"), (Place::Cell, "editable", "true"), (Place::Notebook, "name", "\"\"")];

/// What no row names: somebody wrote it, so it is shown and never settled silently.
const OTHER: Rule<'static> = shown(Place::Notebook, "", MergeRule::Conflict);

/// All rows of the table, for documentation and tests.
#[must_use]
pub fn rules() -> &'static [Rule<'static>] {
    RULES
}

/// The table, and the keys that a user calls noise besides.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    noise: Vec<NoiseKey>,
}

impl Policy {
    /// The table as it is.
    #[must_use]
    pub const fn built_in() -> Self {
        Self { noise: Vec::new() }
    }

    /// The table with further rows: a merge takes ours for these keys, and a change of one is no edit.
    #[must_use]
    pub const fn with_noise(noise: Vec<NoiseKey>) -> Self {
        Self { noise }
    }

    /// The row for the key at `path` (names from `metadata` down); the longest match counts, and of two equally long
    /// ones the user's.
    #[must_use]
    pub fn rule_for(&self, place: Place, path: &[&[u8]]) -> Rule<'_> {
        let fits = |rule: &Rule<'_>| rule.place == place && covers(rule.path, path);
        self.rows().filter(fits).max_by_key(|rule| rule.path.len()).unwrap_or(Rule { place, ..OTHER })
    }

    /// Whether some row speaks of a key below `path`, so that the value must be opened to be judged.
    #[must_use]
    pub fn is_divided(&self, place: Place, path: &[&[u8]]) -> bool {
        self.rows().any(|rule| rule.place == place && is_below(rule.path, path))
    }

    /// Whether the JSON text `raw` says as much at `path` as no value there: an empty list or object, which Jupyter
    /// writes for whoever looks at the tags, or what nbformat takes for granted.
    #[must_use]
    pub fn says_nothing(&self, place: Place, path: &[&[u8]], raw: &str) -> bool {
        let is_default =
            |(row, name, value): &(Place, &str, &str)| (*row, path, raw) == (place, &[name.as_bytes()][..], value);
        matches!(raw, "[]" | "{}") || DEFAULTS.iter().any(is_default)
    }

    fn rows(&self) -> impl Iterator<Item = Rule<'_>> {
        RULES.iter().copied().chain(self.noise.iter().map(|key| tool(key.place, &key.path)))
    }
}

/// A key that a user calls noise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoiseKey {
    place: Place,
    path: String,
}

impl NoiseKey {
    /// Reads `metadata.KEY` (of the notebook) or `cell.metadata.KEY`, as nbstripout spells extra keys, where a last `*`
    /// stands for any ending; `None` if it is neither.
    #[must_use]
    pub fn parse(spelled: &str) -> Option<Self> {
        let cell = spelled.strip_prefix("cell.metadata.").map(|path| (Place::Cell, path));
        let (place, path) = cell.or_else(|| Some((Place::Notebook, spelled.strip_prefix("metadata.")?)))?;
        let named = path.strip_suffix('*').unwrap_or(path);
        // A star alone would call all metadata noise.
        let is_name = !named.is_empty() && !named.contains('*') && !path.split('.').any(str::is_empty);
        is_name.then(|| Self { place, path: path.to_owned() })
    }
}

/// A path as rules spell it. A name may hold dots of its own (`application/vnd.databricks.v1+cell`).
fn joined<'p>(path: &'p [&[u8]]) -> impl Iterator<Item = u8> + use<'p> {
    let dotted = path.iter().enumerate().map(|(index, name)| (if index == 0 { &b""[..] } else { b"." }, *name));
    dotted.flat_map(|(dot, name)| dot.iter().chain(name)).copied()
}

/// Whether a rule's path names `path` or something above it.
fn covers(rule: &str, path: &[&[u8]]) -> bool {
    let mut names = joined(path);
    let beginning = rule.strip_suffix('*');
    beginning.unwrap_or(rule).bytes().all(|byte| names.next() == Some(byte))
        && (beginning.is_some() || matches!(names.next(), None | Some(b'.')))
}

/// Whether a rule's path names something below `path`.
fn is_below(rule: &str, path: &[&[u8]]) -> bool {
    let mut rule = rule.bytes();
    joined(path).all(|byte| rule.next() == Some(byte)) && rule.next() == Some(b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: Policy = Policy::built_in();

    fn rule(place: Place, path: &str) -> Rule<'static> {
        let names: Vec<_> = path.split('.').map(str::as_bytes).collect();
        let Rule { clean, shown, merge, .. } = TABLE.rule_for(place, &names);
        Rule { place, path: "", clean, shown, merge }
    }

    fn with(noise: &[&str]) -> Policy {
        Policy::with_noise(noise.iter().map(|key| NoiseKey::parse(key).unwrap()).collect())
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
        assert!(TABLE.is_divided(Place::Cell, &[b"vscode"]));
        assert!(TABLE.is_divided(Place::Cell, &[b"jupyter"]));
        assert!(!TABLE.is_divided(Place::Cell, &[b"tags"]));
        assert!(!TABLE.is_divided(Place::Notebook, &[b"jupyter"]));
        let policy = with(&["metadata.jupyter.x", "cell.metadata.tags.*"]);
        assert!(policy.is_divided(Place::Notebook, &[b"jupyter"]) && policy.is_divided(Place::Cell, &[b"tags"]));
        assert!(!policy.is_divided(Place::Notebook, &[b"jup"]));
    }

    #[test]
    fn a_name_may_hold_dots() {
        let databricks: &[&[u8]] = &[b"application/vnd.databricks.v1+cell", b"title"];
        assert_eq!(TABLE.rule_for(Place::Cell, databricks).merge, MergeRule::Ours);
        assert_eq!(with(&["metadata.a.b"]).rule_for(Place::Notebook, &[b"a.b", b"c"]).path, "a.b");
    }

    #[test]
    fn a_users_row_is_like_any_other() {
        let policy = with(&["metadata.foo", "cell.metadata.own*", "cell.metadata.tags", "cell.metadata.vscode"]);
        let at = |place, path: &[&[u8]]| {
            let rule = policy.rule_for(place, path);
            (rule.shown, rule.merge)
        };
        assert_eq!(at(Place::Notebook, &[b"foo", b"bar"]), (Shown::No, MergeRule::Ours));
        assert_eq!(at(Place::Cell, &[b"foo"]), (Shown::Yes, MergeRule::Conflict));
        assert_eq!(at(Place::Notebook, &[b"food"]), (Shown::Yes, MergeRule::Conflict));
        assert_eq!(at(Place::Cell, &[b"owner"]), (Shown::No, MergeRule::Ours));
        assert_eq!(at(Place::Cell, &[b"tags"]), (Shown::No, MergeRule::Ours));
        assert_eq!(at(Place::Cell, &[b"vscode", b"languageId"]), (Shown::Yes, MergeRule::Conflict));
    }

    #[test]
    fn what_names_no_key_is_no_noise() {
        for spelled in ["", "foo", "metadata", "metadata.", "metadata.*", "cell.foo", "cell.metadata.", "metadata.a*b"]
        {
            assert_eq!(NoiseKey::parse(spelled), None, "{spelled}");
        }
        assert_eq!(NoiseKey::parse("metadata.a..b"), None);
        assert_eq!(NoiseKey::parse("metadata.cell.metadata.x").unwrap().place, Place::Notebook);
    }
}
