//! Which keys of metadata `clean` drops: the table, and what somebody wants otherwise.

use std::borrow::Cow;

use crate::json::{self, Edit, Member};
use crate::notebook::{Notebook, RECORD_KEY};

use super::options::{KeyOptions, Like};
use super::policy::{NoiseKey, OnClean, Place, covers, is_below, rules};

/// What becomes of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It stays with all that is below it.
    Stays,
    /// It goes with all that is below it.
    Goes,
    /// What is below it is looked at: rows speak of parts of it. What they do not speak of has this fate.
    Divided(OnClean),
}

/// A key that somebody named, or that goes with what was named.
struct Row<'o> {
    place: Place,
    path: &'o str,
    clean: OnClean,
}

/// The fate of every key.
pub(super) struct KeyRules<'o> {
    /// The rows that count, weaker ones first; `None` for the table as it is.
    rows: Option<Vec<Row<'o>>>,
    /// What becomes of a key that has lost all that was below it: nbstripout leaves it, empty.
    emptied: Verdict,
}

/// Keys that tell `clean` to keep something, and our own record: an allow-list does not mean them.
const INSTRUCTIONS: [(Place, &str); 5] = [
    (Place::Notebook, "keep_output"),
    (Place::Cell, "keep_output"),
    (Place::Cell, "init_cell"),
    (Place::Cell, "tags"),
    (Place::Cell, RECORD_KEY),
];

const KERNEL: [&str; 2] = ["kernelspec", "language_info.version"];

impl<'o> KeyRules<'o> {
    /// The rules that `options` ask for.
    pub(super) fn new(options: &'o KeyOptions, like: Like) -> Self {
        let table_alone = *options == KeyOptions::default();
        let emptied = if like == Like::Nbstripout { Verdict::Stays } else { Verdict::Goes };
        Self { rows: (!table_alone).then(|| rows(options)), emptied }
    }

    /// Whether the key `name` of metadata goes, all of it.
    pub(super) fn drops(&self, place: Place, name: &str) -> bool {
        self.fate(place, &[name.as_bytes()]) == Fate::Goes
    }

    fn fate(&self, place: Place, path: &[&[u8]]) -> Fate {
        match &self.rows {
            // No row of the table drops a part of a key.
            None => {
                let mut dropped = rules().iter().filter(|rule| rule.clean == OnClean::Drop && rule.place == place);
                if dropped.any(|rule| covers(rule.path, path)) { Fate::Goes } else { Fate::Stays }
            }
            Some(rows) => fate(rows, place, path),
        }
    }

    /// Adds the edits that take what goes out of `metadata`, the raw metadata of a cell or of the notebook.
    pub(super) fn clean(
        &self,
        notebook: &Notebook<'_>,
        place: Place,
        metadata: &str,
        record: Record,
        edits: &mut Vec<Edit>,
    ) {
        if metadata.len() > "{}".len() {
            let is_record = |path: &[&[u8]]| place == Place::Cell && *path == [RECORD_KEY.as_bytes()];
            let fate = |path: &[&[u8]]| match record {
                Record::Open if is_record(path) => Fate::Stays,
                Record::Stale if is_record(path) => Fate::Goes,
                _ => self.fate(place, path),
            };
            let walk = Walk { notebook, fate, emptied: self.emptied };
            walk.object(metadata, &mut Vec::new(), edits);
        }
    }
}

/// What the record of a conflict in a cell's metadata says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Record {
    /// There is none.
    None,
    /// Somebody must settle it yet.
    Open,
    /// It was settled.
    Stale,
}

fn rows(options: &KeyOptions) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for place in [Place::Notebook, Place::Cell] {
        if options.only.iter().any(|key| key.place == place) {
            rows.push(Row { place, path: "*", clean: OnClean::Drop });
            let instructions = INSTRUCTIONS.iter().filter(|(of, _)| *of == place);
            rows.extend(instructions.map(|(_, path)| Row { place, path, clean: OnClean::Keep }));
        } else {
            let drops = |tool: Option<&str>| tool.is_some_and(|tool| options.tools.contains(&tool));
            let table = rules().iter().filter(|rule| rule.place == place);
            rows.extend(table.map(|rule| Row {
                place,
                path: rule.path,
                clean: if drops(rule.tool) { OnClean::Drop } else { rule.clean },
            }));
        }
    }
    if options.kernel == OnClean::Drop {
        rows.extend(KERNEL.map(|path| Row { place: Place::Notebook, path, clean: OnClean::Drop }));
    }
    rows.extend(named(&options.only, OnClean::Keep));
    rows.extend(named(&options.extra, OnClean::Drop));
    rows.extend(named(&options.keep, OnClean::Keep));
    rows
}

/// A row for each of `keys`.
fn named(keys: &[NoiseKey], clean: OnClean) -> impl Iterator<Item = Row<'_>> {
    keys.iter().map(move |key| Row { place: key.place, path: &key.path, clean })
}

/// The longest row that covers `path` counts, stars apart, and of equally long ones the last.
fn fate(rows: &[Row<'_>], place: Place, path: &[&[u8]]) -> Fate {
    let of_place = || rows.iter().filter(|row| row.place == place);
    let covering =
        of_place().filter(|row| covers(row.path, path)).max_by_key(|row| row.path.trim_end_matches('*').len());
    let clean = covering.map_or(OnClean::Keep, |row| row.clean);
    match clean {
        _ if of_place().any(|row| row.clean != clean && is_below(row.path, path)) => Fate::Divided(clean),
        OnClean::Keep => Fate::Stays,
        OnClean::Drop => Fate::Goes,
    }
}

/// Whether a key goes or stays, whatever was taken out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Stays,
    Goes,
}

/// A way through the metadata of a cell or of the notebook.
struct Walk<'w, F> {
    notebook: &'w Notebook<'w>,
    fate: F,
    emptied: Verdict,
}

impl<F: Fn(&[&[u8]]) -> Fate> Walk<'_, F> {
    /// Adds the edits for the object `raw` at `path`, and says whether anything is left of it.
    fn object<'n>(&self, raw: &'n str, path: &mut Vec<Cow<'n, [u8]>>, edits: &mut Vec<Edit>) -> Verdict {
        let members = json::members(raw);
        let mut verdicts = Vec::with_capacity(members.len());
        for member in &members {
            path.push(member.name());
            verdicts.push(self.member(member, path, edits));
            path.pop();
        }
        if verdicts.contains(&Verdict::Goes) {
            let span = |text| self.notebook.span_of(text);
            let places: Vec<_> = members.iter().map(|member| span(member.key).start..span(member.value).end).collect();
            edits.extend(json::removals(span(raw), &places, |index| verdicts[index] == Verdict::Goes));
        }
        if verdicts.contains(&Verdict::Stays) { Verdict::Stays } else { Verdict::Goes }
    }

    fn member<'n>(&self, member: &Member<'n>, path: &mut Vec<Cow<'n, [u8]>>, edits: &mut Vec<Edit>) -> Verdict {
        let names: Vec<&[u8]> = path.iter().map(|name| &**name).collect();
        let rest = match (self.fate)(&names) {
            Fate::Goes => return Verdict::Goes,
            Fate::Stays => return Verdict::Stays,
            Fate::Divided(rest) => rest,
        };
        let before = edits.len();
        let left = self.object(member.value, path, edits);
        let lost = edits.len() > before;
        let verdict = match rest {
            _ if left == Verdict::Stays => Verdict::Stays,
            OnClean::Drop => Verdict::Goes,
            OnClean::Keep if lost => self.emptied,
            OnClean::Keep => Verdict::Stays,
        };
        if verdict == Verdict::Goes {
            edits.truncate(before);
        }
        verdict
    }
}
