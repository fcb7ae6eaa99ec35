//! What is written into git's configuration, key by key.

use super::config::Values;
use super::options::{Cache, DiffCommand, Filter, Options};
use super::tool::Tool;
use super::{filter, guard};
use crate::text::TEXT_FORM_VERSION;

/// The driver's name in attributes and configuration. It is nbdime's, so that attributes which teams have
/// committed for nbdime work at once.
pub const DRIVER: &str = "jupyternotebook";

/// Where git keeps the texts.
pub const CACHE_REF: &str = "refs/notes/textconv/jupyternotebook";

pub(super) const COMMAND: &str = "diff.jupyternotebook.command";
pub(super) const TEXTCONV: &str = "diff.jupyternotebook.textconv";
pub(super) const XFUNCNAME: &str = "diff.jupyternotebook.xfuncname";
pub(super) const CACHE: &str = "diff.jupyternotebook.cachetextconv";
pub(super) const TRUST_EXIT: &str = "diff.jupyternotebook.trustexitcode";
pub(super) const NAME: &str = "merge.jupyternotebook.name";
pub(super) const DRIVER_LINE: &str = "merge.jupyternotebook.driver";
pub(super) const RECURSIVE: &str = "merge.jupyternotebook.recursive";
pub(super) const DIFFTOOL: &str = "difftool.cellwise.cmd";
pub(super) const MERGETOOL: &str = "mergetool.cellwise.cmd";
pub(super) const MERGETOOL_TRUST: &str = "mergetool.cellwise.trustexitcode";
pub(super) const MERGETOOL_HIDE: &str = "mergetool.cellwise.hideresolved";
pub(super) const FILTER_PROCESS: &str = "filter.cellwise.process";
pub(super) const FILTER_CLEAN: &str = "filter.cellwise.clean";
pub(super) const FILTER_SMUDGE: &str = "filter.cellwise.smudge";
pub(super) const FILTER_REQUIRED: &str = "filter.cellwise.required";

/// What people see as the driver's name.
const MERGE_NAME: &str = "cell by cell (cellwise)";

/// Hunk headings in the text form: cell headers, Markdown headings, and Python's definitions. Indented
/// definitions are shown without their indentation, as git's own Python pattern does.
const XFUNCNAME_LINES: &str =
    "!^# hidden: \n^# %% .*$\n^#{1,6} .*$\n^[[:space:]]*(((async[[:space:]]+)?def|class)[[:space:]].*)$";

/// Every key that install decides about, with its value, or `None` where it must not be set: a cache that does not
/// know the version of the text form and a trusted exit code would make git's answers wrong, and so would another driver for the
/// inner merges of a criss-cross merge. Without our filter its keys are not decided about: somebody may have
/// written them by hand. `around` has what the wider scopes say.
pub(super) fn wanted(tool: &Tool, options: Options, around: &Values) -> Vec<(&'static str, Option<String>)> {
    // Files of the work tree are cleaned before they are shown, whichever scope the filter comes from.
    let cleaned = options.filter.or(Options::of(around).filter);
    // A wider scope can only be contradicted.
    let trusted = around.is_true(TRUST_EXIT).then(|| "false".to_owned());
    let command = match options.diff_command {
        DiffCommand::Registered => Some(command_line(tool, cleaned)),
        DiffCommand::LeftOut => None,
    };
    let cache = match options.cache {
        Cache::None => None,
        Cache::Kept => Some("true".to_owned()),
    };
    let mut entries = vec![
        (COMMAND, command),
        (TEXTCONV, Some(textconv_line(tool, options.cache, cleaned))),
        (XFUNCNAME, Some(XFUNCNAME_LINES.to_owned())),
        (CACHE, cache),
        (TRUST_EXIT, trusted),
        (NAME, Some(MERGE_NAME.to_owned())),
        (DRIVER_LINE, Some(driver_line(tool))),
        (RECURSIVE, None),
    ];
    entries.extend(tools(tool));
    if options.filter == Filter::Clean {
        entries.extend(filter::entries(tool));
    }
    entries
}

/// The tools, for whoever calls them by name: none of them becomes the tool for all files. git runs their lines with
/// a shell that has the names of the files in variables. What a merge has settled by text must not be hidden from a tool
/// that knows cells, and only its exit code says whether the notebook is settled.
fn tools(tool: &Tool) -> [(&'static str, Option<String>); 4] {
    let tool = tool.shell_word();
    [
        (DIFFTOOL, Some(format!("{tool}{DIFFTOOL_ARGUMENTS}"))),
        (MERGETOOL, Some(format!("{tool}{MERGETOOL_ARGUMENTS}"))),
        (MERGETOOL_TRUST, Some("true".to_owned())),
        (MERGETOOL_HIDE, Some("false".to_owned())),
    ]
}

const DIFFTOOL_ARGUMENTS: &str = r#" difftool -- "$LOCAL" "$REMOTE" "$MERGED""#;
const MERGETOOL_ARGUMENTS: &str = r#" mergetool -- "$BASE" "$LOCAL" "$REMOTE" "$MERGED""#;

/// All the keys that [`wanted`] may name.
pub(super) const KEYS: [&str; 16] = [
    COMMAND,
    TEXTCONV,
    XFUNCNAME,
    CACHE,
    TRUST_EXIT,
    NAME,
    DRIVER_LINE,
    RECURSIVE,
    DIFFTOOL,
    MERGETOOL,
    MERGETOOL_TRUST,
    MERGETOOL_HIDE,
    FILTER_PROCESS,
    FILTER_CLEAN,
    FILTER_SMUDGE,
    FILTER_REQUIRED,
];

/// Under the filter git hands the drivers files of the work tree in place of the blobs that are cleaned, so they
/// clean what they read.
fn clean_option(cleaned: Filter) -> &'static str {
    match cleaned {
        Filter::None => "",
        Filter::Clean => " --clean",
    }
}

/// What keeps git's plain diff, where cellwise gave no answer, from its filter: that is gone too, and required.
fn unfiltered(cleaned: Filter) -> String {
    match cleaned {
        Filter::None => String::new(),
        Filter::Clean => format!(" -c {FILTER_PROCESS}= -c {FILTER_CLEAN}= -c {FILTER_REQUIRED}=false"),
    }
}

/// git runs this as `sh -c 'LINE "$@"'` and takes any exit but 0 as the end of the whole diff, so it must end
/// in 0 whatever happens. `test -x` comes first because a shell that does not find the program would print the
/// whole line. `git difftool` asks in the same way, and would be shadowed: its helper, and its exit code, take our
/// place. An unmerged path comes alone, anything else with two files in `$2` and `$5`.
fn command_line(tool: &Tool, cleaned: Filter) -> String {
    let fallback = format!(
        "if test $# -gt 1; \
         then git{} --no-pager diff --no-index --no-ext-diff --no-textconv -- \"$2\" \"$5\"; \
         else printf '* Unmerged path %s\\n' \"$1\"; fi",
        unfiltered(cleaned)
    );
    format!(
        "f() {{ test -z \"$GIT_DIFFTOOL_TRUST_EXIT_CODE\" || exec git difftool--helper \"$@\"; t={}; {} && \"$t\" diff-driver{} -- \"$@\" || \
         {{ echo 'cellwise gave no answer, plain text follows' >&2; {fallback}; }}; true; }}; f",
        tool.shell_word(),
        tool.found(),
        clean_option(cleaned)
    )
}

/// Falls back to the file as it is: git dies with the whole diff, log or blame if textconv fails.
///
/// git drops its cache when the line changes, so the version of the text form stands in it. What is said is not
/// hidden there: it is that the cache is out of date, or that the program is gone and git caches raw files.
fn textconv_line(tool: &Tool, cache: Cache, cleaned: Filter) -> String {
    let (tool, clean) = (tool.shell_word(), clean_option(cleaned));
    match cache {
        Cache::None => format!("f() {{ {tool} textconv{clean} -- \"$1\" 2>/dev/null {FALLBACK}"),
        Cache::Kept => format!("f() {{ {tool} textconv --text-form={TEXT_FORM_VERSION}{clean} -- \"$1\" {FALLBACK}"),
    }
}

const FALLBACK: &str = "|| cat <\"$1\"; }; f";

/// Any exit but 0 and 1 (a missing program is 127, a panic 101, a signal more than 128) means that `%A` is
/// untouched, and git would take it as a conflict without markers in it. So git's text merge follows, whose
/// exit code is the number of conflicts; it refuses binary files with 255, which becomes an ordinary conflict.
fn driver_line(tool: &Tool) -> String {
    format!(
        "{} merge-driver --marker-size=%L -- %O %A %B %P %S %X %Y; r=$?; test $r -le 1 || \
         {{ git merge-file --marker-size=%L -L ours -L base -L theirs %A %O %B; r=$?; \
         test $r -le 127 || r=1; }}; exit $r",
        tool.placeholder_safe()
    )
}

const WITH_VERSION: &str = " textconv --text-form=";

/// Whether the values of `key` are ours by their looks, for a configuration whose record is lost.
pub(super) fn looks_ours(values: &Values, key: &str) -> bool {
    let has = |key: &str, part: &str| values.get(key).iter().any(|value| value.contains(part));
    match key {
        COMMAND => has(key, " diff-driver") && has(key, "cellwise gave no answer"),
        TEXTCONV => has(key, " textconv") && has(key, FALLBACK),
        CACHE => has(TEXTCONV, WITH_VERSION),
        XFUNCNAME => has(key, "!^# hidden: \n"),
        NAME => has(key, "(cellwise)"),
        DRIVER_LINE => has(key, " merge-driver --marker-size=%L -- %O %A %B"),
        RECURSIVE => looks_ours(values, DRIVER_LINE),
        DIFFTOOL => has(key, DIFFTOOL_ARGUMENTS),
        MERGETOOL => has(key, MERGETOOL_ARGUMENTS),
        MERGETOOL_TRUST | MERGETOOL_HIDE => looks_ours(values, MERGETOOL),
        FILTER_PROCESS => has(key, " filter-process") && has(key, "cellwise"),
        FILTER_CLEAN => has(key, " clean --path=%f") && has(key, "cellwise is gone"),
        FILTER_SMUDGE | FILTER_REQUIRED => filter::is_in(values),
        other => guard::looks_ours(values, other),
    }
}
