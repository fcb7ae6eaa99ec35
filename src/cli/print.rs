//! `cellwise install --print`: the lines for version control that is not git.

use cellwise::git::install::Tool;

/// Whose configuration is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum System {
    /// Jujutsu
    Jj,
    /// Mercurial
    Hg,
    /// Sapling
    Sl,
}

/// The lines of `system`, with `tool` as the program; comments say where they go.
pub(super) fn lines(system: System, tool: &Tool) -> String {
    let program = tool.plain();
    match system {
        System::Jj => jj(program),
        System::Hg => hg(program, "hg config --edit (all repositories), or into .hg/hgrc (this one)", "hg"),
        System::Sl => hg(program, "sl config --user --edit (all repositories), or --local", "sl"),
    }
}

/// A diff goes through jj to the terminal or the pager, so colours have to be asked for, as jj does of other tools. jj
/// starts with an empty `$output` and leaves the terminal to the tool; any exit but 0 cancels: it can keep a merge with
/// conflicts only if they are markers between lines, which no notebook can have. So `merge-conflict-exit-codes` stays
/// empty.
fn jj(program: &str) -> String {
    // A string of JSON is one of TOML.
    let program = serde_json::Value::from(program);
    format!(
        r#"# For jj: jj config edit --user (all repositories), or --repo (this one)
# Show a diff:       jj diff --tool cellwise 'glob:**/*.ipynb'
# Merge conflicts:   jj resolve --tool cellwise PATH
[merge-tools.cellwise]
program = {program}
diff-args = ["diff", "--color=always", "$left", "$right"]
diff-invocation-mode = "file-by-file"
edit-args = []
# Asks about what cells do not settle. jj keeps a conflict as markers between lines, which no notebook can have: if one is
# left, jj keeps none of the answers.
merge-args = ["mergetool", "--merge", "--name=$path", "--", "$base", "$left", "$right", "$output"]
merge-conflict-exit-codes = []
"#
    )
}

/// `disabled` keeps the tool from files that are no notebooks; patterns choose it all the same. Without it Mercurial
/// takes any configured tool for any file. Its own merge of lines comes first unless `premerge` says no, and its
/// `$output` holds the local version until it is written. Exit 1 leaves the file unresolved.
fn hg(program: &str, place: &str, name: &str) -> String {
    format!(
        "# For {name}: {place}
# Show a diff:       {name} cellwise [-r REV] [FILE]
# Merge conflicts:   merges call cellwise for notebooks; what is left: cellwise resolve -i FILE, then {name} resolve -m FILE
[extensions]
extdiff =

[extdiff]
cmd.cellwise = {program}
opts.cellwise = diff

[merge-patterns]
**.ipynb = cellwise

[merge-tools]
cellwise.executable = {program}
cellwise.args = merge $base $local $other -o $output -L $labellocal -L $labelbase -L $labelother
cellwise.premerge = False
cellwise.binary = True
cellwise.disabled = True
"
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use toml::de::DeTable;

    use super::*;

    #[test]
    fn the_lines_of_jj_are_toml() {
        for path in ["/usr/bin/cellwise", "/a b/it's \"quoted\"/\\cellwise", "/ü/\u{1}"] {
            let text = lines(System::Jj, &Tool::at(Path::new(path)).unwrap());
            let table = DeTable::parse(&text).unwrap();
            let tools = table.get_ref()["merge-tools"].get_ref().as_table().unwrap();
            let tool = tools["cellwise"].get_ref().as_table().unwrap();
            assert_eq!(tool["program"].get_ref().as_str(), Some(path));
            assert!(tool["merge-conflict-exit-codes"].get_ref().as_array().unwrap().is_empty());
        }
    }
}
