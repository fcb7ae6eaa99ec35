//! What is held against what: pairs of cells that kept their place, and cells that were split or joined.

use std::ops::Range;

use crate::align::{Alignment, Split, joins, splits};
use crate::notebook::Cell;

/// Cells of both versions that are compared with each other: one and one, or one and several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) before: Range<usize>,
    pub(crate) after: Range<usize>,
}

impl Block {
    fn is_before(&self, other: &Self) -> bool {
        self.before.end <= other.before.start && self.after.end <= other.after.start
    }
}

/// The blocks of two versions, ascending on both sides.
pub(crate) fn blocks(before: &[Cell<'_>], after: &[Cell<'_>], alignment: &Alignment) -> Vec<Block> {
    let in_place = alignment.pairs().filter(|pair| !alignment.is_moved(pair.after));
    let mut blocks: Vec<Block> = in_place
        .map(|pair| Block { before: pair.before..pair.before + 1, after: pair.after..pair.after + 1 })
        .collect();
    let split = |split: Split| Some(Block { before: one(split.whole), after: stretch(&split)? });
    let join = |join: Split| Some(Block { before: stretch(&join)?, after: one(join.whole) });
    if blocks.len() < before.len() || blocks.len() < after.len() {
        let wider = splits(before, after, alignment).into_iter().filter_map(split);
        let wider = wider.chain(joins(before, after, alignment).into_iter().filter_map(join));
        wider.for_each(|block| widen(&mut blocks, block, alignment));
    }
    blocks
}

fn one(cell: usize) -> Range<usize> {
    cell..cell + 1
}

/// From the first part to behind the last.
fn stretch(split: &Split) -> Option<Range<usize>> {
    Some(*split.parts.first()?..split.parts.last()? + 1)
}

/// Puts `wide` in the place of the pair that it holds, if it fits between the others and holds no other cell's partner.
fn widen(blocks: &mut Vec<Block>, wide: Block, alignment: &Alignment) {
    let partner_inside = |cell: usize| alignment.to_after(cell).is_none_or(|after| wide.after.contains(&after));
    let partner_inside_before = |cell: usize| alignment.to_before(cell).is_none_or(|cell| wide.before.contains(&cell));
    if !wide.before.clone().all(partner_inside) || !wide.after.clone().all(partner_inside_before) {
        return;
    }
    let start = blocks.partition_point(|block| block.is_before(&wide));
    let held = blocks[start..].iter().take_while(|block| !wide.is_before(block));
    let end = start + held.count();
    let inside = |block: &Block| {
        let within = |outer: &Range<usize>, inner: &Range<usize>| outer.start <= inner.start && inner.end <= outer.end;
        within(&wide.before, &block.before) && within(&wide.after, &block.after)
    };
    if blocks[start..end].iter().all(inside) {
        blocks.splice(start..end, [wide]);
    }
}
