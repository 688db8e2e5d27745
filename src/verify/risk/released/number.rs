//! Numbers as released tables print them: whole numbers with separated thousands, and decimals with their precision.

/// Most digits of a whole number that is read.
const MOST_DIGITS: usize = 12;
/// Characters that separate thousands, besides the comma.
const SEPARATORS: [char; 5] = [' ', '\u{a0}', '\u{202f}', '\u{2009}', '\''];

/// A printed number with its precision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Decimal {
    pub value: f64,
    /// Printed decimals.
    pub decimals: usize,
}

impl Decimal {
    /// Parses digits with a decimal point or comma.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().replacen(',', ".", 1);
        let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
        let is_plain = text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.')
            && text.trim_start_matches('-').chars().all(|c| c.is_ascii_digit() || c == '.');
        let value = text.parse().ok().filter(|_| is_plain)?;
        Some(Self { value, decimals: fraction.len() })
    }

    /// Returns half a unit of the last printed decimal: the largest error of rounding.
    pub(super) fn half(self) -> f64 {
        0.5 * 10_f64.powi(-(self.decimals as i32))
    }

    /// Returns the same number as a hundredth, such as 12.5 % as 0.125.
    pub(super) fn hundredth(self) -> Self {
        Self { value: self.value / 100.0, decimals: self.decimals + 2 }
    }
}

/// Parses a whole number of at least 0. A number with leading zeros is a code.
pub(super) fn whole(text: &str) -> Option<i64> {
    let text = text.trim();
    let text = without_zero_fraction(text);
    let digits = if text.contains(',') { joined(text, &[',']) } else { joined(text, &SEPARATORS) }?;
    let is_code = digits.len() > 1 && digits.starts_with('0');
    if is_code || digits.len() > MOST_DIGITS {
        return None;
    }
    digits.parse().ok()
}

/// Removes decimals that are all zero, as in `12.0`.
fn without_zero_fraction(text: &str) -> &str {
    match text.rsplit_once(['.', ',']) {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.len() < 3 && zeros.bytes().all(|b| b == b'0') => whole,
        _ => text,
    }
}

/// Joins the groups of thousands. Every group but the first has three digits.
fn joined(text: &str, separators: &[char]) -> Option<String> {
    let groups: Vec<&str> = text.split(separators).collect();
    let are_digits = groups.iter().all(|group| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit()));
    let are_thousands = groups[1..].iter().all(|group| group.len() == 3) && (groups.len() == 1 || groups[0].len() < 4);
    (are_digits && are_thousands).then(|| groups.concat())
}

/// Returns the greatest common divisor of numbers; 0 if there are none.
pub(super) fn common_divisor(numbers: impl Iterator<Item = i64>) -> i64 {
    numbers.fold(0, divisor)
}

fn divisor(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_have_separated_thousands_and_no_decimals() {
        let read = ["3", "1 234", "1\u{a0}234\u{202f}567", "1,234", "12.0", "12,00", "0", " 7 "].map(whole);
        assert_eq!(read, [3, 1234, 1_234_567, 1234, 12, 12, 0, 7].map(Some));
        assert!(
            ["091", "1.5", "1,23", "-3", "", "3a", "12 34", "1234567890123"].iter().all(|text| whole(text).is_none())
        );
    }

    #[test]
    fn decimals_have_a_precision() {
        let read = Decimal::parse("1,75").unwrap();
        assert_eq!((read.decimals, read.half() < 0.005_000_1), (2, true));
        assert!(["", "a", "1e5", "1.2.3"].iter().all(|text| Decimal::parse(text).is_none()));
    }

    #[test]
    fn a_common_divisor_divides_all() {
        assert_eq!(common_divisor([20, 35, 100].into_iter()), 5);
        assert_eq!(common_divisor([].into_iter()), 0);
    }
}
