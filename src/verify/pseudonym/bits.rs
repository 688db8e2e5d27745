//! Bit balance of a column's values: every bit, and every pair of bits, against chance.

use data_encoding::{BASE32_NOPAD, BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};

use super::form::Form;
use super::sample::Pseudonyms;

/// Widths in bytes of the values that are tested.
const WIDTHS: std::ops::RangeInclusive<usize> = 4..=64;

/// Bit balance of a column's values.
pub(super) struct BitBalance {
    /// Tested bits and pairs of bits.
    pub tests: usize,
    /// The count farthest from half of the values: of values with the bit set, or with two different bits of the pair.
    pub farthest: u64,
    /// Number of values.
    pub values: u64,
}

impl BitBalance {
    /// Tests the values of a column; `None` if they are not bytes of one width.
    ///
    /// The version and variant bits of a UUID (RFC 9562) are skipped if the versions are random or hashes.
    pub fn measure(column: &Pseudonyms) -> Option<Self> {
        let values = decode_all(column)?;
        let width = values.first()?.len();
        if !WIDTHS.contains(&width) || values.iter().any(|value| value.len() != width) {
            return None;
        }
        let has_fixed_bits = column.form == Form::Uuid && values.iter().all(|v| matches!(v[6] >> 4, 3 | 4 | 5 | 8));
        let columns: Vec<Vec<u64>> = (0..width * 8)
            .filter(|bit| !(has_fixed_bits && matches!(bit, 48..52 | 64 | 65)))
            .map(|bit| bit_column(&values, bit))
            .collect();
        let all = values.len() as u64;
        let mut balance = Self { tests: 0, farthest: all / 2, values: all };
        for column in &columns {
            balance.add(ones(column.iter().copied()));
        }
        for (at, one) in columns.iter().enumerate() {
            for other in &columns[..at] {
                balance.add(ones(one.iter().zip(other).map(|(a, b)| a ^ b)));
            }
        }
        Some(balance)
    }

    fn add(&mut self, count: u64) {
        self.tests += 1;
        if count.abs_diff(self.values - count) > self.farthest.abs_diff(self.values - self.farthest) {
            self.farthest = count;
        }
    }
}

fn ones(words: impl Iterator<Item = u64>) -> u64 {
    words.map(|word| u64::from(word.count_ones())).sum()
}

/// Packs one bit of every value into words.
fn bit_column(values: &[Vec<u8>], bit: usize) -> Vec<u64> {
    values
        .chunks(64)
        .map(|chunk| chunk.iter().fold(0, |word, value| word << 1 | u64::from(value[bit / 8] >> (7 - bit % 8) & 1)))
        .collect()
}

fn decode_all(column: &Pseudonyms) -> Option<Vec<Vec<u8>>> {
    if column.bytes {
        return Some(column.values.iter().map(|value| value.to_vec()).collect());
    }
    column.values.iter().map(|value| decode(std::str::from_utf8(value).ok()?, column.form)).collect()
}

fn decode(value: &str, form: Form) -> Option<Vec<u8>> {
    let text = value.trim_end_matches('=');
    match form {
        Form::Hex => HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok(),
        Form::Uuid => HEXLOWER_PERMISSIVE.decode(text.replace('-', "").as_bytes()).ok(),
        Form::Base32 => BASE32_NOPAD.decode(text.as_bytes()).ok(),
        Form::Base64 => BASE64_NOPAD.decode(text.as_bytes()).or_else(|_| BASE64URL_NOPAD.decode(text.as_bytes())).ok(),
        Form::Digits | Form::Text | Form::Mixed => None,
    }
}
