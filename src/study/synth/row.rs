//! A row of a source before it is written in a holder's layout.

use super::vocabulary::{MOST_COLUMNS, Table};
use salanimi_core::IdentityCode;

/// A value of a row. Days are counted since 1970-01-01; a month is its first day; codes are positions in the
/// vocabulary, areas positions in [`super::areas::Areas`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    Empty,
    Code(u8),
    Area(u16),
    Day(i32),
    Month(i32),
    Cents(u32),
    Count(u32),
    Flag(bool),
    Household(u64),
    Notice(u64),
    Plan(u64),
    Text(Text, u32),
    /// A note, by its number, in which an identity code hides.
    Telling(u8, IdentityCode),
    /// A code that no contract lists.
    UnknownCode,
    /// A day in February of this year that no calendar has.
    NoDay(i32),
    /// A month of this year that no calendar has.
    NoMonth(i32),
}

/// Texts about a person, each drawn by a number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    FirstNames,
    LastName,
    Address,
    Phone,
    Note,
}

/// A row of a table, whoever it is about.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) table: Table,
    /// The day that decides whether the row lies in the window.
    pub(super) day: i32,
    pub(super) cells: [Value; MOST_COLUMNS],
}

impl Row {
    pub(super) fn new(table: Table, day: i32) -> Self {
        Self { table, day, cells: [Value::Empty; MOST_COLUMNS] }
    }

    pub(super) fn set(&mut self, column: impl Into<usize>, value: Value) {
        self.cells[column.into()] = value;
    }

    pub(super) fn with(mut self, column: impl Into<usize>, value: Value) -> Self {
        self.set(column, value);
        self
    }
}

/// The position of `code` in `list`, found when the program is compiled.
pub(super) const fn code(list: &[&str], code: &str) -> Value {
    let mut position = 0;
    while !same(list[position].as_bytes(), code.as_bytes()) {
        position += 1;
    }
    Value::Code(position as u8)
}

const fn same(left: &[u8], right: &[u8]) -> bool {
    let mut position = 0;
    while position < left.len() && position < right.len() && left[position] == right[position] {
        position += 1;
    }
    position == left.len() && position == right.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::synth::vocabulary::{EVENTS, NOTICES};

    #[test]
    fn codes_are_found_by_their_whole_name() {
        assert!(code(NOTICES, "TYOTON_25_12KK") == Value::Code(4));
        assert!(code(EVENTS, "PAATOS") == Value::Code(7));
    }

    #[test]
    fn every_table_fits_a_row() {
        assert!(Table::ALL.iter().all(|table| table.columns().len() <= MOST_COLUMNS));
    }
}
