//! Cost of noisy numbers, μ² of Gaussian differential privacy. `release` applies this arithmetic, `verify` repeats it.

use std::f64::consts::SQRT_2;

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
    fn a_certainty_of_four_fifths_allows_35_tables_of_noise_5_or_141_of_noise_10() {
        for (noise, certain, tables) in [(5.0, 0.80, 35), (10.0, 0.80, 141), (5.0, 0.95, 135), (10.0, 0.95, 541)] {
            let reached = |tables: u32| certainty(f64::from(tables) * cost_of_counts(1.0, noise));
            assert!(reached(tables) <= certain && reached(tables + 1) > certain, "{noise} {certain}");
        }
        assert!((certainty(0.0) - 0.5).abs() < 1e-12);
    }
}
