//! `clean`.

use cellwise::config::{Config, Dialect};
use cellwise::json::Member;
use cellwise::normalize::{CleanOptions, Like, OnClean, clean};
use cellwise::notebook::Notebook;

use super::{keep_case, read, shown, texts};

/// Members of a cell that `clean` may change.
const CLEANED: [&str; 5] = ["outputs", "execution_count", "prompt_number", "metadata", "id"];

/// Any notebook, cleaned as a `cellwise.toml` says that may follow it.
pub(super) fn target(input: &[u8]) {
    let [file, options] = texts::<2>(input);
    keep_case(&[("input.ipynb", file), ("options.toml", options)]);
    let Ok(notebook) = Notebook::read(file) else { return };
    let options = options_in(options);
    cleaning_again_changes_nothing(file, &options);
    if options.like == Like::Cellwise && options.empty_cells == OnClean::Keep && options.dropped_tags.is_empty() {
        only_noise_goes(&notebook, &options);
    }
}

fn options_in(text: &[u8]) -> CleanOptions {
    let config = Config::parse(&shown(text), Dialect::Cellwise).map(|(config, _)| config).unwrap_or_default();
    let mut options = config.clean.options();
    if options.like == Like::Nbstripout {
        // nbstripout counts the counts that it empties: an output may grow beyond the size by being cleaned.
        options.max_size = 0;
    }
    options
}

/// Edits stand in order, there are some if and only if the file changes, and a clean file has none.
pub(crate) fn cleaning_again_changes_nothing(file: &[u8], options: &CleanOptions) {
    let notebook = read(file);
    let once = clean(&notebook, options);
    assert!(once.edits.is_sorted_by(|one, other| one.span.end <= other.span.start), "{:?}", once.edits);
    let bytes = once.bytes(&notebook);
    let again = read(&bytes);
    assert_eq!(shown(&clean(&again, options).bytes(&again)), shown(&bytes));
    assert_eq!(once.edits.is_empty(), bytes == file);
}

/// What is not cleaned keeps its bytes: sources, attachments, keys that nobody knows.
fn only_noise_goes(notebook: &Notebook<'_>, options: &CleanOptions) {
    let bytes = clean(notebook, options).bytes(notebook);
    let cleaned = read(&bytes);
    assert_eq!(kept(&cleaned), kept(notebook));
}

/// Members of all cells, and of the notebook beside them, as they are spelled.
fn kept<'n>(notebook: &Notebook<'n>) -> Vec<Vec<(&'n str, &'n str)>> {
    let is_list = |value: &str| notebook.lists.iter().any(|list| notebook.span_of(value).contains(&list.start));
    // Worksheets that nobody reads are cleaned too.
    let is_kept = |member: &&Member<'_>| !member.is("metadata") && !member.is("worksheets") && !is_list(member.value);
    let own = notebook.members.iter().filter(is_kept);
    let own = own.map(|member| (member.key, member.value)).collect();
    let of_cells = notebook.cells.iter().map(|cell| {
        let members = cell.members.iter().filter(|member| !CLEANED.iter().any(|name| member.is(name)));
        members.map(|member| (member.key, member.value)).collect()
    });
    [own].into_iter().chain(of_cells).collect()
}
