//! Counts of persons and shares of them, said so that no small cell is told.

use serde::Serialize;

use crate::text::Language;
use crate::text::{COUNT_BASE, rounded};

/// The two-sided 95 % quantile of the normal distribution.
const Z: f64 = 1.959_964;

/// How counts of persons are said: rounded to base 5, small ones not at all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cells {
    /// Fewer persons than these are not told.
    pub(super) least: u64,
    pub(super) language: Language,
}

/// A share in per cent, with its 95 % confidence interval.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Share {
    pub(super) low: f64,
    pub(super) value: f64,
    pub(super) high: f64,
    shown: String,
}

impl Cells {
    /// Those of a contract whose smallest cell is `min_cell`. What rounding would turn into nothing is small, too.
    pub(super) fn new(min_cell: u64, language: Language) -> Self {
        Self { least: min_cell.max(COUNT_BASE), language }
    }

    /// A count of persons; none if it is small. No persons at all are few, too.
    pub(super) fn count(self, persons: u64) -> Option<u64> {
        (persons >= self.least).then(|| rounded(persons))
    }

    /// A count of persons in words.
    pub(super) fn persons(self, persons: u64) -> String {
        // A no-break space keeps the sign with its number.
        self.count(persons).map_or_else(|| format!("<\u{a0}{}", self.least), grouped)
    }

    /// A count of the rows of so many persons, in words: a dash if the persons are few.
    pub(super) fn rows(self, rows: u64, persons: u64) -> String {
        self.count(persons).map_or_else(|| "–".to_owned(), |_| grouped(rounded(rows)))
    }

    /// The share that `part` is of `whole`, computed from the rounded counts; none if it or the rest is small.
    pub(super) fn share(self, part: u64, whole: u64) -> Option<Share> {
        self.count(whole.checked_sub(part)?)?;
        let (part, whole) = (self.count(part)? as f64, self.count(whole)? as f64);
        let (low, high) = wilson(part, whole);
        let [value, low, high] = [part / whole, low, high].map(|share| share * 100.0);
        let shown = format!("{} % ({}–{})", self.decimal(value, 1), self.decimal(low, 1), self.decimal(high, 1));
        Some(Share { low, value, high, shown })
    }

    /// A number with so many decimals, as the language writes it.
    pub(super) fn decimal(self, value: f64, decimals: usize) -> String {
        let text = format!("{value:.decimals$}");
        // What rounds to zero has no sign.
        let is_zero = text.trim_start_matches(['-', '0', '.']).is_empty();
        let text = if is_zero { text.replace('-', "") } else { text.replace('-', "−") };
        match self.language {
            Language::English => text,
            Language::Finnish => text.replace('.', ","),
        }
    }
}

/// The Wilson score interval of `part` of `whole`.
fn wilson(part: f64, whole: f64) -> (f64, f64) {
    let (share, z2) = (part / whole, Z * Z);
    let centre = (share + z2 / (2.0 * whole)) / (1.0 + z2 / whole);
    let half = Z / (1.0 + z2 / whole) * (share * (1.0 - share) / whole + z2 / (4.0 * whole * whole)).sqrt();
    (centre - half, centre + half)
}

/// The standardised difference of two shares, in standard deviations: positive if the first is larger.
pub(super) fn standardised_difference(first: f64, second: f64) -> f64 {
    let variance = f64::midpoint(first * (1.0 - first), second * (1.0 - second));
    if variance > 0.0 { (first - second) / variance.sqrt() } else { 0.0 }
}

/// A number with a narrow gap between thousands.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELLS: Cells = Cells { least: 5, language: Language::English };

    #[test]
    fn few_persons_are_told_neither_as_a_count_nor_as_a_share() {
        assert_eq!([0, 4, 5, 7, 8].map(|n| CELLS.count(n)), [None, None, Some(5), Some(5), Some(10)]);
        assert_eq!((CELLS.persons(4).as_str(), CELLS.rows(1203, 4).as_str()), ("<\u{a0}5", "–"));
        assert_eq!(CELLS.rows(1203, 5), "1\u{202f}205");
        assert!(CELLS.share(4, 100).is_none() && CELLS.share(97, 100).is_none() && CELLS.share(9, 8).is_none());
        assert_eq!(Cells::new(3, Language::English).least, 5);
        assert_eq!(Cells::new(10, Language::English).count(9), None);
    }

    /// As statsmodels' `proportion_confint(30, 100, method="wilson")` has it, of what rounding made of 28 and 102.
    #[test]
    fn intervals_are_wilsons_and_come_from_rounded_counts() {
        let share = CELLS.share(28, 102).unwrap();
        assert_eq!(share.shown, "30.0 % (21.9–39.6)");
        assert_eq!(Cells { language: Language::Finnish, ..CELLS }.share(28, 102).unwrap().shown, "30,0 % (21,9–39,6)");
    }

    #[test]
    fn what_rounds_to_zero_has_no_sign() {
        assert_eq!([-0.001, -0.01, 0.2].map(|number| CELLS.decimal(number, 2)), ["0.00", "−0.01", "0.20"]);
    }

    #[test]
    fn a_standardised_difference_has_the_sign_of_the_difference() {
        assert!((standardised_difference(0.5, 0.4) - 0.2020).abs() < 1e-3);
        assert!(standardised_difference(0.4, 0.5) < 0.0);
        assert!(standardised_difference(1.0, 0.0).abs() < f64::EPSILON);
    }
}
