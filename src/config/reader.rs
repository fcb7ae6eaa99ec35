//! A configuration's text on its way: values taken, what is wrong noted.

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::keys::{Key, Worded, keys};
use crate::normalize::parse_size;

use super::problem::{Fault, Problem, similar};
use super::value::Item;
use super::{Config, Setting};

/// A text on its way to a configuration.
pub(super) struct Reader<'t> {
    text: &'t str,
    /// Where its lines end.
    ends: Vec<usize>,
    /// What the value that is being read comes to, as TOML; `None` if nothing of it counts.
    taken: Option<String>,
    pub(super) settings: Vec<Setting>,
    pub(super) problems: Vec<Problem>,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        // Once: a hostile file has a problem in each of its lines.
        let ends = memchr::memchr_iter(b'\n', text.as_bytes()).collect();
        Self { text, ends, taken: None, settings: Vec::new(), problems: Vec::new() }
    }

    pub(super) fn sections(&mut self, table: &DeTable<'_>, config: &mut Config) {
        for (name, value) in table {
            match (name.get_ref().as_ref(), value.get_ref()) {
                ("merge", DeValue::Table(section)) => {
                    self.section("merge", section, |reader, name, value| config.merge.read(reader, name, value));
                }
                ("clean", DeValue::Table(section)) => {
                    self.section("clean", section, |reader, name, value| config.clean.read(reader, name, value));
                }
                ("merge", _) => self.not_a_table("merge", value),
                ("clean", _) => self.not_a_table("clean", value),
                ("tool", DeValue::Table(tools)) if !qualified(tools).is_empty() => {
                    let line = Some(self.line(name.span().start));
                    let faults = qualified(tools).into_iter().map(Fault::Qualified);
                    self.problems.extend(faults.map(|fault| Problem { line, fault }));
                }
                (other, _) => {
                    let section = similar(other, keys().iter().map(Key::section));
                    self.unknown(name, section.or_else(|| misplaced(other)));
                }
            }
        }
    }

    fn section(
        &mut self,
        section: &str,
        table: &DeTable<'_>,
        mut read: impl FnMut(&mut Self, &str, &Spanned<DeValue<'_>>),
    ) {
        let known = || keys().iter().filter(|key| key.section() == section);
        for (name, value) in table {
            let spelled = name.get_ref().as_ref();
            let Some(key) = known().find(|key| key.name() == spelled) else {
                self.unknown(name, similar(spelled, known().map(Key::name)).or_else(|| misplaced(spelled)));
                continue;
            };
            read(self, spelled, value);
            if let Some(taken) = self.taken.take() {
                let line = self.line(name.span().start);
                self.settings.push(Setting { key: key.path, value: taken, line });
            }
        }
    }

    /// One of the words that `W` has.
    pub(super) fn word<W: Worded>(&mut self, key: &'static str, value: &Spanned<DeValue<'_>>) -> Option<W> {
        let words = || W::WORDS.iter().map(|word| word.name);
        let DeValue::String(given) = value.get_ref() else {
            return self.not_a(key, format!("one of {}", quoted(words())), value);
        };
        let known = W::of(given);
        match known {
            Some(_) => self.taken = Some(quote(given)),
            None => {
                let hint = match similar(given, words()) {
                    Some(word) => format!("did you mean {}?", quote(word)),
                    None => format!("it takes {}", quoted(words())),
                };
                self.problem(value, Fault::Value { key, given: given.to_string(), hint });
            }
        }
        known
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, key: &'static str, value: &Spanned<DeValue<'_>>) -> Option<bool> {
        let DeValue::Boolean(flag) = value.get_ref() else {
            return self.not_a(key, "true or false".to_owned(), value);
        };
        self.taken = Some(flag.to_string());
        Some(*flag)
    }

    /// A number of characters, also spelled with a unit.
    pub(super) fn size(&mut self, key: &'static str, value: &Spanned<DeValue<'_>>) -> Option<usize> {
        let size = size(value.get_ref());
        match (size, value.get_ref()) {
            (Some(size), _) => self.taken = Some(size.to_string()),
            (None, DeValue::String(given)) => {
                let hint = "it takes sizes such as 300, 10k or 5M".to_owned();
                self.problem(value, Fault::Value { key, given: given.to_string(), hint });
            }
            _ => return self.not_a(key, "a size such as 300 or \"10k\"".to_owned(), value),
        }
        size
    }

    /// A list; what is none of its items is left out, and a list of nothing else does not count.
    pub(super) fn list<I: Item>(&mut self, key: &'static str, value: &Spanned<DeValue<'_>>) -> Option<Vec<I>> {
        let DeValue::Array(list) = value.get_ref() else {
            return self.not_a(key, expected_list(key), value);
        };
        let (spelled, items): (Vec<String>, Vec<I>) = self.items(key, list).into_iter().unzip();
        if items.is_empty() && !list.is_empty() {
            return None;
        }
        self.taken = Some(format!("[{}]", quoted(spelled.iter().map(String::as_str))));
        Some(items)
    }

    fn items<I: Item>(&mut self, key: &'static str, list: &DeArray<'_>) -> Vec<(String, I)> {
        let mut items = Vec::new();
        for item in list {
            let DeValue::String(spelled) = item.get_ref() else {
                self.not_a::<()>(key, expected_list(key), item);
                continue;
            };
            match I::parse(spelled) {
                Some(parsed) => items.push((spelled.to_string(), parsed)),
                None => {
                    let fault = Fault::Value { key, given: spelled.to_string(), hint: I::hint(spelled) };
                    self.problem(item, fault);
                }
            }
        }
        items
    }

    pub(super) fn not_a_table(&mut self, key: &'static str, value: &Spanned<DeValue<'_>>) {
        self.not_a::<()>(key, "a table".to_owned(), value);
    }

    fn not_a<T>(&mut self, key: &'static str, expected: String, value: &Spanned<DeValue<'_>>) -> Option<T> {
        self.problem(value, Fault::Type { key, expected, found: type_name(value.get_ref()) });
        None
    }

    fn unknown(&mut self, name: &Spanned<impl AsRef<str>>, similar: Option<&'static str>) {
        let line = Some(self.line(name.span().start));
        self.problems
            .push(Problem { line, fault: Fault::Unknown { key: name.get_ref().as_ref().to_owned(), similar } });
    }

    fn problem(&mut self, at: &Spanned<DeValue<'_>>, fault: Fault) {
        let line = Some(self.line(at.span().start));
        self.problems.push(Problem { line, fault });
    }

    pub(super) fn broken(&mut self, error: &toml::de::Error) {
        // Where the parser stumbles over markers depends on what stands around them.
        let marker = self.text.lines().position(|line| line.starts_with("<<<<<<< "));
        let (line, fault) = match marker {
            Some(index) => (index + 1, Fault::Markers),
            None => (self.line(error.span().map_or(0, |span| span.start)), Fault::Syntax(error.message().to_owned())),
        };
        self.problems.push(Problem { line: Some(line), fault });
    }

    /// The line of a byte, from 1.
    fn line(&self, at: usize) -> usize {
        self.ends.partition_point(|end| *end < at) + 1
    }
}

/// A size, as a number or spelled with a unit.
fn size(value: &DeValue<'_>) -> Option<usize> {
    match value {
        DeValue::String(spelled) => parse_size(spelled),
        DeValue::Integer(number) => usize::from_str_radix(number.as_str(), number.radix()).ok(),
        _ => None,
    }
}

/// The key that is meant where its name stands in no section, or in another one.
fn misplaced(name: &str) -> Option<&'static str> {
    keys().iter().find(|key| key.name() == name).map(|key| key.path)
}

/// What a key takes that takes a list.
fn expected_list(key: &str) -> String {
    let takes = keys().iter().find(|known| known.name() == key).map(|known| known.takes.in_words());
    takes.unwrap_or_else(|| "a list".to_owned())
}

/// The sections of ours that stand in `[tool.cellwise]`.
fn qualified(tools: &DeTable<'_>) -> Vec<&'static str> {
    let Some(DeValue::Table(ours)) = tools.get("cellwise").map(Spanned::get_ref) else { return Vec::new() };
    let mut sections: Vec<&str> =
        keys().iter().map(Key::section).filter(|section| ours.contains_key(*section)).collect();
    sections.dedup();
    sections
}

fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn quote(word: &str) -> String {
    // What JSON's strings escape, TOML's do too.
    serde_json::to_string(word).unwrap_or_default()
}

fn quoted<'w>(words: impl Iterator<Item = &'w str>) -> String {
    words.map(quote).collect::<Vec<_>>().join(", ")
}
