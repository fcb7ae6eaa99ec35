//! How `cellwise check` tells what it found: to people, to programs, and to GitHub.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use cellwise::git::revisions::Repository;
use cellwise::render::ascii;

use super::check_found::{Conflict, Found, What};
use super::output;

/// In which form it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(super) enum Format {
    /// A line for each, for people
    #[default]
    Text,
    /// One document, for programs (docs/json.md)
    Json,
    /// Annotations, for a job of GitHub Actions
    Github,
}

/// What came of looking.
#[derive(Default)]
pub(super) struct Outcome {
    /// How many notebooks were read.
    pub(super) checked: usize,
    pub(super) found: Vec<Found>,
    /// What could not be read, and why.
    pub(super) unread: Vec<(PathBuf, anyhow::Error)>,
}

/// The version of the JSON document.
const VERSION: u32 = 1;

impl Outcome {
    /// What is printed. Paths count from the current folder, or are git's where `Root` says so.
    pub(super) fn told(&self, format: Format, root: &Root) -> String {
        match format {
            Format::Text => self.found.iter().map(line).collect(),
            Format::Json => document(self),
            Format::Github => self.found.iter().map(|found| annotation(&root.of(&found.path), &found.what)).collect(),
        }
    }
}

/// `PATH: cell 3: unresolved conflict 1 (source)`
fn line(Found { path, what }: &Found) -> String {
    let name = output::name(path);
    match what {
        What::Markers { line } => format!("{name}:{line}: {}\n", what.message()),
        _ => format!("{name}: {}\n", what.message()),
    }
}

/// A [workflow command]: `::error file=PATH,line=12::MESSAGE`.
///
/// [workflow command]: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
fn annotation(path: &Path, what: &What) -> String {
    let file =
        escaped(&path.to_string_lossy(), &[('%', "%25"), ('\r', "%0D"), ('\n', "%0A"), (':', "%3A"), (',', "%2C")]);
    let message = escaped(&what.message(), &[('%', "%25"), ('\r', "%0D"), ('\n', "%0A")]);
    let line = what.line().map(|line| format!(",line={line}")).unwrap_or_default();
    format!("::error file={file}{line}::{message}\n")
}

/// `text` with these characters in another spelling, and other control characters visible.
fn escaped(text: &str, escapes: &[(char, &'static str)]) -> String {
    let escape = |letter: char| match escapes.iter().find(|(escaped, _)| *escaped == letter) {
        Some((_, spelled)) => (*spelled).to_owned(),
        None => output::visible(letter.encode_utf8(&mut [0; 4])),
    };
    text.chars().map(escape).collect()
}

/// From where the paths of what was found count for GitHub, which counts from the top of the repository.
pub(super) enum Root {
    /// From there already.
    Top,
    /// From the current folder.
    Here,
}

impl Root {
    fn of<'p>(&self, path: &'p Path) -> Cow<'p, Path> {
        let from_top = || {
            let top = Repository::discover(Path::new(".")).ok()?.top()?.canonicalize().ok()?;
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let file = folder.canonicalize().ok()?.join(path.file_name()?);
            Some(file.strip_prefix(top).ok()?.to_owned())
        };
        match self {
            Self::Top => Cow::Borrowed(path),
            Self::Here => from_top().map_or(Cow::Borrowed(path), Cow::Owned),
        }
    }
}

fn document(outcome: &Outcome) -> String {
    let document = Document {
        version: VERSION,
        checked: outcome.checked,
        found: outcome.found.iter().map(Entry::of).collect(),
        unread: outcome
            .unread
            .iter()
            .map(|(path, error)| Unread { path: path.to_string_lossy(), error: output::reasons(error) })
            .collect(),
    };
    ascii(&serde_json::to_string_pretty(&document).unwrap_or_default()) + "\n"
}

/// The members in the order of docs/json.md.
#[derive(serde::Serialize)]
struct Document<'o> {
    version: u32,
    checked: usize,
    found: Vec<Entry<'o>>,
    unread: Vec<Unread<'o>>,
}

#[derive(serde::Serialize)]
struct Entry<'o> {
    path: Cow<'o, str>,
    what: &'static str,
    line: Option<usize>,
    cell: Option<usize>,
    last_cell: Option<usize>,
    id: Option<&'o str>,
    number: Option<usize>,
    kind: Option<&'static str>,
    outputs: Option<usize>,
}

#[derive(serde::Serialize)]
struct Unread<'o> {
    path: Cow<'o, str>,
    error: String,
}

impl<'o> Entry<'o> {
    fn of(Found { path, what }: &'o Found) -> Self {
        let conflict: Option<&Conflict> = if let What::Conflict(conflict) = what { Some(conflict) } else { None };
        Self {
            path: path.to_string_lossy(),
            what: what.name(),
            line: what.line(),
            cell: what.cells().map(|(first, _)| first),
            last_cell: what.cells().map(|(_, last)| last),
            id: conflict.and_then(|conflict| conflict.id.as_deref()),
            number: conflict.map(|conflict| conflict.number),
            kind: conflict.map(|conflict| conflict.kind.name()),
            outputs: if let What::Uncleaned { outputs } = what { Some(*outputs) } else { None },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annotations_escape_what_github_reads() {
        let told = |path: &str, line| annotation(Path::new(path), &What::Markers { line });
        let message = "git conflict markers between the lines of the JSON";
        assert_eq!(told("a.ipynb", 7), format!("::error file=a.ipynb,line=7::{message}\n"));
        assert_eq!(
            told("50%,a:b\r\n\u{1b}.ipynb", 1),
            format!("::error file=50%25%2Ca%3Ab%0D%0A\\u{{1b}}.ipynb,line=1::{message}\n")
        );
        assert_eq!(annotation(Path::new("a.ipynb"), &What::Unmerged), "::error file=a.ipynb::unmerged\n");
    }
}
