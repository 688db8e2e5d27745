//! Tallies of sightings: how many different strings of each kind a place holds.

use std::collections::HashMap;

use super::running::RunningNumbers;
use crate::verify::detect::{Kind, Sighting};

/// Rows that a finding shows.
const ROWS: usize = 5;
/// Rows that a tally keeps before it sorts them.
const MOST_ROWS: usize = 8 * ROWS;

/// State of a string: flags of [`HIT`] and [`USED`].
type State = u8;
/// The string passed.
const HIT: State = 1;
/// Some row has the string; otherwise only a dictionary has it.
const USED: State = 2;

/// Different strings of one kind.
#[derive(Default)]
pub(super) struct Tally {
    seen: HashMap<u64, State, ahash::RandomState>,
    features: u64,
    numbers: RunningNumbers,
    rows: Vec<u64>,
}

/// A closed tally.
pub(super) struct TallyResult {
    pub finding: Finding,
    /// Number of hits that no row has.
    pub unused: u64,
}

impl Tally {
    /// Counts a sighting in `row`; `None` if only a dictionary has it. Ignores new strings beyond `most`.
    pub fn add(&mut self, sighting: &Sighting, row: Option<u64>, most: usize) {
        let is_full = self.seen.len() >= most;
        let state = match self.seen.get_mut(&sighting.value) {
            Some(state) => state,
            None if is_full => return,
            None => {
                sighting.number.into_iter().for_each(|number| self.numbers.add(number));
                self.seen.entry(sighting.value).or_insert(0)
            }
        };
        *state |= if sighting.hit { HIT } else { 0 };
        *state |= if row.is_some() { USED } else { 0 };
        if sighting.hit {
            self.features |= sighting.features;
            self.rows.extend(row);
            if self.rows.len() > MOST_ROWS {
                self.keep_first_rows();
            }
        }
    }

    fn keep_first_rows(&mut self) {
        self.rows.sort_unstable();
        self.rows.dedup();
        self.rows.truncate(ROWS);
    }

    /// Returns the finding of the tally at `place`.
    pub fn close(mut self, place: String, kind: Kind) -> TallyResult {
        self.keep_first_rows();
        let unused = self.count(HIT);
        let finding = Finding {
            place,
            kind,
            shaped: self.seen.len() as u64 - unused,
            hits: self.count(HIT | USED),
            features: self.features.count_ones(),
            is_running: self.numbers.are_running(),
            rows: self.rows,
        };
        TallyResult { finding, unused }
    }

    fn count(&self, wanted: State) -> u64 {
        self.seen.values().filter(|state| **state == wanted).count() as u64
    }
}

/// Strings of one kind in one place.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    /// Label of the place.
    pub place: String,
    pub kind: Kind,
    /// Number of different strings of the shape.
    pub shaped: u64,
    /// Number of those that passed.
    pub hits: u64,
    /// Number of features that the hits have together.
    pub features: u32,
    /// `true` if the hits are running numbers, which follow each other.
    pub is_running: bool,
    /// First rows with a hit, if the place has rows.
    pub rows: Vec<u64>,
}

impl Finding {
    /// Returns a finding of `hits` strings, all of which passed.
    pub fn sure(place: String, kind: Kind, hits: u64) -> Self {
        Self { place, kind, shaped: hits, hits, features: 0, is_running: false, rows: Vec::new() }
    }
}

/// The tallies of one column or file, by kind.
#[derive(Default)]
pub(super) struct Tallies(Vec<(Kind, Tally)>);

impl Tallies {
    /// Counts sightings, as [`Tally::add`] does.
    pub fn add(&mut self, sightings: &[Sighting], row: Option<u64>, most: usize) {
        sightings.iter().for_each(|sighting| self.of(sighting.kind).add(sighting, row, most));
    }

    fn of(&mut self, kind: Kind) -> &mut Tally {
        let position = if let Some(position) = self.0.iter().position(|(known, _)| *known == kind) {
            position
        } else {
            self.0.push((kind, Tally::default()));
            self.0.len() - 1
        };
        &mut self.0[position].1
    }

    /// Returns the finding of each kind.
    pub fn close(self, place: &str) -> Vec<TallyResult> {
        self.0.into_iter().map(|(kind, tally)| tally.close(place.to_owned(), kind)).collect()
    }

    /// Returns the findings alone, for a place without a dictionary.
    pub fn findings(self, place: &str) -> Vec<Finding> {
        self.close(place).into_iter().map(|closed| closed.finding).collect()
    }
}
