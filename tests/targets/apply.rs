//! Patches, as JSON and as lines.

use cellwise::apply::{Misfit, Patch};
use cellwise::notebook::Notebook;
use cellwise::render::DiffReport;
use cellwise::text::text_form;

use super::{diff, read, shown, steers_a_terminal, texts};

/// Any patch, applied to any file: what comes of a notebook is one, or it is refused.
pub(super) fn target(input: &[u8]) {
    let [old, patch] = texts::<2>(input);
    let Ok(patch) = Patch::read(patch) else { return };
    for file in &patch.files {
        assert!(!file.leaves_hidden() || file.refusal().is_none());
        match file.apply(old) {
            // A rename leaves any file as it is.
            Ok(Some(new)) => assert!(new == old || Notebook::read(&new).is_ok(), "{}", shown(&new)),
            Ok(None) => assert_eq!(file.after, None),
            Err(misfit) => assert!(!steers_a_terminal(&misfit.to_string()), "{misfit:?}"),
        }
    }
}

fn applied(patch: &[u8], old: &[u8]) -> Result<Vec<u8>, Misfit> {
    Patch::read(patch).expect("a patch").files[0].apply(old).map(Option::unwrap_or_default)
}

/// The JSON diff gives the new file, byte for byte; any program can read it and any terminal show it.
pub(crate) fn a_json_diff_holds(before: &[u8], after: &[u8]) {
    let mut report = DiffReport::default();
    report.push(&diff::header(), before, after);
    let document = String::from_utf8(report.finish()).expect("UTF-8");
    let value = serde_json::from_str::<serde_json::Value>(&document);
    assert!(value.is_ok(), "{value:?} in {document}");
    assert!(!steers_a_terminal(&document), "{document:?}");
    assert_eq!(applied(document.as_bytes(), before), Ok(after.to_vec()), "{document}");
    let other = [before, b" "].concat();
    assert!(applied(document.as_bytes(), &other).is_err());
}

/// The patch of lines gives a file with the new text form, but for outputs and such, which are not in it.
pub(crate) fn a_patch_holds(before: &[u8], after: &[u8]) {
    let patch = diff::strict([before, after], 3);
    if !patch.is_empty() {
        let new = applied(patch.as_bytes(), before).unwrap_or_else(|misfit| panic!("{misfit}\n{patch}"));
        assert_eq!(form(&new), form(after), "{patch}");
    }
}

/// The text form but for its line of digests.
fn form(file: &[u8]) -> String {
    let form = shown(&text_form(&read(file)).bytes);
    form.lines().filter(|line| !line.starts_with("# hidden:")).map(|line| format!("{line}\n")).collect()
}
