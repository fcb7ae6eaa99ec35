//! Every kind of finding. The ids are stable: programs read them.

use super::finding::Level;

/// A kind of finding.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its name.
    pub id: &'static str,
    /// How bad it is.
    pub level: Level,
}

macro_rules! kinds {
    ($($name:ident = $level:ident $id:literal;)*) => {
        $(pub(super) const $name: Kind = Kind { id: $id, level: Level::$level };)*
        /// All kinds.
        pub const KINDS: &[Kind] = &[$($name),*];
    };
}

kinds! {
    GIT_TOO_OLD = Fault "git-too-old";
    NO_REPOSITORY = Note "no-repository";
    NOT_INSTALLED = Fault "not-installed";
    OVERRULED = Fault "overruled";
    LINES_DIFFER = Fault "lines-differ";
    DRIVER_WITHOUT_LINE = Fault "driver-without-line";
    PROGRAM_GONE = Fault "program-gone";
    OTHER_PROGRAM = Warning "other-program";
    OTHER_ON_PATH = Warning "other-on-path";
    TEXTCONV_FAILS = Fault "textconv-fails";
    DIFF_COMMAND_FAILS = Fault "diff-command-fails";
    MERGE_DRIVER_FAILS = Fault "merge-driver-fails";
    FILTER_CLEAN_FAILS = Fault "filter-clean-fails";
    FILTER_PROCESS_FAILS = Fault "filter-process-fails";
    DIFFTOOL_FAILS = Warning "difftool-fails";
    NEEDS_PATH = Warning "needs-path";
    DIFF_ATTRIBUTE = Fault "diff-attribute";
    MERGE_ATTRIBUTE = Fault "merge-attribute";
    DRIVER_MISSING = Fault "driver-missing";
    BRANCH_ATTRIBUTES = Warning "branch-attributes";
    CAPITALS = Warning "capitals";
    WORKING_TREE_ENCODING = Warning "working-tree-encoding";
    LINE_ENDS = Note "line-ends";
    LFS = Warning "lfs";
    WORKTREE_ATTRIBUTES = Warning "worktree-attributes";
    SUBMODULES = Warning "submodules";
    FILTER_MISSING = Fault "filter-missing";
    FILTER_ATTRIBUTE = Fault "filter-attribute";
    FILTER_NOT_REQUIRED = Warning "filter-not-required";
    TWO_FILTERS = Warning "two-filters";
    NOT_NORMALIZED = Warning "not-normalized";
    RENORMALIZE = Warning "renormalize";
    OUTPUTS_AT_RISK = Note "outputs-at-risk";
    UNMERGED = Warning "unmerged";
    CONFLICTS_STAGED = Fault "conflicts-staged";
    MARKERS_STAGED = Fault "markers-staged";
    LEFT_COPY = Warning "left-copy";
    LEFT_TEMPORARY = Note "left-temporary";
    CACHE_VERSION = Fault "cache-version";
    CACHE_RAW = Fault "cache-raw";
    BINARY = Warning "binary";
    GUARD_INCOMPLETE = Fault "guard-incomplete";
    HOOKS_PATH = Warning "hooks-path";
    HOOKS_IGNORED = Warning "hooks-ignored";
    HOOK_NOT_EXECUTABLE = Warning "hook-not-executable";
    MERGE_STRATEGY = Warning "merge-strategy";
    RERERE = Note "rerere";
    TEXT_TOOL = Note "text-tool";
    HIDE_RESOLVED = Note "hide-resolved";
    OTHER_VCS = Note "other-vcs";
    NBDIME_LEFTOVERS = Note "nbdime-leftovers";
}
