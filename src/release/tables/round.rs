//! Random rounding: a count goes up or down to a multiple of the base, on average to itself.

use super::cube::Cell;
use crate::crypto::Digest;

/// The count of a cell, rounded. The same persons and the same count are always rounded the same way, so that asking again
/// in other tables tells no more.
pub(super) fn rounded(cell: &Cell, base: u32, seed: u64) -> u64 {
    let base = u64::from(base.max(1));
    let (down, over) = (cell.rows / base * base, cell.rows % base);
    let bytes = [seed.to_be_bytes(), cell.key.to_be_bytes(), cell.rows.to_be_bytes()].concat();
    let drawn = Digest::of(&bytes).as_bytes().first_chunk().copied().map_or(0, u64::from_be_bytes);
    if drawn % base < over { down + base } else { down }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(rows: u64, key: u64) -> Cell {
        Cell { rows, key, ..Cell::default() }
    }

    #[test]
    fn counts_become_the_multiple_below_or_above() {
        for rows in 0..200 {
            let result = rounded(&cell(rows, 77 * rows), 5, 1);
            assert!(result.is_multiple_of(5) && result.abs_diff(rows) < 5, "{rows} {result}");
        }
        assert_eq!(rounded(&cell(40, 9), 5, 1), 40);
    }

    #[test]
    fn on_average_a_count_stays_itself_and_the_same_persons_round_alike() {
        let sum: u64 = (0..20_000).map(|key| rounded(&cell(7, key), 5, 3)).sum();
        assert!((sum as f64 / 20_000.0 - 7.0).abs() < 0.06, "{sum}");
        assert_eq!(rounded(&cell(7, 12), 5, 3), rounded(&cell(7, 12), 5, 3));
    }
}
