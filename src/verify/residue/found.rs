use std::collections::HashMap;
use std::sync::LazyLock;

use super::kind::Kind;

/// Rows that are shown of a finding.
const ROWS: usize = 5;
/// Sightings among which a repeated one is looked for.
const RECENT: usize = 256;
const HIT: u8 = 1;
const USED: u8 = 2;

static HASHER: LazyLock<ahash::RandomState> = LazyLock::new(|| ahash::RandomState::with_seeds(1, 2, 3, 4));

/// A number that stands for `bytes`, so that no value is kept.
pub(super) fn fingerprint(bytes: &[u8]) -> u64 {
    HASHER.hash_one(bytes)
}

/// The bit that stands for a number; 0 stands for nothing.
pub(super) fn feature(number: u64) -> u64 {
    if number == 0 { 0 } else { 1 << (number & 63) }
}

/// A string of the shape that a detector looks for.
#[derive(Clone, Copy)]
pub(super) struct Sighting {
    pub kind: Kind,
    pub value: u64,
    /// Whether it passed the check digits, or whatever tells it from its look-alikes.
    pub hit: bool,
    /// Some of 64 bits, for what should vary among real ones.
    pub features: u64,
}

/// What was seen in one cell.
#[derive(Default)]
pub(super) struct Found {
    pub sightings: Vec<Sighting>,
    /// Where those of the text that is looked at begin.
    text: usize,
}

impl Found {
    /// A text begins; what is noted once is noted once in it.
    pub fn begin(&mut self) {
        self.text = self.sightings.len();
    }

    pub fn note(&mut self, kind: Kind, value: &[u8], hit: bool) {
        self.note_with(kind, value, hit, 0);
    }

    /// `features` are bits for what varies among real ones; [`feature`] gives one.
    pub fn note_with(&mut self, kind: Kind, value: &[u8], hit: bool, features: u64) {
        self.sightings.push(Sighting { kind, value: fingerprint(value), hit, features });
    }

    /// Notes a disguised code, unless the same one was seen in the cell already.
    pub fn note_once(&mut self, kind: Kind, value: &[u8], hit: bool) {
        let value = fingerprint(value);
        if !self.sightings[self.text..].iter().rev().take(RECENT).any(|seen| seen.value == value) {
            self.sightings.push(Sighting { kind, value, hit, features: 0 });
        }
    }

    pub fn clear(&mut self) {
        self.sightings.clear();
        self.text = 0;
    }
}

/// Different strings of one shape.
#[derive(Default)]
pub(super) struct Tally {
    seen: HashMap<u64, u8, ahash::RandomState>,
    features: u64,
    rows: Vec<u64>,
}

impl Tally {
    /// Counts a sighting in `row`, or one that no row has; beyond `most` different ones no new one is counted.
    pub fn add(&mut self, sighting: &Sighting, row: Option<u64>, most: usize) {
        let full = self.seen.len() >= most;
        let state = match self.seen.get_mut(&sighting.value) {
            Some(state) => state,
            None if full => return,
            None => self.seen.entry(sighting.value).or_default(),
        };
        *state |= if sighting.hit { HIT } else { 0 } | if row.is_some() { USED } else { 0 };
        if sighting.hit {
            self.features |= sighting.features;
            self.rows.extend(row);
            if self.rows.len() > 8 * ROWS {
                self.first_rows();
            }
        }
    }

    fn first_rows(&mut self) {
        self.rows.sort_unstable();
        self.rows.dedup();
        self.rows.truncate(ROWS);
    }

    /// What it comes to, and how many hits no row has.
    pub fn close(mut self, place: String, kind: Kind) -> (Finding, u64) {
        self.first_rows();
        let count = |wanted: u8| self.seen.values().filter(|state| **state & (HIT | USED) == wanted).count() as u64;
        let (hits, unused) = (count(HIT | USED), count(HIT));
        let shaped = self.seen.len() as u64 - unused;
        (Finding { place, kind, shaped, hits, features: self.features.count_ones(), rows: self.rows }, unused)
    }
}

/// What was found in one place.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    /// As evidence names it.
    pub place: String,
    pub kind: Kind,
    /// Different strings of the right shape.
    pub shaped: u64,
    /// Those that passed.
    pub hits: u64,
    /// How much of what should vary does.
    pub features: u32,
    /// The first rows, if the place has rows.
    pub rows: Vec<u64>,
}

/// The tallies of a column or file.
#[derive(Default)]
pub(super) struct Tallies(Vec<(Kind, Tally)>);

impl Tallies {
    pub fn of(&mut self, kind: Kind) -> &mut Tally {
        let at = self.0.iter().position(|(known, _)| *known == kind).unwrap_or_else(|| {
            self.0.push((kind, Tally::default()));
            self.0.len() - 1
        });
        &mut self.0[at].1
    }

    pub fn add(&mut self, sightings: &[Sighting], row: Option<u64>, most: usize) {
        sightings.iter().for_each(|sighting| self.of(sighting.kind).add(sighting, row, most));
    }

    /// The findings of the place called `place`, and the hits that no row has.
    pub fn close(self, place: &str) -> (Vec<Finding>, Vec<(Kind, u64)>) {
        let closed = self.0.into_iter().map(|(kind, tally)| tally.close(place.to_owned(), kind));
        let (findings, unused): (Vec<_>, Vec<_>) = closed.unzip();
        let kinds = findings.iter().map(|finding| finding.kind).zip(unused);
        let unused = kinds.filter(|(kind, count)| *count > 0 && kind.reveals()).collect();
        (findings, unused)
    }
}
