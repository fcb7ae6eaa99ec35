//! `cellwise doctor`

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;

use cellwise::git::doctor::{Contents, Cure, Finding, Level, Report, examine};
use cellwise::git::install::Tool;
use cellwise::render::ascii;

use super::examples;
use super::exit::Exit;
use super::filtered::Cleaner;
use super::output;

/// Find what is wrong with the set-up, and the command that cures it
///
/// Changes nothing. Exits with 1 if there are faults; warnings and notes are none.
#[derive(clap::Args)]
#[command(after_long_help = examples::DOCTOR)]
pub(crate) struct Args {
    /// Read the contents of all tracked notebooks, not only of the first 200
    #[arg(long)]
    all: bool,
    /// Print the findings as JSON (docs/json.md)
    #[arg(long)]
    json: bool,
}

/// How many contents are read: enough for most repositories, and a second's work.
const CONTENTS: usize = 200;

/// The version of the JSON document.
const VERSION: u32 = 1;

pub(crate) fn run(args: &Args) -> anyhow::Result<Exit> {
    let mut cleaner = Cleaner::default();
    let mut is_clean = |bytes: &[u8], path: &Path| !matches!(cleaner.dirty(bytes, path), Ok(Some(_)));
    let mut contents = Contents { limit: (!args.all).then_some(CONTENTS), is_clean: &mut is_clean };
    let report = examine(Path::new("."), &Tool::running()?, &mut contents)?;
    let text = if args.json { document(&report) } else { page(&report) };
    output::write(text.as_bytes())?;
    Ok(if report.count(Level::Fault) > 0 { Exit::Found } else { Exit::Done })
}

/// The worst first, and what was looked at in the end.
fn page(report: &Report) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        entry(finding, &mut text);
    }
    let counts = [Level::Fault, Level::Warning, Level::Note].map(|level| counted(report.count(level), level.name()));
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    let found = if counts.is_empty() { "No faults".to_owned() } else { counts.join(", ") };
    _ = writeln!(text, "{found}. {}", looked_at(report));
    text
}

/// `2 faults`; nothing if there are none.
fn counted(count: usize, what: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 {what}")),
        many => Some(format!("{many} {what}s")),
    }
}

fn entry(finding: &Finding, text: &mut String) {
    let kind = finding.kind;
    _ = writeln!(text, "{} ({}): {}", kind.level.name(), kind.id, output::visible(&finding.message));
    if let Some(origin) = &finding.origin {
        _ = writeln!(text, "  where: {}", output::visible(origin));
    }
    _ = match &finding.cure {
        Cure::Command(command) => writeln!(text, "  cure:  {}", output::visible(command)),
        Cure::Advice(advice) => writeln!(text, "  cure (by hand): {}", output::visible(advice)),
    };
    text.push('\n');
}

fn looked_at(report: &Report) -> String {
    let mut text = format!("Looked at git {}", output::visible(&report.git));
    if let Some(program) = &report.program {
        _ = write!(text, ", {}", output::visible(program));
    }
    if let Some(repository) = &report.repository {
        _ = write!(text, ", {}", output::name(repository));
        let tracked =
            counted(report.notebooks, "tracked notebook").unwrap_or_else(|| "no tracked notebooks".to_owned());
        _ = write!(text, ", {tracked}");
    }
    if report.unread > 0 {
        _ = write!(text, " (not the contents of {}, which --all reads too)", report.unread);
    }
    text.push('.');
    text
}

fn document(report: &Report) -> String {
    let document = Document {
        version: VERSION,
        git: &report.git,
        program: report.program.as_deref(),
        repository: report.repository.as_ref().map(|path| path.to_string_lossy()),
        notebooks: report.notebooks,
        unread: report.unread,
        findings: report.findings.iter().map(Entry::of).collect(),
    };
    ascii(&serde_json::to_string_pretty(&document).unwrap_or_default()) + "\n"
}

/// The members in the order of docs/json.md.
#[derive(serde::Serialize)]
struct Document<'r> {
    version: u32,
    git: &'r str,
    program: Option<&'r str>,
    repository: Option<Cow<'r, str>>,
    notebooks: usize,
    unread: usize,
    findings: Vec<Entry<'r>>,
}

#[derive(serde::Serialize)]
struct Entry<'r> {
    id: &'r str,
    level: &'r str,
    message: &'r str,
    r#where: Option<&'r str>,
    command: Option<&'r str>,
    advice: Option<&'r str>,
}

impl<'r> Entry<'r> {
    fn of(finding: &'r Finding) -> Self {
        let (command, advice) = match &finding.cure {
            Cure::Command(command) => (Some(command.as_str()), None),
            Cure::Advice(advice) => (None, Some(advice.as_str())),
        };
        Self {
            id: finding.kind.id,
            level: finding.kind.level.name(),
            message: &finding.message,
            r#where: finding.origin.as_deref(),
            command,
            advice,
        }
    }
}
