//! Equal cells, and whether ids can be believed.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use imara_diff::{Algorithm, Diff, Interner, Token};

use crate::json::text;
use crate::notebook::{Cell, CellKind};

use super::lines::{LineBag, filled_lines};
use super::order::{in_order, longest_in_order};
use super::pairing::Pairing;
use super::similar::Bag;

/// What two sources are compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompareBy {
    /// The JSON text, undecoded: enough if both files are laid out alike.
    Spelling,
    /// The decoded text.
    Text,
}

impl From<bool> for CompareBy {
    /// From whether both files have the same layout.
    fn from(same_layout: bool) -> Self {
        if same_layout { Self::Spelling } else { Self::Text }
    }
}

/// An edited cell of which a copy was left as it was is more like what it became than this. So it is not taken for new,
/// and the copy for it.
const COPIED: f64 = 0.65;

/// Each cell's content as a number: cells of one type and source have the same.
pub(super) struct Tokens<'a> {
    before: Vec<Token>,
    after: Vec<Token>,
    before_ids: Vec<Option<&'a str>>,
    after_ids: Vec<Option<&'a str>>,
    /// Whether a token's source is too short to tell a cell by.
    trivial: Vec<bool>,
    distinct: u32,
}

/// A source shorter than this many bytes says too little to find a moved cell by.
const TRIVIAL: usize = 4;
/// JSON of a source that is longer than this is taken not to be trivial.
const LONG_SPELLING: usize = 256;

impl<'a> Tokens<'a> {
    pub(super) fn new(before: &[Cell<'a>], after: &[Cell<'a>], by: CompareBy) -> Self {
        let mut interner: Interner<(CellKind<'a>, Cow<'a, [u8]>)> = Interner::new(before.len() + after.len());
        let mut tokens = |cells: &[Cell<'a>]| -> Vec<Token> {
            cells.iter().map(|cell| interner.intern((cell.kind(), content(cell, by)))).collect()
        };
        let (before_tokens, after_tokens) = (tokens(before), tokens(after));
        let distinct = interner.num_tokens();
        let trivial = (0..distinct).map(|token| is_trivial(&interner[Token(token)].1, by)).collect();
        let ids = |cells: &[Cell<'a>]| cells.iter().map(Cell::id).collect::<Vec<_>>();
        let (mut before_ids, mut after_ids) = (ids(before), ids(after));
        if are_numbers_of_places(&before_ids) && are_numbers_of_places(&after_ids) {
            // Some tools number ids anew on each save: they say where a cell stands, and not which it is.
            before_ids.fill(None);
            after_ids.fill(None);
        }
        Self { before: before_tokens, after: after_tokens, before_ids, after_ids, trivial, distinct }
    }

    fn is_trivial(&self, token: Token) -> bool {
        self.trivial[token.0 as usize]
    }
}

/// Whether each id is the number of its cell, counted from 0 or from 1.
fn are_numbers_of_places(ids: &[Option<&str>]) -> bool {
    let counted_from = |first: usize| {
        let mut places = ids.iter().zip(first..);
        places.all(|(id, place)| id.is_some_and(|id| id.trim_matches('"').parse() == Ok(place)))
    };
    ids.len() > 1 && (counted_from(0) || counted_from(1))
}

fn content<'a>(cell: &Cell<'a>, by: CompareBy) -> Cow<'a, [u8]> {
    match by {
        CompareBy::Spelling => cell.source().unwrap_or_default().as_bytes().into(),
        CompareBy::Text => cell.source_text().into(),
    }
}

/// Whether a cell's content says too little; how the file is laid out does not matter.
fn is_trivial(content: &[u8], by: CompareBy) -> bool {
    if content.len() > LONG_SPELLING {
        return false;
    }
    let mut decoded = Vec::new();
    let text = match (by, str::from_utf8(content)) {
        (CompareBy::Spelling, Ok(raw)) => {
            text::decode_multiline(raw, &mut decoded);
            decoded.as_slice()
        }
        _ => content,
    };
    text.trim_ascii().len() < TRIVIAL
}

/// Pairs cells of equal content: those whose ids agree too, then the rest in order, then what moved.
pub(super) fn pair_equal(before: &[Cell<'_>], after: &[Cell<'_>], tokens: &Tokens<'_>, pairing: &mut Pairing) {
    pair_equal_with_id(tokens, pairing);
    // What stands in order must not hang on empty cells.
    pair_equal_in_order(tokens, pairing, |token| !tokens.is_trivial(token));
    pair_equal_in_order(tokens, pairing, |_| true);
    pair_equal_moved(before, after, tokens, pairing);
}

/// An id that both versions have once, and on cells of equal content, tells equal cells apart.
fn pair_equal_with_id(tokens: &Tokens<'_>, pairing: &mut Pairing) {
    let (before, after) = (unique_ids(&tokens.before_ids), unique_ids(&tokens.after_ids));
    let mut pairs: Vec<(usize, usize)> = tokens
        .after_ids
        .iter()
        .enumerate()
        .filter_map(|(index, id)| {
            let id = (*id)?;
            let partner = before.get(id).copied().flatten()?;
            (after.get(id).copied().flatten().is_some() && tokens.before[partner] == tokens.after[index])
                .then_some((partner, index))
        })
        .collect();
    let ordered = longest_in_order(&pairs);
    // Out of order, a blank cell with a familiar id is more likely chance than a move.
    pairs.retain(|pair| ordered.binary_search(pair).is_ok() || !tokens.is_trivial(tokens.after[pair.1]));
    pairs.into_iter().for_each(|(before, after)| pairing.pair(before, after));
}

/// Each id with its cell, or with `None` if several have it.
fn unique_ids<'a>(ids: &[Option<&'a str>]) -> HashMap<&'a str, Option<usize>> {
    let mut cells = HashMap::with_capacity(ids.len());
    for (index, id) in ids.iter().enumerate() {
        if let Some(id) = id {
            cells.entry(*id).and_modify(|cell| *cell = None).or_insert(Some(index));
        }
    }
    cells
}

/// Cells that were copied and then edited, while the copy was not: the id tells which is which. It is believed if it
/// stands once in both versions, on cells that are much alike or of which the later has all lines of the earlier, if the
/// edited text is new, and if all cells that still have the old text have ids which are new.
pub(super) fn pair_copied(before: &[Cell<'_>], after: &[Cell<'_>], tokens: &Tokens<'_>, pairing: &mut Pairing) {
    let (old_ids, new_ids) = (unique_ids(&tokens.before_ids), unique_ids(&tokens.after_ids));
    let old_texts: HashSet<Token> = tokens.before.iter().copied().collect();
    let mut copies: HashMap<Token, Vec<usize>> = HashMap::new();
    for (index, token) in tokens.after.iter().enumerate() {
        copies.entry(*token).or_default().push(index);
    }
    let is_new = |index: &usize| tokens.after_ids[*index].is_some_and(|id| !old_ids.contains_key(id));
    let edited = tokens.before_ids.iter().enumerate().filter_map(|(index, id)| {
        let partner = new_ids.get((*id)?).copied().flatten()?;
        old_ids.get((*id)?).copied().flatten()?;
        let copies = copies.get(&tokens.before[index])?;
        let text_is_new = !old_texts.contains(&tokens.after[partner]);
        (text_is_new && copies.iter().all(is_new)).then_some((index, partner))
    });
    for (index, partner) in edited.collect::<Vec<_>>() {
        let (one, other) = (&before[index], &after[partner]);
        if one.kind() != other.kind() {
            continue;
        }
        let (one, other) = (one.source_text(), other.source_text());
        let extended = || !tokens.is_trivial(tokens.before[index]) && has_all_lines(&one, &other);
        if extended() || Bag::new(&one).similarity(&Bag::new(&other)) >= COPIED {
            pairing.pair(index, partner);
        }
    }
}

/// Whether all lines of `old` that are not blank are still in `new`.
fn has_all_lines(old: &[u8], new: &[u8]) -> bool {
    let shared = LineBag::new(new).take(old);
    shared.all > 0 && shared.found == shared.all
}

fn pair_equal_in_order(tokens: &Tokens<'_>, pairing: &mut Pairing, counts: impl Fn(Token) -> bool) {
    for mut gap in pairing.gaps(&in_order(pairing)) {
        gap.before.retain(|index| counts(tokens.before[*index]));
        gap.after.retain(|index| counts(tokens.after[*index]));
        let before: Vec<Token> = gap.before.iter().map(|index| tokens.before[*index]).collect();
        let after: Vec<Token> = gap.after.iter().map(|index| tokens.after[*index]).collect();
        let mut diff = Diff::default();
        diff.compute_with(Algorithm::Histogram, &before, &after, tokens.distinct);
        let kept = (0..before.len()).filter(|index| !diff.is_removed(*index as u32));
        let stayed = (0..after.len()).filter(|index| !diff.is_added(*index as u32));
        kept.zip(stayed).for_each(|(one, other)| pairing.pair(gap.before[one], gap.after[other]));
    }
}

/// Content that is left once on each side, and says enough, has moved: unless it is a copy, and trusted ids tell what
/// became of the first.
fn pair_equal_moved(before_cells: &[Cell<'_>], after_cells: &[Cell<'_>], tokens: &Tokens<'_>, pairing: &mut Pairing) {
    let free = |tokens: &[Token], partners: &[Option<usize>]| {
        let mut cells: HashMap<u32, Option<usize>> = HashMap::new();
        for (index, token) in tokens.iter().enumerate().filter(|(index, _)| partners[*index].is_none()) {
            cells.entry(token.0).and_modify(|cell| *cell = None).or_insert(Some(index));
        }
        cells
    };
    let before = free(&tokens.before, &pairing.before);
    let after = free(&tokens.after, &pairing.after);
    if before.is_empty() || after.is_empty() {
        return;
    }
    let heirs = Heirs::new(tokens);
    let mut doubtful = Vec::new();
    for (index, token) in tokens.after.iter().enumerate() {
        let single = after.get(&token.0) == Some(&Some(index)) && !tokens.is_trivial(*token);
        let Some(Some(partner)) = before.get(&token.0).filter(|_| single) else { continue };
        // Whether the ids are trusted shows when all that is certain is paired.
        match heirs.of(*partner, index) {
            Some(heir)
                if before_cells[*partner].kind() == after_cells[heir].kind() && is_short(&before_cells[*partner]) =>
            {
                doubtful.push((*partner, heir, index));
            }
            _ => pairing.pair(*partner, index),
        }
    }
    if doubtful.is_empty() {
        return;
    }
    let ids: HashSet<(usize, usize)> = trusted_ids(tokens, pairing).into_iter().collect();
    for (before, heir, copy) in doubtful {
        let after = if ids.contains(&(before, heir)) { heir } else { copy };
        pairing.pair(before, after);
    }
}

/// Whether a cell is short enough to be typed again, a template or a single call: a longer text is found twice only if it
/// was copied or moved.
fn is_short(cell: &Cell<'_>) -> bool {
    const SHORT: usize = 3;
    filled_lines(&cell.source_text()).nth(SHORT).is_none()
}

/// Cells that have an older cell's id, where another one has its text.
struct Heirs<'t, 'a> {
    tokens: &'t Tokens<'a>,
    before: HashMap<&'a str, Option<usize>>,
    after: HashMap<&'a str, Option<usize>>,
}

impl<'t, 'a> Heirs<'t, 'a> {
    fn new(tokens: &'t Tokens<'a>) -> Self {
        Self { tokens, before: unique_ids(&tokens.before_ids), after: unique_ids(&tokens.after_ids) }
    }

    /// The one cell with the id that `before` alone has, if `copy` has its text and an id which is new.
    fn of(&self, before: usize, copy: usize) -> Option<usize> {
        let (id, new) = (self.tokens.before_ids[before]?, self.tokens.after_ids[copy]?);
        self.before.get(id).copied().flatten()?;
        let heir = self.after.get(id).copied().flatten()?;
        (heir != copy && !self.before.contains_key(new)).then_some(heir)
    }
}

/// Pairs of cells that have the same id, once on each side: none if the ids contradict the content found so far.
pub(super) fn trusted_ids(tokens: &Tokens<'_>, pairing: &Pairing) -> Vec<(usize, usize)> {
    let known = pairing.after.iter().enumerate();
    let (mut agree, mut total) = (0, 0);
    for (after, before) in known.filter_map(|(after, before)| before.map(|before| (after, before))) {
        if let (Some(one), Some(other)) = (tokens.before_ids[before], tokens.after_ids[after]) {
            total += 1;
            agree += usize::from(one == other);
        }
    }
    if agree * 2 < total {
        return Vec::new();
    }
    let before = unique_ids(&tokens.before_ids);
    let after = unique_ids(&tokens.after_ids);
    let partner = |(index, id): (usize, &Option<&str>)| {
        let id = (*id)?;
        after.get(id).copied().flatten()?;
        let partner = before.get(id).copied().flatten()?;
        pairing.both_free(partner, index).then_some((partner, index))
    };
    tokens.after_ids.iter().enumerate().filter_map(partner).collect()
}
