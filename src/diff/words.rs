//! Which words of changed lines changed.

use std::ops::Range;

use imara_diff::{Algorithm, Diff, Interner, Token};

use super::tokens::{Kind, Piece, pieces};

/// The changed words of a block; for each of its lines ascending byte ranges that do not touch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WordMarks {
    /// Of the removed lines.
    pub removed: Vec<Vec<Range<usize>>>,
    /// Of the added lines.
    pub added: Vec<Vec<Range<usize>>>,
}

/// Longer blocks, in bytes and in pieces, get no marks: nobody reads them word by word.
const MAX_BYTES: usize = 200_000;
const MAX_PIECES: usize = 10_000;
/// More comparisons of lines than this are not made; then line `i` goes with line `i`.
const MAX_COMPARISONS: usize = 10_000;

/// Says which words changed from a block of lines to the block that takes its place.
///
/// Lines come without their newlines. A line that has too little in common with any other gets no marks: it is new,
/// or gone, as a whole. So do all lines of a very long block.
#[must_use]
pub fn changed_words(removed: &[&[u8]], added: &[&[u8]]) -> WordMarks {
    let unmarked = || WordMarks { removed: vec![Vec::new(); removed.len()], added: vec![Vec::new(); added.len()] };
    if removed.is_empty() || added.is_empty() {
        return unmarked();
    }
    let Some(mut block) = Block::read(removed, added) else {
        return unmarked();
    };
    block.mark();
    let ranges = |lines: &[Line]| lines.iter().map(Line::ranges).collect();
    WordMarks { removed: ranges(&block.removed), added: ranges(&block.added) }
}

/// A stretch of words that changed, in bytes of both texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordChange {
    /// What goes.
    pub removed: Range<usize>,
    /// What comes; if nothing, the place behind the word before.
    pub added: Range<usize>,
}

/// Compares two texts word by word, whatever their white space; the changes are ascending on both sides.
///
/// Texts with too little in common, and very long ones, are one change.
#[must_use]
pub fn word_changes(removed: &[u8], added: &[u8]) -> Vec<WordChange> {
    let whole = || vec![WordChange { removed: 0..removed.len(), added: 0..added.len() }];
    if removed.is_empty() || added.is_empty() {
        return whole();
    }
    let Some(block) = Block::read(&[removed], &[added]) else {
        return whole();
    };
    let (old, new) = (&block.removed[0], &block.added[0]);
    let tokens = |line: &Line| -> Vec<Token> { line.filled().map(|(_, token)| token).collect() };
    let (old_tokens, new_tokens) = (tokens(old), tokens(new));
    let diff = compare(&old_tokens, &new_tokens, &block.weights);
    if !is_related(kept(&diff, &old_tokens, &block.weights), old.weight, new.weight) {
        return whole();
    }
    let (old, new) = (old.filled_ranges(), new.filled_ranges());
    diff.hunks()
        .map(|hunk| WordChange { removed: stretch(&old, hunk.before), added: stretch(&new, hunk.after) })
        .collect()
}

/// From the first to the last of some words.
fn stretch(words: &[Range<usize>], some: Range<u32>) -> Range<usize> {
    let (first, end) = (some.start as usize, some.end as usize);
    let behind = end.checked_sub(1).map_or(0, |last| words[last].end);
    if some.is_empty() { behind..behind } else { words[first].start..behind }
}

/// A line in pieces.
struct Line {
    pieces: Vec<Piece>,
    tokens: Vec<Token>,
    /// Which pieces changed.
    changed: Vec<bool>,
    /// The tokens that weigh something, sorted.
    bag: Vec<Token>,
    weight: u64,
}

impl Line {
    fn read<'l>(line: &'l [u8], words: &mut Interner<&'l [u8]>, weights: &mut Vec<u64>) -> Self {
        let pieces = pieces(line);
        let mut tokens = Vec::with_capacity(pieces.len());
        for piece in &pieces {
            let token = words.intern(&line[piece.range.clone()]);
            if token.0 as usize == weights.len() {
                weights.push(weight(piece.kind));
            }
            tokens.push(token);
        }
        let mut bag: Vec<Token> = tokens.iter().copied().filter(|token| weights[token.0 as usize] > 0).collect();
        bag.sort_unstable_by_key(|token| token.0);
        let weight = bag.iter().map(|token| weights[token.0 as usize]).sum();
        Self { changed: vec![false; pieces.len()], pieces, tokens, bag, weight }
    }

    /// The pieces that are no white space, by their place.
    fn filled(&self) -> impl Iterator<Item = (usize, Token)> {
        let filled =
            self.pieces.iter().zip(&self.tokens).enumerate().filter(|(_, (piece, _))| piece.kind != Kind::Blank);
        filled.map(|(at, (_, token))| (at, *token))
    }

    fn filled_ranges(&self) -> Vec<Range<usize>> {
        self.filled().map(|(at, _)| self.pieces[at].range.clone()).collect()
    }

    /// Takes over which pieces changed.
    fn mark(&mut self, changed: impl Iterator<Item = bool>) {
        self.changed.iter_mut().zip(changed).for_each(|(known, changed)| *known = changed);
    }

    /// The same for those that are no white space.
    fn mark_filled(&mut self, changed: &mut impl Iterator<Item = bool>) {
        let filled = self.pieces.iter().zip(&mut self.changed).filter(|(piece, _)| piece.kind != Kind::Blank);
        filled.zip(changed).for_each(|((_, known), changed)| *known = changed);
    }

    /// What of the line is marked: nothing if all of it changed.
    fn ranges(&self) -> Vec<Range<usize>> {
        let is_blank = self.pieces.iter().all(|piece| piece.kind == Kind::Blank);
        if !is_blank && self.filled().all(|(at, _)| self.changed[at]) {
            return Vec::new();
        }
        let changed = (0..self.pieces.len()).filter(|at| self.changed[*at] || self.is_between(*at));
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for range in changed.map(|at| self.pieces[at].range.clone()) {
            match ranges.last_mut() {
                Some(last) if last.end == range.start => last.end = range.end,
                _ => ranges.push(range),
            }
        }
        ranges
    }

    /// Whether a piece is so small that a mark runs over it from one changed piece to the next.
    fn is_between(&self, at: usize) -> bool {
        let changed = |at: usize| self.changed.get(at) == Some(&true);
        let is_small = matches!(self.pieces[at].kind, Kind::Blank | Kind::Sign);
        is_small && at > 0 && changed(at - 1) && changed(at + 1)
    }
}

/// How much a piece says: words alike, since a long number for a short one is still one change; signs hardly anything,
/// white space nothing.
fn weight(kind: Kind) -> u64 {
    match kind {
        Kind::Word => 4,
        Kind::Sign | Kind::Edge => 1,
        Kind::Blank => 0,
    }
}

struct Block {
    removed: Vec<Line>,
    added: Vec<Line>,
    /// The weight of each token.
    weights: Vec<u64>,
}

impl Block {
    /// Reads both sides, unless they are too long.
    fn read(removed: &[&[u8]], added: &[&[u8]]) -> Option<Self> {
        let bytes: usize = removed.iter().chain(added).map(|line| line.len()).sum();
        if bytes > MAX_BYTES {
            return None;
        }
        let mut words = Interner::new(removed.len() + added.len());
        let mut weights = Vec::new();
        let mut lines = Vec::with_capacity(removed.len() + added.len());
        let mut left = MAX_PIECES;
        for line in removed.iter().chain(added) {
            let line = Line::read(line, &mut words, &mut weights);
            left = left.checked_sub(line.pieces.len())?;
            lines.push(line);
        }
        let added = lines.split_off(removed.len());
        Some(Self { removed: lines, added, weights })
    }

    /// Marks the changed pieces: all lines together where that explains more (lines were joined, split or filled
    /// anew), else line against line.
    fn mark(&mut self) {
        let pairs = self.pairs();
        if !self.mark_together(&pairs) {
            pairs.into_iter().for_each(|pair| self.mark_pair(pair));
        }
    }

    fn mark_pair(&mut self, (removed, added): (usize, usize)) {
        let (old, new) = (&mut self.removed[removed], &mut self.added[added]);
        let diff = compare(&old.tokens, &new.tokens, &self.weights);
        if is_related(kept(&diff, &old.tokens, &self.weights), old.weight, new.weight) {
            old.mark((0..).map(|at| diff.is_removed(at)));
            new.mark((0..).map(|at| diff.is_added(at)));
        }
    }

    /// Compares all lines at once, without white space; `false` if the pairs of lines have as much in common.
    fn mark_together(&mut self, pairs: &[(usize, usize)]) -> bool {
        if self.removed.len() == self.added.len() && self.added.len() == 1 {
            return false;
        }
        let filled =
            |lines: &[Line]| -> Vec<Token> { lines.iter().flat_map(Line::filled).map(|(_, token)| token).collect() };
        let (old, new) = (filled(&self.removed), filled(&self.added));
        let diff = compare(&old, &new, &self.weights);
        let kept = kept(&diff, &old, &self.weights);
        let weight = |lines: &[Line]| lines.iter().map(|line| line.weight).sum::<u64>();
        let by_pairs: u64 = pairs.iter().map(|(removed, added)| self.common(*removed, *added)).sum();
        // Two thirds of all, and more than the pairs have.
        if 3 * kept < weight(&self.removed) + weight(&self.added) || kept <= by_pairs {
            return false;
        }
        let mut removed = (0..).map(|at| diff.is_removed(at));
        let mut added = (0..).map(|at| diff.is_added(at));
        self.removed.iter_mut().for_each(|line| line.mark_filled(&mut removed));
        self.added.iter_mut().for_each(|line| line.mark_filled(&mut added));
        true
    }

    /// Which line to hold against which, in order: the pairs that are together most alike.
    fn pairs(&self) -> Vec<(usize, usize)> {
        let (rows, columns) = (self.removed.len(), self.added.len());
        if rows * columns > MAX_COMPARISONS {
            return (0..rows.min(columns)).map(|line| (line, line)).collect();
        }
        // best[row][column]: what the lines from there on reach.
        let mut best = vec![vec![0; columns + 1]; rows + 1];
        let mut alike = vec![vec![0; columns]; rows];
        for (row, column) in (0..rows).rev().flat_map(|row| (0..columns).rev().map(move |column| (row, column))) {
            alike[row][column] = self.likeness(row, column);
            let paired = alike[row][column] + best[row + 1][column + 1];
            best[row][column] = paired.max(best[row + 1][column]).max(best[row][column + 1]);
        }
        let (mut pairs, mut row, mut column) = (Vec::new(), 0, 0);
        while row < rows && column < columns {
            let alike = alike[row][column];
            if alike > 0 && best[row][column] == alike + best[row + 1][column + 1] {
                pairs.push((row, column));
                (row, column) = (row + 1, column + 1);
            } else if best[row][column] == best[row + 1][column] {
                row += 1;
            } else {
                column += 1;
            }
        }
        pairs
    }

    /// How much of two lines is the same, in thousandths; 0 for lines that have too little in common.
    fn likeness(&self, removed: usize, added: usize) -> u64 {
        let (old, new) = (&self.removed[removed], &self.added[added]);
        let most = old.weight.min(new.weight);
        if !is_related(most, old.weight, new.weight) {
            return 0;
        }
        let common = self.common(removed, added);
        if is_related(common, old.weight, new.weight) {
            1 + 2000 * common / (old.weight + new.weight).max(1)
        } else {
            0
        }
    }

    /// The weight of what two lines share, in whatever order.
    fn common(&self, removed: usize, added: usize) -> u64 {
        let (old, new) = (&self.removed[removed].bag, &self.added[added].bag);
        let (mut at_old, mut at_new, mut common) = (0, 0, 0);
        while at_old < old.len() && at_new < new.len() {
            let (one, other) = (old[at_old].0, new[at_new].0);
            if one == other {
                common += self.weights[one as usize];
            }
            at_old += usize::from(one <= other);
            at_new += usize::from(other <= one);
        }
        common
    }
}

/// Whether texts with this much in common are versions of one: a third of it is.
fn is_related(common: u64, removed: u64, added: u64) -> bool {
    6 * common >= removed + added
}

/// Which tokens changed. Of several places where they may have come or gone, a line's beginning is the likeliest
/// (somebody put `# ` in front), else the last.
fn compare(old: &[Token], new: &[Token], weights: &[u64]) -> Diff {
    // The diff takes time for each number up to the highest: a pair of lines must not pay for the whole block.
    let mut known: Vec<u32> = old.iter().chain(new).map(|token| token.0).collect();
    known.sort_unstable();
    known.dedup();
    let number = |token: &Token| Token(known.partition_point(|known| *known < token.0) as u32);
    let [old, new] = [old, new].map(|tokens| tokens.iter().map(number).collect::<Vec<Token>>());
    let mut diff = Diff::default();
    diff.compute_with(Algorithm::Histogram, &old, &new, known.len() as u32);
    let is_blank = |token: &Token| weights[known[token.0 as usize] as usize] == 0;
    let place = |tokens: &[Token], last: Range<u32>, first_end: u32| {
        let before = first_end.saturating_sub(last.end - last.start) as usize;
        if tokens[..before].iter().all(is_blank) { first_end } else { last.end }
    };
    diff.postprocess_with(&old, &new, place);
    diff
}

/// The weight of what is the same, given the older tokens.
fn kept(diff: &Diff, old: &[Token], weights: &[u64]) -> u64 {
    let kept = (0..).zip(old).filter(|(at, _)| !diff.is_removed(*at));
    kept.map(|(_, token)| weights[token.0 as usize]).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both blocks with `«…»` around the changed words.
    fn marked(removed: &[&str], added: &[&str]) -> (Vec<String>, Vec<String>) {
        let marks = changed_words(&as_bytes(removed), &as_bytes(added));
        (show(removed, &marks.removed), show(added, &marks.added))
    }

    fn as_bytes<'l>(lines: &[&'l str]) -> Vec<&'l [u8]> {
        lines.iter().map(|line| line.as_bytes()).collect()
    }

    fn show(lines: &[&str], marks: &[Vec<Range<usize>>]) -> Vec<String> {
        let show = |(line, marks): (&&str, &Vec<Range<usize>>)| {
            let mut shown = (*line).to_owned();
            for mark in marks.iter().rev() {
                shown.insert(mark.end, '»');
                shown.insert(mark.start, '«');
            }
            shown
        };
        lines.iter().zip(marks).map(show).collect()
    }

    #[track_caller]
    fn line(removed: &str, added: &str, expected: [&str; 2]) {
        assert_eq!(marked(&[removed], &[added]), (vec![expected[0].to_owned()], vec![expected[1].to_owned()]));
    }

    #[track_caller]
    fn block(removed: &[&str], added: &[&str], expected: [&[&str]; 2]) {
        let (old, new) = marked(removed, added);
        assert_eq!(old, expected[0]);
        assert_eq!(new, expected[1]);
    }

    #[test]
    fn names_and_numbers_are_words() {
        line("x = np.zeros(3)", "x = np.ones(3)", ["x = np.«zeros»(3)", "x = np.«ones»(3)"]);
        line("alpha = 0.05", "alpha = 0.01", ["alpha = «0.05»", "alpha = «0.01»"]);
        line("fit(train_x, 10)", "fit(train_y, 10)", ["fit(«train_x», 10)", "fit(«train_y», 10)"]);
        line("n = 100", "n = 1e-5", ["n = «100»", "n = «1e-5»"]);
        line("if a == b:", "if a != b:", ["if a «=»= b:", "if a «!»= b:"]);
        line("df.plot(x)", "df.plot(x, y='z')", ["df.plot(x)", "df.plot(x«, y='z'»)"]);
    }

    #[test]
    fn prose_is_marked_word_by_word() {
        line(
            "The model was trained on the old data set, for ten epochs, and it did not converge at all.",
            "The model was trained on the new and larger data set, for ten epochs, and it converged.",
            [
                "The model was trained on the «old» data set, for ten epochs, and it «did not converge at all».",
                "The model was trained on the «new and larger» data set, for ten epochs, and it «converged».",
            ],
        );
    }

    #[test]
    fn marks_run_over_a_lone_space_or_sign() {
        line(
            "return the first value",
            "return the last number",
            ["return the «first value»", "return the «last number»"],
        );
        line("read(path, a.b)", "read(path, c.d)", ["read(path, «a.b»)", "read(path, «c.d»)"]);
        line("path[a, b]", "path[c, d]", ["path[«a», «b»]", "path[«c», «d»]"]);
    }

    #[test]
    fn scripts_have_their_own_words() {
        line("größe = zähler", "größe = nenner", ["größe = «zähler»", "größe = «nenner»"]);
        line("이 모델은 좋다", "이 모델은 나쁘다", ["이 모델은 «좋다»", "이 모델은 «나쁘다»"]);
        line("数据集很小", "数据集很大", ["数据集很«小»", "数据集很«大»"]);
        line("cafe\u{301} x", "cafe x", ["«cafe\u{301}» x", "«cafe» x"]);
        line("done 👩‍🔬 here", "done 👩‍🚀 here", ["done «👩‍🔬» here", "done «👩‍🚀» here"]);
    }

    #[test]
    fn changed_indentation_is_marked() {
        line("x = 1", "    x = 1", ["x = 1", "«    »x = 1"]);
        line("\tx = 1", "    x = 1", ["«\t»x = 1", "«    »x = 1"]);
        block(&["a = 1", "b = 1"], &["  a = 1", "  b = 1"], [&["a = 1", "b = 1"], &["«  »a = 1", "«  »b = 1"]]);
        line("x ", "x", ["x« »", "x"]);
    }

    #[test]
    fn what_was_put_in_front_is_marked_in_front() {
        line("# Save it", "# # Save it", ["# Save it", "«# »# Save it"]);
        line("    # # Save it", "    # Save it", ["    «# »# Save it", "    # Save it"]);
        line("## Setup", "### Setup", ["## Setup", "«#»## Setup"]);
        line("f(a, b)", "f(a, a, b)", ["f(a, b)", "f(a, «a, »b)"]);
    }

    #[test]
    fn what_only_looks_like_a_space_is_marked_and_compared() {
        line("total sum", "total\u{a0}sum", ["total« »sum", "total«\u{a0}»sum"]);
        line("the total sum", "the \u{feff}total sum", ["the total sum", "the «\u{feff}»total sum"]);
        let changes = |one: &str, other: &str| word_changes(one.as_bytes(), other.as_bytes()).len();
        assert_eq!(changes("a b", "a \t b"), 0);
        for other in ["a\u{a0}b", "a \u{feff}b", "a\u{3000}b", "a \u{2003}b"] {
            assert_eq!(changes("a b", other), 1, "{other:?}");
        }
    }

    #[test]
    fn lines_with_little_in_common_get_no_marks() {
        line("import os", "for path in sorted(paths):", ["import os", "for path in sorted(paths):"]);
        line("foo(1)", "bar(2)", ["foo(1)", "bar(2)"]);
        line("a, b", "c, d", ["a, b", "c, d"]);
        line("", "x", ["", "x"]);
        line("", "", ["", ""]);
    }

    #[test]
    fn a_line_finds_its_partner() {
        block(
            &["y = f(x)"],
            &["# first", "w = load()", "y = f(x, w)"],
            [&["y = f(x)"], &["# first", "w = load()", "y = f(x«, w»)"]],
        );
        block(
            &["import numpy", "import scipy", "total = sum(rows)"],
            &["total = max(rows)"],
            [&["import numpy", "import scipy", "total = «sum»(rows)"], &["total = «max»(rows)"]],
        );
        block(&["x = 1"], &["x = 0", "x = 1 + y"], [&["x = 1"], &["x = 0", "x = 1« + y»"]]);
        assert_eq!(changed_words(&[], &[b"x"]), WordMarks { removed: vec![], added: vec![vec![]] });
    }

    #[test]
    fn joined_and_split_lines_are_compared_as_one() {
        block(
            &["plot(first,", "     second)"],
            &["plot(first, third)"],
            [&["plot(first,", "     «second»)"], &["plot(first, «third»)"]],
        );
        block(
            &["f(a, b, c)"],
            &["f(", "    a,", "    b,", "    c,", ")"],
            [&["f(a, b, c)"], &["f(", "    a,", "    b,", "    c«,»", ")"]],
        );
        block(
            &["one two three four five", "six seven eight nine ten"],
            &["one two four five six seven", "eight nine ten"],
            [
                &["one two «three» four five", "six seven eight nine ten"],
                &["one two four five six seven", "eight nine ten"],
            ],
        );
    }

    #[test]
    fn bytes_that_are_no_text_are_compared_too() {
        let marks = changed_words(&[b"abc \xff\xfe def \x80"], &[b"abc \xff\x00 def"]);
        assert_eq!(marks.removed, [vec![5..6, 10..12]]);
        assert_eq!(marks.added[0].first(), Some(&(5..6)));
    }

    #[test]
    fn very_long_blocks_get_no_marks() {
        let old = "a b ".repeat(MAX_PIECES);
        let new = format!("{old}c");
        assert_eq!(changed_words(&[old.as_bytes()], &[new.as_bytes()]).added, [vec![]]);
        let old = vec![b"x = 1".as_slice(); 400];
        let new = vec![b"x = 2".as_slice(); 400];
        assert_eq!(changed_words(&old, &new).added[399].first(), Some(&(4..5)), "paired by their place");
    }
}
