//! The tables of `docs/from-*.md`: each option of the other tool has its row, and what stands in it as ours is run.
//!
//! Of the right column, a span that begins with `cellwise` or `git` is run. One that begins with `-` is added to the first
//! command of its row; in a row without one it is an option of `clean` (of `diff` on nbdime's page), as are the options
//! on the left where the row says `the same`. `key = value` is written into a `cellwise.toml`.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::nb;
use crate::repo::{Repo, git_version};

/// A page, and what the tool's `--help` lists: all spellings of an option in one entry, of which one has to have a row.
struct Page {
    name: &'static str,
    /// What options in a row without a command belong to.
    command: &'static str,
    options: &'static [&'static str],
}

/// `nbdiff`, `nbmerge`, `nbshow`, their `-web`, `nbdime config-git`, the drivers and `nbpatchapp`, 4.0.4.
const NBDIME: Page = Page {
    name: "from-nbdime.md",
    command: "cellwise diff",
    options: &[
        "-h",
        "--version",
        "--config",
        "--log-level",
        "-s",
        "-o",
        "-a",
        "-m",
        "-i",
        "-d",
        "-S",
        "-O",
        "-A",
        "-M",
        "-I",
        "-D",
        "--color-words",
        "--no-color",
        "--no-git",
        "--no-use-diff",
        "--out",
        "--output",
        "--merge-strategy",
        "--input-strategy",
        "--output-strategy",
        "inline",
        "use-base",
        "use-local",
        "use-remote",
        "remove",
        "clear-all",
        "--no-ignore-transients",
        "--decisions",
        "--use-filter",
        "-p --port",
        "-b --browser",
        "--persist",
        "--ip",
        "-w --workdirectory",
        "--base-url",
        "--show-unchanged",
        "--identical-lines-margin",
        "--no-base",
        "--enable",
        "--disable",
        "--global",
        "--system",
    ],
};

/// `nbstripout` 0.9.1.
const NBSTRIPOUT: Page = Page {
    name: "from-nbstripout.md",
    command: "cellwise clean",
    options: &[
        "-h",
        "--dry-run",
        "--install",
        "--uninstall",
        "--is-installed",
        "--status",
        "--version",
        "--verify",
        "--keep-count",
        "--keep-output",
        "--drop-output-type",
        "--keep-output-type",
        "--keep-id",
        "--extra-keys",
        "--keep-metadata-keys",
        "--drop-empty-cells",
        "--drop-tagged-cells",
        "--strip-init-cells",
        "--attributes",
        "--global",
        "--system",
        "--python",
        "-f",
        "--force",
        "--max-size",
        "-m",
        "--mode",
        "-t",
        "--textconv",
        "--unix-newlines",
    ],
};

/// `nb-clean` 5.0.0 with its commands.
const NB_CLEAN: Page = Page {
    name: "from-nb-clean.md",
    command: "cellwise clean",
    options: &[
        "check",
        "clean",
        "add-filter",
        "remove-filter",
        "-e",
        "--remove-empty-cells",
        "-M",
        "--remove-all-notebook-metadata",
        "-m",
        "--preserve-cell-metadata",
        "--preserve-cell-metadata-field",
        "-o",
        "--preserve-cell-outputs",
        "-c",
        "--preserve-execution-counts",
        "-n",
        "--preserve-notebook-metadata",
        "-h",
        "-V",
    ],
};

/// What stands in a row for something, and what is typed for it here.
const VALUES: [(&str, &str); 18] = [
    ("NOTEBOOK", "new.ipynb"),
    ("FILE", "old.ipynb"),
    ("PATH", "old.ipynb"),
    ("IN", "old.ipynb"),
    ("OUT", "out.ipynb"),
    ("OLD", "old.ipynb"),
    ("NEW", "new.ipynb"),
    ("REV", "HEAD"),
    ("PATCH", "patch.json"),
    ("BASE", "old.ipynb"),
    ("OURS", "new.ipynb"),
    ("THEIRS", "new.ipynb"),
    ("SIDE", "theirs"),
    ("SIZE", "10k"),
    ("KEYS", "'cell.metadata.timing cell.metadata.collapsed'"),
    ("TYPE", "stream"),
    ("TAGS", "draft"),
    ("FIELD", "timing"),
];

/// Spans on the right that are neither typed nor written.
const WORDS: [&str; 5] = ["cellwise.toml", "NO_COLOR", "clean", "text", "merge.noise"];

/// What is between backticks.
fn spans(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// Both columns of each row.
fn rows(page: &Page) -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(page.name);
    let text = fs::read_to_string(path).unwrap();
    let columns = text.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | "));
    columns.skip(2).map(|(theirs, ours)| (theirs.to_owned(), ours.to_owned())).collect()
}

/// What a row asks to be run.
#[derive(Debug, PartialEq)]
enum Run {
    /// A line of shell.
    Line(String),
    /// Options of the page's command.
    Options(String),
    /// A line of `cellwise.toml`.
    Setting(String),
}

fn runs(theirs: &str, ours: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    if ours.starts_with("the same") {
        runs.extend(spans(theirs).filter_map(|span| Some(Run::Options(span[span.find('-')?..].to_owned()))));
    }
    let (mut first, mut key) = (None, "");
    for span in spans(ours) {
        if span.starts_with("cellwise ") || span.starts_with("git ") {
            first.get_or_insert(span);
            runs.push(Run::Line(span.to_owned()));
        } else if span.starts_with('-') {
            runs.push(
                first.map_or_else(|| Run::Options(span.to_owned()), |first| Run::Line(format!("{first} {span}"))),
            );
        } else if let Some((name, _)) = span.split_once(" = ") {
            key = name;
            runs.push(Run::Setting(span.to_owned()));
        } else if span.starts_with('"') {
            runs.push(Run::Setting(format!("{key} = {span}")));
        } else {
            assert!(WORDS.contains(&span), "what is `{span}`?");
        }
    }
    runs
}

/// A line with values in the place of their names.
fn typed(line: &str) -> String {
    let put = |word: &str| {
        let (name, value) = VALUES.into_iter().find(|(name, _)| word.ends_with(name)).unwrap_or((word, word));
        word.strip_suffix(name).unwrap_or("").to_owned() + value
    };
    line.split(' ').map(put).collect::<Vec<_>>().join(" ")
}

/// A notebook in which each option of `clean` finds something to do.
fn full(source: &str) -> String {
    let mut kept = nb::ran("a", source, 1, "kept\n");
    kept["metadata"] = json!({"tags": ["keep_output"], "collapsed": true, "timing": 1, "slideshow": {}});
    let mut initial = nb::ran("b", "init()", 2, "initial\n");
    initial["metadata"] = json!({"init_cell": true});
    let mut draft = nb::code("d", "draft()");
    draft["metadata"] = json!({"tags": ["draft"]});
    nb::notebook(&[kept, initial, nb::ran("c", "print(1)", 3, "1\n"), draft, nb::code("e", "")])
}

/// A repository with three versions of a notebook as files, and a conflict as soon as `colleague` is merged.
fn scratch() -> Repo {
    let repo = Repo::installed();
    repo.write("old.ipynb", full("x = 1")).write("new.ipynb", full("x = 2")).write("c.ipynb", nb::sources(&["y = 0"]));
    repo.commit("base").git(["switch", "-qc", "colleague"]).ok();
    repo.write("c.ipynb", nb::sources(&["y = 1"])).commit("theirs").git(["switch", "-q", "main"]).ok();
    repo.write("c.ipynb", nb::sources(&["y = 2"])).commit("ours");
    repo.sh("cellwise diff --json old.ipynb new.ipynb >patch.json").ok();
    repo
}

/// What comes before a line, what comes after it, and how it ends.
fn around(line: &str) -> (&'static str, &'static str, i32) {
    match line {
        _ if line.ends_with("resolve -i") || line.starts_with("git mergetool") => {
            ("git merge -q colleague; yes t |", "", 0)
        }
        _ if line.starts_with("cellwise resolve ") => ("git merge -q colleague;", " && cellwise check", 0),
        _ if line.ends_with(" --system") => {
            ("unset GIT_CONFIG_NOSYSTEM; export GIT_CONFIG_SYSTEM=../system;", " --dry-run", 0)
        }
        _ if line.starts_with("cellwise doctor") => ("cellwise uninstall >uninstalled;", "", 1),
        _ if line.contains(" --check") => ("", "", 1),
        _ => ("", "", 0),
    }
}

/// What of a row does not hold.
fn wrong(page: &Page, run: &Run) -> Option<String> {
    let repo = scratch();
    match run {
        Run::Line(line) if line.ends_with(" --system") && git_version() < [2, 42, 0] => None,
        Run::Line(line) => {
            let (before, after, code) = around(line);
            let line = format!("{before} {}{after}", typed(line));
            let run = repo.sh(&line);
            (run.code != code).then(|| format!("{line}\n{}{}", run.stdout, run.stderr))
        }
        Run::Options(options) => {
            let [plain, with] = ["", options.as_str()].map(|options| {
                let files = if page.command.ends_with("clean") { "< OLD" } else { "OLD NEW" };
                repo.sh(&typed(&format!("{} {options} {files}", page.command)))
            });
            let has_effect = page.command.ends_with("diff") || plain.stdout != with.stdout;
            (with.code != 0 || !has_effect).then(|| format!("{} {options}\n{}", page.command, with.stderr))
        }
        Run::Setting(line) => {
            let (key, value) = line.split_once(" = ").unwrap();
            let (section, key) = key.split_once('.').unwrap();
            repo.write("cellwise.toml", format!("[{section}]\n{key} = {value}\n"));
            let run = repo.cellwise(["config", "old.ipynb"]);
            (run.code != 0 || !run.stdout.contains("cellwise.toml:2")).then(|| format!("{line}\n{}", run.stdout))
        }
    }
}

/// Whether a word stands between backticks in one of the cells.
fn has(cells: &[String], word: &str) -> bool {
    cells.iter().flat_map(|cell| spans(cell)).flat_map(str::split_whitespace).any(|part| part == word)
}

fn holds(page: &Page) {
    let rows = rows(page);
    let theirs: Vec<_> = rows.iter().map(|(theirs, _)| theirs.clone()).collect();
    let missing: Vec<_> =
        page.options.iter().filter(|option| !option.split(' ').any(|spelling| has(&theirs, spelling))).collect();
    assert!(missing.is_empty(), "{} has no row for {missing:?}", page.name);
    let runs: Vec<_> = rows.iter().flat_map(|(theirs, ours)| runs(theirs, ours)).collect();
    let wrong: Vec<_> = runs.iter().filter_map(|run| wrong(page, run)).collect();
    assert!(wrong.is_empty(), "{}:\n{}", page.name, wrong.join("\n"));
}

#[test]
fn each_option_of_nbdime_has_its_row() {
    holds(&NBDIME);
}

#[test]
fn each_option_of_nbstripout_has_its_row() {
    holds(&NBSTRIPOUT);
}

#[test]
fn each_option_of_nb_clean_has_its_row() {
    holds(&NB_CLEAN);
}
