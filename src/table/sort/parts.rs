//! Division of a table into parts: aligned ranges of the key, each in a file of its own.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use super::ranges::RANGES;

/// Number of parts of a table: a power of two, at most one part for each range of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts(usize);

/// A number of parts that is no power of two from 1 to 4,096.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a power of two from 1 to {RANGES}; give 1, 2, 4, 8, …")]
pub struct PartsError;

impl Parts {
    /// The table is one file.
    pub const ONE: Self = Self(1);
    /// The largest number of parts.
    pub const MOST: Self = Self(RANGES);

    /// Returns this number of parts.
    ///
    /// # Errors
    /// The number is no power of two from 1 to 4,096.
    pub fn new(number: usize) -> Result<Self, PartsError> {
        if number.is_power_of_two() && number <= RANGES { Ok(Self(number)) } else { Err(PartsError) }
    }

    /// Returns the number.
    #[must_use]
    pub fn number(self) -> usize {
        self.0
    }

    /// Returns the largest number of parts that is neither above this one nor above `most`.
    #[must_use]
    pub fn at_most(self, most: u64) -> Self {
        let bits = most.max(1).ilog2().min(self.0.trailing_zeros());
        Self(1 << bits)
    }

    /// Returns the position of the part that holds `key`: its leading bits.
    #[must_use]
    pub fn part_of(self, key: u128) -> usize {
        match self.0.trailing_zeros() {
            0 => 0,
            bits => (key >> (u128::BITS - bits)) as usize,
        }
    }

    /// Returns the ranges of the key that the part at position `part` has.
    pub(super) fn ranges(self, part: usize) -> Range<usize> {
        let width = RANGES / self.0;
        part * width..(part + 1) * width
    }

    /// Returns the name of the file of the part at position `part`.
    #[must_use]
    pub fn file_name(self, part: usize) -> String {
        format!("part-{part:05}-of-{:05}.parquet", self.0)
    }
}

impl Parts {
    /// Returns true if a file has the name of a part.
    #[must_use]
    pub fn is_file_name(name: &str) -> bool {
        let numbers = name.strip_prefix("part-").and_then(|name| name.strip_suffix(".parquet"));
        let is_number = |text: &str| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
        numbers
            .and_then(|numbers| numbers.split_once("-of-"))
            .is_some_and(|(part, of)| is_number(part) && is_number(of))
    }
}

impl fmt::Display for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Parts {
    type Err = PartsError;

    fn from_str(text: &str) -> Result<Self, PartsError> {
        text.parse().map_err(|_| PartsError).and_then(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_parts_is_a_power_of_two_up_to_the_ranges() {
        for good in ["1", "2", "64", "4096"] {
            assert_eq!(good.parse::<Parts>().map(|parts| parts.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "0", "3", "4097", "8192", "-1", "1.0"] {
            assert_eq!(bad.parse::<Parts>(), Err(PartsError), "{bad}");
        }
    }

    #[test]
    fn a_part_holds_the_keys_with_its_leading_bits() {
        let eight = Parts::new(8).unwrap();
        for (key, part) in [(0, 0), (u128::MAX, 7), (5 << 125, 5), ((6 << 125) - 1, 5)] {
            assert_eq!(eight.part_of(key), part);
        }
        assert_eq!([0, 1, 3, 4, 7, 8, 900].map(|most| eight.at_most(most).number()), [1, 1, 2, 4, 4, 8, 8]);
        assert_eq!(Parts::ONE.part_of(u128::MAX), 0);
        assert_eq!(eight.file_name(3), "part-00003-of-00008.parquet");
        assert!(Parts::is_file_name(&eight.file_name(3)));
        assert!(
            !["part.parquet", "part-1-of-2.parquet", "part-00001-of-00002.csv"].into_iter().any(Parts::is_file_name)
        );
    }
}
