//! A cell in the user's editor.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, ExitStatus};

use anyhow::{Context as _, bail};
use cellwise::file::reason;
use cellwise::git::command;
use cellwise::json::{find, members};
use cellwise::notebook::{Cell, CellKind, Notebook};

/// What came of it.
pub(super) enum Edited {
    /// Another source.
    Text(Vec<u8>),
    /// The same.
    Same,
    /// The editor ended by Ctrl-C.
    Interrupted,
}

/// Lets somebody edit a source in git's editor, in a temporary file.
///
/// # Errors
/// There is no editor, it failed, or it left no text. The source stays as it is.
pub(super) fn edit(source: &[u8], extension: &str) -> anyhow::Result<Edited> {
    let editor = command::run(Path::new(""), ["var", "GIT_EDITOR"]).context("git knows no editor")?;
    let editor = String::from_utf8(editor)?.trim().to_owned();
    let mut file = tempfile::Builder::new().prefix("cellwise-cell-").suffix(extension).tempfile()?;
    // An editor ends the last line; a source often does not.
    file.write_all(&[source, b"\n"].concat())?;
    file.flush()?;
    // The editor may put another file in its place.
    let file = file.into_temp_path();
    let status = run(&editor, &file)?;
    if is_interrupted(status) {
        return Ok(Edited::Interrupted);
    }
    if !status.success() {
        bail!("the editor {editor} failed ({status})");
    }
    let mut text =
        fs::read(&file).map_err(|error| anyhow::anyhow!("cannot read what was edited: {}", reason(&error)))?;
    text.pop_if(|last| *last == b'\n');
    if text == source {
        return Ok(Edited::Same);
    }
    // As in git: who empties the file wants none of it.
    if text.trim_ascii().is_empty() {
        bail!("the file was left empty");
    }
    if String::from_utf8(text.clone()).is_err() && String::from_utf8(source.to_vec()).is_ok() {
        bail!("what was edited is not UTF-8");
    }
    Ok(Edited::Text(text))
}

/// Runs it as git does: by a shell, so that its line may have options.
fn run(editor: &str, file: &Path) -> anyhow::Result<ExitStatus> {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("{editor} \"$@\"")).arg(editor).arg(file);
    shell.status().map_err(|error| anyhow::anyhow!("cannot run the editor {editor}: {}", reason(&error)))
}

#[cfg(unix)]
fn is_interrupted(status: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;
    const BY_SHELL: i32 = 128 + signal_hook::consts::SIGINT;
    status.signal() == Some(signal_hook::consts::SIGINT) || status.code() == Some(BY_SHELL)
}

#[cfg(not(unix))]
fn is_interrupted(_: ExitStatus) -> bool {
    false
}

/// What the name of a file with this cell ends in, so that an editor knows its language.
pub(super) fn extension(notebook: &Notebook<'_>, cell: &Cell<'_>) -> String {
    match cell.kind() {
        CellKind::Code => of_language(notebook).unwrap_or_else(|| ".txt".to_owned()),
        CellKind::Markdown => ".md".to_owned(),
        _ => ".txt".to_owned(),
    }
}

/// What the kernel says; nothing that could lead out of a folder.
fn of_language(notebook: &Notebook<'_>) -> Option<String> {
    let metadata = members(notebook.metadata()?);
    let raw = find(&members(find(&metadata, "language_info")?), "file_extension").map(str::to_owned);
    let known = raw.as_deref().and_then(|raw| raw.strip_prefix("\".")?.strip_suffix('"'));
    let is_plain = |name: &&str| (1..=8).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let python = || (notebook.language()? == "python").then_some("py");
    Some(format!(".{}", known.filter(is_plain).or_else(python)?))
}
