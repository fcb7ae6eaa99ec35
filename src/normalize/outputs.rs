//! Which outputs of a cell `clean` drops, and the counts in those that stay.

use crate::json::{self, Edit, text};
use crate::notebook::{Notebook, Output};

use super::options::{CleanOptions, Keep, Like};

/// Whose outputs a cell's are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Those of a cell that asks to keep them.
    Asked,
    /// Those of any other cell.
    Unasked,
}

/// Adds the edits for `list`, the raw outputs of a cell, and gives the number of outputs that go one by one. A list
/// that goes whole is one edit, to `[]`, and its outputs are not counted. So is a value that is no list: it may hold
/// outputs all the same.
pub(super) fn clean_outputs(
    notebook: &Notebook<'_>,
    list: &str,
    wanted: Wanted,
    options: &CleanOptions,
    edits: &mut Vec<Edit>,
) -> usize {
    let is_list = list.starts_with('[');
    if list == "null" || (is_list && list[1..].trim_start().starts_with(']')) {
        return 0;
    }
    let chosen = is_list && (!options.keep_types.is_empty() || options.max_size > 0);
    if wanted == Wanted::Unasked && !chosen {
        edits.push(Edit::new(notebook.span_of(list), "[]"));
        return 0;
    }
    let stays = options.keep_counts == Keep::Everywhere && options.drop_types.is_empty();
    if wanted == Wanted::Asked && (stays || !is_list) {
        return 0;
    }
    let outputs = Output::list(list);
    let goes: Vec<bool> = outputs.iter().map(|output| goes(output, wanted, options)).collect();
    let places: Vec<_> = outputs.iter().map(|output| notebook.span_of(output.raw)).collect();
    edits.extend(json::removals(notebook.span_of(list), &places, |index| goes[index]));
    if options.keep_counts == Keep::WhereAsked {
        let staying = outputs.iter().zip(&goes).filter(|(_, goes)| !**goes);
        // nbstripout leaves the numbers of nbformat 3.
        let goes = |member: &&json::Member<'_>| match options.like {
            Like::Cellwise => is_count(member),
            Like::Nbstripout => member.is("execution_count"),
        };
        let counts = staying.flat_map(|(output, _)| output.members.iter().filter(goes));
        counts.for_each(|count| null_out(notebook, count.value, edits));
    }
    goes.into_iter().filter(|goes| *goes).count()
}

/// Whether a member is the count of a cell or of an output.
pub(super) fn is_count(member: &json::Member<'_>) -> bool {
    member.is("execution_count") || member.is("prompt_number")
}

/// Makes a count `null`.
pub(super) fn null_out(notebook: &Notebook<'_>, count: &str, edits: &mut Vec<Edit>) {
    if count != "null" {
        edits.push(Edit::new(notebook.span_of(count), "null"));
    }
}

fn goes(output: &Output<'_>, wanted: Wanted, options: &CleanOptions) -> bool {
    let kept = wanted == Wanted::Asked
        || options.keep_types.iter().any(|kind| kind.fits(output))
        || (options.max_size > 0 && size(output, options.like) <= options.max_size);
    !kept || options.drop_types.iter().any(|kind| kind.fits(output))
}

/// How large an output is: the characters of its values, keys apart, as nbstripout counts them. The counts that `clean`
/// empties do not count, or an output would have another size when it is cleaned again; for nbstripout they do.
fn size(output: &Output<'_>, like: Like) -> usize {
    let values = output.members.iter().filter(|member| like == Like::Nbstripout || !is_count(member));
    values.map(|member| characters(member.value)).sum()
}

/// The characters of all strings in a JSON text, keys apart, and of all else as Python spells it.
fn characters(raw: &str) -> usize {
    let bytes = raw.as_bytes();
    let (mut at, mut total) = (0, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                let end = text::end_of_string(bytes, at);
                let is_key = raw[end..].trim_ascii_start().starts_with(':');
                total += if is_key { 0 } else { string_length(&raw[at..end]) };
                at = end;
            }
            b'{' | b'}' | b'[' | b']' | b',' | b':' | b' ' | b'\n' | b'\r' | b'\t' => at += 1,
            _ => {
                let rest = &bytes[at..];
                let length = rest.iter().position(|byte| b"}], \n\r\t".contains(byte)).unwrap_or(rest.len());
                total += length;
                at += length;
            }
        }
    }
    total
}

/// How many characters the JSON string `raw` has.
fn string_length(raw: &str) -> usize {
    if memchr::memchr(b'\\', raw.as_bytes()).is_none() {
        return raw.chars().count() - 2;
    }
    // A lone surrogate has three bytes and is one character: its first byte leads, as in UTF-8.
    text::decode(raw).iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_characters_without_keys() {
        for (raw, length) in [
            (r#""abc""#, 3),
            (r#"{"key" : ["a", "bc"], "é": 12}"#, 5),
            (r#""\u00e9\ud83d\ude00\ud800\n\"""#, 5),
            ("[true, null, 1.5]", 11),
            ("[]", 0),
        ] {
            assert_eq!(characters(raw), length, "{raw}");
        }
    }
}
