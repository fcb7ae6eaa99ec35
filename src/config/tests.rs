use super::*;
use crate::merge::{ConflictStyle, InsertPolicy, MergeOptions, OutputsPolicy};
use crate::normalize::{CleanOptions, Ids, InitCells, Keep, Like, MergeRule, NoiseKey, OnClean, Place, tools};

fn parse(text: &str) -> (Config, Vec<String>) {
    let (config, problems) = Config::parse(text, Dialect::Cellwise).unwrap();
    (config, problems.iter().map(|problem| format!("{}: {problem}", problem.line.unwrap())).collect())
}

#[track_caller]
fn problem(text: &str) -> String {
    let (config, problems) = parse(text);
    assert_eq!(config, Config::default());
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems[0].clone()
}

#[test]
fn every_key_is_read() {
    let text = "[merge]\noutputs = \"clear\"\ninsert = 'union'\nconflict-style = \"zdiff3\"\n\
                noise = [\n  \"metadata.foo\", # ours\n  \"cell.metadata.bar.*\",\n]\n";
    let (config, problems) = parse(text);
    assert_eq!(problems, [""; 0]);
    let options = config.merge.options();
    assert_eq!(options.outputs, OutputsPolicy::Clear);
    assert_eq!((options.insert, options.style), (InsertPolicy::Union, ConflictStyle::Zdiff3));
    assert_eq!(options.policy.rule_for(Place::Cell, &[b"bar", b"x"]).merge, MergeRule::Ours);
    assert_eq!(options.policy.rule_for(Place::Cell, &[b"foo"]).merge, MergeRule::Conflict);
}

#[test]
fn each_default_is_what_holds_without_the_key() {
    assert_eq!(parse("").0.merge.options(), MergeOptions::default());
    assert_eq!(parse("").0.clean.options(), CleanOptions::default());
    for key in keys() {
        let (config, problems) = parse(&format!("[{}]\n{} = {}\n", key.section(), key.name(), key.default));
        assert_eq!((config.merge.options(), problems), (MergeOptions::default(), Vec::new()), "{}", key.path);
        assert_eq!(config.settings, [Setting { key: key.path, value: key.default.to_owned(), line: 2 }]);
        // To keep ids is what `like` can change.
        let ids = if key.path == "clean.ids" { Some(Ids::Keep) } else { None };
        assert_eq!(config.clean.options(), CleanOptions { ids, ..CleanOptions::default() }, "{}", key.path);
    }
}

#[test]
fn every_key_of_clean_is_read() {
    let text = "[clean]\nkeep-output = true\nkeep-count = true\nkeep-output-type = ['error']\n\
                drop-output-type = ['stream:stderr']\nmax-size = '10k'\nstrip-init-cells = true\n\
                extra-keys = ['metadata.a']\nkeep-metadata-keys = ['metadata.b']\nonly-keys = ['cell.metadata.c']\n\
                preset = ['colab', 'vscode']\nstrip-kernel = true\ndrop-empty-cells = true\n\
                drop-tagged-cells = ['t']\nids = 'drop'\nlike = 'nbstripout'\n";
    let (config, problems) = parse(text);
    assert_eq!(problems, [""; 0]);
    let set: Vec<&str> = config.settings.iter().map(|setting| setting.key).collect();
    let all: Vec<&str> = keys().iter().filter(|key| key.section() == "clean").map(|key| key.path).collect();
    assert_eq!(set, all);
    let options = config.clean.options();
    let expected = CleanOptions {
        keep_outputs: Keep::Everywhere,
        keep_counts: Keep::Everywhere,
        init_cells: InitCells::Strip,
        max_size: 10_000,
        empty_cells: OnClean::Drop,
        dropped_tags: vec!["t".to_owned()],
        ids: Some(Ids::Drop),
        like: Like::Nbstripout,
        ..options.clone()
    };
    assert_eq!(options, expected);
    assert_eq!((options.keep_types.len(), options.drop_types.len()), (1, 1));
    let (keys, one) = (&options.keys, NoiseKey::parse);
    assert_eq!((&keys.extra, &keys.keep), (&vec![one("metadata.a").unwrap()], &vec![one("metadata.b").unwrap()]));
    assert_eq!((&keys.only, keys.kernel), (&vec![one("cell.metadata.c").unwrap()], OnClean::Drop));
    assert_eq!(keys.tools, ["colab", "vscode"]);
    assert_eq!(parse("[clean]\npreset = ['all', 'colab']\n").0.clean.options().keys.tools, tools());
}

#[test]
fn what_is_asked_for_comes_first() {
    let section = |text| parse(&format!("[clean]\n{text}\n")).0.clean;
    let (asked, configured) = (section("keep-count = false\npreset = []"), section("keep-count = true\nids = 'drop'"));
    assert_eq!(asked.or(configured), section("keep-count = false\npreset = []\nids = 'drop'"));
}

#[test]
fn a_mistake_is_named_with_its_line_and_what_was_meant() {
    for (text, said) in [
        ("[merge]\n\noutputz = 'ours'", "3: unknown key `outputz`: did you mean `outputs`?"),
        ("[merge]\nconflictStyle = 'diff3'", "2: unknown key `conflictStyle`: did you mean `conflict-style`?"),
        ("[merges]\noutputs = 'ours'", "1: unknown key `merges`: did you mean `merge`?"),
        ("outputs = 'ours'", "1: unknown key `outputs`: did you mean `merge.outputs`?"),
        ("[merge]\noutputs = 'their'", "2: `outputs` cannot be \"their\": did you mean \"theirs\"?"),
        ("[merge]\ninsert = 'no'", "2: `insert` cannot be \"no\": it takes \"conflict\", \"union\""),
        (
            "[merge]\nconflict-style = 'insert'",
            "2: `conflict-style` cannot be \"insert\": it takes \"merge\", \"diff3\", \"zdiff3\"",
        ),
        ("[clean]\nkeep-output = 'yes'", "2: `keep-output` must be true or false, not a string"),
        ("[clean]\nmax-size = '10x'", "2: `max-size` cannot be \"10x\": it takes sizes such as 300, 10k or 5M"),
        ("[clean]\nmax-size = -1", "2: `max-size` must be a size such as 300 or \"10k\", not a number"),
        ("[clean]\noutputs = 'ours'", "2: unknown key `outputs`: did you mean `merge.outputs`?"),
        ("[clean]\nkeep-outputs = true", "2: unknown key `keep-outputs`: did you mean `keep-output`?"),
        ("preset = []", "1: unknown key `preset`: did you mean `clean.preset`?"),
        ("[merge]\ninsert = 3", "2: `insert` must be one of \"conflict\", \"union\", not a number"),
        ("\nmerge = []", "2: `merge` must be a table, not a list"),
        (
            "[merge]\nnoise = true",
            "2: `noise` must be a list of keys such as [\"cell.metadata.KEY\"], not true or false",
        ),
        (
            "[merge]\nnoise = [\n'foo']",
            "3: `noise` cannot be \"foo\": it takes `metadata.KEY` and `cell.metadata.KEY`, also with a `*` at the end",
        ),
        (
            "[merge]\n<<<<<<< HEAD\ninsert = 'union'\n=======\n>>>>>>> x\n",
            "2: has git's conflict markers: settle them first",
        ),
        (
            "[merge]\nnoise = [\n<<<<<<< HEAD\n'a',\n=======\n'b',\n>>>>>>> x\n]",
            "3: has git's conflict markers: settle them first",
        ),
        (
            "\n[tool.cellwise.merge]\ninsert = 'union'\n",
            "2: `[tool.cellwise.merge]` is for pyproject.toml: here it is `[merge]`",
        ),
    ] {
        assert_eq!(problem(text), said);
        assert!(Config::parse(text, Dialect::Cellwise).unwrap().1[0].is_mistake());
    }
    assert!(problem("[merge]\ninsert = \n").starts_with("2: "));
}

#[test]
fn a_long_key_or_value_is_cut() {
    let (long, shown) = ("ä".repeat(61), "ä".repeat(60) + "…");
    assert_eq!(problem(&format!("[merge]\n'{long}' = 1\n")), format!("2: unknown key `{shown}`"));
    let given = problem(&format!("[merge]\ninsert = '{long}'\n"));
    assert!(given.starts_with(&format!("2: `insert` cannot be \"{shown}\": ")), "{given}");
    assert!(problem(&format!("['{}']\n", &long[2..])).ends_with("ä`"));
}

#[test]
fn what_a_later_version_may_know_is_no_mistake() {
    for text in ["[check]\nrules = 3\n", "[merge]\nstrategy = \"words\"\n", "[a.b.c]\n"] {
        let problems = Config::parse(text, Dialect::Cellwise).unwrap().1;
        assert!(!problems[0].is_mistake(), "{problems:?}");
    }
}

#[test]
fn one_mistake_spoils_nothing_else() {
    let (config, problems) = parse("[merge]\nnoise = ['metadata.a', 3, 'b']\ninsert = 'union'\nx = 1\n[y]\n");
    assert_eq!((config.merge.noise.len(), config.merge.insert), (1, Some(InsertPolicy::Union)));
    assert_eq!(problems.iter().map(|problem| &problem[..1]).collect::<String>(), "2245");
}

#[test]
fn a_pyproject_counts_if_it_speaks_of_cellwise() {
    let parse = |text| Config::parse(text, Dialect::Pyproject);
    for others in ["", "[tool.ruff]\nline-length = 100\n", "[merge]\ninsert = 'union'\n", "tool = 3\n", "<<<<<<<\n"] {
        assert_eq!(parse(others), None, "{others}");
    }
    assert_eq!(parse("[tool.cellwise]\n"), Some((Config::default(), Vec::new())));
    let (config, problems) = parse("[project]\nname = 'x'\n[tool.cellwise.merge]\ninsert = 'union'\n").unwrap();
    assert_eq!((config.merge.insert, problems), (Some(InsertPolicy::Union), Vec::new()));
    let problems = parse("[tool]\ncellwise = 3\n").unwrap().1;
    assert_eq!(problems[0].to_string(), "`cellwise` must be a table, not a number");
    let problems = parse("<<<<<<< HEAD\n[tool.cellwise]\n").unwrap().1;
    assert_eq!(problems[0].fault, Fault::Markers);
}
