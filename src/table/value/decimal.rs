//! Exact decimal numbers, held as whole numbers of their smallest unit.

use super::types::DECIMAL_DIGITS;

/// Returns how many smallest units make one whole unit: 100 at `scale` 2.
pub(super) fn units_per_whole(scale: i8) -> i64 {
    10_i64.pow(decimals(scale))
}

/// Parses an optional minus sign, digits, and at most `scale` digits after `mark`.
///
/// Returns `None` for an exponent, grouped digits, NaN or more than [`DECIMAL_DIGITS`] digits.
pub(super) fn parse_decimal(text: &str, mark: char, scale: i8) -> Option<i64> {
    match text.strip_prefix('-') {
        Some(magnitude) => parse_magnitude(magnitude, mark, scale).map(|value| -value),
        None => parse_magnitude(text, mark, scale),
    }
}

fn parse_magnitude(text: &str, mark: char, scale: i8) -> Option<i64> {
    match text.split_once(mark) {
        Some((whole, fraction)) => parse_digits(whole, fraction, scale),
        None => parse_digits(text, "", scale),
    }
}

fn parse_digits(whole: &str, fraction: &str, scale: i8) -> Option<i64> {
    let decimals = decimals(scale) as usize;
    let all_digits = whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit());
    let fits = fraction.len() <= decimals && whole.len() + decimals <= usize::from(DECIMAL_DIGITS);
    if !all_digits || whole.is_empty() || !fits {
        return None;
    }
    let padding = std::iter::repeat_n(b'0', decimals - fraction.len());
    let digits = whole.bytes().chain(fraction.bytes()).chain(padding);
    Some(digits.fold(0, |value, digit| value * 10 + i64::from(digit - b'0')))
}

fn decimals(scale: i8) -> u32 {
    match u32::try_from(scale) {
        Ok(decimals) => decimals,
        Err(_) => unreachable!("the contract refuses a negative scale"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_decimal_reads_as_it_was_written(cents in -10_i64.pow(17)..10_i64.pow(17), comma in any::<bool>()) {
            let mark = if comma { ',' } else { '.' };
            let sign = if cents < 0 { "-" } else { "" };
            let text = format!("{sign}{}{mark}{:02}", cents.abs() / 100, cents.abs() % 100);
            prop_assert_eq!(parse_decimal(&text, mark, 2), Some(cents));
        }
    }
}
