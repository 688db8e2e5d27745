//! Covered days of a table's rows, by the organiser that a row names.

use std::collections::BTreeMap;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::UInt16Type;

use crate::config::{Contract, Coverage};
use crate::table::ValueType;
use salanimi_core::{Day, Days, Month};

/// Covered days of one table.
pub(super) struct RowCoverage {
    /// Column of the contract that names the organiser; `None` if rows name none.
    column: Option<usize>,
    /// For a column of codes: covered days by the position of the code.
    by_code: Vec<Vec<Days>>,
    /// Covered days by organiser.
    by_organiser: BTreeMap<String, Vec<Days>>,
}

/// Coverage of a row's day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Covered {
    Yes,
    /// The organiser has covered days, but not this one.
    NotThisDay,
    /// The organiser has no covered day.
    Undeclared,
}

impl RowCoverage {
    /// Returns the coverage of the table at position `table`.
    pub(super) fn new(contract: &Contract, table: usize, coverage: &[Coverage]) -> Self {
        let name = &contract.tables[table].name;
        let mut by_organiser: BTreeMap<String, Vec<Days>> = BTreeMap::new();
        for entry in coverage.iter().filter(|entry| entry.table == *name) {
            let days = Days { first: entry.first, last: entry.last };
            by_organiser.entry(entry.organiser.clone()).or_default().push(days);
        }
        let field = contract.organisers[table];
        let codes = field.and_then(|field| contract.tables[table].fields[field].value.codes());
        let days_of = |code: &String| by_organiser.get(code).map_or_else(Vec::new, Vec::clone);
        Self {
            column: field.map(|field| contract.tables[table].sources[field - 1]),
            by_code: codes.map_or_else(Vec::new, |codes| codes.values().iter().map(days_of).collect()),
            by_organiser,
        }
    }

    /// Returns true if no day is covered.
    pub(super) fn is_empty(&self) -> bool {
        self.by_organiser.is_empty()
    }

    /// Returns the column of the contract that names the organiser of a row.
    pub(super) fn column(&self) -> Option<usize> {
        self.column
    }

    /// Returns true if every organiser with covered days covers the whole month.
    pub(super) fn has_month(&self, month: Month) -> bool {
        let holds = |days: &Days| days.contains(month.first_day()) && days.contains(month.last_day());
        !self.is_empty() && self.by_organiser.values().all(|intervals| intervals.iter().any(holds))
    }

    /// Returns the coverage of the days `on`, on which the row `row` with these organisers lies. Without a column of
    /// organisers, the days of all entries count.
    pub(super) fn of_row(&self, organisers: Option<&ArrayRef>, row: usize, on: Days) -> Covered {
        let intervals = match organisers {
            None => {
                let is_covered = self.by_organiser.values().any(|intervals| meet(intervals, on));
                return if is_covered { Covered::Yes } else { Covered::NotThisDay };
            }
            Some(column) if column.is_null(row) => return Covered::NotThisDay,
            Some(column) => match column.as_primitive_opt::<UInt16Type>() {
                Some(codes) => Some(&self.by_code[usize::from(codes.value(row))]),
                None => self.by_organiser.get(column.as_string::<i32>().value(row)),
            },
        };
        match intervals {
            Some(intervals) if !intervals.is_empty() && meet(intervals, on) => Covered::Yes,
            Some(intervals) if !intervals.is_empty() => Covered::NotThisDay,
            _ => Covered::Undeclared,
        }
    }
}

/// Returns true if one of `intervals` holds a day of `on`.
fn meet(intervals: &[Days], on: Days) -> bool {
    intervals.iter().any(|days| !days.intersection(on).is_empty())
}

/// Returns the days for which a date or, with `is_month`, a month stands.
pub(super) fn days_of(day: Day, is_month: bool) -> Days {
    Days { first: day, last: if is_month { Month::of(day).last_day() } else { day } }
}

/// Returns true if a value of this type stands for a month.
pub(super) fn is_month(value: Option<&ValueType>) -> bool {
    value == Some(&ValueType::Month)
}
