//! Patches, JSON and unified, are made and applied.

#![allow(clippy::panic, clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use cellwise::apply::{Misfit, Patch, digest};
use cellwise::notebook::Notebook;
use cellwise::render::{DiffReport, FileHeader, FileSide};
use cellwise::text::text_form;
use serde_json::Value;

use crate::corpus::patch_of;
use crate::nb::{code, markdown, notebook, ran, sources};
use crate::repo::{Repo, Run};

const NAME: &str = "n.ipynb";

fn side(path: &str) -> FileSide {
    FileSide { path: path.as_bytes().to_vec(), mode: Some("100644".to_owned()), oid: String::new() }
}

/// The JSON diff of one file, which is at `path` on both sides.
fn json_of(path: &str, before: &[u8], after: &[u8]) -> Vec<u8> {
    let mut report = DiffReport::default();
    report.push(&FileHeader::new(side(path), side(path)), before, after);
    report.finish()
}

/// The unified diff of `n.ipynb`.
fn lines_of(before: &[u8], after: &[u8]) -> Vec<u8> {
    patch_of(&Notebook::read(before).unwrap(), &Notebook::read(after).unwrap()).into_bytes()
}

/// What a patch of one file makes of `old`.
fn applied(patch: &[u8], old: &[u8]) -> Result<Vec<u8>, Misfit> {
    Patch::read(patch).unwrap().files[0].apply(old).map(Option::unwrap_or_default)
}

/// The text form but for its line of digests.
fn shown(file: &[u8]) -> String {
    let form = String::from_utf8(text_form(&Notebook::read(file).unwrap()).bytes).unwrap();
    form.lines().filter(|line| !line.starts_with("# hidden:")).map(|line| format!("{line}\n")).collect()
}

/// A golden case: the document, and what its unified diff makes of the older notebook.
pub(crate) fn run_case(case: &Path) -> Vec<(&'static str, Vec<u8>)> {
    let [before, after] = ["before.ipynb", "after.ipynb"].map(|name| fs::read(case.join(name)).unwrap());
    let document = json_of(NAME, &before, &after);
    assert_eq!(applied(&document, &before).as_ref(), Ok(&after), "{}", case.display());
    let patched = match applied(&lines_of(&before, &after), &before) {
        Ok(file) => file,
        Err(misfit) => format!("{misfit}\n").into_bytes(),
    };
    vec![("expected.json", document), ("expected.ipynb", patched)]
}

#[test]
fn the_documented_example_is_a_golden_case() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/json.md")).unwrap();
    let case = fs::read_to_string(root.join("tests/cases/apply/cells/moved-edited-deleted/expected.json")).unwrap();
    assert!(page.contains(&case), "docs/json.md has another example");
}

mod laws {
    use proptest::prelude::*;
    use proptest::sample::Index;

    use crate::laws::bytes::{ODD_FILES, ODD_SHAPES};
    use crate::notebooks::{Edit, Layout, USUAL, at, book, check, edits, layout};
    use crate::targets::{a_json_diff_holds, a_patch_holds};

    use super::*;

    /// Two layouts, mostly the same.
    fn layouts() -> impl Strategy<Value = (Layout, Layout)> {
        prop_oneof![4 => layout().prop_map(|one| (one.clone(), one)), 1 => (layout(), layout())]
    }

    #[test]
    fn a_json_diff_gives_the_new_file_byte_for_byte() {
        check(150, &(book(6), edits(), layouts()), |(book, edits, (one, other))| {
            a_json_diff_holds(&book.write(&one), &book.edited(&edits).write(&other));
            Ok(())
        });
    }

    #[test]
    fn a_patch_gives_the_new_text_form() {
        check(200, &(book(6), edits(), layouts()), |(book, edits, (one, other))| {
            let (before, after) = (book.write(&one), book.edited(&edits).write(&other));
            a_patch_holds(&before, &after);
            a_patch_holds(&after, &before);
            Ok(())
        });
    }

    #[test]
    fn odd_files_are_patched_or_refused() {
        let files: Vec<&str> = ODD_FILES.iter().chain(&ODD_SHAPES).copied().collect();
        let mut refused = 0;
        for (before, after) in files.iter().flat_map(|before| files.iter().map(move |after| (*before, *after))) {
            a_json_diff_holds(before.as_bytes(), after.as_bytes());
            let patch = lines_of(before.as_bytes(), after.as_bytes());
            if patch.is_empty() {
                continue;
            }
            match applied(&patch, before.as_bytes()) {
                Ok(new) => assert_eq!(shown(&new), shown(after.as_bytes()), "{before}"),
                Err(_) => refused += 1,
            }
        }
        assert!(refused < files.len() * files.len(), "all were refused");
    }

    #[test]
    fn a_cell_that_the_patch_leaves_alone_keeps_its_bytes() {
        check(100, &(book(6), edits(), layout()), |(book, edits, layout)| {
            let (before, after) = (book.write(&layout), book.edited(&edits).write(&layout));
            let patch = lines_of(&before, &after);
            if patch.is_empty() {
                return Ok(());
            }
            let new = applied(&patch, &before).expect("a notebook");
            let cells = |file: &[u8]| -> Vec<(Vec<u8>, Vec<u8>)> {
                let notebook = Notebook::read(file).unwrap();
                let form = text_form(&notebook);
                let cells = notebook.cells.iter().enumerate();
                cells.map(|(index, cell)| (form.cell(index).to_vec(), notebook.cell_bytes(cell).to_vec())).collect()
            };
            let (old, new) = (cells(&before), cells(&new));
            let of = |cells: &[(Vec<u8>, Vec<u8>)], text: &[u8]| -> Vec<Vec<u8>> {
                cells.iter().filter(|(other, _)| other == text).map(|(_, bytes)| bytes.clone()).collect()
            };
            for (text, bytes) in &new {
                let known = of(&old, text);
                // One more of its kind is new.
                let is_copy = of(&new, text).len() > known.len();
                prop_assert!(is_copy || known.contains(bytes), "{}", String::from_utf8_lossy(bytes));
            }
            Ok(())
        });
    }

    #[test]
    fn both_edits_are_in_where_they_are_apart() {
        check(80, &(book(5), at()), |(book, at)| {
            if book.cells.is_empty() {
                return Ok(());
            }
            let line = |at: usize, text: &str| {
                let mut book = book.clone();
                book.cells[at].source = format!("{text}\n{}", book.cells[at].source);
                book
            };
            let at = at.index(book.cells.len());
            let (before, after) = (book.write(&USUAL), line(at, "one_of_a_kind").write(&USUAL));
            let other = book.edited(&[Edit::RunAll(40)]).write(&USUAL);
            let patch = lines_of(&before, &after);
            let new = applied(&patch, &other).expect("outputs are not compared");
            prop_assert_eq!(shown(&new), shown(&after));
            let outputs = |file: &[u8]| Notebook::read(file).unwrap().cells[at].outputs().map(str::to_owned);
            // A cell that is nothing like before is a new one.
            let same_cell = !String::from_utf8_lossy(&patch).contains("\n-# %%");
            prop_assert!(!same_cell || outputs(&new) == outputs(&other));
            Ok(())
        });
    }

    #[test]
    fn damaged_patches_make_no_panic() {
        let damage = (book(4), edits(), any::<Index>(), any::<u8>(), 0..4u8, any::<bool>());
        check(400, &damage, |(book, edits, at, byte, how, json)| {
            let (before, after) = (book.write(&USUAL), book.edited(&edits).write(&USUAL));
            let mut patch = if json { json_of(NAME, &before, &after) } else { lines_of(&before, &after) };
            if patch.is_empty() {
                return Ok(());
            }
            let at = at.index(patch.len());
            match how {
                0 => patch.truncate(at),
                1 => patch[at] = byte,
                2 => patch.insert(at, byte),
                _ => drop(patch.drain(at..(at + 1 + usize::from(byte)).min(patch.len()))),
            }
            let Ok(read) = Patch::read(&patch) else { return Ok(()) };
            for file in &read.files {
                if let (Ok(Some(new)), true) = (file.apply(&before), json) {
                    prop_assert_eq!(digest(&new), digest(&after));
                }
                drop(file.apply(&after));
                drop(file.apply(b""));
            }
            Ok(())
        });
    }
}

mod command {
    use super::*;

    const PATCH: &str = "p";

    /// A notebook with outputs, and an edited one that was run again.
    fn versions() -> [String; 2] {
        [
            notebook(&[markdown("t", "# Title"), ran("a", "x = 1\nx", 1, "1\n"), ran("b", "y = 2", 2, "2\n")]),
            notebook(&[markdown("t", "# Title"), ran("a", "x = 3\nx", 5, "3\n"), code("c", "new"), code("b", "y = 2")]),
        ]
    }

    /// A repository with the old version, and a patch.
    fn with_patch(patch: impl AsRef<[u8]>) -> Repo {
        let repo = Repo::new();
        repo.write(NAME, &versions()[0]).commit("old");
        fs::write(repo.outside(PATCH), patch).unwrap();
        repo
    }

    fn apply(repo: &Repo, args: &[&str]) -> Run {
        let patch = repo.outside(PATCH);
        repo.cellwise([&["apply", patch.to_str().unwrap()], args].concat())
    }

    fn json() -> Vec<u8> {
        let [old, new] = versions();
        json_of(NAME, old.as_bytes(), new.as_bytes())
    }

    fn lines() -> Vec<u8> {
        let [old, new] = versions();
        lines_of(old.as_bytes(), new.as_bytes())
    }

    #[test]
    fn what_diff_prints_can_be_applied() {
        let [old, new] = versions();
        for args in
            [&["--json"][..], &["--format", "json", "HEAD"], &["--format", "patch"], &["n.ipynb", "m", "--json"]]
        {
            let repo = with_patch("");
            repo.write(NAME, &new).write("m", &new);
            if args[0] == NAME {
                repo.write(NAME, &old);
            }
            let patch = repo.cellwise([&["diff", "--exit-code"], args].concat()).exits(1).stdout;
            fs::write(repo.outside(PATCH), patch).unwrap();
            repo.write(NAME, &old);
            apply(&repo, &[]).exits(0);
            assert_eq!(shown(&repo.bytes(NAME)), shown(new.as_bytes()), "{args:?}");
            assert!(args.contains(&"patch") || repo.read(NAME) == new, "{args:?}");
        }
        let repo = with_patch("");
        let nothing = repo.cellwise(["diff", "--json", "--exit-code"]).exits(0).stdout;
        assert_eq!(nothing, "{\n  \"version\": 1,\n  \"files\": []\n}\n");
    }

    #[test]
    fn json_gives_the_very_file() {
        let repo = with_patch(json());
        let run = apply(&repo, &[]).exits(0);
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
        assert_eq!(repo.read(NAME), versions()[1]);
        let again = apply(&repo, &[]).exits(1);
        assert_eq!(again.stderr, "cellwise: n.ipynb: the patch is in it already\n");
    }

    #[test]
    fn a_patch_edits_as_one_would_in_jupyter() {
        let repo = with_patch(lines());
        apply(&repo, &[]).exits(0);
        let cells = crate::nb::cells(&repo.bytes(NAME));
        assert_eq!(cells[1]["source"][0], "x = 3\n");
        assert_eq!((&cells[1]["execution_count"], &cells[1]["outputs"][0]["text"][0]), (&1.into(), &"1\n".into()));
        let id = cells[2]["id"].as_str().unwrap();
        assert!(id.len() == 8 && cells[2]["outputs"].as_array().unwrap().is_empty(), "{id}");
        assert_eq!(cells[3]["id"], "b");
    }

    #[test]
    fn a_file_that_does_not_fit_is_left_alone() {
        for (patch, reason) in [
            (json(), "it is not the version that the patch was made from; check that version out, or"),
            (lines(), "the hunk at line 4 of the patch does not fit: its old lines are not in the text form;"),
        ] {
            let repo = with_patch(patch);
            let other = sources(&["other"]);
            repo.write(NAME, &other);
            for args in [&[][..], &["--check"]] {
                let run = apply(&repo, args).exits(1);
                assert!(run.stderr.starts_with(&format!("cellwise: n.ipynb: {reason}")), "{run:?}");
                assert_eq!((run.stderr.lines().count(), repo.read(NAME)), (1, other.clone()));
            }
        }
    }

    #[test]
    fn all_files_or_none() {
        let [old, new] = versions();
        let mut report = DiffReport::default();
        for path in ["sub/a.ipynb", "b.ipynb"] {
            report.push(&FileHeader::new(side(path), side(path)), old.as_bytes(), new.as_bytes());
        }
        let repo = with_patch(report.finish());
        repo.write("sub/a.ipynb", &old).write("b.ipynb", sources(&["other"]));
        let run = apply(&repo, &[]).exits(1);
        assert!(run.stderr.starts_with("cellwise: b.ipynb: ") && run.stderr.lines().count() == 1, "{run:?}");
        assert_eq!(repo.read("sub/a.ipynb"), old);
        // Paths choose, and paths of the patch count from the top wherever one is.
        let patch = repo.outside(PATCH);
        repo.cellwise_in("sub", ["apply", patch.to_str().unwrap(), "a.ipynb"]).exits(0);
        assert_eq!(repo.read("sub/a.ipynb"), new);
        let run = apply(&repo, &["c.ipynb"]).exits(129);
        assert_eq!(run.stderr, "cellwise: c.ipynb: the patch has nothing for it\n");
        apply(&repo, &["-o", "out"]).exits(2);
    }

    #[test]
    fn the_result_may_go_elsewhere() {
        let [old, new] = versions();
        let repo = with_patch(json());
        apply(&repo, &["--check"]).exits(0);
        assert_eq!(apply(&repo, &["-o", "-"]).exits(0).stdout, new);
        apply(&repo, &["-o", "out.ipynb"]).exits(0);
        assert_eq!((repo.read("out.ipynb"), repo.read(NAME)), (new.clone(), old));
        assert_eq!(repo.cellwise_reading(json(), ["apply", "-", "-o", "-"]).exits(0).stdout, new);
    }

    #[test]
    fn files_come_go_and_move() {
        let [old, new] = versions();
        let missing = |path: &str| FileSide { path: path.as_bytes().to_vec(), ..FileSide::default() };
        let mut report = DiffReport::default();
        report.push(&FileHeader::new(missing("d/new.ipynb"), side("d/new.ipynb")), b"", new.as_bytes());
        report.push(&FileHeader::new(side("gone.ipynb"), missing("gone.ipynb")), old.as_bytes(), b"");
        let renamed = FileHeader {
            extended: b"rename from n.ipynb\nrename to m.ipynb\n".to_vec(),
            ..FileHeader::new(side(NAME), side("m.ipynb"))
        };
        report.push(&renamed, old.as_bytes(), new.as_bytes());
        let repo = with_patch(report.finish());
        repo.write("gone.ipynb", &old);
        apply(&repo, &[]).exits(0);
        assert_eq!((repo.read("d/new.ipynb"), repo.read("m.ipynb")), (new.clone(), new));
        assert!(!repo.has("gone.ipynb") && !repo.has(NAME));
        let run = apply(&repo, &["d/new.ipynb"]).exits(1);
        assert!(run.stderr.contains("new.ipynb exists already"), "{run:?}");
    }

    #[test]
    fn a_patch_adds_and_deletes_notebooks_too() {
        let added = "diff --git a/e f.ipynb b/e f.ipynb\nnew file mode 100644\n--- /dev/null\n+++ b/e f.ipynb\t\n\
                     @@ -0,0 +1,9 @@ cell 1 code\n+# %% code tags: slow\n+x = 1\n+y\n+\n+# %% notebook\n\
                     +    # %% metadata.title \"T\"\n+\n+# hidden: metadata 412f2c\n\
                     +# hidden: never mind\n";
        let repo = with_patch(added);
        apply(&repo, &[]).exits(0);
        let file: Value = serde_json::from_slice(&repo.bytes("e f.ipynb")).unwrap();
        assert_eq!((&file["metadata"]["title"], &file["nbformat_minor"]), (&"T".into(), &5.into()));
        assert_eq!(file["cells"][0]["metadata"]["tags"][0], "slow");
        assert!(file["cells"][0]["id"].is_string());
        let text = shown(&repo.bytes("e f.ipynb"));
        let lines = text.lines().map(|line| format!("-{line}\n")).collect::<String>();
        let deleted = format!(
            "diff --git a/e f.ipynb b/e f.ipynb\ndeleted file mode 100644\n--- a/e f.ipynb\t\n+++ /dev/null\n\
             @@ -1,{} +0,0 @@\n{lines}",
            text.lines().count()
        );
        fs::write(repo.outside(PATCH), deleted).unwrap();
        apply(&repo, &[]).exits(0);
        assert!(!repo.has("e f.ipynb"));
    }

    #[test]
    fn gits_own_names_are_read() {
        let [old, new] = versions();
        for path in ["dä r/ü \"n\".ipynb", "plain.ipynb", "a b.ipynb", "tab\t.ipynb"] {
            for config in [&["diff.noprefix", "true"], &["core.quotePath", "false"], &["diff.mnemonicPrefix", "true"]] {
                let repo = Repo::installed();
                repo.git([&["config"][..], config].concat()).ok();
                repo.write(path, &old).commit("old").write(path, &new);
                let patch = repo.git(["diff", "--no-ext-diff"]).exits(0).stdout;
                fs::write(repo.outside(PATCH), patch).unwrap();
                repo.write(path, &old);
                apply(&repo, &[]).exits(0);
                assert_eq!(shown(&repo.bytes(path)), shown(new.as_bytes()), "{path} {config:?}");
            }
        }
    }

    #[test]
    fn what_only_digests_tell_of_is_said() {
        let [old, _] = versions();
        let run_again = old.replace("\"1\\n\"", "\"7\\n\"");
        let repo = with_patch(lines_of(old.as_bytes(), run_again.as_bytes()));
        let run = apply(&repo, &[]).exits(0);
        assert!(run.stderr.starts_with("cellwise: n.ipynb: nothing to apply; "), "{run:?}");
        assert_eq!(repo.read(NAME), old);
    }

    #[test]
    fn an_attachment_needs_json() {
        let with = |attachments: &str| {
            format!(
                "{{\"cells\": [{{{attachments}\"cell_type\": \"markdown\", \"metadata\": {{}}, \"source\": [\"x\"]}}], \
                 \"metadata\": {{}}, \"nbformat\": 4, \"nbformat_minor\": 4}}"
            )
        };
        let (none, one) = (with(""), with("\"attachments\": {\"a\": {\"image/png\": \"iVBORw0KGgo=\"}}, "));
        let repo = with_patch(lines_of(none.as_bytes(), one.as_bytes()));
        let run = apply(repo.write(NAME, &none), &[]).exits(1);
        assert!(run.stderr.contains("adds an attachment"), "{run:?}");
        assert_eq!(applied(&lines_of(one.as_bytes(), none.as_bytes()), one.as_bytes()).unwrap(), none.as_bytes());
    }

    /// Document of files by their paths: before and after, `None` where there is none.
    fn document(files: &[(&str, Option<&str>, Option<&str>)]) -> Vec<u8> {
        let mut report = DiffReport::default();
        for (path, before, after) in files {
            let at = |text: &Option<&str>| match text {
                Some(_) => side(path),
                None => FileSide { path: path.as_bytes().to_vec(), ..FileSide::default() },
            };
            let bytes = [before, after].map(|text| text.unwrap_or_default().as_bytes());
            report.push(&FileHeader::new(at(before), at(after)), bytes[0], bytes[1]);
        }
        report.finish()
    }

    #[test]
    fn what_stands_in_the_way_is_seen_before_the_first_write() {
        let [old, new] = versions();
        let (edit, old, new) = ((NAME, Some(old.as_str()), Some(new.as_str())), &old, Some(new.as_str()));
        for (files, said) in [
            ([edit, ("sub/b.ipynb", None, new)], "cellwise: sub/b.ipynb: sub is a file and no folder"),
            ([edit, ("folder", None, new)], "folder: "),
            ([("new", None, new), ("new/c.ipynb", None, new)], "cellwise: new/c.ipynb: new is a file and no folder"),
        ] {
            let repo = with_patch(document(&files));
            repo.write("sub", "a file").write("folder/x", "");
            for args in [&["--check"][..], &[]] {
                let run = apply(&repo, args).exits(1);
                assert!(run.stderr.contains(said) && run.stderr.lines().count() == 1, "{run:?}");
                assert_eq!((&repo.read(NAME), repo.has("new")), (old, false), "{said}");
            }
        }
    }

    #[test]
    fn a_write_that_fails_takes_back_the_others() {
        let [old, new] = versions();
        let long = format!("d/{}.ipynb", "x".repeat(300));
        let files = [
            (NAME, Some(old.as_str()), Some(new.as_str())),
            ("gone.ipynb", Some(old.as_str()), None),
            ("deep/er/c.ipynb", None, Some(new.as_str())),
            (long.as_str(), None, Some(new.as_str())),
        ];
        let repo = with_patch(document(&files));
        repo.write("gone.ipynb", &old);
        let run = apply(&repo, &[]).exits(129);
        assert!(run.stderr.lines().count() == 1, "{run:?}");
        assert_eq!((repo.read(NAME), repo.read("gone.ipynb")), (old.clone(), old));
        assert!(!repo.has("deep") && !repo.has("d"), "folders stay");
    }

    #[cfg(unix)]
    #[test]
    fn files_take_the_mode_of_the_patch() {
        use std::os::unix::fs::PermissionsExt as _;
        let [old, _] = versions();
        let mode = |repo: &Repo, path: &str| repo.path().join(path).metadata().unwrap().permissions().mode() & 0o777;
        for format in ["--json", "--format=patch"] {
            let repo = with_patch("");
            repo.write("x", &old).write("sub/k.ipynb", &old).git(["add", "-A"]).ok();
            fs::set_permissions(repo.path().join("sub/k.ipynb"), fs::Permissions::from_mode(0o755)).unwrap();
            repo.commit("kept");
            repo.git(["mv", NAME, "m.ipynb"]).ok();
            repo.git(["mv", "sub/k.ipynb", "k.ipynb"]).ok();
            repo.write("new.ipynb", notebook(&[markdown("q", "quite another one")]));
            repo.write("m.ipynb", old.replace("y = 2", "y = 3"));
            for path in ["m.ipynb", "new.ipynb"] {
                fs::set_permissions(repo.path().join(path), fs::Permissions::from_mode(0o755)).unwrap();
            }
            repo.git(["add", "-A"]).ok();
            let patch = repo.cellwise(["diff", "--staged", format]).ok();
            fs::write(repo.outside(PATCH), patch).unwrap();
            repo.git(["reset", "-q", "--hard"]).ok();
            apply(&repo, &[]).exits(0);
            for path in ["m.ipynb", "new.ipynb", "k.ipynb"] {
                assert_eq!(mode(&repo, path) & 0o111, 0o111, "{path} {format}");
            }
        }
    }

    #[test]
    fn a_checkout_with_other_line_ends_can_be_compared_and_patched() {
        let [old, new] = versions();
        let crlf = |text: &str| text.replace('\n', "\r\n");
        for setting in ["core.autocrlf", "attribute", "encoding"] {
            let repo = with_patch("");
            match setting {
                "attribute" => drop(repo.write(".gitattributes", "*.ipynb text eol=crlf\n")),
                "encoding" => drop(repo.write(".gitattributes", "*.ipynb text eol=lf working-tree-encoding=UTF-16\n")),
                setting => drop(repo.git(["config", setting, "true"]).ok()),
            }
            let write = |path: &str, text: &str| match setting {
                "encoding" => {
                    let units = text.encode_utf16().flat_map(u16::to_le_bytes);
                    repo.write(path, [0xff, 0xfe].into_iter().chain(units).collect::<Vec<u8>>())
                }
                _ => repo.write(path, crlf(text)),
            };
            write(NAME, &new);
            let json = repo.cellwise(["diff", "--json"]).exits(0);
            assert!(!json.stdout.contains("\\r\\n"), "{setting}: {json:?}");
            let diff = repo.cellwise(["diff"]).ok();
            assert!(diff.contains("-x = 1\n+x = 3\n") && !diff.contains("layout"), "{setting}: {diff}");
            fs::write(repo.outside(PATCH), json.stdout).unwrap();
            repo.git(["reset", "-q", "--hard"]).ok();
            fs::remove_file(repo.path().join(NAME)).unwrap();
            repo.git(["checkout", "-q", "--", NAME]).ok();
            if setting != "encoding" {
                assert_eq!(repo.read(NAME), crlf(&old));
            }
            apply(&repo, &[]).exits(0);
            assert_eq!(repo.git(["cat-file", "blob", &staged(&repo)]).ok(), new, "{setting}");
            assert!(setting == "encoding" || repo.read(NAME) == crlf(&new), "{setting}");
            assert!(apply(&repo, &[]).exits(1).stderr.contains("is in it already"));
        }
    }

    /// The id of the notebook's content, which is staged.
    fn staged(repo: &Repo) -> String {
        repo.git(["add", NAME]).ok();
        repo.git(["rev-parse", &format!(":{NAME}")]).ok().trim().to_owned()
    }

    #[test]
    fn a_file_that_git_stores_with_crlf_stays_so() {
        let [old, new] = versions().map(|text| text.replace('\n', "\r\n"));
        let repo = with_patch("");
        repo.write(NAME, &old).commit("crlf").git(["config", "core.autocrlf", "true"]).ok();
        let diff = repo.write(NAME, &new).cellwise(["diff"]).ok();
        assert!(!diff.contains("layout") && diff.contains("+x = 3\n"), "{diff}");
    }

    #[test]
    fn a_filter_that_strips_does_not_strip_the_work_tree() {
        let [old, new] = versions();
        let repo = with_patch(json());
        let clean = format!("'{}' clean", env!("CARGO_BIN_EXE_cellwise"));
        repo.git(["config", "filter.strip.clean", &clean]).ok();
        repo.write(".gitattributes", "*.ipynb filter=strip\n").write(NAME, &old).commit("stripped");
        let diff = repo.write(NAME, &new).cellwise(["diff"]).ok();
        assert!(diff.contains("+x = 3\n") && !diff.contains("stdout"), "{diff}");
        let patch = repo.cellwise(["diff", "--json"]).ok();
        fs::write(repo.outside(PATCH), patch).unwrap();
        let run = apply(repo.write(NAME, &old), &[]).exits(1);
        assert!(run.stderr.contains("is not the version") && repo.read(NAME) == old, "{run:?}");
    }

    #[test]
    fn plain_text_in_a_patch_is_refused_alone() {
        let [old, new] = versions();
        for (bad, other) in [("no notebook", "still none"), ("none\n", "none"), ("none", "none\n")] {
            let repo = with_patch("");
            repo.write(NAME, &old).write("bad.ipynb", bad).commit("both");
            repo.write(NAME, &new).write("bad.ipynb", other);
            let patch = repo.cellwise(["diff", "--format", "patch"]).ok();
            fs::write(repo.outside(PATCH), patch).unwrap();
            repo.git(["reset", "-q", "--hard"]).ok();
            let run = apply(&repo, &[]).exits(1);
            assert_eq!(
                run.stderr,
                "cellwise: bad.ipynb: the patch has it as plain text, not as a notebook; `git apply --include=PATH` takes \
                 it\n"
            );
            assert_eq!(repo.read(NAME), old);
            apply(&repo, &[NAME]).exits(0);
            assert_eq!(shown(&repo.bytes(NAME)), shown(new.as_bytes()));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_is_left_to_git() {
        use std::os::unix::fs::symlink;
        let link = |repo: &Repo, target: &str| {
            drop(fs::remove_file(repo.path().join("l.ipynb")));
            symlink(target, repo.path().join("l.ipynb")).unwrap();
        };
        let repo = with_patch("");
        link(&repo, "one");
        repo.commit("link").write(NAME, &versions()[1]);
        link(&repo, "two");
        let patch = repo.cellwise(["diff", "--format", "patch"]).ok();
        fs::write(repo.outside(PATCH), patch).unwrap();
        repo.git(["reset", "-q", "--hard"]).ok();
        let run = apply(&repo, &[]).exits(1);
        let said = "cellwise: l.ipynb: the patch has it as plain text, not as a notebook; `git apply --include=PATH`";
        assert!(run.stderr.starts_with(said) && run.stderr.lines().count() == 1, "{run:?}");
        apply(&repo, &[NAME]).exits(0);
    }

    #[test]
    fn a_diff_for_people_is_not_applied_by_halves() {
        let cells = ["a = 1", "b = 2\nb", "c = 3", "d = 4\nd\nd", "e = 5"];
        let plain = |order: [usize; 5], edit: &str| -> String {
            let cells = order.map(|at| ran(&format!("i{at}"), &cells[at].replace("d\nd", edit), 1, "1\n"));
            notebook(&cells)
        };
        let old = plain([0, 1, 2, 3, 4], "d\nd");
        let printed = |new: &str, two: bool| {
            let repo = with_patch("");
            repo.write(NAME, &old).write("other.ipynb", &old).commit("old").write(NAME, new);
            let args = if two { &["diff", "other.ipynb", NAME][..] } else { &["diff"] };
            repo.cellwise(args).ok()
        };
        for new in [
            plain([3, 0, 1, 2, 4], "d\nd"),
            plain([3, 0, 1, 2, 4], "d\nx"),
            plain([0, 1, 2, 4, 3], "x\nd"),
            plain([0, 1, 2, 3, 4], "d\nd").replace("\"1\\n\"", "\"2\\n\""),
        ] {
            for two in [false, true] {
                let repo = with_patch(printed(&new, two));
                repo.write(NAME, &old).write("other.ipynb", &old);
                let run = apply(&repo, &[]).exits(1);
                assert!(run.stderr.contains("this diff is for people") && run.stderr.lines().count() == 1, "{run:?}");
                assert_eq!(repo.read(NAME), old);
            }
        }
        let edited = plain([0, 1, 2, 3, 4], "d\nx");
        let repo = with_patch(printed(&edited, false));
        apply(repo.write(NAME, &old), &[]).exits(0);
        assert_eq!(shown(&repo.bytes(NAME)), shown(edited.as_bytes()));
    }

    #[test]
    fn no_patch_is_an_error_of_one_line() {
        let cut = &json()[..200];
        let later = br#"{"version": 2, "files": {}}"#;
        let combined = b"diff --cc n.ipynb\n";
        let hunk = b"diff --git a/n.ipynb b/n.ipynb\n--- a/n.ipynb\n+++ b/n.ipynb\n@@ -1,2 +1 @@\n x\n";
        for (patch, said) in [
            (&b"hello"[..], "neither JSON nor a unified diff"),
            (b"", "neither JSON nor a unified diff"),
            (cut, "not a JSON diff of cellwise: line "),
            (later, "the JSON diff has version 2; this cellwise reads version 1"),
            (combined, "line 1 of the patch: a combined diff"),
            (hunk, "line 5 of the patch: the patch ends within a hunk"),
        ] {
            let run = apply(&with_patch(patch), &[]).exits(129);
            assert!(run.stderr.contains(said) && run.stderr.lines().count() == 1, "{run:?}");
        }
    }

    #[test]
    fn a_patch_reaches_nothing_outside() {
        let [old, new] = versions();
        let nul = apply(&with_patch(json_of("a\0.ipynb", old.as_bytes(), new.as_bytes())), &[]).exits(1);
        assert!(nul.stderr.contains("a path with a NUL in it"), "{nul:?}");
        for path in [
            "../n.ipynb",
            "/tmp/n.ipynb",
            ".git/config",
            "a/../../n.ipynb",
            ".GIT/x",
            "GIT~1/x",
            ".git. /x",
            ".g\u{200c}it/x",
            ".git::$INDEX_ALLOCATION/x",
            "",
        ] {
            let repo = with_patch(json_of(path, old.as_bytes(), new.as_bytes()));
            let run = apply(&repo, &[]).exits(1);
            assert!(run.stderr.contains("a patch changes files of this folder only"), "{run:?}");
        }
        #[cfg(unix)]
        {
            let repo = with_patch(json_of("link/n.ipynb", old.as_bytes(), new.as_bytes()));
            fs::create_dir(repo.outside("else")).unwrap();
            fs::write(repo.outside("else/n.ipynb"), &old).unwrap();
            std::os::unix::fs::symlink(repo.outside("else"), repo.path().join("link")).unwrap();
            let run = apply(&repo, &[]).exits(1);
            assert!(run.stderr.contains("is a symbolic link, which a patch does not follow"), "{run:?}");
        }
    }

    #[test]
    fn files_that_are_no_notebooks_are_told_as_a_whole() {
        let [old, _] = versions();
        let document = json_of(NAME, old.as_bytes(), "no notebook: é\u{1b}".as_bytes());
        let value: Value = serde_json::from_slice(&document).unwrap();
        assert_eq!(value["files"][0]["error"], "not a notebook: line 1, column 2: expected ident");
        assert_eq!(applied(&document, old.as_bytes()).unwrap(), "no notebook: é\u{1b}".as_bytes());
        let binary = json_of(NAME, old.as_bytes(), b"\xff\x00");
        assert!(matches!(applied(&binary, old.as_bytes()), Err(Misfit::NothingToApply(_))));
    }
}
