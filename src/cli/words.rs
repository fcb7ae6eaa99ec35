//! Options that take one of a few words, the same as in the configuration.

use cellwise::config::{Word, Worded};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

/// A parser of the words of `W`, which explains each in the help.
pub(super) fn word<W: Worded>() -> impl TypedValueParser<Value = W> {
    let explained = |word: &Word<W>| PossibleValue::new(word.name).help(word.meaning);
    let names = PossibleValuesParser::new(W::WORDS.iter().map(explained));
    names.try_map(|name| W::of(&name).ok_or("no such word"))
}
