//! The table of noise: data, one row a key. A [`Policy`] is the table with what a user adds to it.

/// Where a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the notebook's `metadata`.
    Notebook,
    /// In a cell's `metadata`.
    Cell,
}

/// What `clean` does with something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnClean {
    /// Dropped.
    Drop,
    /// Kept.
    #[default]
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
    /// Whose key it is, where a tool writes it that `clean` can be told of (`--preset`).
    pub tool: Option<&'static str>,
}

const fn hidden(place: Place, path: &str, clean: OnClean, merge: MergeRule) -> Rule<'_> {
    Rule { place, path, clean, shown: Shown::No, merge, tool: None }
}

const fn dropped(place: Place, path: &str) -> Rule<'_> {
    hidden(place, path, OnClean::Drop, MergeRule::Ours)
}

const fn noise(place: Place, path: &str) -> Rule<'_> {
    hidden(place, path, OnClean::Keep, MergeRule::Ours)
}

const fn of(tool: &'static str, place: Place, path: &'static str) -> Rule<'static> {
    Rule { tool: Some(tool), ..noise(place, path) }
}

const fn shown(place: Place, path: &str, merge: MergeRule) -> Rule<'_> {
    Rule { place, path, clean: OnClean::Keep, shown: Shown::Yes, merge, tool: None }
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
    noise(Place::Cell, "cellwise"),
    // The kernel: written by whoever ran the notebook last.
    hidden(Place::Notebook, "language_info", OnClean::Keep, MergeRule::HigherVersion),
    hidden(Place::Notebook, "kernelspec", OnClean::Keep, MergeRule::OursByKey),
    // Keys of single tools.
    of("vscode", Place::Notebook, "vscode"),
    of("vscode", Place::Notebook, "interpreter"),
    of("vscode", Place::Cell, "vscode"),
    of("colab", Place::Notebook, "colab*"),
    of("colab", Place::Notebook, "accelerator"),
    of("colab", Place::Cell, "colab*"),
    // Colab's own id of a cell, beside nbformat's.
    of("colab", Place::Cell, "id"),
    of("colab", Place::Cell, "outputId"),
    of("colab", Place::Cell, "executionInfo"),
    of("papermill", Place::Notebook, "papermill"),
    of("papermill", Place::Cell, "papermill"),
    of("pycharm", Place::Notebook, "pycharm"),
    of("pycharm", Place::Cell, "pycharm"),
    of("nteract", Place::Notebook, "nteract"),
    of("nteract", Place::Cell, "nteract"),
    of("jupyterlab", Place::Cell, "jupyter.outputs_hidden"),
    of("jupyterlab", Place::Cell, "jupyter.source_hidden"),
    of("nbextensions", Place::Notebook, "toc*"),
    of("nbextensions", Place::Cell, "toc*"),
    of("nbextensions", Place::Notebook, "varInspector"),
    of("nbextensions", Place::Notebook, "celltoolbar"),
    of("nbextensions", Place::Notebook, "latex_envs"),
    of("nbextensions", Place::Notebook, "nav_menu"),
    of("nbextensions", Place::Cell, "code_folding"),
    of("databricks", Place::Notebook, "application/vnd.databricks*"),
    of("databricks", Place::Cell, "application/vnd.databricks*"),
    of("azure", Place::Notebook, "microsoft"),
    of("azure", Place::Notebook, "azureml"),
    of("azure", Place::Cell, "microsoft"),
    // When and by which request Bento ran the cell.
    of("bento", Place::Cell, "executionStartTime"),
    of("bento", Place::Cell, "executionStopTime"),
    of("bento", Place::Cell, "requestMsgId"),
    of("bento", Place::Cell, "serverExecutionDuration"),
    of("bento", Place::Cell, "outputsInitialized"),
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
pub const fn rules() -> &'static [Rule<'static>] {
    RULES
}

/// The tools whose keys `clean` can be told to drop, each once, in the order of the table.
#[must_use]
pub fn tools() -> Vec<&'static str> {
    let mut tools: Vec<&str> = RULES.iter().filter_map(|rule| rule.tool).collect();
    tools.dedup();
    tools
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
        RULES.iter().copied().chain(self.noise.iter().map(|key| noise(key.place, &key.path)))
    }
}

/// A key of metadata that a user names: as noise, or for `clean` to drop or keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoiseKey {
    pub(super) place: Place,
    pub(super) path: String,
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
pub(super) fn covers(rule: &str, path: &[&[u8]]) -> bool {
    let mut names = joined(path);
    let beginning = rule.strip_suffix('*');
    beginning.unwrap_or(rule).bytes().all(|byte| names.next() == Some(byte))
        && (beginning.is_some() || matches!(names.next(), None | Some(b'.')))
}

/// Whether a rule's path names something below `path`.
pub(super) fn is_below(rule: &str, path: &[&[u8]]) -> bool {
    let mut rule = rule.bytes();
    joined(path).all(|byte| rule.next() == Some(byte)) && rule.next() == Some(b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: Policy = Policy::built_in();

    fn rule(place: Place, path: &str) -> Rule<'static> {
        let names: Vec<_> = path.split('.').map(str::as_bytes).collect();
        let Rule { clean, shown, merge, tool, .. } = TABLE.rule_for(place, &names);
        Rule { place, path: "", clean, shown, merge, tool }
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
    fn each_tool_is_named_once() {
        let mut sorted = tools();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!((sorted.len(), tools()[0]), (tools().len(), "vscode"));
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
