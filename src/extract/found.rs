//! Which persons of the lists were found, for processes that each read a part of the rows.

use data_encoding::{BASE64, DecodeError};
use serde::{Deserialize, Serialize};

/// Bits of a byte.
const BITS: usize = 8;

/// The persons of each list that were found: a bit for each person, in the order of the identifiers.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Found {
    pub(super) cohort: Option<Bits>,
    pub(super) exclude: Option<Bits>,
    pub(super) protect: Option<Bits>,
}

impl Found {
    /// Adds what another process found.
    pub(super) fn add(&mut self, other: Self) {
        let all = [&mut self.cohort, &mut self.exclude, &mut self.protect];
        for (all, more) in all.into_iter().zip([other.cohort, other.exclude, other.protect]) {
            match (all.as_mut(), more) {
                (Some(all), Some(more)) => all.add(&more),
                (None, Some(more)) => *all = Some(more),
                (_, None) => {}
            }
        }
    }
}

/// Bits, the least significant of each byte first.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Bits(Vec<u8>);

impl Bits {
    pub(super) fn of(flags: impl ExactSizeIterator<Item = bool>) -> Self {
        let mut bytes = vec![0; flags.len().div_ceil(BITS)];
        flags.enumerate().for_each(|(at, flag)| bytes[at / BITS] |= u8::from(flag) << (at % BITS));
        Self(bytes)
    }

    /// Returns true if these are bits of so many persons.
    pub(super) fn are_of(&self, persons: usize) -> bool {
        self.0.len() == persons.div_ceil(BITS)
    }

    pub(super) fn has(&self, at: usize) -> bool {
        self.0[at / BITS] >> (at % BITS) & 1 == 1
    }

    fn add(&mut self, other: &Self) {
        self.0.resize(self.0.len().max(other.0.len()), 0);
        self.0.iter_mut().zip(&other.0).for_each(|(byte, more)| *byte |= more);
    }
}

impl From<Bits> for String {
    fn from(bits: Bits) -> Self {
        BASE64.encode(&bits.0)
    }
}

impl TryFrom<String> for Bits {
    type Error = DecodeError;

    fn try_from(text: String) -> Result<Self, DecodeError> {
        BASE64.decode(text.as_bytes()).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_travel_as_text_and_are_joined() {
        let flags = |step: usize| Bits::of((0..21).map(move |at| at % step == 0).collect::<Vec<_>>().into_iter());
        let text = String::from(flags(5));
        let mut read = Bits::try_from(text).unwrap();
        assert!(read.are_of(21) && !read.are_of(25));
        read.add(&flags(3));
        assert!((0..21).all(|at| read.has(at) == (at % 5 == 0 || at % 3 == 0)));
        assert!(Bits::try_from("?".to_owned()).is_err());
    }
}
