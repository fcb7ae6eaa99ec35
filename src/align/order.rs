//! Which pairs are in order, and which cells moved.

use super::pairing::Pairing;

/// The longest run of pairs that ascends on both sides. `pairs` ascend on the second side.
pub(super) fn longest_in_order(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // Patience sorting: `tails[k]` is the pair that ends the best run of length k + 1.
    let mut tails: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (index, (before, _)) in pairs.iter().enumerate() {
        // Most pairs are in order, and then there is nothing to search for.
        let length = match tails.last() {
            Some(last) if pairs[*last].0 >= *before => tails.partition_point(|tail| pairs[*tail].0 < *before),
            _ => tails.len(),
        };
        previous.push(length.checked_sub(1).map(|shorter| tails[shorter]));
        if length == tails.len() {
            tails.push(index);
        } else {
            tails[length] = index;
        }
    }
    let mut run: Vec<_> = std::iter::successors(tails.last().copied(), |index| previous[*index]).collect();
    run.reverse();
    run.into_iter().map(|index| pairs[index]).collect()
}

/// The pairs that are in order.
pub(super) fn in_order(pairing: &Pairing) -> Vec<(usize, usize)> {
    let pairs = pairing.after.iter().enumerate();
    let pairs: Vec<_> = pairs.filter_map(|(after, before)| before.map(|before| (before, after))).collect();
    longest_in_order(&pairs)
}

/// For each cell of the newer version, whether it is paired and out of order.
pub(super) fn moved(pairing: &Pairing) -> Vec<bool> {
    let mut moved: Vec<bool> = pairing.after.iter().map(Option::is_some).collect();
    for (_, after) in in_order(pairing) {
        moved[after] = false;
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fewest_cells_are_out_of_order() {
        let pairs: Vec<_> = [3, 0, 1, 2, 4].into_iter().zip(0..).collect();
        assert_eq!(longest_in_order(&pairs), [(0, 1), (1, 2), (2, 3), (4, 4)]);
        assert_eq!(longest_in_order(&[]), []);
    }
}
