//! Noisy counts as counts: none below zero, all multiples of a step, and the sum kept.

/// Returns the non-negative numbers that are nearest to `values` (least squares) among those with the same sum. If the
/// sum is not positive, all are 0.
///
/// All values are lowered by one amount, and those that fall below zero become zero (Held, Wolfe and Crowder 1974).
pub(super) fn nearest_non_negative(values: &[f64]) -> Vec<f64> {
    let sum: f64 = values.iter().sum();
    if sum <= 0.0 {
        return vec![0.0; values.len()];
    }
    let mut descending = values.to_vec();
    descending.sort_unstable_by(|a, b| b.total_cmp(a));
    let mut kept = 0.0;
    let mut lowered = 0.0;
    for (value, count) in descending.into_iter().zip(1_u32..) {
        kept += value;
        let lower = (kept - sum) / f64::from(count);
        if value <= lower {
            break;
        }
        lowered = lower;
    }
    values.iter().map(|value| (value - lowered).max(0.0)).collect()
}

/// Rounds running sums to multiples of `step`, and returns their differences. Every sum of neighbouring numbers is
/// then within one step of the sum of the values.
pub(super) fn round_running_sums(values: &[f64], step: u64) -> Vec<i64> {
    let width = step as f64;
    let mut sum = 0.0;
    let mut before = 0_i64;
    let mut rounded = Vec::with_capacity(values.len());
    for value in values {
        sum += value;
        let steps = (sum / width).round() as i64;
        rounded.push((steps - before) * step.cast_signed());
        before = steps;
    }
    rounded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Finds the amount by bisection instead of by sorting.
    fn by_bisection(values: &[f64]) -> Vec<f64> {
        let sum: f64 = values.iter().sum();
        if sum <= 0.0 {
            return vec![0.0; values.len()];
        }
        let lowered = |by: f64| values.iter().map(|value| (value - by).max(0.0)).collect::<Vec<_>>();
        let mut low = -1e6;
        let mut high = 1e6;
        for _ in 0..200 {
            let middle = f64::midpoint(low, high);
            if lowered(middle).iter().sum::<f64>() > sum { low = middle } else { high = middle }
        }
        lowered(low)
    }

    proptest! {
        #[test]
        fn the_nearest_table_is_what_bisection_finds(values in proptest::collection::vec(-50.0..100.0_f64, 1..40)) {
            let found = nearest_non_negative(&values);
            for (one, other) in found.iter().zip(by_bisection(&values)) {
                prop_assert!((one - other).abs() < 1e-6, "{one} {other}");
            }
        }

        #[test]
        fn rounded_numbers_are_multiples_and_their_sums_are_near(
            values in proptest::collection::vec(0.0..100.0_f64, 1..40),
        ) {
            let rounded = round_running_sums(&values, 5);
            prop_assert!(rounded.iter().all(|number| *number >= 0 && number % 5 == 0));
            let difference = rounded.iter().sum::<i64>() as f64 - values.iter().sum::<f64>();
            prop_assert!(difference.abs() <= 2.5 + 1e-9);
        }
    }
}
