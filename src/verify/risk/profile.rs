//! A first look at every column of a table: how many different values it has, and whether they are days.

use std::sync::{Mutex, PoisonError};

use super::super::subject::Tabular;
use super::keys::{self, Form, mix};
use super::sketch::Sketch;
use crate::table::{Cells, Rows, SourceError};

/// Different keys that are counted exactly, over all columns of a table.
const KEYS: usize = 1 << 20;
/// The same for a column.
const COLUMN_KEYS: usize = 1024;
/// The same for a column of very many.
const FEWEST_KEYS: usize = 64;
/// Texts of each batch that are looked at to find what form they have.
const LOOKED_AT: usize = 16;
/// Keys seen lately that are not counted again.
const LATELY: usize = 256;

/// What the columns of a table are like.
pub(super) struct Profile {
    /// Rows.
    pub rows: u64,
    /// In the order of the table.
    pub columns: Vec<ColumnProfile>,
}

/// What a column is like.
pub(super) struct ColumnProfile {
    /// Cells that are not null.
    pub filled: u64,
    /// Different values.
    distinct: Sketch,
    /// Different pairs of person and value.
    held: Sketch,
    votes: Votes,
}

#[derive(Default, Clone, Copy)]
struct Votes {
    days: u64,
    numbers: u64,
    texts: u64,
    is_day: bool,
}

impl ColumnProfile {
    fn new(capacity: usize, distinct: u32, held: u32) -> Self {
        let (distinct, held) = (Sketch::new(capacity, distinct), Sketch::new(capacity, held));
        Self { filled: 0, distinct, held, votes: Votes::default() }
    }

    /// How many different values there are, nearly.
    pub(super) fn distinct(&self) -> f64 {
        self.distinct.distinct()
    }

    /// How many pairs of a person and a value of that person there are, nearly; rows where no person is known.
    pub(super) fn held(&self, has_person: bool) -> f64 {
        if has_person { self.held.distinct() } else { self.filled as f64 }
    }

    /// How its texts are to be understood.
    pub(super) fn form(&self) -> Form {
        match self.votes {
            Votes { texts: 0, .. } => Form::Plain,
            votes if votes.days == votes.texts => Form::Day,
            votes if votes.numbers == votes.texts => Form::Number,
            _ => Form::Plain,
        }
    }

    /// Whether its values are days or months.
    pub(super) fn is_dated(&self) -> bool {
        self.votes.is_day || self.form() == Form::Day
    }

    fn look(&mut self, cells: &Cells, persons: Option<&[Option<u64>]>) {
        self.vote(cells);
        let (mut values, mut pairs) = ([0; LATELY], [0; LATELY]);
        for (row, key) in keys::keys(cells, Form::Plain).into_iter().enumerate() {
            let Some(key) = key else { continue };
            self.filled += 1;
            if is_new(&mut values, key) {
                self.distinct.add(key);
            }
            if let Some(person) = persons.and_then(|persons| persons[row]) {
                let pair = mix(key) ^ person.rotate_left(1);
                if is_new(&mut pairs, pair) {
                    self.held.add(pair);
                }
            }
        }
    }

    fn vote(&mut self, cells: &Cells) {
        self.votes.is_day |= matches!(cells, Cells::Day(_));
        let Cells::Text(texts) = cells else { return };
        let some = (0..cells.len()).filter_map(|row| texts.get(row)).filter(|text| !text.is_empty()).take(LOOKED_AT);
        for text in some {
            self.votes.texts += 1;
            self.votes.days += u64::from(keys::day(text).is_some());
            self.votes.numbers += u64::from(keys::number(text).is_some());
        }
    }

    fn merge(&mut self, other: Self) {
        self.filled += other.filled;
        self.distinct.merge(other.distinct);
        self.held.merge(other.held);
        let (votes, more) = (&mut self.votes, other.votes);
        votes.days += more.days;
        votes.numbers += more.numbers;
        votes.texts += more.texts;
        votes.is_day |= more.is_day;
    }
}

/// Whether `key` is not among those seen lately, in which it is put. Zero stands for nothing seen, and is always new.
fn is_new(lately: &mut [u64; LATELY], key: u64) -> bool {
    let place = &mut lately[(mix(key) >> 56) as usize];
    std::mem::replace(place, key) != key || key == 0
}

/// Looks at every column.
pub(super) fn profile(table: &Tabular) -> Result<Profile, SourceError> {
    let wanted = table.table.all();
    let capacity = (KEYS / wanted.len().max(1)).clamp(FEWEST_KEYS, COLUMN_KEYS);
    let columns: Vec<Mutex<ColumnProfile>> =
        wanted.iter().map(|_| Mutex::new(ColumnProfile::new(capacity, 0, 0))).collect();
    let person = table.person();
    let rows = table.table.map(&wanted, |rows: Rows| {
        let persons = person.map(|person| keys::keys(&rows.columns[person], Form::Plain));
        for (cells, column) in rows.columns.iter().zip(&columns) {
            let lock = || column.lock().unwrap_or_else(PoisonError::into_inner);
            let levels = levels(&lock());
            let mut part = ColumnProfile::new(capacity, levels.0, levels.1);
            part.look(cells, persons.as_deref());
            lock().merge(part);
        }
        rows.len() as u64
    })?;
    let columns = columns.into_iter().map(|column| column.into_inner().unwrap_or_else(PoisonError::into_inner));
    Ok(Profile { rows: rows.into_iter().sum(), columns: columns.collect() })
}

fn levels(column: &ColumnProfile) -> (u32, u32) {
    (column.distinct.level(), column.held.level())
}
