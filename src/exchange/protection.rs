//! What a protected number costs and how coarse it is: the arithmetic that a release applies and a verification repeats.

use std::f64::consts::SQRT_2;

/// Mantissas of the steps to which rows and sums are rounded.
const MANTISSAS: [u64; 3] = [1, 2, 5];

/// Returns the smallest number of the series 1, 2, 5, 10, 20, 50, … that is not below `least`.
///
/// A smaller step would show how many persons contribute their most.
#[must_use]
pub fn step_not_below(least: f64) -> u64 {
    let powers = std::iter::successors(Some(1_u64), |power| power.checked_mul(10));
    let mut steps = powers.flat_map(|power| MANTISSAS.map(|mantissa| mantissa.saturating_mul(power)));
    // Beyond all steps the largest number rounds everything to 0.
    steps.find(|step| *step as f64 >= least).unwrap_or(u64::MAX)
}

/// Returns the cost of a table of counts to which one person contributes at most `weight`, with noise of the standard
/// deviation `noise`.
///
/// Two datasets that differ in one person differ by at most √2 · `weight` (Euclidean distance), because no count falls
/// below zero. The cost is the square of that distance in standard deviations.
#[must_use]
pub fn cost_of_counts(weight: f64, noise: f64) -> f64 {
    2.0 * (weight / noise).powi(2)
}

/// Returns the cost of a table of sums of either sign to which one person contributes at most `cap`.
#[must_use]
pub fn cost_of_sums(cap: f64, noise: f64) -> f64 {
    4.0 * (cap / noise).powi(2)
}

/// Returns the chance that somebody who knows everyone else is right about one person, from items of these summed
/// costs: `Φ(√cost / 2)`, the best test between two normal distributions.
#[must_use]
pub fn certainty(cost: f64) -> f64 {
    0.5 * libm::erfc(-cost.max(0.0).sqrt() / (2.0 * SQRT_2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_of_the_series_and_not_below_what_one_person_adds() {
        let steps = [0.1, 1.0, 4.0, 5.0, 5.1, 15.0, 7500.0, 1e12].map(step_not_below);
        assert_eq!(steps, [1, 1, 5, 5, 10, 20, 10_000, 1_000_000_000_000]);
        assert_eq!(step_not_below(f64::INFINITY), u64::MAX);
    }

    #[test]
    fn a_certainty_of_four_fifths_allows_35_tables_of_noise_5_or_141_of_noise_10() {
        for (noise, certain, tables) in [(5.0, 0.80, 35), (10.0, 0.80, 141), (5.0, 0.95, 135), (10.0, 0.95, 541)] {
            let reached = |tables: u32| certainty(f64::from(tables) * cost_of_counts(1.0, noise));
            assert!(reached(tables) <= certain && reached(tables + 1) > certain, "{noise} {certain}");
        }
        assert!((certainty(0.0) - 0.5).abs() < 1e-12);
    }
}
