//! Rows of an analysis table, collected cell by cell.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray};
use arrow::datatypes::{Date32Type, Int32Type, UInt16Type, UInt64Type};

use crate::table::{BandTally, Field, ValueType, number_column};
use salanimi_core::{LinkedId, Month};

/// A value as a number: a code's position, a day, an id's bits, 0 or 1.
pub(super) type Cell = Option<i64>;

/// An amount as the lower edge of its band, in whole euros, and exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Banded {
    pub(super) lower: i64,
    /// In the smallest unit.
    pub(super) exact: i128,
    /// Smallest units in one euro.
    pub(super) unit: i128,
}

/// Collected rows, column by column.
pub(super) struct Rows {
    columns: Vec<Vec<Cell>>,
    /// Exact sums of banded columns, by name.
    bands: BTreeMap<&'static str, BandTally>,
    least: u32,
    answers: Answers,
}

/// Numbers of responses to notices: those on the day of the notice, and all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Answers {
    pub(super) same_day: u64,
    pub(super) all: u64,
}

impl Answers {
    /// Adds the numbers of other rows.
    pub(super) fn add(&mut self, other: Self) {
        self.same_day += other.same_day;
        self.all += other.all;
    }
}

impl Rows {
    /// Creates an empty collection of rows with `width` columns. Means of bands are of at least `least` persons.
    pub(super) fn new(width: usize, least: u32) -> Self {
        Self { columns: vec![Vec::new(); width], bands: BTreeMap::new(), least, answers: Answers::default() }
    }

    /// Counts an answer after so many days.
    pub(super) fn count_answer(&mut self, days: i32) {
        self.answers.add(Answers { same_day: u64::from(days == 0), all: 1 });
    }

    /// Returns the numbers of answers.
    pub(super) fn answers(&self) -> Answers {
        self.answers
    }

    /// Returns the cell of a banded amount of `person`, and adds the exact one to the column's sums.
    pub(super) fn banded(&mut self, person: LinkedId, column: &'static str, amount: Option<Banded>) -> Cell {
        let Banded { lower, exact, unit } = amount?;
        let tally = self.bands.entry(column).or_insert_with(|| BandTally::new(unit, self.least));
        tally.add(person, lower, exact);
        lower.cell()
    }

    /// Returns the exact sums of banded columns.
    pub(super) fn take_bands(&mut self) -> BTreeMap<&'static str, BandTally> {
        std::mem::take(&mut self.bands)
    }

    /// Adds a row.
    pub(super) fn push<const WIDTH: usize>(&mut self, row: [Cell; WIDTH]) {
        debug_assert_eq!(self.columns.len(), WIDTH);
        self.columns.iter_mut().zip(row).for_each(|(column, cell)| column.push(cell));
    }

    /// Returns the rows in memory form. `fields` has the type of each column.
    pub(super) fn finish(self, fields: &[Field]) -> Vec<ArrayRef> {
        self.columns.into_iter().zip(fields).map(|(cells, field)| array(cells, &field.value)).collect()
    }
}

fn array(cells: Vec<Cell>, value: &ValueType) -> ArrayRef {
    let cells = cells.into_iter();
    match value {
        ValueType::Code(_) => Arc::new(number_column::<UInt16Type>(cells.map(|cell| cell.map(|n| n as u16)))),
        ValueType::Date | ValueType::Month => {
            Arc::new(number_column::<Date32Type>(cells.map(|cell| cell.map(|n| n as i32))))
        }
        ValueType::Flag => Arc::new(cells.map(|cell| cell.map(|n| n != 0)).collect::<BooleanArray>()),
        ValueType::LinkedId => Arc::new(number_column::<UInt64Type>(cells.map(|cell| cell.map(|n| n as u64)))),
        _ => Arc::new(number_column::<Int32Type>(cells.map(|cell| cell.and_then(|n| i32::try_from(n).ok())))),
    }
}

/// A value that a cell can hold.
pub(super) trait IntoCell {
    fn cell(self) -> Cell;
}

impl<T: IntoCell> IntoCell for Option<T> {
    fn cell(self) -> Cell {
        self.and_then(IntoCell::cell)
    }
}

impl IntoCell for i64 {
    fn cell(self) -> Cell {
        Some(self)
    }
}

impl IntoCell for i32 {
    fn cell(self) -> Cell {
        Some(self.into())
    }
}

/// The position of a code.
impl IntoCell for u16 {
    fn cell(self) -> Cell {
        Some(self.into())
    }
}

impl IntoCell for usize {
    fn cell(self) -> Cell {
        i64::try_from(self).ok()
    }
}

impl IntoCell for bool {
    fn cell(self) -> Cell {
        Some(self.into())
    }
}

impl IntoCell for Month {
    fn cell(self) -> Cell {
        self.first_day().epoch_days().cell()
    }
}

impl IntoCell for LinkedId {
    fn cell(self) -> Cell {
        Some(u64::from_be_bytes(self.0) as i64)
    }
}
