//! Values as numbers: whether two values are equal is all that most measures of risk need to know.

use arrow::array::Array;

use crate::table::{Cells, Texts};
use salanimi_core::Day;

/// How the texts of a column are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Form {
    /// As they are.
    #[default]
    Plain,
    /// As days or months, with or without a time of day.
    Day,
    /// As numbers.
    Number,
}

/// How the keys of a column are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    /// Not at all.
    Unordered,
    /// As whole numbers.
    Integer,
    /// As the bits of numbers with decimals.
    Number,
}

impl Scale {
    /// The number behind `key`.
    pub(super) fn number(self, key: u64) -> Option<f64> {
        match self {
            Self::Unordered => None,
            Self::Integer => Some(key as i64 as f64),
            Self::Number => Some(f64::from_bits(key)),
        }
    }
}

/// How the keys of `cells` are ordered when its texts are of `form`.
pub(super) fn scale(cells: &Cells, form: Form) -> Scale {
    match (cells, form) {
        (Cells::Integer(_) | Cells::Day(_), _) | (Cells::Text(_), Form::Day) => Scale::Integer,
        (Cells::Number(_), _) | (Cells::Text(_), Form::Number) => Scale::Number,
        _ => Scale::Unordered,
    }
}

/// For each row a number that equal values share, and that unequal ones share less often than once in 10¹² pairs; none
/// for a null.
pub(super) fn keys(cells: &Cells, form: Form) -> Vec<Option<u64>> {
    match cells {
        Cells::Integer(array) => array.iter().map(|value| value.map(|v| v as u64)).collect(),
        // Zero has two signs.
        Cells::Number(array) => array.iter().map(|value| value.map(|v| (v + 0.0).to_bits())).collect(),
        Cells::Day(array) => array.iter().map(|value| value.map(|v| i64::from(v) as u64)).collect(),
        Cells::Flag(array) => array.iter().map(|value| value.map(u64::from)).collect(),
        Cells::Bytes(array) => array.iter().map(|value| value.map(hash)).collect(),
        Cells::Text(texts) => text_keys(texts, cells.len(), form),
    }
}

fn text_keys(texts: &Texts, rows: usize, form: Form) -> Vec<Option<u64>> {
    let key = |row: usize| texts.get(row).filter(|text| !text.is_empty()).map(|text| text_key(text, form));
    let Some(positions) = texts.keys() else { return (0..rows).map(key).collect() };
    let mut known: Vec<Option<Option<u64>>> = Vec::new();
    let mut once = |row: usize| {
        let at = usize::try_from(positions.value(row)).unwrap_or(0);
        if at >= known.len() {
            known.resize(at + 1, None);
        }
        *known[at].get_or_insert_with(|| key(row))
    };
    (0..rows).map(|row| if positions.is_null(row) { None } else { once(row) }).collect()
}

fn text_key(text: &str, form: Form) -> u64 {
    let understood = match form {
        Form::Plain => None,
        Form::Day => day(text).map(|day| i64::from(day.epoch_days()) as u64),
        Form::Number => number(text).map(f64::to_bits),
    };
    understood.unwrap_or_else(|| hash(text.as_bytes()))
}

/// The day or month that `text` writes, whatever time of day follows.
pub(super) fn day(text: &str) -> Option<Day> {
    let date = text.split(['T', ' ']).next().unwrap_or_default();
    Day::parse(date).or_else(|_| Day::parse_finnish(date)).ok()
}

/// The number that `text` writes with a point or comma; what has leading zeros is a code and no number.
pub(super) fn number(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    let is_code = digits.len() > 1 && digits[0] == b'0' && digits[1].is_ascii_digit();
    let plain = !digits.is_empty() && digits.iter().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','));
    (plain && !is_code).then(|| text.replacen(',', ".", 1).parse().ok())?.map(|value: f64| value + 0.0)
}

fn hash(bytes: &[u8]) -> u64 {
    ahash::RandomState::with_seeds(0x5a1a, 0x11e5, 0x7e57, 0xd1ce).hash_one(bytes)
}

/// A number in which every bit depends on every bit of `key`: the finaliser of `SplitMix64`.
pub(super) fn mix(key: u64) -> u64 {
    let key = (key.wrapping_add(0x9e37_79b9_7f4a_7c15) ^ (key >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let key = (key ^ (key >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    key ^ (key >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, StringArray};

    fn texts(values: &[&str]) -> Cells {
        Cells::new(&(std::sync::Arc::new(StringArray::from_iter_values(values)) as ArrayRef))
    }

    #[test]
    fn one_day_has_one_key_however_it_is_written() {
        let found = keys(&texts(&["2020-03-01", "1.3.2020", "2020-03-01T10:00:00", "2020-03"]), Form::Day);
        assert!(found.iter().all(|key| *key == found[0] && key.is_some()));
    }

    #[test]
    fn codes_with_leading_zeros_are_no_numbers() {
        assert_eq!((number("091"), number("0,5"), number("-3.25")), (None, Some(0.5), Some(-3.25)));
        assert_eq!((number("1e5"), number(""), number("-")), (None, None, None));
    }

    #[test]
    fn an_empty_text_is_no_value() {
        assert_eq!(keys(&texts(&[""]), Form::Plain), [None]);
    }
}
