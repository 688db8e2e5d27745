//! Shares of persons with their confidence intervals.

use serde::Serialize;

use super::Language;

/// The 97.5th percentile of the standard normal distribution.
const Z: f64 = 1.959_964;

/// A share in per cent with its 95 % confidence interval.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Share {
    /// Lower end of the interval, in per cent.
    pub low: f64,
    /// The share, in per cent.
    pub value: f64,
    /// Upper end of the interval, in per cent.
    pub high: f64,
    /// The share and its interval as text.
    pub shown: String,
}

impl Share {
    /// Returns the share that `part` is of `whole`, with its Wilson score interval.
    pub(super) fn wilson(part: f64, whole: f64, language: Language) -> Self {
        let share = part / whole;
        let denominator = 1.0 + Z * Z / whole;
        let centre = (share + Z * Z / (2.0 * whole)) / denominator;
        let half = Z / denominator * (share * (1.0 - share) / whole + Z * Z / (4.0 * whole * whole)).sqrt();
        let [value, low, high] = [share, centre - half, centre + half].map(|share| share * 100.0);
        let [low_text, high_text] = [low, high].map(|percent| language.decimal(percent, 1));
        let shown = format!("{} ({low_text}–{high_text})", language.percentage(value, 1));
        Self { low, value, high, shown }
    }
}

/// Returns the standardised difference of two shares, in standard deviations: positive if the first is larger.
#[must_use]
pub fn standardised_difference(first: f64, second: f64) -> f64 {
    let variance = f64::midpoint(first * (1.0 - first), second * (1.0 - second));
    if variance > 0.0 { (first - second) / variance.sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected values are those of statsmodels' `proportion_confint(30, 100, method="wilson")`.
    #[test]
    fn intervals_are_wilsons() {
        assert_eq!(Share::wilson(30.0, 100.0, Language::English).shown, "30.0\u{a0}% (21.9–39.6)");
        assert_eq!(Share::wilson(30.0, 100.0, Language::Finnish).shown, "30,0\u{a0}% (21,9–39,6)");
    }

    #[test]
    fn a_standardised_difference_has_the_sign_of_the_difference() {
        assert!((standardised_difference(0.5, 0.4) - 0.2020).abs() < 1e-3);
        assert!(standardised_difference(0.4, 0.5) < 0.0);
        assert!(standardised_difference(1.0, 0.0).abs() < f64::EPSILON);
    }
}
