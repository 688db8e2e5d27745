//! Random rounding: a number becomes a neighbouring multiple of the step, on average itself.

use super::Protected;
use crate::release::contributions::Exact;
use salanimi_core::DatasetKeys;

/// Rounds an exact cell to a multiple of `step` units of `scale` smallest units each.
///
/// The number is rounded up with probability r / step, where r is the remainder. The draw depends on the persons of the
/// cell alone, so the same persons are always rounded alike: in whatever table, and whether they, their rows or their
/// amounts are counted.
pub(super) fn round(exact: &Exact, step: u64, scale: i128, keys: &DatasetKeys) -> Protected {
    let width = i128::from(step) * scale;
    let remainder = exact.amount.rem_euclid(width);
    let below = (exact.amount - remainder) / width;
    let up = is_drawn(keys.round(exact.persons), remainder.unsigned_abs(), width.unsigned_abs());
    let steps = below + i128::from(up);
    match i64::try_from(steps * i128::from(step)) {
        Ok(number) => Protected(number),
        Err(_) => unreachable!("persons, caps and weights are bounded far below 64 bits"),
    }
}

/// Returns true with probability `part` / `whole`, for a draw uniform over 64 bits.
fn is_drawn(draw: u64, part: u128, whole: u128) -> bool {
    // The upper half of the product is the draw scaled to 0…whole.
    (u128::from(draw) * whole) >> 64 < part
}

#[cfg(test)]
mod tests {
    use super::*;
    use salanimi_core::{Id, Key, ReleaseKey};

    fn keys() -> DatasetKeys {
        ReleaseKey::from_bytes([7; 32]).dataset(&Id::new("example").unwrap(), "00")
    }

    fn rounded(amount: i128, persons: u128) -> i64 {
        round(&Exact { amount, persons }, 5, 1, &keys()).number()
    }

    #[test]
    fn numbers_become_the_multiple_below_or_above() {
        for amount in -200..200 {
            let result = rounded(amount, amount.unsigned_abs());
            assert!(result % 5 == 0 && (i128::from(result) - amount).abs() < 5, "{amount} {result}");
        }
        assert_eq!(rounded(40, 9), 40);
    }

    #[test]
    fn on_average_a_number_stays_itself_and_the_same_persons_are_rounded_alike() {
        for amount in [1, 2, 3, 4, 7, -3] {
            let sum: i64 = (0..20_000).map(|persons| rounded(amount, persons)).sum();
            assert!((sum as f64 / 20_000.0 - amount as f64).abs() < 0.08, "{amount} {sum}");
        }
        assert_eq!(rounded(7, 12), rounded(7, 12));
    }

    #[test]
    fn decimals_are_rounded_to_whole_steps() {
        let cents = Exact { amount: 123_456, persons: 3 };
        let result = round(&cents, 50, 100, &keys()).number();
        assert!([1200, 1250].contains(&result), "{result}");
    }

    #[test]
    fn a_draw_is_below_a_part_as_often_as_the_part_is_of_the_whole() {
        let draws: Vec<u64> = (0..1000_u64).map(|at| at * (u64::MAX / 1000)).collect();
        let drawn = |part| draws.iter().filter(|draw| is_drawn(**draw, part, 10)).count();
        let [none, some, all] = [0, 3, 10].map(drawn);
        assert!(none == 0 && (300..=301).contains(&some) && all == 1000, "{some}");
    }
}
