//! Numbers as each language writes them.

use super::Language;

/// Narrow no-break space, which separates thousands.
const GROUP_SEPARATOR: char = '\u{202f}';

/// Digits between two separators.
const GROUP: usize = 3;

/// Returns a number with a narrow no-break space between thousands.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(GROUP) {
            text.push(GROUP_SEPARATOR);
        }
        text.push(digit);
    }
    text
}

/// Returns `part` divided by `whole`, a share from 0 to 1. A share of nothing is 0.
#[must_use]
pub fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}

impl Language {
    /// Returns a number with this many decimals. A number that rounds to zero has no sign.
    #[must_use]
    pub fn decimal(self, value: f64, decimals: usize) -> String {
        let text = format!("{value:.decimals$}");
        let is_zero = text.trim_start_matches(['-', '0', '.']).is_empty();
        let text = if is_zero { text.replace('-', "") } else { text.replace('-', "−") };
        text.replace('.', &self.decimal_separator().to_string())
    }

    /// Returns a share, from 0 to 1, in per cent with one decimal.
    #[must_use]
    pub fn percent(self, share: f64) -> String {
        self.percentage(share * 100.0, 1)
    }

    /// Returns a number of per cent with this many decimals. A no-break space keeps the sign with its number.
    #[must_use]
    pub fn percentage(self, percent: f64, decimals: usize) -> String {
        format!("{}\u{a0}%", self.decimal(percent, decimals))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1\u{202f}000", "1\u{202f}234\u{202f}567"]);
    }

    #[test]
    fn a_number_that_rounds_to_zero_has_no_sign() {
        let english = [-0.001, -0.01, 0.2].map(|number| Language::English.decimal(number, 2));
        assert_eq!(english, ["0.00", "−0.01", "0.20"]);
        assert_eq!(Language::Finnish.decimal(-0.01, 2), "−0,01");
    }

    #[test]
    fn a_share_is_written_in_per_cent() {
        assert_eq!(
            Language::ALL.map(|language| language.percent(ratio(1, 8))),
            ["12.5\u{a0}%", "12,5\u{a0}%", "12,5\u{a0}%"]
        );
        assert!(ratio(0, 0).abs() < f64::EPSILON);
    }
}
