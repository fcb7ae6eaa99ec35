//! Equal cells, and whether ids can be believed.

use std::borrow::Cow;
use std::collections::HashSet;

use imara_diff::{Algorithm, Diff, Interner, Token};

use crate::json::text;
use crate::notebook::{Cell, CellKind};

use super::bag::Bag;
use super::ids::{Holder, Ids};
use super::lines::{LineBag, filled_lines};
use super::order::{in_order, longest_in_order};
use super::pairing::Pairing;

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
pub(super) struct Tokens {
    before: Vec<Token>,
    after: Vec<Token>,
    ids: Ids,
    says: Vec<Says>,
    distinct: u32,
}

/// How much a source says of which cell it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    /// It is blank.
    Nothing,
    /// It is too short to tell a cell by.
    Little,
    Enough,
}

/// A source shorter than this many bytes says too little to find a moved cell by.
const TRIVIAL: usize = 4;
/// JSON of a source that is longer than this is taken not to be trivial.
const LONG_SPELLING: usize = 256;

impl Tokens {
    pub(super) fn new(before: &[Cell<'_>], after: &[Cell<'_>], by: CompareBy) -> Self {
        let ids = Ids::new(before, after);
        let mut interner: Interner<(CellKind<'_>, Cow<'_, [u8]>)> = Interner::new(before.len() + after.len());
        let [before, after] = [before, after].map(|cells| -> Vec<Token> {
            cells.iter().map(|cell| interner.intern((cell.kind(), content(cell, by)))).collect()
        });
        let distinct = interner.num_tokens();
        let says = (0..distinct).map(|token| says(&interner[Token(token)].1, by)).collect();
        Self { before, after, ids, says, distinct }
    }

    fn is_trivial(&self, token: Token) -> bool {
        self.says[token.0 as usize] != Says::Enough
    }

    fn is_blank(&self, token: Token) -> bool {
        self.says[token.0 as usize] == Says::Nothing
    }
}

fn content<'a>(cell: &Cell<'a>, by: CompareBy) -> Cow<'a, [u8]> {
    match by {
        CompareBy::Spelling => cell.source().unwrap_or_default().as_bytes().into(),
        CompareBy::Text => cell.source_text().into(),
    }
}

/// How much a cell's content says; how the file is laid out does not matter.
fn says(content: &[u8], by: CompareBy) -> Says {
    if content.len() > LONG_SPELLING {
        return Says::Enough;
    }
    let mut decoded = Vec::new();
    let text = match (by, str::from_utf8(content)) {
        (CompareBy::Spelling, Ok(raw)) => {
            text::decode_multiline(raw, &mut decoded);
            decoded.as_slice()
        }
        _ => content,
    };
    match text.trim_ascii().len() {
        0 => Says::Nothing,
        1..TRIVIAL => Says::Little,
        _ => Says::Enough,
    }
}

/// Pairs cells of equal content: those whose ids agree too, then the rest in order, then what moved.
pub(super) fn pair_equal(before: &[Cell<'_>], after: &[Cell<'_>], tokens: &Tokens, pairing: &mut Pairing) {
    pair_equal_with_id(tokens, pairing);
    // What stands in order must not hang on empty cells.
    pair_equal_in_order(tokens, pairing, |token| !tokens.is_trivial(token));
    pair_filled(before, after, tokens, pairing);
    pair_equal_in_order(tokens, pairing, |_| true);
    pair_equal_moved(before, after, tokens, pairing);
}

/// Blank cells that somebody wrote in, or emptied, as trusted ids tell: another blank cell says too little to be what
/// became of one. What was written must be new, and no cell beside it may have come there or gone from there.
fn pair_filled(old_cells: &[Cell<'_>], new_cells: &[Cell<'_>], tokens: &Tokens, pairing: &mut Pairing) {
    if !pairing.has_unpaired() {
        return;
    }
    let [old, new] = [&tokens.before, &tokens.after].map(|side| side.iter().copied().collect::<HashSet<Token>>());
    for (before, after) in trusted_ids(tokens, pairing) {
        let (one, other) = (tokens.before[before], tokens.after[after]);
        let filled = tokens.is_blank(one) && !tokens.is_blank(other) && !old.contains(&other);
        let emptied = tokens.is_blank(other) && !tokens.is_blank(one) && !new.contains(&one);
        let text_moved = || match filled {
            true => free_around(&pairing.before, before).any(|cell| holds(&new_cells[after], &old_cells[cell])),
            false => free_around(&pairing.after, after).any(|cell| holds(&new_cells[cell], &old_cells[before])),
        };
        if (filled || emptied) && !text_moved() {
            pairing.pair(before, after);
        }
    }
}

/// How many cells on either side of a blank one are looked at.
const REACH: usize = 4;

/// The cells beside `cell` that have no partner, nor have those between.
fn free_around(partners: &[Option<usize>], cell: usize) -> impl Iterator<Item = usize> {
    let is_free = move |cell: &usize| partners[*cell].is_none();
    let before = (0..cell).rev().take(REACH).take_while(is_free);
    before.chain((cell + 1..partners.len()).take(REACH).take_while(is_free))
}

/// Whether all that a cell said stands in another.
fn holds(new: &Cell<'_>, old: &Cell<'_>) -> bool {
    new.kind() == old.kind() && has_all_lines(&old.source_text(), &new.source_text())
}

/// An id that both versions have once, and on cells of equal content, tells equal cells apart.
fn pair_equal_with_id(tokens: &Tokens, pairing: &mut Pairing) {
    let mut pairs = tokens.ids.pairs();
    pairs.retain(|(before, after)| tokens.before[*before] == tokens.after[*after]);
    let ordered = longest_in_order(&pairs);
    // Out of order, a blank cell with a familiar id is more likely chance than a move.
    pairs.retain(|pair| ordered.binary_search(pair).is_ok() || !tokens.is_trivial(tokens.after[pair.1]));
    pairs.into_iter().for_each(|(before, after)| pairing.pair(before, after));
}

/// Cells that were copied and then edited, while the copy was not: the id tells which is which. It is believed if it
/// stands once in both versions, on cells that are much alike or of which the later has all lines of the earlier, if the
/// edited text is new, and if all cells that still have the old text have ids which are new.
pub(super) fn pair_copied(before: &[Cell<'_>], after: &[Cell<'_>], tokens: &Tokens, pairing: &mut Pairing) {
    let copies = Copies::new(tokens);
    for (index, partner) in tokens.ids.pairs() {
        let (one, other) = (&before[index], &after[partner]);
        if !copies.were_left(index, partner) || one.kind() != other.kind() {
            continue;
        }
        let (one, other) = (one.source_text(), other.source_text());
        let extended = || !tokens.is_trivial(tokens.before[index]) && has_all_lines(&one, &other);
        if extended() || Bag::new(&one).similarity(&Bag::new(&other)) >= COPIED {
            pairing.pair(index, partner);
        }
    }
}

/// Which texts are old, and which are left only on cells that are new.
struct Copies<'t> {
    tokens: &'t Tokens,
    is_old: Vec<bool>,
    /// For each text that the newer version has, whether all its cells have new ids.
    only_copies: Vec<Option<bool>>,
}

impl<'t> Copies<'t> {
    fn new(tokens: &'t Tokens) -> Self {
        let mut is_old = vec![false; tokens.distinct as usize];
        tokens.before.iter().for_each(|token| is_old[token.0 as usize] = true);
        let mut only_copies = vec![None; tokens.distinct as usize];
        for (index, token) in tokens.after.iter().enumerate() {
            let only = &mut only_copies[token.0 as usize];
            *only = Some(only.unwrap_or(true) && tokens.ids.is_new(index));
        }
        Self { tokens, is_old, only_copies }
    }

    /// Whether a cell that became `after` has a text that is new, and `before` left copies of the old one.
    fn were_left(&self, before: usize, after: usize) -> bool {
        let (old, new) = (self.tokens.before[before], self.tokens.after[after]);
        !self.is_old[new.0 as usize] && self.only_copies[old.0 as usize] == Some(true)
    }
}

/// Whether all lines of `old` that are not blank are still in `new`.
fn has_all_lines(old: &[u8], new: &[u8]) -> bool {
    let shared = LineBag::new(new).take(old);
    shared.all > 0 && shared.found == shared.all
}

fn pair_equal_in_order(tokens: &Tokens, pairing: &mut Pairing, counts: impl Fn(Token) -> bool) {
    let mut numbers = Numbers::new(tokens.distinct);
    for mut gap in pairing.gaps(&in_order(pairing)) {
        gap.before.retain(|index| counts(tokens.before[*index]));
        gap.after.retain(|index| counts(tokens.after[*index]));
        let before: Vec<Token> = gap.before.iter().map(|index| numbers.of(tokens.before[*index])).collect();
        let distinct_before = numbers.count();
        let after: Vec<Token> = gap.after.iter().map(|index| numbers.of(tokens.after[*index])).collect();
        let distinct = numbers.clear();
        if after.iter().all(|token| token.0 >= distinct_before) {
            // Nothing in common.
            continue;
        }
        let mut diff = Diff::default();
        diff.compute_with(Algorithm::Histogram, &before, &after, distinct);
        let kept = (0..before.len()).filter(|index| !diff.is_removed(*index as u32));
        let stayed = (0..after.len()).filter(|index| !diff.is_added(*index as u32));
        kept.zip(stayed).for_each(|(one, other)| pairing.pair(gap.before[one], gap.after[other]));
    }
}

/// Numbers the tokens of one stretch from 0, for a diff has a table over all numbers up to the highest.
struct Numbers {
    of_token: Vec<Option<u32>>,
    seen: Vec<Token>,
}

impl Numbers {
    fn new(distinct: u32) -> Self {
        Self { of_token: vec![None; distinct as usize], seen: Vec::new() }
    }

    fn count(&self) -> u32 {
        self.seen.len() as u32
    }

    fn of(&mut self, token: Token) -> Token {
        let next = self.count();
        let number = *self.of_token[token.0 as usize].get_or_insert_with(|| {
            self.seen.push(token);
            next
        });
        Token(number)
    }

    /// Ends the stretch and says how many tokens it had.
    fn clear(&mut self) -> u32 {
        let count = self.count();
        self.seen.drain(..).for_each(|token| self.of_token[token.0 as usize] = None);
        count
    }
}

/// Content that is left once on each side, and says enough, has moved: unless it is a copy, and trusted ids tell what
/// became of the first.
fn pair_equal_moved(before_cells: &[Cell<'_>], after_cells: &[Cell<'_>], tokens: &Tokens, pairing: &mut Pairing) {
    if !pairing.has_unpaired() {
        return;
    }
    let free = |of_cells: &[Token], partners: &[Option<usize>]| {
        let cells = of_cells.iter().enumerate().filter(|(index, _)| partners[*index].is_none());
        Holder::of_each(cells.map(|(index, token)| (index, token.0)), tokens.distinct)
    };
    let before = free(&tokens.before, &pairing.before);
    let after = free(&tokens.after, &pairing.after);
    let mut doubtful = Vec::new();
    for (index, token) in tokens.after.iter().enumerate() {
        let (from, to) = (before[token.0 as usize], after[token.0 as usize]);
        let Holder::Alone(partner) = from else { continue };
        if to != Holder::Alone(index) || tokens.is_trivial(*token) {
            continue;
        }
        // Whether the ids are trusted shows when all that is certain is paired.
        let cell = &before_cells[partner];
        let heir = tokens.ids.heir(partner).filter(|heir| *heir != index && tokens.ids.is_new(index));
        match heir {
            Some(heir) if cell.kind() == after_cells[heir].kind() && is_short(cell) => {
                doubtful.push((partner, heir, index));
            }
            _ => pairing.pair(partner, index),
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

/// Pairs of cells that have the same id, once on each side: none if the ids contradict the content found so far.
pub(super) fn trusted_ids(tokens: &Tokens, pairing: &Pairing) -> Vec<(usize, usize)> {
    let known = pairing.after.iter().enumerate();
    let (mut agree, mut total) = (0, 0);
    for same in known.filter_map(|(after, before)| tokens.ids.agree((*before)?, after)) {
        total += 1;
        agree += usize::from(same);
    }
    if agree * 2 < total {
        return Vec::new();
    }
    let mut pairs = tokens.ids.pairs();
    pairs.retain(|(before, after)| pairing.both_free(*before, *after));
    pairs
}
