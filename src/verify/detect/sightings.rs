//! Sightings: strings that have the shape of an identifier.

use std::sync::LazyLock;

use super::kind::Kind;

/// Latest sightings that are compared with a new one.
const RECENT: usize = 256;

static HASHER: LazyLock<ahash::RandomState> = LazyLock::new(|| ahash::RandomState::with_seeds(1, 2, 3, 4));

/// Returns a hash of `bytes`, kept instead of the value.
pub(crate) fn fingerprint(bytes: &[u8]) -> u64 {
    HASHER.hash_one(bytes)
}

/// Returns one of 64 bits for a number; 0 for 0.
pub(super) fn feature(number: u64) -> u64 {
    if number == 0 { 0 } else { 1 << (number & 63) }
}

/// A string of the shape that a finder searches for.
#[derive(Clone, Copy)]
pub(crate) struct Sighting {
    pub kind: Kind,
    /// Fingerprint of the string.
    pub value: u64,
    /// `true` if the string passes its check digits or another test.
    pub hit: bool,
    /// Bits for a property that varies among real identifiers, such as the day of birth.
    pub features: u64,
    /// The string as a number, for kinds whose form running numbers have too.
    pub number: Option<u64>,
}

/// All sightings in one or several texts.
#[derive(Default)]
pub(crate) struct Sightings {
    pub all: Vec<Sighting>,
    /// Position of the first sighting in the current text.
    text: usize,
}

impl Sightings {
    /// Starts a text. [`Self::note_once`] ignores the sightings before it.
    pub fn begin(&mut self) {
        self.text = self.all.len();
    }

    /// Adds a sighting.
    pub fn note(&mut self, kind: Kind, value: &[u8], hit: bool) {
        self.note_with(kind, value, hit, 0);
    }

    /// Adds a sighting with `features`, as [`feature`] returns them.
    pub fn note_with(&mut self, kind: Kind, value: &[u8], hit: bool, features: u64) {
        self.note_number(kind, value, hit, features, None);
    }

    /// Adds a sighting with its number.
    pub fn note_number(&mut self, kind: Kind, value: &[u8], hit: bool, features: u64, number: Option<u64>) {
        self.all.push(Sighting { kind, value: fingerprint(value), hit, features, number });
    }

    /// Adds a disguised code, unless the current text has the same code already.
    pub fn note_once(&mut self, kind: Kind, value: &[u8], hit: bool) {
        let value = fingerprint(value);
        if !self.all[self.text..].iter().rev().take(RECENT).any(|seen| seen.value == value) {
            self.all.push(Sighting { kind, value, hit, features: 0, number: None });
        }
    }

    /// Removes all sightings.
    pub fn clear(&mut self) {
        self.all.clear();
        self.text = 0;
    }
}
