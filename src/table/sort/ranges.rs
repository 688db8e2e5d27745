//! Ranges of the key.

use std::ops::Range;

/// Leading bits of the key that number its range. Of 8 x 10^8 rows, a range has about as many
/// as a row group.
const RANGE_BITS: u32 = 12;
/// Number of ranges.
pub const RANGES: usize = 1 << RANGE_BITS;

/// Bits of a key after those that number its range.
const REST_BITS: u32 = u128::BITS - RANGE_BITS;

/// Returns the range of a key.
#[must_use]
pub fn range_of(key: u128) -> usize {
    (key >> REST_BITS) as usize
}

/// Returns the key within `ranges` for which a uniform `number` stands.
#[must_use]
pub fn key_within(ranges: &Range<usize>, number: u128) -> u128 {
    let range = ranges.start as u128 + (number >> REST_BITS) % ranges.len().max(1) as u128;
    range << REST_BITS | number & ((1 << REST_BITS) - 1)
}

/// Returns the range of a key, given as bytes.
pub(super) fn range_of_bytes(key: &[u8]) -> usize {
    usize::from(u16::from_be_bytes([key[0], key[1]]) >> (u16::BITS - RANGE_BITS))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn keys_lie_within_their_ranges(start in 0..RANGES, span in 1..RANGES, number in any::<u128>()) {
            let ranges = start..(start + span).min(RANGES).max(start + 1);
            prop_assert!(ranges.contains(&range_of(key_within(&ranges, number))));
        }
    }
}
