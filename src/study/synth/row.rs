//! Rows of the source tables before they are written in a holder's layout.

use crate::study::vocabulary::codes::CodeList;
use crate::study::vocabulary::{MAX_COLUMNS, SourceTable};
use salanimi_core::{Day, IdentityCode, Month};

/// A value of a cell. Codes are positions in their list, areas positions in [`super::areas::Areas`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    Empty,
    Code(u8),
    Area(u16),
    Day(Day),
    Month(Month),
    Cents(u32),
    Count(u32),
    Flag(bool),
    Household(u64),
    Notice(u64),
    Plan(u64),
    /// A text drawn by a number.
    Text(Text, u32),
    /// A note, by its number, with an identity code in it.
    NoteWithCode(u8, IdentityCode),
    /// A code that no contract lists.
    UnknownCode,
    /// 30 February of this year.
    ImpossibleDay(i32),
    /// Month 13 of this year.
    ImpossibleMonth(i32),
}

/// Kind of a text about a person.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    Phone,
    Note,
}

impl<C: CodeList> From<C> for Value {
    fn from(code: C) -> Self {
        Self::Code(code.position())
    }
}

/// The cells of a row, by position of the column.
#[derive(Clone)]
pub(super) struct Cells([Value; MAX_COLUMNS]);

impl Cells {
    /// Returns cells without values.
    pub(super) fn empty() -> Self {
        Self([Value::Empty; MAX_COLUMNS])
    }

    pub(super) fn get(&self, column: impl Into<usize>) -> Value {
        self.0[column.into()]
    }

    pub(super) fn set(&mut self, column: impl Into<usize>, value: impl Into<Value>) {
        self.0[column.into()] = value.into();
    }

    /// Returns the cells with a value set.
    pub(super) fn with(mut self, column: impl Into<usize>, value: impl Into<Value>) -> Self {
        self.set(column, value);
        self
    }
}

/// A row of a table, without its person.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) table: SourceTable,
    /// The day that must lie in the window for the row to be delivered.
    pub(super) day: Day,
    pub(super) cells: Cells,
}
