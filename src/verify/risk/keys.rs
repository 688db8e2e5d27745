//! Values as 64-bit keys: equal values have equal keys, and keys of numbers and days keep their order.

use arrow::array::Array;

use crate::table::{Cells, Texts};
use salanimi_core::Day;

/// Interpretation of the texts of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Form {
    /// Plain text.
    #[default]
    Plain,
    /// Days or months, with or without a time of day.
    Day,
    /// Numbers.
    Number,
}

/// Order of the keys of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    /// No order.
    Unordered,
    /// Whole numbers.
    Integer,
    /// Bits of floating-point numbers.
    Number,
}

impl Scale {
    /// Returns the number that `key` stands for; `None` if the keys have no order.
    pub(super) fn number(self, key: u64) -> Option<f64> {
        match self {
            Self::Unordered => None,
            Self::Integer => Some(key as i64 as f64),
            Self::Number => Some(f64::from_bits(key)),
        }
    }
}

/// Returns the order of the keys of `cells` if its texts have the form `form`.
pub(super) fn scale(cells: &Cells, form: Form) -> Scale {
    match (cells, form) {
        (Cells::Integer(_) | Cells::Day(_), _) | (Cells::Text(_), Form::Day) => Scale::Integer,
        (Cells::Number(_), _) | (Cells::Text(_), Form::Number) => Scale::Number,
        _ => Scale::Unordered,
    }
}

/// Returns the key of each row; `None` for a null.
///
/// Equal values have equal keys. Unequal values have equal keys less often than once in 10¹² pairs.
pub(super) fn keys(cells: &Cells, form: Form) -> Vec<Option<u64>> {
    match cells {
        Cells::Integer(array) => array.iter().map(|value| value.map(|v| v as u64)).collect(),
        // Adding zero turns -0 into 0.
        Cells::Number(array) => array.iter().map(|value| value.map(|v| (v + 0.0).to_bits())).collect(),
        Cells::Day(array) => array.iter().map(|value| value.map(|v| i64::from(v) as u64)).collect(),
        Cells::Flag(array) => array.iter().map(|value| value.map(u64::from)).collect(),
        Cells::Bytes(array) => array.iter().map(|value| value.map(hash)).collect(),
        Cells::Text(texts) => text_keys(texts, cells.len(), form),
    }
}

/// Returns the keys of texts. The key of a dictionary entry is computed once.
fn text_keys(texts: &Texts, rows: usize, form: Form) -> Vec<Option<u64>> {
    let Some(positions) = texts.keys() else { return (0..rows).map(|row| row_key(texts, row, form)).collect() };
    let mut known: Vec<Option<Option<u64>>> = Vec::new();
    let mut keys = Vec::with_capacity(rows);
    for row in 0..rows {
        if positions.is_null(row) {
            keys.push(None);
            continue;
        }
        let at = positions.value(row) as usize;
        if at >= known.len() {
            known.resize(at + 1, None);
        }
        keys.push(*known[at].get_or_insert_with(|| row_key(texts, row, form)));
    }
    keys
}

fn row_key(texts: &Texts, row: usize, form: Form) -> Option<u64> {
    texts.get(row).filter(|text| !text.is_empty()).map(|text| text_key(text, form))
}

fn text_key(text: &str, form: Form) -> u64 {
    let value = match form {
        Form::Plain => None,
        Form::Day => day(text).map(|day| i64::from(day.epoch_days()) as u64),
        Form::Number => number(text).map(f64::to_bits),
    };
    let Some(key) = value else { return hash(text.as_bytes()) };
    key
}

/// Parses a day or month. A time of day after it is ignored.
pub(super) fn day(text: &str) -> Option<Day> {
    let date = text.split_once(['T', ' ']).map_or(text, |(date, _)| date);
    Day::parse(date).or_else(|_| Day::parse_finnish(date)).ok()
}

/// Parses a number with a decimal point or comma. A text with leading zeros is a code, not a number.
pub(super) fn number(text: &str) -> Option<f64> {
    let digits = text.trim_start_matches('-').as_bytes();
    let is_code = digits.len() > 1 && digits[0] == b'0' && digits[1].is_ascii_digit();
    let is_plain = !digits.is_empty() && digits.iter().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','));
    if !is_plain || is_code {
        return None;
    }
    let value: f64 = text.replacen(',', ".", 1).parse().ok()?;
    Some(value + 0.0)
}

/// Returns the key of a text in a column of plain texts.
pub(super) fn plain(text: &str) -> u64 {
    hash(text.as_bytes())
}

fn hash(bytes: &[u8]) -> u64 {
    ahash::RandomState::with_seeds(0x5a1a, 0x11e5, 0x7e57, 0xd1ce).hash_one(bytes)
}

/// Mixes the bits of `key` with the finaliser of `SplitMix64`: every bit of the result depends on every bit of `key`.
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
