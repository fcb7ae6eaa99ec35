//! What `git diff`, `log -p`, `show`, `blame` and `grep` show of notebooks, with real git.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use crate::nb::{code, markdown, notebook, ran, sources};
use crate::patch::apply;
use crate::repo::{Repo, Run, git_version, labels};

const NAME: &str = "n.ipynb";

fn old() -> String {
    notebook(&[
        markdown("t", "# Title\n\ntext"),
        ran("a", "import os\n\ndef load(x):\n    y = x\n    z = y\n    return z", 1, "one\n"),
        code("b", "x = 1\ny = 2"),
        code("c", "print(x)"),
    ])
}

fn new() -> String {
    notebook(&[
        markdown("t", "# Title\n\nother text"),
        ran("a", "import os\n\ndef load(x):\n    y = x\n    z = y\n    return z + 1", 2, "two\n"),
        code("b", "x = 1\ny = 2"),
        code("n", "new = True"),
        code("c", "print(x)"),
    ])
}

/// A commit of the old notebook, the new one in the work tree.
fn changed() -> Repo {
    let repo = Repo::installed();
    repo.write(NAME, old()).commit("old").write(NAME, new());
    repo
}

impl Repo {
    /// The patch must make the new text form of the old one. What cellwise itself prints for people, and not git from
    /// the text forms, leaves out their last line.
    #[track_caller]
    fn leads_from(&self, before: &str, patch: &str, after: &str) {
        let of_git = patch.contains("# hidden:");
        let text = |file: &str| match file {
            "" => String::new(),
            file if of_git => self.text_of(file),
            file => without_hidden_line(&self.text_of(file)),
        };
        assert_eq!(apply(patch, &text(before)), text(after), "{patch}");
    }
}

fn without_hidden_line(text: &str) -> String {
    let (shown, hidden) = text.trim_end_matches('\n').rsplit_once('\n').unwrap_or(("", text));
    assert!(hidden.starts_with("# hidden:"), "{text}");
    if shown.is_empty() { String::new() } else { format!("{shown}\n") }
}

#[test]
fn scenario_01_each_way_to_ask_gives_a_patch_of_the_text_form() {
    let repo = changed();
    let from_here = repo.git(["diff"]).ok();
    let outside = [repo.git(["diff", "-R"]).ok(), repo.git(["diff", "HEAD"]).ok()];
    repo.git(["add", NAME]).ok();
    let staged = repo.git(["diff", "--staged"]).ok();
    repo.commit("new");
    let between = repo.git(["diff", "HEAD~", "HEAD"]).ok();
    let blobs = repo.git(["diff", "HEAD~:n.ipynb", "HEAD:n.ipynb"]).ok();
    for patch in [&from_here, &outside[1], &staged, &between, &blobs] {
        repo.leads_from(&old(), patch, &new());
        assert!(patch.starts_with("diff --git a/"), "{patch}");
        assert!(patch.contains("-text\n+other text\n") && patch.contains("+new = True\n"), "{patch}");
    }
    repo.leads_from(&new(), &outside[0], &old());
}

#[test]
fn the_patch_stays_right_at_any_width_of_context() {
    let repo = changed();
    for context in ["0", "1", "25"] {
        let patch = repo.git(["-c", &format!("diff.context={context}"), "diff"]).ok();
        repo.leads_from(&old(), &patch, &new());
    }
}

#[test]
fn git_takes_it_for_a_patch() {
    let repo = changed();
    let patch = repo.git(["diff"]).ok();
    repo.write("p", patch);
    let stat = repo.git(["apply", "--stat", "p"]).ok();
    assert!(stat.contains("n.ipynb |"), "{stat}");
}

#[test]
fn scenario_05_an_added_and_a_deleted_notebook_are_shown_whole() {
    let repo = changed();
    repo.write("new.ipynb", old());
    fs::remove_file(repo.path().join(NAME)).unwrap();
    repo.git(["add", "-A"]).ok();
    let added = repo.git(["diff", "--staged", "--no-renames", "--", "new.ipynb"]).ok();
    assert!(added.contains("new file mode 100644\n") && added.contains("--- /dev/null\n+++ b/new.ipynb\n"), "{added}");
    repo.leads_from("", &added, &old());
    let deleted = repo.git(["diff", "--staged", "--no-renames", "--", NAME]).ok();
    assert!(deleted.contains("deleted file mode 100644\n") && deleted.contains("+++ /dev/null\n"), "{deleted}");
    repo.leads_from(&old(), &deleted, "");
}

#[cfg(unix)]
#[test]
fn scenario_05_a_change_of_mode_is_said() {
    use std::os::unix::fs::PermissionsExt as _;
    let repo = changed();
    repo.write(NAME, old());
    let executable = || fs::set_permissions(repo.path().join(NAME), fs::Permissions::from_mode(0o755)).unwrap();
    executable();
    let only_mode = repo.git(["diff"]).ok();
    assert_eq!(only_mode, "diff --git a/n.ipynb b/n.ipynb\nold mode 100644\nnew mode 100755\n");
    repo.write(NAME, new());
    executable();
    let both = repo.git(["diff"]).ok();
    assert!(both.contains("old mode 100644\nnew mode 100755\n"), "{both}");
    repo.leads_from(&old(), &both, &new());
}

#[test]
fn scenario_05_renames_and_copies_carry_both_names() {
    let repo = changed();
    repo.write(NAME, old());
    repo.git(["mv", NAME, "moved.ipynb"]).ok();
    let pure = repo.git(["diff", "--staged", "-M"]).ok();
    let expected = "diff --git a/n.ipynb b/moved.ipynb\nsimilarity index 100%\n\
        rename from n.ipynb\nrename to moved.ipynb\n";
    assert_eq!(pure, expected);
    repo.write("moved.ipynb", new()).git(["add", "-A"]).ok();
    let edited = repo.git(["diff", "--staged", "-M30"]).ok();
    assert!(edited.contains("rename to moved.ipynb\n") && edited.contains("--- a/n.ipynb\n+++ b/moved"), "{edited}");
    repo.leads_from(&old(), &edited, &new());
    repo.git(["reset", "-q", "--hard"]).ok();
    repo.write("copy.ipynb", new()).git(["add", "-A"]).ok();
    let copy = repo.git(["diff", "--staged", "-C30", "--find-copies-harder"]).ok();
    assert!(copy.contains("copy from n.ipynb\ncopy to copy.ipynb\n"), "{copy}");
    repo.leads_from(&old(), &copy, &new());
}

#[cfg(unix)]
#[test]
fn scenario_05_a_symbolic_link_is_shown_as_the_path_it_is() {
    use std::os::unix::fs::symlink;
    let repo = Repo::installed();
    let link = repo.path().join("link.ipynb");
    symlink("one.ipynb", &link).unwrap();
    repo.commit("link");
    fs::remove_file(&link).unwrap();
    symlink("two.ipynb", &link).unwrap();
    let Run { stdout, stderr, .. } = repo.git(["diff"]).exits(0);
    assert!(stdout.contains("-one.ipynb\n\\ No newline at end of file\n+two.ipynb\n"), "{stdout}");
    assert_eq!(stderr, "");
    fs::remove_file(&link).unwrap();
    repo.write("link.ipynb", old());
    let typed = repo.git(["diff"]).ok();
    assert!(typed.contains("deleted file mode 120000") && typed.contains("new file mode 100644"), "{typed}");
    assert!(typed.contains("-one.ipynb\n") && typed.contains("+# %% markdown\n"), "{typed}");
}

#[test]
fn scenario_03_any_name_comes_through() {
    let names = ["a b.ipynb", "it's \"q\".ipynb", "new\nline.ipynb", "größe.ipynb", "-dash.ipynb", "$(x) %A;&.ipynb"];
    let repo = Repo::installed();
    names.iter().for_each(|name| _ = repo.write(name, old()));
    repo.commit("old");
    names.iter().for_each(|name| _ = repo.write(name, new()));
    for name in names {
        let patch = repo.git(["diff", "--", name]).ok();
        repo.leads_from(&old(), &patch, &new());
        let raw = repo.git(["diff", "--no-ext-diff", "--no-textconv", "--", name]).ok();
        let heads = |patch: &str| patch.lines().filter(|line| is_head(line)).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(heads(&patch), heads(&raw));
        let log = repo.git(["log", "-p", "--", name]).ok();
        assert!(log.contains("+# %% markdown\n"), "{log}");
    }
}

/// A line that names the file. The blob id of an unstaged file is unknown to an external command.
fn is_head(line: &str) -> bool {
    ["diff --git ", "--- ", "+++ "].iter().any(|start| line.starts_with(start))
}

#[test]
fn unquoted_names_are_obeyed() {
    let repo = Repo::installed();
    repo.git(["config", "core.quotePath", "false"]).ok();
    repo.write("größe.ipynb", old()).commit("old").write("größe.ipynb", new());
    let patch = repo.git(["diff"]).ok();
    assert!(patch.contains("--- a/größe.ipynb\n+++ b/größe.ipynb\n"), "{patch}");
}

#[test]
fn scenario_05_a_subfolder_and_relative_names_work() {
    let repo = Repo::installed();
    repo.write("sub/n.ipynb", old()).commit("old").write("sub/n.ipynb", new());
    let sub = repo.path().join("sub");
    let git = |args: &[&str]| repo.run(Path::new("git"), &sub, args).ok();
    let whole = git(&["diff", "n.ipynb"]);
    assert!(whole.contains("--- a/sub/n.ipynb\n"), "{whole}");
    repo.leads_from(&old(), &whole, &new());
    let as_text = git(&["diff", "--no-ext-diff", "--relative"]);
    let relative = git(&["diff", "--relative"]);
    assert!(relative.contains("--- a/n.ipynb\n") && as_text.contains("--- a/n.ipynb\n"), "{relative}{as_text}");
    repo.leads_from(&old(), &as_text, &new());
    // git before 2.39.3 looks for the file at the top and tells any diff command that it is gone.
    let after = if git_version() >= [2, 39, 3] { new() } else { String::new() };
    repo.leads_from(&old(), &relative, &after);
}

#[test]
fn scenario_05_a_bare_repository_is_as_good() {
    let repo = changed();
    repo.commit("new");
    repo.git(["clone", "-q", "--bare", ".", "../bare.git"]).ok();
    let bare = repo.outside("bare.git");
    repo.run(Path::new(env!("CARGO_BIN_EXE_cellwise")), &bare, ["install"]).ok();
    let patch = repo.run(Path::new("git"), &bare, ["diff", "HEAD~", "HEAD"]).ok();
    repo.leads_from(&old(), &patch, &new());
    let log = repo.run(Path::new("git"), &bare, ["log", "-p", "-1"]).ok();
    repo.leads_from(&old(), &log, &new());
}

#[test]
fn scenario_07_colours_are_those_of_git() {
    let repo = changed();
    let plain = repo.git(["diff"]).ok();
    assert!(!plain.contains('\u{1b}'), "{plain:?}");
    let coloured = repo.git(["-c", "color.ui=always", "diff"]).ok();
    assert!(coloured.contains("\u{1b}[31m-    return z\u{1b}[m\n\u{1b}[32m+    return z"), "{coloured:?}");
    let own = repo.git(["-c", "color.ui=always", "-c", "color.diff.old=bold blue", "diff"]).ok();
    assert!(own.contains("\u{1b}[1;34m-text\u{1b}[m\n"), "{own:?}");
    let marked = "\u{1b}[32m+\u{1b}[m\u{1b}[32m\u{1b}[7mother \u{1b}[m\u{1b}[32mtext\u{1b}[m\n";
    assert!(coloured.contains(marked), "the changed word is marked: {coloured:?}");
    let off = repo.sh("NO_COLOR=1 git -c color.ui=auto diff").ok();
    assert_eq!(off, plain);
}

#[test]
fn scenario_01_without_the_command_git_compares_the_text_forms() {
    let repo = changed();
    let patch = repo.git(["diff", "--no-ext-diff"]).ok();
    assert!(patch.contains("-text\n+other text\n"), "{patch}");
    repo.leads_from(&old(), &patch, &new());
    let words = repo.git(["diff", "--no-ext-diff", "--word-diff"]).ok();
    assert!(words.contains("{+other+} text"), "{words}");
    let raw = repo.git(["diff", "--no-ext-diff", "--no-textconv"]).ok();
    assert!(raw.contains("+    \"other text\"\n"), "{raw}");
}

#[test]
fn scenario_06_exit_code_tells_whether_something_changed() {
    let repo = changed();
    repo.git(["diff", "--exit-code"]).exits(1);
    repo.git(["diff", "--quiet"]).exits(1);
    repo.git(["diff", "--no-ext-diff", "--exit-code"]).exits(1);
    repo.write(NAME, old());
    for args in [["diff", "--exit-code"], ["diff", "--quiet"]] {
        assert_eq!(repo.git(args).ok(), "");
    }
}

#[test]
fn outputs_alone_never_look_like_no_change() {
    let repo = changed();
    repo.write(NAME, old().replace("one\\n", "another\\n"));
    let patch = repo.git(["diff"]).ok();
    let blob = repo.git(["rev-parse", "--short=7", "HEAD:n.ipynb"]).ok();
    let header = format!("diff --git a/n.ipynb b/n.ipynb\nindex {}..0000000 100644\n", blob.trim_end());
    assert_eq!(patch, format!("n.ipynb: cell 2: stdout +1 -1 line\n{header}"));
    let coloured = repo.git(["-c", "color.ui=always", "diff"]).ok();
    assert!(coloured.starts_with("\u{1b}[1mn.ipynb:\u{1b}[m cell 2: stdout"), "as the header below: {coloured:?}");
    let of_git = repo.git(["diff", "--no-ext-diff"]).ok();
    assert!(of_git.contains("-# hidden: outputs") && of_git.contains("+# hidden: outputs"), "{of_git}");
    repo.git(["diff", "--no-ext-diff", "--exit-code"]).exits(1);
}

#[test]
fn git_finds_each_file_of_a_diff_that_has_files_without_hunks() {
    let repo = changed();
    repo.write("m.ipynb", old()).git(["add", "m.ipynb"]).ok();
    repo.write("m.ipynb", old().replace("one\\n", "another\\n"));
    repo.write("p", repo.git(["diff"]).ok());
    let stat = repo.git(["apply", "--stat", "p"]).ok();
    assert!(stat.contains(" m.ipynb |    0 \n n.ipynb |"), "{stat}");
}

#[test]
fn scenario_01_log_and_show_read_like_the_diff() {
    let repo = changed();
    repo.commit("new");
    for args in [&["log", "-p", "-1"][..], &["show"], &["show", "--stat", "-p"], &["log", "-p", "-1", "--ext-diff"]] {
        let patch = repo.git(args).ok();
        repo.leads_from(&old(), &patch, &new());
    }
    assert_eq!(repo.git(["show", "--textconv", "HEAD:n.ipynb"]).ok(), repo.text_of(new()));
    assert_eq!(repo.git(["show", "HEAD:n.ipynb"]).ok(), new());
    repo.git(["commit", "-q", "--amend", "-m", "x"]).ok();
    assert!(repo.git(["log", "-p", "-S", "other text"]).ok().contains("+other text\n"));
}

#[test]
fn scenario_01_a_commit_shows_the_text_to_whoever_writes_the_message() {
    let repo = changed();
    repo.git(["add", "-A"]).ok();
    let shown = repo.sh("GIT_EDITOR='cat >seen' git commit -v; cat seen").stdout;
    assert!(shown.contains("+new = True\n"), "{shown}");
}

#[test]
fn scenario_01_stash_shows_text_on_request() {
    let repo = changed();
    repo.git(["stash", "-q"]).ok();
    let patch = repo.git(["stash", "show", "-p", "--textconv"]).ok();
    repo.leads_from(&old(), &patch, &new());
}

#[test]
fn scenario_01_blame_counts_the_lines_of_the_text_form() {
    let repo = changed();
    repo.commit("new");
    let blame = repo.git(["blame", "-s", NAME]).ok();
    let text = repo.text_of(new());
    let lines: Vec<&str> = blame.lines().map(|line| line.split_once(") ").map_or("", |(_, text)| text)).collect();
    assert_eq!(lines, text.lines().collect::<Vec<_>>());
    let at = text.lines().position(|line| line == "new = True").unwrap() + 1;
    let one = repo.git(["blame", "-s", "-L", &format!("{at},{at}"), NAME]).ok();
    assert!(one.ends_with("new = True\n"), "{one}");
    let head = repo.git(["rev-parse", "--short=8", "HEAD"]).ok();
    assert!(one.starts_with(head.trim()), "{one} {head}");
}

#[test]
fn scenario_01_grep_finds_lines_of_the_text_form() {
    let repo = changed();
    repo.commit("new");
    let line = repo.text_of(new()).lines().position(|line| line == "print(x)").unwrap() + 1;
    for revision in [&[][..], &["HEAD"]] {
        let found = repo.git([&["grep", "--textconv", "-n", "^print(x)$"], revision].concat()).ok();
        assert!(found.ends_with(&format!("n.ipynb:{line}:print(x)\n")), "{found}");
    }
}

#[test]
fn headings_say_where_a_hunk_stands() {
    let repo = changed();
    repo.commit("new");
    let headings = |patch: &str| -> Vec<String> {
        patch.lines().filter_map(|line| Some(line.strip_prefix("@@")?.split_once(" @@ ")?.1.to_owned())).collect()
    };
    let log = repo.git(["log", "-p", "-1", "-U0"]).ok();
    assert_eq!(headings(&log)[..2], ["# Title", "def load(x):"], "{log}");
    let diff = repo.git(["-c", "diff.context=0", "diff", "HEAD~"]).ok();
    let expected = ["cell 1 markdown", "cell 2 code, outputs changed", "cell 4 code, new"];
    assert_eq!(headings(&diff), expected, "{diff}");
}

#[test]
fn scenario_18_an_unreadable_notebook_stops_nothing() {
    let repo = Repo::installed();
    let files = [("a.ipynb", old()), ("m.ipynb", "{\"cells\": [1, ".to_owned()), ("z.ipynb", old())];
    files.iter().for_each(|(name, file)| _ = repo.write(name, file));
    repo.commit("old");
    repo.write("a.ipynb", new()).write("m.ipynb", "{\"cells\": [2, ").write("z.ipynb", new());
    let diff = repo.git(["diff"]).exits(0);
    repo.commit("new");
    let log = repo.git(["log", "-p"]).exits(0);
    for Run { stdout, stderr, .. } in [diff, log] {
        assert_eq!(stderr, "");
        assert!(stdout.contains("-{\"cells\": [1, \n") && stdout.contains("+{\"cells\": [2, \n"), "{stdout}");
        assert!(stdout.contains("b/z.ipynb") && stdout.matches("+new = True\n").count() == 2, "{stdout}");
    }
    repo.git(["blame", "m.ipynb"]).ok();
    assert!(repo.git(["grep", "--textconv", "-c", "new = True"]).ok().contains("z.ipynb:1"));
}

#[test]
fn an_unreadable_notebook_says_why() {
    let repo = Repo::installed();
    repo.write(NAME, old()).commit("old").write(NAME, "{\n oops");
    let diff = repo.git(["diff"]).ok();
    assert!(diff.starts_with("cellwise: n.ipynb (after): not a notebook: line 2, column 2: "), "{diff}");
    repo.write("p", &diff);
    repo.git(["apply", "--stat", "p"]).ok();
}

#[test]
fn scenario_18_an_empty_notebook_is_a_file_like_any_other() {
    let repo = Repo::installed();
    repo.write(NAME, "").commit("empty").write(NAME, new());
    let diff = repo.git(["diff"]).ok();
    assert!(diff.starts_with("diff --git "), "{diff}");
    repo.leads_from("", &diff, &new());
    repo.commit("new");
    repo.leads_from("", &repo.git(["log", "-p", "-1"]).ok(), &new());
}

#[test]
fn scenario_05_an_unmerged_path_is_named() {
    let repo = Repo::installed();
    repo.write(NAME, sources(&["x = 0"])).commit("base");
    repo.git(["checkout", "-q", "-b", "side"]).ok();
    repo.write(NAME, sources(&["x = 2"])).commit("theirs");
    repo.git(["checkout", "-q", "main"]).ok();
    repo.write(NAME, sources(&["x = 1"])).commit("ours");
    repo.git(["merge", "-q", "side"]).exits(1);
    for option in ["--ours", "--theirs", "--cached"] {
        let diff = repo.git(["diff", option]).ok();
        assert!(diff.contains("* Unmerged path n.ipynb\n"), "{option}: {diff}");
    }
    let (ours, _) = labels("HEAD", "side");
    assert!(repo.git(["diff", "--ours"]).ok().contains(&format!("+<<<<<<< {ours}\n")));
}

#[test]
fn scenario_07_a_reader_who_leaves_early_hears_nothing_more() {
    let repo = changed();
    repo.write(NAME, sources(&[&"a line of code\n".repeat(20_000)]));
    for command in ["diff", "diff --no-ext-diff", "blame n.ipynb", "grep --textconv line"] {
        let run = repo.sh(&format!("git {command} | head -n 1"));
        assert_eq!((run.code, run.stderr.as_str(), run.stdout.lines().count()), (0, "", 1), "{command}");
    }
}

#[test]
fn scenario_08_difftool_still_runs_the_tool() {
    let repo = changed();
    for option in ["-x", "--extcmd"] {
        let shown = repo.git(["difftool", "-y", option, "cmp -s || echo TOOL #"]).exits(0).stdout;
        assert_eq!(shown, "TOOL\n");
    }
    repo.git(["config", "difftool.mine.cmd", "wc -c <\"$LOCAL\"; wc -c <\"$REMOTE\""]).ok();
    let sizes = repo.git(["difftool", "-y", "-t", "mine"]).exits(0).stdout;
    let sizes: Vec<usize> = sizes.lines().map(|line| line.trim().parse().unwrap()).collect();
    assert_eq!(sizes, [old().len(), new().len()]);
    repo.git(["difftool", "-y", "-d", "-x", "ls"]).ok();
}

/// What a terminal would obey, as it stands in a JSON string and in a file that is no JSON.
const ESCAPES: [(&str, &str); 4] =
    [("\\u001b", "\u{1b}"), ("\u{9b}", "\u{9b}"), ("\u{202e}", "\u{202e}"), ("\u{7f}", "\u{7f}")];

#[test]
fn control_characters_stay_visible_escapes() {
    for (in_json, character) in ESCAPES {
        let file = |text: &str| sources(&[text]).replace("ESC", in_json);
        let repo = Repo::installed();
        repo.write(NAME, file("a = 'ESC[31m'")).write("bad.ipynb", format!("{{{character}1\r\n")).commit("old");
        repo.write(NAME, file("b = 'ESC[31m'")).write("bad.ipynb", format!("{{{character}2\r\n"));
        let diff = repo.git(["diff"]);
        repo.commit("new");
        let asked = [
            repo.git(["show"]),
            repo.git(["log", "-p"]),
            repo.git(["blame", NAME]),
            repo.git(["blame", "bad.ipynb"]),
            repo.git(["show", "--textconv", "HEAD:n.ipynb"]),
            repo.cellwise(["show", NAME]),
            repo.cellwise(["diff", "HEAD~", "HEAD"]),
            repo.cellwise(["check", NAME, "bad.ipynb"]),
            repo.cellwise(["show", "bad.ipynb"]).exits(129),
            repo.cellwise(["clean", "bad.ipynb"]).exits(129),
        ];
        for run in asked.iter().chain([&diff]) {
            let said = format!("{}{}", run.stdout, run.stderr);
            assert!(!said.contains(character), "{said:?}");
        }
        let shown = format!("\\u{{{:x}}}", character.chars().next().unwrap() as u32);
        assert!(diff.stdout.contains(&shown), "{}", diff.stdout);
    }
}

#[cfg(unix)]
#[test]
fn control_characters_of_a_name_stay_visible_escapes() {
    let repo = Repo::installed();
    let name = "\u{1b}[31m\u{202e}.ipynb";
    repo.write(name, "{").commit("old");
    repo.write(name, "[");
    let asked = [
        repo.git(["diff"]).exits(0),
        repo.cellwise(["diff"]).exits(0),
        repo.cellwise(["diff", name, "/dev/null"]).exits(0),
        repo.cellwise(["show", name]).exits(129),
        repo.cellwise(["clean", name]).exits(129),
        repo.cellwise(["check", "no\u{1b}.ipynb"]),
        repo.cellwise(["diff", "no\u{1b}"]),
        repo.cellwise(["merge", name, "no\u{1b}", name]),
    ];
    for run in asked {
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(!said.contains(['\u{1b}', '\u{202e}']), "{said:?}");
    }
}
