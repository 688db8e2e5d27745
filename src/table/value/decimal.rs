//! Exact decimal numbers, held as whole numbers of their smallest unit.

use super::notation::Notation;
use super::types::DECIMAL_DIGITS;

/// Returns how many smallest units make one whole unit: 100 at `scale` 2.
pub(super) fn units_per_whole(scale: i8) -> i64 {
    10_i64.pow(decimals(scale))
}

/// Parses a number in a source's notation: an optional sign, digits, and digits after the decimal mark. Digits after
/// the first `scale` of these must be zeros, so that nothing is lost: `3.1000` is 3.10.
///
/// Returns `None` for an exponent, NaN, more than [`DECIMAL_DIGITS`] digits, and thousands marks that the source does
/// not have or that stand elsewhere than before every third digit.
pub(super) fn parse_decimal(text: &str, notation: &Notation, scale: i8) -> Option<i64> {
    match text.strip_prefix('-') {
        Some(magnitude) => parse_magnitude(magnitude, notation, scale).map(|value| -value),
        None => parse_magnitude(text.strip_prefix('+').unwrap_or(text), notation, scale),
    }
}

fn parse_magnitude(text: &str, notation: &Notation, scale: i8) -> Option<i64> {
    let (whole, fraction) = text.split_once(notation.decimal).unwrap_or((text, ""));
    match notation.thousands {
        Some(mark) if !whole.is_ascii() || whole.contains(mark) => {
            parse_digits(&ungrouped(whole, mark)?, fraction, scale)
        }
        _ => parse_digits(whole, fraction, scale),
    }
}

/// Returns the digits of `12 345 678` without the marks. Of a space, the other two spaces of spreadsheets are read too:
/// no-break (U+00A0) and narrow no-break (U+202F).
fn ungrouped(text: &str, mark: char) -> Option<String> {
    let is_mark = |c: char| c == mark || (mark == ' ' && matches!(c, '\u{a0}' | '\u{202f}'));
    let mut groups = text.split(is_mark);
    let first = groups.next().filter(|first| (1..=3).contains(&first.len()))?;
    groups.try_fold(first.to_owned(), |digits, group| (group.len() == 3).then(|| digits + group))
}

fn parse_digits(whole: &str, fraction: &str, scale: i8) -> Option<i64> {
    let decimals = decimals(scale) as usize;
    let all_digits = whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit());
    let (kept, lost) = fraction.split_at_checked(decimals).unwrap_or((fraction, ""));
    let is_exact = lost.bytes().all(|b| b == b'0');
    if !all_digits || whole.is_empty() || !is_exact || whole.len() + decimals > usize::from(DECIMAL_DIGITS) {
        return None;
    }
    let padding = std::iter::repeat_n(b'0', decimals - kept.len());
    let digits = whole.bytes().chain(kept.bytes()).chain(padding);
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

    fn notation(decimal: char, thousands: Option<char>) -> Notation {
        Notation { decimal, thousands, ..Notation::default() }
    }

    #[test]
    fn a_number_is_read_if_nothing_is_lost() {
        let point = notation('.', None);
        for (text, scale, value) in [
            ("2.0", 0, Some(2)),
            ("+7", 0, Some(7)),
            ("3.1000", 2, Some(310)),
            ("2.0050", 2, None),
            ("0.5", 0, None),
            ("-0.0", 0, Some(0)),
            (".5", 2, None),
            ("1e3", 0, None),
            ("NaN", 2, None),
            ("1,5", 2, None),
            ("--1", 0, None),
            ("+-1", 0, None),
        ] {
            assert_eq!(parse_decimal(text, &point, scale), value, "{text}");
        }
        assert_eq!(parse_decimal("12,500", &notation(',', None), 2), Some(1250));
    }

    #[test]
    fn thousands_marks_are_read_where_the_source_has_them() {
        let space = notation(',', Some(' '));
        for text in ["12 345,50", "12\u{a0}345,50", "12\u{202f}345,5", "12345,50"] {
            assert_eq!(parse_decimal(text, &space, 2), Some(1_234_550), "{text}");
        }
        for text in ["1 2345", "1234 567", " 123", "12 34", "1 234 ,5", "12 345,5 00", "12.345"] {
            assert_eq!(parse_decimal(text, &space, 2), None, "{text}");
        }
        assert_eq!(parse_decimal("1.234.567,89", &notation(',', Some('.')), 2), Some(123_456_789));
        assert_eq!(parse_decimal("12,500", &notation('.', Some(',')), 2), Some(1_250_000));
        assert_eq!(parse_decimal("12 345", &notation(',', None), 0), None);
    }

    proptest! {
        #[test]
        fn a_decimal_reads_as_it_was_written(cents in -10_i64.pow(17)..10_i64.pow(17), comma in any::<bool>()) {
            let mark = if comma { ',' } else { '.' };
            let notation = notation(mark, None);
            let sign = if cents < 0 { "-" } else { "" };
            let text = format!("{sign}{}{mark}{:02}", cents.abs() / 100, cents.abs() % 100);
            prop_assert_eq!(parse_decimal(&text, &notation, 2), Some(cents));
        }
    }
}
