//! Subkeys of a release key.

use super::derive::subkey;
use super::key::ReleaseKey;
use super::keyed_hash::KeyedHash;
use super::label;
use crate::id::Id;

/// Subkeys that round the counts of one linked dataset.
pub struct DatasetKeys {
    persons: KeyedHash,
    decisions: KeyedHash,
}

impl ReleaseKey {
    /// Returns the subkeys for the linked dataset whose digest is `dataset`, in lower-case hexadecimal digits.
    ///
    /// Another dataset has other subkeys. Two datasets that differ by one person are therefore rounded independently.
    #[must_use]
    pub fn dataset(&self, study: &Id, dataset: &str) -> DatasetKeys {
        let key = |label| subkey(&self.0, &[label, study.as_str(), dataset]);
        DatasetKeys { persons: key(label::RELEASE_PERSON), decisions: key(label::RELEASE_ROUND) }
    }

    /// Returns the keyed hash from which noise is drawn.
    #[must_use]
    pub fn noise(&self, study: &Id) -> KeyedHash {
        subkey(&self.0, &[label::RELEASE_NOISE, study.as_str()])
    }

    /// Returns the keyed hash that authenticates the register of released items.
    #[must_use]
    pub fn register(&self, study: &Id) -> KeyedHash {
        subkey(&self.0, &[label::RELEASE_REGISTER, study.as_str()])
    }
}

impl DatasetKeys {
    /// Returns the number that stands for a person in sums over sets of persons:
    ///
    /// ```text
    /// leftmost 16 bytes of HMAC-SHA-256(subkey("release-person", study, dataset), person), big-endian
    /// ```
    #[must_use]
    pub fn person(&self, person: u64) -> u128 {
        u128::from_be_bytes(self.persons.leftmost(&person.to_be_bytes()))
    }

    /// Returns the draw that rounds the numbers of a set of persons, uniform over all 64-bit numbers:
    ///
    /// ```text
    /// leftmost 8 bytes of HMAC-SHA-256(subkey("release-round", study, dataset), "persons" ‖ 0x00 ‖ set), big-endian
    /// ```
    ///
    /// `set` is the sum of the persons' numbers modulo 2^128. Without the key, nobody
    /// finds two sets with one sum, so the draw depends on the persons as if it were made from their list.
    #[must_use]
    pub fn round(&self, set: u128) -> u64 {
        self.draw("persons", set)
    }

    fn draw(&self, purpose: &str, set: u128) -> u64 {
        let message = [purpose.as_bytes(), &[0], &set.to_be_bytes()].concat();
        u64::from_be_bytes(self.decisions.leftmost(&message))
    }

    /// Returns the draw that decides whether a keyed sample holds a person, uniform over all 64-bit numbers:
    ///
    /// ```text
    /// leftmost 8 bytes of HMAC-SHA-256(subkey("release-round", study, dataset), "sample" ‖ 0x00 ‖ number), big-endian
    /// ```
    ///
    /// The number is that of [`DatasetKeys::person`].
    #[must_use]
    pub fn sample(&self, person: u64) -> u64 {
        self.draw("sample", self.person(person))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Key;

    fn keys() -> DatasetKeys {
        let key = ReleaseKey::from_bytes(std::array::from_fn(|i| i as u8));
        key.dataset(&Id::new("example").unwrap(), &"0f".repeat(32))
    }

    /// Computed independently with Python's hmac and hashlib.
    #[test]
    fn persons_and_draws_are_the_documented_formulas() {
        assert_eq!(keys().person(7), 0xf075_e0a3_c07d_75f4_950d_4b24_104a_f404);
        assert_eq!(keys().round(5), 0xfbdc_c3f0_ec67_73bc);
    }
}
