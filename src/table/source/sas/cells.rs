//! Cells of a SAS row: bytes at a fixed place.

use sas7bdat::Endianness;

/// Bytes of a number in full. SAS cuts the low-order bytes of shorter ones.
const NUMBER_BYTES: usize = 8;

/// A number of a SAS data set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Value(f64),
    /// The missing value `.`.
    Missing,
    /// A special missing value, such as `.A`, whose meaning the data set does not tell.
    SpecialMissing,
}

/// Returns the number in `bytes`, 3 to 8 of them; `None` for another length.
pub(super) fn number(bytes: &[u8], endianness: Endianness) -> Option<Number> {
    let mut full = [0; NUMBER_BYTES];
    let cut = NUMBER_BYTES.checked_sub(bytes.len()).filter(|cut| *cut < NUMBER_BYTES)?;
    // Big-endian: the high-order bytes come first.
    match endianness {
        Endianness::Big => full[..bytes.len()].copy_from_slice(bytes),
        Endianness::Little => {
            full[cut..].copy_from_slice(bytes);
            full.reverse();
        }
    }
    let value = f64::from_be_bytes(full);
    Some(match value.is_nan() {
        false => Number::Value(value),
        true if is_special(!full[2]) => Number::SpecialMissing,
        true => Number::Missing,
    })
}

/// Returns true for the tag of `._` or of `.A` to `.Z`: 0 or 2 to 27 in data sets of SAS, the character itself in those
/// of other programs.
fn is_special(tag: u8) -> bool {
    matches!(tag, 0 | 2..=27 | b'_' | b'A'..=b'Z')
}

/// Returns the bytes of a text without the spaces and zero bytes that fill it.
pub(super) fn text(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| !matches!(byte, b' ' | 0)).map_or(0, |last| last + 1);
    &bytes[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_both_byte_orders_and_cut() {
        for value in [0.0, 1.0, -2.5, 21_185.0, 1e300] {
            let little = number(&f64::to_le_bytes(value), Endianness::Little);
            assert_eq!(little, Some(Number::Value(value)));
            assert_eq!(number(&f64::to_be_bytes(value), Endianness::Big), little);
        }
        assert_eq!(number(&f64::to_be_bytes(91.0)[..3], Endianness::Big), Some(Number::Value(91.0)));
        assert_eq!(number(&f64::to_le_bytes(91.0)[5..], Endianness::Little), Some(Number::Value(91.0)));
        for length in [0, 9] {
            assert_eq!(number(&vec![0; length], Endianness::Little), None);
        }
    }

    #[test]
    fn special_missing_values_are_told_from_the_ordinary_one() {
        let missing = |byte| number(&[0xFF, 0xFF, byte, 0, 0, 0, 0, 0], Endianness::Big);
        // `.` is 0xFE, or the complement of its character.
        for ordinary in [0xFE, !b'.'] {
            assert_eq!(missing(ordinary), Some(Number::Missing));
        }
        // `.A` is 0xFD and `.Z` 0xE4; `._` is 0xFF.
        for special in [0xFD, 0xE4, 0xFF, !b'A', !b'_'] {
            assert_eq!(missing(special), Some(Number::SpecialMissing));
        }
    }

    #[test]
    fn a_text_ends_before_what_fills_it() {
        assert_eq!(text(b"ab c  \0 "), b"ab c");
        assert_eq!(text(b"   "), b"");
    }
}
