//! Binomial tail probabilities: the chance of a result without any cause.

/// Limit for failures: the probability of such a result by chance, in any of the tests that are made together.
pub(super) const FAILS_BELOW: f64 = 1e-9;
/// Limit for warnings: the same probability.
pub(super) const WARNS_BELOW: f64 = 1e-3;

/// Returns the probability of at least `hits` hits in `tries` independent tries with the hit probability `chance`.
///
/// This is the upper tail of the binomial distribution, summed from its largest term.
pub(super) fn at_least(hits: u64, tries: u64, chance: f64) -> f64 {
    if hits == 0 {
        return 1.0;
    }
    if hits > tries || chance <= 0.0 {
        return 0.0;
    }
    if chance >= 1.0 {
        return 1.0;
    }
    if hits as f64 <= tries as f64 * chance {
        // At or below the expectation, the lower tail has the small terms.
        return (1.0 - sum(0..hits, tries, chance)).clamp(0.0, 1.0);
    }
    sum(hits..tries + 1, tries, chance).min(1.0)
}

/// Returns the probability of a share at least as far from one half as `hits` of `tries` (two-sided sign test).
pub(super) fn apart_from_half(hits: u64, tries: u64) -> f64 {
    (2.0 * at_least(hits.max(tries - hits.min(tries)), tries, 0.5)).min(1.0)
}

/// Sums the probabilities of each number of hits in `range`.
fn sum(range: std::ops::Range<u64>, tries: u64, chance: f64) -> f64 {
    let mut total = 0.0;
    for hits in range {
        let term = exactly(hits, tries, chance);
        total += term;
        // Above the mode, terms only decrease.
        if hits as f64 > tries as f64 * chance && term < total * 1e-17 {
            break;
        }
    }
    total
}

/// Returns the probability of exactly `hits` hits.
fn exactly(hits: u64, tries: u64, chance: f64) -> f64 {
    let h = hits as f64;
    let t = tries as f64;
    (ln_factorial(t) - ln_factorial(h) - ln_factorial(t - h) + h * chance.ln() + (t - h) * (1.0 - chance).ln()).exp()
}

/// Returns ln n!, by Stirling's series unless n is small.
fn ln_factorial(n: f64) -> f64 {
    if n < 20.0 {
        return (2..=n as u32).map(|k| f64::from(k).ln()).sum();
    }
    let x = n + 1.0;
    (x - 0.5) * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI).ln() + 1.0 / (12.0 * x) - 1.0 / (360.0 * x.powi(3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_equal_known_values_of_the_binomial_distribution() {
        for (found, expected) in [
            (at_least(3, 3, 1.0 / 31.0), (1.0_f64 / 31.0).powi(3)),
            (at_least(1, 31, 1.0 / 31.0), 1.0 - (30.0_f64 / 31.0).powi(31)),
            (at_least(60, 100, 0.5), 0.028_443_966_820_490_3),
            (apart_from_half(40, 100), 2.0 * 0.028_443_966_820_490_3),
        ] {
            assert!((found / expected - 1.0).abs() < 1e-8, "{found} {expected}");
        }
        for (found, expected) in [(at_least(0, 5, 0.1), 1.0), (at_least(6, 5, 0.1), 0.0), (at_least(2, 5, 1.0), 1.0)] {
            assert!((found - expected).abs() < f64::EPSILON, "{found} {expected}");
        }
    }

    #[test]
    fn tails_equal_a_slow_sum() {
        for tries in [1_u64, 7, 40] {
            for chance in [0.01, 1.0 / 31.0, 0.5, 0.9] {
                for hits in 0..=tries {
                    let choose = |h: u64| (0..h).map(|k| (tries - k) as f64 / (k + 1) as f64).product::<f64>();
                    let slow: f64 = (hits..=tries)
                        .map(|h| choose(h) * f64::powi(chance, h as i32) * f64::powi(1.0 - chance, (tries - h) as i32))
                        .sum();
                    let found = at_least(hits, tries, chance);
                    assert!((found - slow).abs() < 1e-9 + slow * 1e-6, "{hits} {tries} {chance}: {found} {slow}");
                }
            }
        }
    }
}
