//! Written form of the values of a column: digits, hexadecimal, UUID, base32, base64 or text.

/// Distinct characters of base32.
const BASE32_SYMBOLS: u32 = 32;
/// Shortest text that is taken for base64: the encoding of 8 bytes.
const SHORTEST_BASE64: usize = 11;

const DIGIT: u8 = 1;
const HEX: u8 = 2;
const BASE32: u8 = 4;
const BASE64: u8 = 8;
const LOWER: u8 = 16;
const UPPER: u8 = 32;

/// Classes of each byte.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'2'..=b'7' => DIGIT | HEX | BASE64 | BASE32,
            b'0'..=b'9' => DIGIT | HEX | BASE64,
            b'a'..=b'f' => LOWER | HEX | BASE64,
            b'g'..=b'z' => LOWER | BASE64,
            b'A'..=b'F' => UPPER | HEX | BASE64 | BASE32,
            b'G'..=b'Z' => UPPER | BASE64 | BASE32,
            b'+' | b'/' | b'-' | b'_' | b'=' => BASE64,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

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
        let mut of_any = 0;
        let mut of_all = u8::MAX;
        for byte in value.bytes() {
            let classes = CLASSES[byte as usize];
            of_any |= classes;
            of_all &= classes;
            self.symbols |= u128::from(byte.is_ascii()) << (byte & 0x7F);
        }
        let has_any = |class| of_any & class != 0;
        let has_only = |class| of_all & class != 0;
        self.widths_differ |= width != value.len();
        self.not_digits |= !has_only(DIGIT);
        self.not_hex |= !has_only(HEX) || value.len() % 2 == 1;
        self.not_uuid |= !is_uuid(value);
        self.not_base32 |= !has_only(BASE32);
        self.not_base64 |= !has_only(BASE64);
        self.lower |= has_any(LOWER) && !has_any(UPPER);
        self.upper |= has_any(UPPER) && !has_any(LOWER);
        self.lower_and_upper |= has_any(LOWER) && has_any(UPPER);
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
