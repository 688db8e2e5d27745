//! Findings in one column, collected from all its batches.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use arrow::array::Int32Array;

use super::birth_dates::DayTally;
use super::contract_identifiers::Patterns;
use super::positions::NumberRange;
use super::tally::{Tallies, Tally};
use crate::shared::Shared;
use crate::table::{Cells, Texts};
use crate::verify::detect::{Context, Sighting, Sightings, find_in_bytes, find_in_number, find_in_text, fingerprint};

/// Cells of a batch that are remembered, so that repeated ones are searched once.
const REMEMBERED: usize = 2048;
/// Dictionary values that are remembered of a column.
const REMEMBERED_VALUES: usize = 1 << 16;
/// Least number that can be an identifier.
const LEAST_NUMBER: i64 = 10_000_000;
/// Whole numbers in a column of decimals that can be identifiers.
const WHOLE_DECIMALS: Range<f64> = 1e7..1e16;

/// Identifiers of the contract that a column is searched for.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub patterns: &'a Patterns<'a>,
    /// `true` in a column of pseudonyms.
    pub is_key: bool,
}

/// Findings of a column so far.
#[derive(Default)]
pub(super) struct ColumnState {
    pub tallies: Tallies,
    /// Identifiers of the contract, one tally for each kind.
    pub identifiers: Vec<Tally>,
    pub spread: NumberRange,
    pub days: DayTally,
    /// Fingerprints of the dictionaries whose unused values were searched.
    dictionaries: HashSet<u64, ahash::RandomState>,
    /// Fingerprints of the dictionary values that were searched; `true` for those that some row has.
    values: HashMap<u64, bool, ahash::RandomState>,
}

/// Searches the cells of a batch; its first row has the number `first`. Counts up to `most` strings of each kind.
pub(super) fn search(cells: &Cells, first: u64, state: &Shared<ColumnState>, wanted: Wanted<'_>, most: usize) {
    let mut batch = Batch {
        first,
        state,
        wanted,
        most,
        found: Sightings::default(),
        identifiers: Vec::new(),
        spread: NumberRange::default(),
        days: DayTally::default(),
        ends: Vec::new(),
    };
    batch.days.add_cells(cells);
    match cells {
        Cells::Text(texts) => match texts.keys() {
            Some(keys) => batch.dictionary(texts, keys),
            None => batch.texts(cells.len(), texts),
        },
        Cells::Integer(array) => {
            for (row, value) in array.iter().enumerate() {
                value.into_iter().for_each(|value| batch.integer(row, value));
            }
        }
        Cells::Number(array) => {
            for (row, value) in array.iter().enumerate() {
                value.into_iter().for_each(|value| batch.decimal(row, value));
            }
        }
        Cells::Bytes(array) => {
            let mut remembered = Remembered::default();
            for (row, value) in array.iter().enumerate() {
                value.filter(|value| remembered.is_new(value)).into_iter().for_each(|value| batch.bytes(row, value));
            }
        }
        Cells::Day(_) | Cells::Flag(_) => {}
    }
    batch.close();
}

impl ColumnState {
    /// Returns the state of a column that is searched for the identifiers in `patterns`.
    pub fn new(patterns: &Patterns<'_>) -> Self {
        Self { identifiers: patterns.tallies(), ..Self::default() }
    }
}

/// Findings of a batch.
struct Batch<'a> {
    first: u64,
    state: &'a Shared<ColumnState>,
    wanted: Wanted<'a>,
    most: usize,
    found: Sightings,
    /// Identifiers of the contract: the position of the kind, and the row.
    identifiers: Vec<(usize, Sighting, Option<u64>)>,
    spread: NumberRange,
    days: DayTally,
    /// End of the sightings of each row that has any; `None` is a dictionary value that no row has.
    ends: Vec<(Option<u64>, usize)>,
}

impl Batch<'_> {
    fn texts(&mut self, rows: usize, texts: &Texts) {
        let mut remembered = Remembered::default();
        for row in 0..rows {
            let text = texts.get(row).filter(|text| text.len() > 1 && remembered.is_new(text.as_bytes()));
            text.into_iter().for_each(|text| self.text(Some(row), text));
        }
    }

    /// Searches each value once, with its first row; then the values that no row has.
    fn dictionary(&mut self, texts: &Texts, keys: &Int32Array) {
        for row in first_rows(keys) {
            let Some(text) = texts.get(row) else { continue };
            if self.is_new(text, true) {
                self.text(Some(row), text);
            }
        }
        let dictionary = texts.kept().fold(0_u64, |mixed, text| mixed.rotate_left(5) ^ fingerprint(text.as_bytes()));
        if self.state.lock().dictionaries.insert(dictionary) {
            for text in texts.kept() {
                if self.is_new(text, false) {
                    self.text(None, text);
                }
            }
        }
    }

    /// Returns true if a dictionary value was not searched yet, or only as one that no row has.
    fn is_new(&self, text: &str, is_used: bool) -> bool {
        let values = &mut self.state.lock().values;
        let fingerprint = fingerprint(text.as_bytes());
        if let Some(known) = values.get_mut(&fingerprint) {
            let was_used = *known;
            *known |= is_used;
            return is_used && !was_used;
        }
        if values.len() < REMEMBERED_VALUES {
            values.insert(fingerprint, is_used);
        }
        true
    }

    fn text(&mut self, row: Option<usize>, text: &str) {
        find_in_text(text, Context::Cell, &mut self.found);
        self.spread.add_text(text);
        self.days.add_text(text);
        self.end_row(row);
        self.identifier(row, text);
    }

    /// Searches a cell for identifiers of the contract.
    fn identifier(&mut self, row: Option<usize>, cell: &str) {
        let row = row.map(|row| self.first + row as u64);
        let identifiers = &mut self.identifiers;
        let Wanted { patterns, is_key } = self.wanted;
        patterns.search(cell, is_key, |kind, sighting| identifiers.push((kind, sighting, row)));
    }

    fn integer(&mut self, row: usize, value: i64) {
        self.spread.add(value as f64);
        if value >= LEAST_NUMBER {
            find_in_number(value, &mut self.found);
            self.end_row(Some(row));
        }
        if !self.wanted.patterns.all.is_empty() {
            self.identifier(Some(row), &value.to_string());
        }
    }

    fn decimal(&mut self, row: usize, value: f64) {
        self.spread.add(value);
        if value.fract() == 0.0 && WHOLE_DECIMALS.contains(&value) {
            find_in_number(value as i64, &mut self.found);
            self.end_row(Some(row));
            self.identifier(Some(row), &value.to_string());
        }
    }

    fn bytes(&mut self, row: usize, value: &[u8]) {
        find_in_bytes(value, Context::Bytes, &mut self.found);
        self.end_row(Some(row));
        if let Ok(text) = std::str::from_utf8(value) {
            self.identifier(Some(row), text);
        }
    }

    fn end_row(&mut self, row: Option<usize>) {
        let end = self.found.all.len();
        if self.ends.last().map_or(0, |(_, end)| *end) < end {
            self.ends.push((row.map(|row| self.first + row as u64), end));
        }
    }

    fn close(self) {
        let mut state = self.state.lock();
        let mut start = 0;
        for (row, end) in &self.ends {
            state.tallies.add(&self.found.all[start..*end], *row, self.most);
            start = *end;
        }
        for (kind, sighting, row) in &self.identifiers {
            state.identifiers[*kind].add(sighting, *row, self.most);
        }
        state.spread.merge(&self.spread);
        state.days.merge(self.days);
    }
}

/// Cells of a batch that were searched lately.
struct Remembered(Vec<u64>);

impl Default for Remembered {
    fn default() -> Self {
        Self(vec![0; REMEMBERED])
    }
}

impl Remembered {
    /// Remembers a cell. Returns false if it was remembered already.
    fn is_new(&mut self, cell: &[u8]) -> bool {
        let fingerprint = fingerprint(cell);
        let slot = &mut self.0[fingerprint as usize % REMEMBERED];
        std::mem::replace(slot, fingerprint) != fingerprint
    }
}

/// Returns the first row of each key, in the order of the keys.
fn first_rows(keys: &Int32Array) -> impl Iterator<Item = usize> {
    let length = keys.iter().flatten().max().map_or(0, |most| most.max(0) as usize + 1);
    let mut first_rows = vec![None; length];
    for (row, key) in keys.iter().enumerate() {
        if let Some(slot) = key.and_then(|key| first_rows.get_mut(key as usize)) {
            slot.get_or_insert(row);
        }
    }
    first_rows.into_iter().flatten()
}
