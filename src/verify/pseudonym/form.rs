//! How values are written, and the bits that are written so.

use data_encoding::{BASE32_NOPAD, BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};

use super::sample::Pseudonyms;

/// Widths in bytes of values whose bits are looked at.
const WIDTHS: std::ops::RangeInclusive<usize> = 4..=64;

/// How the values of a column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Digits alone, or a number.
    Digits,
    /// Hexadecimal digits.
    Hex,
    /// A UUID.
    Uuid,
    /// Base32 without padding.
    Base32,
    /// Base64 with or without padding.
    Base64,
    /// Text of one width.
    Text,
    /// Values of differing widths or forms.
    Mixed,
}

/// What was seen of the values.
#[allow(clippy::struct_excessive_bools, reason = "independent facts, each asked for alone")]
#[derive(Default)]
pub(super) struct Seen {
    width: Option<usize>,
    widths_differ: bool,
    not_digits: bool,
    not_hex: bool,
    not_uuid: bool,
    not_base32: bool,
    not_base64: bool,
    lower: bool,
    upper: bool,
    lower_and_upper: bool,
    symbols: u128,
    longest: usize,
}

impl Seen {
    pub fn add(&mut self, value: &str) {
        let width = *self.width.get_or_insert(value.len());
        self.widths_differ |= width != value.len();
        let all = |is: fn(u8) -> bool| value.bytes().all(is);
        self.not_digits |= !all(|b| b.is_ascii_digit());
        self.not_hex |= !all(|b| b.is_ascii_hexdigit()) || value.len() % 2 == 1;
        self.not_uuid |= !is_uuid(value);
        self.not_base32 |= !all(|b| b.is_ascii_uppercase() || (b'2'..=b'7').contains(&b));
        self.not_base64 |= !all(|b| b.is_ascii_alphanumeric() || b"+/-_=".contains(&b));
        let has = |is: fn(&u8) -> bool| value.as_bytes().iter().any(is);
        let (lower, upper) = (has(u8::is_ascii_lowercase), has(u8::is_ascii_uppercase));
        self.lower |= lower && !upper;
        self.upper |= upper && !lower;
        self.lower_and_upper |= lower && upper;
        value.bytes().filter(u8::is_ascii).for_each(|b| self.symbols |= 1 << b);
        self.longest = self.longest.max(value.len());
    }

    /// What was seen of these values and of others.
    pub fn merge(self, other: &Self) -> Self {
        let widths = [self.width, other.width];
        Self {
            width: self.width.or(other.width),
            widths_differ: self.widths_differ || other.widths_differ || matches!(widths, [Some(a), Some(b)] if a != b),
            not_digits: self.not_digits || other.not_digits,
            not_hex: self.not_hex || other.not_hex,
            not_uuid: self.not_uuid || other.not_uuid,
            not_base32: self.not_base32 || other.not_base32,
            not_base64: self.not_base64 || other.not_base64,
            lower: self.lower || other.lower,
            upper: self.upper || other.upper,
            lower_and_upper: self.lower_and_upper || other.lower_and_upper,
            symbols: self.symbols | other.symbols,
            longest: self.longest.max(other.longest),
        }
    }

    /// The form that all values share.
    pub fn form(&self) -> Form {
        match self {
            // Numbers are of any width.
            Self { not_digits: false, .. } => Form::Digits,
            Self { widths_differ: true, .. } | Self { lower: true, upper: true, lower_and_upper: false, .. } => {
                Form::Mixed
            }
            Self { not_uuid: false, .. } => Form::Uuid,
            Self { not_hex: false, .. } => Form::Hex,
            // Letters and digits that could be anything are taken for base32 only where every symbol of it occurs.
            Self { not_base32: false, .. } if self.symbols.count_ones() == 32 => Form::Base32,
            Self { not_base64: false, lower_and_upper: true, .. } if self.longest >= 11 => Form::Base64,
            _ => Form::Text,
        }
    }
}

fn is_uuid(value: &str) -> bool {
    let hyphen = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    value.len() == 36
        && value.bytes().enumerate().all(|(at, b)| if hyphen(at) { b == b'-' } else { b.is_ascii_hexdigit() })
}

/// What the bits of a column's values come to.
pub(super) struct Bits {
    /// How many bits and pairs of bits were looked at.
    pub tests: usize,
    /// Of the values, in how many that bit is 1, or the two bits of that pair differ, which is farthest from half.
    pub farthest: u64,
    /// How many values.
    pub values: u64,
}

/// Looks at every bit, and every pair of bits, of the values of a column; `None` if they are no bits.
///
/// The bits that say of a UUID what kind it is are left out where its kind is random or a hash (RFC 9562).
pub(super) fn bits(column: &Pseudonyms) -> Option<Bits> {
    let form = column.form;
    let decoded = column.values.iter().map(|value| match column.bytes {
        true => Some(value.to_vec()),
        false => decode(std::str::from_utf8(value).ok()?, form),
    });
    let values: Vec<Vec<u8>> = decoded.collect::<Option<_>>()?;
    let width = values.first()?.len();
    if !WIDTHS.contains(&width) || values.iter().any(|value| value.len() != width) {
        return None;
    }
    let random_uuid = form == Form::Uuid && values.iter().all(|v| matches!(v[6] >> 4, 3 | 4 | 5 | 8));
    let skipped = |bit: usize| random_uuid && matches!(bit, 48..52 | 64 | 65);
    let bits = (0..width * 8).filter(|&bit| !skipped(bit));
    let columns: Vec<Vec<u64>> = bits.map(|bit| bit_column(&values, bit)).collect();
    let ones = |words: &mut dyn Iterator<Item = u64>| words.map(|word| u64::from(word.count_ones())).sum::<u64>();
    let singles = columns.iter().map(|column| ones(&mut column.iter().copied()));
    let pairs = columns.iter().enumerate().flat_map(|(at, one)| {
        columns[..at].iter().map(move |other| ones(&mut one.iter().zip(other).map(|(a, b)| a ^ b)))
    });
    let (mut tests, mut farthest, all) = (0, values.len() as u64 / 2, values.len() as u64);
    for count in singles.chain(pairs) {
        tests += 1;
        if count.abs_diff(all - count) > farthest.abs_diff(all - farthest) {
            farthest = count;
        }
    }
    Some(Bits { tests, farthest, values: all })
}

/// One bit of every value, in words.
fn bit_column(values: &[Vec<u8>], bit: usize) -> Vec<u64> {
    let is_one = |value: &Vec<u8>| u64::from(value[bit / 8] >> (7 - bit % 8) & 1);
    values.chunks(64).map(|chunk| chunk.iter().fold(0, |word, value| word << 1 | is_one(value))).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_told_apart() {
        let form = |values: &[&str]| {
            let of = |values: &[&str]| {
                let mut seen = Seen::default();
                values.iter().for_each(|value| seen.add(value));
                seen
            };
            let (first, rest) = values.split_at(1);
            let (parted, whole) = (of(first).merge(&of(rest)).form(), of(values).form());
            assert_eq!(parted, whole);
            whole
        };
        assert_eq!(form(&["0012", "7"]), Form::Digits);
        assert_eq!(form(&["00af", "1234"]), Form::Hex);
        assert_eq!(form(&["00af", "123"]), Form::Mixed);
        assert_eq!(form(&["123e4567-e89b-42d3-a456-426614174000"]), Form::Uuid);
        assert_eq!(form(&["ABCDEFGHIJKLMNOP", "QRSTUVWXYZ234567"]), Form::Base32);
        assert_eq!(form(&["Zm9vYmFyYmF6", "cXV4cXV4cXV4"]), Form::Base64);
        assert_eq!(form(&["P-0001", "P-0002"]), Form::Text);
    }
}
