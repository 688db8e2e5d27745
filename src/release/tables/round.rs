//! Random rounding: a count becomes a neighbouring multiple of the base, on average itself.

use super::cube::Cell;
use super::draw::draw;

/// Returns the count of a cell, rounded up with probability `r / base`, where `r` is the remainder.
///
/// The same persons with the same count are always rounded the same way, so that further tables disclose nothing more.
pub(super) fn rounded(cell: &Cell, base: u32, seed: u64) -> u64 {
    let base = u64::from(base.max(1));
    let remainder = cell.rows % base;
    let down = cell.rows - remainder;
    if draw(&[seed, cell.key, cell.rows]) % base < remainder { down + base } else { down }
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
    fn on_average_a_count_stays_itself_and_the_same_persons_round_the_same_way() {
        let sum: u64 = (0..20_000).map(|key| rounded(&cell(7, key), 5, 3)).sum();
        assert!((sum as f64 / 20_000.0 - 7.0).abs() < 0.06, "{sum}");
        assert_eq!(rounded(&cell(7, 12), 5, 3), rounded(&cell(7, 12), 5, 3));
    }
}
