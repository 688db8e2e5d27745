//! One pass over a table: every cell of every column, on all threads.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use arrow::array::Int32Array;

use super::super::Options;
use super::super::subject::{Subject, Tabular};
use super::bytes;
use super::cell::{self, Form};
use super::coordinates::{Spread, pair_of_columns};
use super::found::{Finding, Found, Tallies, fingerprint};
use super::kind::Kind;
use super::numbers;
use super::split::Splits;
use crate::progress::Progress;
use crate::table::{Cells, Rows, SourceError, Texts};

/// Different strings of one shape that are counted in a column, at most and at least.
const MOST_STRINGS: usize = 1 << 20;
const FEWEST_STRINGS: usize = 64;
/// Memory for one such string, roughly, over the shapes that one column can have.
const STRING_BYTES: usize = 256;
/// Cells of a batch that are remembered, so that repeated ones are not looked at again.
const REMEMBERED: usize = 2048;
/// Dictionary values that are remembered of a column.
const REMEMBERED_VALUES: usize = 1 << 16;

/// What a table holds.
pub(super) struct Scan {
    pub findings: Vec<Finding>,
    /// Values that a dictionary keeps and no row has, by their place.
    pub unused: Vec<(String, Kind, u64)>,
    /// Whether lines could not be read as rows.
    pub malformed: bool,
    pub error: Option<SourceError>,
}

/// What is known of a column so far.
#[derive(Default)]
struct State {
    tallies: Tallies,
    spread: Spread,
    /// Dictionaries whose unused values were looked at.
    dictionaries: HashSet<u64, ahash::RandomState>,
    /// Dictionary values that were looked at, and whether a row has them.
    values: HashMap<u64, bool, ahash::RandomState>,
}

/// Looks at all cells of `table`.
pub(super) fn scan(table: &Tabular, options: &Options<'_>, progress: &dyn Progress) -> Scan {
    let count = table.columns.len();
    let most = (options.memory / STRING_BYTES / count.max(1)).clamp(FEWEST_STRINGS, MOST_STRINGS);
    let states: Vec<Mutex<State>> = (0..count).map(|_| Mutex::default()).collect();
    let splits = Splits::default();
    let work = |rows: Rows| {
        for (cells, state) in rows.columns.iter().zip(&states) {
            look(cells, rows.first, state, most);
        }
        splits.look(&rows);
        progress.advance(rows.len() as u64);
        !rows.malformed.is_empty()
    };
    let read = table.table.map(&table.table.all(), work);
    let states: Vec<State> =
        states.into_iter().map(|state| state.into_inner().unwrap_or_else(PoisonError::into_inner)).collect();
    let malformed = read.as_ref().is_ok_and(|parts| parts.iter().any(|malformed| *malformed));
    let mut scan = Scan { findings: splits.close(table), unused: Vec::new(), malformed, error: read.err() };
    scan.findings.extend(coordinates(table, &states));
    for (column, state) in states.into_iter().enumerate() {
        let place = Subject::place(table, column);
        let (findings, unused) = state.tallies.close(&place);
        scan.findings.extend(findings);
        scan.unused.extend(unused.into_iter().map(|(kind, count)| (place.clone(), kind, count)));
    }
    scan
}

fn coordinates(table: &Tabular, states: &[State]) -> Option<Finding> {
    let spreads: Vec<Spread> = states.iter().map(|state| state.spread).collect();
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let pair = pair_of_columns(&spreads, &names)?;
    let place = format!("{} + {}", Subject::place(table, pair.latitude), table.columns[pair.longitude].label);
    // What might be amounts is not counted high enough to fail.
    let hits = if pair.sure { pair.cells } else { 1 };
    Some(Finding { place, kind: Kind::Coordinates, shaped: pair.cells, hits, features: 0, rows: Vec::new() })
}

fn look(cells: &Cells, first: u64, state: &Mutex<State>, most: usize) {
    let mut noted = Noted { first, state, most, found: Found::default(), spread: Spread::default(), rows: Vec::new() };
    match cells {
        Cells::Text(texts) => match texts.keys() {
            Some(keys) => noted.dictionary(texts, keys),
            None => noted.texts(cells.len(), texts),
        },
        Cells::Integer(array) => {
            let values = array.iter().enumerate();
            values.for_each(|(row, value)| value.into_iter().for_each(|value| noted.number(row, value)));
        }
        Cells::Number(array) => {
            let values = array.iter().enumerate();
            values.for_each(|(row, value)| value.into_iter().for_each(|value| noted.decimal(row, value)));
        }
        Cells::Bytes(array) => {
            let values = array.iter().enumerate();
            values.for_each(|(row, value)| value.into_iter().for_each(|value| noted.bytes(row, value)));
        }
        Cells::Day(_) | Cells::Flag(_) => return,
    }
    noted.close();
}

/// What a batch adds to what is known of a column.
struct Noted<'a> {
    first: u64,
    state: &'a Mutex<State>,
    most: usize,
    found: Found,
    spread: Spread,
    /// For each row that has any, where its sightings end.
    rows: Vec<(Option<u64>, usize)>,
}

impl Noted<'_> {
    fn texts(&mut self, rows: usize, texts: &Texts) {
        let mut remembered = vec![0; REMEMBERED];
        for row in 0..rows {
            let Some(text) = texts.get(row).filter(|text| text.len() > 1) else { continue };
            let print = fingerprint(text.as_bytes());
            let slot = &mut remembered[print as usize % REMEMBERED];
            if *slot != print {
                *slot = print;
                self.text(Some(row), text);
            }
        }
    }

    /// Each value once, with the first row that has it; then those that no row has.
    fn dictionary(&mut self, texts: &Texts, keys: &Int32Array) {
        let most = keys.iter().flatten().max().unwrap_or(0).max(0) as usize;
        let mut first_rows = vec![usize::MAX; most + 1];
        for (row, key) in keys.iter().enumerate() {
            if let Some(slot) = key.and_then(|key| first_rows.get_mut(key as usize)) {
                *slot = (*slot).min(row);
            }
        }
        for row in first_rows.into_iter().filter(|row| *row < keys.len()) {
            let Some(text) = texts.get(row) else { continue };
            if self.is_new(text, true) {
                self.text(Some(row), text);
            }
        }
        let mixed = |mixed: u64, text: &str| mixed.rotate_left(5) ^ fingerprint(text.as_bytes());
        if self.lock().dictionaries.insert(texts.kept().fold(0, mixed)) {
            for text in texts.kept() {
                if self.is_new(text, false) {
                    self.text(None, text);
                }
            }
        }
    }

    /// Whether a dictionary value was not yet looked at, or only as one that no row has.
    fn is_new(&self, text: &str, used: bool) -> bool {
        let values = &mut self.lock().values;
        let print = fingerprint(text.as_bytes());
        let full = values.len() >= REMEMBERED_VALUES;
        if let Some(known) = values.get_mut(&print) {
            return used && !std::mem::replace(known, *known || used);
        }
        if !full {
            values.insert(print, used);
        }
        true
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn text(&mut self, row: Option<usize>, text: &str) {
        cell::find(text, Form::Cell, &mut self.found);
        self.spread.add_text(text);
        self.end_row(row);
    }

    fn number(&mut self, row: usize, value: i64) {
        self.spread.add(value as f64);
        if value >= 10_000_000 {
            numbers::find(value, &mut self.found);
            self.end_row(Some(row));
        }
    }

    fn decimal(&mut self, row: usize, value: f64) {
        self.spread.add(value);
        if value.fract() == 0.0 && (1e7..1e12).contains(&value) {
            numbers::find(value as i64, &mut self.found);
            self.end_row(Some(row));
        }
    }

    fn bytes(&mut self, row: usize, value: &[u8]) {
        bytes::find(value, Form::Cell, &mut self.found);
        self.end_row(Some(row));
    }

    fn end_row(&mut self, row: Option<usize>) {
        let end = self.found.sightings.len();
        if self.rows.last().map_or(0, |(_, end)| *end) < end {
            self.rows.push((row.map(|row| self.first + row as u64), end));
        }
    }

    fn close(self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut start = 0;
        for (row, end) in &self.rows {
            state.tallies.add(&self.found.sightings[start..*end], *row, self.most);
            start = *end;
        }
        state.spread.merge(&self.spread);
    }
}
