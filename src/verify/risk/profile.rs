//! Profile of every column of a table: its distinct values, and the form of its texts.

use std::sync::atomic::{AtomicU64, Ordering};

use super::keys::{self, Form, mix};
use super::sketch::Sketch;
use crate::shared::Shared;
use crate::table::{Cells, Rows};
use crate::verify::subject::SubjectTable;

/// Distinct keys that are counted exactly, over all columns of a table.
const KEYS: usize = 1 << 20;
/// Most keys that are counted exactly in a column.
const MOST_COLUMN_KEYS: usize = 1024;
/// Fewest keys that are counted exactly in a column, in a table of very many columns.
const FEWEST_COLUMN_KEYS: usize = 64;
/// Texts of each batch from which the form is detected.
const TEXTS_PER_BATCH: usize = 16;
/// Recent keys that are not counted again.
const RECENT: usize = 256;

/// Profile of a table.
pub(crate) struct Profile {
    /// Number of rows.
    pub(super) rows: u64,
    /// Columns, in the order of the table.
    pub(super) columns: Vec<ColumnProfile>,
}

impl Profile {
    /// Estimates the number of distinct values of a column.
    pub(super) fn distinct(&self, column: usize) -> f64 {
        self.columns[column].distinct()
    }
}

/// Profile of a column.
pub(super) struct ColumnProfile {
    /// Cells that are not null.
    filled: u64,
    /// Distinct values.
    distinct: Sketch,
    /// Distinct pairs of person and value.
    held: Sketch,
    forms: FormCounts,
}

/// Number of sampled texts by form.
#[derive(Default, Clone, Copy)]
struct FormCounts {
    days: u64,
    numbers: u64,
    texts: u64,
    is_day: bool,
}

/// Levels of the two sketches of a column.
#[derive(Clone, Copy, Default)]
struct Levels {
    distinct: u32,
    held: u32,
}

impl ColumnProfile {
    fn new(capacity: usize, levels: Levels) -> Self {
        let distinct = Sketch::new(capacity, levels.distinct);
        let held = Sketch::new(capacity, levels.held);
        Self { filled: 0, distinct, held, forms: FormCounts::default() }
    }

    /// Estimates the number of distinct values.
    pub(super) fn distinct(&self) -> f64 {
        self.distinct.distinct()
    }

    /// Estimates the number of distinct pairs of person and value; without persons, returns the number of values.
    pub(super) fn held(&self, has_person: bool) -> f64 {
        if has_person { self.held.distinct() } else { self.filled as f64 }
    }

    /// Returns the form that all sampled texts share.
    pub(super) fn form(&self) -> Form {
        match self.forms {
            FormCounts { texts: 0, .. } => Form::Plain,
            counts if counts.days == counts.texts => Form::Day,
            counts if counts.numbers == counts.texts => Form::Number,
            _ => Form::Plain,
        }
    }

    /// Returns true if the values are days or months.
    pub(super) fn is_dated(&self) -> bool {
        self.forms.is_day || self.form() == Form::Day
    }

    fn levels(&self) -> Levels {
        Levels { distinct: self.distinct.level(), held: self.held.level() }
    }

    fn add(&mut self, cells: &Cells, persons: Option<&[Option<u64>]>) {
        self.add_forms(cells);
        let mut recent_values = [0; RECENT];
        let mut recent_pairs = [0; RECENT];
        let mut last = None;
        for (row, key) in keys::keys(cells, Form::Plain).into_iter().enumerate() {
            let Some(key) = key else { continue };
            self.filled += 1;
            let person = persons.and_then(|persons| persons[row]);
            // Rows of a person are often adjacent and alike.
            if last.replace((key, person)) == Some((key, person)) {
                continue;
            }
            if is_new(&mut recent_values, key) {
                self.distinct.add(key);
            }
            if let Some(person) = person {
                let pair = mix(key) ^ person.rotate_left(1);
                if is_new(&mut recent_pairs, pair) {
                    self.held.add(pair);
                }
            }
        }
    }

    fn add_forms(&mut self, cells: &Cells) {
        self.forms.is_day |= matches!(cells, Cells::Day(_));
        let Cells::Text(texts) = cells else { return };
        let filled = (0..cells.len()).filter_map(|row| texts.get(row)).filter(|text| !text.is_empty());
        for text in filled.take(TEXTS_PER_BATCH) {
            self.forms.texts += 1;
            self.forms.days += u64::from(keys::day(text).is_some());
            self.forms.numbers += u64::from(keys::number(text).is_some());
        }
    }

    fn merge(&mut self, other: Self) {
        self.filled += other.filled;
        self.distinct.merge(other.distinct);
        self.held.merge(other.held);
        self.forms.days += other.forms.days;
        self.forms.numbers += other.forms.numbers;
        self.forms.texts += other.forms.texts;
        self.forms.is_day |= other.forms.is_day;
    }
}

/// Returns true if `key` is not among the recent keys, and puts it there. Zero marks an empty place and is always new.
fn is_new(recent: &mut [u64; RECENT], key: u64) -> bool {
    let place = &mut recent[(mix(key) >> 56) as usize];
    std::mem::replace(place, key) != key || key == 0
}

/// Profiles of a table's columns, while it is read.
pub(crate) struct Profiling {
    columns: Vec<Shared<ColumnProfile>>,
    /// Position of the column of persons.
    person: Option<usize>,
    rows: AtomicU64,
    capacity: usize,
}

impl Profiling {
    /// Begins the profiles of every column of `table`.
    pub(crate) fn new(table: &SubjectTable) -> Self {
        let count = table.columns.len();
        let capacity = (KEYS / count.max(1)).clamp(FEWEST_COLUMN_KEYS, MOST_COLUMN_KEYS);
        let column = || Shared::new(ColumnProfile::new(capacity, Levels::default()));
        Self {
            columns: std::iter::repeat_with(column).take(count).collect(),
            person: table.person(),
            rows: AtomicU64::new(0),
            capacity,
        }
    }

    /// Adds some rows.
    pub(crate) fn see(&self, rows: &Rows) {
        let persons = self.person.map(|person| keys::keys(&rows.columns[person], Form::Plain));
        for (cells, column) in rows.columns.iter().zip(&self.columns) {
            let levels = column.lock().levels();
            let mut part = ColumnProfile::new(self.capacity, levels);
            part.add(cells, persons.as_deref());
            column.lock().merge(part);
        }
        self.rows.fetch_add(rows.len() as u64, Ordering::Relaxed);
    }

    /// Returns the profile; `None` if the table was not read to the end.
    pub(crate) fn finish(self, is_whole: bool) -> Option<Profile> {
        let columns = self.columns.into_iter().map(Shared::into_inner).collect();
        is_whole.then_some(Profile { rows: self.rows.into_inner(), columns })
    }
}
