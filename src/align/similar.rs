//! Similar cells: an edited cell still shares most of its words with what it was.

use std::collections::HashSet;

use crate::notebook::{Cell, CellKind};

use super::bag::{Bag, Word};
use super::order::in_order;
use super::pairing::{Gap, Pairing};

/// Two cells in the same stretch are one cell from this similarity on.
pub(super) const IN_PLACE: f64 = 0.5;
/// Two cells that have the stretch to themselves are one cell from this similarity on.
pub(super) const ALONE: f64 = 0.3;
/// A cell that would have moved must be more alike than one in its place, and long enough to tell.
const MOVED: f64 = 0.65;
const MOVED_WEIGHT: u32 = 30;
/// With the same trusted id less is enough, and counts for more.
pub(super) const SAME_ID: f64 = 0.1;
const ID_BONUS: f64 = 0.3;

/// In a stretch of at most this many pairs, each is tried.
const SMALL_GAP: usize = 100;
/// How many of a cell's rarest features propose partners, how common a feature may be, and how many
/// partners are tried: together they bound the work on a notebook in which everything changed.
const PROPOSING_FEATURES: usize = 24;
const COMMON: usize = 24;
const PROPOSALS: usize = 6;

/// Pairs what is left by similarity, in order first, then moved; `ids` are pairs that a trusted id proposes.
pub(super) fn pair_similar(before: &[Cell<'_>], after: &[Cell<'_>], ids: &[(usize, usize)], pairing: &mut Pairing) {
    let bags = Bags::new(before, after, pairing);
    let gaps = pairing.gaps(&in_order(pairing));
    let proposals = bags.proposals(&gaps, &ids.iter().copied().collect());
    let gap_of = GapIndex::new(&gaps, pairing);
    let same_gap: Vec<Proposal> = proposals.iter().filter(|proposal| gap_of.share(proposal)).copied().collect();
    for proposal in best_chain(&same_gap, after.len()) {
        pairing.pair(proposal.before, proposal.after);
    }
    pair_moved(&proposals, &bags, pairing);
    for (before, after) in ids {
        if pairing.both_free(*before, *after) {
            pairing.pair(*before, *after);
        }
    }
    pair_lonely(&bags, pairing);
}

/// Two cells that may be one.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Proposal {
    before: usize,
    after: usize,
    score: f64,
}

/// Where features stand, sorted. To be small and quickly sorted, the index knows of a feature only half its hash: what
/// is proposed is looked at anyway.
struct FeatureIndex {
    places: Vec<Place>,
    /// For the first bits of a hash, where such features begin; there are few of each.
    begins: Vec<u32>,
    shift: u32,
}

/// A feature's first half, and a cell that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place(u64);

impl Place {
    fn new(feature: Word, cell: usize) -> Self {
        Self(feature.hash() >> 32 << 32 | cell as u64)
    }

    fn cell(self) -> usize {
        (self.0 & u64::from(u32::MAX)) as usize
    }
}

impl FeatureIndex {
    fn new(bags: &[Option<Box<Free<'_>>>]) -> Self {
        let features = of_cells(bags).flat_map(|(cell, bag)| bag.features().map(move |word| Place::new(word, cell)));
        let mut places: Vec<Place> = features.collect();
        places.sort_unstable();
        let bits = places.len().clamp(2, 1 << 24).ilog2();
        let mut index = Self { begins: vec![0; (1 << bits) + 1], shift: u64::BITS - bits, places };
        for place in &index.places {
            index.begins[(place.0 >> index.shift) as usize + 1] += 1;
        }
        for slot in 1..index.begins.len() {
            index.begins[slot] += index.begins[slot - 1];
        }
        index
    }

    /// Where `feature` stands; nowhere if it is too common to say anything.
    fn places(&self, feature: Word) -> &[Place] {
        let first = Place::new(feature, 0);
        let slot = (first.0 >> self.shift) as usize;
        let alike = &self.places[self.begins[slot] as usize..self.begins[slot + 1] as usize];
        let alike = &alike[alike.partition_point(|place| *place < first)..];
        let count = alike.iter().take(COMMON + 1).take_while(|place| place.0 >> 32 == first.0 >> 32).count();
        if count > COMMON { &[] } else { &alike[..count] }
    }
}

/// A cell without a partner.
struct Free<'c> {
    kind: CellKind<'c>,
    bag: Bag,
}

/// All cells without a partner, by their places. They are few.
struct Bags<'c> {
    before: Vec<Option<Box<Free<'c>>>>,
    after: Vec<Option<Box<Free<'c>>>>,
}

impl<'c> Bags<'c> {
    fn new(before: &[Cell<'c>], after: &[Cell<'c>], pairing: &Pairing) -> Self {
        let bags = |cells: &[Cell<'c>], partners: &[Option<usize>]| {
            let free = |cell: &Cell<'c>| Box::new(Free { kind: cell.kind(), bag: Bag::new(&cell.source_text()) });
            let cells = cells.iter().zip(partners);
            cells.map(|(cell, partner)| partner.is_none().then(|| free(cell))).collect()
        };
        Self { before: bags(before, &pairing.before), after: bags(after, &pairing.after) }
    }

    fn proposal(&self, before: usize, after: usize, needed: f64) -> Option<Proposal> {
        let (one, other) = (self.before[before].as_ref()?, self.after[after].as_ref()?);
        let same_kind = one.kind == other.kind;
        let (one, other) = (&one.bag, &other.bag);
        if !same_kind && one.weight + other.weight == 0 {
            // Empty cells of different types have nothing in common.
            return None;
        }
        let similarity = one.similarity(other);
        // A change of type is rare: it takes more likeness to believe it.
        let needed = if same_kind { needed } else { needed.max(MOVED) };
        let score = if same_kind { similarity } else { similarity * 0.9 };
        (similarity >= needed).then_some(Proposal { before, after, score })
    }

    /// Whether a cell of the older version is long enough to be known elsewhere.
    fn is_long(&self, before: usize) -> bool {
        self.before[before].as_ref().is_some_and(|free| free.bag.weight >= MOVED_WEIGHT)
    }

    /// The pairs worth a look, with their similarity, sorted by `before` and `after`, each once.
    fn proposals(&self, gaps: &[Gap], ids: &HashSet<(usize, usize)>) -> Vec<Proposal> {
        let mut pairs: Vec<(usize, usize)> = self.proposed_by_features();
        for gap in gaps.iter().filter(|gap| gap.before.len() * gap.after.len() <= SMALL_GAP) {
            pairs.extend(gap.before.iter().flat_map(|before| gap.after.iter().map(|after| (*before, *after))));
        }
        pairs.extend(ids);
        pairs.sort_unstable();
        pairs.dedup();
        let proposal = |pair: (usize, usize)| {
            if ids.contains(&pair) {
                let proposal = self.proposal(pair.0, pair.1, SAME_ID)?;
                return Some(Proposal { score: proposal.score + ID_BONUS, ..proposal });
            }
            self.proposal(pair.0, pair.1, IN_PLACE)
        };
        pairs.into_iter().filter_map(proposal).collect()
    }

    /// Partners that share rare lines or words: an inverted index over the newer cells.
    fn proposed_by_features(&self) -> Vec<(usize, usize)> {
        let index = FeatureIndex::new(&self.after);
        let proposed = of_cells(&self.before).map(|(before, bag)| (before, propose(bag, &index)));
        proposed.flat_map(|(before, cells)| cells.into_iter().map(move |after| (before, after))).collect()
    }
}

/// The bags that there are, with their cells.
fn of_cells<'b>(bags: &'b [Option<Box<Free<'_>>>]) -> impl Iterator<Item = (usize, &'b Bag)> {
    bags.iter().enumerate().filter_map(|(cell, free)| Some((cell, &free.as_ref()?.bag)))
}

/// The cells that share most of a bag's rarest features.
fn propose(bag: &Bag, index: &FeatureIndex) -> Vec<usize> {
    let found = bag.features().map(|feature| index.places(feature)).filter(|places| !places.is_empty());
    let mut rare: Vec<(usize, &[Place])> = found.map(|places| (places.len(), places)).collect();
    rare.sort_unstable();
    rare.truncate(PROPOSING_FEATURES);
    let votes = rare.iter().flat_map(|(count, places)| places.iter().map(|place| (place.cell(), 1.0 / *count as f64)));
    let mut votes: Vec<(usize, f64)> = votes.collect();
    votes.sort_by_key(|(cell, _)| *cell);
    let mut ranked: Vec<(usize, f64)> = Vec::new();
    for (cell, vote) in votes {
        match ranked.last_mut() {
            Some((last, votes)) if *last == cell => *votes += vote,
            _ => ranked.push((cell, vote)),
        }
    }
    ranked.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
    ranked.into_iter().take(PROPOSALS).map(|(cell, _)| cell).collect()
}

/// The stretch that each free cell lies in.
struct GapIndex {
    before: Vec<Option<usize>>,
    after: Vec<Option<usize>>,
}

impl GapIndex {
    fn new(gaps: &[Gap], pairing: &Pairing) -> Self {
        let mut index = Self { before: vec![None; pairing.before.len()], after: vec![None; pairing.after.len()] };
        for (number, gap) in gaps.iter().enumerate() {
            gap.before.iter().for_each(|cell| index.before[*cell] = Some(number));
            gap.after.iter().for_each(|cell| index.after[*cell] = Some(number));
        }
        index
    }

    fn share(&self, proposal: &Proposal) -> bool {
        let before = self.before[proposal.before];
        before.is_some() && before == self.after[proposal.after]
    }
}

/// The best chain that ends before a place: its score and its last proposal.
type Chain = (f64, Option<usize>);

/// A Fenwick tree of the best chain up to each place.
struct BestChains(Vec<Chain>);

impl BestChains {
    /// The best chain that ends before `place`.
    fn before(&self, mut place: usize) -> Chain {
        let mut best = (0.0, None);
        while place > 0 {
            if self.0[place].0 > best.0 {
                best = self.0[place];
            }
            place &= place - 1;
        }
        best
    }

    /// Takes note of a chain that ends at `place`.
    fn add(&mut self, place: usize, chain: Chain) {
        let mut at = place + 1;
        while at < self.0.len() {
            if chain.0 > self.0[at].0 {
                self.0[at] = chain;
            }
            at += at & at.wrapping_neg();
        }
    }
}

/// The proposals that are in order and together most alike, no cell twice.
fn best_chain(proposals: &[Proposal], after_len: usize) -> Vec<Proposal> {
    // Proposals of one `before` go in descending order of `after`, so that none extends another.
    let mut order: Vec<usize> = (0..proposals.len()).collect();
    order.sort_by_key(|index| (proposals[*index].before, std::cmp::Reverse(proposals[*index].after)));
    let mut chains = BestChains(vec![(0.0, None); after_len + 1]);
    let mut previous: Vec<Option<usize>> = vec![None; proposals.len()];
    for index in order {
        let Proposal { after, score, .. } = proposals[index];
        let (so_far, last) = chains.before(after);
        previous[index] = last;
        chains.add(after, (so_far + score, Some(index)));
    }
    let chain = std::iter::successors(chains.before(after_len).1, |index| previous[*index]);
    chain.map(|index| proposals[index]).collect()
}

/// Pairs what is much alike in different places, the most alike first.
fn pair_moved(proposals: &[Proposal], bags: &Bags<'_>, pairing: &mut Pairing) {
    let mut moves: Vec<&Proposal> =
        proposals.iter().filter(|proposal| proposal.score >= MOVED && bags.is_long(proposal.before)).collect();
    moves.sort_by(|one, other| other.score.total_cmp(&one.score).then(one.before.cmp(&other.before)));
    for proposal in moves {
        if pairing.both_free(proposal.before, proposal.after) {
            pairing.pair(proposal.before, proposal.after);
        }
    }
}

/// Pairs two cells of one type that have a stretch to themselves, if they are at all alike.
fn pair_lonely(bags: &Bags<'_>, pairing: &mut Pairing) {
    for gap in pairing.gaps(&in_order(pairing)) {
        let ([before], [after]) = (gap.before.as_slice(), gap.after.as_slice()) else {
            continue;
        };
        if bags.proposal(*before, *after, ALONE).is_some() {
            pairing.pair(*before, *after);
        }
    }
}
