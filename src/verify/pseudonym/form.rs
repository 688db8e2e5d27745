//! Written form of the values of a column: digits, hexadecimal, UUID, base32, base64 or text.

/// Distinct characters of base32.
const BASE32_SYMBOLS: u32 = 32;
/// Shortest text that is taken for base64: the encoding of 8 bytes.
const SHORTEST_BASE64: usize = 11;

/// Written form of the values of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Decimal digits, or a number.
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
    /// Values of different widths or forms.
    Mixed,
}

/// Features of a column's values, from which their form is detected.
#[allow(clippy::struct_excessive_bools, reason = "independent facts, each tested alone")]
#[derive(Default)]
pub(super) struct FormProfile {
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

impl FormProfile {
    /// Adds a value.
    pub fn add(&mut self, value: &str) {
        let width = *self.width.get_or_insert(value.len());
        let lower = value.bytes().any(|b| b.is_ascii_lowercase());
        let upper = value.bytes().any(|b| b.is_ascii_uppercase());
        self.widths_differ |= width != value.len();
        self.not_digits |= !value.bytes().all(|b| b.is_ascii_digit());
        self.not_hex |= !value.bytes().all(|b| b.is_ascii_hexdigit()) || value.len() % 2 == 1;
        self.not_uuid |= !is_uuid(value);
        self.not_base32 |= !value.bytes().all(|b| b.is_ascii_uppercase() || (b'2'..=b'7').contains(&b));
        self.not_base64 |= !value.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/-_=".contains(&b));
        self.lower |= lower && !upper;
        self.upper |= upper && !lower;
        self.lower_and_upper |= lower && upper;
        value.bytes().filter(u8::is_ascii).for_each(|b| self.symbols |= 1 << b);
        self.longest = self.longest.max(value.len());
    }

    /// Returns the features of both sets of values.
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

    /// Returns the form that all values share.
    pub fn form(&self) -> Form {
        match self {
            // Numbers have any width.
            Self { not_digits: false, .. } => Form::Digits,
            Self { widths_differ: true, .. } | Self { lower: true, upper: true, lower_and_upper: false, .. } => {
                Form::Mixed
            }
            Self { not_uuid: false, .. } => Form::Uuid,
            Self { not_hex: false, .. } => Form::Hex,
            // Capital letters and digits are base32 only if every symbol of base32 occurs.
            Self { not_base32: false, .. } if self.symbols.count_ones() == BASE32_SYMBOLS => Form::Base32,
            Self { not_base64: false, lower_and_upper: true, .. } if self.longest >= SHORTEST_BASE64 => Form::Base64,
            _ => Form::Text,
        }
    }
}

fn is_uuid(value: &str) -> bool {
    value.len() == 36
        && value.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(values: &[&str]) -> FormProfile {
        let mut profile = FormProfile::default();
        values.iter().for_each(|value| profile.add(value));
        profile
    }

    #[test]
    fn each_form_is_detected_in_one_profile_and_in_merged_ones() {
        for (values, expected) in [
            (&["0012", "7"][..], Form::Digits),
            (&["00af", "1234"], Form::Hex),
            (&["00af", "123"], Form::Mixed),
            (&["123e4567-e89b-42d3-a456-426614174000"], Form::Uuid),
            (&["ABCDEFGHIJKLMNOP", "QRSTUVWXYZ234567"], Form::Base32),
            (&["Zm9vYmFyYmF6", "cXV4cXV4cXV4"], Form::Base64),
            (&["P-0001", "P-0002"], Form::Text),
        ] {
            assert_eq!(profile(values).form(), expected);
            assert_eq!(profile(&values[..1]).merge(&profile(&values[1..])).form(), expected);
        }
    }
}
